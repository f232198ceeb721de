"""Statements and orders for the benchmarks of formats, made in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.banks import Bank
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import PaymentOrder
from adapter.domain.statements import Direction, DocumentType, Entry, EntryDetails, Statement
from adapter.store.entry_json import dump_details, render_entry
from tests.domain.orders import GOOD_ORDERS, PAYER, PAYER_ACCOUNT

FIRST_DAY = dt.date(2026, 1, 1)
DAYS = 300
BANK = Bank(
    bic="045004864",
    name="СИБИРСКИЙ БАНК «ЗАРЯ»",
    place="г. Новосибирск",
    correspondent_account="30101810500000000864",
)
ACCOUNT = Account(
    id="acc_1",
    customer_id="customer-1",
    core_id="core-1",
    number=PAYER_ACCOUNT,
    bic=BANK.bic,
    currency="RUB",
    name="Расчётный счёт",
    owner=Party(name="ООО «Ромашка»", inn="7830002293", kpp="783001001"),
    status=AccountStatus.OPEN,
)


def make_statement(entries: int) -> tuple[Statement, Sequence[str]]:
    """A statement of so many entries over most of a year, and the JSON texts of the entries."""
    made = [_entry(place, entries) for place in range(entries)]
    credits = sum(entry.details.amount.kopecks for entry in made if entry.details.direction is Direction.CREDIT)
    debits = sum(entry.details.amount.kopecks for entry in made) - credits
    credit_entries = sum(entry.details.direction is Direction.CREDIT for entry in made)
    statement = Statement(
        account=ACCOUNT,
        bank=BANK,
        date_from=FIRST_DAY,
        date_to=FIRST_DAY + dt.timedelta(days=DAYS),
        opening_balance=Money.of("1000000.00"),
        closing_balance=Money.from_kopecks(100_000_000 + credits - debits),
        total_credits=Money.from_kopecks(credits),
        total_debits=Money.from_kopecks(debits),
        credit_entries=credit_entries,
        debit_entries=entries - credit_entries,
        entries=made,
        as_of=dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC),
        complete_through=dt.date(2026, 11, 20),
    )
    texts = [
        render_entry(ACCOUNT.id, entry.id, entry.version, dump_details(entry.details), None, None) for entry in made
    ]
    return statement, texts


def make_orders(count: int) -> list[PaymentOrder]:
    """Good orders of every kind in turn, each with a number and an amount of its own."""
    kinds = len(GOOD_ORDERS)
    return [
        replace(
            GOOD_ORDERS[place % kinds],
            number=str(place % 999_999 + 1),
            external_id=f"order-{place}",
            amount=Money.from_kopecks(150_000 + place),
            payer_account=PAYER_ACCOUNT,
            payer=PAYER,
        )
        for place in range(count)
    ]


def _entry(place: int, entries: int) -> Entry:
    day = FIRST_DAY + dt.timedelta(days=place * DAYS // entries)
    details = EntryDetails(
        direction=Direction.DEBIT if place % 3 else Direction.CREDIT,
        amount=Money.from_kopecks(150_000 + place),
        document_type=DocumentType.PAYMENT_ORDER,
        number=str(place % 999_999 + 1),
        date=day,
        booking_date=day,
        value_date=day,
        counterparty=Counterparty(
            name="ООО «Северный ветер»",
            inn="7753600602",
            kpp="770701001",
            account="40702810500650067085",
            bic="044525983",
            bank_name="АО КБ «МЕРИДИАН», г. Москва",
            correspondent_account="30101810945250000983",
        ),
        purpose=f"Оплата по счёту {place} от 12.10.2026 за канцелярские товары, в том числе НДС 22 % - 270-49 руб.",
        priority=5,
    )
    return Entry(id=f"ent_{place}", account_id=ACCOUNT.id, version=1, details=details)
