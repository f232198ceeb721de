"""Cursors of the feed: opaque text for partners, spans inside.

A run over many pages has a fixed end, so every entry comes at most once in it while others change entries.  A cursor
names feeds, not accounts or consents: it stays good when a consent is renewed, and reveals nothing to whom it leaks.

Text: base64url of `1;key.generation.number;…` between runs, `key.generation.base.position.until` inside one.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence

from adapter.domain.errors import BadCursor, CursorExpired
from adapter.domain.feeds import FeedHead, Span

CURSOR_CHARACTERS_MAX = 16_384  # about 250 accounts in the middle of a run
_FORMAT = "1"
_SPAN = re.compile(r"\d{1,18}(?:\.\d{1,18}){2}(?:(?:\.\d{1,18}){2})?")  # 18 digits fit the database's integers


def dump_cursor(spans: Sequence[Span]) -> str:
    """The text that a partner sends back to go on from these spans."""
    parts = [_FORMAT, *(_dump_span(span) for span in spans)]
    return urlsafe_b64encode(";".join(parts).encode()).decode().rstrip("=")


def parse_cursor(text: str) -> tuple[Span, ...]:
    """Read a cursor; raises BadCursor for anything that `dump_cursor` would not have written."""
    if len(text) > CURSOR_CHARACTERS_MAX:
        raise BadCursor("the cursor is too long")
    try:
        version, *parts = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(";")
    except (Base64Error, ValueError) as error:
        raise BadCursor("the cursor is damaged") from error
    if version != _FORMAT or not all(_SPAN.fullmatch(part) for part in parts):
        raise BadCursor("the cursor is damaged")
    spans = tuple(_parse_span(part) for part in parts)
    # Only the one text that we write ourselves is accepted: no second spelling of the same cursor.
    if len({span.key for span in spans}) != len(spans) or dump_cursor(spans) != text:
        raise BadCursor("the cursor is damaged")
    return spans


def continue_run(heads: Sequence[FeedHead], given: Sequence[Span]) -> tuple[Span, ...]:
    """What to read next, one span for each head.

    An unfinished run keeps its end; a finished one is followed by the next, up to where the feeds are now.  A feed
    that the cursor does not name starts from nothing, a named one that is not among the heads drops out.  Raises
    CursorExpired when a feed was rebuilt since.
    """
    known = {span.key: span for span in given}
    found = [_check_span(head, known[head.key]) if head.key in known else _start(head) for head in heads]
    if all(span.is_over for span in found if span.key in known):
        return tuple(_extend(span, head.number) for span, head in zip(found, heads, strict=True))
    return tuple(found)


def finish_at(span: Span) -> Span:
    """The span when its run has come to the end."""
    return Span(key=span.key, generation=span.generation, base=span.until, position=span.until, until=span.until)


def move_to(span: Span, position: int) -> Span:
    """The span further inside its run."""
    if position == span.until:
        return finish_at(span)
    return Span(key=span.key, generation=span.generation, base=span.base, position=position, until=span.until)


def _start(head: FeedHead) -> Span:
    return Span(key=head.key, generation=head.generation, base=0, position=0, until=head.number)


def _extend(span: Span, number: int) -> Span:
    return Span(key=span.key, generation=span.generation, base=span.position, position=span.position, until=number)


def _check_span(head: FeedHead, span: Span) -> Span:
    if span.generation != head.generation or span.until > head.number:
        raise CursorExpired("this feed was rebuilt; read it again from the beginning, without a cursor")
    return span


def _dump_span(span: Span) -> str:
    if span.is_over:
        return f"{span.key}.{span.generation}.{span.position}"
    return f"{span.key}.{span.generation}.{span.base}.{span.position}.{span.until}"


def _parse_span(text: str) -> Span:
    key, generation, base, *rest = map(int, text.split("."))
    position, until = rest or (base, base)
    if not base <= position <= until:
        raise BadCursor("the cursor is damaged")
    return Span(key=key, generation=generation, base=base, position=position, until=until)
