#!/bin/bash
# A private PostgreSQL + PostGIS cluster inside one folder, for `make run`, tests and trying out.
#
#   private_cluster.sh start DIR            make it if need be, start it, see that roles and database are there
#   private_cluster.sh stop DIR             stop it (and nothing else)
#   private_cluster.sh status DIR           exit 0 if it runs, 3 if not
#   private_cluster.sh url DIR [DATABASE]   connection string of the service's role
#   private_cluster.sh owner-url DIR [DATABASE]       of the role that owns the schema (migrations)
#   private_cluster.sh createdb|dropdb DIR DATABASE   another database with the same roles
#
# It never touches a system cluster: own data folder, own socket folder, no TCP. Whoever may enter the socket folder
# (its owner and root) may connect. Run as root, the server works as the user `postgres` (under sudo: as the user who
# called it), because PostgreSQL refuses to run as root. BAOCHANG_CLUSTER_OPTIONS is appended to the server's options.
set -euo pipefail
umask 077

fail() { echo "private_cluster.sh: $*" >&2; exit 1; }

[ $# -ge 2 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
verb=$1
[ -d "$2" ] || { mkdir -p "$2" && chmod 755 "$2"; }
dir=$(cd "$2" && pwd -P)
data=$dir/data
name=${3:-baochang}
[[ $name =~ ^[a-z_][a-z0-9_]{0,62}$ ]] || fail "\"$name\" is no name for a database"

# a cluster that is there stays with the version that made it
bin=
for candidate in "/usr/lib/postgresql/$(cat "$data/PG_VERSION" 2>/dev/null || echo 15)/bin" /usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null || true)"; do
    if [ -x "$candidate/postgres" ] && [ -x "$candidate/initdb" ]; then bin=$candidate; break; fi
done
[ -n "$bin" ] || fail "PostgreSQL's server programs are not installed (Debian: postgresql-15 postgresql-15-postgis-3)"

# ---- who runs the server ---------------------------------------------------------------------------------------
me=$(id -un)
if [ -d "$data" ]; then
    user=$(stat -c %U "$data")
elif [ "$(id -u)" != 0 ]; then
    user=$me
elif [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
    user=$SUDO_USER
else
    user=postgres
fi
id -u "$user" >/dev/null 2>&1 || fail "there is no user \"$user\" on this machine to run the server as"
[ "$(id -u)" = 0 ] || [ "$user" = "$me" ] || fail "$data belongs to $user: run this as $user or as root"

as=()
if [ "$user" != "$me" ]; then
    as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --init-groups)
    # stat, not test -x: access(2) looks past capabilities
    if ! "${as[@]}" stat "$dir/." >/dev/null 2>&1; then
        # The folder lies below one that this user may not enter, e.g. the home of root. Two capabilities let it.
        as+=(--inh-caps=+dac_override,+dac_read_search --ambient-caps=+dac_override,+dac_read_search)
        "${as[@]}" stat "$dir/." >/dev/null 2>&1 ||
            fail "the user $user cannot enter $dir; put the build folder elsewhere (make BUILD=/var/tmp/baochang …)"
    fi
fi
# The working directory of the caller may be one that the server's user cannot enter.
run() { (cd / && env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE -u PGOPTIONS -u PGSERVICE LC_ALL=C.UTF-8 "${as[@]}" "$@"); }

# ---- is it running ---------------------------------------------------------------------------------------------
# The pid file may outlive its process and its number may have gone to another one: only a postgres that works in our
# data folder counts.
running_pid() {
    local pid
    pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 1
    [[ $pid =~ ^[0-9]+$ ]] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$data" ] || return 1
    [[ $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) == *postgres* ]] || return 1
    echo "$pid"
}

port() { cat "$dir/port" 2>/dev/null || echo 5433; }
sockets() { cat "$dir/sockets" 2>/dev/null || echo "$dir"; }
sql() { run env PGOPTIONS=--client-min-messages=warning "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$(sockets)" -p "$(port)" -U postgres "$@"; }

# ---- start -----------------------------------------------------------------------------------------------------
make_cluster() {
    rm -rf "$dir/data.new"
    mkdir -m 700 "$dir/data.new"
    [ "$user" = "$me" ] || chown "$user:" "$dir/data.new"
    run "$bin/initdb" -D "$dir/data.new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -T simple >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
    run tee -a "$dir/data.new/postgresql.conf" >/dev/null <<'CONF'

# private cluster of baochang: one developer's machine, reached over its socket only
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 128MB
maintenance_work_mem = 128MB
work_mem = 16MB
max_wal_size = 1GB
checkpoint_timeout = 15min
wal_level = minimal
max_wal_senders = 0
max_parallel_workers_per_gather = 0
jit = off
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
log_line_prefix = '%m [%p] %u@%d '
CONF
    mv "$dir/data.new" "$data" # a start that was interrupted leaves no half cluster
}

choose_port() {
    [ -s "$dir/port" ] && return
    local p
    for ((p = 5433; p < 5533; p++)); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then echo "$p" >"$dir/port"; return; fi
    done
    fail "no free port from 5433 to 5532"
}

