"""POST /oauth/token: codes and refresh tokens into access tokens (RFC 6749 sections 4.1.3 and 6)."""

from __future__ import annotations

import flask

from oauth.context import context
from oauth.protocol import ProtocolRequest
from oauth.server import server


def token() -> flask.Response:
    """Exchange a code or a refresh token.  The transaction commits before the answer leaves."""
    with context().transaction() as tx:
        return server.exchange(ProtocolRequest(tx))
