"""Consents: what a customer allowed a partner, on which accounts, until when.  Everything else hangs on them.

States: awaiting → active → revoked | rejected, active ⇄ suspended (by the bank).  Expiry is computed at read time, so a
consent ends on the second whether or not anything runs.  Every change is a conditional UPDATE with its audit event in
the same transaction; revoking kills codes and tokens with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from oauth.audit import SYSTEM, Actor, record
from oauth.credentials import make_id
from oauth.errors import NotFound, WrongState
from oauth.models import consents, partners
from oauth.scopes import Scope
from oauth.tokens import end_credentials

ACCOUNTS_MOVED = "счета переданы банком другому клиенту"
ACCOUNTS_MAX = 200  # a cursor names every account and travels in the address of a request


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAccount:
    """An account as the person saw it when agreeing."""

    account_id: str
    number: str
    name: str
    currency: str
    bic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a person agreed to on the consent page."""

    user_id: str
    user_name: str
    customer_id: str
    customer_name: str
    customer_inn: str
    acr: str  # how the person had logged in, see oauth.ports.LoginResult
    amr: tuple[str, ...]
    authenticated_at: datetime
    scopes: frozenset[Scope]
    accounts: Sequence[ConsentAccount]
    history_from: date
    expires_at: datetime
    ip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A consent with its partner's name.  `state` is also `expired`, computed at read time."""

    id: str
    partner_id: str
    partner_name: str
    partner_legal_name: str
    partner_inn: str
    partner_state: str
    user_id: str | None
    user_name: str | None
    customer_id: str | None
    customer_name: str | None
    customer_inn: str | None
    acr: str | None
    amr: Sequence[str]
    authenticated_at: datetime | None
    scopes: frozenset[Scope]
    accounts: Sequence[ConsentAccount]
    history_from: date | None
    created_at: datetime
    given_at: datetime | None
    expires_at: datetime | None
    state: str  # awaiting, active, suspended, rejected, revoked, expired
    state_reason: str | None
    ended_at: datetime | None
    ended_by: str | None  # customer, partner, bank
    version: int


_CONSENTS = sa.select(
    consents,
    partners.c.name.label("partner_name"),
    partners.c.legal_name.label("partner_legal_name"),
    partners.c.inn.label("partner_inn"),
    partners.c.state.label("partner_state"),
).join(partners, partners.c.id == consents.c.partner_id)

_ACCOUNTS = sa.select(consents.c.id, consents.c.accounts, consents.c.account_ids)
_connected = (
    sa.select(consents.c.account_ids, consents.c.scopes)
    .join(partners, partners.c.id == consents.c.partner_id)
    .where(consents.c.state == "active", consents.c.expires_at > sa.bindparam("now"), partners.c.state == "approved")
)


def begin(tx: Connection, *, partner_id: str, scopes: Iterable[Scope], now: datetime) -> str:
    """A consent that waits for the person's decision; gives its id."""
    row = {"id": make_id("cn"), "partner_id": partner_id, "scopes": sorted(scopes), "accounts": [], "account_ids": []}
    tx.execute(consents.insert(), row | {"created_at": now, "state": "awaiting"})
    return str(row["id"])


def give(tx: Connection, consent_id: str, agreement: Agreement, *, now: datetime) -> None:
    """The person agreed.  Raises WrongState unless the consent awaits a decision."""
    _claim(tx, consent_id, ("awaiting",), state="active", given_at=now, **_agreed(agreement))
    _record(tx, now, _customer(agreement.user_id), "consent.given", consent_id, agreement.ip, _told(agreement))


def renew(tx: Connection, consent_id: str, agreement: Agreement, *, now: datetime) -> None:
    """Agree again in place: same id, new term, accounts and scopes; only by the same person for the same customer.

    An expired consent may be renewed, an ended one may not.  The history never grows shorter: the partner's cursors go
    on, and it is to be told what becomes of entries that it holds.
    """
    same = (consents.c.user_id == agreement.user_id) & (consents.c.customer_id == agreement.customer_id)
    earlier = sa.func.least if tx.dialect.name == "postgresql" else sa.func.min
    history_from = earlier(consents.c.history_from, agreement.history_from, type_=sa.Date)
    _claim(tx, consent_id, ("active",), same, given_at=now, **_agreed(agreement) | {"history_from": history_from})
    kept = tx.execute(sa.select(consents.c.history_from).where(consents.c.id == consent_id)).scalar_one()
    told = _told(agreement) | {"history_from": kept.isoformat()}
    _record(tx, now, _customer(agreement.user_id), "consent.renewed", consent_id, agreement.ip, told)


def reject(tx: Connection, consent_id: str, *, actor: Actor, now: datetime, ip: str | None = None) -> None:
    """The person refused."""
    _claim(tx, consent_id, ("awaiting",), state="rejected", ended_at=now, ended_by="customer")
    _record(tx, now, actor, "consent.rejected", consent_id, ip)


