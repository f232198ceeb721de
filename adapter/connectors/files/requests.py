"""What we ask of the bank beside drafts: to take one back, to make a statement of a period.

One small file for each, named by its id; the same request again writes nothing new once its file is out.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from adapter.connectors.files.folders import Folders, write_whole
from adapter.connectors.files.incoming import AccountStatement
from adapter.connectors.files.status_files import Refusal, StatusLine
from adapter.connectors.files.tables import files_ledgers, files_statement_orders, files_withdrawals, insert_into
from adapter.domain.core import CoreStatementOrder
from adapter.domain.moscow import MOSCOW

_WITHDRAWAL = sa.select(files_withdrawals).where(files_withdrawals.c.request_id == sa.bindparam("id"))
_ORDER = sa.select(files_statement_orders).where(files_statement_orders.c.order_id == sa.bindparam("id"))
_OPEN_ORDERS = sa.select(files_statement_orders).where(
    files_statement_orders.c.account_id == sa.bindparam("account"),
    files_statement_orders.c.as_of.is_(None),
    files_statement_orders.c.refused_as.is_(None),
)


def withdraw(writer: Engine, folders: Folders, document_id: str, request_id: str, now: dt.datetime) -> None:
    """Ask the bank to take a draft back.  Raises CoreUnavailable where the file could not be put out."""
    row = {"request_id": request_id, "document_id": document_id, "made_at": now}
    content = render_withdrawal(document_id, request_id, now)
    _ask_once(writer, folders, files_withdrawals, row, f"withdrawal-{request_id}.csv", content, now)


def order_statement(writer: Engine, folders: Folders, order: CoreStatementOrder, now: dt.datetime) -> None:
    """Ask the bank for a period.  Raises CoreUnavailable where the file could not be put out."""
    row = {
        "order_id": order.id,
        "account_id": order.core_account_id,
        "date_from": order.date_from,
        "date_to": order.date_to,
        "made_at": now,
    }
    content = render_order(order, now)
    _ask_once(writer, folders, files_statement_orders, row, f"statement-order-{order.id}.csv", content, now)


def render_withdrawal(document_id: str, request_id: str, now: dt.datetime) -> bytes:
    return _csv(("request_id", "document_id", "made_at"), (request_id, document_id, _moscow(now)))


def render_order(order: CoreStatementOrder, now: dt.datetime) -> bytes:
    return _csv(
        ("order_id", "account", "date_from", "date_to", "made_at"),
        (order.id, order.core_account_id, order.date_from.isoformat(), order.date_to.isoformat(), _moscow(now)),
    )


def find_withdrawal(connection: Connection, request_id: str) -> Row[*tuple[Any, ...]] | None:
    return connection.execute(_WITHDRAWAL, {"id": request_id}).one_or_none()


def find_order(connection: Connection, order_id: str) -> Row[*tuple[Any, ...]] | None:
    return connection.execute(_ORDER, {"id": order_id}).one_or_none()


def answer_orders(tx: Connection, statement: AccountStatement, now: dt.datetime) -> None:
    """A statement that tells a whole period, made after it was ordered, is the answer; as the ledger stands with it.

    Where the file does not tell when it was made, the moment of its arrival counts.
    """
    if not statement.is_whole:
        return
    made_by = min(statement.made_by or now, now)
    for order in tx.execute(_OPEN_ORDERS, {"account": statement.account}).all():
        if (statement.date_from, statement.date_to) == (order.date_from, order.date_to) and (made_by >= order.made_at):
            _answer(tx, order.order_id, statement, made_by)


def refuse(tx: Connection, line: StatusLine) -> bool:
    """Keep the bank's no; False where there is no such request."""
    table, key = (
        (files_withdrawals, files_withdrawals.c.request_id)
        if line.status is Refusal.WITHDRAWAL
        else (files_statement_orders, files_statement_orders.c.order_id)
    )
    done = tx.execute(sa.update(table).where(key == line.document_id).values(refused_as=line.reason))
    return bool(done.rowcount)


def _answer(tx: Connection, order_id: str, statement: AccountStatement, as_of: dt.datetime) -> None:
    ledger = sa.select(files_ledgers.c.number).where(files_ledgers.c.account_id == statement.account)
    tx.execute(
        sa.update(files_statement_orders)
        .where(files_statement_orders.c.order_id == order_id)
        .values(
            as_of=as_of,
            ledger_number=ledger.scalar_subquery(),
            opening_kopecks=statement.opening.kopecks,
            closing_kopecks=statement.closing.kopecks,
            currency=statement.opening.currency,
        )
    )


def _ask_once(
    writer: Engine, folders: Folders, table: sa.Table, row: dict[str, Any], name: str, content: bytes, now: dt.datetime
) -> None:
    """The row first: a crash before the file leaves a request that the next call puts out under the same name."""
    key = next(iter(table.primary_key.columns))
    is_this = key == row[key.name]
    with writer.begin() as tx:
        tx.execute(insert_into(tx, table).on_conflict_do_nothing(), row)
        out_at = tx.execute(sa.select(table.c.out_at).where(is_this)).scalar_one()
    if out_at is None:
        write_whole(folders.outgoing, name, content)
        with writer.begin() as tx:
            tx.execute(sa.update(table).where(is_this).values(out_at=now))


def _csv(columns: Sequence[str], values: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([columns, values])
    return text.getvalue().encode()


def _moscow(moment: dt.datetime) -> str:
    return moment.astimezone(MOSCOW).isoformat(timespec="seconds")
