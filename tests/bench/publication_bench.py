#!/usr/bin/python3
"""From COMMIT of a change of the rules to the first answer that obeys it, at each of two processes on one database. Each round changes a
zone, a closure or a checkpoint by chance; two clients ask for the route that it decides about, one at each process, until the answer
is the new one. The time counts from before the COMMIT is sent. Run under tests/with_service.sh."""
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlparse

import psycopg

ROUNDS, SEED = int(os.environ.get("ROUNDS", "240")), int(os.environ.get("SEED", "1"))
PROGRAM = os.environ.get("BAOCHANG_PROGRAM", "build/release/baochang")
LIMIT_S = 10
SQUARE = "ST_Multi(ST_MakeEnvelope(112.90, 33.03, 112.96, 33.09, 4490))"
APPROVED = "'approved', '测试', '测试〔2026〕1号', now()"
TRUCK = {"vehicle": {"class": "truck_2_axle"}, "steps": False, "depart_at": "2027-03-03T03:00:00+08:00"}
TO_SHEQI = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.93, 33.06]}, **TRUCK}
TO_NORTH = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.43, 33.49]}, **TRUCK}
THROUGH_GATE = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.09, 33.06]}, "max_snap_m": 5000,
                "credentials": [{"type": "key_goods_pass", "number": "1", "valid_until": "2028-01-01T00:00:00+08:00"}], **TRUCK}


class Process:
    """One that serves, and a connection to it."""

    def __init__(self, host, port):
        self.connection = http.client.HTTPConnection(host, port, timeout=60)

    def route(self, question):
        self.connection.request("POST", "/v1/route", json.dumps(question), {"Content-Type": "application/json"})
        return json.loads(self.connection.getresponse().read())

    def version(self):
        self.connection.request("GET", "/readyz")
        return json.loads(self.connection.getresponse().read()).get("rules_version", -1)


def second_process(log):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = subprocess.Popen([PROGRAM, "serve", f"--port={port}", "--rate-units=0", "--access-log=no"], stderr=log)
    process, end = Process("127.0.0.1", port), time.monotonic() + 30
    while time.monotonic() < end and started.poll() is None:
        try:
            if process.version() >= 0:
                return started, process
        except OSError:
            process.connection.close()
        time.sleep(0.1)
    started.kill()
    sys.exit("the second process is not ready within 30 s")


# ---- the changes, and how an answer shows that it obeys them ----------------------------------------------------------

class Zone:
    """Closes the destination, or opens it again."""
    name, question, on = "zone", TO_SHEQI, False

    def prepare(self, db):
        db.execute("DELETE FROM zone WHERE id = 'bench'")
        db.execute(f"INSERT INTO zone (id, name, class_code, geom, effective) VALUES ('bench', 'bench', 'SEC', {SQUARE}, '[2026-01-01,)')")

    def change(self, db):
        self.on = not self.on
        if self.on:
            db.execute(f"UPDATE zone SET (state, approving_authority, document_no, approved_at) = ROW({APPROVED}) WHERE id = 'bench'")
        else:
            db.execute("UPDATE zone SET state = 'lifted' WHERE id = 'bench'")

    def obeyed(self, answer):
        return (answer.get("code") == "destination_in_closed_zone") == self.on and (self.on or "plans" in answer)


