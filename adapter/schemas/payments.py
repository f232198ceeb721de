"""Payments, imports and checks as JSON.  `adapter/schemas/payment_shapes.py` describes the same for the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapter.domain.fates import FatePage
from adapter.domain.imports import CheckReport, ImportLine, PaymentImport
from adapter.domain.order_warnings import tells_twin
from adapter.domain.payments import Payment, StatusStep
from adapter.domain.statements import ReadWarning
from adapter.schemas.orders import dump_order
from adapter.schemas.problems import dump_field_error


def dump_payment(payment: Payment) -> dict[str, Any]:
    """A payment in its present state: what was sent, and what became of it."""
    return {
        "id": payment.id,
        **dump_order(payment.order),
        "status": payment.status,
        "status_reason": payment.status_reason,
        "status_history": [_dump_step(step) for step in payment.status_history],
        "sign_url": payment.sign_url,
        "entry_id": payment.entry_id,
        "import_id": payment.import_id,
        "possible_duplicate": tells_twin(payment.possible_duplicate_of, payment.warnings),
        "possible_duplicate_of": payment.possible_duplicate_of,
        "edited_in_bank": payment.edited_in_bank,
        "warnings": [dump_field_error(warning) for warning in payment.warnings],
        "created_at": payment.created_at.isoformat(),
        "updated_at": payment.updated_at.isoformat(),
    }


def dump_fates(page: FatePage, next_cursor: str) -> dict[str, Any]:
    return {
        "payments": [dump_payment(payment) for payment in page.payments],
        "next_cursor": next_cursor,
        "has_more": page.has_more,
    }


def dump_import(batch: PaymentImport) -> dict[str, Any]:
    """A batch with the present status of every payment."""
    return {
        "id": batch.id,
        "shape": batch.shape,
        "mode": batch.mode,
        "created_at": batch.created_at.isoformat(),
        "accepted": sum(line.payment_id is not None for line in batch.lines),
        "created": sum(line.is_new for line in batch.lines),
        "refused": sum(line.payment_id is None for line in batch.lines),
        "lines": [_dump_line(line) for line in batch.lines],
        "warnings": [_dump_warning(warning) for warning in batch.warnings],
    }


def dump_check(report: CheckReport) -> dict[str, Any]:
    return {
        "valid": not report.errors,
        "errors": [dump_field_error(error) for error in report.errors],
        "warnings": [
            *(_dump_warning(warning) for warning in report.read_warnings),
            *(dump_field_error(warning) for warning in report.warnings),
        ],
    }


def _dump_step(step: StatusStep) -> dict[str, Any]:
    return {
        "status": step.status,
        "at": step.at.isoformat(),
        "source": step.source,
        "reason": step.reason,
        "applied": step.applied,
    }


def _dump_line(line: ImportLine) -> dict[str, Any]:
    return {
        "index": line.index,
        "line": line.line,
        "external_id": line.external_id,
        "payment_id": line.payment_id,
        "created": line.is_new,
        "status": line.status,
        "status_reason": line.status_reason,
        "possible_duplicate": line.possible_duplicate,
        "errors": [dump_field_error(error) for error in line.errors],
        "warnings": [dump_field_error(warning) for warning in line.warnings],
    }


def _dump_warning(warning: ReadWarning) -> dict[str, Any]:
    found = {"pointer": "", "line": warning.line, "field": warning.field}
    return _without_none({**found, "code": warning.code, "message": warning.message})


def _without_none(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}
