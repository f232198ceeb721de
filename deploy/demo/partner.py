"""«Бухгалтерия Онлайн»: a small accounting service that a person can click through beside the bank.

Its own process and port; knows the bank only by HTTP (`bank_api.py`).  Settings come from the environment:

    DEMO_PARTNER_PORT  port on 127.0.0.1 (8001); the redirect URI is http://127.0.0.1:PORT/callback
    DEMO_BANK_URL      the bank's issuer, e.g. http://127.0.0.1:8000
    DEMO_CLIENT_ID     the client_id that the bank gave
    DEMO_KEY_FILE      our private key, a JWK (ES256) in JSON; the bank has the public half
    DEMO_STATE_FILE    where tokens, cursors and entries are kept (var/demo-partner.json)

Start: python deploy/demo/partner.py
"""

from __future__ import annotations

import json
import os
import secrets
import uuid
from pathlib import Path

import flask
from bank_api import Attempt, Bank, BankSilent, ConnectionLost, ConnectionRefused, Refused
from exchange import Exchange, News
from joserfc.jwk import ECKey
from ledger import LedgerFile
from orders import draft_order, errors_by_field
from safety import check_form_token, form_token, harden, own_path
from werkzeug.wrappers import Response
from words import FILTERS, REFUSALS, tell_import, tell_news, today_in_moscow

bp = flask.Blueprint("partner", __name__)

UPLOAD_BYTES_MAX = 4 * 1024 * 1024
ENTRIES_SHOWN = 200


def make_app(bank: Bank, ledger_file: LedgerFile, redirect_uri: str) -> flask.Flask:
    """The service; the bank, the memory and our address come from outside."""
    app = flask.Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),  # a restart only ends connections that are under way
        SESSION_COOKIE_NAME="accounting",  # the bank and we share the host 127.0.0.1, and so its cookies
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=UPLOAD_BYTES_MAX,
        LEDGER_FILE=ledger_file,
        EXCHANGE=Exchange(bank, ledger_file),
        BANK=bank,
        REDIRECT_URI=redirect_uri,
    )
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["form_token"] = form_token
    app.register_blueprint(bp)
    app.register_error_handler(ConnectionLost, _tell_connection_lost)
    app.register_error_handler(BankSilent, _tell_bank_silent)
    app.before_request(check_form_token)
    app.after_request(harden)
    return app


@bp.get("/")
def home() -> str:
    """Accounts with balances, or the form that connects a bank."""
    return flask.render_template("home.html", ledger=_ledger_file().read())


@bp.post("/connect")
def connect() -> Response:
    """To the bank, with the account number that the accountant typed."""
    number = flask.request.form.get("account", "").replace(" ", "")
    if number and not (len(number) == 20 and number.isdecimal()):
        flask.flash("Номер счёта — это 20 цифр.", "error")
        return flask.redirect("/", 303)
    attempt = _bank().begin(flask.current_app.config["REDIRECT_URI"], number)
    flask.session["attempt"] = {"url": attempt.url, "state": attempt.state, "verifier": attempt.verifier}
    return flask.redirect(attempt.url, 303)


@bp.get("/callback")
def callback() -> Response:
    """The bank sends the browser back here with a code or an error."""
    attempt = flask.session.pop("attempt", None)
    try:
        if attempt is None:
            raise ConnectionRefused("wrong_state")
        redirect_uri = flask.current_app.config["REDIRECT_URI"]
        tokens = _bank().finish(Attempt(**attempt), redirect_uri, flask.request.args)
    except ConnectionRefused as refusal:
        flask.flash(REFUSALS.get(str(refusal), REFUSALS["other"]), "error")
        return flask.redirect("/", 303)
    _exchange().connect(tokens)
    flask.flash("Банк подключён. Операции загружены.", "good")
    return flask.redirect("/", 303)


@bp.post("/refresh")
def refresh() -> Response:
    """Ask for news; nearly always there is none."""
    news: News = _exchange().refresh()
    flask.flash(tell_news(news.added, news.changed, news.removed), "good" if not news.is_nothing else "quiet")
    return flask.redirect(own_path(flask.request.form.get("back", "/")), 303)


@bp.post("/disconnect")
def disconnect() -> Response:
    _exchange().disconnect()
    flask.flash("Банк отключён. Загруженные операции остались в учёте.", "quiet")
    return flask.redirect("/", 303)


