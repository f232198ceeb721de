"""Customers, accounts, balances, entries."""

from __future__ import annotations

import flask
from flask_smorest import Blueprint

from adapter.connectors.gateway.asked import DEADLINE_PARAMETER, PAGE_PARAMETERS, answer, body, core, deadline, page
from adapter.schemas.core_gateway import entries, people
from adapter.schemas.core_gateway.shapes.entries import EntryPageBody
from adapter.schemas.core_gateway.shapes.people import BalancesQuery, CoreAccountsBody, CoreBalancesBody, CustomersBody

blp = Blueprint("core accounts", __name__, url_prefix="/core/v1", description="Customers, accounts and their entries")

BALANCES_BODY = {"required": True, "content": {"application/json": {"schema": BalancesQuery}}}


@blp.get("/users/<user_id>/customers")
@blp.doc(parameters=[DEADLINE_PARAMETER])
@blp.response(200, CustomersBody)
def find_customers(user_id: str) -> flask.Response:
    """Whom a user acts for

    An unknown user acts for nobody: an empty list, not an error.
    """
    return answer(people.dump_customers(core().find_customers(user_id, deadline())))


@blp.get("/customers/<customer_id>/accounts")
@blp.doc(parameters=[DEADLINE_PARAMETER])
@blp.response(200, CoreAccountsBody)
def list_accounts(customer_id: str) -> flask.Response:
    """All accounts of a customer

    Also those that cannot be shared.  An unknown customer has none: an empty list.
    """
    return answer(people.dump_accounts(core().list_accounts(customer_id, deadline())))


@blp.post("/balances/query")
@blp.doc(parameters=[DEADLINE_PARAMETER], requestBody=BALANCES_BODY)
@blp.response(200, CoreBalancesBody)
def read_balances() -> flask.Response:
    """Balances of several accounts

    In the order asked; unknown accounts are left out.
    """
    account_ids = people.load_account_ids(body())
    return answer(people.dump_balances(core().read_balances(account_ids, deadline())))


@blp.get("/accounts/<account_id>/entries")
@blp.doc(parameters=PAGE_PARAMETERS)
@blp.response(200, EntryPageBody)
@blp.alt_response(410, "GONE")
def pull_entries(account_id: str) -> flask.Response:
    """Entries that were booked, changed or removed after a mark

    Oldest change first.  The same mark gives the same answer or a longer one.  410 with the code `mark_unknown` says
    that the core never gave this mark, or gave it before it was restored: the adapter then reads from the beginning.
    """
    after, limit = page()
    return answer(entries.dump_entry_page(core().pull_entries(account_id, after, limit, deadline())))
