"""What a partner may register: redirect URIs, keys and addresses.  Each rule raises `BrokenRule` with a stable code.

Redirect URIs are compared as whole strings later (RFC 9700 section 2.1), so only plain spellings get in: https, a name,
no fragment, no user, no empty query parameter, ASCII.  Keys: FAPI 2.0 section 5.4 (P-256, RSA of 2048 bits, Ed25519).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import SplitResult, urlsplit

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, KeySet, OKPKey, RSAKey

from oauth.errors import FieldProblem, InvalidApplication
from oauth.scopes import Scope

AUTH_METHODS = ("private_key_jwt", "client_secret_basic")
REDIRECT_URIS_MAX = 10
REDIRECT_URI_LENGTH_MAX = 500
JWKS_KEYS_MAX = 10
RSA_BITS_MIN, RSA_BITS_MAX = 2048, 4096
SHORTEST_PREFIX = {4: 16, 6: 32}  # a wider range is no allow list

_URI_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_INN = re.compile(r"\d{10}|\d{12}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,63}")
# Names must look like what they are: no control, bidi and invisible characters, no separators of lines, no letters that
# are drawn as nothing.
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})
_HANGUL_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
_PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

TEXT_LENGTHS = {
    "name": 60,
    "legal_name": 160,
    "website": 200,
    "purpose": 1000,
    "expected_volume": 200,
    "contact_name": 120,
    "contact_email": 254,
}
OPTIONAL_TEXTS = frozenset({"expected_volume"})


class BrokenRule(ValueError):
    """A value breaks a rule; `code` is stable, pages hold the words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a company asks for when it wants to become a partner."""

    name: str
    legal_name: str
    inn: str
    website: str
    purpose: str
    contact_name: str
    contact_email: str
    auth_method: str
    redirect_uris: Sequence[str]
    scopes: Sequence[str]
    jwks: Mapping[str, Any] | None = None  # RFC 7517, for private_key_jwt
    ip_ranges: Sequence[str] = ()  # CIDR; mandatory for client_secret_basic
    expected_volume: str = ""
    require_par: bool = True


def check_application(application: Application, *, allow_loopback: bool) -> None:
    """Raise InvalidApplication with every broken rule at once."""
    problems = _text_problems(application) + _uri_problems(application, allow_loopback) + _access_problems(application)
    if problems:
        raise InvalidApplication(problems)


def check_redirect_uri(uri: str, *, allow_loopback: bool = False) -> None:
    """https and a host name; with `allow_loopback` (the sandbox) also http on 127.0.0.1 or [::1]."""
    if not uri or len(uri) > REDIRECT_URI_LENGTH_MAX or not _URI_CHARACTERS.fullmatch(uri):
        raise BrokenRule("bad_characters")
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BrokenRule("not_a_uri") from error
    if "#" in uri or "@" in parts.netloc or "*" in parts.netloc:
        raise BrokenRule("fragment_user_or_wildcard")
    if parts.scheme == "http":
        _check_loopback(host, allow_loopback)
    elif parts.scheme != "https":
        raise BrokenRule("not_https")
    elif not _HOST_NAME.fullmatch(host):
        raise BrokenRule("not_a_host_name")
    _check_spelling(uri, parts)


def _check_loopback(host: str, allow_loopback: bool) -> None:
    if not allow_loopback or host not in ("127.0.0.1", "::1"):
        raise BrokenRule("not_https")


def _check_spelling(uri: str, parts: SplitResult) -> None:
    if parts.netloc != parts.netloc.lower() or not uri.startswith(f"{parts.scheme}://"):
        raise BrokenRule("not_plain")
    if any(segment in (".", "..") for segment in parts.path.split("/")):
        raise BrokenRule("not_plain")
    if uri.endswith("?") or any(not value for pair in _pairs(parts.query) for value in pair):
        raise BrokenRule("empty_query_parameter")


def _pairs(query: str) -> list[tuple[str, str]]:
    """Names and values as they are written; a part without `=` has an empty value."""
    if not query:
        return []
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&"))]


def check_jwks(jwks: object) -> None:
    """One to ten public keys for ES256, PS256 or EdDSA; RSA of 2048 to 4096 bits, P-256, Ed25519; no private parts."""
    if not isinstance(jwks, Mapping) or not isinstance(jwks.get("keys"), list):
        raise BrokenRule("not_a_key_set")
    keys = jwks["keys"]
    if not 1 <= len(keys) <= JWKS_KEYS_MAX or not all(isinstance(key, Mapping) for key in keys):
        raise BrokenRule("number_of_keys")
    if any(_PRIVATE_MEMBERS & set(key) for key in keys):
        raise BrokenRule("private_key")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # short keys are refused below
            imported = KeySet.import_key_set({"keys": [dict(key) for key in keys]}).keys
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenRule("unreadable_key") from error
    for key in imported:
        if not _is_strong(key):
            raise BrokenRule("weak_key")


def thumbprint(key: Mapping[str, Any]) -> str:
    """Which key it is, for people to compare over the telephone (RFC 7638, SHA-256)."""
    return JWKRegistry.import_key(dict(key)).thumbprint()


def _is_strong(key: object) -> bool:
    if isinstance(key, RSAKey):
        return RSA_BITS_MIN <= key.public_key.key_size <= RSA_BITS_MAX
    if isinstance(key, ECKey):
        return key.curve_name == "P-256"
    return isinstance(key, OKPKey) and key.curve_name == "Ed25519"


def check_ip_range(text: str) -> None:
    """An IPv4 or IPv6 network without host bits, not wider than /16 or /32."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise BrokenRule("not_a_network") from error
    if network.prefixlen < SHORTEST_PREFIX[network.version]:
        raise BrokenRule("network_too_wide")


