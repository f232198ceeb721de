"""pain.002: statuses of batches that came in every shape, read by a reader that others wrote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from pyiso20022.pain import pain_002_001_03, pain_002_001_10
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from adapter.domain.errors import FieldError
from adapter.domain.imports import (
    ImportLine,
    ImportMode,
    ImportShape,
    OrderReferences,
    PaymentImport,
    SentMessage,
)
from adapter.domain.payments import PaymentStatus
from adapter.formats.pain002 import STATUSES, render_status_report
from tests.formats.stated import rows_of, section_of

NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
DOCUMENTS = {"03": pain_002_001_03.Document, "10": pain_002_001_10.Document}
STRICT = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)


def line(index: int, status: PaymentStatus | None, **changed: Any) -> ImportLine:
    given = {
        "external_id": f"inv-{index}",
        "payment_id": f"pay_{index}" if status else None,
        "references": OrderReferences(
            payment_information_id=f"block-{index // 2}", instruction_id=f"i-{index}", end_to_end_id=f"inv-{index}"
        ),
    }
    return ImportLine(index=index, line=None, status=status, **given | changed)


def batch(lines: Sequence[ImportLine], definition: str | None = "pain.001.001.09") -> PaymentImport:
    message = SentMessage(
        definition=definition or "",
        message_id="m-1",
        created_at="2026-11-21T08:00:00",
        transactions=len(lines),
        control_sum="3000.00",
    )
    return PaymentImport(
        id="imp_1",
        partner_id="pa_1",
        customer_id="cus-1",
        consent_id="cn_1",
        shape=ImportShape.PAIN_001 if definition else ImportShape.JSON,
        mode=ImportMode.VALID_ONLY,
        created_at=NOW,
        lines=tuple(lines),
        message=message if definition else None,
    )


def report(one: PaymentImport, version: str = "10") -> Any:
    file = b"".join(render_status_report(one, NOW))
    return XmlParser(config=STRICT).from_bytes(file, DOCUMENTS[version]).cstmr_pmt_sts_rpt


def text_of(status: Any) -> str:
    return str(getattr(status, "value", status))


@pytest.mark.parametrize(
    ("definition", "version"), [("pain.001.001.03", "03"), ("pain.001.001.09", "10"), (None, "10")]
)
@pytest.mark.parametrize("status", [*PaymentStatus, None])
def test_every_state_can_be_told(definition: str | None, version: str, status: PaymentStatus | None) -> None:
    errors = () if status else (FieldError(pointer="/payments/0", code="required", message="нет"),)
    found = report(batch([line(0, status, errors=errors)], definition), version)
    told = found.orgnl_pmt_inf_and_sts[0].tx_inf_and_sts[0]
    wanted = "RJCT" if STATUSES[status] == "CANC" and version == "03" else STATUSES[status]
    assert text_of(told.tx_sts) == wanted
    assert text_of(found.orgnl_grp_inf_and_sts.grp_sts) == wanted.replace("CANC", "RJCT")


def test_moments_are_those_of_moscow() -> None:
    file = b"".join(render_status_report(batch([line(0, PaymentStatus.EXECUTED)], None), NOW)).decode()
    assert "<CreDtTm>2026-11-21T12:00:00+03:00</CreDtTm>" in file
    assert "<OrgnlCreDtTm>2026-11-21T12:00:00+03:00</OrgnlCreDtTm>" in file


def test_the_report_names_the_message_its_blocks_and_its_orders() -> None:
    lines = [line(index, PaymentStatus.EXECUTED) for index in range(4)]
    found = report(batch(lines))
    group = found.orgnl_grp_inf_and_sts
    assert (group.orgnl_msg_id, group.orgnl_msg_nm_id, group.orgnl_nb_of_txs) == ("m-1", "pain.001.001.09", "4")
    assert [block.orgnl_pmt_inf_id for block in found.orgnl_pmt_inf_and_sts] == ["block-0", "block-1"]
    told = [one for block in found.orgnl_pmt_inf_and_sts for one in block.tx_inf_and_sts]
    assert [(one.orgnl_instr_id, one.orgnl_end_to_end_id, one.acct_svcr_ref) for one in told] == [
        (f"i-{index}", f"inv-{index}", f"pay_{index}") for index in range(4)
    ]


@pytest.mark.parametrize(
    ("statuses", "group"),
    [
        ((PaymentStatus.EXECUTED, PaymentStatus.AWAITING_SIGNATURE), "ACTC"),
        ((PaymentStatus.EXECUTED, PaymentStatus.REJECTED), "PART"),
        ((PaymentStatus.SIGNED, PaymentStatus.IN_PROCESS), "ACCP"),
        ((PaymentStatus.CANCELLED, PaymentStatus.REJECTED), "RJCT"),
        ((None, PaymentStatus.QUEUED), "PART"),
    ],
)
def test_the_group_tells_the_slowest_or_that_some_ended(statuses: Sequence[PaymentStatus | None], group: str) -> None:
    found = report(batch([line(index, status) for index, status in enumerate(statuses)])).orgnl_grp_inf_and_sts
    assert text_of(found.grp_sts) == group
    assert sum(int(count.dtld_nb_of_txs) for count in found.nb_of_txs_per_sts) == 2


def test_every_error_of_a_refused_order_is_told_whole() -> None:
    long = "Поле 24: назначение платежа не длиннее 210 знаков, " * 5
    errors = (
        FieldError(pointer="/payments/0/purpose", code="too_long", message=long),
        FieldError(pointer="/payments/0/payee/inn", code="inn_check_digit", message="Поле 61: в ИНН ошибка"),
    )
    reasons = report(batch([line(0, None, errors=errors)])).orgnl_pmt_inf_and_sts[0].tx_inf_and_sts[0].sts_rsn_inf
    assert [reason.rsn.prtry for reason in reasons] == ["too_long", "inn_check_digit"]
    assert "".join(reasons[0].addtl_inf) == long
    assert max(map(len, reasons[0].addtl_inf)) == 105


def test_the_bank_says_why_it_rejected() -> None:
    rejected = line(0, PaymentStatus.REJECTED, status_reason="Недостаточно средств")
    told = report(batch([rejected])).orgnl_pmt_inf_and_sts[0].tx_inf_and_sts[0]
    assert told.sts_rsn_inf[0].addtl_inf == ["отклонён банком: Недостаточно средств"]


def test_a_batch_of_another_shape_is_named_by_our_ids() -> None:
    long_id = "1c-" + "a" * 48
    lines = [line(0, PaymentStatus.QUEUED, references=None), line(1, PaymentStatus.QUEUED, references=None)]
    lines[1] = line(1, PaymentStatus.QUEUED, references=None, external_id=long_id)
    found = report(batch(lines, None))
    assert (found.orgnl_grp_inf_and_sts.orgnl_msg_id, found.orgnl_grp_inf_and_sts.orgnl_msg_nm_id) == ("imp_1", "json")
    first, second = found.orgnl_pmt_inf_and_sts[0].tx_inf_and_sts
    assert (first.orgnl_end_to_end_id, second.orgnl_end_to_end_id) == ("inv-0", None)
    assert second.sts_rsn_inf[0].addtl_inf == [f"EXTERNAL_ID/{long_id}"]


def test_a_moment_or_sum_that_is_none_is_left_out() -> None:
    one = batch([line(0, PaymentStatus.QUEUED)])
    odd = SentMessage(
        definition="pain.001.001.09", message_id="m-1", created_at="вчера", transactions=1, control_sum="1 5"
    )
    found = report(PaymentImport(**{name: getattr(one, name) for name in one.__slots__} | {"message": odd}))
    assert (found.orgnl_grp_inf_and_sts.orgnl_cre_dt_tm, found.orgnl_grp_inf_and_sts.orgnl_ctrl_sum) == (None, None)


def test_the_document_states_every_status() -> None:
    stated = {}
    for row in rows_of(section_of("pain.002")):
        names = [name.strip(" `") for name in row[0].split(",")]
        if len(row) == 2:
            stated |= dict.fromkeys(names, row[1].split("`")[1])
    stated["none"] = stated.pop("none: refused when it came")
    assert stated == {status.value if status else "none": told for status, told in STATUSES.items()}
