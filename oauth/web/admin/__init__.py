"""`/admin`: the bank's staff.  Operators see and suspend, approvers also approve, auditors only read.

Modules: `desk` (login, who is at work, one way to show a page), `changes` (what needs two people), `partners`,
`consents`, `documents` and `operations` (the adapter's work), `events` (the audit log).  Each look at a customer's data
is itself an event of the audit log.
"""

from __future__ import annotations

from oauth.web.admin import changes, consents, documents, events, operations, partners
from oauth.web.admin.desk import blueprint

__all__ = ["blueprint", "changes", "consents", "documents", "events", "operations", "partners"]
