"""A bank under test: PostgreSQL, gunicorn, workers, the core as a process of its own, and the proxy between them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapter import migrations
from adapter.connectors.sandbox.opening import open_sandbox
from adapter.connectors.signed_tokens import write_new_key
from adapter.demo.processes import free_port
from adapter.domain.core import CoreAccount, Deadline
from adapter.settings import Settings, variable
from adapter.store.database import open_database
from tests.faults.facts import Facts, read_facts
from tests.faults.history import History
from tests.faults.partner import Client, Connected, Payer, connect_partner
from tests.faults.postgres import Node, url_of
from tests.faults.processes import Processes, children, open_processes
from tests.faults.steering import Steering

CUSTOMER = "vega"
ACCOUNT = "vega-main"
KEY = "adapter-key.json"  # signs calls to the core
DEFAULTS: Mapping[str, object] = {
    "issuer": "https://localhost",  # of this machine: no customer logs in here
    "secret_key": "k" * 40,
    "core": "http",
    "database_pool_size": 8,
    "web_workers": 2,
    "web_threads": 8,
    "worker_interval_s": 0.05,
    "core_read_timeout_s": 2.0,
    "core_change_timeout_s": 2.0,
    "core_rest_s": 1.0,
    "outbox_lease_s": 5.0,
    "feed_refresh_s": 1.0,
    "log_level": "WARNING",
}


@dataclass(slots=True, kw_only=True)
class Bench:
    """`port` is the bank's; `partner` is connected to one customer with both scopes."""

    folder: Path
    settings: Mapping[str, object]
    processes: Processes
    nodes: Sequence[Node]
    port: int
    core_port: int
    proxy: Steering
    core_file: Path
    bank: str  # sandbox, careless
    account: str  # the core's id of the account that payments are from
    partner: Connected
    history: History
    kills: dict[str, int] = field(default_factory=dict)

    @property
    def account_id(self) -> str:
        return self.partner.account_ids[self.account]

    def payer(self, number: int, timeout_s: float = 10.0) -> Payer:
        client = Client(self.port, self.partner.access_token, timeout_s)
        return Payer(
            number=number,
            client=client,
            account=self.account,
            account_id=self.account_id,
            history=self.history,
        )

    def start_web(self, name: str = "web") -> None:
        self.processes.start(name, "adapter", "serve", "--bind", f"127.0.0.1:{self.port}")
        self.processes.await_url(name, f"http://127.0.0.1:{self.port}/health/ready")

    def start_worker(self, name: str = "worker", shift_s: int = 0) -> None:
        """Until it works: a worker that finds no database at its start ends, and nobody here starts it again."""
        pid = self.processes.start(name, "adapter", "worker", shift_s=shift_s).pid
        told = f"worker_lanes WHERE process LIKE '%:{pid}:%'"
        self.processes.await_true(name, lambda: self.count(told) > 0)

    def start_core(self, shift_s: int = 0) -> None:
        if self.bank == "careless":
            command = ["tests.faults.careless_core", str(self.core_port)]
        else:
            command = ["adapter", "sandbox", "serve", "--port", str(self.core_port), *self._who_may_call()]
        self.processes.start("core", *command, shift_s=shift_s)
        self.processes.await_url("core", f"http://127.0.0.1:{self.core_port}/core/v1/health")

    def _who_may_call(self) -> Sequence[str]:
        """The core's address is that of the proxy; calls are signed for it."""
        callers = str(self.folder / f"{KEY}.public.json")
        adapter_url = str(self.settings["issuer"])
        return ["--url", str(self.settings["core_url"]), "--adapter-url", adapter_url, "--callers-jwks", callers]

    def start_proxy(self) -> None:
        ports = [str(port) for port in (self.proxy.port, self.core_port, self.proxy.control_port)]
        self.processes.start("proxy", "tests.faults.proxy", *ports, str(self.folder / "proxy.jsonl"))
        give_up_at = time.monotonic() + 30
        while time.monotonic() < give_up_at:
            try:
                self.proxy.count()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(self.processes.tail("proxy"))

    def web_pids(self) -> Sequence[int]:
        """gunicorn's working processes; its master starts another for each that dies."""
        return children(self.processes.running["web"].pid)

    def primary(self) -> Node:
        return next(node for node in self.nodes if node.is_primary)

    def count(self, query: str) -> int:
        return int(self.primary().execute(f"SELECT count(*) FROM {query}", database="adapter")[0][0])

    def await_quiet(self, within_s: float) -> float:
        """Until no payment is on its way any more, or the time is over; answers how many seconds it took."""
        began = time.monotonic()
        while time.monotonic() < began + within_s:
            if not self.count("outbox WHERE NOT needs_person"):
                break
            time.sleep(0.2)
        return time.monotonic() - began

    def await_feeds(self, within_s: float) -> None:
        """Until each feed has what the core knows now: a reading that began earlier may not."""
        give_up_at = time.monotonic() + within_s
        for _ in range(2):
            ((now,),) = self.primary().execute("SELECT now()")
            while self.count(f"feeds WHERE coalesce(read_at < '{now.isoformat()}', true)"):
                if time.monotonic() > give_up_at:
                    raise RuntimeError("a feed was not read from the core")
                time.sleep(0.1)

    def facts(self) -> Facts:
        return read_facts(self.history.path, self.primary().dsn("adapter"), self.core_file)


