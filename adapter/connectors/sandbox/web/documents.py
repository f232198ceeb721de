"""Internet bank: imported orders, and what a person does with a draft: sign with a one-time code, refuse, edit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.engine import Connection, Row

from adapter.connectors.records import load_order
from adapter.connectors.sandbox import documents, ledger, people, sessions, signing
from adapter.connectors.sandbox.web.session import Page, browser_session, needs_login, sandbox, to, user_id

LIST_ROWS = 200

blp = Blueprint("documents", __name__)


@blp.get("/documents")
@needs_login
def overview() -> Page:
    with sandbox().database.reading() as connection:
        customers = {one.customer_id: one.party.name for one in people.list_customers(connection, user_id())}
        rows = documents.list_latest(connection, list(customers), LIST_ROWS)
    listed = [(row, load_order(row.payment_order)) for row in rows]
    return render_template("sandbox/documents.html", listed=listed, customers=customers)


@blp.get("/documents/<document_id>")
@needs_login
def show(document_id: str) -> Page:
    return _document_page(document_id)


@blp.post("/documents/<document_id>/code")
@needs_login
def send_code(document_id: str) -> Page:
    """A code for signing exactly this document."""
    with sandbox().database.transaction() as tx:
        _read_own(tx, document_id)
        sessions.send_code(tx, browser_session(), user_id(), sessions.sign_purpose(document_id), _now())
    return to(url_for(".show", document_id=document_id, _anchor="sign"))


@blp.post("/documents/<document_id>/signature")
@needs_login
def sign(document_id: str) -> Page:
    entered, purpose = request.form.get("code", ""), sessions.sign_purpose(document_id)
    with sandbox().database.transaction() as tx:
        _read_own(tx, document_id)
        if sessions.use_code(tx, browser_session(), purpose, entered, _now()) != user_id():
            mistake: str | None = "Код не подошёл. Введите его ещё раз или получите новый."
        else:
            mistake = _tried(signing.sign, tx, document_id, user_id(), _now())
    return _shown(document_id, mistake)


@blp.post("/documents/<document_id>/refusal")
@needs_login
def refuse(document_id: str) -> Page:
    with sandbox().database.transaction() as tx:
        _read_own(tx, document_id)
        mistake = _tried(signing.refuse, tx, document_id, user_id(), _now())
    return _shown(document_id, mistake)


@blp.get("/documents/<document_id>/edit")
@needs_login
def edit(document_id: str) -> Page:
    return _edit_page(document_id)


@blp.post("/documents/<document_id>/edit")
@needs_login
def save(document_id: str) -> Page:
    changes = {name: request.form[name].strip() for name in EDITED_HERE if name in request.form}
    with sandbox().database.transaction() as tx:
        _read_own(tx, document_id)
        mistake = _tried(signing.edit, tx, document_id, changes, _now())
    if mistake:
        return _edit_page(document_id, mistake)
    return to(url_for(".show", document_id=document_id))


EDITED_HERE = ("number", "amount", "purpose")


def _tried(act: Any, *arguments: Any) -> str | None:
    """What stopped an act, in the person's words; None where it was done."""
    try:
        act(*arguments)
    except documents.ActRefused as refusal:
        return str(refusal)
    return None


def _shown(document_id: str, mistake: str | None) -> Page:
    """After an act: the page again, or what stopped it."""
    return _document_page(document_id, mistake) if mistake else to(url_for(".show", document_id=document_id))


def _document_page(document_id: str, mistake: str | None = None) -> Page:
    with sandbox().database.reading() as connection:
        row = _read_own(connection, document_id)
        sent = sessions.find_code(connection, browser_session(), sessions.sign_purpose(document_id), _now())
        page = render_template(
            "sandbox/document.html",
            row=row,
            order=load_order(row.payment_order),
            account=ledger.read_account(connection, row.account_id),
            signers=documents.list_signers(connection, document_id),
            needed=documents.signatures_needed(connection, document_id),
            may_sign=documents.may_sign(connection, row.customer_id, user_id()),
            user_id=user_id(),
            sent=sent,
            mistake=mistake,
        )
    return page, 409 if mistake else 200


def _edit_page(document_id: str, mistake: str | None = None) -> Page:
    with sandbox().database.reading() as connection:
        row = _read_own(connection, document_id)
    page = render_template("sandbox/edit.html", row=row, order=load_order(row.payment_order), mistake=mistake)
    return page, 409 if mistake else 200


def _read_own(connection: Connection, document_id: str) -> Row[*tuple[Any, ...]]:
    """A document of somebody whom the person acts for; any other is 404."""
    try:
        row = documents.read(connection, document_id)
    except documents.UnknownDocument:
        abort(404)
    if row.customer_id not in {one.customer_id for one in people.list_customers(connection, user_id())}:
        abort(404)
    return row


def _now() -> dt.datetime:
    return sandbox().clock.now()
