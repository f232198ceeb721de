"""A core that is reached over HTTP: `api_specs/core-gateway.openapi.json` is what it serves.

names.py     addresses of the core's host, within a time
network.py   no call outlives its deadline
failures.py  why a connection failed
connection.py one call: signed, bounded, and told whether anything was sent
problems.py  what its errors say
core.py      the twelve operations
opening.py   from the options
desk.py      what the core says without being asked
"""
