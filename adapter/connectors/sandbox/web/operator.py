"""The bank's side of the sandbox, open to everybody who can reach it: money comes in, the clock, corrections."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.engine import Connection

from adapter.connectors.sandbox import acts, documents, ledger, people
from adapter.connectors.sandbox.sample import counterparties
from adapter.connectors.sandbox.web.session import Page, sandbox, to
from adapter.domain.money import Money

LATEST_ROWS = 12

blp = Blueprint("operator", __name__, url_prefix="/operator")


@blp.get("/")
def show() -> Page:
    return _operator_page(request.args.get("account", ""))


@blp.post("/incoming")
def receive() -> Page:
    account_id = request.form.get("account", "")
    try:
        amount = Money.of(request.form.get("amount", "").replace(",", ".").replace(" ", ""))
        payer = counterparties("buyer")[request.form.get("payer", 0, type=int)]
    except (ValueError, IndexError):
        return _operator_page(account_id, "Проверьте сумму: рубли и копейки, например 1500,00"), 422
    if amount.kopecks <= 0:
        return _operator_page(account_id, "Сумма должна быть больше нуля"), 422
    purpose = request.form.get("purpose", "").strip() or "Оплата по договору, НДС не облагается"
    with sandbox().database.transaction() as tx:
        _check_known(tx, account_id)
        acts.receive_payment(tx, account_id, amount, payer, purpose, _now())
    return to(url_for(".show", account=account_id))


@blp.post("/clock")
def step() -> Page:
    sandbox().clock_step()
    return to(url_for(".show", account=request.form.get("account", "")))


@blp.post("/reversal")
def reverse() -> Page:
    with sandbox().database.transaction() as tx:
        acts.reverse(tx, _known_entry(tx), _now())
    return to(url_for(".show", account=request.form.get("account", "")))


@blp.post("/memo")
def charge_by_memo() -> Page:
    account_id = request.form.get("account", "")
    with sandbox().database.transaction() as tx:
        _check_known(tx, account_id)
        payee = counterparties("supplier")[0]
        acts.charge_by_memo(
            tx, account_id, Money.of("1250.00"), payee, "Оплата по требованию, НДС не облагается", _now()
        )
    return to(url_for(".show", account=account_id))


@blp.post("/memo/settlement")
def settle_memo() -> Page:
    with sandbox().database.transaction() as tx:
        acts.settle_memo(tx, _known_entry(tx), "77")
    return to(url_for(".show", account=request.form.get("account", "")))


def _operator_page(account_id: str, mistake: str | None = None) -> str:
    with sandbox().database.reading() as connection:
        accounts = people.list_all_accounts(connection)
        chosen = next((one for one in accounts if one.core_id == account_id), accounts[0])
        rows = ledger.list_latest(connection, chosen.core_id, LATEST_ROWS, 0)
        signed = len(documents.list_signed(connection))
    return render_template(
        "sandbox/operator.html",
        accounts=accounts,
        chosen=chosen,
        payers=counterparties("buyer"),
        rows=rows,
        signed=signed,
        mistake=mistake,
    )


def _check_known(tx: Connection, account_id: str) -> None:
    try:
        ledger.read_account(tx, account_id)
    except ledger.UnknownAccount:
        abort(404)


def _known_entry(tx: Connection) -> str:
    core_id = request.form.get("entry", "")
    try:
        ledger.read_entry(tx, core_id)
    except ledger.UnknownEntry:
        abort(404)
    return core_id


def _now() -> dt.datetime:
    return sandbox().clock.now()
