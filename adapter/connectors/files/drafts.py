"""Drafts on their way out: one file for each batch, and a ledger of what left in which.

    the file is whole on the disk under a temporary name      a crash here leaves a stray file, nothing was sent
    → its drafts are written into the ledger, as ready         from here on they count as sent
    → what it holds is recorded in .sent/ (sent.py)            for a database that is restored to an earlier moment
    → the file gets its name                                   a crash before or after: `put_out_ready` ends it
    → the ledger notes that it is out

A draft is in the ledger under one batch, and a batch's temporary file can be renamed once, whoever tries: so no draft
is ever written into out/ a second time, also where the bank has taken the file away already.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from adapter.connectors.files.folders import Folders, remove_temporary, rename_temporary, write_temporary
from adapter.connectors.files.ledgers import in_parts
from adapter.connectors.files.sent import has_record, next_number, record_batch, remember_sent
from adapter.connectors.files.tables import files_batches, files_denials, files_documents, insert_into
from adapter.connectors.records import dump_order, load_order
from adapter.domain.core import CoreAccount, CoreDocument
from adapter.domain.errors import CoreUnavailable
from adapter.domain.parties import Counterparty
from adapter.formats.onec_exchange import OutgoingDraft, render_drafts

log = structlog.get_logger("adapter.files")

SENDER = "bank-adapter"
STRAY_AFTER_S = 3600.0  # longer than anybody writes one file

_BY_IDS = sa.select(files_documents).where(files_documents.c.document_id.in_(sa.bindparam("ids", expanding=True)))
_SILENT = sa.select(files_documents).where(files_documents.c.status.is_(None)).order_by(files_documents.c.document_id)
_READY = sa.select(files_batches).where(files_batches.c.out_at.is_(None)).order_by(files_batches.c.made_at)
_FORGET = sa.delete(files_documents).where(
    files_documents.c.document_id == sa.bindparam("id"),
    files_documents.c.status.is_(None),
    files_documents.c.batch_name.in_(
        sa.select(files_batches.c.name).where(files_batches.c.out_at < sa.bindparam("at"))
    ),
)
_FORGET_DRAFTS = sa.delete(files_documents).where(files_documents.c.batch_name == sa.bindparam("batch"))
_FORGET_BATCH = sa.delete(files_batches).where(files_batches.c.name == sa.bindparam("batch"))
_CLAIM_LOST = (  # takes the lock under which another process notes the batch as out
    sa.update(files_batches)
    .where(files_batches.c.name == sa.bindparam("batch"), files_batches.c.out_at.is_(None))
    .values(made_at=files_batches.c.made_at)
)
_NAMES = (
    sa.select(sa.func.count()).select_from(files_batches).where(files_batches.c.name.startswith(sa.bindparam("stem")))
)
_NOTE_OUT = (
    sa.update(files_batches).where(files_batches.c.name == sa.bindparam("batch")).values(out_at=sa.bindparam("at"))
)


def find_documents(connection: Connection, ids: Collection[str]) -> dict[str, sa.Row[*tuple[Any, ...]]]:
    """The ledger's rows of documents, by id."""
    found = (connection.execute(_BY_IDS, {"ids": part}) for part in in_parts(ids))
    return {row.document_id: row for rows in found for row in rows}


def list_silent(connection: Connection) -> list[CoreDocument]:
    """Drafts that left, of which the bank has not yet said anything."""
    return [load_document(row) for row in connection.execute(_SILENT)]


def load_document(row: sa.Row[*tuple[Any, ...]]) -> CoreDocument:
    """A draft as it was submitted."""
    return CoreDocument(
        id=row.document_id,
        customer_id=row.customer_id,
        core_account_id=row.account_id,
        order=load_order(row.payment_order),
        partner_name=row.partner_name,
        possible_duplicate=row.possible_duplicate,
        origin=row.origin,
    )


def forget_document(tx: Connection, document_id: str, at: dt.datetime) -> bool:
    """The bank says that a draft never came: it may leave again.  False for one of which the bank spoke before.

    A word is one permission, and only for the sending before it: lists of a bank tell the same word again.
    """
    told = {"document_id": document_id, "at": at}
    # Asked by RETURNING: of an insert that met a conflict PostgreSQL's driver does not tell the rows.
    new = insert_into(tx, files_denials).on_conflict_do_nothing().returning(files_denials.c.document_id)
    if tx.execute(new, told).one_or_none() is None:
        return True
    return bool(tx.execute(_FORGET, {"id": document_id, "at": at}).rowcount)


