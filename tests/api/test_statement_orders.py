"""Ordered statements over HTTP: order, ask, fetch, resume; who may see them and for how long."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import Any

import pytest
from werkzeug.test import TestResponse

from adapter.api.stopping import AccessEnded
from adapter.domain import statement_orders as domain
from adapter.schemas.statement_orders import StatementOrderBody
from adapter.store import statement_orders as records
from tests.api.conftest import ISSUER, Books
from tests.fakes import Fault, entry_details

PERIOD = {"from": "2026-11-01", "to": "2026-11-20"}


def order(books: Books, key: str = "key-1", token: str | None = None, **body: Any) -> TestResponse:
    """Order 1C text of November; None takes a member out."""
    sent = {"account_id": books.account_id, "format": "1c", **PERIOD, **body}
    return books.app.test_client().post(
        "/v1/statement-orders",
        json={name: value for name, value in sent.items() if value is not None},
        base_url=ISSUER,
        headers={"Authorization": f"Bearer {token or books.token}", "Idempotency-Key": key},
    )


def make(books: Books, **body: Any) -> str:
    """The address of an ordered statement that was made."""
    for n in range(3):
        books.core.bank.book("acc-1", entry_details(f"{n + 1}.00", purpose=f"Счёт {n} «Ёж»"))
    location = order(books, **body).headers["Location"]
    assert books.parts.maker.make_next()
    return location


def test_an_ordered_statement_is_made_and_fetched(books: Books) -> None:
    books.core.bank.book("acc-1", entry_details())
    answer = order(books, encoding="utf-8")
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "2")
    location, told = answer.headers["Location"], answer.json
    assert location == f"/v1/statement-orders/{told['id']}"
    assert StatementOrderBody().validate(told) == {}
    assert (told["status"], told["progress"], told["encoding"]) == ("queued", 0, "utf-8")
    assert books.get(location).json == told

    assert books.parts.maker.make_next()
    ready = books.get(location)
    assert StatementOrderBody().validate(ready.json) == {}
    assert (ready.json["status"], ready.json["progress"]) == ("ready", 100)
    assert "Retry-After" not in ready.headers
    assert dt.datetime.fromisoformat(ready.json["expires_at"]) == books.clock.now() + dt.timedelta(hours=72)

    direct = books.account("/statement?from=2026-11-01&to=2026-11-20&format=1c&encoding=utf-8")
    file = books.get(f"{location}/file")
    assert (file.status_code, file.data) == (200, direct.data)
    digest = hashlib.sha256(file.data).digest()
    assert ready.json["sha256"] == digest.hex()
    assert file.headers["ETag"] == f'"{digest.hex()}"'
    assert file.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert int(file.headers["Content-Length"]) == len(file.data) == ready.json["size"]
    for name in ("Content-Type", "Content-Disposition", "X-As-Of"):
        assert file.headers[name] == direct.headers[name]
    assert not books.parts.maker.make_next()


@pytest.mark.parametrize("shape", ["json", "1c"])
def test_the_defaults_of_a_shape_are_told(books: Books, shape: str) -> None:
    location = make(books, format=shape)
    told = books.get(location).json
    assert told.get("encoding") == {"json": None, "1c": "windows-1251"}[shape]
    assert (
        books.get(f"{location}/file").data
        == books.account(f"/statement?from=2026-11-01&to=2026-11-20&format={shape}").data
    )


def test_the_same_key_and_body_is_the_same_order(books: Books) -> None:
    first = order(books)
    assert books.parts.maker.make_next()
    again = order(books)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert (again.json["id"], again.json["status"]) == (first.json["id"], "ready")
    other = order(books, encoding="utf-8")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert order(books, key="key-2", encoding="utf-8").status_code == 202


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"account_id": None}, "/account_id", "required"),
        ({"account_id": 7}, "/account_id", "not_text"),
        ({"from": None}, "/from", "required"),
        ({"from": "20261101"}, "/from", "bad_date"),
        ({"from": "2026-02-30"}, "/from", "bad_date"),
        ({"to": 20261101}, "/to", "bad_date"),
        ({"to": "2026-10-31"}, "/to", "period_is_backwards"),
        ({"to": "2026-11-21"}, "/to", "period_in_future"),
        ({"from": "2025-11-19"}, "/from", "before_history"),
        ({"format": None}, "/format", "required"),
        ({"format": "docx"}, "/format", "unknown_value"),
        ({"encoding": "koi8-r"}, "/encoding", "unknown_value"),
        ({"format": "json", "encoding": "utf-8"}, "/encoding", "option_of_another_format"),
        ({"page": 2}, "/page", "unknown_field"),
        ({"a/b~\0": 2}, "/a~1b~0\0", "unknown_field"),
    ],
)
def test_a_wrong_order_is_told_and_not_stored(books: Books, body: dict[str, Any], pointer: str, code: str) -> None:
    answer = order(books, **body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_statement_order")
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [(pointer, code)]
    assert order(books).status_code == 202


def test_a_period_has_years_but_not_more_than_allowed(books: Books) -> None:
    token = books.give(books.account_id, history_from=dt.date(2015, 1, 1))
    refused = order(books, token=token, **{"from": "2021-11-20", "to": "2026-11-20"})
    assert refused.json["errors"][0]["code"] == "period_is_too_long"
    assert order(books, token=token, **{"from": "2021-11-20", "to": "2026-11-19"}).status_code == 202


def test_the_possible_values_are_told(books: Books) -> None:
    for body, values in (({"format": "docx"}, "json, 1c, mt940"), ({"encoding": "koi8-r"}, "windows-1251, utf-8")):
        assert values in order(books, **body).json["errors"][0]["message"]


@pytest.mark.parametrize("body", [b"[]", b"7", b'"a"'])
def test_a_body_that_is_no_object_is_told(books: Books, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {books.token}", "Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = books.app.test_client().post("/v1/statement-orders", data=body, base_url=ISSUER, headers=headers)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "not_object")


def test_an_account_outside_the_consent_is_not_found(books: Books) -> None:
    answer = order(books, account_id=books.other_account_id)
    unknown = order(books, account_id="acc_unknown")
    assert (
        (answer.status_code, answer.json["code"]) == (404, "not_found") == (unknown.status_code, unknown.json["code"])
    )
    assert order(books).status_code == 202


def test_a_key_is_needed_and_the_scope_too(books: Books) -> None:
    assert order(books, key="").json["code"] == "bad_idempotency_key"
    payments_only = books.give(books.account_id, scope="payments")
    assert order(books, token=payments_only).status_code == 403
    assert order(books).status_code == 202


def test_a_consent_has_few_unfinished_orders_at_a_time(books: Books) -> None:
    for n in range(10):
        assert order(books, key=f"k{n}").status_code == 202
    refused = order(books, key="k10")
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_statement_orders")
    assert refused.headers["Retry-After"]
    assert order(books, key="k3").status_code == 200
    assert order(books, token=books.give(books.account_id)).status_code == 202
    while books.parts.maker.make_next():
        pass
    assert order(books, key="k10").status_code == 202


def test_nobody_else_sees_an_order(books: Books) -> None:
    location = make(books)
    stranger = books.give(books.account_id)
    unknown = books.get("/v1/statement-orders/sto_unknown", token=stranger)
    for path in (location, f"{location}/file"):
        foreign = books.get(path, token=stranger)
        assert foreign.status_code == 404
        assert without_request(foreign.json) == without_request(unknown.json)
        assert books.get(path).status_code == 200


def without_request(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


def test_an_account_taken_out_of_the_consent_takes_its_files_along(books: Books) -> None:
    location = make(books)
    consents = books_consents(books, account_ids=[books.other_account_id])
    assert books.get(location).status_code == books.get(f"{location}/file").status_code == 404
    books.parts.maker.sweep()
    assert count_pieces(books) == 0
    consents([books.account_id])
    assert books.get(location).json["status"] == "expired"


def test_a_consent_that_ended_takes_its_files_and_unfinished_orders_along(books: Books) -> None:
    location = make(books)
    order(books, key="unfinished")
    client = books.app.test_client()
    headers = {"Authorization": f"Bearer {books.token}"}
    assert client.delete("/v1/consent", base_url=ISSUER, headers=headers).status_code == 204
    assert books.get(f"{location}/file").status_code == 401
    books.parts.maker.sweep()
    assert count_pieces(books) == 0
    assert not books.parts.maker.make_next()


def books_consents(books: Books, account_ids: list[str]) -> Any:
    """Put these accounts in place of the consent's; answers the same deed for later."""
    from oauth.models import consents

    def put(ids: list[str]) -> None:
        with books.parts.database.transaction() as tx:
            tx.execute(consents.update().values(account_ids=ids))

    put(account_ids)
    return put


