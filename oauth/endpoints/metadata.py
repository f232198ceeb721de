"""GET /.well-known/…: what this server offers (RFC 8414) and how its API is protected (RFC 9728)."""

from __future__ import annotations

import flask

from oauth.client_auth import GRANT_TYPES
from oauth.context import context
from oauth.jose import ALGORITHMS
from oauth.partner_rules import AUTH_METHODS
from oauth.scopes import Scope

MAX_AGE_S = 3600


def authorization_server() -> flask.Response:
    """RFC 8414; the issuer is the configured one, whatever `Host` says."""
    issuer = context().settings.issuer
    auth = {"auth_methods_supported": list(AUTH_METHODS), "auth_signing_alg_values_supported": list(ALGORITHMS)}
    return _answer(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth/authorize",
            "token_endpoint": f"{issuer}/oauth/token",
            "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "introspection_endpoint": f"{issuer}/oauth/introspect",
            "require_pushed_authorization_requests": False,  # required per partner
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": sorted(GRANT_TYPES),
            "scopes_supported": sorted(Scope),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "request_parameter_supported": False,
            "service_documentation": f"{issuer}/docs",
            **{
                f"{endpoint}_endpoint_{name}": values
                for endpoint in ("token", "revocation", "introspection")
                for name, values in auth.items()
            },
        }
    )


def protected_resource() -> flask.Response:
    """RFC 9728."""
    settings = context().settings
    return _answer(
        {
            "resource": settings.issuer,
            "authorization_servers": [settings.issuer],
            "scopes_supported": sorted(Scope),
            "bearer_methods_supported": ["header"],
            "resource_name": settings.bank_name,
            "resource_documentation": f"{settings.issuer}/docs",
        }
    )


def _answer(document: dict[str, object]) -> flask.Response:
    response = flask.jsonify(document)
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    return response
