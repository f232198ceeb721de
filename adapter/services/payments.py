"""Accepting payment orders: check, store once, tell what became of them.

Nothing is sent to the core while a partner waits; the worker does that (`adapter/services/delivery.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.errors import BadCursor, FieldError, InvalidOrders, NotFound
from adapter.domain.fates import FatePage, Source
from adapter.domain.findings import field_error
from adapter.domain.imports import (
    CheckReport,
    Draft,
    ImportLine,
    ImportMode,
    KeyClaim,
    OrderLine,
    PaymentImport,
    SentBatch,
    external_id_of_file_order,
    fingerprint_of,
    make_id,
)
from adapter.domain.order_rules import check_order, list_warnings, normalise
from adapter.domain.payments import Payment, PaymentOrder, PaymentStatus, StatusStep
from adapter.ports import AccountBook, Clock, PaymentCaller, PaymentJournal

MOSCOW = dt.timezone(dt.timedelta(hours=3))

ACCOUNT_TROUBLE = {
    AccountStatus.BLOCKED: ("account_blocked", "счёт заблокирован"),
    AccountStatus.CLOSED: ("account_closed", "счёт закрыт"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """One line after the check: a draft, or the reasons why there is none."""

    line: OrderLine
    draft: Draft | None
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Use cases of partners.  An order's date may lie `past_days` before today and `future_days` after it."""

    journal: PaymentJournal
    accounts: AccountBook
    clock: Clock
    past_days: int
    future_days: int

    def submit(self, caller: PaymentCaller, claim: KeyClaim, line: OrderLine) -> tuple[Payment, bool]:
        """Accept one order; answers the payment and whether it is new.

        Raises InvalidOrders, ExternalIdTaken, IdempotencyKeyReused and RequestInProgress.
        """
        (checked,) = self._check_lines(caller, [line], import_id=None)
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
        checked = self._refuse_taken(caller, self._check_lines(caller, sent.lines, import_id))
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
            lines=_import_lines(sent.errors, checked),
            warnings=tuple(sent.warnings),
        )
        return self.journal.accept_import(caller, claim, batch, drafts)

    def check(self, caller: PaymentCaller, sent: SentBatch) -> CheckReport:
        """The same check, nothing stored."""
        checked = self._refuse_taken(caller, self._check_lines(caller, sent.lines, import_id=None))
        errors = [*sent.errors, *(error for one in checked for error in one.errors)]
        warnings = [_locate(warning, line) for line in sent.lines for warning in list_warnings(line.order)]
        return CheckReport(errors=_in_order_sent(errors), warnings=warnings, read_warnings=sent.warnings)

    def read(self, caller: PaymentCaller, payment_id: str) -> Payment:
        """Raises NotFound."""
        return self.journal.read_payment(caller, payment_id)

    def find(self, caller: PaymentCaller, external_id: str) -> Payment:
        """By the partner's own id.  Raises NotFound."""
        found = self.journal.find_payment(caller, external_id)
        if found is None:
            raise NotFound
        return found

    def read_import(self, caller: PaymentCaller, import_id: str) -> PaymentImport:
        """Raises NotFound."""
        return self.journal.read_import(caller, import_id)

    def list_fates(self, caller: PaymentCaller, cursor: str | None, limit: int) -> tuple[FatePage, str]:
        """Payments whose fate changed since the cursor, each in its present state, and the next cursor."""
        page = self.journal.list_fates(caller, _parse_cursor(cursor), limit)
        return page, _render_cursor(page.number)

    def _check_lines(self, caller: PaymentCaller, lines: Sequence[OrderLine], import_id: str | None) -> list[_Checked]:
        accounts = self.accounts.list_accounts(caller.account_ids)
        by_name = {account.id: account for account in accounts} | {account.number: account for account in accounts}
        seen: set[str] = set()
        checked = []
        for line in lines:
            account = by_name.get(line.order.account_id or line.order.payer_account or "")
            one = self._check_line(caller, line, account, import_id)
            if one.draft is not None and one.draft.external_id in seen:
                one = _refuse(line, field_error("external_id", "repeated_in_batch", _told_twice(line)))
            elif one.draft is not None:
                seen.add(one.draft.external_id)
            checked.append(one)
        return checked

    def _check_line(
        self, caller: PaymentCaller, line: OrderLine, account: Account | None, import_id: str | None
    ) -> _Checked:
        errors = _check_account(line.order, account)
        if account is None or errors:
            return _refuse(line, *errors)
        order, _ = normalise(line.order)
        today = self.clock.now().astimezone(MOSCOW).date()
        broken = check_order(
            order,
            payer=account.owner,
            payer_account=account.number,
            payer_bic=account.bic,
            today=today,
            past_days=self.past_days,
            future_days=self.future_days,
        )
        if broken:
            return _refuse(line, *broken)
        return _Checked(line=line, draft=self._draft(caller, order, account, import_id), errors=())

    def _draft(self, caller: PaymentCaller, order: PaymentOrder, account: Account, import_id: str | None) -> Draft:
        now = self.clock.now()
        fingerprint = fingerprint_of(order, account.number)
        order = replace(
            order,
            external_id=order.external_id or external_id_of_file_order(fingerprint),
            account_id=account.id,
            payer_account=None,
            payer=None,
        )
        payment = Payment(
            id=make_id("pay", now),
            partner_id=caller.partner_id,
            customer_id=caller.customer_id,
            consent_id=caller.consent_id,
            account_id=account.id,
            order=order,
            status=PaymentStatus.QUEUED,
            status_reason=None,
            status_history=(
                StatusStep(status=PaymentStatus.RECEIVED, at=now, source=Source.PARTNER),
                StatusStep(status=PaymentStatus.QUEUED, at=now, source=Source.ADAPTER),
            ),
            created_at=now,
            updated_at=now,
            import_id=import_id,
        )
        return Draft(payment=payment, fingerprint=fingerprint)

    def _refuse_taken(self, caller: PaymentCaller, checked: Sequence[_Checked]) -> list[_Checked]:
        """Refuse lines whose external id names another order already."""
        drafts = [one.draft for one in checked if one.draft]
        taken = self.journal.find_taken(caller, drafts) if drafts else {}
        if not taken:
            return list(checked)
        return [
            _refuse(one.line, field_error("external_id", "external_id_taken", _taken(taken[one.draft.external_id])))
            if one.draft and one.draft.external_id in taken
            else one
            for one in checked
        ]


