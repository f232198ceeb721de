"""The words of the desk for the adapter's work: documents, the link to the bank, alarms, reconciliation."""

from __future__ import annotations

from oauth.web.language import mark
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
    "idle": mark(
        "ДБО отвечает, но фоновый процесс программы молчит: поручения принимаются и ждут, выписки не обновляются. "
        "Проверьте, работает ли служба bank-adapter-worker."
    ),
    "down": mark("ДБО не отвечает. Поручения принимаются и ждут, выписки отдаются с указанием их времени."),
}

LANES = {
    "reading": mark("Счета, остатки и операции"),
    "drafts": mark("Поручения и их судьба"),
}

ALARMS = {
    "adopted": mark("Потерянное поручение восстановлено из ДБО"),
    "core_contract": mark("Событие ДБО не читается: она нарушила договорённость о формате"),
    "core_restored": mark("ДБО восстановили из копии"),
    "day_mismatch": mark("Остаток и операции дня не сходятся"),
    "feed_rebuilt": mark("Операции счёта прочитаны заново"),
    "foreign_entry": mark("Операция называет поручение другого счёта: ДБО перепутала счета"),
    "late_status": mark("ДБО сообщила состояние поздно или вразрез с прежним"),
    "mismatch": mark("Поручение и операция не сошлись"),
    "needs_person": mark("Поручение ждёт решения"),
}

MISMATCHES = {
    "entry_missing": mark("Поручение исполнено, а операции нет"),
    "entry_removed": mark("Поручение исполнено, а операция удалена"),
    "entries_doubled": mark("На одно поручение две операции"),
    "not_executed": mark("Операция есть, а поручение не исполнено"),
    "payment_unknown": mark("Операция называет неизвестное поручение"),
    "differs": mark("Операция расходится с поручением, которое называет"),
    "lost_by_core": mark("ДБО потеряла черновик, который приняла"),
    "entry_of_another": mark("Операция называет чужое поручение"),
}
