"""pain.001 in: places, repairs, errors with lines, counts and sums; golden files and the document of formats."""

from __future__ import annotations

import datetime as dt
import time
import tracemalloc
from dataclasses import fields, replace
from decimal import Decimal
from operator import attrgetter
from pathlib import Path

import pytest
from lxml import etree

from adapter.domain.errors import UnreadableFile
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.formats import onec_exchange
from adapter.formats.pain001 import parse_orders, render_orders
from tests.fakes import payment_order
from tests.formats.stated import fields_of, section_of

GOLDEN = Path(__file__).parents[1] / "golden" / "pain001"
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
PAYER = Party(name='ООО "Альфа"', inn="7701123451", kpp="770101001")
FULL = PaymentOrder(
    external_id="inv-318",
    number="118",
    date=dt.date(2026, 11, 19),
    amount=Money(Decimal("1540.25")),
    payee=Counterparty(
        name="УФК",
        inn="7727406020",
        kpp="770801001",
        account="03100643000000018500",
        bic="017003983",
        bank_name="ОПЕРАЦИОННЫЙ ДЕПАРТАМЕНТ",
        correspondent_account="40102810445370000059",
    ),
    purpose="Единый налоговый платёж",
    payer_account="40702810400000000017",
    payer=PAYER,
    priority=3,
    uin="18209965144380684245",
    income_type_code="2",
    payment_kind="Срочно",
    budget=BudgetDetails(
        drawer_status="01",
        kbk="18201061201010000510",
        oktmo="45328000",
        reason="ТП",
        tax_period="МС.10.2026",
        basis_number="77",
        basis_date="18.11.2026",
        payment_type="0",
    ),
)


def order(external_id: str | None = "inv-1", **changed: object) -> PaymentOrder:
    return payment_order(external_id=external_id, payer_account="40702810400000000017", payer=PAYER, **changed)


def message(*orders: PaymentOrder, version: str = "001.09") -> str:
    return render_orders(orders or (order(),), version, message_id="m-1", created_at=NOW).decode()  # type: ignore[arg-type]


def codes(text: str) -> list[tuple[str, str]]:
    """Pointers and codes of what cannot be read."""
    return [(error.pointer, error.code) for error in parse_orders(text.encode()).errors]


def damages(text: str) -> list[str]:
    with pytest.raises(UnreadableFile) as caught:
        parse_orders(text.encode())
    return [error.code for error in caught.value.errors]


# whole files


@pytest.mark.parametrize("version", ["03", "09"])
def test_the_golden_files_hold_the_orders_of_the_1c_file(version: str) -> None:
    parsed = parse_orders((GOLDEN / f"orders-{version}.xml").read_bytes())
    twin = onec_exchange.parse_orders((GOLDEN.parent / "onec_exchange" / "orders.txt").read_bytes())
    assert [replace(line.order, external_id=None) for line in parsed.orders] == [line.order for line in twin.orders]
    assert (list(parsed.errors), list(parsed.warnings)) == ([], [])
    assert parsed.message is not None
    assert parsed.message.definition == f"pain.001.001.{version}"
    assert parsed.message.message_id == "buh-1"


def test_the_manner_of_a_host_to_host_service_is_read() -> None:
    parsed = parse_orders((GOLDEN / "host-to-host.xml").read_bytes())
    (line,) = parsed.orders
    assert (line.order.number, line.order.external_id) == ("45", "5f0c6a52-77b4-4ad6-9f0c-4a0c9c1b1a")
    assert (line.order.payee.inn, line.order.payee.kpp) == ("7830002293", "783001001")
    assert line.order.payee.correspondent_account == "30101810500000000653"
    assert (line.order.date, line.order.amount, line.order.priority) == (dt.date(2026, 11, 20), Money.of("12600.50"), 5)
    assert line.order.budget is None
    assert [warning.code for warning in parsed.warnings] == ["number_from_id"]
    assert line.references is not None
    assert (line.references.payment_information_id, line.references.end_to_end_id) == ("ERP-000045-1", "45")


def test_windows_1251_is_read_by_its_bytes() -> None:
    text = message().replace("UTF-8", "windows-1251")
    assert parse_orders(text.encode("cp1251")).orders[0].order == order()