def narrow(
    tx: Connection, consent_id: str, account_ids: Iterable[str], *, user_id: str, now: datetime, ip: str | None = None
) -> None:
    """Leave fewer accounts, at least one.  Raises NotFound (not theirs), WrongState (more, none, or not active)."""
    consent = read_for_user(tx, consent_id, user_id, now=now)
    kept = set(account_ids)
    accounts = [account for account in consent.accounts if account.account_id in kept]
    if not accounts or len(accounts) != len(kept) or len(accounts) == len(consent.accounts):
        raise WrongState("narrowing leaves fewer accounts, at least one, and adds none")
    # The version guards against two narrowings at once, where the later one would bring accounts back.
    unchanged = consents.c.version == consent.version
    _claim(tx, consent_id, ("active",), unchanged, **_account_columns(accounts))
    _record(tx, now, _customer(user_id), "consent.narrowed", consent_id, ip, {"accounts": sorted(kept)})


def revoke(
    tx: Connection,
    consent_id: str,
    *,
    by: str,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    ip: str | None = None,
) -> None:
    """End a consent for ever with its codes and tokens, at once.  `by` is customer, partner or bank."""
    _claim(tx, consent_id, ("active", "suspended"), state="revoked", state_reason=reason, ended_at=now, ended_by=by)
    end_credentials(tx, consent_id, now)
    _record(tx, now, actor, "consent.revoked", consent_id, ip, {"by": by, "reason": reason})


def take_away_accounts(tx: Connection, customer_id: str, account_ids: Collection[str], now: datetime) -> None:
    """The bank gave these accounts of the customer to another one: every consent loses them at once.

    One that has no other account left ends.
    """
    whose = (consents.c.customer_id == customer_id) & consents.c.state.in_(("active", "suspended"))
    for row in tx.execute(_ACCOUNTS.where(whose).order_by(consents.c.id).with_for_update()).all():
        lost = sorted(set(account_ids).intersection(row.account_ids))
        if not lost:
            continue
        kept = [ConsentAccount(**account) for account in row.accounts if account["account_id"] not in lost]
        if not kept:
            revoke(tx, row.id, by="bank", actor=SYSTEM, now=now, reason=ACCOUNTS_MOVED)
            continue
        _claim(tx, row.id, ("active", "suspended"), **_account_columns(kept))
        _record(tx, now, SYSTEM, "consent.accounts_moved", row.id, None, {"accounts": lost})


def suspend(tx: Connection, consent_id: str, *, staff_id: str, reason: str, now: datetime) -> None:
    """The bank stops a consent for a while; its tokens fail at once and work again after `resume`."""
    _claim(tx, consent_id, ("active",), state="suspended", state_reason=reason)
    _record(tx, now, _staff(staff_id), "consent.suspended", consent_id, None, {"reason": reason})


def resume(tx: Connection, consent_id: str, *, staff_id: str, reason: str, now: datetime) -> None:
    """Lift a suspension by the bank."""
    _claim(tx, consent_id, ("suspended",), state="active", state_reason=None)
    _record(tx, now, _staff(staff_id), "consent.resumed", consent_id, None, {"reason": reason})


def read_for_user(connection: Connection, consent_id: str, user_id: str, *, now: datetime) -> Consent:
    """A consent that this person gave; raises NotFound for any other."""
    return _read(connection, _CONSENTS.where(consents.c.id == consent_id, consents.c.user_id == user_id), now)


def read_consent(connection: Connection, consent_id: str, *, now: datetime) -> Consent:
    """For staff and the protocol; raises NotFound."""
    return _read(connection, _CONSENTS.where(consents.c.id == consent_id), now)


def list_living(tx: Connection, *, partner_id: str, user_id: str, customer_id: str, now: datetime) -> Sequence[Consent]:
    """What lives of all that this person gave to this partner for this company, latest first.

    The row lock on the partner makes a second giving at the same time wait, and then see the first.
    """
    tx.execute(sa.select(partners.c.id).where(partners.c.id == partner_id).with_for_update(key_share=True))
    whose = (consents.c.user_id == user_id) & (consents.c.customer_id == customer_id)
    living = consents.c.state.in_(("active", "suspended")) & (consents.c.expires_at > now)
    query = _CONSENTS.where(consents.c.partner_id == partner_id, whose, living)
    return _list(tx, query.order_by(consents.c.given_at.desc()), now)


def list_for_user(connection: Connection, user_id: str, *, now: datetime) -> Sequence[Consent]:
    """All that this person gave: active first, then the latest."""
    query = _CONSENTS.where(consents.c.user_id == user_id, consents.c.given_at.is_not(None))
    found = _list(connection, query.order_by(consents.c.given_at.desc()), now)
    return sorted(found, key=lambda consent: consent.state not in ("active", "suspended"))


