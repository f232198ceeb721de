"""The harness's hand on the proxy."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tests.faults.proxy import Plan


@dataclass(frozen=True, slots=True)
class Steering:
    """`port` is where the product finds the core, `control_port` where the plan is changed."""

    port: int
    control_port: int

    def follow(self, plan: Plan) -> None:
        """Let these things go wrong from now on."""
        self._ask({"plan": asdict(plan)})

    def heal(self) -> None:
        self.follow(Plan())

    def count(self) -> Mapping[str, int]:
        """How often each fault was done so far; `none` are calls that went well."""
        done: Mapping[str, int] = self._ask({})["done"]
        return done

    def _ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        with socket.create_connection(("127.0.0.1", self.control_port), timeout=10) as connection:
            connection.sendall(json.dumps(asked).encode() + b"\n")
            answer: Mapping[str, Any] = json.loads(connection.makefile().readline())
        return answer
