"""What becomes of a draft, told as events: in order, replayable, ending where find_documents says it is."""

from __future__ import annotations

from itertools import pairwise

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import Ground
from adapter.core_kit.judging import check, check_equal
from adapter.core_kit.samples import PAYEE
from adapter.domain.core import CoreDocument
from adapter.domain.payments import RANK, PaymentStatus
from adapter.domain.statements import Direction

fates = Section("fates")
MORE_THAN_THERE_IS = "99999999999.00"
EXECUTED = (Act.SIGN, Act.EXECUTE)


@fates.case(
    "executed",
    "An executed draft tells its whole way: awaiting signature, signed, executed.",
    mend="Write an event with each step, in the transaction that makes the step.",
    acts=EXECUTED,
)
def _executed(ground: Ground) -> None:
    mark, document = ground.end_of_events(), _execute(ground)
    way = ground.read_way(mark, document)
    check_equal(way[:1], [PaymentStatus.AWAITING_SIGNATURE], "the first event")
    check_equal(way[-1:], [PaymentStatus.EXECUTED], "the last event")
    check(PaymentStatus.SIGNED in way, f"no event tells that it was signed: {[one.value for one in way]}")


@fates.case(
    "order",
    "Events of one draft come in the order in which they happened.",
    mend="Number events when they are committed, under one lock for a draft; moments alone do not order them.",
    acts=EXECUTED,
)
def _order(ground: Ground) -> None:
    mark, document = ground.end_of_events(), _execute(ground)
    events = ground.read_events(mark, document)
    for before, after in pairwise(events):
        check(RANK[after.status] >= RANK[before.status], f"{after.status.value} is told after {before.status.value}")
        check(after.at >= before.at, f"{after.status.value} has an earlier moment than {before.status.value}")
        check(not before.status.is_final, f"something is told after {before.status.value}, which is an end")


@fates.case(
    "booked",
    "The entry of an executed draft carries our id, its sum and its payee.",
    mend="Keep our id with the order through to the books, and tell it as document_id of the entry.",
    acts=EXECUTED,
)
def _booked(ground: Ground) -> None:
    mark, document = ground.end_of_entries(), _execute(ground, "12.00")
    booked = [one.details for one in ground.read_entries(mark) if one.document_id == document.id]
    check_equal(len(booked), 1, "entries that carry the draft's id")
    details = booked[0]
    told = details and (details.direction, str(details.amount), details.counterparty.account)
    check_equal(told, (Direction.DEBIT, "12.00", PAYEE.account), "the entry of the draft")


@fates.case(
    "booked-once",
    "The entry of an executed draft is on the draft's own account; no other account has one that carries our id.",
    mend="Take document_id from the order that the entry books, not from a number that repeats among customers.",
    acts=EXECUTED,
)
def _booked_once(ground: Ground) -> None:
    others = (ground.bench.second_account, ground.bench.foreign_account)
    marks = {account: ground.end_of_entries(account) for account in others}
    document = _execute(ground)
    for account, mark in marks.items():
        strange = [one.core_id for one in ground.read_entries(mark, account) if one.document_id == document.id]
        check_equal(strange, [], f"entries of account {account} that carry the draft's id")


@fates.case(
    "rejected",
    "A rejection has a reason.",
    mend="Translate the bank's code into a sentence for the customer, in Russian.",
    acts=(Act.SIGN, Act.REJECT),
)
def _rejected(ground: Ground) -> None:
    document = ground.draft(MORE_THAN_THERE_IS)
    ground.accept(document)
    ground.bench.sign(document.id)
    ground.bench.reject(document.id)
    state = ground.find(document)
    check_equal(state.status, PaymentStatus.REJECTED, "status of a draft that failed")
    check(bool(state.reason), "the rejection has no reason")


