"""Parties and banks of a message, wherever the version or the bank puts them."""

from __future__ import annotations

from collections.abc import Iterator

from adapter.domain.parties import Counterparty, Party
from adapter.formats.camt053.parts import Part
from adapter.formats.camt053.values import Values
from adapter.formats.iso20022.cut_texts import join_name
from adapter.formats.xml import find_children

_BIC_LENGTH = 9
# An identification without a scheme is an INN where it looks like one.
_IS_INN = (
    "SchmeNm/Cd='TXID' or SchmeNm/Prtry='INN' or SchmeNm/Prtry='ИНН'"
    " or (not(SchmeNm) and translate(Id, '0123456789', '')='')"
)
_INN = f"Id/*/Othr[{_IS_INN}]/Id"
_KPP = "Id/*/Othr[SchmeNm/Prtry='KPP' or SchmeNm/Prtry='КПП']/Id"
_BIC = "ClrSysMmbId/MmbId"


def side_paths(side: str) -> tuple[str, ...]:
    """Where the party `Dbtr` or `Cdtr` of a transaction stands, for fetching it at once."""
    party, account, bank = _party_path(side), f"RltdPties/{side}Acct/Id", f"RltdAgts/{side}Agt/FinInstnId"
    return (
        *(f"{party}/{path}" for path in ("Nm", _INN, _KPP)),
        *(f"{account}/{path}" for path in ("Othr/Id", "IBAN")),
        *(f"{bank}/{path}" for path in (_BIC, "Nm", "Othr/Id")),
        f"Tax/{side}/TaxTp",
    )


def read_side(details: Part, side: str, values: Values) -> Counterparty:
    """The party `Dbtr` or `Cdtr` of a transaction with its account and bank."""
    party = read_party(details, _party_path(side))
    bank = f"RltdAgts/{side}Agt/FinInstnId"
    return Counterparty(
        name=party.name,
        inn=party.inn,
        kpp=party.kpp or _unless_zero(details.text(f"Tax/{side}/TaxTp")),
        account=read_account_number(details, f"RltdPties/{side}Acct") or None,
        bic=read_bic(details, bank, values),
        bank_name=read_name(details, bank) or None,
        correspondent_account=details.text(f"{bank}/Othr/Id") or None,
    )


def read_party(part: Part, path: str) -> Party:
    """Name, INN (`TXID`) and KPP of the party at a path."""
    return Party(
        name=read_name(part, path),
        inn=_unless_zero(part.text(f"{path}/{_INN}")),
        kpp=_unless_zero(part.text(f"{path}/{_KPP}")),
    )


def read_name(part: Part, path: str) -> str:
    """A name, with what stands in address lines because the name element was full."""
    return join_name(part.raw(f"{path}/Nm"), _address_lines(part, path))


def _address_lines(part: Part, path: str) -> Iterator[str]:
    steps = path.removeprefix("(").partition("|")[0]
    found = find_children(part.element, f"{steps}/PstlAdr/AdrLine")
    for line in found or find_children(part.element, f"{steps}/Pty/PstlAdr/AdrLine"):
        yield line.text or ""


def read_bic(part: Part, path: str, values: Values) -> str | None:
    """The Bank of Russia's code of nine digits; codes of other clearing systems are none."""
    code = part.text(f"{path}/{_BIC}")
    if not code:
        return None
    if len(code) != _BIC_LENGTH or not (code.isascii() and code.isdigit()):
        values.note(part, f"{path}/{_BIC}", "bic_unclear", f"не БИК Банка России: {code}")
        return None
    return code


def read_account_number(part: Part, path: str) -> str:
    """The number of an account, Russian or IBAN."""
    return part.text(f"{path}/Id/Othr/Id") or part.text(f"{path}/Id/IBAN")


def _party_path(side: str) -> str:
    """A party stands one step deeper since 001.08."""
    return f"(RltdPties/{side}|RltdPties/{side}/Pty)"


def _unless_zero(text: str) -> str | None:
    return text if text.strip("0") else None
