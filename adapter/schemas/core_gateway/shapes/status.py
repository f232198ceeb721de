"""What a core can do, how it is, and how it tells an error."""

from __future__ import annotations

import marshmallow as ma

from adapter.domain.limits import CODE_MAX
from adapter.schemas.core_gateway.documents import BATCH_MAX
from adapter.schemas.core_gateway.shapes import fields
from adapter.schemas.core_gateway.status import HISTORY_DAYS_MAX, NAME_MAX
from adapter.schemas.parties import Open


class CapabilitiesBody(Open):
    """What this core can do; constant while it runs."""

    name = fields.text("of the system, for people", NAME_MAX)
    batch_size_max = ma.fields.Int(required=True, strict=True, validate=ma.validate.Range(1, BATCH_MAX))
    can_withdraw = ma.fields.Bool(required=True, metadata={"description": "drafts can be taken back by the adapter"})
    submit_is_idempotent = ma.fields.Bool(
        required=True, metadata={"description": "the same document_id sent twice makes one document"}
    )
    not_found_is_final_after_s = ma.fields.Float(
        required=True,
        allow_none=True,
        validate=ma.validate.Range(min=0),
        metadata={"description": "`found: false` so long after sending proves that nothing arrived; null: never"},
    )
    history_days = ma.fields.Int(
        required=True,
        validate=ma.validate.Range(0, HISTORY_DAYS_MAX),
        metadata={"description": "how far back entries are told"},
    )
    can_tell_documents = ma.fields.Bool(metadata={"description": "documents are given back whole"})
    can_order_statements = ma.fields.Bool(metadata={"description": "periods can be ordered beside the feed"})


class HealthBody(Open):
    """How the core is."""

    is_up = ma.fields.Bool(required=True)
    detail = fields.text_or_none("for people")
    feed_lag_s = ma.fields.Float(allow_none=True, metadata={"description": "how far entries are behind the books"})
    time = ma.fields.AwareDateTime(required=True, metadata={"description": f"the core's clock, {fields.MOMENT}"})


class RefusalBody(Open):
    """A document that will not be made, now or later."""

    document_id = fields.identifier("as it was sent")
    code = fields.text("stable, for programs", CODE_MAX, least=1)
    reason = fields.text("Russian, for the customer", least=1)


class ProblemBody(Open):
    """RFC 9457 problem details."""

    type = ma.fields.Str()
    title = fields.text("for people")
    status = ma.fields.Int(required=True)
    code = fields.text("for programs: unavailable, mark_unknown, unauthorized, invalid_body, …")
    detail = fields.text_or_none("more, for people; never data of customers")
    reason = fields.text_or_none("with 422 to a call about one document: it is refused; Russian, for the customer")
    refused = ma.fields.List(
        ma.fields.Nested(RefusalBody),
        metadata={"description": "with 422 to `POST documents`: of these nothing was made; the others are not known"},
    )
