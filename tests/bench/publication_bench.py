#!/usr/bin/python3
"""From COMMIT of a zone to the first answer that obeys it. Run under tests/with_service.sh."""
import http.client
import json
import os
import sys
import time
from urllib.parse import urlparse

import psycopg

ROUNDS = int(os.environ.get("ROUNDS", "40"))


def main():
    url = urlparse(os.environ["BAOCHANG_URL"])
    connection = http.client.HTTPConnection(url.hostname, url.port)

    def version():
        connection.request("GET", "/v1/network")
        return json.loads(connection.getresponse().read())["rules_version"]

    delays = []
    with psycopg.connect(os.environ["BAOCHANG_DATABASE"]) as db:
        zone = db.execute("SELECT id FROM baochang.zone WHERE state = 'approved' ORDER BY id LIMIT 1").fetchone()[0]
        for i in range(ROUNDS):
            db.execute("UPDATE baochang.zone SET name = name || %s WHERE id = %s", ("·" if i % 2 == 0 else "", zone))
            db.execute("UPDATE baochang.zone SET name = rtrim(name, '·') WHERE id = %s AND %s", (zone, i % 2 == 1))
            want = db.execute("SELECT version FROM baochang.rules_state").fetchone()[0]
            db.commit()
            begin = time.perf_counter()
            want = db.execute("SELECT version FROM baochang.rules_state").fetchone()[0]
            db.commit()
            while version() < want:
                if time.perf_counter() - begin > 5:
                    print("not visible within 5 s")
                    return 1
            delays.append(time.perf_counter() - begin)
    delays.sort()
    print(f"commit to visible: p50 {delays[len(delays) // 2] * 1e3:.1f} ms   p95 {delays[int(len(delays) * .95)] * 1e3:.1f} ms"
          f"   max {delays[-1] * 1e3:.1f} ms   n {len(delays)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
