"""What an authorization request must look like (RFC 6749 section 4.1.1, RFC 9126), pushed or through the browser.

Descriptions come from a fixed list and echo nothing, so no input can break the character rules of RFC 6749.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from authlib.oauth2.rfc6749 import (
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnsupportedResponseTypeError,
)

from oauth.client_auth import Client
from oauth.grants.pkce import is_s256_challenge

LENGTHS = {"state": 4096, "consent_id": 40}

# Twenty digits, of which the sixth may be a letter (clearing currencies); the consent page shows what was sent.
_is_account_number = re.compile("[0-9ABCEHKMPTX]{20}").fullmatch


class LoginRequired(OAuth2Error):
    """prompt=none: a person always decides here."""

    error = "login_required"


class InvalidTarget(OAuth2Error):
    """RFC 8707: there is one resource, the issuer itself."""

    error = "invalid_target"


class InvalidAuthorizationDetails(OAuth2Error):
    """RFC 9396 is not offered; silence would promise limits that nobody keeps."""

    error = "invalid_authorization_details"


def check_redirect_uri(client: Client, parameters: Mapping[str, str]) -> str:
    """The redirect URI, which must be one of the registered ones to the last character."""
    redirect_uri = parameters.get("redirect_uri")
    if redirect_uri is None:
        raise InvalidRequestError("redirect_uri is missing.")
    if redirect_uri not in client.redirect_uris:
        raise InvalidRequestError("redirect_uri is not registered.")
    return redirect_uri


def check_asking(
    client: Client, parameters: Mapping[str, str], *, issuer: str, is_own_consent: Callable[[str], bool]
) -> None:
    """Check everything but the redirect URI; raises an OAuth2Error.

    `consent_id` asks to renew a consent; `is_own_consent` tells whether this partner may.
    """
    if parameters.get("response_type") != "code":
        # Authlib would put the value into its description.
        raise UnsupportedResponseTypeError("code", "response_type must be code.")
    if not is_s256_challenge(parameters.get("code_challenge", "")):
        raise InvalidRequestError("code_challenge must be 43 characters of base64url.")
    if parameters.get("code_challenge_method") != "S256":
        raise InvalidRequestError("code_challenge_method must be S256.")
    if not client.allows_scope(parameters.get("scope", "")):
        raise InvalidScopeError("scope is missing, unknown or not allowed for this client.")
    _check_offers(parameters, issuer)
    if any(len(parameters.get(name, "")) > longest for name, longest in LENGTHS.items()):
        raise InvalidRequestError("A parameter is too long.")
    if "account" in parameters and not _is_account_number(parameters["account"]):
        raise InvalidRequestError("account must be an account number of 20 characters.")
    if "consent_id" in parameters and not is_own_consent(parameters["consent_id"]):
        raise InvalidRequestError("consent_id names no consent that can be renewed.")


def _check_offers(parameters: Mapping[str, str], issuer: str) -> None:
    """Parameters that we know and do not offer are refused rather than ignored."""
    if "request" in parameters:
        raise InvalidRequestError("Request objects are not supported.")
    if parameters.get("response_mode", "query") != "query":
        raise InvalidRequestError("response_mode must be query.")
    if "authorization_details" in parameters:
        raise InvalidAuthorizationDetails("authorization_details are not supported.")
    if parameters.get("resource", issuer) != issuer:
        raise InvalidTarget("resource must be the issuer.")
    if parameters.get("prompt") == "none":
        raise LoginRequired("A person must decide.")
