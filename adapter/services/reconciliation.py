"""Reconciliation: does each executed payment meet one booked entry, and has the core each draft that it accepted?

An account's feed is a witness only while it is fresh: accounts of overdue payments that nobody reads are read first,
and where the core does not answer nothing is judged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from adapter.domain.core import Deadline
from adapter.domain.moscow import moscow_day
from adapter.domain.reconciliation import Horizon, Mismatch, Reconciled
from adapter.ports import Clock, ReconciliationBook
from adapter.services.feeds import Feeds
from adapter.services.standing_drafts import StandingDrafts

log = structlog.get_logger("adapter.reconciliation")

FRESH_S = 900.0  # a feed read within this is a witness
LOOK_BACK = dt.timedelta(days=35)  # entries that were booked earlier were looked at when they came


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """`after_s` is how long after one side was told the other may take."""

    book: ReconciliationBook
    standing: StandingDrafts
    feeds: Feeds
    clock: Clock
    after_s: float
    read_timeout_s: float

    def run(self, deadline: Deadline) -> Reconciled:
        """One round: ask and read, match by fields what the core did not name, find, clear.

        The core is asked until the deadline; drafts take half of that at most.
        """
        asked = self.standing.ask(Deadline.after(deadline.seconds_left / 2))
        horizon = self._horizon()
        self._read_witnesses(horizon, deadline)
        horizon = self._horizon()
        matched = self.book.match(horizon)
        done = replace(self.book.judge(horizon, matched), has_more=asked.has_more)
        for one in done.found:
            log.error("our side and the core's do not meet", kind=one.kind, subject=one.subject, account=one.account_id)
        return done

    def list_open(self, limit: int) -> Sequence[Mismatch]:
        """Those that are not put right, oldest first."""
        return self.book.list_open(limit)

    def _horizon(self) -> Horizon:
        now = self.clock.now()
        return Horizon(
            now=now,
            settled_before=now - dt.timedelta(seconds=self.after_s),
            read_since=now - dt.timedelta(seconds=min(self.after_s, FRESH_S)),
            booked_since=moscow_day(now - LOOK_BACK),
        )

    def _read_witnesses(self, horizon: Horizon, deadline: Deadline) -> None:
        for account_id in self.book.list_unread(horizon):
            if not deadline.seconds_left:
                return
            self.feeds.refresh(account_id, Deadline.after(min(self.read_timeout_s, deadline.seconds_left)))
