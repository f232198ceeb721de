"""What a statement file tells of an account, added up: the part that is the same for every reader of such files.

The file's own figures are kept where they contradict its entries or each other; what it does not tell is counted.  Each
reader tells the contradictions in the words and at the places of its format.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.banks import Bank
from adapter.domain.money import Money
from adapter.domain.moscow import MOSCOW
from adapter.domain.parties import Party
from adapter.domain.statements import Direction, Entry, Statement

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Balances and totals of a period; `counted` and `counts` are of the entries themselves."""

    opening: Decimal
    closing: Decimal
    totals: Mapping[Direction, Decimal]
    turnover: Decimal  # what the totals add to the opening balance
    counted: Mapping[Direction, Decimal]
    counts: Mapping[Direction, int]

    @property
    def imbalance(self) -> str:
        """What to tell of balances that contradict the totals; empty where they agree."""
        if self.opening + self.turnover == self.closing:
            return ""
        return f"остатки и обороты не сходятся: {self.opening} + {self.turnover} ≠ {self.closing}"


def add_up(
    entries: Iterable[Entry],
    told: Mapping[Direction, Decimal | None],
    opening: Decimal | None,
    closing: Decimal | None,
) -> Figures:
    """All figures, from the totals and balances that the file tells; None for one that it does not."""
    counted, counts = dict.fromkeys(Direction, _ZERO), dict.fromkeys(Direction, 0)
    for entry in entries:
        counted[entry.details.direction] += entry.details.amount.amount
        counts[entry.details.direction] += 1
    totals = {direction: counted[direction] if total is None else total for direction, total in told.items()}
    turnover = totals[Direction.CREDIT] - totals[Direction.DEBIT]
    if opening is None:
        opening = _ZERO if closing is None else closing - turnover
    if closing is None:
        closing = opening + turnover
    return Figures(opening=opening, closing=closing, totals=totals, turnover=turnover, counted=counted, counts=counts)


def make_account(number: str, bic: str, currency: str, owner: Party, name: str = "") -> Account:
    """The account as far as a file knows it: it has no ids of ours."""
    return Account(
        id=number,
        customer_id="",
        core_id=number,
        number=number,
        bic=bic,
        currency=currency,
        name=name,
        owner=owner,
        status=AccountStatus.OPEN,
    )


def make_statement(
    account: Account,
    bank: Bank | None,
    period: tuple[dt.date, dt.date],
    figures: Figures,
    entries: Iterable[Entry],
    made_at: dt.datetime | None,
    made_by: dt.datetime | None = None,
) -> Statement:
    """The statement; where the file does not tell when it was made, it is as of the end of its period.

    `made_by` is for a file that tells the day alone: its last moment.
    """
    date_from, date_to = period
    return Statement(
        account=account,
        date_from=date_from,
        date_to=date_to,
        opening_balance=Money(figures.opening, account.currency),
        closing_balance=Money(figures.closing, account.currency),
        total_credits=Money(figures.totals[Direction.CREDIT], account.currency),
        total_debits=Money(figures.totals[Direction.DEBIT], account.currency),
        credit_entries=figures.counts[Direction.CREDIT],
        debit_entries=figures.counts[Direction.DEBIT],
        entries=tuple(entries),
        as_of=made_at or dt.datetime.combine(date_to, dt.time.max, MOSCOW).astimezone(dt.UTC),
        complete_through=None,
        bank=bank,
        made_by=made_by or made_at,
    )
