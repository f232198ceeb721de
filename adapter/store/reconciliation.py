"""Finding payments and entries that do not meet.  Meets `ports.ReconciliationBook`; `matching.py` links by fields.

Every query begins at a partial index of what is open or recent, so that its cost does not grow with history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind, dump_facts, load_facts
from adapter.domain.money import Money
from adapter.domain.reconciliation import Horizon, Mismatch, MismatchKind, Reconciled, expected_amount, find_differences
from adapter.store.alarms import RAISED, raise_all
from adapter.store.database import Database, insert_into
from adapter.store.ended_payments import BOOKED_THOUGH_ENDED, HAS_NOT_ENDED, UNEXECUTED_WITH_ENTRY, may_be_booking
from adapter.store.entry_json import load_details
from adapter.store.lists import is_one_of
from adapter.store.matching import HAS_LOST_ENTRY, UNBOOKED, books, is_present, link_by_fields
from adapter.store.tables import entries, feeds, mismatches, outbox, payments

FOUND_MAX = 5000  # of a kind in a round; where there are more, none of the kind is cleared

_other = entries.alias("other")
_owner = payments.alias("owner")
_HAS_BOOKING = sa.exists().where(books(_other, payments.c.id)).correlate(payments)
_NAMES_PAYMENT = sa.and_(
    entries.c.payment_id.is_not(None), entries.c.booking_date >= sa.bindparam("booked_since"), is_present(entries)
)
_NO_ENTRY = sa.null().label("entry_id")

# What is left of these after the edits in the bank are known is judged by `_find_differences`.
_MAY_DIFFER = sa.or_(
    entries.c.account_id != _owner.c.account_id,
    sa.and_(
        entries.c.direction == "debit",
        sa.func.ltrim(sa.func.replace(_owner.c.order["amount"].as_string(), ".", ""), "0")
        != sa.cast(entries.c.kopecks, sa.String),
    ),
    # Money that comes back is no difference where it went out: the payment knows its entry then.
    sa.and_(entries.c.direction == "credit", _owner.c.entry_id.is_(None)),
)

_OF_PAYMENT = (payments.c.account_id, payments.c.id.label("payment_id"), payments.c.order)
_OF_ENTRY = (entries.c.account_id, entries.c.payment_id, entries.c.entry_id, entries.c.details)

QUERIES: Mapping[MismatchKind, sa.Select[*tuple[Any, ...]] | sa.CompoundSelect[*tuple[Any, ...]]] = {
    MismatchKind.ENTRY_MISSING: sa.select(payments.c.id.label("subject"), *_OF_PAYMENT, _NO_ENTRY)
    .join(feeds, feeds.c.account_id == payments.c.account_id)
    .where(
        UNBOOKED,
        payments.c.updated_at <= sa.bindparam("settled_before"),
        feeds.c.read_at >= sa.bindparam("read_since"),
        sa.not_(_HAS_BOOKING),
    ),
    MismatchKind.ENTRY_REMOVED: sa.select(payments.c.id.label("subject"), *_OF_PAYMENT, entries.c.entry_id)
    .select_from(entries.join(payments, payments.c.entry_id == entries.c.entry_id))
    .where(HAS_LOST_ENTRY),
    MismatchKind.ENTRIES_DOUBLED: sa.select(entries.c.payment_id.label("subject"), *_OF_ENTRY)
    .join(_other, sa.and_(books(_other, entries.c.payment_id), _other.c.entry_id < entries.c.entry_id))
    .where(_NAMES_PAYMENT, entries.c.direction == "debit"),
    MismatchKind.NOT_EXECUTED: sa.select(payments.c.id.label("subject"), *_OF_PAYMENT, entries.c.entry_id)
    .select_from(payments.join(entries, entries.c.entry_id == payments.c.entry_id))
    .where(
        UNEXECUTED_WITH_ENTRY,
        HAS_NOT_ENDED,
        payments.c.updated_at <= sa.bindparam("settled_before"),
        is_present(entries),
    ),
    MismatchKind.ENDED_BOOKED: BOOKED_THOUGH_ENDED,
    MismatchKind.PAYMENT_UNKNOWN: sa.select(entries.c.entry_id.label("subject"), *_OF_ENTRY).where(
        _NAMES_PAYMENT, sa.not_(sa.exists().where(payments.c.id == entries.c.payment_id))
    ),
    MismatchKind.DIFFERS: sa.select(
        entries.c.entry_id.label("subject"),
        *_OF_ENTRY,
        _owner.c.order.label("sent"),
        _owner.c.edited_in_bank,
        (_owner.c.account_id == entries.c.account_id).label("is_same_account"),
    )
    .join(_owner, _owner.c.id == entries.c.payment_id)
    .where(_NAMES_PAYMENT, _MAY_DIFFER),
    MismatchKind.LOST_BY_CORE: sa.select(payments.c.id.label("subject"), *_OF_PAYMENT, _NO_ENTRY)
    .select_from(outbox.join(payments, payments.c.id == outbox.c.payment_id))
    .where(sa.text("outbox.action IN ('find', 'restore')")),
    MismatchKind.ENTRY_OF_ANOTHER: sa.select(entries.c.entry_id.label("subject"), *_OF_ENTRY)
    .join(_owner, sa.and_(_owner.c.entry_id == entries.c.entry_id, _owner.c.id != entries.c.payment_id))
    .where(_NAMES_PAYMENT),
}
QUERIES = {kind: query.limit(FOUND_MAX + 1) for kind, query in QUERIES.items()}

_UNREAD = (
    sa.select(payments.c.account_id)
    .distinct()
    .join(feeds, feeds.c.account_id == payments.c.account_id)
    .where(
        UNBOOKED,
        payments.c.updated_at <= sa.bindparam("settled_before"),
        sa.or_(feeds.c.read_at.is_(None), feeds.c.read_at < sa.bindparam("read_since")),
    )
)
_IS_OPEN = sa.text("mismatches.cleared_at IS NULL")
_OPEN = sa.select(mismatches.c.id, mismatches.c.kind, mismatches.c.subject, mismatches.c.entry_id).where(_IS_OPEN)
_LIST = (
    sa.select(*[column for column in mismatches.c if column.name not in {"id", "cleared_at"}])
    .where(_IS_OPEN)
    .order_by(mismatches.c.id)
    .limit(sa.bindparam("limit"))
)
_CLEAR = (
    sa.update(mismatches)
    .where(mismatches.c.id == sa.bindparam("of_id"), _IS_OPEN)
    .values(cleared_at=sa.bindparam("now"))
)
_EARLIEST_END = sa.select(sa.func.min(payments.c.updated_at)).where(is_one_of(payments.c.id, "ids"))
_EARLIEST = sa.select(sa.func.min(entries.c.booking_date)).where(is_one_of(entries.c.entry_id, "ids"))


class ReconciliationRecords:
    """Meets the port ReconciliationBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_unread(self, horizon: Horizon) -> Sequence[str]:
        given = {"settled_before": horizon.settled_before, "read_since": horizon.read_since}
        with self._database.reading() as connection:
            return connection.execute(_UNREAD, given).scalars().all()

    def match(self, horizon: Horizon) -> int:
        with self._database.transaction() as tx:
            return link_by_fields(tx, horizon)

    def judge(self, horizon: Horizon, matched: int) -> Reconciled:
        with self._database.transaction() as tx:
            known = {(row.kind, row.subject): row for row in tx.execute(_OPEN)}
            given = _parameters(tx, horizon, known.values())
            found: dict[tuple[str, str], Mismatch] = {}
            uncertain = set()
            for kind, query in QUERIES.items():
                rows = tx.execute(query, {name: given[name] for name in _names(query)}).all()
                if len(rows) > FOUND_MAX:
                    uncertain.add(kind)
                told = [_mismatch(kind, row, horizon.now) for row in rows[:FOUND_MAX]]
                found |= {(kind, one.subject): one for one in told if one is not None}
            new = _insert(tx, [one for key, one in found.items() if key not in known])
            over = [row for key, row in known.items() if key not in found and row.kind not in uncertain]
            if over:
                tx.execute(_CLEAR, [{"of_id": row.id, "now": horizon.now} for row in over])
        return Reconciled(matched=matched, found=new, cleared=len(over), open=len(known) + len(new) - len(over))

    def list_open(self, limit: int) -> Sequence[Mismatch]:
        with self._database.reading() as connection:
            rows = connection.execute(_LIST, {"limit": limit}).mappings()
            return [_load(row) for row in rows]


