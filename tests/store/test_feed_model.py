"""The feed against a model: whatever changes or is rebuilt while somebody pages, deltas give the state at the end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from adapter.domain.core import CoreEntry
from adapter.domain.cursors import continue_run, dump_cursor, parse_cursor
from adapter.domain.errors import CursorExpired
from adapter.domain.feeds import Changes
from adapter.store.database import Database
from adapter.store.feed import StoredFeed
from tests.fakes import entry_details
from tests.readers import ALL_HISTORY
from tests.scale import scale
from tests.store.feed_bank import FeedBank

NAMES = st.sampled_from([f"entry-{n}" for n in range(4)])
TEXTS = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(st.tuples(NAMES, st.one_of(st.none(), TEXTS)), min_size=1, max_size=5)


@dataclass
class Reader:
    """A partner with a page size of its own; it knows entries by id, as far as it was told."""

    limit: int
    cursor: str | None = None
    known: dict[str, str] = field(default_factory=dict)
    seen_in_run: set[str] = field(default_factory=set)

    def apply(self, page: Changes) -> None:
        for text in page.added:
            entry = self._once(text)
            assert entry["id"] not in self.known, "added names a known entry"
            self.known[entry["id"]] = entry["purpose"]
        for text in page.changed:
            entry = self._once(text)
            assert entry["id"] in self.known, "changed names an unknown entry"
            self.known[entry["id"]] = entry["purpose"]
        for text in page.removed:
            entry = self._once(text)
            assert entry["id"] in self.known, "removed names an unknown entry"
            del self.known[entry["id"]]

    def _once(self, text: str) -> dict[str, Any]:
        entry: dict[str, Any] = json.loads(text)
        assert entry["id"] not in self.seen_in_run, "an entry came twice in one run"
        self.seen_in_run.add(entry["id"])
        return entry


class FeedMachine(RuleBasedStateMachine):
    """Writers and readers take turns in any order; two accounts, so that runs over several feeds are met too."""

    database: Database
    readers = Bundle("readers")

    @initialize()
    def open_accounts(self) -> None:
        self.feed = StoredFeed(self.database)
        self.banks = [FeedBank(self.database), FeedBank(self.database)]
        self.live: list[dict[str, str]] = [{}, {}]  # what the core holds now, by core id
        self.at: dict[tuple[str, int], list[str]] = {}  # purposes of an account by the number of its feed
        self._remember()

    @rule(account=st.integers(0, 1), steps=STEPS)
    def change_entries(self, account: int, steps: list[tuple[str, str | None]]) -> None:
        told = []
        for name, text in steps:
            if text is None:
                self.live[account].pop(name, None)
            else:
                self.live[account][name] = text
            details = None if text is None else entry_details(purpose=f"{name} {text}")
            told.append(CoreEntry(core_id=name, details=details))
        self.banks[account].tell(*told)
        self._remember()

    @rule(account=st.integers(0, 1), restored=st.dictionaries(NAMES, TEXTS), has_begun_twice=st.booleans())
    def rebuild(self, account: int, restored: dict[str, str], has_begun_twice: bool) -> None:
        """The core comes back with another state and is read anew, in two pages that also tell what is not to stay."""
        told = [CoreEntry(core_id=name, details=entry_details(purpose=f"{name} old")) for name in self.live[account]]
        if has_begun_twice:
            self.banks[account].begin_rebuild()
            self.banks[account].tell(*told, has_more=True)
        self.banks[account].begin_rebuild()
        self.banks[account].tell(*told, has_more=True)
        self._remember()
        gone = [CoreEntry(core_id=entry.core_id, details=None) for entry in told if entry.core_id not in restored]
        present = [
            CoreEntry(core_id=name, details=entry_details(purpose=f"{name} {text}")) for name, text in restored.items()
        ]
        self.live[account] = dict(restored)
        self.banks[account].tell(*gone, *present)
        self._remember()

    @rule(target=readers, limit=st.integers(1, 6))
    def begin_to_read(self, limit: int) -> Reader:
        return Reader(limit)

    @rule(reader=readers)
    def read_a_page(self, reader: Reader) -> None:
        heads = self.feed.list_heads([bank.account.id for bank in self.banks])
        given = parse_cursor(reader.cursor) if reader.cursor else ()
        try:
            spans = continue_run(heads, given)
        except CursorExpired as expired:
            spans = continue_run(heads, parse_cursor(expired.restart or ""))
        page = self.feed.read_changes(heads, spans, ALL_HISTORY, reader.limit)
        assert len(page.added) + len(page.changed) + len(page.removed) <= reader.limit
        reader.apply(page)
        reader.cursor = dump_cursor(page.spans)
        if not page.has_more:
            ends = [(head.account_id, span.until) for head, span in zip(heads, spans, strict=True)]
            assert sorted(reader.known.values()) == sorted(text for end in ends for text in self.at[end])
            reader.seen_in_run.clear()

    def _remember(self) -> None:
        for head in self.feed.list_heads([bank.account.id for bank in self.banks]):
            account = next(n for n, bank in enumerate(self.banks) if bank.account.id == head.account_id)
            now = [f"{name} {text}" for name, text in self.live[account].items()]
            # A number stands for one state for ever: what changes nothing visible takes no number.
            assert sorted(self.at.setdefault((head.account_id, head.number), now)) == sorted(now)


def test_deltas_give_the_state_at_the_end_of_the_run_whatever_happens_meanwhile(database: Database) -> None:
    machine = type("Machine", (FeedMachine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=scale(15, 400),
            stateful_step_count=scale(30, 60),
            suppress_health_check=list(HealthCheck),
        ),
    )
