"""PostgreSQL databases that tests use one after another: making and dropping one takes longer than most tests.

A used database is emptied: every table that was ever written to is truncated and every sequence starts again.  It
gets a new name, so that what an earlier test left running finds nothing.  One whose tables a test has changed is
dropped.
"""

from __future__ import annotations

import uuid
from collections import deque

import psycopg
from psycopg import sql

# What truncating leaves as it is: tables, indexes, columns and rules.
SHAPE = """
    SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
        SELECT attribute::text AS line FROM pg_attribute AS attribute
            JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
        UNION ALL SELECT rule::text FROM pg_constraint AS rule WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT index::text FROM pg_index AS index
            JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT trigger::text FROM pg_trigger AS trigger
        UNION ALL SELECT function::text FROM pg_proc AS function WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'
    ) AS shape
"""
WRITTEN = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
ADVANCED = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


class SpareDatabases:
    """Copies of a template, for one test at a time."""

    def __init__(self, server_url: str, template: str) -> None:
        self._url = server_url
        self._template = template
        self._spare: deque[str] = deque()
        self._server = psycopg.connect(server_url, autocommit=True)
        self._shape = self._ask_shape(template)

    def take(self) -> str:
        """The name of a database without a row."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        if len(self._spare) > 1:  # PostgreSQL waits a tenth of a second to rename one that was left just now
            self._run("ALTER DATABASE {} RENAME TO {}", self._spare.popleft(), name)
        else:
            self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, self._template)
        return name

    def give_back(self, name: str) -> None:
        self._server.execute(END_OTHERS, (name,))  # truncating waits for what they still hold
        if self._empty(name):
            self._spare.append(name)
        else:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def close(self) -> None:
        for name in self._spare:
            self._run("DROP DATABASE {} WITH (FORCE)", name)
        self._server.close()

    def _empty(self, name: str) -> bool:
        """Whether the database is as the template is."""
        with psycopg.connect(self._url, dbname=name, autocommit=True) as database:
            if _ask_one(database, SHAPE) != self._shape:
                return False
            if written := [sql.Identifier(table) for (table,) in database.execute(WRITTEN)]:
                database.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(", ").join(written)))
            for (sequence,) in database.execute(ADVANCED).fetchall():
                database.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))
        return True

    def _ask_shape(self, name: str) -> object:
        with psycopg.connect(self._url, dbname=name) as database:
            assert not database.execute(WRITTEN).fetchall(), "the template has rows, which emptying would take away"
            return _ask_one(database, SHAPE)

    def _run(self, statement: str, *names: str) -> None:
        self._server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]


def _ask_one(database: psycopg.Connection, question: str) -> object:
    row = database.execute(question).fetchone()
    assert row
    return row[0]
