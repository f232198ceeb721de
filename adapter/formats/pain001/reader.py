"""A message → the orders in it, what was repaired, what cannot be read.

Counts and control sums are checked: a message that does not add up is damaged or cut, and refused as a whole.
"""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.imports import ImportShape, OrderLine, OrderReferences, ParsedOrders, SentMessage
from adapter.formats.amounts import TOTAL_DIGITS_MAX, BadValue
from adapter.formats.iso20022.references import REFERENCE_LENGTH
from adapter.formats.notes import Notes, refuse, shorten
from adapter.formats.pain001 import places
from adapter.formats.pain001.block import Block
from adapter.formats.pain001.leaves import Leaves
from adapter.formats.pain001.order_reader import OrderReader
from adapter.formats.pain001.values import parse_count, parse_sum
from adapter.formats.xml import line_of, local_name, namespace_of, read_pieces

ORDERS_MAX = 100_000  # what memory bears; a bank's own limit for a batch is lower
ERRORS_MAX = 10_000  # nobody reads more, and noise must not fill the memory
_TRANSFER = "CdtTrfTxInf"
_PIECES = frozenset(("GrpHdr", "PmtInf", _TRANSFER))


def parse_orders(data: bytes) -> ParsedOrders:
    """Read the orders of a message; pointers are `/payments/<place in the file>`, also of unreadable orders.

    Raises UnreadableFile only for the file as a whole: no XML, another message or version, counts or sums that differ.
    """
    notes = Notes()
    reading = _Reading(notes)
    for piece in read_pieces(data, "Document", _PIECES, notes):
        reading.read(piece)
    return reading.finish()


class _Total:
    """What was counted; the sum is unknown once an amount could not be read."""

    __slots__ = ("count", "sum")

    def __init__(self) -> None:
        self.count = 0
        self.sum: Decimal | None = Decimal(0)

    def add(self, amount: Decimal | None) -> None:
        self.count += 1
        self.sum = None if self.sum is None or amount is None else self.sum + amount


