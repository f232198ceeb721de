"""Marks: opaque places in the logs that can be asked with again."""

from __future__ import annotations

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import Ground
from adapter.core_kit.judging import Broken, check, check_equal
from adapter.core_kit.samples import entry_details
from adapter.domain.core import Mark
from adapter.domain.errors import MarkUnknown
from adapter.domain.limits import MARK_BYTES_MAX

marks = Section("marks")
NEVER_GIVEN = Mark("a-mark-that-no-core-ever-gave:9f1c")


@marks.case(
    "replay",
    "The same mark gives the same answer again.",
    mend="Reading must not move anything in the core: the mark alone says where to go on.",
    acts=(Act.BOOK,),
)
def _replay(ground: Ground) -> None:
    mark = ground.end_of_entries()
    for _ in range(3):
        ground.book()
    first = ground.read_entries(mark)
    check_equal(len(first), 3, "entries after the mark")
    check_equal(ground.read_entries(mark), first, "the same mark asked again")


@marks.case(
    "replay-grows",
    "Later, the same mark gives the same entries or more.",
    mend="Do not drop changes once they were told: a reader may come back to an older mark after a crash.",
    acts=(Act.BOOK, Act.CHANGE),
)
def _replay_grows(ground: Ground) -> None:
    mark = ground.end_of_entries()
    first, other = ground.book(), ground.book()
    before = {one.core_id for one in ground.read_entries(mark)}
    ground.bench.change(ground.bench.account, first, entry_details(ground.today(), "7.00"))
    new = ground.book()
    after = {one.core_id for one in ground.read_entries(mark)}
    check_equal(before, {first, other}, "entries after the mark")
    check(before | {new} <= after, f"entries told before are not told again: {sorted((before | {new}) - after)}")


@marks.case(
    "size",
    f"A mark is a text of 1 to {MARK_BYTES_MAX} bytes without blanks at its ends or line breaks.",
    mend="Keep the place short, e.g. the number of the last change; sign or encode it where it must not be read.",
)
def _size(ground: Ground) -> None:
    for mark in (ground.end_of_entries(), ground.end_of_events()):
        check(0 < len(mark.text.encode()) <= MARK_BYTES_MAX, f"a mark has {len(mark.text.encode())} bytes")
        check(
            mark.text.isprintable() and mark.text == mark.text.strip(), f"the mark {mark.text!r} will not travel well"
        )


@marks.case(
    "unknown-entries",
    "A mark that this core never gave is told as unknown, not read from the beginning or the end.",
    mend="Raise MarkUnknown (HTTP: 410 mark_unknown) for every mark that you cannot place.",
)
def _unknown_mark(ground: Ground) -> None:
    try:
        page = ground.core.pull_entries(ground.bench.account, NEVER_GIVEN, 1, ground.soon())
    except MarkUnknown:
        return
    raise Broken(f"a mark that was never given was answered with {len(page.entries)} entries")


@marks.case(
    "unknown-events",
    "The same holds for marks of documents' events.",
    mend="Raise MarkUnknown (HTTP: 410 mark_unknown) for every mark that you cannot place.",
)
def _unknown_events_mark(ground: Ground) -> None:
    try:
        page = ground.core.pull_document_events(NEVER_GIVEN, 1, ground.soon())
    except MarkUnknown:
        return
    raise Broken(f"a mark that was never given was answered with {len(page.events)} events")


@marks.case(
    "restored",
    "After a restore the core does not know the marks that it gave before.",
    mend="Put into the marks what a restore changes: a number of the database's life, or a digest of the last row.",
    acts=(Act.BOOK, Act.RESTORE),
)
def _restored(ground: Ground) -> None:
    ground.book()
    mark, events_mark = ground.end_of_entries(), ground.end_of_events()
    ground.restore()
    for name, pull in (
        ("entries", lambda: ground.core.pull_entries(ground.bench.account, mark, 1, ground.soon())),
        ("events", lambda: ground.core.pull_document_events(events_mark, 1, ground.soon())),
    ):
        try:
            pull()
        except MarkUnknown:
            continue
        raise Broken(f"a mark of {name} from before the restore is taken for one of now: changes would be lost")
    check(
        bool(ground.core.pull_entries(ground.bench.account, None, 1, ground.soon()).mark.text), "no mark to begin with"
    )
