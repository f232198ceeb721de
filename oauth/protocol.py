"""A protocol request as Authlib wants it, with the transaction and the moment that it happens in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import flask
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from sqlalchemy.engine import Connection

from oauth.context import context
from oauth.settings import OAuthSettings


class ProtocolRequest(OAuth2Request):
    """The present Flask request; the guard has made sure that each parameter came once, in the body."""

    client: Any
    authorization_code: Any
    refresh_token: Any

    def __init__(self, tx: Connection) -> None:
        # Authlib takes https only and reads nothing else from the address; the guard has checked the transport.
        super().__init__("POST", "https://localhost/", headers={})
        self.tx = tx
        self.settings: OAuthSettings = context().settings
        self.now: datetime = context().now()
        self.parameters = flask.request.form.to_dict()
        self.authorization = flask.request.headers.get("Authorization")
        self.ip = flask.request.remote_addr or ""
        self.payload = BasicOAuth2Payload(self.parameters)

    @property
    def form(self) -> dict[str, str]:
        return self.parameters

    def require(self, name: str) -> str:
        """A parameter that must be there; raises invalid_request."""
        if name not in self.parameters:
            raise InvalidRequestError(f"{name} is missing.")
        return self.parameters[name]
