"""`bank-adapter documents …`: what a bank's administrator sees and may do, over the sandbox bank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from adapter.cli import main
from adapter.connectors.sandbox.opening import open_sandbox
from adapter.domain.core import Deadline
from adapter.domain.payments import Payment
from adapter.parts import SystemClock
from adapter.store.database import Database, open_database
from adapter.store.stuck import ask_person
from adapter.store.tables import outbox
from oauth import audit
from tests.payment_desk import Desk


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    bank_url = f"sqlite:///{tmp_path}/bank.db"
    monkeypatch.setenv("BANK_ADAPTER_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("BANK_ADAPTER_SANDBOX_DATABASE_URL", bank_url)
    monkeypatch.chdir(tmp_path)
    bank = open_sandbox(bank_url, base_url="http://localhost", bank_name="Банк «Заря»", clock=SystemClock())
    with bank.database.reading() as connection:
        customer = connection.execute(sa.text("SELECT min(id) FROM sandbox_customers")).scalar_one()
    database = open_database(sqlite_url)
    yield Desk(database, bank.banking, SystemClock(), customer)
    database.close()
    bank.database.close()


def stuck(desk: Desk, *, is_sent: bool = True) -> Payment:
    """A payment that waits for a person; the sandbox has it where it was sent."""
    payment, _ = desk.submit(desk.order("inv-1", date=desk.clock.now().date()))
    (errand,) = desk.outbox.lease_errands("dead", 60.0, 10)
    if is_sent:
        desk.core.submit_documents([errand.document], Deadline.after(10))
    with desk.database.transaction() as tx:
        ask_person(tx, {payment.id: "the connector fails on it"}, desk.clock.now())
    return payment


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["documents", *arguments])


def version_of(desk: Desk, payment: Payment) -> str:
    return desk.stuck.read(payment.id).version


def last_event(database: Database) -> audit.Event:
    with database.reading() as connection:
        return audit.list_events(connection)[0]


def test_what_waits_is_listed_and_shown(desk: Desk) -> None:
    payment = stuck(desk)
    listed = run("list")
    assert (listed.exit_code, listed.output.count("\n")) == (0, 1)
    assert f"{payment.id}  sending" in listed.output
    assert "the connector fails on it" in listed.output
    shown = run("show", payment.id)
    assert "partner pa_1, consent cn_1, attempts 1" in shown.output
    assert "partner  received" in shown.output
    assert run("show", "pay_nobody").exit_code == 1


def test_what_the_core_has_is_adopted_and_never_sent_again(desk: Desk) -> None:
    payment = stuck(desk)
    assert run("adopt", payment.id).exit_code == 2, "a reason is needed"
    refused = run("send-again", payment.id, "--reason", "нет", "--yes", "--seen", version_of(desk, payment))
    assert (refused.exit_code, "the core has it" in refused.output) == (1, True)
    adopted = run("adopt", payment.id, "--reason", "есть в АБС")
    assert adopted.exit_code == 0, adopted.output
    assert f"{payment.id} is awaiting_signature." in adopted.output
    event = last_event(desk.database)
    assert event.action == "document.adopted"
    assert event.actor.kind == "system"
    assert event.actor.id.startswith("os:")
    assert event.detail["reason"] == "есть в АБС"
    again = run("adopt", payment.id, "--reason", "есть в АБС")
    assert (again.exit_code, "does not wait" in again.output) == (1, True)


def test_what_was_seen_is_told_whole_and_not_against_a_proof(desk: Desk) -> None:
    payment = stuck(desk, is_sent=False)
    assert run("adopt", payment.id, "--reason", "есть", "--status", "signed").exit_code == 2
    refused = run("adopt", payment.id, "--reason", "есть")
    assert "say so with --status and --core-reference" in refused.output
    with desk.database.transaction() as tx:
        tx.execute(outbox.update().values(last_sent_at=None))
    seen = ("--status", "signed", "--core-reference", "A-1")
    assert "proves" in run("adopt", payment.id, "--reason", "есть", *seen).output
    with desk.database.transaction() as tx:
        tx.execute(outbox.update().values(last_sent_at=desk.clock.now()))
    assert run("adopt", payment.id, "--reason", "есть", *seen).exit_code == 0


def test_what_is_absent_is_sent_again_after_a_question(desk: Desk) -> None:
    payment = stuck(desk, is_sent=False)
    asked = run("send-again", payment.id, "--reason", "нет в АБС")
    assert (asked.exit_code, "Have you made sure" in asked.output) == (1, True)
    assert desk.stuck.read(payment.id).since is not None
    assert run("send-again", payment.id, "--reason", "нет в АБС", "--yes").exit_code == 2, "absent since when?"
    seen = version_of(desk, payment)
    assert f"version {seen}\n" in run("show", payment.id).output
    stale = run("send-again", payment.id, "--reason", "нет в АБС", "--yes", "--seen", "7" + seen)
    assert (stale.exit_code, "was sent since you looked" in stale.output) == (1, True)
    sent = run("send-again", payment.id, "--reason", "нет в АБС", "--yes", "--seen", version_of(desk, payment))
    assert sent.exit_code == 0, sent.output
    # The consent of this desk is not in the database: nothing goes to the bank on its behalf.
    assert "the worker cancels it now" in sent.output
    assert last_event(desk.database).detail["end"] == "cancelled"


def test_the_core_is_asked_again_without_a_word_about_the_document(desk: Desk) -> None:
    payment = stuck(desk)
    assert run("ask-again", payment.id, "--reason", "коннектор исправлен").exit_code == 0
    assert desk.stuck.list_stuck(10) == []
    desk.drained()
    assert desk.read(payment.id).status == "awaiting_signature"