def count_pieces(books: Books) -> int:
    with books.parts.database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM statement_order_chunks").scalar_one())


def test_monitoring_sees_orders_by_status_and_the_age_of_the_oldest(books: Books) -> None:
    make(books)
    order(books, key="waiting")
    books.clock.advance(seconds=90)
    text = books.app.test_client().get("/metrics").get_data(as_text=True)
    assert 'bank_adapter_statement_orders{status="ready"} 1.0' in text
    assert 'bank_adapter_statement_orders{status="queued"} 1.0' in text
    assert "bank_adapter_statement_orders_oldest_seconds 90.0" in text


def test_before_it_is_ready_there_is_no_file(books: Books) -> None:
    location = order(books).headers["Location"]
    answer = books.get(f"{location}/file")
    assert (answer.status_code, answer.json["code"]) == (409, "not_ready")
    assert answer.headers["Retry-After"]
    books.parts.maker.make_next()
    assert books.get(f"{location}/file").status_code == 200


def test_after_its_time_the_file_is_gone(books: Books) -> None:
    location = make(books)
    books.clock.advance(hours=72)
    let_token_live(books)
    answer = books.get(f"{location}/file")
    assert (answer.status_code, answer.json["code"]) == (410, "statement_expired")
    assert books.get(location).json["status"] == "expired"
    books.parts.maker.sweep()
    assert count_pieces(books) == 0
    assert books.get(f"{location}/file").status_code == 410
    assert order(books, key="again").status_code == 202


