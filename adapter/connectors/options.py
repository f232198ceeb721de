"""Which core and which login, and how they are reached: the connectors' part of the settings.

`adapter.settings.Settings` begins with these fields, so an opener is given the settings themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

ANY_LOGIN = "any"
# What a core cannot be opened without.
NEEDED = {"http": "core_url", "files": "core_files_dir", "sql": "core_sql_url"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreOptions:
    """Empty texts leave a thing out."""

    issuer: str = "http://127.0.0.1:8000"  # our base URL, no trailing slash; https outside the sandbox
    bank_name: str = "Банк «Заря»"
    core: str = "sandbox"  # which core `open_core` opens: sandbox, http, files, sql
    core_login: str = ""  # who logs customers in: oidc, handover; empty: the sandbox's own
    sandbox_database_url: str = "sqlite:///var/sandbox.db"
    core_calls_max: int = 8  # calls to the core at once in one process; who comes then is served without it
    core_failures_max: int = 5  # failures in a row after which the core is left alone
    core_rest_s: float = 10.0  # for how long
    core_url: str = ""  # of the HTTP core, no trailing slash
    core_ca_file: str = ""  # certificates that the HTTP core's is checked against; empty: the system's
    core_certificate_file: str = ""  # ours, for mutual TLS with the HTTP core; PEM, its chain included
    core_certificate_key_file: str = ""
    core_token_key_file: str = ""  # our private key (JWK) that signs calls to the core; empty: they are not signed
    core_issuer: str = ""  # `iss` of tokens that the core signs: hints, hand-overs
    core_jwks_file: str = ""  # the core's public keys (JWKS) that these are checked against
    core_jwks_url: str = ""  # or where they are found
    core_files_dir: str = ""  # of the file-exchange core: holds in, out, archive, error
    core_files_keep_days: int = 400  # files in archive, and what an entry was before it was changed
    core_sql_url: str = ""  # of the SQL core: postgresql+psycopg://…
    core_handover_url: str = ""  # page of the internet bank that hands a logged-in customer over
    oidc_issuer: str = ""  # of the bank's identity provider
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_client_key_file: str = ""  # our private key (JWK), in place of the secret
    oidc_scope: str = "openid profile"
    login_acr_strong: str = ""  # `acr` values, split by spaces, that are enough for payments; any: every login is

    @property
    def strong_acrs(self) -> tuple[str, ...]:
        """The logins that are enough for payments; none: every login is."""
        return () if self.login_acr_strong == ANY_LOGIN else tuple(self.login_acr_strong.split())
