"""Payments that the core has and we lost, recreated from what the core kept of them.

The row of the feed of fates is locked first, as when a payment is accepted: of a partner that sends its order again and
an adoption of the first, one comes after the other and sees it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind, dump_facts
from adapter.domain.core import CoreAccount, CoreDocument
from adapter.domain.fates import Action, Source, Word
from adapter.domain.imports import fingerprint_of
from adapter.domain.origins import Origin
from adapter.domain.payments import PaymentStatus
from adapter.schemas.orders import dump_order
from adapter.store.accepting import TAKE_NUMBERS
from adapter.store.accounts import find_beginnings, upsert_account
from adapter.store.alarms import raise_once
from adapter.store.fates import write_words
from adapter.store.imports import add_lost_import
from adapter.store.lists import is_one_of
from adapter.store.tables import accounts, outbox, payments

log = structlog.get_logger("adapter.adoption")

# Partner and customer of a consent; None for one that is not known here.
ConsentOwner = Callable[[Connection, str], tuple[str, str] | None]

EXTERNAL_ID_TAKEN = "its external id names another payment by now"
NO_ACCOUNT = "the core does not tell its account"
NOT_HIS = "its consent is another partner's or customer's here"
STEP = "запись восстановлена по данным банка"

KNOWN = sa.select(payments.c.id).where(is_one_of(payments.c.id, "ids"))
TAKEN = sa.select(payments.c.id).where(
    payments.c.partner_id == sa.bindparam("partner_id"),
    payments.c.customer_id == sa.bindparam("customer_id"),
    payments.c.external_id == sa.bindparam("external_id"),
)
ACCOUNT = sa.select(accounts.c.id, accounts.c.number).where(
    accounts.c.id == sa.bindparam("id"),
    accounts.c.core_id == sa.bindparam("core_id"),
    accounts.c.customer_id == sa.bindparam("customer_id"),
)
LIVING_ACCOUNT = sa.select(accounts.c.id, accounts.c.number).where(
    accounts.c.core_id == sa.bindparam("core_id"),
    accounts.c.customer_id == sa.bindparam("customer_id"),
    accounts.c.moved_at.is_(None),
)
ASK_ABOUT = outbox.insert().values(action=Action.SUBMIT)


def list_unknown(connection: Connection, payment_ids: Collection[str]) -> Sequence[str]:
    """Those of the ids that no payment has."""
    known = set(connection.scalars(KNOWN, {"ids": payment_ids}))
    return [one for one in payment_ids if one not in known]


def adopt(
    tx: Connection,
    document: CoreDocument,
    origin: Origin,
    core_account: CoreAccount | None,
    find_owner: ConsentOwner,
    now: dt.datetime,
    *,
    is_silent: bool,
) -> str | None:
    """Recreate one payment under its id; None where it is here now, else why it cannot be.

    With `is_silent` the core is asked about it from now on.  One that is here already has what it needs.
    """
    owner = {"partner_id": origin.partner_id, "customer_id": document.customer_id}
    number = tx.execute(TAKE_NUMBERS[tx.dialect.name], {**owner, "number": 1}).scalar_one()
    if not list_unknown(tx, [document.id]):
        return None
    other = tx.execute(TAKEN, {**owner, "external_id": origin.external_id}).scalar_one_or_none()
    if other is not None:
        raise_once(tx, AlarmKind.NEEDS_PERSON, {other: dump_facts(other_document=document.id)}, now)
        return EXTERNAL_ID_TAKEN
    if find_owner(tx, origin.consent_id) not in (None, (origin.partner_id, document.customer_id)):
        return NOT_HIS
    account = _find_account(tx, document, origin, core_account, now)
    if account is None:
        return NO_ACCOUNT
    if origin.batch:
        add_lost_import(tx, origin, document.customer_id)
    tx.execute(payments.insert(), _row(document, origin, account, number, now))
    if is_silent:
        tx.execute(ASK_ABOUT, {"payment_id": document.id, "due_at": now, "last_sent_at": now})
    word = Word(payment_id=document.id, status=PaymentStatus.UNKNOWN, at=now, source=Source.ADAPTER, reason=STEP)
    write_words(tx, [word], now)
    raise_once(tx, AlarmKind.ADOPTED, {document.id: "the core had it and we did not"}, now)
    log.warning("a payment was recreated from the core", payment_id=document.id, partner_id=origin.partner_id)
    return None


def _find_account(
    tx: Connection, document: CoreDocument, origin: Origin, told: CoreAccount | None, now: dt.datetime
) -> Any | None:
    """The customer's own: that of the payment, also where it moved since; else the one that was lost too."""
    his = {"core_id": document.core_account_id, "customer_id": document.customer_id}
    found = tx.execute(ACCOUNT, {**his, "id": origin.account_id}).one_or_none()
    found = found or tx.execute(LIVING_ACCOUNT, his).one_or_none()
    if found is not None or told is None or told.customer_id != document.customer_id:
        return found
    owned_from = find_beginnings(tx, [told.core_id]).get(told.core_id)
    return upsert_account(tx, told, now, owned_from, account_id=origin.account_id)


def _row(document: CoreDocument, origin: Origin, account: Any, number: int, now: dt.datetime) -> dict[str, Any]:
    order = replace(document.order, external_id=origin.external_id, account_id=account.id, payer_account=None)
    return {
        "id": document.id,
        "partner_id": origin.partner_id,
        "partner_name": document.partner_name,
        "customer_id": document.customer_id,
        "consent_id": origin.consent_id,
        "account_id": account.id,
        "import_id": origin.batch.import_id if origin.batch else None,
        "import_place": origin.batch.place if origin.batch else None,
        "external_id": origin.external_id,
        "order": dump_order(order),
        "order_sha256": origin.order_sha256,
        "fingerprint": fingerprint_of(order, account.number),
        "status": PaymentStatus.QUEUED,
        "number": number,
        "possible_duplicate": document.possible_duplicate,
        "edited_in_bank": {},
        "warnings": [],
        "created_at": origin.created_at,
        "updated_at": now,
    }
