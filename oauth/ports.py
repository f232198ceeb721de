"""What the authorization server needs from the bank, as Protocols.

The customer logs in at the core (its internet bank) and comes back; our pages start after that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol


class Clock(Protocol):
    """Time, so that tests can drive it."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


class LoginRefused(Exception):
    """The reply of the core's login cannot be trusted, was used before, or says that the person gave up."""


class LoginUnavailable(Exception):
    """The core's login cannot be reached now; the person is told to try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest:
    """Ask the core to log a person in and send the browser back to `return_url` with `state` unchanged."""

    return_url: str
    state: str
    service_name: str | None = None  # told on the login page: which service the person comes from
    needs_strong: bool = False  # more than a password: a code, a key
    max_age_s: int = 0  # who logged in there at most this long ago need not do it again; 0: in any case anew


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginResult:
    """Who logged in, how strongly and when.  A core may answer more weakly than it was asked, and says so."""

    user_id: str  # at most 200 characters
    user_name: str
    acr: str  # the core's own word for how strongly, at most 100 characters
    amr: tuple[str, ...] = ()  # by what: pwd, otp, hwk … (RFC 8176)
    is_strong: bool
    authenticated_at: datetime


class CustomerLogin(Protocol):
    """The core's own login, usually OpenID Connect or a signed hand-over."""

    def begin(self, request: LoginRequest) -> str:
        """The URL to send the browser to.  Raises LoginUnavailable."""

    def finish(self, reply: Mapping[str, str]) -> LoginResult:
        """Who logged in, from the query parameters that came back.  One use; raises LoginRefused, LoginUnavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChoice:
    """A company or entrepreneur that a person acts for."""

    customer_id: str
    name: str
    inn: str
    kpp: str | None
    role: str
    may_give_consent: bool
    reason: str | None = None  # why not


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChoice:
    """An account that may be put under a consent; `account_id` is the adapter's public id."""

    account_id: str
    number: str
    bic: str
    currency: str
    name: str
    can_be_shared: bool
    reason: str | None = None  # why not


class DirectoryUnavailable(Exception):
    """The core cannot be asked now; the person is told to try again."""


class CustomerDirectory(Protocol):
    """Whom a person acts for and which accounts there are, asked while a consent is given or changed."""

    def customers(self, user_id: str) -> Sequence[CustomerChoice]:
        """Raises DirectoryUnavailable."""

    def accounts(self, customer_id: str) -> Sequence[AccountChoice]:
        """Raises DirectoryUnavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementShape:
    """A kind of file that a statement can be; `options` are its own choices with their values, the default first."""

    name: str
    title: str  # Russian
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRequest:
    """A person's wish.  `shape` and `options` are among those that the desk listed; both days are in the period."""

    account_id: str
    date_from: date
    date_to: date
    shape: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDownload:
    """The file in pieces; whoever cannot read them all has no whole file."""

    content_type: str
    file_name: str
    chunks: Iterable[bytes]


class StatementTooLong(Exception):
    """The period has more entries than this shape can give at once."""

    def __init__(self, limit: int, entries: int) -> None:
        super().__init__(f"{entries} entries, {limit} at most")
        self.limit = limit
        self.entries = entries


class StatementNotReady(Exception):
    """The core has not yet told all entries of this account, or cannot be asked now."""


class StatementDesk(Protocol):
    """Statements for a person.  Whoever asks has checked that the person acts for the account's owner."""

    def list_shapes(self) -> Sequence[StatementShape]:
        """Every kind of file."""

    def open(self, request: StatementRequest) -> StatementDownload:
        """Begin the file.  Raises StatementTooLong and StatementNotReady."""
