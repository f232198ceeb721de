"""A person's browser without scripts: keeps cookies, follows redirects inside the bank, fills in forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin, urlsplit

import httpx2

from adapter.demo.html_forms import Form, Parsed, parse_page
from adapter.demo.telling import DemoFailed, Teller, shorten

REDIRECTS_MAX = 12
HIDDEN = frozenset({"csrf", "csrf_token"})
SECRET = frozenset({"password", "totp", "code", "otp"})


@dataclass(frozen=True)
class Page:
    """What the browser shows.  `left_for` is set when the bank sent the browser away, to a partner's address."""

    status: int
    url: str
    html: str = ""
    left_for: str | None = None

    @cached_property
    def parsed(self) -> Parsed:
        return parse_page(self.html)

    @property
    def text(self) -> str:
        return self.parsed.text

    def marked(self, name: str) -> str:
        """The text of the element with this id."""
        if name not in self.parsed.marked:
            raise DemoFailed(f"{self.url}: the page has no element with id {name!r}")
        return self.parsed.marked[name]

    def form(self, *, having: str = "", action: str = "", button: str = "") -> Form:
        """The first form with a field of this name, an action that ends like this, a button with these words."""
        for one in self.parsed.forms:
            buttons = [control.words for control in one.fields if control.kind == "button"]
            is_wanted = not having or one.has(having), not button or button in buttons
            if all(is_wanted) and urlsplit(one.action).path.endswith(action):
                return one
        wanted = having or action or button
        raise DemoFailed(f"{self.url} ({self.status}): no form with {wanted!r}; the page says: {self.text[:300]}")

    def link(self, *, to: str = "", words: str = "") -> str:
        """The address of the first link that leads there, or that reads so."""
        for address, text in self.parsed.links:
            if to in address and words in text:
                return address
        raise DemoFailed(f"{self.url} ({self.status}): no link {to or words!r}; the page says: {self.text[:300]}")


class Browser:
    """One person at one browser; pages of the bank only, its internet bank may have an address of its own."""

    def __init__(self, bank_url: str, tell: Teller, language: str = "ru", internet_bank: str = "") -> None:
        self._bank_url = bank_url
        self._homes = tuple(f"{home}/" for home in (bank_url, internet_bank) if home)
        self._tell = tell
        self._http = httpx2.Client(base_url=bank_url, headers={"Accept-Language": language}, timeout=30)

    def close(self) -> None:
        self._http.close()

    def open(self, address: str) -> Page:
        return self._go("GET", address)

    def submit(
        self, page: Page, form: Form, values: Mapping[str, str | Iterable[str]], press: tuple[str, str] | None = None
    ) -> Page:
        """Send a form with these values over what the page filled in; `press` is the button's name and value."""
        pairs = [(name, value) for name, value in form.defaults() if name not in values]
        for name, value in values.items():
            pairs += [(name, value)] if isinstance(value, str) else [(name, one) for one in value]
        if press:
            pairs.append(press)
        return self._go(form.method.upper(), urljoin(page.url, form.action or page.url), pairs)

    def _go(self, method: str, address: str, pairs: list[tuple[str, str]] | None = None) -> Page:
        url = urljoin(self._bank_url, address)
        for _ in range(REDIRECTS_MAX):
            response = self._send(method, url, pairs)
            page = Page(status=response.status_code, url=url, html=response.text)
            words = _tell_fields(pairs or [])
            self._tell.exchange(f"{method} {urlsplit(url).path}", words, *_tell_answer(response, page))
            if not response.is_redirect:
                return page
            url = urljoin(url, response.headers["Location"])
            if not url.startswith(self._homes):
                return Page(status=response.status_code, url=url, left_for=url)
            method, pairs = "GET", None
        raise DemoFailed(f"{address}: more than {REDIRECTS_MAX} redirects")

    def _send(self, method: str, url: str, pairs: list[tuple[str, str]] | None) -> httpx2.Response:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        request: dict[str, object] = {"headers": {"Origin": origin} if method == "POST" else {}}
        if pairs is not None and method == "POST":
            data: dict[str, list[str]] = {}
            for name, value in pairs:
                data.setdefault(name, []).append(value)
            request["data"] = data
        elif pairs:
            request["params"] = pairs
        return self._http.request(method, url, **request)  # type: ignore[arg-type]


def _tell_fields(pairs: list[tuple[str, str]]) -> str:
    shown = [
        (name, "***" if name in SECRET else shorten(value)) for name, value in pairs if name not in HIDDEN and value
    ]
    return ", ".join(f"{name}={value}" for name, value in shown)


def _tell_answer(response: httpx2.Response, page: Page) -> tuple[str, str]:
    """The status, and the title of the page or where the browser is sent."""
    if not response.is_redirect:
        return f"{response.status_code}", f"page «{page.parsed.title}»"
    target = urlsplit(response.headers["Location"])
    return f"{response.status_code}", f"to {f'{target.scheme}://{target.netloc}' if target.netloc else ''}{target.path}"
