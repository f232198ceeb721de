"""Drafts on their way in: accepted once, whatever is repeated; refused one by one; found by our id."""

from __future__ import annotations

from dataclasses import replace

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import Ground, parts_of, run_together
from adapter.core_kit.judging import check, check_equal
from adapter.core_kit.samples import BUDGET, ONE_KOPECK, THIRTEEN_DIGITS, payment_order
from adapter.domain.core import Accepted, CoreDocument, NotFound, Refused
from adapter.domain.payments import PaymentStatus

drafts = Section("drafts")
IDEMPOTENT = "submit_is_idempotent"
TELLS = "can_tell_documents"
ONCE = [PaymentStatus.AWAITING_SIGNATURE]
SAME = "Keep our id in a unique column of the inbox, and answer a known id with what was answered first."


@drafts.case(
    "accepted",
    "A good draft is accepted and awaits signature.",
    mend="Accepted carries our id and the bank's reference; find_documents finds the draft from then on.",
)
def _accepted(ground: Ground) -> None:
    document = ground.draft()
    (result,) = ground.accept(document)
    check_equal(result.document_id, document.id, "document_id of the result")
    check(bool(result.core_reference), "core_reference is empty: the customer would not find the draft in the bank")
    state = ground.find(document)
    check_equal(state.status, PaymentStatus.AWAITING_SIGNATURE, "status of a new draft")
    check_equal(state.core_reference, result.core_reference, "core_reference told by find_documents")


@drafts.case("same-twice", "The same draft sent twice is one draft.", mend=SAME, capability=IDEMPOTENT)
def _same_twice(ground: Ground) -> None:
    mark, document = ground.end_of_events(), ground.draft()
    first = ground.accept(document)
    check_equal(ground.submit(document), first, "the answer to the second submission")
    check_equal(ground.read_way(mark, document), ONCE, "events of a draft that was sent twice")


@drafts.case("same-in-batch", "The same draft twice in one batch is one draft.", mend=SAME, capability=IDEMPOTENT)
def _same_in_batch(ground: Ground) -> None:
    if ground.core.capabilities().batch_size_max < 2:
        return
    mark, document = ground.end_of_events(), ground.draft()
    results = ground.submit(document, document)
    check_equal([one.document_id for one in results], [document.id] * 2, "results of a batch with one draft twice")
    refused = [one for one in results if isinstance(one, Refused)]
    check_equal(refused, [], "refusals of a good draft that was twice in a batch")  # Unknown is honest too
    check_equal(ground.read_way(mark, document), ONCE, "events of a draft that was twice in a batch")


@drafts.case(
    "same-in-parallel",
    "The same draft sent by many at once is one draft.",
    mend="Let the database decide with a unique key: looking first and inserting then lets two through.",
    capability=IDEMPOTENT,
)
def _same_in_parallel(ground: Ground) -> None:
    mark, document = ground.end_of_events(), ground.draft()
    run_together(*[lambda: ground.submit(document)] * 8)
    check_equal(ground.read_way(mark, document), ONCE, "events of a draft that eight sent at once")


@drafts.case(
    "same-id-other-order",
    "A known id with another order changes nothing.",
    mend="Answer a known id as before; never take over the values of a later submission.",
    capability=IDEMPOTENT,
)
def _same_id_other_order(ground: Ground) -> None:
    mark, document = ground.end_of_events(), ground.draft("10.00")
    ground.accept(document)
    ground.submit(replace(document, order=payment_order(ground.today(), "99.00")))
    check_equal(ground.read_way(mark, document), ONCE, "events after another order came under the same id")
    told = ground.find(document).document
    check(told is None or told.order == document.order, "the draft has the values of the second submission")


@drafts.case(
    "same-after-its-end",
    "A draft sent again after its end stays ended.",
    mend=SAME + " Also when the draft is long finished.",
    acts=(Act.EXPIRE,),
    capability=IDEMPOTENT,
)
def _same_after_its_end(ground: Ground) -> None:
    document = ground.draft()
    ground.accept(document)
    ground.bench.expire(document.id)
    ground.submit(document)
    check_equal(ground.find(document).status, PaymentStatus.EXPIRED, "status after the ended draft was sent again")


@drafts.case(
    "one-refusal",
    "Results come in order, and one refusal stops no other draft.",
    mend="Judge each line for itself: answer Refused for what cannot be, and take the rest.",
)
def _one_refusal(ground: Ground) -> None:
    good, other = ground.draft(), ground.draft()
    unknown = replace(ground.draft(), core_account_id="unknown")
    foreign = replace(ground.draft(), core_account_id=ground.bench.foreign_account)
    results = _submit_in_parts(ground, [good, unknown, foreign, other])
    told = [(type(one).__name__, one.document_id) for one in results]
    wanted = [("Accepted", good.id), ("Refused", unknown.id), ("Refused", foreign.id), ("Accepted", other.id)]
    check_equal(told, wanted, "results of a batch with two bad lines")
    for one in results:
        check(not isinstance(one, Refused) or bool(one.code and one.reason), "a refusal has no code or reason")