@bp.get("/accounts/<account_id>")
def account(account_id: str) -> str:
    """Entries of one account, newest first."""
    ledger = _ledger_file().read()
    found = ledger.accounts.get(account_id) or flask.abort(404)
    entries = ledger.entries_of(account_id)
    return flask.render_template(
        "account.html", ledger=ledger, account=found, entries=entries[:ENTRIES_SHOWN], total=len(entries)
    )


@bp.get("/entries/<entry_id>")
def entry(entry_id: str) -> str:
    """One entry: what the bank told is locked, what the accountant adds is open."""
    ledger = _ledger_file().read()
    found = ledger.entries.get(entry_id) or flask.abort(404)
    return flask.render_template(
        "entry.html", entry=found, account=ledger.accounts.get(found["account_id"]), note=ledger.notes.get(entry_id, "")
    )


@bp.post("/entries/<entry_id>")
def save_note(entry_id: str) -> Response:
    with _ledger_file().change() as ledger:
        if entry_id not in ledger.entries:
            flask.abort(404)
        ledger.notes[entry_id] = flask.request.form.get("note", "")[:500]
    flask.flash("Сохранено.", "good")
    return flask.redirect(f"/entries/{entry_id}", 303)


@bp.get("/payments")
def payments() -> str:
    ledger = _ledger_file().read()
    return flask.render_template("payments.html", ledger=ledger, payments=ledger.list_payments())


@bp.get("/payments/new")
def new_payment() -> str:
    values = {"external_id": str(uuid.uuid4()), "date": today_in_moscow().isoformat()}
    return flask.render_template("payment_form.html", ledger=_ledger_file().read(), values=values, errors={})


@bp.post("/payments/new")
def send_payment() -> str | Response | tuple[str, int]:
    """The form's own id is both the idempotency key and our name for the payment: a second click sends nothing new."""
    values = flask.request.form
    try:
        _exchange().send_payment(draft_order(values), key=values["external_id"])
    except Refused as refusal:
        errors = errors_by_field(refusal)
        page = flask.render_template(
            "payment_form.html", ledger=_ledger_file().read(), values=values, errors=errors, problem=refusal.problem
        )
        return page, 422
    flask.flash("Платёж в банке. Осталось подписать его в интернет-банке.", "good")
    return flask.redirect("/payments", 303)


@bp.get("/payments/upload")
def choose_file() -> str:
    return flask.render_template("upload.html", ledger=_ledger_file().read(), key=str(uuid.uuid4()))


@bp.post("/payments/upload")
def upload() -> Response | tuple[str, int]:
    """A 1C text file goes to the bank as it is; broken lines come back with line, field and reason."""
    file = flask.request.files.get("file") or flask.abort(400)
    try:
        created = _exchange().send_file(file.read(), key=flask.request.form["key"])
    except Refused as refusal:
        return (
            flask.render_template(
                "upload.html",
                ledger=_ledger_file().read(),
                key=str(uuid.uuid4()),
                file_name=file.filename,
                problem=refusal.problem,
                errors=refusal.errors,
            ),
            422,
        )
    _exchange().refresh()
    flask.flash(tell_import(created), "good" if created else "quiet")
    return flask.redirect("/payments", 303)


def _ledger_file() -> LedgerFile:
    found: LedgerFile = flask.current_app.config["LEDGER_FILE"]
    return found


def _exchange() -> Exchange:
    found: Exchange = flask.current_app.config["EXCHANGE"]
    return found


def _bank() -> Bank:
    found: Bank = flask.current_app.config["BANK"]
    return found


def _tell_connection_lost(_: ConnectionLost) -> tuple[str, int]:
    """The customer stopped us in the bank, or the permission ran out: say so and offer to connect again."""
    with _ledger_file().change() as ledger:
        ledger.disconnect()
    return flask.render_template("lost.html"), 409


def _tell_bank_silent(_: BankSilent) -> tuple[str, int]:
    return flask.render_template("silent.html"), 503


def main() -> None:
    port = int(os.environ.get("DEMO_PARTNER_PORT", "8001"))
    key = ECKey.import_key(json.loads(Path(os.environ["DEMO_KEY_FILE"]).read_text("utf-8")))
    bank = Bank(os.environ.get("DEMO_BANK_URL", "http://127.0.0.1:8000"), os.environ["DEMO_CLIENT_ID"], key)
    ledger_file = LedgerFile(Path(os.environ.get("DEMO_STATE_FILE", "var/demo-partner.json")))
    app = make_app(bank, ledger_file, redirect_uri=f"http://127.0.0.1:{port}/callback")
    app.run("127.0.0.1", port, threaded=True)


if __name__ == "__main__":
    main()
