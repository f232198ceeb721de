"""Errors of the core (RFC 9457): what they say of the documents that were sent, and to the bank's staff."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from adapter.connectors.http.connection import Answer
from adapter.domain.core import Refused, Result, Unknown
from adapter.schemas.core_gateway.documents import load_refusals
from adapter.schemas.core_gateway.members import Members, WrongShape

STATUS_REFUSED = 422
ABOUT_THE_CALL = frozenset({400, 409, 413, 415, 422})  # of what was sent, not of the way to the core
OF_THE_WAY = frozenset({408, 425, 429})  # ask later: the core, or what stands before it, has too much to do
TOLD_MAX = 300  # characters of an error that staff read


def read_code(answer: Answer) -> str | None:
    """The `code` of a problem, if the answer is one."""
    return _text(answer, "code", 100)


def promises_nothing_done(answer: Answer) -> bool:
    return answer.status == 503 and "retry-after" in answer.headers and read_code(answer) == "unavailable"


def is_refusal(answer: Answer) -> bool:
    """Whether asking again would bring the same answer."""
    return 400 <= answer.status < 500 and answer.status not in OF_THE_WAY


def tell_problem(answer: Answer) -> str:
    """The error in the core's own words, for the bank's staff: a problem holds no data of customers."""
    words = [_text(answer, "code", 100), _text(answer, "detail", TOLD_MAX) or _text(answer, "title", TOLD_MAX)]
    return f"the core answered {answer.status} {': '.join(word for word in words if word)}".strip()[:TOLD_MAX]


def read_results(answer: Answer, document_ids: Sequence[str]) -> Sequence[Result]:
    """What an answer that is not 200 says of each document: refused where it is named so, else not known."""
    refused = _read_refusals(answer, document_ids)
    is_answer, detail = answer.status in ABOUT_THE_CALL, tell_problem(answer)
    return [refused.get(one) or Unknown(document_id=one, detail=detail, is_answer=is_answer) for one in document_ids]


def _read_refusals(answer: Answer, document_ids: Sequence[str]) -> dict[str, Refused]:
    if answer.status != STATUS_REFUSED:
        return {}
    try:
        return load_refusals(Members.of(orjson.loads(answer.body)), document_ids)
    except (orjson.JSONDecodeError, WrongShape):
        return {}


def _text(answer: Answer, name: str, most: int) -> str | None:
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    text = found.get(name) if isinstance(found, dict) else None
    return " ".join(text.replace("\0", "").split())[:most] if isinstance(text, str) else None
