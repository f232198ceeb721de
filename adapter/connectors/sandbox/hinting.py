"""The bank tells the adapter that something is new: `POST /core/hints`, signed, without data.

The books are watched rather than every act: whatever moves an account, a page, the clock or a command, is told.  A hint
that does not arrive is told again with what comes later; the adapter asks by itself anyway, only less often.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx2
import orjson
import sqlalchemy as sa
import structlog

from adapter.connectors.sandbox.database import SandboxDatabase
from adapter.connectors.sandbox.tables import accounts, document_events
from adapter.connectors.signed_tokens import SigningKey, sign_call
from adapter.domain.core import CoreHint
from adapter.ports import Clock
from adapter.schemas.core_gateway.hints import HINTS_PATH, dump_hint

log = structlog.get_logger("adapter.sandbox")

TIMEOUT_S = 3.0

_ACCOUNTS = sa.select(accounts.c.id, accounts.c.change_no)
_EVENTS = sa.select(sa.func.max(document_events.c.number))


@dataclass(frozen=True, slots=True)
class Books:
    """How far the books are: the last change of each account, the last event of documents."""

    changes: dict[str, int]
    event: int


def read_books(database: SandboxDatabase) -> Books:
    with database.reading() as connection:
        changes = {row.id: row.change_no for row in connection.execute(_ACCOUNTS)}
        return Books(changes, connection.scalar(_EVENTS) or 0)


def compare(told: Books, now: Books) -> CoreHint | None:
    """What is new since it was told; None when nothing is."""
    moved = [account for account, number in now.changes.items() if number != told.changes.get(account)]
    hint = CoreHint(core_account_ids=tuple(moved), documents=now.event != told.event)
    return hint if hint.core_account_ids or hint.documents else None


@dataclass(slots=True, kw_only=True)
class Hinter:
    """Tells one adapter.  `issuer` is the bank's name in tokens, `url` where the adapter takes hints."""

    database: SandboxDatabase
    clock: Clock
    key: SigningKey
    issuer: str
    url: str
    _told: Books | None = field(default=None, init=False)

    def tell_news(self) -> bool:
        """Send a hint when there is something new; answers whether one arrived."""
        now = read_books(self.database)
        told, self._told = self._told, self._told or now
        hint = compare(told, now) if told else None
        if hint is None or not self._send(hint):
            return False
        self._told = now
        return True

    def _send(self, hint: CoreHint) -> bool:
        body = orjson.dumps(dump_hint(hint))
        token = sign_call(
            self.key,
            issuer=self.issuer,
            audience=self.url.removesuffix(HINTS_PATH),
            method="POST",
            url=self.url,
            body=body,
            now=self.clock.now(),
        )
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            answer = httpx2.post(self.url, content=body, headers=headers, timeout=TIMEOUT_S, follow_redirects=False)
        except httpx2.HTTPError as error:
            log.warning("a hint did not arrive", error=type(error).__name__)
            return False
        if answer.status_code != 202:
            log.warning("a hint was not taken", status=answer.status_code)
        return answer.status_code == 202
