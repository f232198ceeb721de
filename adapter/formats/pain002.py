"""ISO 20022 pain.002, the payment status report: what became of a batch, for whoever sent it.

Source: the message definitions of ISO 20022.  001.03 answers a pain.001.001.03, 001.10 everything else.  Our states
stand for these statuses; `api_specs/formats.md` explains them:

    received, queued, sending, unknown → PDNG   awaiting_signature → ACTC   signed → ACCP   in_process → ACSP
    executed → ACSC   rejected, expired, refused → RJCT   cancelled → CANC (RJCT in 001.03, which has no CANC)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice

from adapter.domain.imports import ImportLine, PaymentImport, SentMessage
from adapter.domain.payments import PaymentStatus
from adapter.formats.iso20022.dates import render_moment
from adapter.formats.iso20022.references import REFERENCE_LENGTH
from adapter.formats.iso20022.xml_writing import element, escape, pieces_of, wrap

STATUSES: Mapping[PaymentStatus | None, str] = {
    PaymentStatus.RECEIVED: "PDNG",
    PaymentStatus.QUEUED: "PDNG",
    PaymentStatus.SENDING: "PDNG",
    PaymentStatus.UNKNOWN: "PDNG",
    PaymentStatus.AWAITING_SIGNATURE: "ACTC",
    PaymentStatus.SIGNED: "ACCP",
    PaymentStatus.IN_PROCESS: "ACSP",
    PaymentStatus.EXECUTED: "ACSC",
    PaymentStatus.REJECTED: "RJCT",
    PaymentStatus.EXPIRED: "RJCT",
    PaymentStatus.CANCELLED: "CANC",
    None: "RJCT",  # refused when it came
}
WORDS = {
    PaymentStatus.AWAITING_SIGNATURE: "ожидает подписи клиента в банке",
    PaymentStatus.REJECTED: "отклонён банком",
    PaymentStatus.EXPIRED: "не подписан в срок",
    PaymentStatus.CANCELLED: "отозван",
}
_PROGRESS = ("PDNG", "ACTC", "ACCP", "ACSP", "ACSC")
_ENDED = ("RJCT", "CANC")
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002."
_NARRATIVE = "NARR"
_INFORMATION_LENGTH = 105
_LINES_IN_CHUNK = 100
_DECIMAL = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,2})?").fullmatch


def render_status_report(batch: PaymentImport, made_at: dt.datetime) -> Iterator[bytes]:
    """The report in UTF-8, in chunks; one `TxInfAndSts` for each order, in the order sent.

    A batch that came in another shape is named by our import id.
    """
    version = "001.03" if batch.message and batch.message.definition == "pain.001.001.03" else "001.10"
    statuses = [_status(line, version) for line in batch.lines]
    digest = hashlib.sha256(f"{batch.id}\n{made_at.isoformat()}".encode()).hexdigest()
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}{version}">\n<CstmrPmtStsRpt>\n'
        f"<GrpHdr><MsgId>{digest[:32]}</MsgId><CreDtTm>{render_moment(made_at)}</CreDtTm></GrpHdr>\n"
        f"<OrgnlGrpInfAndSts>{_original(batch)}<GrpSts>{_group_status(statuses)}</GrpSts>"
        f"{_counts(statuses)}</OrgnlGrpInfAndSts>\n"
    )
    yield head.encode()
    for name, group in groupby(zip(batch.lines, statuses, strict=True), key=lambda one: _payment_name(one[0], batch)):
        yield f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{escape(name)}</OrgnlPmtInfId>\n".encode()
        while chunk := list(islice(group, _LINES_IN_CHUNK)):
            yield "".join(_transaction(line, status) for line, status in chunk).encode()
        yield b"</OrgnlPmtInfAndSts>\n"
    yield b"</CstmrPmtStsRpt>\n</Document>\n"


def _status(line: ImportLine, version: str) -> str:
    status = STATUSES[line.status]
    return "RJCT" if status == "CANC" and version == "001.03" else status


def _group_status(statuses: Sequence[str]) -> str:
    """`PART` where some of the orders ended without payment and others did not; else the slowest one's status."""
    ended = sum(status in _ENDED for status in statuses)
    if ended == len(statuses):
        return "RJCT"
    return "PART" if ended else min(statuses, key=_PROGRESS.index)


def _counts(statuses: Sequence[str]) -> str:
    return "".join(
        f"<NbOfTxsPerSts><DtldNbOfTxs>{count}</DtldNbOfTxs><DtldSts>{status}</DtldSts></NbOfTxsPerSts>"
        for status, count in sorted(Counter(statuses).items())
    )


def _original(batch: PaymentImport) -> str:
    """What the batch called itself."""
    message = batch.message
    if message is None:
        names = element("OrgnlMsgId", batch.id) + element("OrgnlMsgNmId", batch.shape)
        moment = element("OrgnlCreDtTm", render_moment(batch.created_at))
        return f"{names}{moment}<OrgnlNbOfTxs>{len(batch.lines)}</OrgnlNbOfTxs>"
    return (
        element("OrgnlMsgId", message.message_id)
        + element("OrgnlMsgNmId", message.definition)
        + element("OrgnlCreDtTm", _moment(message))
        + element("OrgnlNbOfTxs", str(message.transactions))
        + element("OrgnlCtrlSum", message.control_sum if _DECIMAL(message.control_sum or "") else None)
    )


def _moment(message: SentMessage) -> str | None:
    """As it was written; one that is no moment cannot be told back."""
    try:
        dt.datetime.fromisoformat(message.created_at)
    except ValueError:
        return None
    return message.created_at if "T" in message.created_at else None


def _payment_name(line: ImportLine, batch: PaymentImport) -> str:
    return line.references.payment_information_id if line.references else batch.id


def _transaction(line: ImportLine, status: str) -> str:
    references = line.references
    instruction_id = references.instruction_id if references else None
    end_to_end_id = references.end_to_end_id if references else line.external_id
    is_long = len(end_to_end_id or "") > REFERENCE_LENGTH
    return (
        f"<TxInfAndSts>{element('OrgnlInstrId', instruction_id)}"
        f"{element('OrgnlEndToEndId', None if is_long else end_to_end_id)}<TxSts>{status}</TxSts>"
        f"{_reasons(line)}{_reason(_NARRATIVE, f'EXTERNAL_ID/{end_to_end_id}') if is_long else ''}"
        f"{element('AcctSvcrRef', line.payment_id)}</TxInfAndSts>\n"
    )


def _reasons(line: ImportLine) -> str:
    """Every broken rule of a refused order by its code; of a payment what is known of its state."""
    if line.errors:
        return "".join(_reason(error.code, error.message) for error in line.errors)
    words = WORDS.get(line.status) if line.status else None
    if words is None:
        return ""
    return _reason(_NARRATIVE, f"{words}: {line.status_reason}" if line.status_reason else words)


def _reason(code: str, text: str) -> str:
    """Codes of ISO 20022 have four letters; ours stand as proprietary ones."""
    name = "Cd" if code == _NARRATIVE else "Prtry"
    pieces = "".join(element("AddtlInf", piece) for piece in pieces_of(text, _INFORMATION_LENGTH))
    return wrap("StsRsnInf", wrap("Rsn", element(name, code[:REFERENCE_LENGTH])) + pieces)
