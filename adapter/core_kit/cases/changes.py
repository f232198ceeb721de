"""Corrections: an entry changes, goes away, is reversed; its id stays its own."""

from __future__ import annotations

from dataclasses import replace

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import Ground
from adapter.core_kit.judging import check, check_equal
from adapter.core_kit.samples import entry_details
from adapter.domain.statements import Direction, DocumentType

changes = Section("changes")


@changes.case(
    "keeps-id",
    "A changed entry comes again whole under its first id.",
    mend="core_id must not contain values that the bank may correct, nor the number of the version.",
    acts=(Act.BOOK, Act.CHANGE),
)
def _change_keeps_id(ground: Ground) -> None:
    core_id = ground.book("10.00")
    mark = ground.end_of_entries()
    changed = entry_details(ground.today(), "12.00", purpose="Исправлено")
    ground.bench.change(ground.bench.account, core_id, changed)
    told = [(one.core_id, one.details) for one in ground.read_entries(mark)]
    check_equal(told, [(core_id, changed)], "what came after a change")


@changes.case(
    "memo-becomes-order",
    "A memorial order that becomes a payment order stays the same entry.",
    mend="The kind and number of the document are details of an entry, not its identity.",
    acts=(Act.BOOK, Act.CHANGE),
)
def _memo_becomes_order(ground: Ground) -> None:
    memo = entry_details(ground.today(), "10.00", Direction.DEBIT, document_type=DocumentType.MEMORIAL_ORDER)
    core_id = ground.bench.book(ground.bench.account, memo)
    mark = ground.end_of_entries()
    order = replace(memo, document_type=DocumentType.PAYMENT_ORDER, number="321")
    ground.bench.change(ground.bench.account, core_id, order)
    told = [(one.core_id, one.details.document_type) for one in ground.read_entries(mark) if one.details]
    check_equal(told, [(core_id, DocumentType.PAYMENT_ORDER)], "what came after the kind changed")


@changes.case(
    "twice",
    "An entry that changes twice ends in its last state.",
    mend="A later change comes after an earlier one; telling the last state alone is right too.",
    acts=(Act.BOOK, Act.CHANGE),
)
def _changed_twice(ground: Ground) -> None:
    mark = ground.end_of_entries()
    core_id = ground.book("10.00")
    for amount in ("11.00", "12.00"):
        ground.bench.change(ground.bench.account, core_id, entry_details(ground.today(), amount))
    told = [one for one in ground.read_entries(mark) if one.core_id == core_id]
    amounts = [str(one.details.amount) for one in told if one.details]
    check_equal(amounts[-1:], ["12.00"], "the last state of an entry that changed twice")


@changes.case(
    "removal",
    "A removed entry comes as a removal under its id.",
    mend="Keep removed entries as tombstones; one that is just gone is never noticed by its readers.",
    acts=(Act.BOOK, Act.REMOVE),
)
def _removal(ground: Ground) -> None:
    core_id = ground.book()
    mark = ground.end_of_entries()
    ground.bench.remove(ground.bench.account, core_id)
    told = [(one.core_id, one.details) for one in ground.read_entries(mark)]
    check_equal(told, [(core_id, None)], "what came after a removal")


@changes.case(
    "removed-id",
    "The id of a removed entry is never used again.",
    mend="Take ids from a sequence that does not go back; an occurrence number counts removed ones too.",
    acts=(Act.BOOK, Act.REMOVE),
)
def _removed_id(ground: Ground) -> None:
    core_id = ground.book()
    ground.bench.remove(ground.bench.account, core_id)
    mark = ground.end_of_entries()
    again = ground.book()
    check(again != core_id, "an equal entry after a removal has the removed one's id")
    check_equal([one.core_id for one in ground.read_entries(mark)], [again], "what came after booking again")


@changes.case(
    "reversal",
    "A reversal is an entry of its own in the other direction.",
    mend="What is booked stays; сторно is a further entry with its own id, date and sum.",
    acts=(Act.BOOK, Act.REVERSE),
)
def _reversal(ground: Ground) -> None:
    core_id = ground.book("77.00")
    mark = ground.end_of_entries()
    reversal_id = ground.bench.reverse(ground.bench.account, core_id)
    check(reversal_id != core_id, "the reversal has the id of what it reverses")
    told = [
        (one.core_id, one.details and (one.details.direction, str(one.details.amount)))
        for one in ground.read_entries(mark)
    ]
    check_equal(told, [(reversal_id, (Direction.DEBIT, "77.00"))], "what came after a reversal")


@changes.case(
    "others-stay",
    "A change of one entry does not tell its neighbours again.",
    mend="Give a new number to the changed row only.",
    acts=(Act.BOOK, Act.CHANGE),
)
def _others_stay(ground: Ground) -> None:
    ids = [ground.book() for _ in range(3)]
    mark = ground.end_of_entries()
    ground.bench.change(ground.bench.account, ids[1], entry_details(ground.today(), "2.00"))
    check_equal({one.core_id for one in ground.read_entries(mark)}, {ids[1]}, "what came after one of three changed")
