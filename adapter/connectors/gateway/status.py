"""What the core can do, and how it is."""

from __future__ import annotations

import flask
from flask_smorest import Blueprint

from adapter.connectors.gateway.asked import DEADLINE_PARAMETER, answer, core, deadline
from adapter.schemas.core_gateway import status
from adapter.schemas.core_gateway.shapes.status import CapabilitiesBody, HealthBody

blp = Blueprint("core status", __name__, url_prefix="/core/v1", description="What the core can do, and how it is")


@blp.get("/capabilities")
@blp.doc(parameters=[DEADLINE_PARAMETER])
@blp.response(200, CapabilitiesBody)
def read_capabilities() -> flask.Response:
    """What this core can do

    The adapter reads it once in each of its processes.
    """
    return answer(status.dump_capabilities(core().capabilities()))


@blp.get("/health")
@blp.doc(parameters=[DEADLINE_PARAMETER])
@blp.response(200, HealthBody)
def read_health() -> flask.Response:
    """Whether the core works

    A core that answers but does not work says `is_up: false`.
    """
    now = flask.current_app.extensions["core_gateway"].clock.now()
    return answer(status.dump_health(core().probe(deadline()), now))
