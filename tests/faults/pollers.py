"""Partners that follow an account over HTTP.

    python -m tests.faults.pollers PORT TOKEN ACCOUNT COUNT DONE_FILE RESULT

Each thread keeps what it was told, and what was wrong with it.  They end when DONE_FILE exists and the feed has nothing
more; RESULT then holds a line of JSON for each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.bank_day import PURPOSE
from tests.faults.partner import Client

LIMIT = 500
WAIT_S = 2


@dataclass(slots=True)
class Poller:
    """What one partner knows: the number of the last change of each entry, by our id; 0 for older entries."""

    known: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    latest: int = 0
    repeated: int = 0
    unordered: int = 0
    requests: int = 0
    failed: int = 0

    def read(self, told: Mapping[str, Any]) -> None:
        """One page.  Changes inside `added` and inside `changed` come in their order, and pages after each other."""
        floor = self.latest
        for entries in (told["added"], told["changed"]):
            numbers = [number for entry in entries if (number := _number(entry))]
            self.unordered += sum(after <= before for before, after in zip([floor, *numbers], numbers, strict=False))
            self.latest = max([self.latest, *numbers])
        self.repeated += sum(entry["id"] in self.versions for entry in told["added"])
        self.repeated += sum(self.versions.get(entry["id"], 0) >= entry["version"] for entry in told["changed"])
        self.repeated += sum(entry["id"] not in self.known for entry in told["removed"])
        self._keep([*told["added"], *told["changed"]], told["removed"])

    def _keep(self, entries: Iterable[Mapping[str, Any]], removed: Iterable[Mapping[str, Any]]) -> None:
        for entry in entries:
            self.known[entry["id"]] = _number(entry)
            self.versions[entry["id"]] = entry["version"]
        for entry in removed:
            self.known.pop(entry["id"], None)
            self.versions[entry["id"]] = entry["version"]


def follow(client: Client, account_id: str, done: Path) -> Poller:
    """Read until there is nothing more."""
    poller, cursor = Poller(), ""
    while True:
        is_done = done.exists()
        place = f"&cursor={cursor}" if cursor else ""
        answer = client.call("GET", f"/v1/accounts/{account_id}/changes?limit={LIMIT}&wait={WAIT_S}{place}")
        poller.requests += 1
        if answer.status != 200:
            poller.failed += 1
            continue
        poller.read(answer.body)
        cursor = answer.body["next_cursor"]
        is_empty = not any(answer.body[name] for name in ("added", "changed", "removed"))
        if is_done and is_empty and not answer.body["has_more"]:
            return poller


def _number(entry: Mapping[str, Any]) -> int:
    text, _, number = entry["purpose"].rpartition("№ ")
    return int(number) if f"{text}№ " == PURPOSE else 0


def main(port: int, token: str, account_id: str, count: int, done: Path, result: Path) -> None:
    with ThreadPoolExecutor(count) as pool:
        working = [pool.submit(follow, Client(port, token, 30.0), account_id, done) for _ in range(count)]
        pollers = [one.result() for one in working]
    with result.open("w") as file:
        for poller in pollers:
            numbers = sorted(number for number in poller.known.values() if number)
            told = {name: getattr(poller, name) for name in ("repeated", "unordered", "requests", "failed")}
            file.write(json.dumps(told | {"older": len(poller.known) - len(numbers), "numbers": numbers}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), Path(sys.argv[5]), Path(sys.argv[6]))
