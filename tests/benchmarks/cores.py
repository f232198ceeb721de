"""Each core beside the others: entries per second into the feed, drafts per second to the core.

`python -m tests.benchmarks.cores` prints a table and keeps the figures in var/cores.json.  The product's database is
PostgreSQL; the HTTP core is the sandbox bank in a process of its own, the files lie on this machine's disk.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from adapter import migrations
from adapter.cli import free_port
from adapter.connectors import Core
from adapter.connectors.files.opening import open_files_core
from adapter.connectors.http.opening import HttpOptions, open_http_core
from adapter.connectors.sandbox import ledger
from adapter.connectors.sandbox.opening import open_sandbox
from adapter.connectors.sql.opening import open_sql_core
from adapter.domain.core import Accepted, Deadline, Unknown
from adapter.domain.moscow import MOSCOW
from adapter.domain.statements import EntryDetails
from adapter.parts import Parts, SystemClock, open_parts
from adapter.ports import CoreBanking
from adapter.settings import Settings
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database, open_database
from tests.benchmarks.servers import postgresql_database
from tests.connectors.files.paper_bank import MAIN
from tests.connectors.files.statements import file_of
from tests.connectors.sql.sql_bench import make_bank, post, url_of_product
from tests.fakes import core_document, entry_details
from tests.faults.exchange import open_exchange
from tests.faults.processes import open_processes

RESULT = Path("var/cores.json")
ENTRIES, DRAFTS, BATCH = 20_000, 2_000, 500
DEADLINE_S = 600.0
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCore:
    """A core, one of its accounts, how its bank books entries, and what the worker does before a refresh."""

    banking: CoreBanking
    customer: str
    account: str
    book: Callable[[list[EntryDetails]], None]
    arrive: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    core: str
    entries: int
    entries_per_s: float
    drafts: int
    drafts_per_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--drafts", type=int, default=DRAFTS)
    parser.add_argument("--core", choices=CORES, action="append")
    given = parser.parse_args()
    figures = [measure(name, given.entries, given.drafts) for name in given.core or CORES]
    sys.stdout.write(f"{'core':10}{'entries per s':>16}{'drafts per s':>16}\n")
    sys.stdout.writelines(f"{one.core:10}{one.entries_per_s:>16,.0f}{one.drafts_per_s:>16,.0f}\n" for one in figures)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([dataclasses.asdict(one) for one in figures], indent=2))


def measure(name: str, entries: int, drafts: int) -> Figure:
    """Both figures of one core, in a database of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cores-")))
        server = stack.enter_context(postgresql_database(folder))
        database = open_database(server.url)
        stack.callback(database.close)
        migrations.upgrade(database.writer)
        core = stack.enter_context(CORES[name](folder, database, server.url))
        parts = open_parts(
            Settings(database_url=server.url, core_read_timeout_s=DEADLINE_S, secret_key="k" * 40),
            core=Core(banking=core.banking, login=None),  # type: ignore[arg-type]  # nobody logs in
        )
        stack.callback(parts.database.close)
        return Figure(
            core=name,
            entries=entries,
            entries_per_s=entries / _read_entries(core, parts, entries),
            drafts=drafts,
            drafts_per_s=drafts / _send_drafts(core, drafts),
        )


def _read_entries(core: OpenCore, parts: Parts, entries: int) -> float:
    """Seconds from the bank's books to the feed, for entries that came since the feed was read."""
    told = core.banking.list_accounts(core.customer, Deadline.after(DEADLINE_S))
    known = StoredAccounts(parts.database).register(core.customer, told, parts.clock.now())
    account_id = known[core.account].id
    parts.services.feeds.refresh(account_id, Deadline.after(DEADLINE_S))
    today = dt.datetime.now(MOSCOW).date()
    core.book([_entry(number, today - DAY) for number in range(entries)])
    before = parts.services.feeds.list_numbers([account_id])[account_id]
    began = time.perf_counter()
    core.arrive()
    parts.services.feeds.refresh(account_id, Deadline.after(DEADLINE_S))
    seconds = time.perf_counter() - began
    came = parts.services.feeds.list_numbers([account_id])[account_id] - before
    if came != entries:
        raise RuntimeError(f"{came} entries came, not {entries}")
    return seconds


