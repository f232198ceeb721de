"""What a core says without being asked."""

from __future__ import annotations

import marshmallow as ma

from adapter.schemas.core_gateway.shapes import fields
from adapter.schemas.parties import Open


class HintBody(Open):
    """Where something is new; no data, only a reason to ask now."""

    account_ids = fields.identifiers("accounts with new or changed entries, by the bank's ids", is_required=False)
    documents = ma.fields.Bool(metadata={"description": "states of documents changed"})
