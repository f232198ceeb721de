"""A message → its statements, entry by entry: an entry is read and its elements are freed before the next one comes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

from lxml import etree

from adapter.domain.errors import UnreadableFile
from adapter.domain.statements import ParsedStatements, Statement
from adapter.formats.camt053.entry_reader import PATHS, read_entry
from adapter.formats.camt053.parts import Part, fetch
from adapter.formats.camt053.statement_reader import OpenStatement, close_statement, open_statement
from adapter.formats.camt053.transaction_reader import ENTRY_PATHS, Transaction, read_transaction
from adapter.formats.camt053.values import Values
from adapter.formats.camt053.versions import NAMESPACE, WORDS
from adapter.formats.notes import Notes, refuse
from adapter.formats.xml import line_of, local_name, namespace_of, read_pieces

ENTRIES_MAX = 1_000_000  # what memory bears
_VERSION = re.compile(re.escape(NAMESPACE) + r"(001\.(?:0[1-9]|1[0-3]))").fullmatch
_BOOKED = "BOOK"


def parse_statements(data: bytes) -> ParsedStatements:
    """Read a message: one statement per `Stmt`, in their order.

    Entries that are not booked yet are skipped with a warning.  Raises UnreadableFile for the file as a whole, or with
    every unreadable amount, date and direction.
    """
    reader = _MessageReader()
    for piece in read_pieces(data, "Document", frozenset(reader.takers), reader.notes):
        reader.take(piece)
    if reader.values.errors:
        raise UnreadableFile(reader.values.errors)
    if not reader.statements:
        raise refuse("no_statement", "в файле нет ни одной выписки (Stmt)")
    return ParsedStatements(statements=tuple(reader.statements), warnings=reader.notes.warnings)


class _MessageReader:
    """Takes the pieces of one message in the order of their ends: transactions, their entry, …, their statement."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.values = Values(self.notes)
        self.statements: list[Statement] = []
        self.takers: Mapping[str, Callable[[etree._Element], None]] = {
            "GrpHdr": self._take_header,
            "TxDtls": self._take_transaction,
            "Ntry": self._take_entry,
            "Stmt": self._take_statement,
        }
        self._namespace: str | None = None
        self._made_at: dt.datetime | None = None
        self._entry: Part | None = None  # whose transactions are being read
        self._transactions: list[Transaction] = []
        self._open: OpenStatement | None = None
        self._entries = 0

    def take(self, piece: etree._Element) -> None:
        if self._namespace is None:
            self._namespace = namespace_of(piece)
            self._check_namespace(self._namespace, line_of(piece))
        if namespace_of(piece) == self._namespace:
            self.takers[local_name(piece)](piece)

    def _check_namespace(self, namespace: str, line: int) -> None:
        match = _VERSION(namespace)
        if not namespace:
            self.notes.add(1, "namespace_missing", "пространство имён не указано; прочитано как camt.053", "Document")
        elif not match:
            raise refuse("wrong_namespace", f"это не выписка camt.053.001.xx: пространство имён {namespace}", line)
        elif match[1] not in WORDS:
            message = f"версия {match[1]} прочитана по правилам {' и '.join(WORDS)}"
            self.notes.add(1, "version", message, "Document")

    def _take_header(self, header: etree._Element) -> None:
        self._made_at = self.values.moment(Part(header, {}), "CreDtTm")

    def _take_transaction(self, details: etree._Element) -> None:
        entry = _ancestor(details, "NtryDtls", "Ntry")
        if entry is None:
            self.notes.add(line_of(details), "misplaced", "TxDtls стоит не внутри операции; пропущено", "TxDtls")
        elif len(details) and len(self._transactions) < ENTRIES_MAX:
            self._transactions.append(read_transaction(details, self._part_of(entry), self.values))

    def _part_of(self, entry: etree._Element) -> Part:
        """What its transactions need of an entry, searched for once: there may be thousands of them."""
        if self._entry is None or self._entry.element is not entry:
            self._entry = fetch(entry, ENTRY_PATHS)
        return self._entry

    def _take_entry(self, element: etree._Element) -> None:
        transactions, self._transactions, self._entry = self._transactions, [], None
        statement = _ancestor(element, "Stmt")
        if statement is None:
            self.notes.add(line_of(element), "misplaced", "операция стоит не внутри выписки; пропущена", "Ntry")
        elif self._is_booked(entry := fetch(element, PATHS)):
            opened = self._open_statement(statement)
            account = opened.account
            entries = read_entry(entry, transactions, account.currency, account.id, self.values)
            self._entries += len(entries)
            if self._entries > ENTRIES_MAX:
                raise refuse("too_many_entries", f"в файле больше {ENTRIES_MAX} операций", line_of(element))
            opened.entries.extend(entries)

    def _is_booked(self, entry: Part) -> bool:
        status = entry.text("Sts/Cd") or entry.text("Sts")
        if not status:
            message = "состояние операции не указано; прочитана как проведённая"
            self.values.note(entry, "Sts", "status_missing", message)
        elif status != _BOOKED:
            message = f"операция ещё не проведена ({status}); пропущена"
            self.values.note(entry, "Sts", "entry_not_booked", message)
        return status in ("", _BOOKED)

    def _open_statement(self, element: etree._Element) -> OpenStatement:
        if self._open is None:
            self._open = open_statement(element, self.values)
        return self._open

    def _take_statement(self, element: etree._Element) -> None:
        opened = self._open_statement(element)
        self._open = None
        self.statements.append(close_statement(opened, self._made_at, self.values))


def _ancestor(element: etree._Element, *names: str) -> etree._Element | None:
    """The element around by these names from the inside out; None where it lies elsewhere."""
    parent: etree._Element | None = element
    for name in names:
        parent = parent.getparent() if parent is not None else None
        if parent is None or local_name(parent) != name:
            return None
    return parent
