"""The authorization code grant (RFC 6749 section 4.1): what a code is exchanged for."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant

from oauth.client_auth import Client
from oauth.protocol import ProtocolRequest
from oauth.token_records import Code, read_code
from oauth.tokens import Answer, end_family, redeem_code


class CodeGrant(AuthorizationCodeGrant):
    """Storage of codes for Authlib.  Reading checks everything; the claim comes last, with the tokens."""

    request: ProtocolRequest

    def query_authorization_code(self, code: str, client: Client) -> Code | None:  # type: ignore[override]
        """The living code of this client.  A foreign client learns nothing and burns nothing."""
        found = read_code(self.request.tx, code)
        if found is None or found.partner_id != client.partner_id:
            return None
        if found.used_at is not None:
            end_family(self.request.tx, found.consent_id, found.partner_id, "code.replayed", self.request.now)
        return found if found.is_alive(self.request.now) else None

    def create_token_response(self) -> tuple[int, Answer, Any]:  # type: ignore[override]  # Authlib takes a dict too
        """Claim and issue in one step: Authlib's own order (issue, save, delete) redeems one code many times."""
        request = self.request
        answer = redeem_code(request.tx, request.authorization_code, settings=request.settings, now=request.now)
        if answer is None:
            raise InvalidGrantError("The code is not valid.")
        return 200, answer, self.TOKEN_RESPONSE_HEADER
