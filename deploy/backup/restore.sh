#!/bin/sh
# Restores the product's PostgreSQL server from a base backup and the archived WAL.
#
#   restore.sh BASE ARCHIVE DATA [TIME]
#
# BASE: folder made by backup.sh.  ARCHIVE: folder of archived WAL.  DATA: an empty or absent data directory.
# TIME: the moment to go back to, as "2026-11-22 09:30:00+00"; without it everything that was archived.
#
# Web servers and workers must be stopped before.  SERVER_USER: the system user of the server, when root runs this.
# SERVER_OPTIONS: further options of `postgres`.  BANK_ADAPTER: the product's command, with its settings in the environment.
set -eu

base=${1:?folder of the base backup}
archive=${2:?folder of archived WAL}
data=${3:?data directory}
moment=${4:-}

as_server() {
    if [ -n "${SERVER_USER:-}" ]; then runuser -u "$SERVER_USER" -- "$@"; else "$@"; fi
}

if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then
    echo "$data is not empty: move it away, it may be needed" >&2
    exit 1
fi

mkdir -p "$data"
cp -a "$base/." "$data/"
cat >>"$data/postgresql.auto.conf" <<CONF
restore_command = 'cp "$archive/%f" "%p"'
recovery_target_timeline = 'latest'
recovery_target_action = 'promote'
CONF
if [ -n "$moment" ]; then echo "recovery_target_time = '$moment'" >>"$data/postgresql.auto.conf"; fi
touch "$data/recovery.signal"
chmod 700 "$data"
if [ -n "${SERVER_USER:-}" ]; then chown -R "$SERVER_USER" "$data"; fi

# -w waits until the server takes connections; it takes writes when recovery has ended.
cd /
as_server "$(command -v pg_ctl)" start -w -t 1800 -D "$data" -l "$data/restore.log" -o "${SERVER_OPTIONS:-}"
while [ -e "$data/recovery.signal" ]; do sleep 0.2; done

# From here on nothing is accepted or sent until `bank-adapter documents recover` has ended.
${BANK_ADAPTER:-bank-adapter} db restored
