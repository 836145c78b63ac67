#!/usr/bin/python3
"""Journeys with stops by distance and by cost while rules change: QUESTIONS random ones on the demo, what processor time each took,
how many ended at the budget. With DUMP=file the answers are written there, a line each, to be compared with those of another program. Run under
tests/with_service.sh."""
import http.client
import json
import os
import random
from collections import Counter
from urllib.parse import urlparse

QUESTIONS = int(os.environ.get("QUESTIONS", "585"))
BOX = (111.4, 32.4, 113.6, 33.7)


def question(chance):
    def place():
        return {"location": [round(chance.uniform(BOX[0], BOX[2]), 4), round(chance.uniform(BOX[1], BOX[3]), 4)]}
    asked = {"origin": place(), "destination": place(), "stops": [{**place(), "service_s": 600} for _ in range(chance.randint(1, 4))],
             "prefer": chance.choice(["distance", "cost"]), "max_snap_m": 5000, "steps": False, "geometry": "none",
             "depart_at": f"2026-11-{chance.randint(16, 22)}T{chance.randint(5, 20):02}:{chance.choice(['00', '30'])}:00+08:00",
             "vehicle": {"class": chance.choice(["truck_6_axle", "truck_3_axle", "light_truck"])}}
    if chance.random() < .7:
        asked["vehicle"]["plate"] = "豫R" + "".join(chance.choice("0123456789") for _ in range(5))
    if chance.random() < .3:
        asked["loop"] = "return"
    return asked


def spent():
    """Processor time of the service, ms: others may be at work on this machine."""
    with open(f"/proc/{os.environ['BAOCHANG_PID']}/stat", encoding="ascii") as f:
        user, system = f.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) * 1000 / os.sysconf("SC_CLK_TCK")


def main():
    chance, url = random.Random(7), urlparse(os.environ["BAOCHANG_URL"])
    client = http.client.HTTPConnection(url.hostname, url.port, timeout=120)
    took, ends, dump = [], Counter(), open(os.environ["DUMP"], "w", encoding="utf-8") if "DUMP" in os.environ else None
    for i in range(QUESTIONS):
        asked, begin = question(chance), spent()
        client.request("POST", "/v1/route", json.dumps(asked), {"Content-Type": "application/json"})
        response = client.getresponse()
        answer = json.loads(response.read())
        took.append(spent() - begin)
        end = "plan" if response.status == 200 else answer.get("code", str(response.status))
        ends[end] += 1
        if dump:
            plans = answer.get("plans") or [{}]
            print(i, end, plans[0].get("distance_m"), plans[0].get("duration_s"), [c.get("name") for c in answer.get("conflicts", [])],
                  file=dump)
        if end == "search_budget_exceeded" or took[-1] > 2000:
            print(f"question {i}: {end} after {took[-1]:.0f} ms", flush=True)
    took.sort()
    print(f"{QUESTIONS} questions: " + ", ".join(f"{k} {n}" for k, n in ends.most_common()))
    print(f"p50 {took[len(took) // 2]:.0f}, p95 {took[len(took) * 95 // 100]:.0f}, most {took[-1]:.0f} ms")


main()
