"""The directory file: who the bank's customers are, who acts for them, which accounts they have.

JSON, whole each time: what is not in it is not there.  It is taken as one, or not at all; an older one than the present
changes nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from marshmallow import INCLUDE, Schema, ValidationError, fields, validate
from sqlalchemy.engine import Connection

from adapter.connectors.files.tables import files_accounts, files_customers, files_directory
from adapter.domain.accounts import AccountStatus
from adapter.domain.core import CoreAccount, CoreCustomer
from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.parties import Party
from adapter.formats.notes import refuse

_ERRORS_MAX = 100  # told in one report

_OF_USER = (
    sa.select(files_customers)
    .where(files_customers.c.user_id == sa.bindparam("user"))
    .order_by(files_customers.c.place)
)
_OF_CUSTOMER = (
    sa.select(files_accounts)
    .where(files_accounts.c.customer_id == sa.bindparam("customer"))
    .order_by(files_accounts.c.place)
)
_ACCOUNTS = sa.select(files_accounts).where(files_accounts.c.account_id.in_(sa.bindparam("ids", expanding=True)))
_MADE_AT = sa.select(files_directory.c.made_at).with_for_update()


def _text(length_max: int, *, length_min: int = 1) -> fields.String:
    return fields.String(required=length_min > 0, validate=validate.Length(length_min, length_max))


def _code(pattern: str) -> fields.String:
    return fields.String(allow_none=True, load_default=None, validate=validate.Regexp(pattern))


class _Unknown(Schema):
    class Meta:
        unknown = INCLUDE  # a bank may add fields of its own


class UserSchema(_Unknown):
    id = _text(80)
    name = _text(200)


class CustomerSchema(_Unknown):
    id = _text(80)
    name = _text(300)
    inn = _code(r"\A([0-9]{10}|[0-9]{12})\Z")
    kpp = _code(r"\A[0-9]{4}[0-9A-Z]{2}[0-9]{3}\Z")


class MandateSchema(_Unknown):
    user_id = _text(80)
    customer_id = _text(80)
    role = _text(200)
    may_give_consent = fields.Boolean(required=True)
    reason = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=500))


class AccountSchema(_Unknown):
    number = fields.String(required=True, validate=validate.Regexp(r"\A[0-9]{20}\Z"))
    bic = fields.String(required=True, validate=validate.Regexp(r"\A[0-9]{9}\Z"))
    customer_id = _text(80)
    currency = fields.String(load_default="RUB", validate=validate.Regexp(r"\A[A-Z]{3}\Z"))
    name = fields.String(load_default="", validate=validate.Length(max=200))
    status = fields.Enum(AccountStatus, by_value=True, load_default=AccountStatus.OPEN)
    can_be_shared = fields.Boolean(load_default=True)
    reason = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=500))


class DirectorySchema(_Unknown):
    made_at = fields.AwareDateTime(required=True, format="iso")
    users = fields.List(fields.Nested(UserSchema), required=True)
    customers = fields.List(fields.Nested(CustomerSchema), required=True)
    mandates = fields.List(fields.Nested(MandateSchema), required=True)
    accounts = fields.List(fields.Nested(AccountSchema), required=True)


_SCHEMA = DirectorySchema()


def parse_directory(data: bytes) -> dict[str, Any]:
    """The directory, every reference in it resolved.  Raises UnreadableFile with every wrong place."""
    try:
        record = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise refuse("bad_json", f"справочник не читается как JSON: {error.msg}", error.lineno) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise refuse("bad_json", "справочник не читается как JSON в UTF-8", 1) from error
    try:
        directory: dict[str, Any] = _SCHEMA.load(record)
    except ValidationError as error:
        raise UnreadableFile(list(_field_errors("", error.messages))[:_ERRORS_MAX]) from error
    if errors := [*_check_twins(directory), *_check_references(directory)]:
        raise UnreadableFile(errors[:_ERRORS_MAX])
    return directory


def replace_directory(tx: Connection, directory: Mapping[str, Any], now: dt.datetime) -> bool:
    """Put it in the place of the present one; False for an older one.  One from the future was made now."""
    present, made_at = tx.execute(_MADE_AT).scalar_one_or_none(), min(directory["made_at"], now)
    if present is not None and made_at < present:
        return False
    for table in (files_directory, files_customers, files_accounts):
        tx.execute(sa.delete(table))
    tx.execute(sa.insert(files_directory), {"id": 1, "made_at": made_at})
    for table, rows in ((files_customers, _customer_rows(directory)), (files_accounts, _account_rows(directory))):
        if rows:
            tx.execute(sa.insert(table), rows)
    return True


def list_customers(connection: Connection, user_id: str) -> list[CoreCustomer]:
    """Whom a user acts for, in the order of the file."""
    return [_customer(row) for row in connection.execute(_OF_USER, {"user": user_id})]


def list_accounts(connection: Connection, customer_id: str) -> list[CoreAccount]:
    """A customer's accounts in the order of the file."""
    return [_account(row.told) for row in connection.execute(_OF_CUSTOMER, {"customer": customer_id})]


