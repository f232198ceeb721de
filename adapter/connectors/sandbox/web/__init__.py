"""The sandbox bank's pages and its control interface, all under /sandbox, all without JavaScript.

session.py     cookie, anti-forgery token, who is here, security headers
login.py       login by one-time code, alone or for a service
handover.py    login for an adapter that runs apart from the bank
accounts.py    internet bank: accounts and entries
documents.py   internet bank: drafts to sign, refuse and edit
operator.py    the bank's side: money comes in, the clock, corrections
control.py     the same as JSON, for the demo and the tests
"""
