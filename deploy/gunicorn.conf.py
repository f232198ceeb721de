"""gunicorn for production: `gunicorn -c deploy/gunicorn.conf.py adapter.wsgi:app`.

Everything comes from BANK_ADAPTER_* settings through adapter.serving; change here what this machine needs.
"""

from adapter.serving import *  # noqa: F403

# bind = "unix:/run/bank-adapter/web.sock"
# workers = 4  # two per core; PostgreSQL then needs workers × BANK_ADAPTER_DATABASE_POOL_SIZE × 2 connections
