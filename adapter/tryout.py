"""What a try-out has beside an empty bank: employees to log in as, and an approved demo accounting service.

Made once, when the product runs on the sandbox and nobody is employed yet.  Everything that a person needs to log in is
written to var/demo-logins.json, readable by its owner only, and told on the screen.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey

import oauth
from adapter import migrations
from adapter.app import oauth_settings
from adapter.connectors.sandbox.sample import bank_directory, read_rows
from adapter.formats.ed807 import parse_directory
from adapter.parts import Parts, open_parts
from adapter.settings import Settings
from adapter.store.banks import StoredBanks
from adapter.store.database import open_database
from adapter.supervisor import Program

LOGINS_FILE = Path("var/demo-logins.json")
PARTNER_KEY_FILE = Path("var/demo-partner-key.json")
PARTNER_PROGRAM = Path(__file__).parent.parent / "deploy/demo/partner.py"

STAFF = (
    ("anna", "Анна Крылова", "approver"),
    ("boris", "Борис Зуев", "approver"),
    ("olga", "Ольга Ким", "operator"),
    ("viktor", "Виктор Лунин", "auditor"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What to start beside the web server and the worker, and what to tell the person who starts it."""

    programs: Sequence[Program]
    welcome: str


@contextmanager
def prepare(settings: Settings, partner_port: int | None) -> Iterator[Prepared]:
    """Bring the database up to date and make what is missing; `partner_port` adds the demo accounting service."""
    database = open_database(settings.database_url)
    migrations.upgrade(database.writer)
    database.close()
    parts = open_parts(settings)  # fills an empty sandbox bank
    try:
        _load_sample_banks(parts)
        logins = _read_or_make_logins(parts)
        programs = [_partner_program(parts, partner_port, logins)] if partner_port else []
        yield Prepared(programs=programs, welcome=render_welcome(settings, logins, partner_port))
    finally:
        parts.close()


def _load_sample_banks(parts: Parts) -> None:
    book = StoredBanks(parts.database)
    if parts.settings.core == "sandbox" and book.read_loaded() is None:
        book.replace(parse_directory(bank_directory()), parts.clock.now())


def _read_or_make_logins(parts: Parts) -> dict[str, Any]:
    logins: dict[str, Any] = json.loads(LOGINS_FILE.read_text()) if LOGINS_FILE.exists() else {}
    with parts.database.transaction() as tx:
        if not oauth.list_staff(tx):
            logins["staff"] = [_employ(tx, parts, *one) for one in STAFF]
    logins |= {"url": parts.settings.issuer, "customers": _list_customers(parts.settings)}
    _write_private(LOGINS_FILE, logins)
    return logins


def _employ(tx: Any, parts: Parts, login: str, name: str, role: str) -> dict[str, str]:
    password = secrets.token_urlsafe(12)
    now = parts.clock.now()
    staff_id, totp = oauth.add_staff(tx, login=login, name=name, role=role, password=password, now=now)
    return {"id": staff_id, "login": login, "name": name, "role": role, "password": password, "totp_secret": totp}


def _list_customers(settings: Settings) -> list[dict[str, str]]:
    """Whom the sandbox knows; another bank's customers are not ours to tell."""
    if settings.core != "sandbox":
        return []
    companies = {row["id"]: row["name"] for row in read_rows("customers")}
    people = {row["id"]: row for row in read_rows("users")}
    return [
        {
            "login": people[row["user_id"]]["login"],
            "name": people[row["user_id"]]["name"],
            "company": companies[row["customer_id"]],
        }
        for row in read_rows("mandates")
    ]


def _partner_program(parts: Parts, port: int, logins: dict[str, Any]) -> Program:
    client = logins.get("partner")
    if not client or client["port"] != port:
        client = {"port": port, "client_id": _register_partner(parts, port, logins["staff"])}
        _write_private(LOGINS_FILE, logins | {"partner": client})
    environment = {
        "DEMO_PARTNER_PORT": str(port),
        "DEMO_BANK_URL": parts.settings.issuer,
        "DEMO_CLIENT_ID": client["client_id"],
        "DEMO_KEY_FILE": str(PARTNER_KEY_FILE),
        "DEMO_STATE_FILE": "var/demo-partner.json",
    }
    return Program("demo accounting service", [sys.executable, str(PARTNER_PROGRAM)], environment)


