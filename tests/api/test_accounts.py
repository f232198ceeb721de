"""Accounts and balances over HTTP."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from adapter.domain.core import Deadline
from adapter.domain.moscow import moscow_day
from adapter.schemas.accounts import AccountBody, AccountsBody, BalancesBody
from tests.api.conftest import Books
from tests.fakes import Fault, entry_details


def without_request_id(body: bytes) -> bytes:
    return re.sub(rb'"request_id":"[^"]*"', b"", body)


def test_only_accounts_of_the_consent_are_listed(books: Books) -> None:
    answer = books.get("/v1/accounts")
    assert answer.status_code == 200
    assert AccountsBody().validate(answer.json) == {}
    assert [one["id"] for one in answer.json["accounts"]] == [books.account_id]
    both = books.get("/v1/accounts", token=books.give(books.account_id, books.other_account_id))
    assert [one["id"] for one in both.json["accounts"]] == [books.account_id, books.other_account_id]


def test_an_account_is_told_whole(books: Books) -> None:
    answer = books.account()
    assert AccountBody().validate(answer.json) == {}
    assert answer.json == {
        "id": books.account_id,
        "number": "40702810400000000017",
        "bic": "044525987",
        "currency": "RUB",
        "name": "Расчётный счёт",
        "owner": {"name": 'ООО "Альфа"', "inn": "7707083893", "kpp": "770701001"},
        "status": "open",
    }


def test_balances_say_of_when_they_are(books: Books) -> None:
    answer = books.account("/balances")
    assert BalancesBody().validate(answer.json) == {}
    assert answer.json["booked"] == "100000.00"
    assert answer.json["as_of"] == books.clock.now().isoformat()
    assert answer.headers["X-As-Of"] == "2026-11-20T09:00:00+00:00"


def test_balances_that_the_core_never_told_are_unavailable_not_zero(books: Books) -> None:
    books.core.faults.always("*", Fault.DOWN)
    answer = books.account("/balances")
    assert (answer.status_code, answer.json["code"]) == (503, "core_unavailable")
    books.core.faults.clear()
    books.clock.advance(seconds=11)
    assert books.account("/balances").status_code == 200


@pytest.mark.parametrize("path", ["", "/balances", "/changes", "/statement?from=2026-11-01&to=2026-11-20"])
def test_a_foreign_account_is_as_unknown_as_one_that_never_was(books: Books, path: str) -> None:
    foreign = books.get(f"/v1/accounts/{books.other_account_id}{path}")
    unknown = books.get(f"/v1/accounts/acc_000000000000000000000000{path}")
    assert foreign.status_code == unknown.status_code == 404
    assert without_request_id(foreign.data) == without_request_id(unknown.data)
    assert books.account(path).status_code == 200


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/accounts/{id}", "/v1/accounts/{id}/balances"])
def test_an_unknown_parameter_is_refused(books: Books, path: str) -> None:
    path = path.format(id=books.account_id)
    answer = books.get(f"{path}?x=1")
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_query")
    assert answer.json["errors"][0]["pointer"] == "#query/x"
    assert books.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/changes"])
def test_a_token_for_payments_alone_reads_nothing(books: Books, path: str) -> None:
    token = books.give(books.account_id, scope="payments")
    assert books.get(path, token=token).status_code == 403
    assert books.get(path).status_code == 200


def test_an_account_that_the_core_gives_to_another_company_is_lost_to_the_old_consent(books: Books) -> None:
    books.core.bank.book("acc-1", entry_details("10.00"))
    books.refresh()
    both = books.give(books.account_id, books.other_account_id)
    cursor = books.get("/v1/changes", token=both).get_json()["next_cursor"]
    _give_to_beta(books)
    (offer,) = books.parts.directory.accounts("cus-2")  # their director looks at the page of a consent
    assert offer.account.id != books.account_id
    books.core.bank.book("acc-1", entry_details("777.00", purpose="Секрет Беты"))
    for path in ("", "/changes", "/balances", "/statement?from=2026-11-01&to=2026-11-21"):
        assert books.get(f"/v1/accounts/{books.account_id}{path}", token=both).status_code == 404, path
    assert [one["id"] for one in books.get("/v1/accounts", token=both).get_json()["accounts"]] == [
        books.other_account_id
    ]
    told = books.get(f"/v1/changes?cursor={cursor}", token=both)
    assert told.status_code == 200
    assert "Секрет Беты" not in told.text
    assert books.account().status_code == 401, "a consent of no account is over"


def test_the_pace_of_asking_bounds_how_long_a_moved_account_is_read(books: Books) -> None:
    books.refresh()
    _give_to_beta(books)
    books.core.bank.book("acc-1", entry_details("777.00", purpose="Секрет Беты"))
    assert books.parts.directory.renew_old(books.parts.shared_accounts(), Deadline.after(5)) == 0
    books.clock.advance(seconds=books.parts.settings.account_renew_s + 1)
    assert "Секрет Беты" not in books.changes().text, "a reader who would read the core asks whose account it is"
    assert books.account().get_json()["status"] == "closed", "the list of the former customer names nobody else"
    assert not books.parts.services.feeds.refresh(books.account_id, Deadline.after(5))


def test_the_new_customer_is_not_told_what_was_booked_before_the_account_was_his(books: Books) -> None:
    books.core.bank.book("acc-1", entry_details("10.00", purpose="Секрет Альфы"))
    _give_to_beta(books)
    (offer,) = books.parts.directory.accounts("cus-2")
    books.clock.advance(days=1)
    books.core.bank.book("acc-1", entry_details("777.00", purpose="Своё", day=moscow_day(books.clock.now())))
    token = books.give(offer.account.id, customer_id="cus-2")
    told = books.get(f"/v1/accounts/{offer.account.id}/changes", token=token)
    assert [one["purpose"] for one in told.get_json()["added"]] == ["Своё"]


def _give_to_beta(books: Books) -> None:
    """The core says that acc-1 is another company's."""
    ledger = books.core.bank._ledgers["acc-1"]
    books.core.bank.add_customer("cus-2", user_id="user-2", name="ООО Бета")
    ledger.account = replace(ledger.account, customer_id="cus-2")
