"""The adapter's work as the pages see it: documents that wait, a link, alarms; it keeps what people did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from oauth.operations import (
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

MORNING = datetime(2026, 11, 20, 6, 5, tzinfo=UTC)

DOCUMENT = WaitingDocument(
    payment_id="pay_waits",
    version="3/10:00",
    partner_id="pa_1",
    partner_name="Platrum",
    consent_id="cn_1",
    company="ООО «Ромашка»",
    account_number="40702810400000012345",
    number="118",
    date=date(2026, 11, 19),
    amount=Decimal("148500.50"),
    currency="RUB",
    payee_name="ООО «Северные грузоперевозки»",
    payee_account="40702810900000099999",
    status="unknown",
    core_reference=None,
    attempts=4,
    last_sent_at=MORNING,
    since=MORNING,
    why="unknown_to_core",
    history=(
        DocumentStep(status="received", at=MORNING, source="partner", reason=None, is_followed=True),
        DocumentStep(status="sending", at=MORNING, source="adapter", reason=None, is_followed=True),
        DocumentStep(status="unknown", at=MORNING, source="adapter", reason=None, is_followed=True),
        DocumentStep(status="expired", at=MORNING, source="core", reason="Срок истёк", is_followed=False),
    ),
)
UNREADABLE = replace(
    DOCUMENT,
    payment_id="pay_unreadable",
    company="ИП Петрова Анна Сергеевна",
    number=None,
    date=None,
    amount=None,
    payee_name=None,
    payee_account=None,
    status="queued",
    why="unreadable",
    history=(),
)
WORKER = "bank-1:4711:9f3a"
READING = LaneView(
    process="",
    name="reading",
    is_open=False,
    open_for_s=0,
    rests_s=0,
    failures=0,
    running=1,
    calls_max=6,
    asked_s=1.0,
)
LINK = LinkView(
    core_name="sandbox",
    status="up",
    detail="",
    feed_lag_s=2.0,
    clock_difference_s=0.2,
    lanes=(
        replace(READING, process=WORKER),
        replace(READING, process=WORKER, name="drafts", running=0, calls_max=2),
        replace(READING, running=0, asked_s=None),
        replace(READING, name="drafts", running=0, calls_max=2, asked_s=None),
    ),
    is_worker_silent=False,
    worker_silent_s=2.0,
    errands_waiting=3,
    errands_overdue_s=7.5,
    for_a_person=1,
    feed_oldest_s=64.0,
    feeds_never_read=0,
)
TROUBLED = replace(
    LINK,
    status="down",
    detail="it failed and is left alone for 12 s",
    lanes=(replace(LINK.lanes[0], is_open=True, open_for_s=340.0, rests_s=12.0, failures=9), *LINK.lanes[1:]),
    errands_waiting=1240,
    errands_overdue_s=360.0,
    feed_oldest_s=420.0,
    feeds_never_read=2,
    clock_difference_s=-95.0,
)
ALARM = AlarmView(
    id=7,
    kind="late_status",
    subject="pay_waits",
    payment_id="pay_waits",
    facts={"told": "rejected", "source": "core", "status": "executed"},
    text="",
    at=MORNING,
)
UNKNOWN = replace(
    ALARM,
    id=9,
    kind="unknown_document",
    subject="pay_lost",
    payment_id=None,
    facts={},
    text="the core kept no origin with it that we wrote",
)
BROKEN_DAY = replace(
    ALARM,
    id=10,
    kind="day_mismatch",
    subject="acc_5f1c 2026-11-19",
    payment_id=None,
    facts={"day": "2026-11-19", "opening": "1000000.00", "moved": "-250.50", "closing": "999750.00"},
)
WRONG_ANSWER = replace(
    ALARM,
    id=11,
    kind="core_contract",
    subject="read_balances",
    payment_id=None,
    facts={},
    text="balances/0/booked: not a decimal",
)
MISMATCH = Mismatch(
    kind="entry_missing",
    subject="pay_waits",
    payment_id="pay_waits",
    entry_id=None,
    facts={"number": "118", "date": "2026-11-19", "amount": "148500.50", "currency": "RUB"},
    found_at=MORNING,
)
SEEN_STATUSES = ("awaiting_signature", "signed", "in_process", "executed", "rejected", "cancelled", "expired")


@dataclass
class FakeOperations:
    """Meets `oauth.operations.OperationsDesk`; `trouble` is raised by the next actions."""

    documents: list[WaitingDocument] = field(default_factory=lambda: [DOCUMENT, UNREADABLE])
    mismatches: list[Mismatch] = field(default_factory=lambda: [MISMATCH])
    alarms: list[AlarmView] = field(default_factory=lambda: [ALARM])
    link: LinkView = LINK
    done: list[tuple[str, str, Clerk, Seen | None]] = field(default_factory=list)
    trouble: ActionRefused | CoreSilent | None = None

    def list_documents(self, limit: int, offset: int) -> Sequence[WaitingDocument]:
        return [one for one in self.documents if one.since][offset : offset + limit]

    def read_document(self, payment_id: str) -> WaitingDocument:
        for one in self.documents:
            if one.payment_id == payment_id:
                return one
        raise UnknownThing

    def list_seen_statuses(self) -> Sequence[str]:
        return SEEN_STATUSES

    def adopt_document(self, payment_id: str, version: str, clerk: Clerk, seen: Seen | None) -> str:
        self._check(payment_id, version)
        self._do("adopt", payment_id, clerk, seen)
        return "signed"

    def send_document_again(self, payment_id: str, version: str, clerk: Clerk) -> None:
        self._check(payment_id, version)
        self._do("send", payment_id, clerk)

    def ask_about_document(self, payment_id: str, clerk: Clerk) -> None:
        self._do("ask", payment_id, clerk)

    def list_mismatches(self, limit: int) -> Sequence[Mismatch]:
        return self.mismatches[:limit]

    def read_link(self) -> LinkView:
        return self.link

    def list_alarms(self, limit: int) -> Sequence[AlarmView]:
        return self.alarms[:limit]

    def acknowledge_alarm(self, alarm_id: int, clerk: Clerk) -> None:
        if alarm_id not in [alarm.id for alarm in self.alarms]:
            raise UnknownThing
        self.done.append(("acknowledge", str(alarm_id), clerk, None))
        self.alarms = [alarm for alarm in self.alarms if alarm.id != alarm_id]

    def _check(self, payment_id: str, version: str) -> None:
        if version != self.read_document(payment_id).version:
            raise ActionRefused("moved_on")

    def _do(self, action: str, payment_id: str, clerk: Clerk, seen: Seen | None = None) -> None:
        document = self.read_document(payment_id)
        if self.trouble:
            raise self.trouble
        self.done.append((action, payment_id, clerk, seen))
        self.documents = [replace(one, since=None) if one is document else one for one in self.documents]
