"""What the document says of every operation beside its own parameters and answers: its scope and its errors."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from oauth import Scope

ALWAYS = (400, 401, 403)


def operation(*scopes: Scope, errors: tuple[int, ...] = (), **more: Any) -> dict[str, Any]:
    """For `blp.doc`: the scopes that the token needs, and the errors that a caller meets beside 400, 401 and 403.

    A status stands for a problem of that name among the document's components; anything else is the default problem.
    """
    problems = {str(status): HTTPStatus(status).name for status in sorted((*ALWAYS, *errors))}
    return {
        **more,
        "security": [{"oauth2": [scope.value for scope in scopes]}],
        "responses": {**problems, **more.get("responses", {})},
    }
