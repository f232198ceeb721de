"""What happens to new payments inside the transaction that accepts them.

The row of the feed of fates is locked first, so two requests of one partner and customer accept one after the other and
neither misses an external id that the other has just stored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from adapter.domain.errors import ExternalIdTaken
from adapter.domain.fates import Action
from adapter.domain.imports import Draft
from adapter.domain.payments import Payment, PaymentStatus
from adapter.ports import PaymentCaller
from adapter.schemas.orders import dump_order
from adapter.store.lists import is_one_of
from adapter.store.payment_rows import OURS, dump_row, owner_of
from adapter.store.tables import outbox, payment_feeds, payment_steps, payments


def _take_numbers(insert: Any) -> Any:
    row = insert(payment_feeds)
    return row.on_conflict_do_update(
        index_elements=["partner_id", "customer_id"], set_={"number": payment_feeds.c.number + row.excluded.number}
    ).returning(payment_feeds.c.number)


TAKE_NUMBERS = {"postgresql": _take_numbers(postgresql.insert), "sqlite": _take_numbers(sqlite.insert)}
STORED = sa.select(payments.c.id, payments.c.external_id, payments.c.order_sha256, payments.c.import_id).where(
    OURS, is_one_of(payments.c.external_id, "external_ids")
)
LOOKALIKES = sa.select(payments.c.id, payments.c.partner_id, payments.c.fingerprint).where(
    is_one_of(payments.c.fingerprint, "fingerprints"),
    payments.c.created_at > sa.bindparam("since"),
    payments.c.customer_id == sa.bindparam("customer_id"),
)
_JUST_STORED = sa.and_(OURS, payments.c.number.between(sa.bindparam("first"), sa.bindparam("last")))
_STEPS = sa.union_all(
    sa.select(
        sa.literal(0).label("step"),
        sa.literal(PaymentStatus.RECEIVED.value).label("status"),
        sa.literal("partner").label("source"),
    ),
    sa.select(sa.literal(1), sa.literal(PaymentStatus.QUEUED.value), sa.literal("adapter")),
).subquery()
# Steps and errands of all new payments in one statement each, whatever their number.
ADD_STEPS = payment_steps.insert().from_select(
    ["payment_id", "step", "status", "source", "at", "applied"],
    sa.select(payments.c.id, _STEPS.c.step, _STEPS.c.status, _STEPS.c.source, payments.c.created_at, sa.true())
    .join_from(payments, _STEPS, sa.true())
    .where(_JUST_STORED),
)
ADD_ERRANDS = outbox.insert().from_select(
    ["payment_id", "action", "due_at"],
    sa.select(payments.c.id, sa.literal(Action.SUBMIT.value), payments.c.created_at).where(_JUST_STORED),
    include_defaults=False,
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A payment that came before under the same external id."""

    id: str
    order_sha256: bytes
    import_id: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """An order as it is stored, and the SHA-256 by which a repetition is known."""

    order: Mapping[str, Any]
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Drafts parted into new ones and ones that are stored already (by external id); numbers are taken for all."""

    new: Sequence[Draft]
    stored: Mapping[str, Stored]
    written: Mapping[str, Written]
    first: int
    last: int


def sort_out(tx: Connection, caller: PaymentCaller, drafts: Sequence[Draft]) -> Sorted:
    """Lock the feed of fates and part the drafts; raises ExternalIdTaken where an id names another order."""
    taken = {**owner_of(caller), "number": len(drafts)}
    last = tx.execute(TAKE_NUMBERS[tx.dialect.name], taken).scalar_one()
    stored, written = find_stored(tx, caller, drafts), write_orders(drafts)
    for external_id, known in stored.items():
        if known.order_sha256 != written[external_id].sha256:
            raise ExternalIdTaken(external_id, known.id)
    new = [draft for draft in drafts if draft.external_id not in stored]
    return Sorted(new=new, stored=stored, written=written, first=last - len(drafts) + 1, last=last)


def add_payments(tx: Connection, caller: PaymentCaller, found: Sorted, duplicates_since: dt.datetime) -> list[Payment]:
    """Store the new ones with their first steps and their errands."""
    if not found.new:
        return []
    drafts = _flag_lookalikes(tx, caller, found.new, duplicates_since)
    rows = []
    for place, draft in enumerate(drafts):
        written = found.written[draft.external_id]
        rows.append(dump_row(caller, draft, written.order, written.sha256, found.first + place))
    tx.execute(payments.insert(), rows)
    just_stored = {**owner_of(caller), "first": found.first, "last": found.last}
    tx.execute(ADD_STEPS, just_stored)
    tx.execute(ADD_ERRANDS, just_stored)
    return [draft.payment for draft in drafts]


def find_stored(connection: Connection, caller: PaymentCaller, drafts: Sequence[Draft]) -> dict[str, Stored]:
    """What is stored under the external ids of the drafts."""
    wanted = {**owner_of(caller), "external_ids": [draft.external_id for draft in drafts]}
    return {
        row.external_id: Stored(row.id, bytes(row.order_sha256), row.import_id)
        for row in connection.execute(STORED, wanted)
    }


def write_orders(drafts: Sequence[Draft]) -> dict[str, Written]:
    """By external id."""
    return {draft.external_id: _write(dump_order(draft.payment.order)) for draft in drafts}


def _write(order: Mapping[str, Any]) -> Written:
    return Written(order, hashlib.sha256(orjson.dumps(order, option=orjson.OPT_SORT_KEYS)).digest())


def _flag_lookalikes(tx: Connection, caller: PaymentCaller, drafts: Sequence[Draft], since: dt.datetime) -> list[Draft]:
    """Mark what a person would call the same payment under another id, whichever partner sent that one."""
    seen: dict[str, list[tuple[str, str]]] = defaultdict(list)
    fingerprints = [draft.fingerprint for draft in drafts]
    wanted = {"fingerprints": fingerprints, "since": since, "customer_id": caller.customer_id}
    for row in tx.execute(LOOKALIKES, wanted):
        seen[row.fingerprint].append((row.partner_id, row.id))
    flagged = []
    for draft in drafts:
        twins = seen[draft.fingerprint]
        flagged.append(_flag(draft, caller.partner_id, twins) if twins else draft)
        twins.append((caller.partner_id, draft.payment.id))
    return flagged


def _flag(draft: Draft, partner_id: str, twins: Sequence[tuple[str, str]]) -> Draft:
    own = next((payment_id for partner, payment_id in twins if partner == partner_id), None)
    return replace(draft, payment=replace(draft.payment, possible_duplicate=True, possible_duplicate_of=own))
