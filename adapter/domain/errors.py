"""What can go wrong, as a tree; `adapter/api/errors.py` holds the one table that gives each its HTTP answer.

AdapterError
├── NotFound                 unknown or foreign: the caller cannot tell which
├── BadCursor                a cursor that this feed never gave
├── CursorExpired            the feed was rebuilt after the cursor was given
├── InvalidQuery             query parameters break rules; carries every broken rule
├── MalformedBody            the body is not what its media type says
├── BadIdempotencyKey        the header is missing or not 1 to 255 visible characters
├── InvalidOrders            one or more payment orders break rules; carries every broken rule
├── UnreadableFile           a file cannot be read; carries the lines
├── TooManyEntries           a statement is longer than its shape can hold, or can be made while one waits
├── Busy                     as many costly answers are being made as the server bears; asking again is safe
├── IdempotencyKeyReused     the same key came with another body
├── RequestInProgress        the first request with this key is still running
├── ExternalIdTaken          the external id names another payment already
├── NotCancellable           the payment is past the point of withdrawal
├── InvalidStatementOrder    an ordered statement breaks rules; carries every broken rule
├── TooManyStatementOrders   the consent has as many unfinished ones, or kept files, as it may
├── StatementNotReady        the file is still being made
├── StatementFailed          there is no file and will be none
├── StatementExpired         the file was kept for its time and is gone
├── CoreCallRefused          a call in the name of the core is not signed as it must be
├── Recovering               our database was restored and not yet recovered: nothing is accepted
├── CoreUnavailable          the core was not reached; nothing was attempted, asking again is safe
└── MarkUnknown              the core no longer knows the mark: it was restored; its feed is read from the beginning
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One broken rule, told so that a person finds the place: pointer, line, form field and a Russian sentence."""

    pointer: str  # RFC 6901, e.g. /payments/3/payee/account; "" is the whole body
    code: str  # stable, snake_case
    message: str  # Russian, for an accountant
    field: str | None = None  # our name, e.g. payee.account, or the tag of a file
    form_field: str | None = None  # number of the field in form 0401060, e.g. "17"
    line: int | None = None  # line of a file, counted from 1
    right_value: str | None = None  # what would be right, where that is known
    reference: str | None = None  # Russian: the rule and since when it holds
    before: str | None = None  # of a text that was normalised
    after: str | None = None


class AdapterError(Exception):
    """Base of everything that the adapter itself raises."""

    code = "error"


class NotFound(AdapterError):
    """Unknown or foreign: the caller cannot tell which."""

    code = "not_found"


class BadCursor(AdapterError):
    """A cursor that this feed never gave."""

    code = "bad_cursor"


class CursorExpired(AdapterError):
    """The feed was rebuilt after the cursor was given.

    `restart` is the cursor with which reading goes on where it was; None where it starts from the beginning.
    """

    code = "cursor_expired"

    def __init__(self, restart: str | None) -> None:
        how = "go on with the cursor in `restart`" if restart else "read it again from the beginning, without a cursor"
        super().__init__(f"this feed was rebuilt; {how}")
        self.restart = restart


class InvalidQuery(AdapterError):
    """Query parameters break rules; carries every broken rule."""

    code = "invalid_query"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"{len(errors)} broken rules")
        self.errors = tuple(errors)


class MalformedBody(AdapterError):
    """The body is not what its media type says it is."""

    code = "malformed_body"


class BadIdempotencyKey(AdapterError):
    """The header Idempotency-Key is missing, repeated or not 1 to 255 visible ASCII characters."""

    code = "bad_idempotency_key"


class InvalidOrders(AdapterError):
    """One or more payment orders break rules; carries every broken rule of every order."""

    code = "invalid_orders"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"{len(errors)} broken rules")
        self.errors = tuple(errors)


class UnreadableFile(AdapterError):
    """A file cannot be read at all or in part; carries the lines and fields."""

    code = "unreadable_file"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"{len(errors)} unreadable places")
        self.errors = tuple(errors)


class TooManyEntries(AdapterError):
    """A statement is longer than its shape can hold, or can be made while one waits; carries limit and count."""

    code = "too_many_entries"

    def __init__(self, limit: int, entries: int) -> None:
        super().__init__(f"{entries} entries, {limit} at most")
        self.limit = limit
        self.entries = entries
        message = (
            f"В выписке операций: {entries}, а в этом формате можно получить не больше {limit}. "
            "Выберите период короче или другой формат либо закажите выписку: POST /v1/statement-orders"
        )
        self.errors = (FieldError(pointer="", code=self.code, message=message),)


class Busy(AdapterError):
    """As many costly answers are being made as the server bears; asking again in a moment is safe."""

    code = "busy"


class IdempotencyKeyReused(AdapterError):
    """The same idempotency key came with another body."""

    code = "idempotency_key_reused"


class RequestInProgress(AdapterError):
    """The first request with this idempotency key is still running."""

    code = "request_in_progress"


class ExternalIdTaken(AdapterError):
    """The external id names another payment of this partner and customer already."""

    code = "external_id_taken"

    def __init__(self, external_id: str, payment_id: str) -> None:
        super().__init__(f"{external_id} is {payment_id}")
        self.external_id = external_id
        self.payment_id = payment_id


class NotCancellable(AdapterError):
    """The payment is past the point of withdrawal; carries its status."""

    code = "not_cancellable"

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class InvalidStatementOrder(AdapterError):
    """An ordered statement breaks rules; carries every broken rule."""

    code = "invalid_statement_order"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"{len(errors)} broken rules")
        self.errors = tuple(errors)


class TooManyStatementOrders(AdapterError):
    """The consent has as many unfinished statement orders, or files kept for it, as it may."""

    code = "too_many_statement_orders"

    def __init__(self, limit: int, what: str) -> None:
        super().__init__(f"one consent may have {limit} {what} at a time")


class StatementNotReady(AdapterError):
    """The file of an ordered statement is still being made; ask for its status."""

    code = "not_ready"


class StatementFailed(AdapterError):
    """The ordered statement could not be made; its `failure` says why.  Order again."""

    code = "statement_failed"


class StatementExpired(AdapterError):
    """The file of an ordered statement was kept until its `expires_at` and is gone.  Order again."""

    code = "statement_expired"


class CoreCallRefused(AdapterError):
    """A call in the name of the core is not signed as it must be, too old, or came before."""

    code = "core_call_refused"


class Recovering(AdapterError):
    """Our database was restored to an earlier moment and what the core has since is not yet adopted."""

    code = "recovering"


class CoreUnavailable(AdapterError):
    """The core was not reached; nothing was attempted, asking again is safe."""

    code = "core_unavailable"


class CoreAnswerWrong(CoreUnavailable):
    """The core answered a question with an error or with what breaks its contract: it lives, and would do so again.

    `call` names the question and `what` tells staff what is wrong; neither is for partners.
    """

    def __init__(self, call: str, what: str) -> None:
        super().__init__("the core's answer breaks its contract")
        self.call = call
        self.what = what


class MarkUnknown(AdapterError):
    """The core no longer knows the mark: it was restored to an earlier moment.  The feed is read from the beginning."""

    code = "mark_unknown"