def _register_partner(parts: Parts, port: int, staff: Sequence[Mapping[str, str]]) -> str:
    """Go the way every partner goes: apply, two approvals by different people, claim."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": "demo-1"})
    _write_private(PARTNER_KEY_FILE, key.as_dict(private=True))
    application = oauth.Application(
        name="Бухгалтерия Онлайн",
        legal_name="ООО «Бухгалтерия Онлайн»",
        inn="7709123453",
        website="https://accounting.example",
        purpose="Загружать выписку и отправлять в банк платёжные поручения на подпись",
        contact_name="Служба поддержки",
        contact_email="support@accounting.example",
        auth_method="private_key_jwt",
        redirect_uris=[f"http://127.0.0.1:{port}/callback"],
        scopes=["statements", "payments"],
        jwks={"keys": [key.as_dict(private=False)]},
    )
    approvers = [one["id"] for one in staff if one["role"] == "approver"]
    now = parts.clock.now()
    with parts.database.transaction() as tx:
        settings = oauth_settings(parts.settings)
        partner_id, receipt = oauth.apply(tx, application, settings=settings, now=now)
        (change,) = oauth.list_changes(tx, partner_id=partner_id)
        for staff_id in approvers[:2]:
            oauth.approve(tx, change.id, staff_id=staff_id, role="approver", seen_digest=change.digest, now=now)
        return oauth.claim_credentials(tx, receipt, settings=settings, now=now).client_id


def _write_private(path: Path, value: Any) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
    part.replace(path)


def render_welcome(settings: Settings, logins: Mapping[str, Any], partner_port: int | None) -> str:
    """What a person who starts it reads on the screen: addresses, and who may log in."""
    url = settings.issuer
    lines = [
        "",
        f"  {settings.bank_name}: всё запущено, остановить: Ctrl+C",
        "",
        f"  {url}/                 с чего начать",
        *_tell_bank(settings),
        f"  {url}/customer         подключённые сервисы клиента",
        f"  {url}/apply            заявка нового сервиса",
        f"  {url}/admin            рабочее место сотрудников банка",
        f"  {url}/docs             документация API",
    ]
    if partner_port:
        lines.append(
            f"  http://127.0.0.1:{partner_port}/                 «Бухгалтерия Онлайн», демонстрационный сервис"
        )
    if logins["customers"]:
        lines += ["", "  Клиенты (код входа страница песочницы показывает сама):"]
        lines += [f"    {one['login']:<12}{one['name']}, {one['company']}" for one in logins["customers"]]
    lines += ["", "  Сотрудники (логин, пароль, секрет одноразовых кодов TOTP, роль):"]
    lines += [
        f"    {one['login']:<8}{one['password']:<18}{one['totp_secret']:<34}{one['role']}"
        for one in logins.get("staff", [])
    ]
    return "\n".join([*lines, f"  То же в файле {LOGINS_FILE}", ""])


def _tell_bank(settings: Settings) -> list[str]:
    """Where the bank is: its own pages here, or a core elsewhere."""
    if settings.core == "sandbox":
        return [f"  {settings.issuer}/sandbox          интернет-банк песочницы"]
    place = {"http": settings.core_url, "files": settings.core_files_dir}.get(settings.core, "")
    return [f"  ДБО банка: {settings.core} {place}".rstrip(), *_tell_login(settings)]


def _tell_login(settings: Settings) -> list[str]:
    where = {"handover": settings.core_handover_url, "oidc": settings.oidc_issuer}.get(settings.core_login)
    if where is None:
        return ["  Клиентам войти негде: укажите BANK_ADAPTER_CORE_LOGIN (handover или oidc)"]
    return [f"  Клиенты входят в банке: {where}"]
