"""A partner that keeps its books by the feed: it pages, applies what it is told, and complains about nonsense."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from adapter.domain.cursors import dump_cursor, parse_cursor
from adapter.domain.feeds import Changes, Viewer
from adapter.services.feeds import Feeds

ALL_HISTORY = Viewer(partner_id="pa_1", history_from=dt.date(2000, 1, 1))


class FeedReader:
    """Holds the entries it knows by id; a page that contradicts them fails the test."""

    def __init__(self, feeds: Feeds, account_ids: list[str], viewer: Viewer = ALL_HISTORY) -> None:
        self.feeds = feeds
        self.account_ids = account_ids
        self.viewer = viewer
        self.cursor: str | None = None
        self.known: dict[str, dict[str, Any]] = {}
        self.seen_in_run: set[str] = set()

    def read_page(self, limit: int = 100) -> Changes:
        """One page, with the cursor as a partner would send it."""
        heads = self.feeds.list_heads(self.account_ids)
        given = parse_cursor(self.cursor) if self.cursor else ()
        page = self.feeds.read_changes(heads, given, self.viewer, limit)
        self._apply(page)
        self.cursor = dump_cursor(page.spans)
        if not page.has_more:
            self.seen_in_run.clear()
        return page

    def read_all(self, limit: int = 100) -> Changes:
        """Pages until there is no more; the last one."""
        page = self.read_page(limit)
        while page.has_more:
            page = self.read_page(limit)
        return page

    @property
    def purposes(self) -> list[str]:
        return sorted(entry["purpose"] for entry in self.known.values())

    def _apply(self, page: Changes) -> None:
        for text in page.added:
            entry = self._once(text)
            assert entry["id"] not in self.known, "added names an entry that is known"
            self.known[entry["id"]] = entry
        for text in page.changed:
            entry = self._once(text)
            assert entry["version"] > self.known[entry["id"]]["version"]
            self.known[entry["id"]] = entry
        for text in page.removed:
            del self.known[self._once(text)["id"]]

    def _once(self, text: str) -> dict[str, Any]:
        entry: dict[str, Any] = json.loads(text)
        assert entry["id"] not in self.seen_in_run, "an entry came twice in one run"
        self.seen_in_run.add(entry["id"])
        return entry
