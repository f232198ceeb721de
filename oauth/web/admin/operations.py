"""The adapter's work: how it stands to the bank's core, what alarmed, and payments that miss their entry."""

from __future__ import annotations

from flask import Response

from oauth.context import context
from oauth.errors import NotAllowed
from oauth.operations import Clerk
from oauth.web.admin.desk import blueprint, current_employee, desk_page, record_view
from oauth.web.browser import remote_ip
from oauth.web.operations_words import (
    ALARM_TEXTS,
    ALARMS,
    ALARMS_OF_THE_CORE,
    LANES,
    LINK_DETAILS,
    LINK_STATES,
    MISMATCHES,
    SAID_BY_KIND,
    say_facts,
)
from oauth.web.pages import see_other

SHOWN_MAX = 200
LAST_NUMBER = 2**63 - 1


@blueprint.get("/core")
def show_link() -> Response:
    """Asks the core for a sign of life while the page is made; alarms name payments and entries of customers."""
    desk = context().operations_desk
    alarms = desk.list_alarms(SHOWN_MAX + 1)
    if alarms:
        record_view({"alarms": len(alarms[:SHOWN_MAX])})
    return desk_page(
        "admin/core.html",
        "core",
        link=desk.read_link(),
        alarms=alarms[:SHOWN_MAX],
        has_more=len(alarms) > SHOWN_MAX,
        link_states=LINK_STATES,
        link_details=LINK_DETAILS,
        lane_words=LANES,
        alarm_words=ALARMS,
        alarm_texts=ALARM_TEXTS,
        said_by_kind=SAID_BY_KIND,
        alarms_of_the_core=ALARMS_OF_THE_CORE,
        say_facts=say_facts,
    )


@blueprint.post(f"/alarms/<int(max={LAST_NUMBER}):alarm_id>/acknowledge")
def acknowledge_alarm(alarm_id: int) -> Response:
    """Somebody knows of it; auditors only read."""
    employee = current_employee()
    if not employee.may_suspend:
        raise NotAllowed(f"the role {employee.role} may not do this")
    context().operations_desk.acknowledge_alarm(alarm_id, Clerk(staff_id=employee.id, ip=remote_ip(), reason=""))
    return see_other("/admin/core")


@blueprint.get("/reconciliation")
def list_mismatches() -> Response:
    """Payments and entries that do not meet, oldest first."""
    found = context().operations_desk.list_mismatches(SHOWN_MAX + 1)
    if found:
        record_view({"mismatches": len(found[:SHOWN_MAX])})
    return desk_page(
        "admin/reconciliation.html",
        "reconciliation",
        found=found[:SHOWN_MAX],
        has_more=len(found) > SHOWN_MAX,
        kinds=MISMATCHES,
        say_facts=say_facts,
    )
