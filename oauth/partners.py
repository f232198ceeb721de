"""Partners: application, approval by two people, suspension by one, credentials that are shown once.

States: applied → approved ⇄ suspended → closed.  Every change is a conditional UPDATE, so that of two people who press
at once only one succeeds, and its audit event is written in the same transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.audit import SYSTEM, Actor, record
from oauth.credentials import digest, make_id, make_token, pepper_secret
from oauth.errors import AlreadyClaimed, NotAllowed, NotFound, SamePerson, Stale, WrongState
from oauth.models import partner_changes, partner_secrets, partners
from oauth.partner_rules import Application, check_application, check_jwks
from oauth.settings import OAuthSettings
from oauth.tokens import end_partner_tokens

MAY_APPROVE = frozenset({"approver"})
MAY_SUSPEND = frozenset({"operator", "approver"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner as staff and the protocol see it; the credentials are elsewhere."""

    id: str
    client_id: str
    name: str
    legal_name: str
    inn: str
    website: str
    purpose: str
    expected_volume: str
    contact_name: str
    contact_email: str
    state: str
    state_reason: str | None
    auth_method: str
    redirect_uris: Sequence[str]
    scopes: Sequence[str]
    jwks: Mapping[str, Any]
    ip_ranges: Sequence[str]
    require_par: bool
    claim_open: bool
    claimed_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that two people of the bank must agree to.  `digest` names exactly what they saw."""

    id: str
    partner_id: str
    kind: str  # application, resume, reissue
    payload: Mapping[str, Any]
    digest: str
    created_at: datetime
    first_by: str | None
    first_at: datetime | None
    second_by: str | None
    second_at: datetime | None
    outcome: str | None  # None while open; approved, refused
    refused_by: str | None
    reason: str | None
    closed_at: datetime | None
    receipt_code: str | None = field(default=None, repr=False)  # only from the approval that made it


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


_PARTNER = [partners.c[name] for name in Partner.__dataclass_fields__]
_CHANGE = [partner_changes.c[name] for name in Change.__dataclass_fields__ if name in partner_changes.c]
_read_partner = sa.select(*_PARTNER).where(partners.c.id == sa.bindparam("partner_id"))
_read_by_receipt = sa.select(*_PARTNER).where(partners.c.receipt_hash == sa.bindparam("receipt_hash"))
_read_change = sa.select(*_CHANGE).where(partner_changes.c.id == sa.bindparam("change_id"))


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
    _open_change(tx, partner_id, "application", asked, first_by=None, now=now)
    record(tx, at=now, actor=SYSTEM, action="partner.applied", partner_id=partner_id)
    return partner_id, receipt_code


def approve(tx: Connection, change_id: str, *, staff_id: str, role: str, seen_digest: str, now: datetime) -> Change:
    """Approve what `seen_digest` names: the first call of one person, then the second call of another carries it out.

    Where new credentials are to be claimed, the second call gives the new receipt code, this once, to be passed on.
    Raises NotAllowed, SamePerson, Stale (the digest is not that of the change), WrongState (closed, or just taken).
    """
    _check_role(role, MAY_APPROVE)
    change = read_change(tx, change_id)
    if change.digest != seen_digest:
        raise Stale("what was seen has changed")
    if change.outcome is not None:
        raise WrongState("the change is closed")
    if change.first_by is None:
        _claim_change(tx, change_id, partner_changes.c.first_by.is_(None), first_by=staff_id, first_at=now)
        step, receipt_code = "first", None
    elif change.first_by == staff_id:
        raise SamePerson("the second person must be another one")
    else:
        closing = {"second_by": staff_id, "second_at": now, "outcome": "approved", "closed_at": now}
        _claim_change(tx, change_id, partner_changes.c.second_by.is_(None), **closing)
        step, receipt_code = "second", _carry_out(tx, change, now)
    detail = {"change": change_id, "kind": change.kind, "step": step, "digest": change.digest}
    _record(tx, now, staff_id, "partner.change_approved", change.partner_id, detail)
    return replace(read_change(tx, change_id), receipt_code=receipt_code)


def refuse(tx: Connection, change_id: str, *, staff_id: str, role: str, reason: str, now: datetime) -> None:
    """Close a change without carrying it out; one person is enough.  A refused application closes the partner."""
    _check_role(role, MAY_APPROVE)
    change = read_change(tx, change_id)
    closing = {"outcome": "refused", "refused_by": staff_id, "reason": reason, "closed_at": now}
    _claim_change(tx, change_id, sa.true(), **closing)
    if change.kind == "application":
        _move(tx, change.partner_id, ("applied",), "closed", reason, now)
    detail = {"change": change_id, "kind": change.kind, "reason": reason}
    _record(tx, now, staff_id, "partner.change_refused", change.partner_id, detail)


def suspend(tx: Connection, partner_id: str, *, staff_id: str, role: str, reason: str, now: datetime) -> None:
    """Stop a partner at once: its next call in any process fails.  One person is enough."""
    _check_role(role, MAY_SUSPEND)
    _move(tx, partner_id, ("approved",), "suspended", reason, now)
    _record(tx, now, staff_id, "partner.suspended", partner_id, {"reason": reason})


def request_resume(tx: Connection, partner_id: str, *, staff_id: str, role: str, reason: str, now: datetime) -> str:
    """Ask to lift a suspension; the asking person is the first of two.  Gives the change's id."""
    _check_role(role, MAY_APPROVE)
    partner = read_partner(tx, partner_id)
    if partner.state != "suspended":
        raise WrongState("the partner is not suspended")
    payload = {"reason": reason, "suspended_for": partner.state_reason}
    return _request(tx, partner_id, "resume", payload, staff_id, now)


