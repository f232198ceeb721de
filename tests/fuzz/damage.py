"""Damaged files: a good one, and a few things done to it that transmissions, editors and attackers do."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

DAMAGES_MAX = 6
SIZE_MAX = 400_000
# What readers of any format may stumble over.
WORDS = (
    *(b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1a", b"\r", b"\n", b"\r\n", b"=", b":", b"-", b"'", b";"),
    *(b"0", b"-1", b"1e9999999", b"NaN", b"Infinity", b"1,5", b"99999999999999999999999999", b"0.001", b"+5"),
    *("٣٢".encode(), "²".encode(), "₽".encode(), "й".encode(), b"\xd0", b"\xed\xa0\x80", "\ufffd".encode()),
    *(b"31.02.2026", b"2026-02-30", b"0001-01-01", b"9999-12-31T23:59:59+14:00", b"00000000"),
    *(b"<", b">", b"&", b"&amp;", b"&x;", b"]]>", b"<!DOCTYPE a>", b"<a>", b"</Ntry>", b"<!--", b"<?a?>"),
)


@st.composite
def damaged(draw: st.DrawFn, good: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """One of the good files with one to six damages; `words` are those of the format."""
    data = draw(st.sampled_from(good))
    for _ in range(draw(st.integers(1, DAMAGES_MAX))):
        data = _damage(draw, data, good, (*WORDS, *words))[:SIZE_MAX]
    return data


def _damage(draw: st.DrawFn, data: bytes, good: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    place = draw(st.integers(0, len(data)))
    end = min(len(data), place + draw(st.sampled_from((1, 2, 8, 40, 400))))
    what = draw(st.sampled_from(("cut", "word", "replace", "repeat", "byte", "stop", "splice", "line")))
    if what == "cut":
        return data[:place] + data[end:]
    if what == "word":
        return data[:place] + draw(st.sampled_from(words)) + data[place:]
    if what == "replace":
        return data[:place] + draw(st.sampled_from(words)) + data[end:]
    if what == "repeat":
        return data[:place] + data[place:end] * draw(st.sampled_from((2, 2, 2, 3, 3, 30, 30, 3000))) + data[end:]
    if what == "byte":
        return data[:place] + draw(st.binary(min_size=1, max_size=4)) + data[place + 1 :]
    if what == "stop":
        return data[:place]
    if what == "splice":
        other = draw(st.sampled_from(good))
        return data[:place] + other[draw(st.integers(0, len(other))) :]
    return _move_line(data, place, draw(st.booleans()))


def _move_line(data: bytes, place: int, twice: bool) -> bytes:
    """A line taken out, or told twice."""
    start = data.rfind(b"\n", 0, place) + 1
    end = data.find(b"\n", place) + 1 or len(data)
    return data[:end] + data[start:] if twice else data[:start] + data[end:]
