"""A bench whose acts are done over HTTP by the bank: `api_specs/core-check.md` says what it serves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx2

from adapter.core_kit.bench import Act, Subjects
from adapter.core_kit.watching_bench import WatchingBench
from adapter.domain.core import CoreEntry
from adapter.domain.statements import EntryDetails
from adapter.ports import Clock, CoreBanking
from adapter.schemas.core_gateway.entries import dump_entry

CALL_S = 60.0


class ActFailed(Exception):
    """The bank answered an act with an error."""


class Control:
    """Calls of the control interface."""

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/control/v1"
        self._http = httpx2.Client(timeout=CALL_S)

    def describe(self) -> dict[str, Any]:
        """Acts, subjects and time of the bank; raises ActFailed."""
        return self._send("GET", "")

    def do(self, act: Act, **asked: object) -> dict[str, Any]:
        """Raises ActFailed."""
        return self._send("POST", f"/{act.value}", asked)

    def _send(self, method: str, path: str, asked: object = None) -> dict[str, Any]:
        try:
            answer = self._http.request(method, self._url + path, json=asked)
        except httpx2.HTTPError as error:
            raise ActFailed(f"the control interface does not answer: {error}") from error
        if answer.status_code >= 400:
            raise ActFailed(f"{method} /control/v1{path} answered {answer.status_code}: {answer.text[:300]}")
        try:
            body: dict[str, Any] = answer.json() if answer.content else {}
        except ValueError as error:
            raise ActFailed(f"{method} /control/v1{path} did not answer with JSON") from error
        return body


class ControlClock:
    """The bank's clock, told and set over the wire."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def now(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self._control.describe()["now"])

    def set(self, moment: dt.datetime) -> None:
        self._control.do(Act.SET_CLOCK, now=moment.isoformat())


class ControlBench(WatchingBench):
    """The bank says which acts it can do, and with whom to test."""

    def __init__(self, core: CoreBanking, control: Control, clock: Clock) -> None:
        told = control.describe()
        names = Subjects.__dataclass_fields__
        super().__init__(core, Subjects(**{name: str(told[name]) for name in names}), clock)
        self.acts = frozenset(Act) & frozenset(told["acts"])
        self._control = control
        if told.get("now"):
            self.clock = ControlClock(control)

    def book(self, account: str, details: EntryDetails) -> str:
        return str(self._control.do(Act.BOOK, account=account, entry=_dump(details))["entry_id"])

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        self._control.do(Act.CHANGE, account=account, entry_id=core_id, entry=_dump(details))

    def remove(self, account: str, core_id: str) -> None:
        self._control.do(Act.REMOVE, account=account, entry_id=core_id)

    def reverse(self, account: str, core_id: str) -> str:
        return str(self._control.do(Act.REVERSE, account=account, entry_id=core_id)["entry_id"])

    def sign(self, document_id: str) -> None:
        self._control.do(Act.SIGN, document_id=document_id)

    def execute(self, document_id: str) -> None:
        self._control.do(Act.EXECUTE, document_id=document_id)

    def reject(self, document_id: str) -> None:
        self._control.do(Act.REJECT, document_id=document_id)

    def edit(self, document_id: str, **changes: str) -> None:
        self._control.do(Act.EDIT, document_id=document_id, changes=changes)

    def expire(self, document_id: str) -> None:
        self._control.do(Act.EXPIRE, document_id=document_id)

    def restore(self) -> None:
        self._control.do(Act.RESTORE)


def _dump(details: EntryDetails) -> dict[str, Any]:
    """As the core tells entries; the id of a new one is the bank's to give."""
    entry = dump_entry(CoreEntry(core_id="new", details=details))
    return {name: value for name, value in entry.items() if name not in ("removed", "document_id")}
