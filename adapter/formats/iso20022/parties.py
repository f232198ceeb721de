"""Parties, accounts and banks as elements: INN under `TXID`, BIC of the Bank of Russia under `RUCBC`."""

from __future__ import annotations

from adapter.formats.iso20022.cut_texts import LINE_LENGTH, TEXT_LENGTH
from adapter.formats.iso20022.references import REFERENCE_LENGTH
from adapter.formats.iso20022.xml_writing import element, escape, pieces_of, wrap

_PERSON_INN_LENGTH = 12
_LINES_MAX = 7  # of an address


def party_content(name: str, inn: str | None, kpp: str | None) -> str:
    """What stands inside a party: name, the rest of a long name as address lines, INN and KPP."""
    identity = ""
    if inn:
        identity = f"<Othr><Id>{escape(inn)}</Id><SchmeNm><Cd>TXID</Cd></SchmeNm></Othr>"
    if kpp:
        identity += f"<Othr><Id>{escape(kpp)}</Id><SchmeNm><Prtry>KPP</Prtry></SchmeNm></Othr>"
    kind = "PrvtId" if inn and len(inn) == _PERSON_INN_LENGTH else "OrgId"
    return _named(name) + wrap("Id", wrap(kind, identity))


def account_content(number: str | None) -> str:
    """What stands inside an account."""
    return f"<Id><Othr><Id>{escape(number)}</Id></Othr></Id>" if number else ""


def bank_content(bic: str | None, name: str | None, correspondent_account: str | None, place: str | None = None) -> str:
    """What stands inside a bank; nothing where nothing is known of it."""
    member = f"<ClrSysMmbId><ClrSysId><Cd>RUCBC</Cd></ClrSysId>{element('MmbId', bic)}</ClrSysMmbId>" if bic else ""
    account = f"<Othr><Id>{escape(correspondent_account)}</Id></Othr>" if correspondent_account else ""
    return wrap("FinInstnId", member + _named(name or "", place) + account)


def _named(name: str, place: str | None = None) -> str:
    if len(name) <= TEXT_LENGTH and not place:
        return element("Nm", name)
    rest = list(pieces_of(name[TEXT_LENGTH:], LINE_LENGTH))[:_LINES_MAX]
    lines = "".join(element("AdrLine", line) for line in rest)
    town = element("TwnNm", place and place[:REFERENCE_LENGTH])
    return element("Nm", name[:TEXT_LENGTH]) + wrap("PstlAdr", town + lines)
