"""The JSON of a statement, streamed: the head first, so that a reader knows the totals before the entries."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import orjson

from adapter.api.viewing import format_moment
from adapter.domain.banks import Bank
from adapter.domain.feeds import StatementReading
from adapter.domain.statements import Statement
from adapter.schemas.accounts import AccountBody

ENTRIES_PER_CHUNK = 200

_account_body = AccountBody()


def render_json(reading: StatementReading) -> Iterator[bytes]:
    """The statement in pieces of some hundred entries."""
    yield orjson.dumps(_head(reading.statement))[:-1] + b',"entries":['
    texts = iter(reading.entry_texts)
    yield from (first.encode() for first in islice(texts, 1))
    while batch := list(islice(texts, ENTRIES_PER_CHUNK)):
        yield ",".join(chain([""], batch)).encode()
    yield b"]}"


def _head(statement: Statement) -> dict[str, Any]:
    return {
        "account": _account_body.dump(statement.account),
        "from": statement.date_from,
        "to": statement.date_to,
        "currency": statement.account.currency,
        "opening_balance": str(statement.opening_balance),
        "closing_balance": str(statement.closing_balance),
        "total_credits": str(statement.total_credits),
        "total_debits": str(statement.total_debits),
        "credit_entries": statement.credit_entries,
        "debit_entries": statement.debit_entries,
        "bank": _dump_bank(statement.bank),
        "as_of": format_moment(statement.as_of),
        "complete_through": statement.complete_through,
    }


def _dump_bank(bank: Bank | None) -> dict[str, Any] | None:
    if bank is None:
        return None
    return {
        "bic": bank.bic,
        "name": bank.name,
        "place": bank.place,
        "correspondent_account": bank.correspondent_account,
    }
