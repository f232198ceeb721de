"""A person at the bank's pages gets the files that services get, of any account, and is told why not."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from adapter.api.shapes import SHAPES
from adapter.api.statement_desk import StatementDesk
from oauth import StatementNotReady, StatementRequest, StatementTooLong
from tests.api.conftest import Books
from tests.api.test_statements import NOVEMBER, book_november
from tests.fakes import Fault, entry_details


def request(account_id: str, shape: str = "json") -> StatementRequest:
    """For the days of NOVEMBER, with the first value of every option."""
    return StatementRequest(
        account_id=account_id,
        date_from=dt.date(2026, 11, 1),
        date_to=dt.date(2026, 11, 20),
        shape=shape,
        options={name: values[0] for name, values in SHAPES[shape].options.items()},
    )


@pytest.fixture
def desk(books: Books) -> StatementDesk:
    return StatementDesk(books.parts.services.statements)


def test_every_shape_of_the_api_is_offered(desk: StatementDesk) -> None:
    assert [shape.name for shape in desk.list_shapes()] == list(SHAPES)
    assert {shape.name: shape.options for shape in desk.list_shapes()}["1c"]["encoding"][0] == "windows-1251"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_file_is_the_one_that_a_service_gets(books: Books, desk: StatementDesk, shape: str) -> None:
    book_november(books)
    theirs = books.account(f"/statement?{NOVEMBER}&format={shape}")
    mine = desk.open(request(books.account_id, shape))
    assert mine.content_type == theirs.content_type
    assert b"".join(mine.chunks) == theirs.data
    assert mine.file_name.startswith("statement_0017_2026-11-01_2026-11-20.")


def test_an_account_that_nobody_connected_is_read_from_the_core_at_once(books: Books, desk: StatementDesk) -> None:
    books.core.bank.book("acc-2", entry_details("7.00"))
    found = json.loads(b"".join(desk.open(request(books.other_account_id)).chunks))
    assert [entry["amount"] for entry in found["entries"]] == ["7.00"]


def test_a_bank_that_never_told_this_account_is_not_ready(books: Books, desk: StatementDesk) -> None:
    books.core.faults.always("*", Fault.DOWN)
    with pytest.raises(StatementNotReady):
        desk.open(request(books.account_id))
    books.core.faults.clear()
    books.clock.advance(seconds=11)
    assert b"".join(desk.open(request(books.account_id)).chunks)


def test_too_many_entries_are_refused_before_the_file_begins(
    books: Books, desk: StatementDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    book_november(books)
    monkeypatch.setitem(SHAPES, "pdf", replace(SHAPES["pdf"], at_once_max=1))
    with pytest.raises(StatementTooLong) as refused:
        desk.open(request(books.account_id, "pdf"))
    assert (refused.value.limit, refused.value.entries) == (1, 2)
    assert b"".join(desk.open(request(books.account_id, "csv")).chunks)
