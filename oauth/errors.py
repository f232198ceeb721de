"""What can go wrong between people, partners and consents.  Protocol errors are Authlib's, resource errors in protect.

OAuthError
├── NotFound              unknown, foreign or over: the caller cannot tell which
├── InvalidApplication    fields of a partner application that break rules, all at once
├── WrongState            the thing is not in a state that allows this; it was probably done already
│   ├── AlreadyClaimed    the credentials were taken before
│   └── Stale             what the person saw has changed since
├── NotAllowed            the role does not allow this
│   └── SamePerson        four eyes: the second person must be another one
└── InvalidSettings       a setting is outside its bounds; the process must not start
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """A field of a form with a stable code; `value` is the part that is wrong.  Pages hold the words."""

    field: str
    code: str
    value: str = ""


class OAuthError(Exception):
    """Base of everything below."""


class NotFound(OAuthError):
    """Unknown, foreign or over: the caller cannot tell which."""


class InvalidApplication(OAuthError):
    """Fields of a partner application that break rules, all at once."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = tuple(problems)


class WrongState(OAuthError):
    """The thing is not in a state that allows this; it was probably done already."""


class AlreadyClaimed(WrongState):
    """The credentials were taken before."""


class Stale(WrongState):
    """What the person saw has changed since."""


class NotAllowed(OAuthError):
    """The role does not allow this."""


class SamePerson(NotAllowed):
    """Four eyes: the second person must be another one."""


class InvalidSettings(OAuthError):
    """A setting is outside its bounds; the process must not start."""
