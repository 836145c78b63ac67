"""Ways longer than 4,294 km, where millimetres need more than 32 bits: a road of 5,600 km that runs 900 km to and fro six times."""
import json
import math
import os
import subprocess

import pytest

from conftest import PROGRAM, end_program, start_program
from demo_fixture import MORNING
from desk_fixture import Desk, wait_for

ROWS, WEST, EAST, SOUTH, APART = 6, 108.0, 117.0, 30.0, 0.5
TRUCK = {"class": "truck_6_axle"}
NEAR, FAR = [WEST + 0.01, SOUTH], [EAST - 0.01 if ROWS % 2 else WEST + 0.01, SOUTH + (ROWS - 1) * APART]
MOST_MM = 2**32


def line(ax, ay, bx, by):
    parts = max(1, round(math.hypot(bx - ax, by - ay) / 0.05))
    return [[round(ax + (bx - ax) * i / parts, 7), round(ay + (by - ay) * i / parts, 7)] for i in range(parts + 1)]


def roads():
    ends = [((EAST, WEST)[(row + end) % 2 == 0], SOUTH + row * APART) for row in range(ROWS) for end in range(2)]
    return [line(*a, *b) for a, b in zip(ends, ends[1:])]


@pytest.fixture(scope="module")
def desk(database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    for number, points in enumerate(roads(), 1):
        text = ",".join(f"{x} {y}" for x, y in points)
        database.execute("INSERT INTO road (id, geom, class, ref, from_node, to_node, forward, backward, speed_forward_kmh, speed_backward_kmh) "
                         "VALUES (%s, ST_GeomFromText(%s, 4490), 'trunk', 'G1', %s, %s, true, true, 80, 80)",
                         number, f"LINESTRING({text})", number, number + 1)
    database.snapshot = os.path.join(folder, "network.snapshot")
    database.program("prepare", f"--snapshot={database.snapshot}")
    pepper = f"--pepper-file={folder}/pepper"
    made = Desk(database, pepper, None)
    made.key("planner", "planner")
    made.service = start_program(folder / "serve.log", f"--snapshot={database.snapshot}", f"--database={database.url}", pepper, "--rate-units=0")
    made.folder = folder
    wait_for(lambda: made.call("GET", "/readyz", role=None)[0] == 200, what="ready")
    yield made
    end_program(made.service)


def question(**more):
    return {"origin": {"location": NEAR}, "destination": {"location": FAR}, "depart_at": MORNING, "vehicle": TRUCK, **more}


def whole(desk):
    return desk.database.value("SELECT sum(ST_Length(geom::geography)) FROM road")


@pytest.mark.parametrize("prefer", ["time", "distance", "cost"])
def test_a_route_says_all_of_its_length(desk, prefer):
    plan = desk.good("POST", "/v1/route", question(prefer=prefer, steps=True))["plans"][0]
    assert whole(desk) - 5000 < plan["distance_m"] < whole(desk) and plan["distance_m"] * 1000 > MOST_MM
    (leg,) = plan["legs"]
    assert leg["distance_m"] == plan["distance_m"] == pytest.approx(sum(s["distance_m"] for s in leg["steps"]), abs=0.01)


def test_a_kept_plan_comes_back_and_is_judged(desk):
    answer = desk.good("POST", "/v1/route", question(store=True))
    plan = answer["decision_id"]
    kept = desk.good("GET", f"/v1/plans/{plan}")
    assert kept["distance_m"] == answer["plans"][0]["distance_m"] and kept["answer"] == answer
    assert desk.database.value("SELECT distance_mm FROM stored_plan WHERE id = %s", plan) > MOST_MM
    assert desk.good("GET", f"/v1/plans/{plan}/check")["verdict"] == "lawful"
    assert desk.call("GET", f"/v1/plans/{plan}.pdf")[0] == 200


def test_the_command_line_says_it_too(desk):
    plan = desk.good("POST", "/v1/route", question())["plans"][0]
    asked = (PROGRAM, "route", f"--snapshot={desk.database.snapshot}", f"--database={desk.database.url}", f"--from={NEAR[0]},{NEAR[1]}",
             f"--to={FAR[0]},{FAR[1]}", f"--depart={MORNING}", "--vehicle=truck_6_axle")
    printed = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    assert printed.returncode == 0 and f"{int(plan['distance_m'] / 100) / 10:.1f} km" in printed.stdout, (printed.stdout[:1000], printed.stderr)
    drawn = subprocess.run([*asked, "--geojson"], capture_output=True, text=True, timeout=60)
    assert plan["distance_m"] in [f["properties"].get("distance_m") for f in json.loads(drawn.stdout)["features"]], drawn.stderr


def test_a_plan_on_paper_is_checked_and_a_wrong_length_is_found(desk):
    asked = question()
    answer = desk.good("POST", "/v1/route", asked)

    def check(document):
        (desk.folder / "both.json").write_text(json.dumps({"request": asked, "answer": document}))
        return subprocess.run([PROGRAM, "check", str(desk.folder / "both.json"), f"--snapshot={desk.database.snapshot}",
                               f"--database={desk.database.url}"], capture_output=True, text=True, timeout=60)
    done = check(answer)
    assert done.returncode == 0 and "lawful" in done.stdout, (done.stdout, done.stderr)
    less = json.loads(json.dumps(answer))
    less["plans"][0]["distance_m"] = less["plans"][0]["legs"][0]["distance_m"] = (answer["plans"][0]["distance_m"] * 1000 - MOST_MM) / 1000
    assert check(less).returncode != 0


@pytest.mark.parametrize("prefer", ["time", "distance"])
def test_tables_say_what_routes_say(desk, prefer):
    plan = desk.good("POST", "/v1/route", question(prefer=prefer))["plans"][0]
    places = [{"location": NEAR}, {"location": FAR}]
    for annotations in (["durations", "distances"], ["distances"]):
        table = desk.good("POST", "/v1/matrix", {"sources": places, "targets": places, "depart_at": MORNING, "vehicle": TRUCK, "annotations": annotations})
        assert table["distances_m"][0][1] == plan["distance_m"]
        assert "durations" not in annotations or table["durations_s"][0][1] == plan["duration_s"]


def test_the_shapes_of_osrm_say_the_same(desk):
    plan = desk.good("POST", "/v1/route", question())["plans"][0]
    at = f"{NEAR[0]},{NEAR[1]};{FAR[0]},{FAR[1]}"
    route = desk.good("GET", f"/route/v1/truck_6_axle/{at}?overview=false&steps=true")["routes"][0]
    assert route["distance"] == route["legs"][0]["distance"] == plan["distance_m"]
    assert sum(s["distance"] for s in route["legs"][0]["steps"]) == pytest.approx(plan["distance_m"], abs=0.01)
    assert desk.good("GET", f"/table/v1/truck_6_axle/{at}?annotations=distance,duration")["distances"][0][1] == plan["distance_m"]


def test_a_drive_along_all_of_it_is_matched_whole(desk):
    points = [p for road in roads() for p in road[:-1]][1::2]
    answer = desk.good("POST", "/v1/match", {"positions": [{"location": p, "accuracy_m": 20} for p in points], "vehicle": TRUCK})
    (matching,) = answer["matchings"]
    assert matching["distance_m"] * 1000 > MOST_MM


def test_reach_by_length_ends_where_the_route_of_that_length_does(desk):
    plan = desk.good("POST", "/v1/route", question(prefer="distance"))["plans"][0]
    reach = desk.good("POST", "/v1/reach", {"origin": {"location": NEAR}, "distances_m": [3000000], "arcs": True, "width_m": 1000,
                                            "depart_at": MORNING, "vehicle": TRUCK})
    arcs = reach["features"][1]["geometry"]["coordinates"]
    row = max(y for part in arcs for _, y in part)
    assert SOUTH + 3 * APART <= row < SOUTH + 4 * APART, row  # 900 km and 55 km each: within the fourth
    assert plan["distance_m"] > 3000000
