"""The tables of the authorization server.  Migrations are in `adapter/migrations`; ids are text that we make ourselves.

Secrets, codes, tokens and session ids are stored as SHA-256 (client secrets as HMAC) and never in the clear.  A consent
is the record that everything hangs on: codes and tokens point to it and die with it.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware moments only; stored as UTC, given back as UTC (SQLite has no zone of its own)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
Id = sa.String(40)
Digest = sa.LargeBinary(32)

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("id", Id, primary_key=True),  # pa_…
    sa.Column("client_id", Id, nullable=False, unique=True),  # pc_…, made by us: it can never look like a person's id
    sa.Column("name", sa.Text, nullable=False),  # trading name
    sa.Column("legal_name", sa.Text, nullable=False),
    sa.Column("inn", sa.String(12), nullable=False),
    sa.Column("website", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("expected_volume", sa.Text, nullable=False),
    sa.Column("contact_name", sa.Text, nullable=False),
    sa.Column("contact_email", sa.Text, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # applied, approved, suspended, closed
    sa.Column("state_reason", sa.Text),
    sa.Column("auth_method", sa.String(20), nullable=False),  # private_key_jwt, client_secret_basic
    sa.Column("redirect_uris", Json, nullable=False),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("jwks", Json, nullable=False),  # {"keys": []} without keys
    sa.Column("ip_ranges", Json, nullable=False),  # CIDR; empty: any address
    sa.Column("require_par", sa.Boolean, nullable=False),
    sa.Column("receipt_hash", Digest, nullable=False, unique=True),  # of the code that the applicant keeps
    sa.Column("claim_open", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("claimed_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.CheckConstraint(
        "auth_method <> 'client_secret_basic' OR CAST(ip_ranges AS TEXT) <> '[]'", name="secret_needs_ip_ranges"
    ),
)

partner_secrets = sa.Table(
    "partner_secrets",
    metadata,
    sa.Column("id", Id, primary_key=True),  # ps_…
    sa.Column("partner_id", Id, sa.ForeignKey("partners.id"), nullable=False, index=True),
    sa.Column("secret_hash", Digest, nullable=False),  # HMAC-SHA-256 with the pepper
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
)

# Four eyes: the first person asks or approves, another one confirms exactly what the digest names.
partner_changes = sa.Table(
    "partner_changes",
    metadata,
    sa.Column("id", Id, primary_key=True),  # pg_…
    sa.Column("partner_id", Id, sa.ForeignKey("partners.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(12), nullable=False),  # application, resume, reissue
    sa.Column("payload", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # SHA-256 of the payload, hex
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("first_by", Id, sa.ForeignKey("staff.id")),
    sa.Column("first_at", UtcDateTime),
    sa.Column("second_by", Id, sa.ForeignKey("staff.id")),
    sa.Column("second_at", UtcDateTime),
    sa.Column("outcome", sa.String(10)),  # null: open; approved, refused
    sa.Column("refused_by", Id, sa.ForeignKey("staff.id")),
    sa.Column("reason", sa.Text),
    sa.Column("closed_at", UtcDateTime),
    sa.CheckConstraint("first_by <> second_by", name="four_eyes"),
    sa.CheckConstraint("second_by IS NULL OR first_by IS NOT NULL", name="first_before_second"),
    sa.CheckConstraint("outcome <> 'approved' OR second_by IS NOT NULL", name="approved_by_two"),
)

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", Id, primary_key=True),  # st_…
    sa.Column("login", sa.String(60), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.String(10), nullable=False),  # operator, approver, auditor
    sa.Column("password_hash", sa.Text, nullable=False),  # argon2id
    sa.Column("totp_secret", sa.Text, nullable=False),
    sa.Column("totp_last_counter", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("state", sa.String(10), nullable=False),  # active, disabled
    sa.Column("created_at", UtcDateTime, nullable=False),
)

staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("id_hash", Digest, primary_key=True),
    sa.Column("staff_id", Id, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
)

customer_sessions = sa.Table(
    "customer_sessions",
    metadata,
    sa.Column("id_hash", Digest, primary_key=True),
    sa.Column("user_id", sa.String(200)),  # null: not logged in yet
    sa.Column("user_name", sa.Text),
    sa.Column("acr", sa.String(100)),
    sa.Column("amr", Json),
    sa.Column("is_strong", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("authenticated_at", UtcDateTime),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("id", Id, primary_key=True),  # cn_…, the same through renewals
    sa.Column("partner_id", Id, sa.ForeignKey("partners.id"), nullable=False, index=True),
    sa.Column("user_id", sa.String(200), index=True),
    sa.Column("user_name", sa.Text),
    sa.Column("customer_id", sa.String(200), index=True),
    sa.Column("customer_name", sa.Text),
    sa.Column("customer_inn", sa.String(12)),
    sa.Column("acr", sa.String(100)),  # how strongly the person had logged in who gave or renewed it, by what, when
    sa.Column("amr", Json),
    sa.Column("authenticated_at", UtcDateTime),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("accounts", Json, nullable=False),  # [{account_id, number, name, currency, bic}] as the person saw them
    sa.Column("account_ids", Json, nullable=False),
    sa.Column("history_from", sa.Date),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("given_at", UtcDateTime),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("state", sa.String(10), nullable=False),  # awaiting, active, suspended, rejected, revoked
    sa.Column("state_reason", sa.Text),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("ended_by", sa.String(10)),  # customer, partner, bank
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.CheckConstraint(
        "state NOT IN ('active', 'suspended') OR (user_id IS NOT NULL AND customer_id IS NOT NULL"
        " AND history_from IS NOT NULL AND given_at IS NOT NULL AND expires_at IS NOT NULL)",
        name="active_is_whole",
    ),
)

authorization_requests = sa.Table(
    "authorization_requests",
    metadata,
    sa.Column("id", Id, primary_key=True),  # ar_…
    sa.Column("request_uri_hash", Digest, unique=True),  # null: the request came through the browser, not by PAR
    sa.Column("partner_id", Id, sa.ForeignKey("partners.id"), nullable=False, index=True),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("state", sa.Text),
    sa.Column("code_challenge", sa.String(43), nullable=False),
    sa.Column("account_hint", sa.String(40)),
    sa.Column("consent_id", Id, sa.ForeignKey("consents.id")),  # asks for renewal of this consent
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),  # until when the page may be opened
    sa.Column("decide_until", UtcDateTime),  # set when it is first opened
    sa.Column("session_hash", Digest),  # the customer session that logged in first after opening it; it alone decides
    sa.Column("consumed_at", UtcDateTime),
)

# Which browsers opened a request.  A second browser (or a link preview) does not take it away: the first login does.
authorization_openings = sa.Table(
    "authorization_openings",
    metadata,
    sa.Column("request_id", Id, sa.ForeignKey("authorization_requests.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("session_hash", Digest, primary_key=True),
    sa.Column("opened_at", UtcDateTime, nullable=False),
)

codes = sa.Table(
    "codes",
    metadata,
    sa.Column("hash", Digest, primary_key=True),
    sa.Column("consent_id", Id, sa.ForeignKey("consents.id"), nullable=False, index=True),
    sa.Column("partner_id", Id, sa.ForeignKey("partners.id"), nullable=False),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("code_challenge", sa.String(43), nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("used_at", UtcDateTime),
    sa.Column("revoked_at", UtcDateTime),
)

access_tokens = sa.Table(
    "access_tokens",
    metadata,
    sa.Column("hash", Digest, primary_key=True),
    sa.Column("consent_id", Id, sa.ForeignKey("consents.id"), nullable=False, index=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("revoked_at", UtcDateTime),
)

# The family of a refresh token is its consent; a token lives as long as the consent and dies after idle time.
refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("hash", Digest, primary_key=True),
    sa.Column("consent_id", Id, sa.ForeignKey("consents.id"), nullable=False, index=True),
    sa.Column("partner_id", Id, sa.ForeignKey("partners.id"), nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("idle_until", UtcDateTime, nullable=False, index=True),
    sa.Column("parent_hash", Digest),
    sa.Column("rotated_at", UtcDateTime),
    sa.Column("successor_hash", Digest),
    sa.Column("answer", sa.Text),  # the answer of the rotation, sealed with the token itself, for the grace time
    sa.Column("used_at", UtcDateTime),
    sa.Column("revoked_at", UtcDateTime),
)

assertion_jtis = sa.Table(
    "assertion_jtis",
    metadata,
    sa.Column("hash", Digest, primary_key=True),  # of client id and jti
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
)

failures = sa.Table(
    "failures",
    metadata,
    sa.Column("subject", sa.String(120), primary_key=True),  # client:203.0.113.5, staff:login …
    sa.Column("window", sa.BigInteger, primary_key=True, autoincrement=False),  # minutes since 1970
    sa.Column("count", sa.Integer, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("actor_kind", sa.String(10), nullable=False),  # staff, customer, partner, system
    sa.Column("actor_id", sa.String(200), nullable=False),
    sa.Column("action", sa.String(60), nullable=False),
    sa.Column("partner_id", Id, index=True),
    sa.Column("consent_id", Id, index=True),
    sa.Column("ip", sa.String(45)),
    sa.Column("detail", Json, nullable=False),
    sa.Column("previous_hash", Digest, nullable=False),
    sa.Column("hash", Digest, nullable=False),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # always 1
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("hash", Digest, nullable=False),
)

consent_usage = sa.Table(
    "consent_usage",
    metadata,
    sa.Column("consent_id", Id, sa.ForeignKey("consents.id"), primary_key=True),
    sa.Column("hour", UtcDateTime, primary_key=True),
    sa.Column("operation", sa.String(60), primary_key=True),
    sa.Column("ip", sa.String(45), primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
)
