"""Many at once: nothing is lost, repeated or out of order while others write."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import Ground, check_goes_on, run_together
from adapter.core_kit.judging import Broken, check_equal
from adapter.domain.core import CoreDocument, CoreEntry, Mark

together = Section("together")
WRITERS = 4
EMPTY_MAX = 20_000  # empty pages in a row, while writers write, until the reader gives up
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
    run_together(
        lambda: told.extend(_follow_entries(ground, mark, WRITERS * ground.effort.writes)),
        *[lambda mine=mine: _write(ground, mine) for mine in written],
    )
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
    told: list[str] = []

    def follow() -> None:
        after, ours, empty = mark, {one.id for one in documents}, 0
        while len(told) < len(documents):
            page = ground.core.pull_document_events(after, 7, ground.soon())
            told.extend(one.document_id for one in page.events if one.document_id in ours)
            empty = _count_empty(empty, page.events, len(told), len(documents))
            check_goes_on(page.has_more, after, page.mark)
            after = page.mark

    parts = [documents[start::WRITERS] for start in range(WRITERS)]
    run_together(follow, *[lambda part=part: _send(ground, part) for part in parts])
    check_equal(sorted(told), sorted(one.id for one in documents), "drafts whose events were told")


def _write(ground: Ground, mine: list[str]) -> None:
    mine.extend(ground.book("1.00") for _ in range(ground.effort.writes))


def _send(ground: Ground, documents: Sequence[CoreDocument]) -> None:
    for document in documents:
        ground.accept(document)


def _follow_entries(ground: Ground, after: Mark, wanted: int) -> list[str]:
    told: list[str] = []
    empty = 0
    while len(told) < wanted:
        page = ground.core.pull_entries(ground.bench.account, after, 7, ground.soon())
        told.extend(one.core_id for one in page.entries)
        empty = _count_empty(empty, page.entries, len(told), wanted)
        check_goes_on(page.has_more, after, page.mark)
        after = page.mark
    return told


def _count_empty(empty: int, page: Sequence[object], told: int, wanted: int) -> int:
    """How many pages in a row were empty; raises Broken where what is missing will not come any more."""
    if page:
        return 0
    if empty == EMPTY_MAX:
        raise Broken(f"{told} of {wanted} were told, and no more comes")
    return empty + 1
