"""The open-API adapter: machines and money.

A request's way: a view in `api` checks access and makes one service call; the service asks a port; the port is met by
`store` (our own records) or `connectors` (the bank's core); the answer comes back as a domain object and a schema or a
format gives it its outer shape.  People and permissions live in the package `oauth`.
"""
