"""The sandbox hands its customers over to an adapter that runs apart from it: signed tickets, see `logins/handover.py`.

A bank's own internet bank does the same: takes the request, logs the person in, goes back with a ticket it signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from adapter.connectors.logins.handover import TICKET, hash_state
from adapter.connectors.sandbox.login import ONE_TIME_CODE
from adapter.connectors.signed_tokens import SigningKey, sign

STATE_CHARACTERS_MAX = 2000
SERVICE_NAME_CHARACTERS_MAX = 200
CALLBACK = "/oauth/login/callback"


class BadHandover(Exception):
    """The request of a login is not one of our adapter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """For one adapter; `issuer` is the bank's name in tokens, `adapter_url` the adapter's."""

    key: SigningKey
    issuer: str
    adapter_url: str

    def check(self, return_url: str, state: str, service_name: str) -> None:
        """Nobody is sent elsewhere with a ticket than to the adapter's one address.  Raises BadHandover."""
        if return_url != self.adapter_url + CALLBACK:
            raise BadHandover("return_url is not of the adapter")
        if not 0 < len(state) <= STATE_CHARACTERS_MAX or len(service_name) > SERVICE_NAME_CHARACTERS_MAX:
            raise BadHandover("state or service_name")

    def locate_return(self, state: str, *, user_id: str, user_name: str, now: datetime) -> str:
        """Where the person goes who proved with a one-time code who they are."""
        person = {
            "sub": user_id,
            "name": user_name,
            "acr": ONE_TIME_CODE,
            "amr": [ONE_TIME_CODE],
            "auth_time": int(now.timestamp()),
            "state_hash": hash_state(state),
        }
        ticket = sign(self.key, person, typ=TICKET, issuer=self.issuer, audience=self.adapter_url, now=now)
        return f"{self.adapter_url}{CALLBACK}?{urlencode({'state': state, 'ticket': ticket})}"