class Closure:
    """Closes a road in the middle of the way, or opens it again."""
    name, question, on = "closure", TO_NORTH, False

    def prepare(self, db):
        db.execute("DELETE FROM closure WHERE id = 'bench'")

    def baseline(self, process, db):
        plan = process.route({**self.question, "geometry": "geojson"})["plans"][0]
        line = plan["legs"][0]["geometry"]["coordinates"]
        self.duration_s = plan["duration_s"]
        db.execute("INSERT INTO closure (id, name, action, object, effective, geom) SELECT 'bench', 'bench', 'closed', 'segment', '[2026-01-01,)', r.geom"
                   " FROM road r ORDER BY r.geom <-> ST_SetSRID(ST_Point(%s, %s), 4490), r.id LIMIT 1", line[len(line) // 2])

    def change(self, db):
        self.on = not self.on
        if self.on:
            db.execute(f"UPDATE closure SET (state, approving_authority, document_no, approved_at) = ROW({APPROVED}) WHERE id = 'bench'")
        else:
            db.execute("UPDATE closure SET state = 'lifted' WHERE id = 'bench'")

    def obeyed(self, answer):
        return (answer["plans"][0]["duration_s"] > self.duration_s) == self.on


class Checkpoint:
    """Makes the inspection at the gate on the way longer or shorter."""
    name, question, seconds = "checkpoint", THROUGH_GATE, 0

    def prepare(self, db):
        pass

    def baseline(self, process, _db):
        gate = process.route(self.question)["plans"][0]["legs"][0]["gates"][0]
        self.id, self.seconds = gate["checkpoint"], gate["inspection_s"]

    def change(self, db):
        self.seconds = 180 if self.seconds != 180 else 150
        db.execute("UPDATE checkpoint SET normal_s = %s WHERE id = %s", (self.seconds, self.id))

    def obeyed(self, answer):
        return self.seconds in [g["inspection_s"] for g in answer["plans"][0]["legs"][0]["gates"] if g["checkpoint"] == self.id]


# ---- measuring ----------------------------------------------------------------------------------------------------------

def ask_until_obeyed(process, kind, begin, got):
    question = {**kind.question, "geometry": "none"}
    while time.perf_counter() - begin[0] < LIMIT_S:
        answer = process.route(question)
        if kind.obeyed(answer):
            got.append((time.perf_counter() - begin[0], answer.get("rules_version")))
            return


def one_round(db, kind, processes):
    """Seconds until each process obeyed, and until the COMMIT came back; ends the run where one does not."""
    kind.change(db)
    begin, got = [time.perf_counter()], [[] for _ in processes]
    threads = [threading.Thread(target=ask_until_obeyed, args=(p, kind, begin, g)) for p, g in zip(processes, got)]
    for thread in threads:
        thread.start()
    begin[0] = time.perf_counter()
    db.commit()
    committed = time.perf_counter() - begin[0]
    for thread in threads:
        thread.join()
    version = db.execute("SELECT version FROM rules_state").fetchone()[0]
    db.commit()
    for i, answers in enumerate(got):
        if not answers:
            sys.exit(f"process {i + 1} did not obey version {version} ({kind.name}) within {LIMIT_S} s")
        if answers[0][1] is not None and answers[0][1] != version:
            sys.exit(f"process {i + 1} obeyed version {version} ({kind.name}) in an answer that names {answers[0][1]}")
    return [answers[0][0] for answers in got], committed


def line(what, times):
    times = sorted(times)
    at = lambda q: times[min(len(times) - 1, int(len(times) * q))] * 1e3  # noqa: E731
    print(f"{what:34} p50 {at(.5):7.1f}   p95 {at(.95):7.1f}   p99 {at(.99):7.1f}   max {times[-1] * 1e3:7.1f} ms   n {len(times)}")


def measure(db, processes):
    chance, kinds = random.Random(SEED), [Zone(), Closure(), Checkpoint()]
    for kind in kinds:
        kind.prepare(db)
    db.commit()
    for kind in kinds[1:]:
        kind.baseline(processes[0], db)
    db.commit()
    version = db.execute("SELECT version FROM rules_state").fetchone()[0]
    db.commit()
    while any(p.version() < version for p in processes):
        time.sleep(0.01)
    times = {kind.name: [[] for _ in processes] for kind in kinds}
    commits = []
    for _ in range(ROUNDS):
        kind = chance.choice(kinds)
        until, committed = one_round(db, kind, processes)
        commits.append(committed)
        for i, seconds in enumerate(until):
            times[kind.name][i].append(seconds)
        time.sleep(chance.uniform(0, 0.05))
    line("of it: the COMMIT itself", commits)
    for name, of in times.items():
        if of[0]:
            line(f"{name}, both processes", of[0] + of[1])
    for i in range(len(processes)):
        line(f"all kinds, process {i + 1}", [s for of in times.values() for s in of[i]])
    line("all kinds, the later of the two", [max(pair) for of in times.values() for pair in zip(*of)])


def main():
    url = urlparse(os.environ["BAOCHANG_URL"])
    with open(os.devnull, "w", encoding="utf-8") as log, psycopg.connect(
            os.environ["BAOCHANG_DATABASE_OWNER"], options="-c search_path=baochang,public") as db:
        started, second = second_process(log)
        try:
            measure(db, [Process(url.hostname, url.port), second])
        finally:
            db.rollback()
            db.execute("DELETE FROM zone WHERE id = 'bench'")
            db.execute("DELETE FROM closure WHERE id = 'bench'")
            db.commit()
            started.terminate()
            started.wait(40)
    return 0


if __name__ == "__main__":
    sys.exit(main())