def submit(
    writer: Engine,
    folders: Folders,
    documents: Sequence[CoreDocument],
    accounts: Mapping[str, CoreAccount],
    now: dt.datetime,
) -> None:
    """Put those documents into out/ that never were there, as one file.

    Raises CoreUnavailable where nothing was sent: the disk is full, the folder is gone.
    """
    remember_sent(writer, folders)
    folders.check_room()
    new = _list_new(writer, documents)
    while new and not _write_batch(writer, folders, new, accounts, now):
        new = _list_new(writer, documents)  # a twin of this call was first with some of them
    try:
        put_out_ready(writer, folders, now)
    except CoreUnavailable as error:  # they count as sent: whoever comes next puts them out
        log.warning("drafts wait beside the folder out", error=str(error))


def put_out_ready(writer: Engine, folders: Folders, now: dt.datetime) -> None:
    """Give their names to batches that are ready, also those that a killed process left."""
    with writer.begin() as tx:
        ready = tx.execute(_READY).all()
    for batch in ready:
        if not folders.has_temporary(batch.temporary_name) and not has_record(folders, batch.number):
            _give_up(writer, batch, now)
            continue
        with writer.begin() as tx:
            record_batch(tx, folders, batch)
        rename_temporary(folders.outgoing, batch.temporary_name, batch.name)
        with writer.begin() as tx:
            tx.execute(_NOTE_OUT, {"batch": batch.name, "at": now})


def _give_up(writer: Engine, batch: sa.Row[*tuple[Any, ...]], now: dt.datetime) -> None:
    """A batch lost its file before it left: what leaves is recorded first.  Its drafts may leave in another.

    Not at once: another machine may have renamed the file, and a network's file system shows its record late.
    """
    if now - batch.made_at < dt.timedelta(seconds=STRAY_AFTER_S):
        log.warning("a batch has no file in the folder out", batch=batch.name)
        return
    with writer.begin() as tx:
        if not tx.execute(_CLAIM_LOST, {"batch": batch.name}).rowcount:
            return  # another process noted it as out
        tx.execute(_FORGET_DRAFTS, {"batch": batch.name})
        tx.execute(_FORGET_BATCH, {"batch": batch.name})
    log.error("a batch lost its file before it left; its drafts leave in another", batch=batch.name)


def remove_strays(writer: Engine, folders: Folders) -> None:
    """Drop temporary files that a killed process left before anything was sent.  Raises CoreUnavailable."""
    strays = folders.list_strays(STRAY_AFTER_S)
    if not strays:
        return
    with writer.begin() as tx:
        ready = {row.temporary_name for row in tx.execute(_READY)}
    for name in strays:
        if name not in ready:
            remove_temporary(folders.outgoing, name)


def _name_batch(connection: Connection, document_ids: Collection[str]) -> str:
    """The same drafts make the same name, with a number behind it where the bank lost them and they leave again."""
    digest = hashlib.sha256("\n".join(sorted(document_ids)).encode()).hexdigest()
    stem = f"drafts-{digest[:24]}"
    before = connection.execute(_NAMES, {"stem": stem}).scalar_one()
    return f"{stem}-{before + 1}.txt" if before else f"{stem}.txt"


def _list_new(writer: Engine, documents: Sequence[CoreDocument]) -> list[CoreDocument]:
    with writer.begin() as tx:
        known = find_documents(tx, [one.id for one in documents])
    return list({one.id: one for one in documents if one.id not in known}.values())


def _write_batch(
    writer: Engine,
    folders: Folders,
    documents: Sequence[CoreDocument],
    accounts: Mapping[str, CoreAccount],
    now: dt.datetime,
) -> bool:
    """False, and nothing left behind, where another process wrote one of them into the ledger meanwhile."""
    with writer.begin() as tx:
        number, name = next_number(tx), _name_batch(tx, [one.id for one in documents])
    content = render_drafts([_outgoing(one, accounts[one.core_account_id]) for one in documents], SENDER, now)
    temporary = write_temporary(folders.outgoing, name, content)
    try:
        with writer.begin() as tx:
            batch = {"name": name, "number": number, "temporary_name": temporary, "made_at": now}
            tx.execute(sa.insert(files_batches), batch)
            tx.execute(sa.insert(files_documents), [_row(one, name) for one in documents])
    except IntegrityError:
        remove_temporary(folders.outgoing, temporary)
        return False
    return True


def _outgoing(document: CoreDocument, account: CoreAccount) -> OutgoingDraft:
    """The payer's account and bank are the directory's; the name is the partner's only where the order tells one."""
    payer = document.order.payer or account.owner
    return OutgoingDraft(
        document_id=document.id,
        order=document.order,
        payer=Counterparty(name=payer.name, inn=payer.inn, kpp=payer.kpp, account=account.number, bic=account.bic),
        partner_name=document.partner_name,
        possible_duplicate=document.possible_duplicate,
    )


def _row(document: CoreDocument, name: str) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "batch_name": name,
        "account_id": document.core_account_id,
        "kopecks": document.order.amount.kopecks,
        "payment_order": dump_order(document.order),
        "customer_id": document.customer_id,
        "partner_name": document.partner_name,
        "possible_duplicate": document.possible_duplicate,
        "origin": document.origin,
        "edited": {},
    }
