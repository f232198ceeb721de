"""Deadlines: every call ends by its own, and what it then says is honest."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from adapter.core_kit.case import Section
from adapter.core_kit.ground import Ground
from adapter.core_kit.judging import Broken, check, check_equal
from adapter.domain.core import Accepted, Deadline, NotFound, Refused, Result
from adapter.domain.errors import CoreUnavailable

deadlines = Section("deadlines")
SHORT_S = 0.2
GRACE_S = 1.8  # for a busy machine
VERY_SHORT_S = 0.005
MEND = "Bound the whole call: connecting, sending, waiting and reading; in SQL set a statement and a lock timeout."


@deadlines.case(
    "passed", "A call whose deadline has passed attempts nothing.", mend="Look at the deadline before sending."
)
def _passed(ground: Ground) -> None:
    document = ground.draft()
    try:
        ground.core.submit_documents([document], Deadline.after(0))
    except CoreUnavailable:
        (answer,) = ground.core.find_documents([document.id], ground.soon())
        check_equal(answer, NotFound(document_id=document.id), "a draft whose deadline had passed")
        return
    raise Broken("a draft whose deadline had passed was sent all the same")


@deadlines.case("reading", f"Reading with {SHORT_S} s ends in time, answered or not.", mend=MEND)
def _reading(ground: Ground) -> None:
    core, bench = ground.core, ground.bench
    calls: dict[str, Callable[[Deadline], object]] = {
        "probe": core.probe,
        "find_customers": lambda by: core.find_customers(bench.user, by),
        "list_accounts": lambda by: core.list_accounts(bench.customer, by),
        "read_balances": lambda by: core.read_balances([bench.account], by),
        "pull_entries": lambda by: core.pull_entries(bench.account, None, 500, by),
        "find_documents": lambda by: core.find_documents([ground.new_id()], by),
        "pull_document_events": lambda by: core.pull_document_events(None, 500, by),
    }
    for name, call in calls.items():
        _check_ends(name, call)


@deadlines.case("changing", f"Sending and withdrawing with {SHORT_S} s end in time, answered or not.", mend=MEND)
def _changing(ground: Ground) -> None:
    document = ground.draft()
    _check_ends("submit_documents", lambda by: ground.core.submit_documents([document], by))
    if ground.core.capabilities().can_withdraw:
        request = ground.new_id()
        _check_ends("withdraw_document", lambda by: ground.core.withdraw_document(document.id, request, by))


@deadlines.case(
    "timeout-after-sending",
    "After a timeout the answer is honest, and find_documents tells the truth.",
    mend="CoreUnavailable only where surely nothing was sent, Unknown once anything was, Accepted for what is there.",
)
def _timeout_after_sending(ground: Ground) -> None:
    for _ in range(5):
        document = ground.draft()
        result: Result | None
        try:
            (result,) = ground.core.submit_documents([document], Deadline.after(VERY_SHORT_S))
        except CoreUnavailable:
            result = None
        (found,) = ground.core.find_documents([document.id], ground.soon())
        is_there = not isinstance(found, NotFound)
        if isinstance(result, Accepted):
            check(is_there, "the draft was accepted, and is not there")
        if result is None or isinstance(result, Refused):
            check(not is_there, "«nothing was sent» or «refused» was answered, and the draft is there")


@deadlines.case(
    "sent-again-after-timeout",
    "A draft whose answer was lost can be sent again and is there once.",
    mend="Keep our id in a unique column of the inbox, and answer a known id with what was answered first.",
    capability="submit_is_idempotent",
)
def _sent_again(ground: Ground) -> None:
    mark, document = ground.end_of_events(), ground.draft()
    with suppress(CoreUnavailable):
        ground.core.submit_documents([document], Deadline.after(VERY_SHORT_S))
    ground.accept(document)
    check_equal(len(ground.read_way(mark, document)), 1, "events of a draft that was sent again after a timeout")


def _check_ends(name: str, call: Callable[[Deadline], object]) -> None:
    started = time.monotonic()
    with suppress(CoreUnavailable):
        call(Deadline.after(SHORT_S))
    took = time.monotonic() - started
    check(took < SHORT_S + GRACE_S, f"{name} with a deadline of {SHORT_S} s took {took:.1f} s")
