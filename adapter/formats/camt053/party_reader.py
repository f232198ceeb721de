"""Parties and banks of a message, wherever the version or the bank puts them."""

from __future__ import annotations

from lxml import etree

from adapter.domain.parties import Counterparty, Party
from adapter.formats.camt053.values import Values
from adapter.formats.camt053.versions import TEXT_LENGTH
from adapter.formats.xml import child_text, find_child, find_children

_BIC_LENGTH = 9


def read_side(details: etree._Element, side: str, values: Values) -> Counterparty:
    """The party `Dbtr` or `Cdtr` of a transaction with its account and bank."""
    party = _party(details, f"RltdPties/{side}")
    kpp = party.kpp or child_text(details, f"Tax/{side}/TaxTp")
    bank = find_child(details, f"RltdAgts/{side}Agt/FinInstnId")
    return Counterparty(
        name=party.name,
        inn=party.inn,
        kpp=kpp if kpp.strip("0") else None,
        account=_account_number(details, f"RltdPties/{side}Acct"),
        bic=read_bic(bank, values) if bank is not None else None,
        bank_name=(read_name(bank) or None) if bank is not None else None,
        correspondent_account=(child_text(bank, "Othr/Id") or None) if bank is not None else None,
    )


def read_party(party: etree._Element) -> Party:
    """Name, INN (`TXID`) and KPP; an identification without a scheme is an INN where it looks like one."""
    inn = kpp = None
    for kind in ("OrgId", "PrvtId"):
        for other in find_children(party, f"Id/{kind}/Othr"):
            text = child_text(other, "Id")
            scheme = child_text(other, "SchmeNm/Cd") or child_text(other, "SchmeNm/Prtry")
            if scheme in ("KPP", "КПП"):
                kpp = kpp or text
            elif scheme in ("TXID", "INN", "ИНН") or (not scheme and text.isdigit()):
                inn = inn or text
    return Party(name=read_name(party), inn=_unless_zero(inn), kpp=_unless_zero(kpp))


def read_name(element: etree._Element) -> str:
    """A name, with what stands in address lines because the name element was full."""
    found = find_child(element, "Nm")
    name = (found.text or "") if found is not None else ""
    if len(name) == TEXT_LENGTH:
        name += "".join(line.text or "" for line in find_children(element, "PstlAdr/AdrLine"))
    return name.strip()


def read_bic(bank: etree._Element, values: Values) -> str | None:
    """The Bank of Russia's code of nine digits; codes of other clearing systems are none."""
    code = child_text(bank, "ClrSysMmbId/MmbId")
    if not code:
        return None
    if len(code) != _BIC_LENGTH or not (code.isascii() and code.isdigit()):
        values.note(bank, "ClrSysMmbId/MmbId", "bic_unclear", f"не БИК Банка России: {code}")
        return None
    return code


def read_account_number(account: etree._Element) -> str:
    """The number of an account, Russian or IBAN."""
    return child_text(account, "Id/Othr/Id") or child_text(account, "Id/IBAN")


def _account_number(details: etree._Element, path: str) -> str | None:
    account = find_child(details, path)
    return (read_account_number(account) or None) if account is not None else None


def _party(details: etree._Element, path: str) -> Party:
    party = find_child(details, f"{path}/Pty")
    if party is None:
        party = find_child(details, path)
    return read_party(party) if party is not None else Party(name="")


def _unless_zero(text: str | None) -> str | None:
    return text if text and text.strip("0") else None