def request_reissue(
    tx: Connection,
    partner_id: str,
    *,
    staff_id: str,
    role: str,
    reason: str,
    now: datetime,
    jwks: Mapping[str, Any] | None = None,
    compromised: bool = False,
) -> str:
    """Ask for new credentials: a new secret to claim, or `jwks` in place of the old keys.  Gives the change's id.

    `compromised` ends the old secrets and every token of the partner in the moment of the second approval, instead of
    letting the old secret overlap; its customers then connect anew.  Raises BrokenRule for keys that may not be
    registered.
    """
    _check_role(role, MAY_APPROVE)
    partner = read_partner(tx, partner_id)
    if partner.state not in ("approved", "suspended"):
        raise WrongState("the partner has no credentials yet")
    if jwks is not None:
        check_jwks(jwks)
    payload = {"reason": reason, "jwks": dict(jwks) if jwks is not None else None, "compromised": compromised}
    return _request(tx, partner_id, "reissue", payload, staff_id, now)


def close(tx: Connection, partner_id: str, *, staff_id: str, role: str, reason: str, now: datetime) -> None:
    """End the partnership for ever; its tokens stop at once."""
    _check_role(role, MAY_APPROVE)
    _move(tx, partner_id, ("approved", "suspended"), "closed", reason, now)
    _record(tx, now, staff_id, "partner.closed", partner_id, {"reason": reason})


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