@contextmanager
def open_bench(
    folder: Path,
    nodes: Sequence[Node],
    *,
    bank: str = "sandbox",
    workers: int = 1,
    accounts: Sequence[CoreAccount] = (),
    account: str = ACCOUNT,
    **settings: object,
) -> Iterator[Bench]:
    """Everything running; `bank` is `sandbox` or `careless`, `settings` are the product's.

    The partner is connected to `accounts`, without them to those of the sandbox's customer, and pays from `account`.
    """
    ports = [free_port() for _ in range(4)]
    core_file = folder / "core.db"
    chosen = {
        **DEFAULTS,
        "database_url": url_of(nodes),
        "sandbox_database_url": f"sqlite:///{core_file}",
        "sandbox_clock_interval_s": 0.0,
        "core_url": f"http://127.0.0.1:{ports[1]}",
        "core_token_key_file": str(folder / KEY),
        **settings,
    }
    write_new_key(str(folder / KEY), "adapter")
    environment = {variable(name): str(value) for name, value in chosen.items()}
    with open_processes(folder, environment) as processes:
        bench = Bench(
            folder=folder,
            settings=chosen,
            processes=processes,
            nodes=nodes,
            port=ports[0],
            core_port=ports[2],
            proxy=Steering(ports[1], ports[3]),
            core_file=core_file,
            bank=bank,
            account=account,
            partner=_connect(chosen, accounts or _list_accounts(core_file)),
            history=History(folder / "history.jsonl"),
        )
        if chosen["core"] == "http":
            bench.start_core()
            bench.start_proxy()
        bench.start_web()
        for number in range(workers):
            bench.start_worker(f"worker-{number}")
        yield bench
        bench.history.close()


def _connect(chosen: Mapping[str, object], accounts: Sequence[CoreAccount]) -> Connected:
    """Migrate the adapter's database, connect the partner."""
    settings = Settings(**chosen)  # type: ignore[arg-type]
    database = open_database(settings.database_url, pool_size=2)
    migrations.upgrade(database.writer)
    partner = connect_partner(database, settings, CUSTOMER, [one for one in accounts if one.can_be_shared])
    database.close()
    return partner


def _list_accounts(core_file: Path) -> Sequence[CoreAccount]:
    """Those of the sandbox's customer; fills an empty bank."""
    bank = open_sandbox(f"sqlite:///{core_file}", base_url="http://127.0.0.1", bank_name="Банк", clock=_Clock())
    accounts = bank.banking.list_accounts(CUSTOMER, Deadline.after(30))
    bank.database.close()
    return accounts


class _Clock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)
