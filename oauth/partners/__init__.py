"""Partners: application, approval by two people, suspension by one, credentials that are shown once.

records.py (who they are, states) → changes.py (what two must agree to) → credentials.py → four_eyes.py
"""

from __future__ import annotations

from oauth.partners.changes import Change, digest_payload, list_changes, read_change
from oauth.partners.credentials import Credentials, Secret, apply, claim_credentials, list_secrets
from oauth.partners.four_eyes import approve, refuse, request_reissue, request_resume
from oauth.partners.records import (
    MAY_APPROVE,
    MAY_SUSPEND,
    Partner,
    close,
    list_partners,
    read_by_receipt,
    read_partner,
    suspend,
)

__all__ = [
    "MAY_APPROVE",
    "MAY_SUSPEND",
    "Change",
    "Credentials",
    "Partner",
    "Secret",
    "apply",
    "approve",
    "claim_credentials",
    "close",
    "digest_payload",
    "list_changes",
    "list_partners",
    "list_secrets",
    "read_by_receipt",
    "read_change",
    "read_partner",
    "refuse",
    "request_reissue",
    "request_resume",
    "suspend",
]
