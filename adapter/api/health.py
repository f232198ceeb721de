"""Whether the process lives, whether it can serve, and its metrics for Prometheus.

`deploy/nginx` keeps `/metrics` and `/health/ready` inside the bank's network.
"""

from __future__ import annotations

import os

import flask
import prometheus_client
from prometheus_client import multiprocess

from adapter.api import health_check, measures, services
from adapter.domain.core import Probe
from adapter.domain.lanes import LaneState
from adapter.domain.link import WorkerWord

bp = flask.Blueprint("health", __name__)


@bp.get("/health/live")
def live() -> flask.Response:
    """The process answers."""
    return flask.jsonify(status="ok")


@bp.get("/health/ready")
def ready() -> tuple[flask.Response, int]:
    """The database answers and its schema is the one this program was written for.

    A core that is silent or left alone does not make the process unready: imports and feeds go on without it.
    """
    trouble = health_check()()
    if trouble:
        return flask.jsonify(status="unavailable", checks=trouble), 503
    core = {
        "probe": _tell_probe(services().core_watch.read()),
        "worker": _tell_worker(services().core_links.worker.read()),
        "web": {lane.name: _tell(lane) for lane in services().core_links.list_lanes()},
    }
    return flask.jsonify(status="ok", core=core), 200


@bp.get("/metrics")
def metrics() -> flask.Response:
    """All processes of this host, when PROMETHEUS_MULTIPROC_DIR is set; else this one."""
    registry = prometheus_client.REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = prometheus_client.CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    text = prometheus_client.generate_latest(registry) + _dump_measures()
    return flask.Response(text, content_type=prometheus_client.CONTENT_TYPE_LATEST)


def _dump_measures() -> bytes:
    found = {
        "bank_adapter_core_up": float(services().core_watch.read().is_up),
        **_measure_worker(services().core_links.worker.read()),
        **measures()(),
    }
    return "".join(f"{name} {value}\n" for name, value in found.items()).encode()


def _measure_worker(word: WorkerWord) -> dict[str, float | str]:
    """A worker has no metrics of its own; while none runs, its lanes are left out and the silence grows."""
    found: dict[str, float | str] = {
        "bank_adapter_worker_silent_seconds": "+Inf" if word.silent_s is None else word.silent_s
    }
    for lane in word.list_worst():
        found[f'bank_adapter_worker_lane_open{{lane="{lane.name}"}}'] = float(lane.is_open)
        found[f'bank_adapter_worker_lane_failures{{lane="{lane.name}"}}'] = float(lane.failures)
    return found


def _tell_worker(word: WorkerWord) -> str | dict[str, str]:
    if word.lanes:
        return {one.name: _tell(one) for one in word.list_worst()}
    return "worker silent" + ("" if word.silent_s is None else f" for {word.silent_s:.0f} s")


def _tell_probe(probe: Probe) -> str:
    return "ok" if probe.is_up else f"no answer: {probe.detail}"


def _tell(lane: LaneState) -> str:
    if lane.is_open:
        return f"left alone for {lane.open_for_s:.0f} s after {lane.failures} failures"
    return "not asked" if lane.asked_s is None else "ok"
