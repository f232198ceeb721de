"""Accepting payment orders: check, store once, tell what became of them, take them back.

Nothing is sent to the core while a partner waits, except a withdrawal; the worker does the rest
(`adapter/services/delivery.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapter.domain.core import Accepted, Deadline, Refused
from adapter.domain.errors import BadCursor, FieldError, InvalidOrders, NotCancellable, NotFound
from adapter.domain.fates import FatePage, Source, Word, withdrawal_request_id
from adapter.domain.findings import field_error
from adapter.domain.imports import (
    CheckReport,
    ImportLine,
    ImportMode,
    KeyClaim,
    OrderLine,
    PaymentImport,
    SentBatch,
    make_id,
)
from adapter.domain.payments import RANK, Payment, PaymentStatus
from adapter.domain.telling import limit_errors, limit_repairs, limit_warnings, share_of_each
from adapter.ports import Clock, CoreBanking, PaymentCaller, PaymentJournal
from adapter.services.order_check import CheckedLine, OrderCheck, locate

CURSOR_DIGITS_MAX = 18  # what BIGINT holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Use cases of partners; `orders` checks what they send."""

    journal: PaymentJournal
    orders: OrderCheck
    core: CoreBanking
    clock: Clock
    change_timeout_s: float

    def submit(self, caller: PaymentCaller, claim: KeyClaim, line: OrderLine) -> tuple[Payment, bool]:
        """Accept one order; answers the payment and whether it is new.

        Raises InvalidOrders, ExternalIdTaken, IdempotencyKeyReused and RequestInProgress.
        """
        (checked,) = self.orders.check_lines(caller, [line], import_id=None)
        if checked.draft is not None:
            return self.journal.accept_payment(caller, claim, checked.draft)
        # What was valid when it was accepted may not be so today: a retry still gets its payment.
        earlier = self.journal.find_key(caller, claim)
        if earlier is None:
            raise InvalidOrders(checked.errors)
        return self.journal.read_payment(caller, earlier), False

    def import_batch(self, caller: PaymentCaller, claim: KeyClaim, sent: SentBatch) -> tuple[PaymentImport, bool]:
        """Accept a batch as its mode says; answers the import and whether it is new.  Raises as `submit`."""
        earlier = self.journal.find_key(caller, claim)
        if earlier is not None:
            return self.journal.read_import(caller, earlier), False
        import_id = make_id("imp", self.clock.now())
        checked, _ = self._match(caller, self.orders.check_lines(caller, sent.lines, import_id))
        errors = [*sent.errors, *(error for one in checked for error in one.errors)]
        drafts = [one.draft for one in checked if one.draft]
        if errors and (sent.mode is ImportMode.ALL_OR_NOTHING or not drafts):
            raise InvalidOrders(_in_order_sent(errors))
        batch = PaymentImport(
            id=import_id,
            partner_id=caller.partner_id,
            customer_id=caller.customer_id,
            consent_id=caller.consent_id,
            shape=sent.shape,
            mode=sent.mode,
            created_at=self.clock.now(),
            lines=_import_lines(sent, checked),
            warnings=tuple(limit_repairs(sent.warnings)),
            message=sent.message,
        )
        return self.journal.accept_import(caller, claim, batch, drafts)

    def check(self, caller: PaymentCaller, sent: SentBatch) -> CheckReport:
        """The same check, nothing stored."""
        checked, lookalikes = self._match(caller, self.orders.check_lines(caller, sent.lines, import_id=None))
        errors = [*sent.errors, *(error for one in checked for error in one.errors)]
        warnings = [warning for one in checked for warning in (*one.warnings, *_find_lookalike(one, lookalikes))]
        return CheckReport(
            errors=limit_errors(_in_order_sent(errors)),
            warnings=limit_warnings(warnings),
            read_warnings=limit_repairs(sent.warnings),
        )

    def read(self, caller: PaymentCaller, payment_id: str) -> Payment:
        """Raises NotFound."""
        return self.journal.read_payment(caller, payment_id)

    def find(self, caller: PaymentCaller, external_id: str) -> Payment | None:
        """By the partner's own id."""
        return self.journal.find_payment(caller, external_id)

    def read_import(self, caller: PaymentCaller, import_id: str) -> PaymentImport:
        """Raises NotFound."""
        return self.journal.read_import(caller, import_id)

    def list_fates(self, caller: PaymentCaller, cursor: str | None, limit: int) -> tuple[FatePage, str]:
        """Payments whose fate changed since the cursor, each in its present state, and the next cursor."""
        page = self.journal.list_fates(caller, _parse_cursor(cursor, caller), limit)
        return page, _render_cursor(page.number, caller)

    def cancel(self, caller: PaymentCaller, claim: KeyClaim, payment_id: str) -> Payment:
        """Take a payment back while it can be; answers it `cancelled`, or as it is while the bank is still being asked.

        One from an account that the customer took out of the consent is not found.  Raises NotFound, NotCancellable,
        IdempotencyKeyReused, RequestInProgress and CoreUnavailable.
        """
        payment = self.journal.read_payment(caller, payment_id)
        if payment.account_id not in caller.account_ids:
            raise NotFound
        if self.journal.find_key(caller, claim) is not None:
            return _asked_before(payment)
        if payment.status is PaymentStatus.QUEUED:
            word = self._cancelled(payment_id, only_from=PaymentStatus.QUEUED)
            payment = self.journal.cancel(caller, claim, word)
        if payment.status is PaymentStatus.CANCELLED:
            return payment
        if payment.status.is_final:
            raise NotCancellable(payment.status)
        if RANK[payment.status] < RANK[PaymentStatus.AWAITING_SIGNATURE]:
            return self.journal.want_withdrawal(caller, claim, payment_id)
        return self._withdraw(caller, claim, payment)

    def _withdraw(self, caller: PaymentCaller, claim: KeyClaim, payment: Payment) -> Payment:
        if not self.core.capabilities().can_withdraw:
            raise NotCancellable(payment.status)
        deadline = Deadline.after(self.change_timeout_s)
        result = self.core.withdraw_document(payment.id, withdrawal_request_id(payment.id), deadline)
        if isinstance(result, Accepted):
            return self.journal.cancel(caller, claim, self._cancelled(payment.id))
        if isinstance(result, Refused):
            raise NotCancellable(payment.status)
        return self.journal.want_withdrawal(caller, claim, payment.id)

    def _cancelled(self, payment_id: str, only_from: PaymentStatus | None = None) -> Word:
        return Word(
            payment_id=payment_id,
            status=PaymentStatus.CANCELLED,
            at=self.clock.now(),
            source=Source.PARTNER,
            only_from=only_from,
        )

    def _match(
        self, caller: PaymentCaller, checked: Sequence[CheckedLine]
    ) -> tuple[list[CheckedLine], Mapping[str, FieldError]]:
        """Refuse lines whose external id names another order already; answers look-alikes by external id too."""
        drafts = [one.draft for one in checked if one.draft]
        if not drafts:
            return list(checked), {}
        matches = self.journal.match(caller, drafts)
        return [_refuse_taken(one, matches.taken) for one in checked], matches.lookalikes


