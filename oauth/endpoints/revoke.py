"""POST /oauth/revoke: a partner gives a token back (RFC 7009)."""

from __future__ import annotations

import flask
from authlib.oauth2.rfc6749 import OAuth2Error

from oauth import consents, tokens
from oauth.audit import Actor
from oauth.context import context
from oauth.protocol import ProtocolRequest
from oauth.server import JSON, server
from oauth.token_records import read_access_token, read_refresh_token


def revoke() -> flask.Response:
    """End an access token, or with a refresh token the whole consent.

    200 for unknown and foreign tokens too, whatever the hint says: a partner learns nothing about others.
    """
    with context().transaction() as tx:
        request = ProtocolRequest(tx)
        try:
            client = server.authenticate_client(request)
            _end(request, request.require("token"), client.partner_id)
        except OAuth2Error as error:
            return server.refuse(error)
        return server.handle_response(200, {}, JSON)


def _end(request: ProtocolRequest, text: str, partner_id: str) -> None:
    access = read_access_token(request.tx, text)
    if access is not None and access.partner_id == partner_id:
        tokens.end_access_token(request.tx, text, request.now)
    found = read_refresh_token(request.tx, text)
    if found is None or found.partner_id != partner_id or found.revoked_at is not None:
        return
    if found.consent_state not in ("active", "suspended"):  # given back while the bank holds it: it ends all the same
        return
    actor = Actor(kind="partner", id=partner_id)
    consents.revoke(request.tx, found.consent_id, by="partner", actor=actor, now=request.now, ip=request.ip)
