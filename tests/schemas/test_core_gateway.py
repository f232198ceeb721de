"""What is told to a core over HTTP comes back as it was, and nothing that is wrong is read as something else."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.core import CoreDocument, CoreEntry, DocumentState, EntryPage, Mark
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentStatus
from adapter.domain.statements import DayTotals, Direction, DocumentType, EntryDetails
from adapter.schemas.core_gateway.documents import dump_documents, dump_states, load_documents, load_states
from adapter.schemas.core_gateway.entries import dump_entry_page, load_entry_page
from adapter.schemas.core_gateway.members import Members, WrongShape
from tests.fakes import core_document, payment_order

NOON = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
maybe = st.none() | texts.map(lambda text: text[:40])
days = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))
amounts = st.integers(0, 10**17).map(Money.from_kopecks)
counterparties = st.builds(
    Counterparty,
    name=texts,
    inn=maybe,
    kpp=maybe,
    account=maybe,
    bic=maybe,
    bank_name=maybe,
    correspondent_account=maybe,
)
budgets = st.none() | st.builds(BudgetDetails, drawer_status=texts, kbk=maybe, basis_date=maybe)
entries = st.builds(
    EntryDetails,
    direction=st.sampled_from(Direction),
    amount=amounts,
    document_type=st.sampled_from(DocumentType),
    number=texts.map(lambda text: text[:40]),
    date=days,
    booking_date=days,
    value_date=days,
    counterparty=counterparties,
    purpose=texts,
    priority=st.none() | st.integers(0, 9),
    uin=maybe,
    budget=budgets,
)


def over_the_wire(value: dict[str, Any]) -> Members:
    return Members.of(json.loads(json.dumps(value)))


@given(entries, days, amounts)
def test_a_page_of_entries_comes_back_as_it_was(details: EntryDetails, day: dt.date, amount: Money) -> None:
    page = EntryPage(
        entries=[CoreEntry(core_id="e-1", details=details, document_id="p-1"), CoreEntry(core_id="e-2", details=None)],
        mark=Mark("17 2026-11-19"),
        has_more=True,
        as_of=NOON,
        closed_days=[DayTotals(day=day, opening=amount, closing=Money(-amount.amount))],
    )
    assert load_entry_page(over_the_wire(dump_entry_page(page))) == page


def whole_document() -> CoreDocument:
    """Every field given."""
    order = replace(
        payment_order("0.01"),
        external_id="inv-1",
        account_id="acc_1",
        payer_account="40702810400000000017",
        payer=Party(name="ИП Ёлкин", inn="773456781222", kpp="0"),
        priority=3,
        uin="0",
        income_type_code="1",
        payment_kind="срочно",
        budget=BudgetDetails(drawer_status="01", kbk="18201061201010000510", oktmo="0", basis_date="00"),
    )
    return replace(core_document("p-1", order=order), possible_duplicate=True, origin="v1." + "x" * 500)


def test_a_document_comes_back_whole() -> None:
    document = whole_document()
    assert load_documents(over_the_wire(dump_documents([document]))) == [document]
    state = DocumentState(
        document_id="p-1",
        status=PaymentStatus.SIGNED,
        at=NOON,
        edited={"amount": "1.00"},
        sign_url="https://bank.example/sign/1",
        document=document,
    )
    assert load_states(over_the_wire(dump_states([state]))) == [state]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("document_id",), ""),
        (("document_id",), "p" * 201),
        (("document_id",), "p\0"),
        (("customer_id",), 7),
        (("possible_duplicate",), "yes"),
        (("origin",), "x" * 513),
        (("order",), []),
        (("order", "amount"), 1500.0),
        (("order", "amount"), "1500,00"),
        (("order", "amount"), "1e3"),
        (("order", "amount"), "1.001"),
        (("order", "currency"), "rub"),
        (("order", "date"), "2026-02-29"),
        (("order", "date"), "20260228"),
        (("order", "priority"), True),
        (("order", "priority"), 6),
        (("order", "payee", "name"), None),
        (("order", "purpose"), "\ud800"),
    ],
)
def test_a_document_with_one_thing_wrong_is_refused_with_its_place(place: tuple[str, ...], value: Any) -> None:
    body = dump_documents([whole_document()])
    inner = body["documents"][0]
    for name in place[:-1]:
        inner = inner[name]
    right, inner[place[-1]] = inner[place[-1]], value
    with pytest.raises(WrongShape) as wrong:
        load_documents(Members.of(body))
    assert wrong.value.place == "/documents/0/" + "/".join(place)
    inner[place[-1]] = right
    assert load_documents(Members.of(body)) == [whole_document()]
