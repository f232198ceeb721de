"""The HTTP core: the whole contract over a real server, and what it says when the other side is slow, wrong or gone."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapter.connectors.http.connection import Connection
from adapter.connectors.http.core import HttpCore
from adapter.connectors.sandbox.opening import Sandbox
from adapter.domain.core import (
    Accepted,
    CoreStatementOrder,
    Deadline,
    DocumentState,
    Mark,
    NotFound,
    Refused,
    Unknown,
)
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable, MarkUnknown
from tests.connectors.benches import SandboxBench
from tests.connectors.http_servers import HostileServer, Talk, answering, http_answer, served
from tests.fakes import FakeClock, core_document

IDS = ("p-1", "p-2")
CAPABILITIES = {
    "name": "Банк",
    "batch_size_max": 2,
    "can_withdraw": True,
    "submit_is_idempotent": True,
    "not_found_is_final_after_s": None,
    "history_days": 366,
}
UNAVAILABLE = b'{"code": "unavailable", "status": 503, "title": "later"}'


def soon() -> Deadline:
    return Deadline.after(5)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def open_http(url: str) -> HttpCore:
    return HttpCore(Connection(url), FakeClock())


@pytest.fixture
def core_bench(sandbox: Sandbox, bank_clock: FakeClock) -> Iterator[SandboxBench]:
    """The sandbox, reached as a bank's core would be."""
    bench = SandboxBench(sandbox, bank_clock)
    with served(sandbox.banking, bank_clock) as url:
        core = HttpCore(Connection(url), bank_clock)
        bench.core = core
        yield bench
        core.close()


def test_the_contract_holds_over_http(core_contract: Callable[[], None]) -> None:
    core_contract()


@pytest.fixture
def hostile() -> Iterator[HostileServer]:
    server = HostileServer(answering(b"{}"))
    yield server
    server.close()


@pytest.fixture
def core(hostile: HostileServer) -> Iterator[HttpCore]:
    """A core that already told what it can do, and from now on does what a test says."""
    hostile.talk = answering(as_json(CAPABILITIES))
    found = open_http(hostile.url)
    found.capabilities()
    hostile.requests.clear()
    yield found
    found.close()


def submit(core: HttpCore, deadline: Deadline | None = None) -> list[Any]:
    return list(core.submit_documents([core_document(one) for one in IDS], deadline or soon()))


def kinds(results: list[Any]) -> list[type]:
    return [type(result) for result in results]


# --- what it can do ---------------------------------------------------------------------------------------------------


def test_capabilities_are_asked_for_once(hostile: HostileServer, core: HttpCore) -> None:
    assert core.capabilities().not_found_is_final_after_s == float("inf")
    assert core.capabilities().can_order_statements is False
    assert hostile.requests == []


def test_until_a_core_has_told_what_it_can_do_it_is_unavailable(hostile: HostileServer) -> None:
    hostile.talk = answering(b"", "500 Oops")
    core = open_http(hostile.url)
    with pytest.raises(CoreUnavailable):
        core.capabilities()
    with pytest.raises(CoreUnavailable):
        submit(core)  # nothing was sent
    assert [request.split(b" ")[1] for request in hostile.requests] == [b"/core/v1/capabilities"]


def test_more_documents_than_the_core_takes_are_a_mistake_of_the_caller(core: HttpCore) -> None:
    with pytest.raises(ValueError, match="2"):
        core.submit_documents([core_document(f"p-{number}") for number in range(3)], soon())


# --- changing: unavailable only when surely nothing was done ----------------------------------------------------------


def test_where_nobody_listens_nothing_was_sent(hostile: HostileServer, core: HttpCore) -> None:
    hostile.close()
    with pytest.raises(CoreUnavailable):
        submit(core)


def test_after_the_deadline_nothing_is_sent(hostile: HostileServer, core: HttpCore) -> None:
    with pytest.raises(CoreUnavailable):
        submit(core, Deadline.after(0))
    assert hostile.requests == []


