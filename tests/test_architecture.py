"""The rules that hold the code together: who may import whom, and documents that must not drift."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from adapter import settings
from adapter.settings import Settings, variable

ROOT = Path(__file__).parent.parent
SOURCES = [path for package in ("adapter", "oauth") for path in sorted((ROOT / package).rglob("*.py"))]


def test_imports_point_down_the_layers() -> None:
    # As a program: inside this process it would switch off every logger that exists.
    command = [Path(sys.executable).parent / "lint-imports", "--config", ROOT / "setup.cfg", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_env_example_names_every_setting_with_its_default() -> None:
    lines = (ROOT / "deploy/env.example").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert told == {variable(field.name): str(field.default) for field in fields(Settings)}


def test_only_settings_reads_the_environment() -> None:
    readers = [
        path.relative_to(ROOT).as_posix() for path in SOURCES if re.search(r"os\.(environ\b|getenv)", path.read_text())
    ]
    # The supervisor hands its environment on to what it starts, the demo starts a bank with a clean one; gunicorn and
    # Prometheus have variables of their own; oauth refuses to start when Authlib's process-wide switch is set.
    allowed = {"adapter/supervisor.py", "adapter/serving.py", "adapter/api/health.py", "oauth/settings.py"}
    assert set(readers) <= allowed | {"adapter/settings.py", "adapter/demo/processes.py"}


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc"])
def test_no_module_is_a_drawer_for_odds_and_ends(name: str) -> None:
    assert not [path for path in SOURCES if path.stem == name or path.parent.name == name]


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_bad_settings_are_told_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_ADAPTER_WEB_WORKERS", "many")
    monkeypatch.setenv("BANK_ADAPTER_FEED_REFRESH_S", "soon")
    with pytest.raises(settings.BadSettings) as caught:
        settings.read_settings()
    assert "WEB_WORKERS" in str(caught.value)
    assert "FEED_REFRESH_S" in str(caught.value)


def test_a_setting_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x" * 40 + "\n")
    monkeypatch.setenv("BANK_ADAPTER_SECRET_KEY_FILE", str(tmp_path / "secret"))
    assert settings.read_settings().secret_key == "x" * 40


def test_serving_needs_a_real_secret_and_a_clean_issuer() -> None:
    with pytest.raises(settings.BadSettings) as caught:
        settings.check_for_serving(Settings(issuer="http://bank.example/", core="http"))
    assert "SECRET_KEY" in str(caught.value)
    assert "https" in str(caught.value)
    assert "CORE_LOGIN" in str(caught.value)
    assert "slash" in str(caught.value)


SAFE = Settings(
    issuer="https://api.bank.example",
    secret_key="x" * 40,
    core="http",
    core_url="https://core.bank.example",
    core_token_key_file="/etc/key.jwk",
    core_issuer="core",
    core_jwks_url="https://core.bank.example/jwks.json",
    core_login="handover",
    core_handover_url="https://online.bank.example/services",
    login_acr_strong="sms",
)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"core_url": ""}, "CORE_URL"),
        ({"core_url": "http://core.bank.example"}, "CORE_URL"),
        ({"core_token_key_file": ""}, "CORE_TOKEN_KEY_FILE"),
        ({"core_jwks_url": "http://core.bank.example/jwks.json"}, "CORE_JWKS_URL"),
        ({"core_jwks_url": "file:///etc/jwks.json"}, "CORE_JWKS_URL"),
        ({"core_jwks_url": ""}, "CORE_ISSUER"),
        ({"core_login": ""}, "CORE_LOGIN"),
        ({"login_acr_strong": ""}, "LOGIN_ACR_STRONG"),
        ({"core": "sandbox"}, "SANDBOX_IS_PUBLIC"),
        ({"core": "files"}, "CORE_FILES_DIR"),
        ({"core": "sql"}, "CORE_SQL_URL"),
        ({"core_change_timeout_s": 60.0}, "OUTBOX_LEASE_S"),
    ],
)
def test_settings_that_are_unsafe_or_cannot_work_are_refused(change: dict[str, Any], told: str) -> None:
    settings.check_for_serving(SAFE)
    with pytest.raises(settings.BadSettings, match=told):
        settings.check_for_serving(replace(SAFE, **change))


@pytest.mark.parametrize(
    "change",
    [
        {"login_acr_strong": "any"},
        {"core": "sandbox", "sandbox_is_public": True},
        {"core_url": "http://core.bank.example", "core_token_key_file": "", "core_is_plain": True},
        {"core_url": "http://127.0.0.1:9000", "core_token_key_file": ""},
        {"core_token_key_file": "", "core_certificate_file": "/etc/us.pem"},
    ],
)
def test_what_the_bank_says_itself_is_not_refused(change: dict[str, Any]) -> None:
    settings.check_for_serving(replace(SAFE, **change))
