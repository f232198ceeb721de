"""The measure of everything: a Flask view that answers a constant, served by the same gunicorn settings."""

from __future__ import annotations

import flask

app = flask.Flask("constant", static_folder=None, template_folder=None)


@app.get("/constant")
def answer() -> flask.Response:
    return flask.Response(b'{"status":"ok"}', content_type="application/json")