class _Reading:
    """One message being read, piece by piece."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.definition = ""
        self.header: Leaves | None = None
        self.payment_element: etree._Element | None = None
        self.block: Block | None = None
        self.in_payment, self.in_file = _Total(), _Total()
        self.orders: list[OrderLine] = []
        self.errors: list[FieldError] = []
        self.damages: list[FieldError] = []
        self.unread: dict[str, OrderReferences] = {}
        self.line_by_id: dict[str, int] = {}
        self.unread_places: set[str] = set()

    def read(self, piece: etree._Element) -> None:
        if not self.definition:
            self.definition = _read_definition(piece)
        name = local_name(piece)
        if name == "GrpHdr":
            self._open_header(piece)
        elif name == _TRANSFER:
            self._read_transfer(piece)
        else:
            self._finish_payment(piece)

    def finish(self) -> ParsedOrders:
        if self.header is None:
            raise refuse("no_header", "в сообщении нет заголовка GrpHdr")
        self._check_total(self.header, self.in_file, "GrpHdr")
        message = self._read_message(self.header)
        if not self.in_file.count:
            self._damage("no_documents", "в файле нет ни одного поручения (CdtTrfTxInf)", self.header.line)
        if self.damages:
            raise UnreadableFile([*self.damages, *self.errors])
        return ParsedOrders(
            shape=ImportShape.PAIN_001,
            orders=tuple(self.orders),
            warnings=self.notes.warnings,
            errors=tuple(self.errors),
            message=message,
            unread=self.unread,
        )

    def _open_header(self, element: etree._Element) -> None:
        if self.header is not None:
            raise refuse("repeated_header", "в сообщении два заголовка GrpHdr", line_of(element))
        self.header = Leaves(element)

    def _read_transfer(self, element: etree._Element) -> None:
        block = self._open_block(element)
        if self.in_file.count >= ORDERS_MAX:
            raise refuse("too_many_documents", f"в файле больше {ORDERS_MAX} поручений", line_of(element))
        transfer = Leaves(element)
        reader = OrderReader(block, transfer, self.in_file.count, self.notes)
        for total in (self.in_payment, self.in_file):
            total.add(reader.amount.amount if reader.amount else None)
        order = reader.read()
        if order is not None:
            self._refuse_repetition(order, reader)
        if reader.errors or order is None:
            self._keep_errors(reader)
        else:
            self.orders.append(order)
        self._note_unread(transfer)

    def _open_block(self, transfer: etree._Element) -> Block:
        """What the block says for all its orders, which stands before them."""
        parent = transfer.getparent()
        if parent is None or local_name(parent) != "PmtInf":
            raise refuse("wrong_place", f"{_TRANSFER} стоит не в PmtInf", line_of(transfer))
        if self.block is None or parent is not self.payment_element:
            self.payment_element, self.block = parent, Block(Leaves(parent, before=_TRANSFER), self.notes)
            self.in_payment = _Total()
        return self.block

    def _finish_payment(self, element: etree._Element) -> None:
        at_end = Leaves(element, without=_TRANSFER)
        if self.block is not None and dict(at_end.items()) != dict(self.block.leaves.items()):
            self._damage("wrong_order", "в PmtInf есть элементы после поручений (CdtTrfTxInf)", at_end.line)
        total = self.in_payment if self.block is not None else _Total()
        self._check_total(at_end, total, "PmtInf")
        self._check_reference(at_end, "PmtInfId")
        self.block = self.payment_element = None

    def _refuse_repetition(self, order: OrderLine, reader: OrderReader) -> None:
        external_id = order.order.external_id
        if external_id is None:
            return
        line = order.field_lines.get("external_id", reader.transfer.line)
        first = self.line_by_id.setdefault(external_id, line)
        if first != line:
            message = f"{external_id} уже есть в этом файле, в строке {first}"
            reader.add_error("external_id", "repeated_in_batch", message, line)

    def _keep_errors(self, reader: OrderReader) -> None:
        self.errors += reader.errors
        self.unread[reader.pointer] = reader.references
        if len(self.errors) >= ERRORS_MAX:
            raise UnreadableFile(self.errors)

    def _note_unread(self, transfer: Leaves) -> None:
        """What nobody reads is told once per file, not once per order."""
        for path, leaves in transfer.items():
            if places.is_unread(path) and path not in self.unread_places:
                self.unread_places.add(path)
                self.notes.add(leaves[0].line, "unread_element", f"{path} не используется в поручении", path)

    def _check_total(self, leaves: Leaves, total: _Total, where: str) -> None:
        told_count, told_sum = leaves.text("NbOfTxs"), leaves.text("CtrlSum")
        line = leaves.find_line("NbOfTxs") or leaves.line
        try:
            if told_count and parse_count(told_count) != total.count:
                message = f"{where}: указано поручений {told_count}, а в файле {total.count}"
                self._damage("count_differs", message, line, str(total.count))
            line = leaves.find_line("CtrlSum") or leaves.line
            if told_sum and total.sum is not None and parse_sum(told_sum, TOTAL_DIGITS_MAX) != total.sum:
                message = f"{where}: указана контрольная сумма {told_sum}, а сумма поручений {total.sum:.2f}"
                self._damage("sum_differs", message, line, f"{total.sum:.2f}")
        except BadValue as bad:
            self._damage(bad.code, f"{where}: {bad.message}", line)

    def _read_message(self, header: Leaves) -> SentMessage:
        self._check_reference(header, "MsgId")
        if not header.text("NbOfTxs"):
            self.notes.add(header.line, "count_missing", "в заголовке нет количества поручений NbOfTxs", "NbOfTxs")
        return SentMessage(
            definition=self.definition,
            message_id=header.text("MsgId"),
            created_at=header.text("CreDtTm")[:REFERENCE_LENGTH],
            transactions=self.in_file.count,
            control_sum=header.text("CtrlSum")[:REFERENCE_LENGTH] or None,
        )

    def _check_reference(self, leaves: Leaves, name: str) -> None:
        text, line = leaves.text(name), leaves.find_line(name) or leaves.line
        if not text:
            self._damage("required", f"нет обязательного элемента {name}", line)
        elif len(text) > REFERENCE_LENGTH:
            self._damage("too_long", f"{name} длиннее {REFERENCE_LENGTH} знаков: {text}", line)

    def _damage(self, code: str, message: str, line: int, right_value: str | None = None) -> None:
        error = FieldError(pointer="", code=code, message=shorten(message), line=line, right_value=right_value)
        self.damages.append(error)
        if len(self.damages) >= ERRORS_MAX:
            raise UnreadableFile(self.damages)


def _read_definition(piece: etree._Element) -> str:
    root = piece.getroottree().getroot()
    namespace = namespace_of(root)
    if namespace in places.NAMESPACES:
        return places.NAMESPACES[namespace]
    accepted = " и ".join(places.NAMESPACES.values())
    told = namespace.rpartition(":")[2] or "нет пространства имён"
    raise refuse("wrong_message", f"принимаются сообщения {accepted}, а в файле {shorten(told)}", line_of(root))
