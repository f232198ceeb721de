"""What a core says without being asked: where something is new.  No data, only a reason to ask now."""

from __future__ import annotations

from adapter.domain.core import CoreHint
from adapter.schemas.core_gateway.members import Members
from adapter.schemas.core_gateway.values import Json

HINTS_PATH = "/core/hints"  # at the adapter
ACCOUNTS_MAX = 10_000


def dump_hint(hint: CoreHint) -> Json:
    return {"account_ids": list(hint.core_account_ids), "documents": hint.documents}


def load_hint(body: Members) -> CoreHint:
    account_ids = body.identifiers("account_ids", ACCOUNTS_MAX) if body.found.get("account_ids") is not None else ()
    return CoreHint(core_account_ids=tuple(account_ids), documents=body.flag("documents", default=False))
