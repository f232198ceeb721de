"""Cursors of the feed: opaque text for partners, spans inside.

A run over many pages has a fixed end, so every entry comes at most once in it while others change entries.  A cursor
names feeds, not accounts or consents: it stays good when a consent is renewed, and reveals nothing to whom it leaks.

Text: base64url of a byte for the format and, for each feed, whole numbers in seven bits a byte: its key, twice its
generation, and its number between runs; inside one, twice the generation plus one, base, and how far from there to
position and from there to the end.  So two hundred feeds fit into the first line of a request.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from adapter.domain.errors import BadCursor, CursorExpired
from adapter.domain.feeds import FeedHead, Span

CURSOR_CHARACTERS_MAX = 8_000  # servers take 8,190 for the whole first line
_FORMAT = b"\x02"
_NUMBER_MAX = 10**18 - 1  # fits the database's integers


def dump_cursor(spans: Sequence[Span]) -> str:
    """The text that a partner sends back to go on from these spans."""
    data = _FORMAT + b"".join(_dump_number(number) for span in spans for number in _list_numbers(span))
    return urlsafe_b64encode(data).decode().rstrip("=")


def parse_cursor(text: str) -> tuple[Span, ...]:
    """Read a cursor; raises BadCursor for anything that `dump_cursor` would not have written."""
    if len(text) > CURSOR_CHARACTERS_MAX:
        raise BadCursor("the cursor is too long")
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        spans = tuple(_parse_spans(_parse_numbers(data[1:])))
    except (Base64Error, ValueError) as error:
        raise BadCursor("the cursor is damaged") from error
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
    _check_generations(heads, known)
    found = [known.get(head.key) or _start(head) for head in heads]
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


def _check_generations(heads: Sequence[FeedHead], known: Mapping[int, Span]) -> None:
    """Raises CursorExpired.

    A feed that was rebuilt kept its numbers, and what differs now has higher ones: the same places in its present
    generation go on without a gap.  Numbers that were lost with a part of our database are no place to go on from.
    """
    named = [(head, known[head.key]) for head in heads if head.key in known]
    if all(span.generation == head.generation and span.until <= head.number for head, span in named):
        return
    if any(span.generation < head.numbers_since or span.until > head.number for head, span in named):
        raise CursorExpired(None)
    raise CursorExpired(dump_cursor([replace(span, generation=head.generation) for head, span in named]))


def _list_numbers(span: Span) -> tuple[int, ...]:
    if span.is_over:
        return span.key, 2 * span.generation, span.position
    return span.key, 2 * span.generation + 1, span.base, span.position - span.base, span.until - span.position


def _parse_spans(numbers: Iterator[int]) -> Iterator[Span]:
    for key in numbers:
        generation, is_inside = divmod(_take(numbers), 2)
        base = _take(numbers)
        position = base + _take(numbers) if is_inside else base
        until = position + _take(numbers) if is_inside else base
        if max(key, generation, until) > _NUMBER_MAX:
            raise ValueError("a number is too large")
        yield Span(key=key, generation=generation, base=base, position=position, until=until)


def _take(numbers: Iterator[int]) -> int:
    for number in numbers:
        return number
    raise ValueError("a span is cut off")


def _dump_number(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the high bit says that more follow."""
    data = bytearray()
    while number > 0x7F:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def _parse_numbers(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            yield number
            number = shift = 0
        elif shift < 56:
            shift += 7
        else:
            raise ValueError("a number is too long")
    if shift:
        raise ValueError("a number is cut off")
