"""The life of a partner: two people approve, one suspends, credentials are shown once."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.exc import IntegrityError

from oauth import partners
from oauth.audit import find_break, list_events
from oauth.errors import AlreadyClaimed, InvalidApplication, NotAllowed, NotFound, SamePerson, Stale, WrongState
from oauth.models import partner_changes
from oauth.models import partners as table
from oauth.partner_rules import BrokenRule
from tests.oauth.actors import Bank, application, public_jwk

JWKS = {"keys": [public_jwk(ec.generate_private_key(ec.SECP256R1()), kid="key-1")]}
SECRET: dict[str, Any] = {"auth_method": "client_secret_basic", "jwks": None, "ip_ranges": ["203.0.113.7/32"]}


class Desk:
    """The bank's staff at work on one partner."""

    def __init__(self, bank: Bank, **changes: Any) -> None:
        self.bank = bank
        self.anna, self.boris = bank.hire("anna"), bank.hire("boris")
        with bank.database.transaction() as tx:
            self.partner_id, self.receipt = partners.apply(
                tx, application(**({"jwks": JWKS} | changes)), settings=bank.settings, now=bank.clock.now()
            )

    def change(self) -> partners.Change:
        with self.bank.database.reading() as connection:
            (found,) = partners.list_changes(connection, partner_id=self.partner_id)
        return found

    def approve(self, staff_id: str, change: partners.Change | None = None, **options: Any) -> partners.Change:
        change = change or self.change()
        asked = {"role": "approver", "seen_digest": change.digest, "now": self.bank.clock.now()} | options
        with self.bank.database.transaction() as tx:
            return partners.approve(tx, change.id, staff_id=staff_id, **asked)

    def do(self, step: Any, **options: Any) -> Any:
        asked = {"staff_id": self.anna, "role": "approver", "reason": "Причина", "now": self.bank.clock.now()}
        with self.bank.database.transaction() as tx:
            return step(tx, self.partner_id, **(asked | options))

    def claim(self) -> partners.Credentials:
        with self.bank.database.transaction() as tx:
            return partners.claim_credentials(tx, self.receipt, settings=self.bank.settings, now=self.bank.clock.now())

    @property
    def partner(self) -> partners.Partner:
        with self.bank.database.reading() as connection:
            return partners.read_partner(connection, self.partner_id)

    def approved(self) -> Desk:
        for staff_id in (self.anna, self.boris):
            self.approve(staff_id)
        return self


@pytest.fixture
def desk(bank: Bank) -> Desk:
    return Desk(bank)


def test_a_broken_application_stores_nothing(bank: Bank) -> None:
    with pytest.raises(InvalidApplication):
        Desk(bank, inn="7707083894")
    with bank.database.reading() as connection:
        assert partners.list_partners(connection) == []
        assert list_events(connection) == []


def test_one_person_approves_nothing_and_cannot_be_the_second(desk: Desk) -> None:
    """C12"""
    desk.approve(desk.anna)
    assert desk.partner.state == "applied"
    with pytest.raises(SamePerson):
        desk.approve(desk.anna)
    with pytest.raises(WrongState):
        desk.claim()
    assert desk.approve(desk.boris).outcome == "approved"
    assert desk.partner.state == "approved"


def test_the_database_itself_wants_two_different_people(desk: Desk) -> None:
    """C12"""
    update = partner_changes.update().values(first_by=desk.anna, second_by=desk.anna, outcome="approved")
    with pytest.raises(IntegrityError), desk.bank.database.transaction() as tx:
        tx.execute(update)
    with pytest.raises(IntegrityError), desk.bank.database.transaction() as tx:
        tx.execute(partner_changes.update().values(outcome="approved"))
    assert desk.approved().partner.state == "approved"


def test_a_secret_without_addresses_does_not_get_into_the_database(bank: Bank) -> None:
    desk = Desk(bank, **SECRET)
    with pytest.raises(IntegrityError), bank.database.transaction() as tx:
        tx.execute(table.update().where(table.c.id == desk.partner_id).values(ip_ranges=[]))


@pytest.mark.parametrize("role", ["operator", "auditor", "customer"])
def test_only_approvers_approve(desk: Desk, role: str) -> None:
    with pytest.raises(NotAllowed):
        desk.approve(desk.anna, role=role)
    assert desk.change().first_by is None


def test_an_approval_is_bound_to_what_was_seen(desk: Desk) -> None:
    with pytest.raises(Stale):
        desk.approve(desk.anna, seen_digest="0" * 64)
    change = desk.change()
    assert change.digest == partners.digest_payload(change.payload)
    assert desk.approved().partner.state == "approved"


def test_a_closed_change_is_not_approved_again(desk: Desk) -> None:
    change = desk.change()
    desk.approved()
    with pytest.raises(WrongState):
        desk.approve(desk.bank.hire("vera"), change)


def test_a_refused_application_is_closed(desk: Desk) -> None:
    change = desk.change()
    with desk.bank.database.transaction() as tx:
        partners.refuse(
            tx, change.id, staff_id=desk.anna, role="approver", reason="Нет сайта", now=desk.bank.clock.now()
        )
    assert (desk.partner.state, desk.partner.state_reason) == ("closed", "Нет сайта")
    with pytest.raises(WrongState):
        desk.approve(desk.boris, change)


