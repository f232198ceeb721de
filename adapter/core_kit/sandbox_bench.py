"""The sandbox bank's own hand: Ivanova of «Вега», and what the bank does by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy.engine import Connection

from adapter.connectors.sandbox import acts, documents, ledger, marks, signing
from adapter.connectors.sandbox.opening import Sandbox
from adapter.core_kit.bench import Act, BenchClock, Subjects
from adapter.domain.statements import EntryDetails
from adapter.ports import Clock, CoreBanking

SUBJECTS = Subjects(
    user="u-ivanova",
    customer="vega",
    account="vega-main",
    second_account="vega-market",
    foreign_account="kedr-main",
)


class StandClock:
    """The clock of a bank on a test stand: the machine's, until it is set; then it stands."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._set_to: dt.datetime | None = None

    def now(self) -> dt.datetime:
        return self._set_to or self._clock.now()

    def set(self, moment: dt.datetime) -> None:
        self._set_to = moment


class SandboxBench:
    """Meets `Bench`; `core` may be the same bank seen over a wire."""

    user = SUBJECTS.user
    customer = SUBJECTS.customer
    account = SUBJECTS.account
    second_account = SUBJECTS.second_account
    foreign_account = SUBJECTS.foreign_account

    def __init__(
        self,
        sandbox: Sandbox,
        clock: BenchClock,
        core: CoreBanking | None = None,
        *,
        can_set_clock: bool = True,
    ) -> None:
        self.sandbox = sandbox
        self.core: CoreBanking = core or sandbox.banking
        self.clock = clock
        self.acts = frozenset(Act) if can_set_clock else frozenset(Act) - {Act.SET_CLOCK}

    def book(self, account: str, details: EntryDetails) -> str:
        with self.sandbox.database.transaction() as tx:
            return ledger.book(tx, account, details)

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        self._do(lambda tx: ledger.change(tx, core_id, details))

    def remove(self, account: str, core_id: str) -> None:
        self._do(lambda tx: ledger.remove(tx, core_id))

    def reverse(self, account: str, core_id: str) -> str:
        with self.sandbox.database.transaction() as tx:
            return acts.reverse(tx, core_id, self.clock.now())

    def sign(self, document_id: str) -> None:
        self._do(lambda tx: signing.sign(tx, document_id, self.user, self.clock.now()))

    def execute(self, document_id: str) -> None:
        self.sandbox.clock_step()

    def reject(self, document_id: str) -> None:
        self.sandbox.clock_step()  # the draft asks for more than there is on the account

    def edit(self, document_id: str, **changes: str) -> None:
        self._do(lambda tx: signing.edit(tx, document_id, changes, self.clock.now()))

    def expire(self, document_id: str) -> None:
        self._do(lambda tx: documents.expire(tx, document_id, self.clock.now()))

    def restore(self) -> None:
        self._do(marks.end_life)

    def _do(self, act: Callable[[Connection], object]) -> None:
        with self.sandbox.database.transaction() as tx:
            act(tx)
