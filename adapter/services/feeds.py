"""Feeds: read the core once, let partners read as often as they like.

A refresh takes the account's lease, pulls pages from the core until there is no more, and stores each page with the
core's mark.  Readers refresh only a feed that nobody refreshed for long; when the core is down they are served what is
here, with its age.  A core that no longer knows its mark was restored: the account is read anew from the beginning.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

import structlog

from adapter.domain.core import CoreBalance, CoreHint, Deadline, EntryPage, Mark
from adapter.domain.cursors import continue_run
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable, MarkUnknown
from adapter.domain.feeds import Changes, FeedHead, RefreshLease, Span, Viewer, leave_out_before, rest_after_lost_marks
from adapter.domain.money import Money
from adapter.domain.statements import Direction
from adapter.ports import BookedPayments, Clock, CoreBanking, EntryFeed, FeedWriter
from adapter.services.accounts import AccountDirectory

log = structlog.get_logger("adapter.feeds")

PULL_LIMIT = 1000
LEASE_MARGIN_S = 5.0  # for storing the last page after the core's deadline
RETRY_AFTER_S = 10.0  # a core that just failed is left alone so long; readers are served at once meanwhile
FIRST_READ_WAIT_S = 1.0
FIRST_READ_POLL_S = 0.05
CORE_RESTORED = "the core no longer knows the mark of this account"


class Reading(Enum):
    """How reading an account ended."""

    WHOLE = auto()
    WRONG = auto()  # the core lives; it answers wrongly to this account alone
    NOT_WHOLE = auto()  # the core or the time failed, or another process went on


@dataclass(slots=True)
class CoreRest:
    """Until when the readers of this process leave the core alone, after it failed one of them."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """The worker reads the core again after `refresh_s`, a reader itself only after `read_max_age_s`.

    `note_wrong` hears which account the core tells wrongly of, and what is wrong.
    """

    feed: EntryFeed
    writer: FeedWriter
    core: CoreBanking
    payments: BookedPayments
    clock: Clock
    read_timeout_s: float
    refresh_s: float
    read_max_age_s: float
    owners: AccountDirectory | None = None  # nothing is read of an account whose owner may be another by now
    note_wrong: Callable[[str, str], None] = lambda account_id, what: None
    rest: CoreRest = field(default_factory=CoreRest)

    def list_heads(self, account_ids: Sequence[str]) -> Sequence[FeedHead]:
        """Where the feeds stand, after reading from the core what is too old."""
        heads = self.feed.list_heads(account_ids)
        now = self.clock.now()
        oldest = now - timedelta(seconds=self.read_max_age_s)
        old = [head for head in heads if head.read_at is None or head.read_at < oldest]
        if not old or (self.rest.until is not None and now < self.rest.until):
            return heads
        self._read_for_reader(old)
        return self.feed.list_heads(account_ids)

    def list_numbers(self, account_ids: Sequence[str]) -> dict[str, int]:
        """The number of each feed's last change, and nothing else done."""
        return {head.account_id: head.number for head in self.feed.list_heads(account_ids)}

    def read_changes(self, heads: Sequence[FeedHead], cursor: Sequence[Span], viewer: Viewer, limit: int) -> Changes:
        """What the reader with this cursor does not know yet, at most `limit` entries.  Raises CursorExpired."""
        return self.feed.read_changes(heads, continue_run(heads, cursor), viewer, limit)

    def refresh_due(self, account_ids: Sequence[str], deadline: Deadline) -> int:
        """Read from the core the accounts whose feed is old, least lately tried first; how many came to their end."""
        now = self.clock.now()
        due = self.feed.list_due(account_ids, now - timedelta(seconds=self.refresh_s), now)
        done = 0
        for account_id in due:
            if not deadline.seconds_left:
                break
            soon = Deadline.after(min(self.read_timeout_s, deadline.seconds_left))
            if not self._is_owner_known(account_id, soon):
                continue
            lease = self._lease(account_id, soon)
            if lease is None:
                continue
            reading = self._read(lease, soon)
            if reading is Reading.NOT_WHOLE:
                break  # a core in trouble is not asked for all the others now; drafts wait behind this round
            done += reading is Reading.WHOLE
        return done

    def take_hint(self, hint: CoreHint) -> None:
        """What the core says is new is read in the worker's next round; its events are pulled in every round."""
        fresh = self.writer.want(hint.core_account_ids) if hint.core_account_ids else 0
        log.info("the core hints", accounts=len(hint.core_account_ids), wanted=fresh, documents=hint.documents)

    def refresh(self, account_id: str, deadline: Deadline) -> bool:
        """Read one account from the core to its end; False where another process does, or the core fails."""
        if not self._is_owner_known(account_id, deadline):
            return False
        lease = self._lease(account_id, deadline)
        return lease is not None and self._read(lease, deadline) is Reading.WHOLE

    def _read_for_reader(self, old: Sequence[FeedHead]) -> None:
        """A core that fails or hangs costs one request its time, and the requests of the next seconds nothing."""
        deadline = Deadline.after(self.read_timeout_s)
        for head in old:
            if not self._is_owner_known(head.account_id, deadline):
                self.rest.until = self.clock.now() + timedelta(seconds=RETRY_AFTER_S)
                return
            lease = self._lease(head.account_id, deadline)
            if lease is None:
                if head.read_at is None:
                    self._await_first_read(head.account_id)
            elif self._read(lease, deadline) is Reading.NOT_WHOLE:
                self.rest.until = self.clock.now() + timedelta(seconds=RETRY_AFTER_S)
                return
            if not deadline.seconds_left:
                return

    def _is_owner_known(self, account_id: str, deadline: Deadline) -> bool:
        return self.owners is None or self.owners.is_owner_known(account_id, deadline)

    def _lease(self, account_id: str, deadline: Deadline) -> RefreshLease | None:
        now = self.clock.now()
        return self.writer.lease(account_id, now, now + timedelta(seconds=deadline.seconds_left + LEASE_MARGIN_S))

    def _read(self, lease: RefreshLease, deadline: Deadline) -> Reading:
        """The last page gives the lease back; a read that stops before it gives it back here."""
        reading, rest_s = Reading.NOT_WHOLE, RETRY_AFTER_S
        try:
            reading = Reading.WHOLE if self._pull(lease, deadline) else Reading.NOT_WHOLE
            rest_s = 0.0
        except CoreAnswerWrong as error:
            reading = Reading.WRONG
            log.warning("feed not refreshed", account=lease.account_id, error=error.what)
        except CoreUnavailable as error:
            log.warning("feed not refreshed", account=lease.account_id, error=str(error))
        except MarkUnknown:
            rest_s = max(RETRY_AFTER_S, rest_after_lost_marks(lease.marks_lost + 1).total_seconds())
            log.warning("the core does not know a mark that it just gave", account=lease.account_id, rests_s=rest_s)
        finally:
            if reading is not Reading.WHOLE:
                self.writer.release(lease, self.clock.now() + timedelta(seconds=rest_s))
        return reading

    def _pull(self, given: RefreshLease, deadline: Deadline) -> bool:
        lease, mark = given, given.mark
        while deadline.seconds_left:
            try:
                page = self.core.pull_entries(lease.core_account_id, mark, PULL_LIMIT, deadline)
            except MarkUnknown:
                if mark is None or lease is not given:  # it does not know a mark that it just gave
                    raise
                lease, mark = self._begin_anew(lease, mark), None
                continue
            page = leave_out_before(page, lease.owned_from)
            self._check_page(lease, page)
            balance = None if page.has_more else self._read_balance(lease, page, deadline)
            self._note_booked(lease.account_id, page)
            if not self.writer.store_page(lease, mark, page, balance, self.clock.now()):
                return False
            if not page.has_more:
                return True
            mark = page.mark
        return False

    def _begin_anew(self, lease: RefreshLease, mark: Mark) -> RefreshLease:
        """Raises CoreUnavailable where another process went on with this account."""
        anew = self.writer.begin_rebuild(lease, mark, CORE_RESTORED, self.clock.now())
        if anew is None:
            raise CoreUnavailable("another process reads this account")
        return anew

    def _read_balance(self, lease: RefreshLease, page: EntryPage, deadline: Deadline) -> CoreBalance | None:
        """None also where the balance may hold entries that the page does not, and statements would count from it."""
        account = lease.core_account_id
        try:
            balance = next(iter(self.core.read_balances([account], deadline)), None)
            if balance is not None and not is_in_currency(lease.currency, balance.booked, balance.available):
                self.note_wrong(lease.account_id, "a balance in another currency than its account's")
                return None
            if lease.has_closed_days or page.closed_days:
                return balance
            is_later = bool(self.core.pull_entries(account, page.mark, 1, deadline).entries)
        except (CoreUnavailable, MarkUnknown):
            return None  # the entries are worth keeping; the balance tells its own age
        return None if is_later else balance

    def _check_page(self, lease: RefreshLease, page: EntryPage) -> None:
        """Sums of two currencies must not be added up: the account stays as it is until the core puts it right."""
        sums = [entry.details.amount for entry in page.entries if entry.details]
        sums += [one for day in page.closed_days for one in (day.opening, day.closing)]
        if is_in_currency(lease.currency, *sums):
            return
        what = "an entry or a closed day in another currency than its account's"
        self.note_wrong(lease.account_id, what)
        raise CoreAnswerWrong("accounts", what)

    def _note_booked(self, account_id: str, page: EntryPage) -> None:
        """Told before the page is stored: a crash in between repeats the page, and telling twice is harmless."""
        booked = {
            entry.core_id: entry.document_id
            for entry in page.entries
            if entry.document_id and entry.details and entry.details.direction is Direction.DEBIT
        }  # money that comes back may carry the payment's id, too
        if not booked:
            return
        entry_ids = self.writer.list_entry_ids(account_id, list(booked))
        linked = {payment_id: entry_ids[core_id] for core_id, payment_id in booked.items()}
        self.payments.note_booked(account_id, linked)

    def _await_first_read(self, account_id: str) -> None:
        """Another process may be reading this new account now: its customer expects entries, not an empty page."""
        deadline = Deadline.after(FIRST_READ_WAIT_S)
        while deadline.seconds_left and self.feed.list_heads([account_id])[0].read_at is None:
            time.sleep(FIRST_READ_POLL_S)


def is_in_currency(currency: str, *sums: Money) -> bool:
    """Whether all sums are in this currency."""
    return all(one.currency == currency for one in sums)
