"""Approval by two people: an application, lifting a suspension, new credentials.

The person who asks for a change is the first of the two; an application has nobody yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.credentials import digest, make_token
from oauth.errors import SamePerson, Stale, WrongState
from oauth.models import partner_changes, partners
from oauth.partner_rules import check_jwks
from oauth.partners.changes import Change, list_changes, open_change, read_change
from oauth.partners.credentials import end_credentials
from oauth.partners.records import MAY_APPROVE, check_role, move, read_partner, record_staff


def approve(tx: Connection, change_id: str, *, staff_id: str, role: str, seen_digest: str, now: datetime) -> Change:
    """Approve what `seen_digest` names: the first call of one person, then the second call of another carries it out.

    Where new credentials are to be claimed, the second call gives the new receipt code, this once, to be passed on.
    Raises NotAllowed, SamePerson, Stale (the digest is not that of the change), WrongState (closed, or just taken).
    """
    check_role(role, MAY_APPROVE)
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
    record_staff(tx, now, staff_id, "partner.change_approved", change.partner_id, detail)
    return replace(read_change(tx, change_id), receipt_code=receipt_code)


def refuse(tx: Connection, change_id: str, *, staff_id: str, role: str, reason: str, now: datetime) -> None:
    """Close a change without carrying it out; one person is enough.  A refused application closes the partner."""
    check_role(role, MAY_APPROVE)
    change = read_change(tx, change_id)
    closing = {"outcome": "refused", "refused_by": staff_id, "reason": reason, "closed_at": now}
    _claim_change(tx, change_id, sa.true(), **closing)
    if change.kind == "application":
        move(tx, change.partner_id, ("applied",), "closed", reason, now)
    detail = {"change": change_id, "kind": change.kind, "reason": reason}
    record_staff(tx, now, staff_id, "partner.change_refused", change.partner_id, detail)


def request_resume(tx: Connection, partner_id: str, *, staff_id: str, role: str, reason: str, now: datetime) -> str:
    """Ask to lift a suspension; the asking person is the first of two.  Gives the change's id."""
    check_role(role, MAY_APPROVE)
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
    check_role(role, MAY_APPROVE)
    partner = read_partner(tx, partner_id)
    if partner.state not in ("approved", "suspended"):
        raise WrongState("the partner has no credentials yet")
    if jwks is not None:
        check_jwks(jwks)
    payload = {"reason": reason, "jwks": dict(jwks) if jwks is not None else None, "compromised": compromised}
    return _request(tx, partner_id, "reissue", payload, staff_id, now)


def _request(
    tx: Connection, partner_id: str, kind: str, payload: Mapping[str, Any], staff_id: str, now: datetime
) -> str:
    """One open change of a kind at a time: the row lock on the partner makes a second asker wait and then see it."""
    tx.execute(sa.select(partners.c.id).where(partners.c.id == partner_id).with_for_update(key_share=True))
    if any(change.kind == kind for change in list_changes(tx, partner_id=partner_id)):
        raise WrongState(f"a {kind} is open already")
    change_id = open_change(tx, partner_id, kind, payload, first_by=staff_id, now=now)
    detail = {"change": change_id, "reason": payload["reason"]}
    record_staff(tx, now, staff_id, f"partner.{kind}_requested", partner_id, detail)
    return change_id


def _claim_change(tx: Connection, change_id: str, condition: sa.ColumnElement[bool], **values: object) -> None:
    is_open = (partner_changes.c.id == change_id) & partner_changes.c.outcome.is_(None)
    if tx.execute(partner_changes.update().where(is_open, condition).values(**values)).rowcount != 1:
        raise WrongState("somebody else was faster")


def _carry_out(tx: Connection, change: Change, now: datetime) -> str | None:
    """Do what two people agreed to; gives the receipt code where a new one was made."""
    if change.kind == "application":
        move(tx, change.partner_id, ("applied",), "approved", None, now, claim_open=True)
    elif change.kind == "resume":
        move(tx, change.partner_id, ("suspended",), "approved", None, now)
    else:
        return _reissue(tx, change, now)
    return None


def _reissue(tx: Connection, change: Change, now: datetime) -> str | None:
    """New keys at once, or a new claim under a new receipt code: who knows the old one takes nothing."""
    if change.payload["compromised"]:
        end_credentials(tx, change.partner_id, now)
    if change.payload["jwks"] is not None:
        move(tx, change.partner_id, ("approved", "suspended"), None, None, now, jwks=change.payload["jwks"])
        return None
    receipt_code = make_token("rc")
    opened = {"claim_open": True, "receipt_hash": digest(receipt_code)}
    move(tx, change.partner_id, ("approved", "suspended"), None, None, now, **opened)
    return receipt_code
