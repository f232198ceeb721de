"""MT940, the customer statement message of SWIFT: statements out, and back again.

Source: SWIFT User Handbook, Category 9, MT940; Russian text by the table of SWIFT-RUR 6.  How fields map is in
`api_specs/formats.md`.  Tolerant in: what can be read is read, and each repair is told with its line.

    reader.py (bytes → messages) → statements.py → details.py, values.py → ledgers.py        writer.py
"""

from __future__ import annotations

from adapter.formats.mt940.statements import parse_statements
from adapter.formats.mt940.writer import render_statement

__all__ = ["parse_statements", "render_statement"]
