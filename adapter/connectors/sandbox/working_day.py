"""What can happen on one working day of a sample account, as entries: sales, purchases, fees, payroll, taxes …"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from adapter.connectors.sandbox.calendar import DAY, is_working_day
from adapter.connectors.sandbox.sample import SANDBOX_BIC, SampleAccount, bank_itself, counterparties, read_rows
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.domain.statements import Direction, DocumentType, EntryDetails

FEE_KOPECKS = 25_00

# The tax office's KPP as payee changed on this day; requisites of the unified tax payment (ЕНП).
NEW_TAX_KPP_FROM = dt.date(2025, 12, 5)
ENP_KBK = "18201061201010000510"


class WorkingDay:
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
        return self.entry(Direction.DEBIT, kopecks, bank_itself(), purpose, DocumentType.BANK_ORDER, number)

    def card_settlement(self) -> Iterator[EntryDetails]:
        gross = self._amount(20_000, 85_000)
        period = (self.day - DAY).strftime("%d.%m.%Y")
        purpose = f"Возмещение по операциям с картами за {period}, терминал 10{self._number(99):0>2}"
        acquirer = counterparties("acquirer")[0]
        yield self.entry(Direction.CREDIT, gross, acquirer, purpose, DocumentType.MEMORIAL_ORDER, self._number(9999))
        yield self.fee(gross * 18 // 1000, f"Комиссия за эквайринг за {period}, без НДС")

    def bill(self, role: str, rubles: int, purpose: str) -> EntryDetails:
        kopecks = round(rubles * 100 * self.account.activity)
        return self._debit(kopecks, counterparties(role)[0], f"{purpose} за {self.day:%m.%Y}, {self._vat(kopecks)}")

    def payroll(self) -> EntryDetails:
        kopecks = round(self._amount(380_000, 420_000) * self.account.activity)
        purpose = (
            f"Перечисление заработной платы по реестру № {self.day.month * 2} от {self.day:%d.%m.%Y}, НДС не облагается"
        )
        return self.entry(
            Direction.DEBIT, kopecks, bank_itself(), purpose, DocumentType.PAYMENT_ORDER, self._number(900), priority=3
        )

    def taxes(self) -> EntryDetails:
        kopecks = round(self._amount(190_000, 310_000) * self.account.activity) // 100 * 100
        return self.entry(
            Direction.DEBIT,
            kopecks,
            treasury(self.day),
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
        return self.entry(
            Direction.CREDIT, 26_333_33, bank_itself(), purpose, DocumentType.BANK_ORDER, self._number(99)
        )

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
        return self.entry(Direction.CREDIT, kopecks, payer, purpose, DocumentType.PAYMENT_ORDER, self._number(999))

    def _debit(self, kopecks: int, payee: Counterparty, purpose: str) -> EntryDetails:
        return self.entry(Direction.DEBIT, kopecks, payee, purpose, DocumentType.PAYMENT_ORDER, self._number(999))

    def entry(
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


def own_account(account: SampleAccount) -> Counterparty:
    owner = next(row for row in read_rows("customers") if row["id"] == account.customer_id)
    return Counterparty(
        name=owner["name"],
        inn=owner["inn"],
        kpp=owner["kpp"] or None,
        account=account.number,
        bic=SANDBOX_BIC,
        bank_name=bank_itself().bank_name,
        correspondent_account=bank_itself().correspondent_account,
    )


def treasury(day: dt.date) -> Counterparty:
    return Counterparty(
        name="Казначейство России (ФНС России)",
        inn="7727406020",
        kpp="770701001" if day >= NEW_TAX_KPP_FROM else "770801001",
        account="03100643000000018500",
        bic="017003983",
        bank_name="ОКЦ № 7 ГУ Банка России по ЦФО//УФК по Тульской области, г. Тула",
        correspondent_account="40102810445370000059",
    )
