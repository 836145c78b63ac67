"""POST /v1/match and OSRM's /match on the demo: what was driven is found again, and judged by the rules of that time."""
import math
import random

import pytest

from demo_fixture import SEATS, box, question, rules, wait_for, zone

LIGHT = {"class": "light_truck"}


def plan_of(service, asked):
    status, answer = service.ask("/v1/route", asked)
    assert status == 200, answer
    return answer["plans"][0]


def metres(a, b):
    x = (b[0] - a[0]) * 111_320 * math.cos(math.radians(a[1]))
    return math.hypot(x, (b[1] - a[1]) * 110_900)


def trace_of(plan, every_m, noise_m=0.0, seed=1):
    """Positions along a plan with the times it would be there."""
    rng = random.Random(seed)
    points = [c for leg in plan["legs"] for c in leg["geometry"]["coordinates"]]
    begin = plan["legs"][0]["depart_at"]
    hours, minutes = int(begin[11:13]), int(begin[14:16])
    total = sum(metres(a, b) for a, b in zip(points, points[1:])) or 1
    out, driven, due = [], 0.0, 0.0
    for a, b in zip(points, points[1:]):
        length = metres(a, b)
        while due <= driven + length and length > 0:
            t = (due - driven) / length
            at = (hours * 60 + minutes) * 60 + plan["drive_s"] * due / total
            dx, dy = rng.gauss(0, noise_m), rng.gauss(0, noise_m)
            out.append({"location": [a[0] + t * (b[0] - a[0]) + dx / (111_320 * math.cos(math.radians(a[1]))),
                                     a[1] + t * (b[1] - a[1]) + dy / 110_900],
                        "at": f"2026-11-20T{int(at // 3600):02}:{int(at // 60) % 60:02}:{at % 60:06.3f}+08:00"})
            due += every_m
        driven += length
    return out


def match(service, positions, **more):
    status, answer = service.ask("/v1/match", {"positions": positions, "vehicle": LIGHT, **more})
    assert status == 200, answer
    return answer


def roads(answer):
    return [r for m in answer["matchings"] for s in m["stretches"] for r in s["roads"]]


@pytest.mark.parametrize("a,b", [("nanyang", "sheqi"), ("dengzhou", "fangcheng"), ("xixia", "xinye")])
@pytest.mark.parametrize("every_m,noise_m", [(300, 0), (500, 8)])
def test_a_plan_that_was_driven_is_found_again_and_lawful(demo_service, a, b, every_m, noise_m):
    plan = plan_of(demo_service, question(a, b, vehicle=LIGHT))
    positions = trace_of(plan, every_m, noise_m)
    answer = match(demo_service, positions)
    assert len(answer["matchings"]) == 1 and len(answer["positions"]) == len(positions) and all(answer["positions"])
    assert answer["matchings"][0]["distance_m"] == pytest.approx(plan["distance_m"], abs=2 * every_m + 0.01 * plan["distance_m"])
    # every position was put on a road that the plan's line runs along
    line = [c for leg in plan["legs"] for c in leg["geometry"]["coordinates"]]
    off = [p for p in answer["positions"] if p["distance_m"] > 50]
    assert not off and 0 < answer["matchings"][0]["confidence"] <= 1
    ends = [s["geometry"]["coordinates"] for s in answer["matchings"][0]["stretches"]]
    assert metres(ends[0][0], line[0]) < 60 and metres(ends[-1][-1], line[-1]) < every_m + 60
    if noise_m == 0:
        assert answer["lawful"] is True, [s["rules"] for s in answer["matchings"][0]["stretches"] if s["verdict"] != "allowed"]