# The path of a socket may have 107 bytes. A longer one goes to a short private folder, whose name is kept.
choose_sockets() {
    local place=$dir/socket
    if [ $((${#place} + 20)) -ge 100 ]; then
        place=$(cat "$dir/sockets" 2>/dev/null || true)
        if [ -z "$place" ] || [ ! -d "$place" ] || [ -L "$place" ] || [ "$(stat -c %U "$place")" != "$user" ]; then
            place=${XDG_RUNTIME_DIR:-/tmp}
            [ -d "$place" ] && [ ${#place} -lt 60 ] && run stat "$place/." >/dev/null 2>&1 || place=/tmp
            place=$(mktemp -d "$place/baochang.XXXXXXXX")
        fi
    fi
    mkdir -p -m 700 "$place"
    [ "$user" = "$me" ] || chown "$user:" "$place"
    echo "$place" >"$dir/sockets"
}

start() {
    exec 9>"$dir/lock"
    flock -w 120 9 || fail "another start or stop of $dir has not ended"
    [ -d "$data" ] || make_cluster
    if ! running_pid >/dev/null; then
        choose_port
        choose_sockets
        # A pid file whose number now belongs to some other process would keep the server from starting.
        local pid
        pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null || true)
        if [[ $pid =~ ^[0-9]+$ ]] && [ -d "/proc/$pid" ]; then
            rm -f "$data/postmaster.pid" "$(sockets)/.s.PGSQL.$(port)" "$(sockets)/.s.PGSQL.$(port).lock"
        fi
        if [ "$(stat -c %s "$dir/log" 2>/dev/null || echo 0)" -gt 10000000 ]; then mv "$dir/log" "$dir/log.old"; fi
        : >>"$dir/log"
        [ "$user" = "$me" ] || chown "$user:" "$dir/log"
        # after a crash its children may need a moment to notice
        local try
        for try in 1 2 3 4 5; do
            if run "$bin/pg_ctl" -D "$data" -l "$dir/log" -w -t 60 -s \
                   -o "-p $(port) -k '$(sockets)' ${BAOCHANG_CLUSTER_OPTIONS:-}" start 9>&- >>"$dir/log" 2>&1; then break; fi
            [ "$try" -lt 5 ] || { tail -n 20 "$dir/log" >&2; fail "the server did not start; see $dir/log"; }
            sleep 1
        done
    fi
    # One template with PostGIS, from which each database is copied in a moment.
    local have
    have=$(sql -At -d postgres -c "SELECT datname FROM pg_database")
    if ! grep -qx baochang_template <<<"$have"; then
        sql -d postgres <<'SQL'
DO $$
DECLARE r text;
BEGIN
    FOREACH r IN ARRAY '{baochang_service,baochang,baochang_owner}'::text[] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN EXECUTE format('CREATE ROLE %I', r); END IF;
    END LOOP;
END $$;
ALTER ROLE baochang_owner LOGIN;
ALTER ROLE baochang LOGIN;
GRANT baochang_service TO baochang;
ALTER ROLE baochang SET lock_timeout = '10s';
ALTER ROLE baochang SET idle_in_transaction_session_timeout = '10min';
SQL
        sql -d postgres -c "DROP DATABASE IF EXISTS baochang_template_new" -c "CREATE DATABASE baochang_template_new"
        sql -d baochang_template_new -c "CREATE EXTENSION postgis"
        sql -d postgres -c "ALTER DATABASE baochang_template_new RENAME TO baochang_template"
    fi
    grep -qx baochang <<<"$have" || make_database baochang
}

make_database() { sql -d postgres -c "CREATE DATABASE \"$1\" TEMPLATE baochang_template OWNER baochang_owner"; }

# ---- stop ------------------------------------------------------------------------------------------------------
stop() {
    [ -d "$data" ] || return 0
    exec 9>"$dir/lock"
    flock -w 120 9 || fail "another start or stop of $dir has not ended"
    if running_pid >/dev/null; then run "$bin/pg_ctl" -D "$data" -m fast -w -t 60 -s stop 9>&-; fi
    # a socket folder outside ours is made anew by the next start
    local place
    place=$(sockets)
    if [ "$place" != "$dir" ] && [ "$place" != "$dir/socket" ]; then rmdir "$place" 2>/dev/null || true; fi
}

case $verb in
    start) start ;;
    stop) stop ;;
    status)
        if pid=$(running_pid); then echo "running, pid $pid, port $(port), socket folder $(sockets)"; else echo "stopped"; exit 3; fi ;;
    url) echo "host='$(sockets)' port=$(port) dbname=$name user=baochang" ;;
    owner-url) echo "host='$(sockets)' port=$(port) dbname=$name user=baochang_owner" ;;
    createdb) [ $# -eq 3 ] || fail "createdb needs a name"; make_database "$name" ;;
    dropdb) [ $# -eq 3 ] || fail "dropdb needs a name"; sql -d postgres -c "DROP DATABASE IF EXISTS \"$name\" WITH (FORCE)" ;;
    *) fail "unknown command $verb" ;;
esac