@pytest.mark.parametrize("name", ["pain.001.001.06", "pain.008.001.02", "camt.053.001.02"])
def test_another_message_is_refused_with_what_is_accepted(name: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        parse_orders(message().replace("pain.001.001.09", name).encode())
    (error,) = caught.value.errors
    assert (error.code, error.line) == ("wrong_message", 2)
    assert "pain.001.001.03 и pain.001.001.09" in error.message
    assert name in error.message


# what a message must have


@pytest.mark.parametrize(
    ("found", "put", "code"),
    [
        ("<NbOfTxs>2<", "<NbOfTxs>3<", "count_differs"),
        ("<CtrlSum>3000.00<", "<CtrlSum>3000.01<", "sum_differs"),
        ("<NbOfTxs>2<", "<NbOfTxs>two<", "bad_count"),
        ("<MsgId>m-1</MsgId>", "", "required"),
        ("<PmtInfId>m-1-1</PmtInfId>", "", "required"),
    ],
)
@pytest.mark.parametrize("place", ["GrpHdr", "PmtInf"])
def test_a_message_that_does_not_add_up_is_refused_whole(found: str, put: str, code: str, place: str) -> None:
    text = message(order("a"), order("b", number="102"))
    head, mark, tail = text.partition("<PmtInf>")
    changed = head.replace(found, put) + mark + tail if place == "GrpHdr" else head + mark + tail.replace(found, put, 1)
    if changed == text:
        pytest.skip("the element stands in the other place")
    assert damages(changed) == [code]
    assert len(parse_orders(text.encode()).orders) == 2


def test_a_wrong_sum_tells_the_right_one_and_its_line() -> None:
    text = message().replace("<CtrlSum>1500.00<", "<CtrlSum>1.00<", 1)
    with pytest.raises(UnreadableFile) as caught:
        parse_orders(text.encode())
    (error,) = caught.value.errors
    assert (error.right_value, error.line) == ("1500.00", 4)


def test_a_sum_is_not_asked_of_orders_that_cannot_be_read() -> None:
    text = message(order("a"), order("b", number="102")).replace(">1500.00</InstdAmt>", ">1500,0x</InstdAmt>", 1)
    parsed = parse_orders(text.encode())
    assert [(error.pointer, error.code) for error in parsed.errors] == [("/payments/0/amount", "bad_amount")]
    assert [line.order.external_id for line in parsed.orders] == ["b"]
    assert parsed.unread["/payments/0"].end_to_end_id == "a"


def test_elements_after_the_orders_are_refused() -> None:
    text = message().replace("</PmtInf>", "<Dbtr><Nm>ООО Другое</Nm></Dbtr></PmtInf>")
    assert damages(text) == ["wrong_order"]


def test_a_message_without_orders_is_refused() -> None:
    text = message()
    start, end = text.index("<PmtInf>"), text.index("</PmtInf>") + len("</PmtInf>")
    bare = (text[:start] + text[end:]).replace("<NbOfTxs>1<", "<NbOfTxs>0<").replace("<CtrlSum>1500.00<", "<CtrlSum>0<")
    assert damages(bare) == ["no_documents"]


# one order


@pytest.mark.parametrize(
    ("found", "put", "field", "code"),
    [
        ('Ccy="RUB"', 'Ccy="USD"', "amount", "currency"),
        (">2026-11-20</RltdDt>", ">2026-11-31</RltdDt>", "date", "bad_date"),
        ("<Prtry>5</Prtry>", "<Prtry>6</Prtry>", "priority", "priority"),
        (">inv-1<", ">счёт 1<", "external_id", "bad_external_id"),
        (">inv-1<", f">{'x' * 36}<", "external_id", "too_long"),
        ("<Nb>101</Nb>", "", "number", "required"),
        ("<PmtMtd>TRF<", "<PmtMtd>CHK<", "", "not_a_payment_order"),
        ("</MmbId>", "</MmbId><MmbId>044525999</MmbId>", "payee/bic", "repeated_element"),
    ],
)
def test_what_cannot_be_read_is_told_with_field_and_line(found: str, put: str, field: str, code: str) -> None:
    text = message()
    broken = text.replace(found, put)
    (error,) = parse_orders(broken.encode()).errors
    assert (error.pointer, error.code) == (f"/payments/0/{field}".rstrip("/"), code)
    assert error.line is not None
    assert put.strip("<>")[:5] in broken.split("\n")[error.line - 1]
    assert (error.form_field is None) is (field in ("external_id", ""))
    assert codes(text) == []


def test_an_id_names_one_order_of_a_file() -> None:
    text = message(order("same"), order("same", number="102"), order("other", number="103"))
    parsed = parse_orders(text.encode())
    assert [(error.pointer, error.code) for error in parsed.errors] == [
        ("/payments/1/external_id", "repeated_in_batch")
    ]
    assert [line.order.number for line in parsed.orders] == ["101", "103"]


def test_orders_without_ids_may_be_many() -> None:
    parsed = parse_orders(message(order(None), order(None, number="102")).encode())
    assert [line.order.external_id for line in parsed.orders] == [None, None]


def test_the_instruction_names_an_order_without_an_end_to_end_id() -> None:
    text = message(order(None)).replace("<PmtId>", "<PmtId><InstrId>pay-9</InstrId>")
    (line,) = parse_orders(text.encode()).orders
    assert line.order.external_id == "pay-9"
    assert line.references is not None
    assert (line.references.instruction_id, line.references.end_to_end_id) == ("pay-9", "NOTPROVIDED")


@pytest.mark.parametrize("written", ["<Dt>2026-11-21</Dt>", "<DtTm>2026-11-20T22:30:00Z</DtTm>", "<Dt>21.11.2026</Dt>"])
def test_the_day_of_execution_is_the_date_of_an_order_that_names_none(written: str) -> None:
    text = message().replace("<RltdDt>2026-11-20</RltdDt>", "").replace("<Dt>2026-11-20</Dt>", written)
    assert parse_orders(text.encode()).orders[0].order.date == dt.date(2026, 11, 21)


def test_a_long_purpose_is_joined_as_it_was_cut() -> None:
    whole = order(purpose="Оплата " * 30)
    assert parse_orders(message(whole).encode()).orders[0].order.purpose == whole.purpose.strip()
    two = message().replace("</Ustrd>", "</Ustrd><Ustrd>без НДС</Ustrd>")
    assert parse_orders(two.encode()).orders[0].order.purpose.endswith("не облагается без НДС")


def test_what_is_not_used_is_told_once() -> None:
    text = message(order("a"), order("b", number="102")).replace(
        "</CdtrAcct>", "</CdtrAcct><UltmtCdtr><Nm>Я</Nm></UltmtCdtr>"
    )
    (warning,) = parse_orders(text.encode()).warnings
    assert (warning.code, warning.field) == ("unread_element", "UltmtCdtr/Nm")


def test_lines_of_fields_are_those_of_the_file() -> None:
    text = message(order("a"), FULL)
    line = parse_orders(text.encode()).orders[1]
    written = text.split("\n")
    for field, value in {
        "payee.account": "03100643000000018500",
        "purpose": "Единый",
        "payer_account": "0000017",
    }.items():
        assert value in written[line.field_lines[field] - 1]
    assert "18201061201010000510" in written[line.field_lines["budget"] - 1]
    assert "payee.city" not in line.field_lines
    assert len(line.field_lines) == len(list(line.field_lines))


@pytest.mark.parametrize(
    ("found", "put", "field"),
    [
        ("18209965144380684245", "0" * 20, "uin"),
        ("7727406020", "0" * 12, "payee.inn"),
        ("770801001", "0" * 9, "payee.kpp"),
        ("18201061201010000510", "0" * 20, "budget.kbk"),
    ],
)
def test_codes_of_zeros_go_on_to_the_rules(found: str, put: str, field: str) -> None:
    (line,) = parse_orders(message(FULL).replace(found, put).encode()).orders
    assert attrgetter(field)(line.order) == put
    (line,) = parse_orders(message(FULL).replace(found, "0").encode()).orders
    assert attrgetter(field)(line.order) == ("0" if field.startswith("budget") else None)


def test_a_payer_without_inn_and_kpp_is_not_one_who_is_not_told() -> None:
    text = message(order()).replace(PAYER.inn, "0").replace(PAYER.kpp, "0")
    assert parse_orders(text.encode()).orders[0].order.payer == Party(name=PAYER.name, inn="0", kpp="0")


@pytest.mark.parametrize(
    ("written", "read"), [("1500.000", "1500.00"), ("1.500", "1.50"), ("1500", "1500.00"), ("1500,00", "1500.00")]
)
def test_amounts_are_decimals_of_xml(written: str, read: str) -> None:
    text = message().replace(">1500.00</InstdAmt>", f">{written}</InstdAmt>").replace("<CtrlSum>1500.00</CtrlSum>", "")
    assert str(parse_orders(text.encode()).orders[0].order.amount) == read


@pytest.mark.parametrize("written", ["1,500", "1 500.000", "1,500.00"])
def test_thousands_are_not_guessed(written: str) -> None:
    text = message().replace(">1500.00</InstdAmt>", f">{written}</InstdAmt>")
    assert codes(text) == [("/payments/0/amount", "bad_amount")]


# the document


def leaves_of(order: PaymentOrder) -> dict[str, object]:
    found: dict[str, object] = {}
    for one in fields(order):
        value = getattr(order, one.name)
        if isinstance(value, Counterparty | BudgetDetails | Party):
            found |= {f"{one.name}.{inner.name}": getattr(value, inner.name) for inner in fields(value)}
        else:
            found[one.name] = value
    return found


def test_the_document_names_the_place_of_every_field() -> None:
    stated = fields_of(section_of("pain.001", "An order of pain.001"))
    values = leaves_of(FULL)
    assert stated.keys() == values.keys() | {"currency"}
    root = etree.fromstring(message(FULL).encode())
    (transfer,) = root.iter("{*}CdtTrfTxInf")
    for field, value in values.items():
        if stated[field] == "-":
            continue
        place = stated[field].strip("`")
        start = transfer.getparent() if place.startswith("../") else transfer
        path = "/".join(f"{{*}}{name}" for name in place.removeprefix("../").split("/"))
        written = {element.text for element in start.findall(path)}
        assert str(value) in written, (field, place, written)


def test_the_document_tells_every_code() -> None:
    section = section_of("pain.001")
    folder = Path(__file__).parents[2] / "adapter" / "formats" / "pain001"
    sources = "".join(path.read_text() for path in folder.glob("*.py"))
    for code in (
        "repeated_in_batch",
        "count_differs",
        "unread_element",
        "wrong_order",
        "number_from_id",
        "repeated_element",
    ):
        assert f'"{code}"' in sources
        assert f"`{code}`" in section


def test_strange_names_deep_in_an_order_take_memory_in_proportion() -> None:
    names = [f"n{depth}{'x' * 1000}" for depth in range(200)]
    deep = "".join(f"<{name}><a/>" for name in names) + "".join(f"</{name}>" for name in reversed(names))
    data = message().replace("</CdtrAcct>", f"</CdtrAcct>{deep}").encode()
    tracemalloc.start()
    try:
        parsed = parse_orders(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert parsed.orders[0].order == order()
    assert peak < 10 * len(data)


# the day of execution


@pytest.mark.parametrize(
    ("executed", "errors", "warnings"),
    [
        ("2026-11-21", [("/payments/0/date", "planned_payment")], []),
        ("2026-11-19", [], ["execution_date_unused"]),
        ("2026-11-31", [("/payments/0/date", "bad_date")], []),
        ("1026-11-20", [("/payments/0/date", "bad_date")], []),
        ("2026-11-20", [], []),
        ("2026-11-20T12:00:00+03:00", [], []),
        ("20.11.2026", [], ["date_repaired"]),
    ],
)
def test_the_day_of_execution_is_held_against_the_date(
    executed: str, errors: list[tuple[str, str]], warnings: list[str]
) -> None:
    text = message().replace("<Dt>2026-11-20</Dt>", f"<Dt>{executed}</Dt>")
    parsed = parse_orders(text.encode())
    assert [(error.pointer, error.code) for error in parsed.errors] == errors
    assert [warning.code for warning in parsed.warnings] == warnings
    for told in (*parsed.errors, *parsed.warnings):
        assert told.line is not None
        assert executed in text.split("\n")[told.line - 1]


def test_two_days_of_execution_are_a_contradiction() -> None:
    text = message().replace("</ReqdExctnDt>", "</ReqdExctnDt><ReqdExctnDt><Dt>2026-11-18</Dt></ReqdExctnDt>")
    assert codes(text) == [("/payments/0/date", "repeated_element")]


@pytest.mark.parametrize("written", ["24.11.2026", "20261124T101010", "2026-11-23T22:30:00Z"])
def test_a_date_that_was_repaired_is_told_as_it_was_written(written: str) -> None:
    text = message().replace("<RltdDt>2026-11-20<", f"<RltdDt>{written}<").replace("<Dt>2026-11-20<", "<Dt>2026-11-24<")
    parsed = parse_orders(text.encode())
    (warning,) = parsed.warnings
    assert parsed.orders[0].order.date == dt.date(2026, 11, 24)
    assert (warning.code, warning.message) == ("date_repaired", f"дата {written} прочитана как 24.11.2026")
    assert warning.line is not None
    assert written in text.split("\n")[warning.line - 1]


def test_a_wrong_date_is_quoted_as_it_was_written() -> None:
    (error,) = parse_orders(message().replace("<RltdDt>2026-11-20<", "<RltdDt>31.11.2026<").encode()).errors
    assert (error.code, error.message) == ("bad_date", "дата не читается, нужно гггг-мм-дд: 31.11.2026")


# hostile files: what a block says is read once for its orders, and texts and repetitions have an end


def test_orders_share_the_payer_of_their_block() -> None:
    parsed = parse_orders(message(order("a"), order("b", number="102")).encode())
    assert parsed.orders[0].order.payer is parsed.orders[1].order.payer


def test_a_huge_payer_is_not_copied_for_each_order() -> None:
    payer = replace(PAYER, name="я" * 140)
    text = message(*(replace(order(f"a-{place}"), payer=payer) for place in range(300)))
    address = "<PstlAdr>" + f"<AdrLine>{'x' * 30_000}</AdrLine>" * 32 + "</PstlAdr>"
    head, mark, tail = text.partition("<Dbtr>")
    data = head + mark + tail.replace("</Nm>", f"</Nm>{address}", 1)
    started = time.process_time()
    tracemalloc.start()
    try:
        parsed = parse_orders(data.encode())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert {(error.code, error.field) for error in parsed.errors} == {("too_long", "payer.name")}
    assert peak < 20_000_000
    assert time.process_time() - started < 10
    assert len(parse_orders(text.encode()).orders) == 300


def test_elements_repeated_in_a_block_are_checked_once() -> None:
    text = message(*(order(f"a-{place}") for place in range(2000)))
    account = text[text.index("<DbtrAcct>") : text.index("</DbtrAcct>") + len("</DbtrAcct>")]
    data = text.replace(account, account * 4000, 1).encode()
    started = time.process_time()
    parsed = parse_orders(data)
    assert time.process_time() - started < 10
    assert {(error.code, error.field) for error in parsed.errors} == {("repeated_element", "payer_account")}
    assert len(parse_orders(text.replace(account, account * 100, 1).encode()).orders) == 2000


@pytest.mark.parametrize(("found", "field"), [("</Ustrd>", "purpose"), ("</MmbId>", "payee.bic"), ("</Nb>", "number")])
def test_a_text_longer_than_any_field_is_an_error_with_its_line(found: str, field: str) -> None:
    text = message().replace(found, "7" * 1001 + found)
    (error,) = parse_orders(text.encode()).errors
    assert (error.code, error.field) == ("too_long", field)
    assert error.line is not None
    assert "7" * 1001 in text.split("\n")[error.line - 1]


def test_pages_of_zeros_are_no_amount_and_take_no_time() -> None:
    text = message(*(order(f"a-{place}") for place in range(200)))
    started = time.process_time()
    parsed = parse_orders(text.replace(">1500.00</InstdAmt>", f">{'0' * 900}x</InstdAmt>").encode())
    assert time.process_time() - started < 5
    assert {error.code for error in parsed.errors} == {"amount_too_long"}
    assert len(parse_orders(text.encode()).orders) == 200
