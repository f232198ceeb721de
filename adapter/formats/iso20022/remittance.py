"""What stands inside `RmtInf`: the purpose in pieces, and the payment document with its number, date and UIN."""

from __future__ import annotations

import datetime as dt

from adapter.formats.iso20022.cut_texts import TEXT_LENGTH
from adapter.formats.iso20022.xml_writing import element, pieces_of, wrap


def purpose_elements(purpose: str) -> str:
    """The purpose as one or several `Ustrd`, which `cut_texts.join_purpose` puts together again."""
    return "".join(element("Ustrd", piece) for piece in pieces_of(purpose, TEXT_LENGTH))


def document_element(number: str, date: dt.date, uin: str | None) -> str:
    """The document as a `Strd`; a UIN is the creditor's reference."""
    document = f"{_kind('POD')}{element('Nb', number)}<RltdDt>{date}</RltdDt>"
    reference = _kind("UIN") + element("Ref", uin) if uin else ""
    return f"<Strd><RfrdDocInf>{document}</RfrdDocInf>{wrap('CdtrRefInf', reference)}</Strd>"


def _kind(name: str) -> str:
    return f"<Tp><CdOrPrtry><Prtry>{name}</Prtry></CdOrPrtry></Tp>"
