#!/usr/bin/python3
"""A network of a million arcs from end to end: demo of SCALE, or the roads of China, into PostGIS, prepare, serve; then, over HTTP, plans
with and without geometry, and from COMMIT of a zone to the first answer that obeys it. Prints times, sizes and memory.
  make bench-scale SCALE=30
  make bench-china DATA=…"""
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psycopg

import china_roads

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("BAOCHANG_PROGRAM", str(TOP / "build/release/baochang"))
PLACE = TOP / "build/scale-test"
SCALE = os.environ.get("SCALE", "30")
ROUNDS = int(os.environ.get("ROUNDS", "400"))
DATA = os.environ.get("CHINA_DATA")  # the real data; then the roads of China instead of the demo
SEATS = [[112.53, 33.00], [112.43, 33.49], [112.93, 33.06], [113.00, 33.26], [112.23, 33.04], [111.84, 33.05], [111.48, 33.14],
         [111.48, 33.30], [112.09, 32.68], [112.36, 32.53], [112.83, 32.69], [113.40, 32.37]]


def run(name, *words):
    """One step as its own process: how long, and the most memory it held."""
    begin = time.perf_counter()
    with open(PLACE / "step.log", "wb") as log:
        child = subprocess.Popen([PROGRAM, *words], stderr=log)
        _, status, usage = os.wait4(child.pid, 0)
    said = (PLACE / "step.log").read_text(encoding="utf-8").splitlines()
    if status != 0:
        sys.exit("\n".join([f"{name} failed", *said]))
    print(f"{name:<42}{time.perf_counter() - begin:9.1f} s   {usage.ru_maxrss / 1024:7.0f} MiB at most   "
          f"{usage.ru_utime + usage.ru_stime:.1f} s of processor", flush=True)
    for line in said:
        if line.startswith("路网"):
            print(line)


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, path, body=None):
        begin = time.perf_counter()
        self.connection.request("POST" if body else "GET", path, json.dumps(body) if body else None,
                                {"Content-Type": "application/json"} if body else {})
        response = self.connection.getresponse()
        answer = response.read()
        return response.status, answer, time.perf_counter() - begin


def show(name, seconds):
    seconds.sort()
    at = [seconds[min(len(seconds) - 1, int(len(seconds) * q))] * 1e3 for q in (.5, .95, .99)]
    print(f"{name:<42}p50 {at[0]:8.2f} ms   p95 {at[1]:8.2f} ms   p99 {at[2]:8.2f} ms   n {len(seconds)}", flush=True)


def serve():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    begin = time.perf_counter()
    with open(PLACE / "serve.log", "wb") as log:
        child = subprocess.Popen([PROGRAM, "serve", f"--port={port}", "--access-log=off", "--rate-units=0", "--metrics-mib=512"], stderr=log)
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                break
        except (urllib.error.URLError, OSError):
            if child.poll() is not None or time.perf_counter() - begin > 300:
                sys.exit((PLACE / "serve.log").read_text(encoding="utf-8"))
            time.sleep(0.02)
    print(f"{'start of serve from the snapshot':<42}{time.perf_counter() - begin:9.1f} s   {resident_mib(child.pid):7.0f} MiB", flush=True)
    return child, port


def quiet(port):
    """Waits until nothing is made in the background; how many questions were answered before their metric was made."""
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
            figures = dict(line.rsplit(" ", 1) for line in response.read().decode().splitlines() if line[:1] != "#")
        if figures["baochang_pool_queued"] == figures["baochang_pool_running"] == "0":
            return int(figures["baochang_meanwhile_total"])
        time.sleep(0.05)


def store():
    if not DATA:
        run(f"demo of scale {SCALE} into PostGIS", "import", "--demo", f"--scale={SCALE}", "--replace", "--quiet")
        return
    file = PLACE / "china.osm"
    places = china_roads.write(DATA, file)
    SEATS[:] = random.Random(3).sample(places, 60)
    with psycopg.connect(os.environ["BAOCHANG_DATABASE"], autocommit=True) as db:  # of a run before
        db.execute("UPDATE baochang.zone SET effective = '[2020-01-01,2020-01-02)' WHERE id = 'bench'")
    run("roads of China into PostGIS", "import", str(file), "--replace", "--quiet")
    file.unlink()


