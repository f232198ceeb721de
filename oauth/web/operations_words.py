"""The words of the desk for the adapter's work: documents, the link to the bank, alarms, reconciliation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from oauth.web.language import _, mark, say_amount, say_day, say_money
from oauth.web.words import StateWords

DOCUMENT_STATES = {
    "received": StateWords(text=mark("Получено от сервиса"), tone="quiet"),
    "queued": StateWords(text=mark("В очереди на отправку"), tone="quiet"),
    "sending": StateWords(text=mark("Отправляется"), tone="warn"),
    "unknown": StateWords(text=mark("Неизвестно, дошло ли"), tone="bad"),
    "awaiting_signature": StateWords(text=mark("Ждёт подписи клиента"), tone="good"),
    "signed": StateWords(text=mark("Подписано"), tone="good"),
    "in_process": StateWords(text=mark("Исполняется"), tone="good"),
    "executed": StateWords(text=mark("Исполнено"), tone="good"),
    "rejected": StateWords(text=mark("Отклонено банком"), tone="quiet"),
    "cancelled": StateWords(text=mark("Отменено"), tone="quiet"),
    "expired": StateWords(text=mark("Не подписано в срок"), tone="quiet"),
}

DOCUMENT_SOURCES = {
    "partner": mark("сервис"),
    "adapter": mark("эта программа"),
    "core": mark("ДБО"),
    "staff": mark("сотрудник банка"),
}

DOCUMENT_REASONS = {
    "unknown_to_core": mark("ДБО о документе не знает, но он ещё может дойти"),
    "lost_by_core": mark(
        "ДБО приняла этот черновик, а теперь его не знает: видимо, её восстановили из копии. "
        "Убедитесь, что платёж не исполнен, и отправьте черновик снова"
    ),
    "maybe_lost_by_core": mark(
        "ДБО приняла этот черновик, а теперь о нём не сообщает. Точно ли его там нет, она не говорит: проверьте сами"
    ),
    "not_taken": mark("ДБО каждый раз отвечает на этот черновик ошибкой"),
    "connector_fails": mark("Обмен с ДБО на этом документе каждый раз ломается"),
    "unreadable": mark("Сохранённое поручение не читается"),
}

DOCUMENT_REFUSALS = {
    "moved_on": mark(
        "С документом что-то произошло, пока вы смотрели: кто-то вас опередил, или ответила ДБО. Посмотрите ещё раз."
    ),
    "not_found": mark("ДБО о документе не сообщает. Если вы его там видите, укажите состояние и номер."),
    "core_denies": mark("ДБО точно знает, что такого документа там нет."),
    "core_has_it": mark("Документ в ДБО есть: примите его, снова отправлять нельзя."),
    "consent_held": mark("Банк приостановил сервис или согласие: документ ждёт этого решения."),
}

LINK_STATES = {
    "up": StateWords(text=mark("Есть"), tone="good"),
    "degraded": StateWords(text=mark("С перебоями"), tone="warn"),
    "idle": StateWords(text=mark("Некому обращаться"), tone="bad"),
    "down": StateWords(text=mark("Нет"), tone="bad"),
}

LINK_DETAILS = {
    "up": mark("ДБО отвечает. Поручения уходят, выписки обновляются."),
    "degraded": mark("ДБО отвечает, но не на всё. Поручения принимаются, выписки могут быть не новыми."),
    "idle": mark("ДБО отвечает, но обращаться к ней некому. Поручения принимаются и ждут, выписки не обновляются."),
    "down": mark("ДБО не отвечает. Поручения принимаются и ждут, выписки отдаются с указанием их времени."),
}

LANES = {
    "reading": mark("Счета, остатки и операции"),
    "drafts": mark("Поручения и их судьба"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWords:
    """What happened, and what the person who reads it should do."""

    text: str
    advice: str


ALARMS = {
    "account_gone": CaseWords(
        text=mark("ДБО больше не сообщает о счёте клиента"),
        advice=mark("Если счёт закрыт, делать ничего не нужно. Если нет, пусть в ДБО проверят, кому он открыт."),
    ),
    "account_moved": CaseWords(
        text=mark("ДБО передала счёт другому клиенту"),
        advice=mark("Прежние согласия на счёт уже не действуют. Убедитесь в банке, что счёт передан верно."),
    ),
    "adopted": CaseWords(
        text=mark("Потерянное поручение восстановлено из ДБО"),
        advice=mark("Делать ничего не нужно: так и должно быть после восстановления базы из копии."),
    ),
    "core_contract": CaseWords(
        text=mark("Ответ ДБО нарушает договорённость о формате"),
        advice=mark("Передайте подробности тем, кто отвечает за ДБО: до исправления часть сведений не обновляется."),
    ),
    "core_restored": CaseWords(
        text=mark("ДБО восстановили из копии"),
        advice=mark(
            "Программа сама спросит о каждом черновике. Те, которых в ДБО нет, появятся в разделе «Документы»."
        ),
    ),
    "day_mismatch": CaseWords(
        text=mark("Остатки и операции дня не сходятся"),
        advice=mark("Сверьте день с АБС командой bank-adapter feed check. Сервисы видят, до какого дня счёт проверен."),
    ),
    "feed_rebuilt": CaseWords(
        text=mark("Операции счёта читаются заново"),
        advice=mark("Делать ничего не нужно: сервисы получат операции ещё раз под прежними номерами."),
    ),
    "foreign_entry": CaseWords(
        text=mark("Операция называет поручение с другого счёта"),
        advice=mark("Пусть в ДБО проверят, по какому счёту прошла операция. С поручением она не связана."),
    ),
    "late_status": CaseWords(
        text=mark("ДБО сообщила состояние поздно или вразрез с прежним"),
        advice=mark("Состояние у нас не изменилось. Посмотрите поручение в ДБО и выясните, какое из них верное."),
    ),
    "mismatch": CaseWords(
        text=mark("Поручение и операция не сошлись"),
        advice=mark("Подробности в разделе «Сверка». Запись уйдёт оттуда сама, когда ДБО исправит расхождение."),
    ),
    "needs_person": CaseWords(
        text=mark("Поручение ждёт решения"),
        advice=mark("Найдите поручение в ДБО и решите на его странице, принять его или отправить снова."),
    ),
    "refused_word": CaseWords(
        text=mark("Состояние от ДБО не удалось сохранить"),
        advice=mark("Передайте тем, кто отвечает за ДБО: ответ слишком длинный или содержит недопустимые знаки."),
    ),
    "unknown_document": CaseWords(
        text=mark("В ДБО есть документ, о котором программа не знает"),
        advice=mark(
            "Если документ отправила эта программа, отмените его в ДБО, пока клиент не подписал. Чужой не трогайте."
        ),
    ),
}

# Their subject may be a question to the core, not a document or an account.
ALARMS_OF_THE_CORE = {"core_contract", "core_restored"}

# Texts that an alarm carries beside its kind, where it says why.
ALARM_TEXTS = {
    "asked for by the bank's staff": mark("по просьбе сотрудника банка"),
    "the core no longer knows the mark of this account": mark("ДБО не узнаёт место, до которого счёт прочитан"),
    "the core does not tell documents whole": mark("ДБО не сообщает содержание документов"),
    "the core tells an event of it, and does not know it": mark("ДБО сообщает о событии, а самого документа не знает"),
    "the core kept no origin with it that we wrote": mark("в документе нет отметки этой программы"),
    "what the core kept of it cannot be read": mark("отметка этой программы в документе повреждена"),
    "its external id names another payment by now": mark("под номером сервиса уже есть другое поручение"),
    "the core tells another document in its place": mark("на его месте ДБО сообщает о другом документе"),
    "its consent is another partner's or customer's here": mark("его согласие здесь дано другому сервису или клиентом"),
    "the core does not tell its account": mark("ДБО не сообщает о счёте этого документа"),
}
# Those that say no more than the kind.
SAID_BY_KIND = {
    "the core does not tell it of its customer any more",
    "the core tells it of another customer",
    "the core had it and we did not",
    "the core no longer knows the mark of its events",
    "the database refuses what the core says",
}

MISMATCHES = {
    "entry_missing": CaseWords(
        text=mark("Поручение исполнено, а операции нет"),
        advice=mark("Найдите операцию в АБС: либо она не попала в выписку, либо поручение не исполнено."),
    ),
    "entry_removed": CaseWords(
        text=mark("Поручение исполнено, а операция удалена"),
        advice=mark("Выясните, отменена ли проводка. Сервис уже получил и операцию, и её удаление."),
    ),
    "entries_doubled": CaseWords(
        text=mark("На одно поручение две операции"),
        advice=mark("Проверьте в АБС, не списаны ли деньги дважды."),
    ),
    "not_executed": CaseWords(
        text=mark("Операция есть, а поручение не исполнено"),
        advice=mark("Деньги списаны, а ДБО не сообщила об исполнении: пусть сообщит."),
    ),
    "ended_booked": CaseWords(
        text=mark("Операция есть, а поручение отклонено, отменено или просрочено"),
        advice=mark(
            "Сервис считает, что платежа не было, и мог отправить его снова. Проверьте, не списаны ли деньги зря."
        ),
    ),
    "payment_unknown": CaseWords(
        text=mark("Операция называет неизвестное поручение"),
        advice=mark("Узнайте, откуда номер: из другой установки программы или из времени до восстановления базы."),
    ),
    "differs": CaseWords(
        text=mark("Операция расходится с поручением, которое называет"),
        advice=mark("Сравните операцию и поручение в АБС: возможно, ДБО связала их по ошибке."),
    ),
    "lost_by_core": CaseWords(
        text=mark("ДБО потеряла черновик, который приняла"),
        advice=mark("Решение принимают на странице поручения: убедитесь, что оно не исполнено, и отправьте снова."),
    ),
    "entry_of_another": CaseWords(
        text=mark("Операция называет чужое поручение"),
        advice=mark("Поручение, у которого эта операция уже есть, другое. Выясните в ДБО, какое из двух исполнено."),
    ),
}

FACTS = {
    "day": mark("День: {value}"),
    "account": mark("Счёт: {value}"),
    "payment": mark("Поручение: {value}"),
    "other_document": mark("Под номером сервиса в ДБО есть и документ {value}"),
    "opening": mark("Остаток на начало: {value}"),
    "moved": mark("По операциям: {value}"),
    "closing": mark("Остаток на конец: {value}"),
    "told": mark("Сообщено: {value}"),
    "source": mark("Сообщил: {value}"),
    "status": mark("У нас: {value}"),
    "is_another_account": mark("Счёт не тот, что в поручении"),
    "is_credit": mark("Это зачисление, а не списание"),
    "ordered": mark("В поручении {value}"),
    "core_said": mark("Ответ ДБО: {value}"),
}
_AMOUNTS = {"opening", "moved", "closing", "ordered"}


def say_facts(facts: Mapping[str, str]) -> list[str]:
    """Lines for a reader: the document that is spoken of, and what else is known of the case."""
    lines = []
    if mismatch := facts.get("mismatch"):
        lines.append(_(MISMATCHES[mismatch].text))
    if why := facts.get("why"):
        lines.append(_(DOCUMENT_REASONS[why]))
    if "number" in facts:
        lines.append(
            _("№ {number} от {day} на {amount}").format(
                number=facts["number"],
                day=say_day(date.fromisoformat(facts["date"])),
                amount=say_money(Decimal(facts["amount"]), facts["currency"]),
            )
        )
    return lines + [
        _(FACTS[name]).format(value=_say_value(name, value)) for name, value in facts.items() if name in FACTS
    ]


def _say_value(name: str, value: str) -> str:
    if name == "day":
        return say_day(date.fromisoformat(value))
    if name in _AMOUNTS:
        return say_amount(Decimal(value))
    if name in ("told", "status"):
        return _(DOCUMENT_STATES[value].text)
    return _(DOCUMENT_SOURCES[value]) if name == "source" else value
