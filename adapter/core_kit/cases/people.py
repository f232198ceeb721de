"""Who and what there is: the core itself, customers, accounts, balances."""

from __future__ import annotations

import re
from decimal import Decimal

from adapter.core_kit.bench import Act
from adapter.core_kit.case import Section
from adapter.core_kit.ground import Ground
from adapter.core_kit.judging import check, check_equal
from adapter.domain.accounts import AccountStatus
from adapter.domain.statements import Direction

core = Section("core")
people = Section("people")
balances = Section("balances")


@core.case("is-up", "A core that works says so.", mend="probe answers is_up while the core takes calls.")
def _is_up(ground: Ground) -> None:
    probe = ground.core.probe(ground.soon())
    check(probe.is_up, f"the probe says that the core is down: {probe.detail}")


@core.case(
    "capabilities-constant",
    "Capabilities stay the same for the life of the process.",
    mend="Tell what the core can do from its configuration, not from its present load.",
)
def _capabilities_stay(ground: Ground) -> None:
    first = ground.core.capabilities()
    ground.core.probe(ground.soon())
    ground.core.list_accounts(ground.bench.customer, ground.soon())
    check_equal(ground.core.capabilities(), first, "the second time capabilities were asked")


@core.case(
    "capabilities-sane",
    "Capabilities are values that a sender can work with.",
    mend="name is a text, batch_size_max at least 1, history_days and not_found_is_final_after_s not below 0; the last "
    "is infinite where only a person can tell.",
)
def _capabilities_make_sense(ground: Ground) -> None:
    told = ground.core.capabilities()
    check(bool(told.name.strip()), "the core has no name")
    check(told.batch_size_max >= 1, f"batch_size_max is {told.batch_size_max}: nothing could ever be sent")
    check(told.history_days >= 0, f"history_days is {told.history_days}")
    final_after = told.not_found_is_final_after_s
    check(final_after >= 0, f"not_found_is_final_after_s is {final_after}")


@core.case(
    "clock",
    "Where the core tells the time, its clock is right within a minute.",
    mend="Run NTP on the core's machine; tell clock_difference_s in seconds.",
)
def _clock_is_right(ground: Ground) -> None:
    difference = ground.core.probe(ground.soon()).clock_difference_s
    check(difference is None or abs(difference) < 60, f"its clock differs by {difference} s")


@people.case(
    "finds-customers",
    "A user finds the customers for whom he acts.",
    mend="find_customers answers every company and entrepreneur that this login may act for.",
)
def _user_finds_customers(ground: Ground) -> None:
    found = ground.core.find_customers(ground.bench.user, ground.soon())
    ids = [one.customer_id for one in found]
    check(ground.bench.customer in ids, f"{ground.bench.customer!r} is not among {ids}")
    for one in found:
        check_equal(one.user_id, ground.bench.user, "user_id of a customer")
        check(bool(one.party.name.strip()), f"customer {one.customer_id!r} has no name")
        check(one.may_give_consent or bool(one.reason), "may_give_consent is false and no reason is told")


@people.case("unknown-user", "An unknown user acts for nobody.", mend="Answer an empty list, not an error.")
def _unknown_user(ground: Ground) -> None:
    check_equal(list(ground.core.find_customers("nobody", ground.soon())), [], "customers of an unknown user")


@people.case(
    "own-accounts",
    "Accounts of a customer are only his own, and all of them.",
    mend="Filter accounts by customer_id, in the query itself; foreign accounts must never be told.",
)
def _only_own_accounts(ground: Ground) -> None:
    accounts = ground.core.list_accounts(ground.bench.customer, ground.soon())
    ids = {account.core_id for account in accounts}
    missing = {ground.bench.account, ground.bench.second_account} - ids
    check(not missing, f"accounts of the customer are missing: {sorted(missing)}")
    check(ground.bench.foreign_account not in ids, "another customer's account is told")
    owners = {account.customer_id for account in accounts}
    check_equal(owners, {ground.bench.customer}, "customer_id of the accounts")


