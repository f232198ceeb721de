"""Orders → a message, as an accounting program would write it.  The adapter only reads them: this is for examples,
tests and partners that write theirs in Python.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Literal

from adapter.domain.parties import Party
from adapter.domain.payments import PaymentOrder
from adapter.formats.iso20022.parties import account_content, bank_content, party_content
from adapter.formats.iso20022.references import NOT_PROVIDED, REFERENCE_LENGTH
from adapter.formats.iso20022.remittance import document_element, purpose_elements
from adapter.formats.iso20022.tax import tax_element
from adapter.formats.iso20022.xml_writing import element, wrap

Version = Literal["001.03", "001.09"]

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain."
_ZONES: Mapping[Version, str] = {"001.03": "AdmstnZn", "001.09": "AdmstnZone"}


def render_orders(
    orders: Sequence[PaymentOrder],
    version: Version = "001.09",
    *,
    message_id: str,
    created_at: dt.datetime,
    payer_bic: str | None = None,
) -> bytes:
    """The message in UTF-8; neighbours with the same payer and account share a `PmtInf`.

    Raises ValueError for an `external_id` or `message_id` of more than 35 characters.
    """
    for reference in (message_id, *(order.external_id or "" for order in orders)):
        if len(reference) > REFERENCE_LENGTH:
            raise ValueError(f"longer than {REFERENCE_LENGTH} characters: {reference}")
    groups = [list(group) for _, group in groupby(orders, key=_common)]
    payer = orders[0].payer if orders else None
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<Document xmlns="{_NAMESPACE}001.{version}">',
        "<CstmrCdtTrfInitn>",
        f"<GrpHdr>{element('MsgId', message_id)}<CreDtTm>{created_at.isoformat(timespec='seconds')}</CreDtTm>"
        f"{_totals(orders)}<InitgPty>{_party(payer)}</InitgPty></GrpHdr>",
    ]
    for place, group in enumerate(groups, 1):
        lines += _payment(group, f"{message_id[: REFERENCE_LENGTH - 7]}-{place}", version, payer_bic)
    lines += ["</CstmrCdtTrfInitn>", "</Document>", ""]
    return "\n".join(lines).encode()


def _common(order: PaymentOrder) -> tuple[object, ...]:
    return order.payer_account, order.account_id, order.payer, order.date


def _totals(orders: Sequence[PaymentOrder]) -> str:
    total = sum((order.amount.amount for order in orders), Decimal(0))
    return f"<NbOfTxs>{len(orders)}</NbOfTxs><CtrlSum>{total:.2f}</CtrlSum>"


def _party(party: Party | None) -> str:
    return party_content(party.name, party.inn, party.kpp) if party else ""


def _payment(orders: Sequence[PaymentOrder], name: str, version: Version, payer_bic: str | None) -> list[str]:
    first = orders[0]
    date = f"{first.date}" if version == "001.03" else f"<Dt>{first.date}</Dt>"
    bank = bank_content(payer_bic, None, None) or f"<FinInstnId><Othr><Id>{NOT_PROVIDED}</Id></Othr></FinInstnId>"
    account = account_content(first.payer_account or first.account_id)
    return [
        "<PmtInf>",
        f"{element('PmtInfId', name)}<PmtMtd>TRF</PmtMtd>{_totals(orders)}<ReqdExctnDt>{date}</ReqdExctnDt>",
        f"<Dbtr>{_party(first.payer)}</Dbtr>{wrap('DbtrAcct', account)}<DbtrAgt>{bank}</DbtrAgt>",
        *(_transfer(order, version) for order in orders),
        "</PmtInf>",
    ]


def _transfer(order: PaymentOrder, version: Version) -> str:
    payee = order.payee
    tax = f"{tax_element(order.budget, _ZONES[version])}\n" if order.budget else ""
    return (
        f"<CdtTrfTxInf><PmtId>{element('EndToEndId', order.external_id or NOT_PROVIDED)}</PmtId>{_types(order)}\n"
        f'<Amt><InstdAmt Ccy="{order.amount.currency}">{order.amount}</InstdAmt></Amt>\n'
        f"{wrap('CdtrAgt', bank_content(payee.bic, payee.bank_name, None))}"
        f"{wrap('CdtrAgtAcct', account_content(payee.correspondent_account))}\n"
        f"{wrap('Cdtr', party_content(payee.name, payee.inn, payee.kpp))}"
        f"{wrap('CdtrAcct', account_content(payee.account))}\n"
        f"<Purp><Prtry>{order.priority}</Prtry></Purp>\n"
        f"{tax}{_remittance(order)}</CdtTrfTxInf>"
    )


def _types(order: PaymentOrder) -> str:
    kind = wrap("LclInstrm", element("Prtry", order.payment_kind))
    return wrap("PmtTpInf", kind + wrap("CtgyPurp", element("Prtry", order.income_type_code)))


def _remittance(order: PaymentOrder) -> str:
    document = document_element(order.number, order.date, order.uin)
    return f"<RmtInf>{purpose_elements(order.purpose)}\n{document}</RmtInf>"