def _refuse_taken(one: CheckedLine, taken: Mapping[str, str]) -> CheckedLine:
    payment_id = taken.get(one.draft.external_id) if one.draft else None
    if payment_id is None:
        return one
    message = f"под этим external_id уже принят другой платёж: {payment_id}"
    return one.refused(field_error("external_id", "external_id_taken", message))


def _find_lookalike(one: CheckedLine, lookalikes: Mapping[str, FieldError]) -> list[FieldError]:
    found = lookalikes.get(one.draft.external_id) if one.draft else None
    return [locate(found, one.line)] if found else []


def _asked_before(payment: Payment) -> Payment:
    """The answer to a cancellation told again; raises NotCancellable where the customer signed meanwhile."""
    is_past = RANK[payment.status] > RANK[PaymentStatus.AWAITING_SIGNATURE]
    if is_past and payment.status is not PaymentStatus.CANCELLED:
        raise NotCancellable(payment.status)
    return payment


def _place(pointer: str) -> int:
    """The index in the batch that a pointer such as `/payments/3/payee` names; what names none comes first."""
    parts = pointer.split("/")
    return int(parts[2]) if len(parts) > 2 and parts[2].isdigit() else -1


def _in_order_sent(errors: Iterable[FieldError]) -> list[FieldError]:
    return sorted(errors, key=lambda error: _place(error.pointer))


def _import_lines(sent: SentBatch, checked: Sequence[CheckedLine]) -> tuple[ImportLine, ...]:
    """All lines in the order sent, those that could not even be read among them; each tells its share of errors."""
    broken: dict[int, list[FieldError]] = {}
    for error in sent.errors:
        broken.setdefault(_place(error.pointer), []).append(error)
    errors_max = share_of_each([*map(len, broken.values()), *(len(one.errors) for one in checked)])
    warnings_max = share_of_each(len(one.warnings) for one in checked)
    lines = [
        ImportLine(
            index=place,
            line=errors[0].line,
            external_id=None,
            errors=tuple(errors[:errors_max]),
            references=sent.unread.get(f"/payments/{place}"),
        )
        for place, errors in broken.items()
    ]
    for one in checked:
        external_id = one.draft.external_id if one.draft else one.line.order.external_id
        place = _place(one.line.pointer)
        lines.append(
            ImportLine(
                index=place,
                line=one.line.line,
                external_id=external_id,
                errors=one.errors[:errors_max],
                warnings=one.warnings[:warnings_max],
                references=one.line.references,
            )
        )
    return tuple(sorted(lines, key=lambda line: line.index))


def _parse_cursor(cursor: str | None, caller: PaymentCaller) -> int:
    """Cursors are `p`, the feed they are of and the number of the last change seen, as `p5f1c90ab.17`.

    Raises BadCursor for a cursor that this feed never gave, also where it is of another customer's.
    """
    if cursor is None:
        return 0
    feed, _, digits = cursor.partition(".")
    if feed != _feed_name(caller) or not digits.isascii() or not digits.isdigit() or len(digits) > CURSOR_DIGITS_MAX:
        raise BadCursor
    return int(digits)


def _render_cursor(number: int, caller: PaymentCaller) -> str:
    return f"{_feed_name(caller)}.{number}"


def _feed_name(caller: PaymentCaller) -> str:
    return f"p{hashlib.sha256(f'{caller.partner_id}|{caller.customer_id}'.encode()).hexdigest()[:8]}"