def let_token_live(books: Books) -> None:
    """Access tokens end sooner than files."""
    from oauth.models import access_tokens

    with books.parts.database.transaction() as tx:
        tx.execute(access_tokens.update().values(expires_at=books.clock.now() + dt.timedelta(minutes=5)))


def test_what_is_too_long_for_its_shape_fails_with_a_reason(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from adapter.api import shapes

    monkeypatch.setitem(shapes.SHAPES, "1c", replace(shapes.SHAPES["1c"], entries_max=2))  # type: ignore[arg-type]
    location = make(books)
    told = books.get(location).json
    assert StatementOrderBody().validate(told) == {}
    assert (told["status"], told["failure"]["code"]) == ("failed", "too_many_entries")
    answer = books.get(f"{location}/file")
    assert (answer.status_code, answer.json["code"]) == (409, "statement_failed")
    assert order(books, key="other", format="json").status_code == 202


def test_a_core_that_is_down_is_waited_for(books: Books) -> None:
    books.core.faults.always("*", Fault.DOWN)
    location = order(books).headers["Location"]
    assert books.parts.maker.make_next()
    assert books.get(location).json["status"] == "queued"
    assert not books.parts.maker.make_next()
    books.core.faults.clear()
    books.clock.advance(seconds=20)
    assert books.parts.maker.make_next()
    assert books.get(location).json["status"] == "ready"


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> int:
    from adapter.services import statement_making

    for module in (domain, records, statement_making):
        monkeypatch.setattr(module, "PIECE_BYTES", 100)
    return 100


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=99-100", 99, 100),
        ("bytes=100-", 100, None),
        ("bytes=150-349", 150, 349),
        ("bytes=-1", -1, None),
        ("bytes=-150", -150, None),
        ("bytes=0-999999", 0, None),
        ("bytes=-999999", 0, None),
    ],
)
def test_a_part_of_the_file(books: Books, small_pieces: int, asked: str, first: int, last: int | None) -> None:
    path = f"{make(books)}/file"
    whole = books.get(path).data
    assert len(whole) > 5 * small_pieces
    part = books.get(path, Range=asked)
    wanted = whole[first:] if last is None else whole[first : last + 1]
    assert (part.status_code, part.data) == (206, wanted)
    begin = whole.index(wanted) if last is None and first else first
    begin = len(whole) - len(wanted) if last is None else begin
    assert part.headers["Content-Range"] == f"bytes {begin}-{begin + len(wanted) - 1}/{len(whole)}"
    assert int(part.headers["Content-Length"]) == len(wanted)
    assert part.headers["Repr-Digest"] == books.get(path).headers["Repr-Digest"]


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,3-4", "lines=1-2", "bytes=", "bytes=5-1", "bytes=a-b", "garbage", "bytes=--1"]
)
def test_what_is_no_single_range_gets_the_whole(books: Books, small_pieces: int, asked: str) -> None:
    path = f"{make(books)}/file"
    answer = books.get(path, Range=asked)
    assert (answer.status_code, answer.data) == (200, books.get(path).data)
    assert "Content-Range" not in answer.headers


