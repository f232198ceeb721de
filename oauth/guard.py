"""The guard in front of Authlib: transport, size, media type, one value per parameter, parameters in the body only.

Authlib mixes query and body, takes the first of repeated values and fails with a 500 on odd characters; none of that
reaches it.
"""

from __future__ import annotations

import json

import flask
from werkzeug.exceptions import HTTPException

from oauth.context import context

BODY_BYTES_MAX = 64 * 1024
PARAMETERS_MAX = 64
FORM = "application/x-www-form-urlencoded"


def check_machine_request() -> flask.Response | None:
    """`before_request` of the machine endpoints: an error answer, or None to go on."""
    request = flask.request
    if request.method != "POST":
        return None
    if not request.is_secure and not context().settings.is_sandbox:
        return _refuse(400, "Use https.")
    if request.mimetype != FORM:
        return _refuse(415, "The body must be application/x-www-form-urlencoded.")
    if request.query_string:
        return _refuse(400, "Parameters belong in the body.")
    request.max_content_length = BODY_BYTES_MAX
    request.max_form_parts = PARAMETERS_MAX
    try:
        form = request.form
    except HTTPException as error:
        return _refuse(error.code or 400, "The body cannot be read.")
    if len(form) > PARAMETERS_MAX:
        return _refuse(400, "Too many parameters.")
    if any(len(values) != 1 for values in form.listvalues()):
        return _refuse(400, "A parameter is repeated.")
    if not all(text.isascii() and text.isprintable() for pair in form.items() for text in pair):
        return _refuse(400, "A parameter has characters that are not allowed.")
    return None


def _refuse(status: int, description: str) -> flask.Response:
    body = json.dumps({"error": "invalid_request", "error_description": description})
    response = flask.Response(body, status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
