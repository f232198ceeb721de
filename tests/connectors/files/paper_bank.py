"""A bank that talks in files: it reads out/, writes into in/, and has books of its own.

It knows the formats from `api_specs/core-files.md` only: what it takes from out/ it reads with a reader of its own.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from adapter.connectors.files.opening import FilesCore
from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.money import Money
from adapter.domain.moscow import moscow_day
from adapter.domain.parties import Counterparty, Party
from adapter.domain.statements import Direction, DocumentType, Entry, EntryDetails, Statement
from adapter.formats import camt053
from adapter.formats.onec_exchange import render_statement
from adapter.ports import Clock

BIC = "044525974"
OPENING = Decimal("100000.00")
DAYS_OPEN = 20
MAIN, MARKET, FOREIGN = "40702810300000000017", "40702810600000000018", "40702810900000000019"
DIRECTORY = {
    "users": [{"id": "u-1", "name": "Иванова Анна"}, {"id": "u-2", "name": "Кедрова Ольга"}],
    "customers": [
        {"id": "vega", "name": "ООО «Вега»", "inn": "7701234560", "kpp": "770101001"},
        {"id": "kedr", "name": "ООО «Кедр»", "inn": "7802345671", "kpp": "780201001"},
    ],
    "mandates": [
        {"user_id": "u-1", "customer_id": "vega", "role": "Генеральный директор", "may_give_consent": True},
        {
            "user_id": "u-2",
            "customer_id": "kedr",
            "role": "Бухгалтер",
            "may_give_consent": False,
            "reason": "нет права",
        },
    ],
    "accounts": [
        {"number": MAIN, "bic": BIC, "customer_id": "vega", "name": "Расчётный"},
        {"number": MARKET, "bic": BIC, "customer_id": "vega", "name": "Маркетплейсы"},
        {"number": FOREIGN, "bic": BIC, "customer_id": "kedr", "name": "Расчётный"},
    ],
}


class ActRefused(Exception):
    """The draft is not where this act can be done."""


@dataclass(slots=True)
class Draft:
    """A draft as the bank read it from a file."""

    values: Mapping[str, str]
    status: str = "awaiting_signature"

    @property
    def entry(self) -> EntryDetails:
        values = self.values
        day = dt.date.fromisoformat("-".join(reversed(values["Дата"].split("."))))
        return EntryDetails(
            direction=Direction.DEBIT,
            amount=Money.of(values["Сумма"]),
            document_type=DocumentType.PAYMENT_ORDER,
            number=values["Номер"],
            date=day,
            booking_date=day,
            value_date=day,
            counterparty=Counterparty(
                name=values["Получатель1"],
                inn=values["ПолучательИНН"] or None,
                kpp=values["ПолучательКПП"] or None,
                account=values["ПолучательРасчСчет"],
                bic=values["ПолучательБИК"],
                bank_name=values["ПолучательБанк1"] or None,
                correspondent_account=values["ПолучательКорсчет"] or None,
            ),
            purpose=values["НазначениеПлатежа"],
            priority=int(values["Очередность"]),
        )


@dataclass(slots=True)
class Book:
    """An account in the bank's books."""

    opened_on: dt.date
    entries: dict[int, EntryDetails] = field(default_factory=dict)

    def statement(self, number: str, first: dt.date, last: dt.date, made_at: dt.datetime) -> Statement:
        opening = OPENING + sum((signed(one) for one in self.entries.values() if one.booking_date < first), Decimal(0))
        entries = {name: one for name, one in self.entries.items() if first <= one.booking_date <= last}
        return whole_statement(number, first, last, opening, entries, made_at)


