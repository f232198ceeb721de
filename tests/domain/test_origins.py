"""Origins: what we write beside a draft comes back, and nothing else is taken for it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.core import CoreDocument
from adapter.domain.imports import EXTERNAL_ID_MAX, ImportMode, ImportShape
from adapter.domain.limits import ORIGIN_BYTES_MAX
from adapter.domain.origins import BatchPlace, Origin, OriginSeal
from tests.fakes import payment_order

IDS = st.from_regex(r"[a-zA-Z0-9_-]{1,40}", fullmatch=True)
BATCHES = st.builds(
    BatchPlace,
    import_id=IDS,
    place=st.integers(0, 99_999),
    shape=st.sampled_from(ImportShape),
    mode=st.sampled_from(ImportMode),
    body_sha256=st.binary(min_size=32, max_size=32),
)
ORIGINS = st.builds(
    Origin,
    partner_id=IDS,
    consent_id=IDS,
    account_id=IDS,
    external_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=EXTERNAL_ID_MAX),
    order_sha256=st.binary(min_size=32, max_size=32),
    created_at=st.datetimes(timezones=st.just(dt.UTC)),
    batch=st.none() | BATCHES,
)
ORIGIN = Origin(
    partner_id="pa_1",
    consent_id="cn_1",
    account_id="acc_1",
    external_id="inv-1",
    order_sha256=bytes(32),
    created_at=dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC),
)


SEAL = OriginSeal("s" * 32)
BOUND_TO = {"id": "pay_1", "customer_id": "cus-1", "core_account_id": "acc-1"}


def written(text: str, **changed: str) -> CoreDocument:
    """A document as the core tells it, with a text beside it."""
    return CoreDocument(**BOUND_TO | changed, order=payment_order(), partner_name="Учёт", origin=text)


def test_the_longest_origin_fits() -> None:
    batch = BatchPlace(
        import_id="i" * 40, place=99_999, shape=ImportShape.JSON, mode=ImportMode.VALID_ONLY, body_sha256=bytes(32)
    )
    longest = Origin(
        partner_id="p" * 40,
        consent_id="c" * 40,
        account_id="a" * 40,
        external_id='"' * EXTERNAL_ID_MAX,
        order_sha256=bytes(32),
        created_at=dt.datetime(9999, 12, 31, tzinfo=dt.UTC),
        batch=batch,
    )
    assert len(dump(longest).encode()) <= ORIGIN_BYTES_MAX
    assert SEAL.parse(written(dump(longest))) == longest


def dump(origin: Origin, seal: OriginSeal = SEAL) -> str:
    return seal.dump(origin, *BOUND_TO.values())


@given(ORIGINS)
def test_an_origin_comes_back_as_it_was_written_and_is_small(origin: Origin) -> None:
    text = dump(origin)
    assert SEAL.parse(written(text)) == origin
    assert len(text.encode()) <= ORIGIN_BYTES_MAX


@pytest.mark.parametrize("changed", [{"id": "pay_2"}, {"customer_id": "cus-2"}, {"core_account_id": "acc-2"}])
def test_an_origin_beside_another_document_customer_or_account_is_not_ours(changed: dict[str, str]) -> None:
    text = dump(ORIGIN)
    assert SEAL.parse(written(text, **changed)) is None
    assert SEAL.parse(written(text)) == ORIGIN


def test_an_origin_sealed_with_another_secret_or_with_none_is_not_ours() -> None:
    assert SEAL.parse(written(dump(ORIGIN, OriginSeal("t" * 32)))) is None
    unsealed = {name: value for name, value in json.loads(dump(ORIGIN)).items() if name != "m"}
    assert SEAL.parse(written(json.dumps(unsealed))) is None
    assert SEAL.parse(written(json.dumps({**unsealed, "m": ""}))) is None
    assert SEAL.parse(written(dump(ORIGIN))) == ORIGIN


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ('{"v":2', '{"v":3'),
        ('"p":"pa_1"', '"p":"pa_2"'),
        ('"c":"cn_1"', '"c":"cn_2"'),
        ('"a":"acc_1"', '"a":"acc_2"'),
        ('"x":"inv-1"', '"x":"inv-2"'),
        ('"x":"inv-1"', '"x":7'),
        ('"h":"A', '"h":"B'),
        ('"t":1', '"t":2'),
        ('"m":"', '"m":"*'),
        ("{", "["),
    ],
)
def test_a_text_with_one_change_is_not_ours(ours: str, theirs: str) -> None:
    text = dump(ORIGIN)
    assert ours in text
    assert SEAL.parse(written(text.replace(ours, theirs, 1))) is None
    assert SEAL.parse(written(text)) == ORIGIN


def test_no_text_is_not_ours() -> None:
    for text in ("", "null", "7", "[]", '{"m":7}', "договор 7"):
        assert SEAL.parse(written(text)) is None
