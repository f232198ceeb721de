"""Rows of payments as domain values and back.  Every statement here sees one partner's payments of one customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.errors import BadCursor, NotFound
from adapter.domain.fates import FatePage, first_steps
from adapter.domain.imports import Draft
from adapter.domain.payments import Payment, PaymentStatus, StatusStep
from adapter.ports import PaymentCaller
from adapter.schemas.orders import load_stored_order
from adapter.store.field_errors import dump_field_errors, load_field_errors
from adapter.store.lists import is_one_of
from adapter.store.tables import payment_feeds, payment_steps, payments

OURS = sa.and_(
    payments.c.partner_id == sa.bindparam("partner_id"), payments.c.customer_id == sa.bindparam("customer_id")
)
READ = sa.select(payments).where(OURS, payments.c.id == sa.bindparam("id"))
FIND = sa.select(payments).where(OURS, payments.c.external_id == sa.bindparam("external_id"))
FATES = (
    sa.select(payments)
    .where(OURS, payments.c.number > sa.bindparam("after"))
    .order_by(payments.c.number)
    .limit(sa.bindparam("limit"))
)
STEPS = (
    sa.select(payment_steps)
    .where(is_one_of(payment_steps.c.payment_id, "ids"))
    .order_by(payment_steps.c.payment_id, payment_steps.c.step)
)
HEAD = sa.select(payment_feeds.c.number).where(
    payment_feeds.c.partner_id == sa.bindparam("partner_id"),
    payment_feeds.c.customer_id == sa.bindparam("customer_id"),
)


def owner_of(caller: PaymentCaller) -> dict[str, str]:
    """The parameters by which every statement is confined to the caller's own payments."""
    return {"partner_id": caller.partner_id, "customer_id": caller.customer_id}


def read_payment(connection: Connection, caller: PaymentCaller, payment_id: str) -> Payment:
    """Raises NotFound."""
    row = connection.execute(READ, {**owner_of(caller), "id": payment_id}).one_or_none()
    if row is None:
        raise NotFound
    return _load(connection, [row])[0]


def find_payment(connection: Connection, caller: PaymentCaller, external_id: str) -> Payment | None:
    row = connection.execute(FIND, {**owner_of(caller), "external_id": external_id}).one_or_none()
    return _load(connection, [row])[0] if row else None


def list_fates(connection: Connection, caller: PaymentCaller, after: int, limit: int) -> FatePage:
    """Payments by their last change; raises BadCursor for a place that the feed has not reached."""
    rows = connection.execute(FATES, {**owner_of(caller), "after": after, "limit": limit + 1}).all()
    if not rows:
        _check_reached(connection, caller, after)
        return FatePage(payments=(), number=after, has_more=False)
    page = rows[:limit]
    return FatePage(payments=_load(connection, page), number=page[-1].number, has_more=len(rows) > limit)


def dump_row(
    caller: PaymentCaller,
    draft: Draft,
    order: Mapping[str, Any],
    order_sha256: bytes,
    number: int,
    import_place: int | None,
) -> dict[str, Any]:
    """The row of a new payment."""
    payment = draft.payment
    return {
        "id": payment.id,
        "partner_id": caller.partner_id,
        "partner_name": caller.partner_name,
        "customer_id": caller.customer_id,
        "consent_id": caller.consent_id,
        "account_id": payment.account_id,
        "import_id": payment.import_id,
        "import_place": import_place,
        "external_id": payment.order.external_id,
        "order": order,
        "order_sha256": order_sha256,
        "fingerprint": draft.fingerprint,
        "status": payment.status,
        "number": number,
        "possible_duplicate": payment.possible_duplicate,
        "possible_duplicate_of": payment.possible_duplicate_of,
        "edited_in_bank": {},
        "warnings": dump_field_errors(payment.warnings),
        "created_at": payment.created_at,
        "updated_at": payment.updated_at,
    }


def _check_reached(connection: Connection, caller: PaymentCaller, after: int) -> None:
    head = connection.execute(HEAD, owner_of(caller)).scalar_one_or_none() or 0
    if after > head:
        raise BadCursor


def _load(connection: Connection, rows: Sequence[sa.Row[Any]]) -> list[Payment]:
    steps: Mapping[str, list[StatusStep]] = defaultdict(list)
    for step in connection.execute(STEPS, {"ids": [row.id for row in rows]}):
        steps[step.payment_id].append(
            StatusStep(
                status=PaymentStatus(step.status),
                at=step.at,
                source=step.source,
                reason=step.reason,
                applied=step.applied,
            )
        )
    return [_load_one(row, tuple(steps[row.id])) for row in rows]


def _load_one(row: sa.Row[Any], steps: tuple[StatusStep, ...]) -> Payment:
    return Payment(
        id=row.id,
        partner_id=row.partner_id,
        customer_id=row.customer_id,
        consent_id=row.consent_id,
        account_id=row.account_id,
        order=load_stored_order(row.order),
        status=PaymentStatus(row.status),
        status_reason=row.status_reason,
        status_history=first_steps(row.created_at) + steps,
        created_at=row.created_at,
        updated_at=row.updated_at,
        import_id=row.import_id,
        entry_id=row.entry_id,
        sign_url=row.sign_url,
        possible_duplicate=row.possible_duplicate,
        possible_duplicate_of=row.possible_duplicate_of,
        edited_in_bank=row.edited_in_bank,
        warnings=load_field_errors(row.warnings),
    )
