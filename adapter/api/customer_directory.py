"""The bank's customers and their accounts for the authorization server, from the adapter's account directory."""

from __future__ import annotations

from collections.abc import Sequence

import oauth
from adapter.domain.errors import CoreUnavailable
from adapter.services.accounts import AccountDirectory


class CustomerDirectory:
    """Meets `oauth.CustomerDirectory`."""

    def __init__(self, directory: AccountDirectory) -> None:
        self._directory = directory

    def customers(self, user_id: str) -> Sequence[oauth.CustomerChoice]:
        try:
            found = self._directory.customers(user_id)
        except CoreUnavailable as error:
            raise oauth.DirectoryUnavailable from error
        return [
            oauth.CustomerChoice(
                customer_id=one.customer_id,
                name=one.party.name,
                inn=one.party.inn or "",
                kpp=one.party.kpp,
                role=one.role,
                may_give_consent=one.may_give_consent,
                reason=one.reason,
            )
            for one in found
        ]

    def accounts(self, customer_id: str) -> Sequence[oauth.AccountChoice]:
        try:
            found = self._directory.accounts(customer_id)
        except CoreUnavailable as error:
            raise oauth.DirectoryUnavailable from error
        return [
            oauth.AccountChoice(
                account_id=one.account.id,
                number=one.account.number,
                bic=one.account.bic,
                currency=one.account.currency,
                name=one.account.name,
                can_be_shared=one.can_be_shared,
                reason=one.reason,
            )
            for one in found
        ]
