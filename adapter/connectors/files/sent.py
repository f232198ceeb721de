"""What left, written down whole beside the folders: it outlives a restore of the database to an earlier moment.

Batches are numbered.  The record of a batch, `.sent/NUMBER.json`, is on the disk before its file is in out/.  A record
with a number that the database does not know yet is one that it forgot: its drafts count as sent again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Engine, Row

from adapter.connectors.files.folders import Folders, write_whole
from adapter.connectors.files.tables import files_batches, files_documents, files_read, insert_into
from adapter.domain.errors import CoreUnavailable

log = structlog.get_logger("adapter.files")

_LOOK_AHEAD = 16  # a killed process may have left out as many numbers

Record = dict[str, Any]
_OF_A_DOCUMENT = (
    "document_id",
    "account_id",
    "kopecks",
    "payment_order",
    "customer_id",
    "partner_name",
    "possible_duplicate",
    "origin",
)

_LAST = sa.select(sa.func.coalesce(sa.func.max(files_batches.c.number), 0))
_IS_USED = sa.select(sa.or_(sa.exists(sa.select(files_batches.c.name)), sa.exists(sa.select(files_read.c.number))))
_DOCUMENTS = (
    sa.select(*(files_documents.c[name] for name in _OF_A_DOCUMENT))
    .where(files_documents.c.batch_name == sa.bindparam("batch"))
    .order_by(files_documents.c.document_id)
)


def check_folders(connection: Connection, folders: Folders) -> None:
    """Raises CoreUnavailable, also where the folders are not those that the ledger knows."""
    folders.check(is_used=bool(connection.execute(_IS_USED).scalar_one()))


def has_record(folders: Folders, number: int) -> bool:
    """Raises CoreUnavailable."""
    return _read_record(folders, number) is not None


def next_number(connection: Connection) -> int:
    """Two that take the same one do not both get it: it is unique."""
    return int(connection.execute(_LAST).scalar_one()) + 1


def record_batch(connection: Connection, folders: Folders, batch: Row[*tuple[Any, ...]]) -> None:
    """Write a batch down.  Raises CoreUnavailable, also where another batch has its number."""
    known = _read_record(folders, batch.number)
    if known is not None and known["name"] != batch.name:
        raise CoreUnavailable(f"the record {batch.number} of what left is another: the database was restored in use")
    if known is None:
        documents = connection.execute(_DOCUMENTS, {"batch": batch.name}).all()
        record = {
            "name": batch.name,
            "temporary_name": batch.temporary_name,
            "made_at": batch.made_at,
            "documents": [{name: getattr(row, name) for name in _OF_A_DOCUMENT} for row in documents],
        }
        write_whole(folders.sent, _file_name(batch.number), orjson.dumps(record))


def remember_sent(writer: Engine, folders: Folders) -> None:
    """Take back into the database what it forgot.  Raises CoreUnavailable, also where the share is away."""
    with writer.connect() as connection, connection.begin():
        check_folders(connection, folders)
        last = int(connection.execute(_LAST).scalar_one())
    for number, record in _list_forgotten(folders, last):
        with writer.begin() as tx:
            _restore(tx, number, record)
        log.warning("a batch that the database forgot", batch=record["name"], documents=len(record["documents"]))


def _list_forgotten(folders: Folders, last: int) -> Iterator[tuple[int, Record]]:
    number = last + 1
    while number <= last + _LOOK_AHEAD:
        record = _read_record(folders, number)
        if record is not None:
            last = number
            yield number, record
        number += 1


def _restore(tx: Connection, number: int, record: Record) -> None:
    """As ready: it is put out where that was not done yet, and is out from then on, later than all words of a loss."""
    name, made_at = record["name"], dt.datetime.fromisoformat(record["made_at"])
    batch = {"name": name, "number": number, "temporary_name": record["temporary_name"], "made_at": made_at}
    tx.execute(insert_into(tx, files_batches).on_conflict_do_nothing(), batch)
    rows = [{**one, "batch_name": name, "edited": {}} for one in record["documents"]]
    if rows:
        tx.execute(_take_over(tx), rows)


def _take_over(tx: Connection) -> Any:
    """A draft that left again is in its later batch: a loss told of the earlier one is no permission any more."""
    insert = insert_into(tx, files_documents)
    return insert.on_conflict_do_update(
        index_elements=["document_id"],
        set_={"batch_name": insert.excluded.batch_name},
        where=files_documents.c.status.is_(None),
    )


def _read_record(folders: Folders, number: int) -> Record | None:
    try:
        with suppress(FileNotFoundError):
            record: Record = orjson.loads((folders.sent / _file_name(number)).read_bytes())
            return record
    except (OSError, ValueError) as error:
        raise CoreUnavailable(f"the record {number} of what left cannot be read") from error
    return None


def _file_name(number: int) -> str:
    return f"{number:012d}.json"
