"""JSON between the adapter and a core that is reached over HTTP: `dump_…` and `load_…` side by side, by hand.

members.py     reading an object member by member; the first wrong one is told with its place
values.py      parties, orders and other parts that stand in several bodies
people.py      customers, accounts, balances
entries.py     entries and their pages
documents.py   drafts, what became of them, their events
statements.py  periods ordered beside the feed
status.py      capabilities and health
hints.py       what a core says without being asked
shapes/        the same for the document (marshmallow); a test holds the two together

Both sides read tolerantly and write exactly: members that are not known are passed over, for either side may grow.
"""