def find_accounts(connection: Connection, account_ids: Sequence[str]) -> dict[str, CoreAccount]:
    """Accounts by id, unknown ones left out."""
    return {
        row.account_id: _account(row.told) for row in connection.execute(_ACCOUNTS, {"ids": list(set(account_ids))})
    }


def _customer_rows(directory: Mapping[str, Any]) -> list[dict[str, Any]]:
    users = {user["id"]: user["name"] for user in directory["users"]}
    customers = {customer["id"]: customer for customer in directory["customers"]}
    return [
        {
            "user_id": mandate["user_id"],
            "customer_id": mandate["customer_id"],
            "place": place,
            "told": {
                "party": _party(customers[mandate["customer_id"]]),
                "user_name": users[mandate["user_id"]],
                "role": mandate["role"],
                "may_give_consent": mandate["may_give_consent"],
                "reason": mandate["reason"],
            },
        }
        for place, mandate in enumerate(directory["mandates"])
    ]


def _account_rows(directory: Mapping[str, Any]) -> list[dict[str, Any]]:
    customers = {customer["id"]: customer for customer in directory["customers"]}
    names = ("number", "bic", "customer_id", "currency", "name", "can_be_shared", "reason")
    return [
        {
            "account_id": account["number"],
            "customer_id": account["customer_id"],
            "place": place,
            "told": {
                **{name: account[name] for name in names},
                "status": account["status"].value,
                "owner": _party(customers[account["customer_id"]]),
            },
        }
        for place, account in enumerate(directory["accounts"])
    ]


def _party(customer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: customer[name] for name in ("name", "inn", "kpp")}


def _customer(row: sa.Row[*tuple[Any, ...]]) -> CoreCustomer:
    told = row.told
    return CoreCustomer(
        customer_id=row.customer_id,
        party=Party(**told["party"]),
        user_id=row.user_id,
        user_name=told["user_name"],
        role=told["role"],
        may_give_consent=told["may_give_consent"],
        reason=told["reason"],
    )


def _account(told: Mapping[str, Any]) -> CoreAccount:
    return CoreAccount(
        core_id=told["number"],
        customer_id=told["customer_id"],
        number=told["number"],
        bic=told["bic"],
        currency=told["currency"],
        name=told["name"],
        owner=Party(**told["owner"]),
        status=AccountStatus(told["status"]),
        can_be_shared=told["can_be_shared"],
        reason=told["reason"],
    )


def _check_twins(directory: Mapping[str, Any]) -> Iterator[FieldError]:
    keys = {"users": ("id",), "customers": ("id",), "accounts": ("number",), "mandates": ("user_id", "customer_id")}
    for table, names in keys.items():
        counts = Counter(" ".join(row[name] for name in names) for row in directory[table])
        for key, count in counts.items():
            if count > 1:
                yield _error(f"/{table}", "repeated", f"встречается {count} раза: {key}")


def _check_references(directory: Mapping[str, Any]) -> Iterator[FieldError]:
    known = {f"{table[:-1]}_id": {row["id"] for row in directory[table]} for table in ("users", "customers")}
    for table, names in (("mandates", ("user_id", "customer_id")), ("accounts", ("customer_id",))):
        for place, row in enumerate(directory[table]):
            for name in names:
                if row[name] not in known[name]:
                    yield _error(f"/{table}/{place}/{name}", "unknown_reference", f"нет в справочнике: {row[name]}")


def _field_errors(pointer: str, messages: Any) -> Iterator[FieldError]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _field_errors(pointer if name == "_schema" else f"{pointer}/{name}", inner)
    else:
        yield _error(pointer, "bad_value", "; ".join(map(str, messages)))


def _error(pointer: str, code: str, message: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, message=message, field=pointer)