def test_bytes_that_the_file_has_not_are_refused(books: Books) -> None:
    path = f"{make(books)}/file"
    size = len(books.get(path).data)
    for asked in (f"bytes={size}-", f"bytes={size + 5}-{size + 9}", "bytes=-0"):
        answer = books.get(path, Range=asked)
        assert (answer.status_code, answer.json["code"]) == (416, "range_not_satisfiable"), asked
        assert answer.headers["Content-Range"] == f"bytes */{size}"
    assert books.get(path, Range=f"bytes={size - 1}-").status_code == 206


def test_conditions(books: Books) -> None:
    path = f"{make(books)}/file"
    etag = books.get(path).headers["ETag"]
    known = books.get(path, If_None_Match=etag)
    assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", etag)
    assert books.get(path, If_None_Match='"other"').status_code == 200
    assert books.get(path, Range="bytes=1-2", If_Range=etag).status_code == 206
    for other in ('"other"', f"W/{etag}", "Fri, 20 Nov 2026 09:00:00 GMT"):
        assert books.get(path, Range="bytes=1-2", If_Range=other).status_code == 200
    assert books.get(path, If_Match='"other"').json["code"] == "precondition_failed"
    assert books.get(path, If_Match=etag).status_code == 200


def test_head_tells_the_same_without_the_file(books: Books) -> None:
    path = f"{make(books)}/file"
    whole = books.get(path)
    head = books.app.test_client().head(path, base_url=ISSUER, headers={"Authorization": f"Bearer {books.token}"})
    assert (head.status_code, head.data) == (200, b"")
    same = {"Content-Length", "Content-Type", "ETag", "Accept-Ranges", "Content-Disposition", "Repr-Digest"}
    assert {name: head.headers[name] for name in same} == {name: whole.headers[name] for name in same}


def test_an_order_of_rubbish_is_answered_shortly(books: Books) -> None:
    answer = order(books, **{f"x{n}": 1 for n in range(1_000)})
    assert (answer.status_code, len(answer.json["errors"])) == (422, 20)
    assert order(books, padding="x" * 20_000).status_code == 413
    assert order(books).status_code == 202


@pytest.mark.parametrize("stop", ["the consent", "the account"])
def test_a_stop_cuts_a_download_that_runs(books: Books, small_pieces: int, stop: str) -> None:
    path = f"{make(books)}/file"
    client = books.app.test_client()
    headers = {"Authorization": f"Bearer {books.token}"}
    running = client.get(path, base_url=ISSUER, headers=headers)
    pieces = running.iter_encoded()
    assert len(next(pieces)) == small_pieces
    if stop == "the consent":
        assert books.app.test_client().delete("/v1/consent", base_url=ISSUER, headers=headers).status_code == 204
    else:
        books_consents(books, account_ids=[books.other_account_id])
    with pytest.raises(AccessEnded):
        next(pieces)
