"""A bank for the pages: its login, whom a person acts for, which accounts there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from oauth.ports import (
    AccountChoice,
    CustomerChoice,
    DirectoryUnavailable,
    LoginRefused,
    LoginRequest,
    LoginResult,
    StatementDownload,
    StatementRequest,
    StatementShape,
)
from tests.conftest import FakeClock
from tests.oauth.web.operations import FakeOperations

ROMASHKA = CustomerChoice(
    customer_id="cu_romashka",
    name="ООО «Ромашка»",
    inn="7707083893",
    kpp="770701001",
    role="Генеральный директор",
    may_give_consent=True,
)
PETROVA = CustomerChoice(
    customer_id="cu_petrova",
    name="ИП Петрова Анна Сергеевна",
    inn="500100732259",
    kpp=None,
    role="Предприниматель",
    may_give_consent=True,
)
FOREIGN = CustomerChoice(
    customer_id="cu_zavod",
    name="АО «Завод полимеров»",
    inn="7728168971",
    kpp="772801001",
    role="Бухгалтер",
    may_give_consent=False,
    reason="подключать сервисы может только руководитель",
)


def account(account_id: str, number: str, name: str, **values: object) -> AccountChoice:
    defaults: dict[str, object] = {"bic": "044525974", "currency": "RUB", "can_be_shared": True}
    return AccountChoice(account_id=account_id, number=number, name=name, **(defaults | values))  # type: ignore[arg-type]


MAIN = account("acc_main", "40702810400000012345", "Расчётный счёт")
TAXES = account("acc_taxes", "40702810700000012346", "Счёт для налогов")
DEPOSIT = account(
    "acc_deposit",
    "42102810500000000077",
    "Депозит",
    can_be_shared=False,
    reason="по депозитам выписки сервисам не передаются",
)
SOLE = account("acc_sole", "40802810900000054321", "Счёт предпринимателя")


SHAPES = [
    StatementShape(name="json", title="JSON"),
    StatementShape(name="1c", title="1С:Предприятие", options={"encoding": ("windows-1251", "utf-8", "cp866")}),
    StatementShape(name="camt053", title="camt.053", options={"version": ("001.02", "001.08")}),
    StatementShape(name="mt940", title="MT940"),
    StatementShape(name="csv", title="CSV", options={"dialect": ("excel", "plain")}),
    StatementShape(name="xlsx", title="Excel"),
    StatementShape(name="pdf", title="PDF"),
]


@dataclass
class FakeDesk:
    """Gives files whose content is what was asked for; keeps what it opened."""

    opened: list[StatementRequest] = field(default_factory=list)
    trouble: Exception | None = None

    def list_shapes(self) -> Sequence[StatementShape]:
        return SHAPES

    def open(self, request: StatementRequest) -> StatementDownload:
        if self.trouble:
            raise self.trouble
        self.opened.append(request)
        return StatementDownload(
            content_type="application/octet-stream",
            file_name=f"statement.{request.shape}",
            chunks=[f"{request.account_id} {request.date_from} ".encode(), str(request.date_to).encode()],
        )


@dataclass
class FakeBank:
    """CustomerLogin and CustomerDirectory in one; each ticket works once."""

    clock: FakeClock
    user_id: str = "u_ivanova"
    user_name: str = "Иванова Мария Петровна"
    companies: list[CustomerChoice] = field(default_factory=lambda: [ROMASHKA])
    accounts_of: dict[str, list[AccountChoice]] = field(
        default_factory=lambda: {"cu_romashka": [MAIN, TAXES, DEPOSIT], "cu_petrova": [SOLE]}
    )
    desk: FakeDesk = field(default_factory=FakeDesk)
    operations: FakeOperations = field(default_factory=FakeOperations)
    is_down: bool = False
    is_strong: bool = True  # how it logs people in, whatever it is asked for
    tickets: set[str] = field(default_factory=set)
    asked: list[LoginRequest] = field(default_factory=list)

    def begin(self, request: LoginRequest) -> str:
        self.asked.append(request)
        return "https://bank.example/login?" + urlencode({"state": request.state})

    def ticket(self) -> str:
        self.tickets.add(f"t{len(self.asked)}-{len(self.tickets)}")
        return max(self.tickets)

    def finish(self, reply: Mapping[str, str]) -> LoginResult:
        if reply.get("ticket", "") not in self.tickets:
            raise LoginRefused("unknown ticket")
        self.tickets.remove(reply["ticket"])
        return LoginResult(
            user_id=self.user_id,
            user_name=self.user_name,
            acr="sms" if self.is_strong else "password",
            amr=("pwd", "otp") if self.is_strong else ("pwd",),
            is_strong=self.is_strong,
            authenticated_at=self.clock.now(),
        )

    def customers(self, user_id: str) -> Sequence[CustomerChoice]:
        if self.is_down:
            raise DirectoryUnavailable
        return self.companies

    def accounts(self, customer_id: str) -> Sequence[AccountChoice]:
        if self.is_down:
            raise DirectoryUnavailable
        return self.accounts_of.get(customer_id, [])