def test_a_refused_reissue_leaves_the_partner_as_it_was(desk: Desk) -> None:
    desk.approved()
    change_id = desk.do(partners.request_reissue)
    with desk.bank.database.transaction() as tx:
        partners.refuse(tx, change_id, staff_id=desk.boris, role="approver", reason="x", now=desk.bank.clock.now())
    assert desk.partner.state == "approved"


def test_credentials_are_claimed_once(bank: Bank) -> None:
    desk = Desk(bank, **SECRET).approved()
    credentials = desk.claim()
    assert credentials.client_secret is not None
    assert credentials.client_secret.startswith("cs_")
    with pytest.raises(AlreadyClaimed):
        desk.claim()
    with bank.database.reading() as connection, pytest.raises(NotFound):
        partners.read_by_receipt(connection, "rc_unknown")


def test_a_partner_with_a_key_gets_its_client_id_only(desk: Desk) -> None:
    credentials = desk.approved().claim()
    assert credentials.client_secret is None
    assert credentials.client_id == desk.partner.client_id
    assert credentials.client_id.startswith("pc_")


def test_one_person_suspends_at_once_and_two_resume(desk: Desk) -> None:
    desk.approved()
    with pytest.raises(WrongState):
        desk.do(partners.request_resume)
    with pytest.raises(NotAllowed):
        desk.do(partners.suspend, role="auditor")
    desk.do(partners.suspend, role="operator")
    assert desk.partner.state == "suspended"
    desk.do(partners.request_resume)
    with pytest.raises(SamePerson):
        desk.approve(desk.anna)
    desk.approve(desk.boris)
    assert desk.partner.state == "approved"


def test_one_request_of_a_kind_is_open_at_a_time(desk: Desk) -> None:
    desk.approved()
    desk.do(partners.request_reissue)
    with pytest.raises(WrongState):
        desk.do(partners.request_reissue)


def test_a_reissue_needs_two_and_opens_one_more_claim(bank: Bank) -> None:
    desk = Desk(bank, **SECRET)
    with pytest.raises(WrongState):
        desk.do(partners.request_reissue)
    desk.approved()
    first = desk.claim()
    desk.do(partners.request_reissue)
    with pytest.raises(AlreadyClaimed):
        desk.claim()
    renewed = desk.approve(desk.boris)
    with pytest.raises(NotFound):
        desk.claim()  # the old receipt code took its credentials once and is worth nothing now
    desk.receipt = str(renewed.receipt_code)
    second = desk.claim()
    assert (second.client_id, second.client_secret == first.client_secret) == (first.client_id, False)
    with bank.database.reading() as connection:
        secrets = partners.list_secrets(connection, desk.partner_id)
    assert len(secrets) == 2


def test_new_keys_are_checked_before_anybody_sees_them(desk: Desk) -> None:
    desk.approved()
    with pytest.raises(BrokenRule):
        desk.do(partners.request_reissue, jwks={"keys": []})
    key = {"keys": [public_jwk(ec.generate_private_key(ec.SECP256R1()), kid="key-2")]}
    desk.do(partners.request_reissue, jwks=key)
    assert desk.partner.jwks == JWKS
    desk.approve(desk.boris)
    assert desk.partner.jwks == key


def test_a_closed_partner_stays_closed(desk: Desk) -> None:
    desk.approved()
    desk.do(partners.close)
    for step in (partners.suspend, partners.close, partners.request_resume, partners.request_reissue):
        with pytest.raises(WrongState):
            desk.do(step)


def test_partners_are_found_by_name_inn_and_client_id(desk: Desk) -> None:
    with desk.bank.database.reading() as connection:
        for search in ("книги" if desk.bank.database.is_postgresql else "Книги", "7707", desk.partner.client_id, ""):
            assert [p.id for p in partners.list_partners(connection, search=search)] == [desk.partner_id]
        assert partners.list_partners(connection, search="%") == []
        assert partners.list_partners(connection, state="approved") == []
        assert len(partners.list_partners(connection, state="applied")) == 1
        assert partners.list_partners(connection, offset=1) == []


def test_unknown_ids_are_not_found(bank: Bank) -> None:
    with bank.database.reading() as connection:
        with pytest.raises(NotFound):
            partners.read_partner(connection, "pa_unknown")
        with pytest.raises(NotFound):
            partners.read_change(connection, "pg_unknown")


def test_every_step_is_in_the_audit_log(desk: Desk) -> None:
    desk.approved()
    desk.claim()
    desk.do(partners.suspend)
    with desk.bank.database.reading() as connection:
        events = [event.action for event in list_events(connection, partner_id=desk.partner_id)]
        assert find_break(connection) is None
        assert not connection.execute(sa.select(table.c.id).where(table.c.receipt_hash == desk.receipt.encode())).all()
    assert events == [
        "partner.suspended",
        "partner.credentials_claimed",
        "partner.change_approved",
        "partner.change_approved",
        "partner.applied",
    ]