def measure(pid, port):
    client, rng = Client(port), random.Random(7)
    pairs = [rng.sample(SEATS, 2) for _ in range(ROUNDS)]
    question = lambda a, b, **more: {"origin": {"location": a}, "destination": {"location": b}, "vehicle": {"class": "truck_6_axle"}, **more}

    def plans(name, **more):
        taken, found = [], 0
        for a, b in pairs:
            status, answer, seconds = client.ask("/v1/route", question(a, b, **more))
            if status not in (200, 422):
                sys.exit(f"{status}: {answer[:300]!r}")
            found += status == 200
            taken.append(seconds)
        show(f"{name} ({found} plans)", taken)

    _, _, seconds = client.ask("/v1/route", question(*pairs[0]))
    print(f"{'first question after the start':<42}{seconds * 1e3:9.1f} ms", flush=True)
    first = []
    for kind in ("truck_2_axle", "light_truck", "van", "truck_4_axle", "truck_3_axle"):
        quiet(port)
        first.append(client.ask("/v1/route", question(*pairs[0]) | {"vehicle": {"class": kind}})[2])
    answered = quiet(port)
    show(f"first question of a kind ({answered} did not wait)", first)
    client.ask("/v1/route", question(*pairs[0]))  # that kind's metric may have been thrown out for those
    quiet(port)
    plans("plan without geometry", geometry="none", steps=False)
    plans("plan with geometry", steps=False)
    plans("plan with geometry and steps", steps=True)
    print(f"{'resident after these':<42}{'':12}{resident_mib(pid):9.0f} MiB", flush=True)


def publish(port):
    """The same zone on and off, seen by the answers of a client that asks without pause."""
    client, visible, first = Client(port), [], []
    body = {"origin": {"location": SEATS[0]}, "destination": {"location": SEATS[8]}, "vehicle": {"class": "truck_6_axle"}, "geometry": "none", "steps": False}
    with psycopg.connect(os.environ["BAOCHANG_DATABASE"], autocommit=True) as db:
        if DATA:
            db.execute("INSERT INTO baochang.zone (id, name, class_code, geom, state, approving_authority, document_no, approved_at, effective) "
                       "VALUES ('bench', 'bench', 'FL-CUT', ST_Multi(ST_SetSRID(ST_Expand(ST_MakePoint(%s, %s), 0.15), 4490)), 'approved', "
                       "'bench', '1', now(), '[2026-01-01,)') ON CONFLICT (id) DO UPDATE SET effective = excluded.effective", SEATS[4])
        zone, = db.execute("SELECT id FROM baochang.zone WHERE state = 'approved' ORDER BY ST_Area(geom) DESC LIMIT 1").fetchone()
        for i in range(12):
            db.execute("UPDATE baochang.zone SET geom = ST_Translate(geom, %s, 0) WHERE id = %s", (0.01 if i % 2 == 0 else -0.01, zone))
            want, = db.execute("SELECT version FROM baochang.rules_state").fetchone()
            begin = time.perf_counter()
            while json.loads(client.ask("/v1/network")[1])["rules_version"] < want:
                if time.perf_counter() - begin > 30:
                    sys.exit("not visible within 30 s")
            visible.append(time.perf_counter() - begin)
            first.append(client.ask("/v1/route", body)[2])
    show("COMMIT of a zone to the version in answers", visible)
    show("first question after it", first)


def main():
    if DATA and not china_roads.there(DATA):
        print(f"skipped: no roads of China in {DATA}")
        return 0
    PLACE.mkdir(parents=True, exist_ok=True)
    cluster = [str(TOP / "data/private_cluster.sh")]
    subprocess.run([*cluster, "start", str(PLACE / "cluster")], check=True, stdout=subprocess.DEVNULL)
    child = None
    try:
        for variable, word in (("BAOCHANG_DATABASE", "url"), ("BAOCHANG_DATABASE_OWNER", "owner-url")):
            os.environ[variable] = subprocess.run([*cluster, word, str(PLACE / "cluster")], check=True, capture_output=True, text=True).stdout.strip()
        os.environ["BAOCHANG_SNAPSHOT"] = str(PLACE / "network.snapshot")
        os.environ["BAOCHANG_PEPPER_FILE"] = str(PLACE / "pepper")
        run("migrate", "migrate")
        store()
        run("prepare: read, graph, order, contract", "prepare")
        child, port = serve()
        print(f"{'snapshot':<42}{'':12}{os.path.getsize(os.environ['BAOCHANG_SNAPSHOT']) / 2**20:9,.0f} MiB", flush=True)
        measure(child.pid, port)
        publish(port)
    finally:
        if child and child.poll() is None:
            child.send_signal(signal.SIGTERM)
            child.wait(60)
        subprocess.run([*cluster, "stop", str(PLACE / "cluster")], check=False, stdout=subprocess.DEVNULL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
