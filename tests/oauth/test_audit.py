"""The audit log shows when a row was changed, removed or added behind its back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from adapter.store.database import Database
from oauth.audit import SYSTEM, Actor, find_break, list_events, record
from oauth.models import audit, audit_head
from tests.fakes import FakeClock


def write(database: Database, clock: FakeClock, count: int = 3) -> None:
    for number in range(1, count + 1):
        with database.transaction() as tx:
            actor = Actor(kind="staff", id=f"st_{number}")
            record(tx, at=clock.now(), actor=actor, action="thing.done", detail={"причина": "ё", "count": number})
        clock.advance(seconds=0.123456)


def broken(database: Database) -> int | None:
    with database.reading() as connection:
        return find_break(connection)


def test_an_empty_and_a_written_log_are_whole(database: Database, clock: FakeClock) -> None:
    assert broken(database) is None
    write(database, clock)
    assert broken(database) is None


def test_rows_written_meanwhile_are_no_break(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check of a living log, page by page, while somebody writes between two of its queries."""
    monkeypatch.setattr("oauth.audit.ROWS_AT_ONCE", 2)
    write(database, clock, 5)
    with database.reading() as connection:
        once = iter([None])

        @sa.event.listens_for(connection, "after_execute")
        def interfere(*_args: object) -> None:
            if next(once, 1) is None:
                write(database, clock, 1)

        assert find_break(connection) is None
    with database.transaction() as tx:
        tx.execute(audit.update().where(audit.c.number == 5).values(actor_id="st_9"))
    assert broken(database) == 5


TAMPERING: dict[str, tuple[Callable[[], sa.Executable], int]] = {
    "changed-detail": (lambda: audit.update().where(audit.c.number == 2).values(detail={"count": 9}), 2),
    "changed-actor": (lambda: audit.update().where(audit.c.number == 1).values(actor_id="st_9"), 1),
    "changed-time": (lambda: audit.update().where(audit.c.number == 3).values(at=sa.func.now()), 3),
    "removed-middle": (lambda: audit.delete().where(audit.c.number == 2), 2),
    "removed-last": (lambda: audit.delete().where(audit.c.number == 3), 3),
    "removed-all": (lambda: audit.delete(), 1),
    "removed-head": (lambda: audit_head.delete(), 4),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_shows_where(database: Database, clock: FakeClock, name: str) -> None:
    write(database, clock)
    statement, number = TAMPERING[name]
    with database.transaction() as tx:
        tx.execute(statement())
    assert broken(database) == number


def test_events_are_listed_newest_first_by_page_and_filter(database: Database, clock: FakeClock) -> None:
    write(database, clock, 5)
    with database.transaction() as tx:
        record(tx, at=clock.now(), actor=SYSTEM, action="other", partner_id="pa_1", consent_id="cn_1", ip="::1")
    with database.reading() as connection:
        page = list_events(connection, limit=2)
        assert [event.number for event in page] == [6, 5]
        assert [event.number for event in list_events(connection, before=5, limit=2)] == [4, 3]
        assert [event.number for event in list_events(connection, actor_id="st_3")] == [3]
        for wanted in ({"action": "other"}, {"partner_id": "pa_1"}, {"consent_id": "cn_1"}):
            (event,) = list_events(connection, **wanted)
            assert (event.actor, event.ip) == (SYSTEM, "::1")
        assert page[1].detail == {"причина": "ё", "count": 5}


def test_an_event_of_a_failed_transaction_is_not_there(database: Database, clock: FakeClock) -> None:
    write(database, clock, 1)
    with database.writer.connect() as connection, connection.begin() as tx:
        record(connection, at=clock.now(), actor=SYSTEM, action="lost")
        tx.rollback()
    write(database, clock, 1)
    with database.reading() as connection:
        assert [event.action for event in list_events(connection)] == ["thing.done", "thing.done"]
    assert broken(database) is None
