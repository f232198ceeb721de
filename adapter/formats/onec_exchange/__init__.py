"""1CClientBankExchange, the text format between 1C and banks: payment orders in, statements out, and both back again.

Source: http://v8.1c.ru/edi/edi_stnd/100/101.htm, version 1.03; how fields map is in `api_specs/formats.md`.
Tolerant in: what can be read is read, and each repair is told with its line.  Strict out: CRLF, one spelling.

    text.py (bytes → lines) → reader.py (lines → sections) → orders.py, statements.py        writer.py → encoder.py
"""

from __future__ import annotations

from adapter.formats.onec_exchange.encoder import Encoding
from adapter.formats.onec_exchange.orders import parse_orders
from adapter.formats.onec_exchange.statements import parse_statements
from adapter.formats.onec_exchange.writer import OutgoingDraft, render_drafts, render_orders, render_statement

__all__ = [
    "Encoding",
    "OutgoingDraft",
    "parse_orders",
    "parse_statements",
    "render_drafts",
    "render_orders",
    "render_statement",
]
