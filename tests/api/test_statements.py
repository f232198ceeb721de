"""Statements over HTTP: shapes, periods, totals."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adapter.api import stopping
from adapter.api.shapes import COSTLY_AT_ONCE_MAX, SHAPES, Options
from adapter.api.stopping import AccessEnded
from adapter.domain.feeds import StatementReading
from adapter.domain.statements import Direction
from adapter.formats.onec_exchange import parse_statements
from adapter.schemas.statements import StatementBody
from tests.api.conftest import ISSUER, Books
from tests.fakes import Fault, entry_details

NOVEMBER = "from=2026-11-01&to=2026-11-20"


def book_november(books: Books) -> None:
    for amount, direction, day in (
        ("100.00", Direction.CREDIT, dt.date(2026, 10, 31)),
        ("1500.50", Direction.CREDIT, dt.date(2026, 11, 1)),
        ("0.51", Direction.DEBIT, dt.date(2026, 11, 20)),
    ):
        books.core.bank.book("acc-1", entry_details(amount, direction, day, purpose=f"{amount} — «{day}»"))


def test_a_period_is_told_with_balances_totals_and_entries(books: Books) -> None:
    book_november(books)
    answer = books.account(f"/statement?{NOVEMBER}")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    found = answer.json
    assert StatementBody().validate(found) == {}
    assert [entry["amount"] for entry in found["entries"]] == ["1500.50", "0.51"]
    assert (found["opening_balance"], found["closing_balance"]) == ("100100.00", "101599.99")
    assert (found["total_credits"], found["total_debits"]) == ("1500.50", "0.51")
    assert (found["from"], found["to"], found["complete_through"]) == ("2026-11-01", "2026-11-20", "2026-11-19")
    assert answer.headers["X-As-Of"] == found["as_of"] == "2026-11-20T09:00:00+00:00"


def test_an_empty_period_is_a_statement_too(books: Books) -> None:
    book_november(books)
    found = books.account("/statement?from=2026-11-05&to=2026-11-06").json
    assert StatementBody().validate(found) == {}
    assert (found["entries"], found["opening_balance"], found["closing_balance"]) == ([], "101600.50", "101600.50")


@pytest.mark.parametrize("count", [1, 2, 200, 201, 202, 401])
def test_the_pieces_of_a_streamed_statement_make_whole_json(books: Books, count: int) -> None:
    for n in range(count):
        books.core.bank.book("acc-1", entry_details(purpose=str(n)))
    found = books.account(f"/statement?{NOVEMBER}").json
    assert [entry["purpose"] for entry in found["entries"]] == [str(n) for n in range(count)]
    assert Decimal(found["closing_balance"]) == Decimal("100000") + count * Decimal("1500")


@pytest.mark.parametrize(
    ("query", "accept", "encoding"),
    [
        ("&format=1c", "application/json", "windows-1251"),
        ("", "text/plain", "windows-1251"),
        ("&format=1c&encoding=utf-8", "*/*", "utf-8"),
    ],
)
def test_1c_text_holds_the_same_statement(books: Books, query: str, accept: str, encoding: str) -> None:
    book_november(books)
    answer = books.account(f"/statement?{NOVEMBER}{query}", Accept=accept)
    assert answer.content_type == f"text/plain; charset={encoding}"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statement_0017_2026-11-01_2026-11-20.txt"'
    assert "1CClientBankExchange" in answer.data.decode(encoding)
    (statement,) = parse_statements(answer.data).statements
    assert [str(entry.details.amount) for entry in statement.entries] == ["1500.50", "0.51"]
    assert str(statement.closing_balance) == "101599.99"


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, application/json;q=0.1", "application/json"])
def test_json_is_given_to_who_takes_it(books: Books, accept: str) -> None:
    assert books.account(f"/statement?{NOVEMBER}", Accept=accept).content_type == "application/json"


def test_a_shape_that_nobody_makes_is_406(books: Books) -> None:
    answer = books.account(f"/statement?{NOVEMBER}", Accept="image/png")
    assert (answer.status_code, answer.json["code"]) == (406, "not_acceptable")
    assert books.account(f"/statement?{NOVEMBER}").status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("to=2026-11-20", "#query/from", "missing_parameter"),
        ("from=2026-11-01", "#query/to", "missing_parameter"),
        ("from=20261101&to=2026-11-20", "#query/from", "bad_date"),
        ("from=2026-02-30&to=2026-11-20", "#query/from", "bad_date"),
        ("from=2026-11-01&to=01.12.2026", "#query/to", "bad_date"),
        ("from=2026-11-20&to=2026-11-19", "#query/to", "period_is_backwards"),
        ("from=2026-11-20&to=2026-11-21", "#query/to", "period_in_future"),
        ("from=2026-11-20&to=9999-12-31", "#query/to", "period_in_future"),
        ("from=2025-11-19&to=2026-11-20", "#query/from", "before_history"),
        (f"{NOVEMBER}&format=docx", "#query/format", "unknown_value"),
        (f"{NOVEMBER}&format=1c&encoding=koi8-r", "#query/encoding", "unknown_value"),
        (f"{NOVEMBER}&encoding=utf-8", "#query/encoding", "unknown_parameter"),
        (f"{NOVEMBER}&page=2", "#query/page", "unknown_parameter"),
    ],
)
def test_a_wrong_parameter_is_told(books: Books, query: str, pointer: str, code: str) -> None:
    answer = books.account(f"/statement?{query}")
    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [(pointer, code)]
    assert books.account(f"/statement?{NOVEMBER}").status_code == 200


def test_both_days_that_are_wrong_are_told(books: Books) -> None:
    missing = books.account("/statement").json["errors"]
    assert [(error["field"], error["code"]) for error in missing] == [
        ("from", "missing_parameter"),
        ("to", "missing_parameter"),
    ]
    wrong = books.account("/statement?from=1.11.2026&to=2026-02-30").json["errors"]
    assert [(error["field"], error["code"]) for error in wrong] == [("from", "bad_date"), ("to", "bad_date")]
    assert books.account(f"/statement?{NOVEMBER}").status_code == 200


def test_the_last_day_is_today_in_moscow_at_most(books: Books) -> None:
    books.clock.advance(hours=12)  # 21:00 in London, midnight in Moscow
    token = books.give(books.account_id)
    path = f"/v1/accounts/{books.account_id}/statement?from=2026-11-20&to"
    assert books.get(f"{path}=2026-11-22", token).json["errors"][0]["code"] == "period_in_future"
    assert books.get(f"{path}=2026-11-21", token).status_code == 200


def test_an_account_that_was_never_read_has_no_statement_yet(books: Books) -> None:
    books.core.faults.always("*", Fault.DOWN)
    answer = books.account(f"/statement?{NOVEMBER}")
    assert (answer.status_code, answer.json["code"]) == (503, "core_unavailable")
    books.core.faults.clear()
    books.clock.advance(seconds=11)
    assert books.account(f"/statement?{NOVEMBER}").status_code == 200


def test_the_answer_counts_entries_and_names_the_bank_where_it_is_known(books: Books) -> None:
    book_november(books)
    found = books.account(f"/statement?{NOVEMBER}").json
    assert (found["credit_entries"], found["debit_entries"], found["bank"]) == (1, 1, None)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/plain; charset=utf-8", "text/plain; charset=windows-1251"),
        ("text/plain, */*", "text/plain; charset=windows-1251"),
        ("application/json;q=0.2, text/plain;q=0.3", "text/plain; charset=windows-1251"),
        ("application/json;q=0, */*", "text/plain; charset=windows-1251"),
        ("text/plain;q=0.1, */*", "application/json"),
        ("text/*", "text/plain; charset=windows-1251"),
    ],
)
def test_accept_is_weighed_as_http_says(books: Books, accept: str, content_type: str) -> None:
    assert books.account(f"/statement?{NOVEMBER}", Accept=accept).content_type == content_type


@pytest.mark.parametrize("limit", ["entries_max", "at_once_max"])
def test_what_is_too_long_for_a_shape_is_told_before_it_is_made(
    books: Books, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    book_november(books)
    monkeypatch.setitem(SHAPES, "1c", replace(SHAPES["1c"], **{limit: 1}))
    answer = books.account(f"/statement?{NOVEMBER}&format=1c")
    assert (answer.status_code, answer.json["code"]) == (422, "too_many_entries")
    assert "больше 1." in answer.json["errors"][0]["message"]
    assert books.account("/statement?from=2026-11-01&to=2026-11-02&format=1c").status_code == 200


def test_a_shape_that_cannot_be_made_is_an_error_and_no_empty_file(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_given: object) -> Iterator[bytes]:
        raise RuntimeError("broken")
        yield b""

    whole = SHAPES["1c"]
    monkeypatch.setitem(SHAPES, "1c", replace(whole, render=break_down))
    answer = books.account(f"/statement?{NOVEMBER}&format=1c")
    assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
    monkeypatch.setitem(SHAPES, "1c", whole)
    assert books.account(f"/statement?{NOVEMBER}&format=1c").status_code == 200


@pytest.mark.parametrize("shape", ["xlsx", "pdf"])
def test_few_costly_shapes_are_made_at_a_time(books: Books, monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    """Each statement asks for the next while it is being made."""
    book_november(books)
    whole, answers = SHAPES[shape], []

    def ask_again(reading: StatementReading, options: Options) -> Iterator[bytes]:
        with ThreadPoolExecutor(1) as another:
            answers.append(another.submit(books.account, f"/statement?{NOVEMBER}&format={shape}").result())
        yield from whole.render(reading, options)

    monkeypatch.setitem(SHAPES, shape, replace(whole, render=ask_again))
    answers.append(books.account(f"/statement?{NOVEMBER}&format={shape}"))
    refused, *made = answers
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "busy", "2")
    assert [answer.status_code for answer in made] == [200] * COSTLY_AT_ONCE_MAX
    monkeypatch.setitem(SHAPES, shape, whole)
    assert books.account(f"/statement?{NOVEMBER}&format={shape}").status_code == 200


def test_a_stop_cuts_a_statement_that_is_being_sent(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    book_november(books)
    monkeypatch.setattr(stopping, "RECHECK_S", 0)
    headers = {"Authorization": f"Bearer {books.token}"}
    path = f"/v1/accounts/{books.account_id}/statement?{NOVEMBER}"
    pieces = books.app.test_client().get(path, base_url=ISSUER, headers=headers).iter_encoded()
    assert next(pieces)
    assert books.app.test_client().delete("/v1/consent", base_url=ISSUER, headers=headers).status_code == 204
    with pytest.raises(AccessEnded):
        next(pieces)


def test_asking_for_the_head_alone_tells_the_same_headers(books: Books) -> None:
    client = books.app.test_client()
    path, headers = (
        f"/v1/accounts/{books.account_id}/statement?{NOVEMBER}&format=1c",
        {"Authorization": f"Bearer {books.token}"},
    )
    head = client.head(path, base_url=ISSUER, headers=headers)
    whole = client.get(path, base_url=ISSUER, headers=headers)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Disposition", "X-As-Of", "Cache-Control", "Vary"):
        assert head.headers[name] == whole.headers[name]


def test_the_guide_tells_every_shape_with_its_options_and_limit() -> None:
    guide = (Path(__file__).parents[2] / "api_specs" / "guide.md").read_text("utf-8")
    told = {}
    for name, media_type, options, limit in re.findall(
        r"(?m)^\| `(\w+)` \| `(\S+/\S+)` \| (.*?) ?\| ?(.*?) ?\|$", guide
    ):
        told[name] = (media_type, re.findall("[`=]([^`=]+)`", options), limit.replace(",", ""))
    offered = {
        name: (shape.media_type, [value for values in shape.options.values() for value in values], shape.at_once_max)
        for name, shape in SHAPES.items()
    }
    assert told == {name: (kind, values, str(limit or "")) for name, (kind, values, limit) in offered.items()}


@pytest.mark.parametrize(
    ("query", "content_type"),
    [
        ("format=csv", "text/csv; charset=utf-8"),
        ("format=1c", "text/plain; charset=windows-1251"),
        ("format=camt053", "application/xml"),
    ],
)
def test_a_text_says_its_charset(books: Books, query: str, content_type: str) -> None:
    assert books.account(f"/statement?{NOVEMBER}&{query}").content_type == content_type
