"""The disk of the file-exchange core is full for a while: a small tmpfs with a ballast that fills it."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.connectors.files.paper_bank import MAIN
from tests.faults.bench import Bench, open_bench
from tests.faults.exchange import ACCOUNTS, Exchange, open_exchange
from tests.faults.history import Content
from tests.faults.load import pay_all
from tests.faults.postgres import open_server
from tests.faults.report import Outcome

MUST_HOLD = "imports accepted, no half file, every draft put out once when there is room; no answer after more than 5 s"
DISK_KB = 2048
ANSWER_MAX_S = 5.0
PUT_OUT_WITHIN_S = 120.0
SEND_WITHIN_S = 6.0
END = "КонецФайла"
NAMES = ("ПлательщикСчет", "Сумма", "ПолучательСчет", "ПолучательБИК", "НазначениеПлатежа")
Draft = tuple[str, ...]  # the values of NAMES


def run(folder: Path, full: bool) -> Outcome:
    orders = 1000 if full else 20
    try:
        with _small_disk(folder / "exchange") as root:
            return _run(folder, open_exchange(root), orders, is_timed=full)
    except subprocess.CalledProcessError as error:
        return Outcome(parameters={}, skipped=f"a small tmpfs cannot be mounted here: {error.stderr.decode().strip()}")


def _run(folder: Path, exchange: Exchange, orders: int, *, is_timed: bool) -> Outcome:
    settings: dict[str, Any] = {"core": "files", "core_files_dir": str(exchange.root), "accounts": ACCOUNTS}
    with open_server(folder / "pg") as node, open_bench(folder, [node], account=MAIN, **settings) as bench:
        exchange.put_directory()
        exchange.await_read(bench)
        _fill(exchange.root / "ballast")
        pay_all(bench, orders)
        time.sleep(SEND_WITHIN_S)  # the worker tries, and cannot
        waiting = bench.count("outbox")
        while_full = exchange.list_out()
        half = [file.name for file in while_full if not _is_whole(file)]
        (exchange.root / "ballast").unlink()
        put_out_s = _await_out(bench, exchange, orders)
        put_out = Counter(draft for file in exchange.list_out() for draft in _read_drafts(file))
        attempts = bench.history.read()
        stored = bench.count("payments")
        ended = bench.count("payments WHERE status IN ('rejected', 'cancelled', 'expired')")
    acknowledged = {one.external_id: _draft_of(one.content) for one in attempts if one.payment_id}
    lost = [one for one, draft in acknowledged.items() if draft not in put_out]
    foreign = sorted(set(put_out) - set(acknowledged.values()))
    slowest = max(one.seconds for one in attempts)
    return Outcome(
        parameters={"orders": orders, "disk_kb": DISK_KB},
        counts={
            "acknowledged": len(acknowledged),
            "stored": stored,
            "files_while_full": len(while_full),
            "waiting_while_full": waiting,
            "put_out": put_out.total(),
            "put_out_twice": put_out.total() - len(put_out),
        },
        figures={"slowest_answer_s": slowest, "put_out_s": round(put_out_s, 1)},
        broken=[
            *([f"half a file in out/: {half[0]}"] if half else []),
            *([f"{len(lost)} acknowledged and never put out, such as {lost[0]}"] if lost else []),
            *([f"{len(acknowledged)} of {orders} acknowledged"] if len(acknowledged) < orders else []),
            *(f"put out {times} times: {draft}" for draft, times in put_out.items() if times > 1),
            *([f"{len(foreign)} drafts that nobody asked for, such as {foreign[0]}"] if foreign else []),
            *([f"{ended} told as ended, though the bank never said so"] if ended else []),
            *([f"an answer took {slowest:.1f} s"] if is_timed and slowest > ANSWER_MAX_S else []),
            *([] if waiting else ["nothing waited for room: the row proves nothing"]),
        ],
    )


@contextmanager
def _small_disk(place: Path) -> Iterator[Path]:
    """Raises CalledProcessError where this user may not mount."""
    place.mkdir(parents=True)
    options = ["-t", "tmpfs", "-o", f"size={DISK_KB}k", "tmpfs", str(place)]
    subprocess.run(["mount", *options], check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


def _await_out(bench: Bench, exchange: Exchange, orders: int) -> float:
    began = time.monotonic()
    while time.monotonic() < began + PUT_OUT_WITHIN_S:
        if sum(len(_read_drafts(file)) for file in exchange.list_out()) >= orders:
            break
        time.sleep(0.2)
    return time.monotonic() - began


def _is_whole(file: Path) -> bool:
    return file.read_text("windows-1251").rstrip().endswith(END)


def _read_drafts(file: Path) -> list[Draft]:
    """Documents of a file in the format of 1C, by what names each."""
    _, *sections = file.read_text("windows-1251").split("СекцияДокумент=")
    told = [dict(line.split("=", 1) for line in section.splitlines()[1:] if "=" in line) for section in sections]
    return [tuple(one.get(name, "") for name in NAMES) for one in told]


def _draft_of(content: Content) -> Draft:
    amount = f"{content.kopecks // 100}.{content.kopecks % 100:02}"
    return (content.account, amount, content.payee_account, content.payee_bic, content.purpose)
