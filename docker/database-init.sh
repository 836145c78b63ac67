#!/bin/sh
# Run once by the PostGIS image when the database is made: the service's login role. It owns nothing and may change no
# table's shape; migrations run as the owner (`import` and `prepare` in compose.yaml).
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v password="$BAOCHANG_DB_PASSWORD" <<'SQL'
CREATE ROLE baochang_service NOLOGIN;
CREATE ROLE baochang LOGIN PASSWORD :'password';
GRANT baochang_service TO baochang;
ALTER ROLE baochang SET lock_timeout = '10s';
ALTER ROLE baochang SET idle_in_transaction_session_timeout = '10min';
SQL
