"""The acts of a bench over HTTP, so that a core in another process can be checked: `api_specs/core-check.md`.

It moves money and dates in the bank behind it: never serve it where real customers are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import orjson

from adapter.core_kit.bench import Act, Bench, list_acts
from adapter.domain.statements import EntryDetails
from adapter.schemas.core_gateway.entries import load_entry
from adapter.schemas.core_gateway.members import Members, WrongShape


def build_control(bench: Bench) -> flask.Blueprint:
    """All acts that the bench can do, under /control/v1."""
    blp = flask.Blueprint("core_control", __name__, url_prefix="/control/v1")

    def describe() -> flask.Response:
        return _answer(_describe(bench))

    blp.add_url_rule("", "describe", describe)
    for act in list_acts(bench):
        blp.add_url_rule(f"/{act.value}", act.name, _view(bench, act), methods=["POST"])
    blp.register_error_handler(WrongShape, _refuse_shape)
    blp.register_error_handler(Exception, _refuse)
    return blp


def _view(bench: Bench, act: Act) -> Any:
    def do() -> flask.Response:
        return _answer(ACTS[act](bench, _asked()) or {})

    return do


def _describe(bench: Bench) -> dict[str, Any]:
    return {
        "acts": sorted(act.value for act in list_acts(bench)),
        "now": bench.clock.now().isoformat(),
        "user": bench.user,
        "customer": bench.customer,
        "account": bench.account,
        "second_account": bench.second_account,
        "foreign_account": bench.foreign_account,
    }


def _book(bench: Bench, asked: Members) -> dict[str, str]:
    return {"entry_id": bench.book(asked.identifier("account"), _entry(asked))}


def _change(bench: Bench, asked: Members) -> None:
    bench.change(asked.identifier("account"), asked.identifier("entry_id"), _entry(asked))


def _remove(bench: Bench, asked: Members) -> None:
    bench.remove(asked.identifier("account"), asked.identifier("entry_id"))


def _reverse(bench: Bench, asked: Members) -> dict[str, str]:
    return {"entry_id": bench.reverse(asked.identifier("account"), asked.identifier("entry_id"))}


def _edit(bench: Bench, asked: Members) -> None:
    changes = asked.object("changes")
    bench.edit(asked.identifier("document_id"), **{name: changes.text(name) for name in changes.found})


ACTS: dict[Act, Callable[[Bench, Members], dict[str, Any] | None]] = {
    Act.BOOK: _book,
    Act.CHANGE: _change,
    Act.REMOVE: _remove,
    Act.REVERSE: _reverse,
    Act.SIGN: lambda bench, asked: bench.sign(asked.identifier("document_id")),
    Act.EXECUTE: lambda bench, asked: bench.execute(asked.identifier("document_id")),
    Act.REJECT: lambda bench, asked: bench.reject(asked.identifier("document_id")),
    Act.EDIT: _edit,
    Act.EXPIRE: lambda bench, asked: bench.expire(asked.identifier("document_id")),
    Act.RESTORE: lambda bench, asked: bench.restore(),
    Act.SET_CLOCK: lambda bench, asked: bench.clock.set(asked.moment("now")),
}


def _entry(asked: Members) -> EntryDetails:
    details = load_entry(asked.object("entry")).details
    if details is None:
        raise WrongShape("/entry/removed", "an entry that is booked or changed is not a removed one")
    return details


def _asked() -> Members:
    if not flask.request.is_json:  # which no page of another site may send without being asked first
        raise WrongShape("", "not application/json")
    try:
        return Members.of(orjson.loads(flask.request.get_data(cache=False) or b"{}"))
    except orjson.JSONDecodeError:
        raise WrongShape("", "not JSON") from None


def _answer(found: dict[str, Any], status: int = 200) -> flask.Response:
    return flask.Response(orjson.dumps(found), status, content_type="application/json")


def _refuse_shape(error: WrongShape) -> flask.Response:
    return _answer({"error": str(error)}, 422)


def _refuse(error: Exception) -> flask.Response:
    """Whatever the bank says to an act that is not possible now."""
    return _answer({"error": f"{type(error).__name__}: {error}"}, 409)