def _check_account(order: PaymentOrder, account: Account | None) -> list[FieldError]:
    field = "account_id" if order.account_id else "payer_account"
    if account is None:
        return [field_error(field, "unknown_account", "счёт не входит в согласие клиента")]
    if account.currency != "RUB":
        return [field_error(field, "not_a_rouble_account", "платёжное поручение бывает только с рублёвого счёта")]
    if account.status in ACCOUNT_TROUBLE:
        return [field_error(field, *ACCOUNT_TROUBLE[account.status])]
    return []


def _refuse(line: OrderLine, *errors: FieldError) -> _Checked:
    return _Checked(line=line, draft=None, errors=tuple(_locate(error, line) for error in errors))


def _locate(error: FieldError, line: OrderLine) -> FieldError:
    """Rules speak of one order; a person needs the place in the batch or the line of the file."""
    place = line.field_lines.get(error.field or "", line.line)
    return replace(error, pointer=line.pointer + error.pointer, line=place)


def _told_twice(line: OrderLine) -> str:
    if line.order.external_id is None:
        return "такое же платёжное поручение уже есть в этом файле"
    return "такой же external_id уже есть в этом пакете"


def _taken(payment_id: str) -> str:
    return f"под этим external_id уже принят другой платёж: {payment_id}"


def _place(pointer: str) -> int:
    """The index in the batch that a pointer such as `/payments/3/payee` names; what names none comes first."""
    parts = pointer.split("/")
    return int(parts[2]) if len(parts) > 2 and parts[2].isdigit() else -1


def _in_order_sent(errors: Iterable[FieldError]) -> list[FieldError]:
    return sorted(errors, key=lambda error: _place(error.pointer))


def _import_lines(unreadable: Sequence[FieldError], checked: Sequence[_Checked]) -> tuple[ImportLine, ...]:
    """All lines in the order sent, those that could not even be read among them."""
    broken: dict[int, list[FieldError]] = {}
    for error in unreadable:
        broken.setdefault(_place(error.pointer), []).append(error)
    lines = [
        ImportLine(index=place, line=errors[0].line, external_id=None, errors=tuple(errors))
        for place, errors in broken.items()
    ]
    for one in checked:
        external_id = one.draft.external_id if one.draft else one.line.order.external_id
        place = _place(one.line.pointer)
        lines.append(ImportLine(index=place, line=one.line.line, external_id=external_id, errors=one.errors))
    return tuple(sorted(lines, key=lambda line: line.index))


def _parse_cursor(cursor: str | None) -> int:
    """Cursors are `p` and the number of the last change seen; a cursor that this feed never gave raises BadCursor."""
    if cursor is None:
        return 0
    digits = cursor[1:]
    if not cursor.startswith("p") or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise BadCursor
    return int(digits)


def _render_cursor(number: int) -> str:
    return f"p{number}"
