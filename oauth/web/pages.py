"""How a page is made: templates, security headers, error pages.

The templates live in an environment of their own, so that they can never mix with those of the host application, and a
name that is missing in a template is an error.  Nothing needs JavaScript; the policy forbids it.
"""

from __future__ import annotations

import logging
import secrets
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jinja2
from flask import Blueprint, Response, abort, make_response, request, url_for
from werkzeug.exceptions import HTTPException

from oauth.context import context
from oauth.partner_rules import thumbprint
from oauth.ports import LoginUnavailable
from oauth.web.language import (
    _,
    current_language,
    mark,
    plural,
    say_age,
    say_day,
    say_days,
    say_moment,
    say_money,
    say_number,
    translations,
)
from oauth.web.words import account_number, initials, say_actor, say_event, say_use

FORM_BYTES_MAX = 256 * 1024
RETRY_AFTER_S = 30

log = logging.getLogger(__name__)

ERROR_TEXTS = {
    400: mark("Запрос составлен неверно."),
    403: mark("Страница устарела или открыта из другого окна. Вернитесь назад, обновите её и попробуйте ещё раз."),
    404: mark("Такой страницы нет или она вам недоступна."),
    405: mark("Так эту страницу открыть нельзя."),
    409: mark("Это уже сделано. Обновите страницу, чтобы увидеть, как обстоят дела."),
    413: mark("Слишком много данных."),
    429: mark("Слишком много попыток. Подождите немного и попробуйте ещё раз."),
    500: mark("У нас что-то сломалось. Мы уже знаем об этом; попробуйте ещё раз позже."),
    503: mark("Интернет-банк сейчас не отвечает. Попробуйте ещё раз через несколько минут."),
}


def render_page(template: str, status: int = 200, **values: Any) -> Response:
    """A whole page in the language of the request."""
    page = _environment(current_language()).get_template(template)
    text = page.render(bank_name=context().settings.bank_name, **values)
    return make_response(text, status)


def render_error(status: int, text: str | None = None, advice: str | None = None) -> Response:
    """A local page for something that went wrong; it never links to, or names, a partner's address."""
    error_id = secrets.token_hex(6)
    log.info("error page shown", extra={"error_id": error_id, "status": status})
    shown = text or _(ERROR_TEXTS.get(status, ERROR_TEXTS[400 if status < 500 else 500]))
    return render_page("error.html", status, text=shown, advice=advice, error_id=error_id)


def see_other(url: str) -> Response:
    """Redirect by 303, so that a form's content is never sent on (RFC 9700 section 4.12)."""
    return Response(status=303, headers={"Location": url})


def page_blueprint(name: str, url_prefix: str) -> Blueprint:
    """A blueprint whose every answer carries the security headers and whose errors are pages."""
    blueprint = Blueprint(f"oauth_{name}", __name__, url_prefix=url_prefix)
    blueprint.before_request(check_input)
    blueprint.after_request(add_security_headers)
    blueprint.register_error_handler(HTTPException, _http_error)
    blueprint.register_error_handler(LoginUnavailable, _login_unavailable)
    return blueprint


def check_input() -> None:
    """Answer 413 to a form that no page of ours sends, 400 to NUL characters, which PostgreSQL cannot take."""
    request.max_content_length = FORM_BYTES_MAX
    values = [*map(str, (request.view_args or {}).values())]
    for fields in (request.args, request.form):
        values += [text for pair in fields.items(multi=True) for text in pair]
    if any("\x00" in text for text in values):
        abort(400)


def allow_form_target(response: Response, url: str) -> Response:
    """Let a form of this page end in a redirect to `url`: browsers apply `form-action` to the redirect too."""
    parts = urlsplit(url)
    response.headers["Content-Security-Policy"] = _policy(f"'self' {parts.scheme}://{parts.netloc}")
    return response


def add_security_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy("'self'"))
    headers["X-Frame-Options"] = "DENY"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    headers.setdefault("Cache-Control", "no-store")
    headers["Vary"] = "Accept-Language, Cookie"
    if not context().settings.is_sandbox:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return response


def _policy(form_action: str) -> str:
    return (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    )


def _http_error(error: HTTPException) -> Response:
    response = render_error(error.code or 500)
    if error.code == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _login_unavailable(_error: LoginUnavailable) -> Response:
    response = render_error(503)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


@cache
def _environment(language: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("oauth.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "day": say_day,
        "days": lambda period: say_days(period.date_from, period.date_to),
        "moment": say_moment,
        "money": say_money,
        "number": say_number,
        "age": say_age,
        "account_number": account_number,
        "initials": initials,
        "use": say_use,
        "actor": say_actor,
        "event": say_event,
        "thumbprint": thumbprint,
    }
    environment.globals |= {"language": language, "plural": plural, "url_for": url_for}
    return environment
