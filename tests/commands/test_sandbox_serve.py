"""`bank-adapter sandbox serve`: what others can reach is open to nobody by accident."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.bank_server import BankOptions


def options(**changed: Any) -> BankOptions:
    told: dict[str, Any] = {"port": 8100, "url": "http://127.0.0.1:8100", "adapter_url": "http://127.0.0.1:8000"}
    return BankOptions(**{"host": "127.0.0.1", **told, **changed})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "bank.example", ""])
@pytest.mark.parametrize("guard", [{"callers_jwks": "keys.json"}, {"client_ca_file": "ca.pem"}], ids=str)
def test_on_an_address_of_others_callers_must_be_known(host: str, guard: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="anybody may call"):
        options(host=host).check()
    options(host=host, **guard).check()


def test_the_unguarded_control_is_for_this_machine_only() -> None:
    with pytest.raises(ValueError, match="unguarded"):
        options(host="10.0.0.5", callers_jwks="keys.json", with_control=True).check()
    options(with_control=True).check()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_this_machine_it_may_be_tried_without_keys(host: str) -> None:
    options(host=host).check()
