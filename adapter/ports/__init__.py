"""What the services need from outside, as Protocols.

`CoreBanking` is met by `connectors`, everything else by `store`.  Customer login is a port of `oauth`
(`oauth.ports.CustomerLogin`): money and login change for different reasons.
"""

from __future__ import annotations

from adapter.ports.core import Clock, CoreBanking, CoreDesk
from adapter.ports.feeds import AccountBook, BankBook, EntryFeed, FeedWriter
from adapter.ports.operations import LaneBook, LinkBook, ReconciliationBook, StandingBook, StuckBook
from adapter.ports.payments import BookedPayments, FateLog, PaymentCaller, PaymentJournal, PaymentPermit
from adapter.ports.statements import StatementBook, StatementCaller, StatementOrderBook, StatementWorkshop

__all__ = [
    "AccountBook",
    "BankBook",
    "BookedPayments",
    "Clock",
    "CoreBanking",
    "CoreDesk",
    "EntryFeed",
    "FateLog",
    "FeedWriter",
    "LaneBook",
    "LinkBook",
    "PaymentCaller",
    "PaymentJournal",
    "PaymentPermit",
    "ReconciliationBook",
    "StandingBook",
    "StatementBook",
    "StatementCaller",
    "StatementOrderBook",
    "StatementWorkshop",
    "StuckBook",
]
