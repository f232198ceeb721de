"""The feed: what changed since a cursor, for one account or for all of the consent.

This is what partners call all day, nearly always to hear that nothing is new: that answer reads one row after the token
and makes no objects worth mentioning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import flask
import orjson
from flask_smorest import Blueprint

from adapter.api import options, services
from adapter.api.operations import operation
from adapter.api.queries import parameter, parse_number, read_query
from adapter.api.viewing import AS_OF_DOC, AS_OF_HEADER, check_account, oldest_as_of, viewer_of
from adapter.api.waiting import Numbers, open_room, waiting_room
from adapter.domain.cursors import dump_cursor, parse_cursor
from adapter.domain.errors import BadCursor
from adapter.domain.feeds import Changes, FeedHead, Span
from adapter.schemas.statements import ChangesBody
from oauth import Scope, current_access, recheck_access, require

blp = Blueprint("changes", __name__, url_prefix="/v1", description="What changed since a cursor")
blp.record(open_room)

DEFAULT_LIMIT = 100
FULL_RETRY_AFTER_S = 5  # a client that is answered at once must not ask again at once

PARAMETERS = [
    parameter("cursor", "`next_cursor` of the page before; without it everything is read", {"type": "string"}),
    parameter("limit", "entries in a page", {"type": "integer", "minimum": 1, "default": DEFAULT_LIMIT}),
    parameter("wait", "hold the answer up to so many seconds until something is new", {"type": "integer"}),
    {"in": "header", "name": "If-None-Match", "schema": {"type": "string"}, "description": "`ETag` of the last answer"},
]
ETAG_DOC = {"ETag": {"description": "where the feed stands", "schema": {"type": "string"}}}
UNCHANGED = {"304": {"description": "nothing is new since the cursor and the ETag", "headers": ETAG_DOC | AS_OF_DOC}}


@dataclass(frozen=True, slots=True)
class _Query:
    cursor: str | None
    spans: Sequence[Span]
    limit: int
    wait_s: int


@dataclass(frozen=True, slots=True)
class _Answer:
    response: flask.Response
    is_news: bool
    numbers: Numbers


@blp.get("/accounts/<account_id>/changes")
@blp.doc(**operation(Scope.STATEMENTS, errors=(404, 410), parameters=PARAMETERS, responses=UNCHANGED))
@blp.response(200, ChangesBody, headers=ETAG_DOC | AS_OF_DOC)
@require(Scope.STATEMENTS)
def list_account_changes(account_id: str) -> flask.Response:
    """Read what changed on an account

    Entries added, changed and removed since the cursor, each at most once until `has_more` is false.  With the last
    answer's `ETag` in `If-None-Match`, nothing new is answered with 304.
    """
    return _answer_in_time(account_id)


@blp.get("/changes")
@blp.doc(**operation(Scope.STATEMENTS, errors=(410,), parameters=PARAMETERS, responses=UNCHANGED))
@blp.response(200, ChangesBody, headers=ETAG_DOC | AS_OF_DOC)
@require(Scope.STATEMENTS)
def list_changes() -> flask.Response:
    """Read what changed on all accounts of the consent

    As for one account, in one call.  An account that the customer adds to the consent starts from nothing; one that
    the customer takes out falls silent.
    """
    return _answer_in_time(None)


def _answer_in_time(account_id: str | None) -> flask.Response:
    query = _read_query()
    answer = _answer(query, account_id)
    if answer.is_news or not query.wait_s:
        return answer.response
    if not waiting_room().wait(answer.numbers, query.wait_s):
        answer.response.headers["Retry-After"] = str(FULL_RETRY_AFTER_S)
        return answer.response
    # The customer may have stopped the service or taken out the account meanwhile.
    refusal = recheck_access()
    return _answer(query, account_id).response if refusal is None else refusal


def _answer(query: _Query, account_id: str | None) -> _Answer:
    access = current_access()
    if account_id is not None:
        check_account(access, account_id)
    feeds = services().feeds
    heads = feeds.list_heads(access.account_ids if account_id is None else (account_id,))
    if account_id is not None and any(span.key != heads[0].key for span in query.spans):
        raise BadCursor("this cursor is of another account")
    page = feeds.read_changes(heads, query.spans, viewer_of(access), query.limit)
    numbers = {head.account_id: head.number for head in heads}
    return _Answer(_respond(heads, page, query), page.has_more or not page.is_empty, numbers)


def _read_query() -> _Query:
    found = read_query(("cursor", "limit", "wait"))
    cursor = found.get("cursor")
    limits = options()
    return _Query(
        cursor,
        parse_cursor(cursor) if cursor else (),
        parse_number(found, "limit", DEFAULT_LIMIT, 1, limits.page_limit_max),
        parse_number(found, "wait", 0, 0, int(limits.feed_wait_max_s)),
    )


def _respond(heads: Sequence[FeedHead], page: Changes, query: _Query) -> flask.Response:
    etag = _etag(heads)
    cursor = dump_cursor(page.spans)
    as_of = oldest_as_of(heads)
    headers = {"ETag": etag, "Cache-Control": "no-store"} | ({AS_OF_HEADER: as_of} if as_of is not None else {})
    if cursor == query.cursor and _is_known(etag):
        return flask.Response(status=304, headers=headers)
    body = _render(heads, page, cursor, as_of)
    return flask.Response(body, headers=headers, content_type="application/json")


def _render(heads: Sequence[FeedHead], page: Changes, cursor: str, as_of: str | None) -> str:
    days = [head.complete_through for head in heads if head.complete_through is not None]
    complete = min(days) if days and len(days) == len(heads) else None
    tail = {"next_cursor": cursor, "has_more": page.has_more, "as_of": as_of, "complete_through": complete}
    return (
        f'{{"added":[{",".join(page.added)}],"changed":[{",".join(page.changed)}],'
        f'"removed":[{",".join(page.removed)}],{orjson.dumps(tail).decode()[1:]}'
    )


def _etag(heads: Sequence[FeedHead]) -> str:
    """Strong: another number, generation or complete day of any feed, or another set of feeds, is another text."""
    if len(heads) == 1:
        head = heads[0]
        return f'"{head.generation}-{head.number}-{head.complete_through or 0}"'
    state = ";".join(f"{head.key}.{head.generation}.{head.number}.{head.complete_through}" for head in heads)
    return f'"{blake2b(state.encode(), digest_size=12).hexdigest()}"'


def _is_known(etag: str) -> bool:
    given = flask.request.headers.get("If-None-Match")
    return given is not None and (given == etag or flask.request.if_none_match.contains_weak(etag.strip('"')))
