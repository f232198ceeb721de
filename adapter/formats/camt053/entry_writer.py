"""One booked entry → its `Ntry`.  The owner's side is written once per statement; an entry costs a few joined texts."""

from __future__ import annotations

import re

from adapter.domain.banks import Bank
from adapter.domain.parties import Counterparty
from adapter.domain.statements import OPERATION_CODES, Direction, Entry, EntryDetails, Statement
from adapter.formats.camt053.versions import EXTERNAL_ID_MARK, FAMILIES, VersionWords
from adapter.formats.iso20022.parties import account_content, bank_content, party_content
from adapter.formats.iso20022.references import REFERENCE_LENGTH
from adapter.formats.iso20022.remittance import document_element, purpose_elements
from adapter.formats.iso20022.tax import tax_element
from adapter.formats.iso20022.xml_writing import element, wrap

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}").fullmatch


class EntryWriter:
    """Writes the entries of one statement."""

    def __init__(self, statement: Statement, words: VersionWords) -> None:
        account, bank = statement.account, statement.bank or Bank(bic=statement.account.bic, name="")
        self._words = words
        self._own_party = party_content(account.owner.name, account.owner.inn, account.owner.kpp)
        self._own_account = account_content(account.number)
        self._own_bank = bank_content(account.bic, bank.name, bank.correspondent_account)

    def render(self, entry: Entry) -> str:
        """The element of one entry, without line breaks inside."""
        details = entry.details
        amount = f'<Amt Ccy="{details.amount.currency}">{details.amount}</Amt>{_sign(details.direction)}'
        reference = _reference(entry.id)
        return (
            f"<Ntry>{element('NtryRef', reference)}{amount}{self._words.status}"
            f"<BookgDt><Dt>{details.booking_date}</Dt></BookgDt><ValDt><Dt>{details.value_date}</Dt></ValDt>"
            f"{element('AcctSvcrRef', reference)}{_transaction_code(details)}"
            f"<NtryDtls><TxDtls>{_references(entry)}{amount if self._words.has_transaction_amount else ''}"
            f"{self._sides(details)}{_purpose_code(details)}{_remittance(details)}"
            f"{tax_element(details.budget, self._words.zone)}{_long_external_id(entry)}</TxDtls></NtryDtls></Ntry>\n"
        )

    def _sides(self, details: EntryDetails) -> str:
        """Both parties, the payer first, and both banks."""
        other = details.counterparty
        theirs = (
            party_content(other.name, other.inn, other.kpp),
            account_content(other.account),
            _bank_of(other),
        )
        own = (self._own_party, self._own_account, self._own_bank)
        payer, payee = (own, theirs) if details.direction is Direction.DEBIT else (theirs, own)
        parties = self._side("Dbtr", payer[0], payer[1]) + self._side("Cdtr", payee[0], payee[1])
        return wrap("RltdPties", parties) + wrap("RltdAgts", wrap("DbtrAgt", payer[2]) + wrap("CdtrAgt", payee[2]))

    def _side(self, name: str, party: str, account: str) -> str:
        if party:
            party = f"{self._words.party_start}{party}{self._words.party_end}"
        return wrap(name, party) + wrap(f"{name}Acct", account)


def _sign(direction: Direction) -> str:
    return f"<CdtDbtInd>{'CRDT' if direction is Direction.CREDIT else 'DBIT'}</CdtDbtInd>"


def _bank_of(party: Counterparty) -> str:
    return bank_content(party.bic, party.bank_name, party.correspondent_account)


def _reference(entry_id: str) -> str:
    """An id within 35 characters: a UUID goes without its hyphens."""
    return entry_id.replace("-", "") if _UUID(entry_id) else entry_id[:REFERENCE_LENGTH]


def _transaction_code(details: EntryDetails) -> str:
    debit, credit = FAMILIES[details.document_type]
    family = debit if details.direction is Direction.DEBIT else credit
    code = OPERATION_CODES.get(details.document_type)
    return (
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>NTAV</SubFmlyCd></Fmly></Domn>"
        f"{wrap('Prtry', element('Cd', code))}</BkTxCd>"
    )


def _references(entry: Entry) -> str:
    fits = entry.external_id is not None and len(entry.external_id) <= REFERENCE_LENGTH
    return wrap("Refs", element("EndToEndId", entry.external_id if fits else None) + element("TxId", entry.payment_id))


def _long_external_id(entry: Entry) -> str:
    if entry.external_id is None or len(entry.external_id) <= REFERENCE_LENGTH:
        return ""
    return element("AddtlTxInf", EXTERNAL_ID_MARK + entry.external_id)


def _purpose_code(details: EntryDetails) -> str:
    return "" if details.priority is None else f"<Purp><Prtry>{details.priority}</Prtry></Purp>"


def _remittance(details: EntryDetails) -> str:
    document = document_element(details.number, details.date, details.uin)
    return f"<RmtInf>{purpose_elements(details.purpose)}{document}</RmtInf>"
