"""Accounts of the consent and their balances."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from adapter.api import services
from adapter.api.operations import operation
from adapter.api.queries import read_query
from adapter.api.viewing import AS_OF_DOC, AS_OF_HEADER, check_account, format_moment
from adapter.domain.accounts import Account, Balance
from adapter.domain.errors import CoreUnavailable
from adapter.schemas.accounts import AccountBody, AccountsBody, BalancesBody
from oauth import Scope, current_access, require

blp = Blueprint("accounts", __name__, url_prefix="/v1", description="Accounts of the consent")


@blp.get("/accounts")
@blp.doc(**operation(Scope.STATEMENTS))
@blp.response(200, AccountsBody)
@require(Scope.STATEMENTS)
def list_accounts() -> dict[str, Any]:
    """List the accounts of the consent

    In the order of their numbers; there are few, so there are no pages.
    """
    read_query(())
    return {"accounts": services().accounts.list_accounts(current_access().account_ids)}


@blp.get("/accounts/<account_id>")
@blp.doc(**operation(Scope.STATEMENTS, errors=(404,)))
@blp.response(200, AccountBody)
@require(Scope.STATEMENTS)
def read_account(account_id: str) -> Account:
    """Read an account"""
    read_query(())
    check_account(current_access(), account_id)
    return services().accounts.read_account(account_id)


@blp.get("/accounts/<account_id>/balances")
@blp.doc(**operation(Scope.STATEMENTS, errors=(404, 503)))
@blp.response(200, BalancesBody, headers=AS_OF_DOC)
@require(Scope.STATEMENTS)
def read_balances(account_id: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Read the balances of an account

    As the core last said; the account is read from the core first when that was long ago.
    """
    read_query(())
    check_account(current_access(), account_id)
    services().feeds.list_heads([account_id])
    balance = services().accounts.read_balance(account_id)
    if balance is None:
        raise CoreUnavailable("the bank has not yet told this account's balance")
    return _dump_balance(balance), 200, {AS_OF_HEADER: format_moment(balance.as_of)}


def _dump_balance(balance: Balance) -> dict[str, Any]:
    return {
        "account_id": balance.account_id,
        "currency": balance.booked.currency,
        "booked": balance.booked,
        "available": balance.available,
        "as_of": balance.as_of,
    }
