"""What a core tells is held against one table of lengths before anything inside meets it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.connectors.lengths import check_lengths
from adapter.domain import limits
from adapter.domain.core import CoreEntry
from adapter.domain.parties import Party
from adapter.schemas.core_gateway.entries import dump_entry, load_entry
from adapter.schemas.core_gateway.members import Members, WrongShape
from tests.fakes import PAYEE, entry_details
from tests.store.feed_bank import core_account

ENTRY = CoreEntry(core_id="E-1", details=entry_details(), document_id="pay_1")


@pytest.mark.parametrize(
    ("name", "most"),
    [("core_id", limits.ID_MAX), ("customer_id", limits.ID_MAX), ("name", limits.TEXT_MAX), ("bic", 9), ("number", 20)],
)
def test_an_account_with_a_text_that_is_too_long_is_refused(name: str, most: int) -> None:
    with pytest.raises(ValueError, match=rf"CoreAccount\.{name} has {most + 1} characters"):
        check_lengths(replace(core_account(), **{name: "0" * (most + 1)}))
    fits = replace(core_account(), **{name: "0" * most})
    assert check_lengths(fits) == fits


def test_parts_are_looked_at_too() -> None:
    owner = Party(name="ООО", inn="7" * (limits.NUMBER_MAX + 1))
    with pytest.raises(ValueError, match=r"Party\.inn"):
        check_lengths(replace(core_account(), owner=owner))
    payee = replace(PAYEE, account="4" * (limits.NUMBER_MAX + 1))
    with pytest.raises(ValueError, match=r"Counterparty\.account"):
        check_lengths(replace(ENTRY, details=entry_details(counterparty=payee)))
    assert check_lengths(ENTRY) == ENTRY


def test_an_entry_that_names_a_document_longer_than_our_ids_is_refused_by_every_reader() -> None:
    odd = replace(ENTRY, document_id="p" * (limits.DOCUMENT_ID_MAX + 1))
    with pytest.raises(ValueError, match="document_id"):
        check_lengths(odd)
    with pytest.raises(WrongShape):
        load_entry(Members(dump_entry(odd), ""))
    assert load_entry(Members(dump_entry(ENTRY), "")) == ENTRY
