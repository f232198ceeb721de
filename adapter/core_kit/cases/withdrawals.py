"""Taking drafts back: while nobody signed, once, and with the same answer to the same request."""

from __future__ import annotations

from contextlib import suppress

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import Ground, run_together
from adapter.core_kit.judging import check, check_equal
from adapter.domain.core import Accepted, CoreDocument, Refused, Result
from adapter.domain.payments import PaymentStatus

withdrawals = Section("withdrawals", capability="can_withdraw")


@withdrawals.case(
    "accepted",
    "A draft that nobody signed can be withdrawn.",
    mend="Cancel the draft and write its event in one transaction.",
)
def _accepted(ground: Ground) -> None:
    mark, document = ground.end_of_events(), _draft(ground)
    check(isinstance(_withdraw(ground, document), Accepted), "the withdrawal of an unsigned draft was not accepted")
    way = ground.read_way(mark, document)
    check_equal(way, [PaymentStatus.AWAITING_SIGNATURE, PaymentStatus.CANCELLED], "events of a withdrawn draft")


@withdrawals.case(
    "repeated",
    "The same request repeated gives the same answer and does nothing more.",
    mend="Keep the request's id with its answer.",
)
def _repeated(ground: Ground) -> None:
    document = _draft(ground)
    first = _withdraw(ground, document)
    mark = ground.end_of_events()
    check_equal(_withdraw(ground, document), first, "the answer to the repeated request")
    check_equal(ground.read_way(mark, document), [], "events of the repeated request")


@withdrawals.case(
    "refusal-repeated",
    "A refused request repeated is refused again.",
    mend="Keep the request's id with its answer, refusals too.",
    acts=(Act.SIGN,),
)
def _refusal_repeated(ground: Ground) -> None:
    document = _draft(ground)
    ground.bench.sign(document.id)
    first = _withdraw(ground, document)
    check(isinstance(first, Refused), "a signed draft was withdrawn")
    check_equal(_withdraw(ground, document), first, "the answer to the repeated request")


@withdrawals.case(
    "parallel",
    "The same request sent by many at once cancels once.",
    mend="Claim the request's id with a unique key, in the transaction that cancels.",
)
def _parallel(ground: Ground) -> None:
    mark, document = ground.end_of_events(), _draft(ground)
    answers: list[Result] = []
    run_together(*[lambda: answers.append(_withdraw(ground, document))] * 6)
    kinds = {type(one).__name__ for one in answers}
    check_equal(kinds, {"Accepted"}, "answers to one request sent by six")
    cancelled = ground.read_way(mark, document).count(PaymentStatus.CANCELLED)
    check_equal(cancelled, 1, "how often the draft was cancelled")


@withdrawals.case(
    "signed",
    "A signed draft cannot be withdrawn.",
    mend="Cancel only where the draft still awaits signature, by one conditional statement.",
    acts=(Act.SIGN,),
)
def _signed(ground: Ground) -> None:
    document = _draft(ground)
    ground.bench.sign(document.id)
    check(isinstance(_withdraw(ground, document), Refused), "the withdrawal of a signed draft was not refused")
    check(ground.find(document).status is not PaymentStatus.CANCELLED, "a signed draft was cancelled")


@withdrawals.case(
    "unknown",
    "An unknown draft cannot be withdrawn.",
    mend="Answer Refused; it is no error.",
)
def _unknown(ground: Ground) -> None:
    answer = ground.core.withdraw_document("unknown", ground.new_id(), ground.soon())
    check(isinstance(answer, Refused), f"the withdrawal of an unknown draft was answered with {type(answer).__name__}")


@withdrawals.case(
    "race",
    "Of a withdrawal and a signature at the same moment exactly one wins.",
    mend="Both go by one conditional statement on the draft's state: WHERE state = 'awaiting'.",
    acts=(Act.SIGN,),
)
def _race(ground: Ground) -> None:
    for _ in range(ground.effort.races):
        _race_once(ground)


def _race_once(ground: Ground) -> None:
    mark, document = ground.end_of_events(), _draft(ground)
    answers: list[Result] = []
    run_together(lambda: answers.append(_withdraw(ground, document)), lambda: _try_to_sign(ground, document))
    way = ground.read_way(mark, document)
    is_cancelled = PaymentStatus.CANCELLED in way
    check(is_cancelled != (PaymentStatus.SIGNED in way), f"both or neither won: {[one.value for one in way]}")
    check_equal(isinstance(answers[0], Accepted), is_cancelled, "whether the withdrawal was accepted")


def _draft(ground: Ground) -> CoreDocument:
    document = ground.draft()
    ground.accept(document)
    return document


def _withdraw(ground: Ground, document: CoreDocument) -> Result:
    return ground.core.withdraw_document(document.id, f"withdraw-{document.id}", ground.soon())


def _try_to_sign(ground: Ground, document: CoreDocument) -> None:
    """The person at the bank may come too late: then the bank refuses, and that is right."""
    with suppress(Exception):
        ground.bench.sign(document.id)
