"""`/customer/statements`: a person downloads the statement of an account, in the shapes that services get.

The form is sent by GET and changes nothing but the audit log.  Company and account must be the person's at this very
moment: the bank is asked each time, and what is foreign is 404 like the unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from flask import Response, abort, request

from oauth import audit
from oauth.audit import Actor
from oauth.context import context
from oauth.errors import NotFound
from oauth.ports import (
    CustomerChoice,
    DirectoryUnavailable,
    StatementDownload,
    StatementNotReady,
    StatementRequest,
    StatementTooLong,
)
from oauth.web.browser import remote_ip
from oauth.web.customer import current_person, customer_page, require_login
from oauth.web.language import MOSCOW, _, say_number
from oauth.web.pages import page_blueprint, render_error
from oauth.web.statement_form import (
    OWN_PERIOD,
    BadChoice,
    ForeignAccount,
    Offer,
    option_field,
    quick_periods,
    read_request,
)
from oauth.web.words import STATEMENT_OPTIONS, STATEMENT_SHAPES, sort_shapes

SECTION = "/customer/statements"
RETRY_AFTER_S = 30

blueprint = page_blueprint("statements", SECTION)
blueprint.before_request(partial(require_login, SECTION))


class NoCompany(Exception):
    """The person acts for nobody."""


@blueprint.errorhandler(NotFound)
def not_found(_error: NotFound) -> Response:
    return render_error(404)


@blueprint.errorhandler(DirectoryUnavailable)
def bank_unavailable(_error: DirectoryUnavailable) -> Response:
    return render_error(503)


@blueprint.errorhandler(NoCompany)
def no_company(_error: NoCompany) -> Response:
    return render_error(404, _("У вас нет компании, выписку которой можно скачать. Обратитесь в банк."))


@blueprint.get("")
def choose_statement() -> Response:
    """The form; a link of it may name the company."""
    return _form_page(_make_offer(), _read_form(), {})


@blueprint.get("/file")
def download_statement() -> Response:
    """The file, or the form again with what is wrong beside each field."""
    form, offer = _read_form(), _make_offer()
    try:
        asked = read_request(form, offer)
        file = context().statement_desk.open(asked)
    except ForeignAccount as error:
        raise NotFound from error
    except BadChoice as bad:
        return _form_page(offer, form, {field: _(text) for field, text in bad.problems.items()}, status=422)
    except StatementTooLong as error:
        return _form_page(offer, form, {"shape": _say_too_long(error)}, status=422)
    except StatementNotReady:
        return _not_ready_page(offer, form)
    _record_download(offer.company, asked)
    return _send(file)


def _send(file: StatementDownload) -> Response:
    response = Response(file.chunks, content_type=file.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.file_name}"'
    return response


def _record_download(company: CustomerChoice, asked: StatementRequest) -> None:
    server, person = context(), current_person()
    with server.transaction() as tx:
        audit.record(
            tx,
            at=server.now(),
            actor=Actor(kind="customer", id=person.user_id),
            action="statement.downloaded",
            ip=remote_ip(),
            detail={"customer_id": company.customer_id, "account_id": asked.account_id, "shape": asked.shape},
        )


def _read_form() -> Mapping[str, str]:
    """The fields of the form; answers 400 where one comes twice."""
    if any(len(values) > 1 for _name, values in request.args.lists()):
        abort(400)
    return request.args.to_dict()


def _make_offer() -> Offer:
    """For the company that the form names, else for the person's first.

    Raises NotFound, NoCompany and DirectoryUnavailable.
    """
    server = context()
    companies = server.directory.customers(current_person().user_id)
    if not companies:
        raise NoCompany
    named = request.args.get("customer")
    company = next((one for one in companies if named in (None, one.customer_id)), None)
    if company is None:
        raise NotFound(named)
    today = server.now().astimezone(MOSCOW).date()
    earliest = today - timedelta(days=server.settings.history_days)  # as far back as services see
    return Offer(
        companies=companies,
        company=company,
        accounts=server.directory.accounts(company.customer_id),
        shapes=sort_shapes(server.statement_desk.list_shapes()),
        periods=quick_periods(today, earliest),
        earliest=earliest,
        latest=today,
    )


def _say_too_long(error: StatementTooLong) -> str:
    text = _("Операций: {entries}, а в этот формат помещается {limit}. Возьмите период короче или другой формат.")
    return text.format(entries=say_number(error.entries), limit=say_number(error.limit))


def _not_ready_page(offer: Offer, form: Mapping[str, str]) -> Response:
    page = _form_page(offer, form, {}, status=503, is_not_ready=True)
    page.headers["Retry-After"] = str(RETRY_AFTER_S)
    return page


def _form_page(
    offer: Offer,
    form: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    status: int = 200,
    is_not_ready: bool = False,
) -> Response:
    return customer_page(
        "customer_statements.html",
        status,
        section="statements",
        offer=offer,
        form=form,
        problems=problems,
        is_not_ready=is_not_ready,
        own_period=OWN_PERIOD,
        option_field=option_field,
        shape_words=STATEMENT_SHAPES,
        option_words=STATEMENT_OPTIONS,
    )
