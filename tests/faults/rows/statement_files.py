"""The same statement files twice, in another order, with overlaps; then one line is corrected."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adapter.domain.moscow import MOSCOW
from adapter.domain.statements import EntryDetails
from tests.connectors.files.paper_bank import MAIN, MARKET
from tests.connectors.files.statements import corrected, fee, file_of
from tests.faults.bench import Bench, open_bench
from tests.faults.exchange import ACCOUNTS, open_exchange
from tests.faults.partner import Client
from tests.faults.postgres import open_server
from tests.faults.report import Outcome

MUST_HOLD = "the feed ends the same, the correction is one change"
DAY = dt.timedelta(days=1)
LIMIT = 500
NAMES = ("added", "changed", "removed")
Delivery = tuple[dt.date, dt.date]  # the days that a file tells


def run(folder: Path, full: bool) -> Outcome:
    days, entries_a_day = (30, 200) if full else (5, 12)
    books = _keep_books(days, entries_a_day)
    first, last = books[0].booking_date, books[-1].booking_date
    single = [(first + number * DAY, first + number * DAY) for number in range(days)]
    again = _deliver_again(single)
    exchange = open_exchange(folder / "exchange")
    settings: dict[str, Any] = {"core": "files", "core_files_dir": str(exchange.root), "accounts": ACCOUNTS}
    with open_server(folder / "pg") as node, open_bench(folder, [node], **settings) as bench:
        exchange.put_directory()
        exchange.put(*_write(MAIN, single, books))
        exchange.put(*_write(MARKET, again, books))
        exchange.await_read(bench)
        in_order, cursor = _read(bench, MAIN)
        mixed, _ = _read(bench, MARKET)
        exchange.put(*_write(MAIN, again, books))
        exchange.await_read(bench)
        repeated, cursor = _read(bench, MAIN, cursor)
        place = len(books) // 2
        right = [*books[:place], corrected(books[place]), *books[place + 1 :]]
        exchange.put(*_write(MAIN, [(first, last)], right, hours=2))
        exchange.await_read(bench)
        correction, _ = _read(bench, MAIN, cursor)
        put_aside = exchange.list_errors()
    wanted = Counter(_content(str(one.amount.amount), one.number, one.purpose, one.booking_date) for one in books)
    told = [_count(one) for one in (repeated, correction)]
    return Outcome(
        parameters={"days": days, "entries": len(books), "files": len(single) + 2 * len(again) + 1},
        counts={
            "in_order": len(in_order["added"]),
            "mixed": len(mixed["added"]),
            "told_by_repetition": sum(told[0].values()),
            "told_by_correction": sum(told[1].values()),
            "files_put_aside": len(put_aside),
        },
        broken=[
            *([] if _contents(in_order) == wanted else ["files in order do not give the books"]),
            *([] if _contents(mixed) == wanted else ["files in another order do not give the books"]),
            *([] if not sum(told[0].values()) else [f"files that came again were told as news: {told[0]}"]),
            *(
                []
                if told[1] == Counter({"changed": 1})
                else [f"the correction was told as {told[1]}, not as one change"]
            ),
            *([] if not put_aside else [f"files were put aside: {put_aside[:3]}"]),
        ],
    )


def _keep_books(days: int, entries_a_day: int) -> list[EntryDetails]:
    """Fees that differ, and on each day two that do not."""
    today = dt.datetime.now(MOSCOW).date()
    books = []
    for number in range(days):
        day = today - (days - number) * DAY
        books += [fee(day, f"{place + 10}.00", str(place + 1)) for place in range(entries_a_day - 2)]
        books += [fee(day, "5.00", "77"), fee(day, "5.00", "77")]
    return books


def _deliver_again(single: Sequence[Delivery]) -> list[Delivery]:
    """Each file twice, files of three days across them, all mixed."""
    wide = [(max(first - DAY, single[0][0]), min(last + DAY, single[-1][1])) for first, last in single[::2]]
    mixed = [*single, *single, *wide]
    random.Random(9).shuffle(mixed)
    return mixed


def _write(account: str, deliveries: Sequence[Delivery], books: Sequence[EntryDetails], hours: int = 1) -> list[bytes]:
    made_at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3 - hours)
    return [file_of(account, first, last, books, made_at, "1000000") for first, last in deliveries]


def _read(bench: Bench, account: str, cursor: str = "") -> tuple[dict[str, list[Any]], str]:
    """All that is new after the cursor, and the cursor after it."""
    client = Client(bench.port, bench.partner.access_token, 30.0)
    told: dict[str, list[Any]] = {name: [] for name in NAMES}
    while True:
        place = f"&cursor={cursor}" if cursor else ""
        path = f"/v1/accounts/{bench.partner.account_ids[account]}/changes?limit={LIMIT}{place}"
        page = client.call("GET", path).body
        for name in NAMES:
            told[name] += page[name]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            client.close()
            return told, cursor


def _contents(told: dict[str, list[Any]]) -> Counter[tuple[str, ...]]:
    return Counter(_content(one["amount"], one["number"], one["purpose"], one["booking_date"]) for one in told["added"])


def _content(amount: str, number: str, purpose: str, day: object) -> tuple[str, ...]:
    return amount, number, purpose, str(day)


def _count(told: dict[str, list[Any]]) -> Counter[str]:
    return +Counter({name: len(told[name]) for name in NAMES})
