"""One `Stmt` → its `Statement`: account, period, balances and totals, held against the entries.

The file's own figures are kept where they contradict the entries, and the contradiction is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lxml import etree

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.banks import Bank
from adapter.domain.money import Money
from adapter.domain.moscow import MOSCOW
from adapter.domain.statements import Direction, Entry, Statement
from adapter.formats.amounts import TOTAL_DIGITS_MAX, currency_of, known_currency
from adapter.formats.camt053.parts import Part
from adapter.formats.camt053.party_reader import read_account_number, read_bic, read_name, read_party
from adapter.formats.camt053.values import Values
from adapter.formats.notes import refuse
from adapter.formats.xml import find_children, line_of

_ZERO = Decimal("0.00")
_OPENING = ("OPBD", "PRCD")  # the closing balance of the day before is as good
_CLOSING = ("CLBD",)
_SECTIONS = {Direction.CREDIT: "TtlCdtNtries", Direction.DEBIT: "TtlDbtNtries"}


@dataclass(slots=True, kw_only=True)
class OpenStatement:
    """A `Stmt` whose entries are being read."""

    part: Part
    account: Account
    bank: Bank | None
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A balance with its sign."""

    part: Part
    amount: Decimal
    date: dt.date | None


def open_statement(element: etree._Element, values: Values) -> OpenStatement:
    """What stands before the entries.  Raises UnreadableFile where no account is named."""
    statement = Part(element, {})
    number = read_account_number(statement, "Acct")
    if not number:
        raise refuse("no_account", "в выписке не назван счёт", line_of(element))
    bank = _read_bank(statement, values)
    code = statement.text("Acct/Ccy")
    return OpenStatement(
        part=statement,
        bank=bank if bank and bank.name else None,
        account=Account(
            id=number,
            customer_id="",
            core_id=number,
            number=number,
            bic=bank.bic if bank else "",
            currency=known_currency(code) if code else currency_of(number),
            name=statement.text("Acct/Nm"),
            owner=read_party(statement, "Acct/Ownr"),
            status=AccountStatus.OPEN,
        ),
    )


def close_statement(opened: OpenStatement, made_at: dt.datetime | None, values: Values) -> Statement:
    """The statement after its last entry; `made_at` is the moment of the message, for a `Stmt` that tells none."""
    part, currency = opened.part, opened.account.currency
    balances = [Part(balance, {}) for balance in find_children(part.element, "Bal")]
    opening = _find_balance(balances, _OPENING, values)
    closing = _find_balance(list(reversed(balances)), _CLOSING, values)
    date_from, date_to = _read_period(opened, opening, closing, values)
    credits = _read_total(opened, Direction.CREDIT, values)
    debits = _read_total(opened, Direction.DEBIT, values)
    ends = _ends(opened, opening, closing, credits - debits, values)
    end_of_period = dt.datetime.combine(date_to, dt.time.max, MOSCOW).astimezone(dt.UTC)
    return Statement(
        account=opened.account,
        date_from=date_from,
        date_to=date_to,
        opening_balance=Money(ends[0], currency),
        closing_balance=Money(ends[1], currency),
        total_credits=Money(credits, currency),
        total_debits=Money(debits, currency),
        credit_entries=sum(entry.details.direction is Direction.CREDIT for entry in opened.entries),
        debit_entries=sum(entry.details.direction is Direction.DEBIT for entry in opened.entries),
        entries=tuple(opened.entries),
        as_of=values.moment(part, "CreDtTm") or made_at or end_of_period,
        complete_through=None,
        bank=opened.bank,
    )


def _read_bank(statement: Part, values: Values) -> Bank | None:
    path = "Acct/Svcr/FinInstnId"
    bic, name = read_bic(statement, path, values) or "", read_name(statement, path)
    if not bic and not name:
        return None
    return Bank(
        bic=bic,
        name=name,
        place=statement.text(f"{path}/PstlAdr/TwnNm") or None,
        correspondent_account=statement.text(f"{path}/Othr/Id") or None,
    )


def _find_balance(balances: Sequence[Part], kinds: Sequence[str], values: Values) -> Balance | None:
    for kind in kinds:
        for balance in balances:
            if balance.text("Tp/CdOrPrtry/Cd") == kind:
                return _read_balance(balance, values)
    return None


def _read_balance(part: Part, values: Values) -> Balance | None:
    amount = values.amount(part, "Amt", TOTAL_DIGITS_MAX)
    if amount is None:
        return None
    sign = -1 if part.text("CdtDbtInd").upper() == "DBIT" else 1
    return Balance(part=part, amount=sign * amount, date=values.date(part, "Dt"))


def _read_period(
    opened: OpenStatement, opening: Balance | None, closing: Balance | None, values: Values
) -> tuple[dt.date, dt.date]:
    """From the period, or where there is none from the balances, or from the entries."""
    part = opened.part
    booked = [entry.details.booking_date for entry in opened.entries]
    date_from = values.date_of(part, "FrToDt/FrDtTm") or values.date_of(part, "FrToDt/FrDt")
    date_to = values.date_of(part, "FrToDt/ToDtTm") or values.date_of(part, "FrToDt/ToDt")
    if date_from is None or date_to is None:
        values.note(part, "FrToDt", "period_missing", "период не указан; взят по остаткам и операциям")
    date_from = date_from or (opening and opening.date) or min(booked, default=None)
    date_to = date_to or (closing and closing.date) or max(booked, default=date_from)
    if date_from is None or date_to is None:
        raise refuse("no_period", f"не указан период выписки по счёту {opened.account.number}", line_of(part.element))
    return date_from, date_to


def _read_total(opened: OpenStatement, direction: Direction, values: Values) -> Decimal:
    """The sum that the file tells, or that of the entries where it tells none."""
    amounts = [e.details.amount.amount for e in opened.entries if e.details.direction is direction]
    counted = sum(amounts, _ZERO)
    path = f"TxsSummry/{_SECTIONS[direction]}"
    number = opened.part.text(f"{path}/NbOfNtries")
    if number and number.lstrip("0") != (str(len(amounts)) if amounts else ""):
        message = f"в файле названо операций: {number}, а прочитано {len(amounts)}"
        values.note(opened.part, f"{path}/NbOfNtries", "counts_differ", message)
    total = values.optional_total(opened.part, f"{path}/Sum")
    if total is None:
        return counted
    if total != counted:
        message = f"итог {total}, а по операциям файла {counted}; оставлено {total}"
        values.note(opened.part, f"{path}/Sum", "totals_differ", message)
    return total


def _ends(
    opened: OpenStatement, opening: Balance | None, closing: Balance | None, turnover: Decimal, values: Values
) -> tuple[Decimal, Decimal]:
    """The opening and the closing balance; what is missing is counted from the other and the turnover."""
    first = opening.amount if opening else None
    last = closing.amount if closing else None
    if first is None:
        values.note(opened.part, "Bal", "balance_missing", "начальный остаток не указан")
        first = last - turnover if last is not None else _ZERO
    if closing is None or last is None:
        values.note(opened.part, "Bal", "balance_missing", "конечный остаток не указан; сосчитан по операциям")
        return first, first + turnover
    if first + turnover == -last and last != 0:
        message = f"знак конечного остатка не сходится с операциями; прочитан как {-last}"
        values.note(closing.part, "CdtDbtInd", "balance_sign", message)
        return first, -last
    if first + turnover != last:
        message = f"остатки и обороты не сходятся: {first} + {turnover} ≠ {last}"
        values.note(closing.part, "Amt", "balances_differ", message)
    return first, last
