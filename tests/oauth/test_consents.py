"""The life of a consent, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from oauth import Scope, consents, list_connected_accounts, partners, take_away_accounts
from oauth.audit import Actor, list_events
from oauth.errors import NotFound, WrongState
from oauth.models import consents as table
from tests.oauth.actors import Bank, account, agreement

CUSTOMER = Actor(kind="customer", id="user-1")


class Case:
    """One partner and what a customer does with it."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.partner_id = bank.partner_id(bank.partner().client_id)
        self.staff_id = bank.hire("guard")

    def begin(self) -> str:
        return str(self.do(consents.begin, partner_id=self.partner_id, scopes=Scope))

    def give(self, **changes: Any) -> str:
        consent_id = self.begin()
        self.do(consents.give, consent_id, agreement(self.bank.clock, **changes))
        return consent_id

    def do(self, step: Any, *args: Any, **options: Any) -> Any:
        with self.bank.database.transaction() as tx:
            return step(tx, *args, now=self.bank.clock.now(), **options)

    def read(self, consent_id: str) -> consents.Consent:
        with self.bank.database.reading() as connection:
            return consents.read_consent(connection, consent_id, now=self.bank.clock.now())

    def revoke(self, consent_id: str) -> None:
        self.do(consents.revoke, consent_id, by="customer", actor=CUSTOMER, reason="не нужен")


@pytest.fixture
def case(bank: Bank) -> Case:
    return Case(bank)


def test_a_consent_is_given_once(case: Case) -> None:
    consent_id = case.begin()
    assert case.read(consent_id).state == "awaiting"
    case.do(consents.give, consent_id, agreement(case.bank.clock))
    given = case.read(consent_id)
    assert (given.state, given.customer_name, given.scopes) == ("active", "ООО «Ромашка»", frozenset(Scope))
    assert [a.account_id for a in given.accounts] == ["acc_1", "acc_2"]
    with pytest.raises(WrongState):
        case.do(consents.give, consent_id, agreement(case.bank.clock))


def test_a_refused_consent_gives_nothing(case: Case) -> None:
    consent_id = case.begin()
    case.do(consents.reject, consent_id, actor=CUSTOMER)
    assert case.read(consent_id).state == "rejected"
    with pytest.raises(WrongState):
        case.do(consents.give, consent_id, agreement(case.bank.clock))


def test_expiry_is_computed_at_read_time(case: Case) -> None:
    consent_id = case.give(expires_at=case.bank.clock.now() + timedelta(hours=1))
    case.bank.clock.advance(seconds=3599)
    assert case.read(consent_id).state == "active"
    case.bank.clock.advance(seconds=1)
    assert case.read(consent_id).state == "expired"


def test_an_expired_consent_is_renewed_in_place_by_the_same_person_only(case: Case) -> None:
    consent_id = case.give(expires_at=case.bank.clock.now() + timedelta(hours=1))
    case.bank.clock.advance(seconds=7200)
    for change in ({"user_id": "user-2"}, {"customer_id": "customer-2"}):
        with pytest.raises(WrongState):
            case.do(consents.renew, consent_id, agreement(case.bank.clock, **change))
    case.do(consents.renew, consent_id, agreement(case.bank.clock, accounts=[account("acc_3")]))
    renewed = case.read(consent_id)
    assert (renewed.state, [a.account_id for a in renewed.accounts]) == ("active", ["acc_3"])


def test_renewing_never_makes_the_history_shorter(case: Case) -> None:
    consent_id = case.give(history_from=date(2025, 11, 20))
    for offered, kept in ((date(2026, 5, 20), date(2025, 11, 20)), (date(2025, 1, 1), date(2025, 1, 1))):
        case.do(consents.renew, consent_id, agreement(case.bank.clock, history_from=offered))
        assert case.read(consent_id).history_from == kept


def test_a_consent_names_no_more_accounts_than_a_cursor_can(case: Case) -> None:
    many = [account(f"acc_{number}") for number in range(consents.ACCOUNTS_MAX + 1)]
    with pytest.raises(WrongState):
        case.give(accounts=many)
    assert len(case.read(case.give(accounts=many[1:])).accounts) == consents.ACCOUNTS_MAX


@pytest.mark.parametrize(
    "account_ids",
    [["acc_1", "acc_2"], ["acc_1", "acc_3"], ["acc_3"], []],
    ids=["the-same", "another-one", "only-another", "none"],
)
def test_narrowing_leaves_fewer_and_adds_none(case: Case, account_ids: list[str]) -> None:
    consent_id = case.give()
    with pytest.raises(WrongState):
        case.do(consents.narrow, consent_id, account_ids, user_id="user-1")
    case.do(consents.narrow, consent_id, ["acc_1"], user_id="user-1")
    assert [a.account_id for a in case.read(consent_id).accounts] == ["acc_1"]


def test_only_the_person_that_gave_it_narrows(case: Case) -> None:
    """C08"""
    consent_id = case.give()
    with pytest.raises(NotFound):
        case.do(consents.narrow, consent_id, ["acc_1"], user_id="user-2")


