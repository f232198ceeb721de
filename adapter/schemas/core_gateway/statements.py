"""Periods ordered beside the feed."""

from __future__ import annotations

from adapter.domain.core import (
    CoreStatement,
    CoreStatementOrder,
    StatementAnswer,
    StatementPending,
    StatementRefused,
)
from adapter.schemas.core_gateway.entries import dump_entry, load_entry
from adapter.schemas.core_gateway.members import Members
from adapter.schemas.core_gateway.values import Json

AGAIN_AFTER_MAX_S = 3600.0


def dump_statement_order(order: CoreStatementOrder) -> Json:
    """Without its id, which is in the address."""
    return {
        "account_id": order.core_account_id,
        "from": order.date_from.isoformat(),
        "to": order.date_to.isoformat(),
    }


def load_statement_order(order_id: str, body: Members) -> CoreStatementOrder:
    date_from, date_to = body.day("from"), body.day("to")
    if date_from > date_to:
        raise body.wrong("to", "before `from`")
    account_id = body.identifier("account_id")
    return CoreStatementOrder(id=order_id, core_account_id=account_id, date_from=date_from, date_to=date_to)


def dump_statement_answer(answer: StatementAnswer) -> Json:
    if isinstance(answer, StatementPending):
        return {"order_id": answer.order_id, "state": "pending", "again_after_s": answer.again_after_s}
    if isinstance(answer, StatementRefused):
        return {"order_id": answer.order_id, "state": "refused", "code": answer.code, "reason": answer.reason}
    return {
        "order_id": answer.order_id,
        "state": "ready",
        "account_id": answer.core_account_id,
        "from": answer.date_from.isoformat(),
        "to": answer.date_to.isoformat(),
        "currency": answer.opening.currency,
        "opening": str(answer.opening),
        "closing": str(answer.closing),
        "entries": [dump_entry(one) for one in answer.entries],
        "as_of": answer.as_of.isoformat(),
    }


def load_statement_answer(body: Members) -> StatementAnswer:
    order_id, state = body.identifier("order_id"), body.text("state")
    if state == "pending":
        again_after_s = body.seconds_or_none("again_after_s") or 1.0
        return StatementPending(order_id=order_id, again_after_s=min(max(again_after_s, 0.0), AGAIN_AFTER_MAX_S))
    if state == "refused":
        return StatementRefused(order_id=order_id, code=body.identifier("code"), reason=body.text("reason"))
    if state != "ready":
        raise body.wrong("state", "not one of pending, ready, refused")
    currency = body.currency()
    return CoreStatement(
        order_id=order_id,
        core_account_id=body.identifier("account_id"),
        date_from=body.day("from"),
        date_to=body.day("to"),
        opening=body.money("opening", currency),
        closing=body.money("closing", currency),
        entries=[load_entry(one) for one in body.objects("entries")],
        as_of=body.moment("as_of"),
    )
