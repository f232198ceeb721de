"""What partners asked and were told, written down as it happens: one line of JSON for each request.

The line is on the disk before the client goes on, so that a history also survives the harness.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple


class Content(NamedTuple):
    """What must stay the same of a payment from the partner to the core."""

    account: str  # the core's id
    kopecks: int
    payee: str
    payee_account: str
    payee_bic: str
    number: str
    purpose: str


def content_of(account: str, amount: str, order: Mapping[str, Any]) -> Content:
    """Of an order whose members are named as partners name them; `amount` is in roubles."""
    payee = order["payee"]
    return Content(
        account=account,
        kopecks=int(Decimal(amount) * 100),
        payee=payee["name"],
        payee_account=payee["account"],
        payee_bic=payee["bic"],
        number=order["number"],
        purpose=order["purpose"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request.  `status` is None where no answer came; `payment_id` is what the answer acknowledged."""

    client: int  # each client sends its next order after the answer to the one before
    key: str
    external_id: str
    content: Content
    sent_at: float  # seconds since the epoch
    seconds: float
    status: int | None
    payment_id: str | None = None
    detail: str = ""  # what was told instead of an acknowledgement


class History:
    """An append-only file; safe for threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = path.open("a", buffering=1)
        self.acknowledged = 0
        self.lost_answers = 0

    def write(self, attempt: Attempt) -> None:
        with self._lock:
            self.acknowledged += attempt.payment_id is not None
            self.lost_answers += attempt.status is None
            self._file.write(json.dumps(asdict(attempt), ensure_ascii=False) + "\n")

    def read(self) -> list[Attempt]:
        """What was written so far."""
        with self._lock:
            return list(read_history(self.path))

    def close(self) -> None:
        self._file.close()


def read_history(path: Path) -> Iterator[Attempt]:
    """All attempts in the order in which they ended."""
    with path.open() as lines:
        for line in lines:
            told = json.loads(line)
            yield Attempt(**told | {"content": Content(*told["content"])})