def _parameters(tx: Connection, horizon: Horizon, known: Collection[Any]) -> dict[str, Any]:
    """An open mismatch is looked at until it is put right, however long ago its entry was booked."""
    open_entries = {"ids": [row.entry_id for row in known if row.entry_id]}
    open_payments = {"ids": [row.subject for row in known if row.kind == MismatchKind.ENDED_BOOKED]}
    earliest_end = tx.scalar(_EARLIEST_END, open_payments) if open_payments["ids"] else None
    recent = dt.datetime.combine(horizon.booked_since, dt.time(), dt.UTC)
    earliest = tx.scalar(_EARLIEST, open_entries) if open_entries["ids"] else None
    return {
        "settled_before": horizon.settled_before,
        "read_since": horizon.read_since,
        "booked_since": min(horizon.booked_since, earliest or horizon.booked_since),
        "ended_since": min(recent, earliest_end or recent),
    }


def _names(query: sa.Select[*tuple[Any, ...]] | sa.CompoundSelect[*tuple[Any, ...]]) -> set[str]:
    given = {"settled_before", "read_since", "booked_since", "ended_since"}
    return {name for name in query.compile().params if name in given}


def _insert(tx: Connection, found: Sequence[Mismatch]) -> tuple[Mismatch, ...]:
    """Those that no other worker told meanwhile, each with an alarm where none tells the same case already."""
    statement = (
        insert_into(tx, mismatches)
        .on_conflict_do_nothing(index_elements=["kind", "subject"], index_where=sa.text("cleared_at IS NULL"))
        .returning(mismatches.c.id)
    )
    new = tuple(one for one in found if tx.execute(statement, _row(one)).first())
    asked = {"of_kind": AlarmKind.FOREIGN_ENTRY, "ids": [one.subject for one in new]}
    foreign = set(tx.scalars(RAISED, asked)) if new else set()
    told = [(one.subject, _tell(one)) for one in new if not _is_alarmed(one, foreign)]
    if told:
        raise_all(tx, AlarmKind.MISMATCH, told, new[0].found_at)
    return new


