"""What is told of an order that the bank takes all the same: texts that were put right, and look-alikes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from adapter.domain.characters import Normalisation
from adapter.domain.errors import FieldError
from adapter.domain.findings import field_error

LOOKS_LIKE_ANOTHER = "looks_like_another"
STATEMENTS = "statements"  # the scope
TEXT_SHOWN_MAX = 300  # characters; the longest text of the form, a purpose, has 210


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An order that a person would call the same payment: stored before, or earlier in the same batch."""

    partner_id: str
    payment_id: str
    external_id: str
    is_stored: bool  # else it stands in the same batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What is known of drafts, by external id: the payment that holds the id for another order; twins' warnings."""

    taken: Mapping[str, str]
    lookalikes: Mapping[str, FieldError]


def tell_normalised(change: Normalisation) -> FieldError:
    """A text that is kept in other characters than it was sent in."""
    told = field_error(change.field, "normalised", "знаки заменены на те, что допускает платёжное поручение")
    return replace(told, before=_shorten(change.before), after=_shorten(change.after))


def may_tell_twin(twin: Twin, partner_id: str, scopes: Collection[str]) -> bool:
    """Whether a partner may know that its order looks like this payment.

    Of another partner's payment it hears only where it reads the account's statements, which will show the payment:
    else orders with guessed amounts would find out what the customer pays elsewhere.
    """
    return twin.partner_id == partner_id or STATEMENTS in scopes


def tells_twin(possible_duplicate_of: str | None, warnings: Iterable[FieldError]) -> bool:
    """Whether a payment's own partner was told that it looks like another; the bank and its customer always are."""
    return possible_duplicate_of is not None or any(one.code == LOOKS_LIKE_ANOTHER for one in warnings)


def tell_twin(twin: Twin, partner_id: str) -> FieldError:
    """An order that looks like another payment; whose it is and its id are told only to the partner who sent that."""
    if twin.partner_id != partner_id:
        which = "на платёж, который передан в банк через другой сервис"
    elif twin.is_stored:
        which = f"на принятый ранее платёж {twin.payment_id}"
    else:
        which = f"на поручение {twin.external_id} из этого же пакета"
    message = f"Поручение похоже {which}: те же счета, сумма, номер, дата и назначение"
    return FieldError(pointer="", code=LOOKS_LIKE_ANOTHER, message=message)


def _shorten(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN_MAX else text[:TEXT_SHOWN_MAX] + "…"
