"""Where the bank's core turns to the adapter: `POST /core/hints` and our public keys at `GET /core/jwks.json`.

No part of what partners see, so it is not in their document; `api_specs/core-gateway.md` tells it to a bank's team.
"""

from __future__ import annotations

import flask
from werkzeug.exceptions import RequestEntityTooLarge

from adapter.api import core_desk, services
from adapter.domain.errors import CoreCallRefused
from adapter.schemas.core_gateway.hints import HINTS_PATH

HINT_BYTES_MAX = 4 * 1024 * 1024
KEYS_KEPT_S = 300

bp = flask.Blueprint("core_calls", __name__)


@bp.post(HINTS_PATH)
def take_hint() -> tuple[dict[str, object], int]:
    """The core says where something is new; answered before it is read."""
    if flask.request.query_string:
        raise CoreCallRefused("the address that is signed has no query")
    body = flask.request.get_data()
    if len(body) > HINT_BYTES_MAX:
        raise RequestEntityTooLarge
    hint = core_desk().read_hint(flask.request.headers.get("Authorization", ""), body)
    services().feeds.take_hint(hint)
    return {}, 202


@bp.get("/core/jwks.json")
def read_keys() -> flask.Response:
    """What the core checks our calls with."""
    answer = flask.jsonify(core_desk().public_keys())
    answer.headers["Cache-Control"] = f"public, max-age={KEYS_KEPT_S}"
    return answer
