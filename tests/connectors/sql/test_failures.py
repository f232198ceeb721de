"""What the product knows when the wire to the bank's database breaks, or the database is slow, silent or restored."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from adapter.connectors import open_core
from adapter.connectors.options import CoreOptions
from adapter.connectors.sql.opening import SqlCore, open_sql_core
from adapter.domain.core import Accepted, Deadline, DocumentState, Mark, NotFound, Refused, Unknown
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable, MarkUnknown
from adapter.domain.payments import PaymentStatus
from oauth import LoginRequest, LoginUnavailable
from tests.connectors.core_contract import draft, end_of_entries, end_of_events, pull_all, soon, submit, today
from tests.connectors.sql.sql_bench import SqlBench, url_of_product
from tests.connectors.sql.wire import Break, Wire
from tests.fakes import entry_details


@pytest.fixture
def wire(bank_url: str) -> Iterator[Wire]:
    wire = Wire(bank_url)
    yield wire
    wire.close()


@pytest.fixture
def far_core(wire: Wire, sql_bench: SqlBench) -> Iterator[SqlCore]:
    """The same bank at the end of the wire."""
    url = url_of_product(wire.url.render_as_string(hide_password=False))
    core = open_sql_core(url, clock=sql_bench.clock, calls_max=2)
    yield core
    core.database.close()


# the wire breaks


@pytest.mark.parametrize(("how", "arrives"), [(Break.AFTER, True), (Break.BEFORE, False), (Break.SILENCE, False)])
def test_a_lost_answer_to_commit_is_unknown_and_asking_tells_the_truth(
    sql_bench: SqlBench, wire: Wire, far_core: SqlCore, how: Break, arrives: bool
) -> None:
    document = draft(sql_bench)
    wire.break_at(b"COMMIT", how)
    (result,) = far_core.banking.submit_documents([document], Deadline.after(1))
    assert isinstance(result, Unknown)
    (found,) = far_core.banking.find_documents([document.id], soon())
    assert isinstance(found, NotFound) is not arrives
    (again,) = far_core.banking.submit_documents([document], soon())
    assert isinstance(again, Accepted)


@pytest.mark.parametrize("how", list(Break))
def test_a_break_before_commit_surely_did_nothing(
    sql_bench: SqlBench, wire: Wire, far_core: SqlCore, how: Break
) -> None:
    document = draft(sql_bench)
    wire.break_at(b"INSERT INTO", how)
    with pytest.raises(CoreUnavailable):
        far_core.banking.submit_documents([document], Deadline.after(1))
    assert far_core.banking.find_documents([document.id], soon()) == [NotFound(document_id=document.id)]
    assert isinstance(far_core.banking.submit_documents([document], soon())[0], Accepted)


def test_a_lost_answer_to_a_withdrawal_is_unknown_and_the_repeated_request_tells_it(
    sql_bench: SqlBench, wire: Wire, far_core: SqlCore
) -> None:
    document = draft(sql_bench)
    submit(sql_bench, document)
    wire.break_at(b"COMMIT", Break.AFTER)
    request = "request-" + document.id
    assert isinstance(far_core.banking.withdraw_document(document.id, request, soon()), Unknown)
    assert isinstance(far_core.banking.withdraw_document(document.id, request, soon()), Accepted)
    other = far_core.banking.withdraw_document(document.id, request + "-2", soon())
    assert isinstance(other, Refused)


def test_reading_over_a_broken_wire_is_told_and_goes_on(wire: Wire, far_core: SqlCore, sql_bench: SqlBench) -> None:
    wire.break_at(b"entries", Break.BEFORE)
    with pytest.raises(CoreUnavailable):
        far_core.banking.pull_entries("A-1", None, 10, soon())
    assert far_core.banking.pull_entries("A-1", None, 10, soon()).mark


# deadlines


def test_a_silent_server_costs_the_deadline_and_a_little(wire: Wire, far_core: SqlCore, sql_bench: SqlBench) -> None:
    assert far_core.banking.probe(soon()).is_up
    wire.break_at(b"entries", Break.SILENCE)
    began = time.monotonic()
    with pytest.raises(CoreUnavailable):
        far_core.banking.pull_entries("A-1", None, 10, Deadline.after(0.5))
    assert time.monotonic() - began < 3
    assert far_core.banking.probe(soon()).is_up


def test_a_lock_that_is_held_too_long_ends_by_the_deadline_and_nothing_was_done(sql_bench: SqlBench) -> None:
    document = draft(sql_bench)
    with sql_bench.acting() as tx:
        tx.execute(sa.text("LOCK TABLE open_api.drafts IN ACCESS EXCLUSIVE MODE"))
        began = time.monotonic()
        with pytest.raises(CoreUnavailable):
            sql_bench.core.submit_documents([document], Deadline.after(0.3))
        assert time.monotonic() - began < 3
    assert sql_bench.core.find_documents([document.id], soon()) == [NotFound(document_id=document.id)]
    assert isinstance(submit(sql_bench, document)[0], Accepted)


def test_events_that_cannot_be_numbered_in_time_are_no_draft_at_all(sql_bench: SqlBench) -> None:
    """The trigger at the end of the transaction runs before COMMIT is sent, so its failure is not Unknown."""
    document = draft(sql_bench)
    with sql_bench.acting() as tx:
        tx.execute(sa.text("SELECT FROM open_api.draft_lock FOR UPDATE"))
        with pytest.raises(CoreUnavailable):
            sql_bench.core.submit_documents([document], Deadline.after(0.3))
    assert isinstance(submit(sql_bench, document)[0], Accepted)


def test_a_server_that_is_not_there_is_down_and_nothing_was_attempted(sql_bench: SqlBench) -> None:
    core = open_sql_core("postgresql+psycopg://bank_adapter@127.0.0.1:1/bank", clock=sql_bench.clock, calls_max=1)
    assert not core.banking.probe(soon()).is_up
    with pytest.raises(CoreUnavailable):
        core.banking.submit_documents([draft(sql_bench)], soon())


# the bank refuses, the bank's rows are wrong


@pytest.mark.parametrize(
    "kind",
    [
        "TRIGGER judge BEFORE INSERT ON open_api.drafts",
        "CONSTRAINT TRIGGER judge AFTER INSERT ON open_api.drafts DEFERRABLE INITIALLY DEFERRED",
    ],
)
def test_what_a_trigger_of_the_bank_refuses_is_refused_with_its_words_and_the_others_arrive(
    sql_bench: SqlBench, kind: str
) -> None:
    with sql_bench.acting() as tx:
        tx.exec_driver_sql(
            "CREATE FUNCTION bank.judge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF NEW.purpose = 'Аванс' THEN RAISE EXCEPTION 'Аванс без договора не принимается'; END IF; "
            "RETURN NEW; END $$; "
            f"CREATE {kind} FOR EACH ROW EXECUTE FUNCTION bank.judge()"
        )
    good, bad, other = (draft(sql_bench) for _ in range(3))
    object.__setattr__(bad.order, "purpose", "Аванс")
    try:
        first, refused, last = submit(sql_bench, good, bad, other)
    finally:
        with sql_bench.acting() as tx:
            tx.exec_driver_sql("DROP TRIGGER judge ON open_api.drafts; DROP FUNCTION bank.judge()")
    assert isinstance(first, Accepted)
    assert isinstance(last, Accepted)
    assert refused == Refused(document_id=bad.id, code="refused_by_bank", reason="Аванс без договора не принимается")
    assert isinstance(submit(sql_bench, bad)[0], Accepted)


def test_a_text_that_no_database_takes_is_refused_alone(sql_bench: SqlBench) -> None:
    good, bad = draft(sql_bench), draft(sql_bench)
    object.__setattr__(bad.order, "purpose", "Оплата\0по счёту")
    first, refused = submit(sql_bench, good, bad)
    assert isinstance(first, Accepted)
    assert isinstance(refused, Refused)
    assert "\0" not in refused.reason


def test_a_row_that_the_description_does_not_allow_is_the_banks_and_is_told(sql_bench: SqlBench) -> None:
    with sql_bench.acting() as tx:
        tx.exec_driver_sql("UPDATE bank.accounts SET state = 'sleeping' WHERE id = 'A-3'")
    try:
        with pytest.raises(CoreAnswerWrong):
            sql_bench.core.list_accounts("1001", soon())
    finally:
        with sql_bench.acting() as tx:
            tx.exec_driver_sql("UPDATE bank.accounts SET state = 'arrested' WHERE id = 'A-3'")
    assert len(sql_bench.core.list_accounts("1001", soon())) == 3


def test_a_text_that_is_longer_than_the_description_allows_is_refused_where_it_is_read(sql_bench: SqlBench) -> None:
    with sql_bench.acting() as tx:
        before = tx.exec_driver_sql("SELECT name FROM bank.accounts WHERE id = 'A-3'").scalar_one()
        tx.exec_driver_sql("UPDATE bank.accounts SET name = repeat('я', 2001) WHERE id = 'A-3'")
    try:
        with pytest.raises(CoreAnswerWrong):
            sql_bench.core.list_accounts("1001", soon())
    finally:
        with sql_bench.acting() as tx:
            tx.exec_driver_sql("UPDATE bank.accounts SET name = %s WHERE id = 'A-3'", (before,))
    assert len(sql_bench.core.list_accounts("1001", soon())) == 3


@pytest.mark.parametrize("edited", ["null", "[]", '"x"', '{"purpose": 5}', '{"amount": {"a": 1}}'])
def test_edits_that_are_no_texts_are_told_and_keep_no_fate_back(sql_bench: SqlBench, edited: str) -> None:
    crooked, other = draft(sql_bench), draft(sql_bench)
    submit(sql_bench, crooked, other)
    before = end_of_events(sql_bench)
    with sql_bench.acting() as tx:  # a bank whose schema is older than the constraint
        tx.exec_driver_sql("ALTER TABLE open_api.drafts DROP CONSTRAINT drafts_edited_check")
        tx.execute(
            sa.text(
                "UPDATE open_api.drafts SET edited = CAST(:edited AS jsonb), status = 'signed' WHERE document_id = :id"
            ),
            {"edited": edited, "id": crooked.id},
        )
    try:
        sql_bench.sign(other.id)
        page = sql_bench.core.pull_document_events(before, 10, soon())
        found = sql_bench.core.find_documents([crooked.id, other.id], soon())
    finally:
        with sql_bench.acting() as tx:
            tx.execute(sa.text("UPDATE open_api.drafts SET edited = '{}' WHERE document_id = :id"), {"id": crooked.id})
            tx.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
            tx.exec_driver_sql("ALTER TABLE open_api.drafts ADD CHECK (jsonb_typeof(edited) = 'object')")
    assert list(page.unreadable) == [crooked.id]
    for told in (page.events, found):
        assert [(one.document_id, one.status, one.edited) for one in told if isinstance(one, DocumentState)] == [
            (crooked.id, PaymentStatus.SIGNED, {}),
            (other.id, PaymentStatus.SIGNED, {}),
        ]


def test_the_schema_takes_only_an_object_of_edits(sql_bench: SqlBench) -> None:
    document = draft(sql_bench)
    submit(sql_bench, document)
    with pytest.raises(sa.exc.IntegrityError, match="drafts_edited_check"), sql_bench.acting() as tx:
        tx.execute(sa.text("UPDATE open_api.drafts SET edited = 'null' WHERE document_id = :id"), {"id": document.id})
    sql_bench.edit(document.id, purpose="Иначе")
    (found,) = sql_bench.core.find_documents([document.id], soon())
    assert isinstance(found, DocumentState)
    assert found.edited == {"purpose": "Иначе"}


# restores


def test_after_a_restore_no_mark_is_known_and_the_beginning_is(sql_bench: SqlBench) -> None:
    sql_bench.book("A-1", entry_details(day=today(sql_bench)))
    entries, events = end_of_entries(sql_bench), end_of_events(sql_bench)
    sql_bench.restore()
    with pytest.raises(MarkUnknown):
        sql_bench.core.pull_entries("A-1", entries, 10, soon())
    with pytest.raises(MarkUnknown):
        sql_bench.core.pull_document_events(events, 10, soon())
    assert pull_all(sql_bench, "A-1", None)[0]
    assert end_of_events(sql_bench) != events


def test_a_mark_beyond_the_end_is_not_known_although_nobody_told_of_a_restore(sql_bench: SqlBench) -> None:
    before = end_of_entries(sql_bench)
    sql_bench.book("A-1", entry_details(day=today(sql_bench)))
    mark = end_of_entries(sql_bench)
    with sql_bench.acting() as tx:
        tx.exec_driver_sql(
            "DELETE FROM open_api.entry_numbers WHERE number = (SELECT max(number) FROM open_api.entry_numbers)"
        )
    with pytest.raises(MarkUnknown):
        sql_bench.core.pull_entries("A-1", mark, 10, soon())
    assert sql_bench.core.pull_entries("A-1", before, 10, soon()).mark


@pytest.mark.parametrize("text", ["0", "x", "a b c", "1 2 2026-13-01", "другое 1 2026-11-20"])
def test_marks_of_nobody_are_not_known(sql_bench: SqlBench, text: str) -> None:
    with pytest.raises(MarkUnknown):
        sql_bench.core.pull_entries("A-1", Mark(text), 10, soon())
    assert sql_bench.core.pull_entries("A-1", end_of_entries(sql_bench), 10, soon()).mark


def test_another_kind_of_database_is_a_mistake_of_the_settings(sql_bench: SqlBench) -> None:
    with pytest.raises(ValueError, match="PostgreSQL"):
        open_sql_core("sqlite://", clock=sql_bench.clock, calls_max=1)
    with pytest.raises(ValueError, match="CORE_SQL_URL"):
        open_sql_core("", clock=sql_bench.clock, calls_max=1)


def test_the_settings_open_it_behind_the_guard_with_no_login_of_its_own(bank_url: str, sql_bench: SqlBench) -> None:
    options = CoreOptions(
        core="sql", core_sql_url=url_of_product(bank_url), issuer="https://api.bank.ru", bank_name="Банк"
    )
    nowhere = sa.create_engine("sqlite://")  # it keeps nothing in the product's database
    core = open_core(options, clock=sql_bench.clock, reader=nowhere, writer=nowhere)
    assert core.banking.probe(soon()).is_up
    assert core.banking.find_customers("ivanova", soon())
    with pytest.raises(LoginUnavailable):
        core.login.begin(LoginRequest(return_url="https://api.bank.ru/back", state="s", service_name="Учёт"))
    core.close()
