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

from adapter.connectors.sandbox.calendar import DAY
from adapter.connectors.sandbox.sample import SANDBOX_BIC, SampleAccount, counterparties, read_rows
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.domain.statements import Direction, DocumentType, EntryDetails

YEAR_DAYS = 365
FEE_KOPECKS = 25_00
SERVICE_FEE_KOPECKS = 990_00
HOLIDAYS = frozenset({(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}) | {(1, day) for day in range(1, 9)}

# The tax office's KPP as payee changed on this day; requisites of the unified tax payment (ЕНП).
NEW_TAX_KPP_FROM = dt.date(2025, 12, 5)
ENP_KBK = "18201061201010000510"


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


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


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
    for details in LIVES[account.life](_Day(account, day, chance)):
        yield Movement(account.id, details)
    sibling = next((one for one in accounts if one.customer_id == account.customer_id and one.life == "quiet"), None)
    if day.weekday() == 4 and account.id.endswith("-main") and sibling:
        yield _transfer(account, sibling, day, chance)


class _Day:
    """One working day of one account: what can happen on it, as entries."""

    def __init__(self, account: SampleAccount, day: dt.date, chance: random.Random) -> None:
        self.account = account
        self.day = day
        self._chance = chance

    def is_due(self, day_of_month: int) -> bool:
        """Whether something due on that day of the month falls on today: holidays move it to the next working day."""
        due = self.day.replace(day=day_of_month)
        while not is_working_day(due):
            due += DAY
        return due == self.day

    def times(self, most: int) -> range:
        """A random count from nothing to `most`, less on a quieter account."""
        return range(int(self._chance.randint(0, most) * self.account.activity + self._chance.random()))

    def sales(self, most: int) -> Iterator[EntryDetails]:
        for _ in self.times(most):
            payer = self._chance.choice(counterparties("buyer"))
            amount = self._amount(12_000, 150_000)
            yield self._credit(
                amount, payer, f"Оплата по счету № {self._number(999)} от {self._earlier()}, {self._vat(amount)}"
            )

    def purchases(self, most: int) -> Iterator[EntryDetails]:
        for _ in self.times(most):
            payee = self._chance.choice(counterparties("supplier"))
            amount = self._amount(4_000, 118_000)
            yield self._debit(
                amount, payee, f"Оплата по договору поставки № {self._number(60)}-П за товар, {self._vat(amount)}"
            )
            yield self.fee(FEE_KOPECKS, "Комиссия за исполнение платежного поручения согласно тарифам")

    def fee(self, kopecks: int, purpose: str) -> EntryDetails:
        """Equal fees of one day have one number: true duplicates, as real banks make them."""
        number = str(self.day.timetuple().tm_yday)
        return self._entry(Direction.DEBIT, kopecks, _bank(), purpose, DocumentType.BANK_ORDER, number)

    def card_settlement(self) -> Iterator[EntryDetails]:
        gross = self._amount(20_000, 85_000)
        period = (self.day - DAY).strftime("%d.%m.%Y")
        purpose = f"Возмещение по операциям с картами за {period}, терминал 10{self._number(99):0>2}"
        acquirer = counterparties("acquirer")[0]
        yield self._entry(Direction.CREDIT, gross, acquirer, purpose, DocumentType.MEMORIAL_ORDER, self._number(9999))
        yield self.fee(gross * 18 // 1000, f"Комиссия за эквайринг за {period}, без НДС")

    def bill(self, role: str, rubles: int, purpose: str) -> EntryDetails:
        kopecks = round(rubles * 100 * self.account.activity)
        return self._debit(kopecks, counterparties(role)[0], f"{purpose} за {self.day:%m.%Y}, {self._vat(kopecks)}")

    def payroll(self) -> EntryDetails:
        kopecks = round(self._amount(380_000, 420_000) * self.account.activity)
        purpose = (
            f"Перечисление заработной платы по реестру № {self.day.month * 2} от {self.day:%d.%m.%Y}, НДС не облагается"
        )
        return self._entry(
            Direction.DEBIT, kopecks, _bank(), purpose, DocumentType.PAYMENT_ORDER, self._number(900), priority=3
        )

    def taxes(self) -> EntryDetails:
        kopecks = round(self._amount(190_000, 310_000) * self.account.activity) // 100 * 100
        return self._entry(
            Direction.DEBIT,
            kopecks,
            _treasury(self.day),
            "Единый налоговый платеж",
            DocumentType.PAYMENT_ORDER,
            self._number(900),
            uin="0",
            budget=BudgetDetails(
                drawer_status="01", kbk=ENP_KBK, oktmo="0", reason="0", tax_period="0", basis_number="0", basis_date="0"
            ),
        )

    def marketplace_payout(self) -> EntryDetails:
        amount = self._amount(60_000, 280_000)
        purpose = f"Перечисление выручки по отчету № {self._number(9999)} от {self._earlier()}, НДС не облагается"
        return self._credit(amount, counterparties("marketplace")[0], purpose)

    def interest(self) -> EntryDetails:
        purpose = f"Выплата процентов по депозиту за {self.day:%m.%Y}, НДС не облагается"
        return self._entry(Direction.CREDIT, 26_333_33, _bank(), purpose, DocumentType.BANK_ORDER, self._number(99))

    def _amount(self, least_rubles: int, most_rubles: int) -> int:
        rubles = self._chance.randint(least_rubles, most_rubles)
        return rubles * 100 + self._chance.choice((0, 0, 0, 50, 37, 84))

    def _number(self, most: int) -> str:
        return str(self._chance.randint(1, most))

    def _earlier(self) -> str:
        return f"{self.day - self._chance.randint(1, 12) * DAY:%d.%m.%Y}"

    def _vat(self, kopecks: int) -> str:
        rate = 22 if self.day.year >= 2026 else 20
        return f"в том числе НДС {rate}% - {Money.from_kopecks(kopecks * rate // (100 + rate))}"

    def _credit(self, kopecks: int, payer: Counterparty, purpose: str) -> EntryDetails:
        return self._entry(Direction.CREDIT, kopecks, payer, purpose, DocumentType.PAYMENT_ORDER, self._number(999))

    def _debit(self, kopecks: int, payee: Counterparty, purpose: str) -> EntryDetails:
        return self._entry(Direction.DEBIT, kopecks, payee, purpose, DocumentType.PAYMENT_ORDER, self._number(999))

    def _entry(
        self,
        direction: Direction,
        kopecks: int,
        counterparty: Counterparty,
        purpose: str,
        document_type: DocumentType,
        number: str,
        *,
        priority: int = 5,
        uin: str | None = None,
        budget: BudgetDetails | None = None,
    ) -> EntryDetails:
        return EntryDetails(
            direction=direction,
            amount=Money.from_kopecks(kopecks),
            document_type=document_type,
            number=number,
            date=self.day,
            booking_date=self.day,
            value_date=self.day,
            counterparty=counterparty,
            purpose=purpose,
            priority=priority,
            uin=uin,
            budget=budget,
        )


def _trade(day: _Day) -> Iterator[EntryDetails]:
    yield from day.sales(4)
    yield from day.purchases(3)
    yield from _company_duties(day)


def _shop(day: _Day) -> Iterator[EntryDetails]:
    yield from day.card_settlement()
    yield from day.sales(1)
    yield from day.purchases(2)
    yield from _company_duties(day)


def _market(day: _Day) -> Iterator[EntryDetails]:
    if day.day.weekday() == 2:
        yield day.marketplace_payout()
    yield from day.purchases(2)
    yield from _service_fee(day)


def _quiet(day: _Day) -> Iterator[EntryDetails]:
    yield from day.purchases(2)
    yield from _service_fee(day)


def _deposit(day: _Day) -> Iterator[EntryDetails]:
    if day.is_due(20):
        yield day.interest()


def _company_duties(day: _Day) -> Iterator[EntryDetails]:
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


def _service_fee(day: _Day) -> Iterator[EntryDetails]:
    if day.is_due(1):
        yield day.fee(SERVICE_FEE_KOPECKS, f"Комиссия за ведение счета за {day.day:%m.%Y}")


LIVES = {"trade": _trade, "shop": _shop, "market": _market, "quiet": _quiet, "deposit": _deposit}


def _transfer(payer: SampleAccount, payee: SampleAccount, day: dt.date, chance: random.Random) -> Movement:
    """Money between two accounts of one customer: a debit here and its credit there, with one number."""
    one = _Day(payer, day, chance)
    kopecks = round(chance.randint(20, 60) * 1000_00 * payee.activity)
    number = str(chance.randint(1, 999))
    purpose = "Перевод собственных средств, НДС не облагается"
    debit = one._entry(Direction.DEBIT, kopecks, _own(payee), purpose, DocumentType.PAYMENT_ORDER, number)
    credit = one._entry(Direction.CREDIT, kopecks, _own(payer), purpose, DocumentType.PAYMENT_ORDER, number)
    return Movement(payer.id, debit, Movement(payee.id, credit))


def _own(account: SampleAccount) -> Counterparty:
    owner = next(row for row in read_rows("customers") if row["id"] == account.customer_id)
    return Counterparty(
        name=owner["name"],
        inn=owner["inn"],
        kpp=owner["kpp"] or None,
        account=account.number,
        bic=SANDBOX_BIC,
        bank_name=_bank().bank_name,
        correspondent_account=_bank().correspondent_account,
    )


def _bank() -> Counterparty:
    """The sandbox bank itself, as it stands in its own fees."""
    return counterparties("bank")[0]


def _treasury(day: dt.date) -> Counterparty:
    return Counterparty(
        name="Казначейство России (ФНС России)",
        inn="7727406020",
        kpp="770701001" if day >= NEW_TAX_KPP_FROM else "770801001",
        account="03100643000000018500",
        bic="017003983",
        bank_name="ОКЦ № 7 ГУ Банка России по ЦФО//УФК по Тульской области, г. Тула",
        correspondent_account="40102810445370000059",
    )
