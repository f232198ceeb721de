"""A statement → its message, as a stream of chunks: memory does not grow with the number of entries."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice

from adapter.domain.banks import Bank
from adapter.domain.money import Money
from adapter.domain.statements import Statement
from adapter.formats.camt053.entry_writer import EntryWriter
from adapter.formats.camt053.versions import WORDS, Version
from adapter.formats.iso20022.cut_texts import LINE_LENGTH
from adapter.formats.iso20022.dates import render_moment
from adapter.formats.iso20022.parties import account_content, bank_content, party_content
from adapter.formats.iso20022.xml_writing import element, wrap

_ENTRIES_IN_CHUNK = 100
_END = "</Stmt>\n</BkToCstmrStmt>\n</Document>\n"


def render_statement(statement: Statement, version: Version = "001.02") -> Iterator[bytes]:
    """The message in UTF-8, in chunks; entries are taken one by one, in their order."""
    words = WORDS[version]
    made_at = render_moment(statement.as_of)
    name = _message_id(statement)
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{words.namespace}">\n<BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>{name}</MsgId><CreDtTm>{made_at}</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>{name}</Id><CreDtTm>{made_at}</CreDtTm>\n{_period(statement)}\n{_account(statement)}\n"
        f"{_balance('OPBD', statement.opening_balance, statement.date_from)}\n"
        f"{_balance('CLBD', statement.closing_balance, statement.date_to)}\n{_totals(statement)}\n"
    )
    yield head.encode()
    writer = EntryWriter(statement, words)
    for chunk in _in_chunks(map(writer.render, statement.entries)):
        yield "".join(chunk).encode()
    yield _END.encode()


def _message_id(statement: Statement) -> str:
    """The same for the same account, period and state, so that a reader knows a statement that it has."""
    parts = (statement.account.number, statement.date_from, statement.date_to, statement.as_of)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def _period(statement: Statement) -> str:
    return (
        f"<FrToDt><FrDtTm>{statement.date_from}T00:00:00+03:00</FrDtTm>"
        f"<ToDtTm>{statement.date_to}T23:59:59+03:00</ToDtTm></FrToDt>"
    )


def _account(statement: Statement) -> str:
    account, bank = statement.account, statement.bank or Bank(bic=statement.account.bic, name="")
    owner = party_content(account.owner.name, account.owner.inn, account.owner.kpp)
    servicer = bank_content(account.bic, bank.name, bank.correspondent_account, bank.place)
    return (
        f"<Acct>{account_content(account.number)}{element('Ccy', account.currency)}"
        f"{element('Nm', account.name[:LINE_LENGTH])}{wrap('Ownr', owner)}{wrap('Svcr', servicer)}</Acct>"
    )


def _balance(kind: str, money: Money, date: dt.date) -> str:
    sign = "DBIT" if money.amount < 0 else "CRDT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{money.currency}">{abs(money.amount):.2f}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{date}</Dt></Dt></Bal>"
    )


def _totals(statement: Statement) -> str:
    credits, debits = statement.total_credits, statement.total_debits
    return (
        f"<TxsSummry><TtlCdtNtries><NbOfNtries>{statement.credit_entries}</NbOfNtries><Sum>{credits}</Sum></TtlCdtNtries>"
        f"<TtlDbtNtries><NbOfNtries>{statement.debit_entries}</NbOfNtries><Sum>{debits}</Sum></TtlDbtNtries></TxsSummry>"
    )


def _in_chunks(entries: Iterable[str]) -> Iterator[list[str]]:
    stream = iter(entries)
    while chunk := list(islice(stream, _ENTRIES_IN_CHUNK)):
        yield chunk