@drafts.case(
    "refused-is-not-there",
    "A refused draft is not in the bank.",
    mend="Refuse before anything is written, or take it back in the same transaction.",
)
def _refused_is_not_there(ground: Ground) -> None:
    foreign = replace(ground.draft(), core_account_id=ground.bench.foreign_account)
    ground.submit(foreign)
    (answer,) = ground.core.find_documents([foreign.id], ground.soon())
    check_equal(answer, NotFound(document_id=foreign.id), "a draft from a foreign account")


@drafts.case(
    "full-batch",
    "A batch of the largest size that the core names arrives whole and in order.",
    mend="batch_size_max is what one call really bears, within its deadline.",
)
def _full_batch(ground: Ground) -> None:
    size = min(ground.core.capabilities().batch_size_max, ground.effort.lines)
    mark, documents = ground.end_of_events(), [ground.draft() for _ in range(size)]
    results = ground.accept(*documents)
    check_equal([one.document_id for one in results], [one.id for one in documents], "results in order")
    check_equal(len(ground.read_events(mark, *documents)), size, "drafts that arrived")


@drafts.case(
    "ten-thousand-lines",
    "A batch of ten thousand lines, sent in parts, arrives whole, each line once.",
    mend="Look at time limits, sizes of messages and open transactions of the inbox.",
)
def _ten_thousand_lines(ground: Ground) -> None:
    mark, documents = ground.end_of_events(), [ground.draft() for _ in range(ground.effort.lines)]
    for part in parts_of(documents, ground.core.capabilities().batch_size_max):
        ground.accept(*part)
    arrived = [one.document_id for one in ground.read_events(mark, *documents)]
    check_equal(len(arrived), len(documents), "drafts that arrived")
    check_equal(len(set(arrived)), len(documents), "different drafts that arrived")


@drafts.case(
    "found-in-order",
    "find_documents answers each id, in the order asked.",
    mend="One answer for each id, NotFound for an unknown one; arrange the rows by the question.",
)
def _found_in_order(ground: Ground) -> None:
    one, two = ground.draft(), ground.draft()
    ground.accept(one)
    ground.accept(two)
    asked = [two.id, "unknown", one.id]
    answers = ground.core.find_documents(asked, ground.soon())
    check_equal([answer.document_id for answer in answers], asked, "ids of the answers")
    check_equal(
        [type(answer).__name__ for answer in answers], ["DocumentState", "NotFound", "DocumentState"], "answers"
    )


@drafts.case(
    "told-whole",
    "A found draft is told as it was submitted.",
    mend="Keep the order as it came beside what people change later; or say can_tell_documents=false.",
    capability=TELLS,
)
def _told_whole(ground: Ground) -> None:
    order = payment_order(ground.today(), "18.07", priority=2, uin="18209965144380684245", budget=BUDGET)
    document = replace(ground.draft(order=order), possible_duplicate=True)
    ground.accept(document)
    check_equal(ground.find(document).document, document, "a draft with a tax payment")


@drafts.case(
    "edited-is-told-as-submitted",
    "After an edit in the bank the draft is still told as it was submitted; `edited` tells the rest.",
    mend="An edit writes beside the submitted order, not over it.",
    acts=(Act.EDIT,),
    capability=TELLS,
)
def _edited_is_told_as_submitted(ground: Ground) -> None:
    document = ground.draft()
    ground.accept(document)
    ground.bench.edit(document.id, purpose="Оплата по договору 8")
    check_equal(ground.find(document).document, document, "an edited draft")


@drafts.case(
    "origin",
    "`origin` comes back unchanged: 512 bytes, Cyrillic too.",
    mend="Keep it unread, as a text of 512 bytes in UTF-8; do not trim it.",
    capability=TELLS,
)
def _origin(ground: Ground) -> None:
    for origin in ("", "Ё" * 256, '{"partner": "prt_1", "ключ": "я б"}', "o" * 512):
        document = ground.draft(origin=origin)
        ground.accept(document)
        told = ground.find(document).document
        check_equal(told and told.origin, origin, "origin")


@drafts.case(
    "sums",
    "Drafts of one kopeck and of thirteen digits keep their sums.",
    mend="Sums are decimal texts with two places; a float loses the kopecks of large ones.",
    capability=TELLS,
)
def _sums(ground: Ground) -> None:
    for amount in (ONE_KOPECK, THIRTEEN_DIGITS):
        document = ground.draft(amount)
        ground.accept(document)
        told = ground.find(document).document
        check_equal(told and str(told.order.amount), amount, "sum of a draft")


def _submit_in_parts(ground: Ground, documents: list[CoreDocument]) -> list[Accepted | Refused]:
    size = ground.core.capabilities().batch_size_max
    results = [one for part in parts_of(documents, size) for one in ground.submit(*part)]
    check(len(results) == len(documents), f"{len(documents)} drafts were sent, {len(results)} results came")
    return [one for one in results if isinstance(one, Accepted | Refused)]