def is_valid_inn(inn: str) -> bool:
    """10 digits of a company or 12 of an entrepreneur with the right check digits."""
    if not _INN.fullmatch(inn) or not inn.isascii():
        return False
    digits = [int(character) for character in inn]
    if len(digits) == 10:
        return _inn_digit(digits, (2, 4, 10, 3, 5, 9, 4, 6, 8)) == digits[9]
    first = _inn_digit(digits, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8))
    second = _inn_digit(digits, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))
    return (first, second) == (digits[10], digits[11])


def _inn_digit(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10


def _text_problems(application: Application) -> list[FieldProblem]:
    problems = []
    for field, longest in TEXT_LENGTHS.items():
        value = getattr(application, field)
        if not value.strip() and field not in OPTIONAL_TEXTS:
            problems.append(FieldProblem(field=field, code="missing"))
        elif len(value) > longest:
            problems.append(FieldProblem(field=field, code="too_long"))
        elif _has_unseen(value.replace("\r\n", " ").replace("\n", " ")):
            problems.append(FieldProblem(field=field, code="bad_characters"))
    if not is_valid_inn(application.inn):
        problems.append(FieldProblem(field="inn", code="not_an_inn"))
    if application.contact_email and not _EMAIL.fullmatch(application.contact_email):
        problems.append(FieldProblem(field="contact_email", code="not_an_email"))
    if application.website and not re.fullmatch(r"https?://[^\s\"<>]+", application.website):
        problems.append(FieldProblem(field="website", code="not_a_uri"))
    return problems


def _has_unseen(text: str) -> bool:
    return any(unicodedata.category(sign) in _UNSEEN_CATEGORIES or sign in _HANGUL_FILLERS for sign in text)


def _uri_problems(application: Application, allow_loopback: bool) -> list[FieldProblem]:
    uris = application.redirect_uris
    if not 1 <= len(uris) <= REDIRECT_URIS_MAX or len(set(uris)) != len(uris):
        return [FieldProblem(field="redirect_uris", code="number_of_uris")]
    problems = []
    for uri in uris:
        problems += _broken("redirect_uris", uri, partial(check_redirect_uri, uri, allow_loopback=allow_loopback))
    return problems


def _access_problems(application: Application) -> list[FieldProblem]:
    problems = []
    if not application.scopes or not set(application.scopes) <= set(Scope):
        problems.append(FieldProblem(field="scopes", code="unknown_or_missing"))
    if application.auth_method not in AUTH_METHODS:
        problems.append(FieldProblem(field="auth_method", code="unknown"))
    if application.auth_method == "client_secret_basic" and not application.ip_ranges:
        problems.append(FieldProblem(field="ip_ranges", code="missing"))
    if application.auth_method == "private_key_jwt":
        problems += _broken("jwks", "", partial(check_jwks, application.jwks))
    for text in application.ip_ranges:
        problems += _broken("ip_ranges", text, partial(check_ip_range, text))
    return problems


def _broken(field: str, value: str, check: Callable[[], None]) -> list[FieldProblem]:
    try:
        check()
    except BrokenRule as broken:
        return [FieldProblem(field=field, code=broken.code, value=value)]
    return []
