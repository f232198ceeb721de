"""The blueprint of all sandbox pages, bound to one opened bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from adapter.connectors.sandbox.web import accounts, control, documents, handover, login, operator, session
from adapter.connectors.sandbox.web.words import words

if TYPE_CHECKING:
    from adapter.connectors.sandbox.opening import Sandbox

MISTAKES = {
    400: "Страница устарела или форма заполнена не полностью. Вернитесь назад, обновите страницу и повторите.",
    403: "Войдите в интернет-банк.",
    404: "Такой страницы нет, или у вас нет к ней доступа.",
}


def build_blueprint(sandbox: Sandbox) -> Blueprint:
    """A new blueprint for each opened bank: the application that registers it serves this bank."""
    blueprint = Blueprint(
        "sandbox",
        __name__,
        url_prefix="/sandbox",
        template_folder="../templates",
        static_folder="../static",
        static_url_path="/static",
    )
    for part in (login.blp, handover.blp, accounts.blp, documents.blp, operator.blp, control.blp):
        blueprint.register_blueprint(part)
    blueprint.before_request(session.check_form_token)
    blueprint.after_request(session.finish_response)
    blueprint.context_processor(session.page_tools)
    blueprint.context_processor(words)
    blueprint.register_error_handler(HTTPException, _mistake)

    def bind(state: BlueprintSetupState) -> None:
        state.app.extensions["sandbox"] = sandbox

    blueprint.record(bind)
    return blueprint


def _mistake(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    return render_template("sandbox/mistake.html", text=MISTAKES.get(code, "Запрос не выполнен.")), code
