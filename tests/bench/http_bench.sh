#!/usr/bin/env bash
# Requests a second and p99 of whole routes over HTTP, by wrk on loopback, one event thread against one core of load.
# Run under tests/with_service.sh.
set -euo pipefail
: "${BAOCHANG_URL:?run it under tests/with_service.sh}"
seconds=${SECONDS_EACH:-8}
scripts=$(mktemp -d)
trap 'rm -rf "$scripts"' EXIT
/usr/bin/python3 - "$scripts" <<'PYTHON'
import json, os, random, sys, urllib.request
out, url = sys.argv[1], os.environ["BAOCHANG_URL"]
seats = [f["geometry"]["coordinates"] for f in json.load(urllib.request.urlopen(url + "/v1/facilities"))["features"]
         if f["properties"]["kind"] == "county_seat"]
rng = random.Random(1)
pairs = [(a, b) for a in seats for b in seats if a != b]
rng.shuffle(pairs)
for name, members in {"plain": {"geometry": "none", "steps": False}, "full": {"geometry": "polyline6", "steps": True, "corridor_m": 0},
                      "corridor": {"geometry": "polyline6", "steps": True}}.items():
    bodies = [json.dumps({"origin": {"location": a}, "destination": {"location": b}, "vehicle": {"class": "truck_6_axle"}, **members})
              for a, b in pairs]
    with open(f"{out}/{name}.lua", "w") as f:
        f.write("local bodies = {\n" + ",\n".join("[==[%s]==]" % b for b in bodies) + "}\nlocal i = 0\n")
        f.write('wrk.headers["Content-Type"] = "application/json"\nwrk.method = "POST"\n'
                "request = function() i = i % #bodies + 1 return wrk.format(nil, nil, nil, bodies[i]) end\n")
PYTHON
for kind in plain full corridor; do
    case $kind in
    plain) what="no geometry, no steps" ;;
    full) what="polyline6 and steps" ;;
    corridor) what="polyline6, steps and the corridor of 200 m" ;;
    esac
    echo "== routes, $kind ($what)"
    wrk -t1 -c16 -d"${seconds}s" --latency -s "$scripts/$kind.lua" "$BAOCHANG_URL/v1/route" |
        grep -E 'Latency|50%|99%|Requests/sec|Non-2xx|requests in'
done
echo "resident: $(awk '/VmRSS/ {print $2 / 1024 " MB"}' "/proc/$BAOCHANG_PID/status")"
