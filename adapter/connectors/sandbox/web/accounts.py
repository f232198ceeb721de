"""Internet bank: home with the accounts of everybody the person acts for, and the entries of one account."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from adapter.connectors.sandbox import documents, ledger, people
from adapter.connectors.sandbox.web.session import Page, needs_login, sandbox, user_id

PAGE_ROWS = 50
PAGE_MAX = 10_000

blp = Blueprint("accounts", __name__)


@blp.get("/")
@needs_login
def home() -> Page:
    with sandbox().database.reading() as connection:
        customers = people.list_customers(connection, user_id())
        accounts = {one.customer_id: people.list_accounts(connection, one.customer_id) for one in customers}
        ids = [account.core_id for owned in accounts.values() for account in owned]
        balances = {one.core_account_id: one for one in people.list_balances(connection, ids, sandbox().clock.now())}
        waiting = documents.count_awaiting(connection, [one.customer_id for one in customers])
    return render_template(
        "sandbox/home.html", customers=customers, accounts=accounts, balances=balances, waiting=waiting
    )


@blp.get("/accounts/<account_id>")
@needs_login
def entries(account_id: str) -> Page:
    page = min(request.args.get("page", 1, type=int), PAGE_MAX)
    with sandbox().database.reading() as connection:
        customers = people.list_customers(connection, user_id())
        owned = [one for each in customers for one in people.list_accounts(connection, each.customer_id)]
        account = next((one for one in owned if one.core_id == account_id), None)
        if account is None or page < 1:
            abort(404)
        rows = ledger.list_latest(connection, account_id, PAGE_ROWS + 1, (page - 1) * PAGE_ROWS)
        balance = people.list_balances(connection, [account_id], sandbox().clock.now())[0]
    return render_template(
        "sandbox/account.html",
        account=account,
        balance=balance,
        rows=rows[:PAGE_ROWS],
        page=page,
        has_more=len(rows) > PAGE_ROWS,
    )
