"""pain.001 by generated orders: what is rendered is read back; damaged files raise nothing but our own error."""

from __future__ import annotations

import datetime as dt
import string
import time
import tracemalloc
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.domain.errors import UnreadableFile
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.formats.iso20022.references import NOT_PROVIDED
from adapter.formats.pain001 import Version, parse_orders, render_orders
from tests.formats.test_pain001 import FULL, NOW, order
from tests.scale import scale

LETTERS = string.ascii_letters + string.digits + "АБВЯабвяёЁ№ «»—\"'&<>]/.,-"
SLOWEST_S = 2.0
MEMORY_RATIO_MAX = 10


def texts(most: int) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=1, max_size=most).map(str.strip).filter(bool)


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=length, max_size=length).filter(lambda text: text.strip("0"))


INN = st.one_of(digits(10), digits(12))
BUDGETS = st.builds(
    BudgetDetails,
    drawer_status=digits(2),
    kbk=st.none() | digits(20),
    oktmo=st.none() | digits(8),
    reason=st.none() | texts(2),
    tax_period=st.none() | texts(10),
    basis_number=st.none() | texts(15),
    basis_date=st.sampled_from([None, "0", "00", "18.11.2026"]),
    payment_type=st.sampled_from([None, "0"]),
)
PAYEES = st.builds(
    Counterparty,
    name=texts(160),
    inn=st.none() | INN,
    kpp=st.none() | digits(9),
    account=digits(20),
    bic=digits(9),
    bank_name=st.none() | texts(140),
    correspondent_account=st.none() | digits(20),
)
ORDERS = st.builds(
    PaymentOrder,
    external_id=st.none() | st.text(string.ascii_letters + "-_", min_size=1, max_size=35).filter(NOT_PROVIDED.__ne__),
    number=st.integers(1, 999_999).map(str),
    date=st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
    amount=st.integers(1, 10**16).map(Money.from_kopecks),
    payee=PAYEES,
    purpose=texts(210),
    payer_account=st.sampled_from(["40702810400000000017", "40702810700000000018"]),
    payer=st.none() | st.builds(Party, name=texts(140), inn=INN, kpp=st.none() | digits(9)),
    priority=st.integers(1, 5),
    uin=st.none() | digits(20),
    income_type_code=st.sampled_from([None, "1", "2"]),
    payment_kind=st.sampled_from([None, "Срочно", "Электронно"]),
    budget=st.none() | BUDGETS,
)


def message_orders() -> st.SearchStrategy[list[PaymentOrder]]:
    return st.lists(ORDERS, min_size=1, max_size=4, unique_by=lambda one: one.external_id or id(one))


@pytest.mark.parametrize("version", ["001.03", "001.09"])
@settings(max_examples=40)
@given(orders=message_orders())
def test_orders_come_back_as_they_were(version: Version, orders: list[PaymentOrder]) -> None:
    parsed = parse_orders(render_orders(orders, version, message_id="m-1", created_at=NOW))
    assert (list(parsed.errors), list(parsed.warnings)) == ([], [])
    assert [line.order for line in parsed.orders] == orders
    assert parsed.message is not None
    assert parsed.message.transactions == len(orders)


VALID = [
    render_orders([order("a"), FULL], version, message_id="m-1", created_at=NOW) for version in ("001.03", "001.09")
]
TAGS = sorted(set(VALID[1].decode().replace("><", ">\n<").split("\n")))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A valid file with pieces cut, doubled, moved or replaced."""
    file = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(file)))
        end = min(len(file), start + draw(st.integers(0, 200)))
        put = draw(
            st.one_of(
                st.just(b""),
                st.just(file[start:end] * 2),
                st.binary(max_size=8),
                st.sampled_from(TAGS).map(str.encode),
                st.text(max_size=8).map(lambda text: text.encode("utf-8", "replace")),
            )
        )
        file = file[:start] + put + file[end:]
    return file


@settings(max_examples=scale(80, 5000), suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_a_damaged_file_raises_nothing_but_our_error(file: bytes) -> None:
    started = time.process_time()
    try:
        parsed = parse_orders(file)
    except UnreadableFile:
        pass
    else:
        assert len(parsed.orders) + len(parsed.unread) == parsed.message.transactions  # type: ignore[union-attr]
    assert time.process_time() - started < SLOWEST_S


def test_ten_thousand_orders_are_read_in_little_memory() -> None:
    count = scale(500, 10_000)
    orders = [replace(FULL, external_id=f"inv-{place}", number=str(place + 1)) for place in range(count)]
    file = render_orders(orders, message_id="m-1", created_at=NOW)
    tracemalloc.start()
    parsed = parse_orders(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [line.order for line in parsed.orders] == orders
    assert peak < len(file) * MEMORY_RATIO_MAX
    last = parsed.orders[-1]
    assert f"<Nb>{count}</Nb>".encode() in file.split(b"\n")[last.field_lines["number"] - 1]
    assert sum((line.order.amount.amount for line in parsed.orders), Decimal(0)) == FULL.amount.amount * count