def test_a_revoked_consent_stays_revoked(case: Case) -> None:
    consent_id = case.give()
    case.revoke(consent_id)
    ended = case.read(consent_id)
    assert (ended.state, ended.ended_by, ended.state_reason) == ("revoked", "customer", "не нужен")
    steps = (
        lambda: case.revoke(consent_id),
        lambda: case.do(consents.narrow, consent_id, ["acc_1"], user_id="user-1"),
        lambda: case.do(consents.renew, consent_id, agreement(case.bank.clock)),
        lambda: case.do(consents.suspend, consent_id, staff_id=case.staff_id, reason="x"),
        lambda: case.do(consents.resume, consent_id, staff_id=case.staff_id, reason="x"),
    )
    for step in steps:
        with pytest.raises(WrongState):
            step()


def test_a_suspended_consent_may_be_ended_and_not_narrowed(case: Case) -> None:
    consent_id = case.give()
    case.do(consents.suspend, consent_id, staff_id=case.staff_id, reason="Проверка")
    assert case.read(consent_id).state == "suspended"
    with pytest.raises(WrongState):
        case.do(consents.narrow, consent_id, ["acc_1"], user_id="user-1")
    case.revoke(consent_id)
    assert case.read(consent_id).state == "revoked"


def test_a_person_sees_only_own_consents_active_first(case: Case) -> None:
    """C08"""
    ended = case.give()
    case.revoke(ended)
    case.bank.clock.advance(seconds=1)
    active = case.give()
    foreign = case.give(user_id="user-2")
    case.begin()
    with case.bank.database.reading() as connection:
        now = case.bank.clock.now()
        assert [c.id for c in consents.list_for_user(connection, "user-1", now=now)] == [active, ended]
        assert consents.read_for_user(connection, active, "user-1", now=now).partner_name == "Книги"
        for consent_id in (foreign, "cn_unknown"):
            with pytest.raises(NotFound):
                consents.read_for_user(connection, consent_id, "user-1", now=now)


def test_the_bank_sees_and_counts_the_consents_of_a_partner(case: Case) -> None:
    first, second = case.give(), case.give(user_id="user-2")
    case.revoke(second)
    with case.bank.database.reading() as connection:
        now = case.bank.clock.now()
        listed = consents.list_for_partner(connection, case.partner_id, now=now)
        assert {c.id for c in listed} == {first, second}
        assert len(consents.list_for_partner(connection, case.partner_id, now=now, limit=1, offset=1)) == 1
        assert consents.count_active(connection, case.partner_id, now=now) == 1


def test_connected_accounts_are_those_that_somebody_may_read_now(case: Case) -> None:
    case.give()
    case.give(accounts=[account("acc_3")], scopes=frozenset({Scope.PAYMENTS}))
    case.give(accounts=[account("acc_4")], expires_at=case.bank.clock.now() + timedelta(seconds=1))
    case.revoke(case.give(accounts=[account("acc_5")]))
    case.bank.clock.advance(seconds=1)

    def connected() -> set[str]:
        with case.bank.database.reading() as connection:
            return list_connected_accounts(connection, now=case.bank.clock.now())

    assert connected() == {"acc_1", "acc_2"}
    case.do(partners.suspend, case.partner_id, staff_id=case.staff_id, role="operator", reason="x")
    assert connected() == set()


def test_an_account_that_the_bank_gave_to_another_customer_is_lost_at_once_and_told(case: Case) -> None:
    both, one = case.give(), case.give(accounts=[account("acc_1")])
    stopped, of_others = case.give(), case.give(customer_id="customer-2")
    case.do(consents.suspend, stopped, staff_id=case.staff_id, reason="x")
    case.do(take_away_accounts, "customer-1", ["acc_1"])
    assert [left.account_id for left in case.read(both).accounts] == ["acc_2"]
    assert [left.account_id for left in case.read(stopped).accounts] == ["acc_2"]
    assert (case.read(stopped).state, case.read(both).version) == ("suspended", 3)
    ended = case.read(one)
    assert (ended.state, ended.ended_by, ended.state_reason) == ("revoked", "bank", consents.ACCOUNTS_MOVED)
    assert len(case.read(of_others).accounts) == 2
    with case.bank.database.reading() as connection:
        told = [event.action for event in list_events(connection, consent_id=both)]
        assert told == ["consent.accounts_moved", "consent.given"]
    case.do(take_away_accounts, "customer-1", ["acc_1"])
    assert case.read(both).version == 3


def test_the_database_keeps_no_half_consent(case: Case) -> None:
    consent_id = case.begin()
    with pytest.raises(IntegrityError), case.bank.database.transaction() as tx:
        tx.execute(table.update().where(table.c.id == consent_id).values(state="active"))


def test_every_change_is_in_the_audit_log_with_its_person(case: Case) -> None:
    consent_id = case.give(ip="198.51.100.1")
    case.do(consents.narrow, consent_id, ["acc_1"], user_id="user-1")
    case.do(consents.suspend, consent_id, staff_id=case.staff_id, reason="x")
    case.do(consents.resume, consent_id, staff_id=case.staff_id, reason="x")
    case.do(consents.renew, consent_id, agreement(case.bank.clock))
    case.revoke(consent_id)
    with case.bank.database.reading() as connection:
        events = list_events(connection, consent_id=consent_id)
    told = [(event.action, event.actor.kind) for event in reversed(events)]
    assert told == [
        ("consent.given", "customer"),
        ("consent.narrowed", "customer"),
        ("consent.suspended", "staff"),
        ("consent.resumed", "staff"),
        ("consent.renewed", "customer"),
        ("consent.revoked", "customer"),
    ]
    assert events[-1].ip == "198.51.100.1"
