"""The chores of the worker, in loops of a thread each: neither a slow core nor a long statement holds up drafts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

import oauth
from adapter.connectors.logins.pending import forget_logins
from adapter.connectors.used_tokens import forget_tokens
from adapter.domain.core import Deadline
from adapter.parts import Parts
from adapter.store.idempotency import forget_keys
from adapter.worker import Chore

HOUSEKEEPING_S = 3600.0
RECONCILE_S = 300.0
DROP_STATEMENTS_S = 60.0
RENEW_ACCOUNTS_S = 15.0  # how often those not asked about for long are looked for
REFRESH_SLICE_S = 5.0  # of one round, so that a stop does not wait long
KEY_LIFETIME = timedelta(days=30)  # of an idempotency key; an external id holds for ever


def list_loops(parts: Parts, stop: threading.Event) -> Sequence[Sequence[Chore]]:
    """Chores are short; the only long one, a statement, is given back in its middle once `stop` is set."""
    loops = (_drafts(parts), _feeds(parts), _statements(parts, stop), _lanes(parts), _own_work(parts))
    return [loop for loop in loops if loop]


def _drafts(parts: Parts) -> list[Chore]:
    chores = [
        Chore(name="send drafts", do=parts.delivery.send_due),
        Chore(name="follow fates", do=parts.delivery.follow_fates),
    ]
    step, every_s = parts.core.clock_step, parts.settings.sandbox_clock_interval_s
    if step is not None and every_s:
        chores.append(Chore(name="sandbox clock", do=lambda: bool(step()), every_s=every_s))
    return chores


def _feeds(parts: Parts) -> list[Chore]:
    return [
        Chore(name="refresh feeds", do=lambda: _refresh(parts), every_s=min(parts.settings.feed_refresh_s, 1.0)),
        Chore(name="renew accounts", do=lambda: _renew_accounts(parts), every_s=RENEW_ACCOUNTS_S),
        Chore(name="reconcile", do=lambda: _reconcile(parts), every_s=RECONCILE_S),
        Chore(name="forget what is over", do=lambda: _forget(parts), every_s=HOUSEKEEPING_S),
    ]


def _statements(parts: Parts, stop: threading.Event) -> list[Chore]:
    return [
        Chore(name="drop statements", do=parts.maker.sweep, every_s=DROP_STATEMENTS_S),
        Chore(name="make statements", do=lambda: parts.maker.make_next(stop.is_set)),
    ]


def _lanes(parts: Parts) -> list[Chore]:
    return [Chore(name="tell lanes", do=parts.lane_teller.tell, every_s=1.0)]


def _own_work(parts: Parts) -> list[Chore]:
    work = parts.core.background
    return [Chore(name="the core's own work", do=work, every_s=1.0)] if work else []


def _refresh(parts: Parts) -> bool:
    return bool(parts.services.feeds.refresh_due(parts.connected_accounts(), Deadline.after(REFRESH_SLICE_S)))


def _renew_accounts(parts: Parts) -> bool:
    until = Deadline.after(REFRESH_SLICE_S)
    return parts.directory.renew_old(parts.shared_accounts(), until) > 0 and not until.seconds_left


def _reconcile(parts: Parts) -> bool:
    return parts.services.reconciliation.run(Deadline.after(REFRESH_SLICE_S)).has_more


def _forget(parts: Parts) -> bool:
    now = parts.clock.now()
    with parts.database.transaction() as tx:
        oauth.clean_up(tx, now)
        forget_keys(tx, now - KEY_LIFETIME)
        forget_logins(tx, now)
        forget_tokens(tx, now)
    return False