def _send_drafts(core: OpenCore, drafts: int) -> float:
    documents = [
        core_document(f"pay_{uuid.uuid4().hex[:20]}", account=core.account, customer=core.customer)
        for _ in range(drafts)
    ]
    began = time.perf_counter()
    for first in range(0, drafts, BATCH):
        results = core.banking.submit_documents(documents[first : first + BATCH], Deadline.after(DEADLINE_S))
        if not all(isinstance(result, Accepted | Unknown) for result in results):
            raise RuntimeError(f"refused: {results[0]}")
    return time.perf_counter() - began


def _entry(number: int, day: dt.date) -> EntryDetails:
    return replace(entry_details(f"{number + 1}.00", day=day), number=str(number % 999_999 + 1))


@contextmanager
def _sandbox(folder: Path, _database: Database, _url: str) -> Iterator[OpenCore]:
    bank = open_sandbox(f"sqlite:///{folder}/core.db", base_url="http://127.0.0.1", bank_name="Б", clock=SystemClock())

    def book(entries: list[EntryDetails]) -> None:
        with bank.database.transaction() as tx:
            for one in entries:
                ledger.book(tx, "vega-main", one)

    yield OpenCore(banking=bank.banking, customer="vega", account="vega-main", book=book)
    bank.database.close()


@contextmanager
def _http(folder: Path, database: Database, url: str) -> Iterator[OpenCore]:
    port = free_port()
    environment = {"BANK_ADAPTER_SANDBOX_DATABASE_URL": f"sqlite:///{folder}/core.db"}
    with _sandbox(folder, database, url) as bank, open_processes(folder, environment) as processes:
        processes.start("core", "adapter", "sandbox", "serve", "--port", str(port))
        processes.await_url("core", f"http://127.0.0.1:{port}/core/v1/health")
        options = HttpOptions(url=f"http://127.0.0.1:{port}", our_issuer="https://bank.example")
        core = open_http_core(options, SystemClock())
        yield replace(bank, banking=core)
        core.close()


@contextmanager
def _files(folder: Path, database: Database, _url: str) -> Iterator[OpenCore]:
    exchange = open_exchange(folder / "exchange")
    core = open_files_core(
        str(exchange.root), clock=SystemClock(), reader=database.reader, writer=database.writer, settle_s=0
    )
    exchange.put_directory()
    core.scan()

    def book(entries: list[EntryDetails]) -> None:
        day = entries[0].booking_date
        exchange.put(file_of(MAIN, day, day, entries, dt.datetime.now(dt.UTC), "0"))

    yield OpenCore(banking=core.banking, customer="vega", account=MAIN, book=book, arrive=core.scan)


@contextmanager
def _sql(_folder: Path, _database: Database, url: str) -> Iterator[OpenCore]:
    name = f"bank_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    bank_url = make_url(url).set(database=name).render_as_string(hide_password=False)
    make_bank(bank_url)
    bank = open_database(bank_url, pool_size=2)
    core = open_sql_core(url_of_product(bank_url), clock=SystemClock(), calls_max=8)

    def book(entries: list[EntryDetails]) -> None:
        with bank.transaction() as tx:
            for one in entries:
                post(tx, "A-1", one)

    yield OpenCore(banking=core.banking, customer="1001", account="A-1", book=book)
    core.database.close()
    bank.close()


CORES: Mapping[str, Callable[[Path, Database, str], AbstractContextManager[OpenCore]]] = {
    "sandbox": _sandbox,
    "http": _http,
    "files": _files,
    "sql": _sql,
}


if __name__ == "__main__":
    main()
