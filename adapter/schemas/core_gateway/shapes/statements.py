"""Periods ordered beside the feed."""

from __future__ import annotations

import marshmallow as ma

from adapter.domain.limits import ID_MAX
from adapter.schemas.core_gateway.members import LIST_MAX
from adapter.schemas.core_gateway.shapes import fields
from adapter.schemas.core_gateway.shapes.entries import CoreEntryBody
from adapter.schemas.parties import Open


class CoreStatementOrderBody(Open):
    """A period of an account; both days are in it."""

    account_id = fields.identifier("the account")
    date_from = ma.fields.Date(required=True, data_key="from")
    date_to = ma.fields.Date(required=True, data_key="to")


class StatementPendingBody(Open):
    """Not ready yet."""

    order_id = fields.identifier("as it was ordered")
    state = ma.fields.Str(required=True, validate=ma.validate.Equal("pending"))
    again_after_s = ma.fields.Float(metadata={"description": "ask again after so many seconds"})


class CoreStatementBody(Open):
    """The period as the books have it; entries carry the ids that they have in the feed."""

    order_id = fields.identifier("as it was ordered")
    state = ma.fields.Str(required=True, validate=ma.validate.OneOf(("ready", "refused")))
    account_id = ma.fields.Str(
        validate=ma.validate.Length(min=1, max=ID_MAX), metadata={"description": "of a ready one"}
    )
    date_from = ma.fields.Date(data_key="from")
    date_to = ma.fields.Date(data_key="to")
    currency = fields.currency(is_required=False)
    opening = fields.money("balance before the first day", is_required=False)
    closing = fields.money("balance after the last day", is_required=False)
    entries = ma.fields.List(ma.fields.Nested(CoreEntryBody), validate=ma.validate.Length(max=LIST_MAX))
    as_of = ma.fields.AwareDateTime(metadata={"description": fields.MOMENT})
    code = fields.text_or_none("of a refused one, stable, for programs", ID_MAX)
    reason = fields.text_or_none("of a refused one, in Russian")
