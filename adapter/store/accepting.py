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
from adapter.domain.order_warnings import Twin, may_tell_twin, tell_twin
from adapter.ports import PaymentCaller
from adapter.schemas.orders import dump_order
from adapter.store.lists import is_one_of
from adapter.store.payment_rows import OURS, dump_row, owner_of
from adapter.store.recovery import check_not_recovering
from adapter.store.tables import outbox, payment_feeds, payments


def _take_numbers(insert: Any) -> Any:
    row = insert(payment_feeds)
    return row.on_conflict_do_update(
        index_elements=["partner_id", "customer_id"], set_={"number": payment_feeds.c.number + row.excluded.number}
    ).returning(payment_feeds.c.number)


TAKE_NUMBERS = {"postgresql": _take_numbers(postgresql.insert), "sqlite": _take_numbers(sqlite.insert)}
# What came before under one of the external ids, and what looks the same: each half has an index of its own.
KNOWN = sa.select(
    payments.c.id,
    payments.c.partner_id,
    payments.c.external_id,
    payments.c.order_sha256,
    payments.c.import_id,
    payments.c.fingerprint,
    payments.c.created_at,
).where(
    sa.or_(
        sa.and_(OURS, is_one_of(payments.c.external_id, "external_ids")),
        sa.and_(
            is_one_of(payments.c.fingerprint, "fingerprints"),
            payments.c.created_at > sa.bindparam("since"),
            payments.c.customer_id == sa.bindparam("customer_id"),
        ),
    )
)
# The errands of all new payments in one statement, whatever their number.
ADD_ERRANDS = outbox.insert().from_select(
    ["payment_id", "action", "due_at"],
    sa.select(payments.c.id, sa.literal(Action.SUBMIT.value), payments.c.created_at).where(
        OURS, payments.c.number.between(sa.bindparam("first"), sa.bindparam("last"))
    ),
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
    """An order as it is stored, and the SHA-256 of what was sent, by which a repetition is known."""

    order: Mapping[str, Any]
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What was there before: by external id, and lookalikes by fingerprint."""

    stored: Mapping[str, Stored]
    lookalikes: Mapping[str, list[Twin]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Drafts parted into new ones and ones that are stored already (by external id); numbers are taken for all."""

    new: Sequence[Draft]
    stored: Mapping[str, Stored]
    written: Mapping[str, Written]
    first: int
    last: int


def sort_out(tx: Connection, caller: PaymentCaller, drafts: Sequence[Draft], since: dt.datetime) -> Sorted:
    """Lock the feed of fates, part the drafts and flag lookalikes that came after `since`.

    Raises ExternalIdTaken where an id names another order, and Recovering.
    """
    check_not_recovering(tx)
    taken = {**owner_of(caller), "number": len(drafts)}
    last = tx.execute(TAKE_NUMBERS[tx.dialect.name], taken).scalar_one()
    known, written = find_known(tx, caller, drafts, since), write_orders(drafts)
    for external_id, stored in known.stored.items():
        if stored.order_sha256 != written[external_id].sha256:
            raise ExternalIdTaken(external_id, stored.id)
    flagged = flag_lookalikes(caller, drafts, known)
    return Sorted(new=flagged, stored=known.stored, written=written, first=last - len(drafts) + 1, last=last)


def add_payments(tx: Connection, caller: PaymentCaller, found: Sorted, places: Mapping[str, int]) -> None:
    """Store the new ones with their errands; `places` in their batch by external id."""
    if not found.new:
        return
    rows = []
    for number, draft in enumerate(found.new, start=found.first):
        written, place = found.written[draft.external_id], places.get(draft.external_id)
        rows.append(dump_row(caller, draft, written.order, written.sha256, number, place))
    tx.execute(payments.insert(), rows)
    tx.execute(ADD_ERRANDS, {**owner_of(caller), "first": found.first, "last": found.last})


def find_known(connection: Connection, caller: PaymentCaller, drafts: Sequence[Draft], since: dt.datetime) -> Known:
    """What is stored under the external ids of the drafts, and what looks like them since a moment."""
    fingerprints = [draft.fingerprint for draft in drafts]
    external_ids = [draft.external_id for draft in drafts]
    wanted = {**owner_of(caller), "external_ids": external_ids, "fingerprints": fingerprints, "since": since}
    ids, looks = set(external_ids), set(fingerprints)
    stored: dict[str, Stored] = {}
    lookalikes: dict[str, list[Twin]] = defaultdict(list)
    for row in connection.execute(KNOWN, wanted):
        if row.partner_id == caller.partner_id and row.external_id in ids:
            stored[row.external_id] = Stored(row.id, bytes(row.order_sha256), row.import_id)
        if row.fingerprint in looks and row.created_at > since:
            twin = Twin(partner_id=row.partner_id, payment_id=row.id, external_id=row.external_id, is_stored=True)
            lookalikes[row.fingerprint].append(twin)
    return Known(stored, lookalikes)


def write_orders(drafts: Sequence[Draft]) -> dict[str, Written]:
    """By external id."""
    return {draft.external_id: _write(draft) for draft in drafts}


def _write(draft: Draft) -> Written:
    order = dump_order(draft.payment.order)
    sent = order if draft.sent == draft.payment.order else dump_order(draft.sent)
    return Written(order, hashlib.sha256(orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)).digest())


def flag_lookalikes(caller: PaymentCaller, drafts: Sequence[Draft], known: Known) -> list[Draft]:
    """The new ones; marked where a person would call them the same payment as another, whichever partner sent that."""
    seen = defaultdict(list, {fingerprint: list(twins) for fingerprint, twins in known.lookalikes.items()})
    flagged = []
    for draft in drafts:
        if draft.external_id in known.stored:
            continue
        twins = seen[draft.fingerprint]
        flagged.append(_flag(draft, caller, twins) if twins else draft)
        payment_id, external_id = draft.payment.id, draft.external_id
        twins.append(
            Twin(partner_id=caller.partner_id, payment_id=payment_id, external_id=external_id, is_stored=False)
        )
    return flagged


def _flag(draft: Draft, caller: PaymentCaller, twins: Sequence[Twin]) -> Draft:
    own = next((twin for twin in twins if twin.partner_id == caller.partner_id), None)
    twin = own or twins[0]
    told = (tell_twin(twin, caller.partner_id),) if may_tell_twin(twin, caller.partner_id, caller.scopes) else ()
    payment = replace(
        draft.payment,
        possible_duplicate=True,
        possible_duplicate_of=own.payment_id if own else None,
        warnings=(*draft.payment.warnings, *told),
    )
    return replace(draft, payment=payment)
