"""How long what a core tells may be, in characters: one table for every core, stated in the guides of all three.

A connector refuses what is longer where it reads it, so no database meets it first and nothing is cut inside.  Only the
bank's own reference of a draft is cut: it is for people to read.
"""

from __future__ import annotations

ID_MAX = 200  # ids of customers, users, accounts, entries, statement orders
DOCUMENT_ID_MAX = 40  # ours, where an entry names its document; they have 35 at most, the width of ISO 20022
REFERENCE_MAX = 200  # the bank's own number of a draft
NUMBER_MAX = 40  # numbers of documents, uin; inn, kpp, accounts and bic of the other side
TEXT_MAX = 2000  # names, purposes, roles, reasons
URL_MAX = 2000
CODE_MAX = 100  # of a refusal
INN_MAX = 12
KPP_MAX = 9
ACCOUNT_LENGTH = 20  # of a customer's own account
BIC_LENGTH = 9
CURRENCY_LENGTH = 3
MARK_BYTES_MAX = 512
ORIGIN_BYTES_MAX = 512
