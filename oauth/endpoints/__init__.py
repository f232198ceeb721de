"""What machines call: metadata, pushed requests, tokens, revocation, introspection."""

from __future__ import annotations

from flask import Blueprint

from oauth.endpoints import introspect, metadata, par, revoke, token
from oauth.guard import check_machine_request

bp = Blueprint("oauth", __name__)
bp.before_request(check_machine_request)
bp.add_url_rule("/oauth/par", view_func=par.par, methods=["POST"])
bp.add_url_rule("/oauth/token", view_func=token.token, methods=["POST"])
bp.add_url_rule("/oauth/revoke", view_func=revoke.revoke, methods=["POST"])
bp.add_url_rule("/oauth/introspect", view_func=introspect.introspect, methods=["POST"])
bp.add_url_rule("/.well-known/oauth-authorization-server", view_func=metadata.authorization_server)
bp.add_url_rule("/.well-known/oauth-protected-resource", view_func=metadata.protected_resource)
