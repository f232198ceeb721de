"""Our own records, on SQLite and PostgreSQL with the same code (SQLAlchemy Core)."""
