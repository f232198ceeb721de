"""Partners of the harness: set up in the database as the bank's pages would do it, then only HTTP.

A client does what the guide tells it: it sends its next order after the one before was acknowledged, and after a lost
answer, 409 or 503 it sends the same body with the same key again.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from adapter.app import oauth_settings
from adapter.domain.core import CoreAccount
from adapter.domain.moscow import MOSCOW
from adapter.settings import Settings
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from oauth import Scope, consents, partners
from oauth.credentials import digest, make_token
from oauth.models import access_tokens
from oauth.models import staff as staff_table
from tests.faults.history import Attempt, History, content_of
from tests.oauth.actors import account as consent_account
from tests.oauth.actors import agreement, application, public_jwk

SCOPE = "payments statements"
AGAIN_AFTER_S = 0.05
ACKNOWLEDGED = {200, 201}
COME_AGAIN = {None, 409, 503}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A partner's access to one customer: its token and our ids of the accounts, by the core's."""

    access_token: str
    account_ids: Mapping[str, str]


def connect_partner(database: Database, settings: Settings, customer_id: str, told: list[CoreAccount]) -> Connected:
    """Approve a partner by two people, give it a consent for these accounts and a token for a day."""
    now = dt.datetime.now(dt.UTC)
    known = StoredAccounts(database).register(customer_id, told, now)
    account_ids = {core_id: account.id for core_id, account in known.items()}
    with database.transaction() as tx:
        jwk = public_jwk(ec.generate_private_key(ec.SECP256R1()), kid="key-1")
        asked = application(jwks={"keys": [jwk]})
        partner_id, _ = partners.apply(tx, asked, settings=oauth_settings(settings), now=now)
        (change,) = partners.list_changes(tx, partner_id=partner_id)
        for staff_id in ("st_first", "st_second"):
            row = {"id": staff_id, "login": staff_id, "name": staff_id, "role": "approver", "state": "active"}
            tx.execute(staff_table.insert(), row | {"password_hash": "-", "totp_secret": "-", "created_at": now})
            partners.approve(tx, change.id, staff_id=staff_id, role="approver", seen_digest=change.digest, now=now)
        consent_id = consents.begin(tx, partner_id=partner_id, scopes=list(Scope), now=now)
        agreed = agreement(
            _Now(now),  # type: ignore[arg-type]
            customer_id=customer_id,
            accounts=[consent_account(account_id) for account_id in account_ids.values()],
            history_from=now.date() - dt.timedelta(days=366),
        )
        consents.give(tx, consent_id, agreed, now=now)
        token = make_token("at")
        given: dict[str, Any] = {"hash": digest(token), "consent_id": consent_id, "scope": SCOPE, "created_at": now}
        tx.execute(access_tokens.insert(), given | {"expires_at": now + dt.timedelta(days=1)})
    return Connected(access_token=token, account_ids=account_ids)


def write_order(account_id: str, external_id: str, number: int) -> dict[str, Any]:
    """An order to another bank; amounts differ, so that none looks like another."""
    return {
        "external_id": external_id,
        "account_id": account_id,
        "number": str(number % 999_999 + 1),
        "date": dt.datetime.now(MOSCOW).date().isoformat(),
        "amount": f"{number + 1}.{number % 100:02}",
        "payee": {
            "name": 'ООО "Северный ветер"',
            "inn": "7753600602",
            "kpp": "770701001",
            "account": "40702810500650067085",
            "bic": "044525983",
        },
        "purpose": f"Оплата по счёту {external_id}, НДС не облагается",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`status` is None, and `body` the reason, where no answer came."""

    status: int | None
    body: Any
    seconds: float
    retry_after: str | None = None


class Client:
    """One connection to the bank, for one thread."""

    def __init__(self, port: int, access_token: str, timeout_s: float = 10.0) -> None:
        self._port = port
        self._token = access_token
        self._timeout_s = timeout_s
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; never raises for what happens on the way."""
        began = time.monotonic()
        sent = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **headers}
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout_s)
            self._connection.request(method, path, data, sent)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Answer(status=None, body=type(error).__name__, seconds=time.monotonic() - began)
        return Answer(
            status=answer.status,
            body=json.loads(text) if text else None,
            seconds=time.monotonic() - began,
            retry_after=answer.getheader("Retry-After"),
        )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A client that sends payment orders and writes down what it was told."""

    number: int
    client: Client
    account: str  # the core's id
    account_id: str  # ours
    history: History

    def pay(self, external_id: str, number: int, until: float) -> bool:
        """Send until it is acknowledged or refused, or the monotonic clock says `until`."""
        order = write_order(self.account_id, external_id, number)
        while True:
            status = self._try(external_id, order)
            if status not in COME_AGAIN:
                return status in ACKNOWLEDGED
            if time.monotonic() > until:
                return False
            threading.Event().wait(AGAIN_AFTER_S)

    def _try(self, external_id: str, order: Mapping[str, Any]) -> int | None:
        key = f"key-{external_id}"
        sent_at = time.time()
        answer = self.client.call("POST", "/v1/payments", order, **{"Idempotency-Key": key})
        is_acknowledged = answer.status in ACKNOWLEDGED
        attempt = Attempt(
            client=self.number,
            key=key,
            external_id=external_id,
            content=content_of(self.account, order["amount"], order),
            sent_at=sent_at,
            seconds=round(answer.seconds, 4),
            status=answer.status,
            payment_id=answer.body["id"] if is_acknowledged else None,
            detail="" if is_acknowledged else _tell(answer),
        )
        self.history.write(attempt)
        return answer.status


def _tell(answer: Answer) -> str:
    """The code of a problem, and whether it says when to come again."""
    if not isinstance(answer.body, dict):
        return str(answer.body)
    again = f", retry after {answer.retry_after}" if answer.retry_after else ""
    return f"{answer.body.get('code', answer.body)}{again}"[:200]


@dataclass(frozen=True, slots=True)
class _Now:
    moment: dt.datetime

    def now(self) -> dt.datetime:
        return self.moment
