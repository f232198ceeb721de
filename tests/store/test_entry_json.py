"""Entries as JSON: nothing is lost on the way, and equal entries are equal text."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.money import MAX_KOPECKS, Money
from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.domain.statements import Direction, DocumentType, EntryDetails
from adapter.schemas.statements import EntryBody, RemovedEntry
from adapter.store.entry_json import dump_details, load_details, load_entry, render_entry, render_removal

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
DATES = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
MAYBE = st.none() | TEXTS
COUNTERPARTIES = st.builds(
    Counterparty,
    name=TEXTS,
    inn=MAYBE,
    kpp=MAYBE,
    account=MAYBE,
    bic=MAYBE,
    bank_name=MAYBE,
    correspondent_account=MAYBE,
)
BUDGETS = st.builds(BudgetDetails, drawer_status=TEXTS, kbk=MAYBE, oktmo=MAYBE, basis_date=MAYBE)
DETAILS = st.builds(
    EntryDetails,
    direction=st.sampled_from(Direction),
    amount=st.integers(1, MAX_KOPECKS).map(Money.from_kopecks),
    document_type=st.sampled_from(DocumentType),
    number=TEXTS,
    date=DATES,
    booking_date=DATES,
    value_date=DATES,
    counterparty=COUNTERPARTIES,
    purpose=TEXTS,
    priority=st.none() | st.integers(1, 5),
    uin=MAYBE,
    budget=st.none() | BUDGETS,
)


@given(DETAILS)
def test_details_come_back_as_they_were_stored(details: EntryDetails) -> None:
    text = dump_details(details)
    assert load_details(text) == details
    assert dump_details(load_details(text)) == text


@given(DETAILS, st.none() | st.just("pay_1"), MAYBE)
def test_an_entry_is_json_in_the_documented_shape(
    details: EntryDetails, payment_id: str | None, external_id: str | None
) -> None:
    row = ("acc_1", "e-1", 3, dump_details(details), payment_id, external_id)
    found = json.loads(render_entry(*row))
    assert EntryBody().validate(found) == {}
    assert set(found) == set(EntryBody().fields)
    assert (found["id"], found["account_id"], found["version"]) == ("e-1", "acc_1", 3)
    assert (found["payment_id"], found["external_id"]) == (payment_id, external_id)
    assert Decimal(found["amount"]) == details.amount.amount
    assert load_entry(*row).details == details


def test_a_removal_is_json_in_the_documented_shape() -> None:
    found = json.loads(render_removal("acc_1", "e-1", 2))
    assert RemovedEntry().validate(found) == {}
    assert found == {"id": "e-1", "account_id": "acc_1", "version": 2}
