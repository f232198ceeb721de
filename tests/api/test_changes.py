"""The feed over HTTP: pages, 304, waiting, wrong cursors."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from adapter.schemas.statements import ChangesBody
from adapter.store.tables import feeds
from oauth.models import consents
from tests.api.conftest import Books
from tests.fakes import Fault, entry_details


def book(books: Books, *purposes: str, account: str = "acc-1") -> None:
    for purpose in purposes:
        books.core.bank.book(account, entry_details(purpose=purpose))


def purposes(answer: Any, kind: str = "added") -> list[str]:
    return [entry["purpose"] for entry in answer.json[kind]]


def test_the_main_way_of_a_partner(books: Books) -> None:
    book(books, "a", "b", "c")
    first = books.changes(query="limit=2")
    assert (purposes(first), first.json["has_more"]) == (["a", "b"], True)
    second = books.changes(first.json["next_cursor"], "limit=2")
    assert (purposes(second), second.json["has_more"]) == (["c"], False)
    cursor, etag = second.json["next_cursor"], second.headers["ETag"]
    nothing = books.changes(cursor, If_None_Match=etag)
    assert (nothing.status_code, nothing.data) == (304, b"")
    assert nothing.headers["ETag"] == etag
    assert nothing.headers["X-As-Of"] == "2026-11-20T09:00:00+00:00"
    book(books, "d")
    books.refresh()
    news = books.changes(cursor, If_None_Match=etag)
    assert (news.status_code, purposes(news)) == (200, ["d"])
    assert news.headers["ETag"] != etag


def test_a_day_that_closes_without_entries_is_told(books: Books) -> None:
    first = books.changes()
    cursor = first.json["next_cursor"]
    books.clock.advance(days=1)
    books.token = books.give(books.account_id)  # the first one is over by now
    books.refresh()
    second = books.changes(cursor, If_None_Match=first.headers["ETag"])
    assert (second.status_code, second.json["complete_through"]) == (200, "2026-11-20")
    assert books.changes(cursor, If_None_Match=second.headers["ETag"]).status_code == 304


def test_an_answer_is_what_the_document_says(books: Books) -> None:
    book(books, 'кавычки " и \\ и перевод\nстроки')
    first = books.changes()
    assert ChangesBody().validate(first.json) == {}
    (entry,) = first.json["added"]
    assert entry == {
        "id": entry["id"],
        "account_id": books.account_id,
        "version": 1,
        "state": "booked",
        "direction": "credit",
        "amount": "1500.00",
        "currency": "RUB",
        "document_type": "payment_order",
        "number": "17",
        "date": "2026-11-20",
        "booking_date": "2026-11-20",
        "value_date": "2026-11-20",
        "counterparty": {
            "name": 'ООО "Ромашка"',
            "inn": "7830002293",
            "kpp": "783001001",
            "account": "40702810955230165464",
            "bic": "044030653",
            "bank_name": "СЕВЕРО-ЗАПАДНЫЙ БАНК, г. Санкт-Петербург",
            "correspondent_account": "30101810500000000653",
        },
        "purpose": 'кавычки " и \\ и перевод\nстроки',
        "priority": 5,
        "uin": None,
        "budget": None,
        "payment_id": None,
        "external_id": None,
        "source": "bank",
        "locked_fields": [
            "amount",
            "number",
            "date",
            "booking_date",
            "account",
            "counterparty.account",
            "counterparty.inn",
        ],
    }
    assert first.json["as_of"] == "2026-11-20T09:00:00+00:00"
    assert first.json["complete_through"] == "2026-11-19"


def test_changed_and_removed_entries_are_told_as_such(books: Books) -> None:
    ids = [books.core.bank.book("acc-1", entry_details(purpose=name)) for name in ("a", "b")]
    first = books.changes()
    books.core.bank.change("acc-1", ids[0], entry_details(purpose="a2"))
    books.core.bank.remove("acc-1", ids[1])
    books.refresh()
    second = books.changes(first.json["next_cursor"])
    assert ChangesBody().validate(second.json) == {}
    assert purposes(second, "changed") == ["a2"]
    assert second.json["changed"][0]["id"] == first.json["added"][0]["id"]
    assert second.json["removed"] == [
        {"id": first.json["added"][1]["id"], "account_id": books.account_id, "version": 2}
    ]


def test_no_304_while_the_cursor_is_behind_even_when_the_etag_is_current(books: Books) -> None:
    book(books, "a", "b")
    first = books.changes(query="limit=1")
    etag, cursor = first.headers["ETag"], first.json["next_cursor"]
    assert purposes(books.changes(cursor, "limit=1", If_None_Match=etag)) == ["b"]
    assert books.changes(If_None_Match=etag).status_code == 200


@pytest.mark.parametrize("header", ["W/{}", '"x", {}', '{}, W/"x"', "*"])
def test_every_form_of_if_none_match_is_understood(books: Books, header: str) -> None:
    first = books.changes()
    sent = header.format(first.headers["ETag"])
    assert books.changes(first.json["next_cursor"], If_None_Match=sent).status_code == 304
    assert books.changes(first.json["next_cursor"], If_None_Match='"other"').status_code == 200


def test_all_accounts_of_the_consent_come_in_one_call(books: Books) -> None:
    token = books.give(books.account_id, books.other_account_id)
    book(books, "1a")
    book(books, "2a", "2b", account="acc-2")
    seen, path = [], "/v1/changes?limit=2"
    answer = books.get(path, token=token)
    seen += purposes(answer)
    assert answer.json["has_more"]
    answer = books.get(f"{path}&cursor={answer.json['next_cursor']}", token=token)
    seen += purposes(answer)
    assert sorted(seen) == ["1a", "2a", "2b"]
    cursor, etag = answer.json["next_cursor"], answer.headers["ETag"]
    assert books.get(f"{path}&cursor={cursor}", token=token, If_None_Match=etag).status_code == 304
    book(books, "1b")
    books.refresh()
    news = books.get(f"{path}&cursor={cursor}", token=token, If_None_Match=etag)
    assert purposes(news) == ["1b"]


def test_a_payment_is_named_only_to_its_own_partner(books: Books) -> None:
    order = {
        "number": "101",
        "date": "2026-11-20",
        "amount": "1500.00",
        "external_id": "inv-1",
        "account_id": books.account_id,
        "purpose": "Оплата по договору 7 от 01.11.2026, НДС не облагается",
        "payee": {
            "name": 'ООО "Ромашка"',
            "inn": "7830002293",
            "kpp": "783001001",
            "account": "40702810955230165464",
            "bic": "044030653",
            "bank_name": "СЕВЕРО-ЗАПАДНЫЙ БАНК, г. Санкт-Петербург",
            "correspondent_account": "30101810500000000653",
        },
    }
    headers = {"Authorization": f"Bearer {books.token}", "Idempotency-Key": "k-1"}
    sent = books.app.test_client().post("/v1/payments", base_url="https://bank.example", headers=headers, json=order)
    assert sent.status_code == 201, sent.json
    books.parts.delivery.send_due()
    books.core.bank.sign(sent.json["id"])
    books.core.bank.execute(sent.json["id"])
    books.refresh()
    (mine,) = books.changes().json["added"]
    assert (mine["payment_id"], mine["external_id"]) == (sent.json["id"], "inv-1")
    answer = books.get(f"/v1/accounts/{books.account_id}/changes", token=books.give(books.account_id))
    (others,) = answer.json["added"]
    assert (others["payment_id"], others["external_id"]) == (None, None)
    payment = books.get(f"/v1/payments/{sent.json['id']}").json
    assert payment["entry_id"] == mine["id"]


def test_history_begins_where_the_consent_says(books: Books) -> None:
    for day in (dt.date(2026, 10, 31), dt.date(2026, 11, 1)):
        books.core.bank.book("acc-1", entry_details(day=day, purpose=str(day)))
    token = books.give(books.account_id, history_from=dt.date(2026, 11, 1))
    answer = books.get(f"/v1/accounts/{books.account_id}/changes", token=token)
    assert purposes(answer) == ["2026-11-01"]


def test_a_core_that_is_down_is_told_by_the_age_never_hidden(books: Books) -> None:
    book(books, "a")
    first = books.changes()
    books.core.faults.always("*", Fault.DOWN)
    books.clock.advance(minutes=6)
    again = books.changes(first.json["next_cursor"], If_None_Match=first.headers["ETag"])
    assert again.status_code == 304
    assert again.headers["X-As-Of"] == first.headers["X-As-Of"]


def test_an_account_that_was_never_read_says_so(books: Books) -> None:
    books.core.faults.always("*", Fault.DOWN)
    answer = books.changes()
    assert (answer.status_code, answer.json["as_of"], answer.json["added"]) == (200, None, [])
    assert "X-As-Of" not in answer.headers
    books.core.faults.clear()
    book(books, "a")
    books.clock.advance(seconds=11)
    assert purposes(books.changes(answer.json["next_cursor"])) == ["a"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "#query/limit"),
        ("limit=501", "#query/limit"),
        ("limit=-1", "#query/limit"),
        ("limit=1e2", "#query/limit"),
        ("limit=%D9%A1", "#query/limit"),
        ("limit=1&limit=1", "#query/limit"),
        ("limit=", "#query/limit"),
        ("wait=6", "#query/wait"),
        ("wait=x", "#query/wait"),
        ("since=2026-01-01", "#query/since"),
        ("cursor=", "#query/cursor"),
        ("cursor=" + "a" * 20_000, "#query/cursor"),
        ("%00=1", "#query/\x00"),
    ],
)
def test_a_wrong_parameter_is_told(books: Books, query: str, pointer: str) -> None:
    answer = books.account(f"/changes?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_query")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert books.account("/changes?limit=500").status_code == 200


@pytest.mark.parametrize("cursor", ["x", "MQ==", "%D1%8F", "%01", "MTs3LjEuNQ%0A", "-" * 100])
def test_a_cursor_that_was_never_given_is_refused(books: Books, cursor: str) -> None:
    answer = books.changes(cursor)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_cursor")
    assert books.changes(books.changes().json["next_cursor"]).status_code == 200


def test_a_cursor_of_another_account_is_refused(books: Books) -> None:
    token = books.give(books.account_id, books.other_account_id)
    other = books.get(f"/v1/accounts/{books.other_account_id}/changes", token=token).json["next_cursor"]
    answer = books.changes(other)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_cursor")


def test_after_a_rebuilding_the_partner_is_told_where_to_go_on(books: Books) -> None:
    book(books, "a")
    cursor = books.changes().json["next_cursor"]
    with books.parts.database.transaction() as tx:
        tx.execute(sa.update(feeds).values(generation=2))
    answer = books.changes(cursor)
    assert (answer.status_code, answer.json["code"]) == (410, "cursor_expired")
    restart = answer.json["restart"]
    assert restart["url"] == f"/v1/accounts/{books.account_id}/changes"
    assert books.changes(cursor).status_code == 410
    assert purposes(books.changes(restart["cursor"])) == []
    book(books, "b")
    books.refresh()
    assert purposes(books.changes(restart["cursor"])) == ["b"]


def test_after_a_restore_of_our_database_the_partner_is_sent_to_the_beginning(books: Books) -> None:
    book(books, "a")
    cursor = books.changes().json["next_cursor"]
    with books.parts.database.transaction() as tx:
        tx.execute(sa.update(feeds).values(generation=7, numbers_since=7))
    answer = books.changes(cursor)
    assert (answer.status_code, answer.json["code"]) == (410, "cursor_expired")
    assert answer.json["restart"] == {"url": f"/v1/accounts/{books.account_id}/changes", "cursor": None}
    assert "without a cursor" in answer.json["detail"]
    assert purposes(books.changes()) == ["a"]


def test_waiting_ends_when_something_is_booked(books: Books) -> None:
    first = books.changes()
    found: list[Any] = []
    waiting = threading.Thread(target=lambda: found.append(books.changes(first.json["next_cursor"], "wait=5")))
    waiting.start()
    book(books, "a")
    books.refresh()
    waiting.join(timeout=4)
    assert not waiting.is_alive()
    assert purposes(found[0]) == ["a"]


def test_waiting_ends_with_its_time(books: Books) -> None:
    first = books.changes()
    answer = books.changes(first.json["next_cursor"], "wait=1", If_None_Match=first.headers["ETag"])
    assert answer.status_code == 304


def test_a_consent_stopped_while_waiting_ends_with_401(books: Books) -> None:
    first = books.changes()
    found: list[Any] = []
    waiting = threading.Thread(target=lambda: found.append(books.changes(first.json["next_cursor"], "wait=1")))
    waiting.start()
    room = books.app.extensions["bank_adapter_waiting"]
    while not room._waiters:
        pass
    with books.parts.database.transaction() as tx:
        tx.execute(sa.update(consents).values(state="revoked"))
    waiting.join(timeout=5)
    assert found[0].status_code == 401


def test_a_scope_taken_away_while_waiting_ends_with_403(books: Books) -> None:
    first = books.changes()
    found: list[Any] = []
    waiting = threading.Thread(target=lambda: found.append(books.changes(first.json["next_cursor"], "wait=1")))
    waiting.start()
    room = books.app.extensions["bank_adapter_waiting"]
    while not room._waiters:
        pass
    with books.parts.database.transaction() as tx:
        tx.execute(sa.update(consents).values(scopes=["payments"]))
    waiting.join(timeout=5)
    assert found[0].status_code == 403


def test_when_all_places_are_taken_waiting_is_answered_at_once(books: Books) -> None:
    first = books.changes()
    room = books.app.extensions["bank_adapter_waiting"]
    room._places = 0
    answer = books.changes(first.json["next_cursor"], "wait=5")
    assert (answer.status_code, answer.json["added"], answer.headers["Retry-After"]) == (200, [], "5")
    assert not room._waiters
