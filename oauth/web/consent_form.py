"""What the consent page offers and how its form is read; no HTTP and no database here.

Nothing is ticked beforehand, except the only account of the only company.  What comes back is checked against a fresh
offer, so that a form cannot name a company, an account or a day that the page did not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from werkzeug.datastructures import MultiDict

from oauth.consents import ACCOUNTS_MAX, Agreement, ConsentAccount
from oauth.errors import NotAllowed
from oauth.ports import AccountChoice, CustomerChoice, CustomerDirectory
from oauth.requests import AuthorizationRequest
from oauth.settings import OAuthSettings
from oauth.web.language import MOSCOW, mark
from oauth.web.sessions import Person

SHORTER_TERMS_DAYS = (30, 90, 180, 365)


class BadChoice(Exception):
    """The form lacks something; the text is for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company that the person may speak for, with its accounts."""

    customer: CustomerChoice
    accounts: Sequence[AccountChoice]

    @property
    def shareable(self) -> list[AccountChoice]:
        return [account for account in self.accounts if account.can_be_shared]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A last day that the person can choose."""

    days: int
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Everything that the page lets the person choose from."""

    companies: Sequence[Company]
    barred: Sequence[CustomerChoice]  # companies for which this person may not decide
    terms: Sequence[Term]
    history_from: date

    @property
    def only_account(self) -> str | None:
        """The account that may be ticked beforehand: there is nothing else to choose."""
        if len(self.companies) == 1 and len(self.companies[0].shareable) == 1:
            return self.companies[0].shareable[0].account_id
        return None


def make_offer(
    directory: CustomerDirectory, person: Person, hint: str | None, settings: OAuthSettings, now: datetime
) -> Offer:
    """Ask the bank whom the person acts for and which accounts there are.  Raises DirectoryUnavailable."""
    customers = directory.customers(person.user_id)
    companies = [
        Company(customer=customer, accounts=directory.accounts(customer.customer_id))
        for customer in customers
        if customer.may_give_consent
    ]
    today = now.astimezone(MOSCOW).date()
    return Offer(
        companies=sorted(companies, key=lambda company: not _has_number(company, hint)),
        barred=[customer for customer in customers if not customer.may_give_consent],
        terms=_terms(today, settings),
        history_from=today - timedelta(days=settings.history_days),
    )


def _terms(today: date, settings: OAuthSettings) -> list[Term]:
    days = {term for term in SHORTER_TERMS_DAYS if term <= settings.consent_days_max} | {settings.consent_days}
    return [Term(days=term, until=today + timedelta(days=term)) for term in sorted(days)]


def _has_number(company: Company, number: str | None) -> bool:
    return number is not None and any(account.number == number for account in company.shareable)


def is_hint_offered(offer: Offer, hint: str) -> bool:
    """Whether the account that the service named is among those that can be chosen."""
    return any(_has_number(company, hint) for company in offer.companies)


def read_agreement(
    form: MultiDict[str, str], offer: Offer, request: AuthorizationRequest, person: Person, ip: str
) -> Agreement:
    """What the person agreed to.  Raises BadChoice (ask again) or NotAllowed (the form was tampered with)."""
    company = _chosen_company(form, offer)
    return Agreement(
        user_id=person.user_id,
        user_name=person.user_name,
        customer_id=company.customer.customer_id,
        customer_name=company.customer.name,
        customer_inn=company.customer.inn,
        acr=person.acr,
        amr=person.amr,
        authenticated_at=person.authenticated_at,
        scopes=request.scopes,
        accounts=[
            ConsentAccount(
                account_id=account.account_id,
                number=account.number,
                name=account.name,
                currency=account.currency,
                bic=account.bic,
            )
            for account in _chosen_accounts(form, offer, company)
        ],
        history_from=offer.history_from,
        expires_at=_chosen_end(form, offer),
        ip=ip,
    )


def _chosen_company(form: MultiDict[str, str], offer: Offer) -> Company:
    chosen = form.get("customer", "")
    if not chosen:
        raise BadChoice(mark("Выберите компанию, от имени которой даёте доступ."))
    for company in offer.companies:
        if company.customer.customer_id == chosen:
            return company
    raise NotAllowed("this person may not decide for that company")


def _chosen_accounts(form: MultiDict[str, str], offer: Offer, company: Company) -> list[AccountChoice]:
    ticked = set(form.getlist("account"))
    offered = {account.account_id for item in offer.companies for account in item.shareable}
    if not ticked <= offered:
        raise BadChoice(mark("Список счетов изменился. Проверьте, что отмечено, и решите ещё раз."))
    # Ticks under a company that was not chosen stay in the form when the person changes their mind; they do not count.
    accounts = [account for account in company.shareable if account.account_id in ticked]
    if not accounts:
        raise BadChoice(mark("Отметьте хотя бы один счёт, который хотите открыть сервису."))
    if len(accounts) > ACCOUNTS_MAX:
        raise BadChoice(mark("За один раз можно открыть не больше 200 счетов. Снимите лишние отметки."))
    return accounts


def _chosen_end(form: MultiDict[str, str], offer: Offer) -> datetime:
    """The last second, in Moscow, of the day that the page named."""
    for term in offer.terms:
        if str(term.days) == form.get("days"):
            return datetime.combine(term.until, time(23, 59, 59), MOSCOW)
    raise BadChoice(mark("Выберите, до какого дня даёте доступ."))
