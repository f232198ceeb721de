"""Batches: what was sent, and what became of each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.errors import FieldError, NotFound
from adapter.domain.imports import (
    ImportLine,
    ImportMode,
    ImportShape,
    OrderReferences,
    PaymentImport,
    SentMessage,
)
from adapter.domain.order_warnings import LOOKS_LIKE_ANOTHER, tells_twin
from adapter.domain.origins import Origin
from adapter.domain.payments import Payment, PaymentStatus
from adapter.domain.statements import ReadWarning
from adapter.ports import PaymentCaller
from adapter.store.accepting import Sorted
from adapter.store.field_errors import dump_field_errors, load_field_errors
from adapter.store.lists import is_one_of
from adapter.store.payment_rows import owner_of
from adapter.store.tables import imports, payments

READ = sa.select(imports).where(
    imports.c.id == sa.bindparam("id"),
    imports.c.partner_id == sa.bindparam("partner_id"),
    imports.c.customer_id == sa.bindparam("customer_id"),
)
STATUSES = sa.select(
    payments.c.id,
    payments.c.status,
    payments.c.status_reason,
    payments.c.possible_duplicate_of,
    payments.c.warnings,
).where(is_one_of(payments.c.id, "ids"))
LOST_LINES = (
    sa.select(payments.c.id, payments.c.import_place, payments.c.external_id)
    .where(payments.c.import_id == sa.bindparam("id"))
    .order_by(payments.c.import_place)
)
BODY = sa.select(imports.c.body_sha256).where(imports.c.id == sa.bindparam("id"))


def read_import(connection: Connection, caller: PaymentCaller, import_id: str) -> PaymentImport:
    """With the present status of every payment.  Raises NotFound."""
    row = connection.execute(READ, {**owner_of(caller), "id": import_id}).one_or_none()
    if row is None:
        raise NotFound
    stored = PaymentImport(
        id=row.id,
        partner_id=row.partner_id,
        customer_id=row.customer_id,
        consent_id=row.consent_id,
        shape=ImportShape(row.shape),
        mode=ImportMode(row.mode),
        created_at=row.created_at,
        lines=tuple(_load_line(line) for line in row.lines) or _read_lost_lines(connection, row.id),
        warnings=tuple(ReadWarning(**warning) for warning in row.warnings),
        message=SentMessage(**row.message) if row.message else None,
    )
    return with_present_status(connection, stored)


def _read_lost_lines(connection: Connection, import_id: str) -> tuple[ImportLine, ...]:
    """Of a batch that was lost: the orders that came back; what was refused in it nobody knows any more."""
    return tuple(
        ImportLine(index=row.import_place, line=None, external_id=row.external_id, payment_id=row.id, is_new=True)
        for row in connection.execute(LOST_LINES, {"id": import_id})
    )


def with_present_status(connection: Connection, batch: PaymentImport) -> PaymentImport:
    """The batch with what became of its payments by now."""
    ids = [line.payment_id for line in batch.lines if line.payment_id]
    present = {row.id: row for row in connection.execute(STATUSES, {"ids": ids})}
    return replace(batch, lines=tuple(_tell(line, present) for line in batch.lines))


def add_import(tx: Connection, batch: PaymentImport, body_sha256: bytes) -> None:
    """Store a batch; its payments come after it."""
    row = {
        "id": batch.id,
        "partner_id": batch.partner_id,
        "customer_id": batch.customer_id,
        "consent_id": batch.consent_id,
        "shape": batch.shape,
        "mode": batch.mode,
        "body_sha256": body_sha256,
        "lines": [_dump_line(line) for line in batch.lines],
        "warnings": [asdict(warning) for warning in batch.warnings],
        "message": asdict(batch.message) if batch.message else sa.null(),
        "created_at": batch.created_at,
    }
    tx.execute(imports.insert(), row)


def add_lost_import(tx: Connection, origin: Origin, customer_id: str) -> None:
    """A batch that was lost, unless it is here: without lines, which its payments tell as they come back."""
    batch = origin.batch
    if batch is None or tx.execute(BODY, {"id": batch.import_id}).one_or_none():
        return
    lost = PaymentImport(
        id=batch.import_id,
        partner_id=origin.partner_id,
        customer_id=customer_id,
        consent_id=origin.consent_id,
        shape=batch.shape,
        mode=batch.mode,
        created_at=origin.created_at,
        lines=(),
    )
    add_import(tx, lost, batch.body_sha256)


def fill_lines(lines: Sequence[ImportLine], found: Sorted) -> tuple[ImportLine, ...]:
    """Tell each accepted line which payment it is, new or stored before."""
    new = {draft.external_id: draft.payment for draft in found.new}
    stored = {external_id: known.id for external_id, known in found.stored.items()}
    return tuple(_fill(line, new, stored) for line in lines)


def find_same(tx: Connection, found: Sorted, body_sha256: bytes) -> str | None:
    """The one earlier import that already holds every payment of this body."""
    earlier = {known.import_id for known in found.stored.values()}
    if found.new or len(earlier) != 1:
        return None
    (import_id,) = earlier
    body = tx.execute(BODY, {"id": import_id}).scalar_one_or_none()
    return import_id if body is not None and bytes(body) == body_sha256 else None


def _fill(line: ImportLine, new: Mapping[str, Payment], stored: Mapping[str, str]) -> ImportLine:
    if line.errors or line.external_id is None:
        return line
    payment = new.get(line.external_id)
    if payment is not None:
        return replace(line, payment_id=payment.id, is_new=True, warnings=_add_lookalike(line, payment))
    return replace(line, payment_id=stored[line.external_id])


def _add_lookalike(line: ImportLine, payment: Payment) -> tuple[FieldError, ...]:
    """The line's warnings; whether it looks like another payment is known only once it is being stored."""
    found = [warning for warning in payment.warnings if warning.code == LOOKS_LIKE_ANOTHER]
    return (*line.warnings, *(replace(one, pointer=f"/payments/{line.index}", line=line.line) for one in found))


def _tell(line: ImportLine, present: Mapping[str, Any]) -> ImportLine:
    if line.payment_id is None:
        return line
    row = present[line.payment_id]
    return replace(
        line,
        status=PaymentStatus(row.status),
        status_reason=row.status_reason,
        possible_duplicate=tells_twin(row.possible_duplicate_of, load_field_errors(row.warnings)),
    )


def _dump_line(line: ImportLine) -> dict[str, Any]:
    return {
        "index": line.index,
        "line": line.line,
        "external_id": line.external_id,
        "payment_id": line.payment_id,
        "is_new": line.is_new,
        "errors": dump_field_errors(line.errors),
        "warnings": dump_field_errors(line.warnings),
        "references": _dump_references(line.references),
    }


def _load_line(stored: Mapping[str, Any]) -> ImportLine:
    errors, warnings = load_field_errors(stored["errors"]), load_field_errors(stored.get("warnings", ()))
    references = _load_references(stored.get("references"))
    return ImportLine(**{**stored, "errors": errors, "warnings": warnings, "references": references})


def _dump_references(references: OrderReferences | None) -> list[str | None] | None:
    """Without names: a batch has thousands."""
    if references is None:
        return None
    return [references.payment_information_id, references.instruction_id, references.end_to_end_id]


def _load_references(stored: Sequence[Any] | None) -> OrderReferences | None:
    if stored is None:
        return None
    payment_information_id, instruction_id, end_to_end_id = stored
    return OrderReferences(
        payment_information_id=payment_information_id, instruction_id=instruction_id, end_to_end_id=end_to_end_id
    )
