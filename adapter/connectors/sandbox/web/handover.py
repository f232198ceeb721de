"""Where an adapter that runs apart sends a person to log in, and the keys that its tickets are checked against."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, jsonify, request, url_for

from adapter.connectors.sandbox import login
from adapter.connectors.sandbox.handover import BadHandover, Handover
from adapter.connectors.sandbox.web.session import Page, sandbox, to

blp = Blueprint("handover", __name__)


@blp.get("/handover")
def begin() -> Page:
    """Take the adapter's request and go on to the login."""
    return_url, state, service_name = (request.args.get(name, "") for name in ("return_url", "state", "service_name"))
    try:
        _handover().check(return_url, state, service_name)
    except BadHandover:
        abort(400)
    with sandbox().database.transaction() as tx:
        asked = login.open_request(tx, return_url, state, service_name or None, sandbox().clock.now())
    return to(f"{url_for('sandbox.login.choose')}?{urlencode({'request': asked})}")


@blp.get("/jwks.json")
def tell_keys() -> Response:
    """Public keys of the bank (RFC 7517)."""
    return jsonify(keys=[dict(_handover().key.public)])


def _handover() -> Handover:
    found = sandbox().handover
    if found is None:
        abort(404)
    return found
