"""The bodies between adapter and core for the document `api_specs/core-gateway.openapi.json`, by resource.

They only describe; the modules of the same names in the folder above read and write by hand, because batches and pages
of thousands pass through.  A test holds the two together.
"""
