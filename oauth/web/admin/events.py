"""The audit log: filter, page, and check that the chain is whole."""

from __future__ import annotations

from flask import Response, request

from oauth import audit
from oauth.context import context
from oauth.staff import list_staff
from oauth.web.admin.desk import blueprint, desk_page
from oauth.web.words import EVENTS

EVENTS_ON_PAGE = 50
LAST_NUMBER = 2**63 - 1
FILTERS = ("action", "actor_id", "partner_id", "consent_id")


@blueprint.get("/audit")
def list_events() -> Response:
    """Newest first; filters and `before` come from the query."""
    return _events_page(chain=None)


@blueprint.post("/audit/check")
def check_chain() -> Response:
    """Read the whole log and tell whether a row was changed, removed or added past us."""
    with context().reading() as connection:
        broken = audit.find_break(connection)
    return _events_page(chain="whole" if broken is None else f"broken at {broken}")


def _events_page(chain: str | None) -> Response:
    wanted = {name: request.args.get(name, "").strip()[:200] or None for name in FILTERS}
    before = request.args.get("before", type=int)
    if before is not None:
        before = max(0, min(before, LAST_NUMBER))
    with context().reading() as connection:
        found = audit.list_events(connection, **wanted, before=before, limit=EVENTS_ON_PAGE + 1)
        staff_names = {employee.id: employee.name for employee in list_staff(connection)}
    return desk_page(
        "admin/events.html",
        "audit",
        found=found[:EVENTS_ON_PAGE],
        has_more=len(found) > EVENTS_ON_PAGE,
        wanted={name: value or "" for name, value in wanted.items()},
        staff_names=staff_names,
        chain=chain,
        event_words=EVENTS,
    )
