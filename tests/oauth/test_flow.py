"""The whole way of a connection, as a partner's program goes it."""

from __future__ import annotations

import pytest

from tests.oauth.actors import ISSUER, Bank, agreement


@pytest.mark.parametrize("kind", ["partner", "secret_partner"])
def test_a_partner_connects_calls_refreshes_and_gives_back(bank: Bank, kind: str) -> None:
    partner = getattr(bank, kind)()
    answer = partner.decide(partner.pushed(), agreement(bank.clock))
    assert answer["state"] == "state-1"
    assert answer["iss"] == ISSUER
    tokens = partner.redeem(answer["code"]).json
    assert tokens["token_type"] == "Bearer"
    assert tokens["scope"] == "payments statements"
    assert partner.call(tokens["access_token"]).json["account_ids"] == ["acc_1", "acc_2"]
    fresh = partner.refresh(tokens["refresh_token"]).json
    assert partner.call(fresh["access_token"]).status_code == 200
    assert partner.send("/oauth/introspect", {"token": fresh["access_token"]}).json["active"] is True
    assert partner.call(fresh["access_token"], "/v1/consent", "DELETE").status_code == 204
    assert partner.call(fresh["access_token"]).status_code == 401
