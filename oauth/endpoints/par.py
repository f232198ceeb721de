"""POST /oauth/par: pushed authorization requests (RFC 9126)."""

from __future__ import annotations

import flask

from oauth.context import context
from oauth.protocol import ProtocolRequest
from oauth.server import push_request


def par() -> flask.Response:
    """Take an authorization request from an authenticated partner; 201 with a one-time `request_uri`."""
    with context().transaction() as tx:
        return push_request(ProtocolRequest(tx))
