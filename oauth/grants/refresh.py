"""The refresh grant (RFC 6749 section 6): rotation for clients with a secret, the same answer after a lost reply."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from oauth.protocol import ProtocolRequest
from oauth.scopes import parse_scope
from oauth.token_records import RefreshToken, read_refresh_token
from oauth.tokens import Answer, refresh


class RefreshGrant(RefreshTokenGrant):
    """Storage of refresh tokens for Authlib; `tokens.refresh` claims and issues in one step."""

    request: ProtocolRequest

    def validate_token_request(self) -> None:
        """Everything but the claim: client, token, owner, scope not wider than granted."""
        request = self.request
        request.client = self.authenticate_token_endpoint_client()
        found = read_refresh_token(request.tx, request.require("refresh_token"))
        if found is None or found.partner_id != request.client.partner_id or not found.is_alive(request.now):
            raise InvalidGrantError("The refresh token is not valid.")
        request.scope = _narrow(found, request.form.get("scope"))
        request.refresh_token = found

    def create_token_response(self) -> tuple[int, Answer, Any]:  # type: ignore[override]  # Authlib takes a dict too
        request = self.request
        answer = refresh(
            request.tx,
            request.form["refresh_token"],
            request.refresh_token,
            scope=request.scope,
            rotate=request.client.rotates_refresh_tokens,
            settings=request.settings,
            now=request.now,
        )
        if answer is None:
            raise InvalidGrantError("The refresh token is not valid.")
        return 200, answer, self.TOKEN_RESPONSE_HEADER


def _narrow(token: RefreshToken, asked: str | None) -> str:
    if asked is None:
        return token.scope
    try:
        is_within = parse_scope(asked) <= parse_scope(token.scope)
    except ValueError:
        is_within = False
    if not is_within:
        raise InvalidScopeError("The scope is wider than granted.")
    return asked
