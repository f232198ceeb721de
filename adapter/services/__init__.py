"""Use cases: each is a frozen dataclass whose fields are ports, its methods verbs of the business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapter.services.accounts import Accounts
    from adapter.services.core_link import CoreLinks
    from adapter.services.core_watch import CoreWatch
    from adapter.services.feeds import Feeds
    from adapter.services.payments import Payments
    from adapter.services.reconciliation import Reconciliation
    from adapter.services.statement_orders import StatementOrders
    from adapter.services.statements import Statements
    from adapter.services.stuck_documents import StuckDocuments


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that views may call; filled by `adapter.use_cases`."""

    accounts: Accounts
    feeds: Feeds
    statements: Statements
    statement_orders: StatementOrders
    payments: Payments
    stuck_documents: StuckDocuments
    core_links: CoreLinks
    core_watch: CoreWatch
    reconciliation: Reconciliation
