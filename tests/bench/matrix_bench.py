#!/usr/bin/python3
"""Tables over HTTP: SIDE x SIDE places on the demo, by kind of question, wall and processor time, memory.
Usage: make bench-matrix (SIDE=1000, ONLY="by distance"), or under tests/with_service.sh."""
import http.client
import json
import os
import random
import sys
import time
from urllib.parse import urlparse

import psycopg

SIDE, ROUNDS, SEED = int(os.environ.get("SIDE", "1000")), int(os.environ.get("ROUNDS", "3")), int(os.environ.get("SEED", "1"))
ONLY = os.environ.get("ONLY", "")  # of the questions, those whose name holds this

NODES = """
SELECT n.id, ST_X(n.geom), ST_Y(n.geom) FROM baochang.road_node n
WHERE EXISTS (SELECT 1 FROM baochang.road r WHERE r.from_node = n.id AND r.forward AND r.backward
              AND r.class IN ('trunk', 'primary', 'secondary', 'tertiary') AND r.access_lorry_forward = 'yes')
ORDER BY n.id"""

# at ten on a working day the ban on the town binds for hours yet; at half past seven it is about to begin, which is the worst case
QUESTIONS = [
    ("time, Sunday 01:00", {"depart_at": "2026-11-29T01:00:00+08:00"}, ["durations"]),
    ("time and distance, Sunday 01:00", {"depart_at": "2026-11-29T01:00:00+08:00"}, ["durations", "distances"]),
    ("time and distance, Friday 10:00", {"depart_at": "2026-11-27T10:00:00+08:00"}, ["durations", "distances"]),
    ("the same with a plate", {"depart_at": "2026-11-27T10:00:00+08:00", "plate": "豫R12345"}, ["durations", "distances"]),
    ("time and distance, Friday 07:30", {"depart_at": "2026-11-27T07:30:00+08:00"}, ["durations", "distances"]),
    ("by distance, Sunday 01:00", {"depart_at": "2026-11-29T01:00:00+08:00", "prefer": "distance"}, ["durations", "distances"]),
    ("by distance, Friday 10:00", {"depart_at": "2026-11-27T10:00:00+08:00", "prefer": "distance"}, ["durations", "distances"]),
    ("by distance, Friday 07:30", {"depart_at": "2026-11-27T07:30:00+08:00", "prefer": "distance"}, ["durations", "distances"]),
    ("by cost, Friday 10:00", {"depart_at": "2026-11-27T10:00:00+08:00", "prefer": "cost"}, ["durations", "distances"]),
    ("by cost, Friday 07:30", {"depart_at": "2026-11-27T07:30:00+08:00", "prefer": "cost"}, ["durations", "distances"]),
    ("half an hour to wait, Friday 10:00", {"depart_at": "2026-11-27T10:00:00+08:00", "max_wait_s": 1800}, ["durations", "distances"]),
    ("half an hour to wait, Friday 07:30", {"depart_at": "2026-11-27T07:30:00+08:00", "max_wait_s": 1800}, ["durations", "distances"]),
    ("the same by distance", {"depart_at": "2026-11-27T07:30:00+08:00", "max_wait_s": 1800, "prefer": "distance"}, ["durations", "distances"]),
    ("an hour to wait, Friday 18:15", {"depart_at": "2026-11-27T18:15:00+08:00", "max_wait_s": 3600}, ["durations", "distances"]),
]


def processor_s(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return {line.split(":")[0]: int(line.split()[1]) // 1024 for line in status if line.startswith(("VmRSS", "VmHWM"))}


def main():
    url = urlparse(os.environ["BAOCHANG_URL"])
    chance = random.Random(SEED)
    with psycopg.connect(os.environ.get("BAOCHANG_ADMIN_DATABASE", os.environ["BAOCHANG_DATABASE"]), autocommit=True) as db:
        nodes = db.execute(NODES).fetchall()
        roads, arcs = db.execute("SELECT count(*), count(*) FILTER (WHERE forward) + count(*) FILTER (WHERE backward)"
                                 " FROM baochang.road").fetchone()
        print(f"network: {roads} roads, {arcs} arcs; seed {SEED}; {os.cpu_count()} cores")
        sources, targets = ([list(n[1:]) for n in chance.choices(nodes, k=SIDE)] for _ in range(2))
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=1200)
        for name, more, annotations in QUESTIONS:
            if ONLY not in name:
                continue
            vehicle = {"class": "truck_6_axle"}
            more = dict(more)
            if "plate" in more:
                vehicle["plate"] = more.pop("plate")
            body = json.dumps({"sources": sources, "targets": targets, "vehicle": vehicle, "annotations": annotations, **more})
            took = []
            for _ in range(ROUNDS):
                begin, used = time.perf_counter(), processor_s(os.environ["BAOCHANG_PID"])
                connection.request("POST", "/v1/matrix", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                text = answer.read()
                took.append((processor_s(os.environ["BAOCHANG_PID"]) - used, time.perf_counter() - begin))
                if answer.status != 200:
                    break
            if answer.status != 200:
                problem = json.loads(text)
                print(f"  {name:<34} {SIDE} x {SIDE}: {answer.status} {problem.get('code')} after {took[-1][1]:.2f} s")
                continue
            cells = json.loads(text)["durations_s"]
            found = sum(value is not None for row in cells for value in row)
            print(f"  {name:<34} {SIDE} x {SIDE}: {min(took)[1]:6.2f} s ({min(took)[0]:.2f} of processor), {found / SIDE / SIDE:.1%} of the cells"
                  f" have a way, {len(text) / 1e6:.1f} MB")
        print(f"  memory of the service, MiB: {memory_mib(os.environ['BAOCHANG_PID'])}")


main()