class PaperBank:
    """Everything that it puts into in/ is read at once."""

    def __init__(self, root: Path, core: FilesCore, clock: Clock) -> None:
        self.root = root
        self.core = core
        self.clock = clock
        self.lock = threading.RLock()
        self.numbers = itertools.count(1)
        opened_on = moscow_day(clock.now()) - dt.timedelta(days=DAYS_OPEN)
        self.books = {number: Book(opened_on) for number in (MAIN, MARKET, FOREIGN)}
        self.drafts: dict[str, Draft] = {}
        self.taken: list[str] = []  # ids as often as they came
        core.scanner.folders.check(is_used=False)

    def open(self) -> None:
        self.put("directory.json", json.dumps({"made_at": self._now(), **DIRECTORY}).encode())
        self.tell_statements()

    def put(self, name: str, data: bytes) -> None:
        """Put a file into in/ as a careful bank does, and have it read."""
        with self.lock:
            place = self.root / "in" / f"{next(self.numbers):06d}-{name}"
            place.with_suffix(".part").write_bytes(data)
            place.with_suffix(".part").rename(place)
            self.core.scan()

    def tell_statements(self, accounts: Iterable[str] = (MAIN, MARKET, FOREIGN)) -> None:
        """Everything since the accounts were opened."""
        for number in accounts:
            self.put("statement.xml", as_camt(self.statement(number, self.books[number].opened_on)))

    def statement(self, account: str, first: dt.date, last: dt.date | None = None) -> Statement:
        """Each is made a second after the one before: tests may hold the clock still."""
        made_at = self.clock.now() + dt.timedelta(seconds=next(self.numbers))
        return self.books[account].statement(account, first, last or moscow_day(self.clock.now()), made_at)

    def tell(self, *rows: Mapping[str, str]) -> None:
        """A file of states, one row for each."""
        columns = list(dict.fromkeys(["document_id", "status", "at", *(name for row in rows for name in row)]))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, delimiter=";", restval="")
        writer.writeheader()
        writer.writerows({"at": self._now(), **row} for row in rows)
        self.put("states.csv", text.getvalue().encode())

    def work(self) -> None:
        """Take what lies in out/ and answer it."""
        with self.lock:
            for file in sorted((self.root / "out").glob("drafts-*.txt")):
                self._take_drafts(take(file).decode("windows-1251"))
            for file in sorted((self.root / "out").glob("withdrawal-*.csv")):
                self._take_withdrawal(next(csv.DictReader(io.StringIO(take(file).decode()), delimiter=";")))
            for file in sorted((self.root / "out").glob("statement-order-*.csv")):
                self._take_order(next(csv.DictReader(io.StringIO(take(file).decode()), delimiter=";")))

    def move(self, document_id: str, was: str, status: str, **told: str) -> None:
        """A draft moves on.  Raises ActRefused."""
        with self.lock:
            if self.drafts[document_id].status != was:
                raise ActRefused(document_id)
            self.drafts[document_id].status = status
            self.tell({"document_id": document_id, "status": status, **told})

    def book(self, account: str, details: EntryDetails) -> int:
        with self.lock:
            number = next(self.numbers)
            self.books[account].entries[number] = details
            self.tell_statements([account])
            return number

    def _take_drafts(self, text: str) -> None:
        found = [(values["ИдентификаторДокумента"], values) for values in read_documents(text)]
        self.taken += [one for one, _ in found]
        self.drafts |= {one: Draft(values) for one, values in found if one not in self.drafts}
        self.tell(*({"document_id": one, "status": self.drafts[one].status} for one, _ in found))

    def _take_withdrawal(self, asked: Mapping[str, str]) -> None:
        draft = self.drafts[asked["document_id"]]
        if draft.status == "awaiting_signature":
            draft.status = "cancelled"
            self.tell({"document_id": asked["document_id"], "status": "05", "reason": "Отозван отправителем"})
        else:
            self.tell({"document_id": asked["request_id"], "status": "withdrawal_refused", "reason": "Уже подписан"})

    def _take_order(self, asked: Mapping[str, str]) -> None:
        first, last = dt.date.fromisoformat(asked["date_from"]), dt.date.fromisoformat(asked["date_to"])
        if asked["account"] not in self.books:
            refusal = {"document_id": asked["order_id"], "status": "statement_refused", "reason": "Счёт не найден"}
            self.tell(refusal)
            return
        self.put(
            "ordered.txt",
            as_1c(self.books[asked["account"]].statement(asked["account"], first, last, self.clock.now())),
        )

    def _now(self) -> str:
        return self.clock.now().isoformat()


def take(file: Path) -> bytes:
    data = file.read_bytes()
    file.unlink()
    return data


def read_documents(text: str) -> list[dict[str, str]]:
    """The documents of a 1C file, key by key; as simple as a bank's own import may be."""
    documents: list[dict[str, str]] = []
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key == "СекцияДокумент":
            documents.append({})
        elif documents and key != "КонецДокумента":
            documents[-1][key] = value
    return documents


def signed(details: EntryDetails) -> Decimal:
    return details.amount.amount if details.direction is Direction.CREDIT else -details.amount.amount


def whole_statement(
    number: str,
    first: dt.date,
    last: dt.date,
    opening: Decimal,
    entries: Mapping[int, EntryDetails],
    made_at: dt.datetime,
) -> Statement:
    """A statement that adds up; entries by the bank's own reference."""
    credits = [one.amount.amount for one in entries.values() if one.direction is Direction.CREDIT]
    debits = [one.amount.amount for one in entries.values() if one.direction is Direction.DEBIT]
    account = Account(
        id=number,
        customer_id="",
        core_id=number,
        number=number,
        bic=BIC,
        currency="RUB",
        name="",
        owner=Party(name="ООО «Вега»", inn="7701234560", kpp="770101001"),
        status=AccountStatus.OPEN,
    )
    return Statement(
        account=account,
        date_from=first,
        date_to=last,
        opening_balance=Money(opening),
        closing_balance=Money(opening + sum(credits, Decimal(0)) - sum(debits, Decimal(0))),
        total_credits=Money(sum(credits, Decimal(0))),
        total_debits=Money(sum(debits, Decimal(0))),
        credit_entries=len(credits),
        debit_entries=len(debits),
        entries=[Entry(id=f"ref-{name}", account_id=number, version=1, details=one) for name, one in entries.items()],
        as_of=made_at,
        complete_through=None,
    )


def as_camt(statement: Statement) -> bytes:
    return b"".join(camt053.render_statement(statement))


def as_1c(statement: Statement) -> bytes:
    return b"".join(render_statement(statement, "windows-1251"))
