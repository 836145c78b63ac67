#!/usr/bin/python3
"""The same questions to baochang and to pgRouting, on the same rows, in the same run.

pgRouting is what a bureau does today: pgr_dijkstra over an edge query that leaves out the roads that meet a closed
zone. Usage: make bench-pgrouting (starts its own service and database), or under tests/with_service.sh.
"""
import http.client
import json
import os
import random
import sys
import time
from urllib.parse import urlparse

import psycopg

PAIRS = int(os.environ.get("PAIRS", "200"))
PEER_PAIRS = int(os.environ.get("PEER_PAIRS", "40"))
SEED = int(os.environ.get("SEED", "1"))

# Weekly windows and subjects are beyond such a query: it takes every approved zone that some rule closes.
EDGES = """
SELECT r.id, r.from_node AS source, r.to_node AS target,
       CASE WHEN r.forward  AND r.access_lorry_forward  <> 'no' THEN ST_Length(r.geom::geography) / r.speed_forward_kmh  * 3.6 ELSE -1 END AS cost,
       CASE WHEN r.backward AND r.access_lorry_backward <> 'no' THEN ST_Length(r.geom::geography) / r.speed_backward_kmh * 3.6 ELSE -1 END AS reverse_cost
FROM baochang.road r
WHERE coalesce(r.max_gross_t, 99) >= 49 AND coalesce(r.bridge_limit_t, 99) >= 49 AND coalesce(r.max_height_m, 9) >= 4.0
  AND NOT EXISTS (SELECT 1 FROM baochang.zone z WHERE z.state = 'approved' AND z.effective @> now()
                  AND z.rules -> 0 ->> 'rule' = 'closed' AND ST_Intersects(z.geom, r.geom))
"""


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))]


def show(name, seconds):
    print(f"  {name:<42} p50 {percentile(seconds, .5) * 1e3:10.3f} ms   p95 {percentile(seconds, .95) * 1e3:10.3f} ms"
          f"   p99 {percentile(seconds, .99) * 1e3:10.3f} ms   n {len(seconds)}")
    return percentile(seconds, .5)


def main():
    url = urlparse(os.environ["BAOCHANG_URL"])
    admin = os.environ.get("BAOCHANG_ADMIN_DATABASE", os.environ["BAOCHANG_DATABASE"])
    rng = random.Random(SEED)
    with psycopg.connect(admin, autocommit=True) as db:
        try:
            db.execute("CREATE EXTENSION IF NOT EXISTS pgrouting")
        except psycopg.Error as problem:
            print(f"SKIP: pgRouting is not to be had here: {problem}")
            return 0
        nodes = db.execute("""
            SELECT n.id, ST_X(n.geom), ST_Y(n.geom) FROM baochang.road_node n
            WHERE EXISTS (SELECT 1 FROM baochang.road r WHERE r.from_node = n.id AND r.forward AND r.backward
                          AND r.class IN ('trunk', 'primary', 'secondary', 'tertiary') AND r.access_lorry_forward = 'yes')
            ORDER BY n.id""").fetchall()
        roads, arcs = db.execute("SELECT count(*), count(*) FILTER (WHERE forward) + count(*) FILTER (WHERE backward)"
                                 " FROM baochang.road").fetchone()
        zones = db.execute("SELECT count(*) FROM baochang.zone WHERE state = 'approved'").fetchone()[0]
        print(f"network: {roads} roads, {arcs} arcs, {zones} approved zones; seed {SEED}")
        pairs = [rng.sample(nodes, 2) for _ in range(PAIRS)]

        connection = http.client.HTTPConnection(url.hostname, url.port)

        def ask(a, b):
            body = json.dumps({"origin": {"location": a[1:]}, "destination": {"location": b[1:]}, "geometry": "none",
                               "steps": False, "vehicle": {"class": "truck_6_axle"}})
            begin = time.perf_counter()
            connection.request("POST", "/v1/route", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return time.perf_counter() - begin, answer.status

        for a, b in pairs[:20]:
            ask(a, b)
        ours = [ask(a, b) for a, b in pairs]
        peer, found = [], 0
        for a, b in pairs[:PEER_PAIRS]:
            begin = time.perf_counter()
            rows = db.execute("SELECT seq, edge, agg_cost FROM pgr_dijkstra(%s, %s, %s, true)", (EDGES, a[0], b[0])).fetchall()
            peer.append(time.perf_counter() - begin)
            found += bool(rows)
        print(f"  answers: baochang {sum(s == 200 for _, s in ours)} of {len(ours)} routes, "
              f"{sum(s == 422 for _, s in ours)} with a reason why not; pgr_dijkstra {found} of {len(peer)} routes")
        mine = show("baochang, HTTP, whole plan, one connection", [t for t, _ in ours])
        theirs = show("pgr_dijkstra, zones left out by ST_Intersects", peer)
        print(f"  ratio of medians: {theirs / mine:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
