"""The sandbox: a small but whole bank with its own database, people, pages and clock; the embedded default.

calendar.py database.py tables.py records.py     days, engine, tables, JSON shapes
ledger.py documents.py people.py                 entries, imported orders, who has accounts
acts.py                                          what happens in the bank
bank.py login.py                                 the two ports that the product sees
sessions.py pages.py operator.py control.py      internet bank, operator's page, JSON control for demo and tests
sample/ life.py seed.py commands.py              invented people and a year of entries
"""
