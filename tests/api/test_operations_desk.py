"""The staff's desk over the real services: what is stuck is told and decided, the link is told, words exist for all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import adapter
from adapter.api.operations_desk import OperationsDesk
from adapter.commands.feed import BY_STAFF
from adapter.domain.alarms import AlarmKind, dump_facts
from adapter.domain.core import Capabilities, Deadline
from adapter.domain.errors import CoreUnavailable
from adapter.domain.fates import Source
from adapter.domain.lanes import LaneState
from adapter.domain.link import LinkStatus
from adapter.domain.payments import PaymentStatus
from adapter.domain.reconciliation import MismatchKind
from adapter.domain.stuck import SEEN_STATUSES, Refusal, Why
from adapter.services import feeds, following
from adapter.store import accounts, adoption
from adapter.store.alarms import raise_once
from adapter.store.worker_lanes import WorkerLanes
from oauth import ActionRefused, Clerk, CoreSilent, Seen, UnknownThing, audit
from oauth.web import operations_words as words
from tests.api.conftest import Books
from tests.fakes import Fault

WRITES_ALARMS = re.compile(r"alarms\.insert\(|insert\(alarms\)")
CLERK = Clerk(staff_id="st_olga", ip="10.0.0.7", reason="нашли в АБС")
ORDER = {
    "external_id": "inv-1",
    "number": "118",
    "amount": "1500.00",
    "payee": {"name": "ООО «Вектор»", "account": "40702810900000005555", "bic": "044525225", "inn": "7707083893"},
    "purpose": "Оплата по счёту 17. Без НДС",
}


@pytest.fixture
def desk(books: Books) -> OperationsDesk:
    return OperationsDesk(books.parts.services)


@pytest.fixture
def payment_id(books: Books) -> str:
    """A payment that reached a core which does not tell of it and never proves that it is absent."""
    proof_never_comes = replace(
        books.core.capabilities(), submit_is_idempotent=False, not_found_is_final_after_s=float("inf")
    )
    books.core.bank.capabilities = lambda: proof_never_comes  # type: ignore[method-assign]
    found = submit(books)
    books.core.faults.on("submit_documents", Fault.LOST_BEFORE)
    for _ in range(3):
        books.parts.delivery.send_due()
        books.clock.advance(seconds=61)
    return found


def submit(books: Books) -> str:
    sent = ORDER | {"account_id": books.account_id, "date": books.clock.now().date().isoformat()}
    answer = books.app.test_client().post(
        "/v1/payments", json=sent, headers={"Authorization": f"Bearer {books.token}", "Idempotency-Key": "k1"}
    )
    assert answer.status_code == 201, answer.get_json()
    found: str = answer.get_json()["id"]
    return found


def version_of(desk: OperationsDesk, payment_id: str) -> str:
    return desk.read_document(payment_id).version


def events(books: Books) -> Sequence[audit.Event]:
    with books.parts.database.reading() as connection:
        return [
            event for event in audit.list_events(connection) if event.action.partition(".")[0] in ("document", "alarm")
        ]


def test_a_stuck_document_is_told_and_adopted_with_who_and_why_in_the_audit_log(
    books: Books, desk: OperationsDesk, payment_id: str
) -> None:
    (listed,) = desk.list_documents(10, 0)
    assert (listed.payment_id, listed.number, str(listed.amount), listed.why) == (
        payment_id,
        "118",
        "1500.00",
        "unknown_to_core",
    )
    with pytest.raises(ActionRefused) as refused:
        desk.adopt_document(payment_id, version_of(desk, payment_id), CLERK, None)
    assert refused.value.code == "not_found"
    assert (
        desk.adopt_document(
            payment_id, version_of(desk, payment_id), CLERK, Seen(status="signed", core_reference="A-17")
        )
        == "signed"
    )
    assert desk.list_documents(10, 0) == []
    document = desk.read_document(payment_id)
    assert (document.status, document.core_reference, document.since) == ("signed", "A-17", None)
    assert (document.history[-1].source, document.history[-1].is_followed) == ("staff", True)
    (event,) = events(books)
    assert (event.action, event.actor, event.ip) == (
        "document.adopted",
        audit.Actor(kind="staff", id="st_olga"),
        "10.0.0.7",
    )
    assert (event.partner_id, event.consent_id) == (document.partner_id, document.consent_id)
    assert event.detail["reason"] == "нашли в АБС"
    with books.parts.database.reading() as connection:
        assert audit.find_break(connection) is None


def test_the_partner_sees_whose_word_it_is(books: Books, desk: OperationsDesk, payment_id: str) -> None:
    desk.adopt_document(payment_id, version_of(desk, payment_id), CLERK, Seen(status="signed", core_reference="A-17"))
    told = books.get(f"/v1/payments/{payment_id}").get_json()
    assert told["status"] == "signed"
    assert told["status_history"][-1]["source"] == "staff"
    assert "st_olga" not in str(told)


def test_a_document_confirmed_absent_is_sent_by_the_worker(books: Books, desk: OperationsDesk, payment_id: str) -> None:
    desk.send_document_again(payment_id, version_of(desk, payment_id), CLERK)
    with pytest.raises(ActionRefused) as refused:
        desk.send_document_again(payment_id, version_of(desk, payment_id), CLERK)
    assert refused.value.code == "moved_on"
    books.parts.delivery.send_due()
    assert books.core.bank.made[payment_id] == 1
    assert [event.detail["end"] for event in events(books)] == ["sent_again"]


def test_a_silent_core_decides_nothing(books: Books, desk: OperationsDesk, payment_id: str) -> None:
    books.core.faults.on("find_documents", Fault.DOWN)
    with pytest.raises(CoreSilent):
        desk.send_document_again(payment_id, version_of(desk, payment_id), CLERK)
    assert events(books) == []
    desk.ask_about_document(payment_id, CLERK)


def test_unknown_things_are_told_so(desk: OperationsDesk) -> None:
    with pytest.raises(UnknownThing):
        desk.read_document("pay_nobody")
    with pytest.raises(UnknownThing):
        desk.ask_about_document("pay_nobody", CLERK)
    with pytest.raises(UnknownThing):
        desk.acknowledge_alarm(17, CLERK)


def test_an_alarm_is_acknowledged_once(books: Books, desk: OperationsDesk, payment_id: str) -> None:
    (alarm,) = desk.list_alarms(10)
    assert (alarm.kind, alarm.subject) == ("needs_person", payment_id)
    desk.acknowledge_alarm(alarm.id, CLERK)
    desk.acknowledge_alarm(alarm.id, CLERK)
    assert desk.list_alarms(10) == []
    assert [event.detail["subject"] for event in events(books)] == [payment_id]
    text = books.app.test_client().get("/metrics").get_data(as_text=True)
    assert "bank_adapter_alarms_open 0.0" in text
    assert 'bank_adapter_alarms{kind="needs_person"} 1.0' in text


def test_the_link_is_told_with_what_waits(books: Books, desk: OperationsDesk, payment_id: str) -> None:
    assert (desk.read_link().status, desk.read_link().is_worker_silent) == ("idle", True)
    lane = LaneState(name="drafts", is_open=False, open_for_s=0, rests_s=0, failures=0, running=0, calls_max=2)
    WorkerLanes(books.parts.database).tell("host:1:aa", [lane], books.clock.now())
    link = desk.read_link()
    assert [(one.process, one.name) for one in link.lanes] == [("host:1:aa", "drafts")]
    assert (link.core_name, link.status, link.for_a_person, link.errands_waiting) == ("fake", "up", 1, 0)
    books.core.faults.on("probe", Fault.DOWN)
    assert desk.read_link().status == "down"
    assert books.parts.services.feeds.refresh(books.account_id, Deadline.after(5))


def test_the_link_to_a_core_that_was_never_reached_is_told_too(
    books: Books, desk: OperationsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_told() -> Capabilities:
        raise CoreUnavailable("what the core can do is not known yet")

    monkeypatch.setattr(books.core.bank, "capabilities", never_told)
    books.core.faults.on("probe", Fault.DOWN)
    link = desk.read_link()
    assert (link.core_name, link.status) == ("", "down")
    monkeypatch.undo()
    assert desk.read_link().core_name == "fake"


def test_everything_that_pages_may_meet_has_words() -> None:
    assert set(words.DOCUMENT_STATES) == set(PaymentStatus)
    assert set(words.DOCUMENT_SOURCES) == set(Source)
    assert set(words.DOCUMENT_REFUSALS) == set(Refusal)
    assert set(words.DOCUMENT_REASONS) == {why.name.lower() for why in Why}
    assert set(words.MISMATCHES) == set(MismatchKind)
    assert set(words.LINK_STATES) == set(words.LINK_DETAILS) == set(LinkStatus)
    assert set(words.ALARMS) == set(AlarmKind)
    assert SEEN_STATUSES[0] is PaymentStatus.AWAITING_SIGNATURE


def test_every_alarm_is_raised_under_a_kind_that_has_words() -> None:
    """One module writes them, and its functions take nothing but an AlarmKind; what else writes is found here."""
    writers = {
        path.name for path in Path(adapter.__file__).parent.rglob("*.py") if WRITES_ALARMS.search(path.read_text())
    }
    assert writers == {"alarms.py"}
    raised = {
        name
        for path in Path(adapter.__file__).parent.rglob("*.py")
        if path.name != "operations_words.py"
        for name in re.findall(r"AlarmKind\.([A-Z_]+)", path.read_text())
    }
    assert raised == {kind.name for kind in AlarmKind}, "a kind that nobody raises needs no words"


def test_every_text_of_an_alarm_has_words() -> None:
    """The texts are the constants of the modules that raise alarms or answer why a document cannot be recreated."""
    named = {**vars(following), **vars(adoption)}
    why = {
        value
        for name, value in named.items()
        if name.isupper() and isinstance(value, str) and not isinstance(value, AlarmKind) and value.isascii()
    }
    assert following.NOT_OURS in why
    assert adoption.NO_ACCOUNT in why
    assert set(words.ALARM_TEXTS) == why | {feeds.CORE_RESTORED, BY_STAFF}
    assert set(accounts.DETAILS.values()) <= words.SAID_BY_KIND


def test_alarms_tell_facts_and_know_whether_the_payment_is_here(
    books: Books, desk: OperationsDesk, payment_id: str
) -> None:
    now = books.clock.now()
    with books.parts.database.transaction() as tx:
        raise_once(tx, AlarmKind.UNKNOWN_DOCUMENT, {"pay_lost": following.NOT_OURS}, now)
        raise_once(tx, AlarmKind.FOREIGN_ENTRY, {"en_1": dump_facts(account="acc_1", payment="pay_2")}, now)
    foreign, unknown, waits = desk.list_alarms(10)
    assert (foreign.facts, foreign.text) == ({"account": "acc_1", "payment": "pay_2"}, "")
    assert (unknown.payment_id, unknown.text) == (None, following.NOT_OURS)
    assert (waits.payment_id, waits.facts) == (payment_id, {"why": "unknown_to_core"})
