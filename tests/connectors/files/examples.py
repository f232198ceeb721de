"""The examples of `api_specs/core-files/`: `python -m tests.connectors.files.examples` writes them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from adapter.connectors.files import requests
from adapter.connectors.files.incoming import FileKind, parse_account_statements
from adapter.connectors.files.reports import render_report
from adapter.domain.core import CoreStatementOrder
from adapter.domain.errors import UnreadableFile
from adapter.domain.moscow import MOSCOW
from adapter.domain.parties import Counterparty
from adapter.domain.statements import Direction
from adapter.formats.onec_exchange import OutgoingDraft, render_drafts
from tests.connectors.files.paper_bank import BIC, DIRECTORY, MAIN, as_1c, as_camt, whole_statement
from tests.fakes import entry_details, payment_order

FOLDER = Path(__file__).parents[3] / "api_specs" / "core-files"
DAY = dt.date(2026, 11, 20)
MADE = dt.datetime(2026, 11, 21, 6, 30, tzinfo=MOSCOW)
PAYER = Counterparty(name="ООО «Вега»", inn="7701234560", kpp="770101001", account=MAIN, bic=BIC)
ID = "pay_0197a1b2c3d4"
STATES = f"""\
document_id;status;at;reason;core_reference;edited.purpose
{ID};01;2026-11-20T12:31:07+03:00;;ДБО-000123;
{ID};awaiting_signature;2026-11-20T14:02:00+03:00;;;Оплата по договору 8
{ID};signed;2026-11-20T14:05:41+03:00;;;
{ID};02;2026-11-20T14:06:10+03:00;;;
pay_0197a1b2c3d5;03;2026-11-20T12:31:07+03:00;Счёт получателя закрыт;;
pay_0197a1b2c3d6-w;withdrawal_refused;2026-11-20T15:00:00+03:00;Документ уже подписан;;
"""


def make_examples() -> Mapping[str, bytes]:
    drafts = [
        OutgoingDraft(document_id=ID, order=payment_order(), payer=PAYER, partner_name="Учёт онлайн"),
        OutgoingDraft(
            document_id="pay_0197a1b2c3d5",
            order=payment_order("320.50", "102"),
            payer=PAYER,
            partner_name="Учёт онлайн",
            possible_duplicate=True,
        ),
    ]
    entries = {1: entry_details("1500.00", Direction.DEBIT, DAY, number="101"), 2: entry_details("7000.00", day=DAY)}
    statement = whole_statement(MAIN, DAY, DAY, Decimal("100000.00"), entries, MADE)
    directory = {"made_at": MADE.isoformat(), **DIRECTORY}
    order = CoreStatementOrder(id="sto_0197a1b2", core_account_id=MAIN, date_from=DAY, date_to=DAY)
    return {
        "drafts.txt": render_drafts(drafts, "bank-adapter", MADE),
        "states.csv": STATES.encode(),
        "withdrawal.csv": requests.render_withdrawal(ID, f"{ID}-w", MADE),
        "statement-order.csv": requests.render_order(order, MADE),
        "statement.txt": as_1c(statement),
        "statement.xml": as_camt(statement),
        "statement.txt.report.txt": _report_of(as_1c(statement).replace(b"=1500.00", b"=15OO.00")),
        "directory.json": (json.dumps(directory, ensure_ascii=False, indent=2) + "\n").encode(),
    }


def _report_of(data: bytes) -> bytes:
    try:
        parse_account_statements(FileKind.ONEC, data)
    except UnreadableFile as error:
        return render_report("statement.txt", error, MADE)
    raise AssertionError("the example can be read")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in make_examples().items():
        (FOLDER / name).write_bytes(content)