def test_driving_through_a_closed_zone_is_found_with_rule_and_time(demo_service):
    plan = plan_of(demo_service, question("fangcheng", "sheqi", vehicle=LIGHT))
    positions = trace_of(plan, 300)
    middle = positions[len(positions) // 2]["location"]
    with rules(demo_service, zone("test-closed", box(middle, 0.01), {"rule": "closed"})):
        answer = match(demo_service, positions)
        bad = [s for s in answer["matchings"][0]["stretches"] if s["verdict"] == "forbidden"]
        assert answer["lawful"] is False and bad and [r["id"] for r in bad[0]["rules"]] == ["test-closed"]
        good = [s for s in answer["matchings"][0]["stretches"] if s["verdict"] == "allowed"]
        assert len(good) >= 2 and good[0]["end_at"] <= bad[0]["begin_at"] < bad[0]["end_at"] <= good[-1]["begin_at"]
        assert 500 < sum(s["distance_m"] for s in bad) < 8000
    hours = {"rule": "closed", "windows": [{"from": "20:00", "until": "22:00"}]}
    with rules(demo_service, zone("test-night", box(middle, 0.01), hours)):
        assert match(demo_service, positions)["lawful"] is True, "not at that time"


def test_a_gated_zone_entered_by_its_gate_is_lawful_and_elsewhere_not(demo_service):
    (x, y), = demo_service.database.execute(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) p FROM zone WHERE id = 'demo-animal') t")
    kinds = sorted({c["code"] for c in demo_service.ask("/v1/network")[1]["credential_types"]})[:32]
    credentials = [{"type": k, "issued_at": "2026-11-20T06:00:00+08:00"} for k in kinds]
    plan = plan_of(demo_service, question("nanyang", [x, y], vehicle=LIGHT, max_snap_m=5000, credentials=credentials))
    assert any(g["zone"] == "demo-animal" for leg in plan["legs"] for g in leg["gates"])
    positions = trace_of(plan, 300)
    with_them = match(demo_service, positions, credentials=credentials)
    assert not [r["id"] for m in with_them["matchings"] for s in m["stretches"] for r in s["rules"] if r.get("zone") == "demo-animal"]
    without = match(demo_service, positions)
    assert any(r["rule"] in ("credential", "gate", "zone") for m in without["matchings"] for s in m["stretches"] for r in s["rules"])


def test_outliers_are_left_out_and_pauses_cut(demo_service):
    positions = trace_of(plan_of(demo_service, question("fangcheng", "sheqi", vehicle=LIGHT)), 300)
    away = [dict(p) for p in positions]
    away[10]["location"] = [away[10]["location"][0] + 0.1, away[10]["location"][1] + 0.1]
    answer = match(demo_service, away)
    assert len(answer["matchings"]) == 1 and answer["positions"][10] is None and all(answer["positions"][:10])
    half = len(positions) // 2
    late = positions[:half] + [{**p, "at": "2026-11-20T19" + p["at"][13:]} for p in positions[half:]]
    assert len(match(demo_service, late)["matchings"]) == 2
    assert len(match(demo_service, late, max_gap_s=86400)["matchings"]) == 1


def test_positions_of_web_maps_are_taken_in_their_system(demo_service):
    plan = plan_of(demo_service, question("fangcheng", "sheqi", vehicle=LIGHT))
    positions = trace_of(plan, 300)
    plain = match(demo_service, positions)
    _, answer = demo_service.ask("/v1/match", {"positions": positions, "vehicle": LIGHT, "crs": "gcj02"})
    shifted = [p for p in answer.get("positions", []) if p]
    # half a kilometre away in truth: on other roads, or on none
    assert sum(p["road_id"] in roads(plain) for p in shifted) < len(positions) / 2
    assert match(demo_service, [{"location": p["snapped"], "at": q["at"]} for p, q in zip(plain["positions"], positions)])["matchings"]


def test_without_times_the_departure_counts(demo_service):
    positions = [{"location": p["location"]} for p in trace_of(plan_of(demo_service, question("fangcheng", "sheqi", vehicle=LIGHT)), 300)]
    answer = match(demo_service, positions, depart_at="2026-11-20T09:30:00+08:00", geometry="none", tidy=True)
    assert answer["matchings"][0]["stretches"][0]["begin_at"] == "2026-11-20T09:30:00+08:00"


def test_positions_far_from_every_road_match_nothing(demo_service):
    far = [{"location": [112.5312 + 0.0001 * i, 33.0054]} for i in range(3)]
    status, problem = demo_service.ask("/v1/match", {"positions": [{**p, "accuracy_m": 1, "location": [113.5, 32.2]} for p in far]})
    assert status == 422 and problem["code"] == "no_match", problem


