#!/usr/bin/python3
"""Lists and the overview with very many kept plans: copies one plan PLANS times over a year of departures, companies and counties, then
asks what a desk, a county's desk, a company and somebody without any plan would. Run under tests/with_service.sh with a service whose
pepper is in $BAOCHANG_PEPPER_FILE."""
import http.client
import json
import os
import subprocess
import sys
import time
from urllib.parse import urlparse

import psycopg

PLANS, ROUNDS = int(os.environ.get("PLANS", "100000")), int(os.environ.get("ROUNDS", "15"))
URL = urlparse(os.environ["BAOCHANG_URL"])
COUNTIES = ["411302", "411303", "411321", "411322", "411323", "411324", "411325", "411326", "411327", "411328", "411329", "411330", "411381"]


def key(role, *more):
    return subprocess.run([os.environ["BAOCHANG_PROGRAM"], "key", "create", f"--role={role}", "--holder=bench", *more], check=True, capture_output=True,
                          text=True).stdout.strip()


def call(method, path, key, body=None):
    connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=120)
    connection.request(method, path, json.dumps(body) if body else None, {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def copy(db):
    """PLANS of them: one in fifty leaves in the coming day, the others over the past year; one in twenty is broken, one in ten replaced."""
    columns = [c for c, in db.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'baochang.stored_plan'::regclass AND attnum > 0 AND NOT attisdropped"
                                      " AND attname NOT IN ('number', 'xid')").fetchall()]
    leaves = "CASE WHEN g % 50 = 0 THEN now() + g % 1440 * interval '1 minute' ELSE now() - (2 + g % 363) * interval '1 day' END"
    new = {"id": "md5('bench' || g)", "request_key": "NULL", "replaces": "NULL", "replaced_by": "NULL", "company": f"CASE WHEN g % 10 < 9 THEN 'c' || g % 500 END",
           "county": f"('{{{','.join(COUNTIES)}}}'::text[])[1 + g % {len(COUNTIES)}]", "owner": "'owner' || g % 500", "depart_at": leaves,
           "arrive_at": f"{leaves} + (p.arrive_at - p.depart_at)", "state": "CASE WHEN g % 20 = 1 THEN 'broken' WHEN g % 10 = 2 THEN 'replaced' ELSE 'active' END"}
    db.execute("SET session_replication_role = replica")  # no audit row and no notification for each
    db.execute(f"INSERT INTO baochang.stored_plan ({', '.join(columns)}) SELECT {', '.join(new.get(c, 'p.' + c) for c in columns)}"
               f" FROM (SELECT * FROM baochang.stored_plan ORDER BY number DESC LIMIT 1) p, generate_series(1, {PLANS}) g")
    db.execute("SET session_replication_role = origin")
    db.commit()
    db.autocommit = True
    db.execute("ANALYZE baochang.stored_plan")


def line(what, path, key):
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        status, answer = call("GET", path, key)
        times.append((time.perf_counter() - begin) * 1e3)
        if status != 200:
            sys.exit(f"{path}: {status} {answer}")
    times.sort()
    print(f"{what:44} p50 {times[len(times) // 2]:8.1f}   max {times[-1]:8.1f} ms", flush=True)
    return answer


def main():
    desk, county, company, nobody = key("planner"), key("planner", "--county=411327"), key("company", "--company=c7"), key("viewer")
    question = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.09, 32.68]}, "vehicle": {"class": "truck_6_axle"},
                "geometry": "none", "steps": False, "store": True}
    for _ in range(100):  # the keys that were just made are known within milliseconds
        if call("POST", "/v1/route", desk, question)[0] == 200:
            break
        time.sleep(.1)
    with psycopg.connect(os.environ["BAOCHANG_ADMIN_DATABASE"]) as db:
        begin = time.perf_counter()
        copy(db)
        size = db.execute("SELECT pg_size_pretty(pg_total_relation_size('baochang.stored_plan'))").fetchone()[0]
    print(f"{PLANS} plans copied in {time.perf_counter() - begin:.1f} s, {size}")
    try:
        for who, its in (("a desk", desk), ("a county's desk", county), ("a company", company), ("nobody's plans", nobody)):
            first = line(f"/v1/plans, {who}", "/v1/plans?limit=100", its)
            if first["next"]:
                line(f"/v1/plans, second page, {who}", f"/v1/plans?limit=100&cursor={first['next']}", its)
            line(f"/v1/plans, broken ones, {who}", "/v1/plans?limit=100&state=broken", its)
            line(f"/v1/overview, {who}", "/v1/overview?hours=6", its)
        line("/v1/plans, far back, a desk", f"/v1/plans?limit=100&cursor={PLANS // 20}", desk)
    finally:
        with psycopg.connect(os.environ["BAOCHANG_ADMIN_DATABASE"]) as db:
            db.execute("SET session_replication_role = replica")
            db.execute("DELETE FROM baochang.stored_plan WHERE owner LIKE 'owner%'")
    return 0


if __name__ == "__main__":
    sys.exit(main())
