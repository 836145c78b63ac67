#!/usr/bin/env bash
# Runs a command against a real service: private PostGIS, the demo (or $BAOCHANG_IMPORT), a free loopback port.
#   tests/with_service.sh node --test tests/browser/
# The command finds BAOCHANG_URL, BAOCHANG_DATABASE, PLANNER_KEY and APPROVER_KEY in its environment. Everything started here is stopped again.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
program=${BAOCHANG_PROGRAM:-$top/build/release/baochang}
place=${BAOCHANG_PLACE:-$top/build/service-test}
mkdir -p "$place"
served=""
finish() {
    [ -z "$served" ] || { kill "$served" 2>/dev/null && wait "$served" 2>/dev/null || true; }
    "$top/data/private_cluster.sh" stop "$place/cluster" >/dev/null 2>&1 || true
}
trap finish EXIT

"$top/data/private_cluster.sh" start "$place/cluster" >&2
BAOCHANG_DATABASE=$("$top/data/private_cluster.sh" url "$place/cluster")
BAOCHANG_DATABASE_OWNER=$("$top/data/private_cluster.sh" owner-url "$place/cluster")
export BAOCHANG_DATABASE BAOCHANG_DATABASE_OWNER
BAOCHANG_ADMIN_DATABASE=${BAOCHANG_DATABASE/user=baochang/user=postgres}
export BAOCHANG_ADMIN_DATABASE
export BAOCHANG_SNAPSHOT=$place/network.snapshot
"$program" migrate >&2
import=${BAOCHANG_IMPORT:---demo}
# what was imported last time, by which program: the same again needs nothing
mark=$place/imported
want="$import $(sha256sum <"$program" | cut -c1-16)"
if [ ! -s "$BAOCHANG_SNAPSHOT" ] || [ "$(cat "$mark" 2>/dev/null)" != "$want" ]; then
    # shellcheck disable=SC2086  # words
    "$program" import $import --replace >&2
    "$program" prepare >&2
    printf '%s' "$want" >"$mark"
fi

# one draws and another approves
export BAOCHANG_PEPPER_FILE=$place/pepper
PLANNER_KEY=$("$program" key create --role=planner --holder="planner 拟稿" 2>/dev/null)
APPROVER_KEY=$("$program" key create --role=approver --holder="approver 批准" 2>/dev/null)
export PLANNER_KEY APPROVER_KEY

port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export BAOCHANG_REGION_NAME=南阳市（示意路网） BAOCHANG_SCHEMATIC=true
BAOCHANG_PORT=$port "$program" serve ${BAOCHANG_SERVE_OPTIONS:-} 2>"$place/serve.log" &
served=$!
export BAOCHANG_URL=http://127.0.0.1:$port BAOCHANG_PID=$served
for _ in $(seq 150); do
    curl -fsS "$BAOCHANG_URL/readyz" >/dev/null 2>&1 && break
    kill -0 "$served" 2>/dev/null || { cat "$place/serve.log" >&2; exit 1; }
    sleep 0.1
done
"$@"
