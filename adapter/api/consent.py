"""What this token may do, until when; and ending it (DESIGN of the contract: `GET` and `DELETE /v1/consent`)."""

from __future__ import annotations

from typing import Any

import flask
from flask_smorest import Blueprint

from adapter.api.operations import operation
from adapter.api.queries import read_query
from adapter.schemas.consents import ConsentBody
from oauth import Access, current_access, end_consent, require

blp = Blueprint("consent", __name__, url_prefix="/v1", description="The consent behind the token")


@blp.get("/consent")
@blp.doc(**operation())
@blp.response(200, ConsentBody)
@require()
def read_consent() -> dict[str, Any]:
    """Read the consent

    What the customer allowed this service, for which accounts, how far back and until when.
    """
    read_query(())
    return _dump(current_access())


@blp.delete("/consent")
@blp.doc(**operation())
@blp.response(204)
@require()
def delete_consent() -> flask.Response:
    """End the consent

    Takes effect at once: the tokens of this consent stop working with this answer.
    """
    read_query(())
    end_consent(current_access())
    return flask.Response(status=204)


def _dump(access: Access) -> dict[str, Any]:
    return {
        "id": access.consent_id,
        "status": "active",
        "scopes": sorted(access.scopes),
        "customer": {"id": access.customer_id},
        "account_ids": list(access.account_ids),
        "history_from": access.history_from,
        "expires_at": access.expires_at,
    }
