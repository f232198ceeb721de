"""The role of the product reads, and inserts into three tables.  More is not needed: the contract is met by it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from adapter.domain.core import Accepted
from tests.connectors.core_contract import draft, soon, submit
from tests.connectors.sql.sql_bench import SqlBench, url_of_product


@pytest.fixture
def product(bank_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    text = sa.make_url(url_of_product(bank_url)).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(text, autocommit=True) as connection:
        yield connection


FORBIDDEN = (
    "SELECT * FROM bank.postings",
    "UPDATE bank.accounts SET balance = 0",
    "DELETE FROM bank.postings",
    "INSERT INTO bank.turnovers VALUES ('A-1', '2026-11-20', 1)",
    "INSERT INTO open_api.entry_numbers VALUES ('A-1', 1, 1, '2026-11-20')",
    "SELECT nextval('open_api.entry_sequence')",
    "SELECT open_api.note_entry('A-1', 1, '2026-11-20', NULL)",
    "UPDATE open_api.customers SET name = ''",
    "DELETE FROM open_api.accounts",
    "UPDATE open_api.drafts SET status = 'signed'",
    "UPDATE open_api.drafts SET amount = 1",
    "DELETE FROM open_api.drafts",
    "INSERT INTO open_api.drafts (document_id, status) VALUES ('x', 'executed')",
    "INSERT INTO open_api.draft_events SELECT * FROM open_api.draft_events",
    "INSERT INTO open_api.withdrawals (request_id, document_id, done) VALUES ('r', 'x', true)",
    "UPDATE open_api.withdrawals SET done = true",
    "UPDATE open_api.restores SET life = gen_random_uuid()",
    "SELECT * FROM open_api.draft_lock FOR UPDATE",
    "TRUNCATE open_api.drafts",
    "CREATE TABLE open_api.mine ()",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_what_the_product_need_not_do_it_cannot(
    product: psycopg.Connection[tuple[object, ...]], sql_bench: SqlBench, statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        product.execute(statement)
    document = draft(sql_bench)
    assert isinstance(submit(sql_bench, document)[0], Accepted)


def test_no_draft_begins_signed(product: psycopg.Connection[tuple[object, ...]], sql_bench: SqlBench) -> None:
    document = draft(sql_bench)
    submit(sql_bench, document)
    found = product.execute("SELECT status FROM open_api.drafts WHERE document_id = %s", [document.id]).fetchone()
    assert found == ("awaiting_signature",)


def test_a_missing_right_is_told_as_a_core_that_cannot_be_reached(sql_bench: SqlBench) -> None:
    with sql_bench.acting() as tx:
        tx.execute(sa.text("REVOKE SELECT ON open_api.days FROM bank_adapter"))
    try:
        with pytest.raises(Exception, match="InsufficientPrivilege 42501"):
            sql_bench.core.pull_entries(sql_bench.account, None, 10, soon())
    finally:
        with sql_bench.acting() as tx:
            tx.execute(sa.text("GRANT SELECT ON open_api.days TO bank_adapter"))
    assert sql_bench.core.pull_entries(sql_bench.account, None, 10, soon()).closed_days is not None
