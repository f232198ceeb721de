"""pain.001 and pain.002 against readers and writers that others wrote: sepaxml, the XSDs of ISO 20022, pyiso20022."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import sepaxml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pyiso20022.pain import pain_001_001_03, pain_001_001_09
from sepaxml import SepaTransfer
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from adapter.domain.payments import PaymentOrder
from adapter.formats.pain001 import Version, parse_orders, render_orders
from tests.formats.test_pain001 import FULL, NOW, order
from tests.formats.test_pain001_properties import message_orders
from tests.scale import scale

VERSIONS: tuple[Version, ...] = ("001.03", "001.09")
DOCUMENTS = {"001.03": pain_001_001_03.Document, "001.09": pain_001_001_09.Document}
STRICT = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)


@cache
def schema(version: str) -> etree.XMLSchema:
    folder = Path(sepaxml.__file__).parent / "schemas"
    return etree.XMLSchema(etree.parse(folder / f"pain.{version}.xsd"))


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=scale(10, 100))
@given(orders=message_orders())
def test_what_is_rendered_is_valid_by_the_schema(version: Version, orders: list[PaymentOrder]) -> None:
    file = render_orders(orders, version, message_id="m-1", created_at=NOW, payer_bic="044525999")
    schema(f"001.{version}").assertValid(etree.fromstring(file))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_reader_by_others_finds_the_same(version: Version) -> None:
    orders = [order("a"), FULL]
    file = render_orders(orders, version, message_id="m-1", created_at=NOW, payer_bic="044525999")
    document = XmlParser(config=STRICT).from_bytes(file, DOCUMENTS[version])
    message = document.cstmr_cdt_trf_initn
    found = [transfer for payment in message.pmt_inf for transfer in payment.cdt_trf_tx_inf]
    assert (message.grp_hdr.nb_of_txs, message.grp_hdr.ctrl_sum) == ("2", Decimal("3040.25"))
    assert [one.pmt_id.end_to_end_id for one in found] == ["a", "inv-318"]
    assert [one.amt.instd_amt.value for one in found] == [one.amount.amount for one in orders]
    assert found[1].tax.rcrd[0].ctgy == "18201061201010000510"
    assert [one.cdtr_acct.id.othr.id for one in found] == [one.payee.account for one in orders]


@pytest.mark.parametrize("name", ["pain.001.001.03", "pain.001.001.09"])
@pytest.mark.parametrize("is_batch", [True, False])
@settings(max_examples=scale(10, 100))
@given(
    amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=4),
    purpose=st.text("АБВабв №,.", min_size=1, max_size=140),
)
def test_files_of_another_writer_are_read(name: str, is_batch: bool, amounts: list[int], purpose: str) -> None:
    config = {"name": "Alpha", "IBAN": "NL50BANK1234567890", "BIC": "BANKNL2A", "batch": is_batch, "currency": "RUB"}
    writer = SepaTransfer(config, schema=name, clean=False)
    for place, kopecks in enumerate(amounts):
        payment = {
            "name": 'ООО "Ромашка"',
            "IBAN": "DE89370400440532013000",
            "BIC": "BANKDEFF",
            "amount": kopecks,
            "execution_date": dt.date(2026, 11, 20),
            "description": purpose,
            "endtoend_id": f"inv-{place}",
        }
        writer.add_payment(payment)
    # Its IBANs and SWIFT codes are no Russian accounts and no БИК, and it has no place for a document's number.
    file = writer.export(validate=True).replace(b"<EndToEndId>inv-", b"<InstrId>7</InstrId><EndToEndId>inv-")
    parsed = parse_orders(file)
    assert parsed.errors == ()
    found = [line.order for line in parsed.orders]
    assert sorted(one.amount.kopecks for one in found) == sorted(amounts)
    assert {one.external_id for one in found} == {f"inv-{place}" for place in range(len(amounts))}
    assert {(one.payee.name, one.payee.account) for one in found} == {('ООО "Ромашка"', "DE89370400440532013000")}
    assert {one.purpose for one in found} == {purpose.strip()}
    assert {one.payer_account for one in found} == {"NL50BANK1234567890"}
    assert {one.payer.name for one in found if one.payer} == {"Alpha"}
    assert {one.date for one in found} == {dt.date(2026, 11, 20)}
    assert parsed.message is not None
    assert parsed.message.transactions == len(amounts)
