"""POST /oauth/introspect: what one of the partner's own tokens is worth now (RFC 7662)."""

from __future__ import annotations

import flask
from authlib.oauth2.rfc6749 import OAuth2Error

from oauth.context import context
from oauth.protocol import ProtocolRequest
from oauth.server import JSON, server
from oauth.token_records import read_access_token, read_refresh_token


def introspect() -> flask.Response:
    """Tell scope, consent and expiry of a living token of the caller; anything else is exactly `{"active": false}`."""
    with context().transaction() as tx:
        request = ProtocolRequest(tx)
        try:
            client = server.authenticate_client(request)
            answer = _describe(request, request.require("token"), client.partner_id, client.client_id)
        except OAuth2Error as error:
            return server.refuse(error)
        return server.handle_response(200, answer, JSON)


def _describe(request: ProtocolRequest, text: str, partner_id: str, client_id: str) -> dict[str, object]:
    access = read_access_token(request.tx, text)
    refresh = read_refresh_token(request.tx, text) if access is None else None
    found, is_rotated = access or refresh, refresh is not None and refresh.rotated_at is not None
    if found is None or is_rotated or found.partner_id != partner_id or not found.is_alive(request.now):
        return {"active": False}
    ends_at = access.expires_at if access is not None else found.consent_expires_at
    return {
        "active": True,
        "client_id": client_id,
        "scope": found.scope,
        "consent_id": found.consent_id,
        "token_type": "Bearer" if access is not None else "refresh_token",
        "iss": request.settings.issuer,
        "exp": int(ends_at.timestamp()),
    }
