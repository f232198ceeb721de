"""Ways of a customer to log in at a bank that is not the sandbox; each meets `oauth.CustomerLogin`.

oidc.py       OpenID Connect with the bank's identity provider (discovery.py, id_token.py)
handover.py   a signed hand-over by an internet bank that has no OpenID Connect
pending.py    logins that were begun and wait for the person; claims.py reads the person from what came back

`api_specs/core-login.md` tells a bank's team what both ask of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from oauth import LoginRequest, LoginResult, LoginUnavailable


class NoLogin:
    """A core without a login of its own, where the settings name none: enough for a worker, nobody can log in."""

    def begin(self, request: LoginRequest) -> str:
        raise LoginUnavailable("no login is set up")

    def finish(self, reply: Mapping[str, str]) -> LoginResult:
        raise LoginUnavailable("no login is set up")
