"""A proxy between the product and its core that breaks calls.

    python -m tests.faults.proxy PORT CORE_PORT CONTROL_PORT LOG

It reads whole HTTP/1.1 requests and answers, decides by its plan what goes wrong with each, and writes a line of JSON
for each to LOG.  The plan is changed over the control port: one line of JSON in, one line of JSON back.

What can go wrong with a call, in the order in which it is decided:

    refuse        nobody listens (the port is closed, open connections are cut)
    drop_before   the request never reaches the core
    drop_after    the core did it, its answer is lost
    cut           the core did it, half of its answer arrives
    slow          the answer comes `slow_s` later
    hold_before_s / hold_after_s   every matching call waits on its way there, or on its way back

A request that was read goes on to the core even when its sender is dead by then, as it would on a network.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

HEAD_BYTES_MAX = 64 * 1024
CHANCES = ("drop_before", "drop_after", "cut", "slow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes wrong from now on; chances are of 1, and of calls whose first line holds `match`."""

    refuse: bool = False
    match: str = ""
    drop_before: float = 0.0
    drop_after: float = 0.0
    cut: float = 0.0
    slow: float = 0.0
    slow_s: float = 30.0
    hold_before_s: float = 0.0
    hold_after_s: float = 0.0


class Proxy:
    """Listens on `port` while its plan does not refuse."""

    def __init__(self, port: int, core_port: int, log: TextIO, seed: int = 11) -> None:
        self._port = port
        self._core_port = core_port
        self._log = log
        self._chance = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self.plan = Plan()
        self.done: Counter[str] = Counter()

    async def follow(self, plan: Plan) -> None:
        """Change the plan; opens or closes the port."""
        self.plan = plan
        if plan.refuse and self._server is not None:
            self._server.close()
            self._server = None
            for connection in list(self._connections):
                connection.transport.abort()
        elif not plan.refuse and self._server is None:
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", self._port, limit=HEAD_BYTES_MAX, reuse_address=True
            )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while (request := await _read_message(reader)) and await self._carry(request, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # the product went away
        finally:
            self._connections.discard(writer)
            writer.transport.abort()

    async def _carry(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """One call; answers whether the connection goes on."""
        line = request.partition(b"\r\n")[0].decode("latin-1")
        plan, began = self.plan, time.monotonic()
        fault = self._decide(plan, line)
        answer = await self._ask_core(plan, fault, line, request)
        if fault in {"drop_before", "drop_after"} or answer is None:
            answer_sent = b""
        elif fault == "cut":
            answer_sent = answer[: len(answer) // 2]
        else:
            answer_sent = answer
        self._note(line, fault, answer, time.monotonic() - began)
        if answer_sent:
            writer.write(answer_sent)
            await writer.drain()
        return answer_sent == answer

    def _decide(self, plan: Plan, line: str) -> str:
        if plan.match not in line:
            return "none"
        dice = self._chance.random()
        for name in CHANCES:
            dice -= getattr(plan, name)
            if dice < 0:
                return name
        return "none"

    async def _ask_core(self, plan: Plan, fault: str, line: str, request: bytes) -> bytes | None:
        is_held = plan.match in line
        if fault == "drop_before":
            return None
        if is_held and plan.hold_before_s:
            await asyncio.sleep(plan.hold_before_s)
        answer = await self._forward(request)
        if fault == "slow":
            await asyncio.sleep(plan.slow_s)
        if is_held and plan.hold_after_s:
            await asyncio.sleep(plan.hold_after_s)
        return answer

    async def _forward(self, request: bytes) -> bytes | None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._core_port, limit=HEAD_BYTES_MAX)
            try:
                writer.write(request)
                await writer.drain()
                return await _read_message(reader, is_answer=True)
            finally:
                writer.close()
        except (OSError, asyncio.IncompleteReadError):
            return None

    def _note(self, line: str, fault: str, answer: bytes | None, seconds: float) -> None:
        self.done[fault] += 1
        status = int(answer[9:12]) if answer else None
        told = {"at": time.time(), "call": line, "fault": fault, "status": status, "seconds": round(seconds, 4)}
        self._log.write(json.dumps(told) + "\n")
        self._log.flush()

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """`{"plan": {…}}` sets members of the plan; the answer tells the plan and what was done so far."""
        while line := await reader.readline():
            asked: dict[str, Any] = json.loads(line)
            if "plan" in asked:
                await self.follow(Plan(**asked["plan"]))
            told = {"plan": asdict(self.plan), "done": self.done}
            writer.write(json.dumps(told).encode() + b"\n")
            await writer.drain()
        writer.close()


async def _read_message(reader: asyncio.StreamReader, is_answer: bool = False) -> bytes:
    """A whole request or answer as it came; empty where the connection ended before one."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return b""
    fields = dict(_parse_fields(head))
    if is_answer and head[9:12] in {b"204", b"304"}:
        return head
    if fields.get("transfer-encoding", "") == "chunked":
        return head + await _read_chunks(reader)
    if "content-length" in fields:
        return head + await reader.readexactly(int(fields["content-length"]))
    return head + (await reader.read() if is_answer else b"")


def _parse_fields(head: bytes) -> list[tuple[str, str]]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    parted = [line.partition(":") for line in lines if line]
    return [(name.strip().lower(), value.strip().lower()) for name, _, value in parted]


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    data = b""
    while True:
        size_line = await reader.readuntil(b"\r\n")
        size = int(size_line.split(b";")[0], 16)
        data += size_line + await reader.readexactly(size + 2)
        if size == 0:
            return data


async def _run(port: int, core_port: int, control_port: int, log_path: Path) -> None:
    with log_path.open("a") as log:
        proxy = Proxy(port, core_port, log)
        await proxy.follow(Plan())
        control = await asyncio.start_server(proxy.control, "127.0.0.1", control_port)
        async with control:
            await control.serve_forever()


if __name__ == "__main__":
    listen, core, steer = (int(text) for text in sys.argv[1:4])
    asyncio.run(_run(listen, core, steer, Path(sys.argv[4])))