def _is_alarmed(one: Mismatch, foreign: Collection[str]) -> bool:
    """Of a lost draft its errand has alarmed, of an entry on another account the page that brought it."""
    return one.kind is MismatchKind.LOST_BY_CORE or (one.kind is MismatchKind.DIFFERS and one.subject in foreign)


def _tell(one: Mismatch) -> str:
    return dump_facts(mismatch=one.kind, **one.facts)


def _load(row: sa.RowMapping) -> Mismatch:
    columns = {str(name): value for name, value in row.items() if name not in ("detail", "kind")}
    return Mismatch(kind=MismatchKind(row["kind"]), facts=load_facts(row["detail"]) or {}, **columns)


def _row(one: Mismatch) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "subject": one.subject,
        "account_id": one.account_id,
        "payment_id": one.payment_id,
        "entry_id": one.entry_id,
        "detail": dump_facts(**one.facts),
        "found_at": one.found_at,
    }


def _mismatch(kind: MismatchKind, row: Any, now: dt.datetime) -> Mismatch | None:
    """None where a closer look finds nothing wrong."""
    differences = _find_differences(row) if kind is MismatchKind.DIFFERS else {}
    if kind is MismatchKind.DIFFERS and not differences:
        return None
    if kind is MismatchKind.ENDED_BOOKED and not may_be_booking(row):
        return None
    document = row.order if hasattr(row, "order") else orjson.loads(row.details)
    return Mismatch(
        kind=kind,
        subject=row.subject,
        account_id=row.account_id,
        payment_id=row.payment_id,
        entry_id=row.entry_id,
        facts=_describe(document) | differences,
        found_at=now,
    )


def _find_differences(row: Any) -> dict[str, str]:
    amount = expected_amount(Money.of(row.sent["amount"], row.sent["currency"]), row.edited_in_bank)
    return find_differences(amount, load_details(row.details), is_same_account=row.is_same_account)


def _describe(document: Mapping[str, Any]) -> dict[str, str]:
    return {name: document[name] for name in ("number", "date", "amount", "currency")}
