"""What `bank-adapter run` says at its start fits the core that it runs with."""

from __future__ import annotations

import pytest

from adapter.settings import Settings
from adapter.tryout import render_welcome

STAFF = [{"login": "anna", "password": "p", "totp_secret": "t", "role": "approver"}]
CUSTOMER = {"login": "ivanova", "name": "Иванова Анна", "company": "ООО «Вега»"}
BANK = "https://core.bank.example"


def test_the_sandbox_names_its_pages_and_its_people() -> None:
    said = render_welcome(Settings(), {"staff": STAFF, "customers": [CUSTOMER]}, None)
    assert "/sandbox " in said
    assert "ivanova" in said


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            Settings(core="http", core_url=BANK, core_login="handover", core_handover_url=f"{BANK}/enter"),
            [f"http {BANK}", f"входят в банке: {BANK}/enter"],
        ),
        (Settings(core="http", core_url=BANK, core_login="oidc", oidc_issuer="https://id.example"), ["id.example"]),
        (Settings(core="files", core_files_dir="/exchange"), ["files /exchange", "войти негде", "CORE_LOGIN"]),
        (Settings(core="sql", core_sql_url="postgresql://u:secret@h/b"), ["ДБО банка: sql\n"]),
    ],
)
def test_a_core_elsewhere_has_no_sandbox_page_and_no_list_of_people(settings: Settings, told: list[str]) -> None:
    said = render_welcome(settings, {"staff": STAFF, "customers": []}, None)
    assert "/sandbox " not in said
    assert "Клиенты (" not in said
    assert "secret@" not in said
    assert [one for one in told if one not in said] == []
    assert "anna" in said