def list_for_partner(
    connection: Connection, partner_id: str, *, now: datetime, limit: int = 50, offset: int = 0
) -> Sequence[Consent]:
    """What customers gave to a partner, latest first."""
    query = _CONSENTS.where(consents.c.partner_id == partner_id, consents.c.given_at.is_not(None))
    query = query.order_by(consents.c.given_at.desc(), consents.c.id)
    return _list(connection, query.limit(limit).offset(offset), now)


def count_active(connection: Connection, partner_id: str, *, now: datetime) -> int:
    """How many living consents a partner has."""
    living = (consents.c.state == "active") & (consents.c.expires_at > now) & (consents.c.partner_id == partner_id)
    return int(connection.execute(sa.select(sa.func.count()).select_from(consents).where(living)).scalar_one())


def list_connected_accounts(connection: Connection, *, now: datetime) -> set[str]:
    """Accounts that some partner may read statements of now."""
    rows = connection.execute(_connected, {"now": now})
    return {account_id for row in rows if Scope.STATEMENTS in row.scopes for account_id in row.account_ids}


def list_shared_accounts(connection: Connection, *, now: datetime) -> set[str]:
    """Accounts that some partner may use now, for whatever."""
    return {account_id for row in connection.execute(_connected, {"now": now}) for account_id in row.account_ids}


def _claim(
    tx: Connection, consent_id: str, states: Sequence[str], *conditions: sa.ColumnElement[bool], **values: object
) -> None:
    statement = consents.update().where(consents.c.id == consent_id, consents.c.state.in_(states), *conditions)
    if tx.execute(statement.values(version=consents.c.version + 1, **values)).rowcount != 1:
        raise WrongState(f"the consent is not {' or '.join(states)}")


def _agreed(agreement: Agreement) -> dict[str, object]:
    if not agreement.accounts or not agreement.scopes:
        raise WrongState("a consent names at least one account and one scope")
    if len(agreement.accounts) > ACCOUNTS_MAX:
        raise WrongState(f"a consent names at most {ACCOUNTS_MAX} accounts")
    return {
        "user_id": agreement.user_id,
        "user_name": agreement.user_name,
        "customer_id": agreement.customer_id,
        "customer_name": agreement.customer_name,
        "customer_inn": agreement.customer_inn,
        "acr": agreement.acr,
        "amr": list(agreement.amr),
        "authenticated_at": agreement.authenticated_at,
        "scopes": sorted(agreement.scopes),
        "history_from": agreement.history_from,
        "expires_at": agreement.expires_at,
        **_account_columns(agreement.accounts),
    }


def _account_columns(accounts: Sequence[ConsentAccount]) -> dict[str, object]:
    stored = [{name: getattr(account, name) for name in ConsentAccount.__dataclass_fields__} for account in accounts]
    return {"accounts": stored, "account_ids": [account.account_id for account in accounts]}


def _told(agreement: Agreement) -> dict[str, object]:
    return {
        "customer": agreement.customer_id,
        "scopes": sorted(agreement.scopes),
        "accounts": [account.account_id for account in agreement.accounts],
        "history_from": agreement.history_from.isoformat(),
        "expires_at": agreement.expires_at.isoformat(),
        "acr": agreement.acr,
        "amr": list(agreement.amr),
        "authenticated_at": agreement.authenticated_at.isoformat(),
    }


def _read(connection: Connection, query: sa.Select[Any], now: datetime) -> Consent:
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("consent")
    return _consent(row, now)


def _list(connection: Connection, query: sa.Select[Any], now: datetime) -> list[Consent]:
    return [_consent(row, now) for row in connection.execute(query).mappings()]


def _consent(row: RowMapping, now: datetime) -> Consent:
    values = {name: row[name] for name in Consent.__dataclass_fields__}
    values["scopes"] = frozenset(Scope(scope) for scope in row["scopes"])
    values["amr"] = tuple(row["amr"] or ())
    values["accounts"] = tuple(ConsentAccount(**account) for account in row["accounts"])
    if row["state"] in ("active", "suspended") and row["expires_at"] <= now:
        values["state"] = "expired"
    return Consent(**values)


def _customer(user_id: str) -> Actor:
    return Actor(kind="customer", id=user_id)


def _staff(staff_id: str) -> Actor:
    return Actor(kind="staff", id=staff_id)


def _record(
    tx: Connection,
    now: datetime,
    actor: Actor,
    action: str,
    consent_id: str,
    ip: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    partner_id = tx.execute(sa.select(consents.c.partner_id).where(consents.c.id == consent_id)).scalar_one()
    record(tx, at=now, actor=actor, action=action, partner_id=partner_id, consent_id=consent_id, ip=ip, detail=detail)
