"""The other end of the HTTP core: any `CoreBanking` served over HTTP as `api_specs/core-gateway.openapi.json` says.

The sandbox bank is served by it in a process of its own, and a bank's team reads here what its own side must do.

app.py        the application: errors, the document, who may call
asked.py      what a request asks: body, mark, limit, deadline
callers.py    signed calls of the adapter are checked here
status.py accounts.py statements.py documents.py   the operations by resource
"""
