"""One `Stmt` → its `Statement`: account, period, balances and totals, held against the entries.

The file's own figures are kept where they contradict the entries, and the contradiction is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lxml import etree

from adapter.domain.accounts import Account
from adapter.domain.banks import Bank
from adapter.domain.statements import Direction, Entry, Statement
from adapter.formats.adding_up import Figures, add_up, make_account, make_statement
from adapter.formats.amounts import TOTAL_DIGITS_MAX, currency_of, known_currency
from adapter.formats.camt053.parts import Part
from adapter.formats.camt053.party_reader import read_account_number, read_bic, read_name, read_party
from adapter.formats.camt053.values import Values
from adapter.formats.notes import refuse
from adapter.formats.xml import find_children, line_of

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
        account=make_account(
            number,
            bank.bic if bank else "",
            known_currency(code) if code else currency_of(number),
            read_party(statement, "Acct/Ownr"),
            statement.text("Acct/Nm"),
        ),
    )


def close_statement(opened: OpenStatement, made_at: dt.datetime | None, values: Values) -> Statement:
    """The statement after its last entry; `made_at` is the moment of the message, for a `Stmt` that tells none."""
    part = opened.part
    balances = [Part(balance, {}) for balance in find_children(part.element, "Bal")]
    opening = _find_balance(balances, _OPENING, values)
    closing = _find_balance(list(reversed(balances)), _CLOSING, values)
    period = _read_period(opened, opening, closing, values)
    figures = _read_figures(opened, opening, closing, values)
    made_at = values.moment(part, "CreDtTm") or made_at
    return make_statement(opened.account, opened.bank, period, figures, opened.entries, made_at)


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


def _read_figures(opened: OpenStatement, opening: Balance | None, closing: Balance | None, values: Values) -> Figures:
    part = opened.part
    told = {side: values.optional_total(part, f"TxsSummry/{section}/Sum") for side, section in _SECTIONS.items()}
    first, last = opening.amount if opening else None, closing.amount if closing else None
    figures = add_up(opened.entries, told, first, last)
    _note_totals(opened, figures, values)
    if opening is None:
        values.note(part, "Bal", "balance_missing", "начальный остаток не указан")
    if closing is None:
        values.note(part, "Bal", "balance_missing", "конечный остаток не указан; сосчитан по операциям")
        return figures
    return _compare_closing(figures, closing, values)


def _note_totals(opened: OpenStatement, figures: Figures, values: Values) -> None:
    for direction, section in _SECTIONS.items():
        path = f"TxsSummry/{section}"
        number = opened.part.text(f"{path}/NbOfNtries")
        count = figures.counts[direction]
        if number and number.lstrip("0") != (str(count) if count else ""):
            message = f"в файле названо операций: {number}, а прочитано {count}"
            values.note(opened.part, f"{path}/NbOfNtries", "counts_differ", message)
        total, counted = figures.totals[direction], figures.counted[direction]
        if total != counted:
            message = f"итог {total}, а по операциям файла {counted}; оставлено {total}"
            values.note(opened.part, f"{path}/Sum", "totals_differ", message)


def _compare_closing(figures: Figures, closing: Balance, values: Values) -> Figures:
    """The figures; a closing balance that fits the entries with the other sign gets it."""
    if closing.amount != 0 and figures.opening + figures.turnover == -closing.amount:
        message = f"знак конечного остатка не сходится с операциями; прочитан как {-closing.amount}"
        values.note(closing.part, "CdtDbtInd", "balance_sign", message)
        return replace(figures, closing=-closing.amount)
    if figures.imbalance:
        values.note(closing.part, "Amt", "balances_differ", figures.imbalance)
    return figures
