"""The folder that the product shares with a bank of files, from the bank's side."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import CoreAccount
from adapter.domain.parties import Party
from tests.connectors.files.paper_bank import BIC, DIRECTORY, MAIN, MARKET
from tests.faults.bench import CUSTOMER, Bench

READ_WITHIN_S = 120.0
ACCOUNTS = [
    CoreAccount(
        core_id=number,
        customer_id=CUSTOMER,
        number=number,
        bic=BIC,
        currency="RUB",
        name="Расчётный счёт",
        owner=Party(name="ООО «Вега»", inn="7701234560", kpp="770101001"),
        status=AccountStatus.OPEN,
    )
    for number in (MAIN, MARKET)
]


@dataclass(frozen=True, slots=True)
class Exchange:
    """`root` holds in, out, archive, error."""

    root: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def put(self, *files: bytes) -> None:
        """Put files into in/, each whole, in this order."""
        for data in files:
            place = self.root / "in" / f"{next(self.numbers):06d}.txt"
            place.with_suffix(".part").write_bytes(data)
            place.with_suffix(".part").rename(place)

    def put_directory(self) -> None:
        """Who the customers are, and their accounts."""
        self.put(json.dumps({"made_at": dt.datetime.now(dt.UTC).isoformat(), **DIRECTORY}).encode())

    def list_out(self) -> Sequence[Path]:
        """Files under a finished name that wait for the bank."""
        return sorted(file for file in (self.root / "out").glob("*") if not file.name.startswith("."))

    def list_errors(self) -> Sequence[str]:
        return sorted(file.name for file in (self.root / "error").rglob("*") if file.is_file())

    def await_read(self, bench: Bench) -> None:
        """Until the product read every file, and after that every feed."""
        give_up_at = time.monotonic() + READ_WITHIN_S
        while self._is_reading():
            if time.monotonic() > give_up_at:
                raise RuntimeError("files are left in in/")
            time.sleep(0.1)
        bench.await_feeds(READ_WITHIN_S)

    def _is_reading(self) -> bool:
        """Whether a file waits, or lies where the product keeps those that it reads just now."""
        incoming = self.root / "in"
        return any(incoming.glob("[!.]*")) or any((incoming / ".taken").glob("*"))


def open_exchange(root: Path) -> Exchange:
    for name in ("in", "out", "archive", "error"):
        (root / name).mkdir(parents=True, exist_ok=True)
    return Exchange(root)
