"""What a person did to the adapter's work, for oauth's audit log: written in the transaction of the act itself."""

from __future__ import annotations

from sqlalchemy.engine import Connection

import oauth
from adapter.domain.link import Alarm
from adapter.domain.stuck import Act, StuckDocument


def record_document_act(tx: Connection, act: Act, document: StuckDocument) -> None:
    oauth.record_event(
        tx,
        at=act.at,
        actor=oauth.Actor(kind=act.person.kind, id=act.person.id),
        action=act.action,
        partner_id=document.partner_id,
        consent_id=document.consent_id,
        ip=act.person.ip,
        detail={"payment_id": document.payment_id, "reason": act.reason, **act.detail},
    )


def record_alarm_act(tx: Connection, act: Act, alarm: Alarm) -> None:
    oauth.record_event(
        tx,
        at=act.at,
        actor=oauth.Actor(kind=act.person.kind, id=act.person.id),
        action=act.action,
        ip=act.person.ip,
        detail={"alarm": alarm.id, "kind": alarm.kind, "subject": alarm.subject},
    )