@fates.case(
    "rejected-books-nothing",
    "A rejected draft moves no money.",
    mend="Book and finish in one transaction.",
    acts=(Act.SIGN, Act.REJECT),
)
def _rejected_books_nothing(ground: Ground) -> None:
    mark, document = ground.end_of_entries(), ground.draft(MORE_THAN_THERE_IS)
    ground.accept(document)
    ground.bench.sign(document.id)
    ground.bench.reject(document.id)
    check_equal(
        [one for one in ground.read_entries(mark) if one.document_id == document.id], [], "entries of a rejected draft"
    )


@fates.case(
    "expired",
    "A draft that nobody signed in time is told as expired.",
    mend="Write an event when the time for signing ends.",
    acts=(Act.EXPIRE,),
)
def _expired(ground: Ground) -> None:
    document = ground.draft()
    ground.accept(document)
    mark = ground.end_of_events()
    ground.bench.expire(document.id)
    check_equal(ground.read_way(mark, document), [PaymentStatus.EXPIRED], "events of a draft that expired")


@fates.case(
    "edited",
    "An edit in the bank is told field by field and does not move the draft.",
    mend="edited holds only fields that a person changed, by our names, with their new values as texts.",
    acts=(Act.EDIT,),
)
def _edited(ground: Ground) -> None:
    document = ground.draft()
    ground.accept(document)
    mark = ground.end_of_events()
    ground.bench.edit(document.id, purpose="Оплата по договору 8")
    told = [(one.status, one.edited) for one in ground.read_events(mark, document)]
    check_equal(told, [(PaymentStatus.AWAITING_SIGNATURE, {"purpose": "Оплата по договору 8"})], "events of an edit")


@fates.case(
    "last-event-is-state",
    "The last event of a draft and find_documents say the same.",
    mend="Write the event and the state in one transaction; let both be read from one place.",
    acts=EXECUTED,
)
def _last_event_is_state(ground: Ground) -> None:
    mark, document = ground.end_of_events(), _execute(ground)
    told = [(one.status, one.reason, one.edited) for one in ground.read_events(mark, document)]
    state = ground.find(document)
    check_equal(told[-1:], [(state.status, state.reason, state.edited)], "the last event")


@fates.case(
    "pages",
    "Small pages of events give what one large page gives.",
    mend="Take rows after the mark by one key that grows with every event; limit is an upper bound.",
)
def _pages(ground: Ground) -> None:
    mark, documents = ground.end_of_events(), [ground.draft() for _ in range(5)]
    for document in documents:
        ground.accept(document)
    whole = ground.read_events(mark, *documents)
    check_equal([one.document_id for one in whole], [one.id for one in documents], "events of five drafts")
    for limit in (1, 2):
        check_equal(ground.read_events(mark, *documents, limit=limit), whole, f"events on pages of {limit}")
    page = ground.core.pull_document_events(mark, 2, ground.soon())
    check(len(page.events) <= 2, f"limit=2 gave {len(page.events)} events")


@fates.case(
    "replay",
    "The same mark gives the same events again.",
    mend="Reading must not move anything in the core: events are not a queue that reading empties.",
)
def _replay(ground: Ground) -> None:
    mark, document = ground.end_of_events(), ground.draft()
    ground.accept(document)
    first = ground.read_events(mark, document)
    check_equal(len(first), 1, "events of a new draft")
    check_equal(ground.read_events(mark, document), first, "events after the same mark asked again")


@fates.case(
    "moments",
    "Every event has its moment, with a zone.",
    mend="at is the moment of the step, with an offset.",
)
def _moments(ground: Ground) -> None:
    mark, document = ground.end_of_events(), ground.draft()
    ground.accept(document)
    for event in ground.read_events(mark, document):
        check(event.at.tzinfo is not None, "the moment of an event has no zone")
    check(ground.find(document).at.tzinfo is not None, "the moment of a state has no zone")


def _execute(ground: Ground, amount: str = "1.00") -> CoreDocument:
    document = ground.draft(amount)
    ground.accept(document)
    ground.bench.sign(document.id)
    ground.bench.execute(document.id)
    return document
