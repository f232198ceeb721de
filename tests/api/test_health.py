"""Whether a process tells the truth about itself, and what monitoring sees."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from adapter import migrations
from adapter.connectors import Core
from adapter.connectors.guard import GuardedCore
from adapter.domain.banks import Bank, BankDirectory
from adapter.domain.core import Deadline
from adapter.parts import Parts, open_parts
from adapter.services import core_watch, worker_lanes
from adapter.store.banks import StoredBanks
from adapter.store.tables import alarms
from tests.api.conftest import Books, NobodyLogsIn
from tests.api.test_hanging_core import import_draft
from tests.fakes import Fault


def test_a_process_that_answers_is_alive(books: Books) -> None:
    assert books.app.test_client().get("/health/live").get_json() == {"status": "ok"}


def test_a_database_of_another_revision_is_not_ready(books: Books) -> None:
    answer = books.app.test_client().get("/health/ready")
    assert answer.status_code == 503
    assert "schema" in answer.get_json()["checks"]
    with books.parts.database.transaction() as tx:
        tx.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        tx.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": migrations.newest_revision()})
    assert books.app.test_client().get("/health/ready").status_code == 200


def test_a_core_that_does_not_answer_is_told_without_a_call_of_this_process(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.api.health.health_check", lambda: dict)
    monkeypatch.setattr(core_watch, "KEPT_S", 0.0)
    client = books.app.test_client()

    def told() -> tuple[int, str, bool]:
        ready = client.get("/health/ready")
        is_up = "bank_adapter_core_up 1.0" in client.get("/metrics").get_data(as_text=True)
        return ready.status_code, ready.get_json()["core"]["probe"], is_up

    assert told() == (200, "ok", True)
    books.core.faults.on("probe", Fault.DOWN, Fault.DOWN)
    status, probe, is_up = told()
    assert (status, probe.startswith("no answer"), is_up) == (200, True, False)
    assert told() == (200, "ok", True)


@pytest.fixture
def worker(books: Books) -> Parts:
    """A worker of the same database, behind a guard of its own."""
    guarded = GuardedCore(books.core, calls_max=8, failures_max=2, rest_s=30.0)
    core = Core(banking=guarded, login=NobodyLogsIn(), lanes=guarded.lanes)
    return open_parts(books.parts.settings, books.clock, core)


def test_what_only_the_worker_meets_of_a_core_is_told_by_the_web(
    books: Books, worker: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.api.health.health_check", lambda: dict)
    client = books.app.test_client()

    def ready() -> object:
        return client.get("/health/ready").get_json()["core"]["worker"]

    def metrics() -> list[str]:
        return client.get("/metrics").get_data(as_text=True).splitlines()

    assert ready() == "worker silent"
    assert "bank_adapter_worker_silent_seconds +Inf" in metrics()
    worker.lane_teller.tell()
    assert ready() == {"drafts": "not asked", "reading": "not asked"}
    worker.delivery.follow_fates()
    monkeypatch.setattr(worker_lanes, "TELL_S", 0.0)
    worker.lane_teller._rest = Deadline.after(0)
    worker.lane_teller.tell()
    assert ready() == {"drafts": "ok", "reading": "not asked"}
    assert 'bank_adapter_worker_lane_open{lane="drafts"} 0.0' in metrics()

    books.core.faults.on("pull_document_events", Fault.DOWN, Fault.DOWN)
    for _ in range(2):
        worker.delivery.follow_fates()
    worker.lane_teller.tell()
    told = ready()
    assert isinstance(told, dict)
    assert told["drafts"].endswith("after 2 failures")
    assert 'bank_adapter_worker_lane_open{lane="drafts"} 1.0' in metrics()
    books.clock.advance(seconds=90)
    assert ready() == "worker silent for 90 s"
    assert "bank_adapter_worker_silent_seconds 90.0" in metrics()
    worker.lane_teller.take_back()
    assert ready() == "worker silent"


def test_in_an_outage_what_waits_grows_old_in_the_metrics(books: Books, worker: Parts) -> None:
    client = books.app.test_client()

    def measured(name: str) -> float:
        lines = client.get("/metrics").get_data(as_text=True).splitlines()
        return float(next(line for line in lines if line.startswith(name + " ")).split()[1])

    import_draft(books, 1)
    books.refresh()
    books.core.faults.on("probe", *[Fault.DOWN] * 30)
    books.core.faults.on("submit_documents", *[Fault.DOWN] * 30)
    books.core.faults.on("pull_entries", *[Fault.DOWN] * 30)
    for _ in range(10):
        books.clock.advance(seconds=70)
        worker.delivery.send_due()
        worker.services.feeds.refresh_due([books.account_id], Deadline.after(5))
    assert measured("bank_adapter_outbox_overdue_seconds") >= 600
    assert measured("bank_adapter_feed_oldest_read_seconds") >= 600


def test_a_core_is_not_asked_at_every_look(books: Books) -> None:
    now = [100.0]
    watch = core_watch.CoreWatch(books.core, lambda: now[0])
    assert watch.read().is_up
    books.core.faults.on("probe", Fault.DOWN)
    assert watch.read().is_up
    now[0] += core_watch.KEPT_S
    assert not watch.read().is_up
    now[0] += core_watch.KEPT_S
    assert watch.read().is_up


def test_metrics_count_requests_and_tell_what_waits_and_what_alarmed(books: Books) -> None:
    client = books.app.test_client()
    client.get("/health/live")
    row = {"kind": "late_status", "subject": "pay_1", "detail": "x", "at": books.clock.now()}
    with books.parts.database.transaction() as tx:
        tx.execute(alarms.insert(), row)
    text = client.get("/metrics").get_data(as_text=True)
    assert 'bank_adapter_requests_total{endpoint="health.live",status="200"}' in text
    assert 'bank_adapter_alarms{kind="late_status"} 1.0' in text
    assert "bank_adapter_outbox_waiting 0.0" in text
    assert "bank_adapter_statement_orders_oldest_seconds 0.0" in text


def test_metrics_tell_how_old_the_directory_of_banks_is_by_its_own_day(books: Books) -> None:
    client = books.app.test_client()
    assert "bank_adapter_bank_directory_banks 0.0" in client.get("/metrics").get_data(as_text=True)
    now = books.clock.now()
    bank = Bank(bic="044525225", name="ПАО Сбербанк")
    day = now.date() - dt.timedelta(days=2)
    StoredBanks(books.parts.database).replace(BankDirectory(business_date=day, banks=[bank], file_sha256=b"x"), now)
    text = client.get("/metrics").get_data(as_text=True)
    assert "bank_adapter_bank_directory_banks 1.0" in text
    age = now - dt.datetime.combine(day, dt.time(), dt.UTC)
    assert f"bank_adapter_bank_directory_age_seconds {age.total_seconds()}" in text


def test_a_database_that_does_not_answer_is_told_with_when_to_ask_again(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly"))

    with monkeypatch.context() as broken:
        broken.setitem(books.app.view_functions, "accounts.list_accounts", gone)
        answer = books.get("/v1/accounts")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.get_json()["code"] == "unavailable"
    assert "SELECT" not in answer.get_data(as_text=True)
    assert books.get("/v1/accounts").status_code == 200
