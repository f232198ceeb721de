"""A bench without acts: it names the accounts and watches; what the core does of its own is all that can be tried."""

from __future__ import annotations

import datetime as dt

from adapter.core_kit.bench import Act, BenchClock, Subjects
from adapter.domain.statements import EntryDetails
from adapter.ports import Clock, CoreBanking


class ActMissing(Exception):
    """The bench was asked for an act that it does not have."""


class WatchedClock:
    """The time, which nobody moves."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> dt.datetime:
        return self._clock.now()

    def set(self, moment: dt.datetime) -> None:
        raise ActMissing(Act.SET_CLOCK)


class WatchingBench:
    """Meets `Bench` with no act at all; benches that can do some begin here."""

    acts: frozenset[Act] = frozenset()

    def __init__(self, core: CoreBanking, subjects: Subjects, clock: Clock) -> None:
        self.core = core
        self.clock: BenchClock = WatchedClock(clock)
        self.user = subjects.user
        self.customer = subjects.customer
        self.account = subjects.account
        self.second_account = subjects.second_account
        self.foreign_account = subjects.foreign_account

    def book(self, account: str, details: EntryDetails) -> str:
        raise ActMissing(Act.BOOK)

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        raise ActMissing(Act.CHANGE)

    def remove(self, account: str, core_id: str) -> None:
        raise ActMissing(Act.REMOVE)

    def reverse(self, account: str, core_id: str) -> str:
        raise ActMissing(Act.REVERSE)

    def sign(self, document_id: str) -> None:
        raise ActMissing(Act.SIGN)

    def execute(self, document_id: str) -> None:
        raise ActMissing(Act.EXECUTE)

    def reject(self, document_id: str) -> None:
        raise ActMissing(Act.REJECT)

    def edit(self, document_id: str, **changes: str) -> None:
        raise ActMissing(Act.EDIT)

    def expire(self, document_id: str) -> None:
        raise ActMissing(Act.EXPIRE)

    def restore(self) -> None:
        raise ActMissing(Act.RESTORE)
