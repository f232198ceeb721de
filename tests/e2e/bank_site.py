"""The pages of the authorization server on a real port, with a bank whose login lets everybody in at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, redirect, request
from werkzeug.serving import make_server

from adapter.store.database import Database
from oauth import consents, usage
from oauth.consents import Agreement, ConsentAccount
from oauth.context import EXTENSION, Context
from oauth.ports import LoginRequest
from oauth.scopes import Scope
from tests.oauth.web import actors
from tests.oauth.web.conftest import make_site
from tests.oauth.web.fakes import MAIN, ROMASHKA, TAXES, FakeBank


class OpenBank(FakeBank):
    """Its login page is one button."""

    def begin(self, request: LoginRequest) -> str:
        self.asked.append(request)
        login = urlsplit(request.return_url)._replace(path="/bank-login", query=urlencode({"state": request.state}))
        return login.geturl()


@contextmanager
def serve(database: Database, bank: FakeBank) -> Iterator[tuple[str, Flask]]:
    """The address of the running site and the application."""
    holder = make_server("127.0.0.1", 0, _late_app := _LateApp(), threaded=True)
    address = f"http://127.0.0.1:{holder.server_port}"
    _late_app.site = site = make_site(database, bank, issuer=address)
    site.add_url_rule("/bank-login", "bank_login", view_func=lambda: _log_in(bank, address))
    site.add_url_rule(
        "/partner", "partner", view_func=lambda: Response("<!doctype html><title>Partner</title><h1>Back</h1>")
    )
    thread = threading.Thread(target=holder.serve_forever)
    thread.start()
    try:
        yield address, site
    finally:
        holder.shutdown()
        thread.join()
        holder.server_close()


class _LateApp:
    """The port is known before the application that needs it."""

    site: Flask

    def __call__(self, environ: dict[str, object], start_response: object) -> object:
        return self.site(environ, start_response)


def _log_in(bank: FakeBank, address: str) -> Response:
    query = urlencode({"state": request.args["state"], "ticket": bank.ticket()})
    return redirect(f"{address}/oauth/login/callback?{query}")  # type: ignore[return-value]


def fill(site: Flask, address: str) -> dict[str, object]:
    """Employees, partners in each state, consents old and new with use; gives what a visitor needs."""
    server: Context = site.extensions[EXTENSION]
    codes = actors.open_staff(server)
    uris = [f"{address}/partner"]
    main_id, receipt = actors.apply(server, redirect_uris=uris)
    main = actors.approve(server, main_id)
    kontur_id, _ = actors.apply(server, name="Контур.Бухгалтерия", legal_name="АО «ПФ «СКБ Контур»", redirect_uris=uris)
    actors.approve(server, kontur_id)
    actors.apply(server, name="Учёт и порядок", legal_name="ООО «Учёт и порядок»", redirect_uris=uris)
    living = give_consent(server, main_id, days=180)
    give_consent(server, kontur_id, days=30, accounts=[MAIN], scopes={Scope.STATEMENTS})
    ended = give_consent(server, kontur_id, days=365)
    with server.transaction() as tx:
        actor = actors.customer_actor()
        consents.revoke(tx, ended, by="customer", actor=actor, now=server.now())
        hour = server.now().replace(minute=0)
        uses = {
            (living, hour - timedelta(hours=back), operation, "203.0.113.5"): (12, hour - timedelta(hours=back))
            for back in range(5)
            for operation in ("changes.read_changes", "statements.read_statement")
        }
        usage.add_uses(tx, uses)
    return {"codes": codes, "partner": main, "consent": living, "receipt": receipt}


def give_consent(
    server: Context, partner_id: str, *, days: int, accounts: object = (MAIN, TAXES), scopes: object = tuple(Scope)
) -> str:
    agreement = Agreement(
        user_id="u_ivanova",
        user_name="Иванова Мария Петровна",
        customer_id=ROMASHKA.customer_id,
        customer_name=ROMASHKA.name,
        customer_inn=ROMASHKA.inn,
        acr="sms",
        amr=("otp",),
        authenticated_at=server.now(),
        scopes=frozenset(scopes),  # type: ignore[call-overload]
        accounts=[
            ConsentAccount(
                account_id=one.account_id, number=one.number, name=one.name, currency=one.currency, bic=one.bic
            )
            for one in accounts  # type: ignore[attr-defined]
        ],
        history_from=server.now().date() - timedelta(days=365),
        expires_at=server.now() + timedelta(days=days),
    )
    with server.transaction() as tx:
        consent_id = consents.begin(tx, partner_id=partner_id, scopes=agreement.scopes, now=server.now())
        consents.give(tx, consent_id, agreement, now=server.now())
    return consent_id
