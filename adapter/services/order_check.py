"""Whether orders can be drafts: the account is the customer's own, and the order keeps the rules of the form.

Every broken rule of every line is told, with the place in the batch or the line of the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.banks import Bank
from adapter.domain.characters import normalise_code
from adapter.domain.errors import FieldError
from adapter.domain.fates import first_steps
from adapter.domain.findings import field_error
from adapter.domain.imports import Draft, OrderLine, external_id_of_file_order, fingerprint_of, make_id
from adapter.domain.moscow import moscow_day
from adapter.domain.normalising import normalise
from adapter.domain.order_advice import list_warnings
from adapter.domain.order_rules import check_order
from adapter.domain.order_values import OrderValues
from adapter.domain.order_warnings import tell_normalised
from adapter.domain.payer_rules import list_payer_warnings, payer_of_form
from adapter.domain.payments import Payment, PaymentOrder, PaymentStatus, StatusStep
from adapter.ports import AccountBook, BankBook, Clock, PaymentCaller

BIC_LENGTH = 9

ACCOUNT_TROUBLE = {
    AccountStatus.BLOCKED: ("account_blocked", "счёт заблокирован"),
    AccountStatus.CLOSED: ("account_closed", "счёт закрыт"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLine:
    """One line after the check: a draft, or the reasons why there is none; warnings of both."""

    line: OrderLine
    draft: Draft | None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()

    def refused(self, *errors: FieldError) -> CheckedLine:
        """The same without a draft, for these reasons."""
        return replace(self, draft=None, errors=tuple(locate(error, self.line) for error in errors))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What all lines of one request share; `banks` are those of its payees, None where no directory is loaded."""

    caller: PaymentCaller
    import_id: str | None
    banks: Mapping[str, Bank] | None
    now: dt.datetime
    today: dt.date  # in Moscow
    history: tuple[StatusStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCheck:
    """An order's date may lie `past_days` before today and `future_days` after it (Moscow dates)."""

    accounts: AccountBook
    banks: BankBook
    clock: Clock
    values: OrderValues
    past_days: int
    future_days: int

    def check_lines(
        self, caller: PaymentCaller, lines: Sequence[OrderLine], import_id: str | None
    ) -> list[CheckedLine]:
        accounts = self.accounts.read_accounts(caller.account_ids)
        by_name = {account.id: account for account in accounts} | {account.number: account for account in accounts}
        batch = self._open_batch(caller, lines, import_id)
        seen: set[str] = set()
        checked = []
        for line in lines:
            account = by_name.get(line.order.account_id or line.order.payer_account or "")
            one = self._check_line(line, account, batch)
            if one.draft is not None and one.draft.external_id in seen:
                one = one.refused(field_error("external_id", "repeated_in_batch", _told_twice(line)))
            elif one.draft is not None:
                seen.add(one.draft.external_id)
            checked.append(one)
        return checked

    def _open_batch(self, caller: PaymentCaller, lines: Sequence[OrderLine], import_id: str | None) -> _Batch:
        now = self.clock.now()
        return _Batch(
            caller=caller,
            import_id=import_id,
            banks=self.banks.find_banks(_list_bics(lines)),
            now=now,
            today=moscow_day(now),
            history=first_steps(now),
        )

    def _check_line(self, line: OrderLine, account: Account | None, batch: _Batch) -> CheckedLine:
        order, changes = normalise(line.order)
        of_payer = list_payer_warnings(order, account.owner) if account else []
        warnings = (*map(tell_normalised, changes), *of_payer, *list_warnings(order, self.values))
        checked = CheckedLine(line=line, draft=None, warnings=tuple(locate(warning, line) for warning in warnings))
        errors = _check_account(line.order, account)
        if account is None or errors:
            return checked.refused(*errors)
        broken = check_order(
            order,
            payer=account.owner,
            payer_account=account.number,
            payer_bic=account.bic,
            today=batch.today,
            past_days=self.past_days,
            future_days=self.future_days,
            values=self.values,
            payee_bank=(batch.banks or {}).get(order.payee.bic or ""),
            knows_banks=batch.banks is not None,
        )
        if broken:
            return checked.refused(*broken)
        return replace(checked, draft=_make_draft(order, account, warnings, batch))


def _make_draft(order: PaymentOrder, account: Account, warnings: tuple[FieldError, ...], batch: _Batch) -> Draft:
    fingerprint = fingerprint_of(order, account.number)
    payer = payer_of_form(order, account.owner)
    sent = replace(
        order,
        external_id=order.external_id or external_id_of_file_order(fingerprint),
        account_id=account.id,
        payer_account=None,
        payer=order.payer if payer else None,
    )
    order = replace(sent, payer=payer)
    payment = Payment(
        id=make_id("pay", batch.now),
        partner_id=batch.caller.partner_id,
        customer_id=batch.caller.customer_id,
        consent_id=batch.caller.consent_id,
        account_id=account.id,
        order=order,
        status=PaymentStatus.QUEUED,
        status_reason=None,
        status_history=batch.history,
        created_at=batch.now,
        updated_at=batch.now,
        import_id=batch.import_id,
        warnings=warnings,
    )
    return Draft(payment=payment, sent=sent, fingerprint=fingerprint)


def _check_account(order: PaymentOrder, account: Account | None) -> list[FieldError]:
    field = "account_id" if order.account_id else "payer_account"
    if account is None:
        return [field_error(field, "unknown_account", "счёт не входит в согласие клиента")]
    if account.currency != "RUB":
        return [field_error(field, "not_a_rouble_account", "платёжное поручение бывает только с рублёвого счёта")]
    if account.status in ACCOUNT_TROUBLE:
        return [field_error(field, *ACCOUNT_TROUBLE[account.status])]
    return []


def _list_bics(lines: Sequence[OrderLine]) -> set[str]:
    """Those that can be one at all: others are not worth asking the database for, and not every text can be asked."""
    bics = {normalise_code(line.order.payee.bic or "") for line in lines}
    return {bic for bic in bics if len(bic) == BIC_LENGTH and bic.isascii() and bic.isdigit()}


def locate(error: FieldError, line: OrderLine) -> FieldError:
    """Rules speak of one order; a person needs the place in the batch or the line of the file."""
    place = line.field_lines.get(error.field or "", line.line)
    return replace(error, pointer=line.pointer + error.pointer, line=place)


def _told_twice(line: OrderLine) -> str:
    if line.order.external_id is None:
        return "такое же платёжное поручение уже есть в этом файле"
    return "такой же external_id уже есть в этом пакете"