def test_a_core_that_promises_that_it_did_nothing_is_believed(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = answering(UNAVAILABLE, "503 Service Unavailable", Retry_After="2")
    with pytest.raises(CoreUnavailable):
        submit(core)
    with pytest.raises(CoreUnavailable):
        core.withdraw_document("p-1", "r-1", soon())


def cut(connection: socket.socket, _request: bytes) -> None:
    """Done perhaps, and no answer."""
    connection.shutdown(socket.SHUT_RDWR)


def cut_in_the_middle(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


LOST: dict[str, Talk] = {
    "cut before the answer": cut,
    "cut inside the answer": cut_in_the_middle,
    "503 of a proxy": answering(b"<html>", "503 Service Unavailable", Retry_After="2"),
    "503 without Retry-After": answering(UNAVAILABLE, "503 Service Unavailable"),
    "500": answering(b"", "500 Internal Server Error"),
    "502": answering(b"", "502 Bad Gateway"),
    "422": answering(b'{"code": "invalid_body"}', "422 Unprocessable"),
    "401": answering(b"{}", "401 Unauthorized"),
    "redirect": answering(b"", "307 Temporary Redirect", Location="http://127.0.0.1:9/"),
    "not JSON": answering(b"OK"),
    "not an object": answering(b"[]"),
    "not HTTP": lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"),
    "an encoding nobody asked for": answering(gzip.compress(b"{}"), Content_Encoding="gzip"),
    "no results": answering(b'{"results": []}'),
    "results that are no list": answering(b'{"results": {"p-1": "accepted"}}'),
    "other documents": answering(as_json({"results": [{"document_id": "p-9", "result": "refused", "code": "x"}]})),
}


@pytest.mark.parametrize("talk", LOST.values(), ids=LOST.keys())
def test_without_a_usable_answer_every_document_is_unknown(hostile: HostileServer, core: HttpCore, talk: Talk) -> None:
    hostile.talk = talk
    assert kinds(submit(core)) == [Unknown, Unknown]
    assert isinstance(core.withdraw_document("p-1", "r-1", soon()), Unknown)
    hostile.talk = answering(as_json({"results": [accepted(one) for one in IDS]}))
    assert kinds(submit(core)) == [Accepted, Accepted]


def accepted(document_id: str) -> dict[str, str]:
    return {"document_id": document_id, "result": "accepted", "core_reference": "7"}


SPOILT_RESULTS: dict[str, list[Any]] = {
    "missing": [],
    "given twice with two numbers": [accepted("p-2"), {**accepted("p-2"), "core_reference": "8"}],
    "given twice and contradicting": [accepted("p-2"), {"document_id": "p-2", "result": "unknown"}],
    "of an unknown kind": [{"document_id": "p-2", "result": "maybe"}],
    "refused without a reason": [{"document_id": "p-2", "result": "refused", "code": "no"}],
    "without an id": [{"result": "accepted", "core_reference": "7"}],
    "no object": ["p-2"],
    "with a script to sign at": [{**accepted("p-2"), "sign_url": "javascript:alert(1)"}],
}


@pytest.mark.parametrize("spoilt", SPOILT_RESULTS.values(), ids=SPOILT_RESULTS.keys())
def test_a_spoilt_result_leaves_its_own_document_unknown(
    hostile: HostileServer, core: HttpCore, spoilt: list[Any]
) -> None:
    hostile.talk = answering(as_json({"results": [*spoilt, accepted("p-1")]}))
    expected = [Unknown, Unknown] if spoilt == ["p-2"] else [Accepted, Unknown]
    assert kinds(submit(core)) == expected
    hostile.talk = answering(as_json({"results": [accepted("p-2"), accepted("p-1")], "new_member": 1}))
    assert [one.document_id for one in submit(core)] == list(IDS)


def test_a_result_that_is_told_twice_is_taken(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = answering(as_json({"results": [accepted("p-1"), accepted("p-2"), accepted("p-1")]}))
    assert submit(core) == [Accepted(document_id=one, core_reference="7") for one in IDS]


def test_a_result_of_a_document_that_was_not_sent_is_passed_over(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = answering(as_json({"results": [accepted("p-9"), accepted("p-1"), accepted("p-2")]}))
    assert [one.document_id for one in submit(core)] == list(IDS)


def test_a_refusal_is_told_with_its_reason(hostile: HostileServer, core: HttpCore) -> None:
    refused = {"document_id": "p-1", "result": "refused", "code": "blocked", "reason": "Счёт закрыт"}
    hostile.talk = answering(as_json({"results": [refused, accepted("p-2")]}))
    assert submit(core)[0] == Refused(document_id="p-1", code="blocked", reason="Счёт закрыт")


def problem(**members: Any) -> Talk:
    body = {"title": "The drafts are not taken", "status": 422, "code": "not_taken", **members}
    return answering(as_json(body), "422 Unprocessable Content")


def test_a_422_refuses_the_documents_that_it_names_and_no_other(hostile: HostileServer, core: HttpCore) -> None:
    named = {"document_id": "p-1", "code": "blocked", "reason": "Счёт закрыт"}
    hostile.talk = problem(refused=[named, {**named, "document_id": "p-9"}])
    refused, unknown = submit(core)
    assert refused == Refused(document_id="p-1", code="blocked", reason="Счёт закрыт")
    assert isinstance(unknown, Unknown)
    assert unknown.is_answer
    hostile.talk = answering(as_json({"results": [accepted(one) for one in IDS]}))
    assert kinds(submit(core)) == [Accepted, Accepted]


def test_a_reason_for_the_whole_call_refuses_a_call_of_one_document(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = problem(reason="Счёт закрыт")
    assert kinds(submit(core)) == [Unknown, Unknown]
    (refused,) = core.submit_documents([core_document("p-1")], soon())
    assert refused == Refused(document_id="p-1", code="not_taken", reason="Счёт закрыт")
    assert isinstance(core.withdraw_document("p-1", "r-1", soon()), Refused)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"reason": ""},
        {"reason": None},
        {"reason": "Счёт закрыт", "code": None},
        {"refused": [{"document_id": "p-1", "code": "blocked"}]},
        {"refused": "p-1"},
    ],
)
def test_a_422_in_another_form_refuses_nothing_and_is_told_to_staff(
    hostile: HostileServer, core: HttpCore, members: dict[str, Any]
) -> None:
    hostile.talk = problem(detail="/documents/0/order/purpose: too long", **members)
    (unknown,) = core.submit_documents([core_document("p-1")], soon())
    assert isinstance(unknown, Unknown)
    assert unknown.is_answer
    assert unknown.detail.startswith("the core answered 422")
    assert unknown.detail.endswith("/documents/0/order/purpose: too long")
    hostile.talk = problem(reason="Счёт закрыт")
    assert isinstance(core.submit_documents([core_document("p-1")], soon())[0], Refused)


def test_a_document_is_sent_once_however_the_call_ends(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = cut
    submit(core)
    assert len(hostile.requests) == 1
    assert hostile.requests[0].startswith(b"POST /core/v1/documents ")


# --- the deadline -----------------------------------------------------------------------------------------------------


def drip_of(whole: bytes, hostile: HostileServer) -> Talk:
    """A byte every now and then: no single read ever takes long."""

    def talk(connection: socket.socket, _request: bytes) -> None:
        for place in range(len(whole)):
            if hostile.stopping.wait(0.02):
                return
            connection.sendall(whole[place : place + 1])

    return talk


@pytest.mark.parametrize("is_in_headers", [True, False])
def test_a_core_that_drips_cannot_hold_a_caller(hostile: HostileServer, core: HttpCore, is_in_headers: bool) -> None:
    whole = http_answer(b'{"results": []}' + b" " * 5000)
    head = 0 if is_in_headers else whole.index(b"\r\n\r\n") + 4

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(whole[:head])
        drip_of(whole[head:], hostile)(connection, request)

    hostile.talk = talk
    began = time.monotonic()
    assert kinds(submit(core, Deadline.after(0.4))) == [Unknown, Unknown]
    assert 0.3 < time.monotonic() - began < 2.0
    with pytest.raises(CoreUnavailable):
        core.list_accounts("cus-1", Deadline.after(0.2))


def test_a_core_that_says_nothing_cannot_hold_a_caller(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = lambda _connection, _request: hostile.stopping.wait(20)
    began = time.monotonic()
    assert kinds(submit(core, Deadline.after(0.3))) == [Unknown, Unknown]
    assert time.monotonic() - began < 2.0


def test_the_core_is_told_how_long_it_has(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = answering(as_json({"accounts": []}))
    core.list_accounts("cus-1", Deadline.after(3))
    (line,) = [one for one in hostile.requests[0].split(b"\r\n") if one.lower().startswith(b"x-request-deadline")]
    assert 2.0 < float(line.split(b":")[1]) <= 3.0


def test_an_endless_answer_is_cut(hostile: HostileServer, core: HttpCore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.connectors.http.connection.ANSWER_BYTES_MAX", 10_000)

    def talk(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not hostile.stopping.is_set():
            connection.sendall(b"400\r\n" + b" " * 1024 + b"\r\n")

    hostile.talk = talk
    with pytest.raises(CoreUnavailable):
        core.list_accounts("cus-1", soon())
    hostile.talk = answering(as_json({"accounts": []}))
    assert core.list_accounts("cus-1", soon()) == []


# --- reading: whatever goes wrong, asking again is safe ---------------------------------------------------------------


@pytest.mark.parametrize("talk", LOST.values(), ids=LOST.keys())
def test_reading_without_a_usable_answer_is_unavailable(hostile: HostileServer, core: HttpCore, talk: Talk) -> None:
    hostile.talk = talk
    with pytest.raises(CoreUnavailable):
        core.pull_entries("acc-1", None, 10, soon())
    with pytest.raises(CoreUnavailable):
        core.find_documents(["p-1"], soon())
    assert core.probe(soon()).is_up is False
    hostile.talk = answering(as_json({"documents": [{"document_id": "p-1", "found": False}]}))
    assert core.find_documents(["p-1"], soon()) == [NotFound(document_id="p-1")]


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "422 No"])
def test_an_error_about_the_question_is_told_apart_from_a_core_that_is_gone(
    hostile: HostileServer, core: HttpCore, status: str
) -> None:
    hostile.talk = answering(b'{"code": "no_such_account", "detail": "A-1 is closed"}', status)
    with pytest.raises(CoreAnswerWrong) as wrong:
        core.pull_entries("acc-1", None, 10, soon())
    assert wrong.value.call == "accounts"
    assert wrong.value.what == f"the core answered {status[:3]} no_such_account: A-1 is closed"
    assert "A-1" not in str(wrong.value), "partners read this"
    for later in ("408 Timeout", "429 Too Many", "500 Oops", "503 Later"):
        hostile.talk = answering(b"{}", later)
        with pytest.raises(CoreUnavailable) as gone:
            core.pull_entries("acc-1", None, 10, soon())
        assert not isinstance(gone.value, CoreAnswerWrong)
    hostile.talk = answering(page())
    assert core.pull_entries("acc-1", None, 10, soon()).mark


def page(**changed: Any) -> bytes:
    whole = {"entries": [], "mark": "m", "has_more": False, "as_of": "2026-11-20T12:00:00+03:00"}
    return as_json({**whole, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"mark": ""},
        {"mark": "я" * 300},
        {"mark": None},
        {"has_more": "no"},
        {"as_of": "2026-11-20T12:00:00"},
        {"as_of": 1},
        {"entries": [{"entry_id": "e-1"}]},
        {"entries": [{"entry_id": "e-1", "removed": "yes"}]},
        {"closed_days": [{"day": "2026-11-20", "currency": "RUB", "opening": 1.5, "closing": "1.50"}]},
        {"closed_days": [{"day": "20.11.2026", "currency": "RUB", "opening": "1.50", "closing": "1.50"}]},
        {"mark": "at-first", "has_more": True},
    ],
)
def test_a_page_with_one_thing_wrong_is_not_taken(
    hostile: HostileServer, core: HttpCore, changed: dict[str, Any]
) -> None:
    hostile.talk = answering(page(**changed))
    with pytest.raises(CoreUnavailable):
        core.pull_entries("acc-1", Mark("at-first"), 10, soon())
    hostile.talk = answering(page(entries=[{"entry_id": "e-1", "removed": True}], a_new_member={}))
    assert [one.core_id for one in core.pull_entries("acc-1", Mark("at-first"), 10, soon()).entries] == ["e-1"]


def test_a_mark_that_the_core_no_longer_knows_is_told_apart(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = answering(b'{"code": "mark_unknown"}', "410 Gone")
    with pytest.raises(MarkUnknown):
        core.pull_entries("acc-1", Mark("old"), 10, soon())
    with pytest.raises(MarkUnknown):
        core.pull_document_events(Mark("old"), 10, soon())
    hostile.talk = answering(b"gone", "410 Gone")  # of a proxy
    with pytest.raises(CoreUnavailable):
        core.pull_entries("acc-1", Mark("old"), 10, soon())


@pytest.mark.parametrize(
    "told",
    [
        [],
        [{"document_id": "p-2", "found": False}],
        [{"document_id": "p-1", "found": False}, {"document_id": "p-1", "found": False}],
        [{"document_id": "p-1", "found": True, "status": "queued", "at": "2026-11-20T12:00:00Z"}],
        [{"document_id": "p-1"}],
    ],
)
def test_an_answer_about_other_documents_is_never_taken_for_not_found(
    hostile: HostileServer, core: HttpCore, told: list[Any]
) -> None:
    hostile.talk = answering(as_json({"documents": told}))
    with pytest.raises(CoreUnavailable):
        core.find_documents(["p-1"], soon())
    found = {"document_id": "p-1", "found": True, "status": "signed", "at": "2026-11-20T12:00:00Z"}
    hostile.talk = answering(as_json({"documents": [found]}))
    (state,) = core.find_documents(["p-1"], soon())
    assert isinstance(state, DocumentState)


def test_accounts_of_another_customer_are_not_shown(hostile: HostileServer, core: HttpCore) -> None:
    account = {
        "account_id": "a-1",
        "customer_id": "cus-1",
        "number": "40702810400170001001",
        "bic": "044525987",
        "currency": "RUB",
        "name": "Расчётный",
        "owner": {"name": "ООО"},
        "status": "open",
    }
    hostile.talk = answering(as_json({"accounts": [account, {**account, "customer_id": "cus-2"}]}))
    with pytest.raises(CoreUnavailable):
        core.list_accounts("cus-1", soon())
    hostile.talk = answering(as_json({"accounts": [account]}))
    assert [one.core_id for one in core.list_accounts("cus-1", soon())] == ["a-1"]


def test_balances_come_in_the_order_asked_whatever_the_core_does(hostile: HostileServer, core: HttpCore) -> None:
    told = [
        {"account_id": one, "currency": "RUB", "booked": "-1.00", "available": "0", "as_of": "2026-11-20T12:00:00Z"}
        for one in ("b", "c", "a")
    ]
    hostile.talk = answering(as_json({"balances": told}))
    assert [one.core_account_id for one in core.read_balances(["a", "x", "b"], soon())] == ["a", "b"]


def test_ids_are_one_segment_of_the_address(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = answering(as_json({"accounts": []}))
    core.list_accounts("a/../b?c#d", soon())
    assert hostile.requests[0].split(b" ")[1] == b"/core/v1/customers/a%2F..%2Fb%3Fc%23d/accounts"
    for dots in ("..", "."):
        with pytest.raises(CoreUnavailable):
            core.list_accounts(dots, soon())
    assert len(hostile.requests) == 1


def test_a_statement_of_another_order_is_not_taken(hostile: HostileServer, core: HttpCore) -> None:
    hostile.talk = answering(as_json({"order_id": "o-2", "state": "pending"}))
    with pytest.raises(CoreUnavailable):
        core.read_statement("o-1", soon())
    assert core.read_statement("o-2", soon()).order_id == "o-2"


def test_threads_do_not_take_each_others_time(sandbox: Sandbox, bank_clock: FakeClock) -> None:
    """What belongs to a call is kept by thread: one that is out of time does not end another."""
    with served(sandbox.banking, bank_clock) as url:
        core = HttpCore(Connection(url), bank_clock)
        results: list[object] = []

        def hurry() -> None:
            for _ in range(20):
                try:
                    core.list_accounts("vega", Deadline.after(0.0001))
                except CoreUnavailable:
                    results.append("late")

        def take_time() -> None:
            results.extend(len(core.list_accounts("vega", soon())) for _ in range(20))

        threads = [threading.Thread(target=job) for job in (hurry, take_time, hurry, take_time)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        core.close()
    assert results.count(3) == 40


def test_an_ordered_statement_comes_over_http(sandbox: Sandbox, bank_clock: FakeClock) -> None:
    today = bank_clock.now().date()
    order = CoreStatementOrder(id="o-1", core_account_id="vega-main", date_from=today, date_to=today)
    with served(sandbox.banking, bank_clock) as url:
        core = HttpCore(Connection(url), bank_clock)
        core.order_statement(order, soon())
        assert core.read_statement("o-1", soon()) == sandbox.banking.read_statement("o-1", soon())
        core.close()
