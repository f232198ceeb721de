"""`/admin`: the bank's staff.  Operators see and suspend, approvers also approve, auditors only read.

Modules: `desk` (login, who is at work, one way to show a page), `changes` (what needs two people), `partners`,
`consents`, `events` (the audit log).  Each look at a customer's data is itself an event of the audit log.
"""

from __future__ import annotations

from oauth.web.admin import changes, consents, events, partners
from oauth.web.admin.desk import blueprint

__all__ = ["blueprint", "changes", "consents", "events", "partners"]
