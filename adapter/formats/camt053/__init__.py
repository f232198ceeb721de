"""ISO 20022 camt.053, the bank-to-customer statement: rendered as 001.02 and 001.08, read in all versions.

Source: the message definitions of ISO 20022 and the practice of Russian banks (`RUCBC`, `TXID`, `POD`); how fields map
is in `api_specs/formats.md`.  One `Stmt` is one `Statement`.  UTF-8 out; tolerant in, repairs are told with lines.

    writer.py → entry_writer.py → parties.py
    reader.py (the file) → statement_reader.py, entry_reader.py → transaction_reader.py → party_reader.py → parts.py
"""

from __future__ import annotations

from adapter.formats.camt053.reader import parse_statements
from adapter.formats.camt053.versions import Version
from adapter.formats.camt053.writer import render_statement

__all__ = ["Version", "parse_statements", "render_statement"]
