"""Words of the format 1CClientBankExchange: keys, kinds of documents, encodings, and spellings met in real files.

Source: http://v8.1c.ru/edi/edi_stnd/100/101.htm, version 1.03.
"""

from __future__ import annotations

from typing import Final

from adapter.domain.statements import DOCUMENT_TITLES, DocumentType

MARKER = "1CClientBankExchange"
VERSION = "1.03"
VERSIONS_READ = ("1.01", "1.02", "1.03")

BALANCES_START = "СекцияРасчСчет"
BALANCES_END = "КонецРасчСчет"
DOCUMENT_START = "СекцияДокумент"
DOCUMENT_END = "КонецДокумента"
FILE_END = "КонецФайла"
FILE_END_OF_SOME_BANKS = "КонецВыписки"
MARKS = (BALANCES_START, BALANCES_END, DOCUMENT_START, DOCUMENT_END, FILE_END, FILE_END_OF_SOME_BANKS)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HEADER_KEYS = frozenset(
    _words("""
        ВерсияФормата Кодировка Отправитель Получатель ДатаСоздания ВремяСоздания ДатаНачала ДатаКонца РасчСчет Документ
    """)
)
HEADER_ACCOUNT = "РасчСчет"
BALANCES_KEYS = frozenset(
    _words("ДатаНачала ДатаКонца РасчСчет НачальныйОстаток ВсегоПоступило ВсегоСписано КонечныйОстаток")
)
_SIDE_KEYS = ("", *_words("1 ИНН КПП Счет РасчСчет Банк1 Банк2 БИК Корсчет"))
PURPOSE_PARTS = tuple(f"НазначениеПлатежа{part}" for part in range(1, 7))
BUDGET_KEYS = _words(
    "ПоказательКБК ОКАТО ПоказательОснования ПоказательПериода ПоказательНомера ПоказательДаты ПоказательТипа"
)
# Of other kinds of documents and of settlement by another bank: neither an order nor an entry has a place for them.
NOT_KEPT_KEYS = (
    *(f"{side}{key}" for side in ("Плательщик", "Получатель") for key in "234"),
    *_words("""
        КвитанцияДата КвитанцияВремя КвитанцияСодержание СрокАкцепта ВидАккредитива СрокПлатежа УсловиеОплаты1
        УсловиеОплаты2 УсловиеОплаты3 ПлатежПоПредст ДополнУсловия НомерСчетаПоставщика ДатаОтсылкиДок
    """),
)
NOT_KEPT_KEYS_OF_ENTRIES = ("ВидПлатежа", "КодНазПлатежа", *NOT_KEPT_KEYS)
DOCUMENT_KEYS = frozenset(
    (
        *(f"Плательщик{key}" for key in _SIDE_KEYS),
        *(f"Получатель{key}" for key in _SIDE_KEYS),
        *PURPOSE_PARTS,
        *BUDGET_KEYS,
        *NOT_KEPT_KEYS,
        *_words("""
            Номер Дата Сумма ДатаСписано ДатаПоступило ВидПлатежа ВидОплаты Код КодНазПлатежа НазначениеПлатежа
            СтатусСоставителя Очередность
        """),
    )
)
# A raw line break may stand inside these values; the next line then continues them.
FREE_TEXT_KEYS = frozenset(
    (
        *("Плательщик", "Плательщик1", "Получатель", "Получатель1", "НазначениеПлатежа", *PURPOSE_PARTS),
        *("КвитанцияСодержание", "ДополнУсловия"),
    )
)

_KNOWN = frozenset((*HEADER_KEYS, *BALANCES_KEYS, *DOCUMENT_KEYS, *MARKS))
_BY_FOLDED = {key.casefold(): key for key in _KNOWN} | {
    # Kazakhstan (version 2.00) and Belarus
    f"{side}{theirs}".casefold(): f"{side}{ours}"
    for side in ("Плательщик", "Получатель")
    for theirs, ours in (("БИН_ИИН", "ИНН"), ("ИИК", "Счет"), ("УНП", "ИНН"), ("УНН", "ИНН"))
}


def known_key(key: str) -> str | None:
    """The key as the standard spells it; None for one that the standard does not have."""
    if key in _KNOWN:
        return key
    return _BY_FOLDED.get(key.casefold().replace(" ", ""))


KIND_NAMES = {kind: title.replace("ё", "е") for kind, title in DOCUMENT_TITLES.items()}
_TYPE_BY_NAME = {name.casefold().replace(" ", ""): kind for kind, name in KIND_NAMES.items()}


def type_by_name(name: str) -> DocumentType | None:
    """The kind of document that a section names; spaces, letter case and ё do not matter."""
    return _TYPE_BY_NAME.get(name.casefold().replace(" ", "").replace("ё", "е"))


CP1251: Final = "windows-1251"
CP866: Final = "cp866"
UTF8: Final = "utf-8"
ENCODING_NAMES = {CP1251: "Windows", CP866: "DOS", UTF8: "UTF-8"}
ENCODING_BY_NAME = {
    "windows": CP1251,
    "win": CP1251,
    "windows-1251": CP1251,
    "win-1251": CP1251,
    "win1251": CP1251,
    "cp1251": CP1251,
    "ansi": CP1251,
    "dos": CP866,
    "cp866": CP866,
    "866": CP866,
    "utf-8": UTF8,
    "utf8": UTF8,
}
