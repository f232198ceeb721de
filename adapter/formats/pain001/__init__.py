"""ISO 20022 pain.001, the customer's credit transfer initiation: read and rendered as 001.03 and 001.09.

Source: the message definitions of ISO 20022 and the practice of Russian banks (`RUCBC`, `TXID`, `POD`); elements that
camt.053 has too stand at the same places there.  How fields map is in `api_specs/formats.md`.  Tolerant in, strict out.

    reader.py (the file, its counts and sums) → block.py (what its orders share), order_reader.py (one) → leaves.py
    writer.py                                   places.py (where each field stands), values.py (amounts, counts, zeros)
"""

from __future__ import annotations

from adapter.formats.pain001.reader import parse_orders
from adapter.formats.pain001.writer import Version, render_orders

__all__ = ["Version", "parse_orders", "render_orders"]
