"""Credentials of partners: applied for, claimed once, shown once, ended where they were compromised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.audit import SYSTEM, Actor, record
from oauth.credentials import digest, make_id, make_token, pepper_secret
from oauth.errors import AlreadyClaimed, WrongState
from oauth.models import partner_secrets, partners
from oauth.partner_rules import Application, check_application
from oauth.partners.changes import open_change
from oauth.partners.records import read_by_receipt
from oauth.settings import OAuthSettings
from oauth.tokens import end_partner_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """How old the credentials are; never the secret itself."""

    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Shown once.  `client_secret` is None for partners that authenticate with their own key."""

    client_id: str
    client_secret: str | None
    auth_method: str


def apply(tx: Connection, application: Application, *, settings: OAuthSettings, now: datetime) -> tuple[str, str]:
    """Store an application; gives the partner id and the receipt code that the applicant keeps.

    Raises InvalidApplication with every broken rule.
    """
    check_application(application, allow_loopback=settings.is_sandbox)
    partner_id, receipt_code = make_id("pa"), make_token("rc")
    asked = asdict(application) | {
        "redirect_uris": list(application.redirect_uris),
        "scopes": sorted(application.scopes),
        "ip_ranges": list(application.ip_ranges),
        "jwks": dict(application.jwks or {"keys": []}),
    }
    row = asked | {
        "id": partner_id,
        "client_id": make_id("pc"),
        "state": "applied",
        "receipt_hash": digest(receipt_code),
    }
    tx.execute(partners.insert(), row | {"created_at": now, "updated_at": now})
    open_change(tx, partner_id, "application", asked, first_by=None, now=now)
    record(tx, at=now, actor=SYSTEM, action="partner.applied", partner_id=partner_id)
    return partner_id, receipt_code


def claim_credentials(
    tx: Connection, receipt_code: str, *, settings: OAuthSettings, now: datetime, ip: str | None = None
) -> Credentials:
    """Take the credentials once, after approval.  Raises NotFound, WrongState (not approved), AlreadyClaimed."""
    partner = read_by_receipt(tx, receipt_code)
    if partner.state != "approved":
        raise WrongState("the partner is not approved")
    claim = partners.update().where(partners.c.id == partner.id, partners.c.claim_open, partners.c.state == "approved")
    if tx.execute(claim.values(claim_open=False, claimed_at=now, updated_at=now)).rowcount != 1:
        raise AlreadyClaimed("the credentials were taken before")
    secret = None
    if partner.auth_method == "client_secret_basic":
        secret = _issue_secret(tx, partner.id, settings, now)
    actor = Actor(kind="partner", id=partner.id)
    record(tx, at=now, actor=actor, action="partner.credentials_claimed", partner_id=partner.id, ip=ip)
    return Credentials(client_id=partner.client_id, client_secret=secret, auth_method=partner.auth_method)


def list_secrets(connection: Connection, partner_id: str) -> Sequence[Secret]:
    """Newest first."""
    table = partner_secrets
    query = sa.select(table.c.created_at, table.c.expires_at, table.c.revoked_at).where(
        table.c.partner_id == partner_id
    )
    return [Secret(**row) for row in connection.execute(query.order_by(table.c.created_at.desc())).mappings()]


def end_credentials(tx: Connection, partner_id: str, now: datetime) -> None:
    living = (partner_secrets.c.partner_id == partner_id) & partner_secrets.c.revoked_at.is_(None)
    tx.execute(partner_secrets.update().where(living).values(revoked_at=now))
    end_partner_tokens(tx, partner_id, now)


def _issue_secret(tx: Connection, partner_id: str, settings: OAuthSettings, now: datetime) -> str:
    secret = make_token("cs")
    overlap_end = now + timedelta(seconds=settings.secret_overlap_s)
    old = (partner_secrets.c.partner_id == partner_id) & (partner_secrets.c.expires_at > overlap_end)
    tx.execute(partner_secrets.update().where(old).values(expires_at=overlap_end))
    row = {"id": make_id("ps"), "partner_id": partner_id, "secret_hash": pepper_secret(secret, settings.pepper)}
    expires_at = now + timedelta(days=settings.secret_lifetime_days)
    tx.execute(partner_secrets.insert(), row | {"created_at": now, "expires_at": expires_at})
    return secret
