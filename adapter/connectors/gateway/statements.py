"""Periods ordered beside the feed."""

from __future__ import annotations

import flask
from flask_smorest import Blueprint

from adapter.connectors.gateway.asked import DEADLINE_PARAMETER, answer, body, core, deadline
from adapter.domain.core import StatementPending
from adapter.schemas.core_gateway import statements
from adapter.schemas.core_gateway.shapes.statements import (
    CoreStatementBody,
    CoreStatementOrderBody,
    StatementPendingBody,
)

blp = Blueprint("core statements", __name__, url_prefix="/core/v1", description="Periods ordered beside the feed")

ORDER_BODY = {"required": True, "content": {"application/json": {"schema": CoreStatementOrderBody}}}


@blp.put("/statement-orders/<order_id>")
@blp.doc(parameters=[DEADLINE_PARAMETER], requestBody=ORDER_BODY)
@blp.response(202, StatementPendingBody)
def order_statement(order_id: str) -> flask.Response:
    """Order a period of an account

    The id is the adapter's: the same id is the same order, however often it comes.
    """
    order = statements.load_statement_order(order_id, body())
    core().order_statement(order, deadline())
    return answer({"order_id": order_id, "state": "pending"}, 202)


@blp.get("/statement-orders/<order_id>")
@blp.doc(parameters=[DEADLINE_PARAMETER])
@blp.response(200, CoreStatementBody)
@blp.alt_response(202, schema=StatementPendingBody, description="not ready yet")
def read_statement(order_id: str) -> flask.Response:
    """Read an ordered period

    An order that the core does not know is a refused one.
    """
    found = core().read_statement(order_id, deadline())
    is_pending = isinstance(found, StatementPending)
    return answer(statements.dump_statement_answer(found), 202 if is_pending else 200)
