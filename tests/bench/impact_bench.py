#!/usr/bin/python3
"""Impact of drawn zones on stored plans and lanes: makes PLANS and LANES of them on the demo, then asks who is touched (as a polygon
that is being dragged would) and for the full answer. Run under tests/with_service.sh with a service whose pepper is in $BAOCHANG_PEPPER_FILE."""
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from urllib.parse import urlparse

PLANS, LANES, ROUNDS = (int(os.environ.get(name, default)) for name, default in (("PLANS", "10000"), ("LANES", "1000"), ("ROUNDS", "30")))
BOX = (111.4, 32.4, 113.6, 33.7)


KEY = subprocess.run([os.environ["BAOCHANG_PROGRAM"], "key", "create", "--role=planner", "--holder=bench"], check=True, capture_output=True,
                     text=True).stdout.strip()


class Client:
    def __init__(self):
        self.url = urlparse(os.environ["BAOCHANG_URL"])
        self.head = {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}
        self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=120)

    def post(self, path, body):
        self.connection.request("POST", path, json.dumps(body), self.head)
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if path.startswith("/v1/impact") and response.status not in (200, 401):
            sys.exit(f"{path}: {response.status} {answer.get('code')}: {answer.get('detail')}")
        return response.status, answer

    def get(self, path):
        self.connection.request("GET", path, headers=self.head)
        return self.connection.getresponse().read().decode()


def make_plans(count, seed, kept):
    chance, client = random.Random(seed), Client()
    while count > 0:
        a, b = ([chance.uniform(BOX[0], BOX[2]), chance.uniform(BOX[1], BOX[3])] for _ in range(2))
        status, answer = client.post("/v1/route", {
            "origin": {"location": a}, "destination": {"location": b}, "max_snap_m": 5000, "geometry": "none", "steps": False, "store": True,
            "depart_at": "2027-03-01T08:00:00+08:00", "vehicle": {"class": chance.choice(["truck_6_axle", "truck_3_axle", "light_truck"])}})
        if status == 200:
            kept.append(answer["decision_id"])
            count -= 1


def make_lanes(count):
    """Between places that a lorry comes to; drawn like the plans."""
    chance, client = random.Random(9), Client()
    while count > 0:
        a, b = ([chance.uniform(BOX[0], BOX[2]), chance.uniform(BOX[1], BOX[3])] for _ in range(2))
        vehicle = {"class": chance.choice(["truck_6_axle", "truck_3_axle", "light_truck"])}
        status, answer = client.post("/v1/route", {"origin": {"location": a}, "destination": {"location": b}, "vehicle": vehicle,
                                                   "max_snap_m": 5000, "geometry": "none", "steps": False})
        if status != 200:
            continue
        ends = [w["snapped"] for w in answer["plans"][0]["waypoints"]]
        count -= client.post("/v1/lanes", {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [ends[0], ends[-1]]},
                                           "properties": {"company": "bench", "name": "bench", "vehicle": vehicle}})[0] == 201


def zone(chance, km):
    lon, lat, x, y = chance.uniform(BOX[0], BOX[2]), chance.uniform(BOX[1], BOX[3]), km / 187, km / 222
    ring = [[lon - x, lat - y], [lon + x, lat - y], [lon + x, lat + y], [lon - x, lat + y], [lon - x, lat - y]]
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {"class": "FL-CUT", "name": "bench"}}


def line(what, times, more=""):
    times.sort()
    at = lambda q: times[min(len(times) - 1, int(len(times) * q))] * 1e3  # noqa: E731
    print(f"{what:44} p50 {at(.5):8.1f}   p95 {at(.95):8.1f}   p99 {at(.99):8.1f} ms {more}")


def main():
    while True:  # the key that was just made is known within milliseconds
        if Client().post("/v1/impact?touched_only=true", {"changes": {"zones": [zone(random.Random(0), 1)]}})[0] == 200:
            break
        time.sleep(.1)
    kept, begin = [], time.perf_counter()
    threads = [threading.Thread(target=make_plans, args=(PLANS // 4, seed, kept)) for seed in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    client, chance = Client(), random.Random(1)
    print(f"{len(kept)} plans made and kept in {time.perf_counter() - begin:.1f} s")
    for _ in range(300):
        active = client.post("/v1/impact?touched_only=true", {"changes": {"zones": [zone(chance, 1)]}})[1]["plans_active"]
        if active >= len(kept):
            break
        time.sleep(.1)
    for km in (2, 20):
        times, touched = [], []
        for _ in range(5 * ROUNDS):
            question = {"changes": {"zones": [zone(chance, km)]}}
            begin = time.perf_counter()
            answer = client.post("/v1/impact?touched_only=true", question)[1]
            times.append(time.perf_counter() - begin)
            touched.append(answer["touched"])
        line(f"who is touched, zone {km} km across", times, f"  touched {sum(touched) / len(touched):.0f} on average")
    for km in (2, 20):
        for places in (False, True):
            times, looked = [], []
            for _ in range(ROUNDS):
                question = {"changes": {"zones": [zone(chance, km)]}, "facilities": places, "lanes": False}
                begin = time.perf_counter()
                answer = client.post("/v1/impact", question)[1]
                times.append(time.perf_counter() - begin)
                looked.append(answer["plans"]["looked_at"])
            line(f"{'full answer' if places else 'plans alone'}, zone {km} km across", times, f"  looked at {sum(looked) / len(looked):.0f} on average")
    begin = time.perf_counter()
    make_lanes(LANES)
    print(f"{LANES} lanes made in {time.perf_counter() - begin:.1f} s")
    for km in (2, 20):
        times, hit = [], []
        for _ in range(ROUNDS):
            changes = {"zones": [zone(chance, km)]}
            client.post("/v1/impact", {"changes": changes, "facilities": False, "lanes": False})  # the view is made, the plans are judged
            begin = time.perf_counter()
            client.post("/v1/impact", {"changes": changes, "facilities": False, "lanes": False})
            middle = time.perf_counter()
            answer = client.post("/v1/impact", {"changes": changes, "facilities": False})[1]
            times.append(time.perf_counter() - middle - (middle - begin))
            hit.append(len(answer["lanes_affected"]))
        line(f"lanes beside the plans, zone {km} km across", times, f"  of {answer['lanes']['looked_at']}, affected {sum(hit) / len(hit):.0f} on average")
    times = []
    rules = json.loads(client.get("/v1/zones"))["features"]
    for feature in rules[:5]:
        begin = time.perf_counter()
        answer = client.post("/v1/impact", {"changes": {"lift": {"zones": [feature["id"]]}}, "facilities": False, "lanes": False})[1]
        times.append(time.perf_counter() - begin)
    if times:
        line("full answer, a zone lifted (all plans)", times, f"  looked at {answer['plans']['looked_at']}")
    pid = os.environ.get("BAOCHANG_PID")
    if pid:
        print("resident", int(open(f"/proc/{pid}/statm").read().split()[1]) * 4 // 1024, "MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
