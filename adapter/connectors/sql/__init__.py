"""A core that is reached by SQL: the bank's DBA gives a schema `open_api` in PostgreSQL (`api_specs/core-sql.md`).

bank.py      the twelve operations         views.py   what the schema holds
entries.py   the feed of entries           marks.py   places in it, which name the database's epoch
drafts.py    the inbox and its events      records.py rows as values of the domain and back
periods.py   ordered statements            database.py connections, deadlines, what a lost COMMIT means
"""
