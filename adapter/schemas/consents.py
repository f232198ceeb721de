"""The consent as a partner sees it."""

from __future__ import annotations

import marshmallow as ma


class ConsentCustomer(ma.Schema):
    """The company or entrepreneur that gave the consent."""

    class Meta:
        unknown = ma.INCLUDE

    id = ma.fields.Str(required=True)


class ConsentBody(ma.Schema):
    """What the customer allowed."""

    class Meta:
        unknown = ma.INCLUDE

    id = ma.fields.Str(required=True)
    status = ma.fields.Str(required=True, validate=ma.validate.OneOf(["active"]))
    scopes = ma.fields.List(ma.fields.Str(validate=ma.validate.OneOf(["statements", "payments"])), required=True)
    customer = ma.fields.Nested(ConsentCustomer, required=True)
    account_ids = ma.fields.List(ma.fields.Str(), required=True)
    history_from = ma.fields.Date(required=True, metadata={"description": "entries booked earlier are not shown"})
    expires_at = ma.fields.AwareDateTime(required=True, metadata={"description": "after this the token stops working"})
