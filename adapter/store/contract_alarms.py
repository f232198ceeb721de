"""Alarms about answers of the core that break its contract, or that refuse a question of ours."""

from __future__ import annotations

import datetime as dt
import threading

import sqlalchemy as sa
import structlog

from adapter.domain.alarms import AlarmKind
from adapter.ports import Clock
from adapter.store.alarms import SUBJECT_MAX, raise_while_open
from adapter.store.database import Database

log = structlog.get_logger("adapter.core_contract")

OVER_AFTER = dt.timedelta(minutes=15)  # without another wrong answer of the kind


class ContractAlarms:
    """One of each kind while wrong answers last; acknowledging it is enough until they were over.  Safe for threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._last: dict[str, dt.datetime] = {}
        self._lock = threading.Lock()

    def note(self, subject: str, what: str) -> None:
        """`subject` is the kind of answer: a call, or the account that it is about.  Never raises."""
        now = self._clock.now()
        with self._lock:
            before = self._last.get(subject)
            self._last[subject] = now
        if before is not None and now - before < OVER_AFTER:
            return
        log.error("the core breaks its contract", subject=subject, what=what)
        try:
            with self._database.transaction() as tx:
                raise_while_open(tx, AlarmKind.CORE_CONTRACT, {subject[:SUBJECT_MAX]: what}, now)
        except sa.exc.SQLAlchemyError:  # whoever asked the core must not fail for want of an alarm
            log.exception("an alarm cannot be raised")
