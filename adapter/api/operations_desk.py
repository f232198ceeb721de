"""The adapter's work for the bank's staff: the same services that the commands use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace

from adapter.domain.errors import CoreUnavailable, NotFound
from adapter.domain.link import Alarm
from adapter.domain.payments import PaymentStatus, StatusStep
from adapter.domain.stuck import SEEN_STATUSES, Evidence, Person, StuckDocument, StuckRefused, split_why
from adapter.services import Services
from oauth import (
    ActionRefused,
    AlarmView,
    Clerk,
    CoreSilent,
    DocumentStep,
    LaneView,
    LinkView,
    Mismatch,
    Seen,
    UnknownThing,
    WaitingDocument,
)


class OperationsDesk:
    """Meets `oauth.OperationsDesk`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def list_documents(self, limit: int, offset: int) -> Sequence[WaitingDocument]:
        return [_document(one) for one in self._services.stuck_documents.list_stuck(limit, offset)]

    def read_document(self, payment_id: str) -> WaitingDocument:
        with _told():
            return _document(self._services.stuck_documents.read(payment_id))

    def list_seen_statuses(self) -> Sequence[str]:
        return SEEN_STATUSES

    def adopt_document(self, payment_id: str, version: str, clerk: Clerk, seen: Seen | None) -> str:
        evidence = Evidence(status=PaymentStatus(seen.status), core_reference=seen.core_reference) if seen else None
        with _told():
            return self._services.stuck_documents.adopt(
                payment_id, _person(clerk), clerk.reason, evidence, seen=version
            )

    def send_document_again(self, payment_id: str, version: str, clerk: Clerk) -> None:
        with _told():
            self._services.stuck_documents.send_again(payment_id, _person(clerk), clerk.reason, seen=version)

    def ask_about_document(self, payment_id: str, clerk: Clerk) -> None:
        with _told():
            self._services.stuck_documents.ask_again(payment_id, _person(clerk), clerk.reason)

    def list_mismatches(self, limit: int) -> Sequence[Mismatch]:
        return [
            Mismatch(
                kind=one.kind,
                subject=one.subject,
                payment_id=one.payment_id,
                entry_id=one.entry_id,
                facts=one.facts,
                found_at=one.found_at,
            )
            for one in self._services.reconciliation.list_open(limit)
        ]

    def read_link(self) -> LinkView:
        link = self._services.core_links.read()
        return LinkView(
            core_name=link.core_name,
            status=link.status,
            detail=link.probe.detail,
            feed_lag_s=link.probe.feed_lag_s,
            clock_difference_s=link.probe.clock_difference_s,
            is_worker_silent=not link.worker.lanes,
            worker_silent_s=link.worker.silent_s,
            lanes=[
                *(LaneView(process=one.process, **asdict(one.state)) for one in link.worker.lanes),
                *(LaneView(process="", **asdict(lane)) for lane in link.lanes),
            ],
            **asdict(link.backlog),
        )

    def list_alarms(self, limit: int) -> Sequence[AlarmView]:
        return [_alarm(alarm) for alarm in self._services.core_links.list_alarms(limit)]

    def acknowledge_alarm(self, alarm_id: int, clerk: Clerk) -> None:
        with _told():
            self._services.core_links.acknowledge(alarm_id, _person(clerk))


@contextmanager
def _told() -> Iterator[None]:
    """Our errors as the pages know them."""
    try:
        yield
    except NotFound as error:
        raise UnknownThing from error
    except StuckRefused as error:
        raise ActionRefused(error.refusal) from error
    except CoreUnavailable as error:
        raise CoreSilent from error


def _person(clerk: Clerk) -> Person:
    return Person(kind="staff", id=clerk.staff_id, ip=clerk.ip)


def _document(document: StuckDocument) -> WaitingDocument:
    order = document.order
    why, detail = split_why(document.why or "")
    return WaitingDocument(
        payment_id=document.payment_id,
        version=document.version,
        partner_id=document.partner_id,
        partner_name=document.partner_name,
        consent_id=document.consent_id,
        company=document.company,
        account_number=document.account_number,
        number=order.number if order else None,
        date=order.date if order else None,
        amount=order.amount.amount if order else None,
        currency=order.amount.currency if order else "RUB",
        payee_name=order.payee.name if order else None,
        payee_account=order.payee.account if order else None,
        status=document.status,
        core_reference=document.core_reference,
        attempts=document.attempts,
        last_sent_at=document.last_sent_at,
        since=document.since,
        why=why.name.lower() if why else detail,
        core_says=detail if why else "",
        history=[_step(step) for step in document.history],
    )


def _step(step: StatusStep) -> DocumentStep:
    return DocumentStep(
        status=step.status, at=step.at, source=step.source, reason=step.reason, is_followed=step.applied
    )


def _alarm(alarm: Alarm) -> AlarmView:
    """Why a payment waits for a person is told by its name, as on the payment's own page."""
    view = AlarmView(**asdict(alarm))
    why, said = split_why(alarm.text)
    if why is None:
        return view
    return replace(view, text="", facts={"why": why.name.lower()} | ({"core_said": said} if said else {}))