@people.case(
    "accounts-well-formed",
    "An account has its 20 characters, its BIC, its currency and its owner.",
    mend="number has 20 characters, bic 9 digits, currency is RUB and not 810 or 643.",
)
def _accounts_are_whole(ground: Ground) -> None:
    for account in ground.core.list_accounts(ground.bench.customer, ground.soon()):
        check(
            len(account.number) == 20, f"account {account.core_id!r} has a number of {len(account.number)} characters"
        )
        check(bool(re.fullmatch(r"\d{9}", account.bic)), f"account {account.core_id!r} has the BIC {account.bic!r}")
        check(bool(re.fullmatch(r"[A-Z]{3}", account.currency)), f"{account.currency!r} is no code of a currency")
        check(bool(account.owner.name.strip()), f"account {account.core_id!r} has no owner")
        check(
            account.can_be_shared or bool(account.reason), f"{account.core_id!r} cannot be shared and no reason is told"
        )


@people.case(
    "accounts-stable",
    "Accounts keep their ids and their order.",
    mend="core_id is the key of the account in the bank's books, not a number made for the answer; sort the list.",
)
def _accounts_are_stable(ground: Ground) -> None:
    first, second = (
        [account.core_id for account in ground.core.list_accounts(ground.bench.customer, ground.soon())] for _ in "12"
    )
    check_equal(second, first, "accounts asked again")
    check_equal(len(set(first)), len(first), "different ids among the accounts")


@people.case("unknown-customer", "An unknown customer has no accounts.", mend="Answer an empty list, not an error.")
def _unknown_customer(ground: Ground) -> None:
    check_equal(list(ground.core.list_accounts("nobody", ground.soon())), [], "accounts of an unknown customer")


@people.case(
    "open-account",
    "An open account says that it is open.",
    mend="Translate the bank's states of accounts: open, blocked, closed.",
)
def _open_account(ground: Ground) -> None:
    accounts = {one.core_id: one for one in ground.core.list_accounts(ground.bench.customer, ground.soon())}
    check(ground.bench.account in accounts, "the account under test is not told")
    check_equal(accounts[ground.bench.account].status, AccountStatus.OPEN, "status of the account under test")


@balances.case(
    "in-order",
    "Balances come in the order asked; unknown accounts are left out.",
    mend="Arrange the answer by the question: the database gives rows in an order of its own.",
)
def _balances_in_order(ground: Ground) -> None:
    bench = ground.bench
    for asked in ([bench.second_account, "unknown", bench.account], [bench.account, bench.second_account]):
        told = [one.core_account_id for one in ground.core.read_balances(asked, ground.soon())]
        check_equal(told, [one for one in asked if one != "unknown"], f"balances of {asked}")


@balances.case("of-nothing", "Where nothing is asked, nothing is told.", mend="An empty list of accounts is no error.")
def _balances_of_nothing(ground: Ground) -> None:
    check_equal(list(ground.core.read_balances([], ground.soon())), [], "balances of no accounts")


@balances.case(
    "as-of",
    "A balance says of which moment it is, with its zone.",
    mend="as_of carries an offset; it is the moment of the books, not of the answer, where the two differ.",
)
def _balances_have_a_moment(ground: Ground) -> None:
    for one in ground.core.read_balances([ground.bench.account], ground.soon()):
        check(one.as_of.tzinfo is not None, "as_of has no zone")


@balances.case(
    "follow-entries",
    "The booked balance moves by exactly what is booked.",
    mend="Add up kopecks as whole numbers; a removed entry takes its sum back.",
    acts=(Act.BOOK, Act.REMOVE),
)
def _balance_follows(ground: Ground) -> None:
    before = ground.read_booked()
    core_id = ground.book("10.50")
    ground.book("3.25", Direction.DEBIT)
    check_equal(ground.read_booked(), before + Decimal("7.25"), "balance after +10.50 and −3.25")
    ground.bench.remove(ground.bench.account, core_id)
    check_equal(ground.read_booked(), before - Decimal("3.25"), "balance after the credit was removed")
