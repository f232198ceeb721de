"""Many at once: nothing is lost, repeated or out of order while others write."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import Ground, check_goes_on, run_together
from adapter.core_kit.judging import check_equal
from adapter.domain.core import CoreDocument, CoreEntry, EntryPage, EventPage, Mark

Page = TypeVar("Page", EntryPage, EventPage)

together = Section("together")
WRITERS = 4
LIMIT = 7
REST_S = 0.005  # at the end of the log
GAP = (
    "A number taken early and committed late is skipped by readers (id > mark loses rows). "
    "Give numbers under a lock that is held until commit, one for an account."
)


@together.case(
    "entries",
    "Entries written while they are read are each told once, in the order of each writer.",
    mend=GAP,
    acts=(Act.BOOK,),
)
def _entries(ground: Ground) -> None:
    mark = ground.end_of_entries()
    written: list[list[str]] = [[] for _ in range(WRITERS)]
    told: list[str] = []

    def keep(page: EntryPage) -> None:
        told.extend(one.core_id for one in page.entries)

    def pull(after: Mark) -> EntryPage:
        return ground.core.pull_entries(ground.bench.account, after, LIMIT, ground.soon())

    _follow(mark, pull, keep, [partial(_write, ground, mine) for mine in written])
    for mine in written:
        ours = set(mine)
        check_equal([one for one in told if one in ours], mine, "entries of one writer")


@together.case(
    "readers",
    "Readers at the same time are told the same.",
    mend="Keep nothing about a reader in the core: a page follows from account, mark and limit alone.",
    acts=(Act.BOOK,),
)
def _readers(ground: Ground) -> None:
    mark = ground.end_of_entries()
    for _ in range(9):
        ground.book()
    told: list[list[CoreEntry]] = []
    run_together(*[lambda: told.append(ground.read_entries(mark, limit=2))] * 4)
    check_equal([len(one) for one in told], [9] * 4, "entries told to four readers")
    for one in told:
        check_equal(one, told[0], "what one of four readers was told")


@together.case("events", "Events written while they are read are each told once.", mend=GAP)
def _events(ground: Ground) -> None:
    mark = ground.end_of_events()
    documents = [ground.draft() for _ in range(WRITERS * ground.effort.writes)]
    ours = {one.id for one in documents}
    told: list[str] = []

    def keep(page: EventPage) -> None:
        told.extend(one.document_id for one in page.events if one.document_id in ours)

    def pull(after: Mark) -> EventPage:
        return ground.core.pull_document_events(after, LIMIT, ground.soon())

    parts = [documents[start::WRITERS] for start in range(WRITERS)]
    _follow(mark, pull, keep, [partial(_send, ground, part) for part in parts])
    check_equal(sorted(told), sorted(ours), "drafts whose events were told")


def _write(ground: Ground, mine: list[str]) -> None:
    mine.extend(ground.book("1.00") for _ in range(ground.effort.writes))


def _send(ground: Ground, documents: Sequence[CoreDocument]) -> None:
    for document in documents:
        ground.accept(document)


def _follow(
    mark: Mark, pull: Callable[[Mark], Page], keep: Callable[[Page], None], writers: Sequence[Callable[[], None]]
) -> None:
    """Read page after page while the writers write, and once more to the end after the last of them."""
    ended: list[bool] = []

    def work(write: Callable[[], None]) -> None:
        try:
            write()
        finally:
            ended.append(True)

    def read() -> None:
        after = mark
        while True:
            is_last_round = len(ended) == len(writers)  # looked at before the page is asked for
            page = pull(after)
            keep(page)
            check_goes_on(page.has_more, after, page.mark)
            after = page.mark
            if not page.has_more:
                if is_last_round:
                    return
                threading.Event().wait(REST_S)

    run_together(read, *[partial(work, write) for write in writers])
