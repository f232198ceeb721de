"""The authorization server: Authlib's dispatch of grants and endpoints on our storage, and the way of a request.

One request is one transaction: what a refusal must leave behind (a spent assertion, an ended family) is committed with
it.  Every redirect goes out as 303 with `iss` (RFC 9207).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import flask
from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error, UnsupportedGrantTypeError
from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict

from oauth import consents, requests, tokens
from oauth.audit import SYSTEM, Actor, record
from oauth.client_auth import CREDENTIAL_PARAMETERS, Client, authenticate, find_client
from oauth.consents import Agreement
from oauth.context import context
from oauth.errors import NotFound, OAuthError, WrongState
from oauth.grants.asking import check_asking, check_redirect_uri
from oauth.grants.code import CodeGrant
from oauth.grants.pkce import S256Only
from oauth.grants.refresh import RefreshGrant
from oauth.protocol import ProtocolRequest
from oauth.requests import AuthorizationRequest
from oauth.scopes import format_scope
from oauth.settings import OAuthSettings

JSON = [("Content-Type", "application/json")]

# At DEBUG Authlib writes raw tokens.
logging.getLogger("authlib").setLevel(logging.INFO)


class UntrustedRequest(OAuthError):
    """Client or redirect URI cannot be trusted: a page of ours, never a redirect."""


class RefusedRequest(OAuthError):
    """The request is wrong, and it is safe to tell the partner by redirecting to `location`."""

    def __init__(self, location: str) -> None:
        super().__init__("refused")
        self.location = location


class Server(AuthorizationServer):
    """Authlib's server with our client authentication and one exit for all answers."""

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        return request

    def authenticate_client(  # type: ignore[override]
        self, request: ProtocolRequest, methods: object = None, endpoint: str = "token"
    ) -> Client:
        client = authenticate(request)
        request.client = client
        return client

    def get_token_grant(self, request: ProtocolRequest) -> Any:  # type: ignore[override]
        if request.parameters.get("grant_type") not in (CodeGrant.GRANT_TYPE, RefreshGrant.GRANT_TYPE):
            raise UnsupportedGrantTypeError("unknown")  # Authlib would echo the value, whatever is in it
        return super().get_token_grant(request)

    def handle_response(self, status: int, body: Any, headers: Any) -> flask.Response:
        text = json.dumps(body) if isinstance(body, dict) else body
        response = flask.Response(text, status=status, headers=headers)
        response.headers["Cache-Control"] = "no-store"
        return response

    def exchange(self, request: ProtocolRequest) -> flask.Response:
        """The token endpoint."""
        response: flask.Response = self.create_token_response(request)  # type: ignore[assignment]
        return response

    def refuse(self, error: OAuth2Error) -> flask.Response:
        """The JSON answer to an error outside Authlib's own endpoints; never a redirect."""
        return self.handle_response(*error())

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens; the audit log is written where things happen."""


server = Server()
server.register_grant(CodeGrant, [S256Only()])
server.register_grant(RefreshGrant)


def push_request(request: ProtocolRequest) -> flask.Response:
    """RFC 9126: authenticate, check, store; errors are JSON and never redirect."""
    try:
        client = server.authenticate_client(request)
        parameters = {name: value for name, value in request.parameters.items() if name not in CREDENTIAL_PARAMETERS}
        if "request_uri" in parameters:
            raise InvalidRequestError("request_uri cannot be pushed.")
        check_redirect_uri(client, parameters)
        _check(request.tx, client, parameters, request.settings, request.now)
    except OAuth2Error as error:
        return server.refuse(error)
    uri = requests.push(request.tx, client.partner_id, parameters, settings=request.settings, now=request.now)
    actor = Actor(kind="partner", id=client.partner_id)
    record(
        request.tx,
        at=request.now,
        actor=actor,
        action="authorization.requested",
        partner_id=client.partner_id,
        ip=request.ip,
        detail={"scope": parameters["scope"]},
    )
    answer = {"request_uri": uri, "expires_in": request.settings.request_lifetime_s}
    return server.handle_response(201, answer, JSON)


def open_authorization(tx: Connection, args: MultiDict[str, str]) -> AuthorizationRequest:
    """Check what a browser brought to /oauth/authorize.  Raises UntrustedRequest (our page) or RefusedRequest.

    With a `request_uri` every other parameter but `client_id` is ignored: what was pushed counts.
    """
    settings, now = context().settings, context().now()
    if any(len(values) != 1 or not is_printable(values[0]) for values in args.listvalues()):
        raise UntrustedRequest("a parameter is repeated or has odd characters")
    parameters = args.to_dict()
    client = find_client(tx, parameters.get("client_id", ""))
    if client is None:
        raise UntrustedRequest("unknown client")
    if "request_uri" in parameters:
        try:
            return requests.open_pushed(tx, parameters["request_uri"], client.client_id, settings=settings, now=now)
        except NotFound as error:
            raise UntrustedRequest("unknown, used or expired request_uri") from error
    return _bring(tx, client, parameters, settings, now)


def finish_authorization(
    tx: Connection, request: AuthorizationRequest, agreement: Agreement | None, *, user_id: str | None = None
) -> flask.Response:
    """Carry out the person's decision: request, consent and code change in this one transaction.

    None refuses; `user_id` then tells who, when somebody has logged in.  What the bank suspended is not given again:
    then the partner is told that access is denied.  Raises WrongState for a second decision.
    """
    settings, now = context().settings, context().now()
    requests.consume(tx, request.id, now=now)
    if agreement is None:
        _reject(tx, request, user_id, now)
        return redirect_back(request, {"error": "access_denied"})
    if not agreement.scopes <= request.scopes:
        raise WrongState("more was agreed to than was asked for")
    consent_id = _settle(tx, request, agreement, now)
    if consent_id is None:
        return redirect_back(request, {"error": "access_denied"})
    code = tokens.issue_code(
        tx,
        consent_id=consent_id,
        partner_id=request.partner_id,
        redirect_uri=request.redirect_uri,
        code_challenge=request.code_challenge,
        scope=format_scope(agreement.scopes),
        settings=settings,
        now=now,
    )
    return redirect_back(request, {"code": code})


def redirect_back(request: AuthorizationRequest, answer: Mapping[str, str]) -> flask.Response:
    """303 to the partner with `state` and `iss`."""
    return _redirect(locate_answer(request.redirect_uri, answer, request.state))


def locate_answer(redirect_uri: str, answer: Mapping[str, str], state: str | None) -> str:
    """The redirect URI with the answer, the partner's `state` and our `iss` added to its query."""
    told = dict(answer) | ({"state": state} if state else {}) | {"iss": context().settings.issuer}
    parts = urlsplit(redirect_uri)
    query = "&".join(filter(None, (parts.query, urlencode(told))))
    return urlunsplit(parts._replace(query=query))


