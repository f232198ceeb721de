"""The certified `oidc-provider` from npm in a process of its own, and a person's browser at its login page.

It is installed once for each state of `tests/oidc_provider/package-lock.json`, into var/, by whichever test process
comes first.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2

SOURCE = Path(__file__).parents[2] / "oidc_provider"
CACHE = Path(__file__).parents[3] / "var" / "oidc-provider"
PASSWORD, CODE = "urn:bank:password", "urn:bank:otp"  # the provider's two values of acr
INSTALL_TIMEOUT_S = 180
REDIRECTS_MAX = 15


def install() -> Path:
    """The folder of the installed provider."""
    digest = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = CACHE / digest
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(SOURCE, folder)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=INSTALL_TIMEOUT_S)
            (folder / "installed").touch()
    shutil.copy(SOURCE / "provider.mjs", folder)
    return folder


@dataclass
class IdentityProvider:
    """The running provider."""

    issuer: str
    process: subprocess.Popen[str]

    def rotate_keys(self) -> None:
        httpx2.post(f"{self.issuer}/control/rotate", trust_env=False).raise_for_status()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def run_provider(clients: list[Mapping[str, Any]]) -> Iterator[IdentityProvider]:
    """Start it and wait until it serves."""
    port = free_port()
    arguments = ["node", "provider.mjs", json.dumps({"port": port, "clients": clients})]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(arguments, cwd=install(), **pipes) as process:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        try:
            yield IdentityProvider(issuer=f"http://127.0.0.1:{port}", process=process)
        finally:
            process.kill()


@dataclass
class Person:
    """A browser and who sits before it: keeps cookies, follows redirects one by one."""

    http: httpx2.Client
    history: list[str]

    @classmethod
    def at_a_new_browser(cls) -> Person:
        return cls(httpx2.Client(trust_env=False, timeout=20), [])

    def open(self, url: str, *, until: str = "") -> httpx2.Response:
        """Follow redirects to a page, or to the first answer that leads to an address that begins with `until`."""
        return self._follow(self.http.get(url), until)

    def send(self, url: str, form: Mapping[str, Any], *, until: str = "", **headers: str) -> httpx2.Response:
        return self._follow(self.http.post(url, data=dict(form), headers=headers), until)

    def log_in(
        self, page: httpx2.Response, *, as_user: str = "u_ivanova", acr: str = CODE, until: str = ""
    ) -> httpx2.Response:
        """Answer the provider's login page."""
        return self.send(str(page.url), {"login": as_user, "acr": acr}, until=until)

    def _follow(self, answer: httpx2.Response, until: str) -> httpx2.Response:
        for _hop in range(REDIRECTS_MAX):
            if not answer.is_redirect:
                return answer
            target = urljoin(str(answer.url), answer.headers["Location"])
            self.history.append(target)
            if until and target.startswith(until):
                return answer
            answer = self.http.get(target)
        raise AssertionError(f"round and round: {self.history[-4:]}")


def asked_of(page: httpx2.Response) -> Mapping[str, Any]:
    """What the adapter asked for, as the provider's login page tells."""
    found = re.search(r'<pre id="asked">(.*)</pre>', page.text, re.S)
    assert found, page.text
    told: Mapping[str, Any] = json.loads(found[1])["params"]
    return told
