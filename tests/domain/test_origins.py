"""Origins: what we write beside a draft comes back, and nothing else is taken for it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.core import ORIGIN_BYTES_MAX
from adapter.domain.imports import EXTERNAL_ID_MAX
from adapter.domain.origins import Origin, dump_origin, parse_origin

IDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
ORIGINS = st.builds(
    Origin,
    partner_id=IDS,
    consent_id=IDS,
    account_id=IDS,
    external_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=EXTERNAL_ID_MAX),
    order_sha256=st.binary(min_size=32, max_size=32),
    created_at=st.datetimes(timezones=st.just(dt.UTC)),
)
ORIGIN = Origin(
    partner_id="pa_1",
    consent_id="cn_1",
    account_id="acc_1",
    external_id="inv-1",
    order_sha256=bytes(32),
    created_at=dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC),
)


@given(ORIGINS)
def test_an_origin_comes_back_as_it_was_written_and_is_small(origin: Origin) -> None:
    text = dump_origin(origin)
    assert parse_origin(text) == origin
    assert len(text.encode()) <= ORIGIN_BYTES_MAX


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ('{"v":1', '{"v":2'),
        ('"p":"pa_1",', ""),
        ('"x":"inv-1"', '"x":""'),
        ('"x":"inv-1"', '"x":7'),
        ("+00:00", ""),
        ('"h":"', '"h":"*'),
        ("{", "["),
    ],
)
def test_another_text_is_not_ours(ours: str, theirs: str) -> None:
    text = dump_origin(ORIGIN)
    assert ours in text
    assert parse_origin(text.replace(ours, theirs, 1)) is None
    assert parse_origin(text) == ORIGIN


def test_no_text_is_not_ours() -> None:
    for text in ("", "null", "7", "[]", "договор 7"):
        assert parse_origin(text) is None
