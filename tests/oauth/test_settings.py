"""Settings outside their bounds stop the start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oauth import OAuthSettings
from oauth.errors import InvalidSettings
from tests.oauth.conftest import SETTINGS


@pytest.mark.parametrize(
    "issuer", ["https://bank.example", "https://bank.example/oauth", "http://127.0.0.1:8000", "http://[::1]:8000"]
)
def test_a_clean_issuer_is_taken(issuer: str) -> None:
    replace(SETTINGS, issuer=issuer).check()


@pytest.mark.parametrize(
    "issuer",
    [
        "https://bank.example/",
        "https://bank.example?a=b",
        "https://bank.example#f",
        "https://user@bank.example",
        "http://bank.example",
        "http://10.0.0.1",
        "http://localhost:8000",
        "ftp://bank.example",
        "bank.example",
        "",
    ],
)
def test_another_issuer_is_not(issuer: str) -> None:
    with pytest.raises(InvalidSettings):
        replace(SETTINGS, issuer=issuer).check()


@pytest.mark.parametrize(
    "change",
    [
        {"code_lifetime_s": 90},
        {"code_lifetime_s": 0},
        {"request_lifetime_s": 600},
        {"access_lifetime_s": 7200},
        {"clock_skew_s": 61},
        {"secret_key": "k" * 31},
        {"consent_days": 200, "consent_days_max": 100},
        {"refresh_grace_s": 3600},
    ],
)
def test_bounds_are_checked(change: dict[str, int | str]) -> None:
    SETTINGS.check()
    with pytest.raises(InvalidSettings):
        replace(SETTINGS, **change).check()


def test_authlibs_switch_for_the_whole_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with pytest.raises(InvalidSettings):
        SETTINGS.check()


def test_the_defaults_hold() -> None:
    OAuthSettings(issuer="https://bank.example", secret_key="s" * 32, bank_name="b").check()


def test_each_purpose_has_a_key_of_its_own() -> None:
    other = replace(SETTINGS, secret_key="x" * 32)
    assert len({SETTINGS.pepper, SETTINGS.answer_key, other.pepper, other.answer_key}) == 4
    assert "kkkk" not in repr(SETTINGS)
