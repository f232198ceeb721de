"""The waiting room by itself."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from adapter.api.waiting import WaitingRoom


class Feeds:
    """Numbers of feeds that tests move; the database may be away."""

    def __init__(self) -> None:
        self.numbers = {"a": 1, "b": 1}
        self.is_away = False
        self.asked = threading.Event()

    def read(self, account_ids: Sequence[str]) -> Mapping[str, int]:
        self.asked.set()
        if self.is_away:
            raise ConnectionError("the database is away")
        return {account_id: self.numbers[account_id] for account_id in account_ids}


def test_a_move_wakes_only_who_waits_for_that_feed() -> None:
    feeds = Feeds()
    room = WaitingRoom(feeds.read, places=8)
    with ThreadPoolExecutor(2) as pool:
        of_a = pool.submit(room.wait, {"a": 1}, 10)
        of_b = pool.submit(room.wait, {"b": 1}, 1)
        feeds.numbers["a"] = 2
        of_a.result(timeout=5)
        assert not of_b.done()


def test_a_database_that_is_away_does_not_end_the_watch() -> None:
    feeds = Feeds()
    feeds.is_away = True
    room = WaitingRoom(feeds.read, places=8)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(room.wait, {"a": 1}, 10)
        assert feeds.asked.wait(5)
        feeds.numbers["a"] = 2
        feeds.is_away = False
        waiting.result(timeout=5)


def test_the_watch_ends_with_the_last_who_waits_and_begins_again_with_the_next() -> None:
    feeds = Feeds()
    room = WaitingRoom(feeds.read, places=8)
    for number in (1, 2):
        room.wait({"a": 0}, 5)
        watchers = [thread for thread in threading.enumerate() if thread.name == "feed-watcher"]
        for watcher in watchers:
            watcher.join(timeout=5)
        assert not room._is_watched
        feeds.numbers["a"] = number


def test_places_are_bounded() -> None:
    feeds = Feeds()
    room = WaitingRoom(feeds.read, places=1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(room.wait, {"a": 1}, 10)
        assert feeds.asked.wait(5)
        room.wait({"a": 1}, 10)  # comes back at once: else this test takes ten seconds
        assert not waiting.done()
        feeds.numbers["a"] = 2
        waiting.result(timeout=5)
