#!/bin/sh
# A base backup of the product's PostgreSQL server, checked file by file.
#
#   backup.sh BACKUPS [libpq connection string]
#
# Writes BACKUPS/base-<UTC time>; together with the archived WAL it restores every moment since its end.
# VERIFY: what checks the files against their manifest, where it is not pg_verifybackup.
set -eu

backups=${1:?folder of base backups}
source=${2:-}
name=base-$(date -u +%Y%m%dT%H%M%SZ)

mkdir -p "$backups"
pg_basebackup --pgdata "$backups/.$name" --dbname "$source" --checkpoint fast --wal-method fetch \
    --manifest-checksums SHA256 --no-password
${VERIFY:-pg_verifybackup --quiet} "$backups/.$name"
mv "$backups/.$name" "$backups/$name" # a backup has its name only when it is whole
echo "$backups/$name"