def is_printable(text: str) -> bool:
    """ASCII without control characters: all that RFC 6749 allows in any parameter."""
    return text.isascii() and text.isprintable()


def _bring(
    tx: Connection, client: Client, parameters: Mapping[str, str], settings: OAuthSettings, now: datetime
) -> AuthorizationRequest:
    if client.require_par:
        raise UntrustedRequest("this client must push its requests")
    try:
        redirect_uri = check_redirect_uri(client, parameters)
    except OAuth2Error as error:
        raise UntrustedRequest("redirect_uri is not registered") from error
    try:
        _check(tx, client, parameters, settings, now)
    except OAuth2Error as error:
        answer = {"error": str(error.error), "error_description": str(error.description)}
        raise RefusedRequest(locate_answer(redirect_uri, answer, parameters.get("state"))) from error
    return requests.bring(tx, client.partner_id, parameters, settings=settings, now=now)


def _check(
    tx: Connection, client: Client, parameters: Mapping[str, str], settings: OAuthSettings, now: datetime
) -> None:
    def is_own_consent(consent_id: str) -> bool:
        try:
            found = consents.read_consent(tx, consent_id, now=now)
        except NotFound:
            return False
        return found.partner_id == client.partner_id and found.state in ("active", "expired")

    check_asking(client, parameters, issuer=settings.issuer, is_own_consent=is_own_consent)


def _settle(tx: Connection, request: AuthorizationRequest, agreement: Agreement, now: datetime) -> str | None:
    """The consent that holds now: for a partner, a person and a company there is one, which one stop ends.

    Renews in place the one that lives, or an expired one that the partner named.  None while the bank has suspended the
    living one: giving access anew must not get around it.
    """
    whose = {"user_id": agreement.user_id, "customer_id": agreement.customer_id}
    living = consents.list_living(tx, partner_id=request.partner_id, now=now, **whose)
    for consent in living:
        if consent.state == "suspended":
            _note_suspended(tx, consent, agreement, now)
            return None
    renewable = living[0] if living else _read_named(tx, request, agreement, now)
    if renewable is not None:
        consents.renew(tx, renewable.id, agreement, now=now)
        return renewable.id
    consent_id = consents.begin(tx, partner_id=request.partner_id, scopes=request.scopes, now=now)
    consents.give(tx, consent_id, agreement, now=now)
    return consent_id


def _read_named(
    tx: Connection, request: AuthorizationRequest, agreement: Agreement, now: datetime
) -> consents.Consent | None:
    """The consent that the partner asked to renew, if the same person agrees for the same company."""
    if request.consent_id is None:
        return None
    named = consents.read_consent(tx, request.consent_id, now=now)
    is_same = (named.user_id, named.customer_id) == (agreement.user_id, agreement.customer_id)
    return named if is_same else None


def _note_suspended(tx: Connection, consent: consents.Consent, agreement: Agreement, now: datetime) -> None:
    record(
        tx,
        at=now,
        actor=Actor(kind="customer", id=agreement.user_id),
        action="consent.not_renewed",
        partner_id=consent.partner_id,
        consent_id=consent.id,
        ip=agreement.ip,
    )


def _reject(tx: Connection, request: AuthorizationRequest, user_id: str | None, now: datetime) -> None:
    consent_id = consents.begin(tx, partner_id=request.partner_id, scopes=request.scopes, now=now)
    actor = Actor(kind="customer", id=user_id) if user_id is not None else SYSTEM
    consents.reject(tx, consent_id, actor=actor, now=now)


def _redirect(location: str) -> flask.Response:
    response = flask.Response(status=303)
    response.headers["Location"] = location
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
