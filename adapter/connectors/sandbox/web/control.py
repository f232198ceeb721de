"""The sandbox driven over HTTP, for the demo and the tests; it exists only where the core is the sandbox.

    POST /sandbox/control/incoming         {account, amount, purpose?, payer?}   → 201 {entry_id}
    POST /sandbox/control/clock            {}                                     → {executed}
    POST /sandbox/control/signature        {document_id, login}                   → {complete}
    POST /sandbox/control/edit             {document_id, changes}                 → {}
    POST /sandbox/control/expiry           {document_id}                          → {}
    POST /sandbox/control/reversal         {entry_id}                             → 201 {entry_id}
    POST /sandbox/control/memo             {account, amount, purpose?}            → 201 {entry_id}
    POST /sandbox/control/memo-settlement  {entry_id, number?}                    → {}

`account` is the account's number, `amount` a decimal string, `payer` a position in the sample's buyers.  The content
type must be application/json: a form of a foreign site cannot send that, so no token is needed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, jsonify, request

from adapter.connectors.sandbox import acts, documents, ledger, people, signing
from adapter.connectors.sandbox.sample import counterparties
from adapter.connectors.sandbox.web.session import sandbox
from adapter.domain.money import Money

Answer = tuple[Response, int]

blp = Blueprint("control", __name__, url_prefix="/control")


class BadControl(Exception):
    """The body is not what the docstring above asks for."""


@blp.post("/incoming")
def receive() -> Answer:
    body = _body()
    payer = _choice(body.get("payer", 0))
    purpose = _text(body, "purpose", "Оплата по договору, НДС не облагается")
    with sandbox().database.transaction() as tx:
        account_id = acts.find_account_id(tx, _text(body, "account"))
        entry_id = acts.receive_payment(tx, account_id, _amount(body), payer, purpose, _now())
    return jsonify(entry_id=entry_id), 201


@blp.post("/clock")
def step() -> Answer:
    _body()
    return jsonify(executed=sandbox().clock_step()), 200


@blp.post("/signature")
def sign() -> Answer:
    body = _body()
    with sandbox().database.transaction() as tx:
        user = people.find_user(tx, _text(body, "login"))
        if user is None:
            raise BadControl("there is no such login")
        complete = signing.sign(tx, _text(body, "document_id"), user.id, _now())
    return jsonify(complete=complete), 200


@blp.post("/edit")
def edit() -> Answer:
    body = _body()
    changes = body.get("changes")
    if not isinstance(changes, dict) or not all(isinstance(value, str) for value in changes.values()):
        raise BadControl("changes is an object of strings")
    with sandbox().database.transaction() as tx:
        signing.edit(tx, _text(body, "document_id"), changes, _now())
    return jsonify({}), 200


@blp.post("/expiry")
def expire() -> Answer:
    body = _body()
    with sandbox().database.transaction() as tx:
        documents.expire(tx, _text(body, "document_id"), _now())
    return jsonify({}), 200


@blp.post("/reversal")
def reverse() -> Answer:
    body = _body()
    with sandbox().database.transaction() as tx:
        entry_id = acts.reverse(tx, _text(body, "entry_id"), _now())
    return jsonify(entry_id=entry_id), 201


@blp.post("/memo")
def charge_by_memo() -> Answer:
    body = _body()
    purpose = _text(body, "purpose", "Оплата по требованию, НДС не облагается")
    with sandbox().database.transaction() as tx:
        account_id = acts.find_account_id(tx, _text(body, "account"))
        payee = counterparties("supplier")[0]
        entry_id = acts.charge_by_memo(tx, account_id, _amount(body), payee, purpose, _now())
    return jsonify(entry_id=entry_id), 201


@blp.post("/memo-settlement")
def settle_memo() -> Answer:
    body = _body()
    with sandbox().database.transaction() as tx:
        acts.settle_memo(tx, _text(body, "entry_id"), _text(body, "number", "77"))
    return jsonify({}), 200


@blp.errorhandler(BadControl)
@blp.errorhandler(documents.ActRefused)
def _refuse(error: Exception) -> Answer:
    return jsonify(error=str(error)), 400


@blp.errorhandler(documents.UnknownDocument)
@blp.errorhandler(ledger.UnknownAccount)
@blp.errorhandler(ledger.UnknownEntry)
def _not_found(_error: Exception) -> Answer:
    return jsonify(error="not found"), 404


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True) if request.is_json else None
    if not isinstance(body, dict):
        raise BadControl("send a JSON object as application/json")
    return body


def _text(body: dict[str, Any], name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str) or not value:
        raise BadControl(f"{name} is a text")
    return value


def _amount(body: dict[str, Any]) -> Money:
    try:
        amount = Money.of(_text(body, "amount"))
    except ValueError as error:
        raise BadControl("amount is a decimal string") from error
    if amount.kopecks <= 0:
        raise BadControl("amount is more than zero")
    return amount


def _choice(position: object) -> Any:
    buyers = counterparties("buyer")
    if not isinstance(position, int) or not 0 <= position < len(buyers):
        raise BadControl(f"payer is a whole number below {len(buyers)}")
    return buyers[position]


def _now() -> dt.datetime:
    return sandbox().clock.now()
