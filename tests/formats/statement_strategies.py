"""Whole statements for tests of shapes: generated ones that add up, and one that has a different value in every field.

    @given(statements(RUSSIAN))                 # any letters of an alphabet: RUSSIAN, CP1251, PRINTABLE, or your own
    leaves(FULL)["account.owner.inn"]           # each value by the name of its field
    leaves(FULL_ENTRY)["counterparty.bic"]      # names as in the JSON API

`entries` of a generated statement is a tuple, so it can be read more than once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.banks import Bank
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails
from adapter.domain.statements import Direction, DocumentType, Entry, EntryDetails, Statement

Characters = st.SearchStrategy[str]

CP1251: Characters = st.sampled_from(
    "".join(char for byte in range(256) if (char := bytes([byte]).decode("cp1251", "ignore")) and char.isprintable())
)
PRINTABLE: Characters = st.characters(exclude_categories=("C", "Z"), exclude_characters="\ufffd") | st.just(" ")
# What a payment order may hold (Bank of Russia, UFEBS).
RUSSIAN: Characters = st.sampled_from(
    "".join(map(chr, range(0x20, 0x7F))) + "№Ёё" + "".join(map(chr, range(0x410, 0x450)))
)

CURRENCY_CODES = {"RUB": "810", "USD": "840", "EUR": "978", "CNY": "156"}  # digits 6-8 of an account
MOSCOW = dt.timezone(dt.timedelta(hours=3))


def texts(alphabet: Characters, max_size: int = 40, min_size: int = 0) -> st.SearchStrategy[str]:
    """Texts without spaces at the ends and without two spaces in a row, which no shape promises to keep."""
    return st.text(alphabet, min_size=min_size, max_size=max_size).map(lambda text: " ".join(text.split(" ")).strip())


def optional_texts(alphabet: Characters, max_size: int = 40) -> st.SearchStrategy[str | None]:
    return texts(alphabet, max_size).map(lambda text: text or None)


def digits(*lengths: int) -> st.SearchStrategy[str]:
    """Digits of one of the lengths, never all zeros."""
    return st.one_of(*(st.integers(1, 10**length - 1).map(f"{{:0{length}}}".format) for length in lengths))


def amounts(currency: str, most: int = 10**13) -> st.SearchStrategy[Money]:
    """Positive amounts, small ones and those of 13 digits."""
    return st.integers(1, most).map(lambda kopecks: Money.from_kopecks(kopecks, currency))


def parties(alphabet: Characters) -> st.SearchStrategy[Party]:
    return st.builds(Party, name=texts(alphabet), inn=st.none() | digits(10, 12), kpp=st.none() | _kpps)


def counterparties(alphabet: Characters) -> st.SearchStrategy[Counterparty]:
    return st.builds(
        Counterparty,
        name=texts(alphabet),
        inn=st.none() | digits(5, 10, 12),
        kpp=st.none() | _kpps,
        account=st.none() | digits(20),
        bic=st.none() | digits(9),
        bank_name=optional_texts(alphabet),
        correspondent_account=st.none() | digits(20),
    )


def budgets(alphabet: Characters) -> st.SearchStrategy[BudgetDetails]:
    value = optional_texts(alphabet, max_size=10)
    names = ("kbk", "oktmo", "reason", "tax_period", "basis_number", "basis_date", "payment_type")
    return st.builds(BudgetDetails, drawer_status=st.sampled_from(["01", "13", "31"]), **dict.fromkeys(names, value))


def details(alphabet: Characters, currency: str = "RUB") -> st.SearchStrategy[EntryDetails]:
    """Entries of the days of November 2026; the value date lies around the booking date."""
    return st.builds(
        lambda booked, shift, **rest: EntryDetails(
            booking_date=booked, value_date=booked + dt.timedelta(days=shift), **rest
        ),
        booked=st.dates(dt.date(2026, 11, 1), dt.date(2026, 11, 30)),
        shift=st.sampled_from([0, 0, 0, -3, 2]),
        direction=st.sampled_from(Direction),
        amount=amounts(currency),
        document_type=st.sampled_from(DocumentType),
        number=texts(alphabet, max_size=12),
        date=st.dates(dt.date(2026, 10, 1), dt.date(2026, 11, 30)),
        counterparty=counterparties(alphabet),
        purpose=texts(alphabet, max_size=210),
        priority=st.none() | st.integers(0, 5),
        uin=st.none() | digits(20, 25),
        budget=st.none() | budgets(alphabet),
    )


@st.composite
def accounts(draw: st.DrawFn, alphabet: Characters, currencies: Sequence[str] = tuple(CURRENCY_CODES)) -> Account:
    currency = draw(st.sampled_from(currencies))
    return Account(
        id="acc_1",
        customer_id="cus-1",
        core_id="core-1",
        number="40702" + CURRENCY_CODES[currency] + draw(digits(12)),
        bic=draw(digits(9)),
        currency=currency,
        name=draw(texts(alphabet)),
        owner=draw(parties(alphabet)),
        status=draw(st.sampled_from(AccountStatus)),
    )


def banks(alphabet: Characters, bic: str) -> st.SearchStrategy[Bank]:
    return st.builds(
        Bank,
        bic=st.just(bic),
        name=texts(alphabet, min_size=1).map(lambda name: name or "x"),
        place=optional_texts(alphabet, max_size=20),
        correspondent_account=st.none() | digits(20),
    )


@st.composite
def statements(
    draw: st.DrawFn,
    alphabet: Characters = RUSSIAN,
    max_entries: int = 4,
    currencies: Sequence[str] = tuple(CURRENCY_CODES),
) -> Statement:
    """A statement of November 2026 whose balances, totals and counts are those of its entries."""
    account = draw(accounts(alphabet, currencies))
    found = draw(st.lists(details(alphabet, account.currency), max_size=max_entries))
    found = [each for each in found if each.counterparty.account != account.number]
    found.sort(key=lambda each: each.booking_date)
    opening = Money.from_kopecks(draw(st.integers(-(10**13), 10**13)), account.currency)
    bank = draw(st.none() | banks(alphabet, account.bic))
    as_of = dt.datetime(2026, 12, 1, 9, 30, tzinfo=dt.UTC) + dt.timedelta(seconds=draw(st.integers(0, 10**6)))
    return statement_of(found, account=account, opening=opening, bank=bank, as_of=as_of)


def statement_of(
    found: Iterable[EntryDetails],
    *,
    account: Account,
    opening: Money,
    bank: Bank | None = None,
    as_of: dt.datetime = dt.datetime(2026, 12, 1, 9, 30, tzinfo=dt.UTC),
    date_from: dt.date = dt.date(2026, 11, 1),
    date_to: dt.date = dt.date(2026, 11, 30),
) -> Statement:
    """The statement that these entries make."""
    entries = tuple(
        Entry(id=f"entry-{place}", account_id=account.id, version=1, details=each)
        for place, each in enumerate(found, 1)
    )
    credits = [each.details.amount.amount for each in entries if each.details.direction is Direction.CREDIT]
    debits = [each.details.amount.amount for each in entries if each.details.direction is Direction.DEBIT]
    credit, debit = sum(credits, Decimal("0.00")), sum(debits, Decimal("0.00"))
    return Statement(
        account=account,
        date_from=date_from,
        date_to=date_to,
        opening_balance=opening,
        closing_balance=Money(opening.amount + credit - debit, account.currency),
        total_credits=Money(credit, account.currency),
        total_debits=Money(debit, account.currency),
        credit_entries=len(credits),
        debit_entries=len(debits),
        entries=entries,
        as_of=as_of,
        complete_through=date_to,
        bank=bank,
    )


NEVER_TOLD = {"owned_from", "made_by"}  # since when the account is this customer's; what a reader says of a file


def leaves(value: object, prefix: str = "") -> dict[str, Any]:
    """Every value inside that a statement tells, by its dotted name.  Names inside `details` are those of the entry, as
    in the JSON API.
    """
    if isinstance(value, Money):
        return {prefix.rstrip("."): str(value)}
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return {prefix.rstrip("."): value.value if isinstance(value, StrEnum) else value}
    found: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        if field.name in NEVER_TOLD:
            continue
        inner = prefix if field.name == "details" else f"{prefix}{field.name}."
        found |= leaves(getattr(value, field.name), inner)
    return found


_kpps = st.from_regex(r"[1-9][0-9]{3}[A-Z]{2}[0-9]{3}", fullmatch=True)

# A different value in every field, none of them a part of another.
FULL_ENTRY = Entry(
    id="7d1c9f5e-0c55-5c11-8c1f-5b1e8a7d2f01",
    account_id="acc_full",
    version=3,
    payment_id="pay_0197f2c8a1b",
    external_id="EXT-4411",
    details=EntryDetails(
        direction=Direction.DEBIT,
        amount=Money.of("6543.21"),
        document_type=DocumentType.COLLECTION_ORDER,
        number="880017",
        date=dt.date(2026, 11, 16),
        booking_date=dt.date(2026, 11, 18),
        value_date=dt.date(2026, 11, 19),
        counterparty=Counterparty(
            name="Казначейство Ромашковое",
            inn="7830002293",
            kpp="783001001",
            account="03100643000000019502",
            bic="014030106",
            bank_name="Северный банк, г. Псков",
            correspondent_account="40102810945370000005",
        ),
        purpose="Единый налоговый платёж",
        priority=4,
        uin="18209965144380684245",
        budget=BudgetDetails(
            drawer_status="13",
            kbk="18201061201010000510",
            oktmo="45382000",
            reason="ТП",
            tax_period="КВ.03.2026",
            basis_number="771",
            basis_date="25.10.2026",
            payment_type="НС",
        ),
    ),
)
FULL = Statement(
    account=Account(
        id="acc_full",
        customer_id="cus_full",
        core_id="core_full",
        number="40702810900000052198",
        bic="044525987",
        currency="RUB",
        name="Расчётный счёт основной",
        owner=Party(name="Общество Василёк", inn="7707083893", kpp="770701001"),
        status=AccountStatus.BLOCKED,
    ),
    date_from=dt.date(2026, 11, 2),
    date_to=dt.date(2026, 11, 27),
    opening_balance=Money.of("90001.10"),
    closing_balance=Money.of("84235.01"),
    total_credits=Money.of("777.12"),
    total_debits=Money.of("6543.21"),
    credit_entries=1,
    debit_entries=1,
    entries=(
        FULL_ENTRY,
        Entry(
            id="11111111-0c55-5c11-8c1f-5b1e8a7d2f02",
            account_id="acc_full",
            version=1,
            details=EntryDetails(
                direction=Direction.CREDIT,
                amount=Money.of("777.12"),
                document_type=DocumentType.PAYMENT_ORDER,
                number="31",
                date=dt.date(2026, 11, 20),
                booking_date=dt.date(2026, 11, 20),
                value_date=dt.date(2026, 11, 20),
                counterparty=Counterparty(name="Покупатель"),
                purpose="Аванс",
            ),
        ),
    ),
    as_of=dt.datetime(2026, 11, 28, 6, 7, 8, tzinfo=dt.UTC),
    complete_through=dt.date(2026, 11, 26),
    bank=Bank(
        bic="044525987",
        name='АО "Банк Пример"',
        place="г. Москва",
        correspondent_account="30101810600000000987",
    ),
)
