"""Requests that wait until something new is booked (`wait=`).

One thread per process watches the feeds of all waiting requests, ten times a second, and ends with the last of them.
Waiting holds a thread of the server, so only a few requests may; the others are answered at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import flask
import structlog
from flask.blueprints import BlueprintSetupState

log = structlog.get_logger("adapter.waiting")

WATCH_INTERVAL_S = 0.1
_EXTENSION = "bank_adapter_waiting"

Numbers = Mapping[str, int]  # of the last change, by account


@dataclass(frozen=True, slots=True)
class _Waiter:
    seen: Numbers
    moved: threading.Event = field(default_factory=threading.Event)


class WaitingRoom:
    """`places` requests may wait at once."""

    def __init__(self, read_numbers: Callable[[Sequence[str]], Numbers], places: int) -> None:
        self._read_numbers = read_numbers
        self._places = places
        self._lock = threading.Lock()
        self._waiters: list[_Waiter] = []
        self._is_watched = False

    def wait(self, seen: Numbers, seconds: float) -> bool:
        """Until a feed moves on from `seen` or the time is over; False, at once, where all places are taken."""
        waiter = _Waiter(seen)
        with self._lock:
            if len(self._waiters) >= self._places:
                return False
            self._waiters.append(waiter)
            if not self._is_watched:
                self._is_watched = True
                threading.Thread(target=self._watch, name="feed-watcher", daemon=True).start()
        try:
            waiter.moved.wait(seconds)
        finally:
            with self._lock:
                self._waiters.remove(waiter)
        return True

    def _watch(self) -> None:
        pause = threading.Event()
        while True:
            with self._lock:
                waiters = list(self._waiters)
                if not waiters:
                    self._is_watched = False
                    return
            try:
                self._wake(waiters)
            except Exception:  # a database that is away must not leave the room without a watcher
                log.exception("feeds not watched")
            pause.wait(WATCH_INTERVAL_S)

    def _wake(self, waiters: Sequence[_Waiter]) -> None:
        numbers = self._read_numbers(sorted({account_id for waiter in waiters for account_id in waiter.seen}))
        for waiter in waiters:
            if any(numbers.get(account_id) != number for account_id, number in waiter.seen.items()):
                waiter.moved.set()


def open_room(state: BlueprintSetupState) -> None:
    """Give the application its waiting room, when the blueprint is registered."""
    extension = state.app.extensions["bank_adapter"]
    state.app.extensions[_EXTENSION] = WaitingRoom(
        extension.services.feeds.list_numbers, extension.options.feed_waiters_max
    )


def waiting_room() -> WaitingRoom:
    """The waiting room of the present application."""
    found: WaitingRoom = flask.current_app.extensions[_EXTENSION]
    return found