@pytest.mark.parametrize("change,pointer", [
    ({"positions": [{"location": [112.5, 33]}]}, "/positions"),
    ({"positions": [{"location": [112.5, 33], "at": "2026-11-20T09:00:00+08:00"}, {"location": [112.5, 33]}]}, "/positions/1"),
    ({"positions": [{"location": [112.5, 33], "at": f"2026-11-{d}T09:00:00+08:00"} for d in (20, 19)]}, "/positions/1"),
    ({"positions": [{"location": [112.5, 33], "at": f"2026-11-{d}T09:00:00+08:00"} for d in (20, 25)]}, "/positions/1"),
    ({"positions": [{"location": [112.5, 33], "accuracy_m": 0}] * 2}, "/positions/0/accuracy_m"),
    ({"tidy": 1}, "/tidy"), ({"max_gap_s": 0}, "/max_gap_s"), ({"gaps": "split"}, "/gaps"),
    ({"positions": [{"location": [112.5, 33], "speed": 3}] * 2}, "/positions/0/speed"),
])
def test_errors_name_the_member(demo_service, change, pointer):
    asked = {"positions": [{"location": SEATS["nanyang"]}, {"location": SEATS["sheqi"]}], **change}
    status, problem = demo_service.ask("/v1/match", asked)
    assert status == 400 and problem["pointer"] == pointer, problem


# ---- OSRM ----------------------------------------------------------------------------------------------------

def osrm(service, positions, **options):
    coordinates = ";".join(f"{p['location'][0]:.6f},{p['location'][1]:.6f}" for p in positions)
    query = "&".join(f"{k}={v}" for k, v in options.items())
    return service.ask(f"/match/v1/light_truck/{coordinates}?{query}")


def seconds(positions):
    return ";".join(str(1795138200 + i * 20) for i in range(len(positions)))


def test_osrm_clients_get_matchings_and_tracepoints(demo_service):
    positions = trace_of(plan_of(demo_service, question("nanyang", "sheqi", vehicle=LIGHT)), 400, 4)[:60]
    positions[20] = {"location": [positions[20]["location"][0] + 0.05, positions[20]["location"][1] + 0.05]}
    status, answer = osrm(demo_service, positions, timestamps=seconds(positions), geometries="geojson", overview="full",
                          annotations="duration,distance", gaps="ignore")
    assert status == 200 and answer["code"] == "Ok", answer
    assert len(answer["tracepoints"]) == len(positions) and answer["tracepoints"][20] is None
    m = answer["matchings"][0]
    assert 0 < m["confidence"] <= 1 and m["geometry"]["type"] == "LineString" and m["weight_name"] == "duration"
    points = [t for t in answer["tracepoints"] if t and t["matchings_index"] == 0]
    assert [t["waypoint_index"] for t in points] == list(range(len(points))) and len(m["legs"]) == len(points) - 1
    assert all(isinstance(t["alternatives_count"], int) and len(t["location"]) == 2 for t in points)
    assert sum(leg["distance"] for leg in m["legs"]) == pytest.approx(m["distance"], abs=1)
    assert all(len(leg["annotation"]["distance"]) == len(leg["annotation"]["duration"]) for leg in m["legs"])
    assert m["legs"][0]["steps"] == []


@pytest.mark.parametrize("options,code", [
    ({"timestamps": "1;2"}, "InvalidOptions"), ({"gaps": "maybe"}, "InvalidQuery"), ({"timestamps": "3;2;1"}, "InvalidValue"),
    ({"tidy": "perhaps"}, "InvalidQuery"), ({"radiuses": "1;2"}, "InvalidOptions"), ({"waypoints": "0;1"}, "InvalidOptions"),
    ({"steps": "true"}, "InvalidOptions"), ({"unknown": "1"}, "InvalidQuery"),
])
def test_osrm_refusals_have_its_codes(demo_service, options, code):
    positions = [{"location": [112.53 + 0.001 * i, 33.0]} for i in range(3)]
    status, answer = osrm(demo_service, positions, **options)
    assert status == 400 and answer["code"] == code, answer


def test_osrm_no_match(demo_service):
    status, answer = osrm(demo_service, [{"location": [113.5 + 0.0001 * i, 32.2]} for i in range(3)], radiuses="1;1;1")
    assert status == 400 and answer["code"] == "NoMatch", answer