def read_partner(connection: Connection, partner_id: str) -> Partner:
    """Raises NotFound."""
    row = connection.execute(_read_partner, {"partner_id": partner_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(partner_id)
    return Partner(**row)


def read_by_receipt(connection: Connection, receipt_code: str) -> Partner:
    """The partner that keeps this receipt code; raises NotFound."""
    row = connection.execute(_read_by_receipt, {"receipt_hash": digest(receipt_code)}).mappings().one_or_none()
    if row is None:
        raise NotFound("receipt")
    return Partner(**row)


def list_partners(
    connection: Connection, *, state: str | None = None, search: str = "", limit: int = 50, offset: int = 0
) -> Sequence[Partner]:
    """Newest first; `search` looks in names, INN and client id."""
    query = sa.select(*_PARTNER).order_by(partners.c.created_at.desc(), partners.c.id).limit(limit).offset(offset)
    if state is not None:
        query = query.where(partners.c.state == state)
    if search:
        columns = (partners.c.name, partners.c.legal_name, partners.c.inn, partners.c.client_id)
        query = query.where(sa.or_(*(column.icontains(search, autoescape=True) for column in columns)))
    return [Partner(**row) for row in connection.execute(query).mappings()]


def read_change(connection: Connection, change_id: str) -> Change:
    """Raises NotFound."""
    row = connection.execute(_read_change, {"change_id": change_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(change_id)
    return Change(**row)


def list_changes(
    connection: Connection,
    *,
    partner_id: str | None = None,
    open_only: bool = True,
    limit: int = 100,
    offset: int = 0,
) -> Sequence[Change]:
    """Oldest first, so that the queue is worked off in order; applications, which anybody may send, come last."""
    order = (partner_changes.c.kind == "application", partner_changes.c.created_at, partner_changes.c.id)
    query = sa.select(*_CHANGE).order_by(*order).limit(limit).offset(offset)
    if partner_id is not None:
        query = query.where(partner_changes.c.partner_id == partner_id)
    if open_only:
        query = query.where(partner_changes.c.outcome.is_(None))
    return [Change(**row) for row in connection.execute(query).mappings()]


def list_secrets(connection: Connection, partner_id: str) -> Sequence[Secret]:
    """Newest first."""
    table = partner_secrets
    query = sa.select(table.c.created_at, table.c.expires_at, table.c.revoked_at).where(
        table.c.partner_id == partner_id
    )
    return [Secret(**row) for row in connection.execute(query.order_by(table.c.created_at.desc())).mappings()]


def digest_payload(payload: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON, in hex: what an approval is bound to."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _open_change(
    tx: Connection, partner_id: str, kind: str, payload: Mapping[str, Any], *, first_by: str | None, now: datetime
) -> str:
    change_id = make_id("pg")
    row = {"id": change_id, "partner_id": partner_id, "kind": kind, "payload": payload, "created_at": now}
    first = {"first_by": first_by, "first_at": now if first_by else None}
    tx.execute(partner_changes.insert(), row | first | {"digest": digest_payload(payload)})
    return change_id


def _request(
    tx: Connection, partner_id: str, kind: str, payload: Mapping[str, Any], staff_id: str, now: datetime
) -> str:
    """One open change of a kind at a time: the row lock on the partner makes a second asker wait and then see it."""
    tx.execute(sa.select(partners.c.id).where(partners.c.id == partner_id).with_for_update(key_share=True))
    if any(change.kind == kind for change in list_changes(tx, partner_id=partner_id)):
        raise WrongState(f"a {kind} is open already")
    change_id = _open_change(tx, partner_id, kind, payload, first_by=staff_id, now=now)
    detail = {"change": change_id, "reason": payload["reason"]}
    _record(tx, now, staff_id, f"partner.{kind}_requested", partner_id, detail)
    return change_id


def _claim_change(tx: Connection, change_id: str, condition: sa.ColumnElement[bool], **values: object) -> None:
    is_open = (partner_changes.c.id == change_id) & partner_changes.c.outcome.is_(None)
    if tx.execute(partner_changes.update().where(is_open, condition).values(**values)).rowcount != 1:
        raise WrongState("somebody else was faster")


def _carry_out(tx: Connection, change: Change, now: datetime) -> str | None:
    """Do what two people agreed to; gives the receipt code where a new one was made."""
    if change.kind == "application":
        _move(tx, change.partner_id, ("applied",), "approved", None, now, claim_open=True)
    elif change.kind == "resume":
        _move(tx, change.partner_id, ("suspended",), "approved", None, now)
    else:
        return _reissue(tx, change, now)
    return None


def _reissue(tx: Connection, change: Change, now: datetime) -> str | None:
    """New keys at once, or a new claim under a new receipt code: who knows the old one takes nothing."""
    if change.payload["compromised"]:
        _end_credentials(tx, change.partner_id, now)
    if change.payload["jwks"] is not None:
        _move(tx, change.partner_id, ("approved", "suspended"), None, None, now, jwks=change.payload["jwks"])
        return None
    receipt_code = make_token("rc")
    opened = {"claim_open": True, "receipt_hash": digest(receipt_code)}
    _move(tx, change.partner_id, ("approved", "suspended"), None, None, now, **opened)
    return receipt_code


def _end_credentials(tx: Connection, partner_id: str, now: datetime) -> None:
    living = (partner_secrets.c.partner_id == partner_id) & partner_secrets.c.revoked_at.is_(None)
    tx.execute(partner_secrets.update().where(living).values(revoked_at=now))
    end_partner_tokens(tx, partner_id, now)


def _move(
    tx: Connection,
    partner_id: str,
    states: Sequence[str],
    state: str | None,
    reason: str | None,
    now: datetime,
    **values: object,
) -> None:
    """From one of `states` to `state` (None: stay there), else WrongState."""
    change = dict(values)
    if state is not None:
        change |= {"state": state, "state_reason": reason}
    statement = partners.update().where(partners.c.id == partner_id, partners.c.state.in_(states))
    if tx.execute(statement.values(updated_at=now, **change)).rowcount != 1:
        raise WrongState(f"the partner is not {' or '.join(states)}")


def _issue_secret(tx: Connection, partner_id: str, settings: OAuthSettings, now: datetime) -> str:
    secret = make_token("cs")
    overlap_end = now + timedelta(seconds=settings.secret_overlap_s)
    old = (partner_secrets.c.partner_id == partner_id) & (partner_secrets.c.expires_at > overlap_end)
    tx.execute(partner_secrets.update().where(old).values(expires_at=overlap_end))
    row = {"id": make_id("ps"), "partner_id": partner_id, "secret_hash": pepper_secret(secret, settings.pepper)}
    expires_at = now + timedelta(days=settings.secret_lifetime_days)
    tx.execute(partner_secrets.insert(), row | {"created_at": now, "expires_at": expires_at})
    return secret


def _check_role(role: str, allowed: frozenset[str]) -> None:
    if role not in allowed:
        raise NotAllowed(f"the role {role} may not do this")


def _record(
    tx: Connection, now: datetime, staff_id: str, action: str, partner_id: str, detail: Mapping[str, Any]
) -> None:
    record(tx, at=now, actor=Actor(kind="staff", id=staff_id), action=action, partner_id=partner_id, detail=detail)
