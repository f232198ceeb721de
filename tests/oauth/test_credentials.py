"""Secrets and what is kept of them."""

from __future__ import annotations

import pytest

from oauth.credentials import digest, make_id, make_token, pepper_secret, seal, unseal


def test_ids_and_tokens_are_random_and_prefixed() -> None:
    """X10"""
    assert len({make_id("cn") for _ in range(1000)} | {make_token("at") for _ in range(1000)}) == 2000
    assert make_id("cn").startswith("cn_")
    assert len(make_token("at")) == 46


def test_a_sealed_answer_opens_with_its_token_and_key_only() -> None:
    sealed = seal("answer", "rt_1", b"k" * 32)
    assert "answer" not in sealed
    assert unseal(sealed, "rt_1", b"k" * 32) == "answer"
    for token, key in (("rt_2", b"k" * 32), ("rt_1", b"x" * 32)):
        with pytest.raises(ValueError):
            unseal(sealed, token, key)


def test_a_secret_is_stored_under_the_pepper() -> None:
    assert pepper_secret("cs_1", b"a") != pepper_secret("cs_1", b"b")
    assert len(digest("x")) == len(pepper_secret("x", b"a")) == 32
