"""A believable year on the sample accounts: what a company's statement looks like, from a fixed seed.

Buyers pay and suppliers are paid, the bank charges equal fees on one day (true duplicates), cards settle, payroll and
taxes fall due, money moves between own accounts.  A debit that the balance does not cover does not happen.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from adapter.connectors.sandbox.calendar import DAY, is_working_day
from adapter.connectors.sandbox.sample import SampleAccount
from adapter.connectors.sandbox.working_day import WorkingDay, own_account
from adapter.domain.statements import Direction, DocumentType, EntryDetails

YEAR_DAYS = 365
SERVICE_FEE_KOPECKS = 990_00


@dataclass(frozen=True, slots=True)
class Movement:
    """Money on one account; `twin` is the other side where both are in this bank: both happen or neither."""

    account_id: str
    details: EntryDetails
    twin: Movement | None = None


def live_a_year(accounts: tuple[SampleAccount, ...], today: dt.date) -> dict[str, list[EntryDetails]]:
    """Entries by account, in the order of booking, from a year before today up to today."""
    chance = random.Random(20261122)  # noqa: S311 - sample data, not a secret
    balances = {account.id: account.opening_kopecks for account in accounts}
    booked: dict[str, list[EntryDetails]] = defaultdict(list)
    for offset in range(-YEAR_DAYS, 1):
        day = today + offset * DAY
        for account in accounts:
            for movement in _day_of(account, accounts, day, chance):
                _book(movement, balances, booked)
    return booked


def _book(movement: Movement, balances: dict[str, int], booked: dict[str, list[EntryDetails]]) -> None:
    kopecks = movement.details.amount.kopecks
    if movement.details.direction is Direction.DEBIT and balances[movement.account_id] < kopecks:
        return
    for one in (movement, movement.twin):
        if one is not None:
            balances[one.account_id] += kopecks if one.details.direction is Direction.CREDIT else -kopecks
            booked[one.account_id].append(one.details)


def _day_of(
    account: SampleAccount, accounts: tuple[SampleAccount, ...], day: dt.date, chance: random.Random
) -> Iterator[Movement]:
    if not is_working_day(day) or account.life == "still":
        return
    for details in LIVES[account.life](WorkingDay(account, day, chance)):
        yield Movement(account.id, details)
    sibling = next((one for one in accounts if one.customer_id == account.customer_id and one.life == "quiet"), None)
    if day.weekday() == 4 and account.id.endswith("-main") and sibling:
        yield _transfer(account, sibling, day, chance)


def _trade(day: WorkingDay) -> Iterator[EntryDetails]:
    yield from day.sales(4)
    yield from day.purchases(3)
    yield from _company_duties(day)


def _shop(day: WorkingDay) -> Iterator[EntryDetails]:
    yield from day.card_settlement()
    yield from day.sales(1)
    yield from day.purchases(2)
    yield from _company_duties(day)


def _market(day: WorkingDay) -> Iterator[EntryDetails]:
    if day.day.weekday() == 2:
        yield day.marketplace_payout()
    yield from day.purchases(2)
    yield from _service_fee(day)


def _quiet(day: WorkingDay) -> Iterator[EntryDetails]:
    yield from day.purchases(2)
    yield from _service_fee(day)


def _deposit(day: WorkingDay) -> Iterator[EntryDetails]:
    if day.is_due(20):
        yield day.interest()


def _company_duties(day: WorkingDay) -> Iterator[EntryDetails]:
    yield from _service_fee(day)
    if day.is_due(5):
        yield day.bill("landlord", 145_000, "Арендная плата по договору № 12-А")
    if day.is_due(7):
        yield day.bill("telecom", 6_800, "Услуги связи по договору № 77-0412")
    if day.is_due(12):
        yield day.bill("energy", 18_400, "Электроэнергия по договору № 5501")
    if day.is_due(10) or day.is_due(25):
        yield day.payroll()
    if day.is_due(28):
        yield day.taxes()


def _service_fee(day: WorkingDay) -> Iterator[EntryDetails]:
    if day.is_due(1):
        yield day.fee(SERVICE_FEE_KOPECKS, f"Комиссия за ведение счета за {day.day:%m.%Y}")


LIVES = {"trade": _trade, "shop": _shop, "market": _market, "quiet": _quiet, "deposit": _deposit}


def _transfer(payer: SampleAccount, payee: SampleAccount, day: dt.date, chance: random.Random) -> Movement:
    """Money between two accounts of one customer: a debit here and its credit there, with one number."""
    one = WorkingDay(payer, day, chance)
    kopecks = round(chance.randint(20, 60) * 1000_00 * payee.activity)
    number = str(chance.randint(1, 999))
    purpose = "Перевод собственных средств, НДС не облагается"
    debit = one.entry(Direction.DEBIT, kopecks, own_account(payee), purpose, DocumentType.PAYMENT_ORDER, number)
    credit = one.entry(Direction.CREDIT, kopecks, own_account(payer), purpose, DocumentType.PAYMENT_ORDER, number)
    return Movement(payer.id, debit, Movement(payee.id, credit))
