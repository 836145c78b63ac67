#!/usr/bin/env bash
# What `make run` does once the program is built: a private database, the demo, the service. Ctrl-C stops what was
# started here and nothing else; the second start finds everything in place.   run.sh PROGRAM PLACE
set -euo pipefail
program=$1 place=$2
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$place"
place=$(cd "$place" && pwd)
address=${BAOCHANG_ADDRESS:-127.0.0.1} port=${BAOCHANG_PORT:-8080}

if (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null; then
    echo "端口 $port 已被占用；换一个：make run BAOCHANG_PORT=8081" >&2
    echo "port $port is taken; choose another: make run BAOCHANG_PORT=8081" >&2
    exit 1
fi

served=""
finish() {
    trap - EXIT INT TERM
    if [ -n "$served" ]; then
        kill -TERM "$served" 2>/dev/null || true
        wait "$served" 2>/dev/null || true
    fi
    "$here/private_cluster.sh" stop "$place/cluster" >/dev/null 2>&1 || true
    echo "已停止 stopped" >&2
}
trap finish EXIT
trap 'exit 0' INT TERM

"$here/private_cluster.sh" start "$place/cluster" >&2
BAOCHANG_DATABASE=$("$here/private_cluster.sh" url "$place/cluster")
BAOCHANG_DATABASE_OWNER=$("$here/private_cluster.sh" owner-url "$place/cluster")
export BAOCHANG_DATABASE BAOCHANG_DATABASE_OWNER
export BAOCHANG_SNAPSHOT=${BAOCHANG_SNAPSHOT:-$place/network.snapshot}
export BAOCHANG_PEPPER_FILE=${BAOCHANG_PEPPER_FILE:-$place/pepper}

"$program" migrate >&2

# The demo is loaded once; what a user changed or imported since stays.
if [ ! -e "$place/loaded" ]; then
    "$program" import --demo --replace >&2
    rm -f "$BAOCHANG_SNAPSHOT"
    : >"$place/loaded"
fi
# Two people, because nobody approves what they drew. Keys are shown once: at the first start.
keys="
  密钥在首次启动时显示过；另建一个   the keys were shown at the first start; to make another:
    BAOCHANG_DATABASE_OWNER=\"$BAOCHANG_DATABASE_OWNER\" BAOCHANG_PEPPER_FILE=\"$BAOCHANG_PEPPER_FILE\" $program key create --role=planner --holder=NAME
"
if [ ! -e "$place/keys-made" ]; then
    planner=$("$program" key create --role=planner --holder="demo planner 示例拟稿人" 2>/dev/null)
    approver=$("$program" key create --role=approver --holder="demo approver 示例批准人" 2>/dev/null)
    keys="
  密钥（只显示这一次）   keys, shown this once
    拟稿 planner     $planner
    批准 approver    $approver
"
    : >"$place/keys-made"
fi
[ -s "$BAOCHANG_SNAPSHOT" ] || "$program" prepare >&2

export BAOCHANG_REGION_NAME=${BAOCHANG_REGION_NAME:-南阳市（示意路网）} BAOCHANG_SCHEMATIC=${BAOCHANG_SCHEMATIC:-true}
"$program" serve &
served=$!
ready=""
for _ in $(seq 300); do
    kill -0 "$served" 2>/dev/null || { wait "$served" || exit $?; exit 1; }
    if curl -fs -o /dev/null "http://$address:$port/readyz" 2>/dev/null ||
        { ! command -v curl >/dev/null && (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null; }; then
        ready=1
        break
    fi
    sleep 0.1
done
[ -n "$ready" ] || echo "服务尚未就绪，见上面的日志 not ready yet, see the log above" >&2
base=http://$address:$port
cat <<EOF

保畅 baochang 已就绪：示意路网（南阳），仅供演示          ready: a schematic network of Nanyang, for demonstration

  地图 map page     $base/

  试一试 try:
  # 1. 南召 → 唐河，六轴 49 吨，闭环返回             there and back, 49 t on six axles
  curl -s '$base/v1/route?origin=112.43,33.49&destination=112.83,32.69&loop=return&vehicle.class=truck_6_axle&geometry=none'
  # 2. 西峡 → 桐柏，英文说明和逐步指引                  with steps, in English
  curl -s -H 'Accept-Language: en' -H 'Content-Type: application/json' $base/v1/route -d '{"origin":{"location":[111.48,33.30]},"destination":{"location":[113.40,32.37]},"vehicle":{"class":"truck_6_axle"},"steps":true,"geometry":"polyline6"}'
  # 3. OSRM 客户端                                  as an OSRM client asks
  curl -s '$base/route/v1/truck/112.43,33.49;112.09,32.68?overview=false'

$keys
  按 Ctrl-C 停止 Ctrl-C stops everything that was started here
  数据库 database   psql "$BAOCHANG_DATABASE"
EOF
wait "$served"
