"""Routes of the demo through the real program: what semantics.md promises, seen from outside."""
import concurrent.futures
import itertools
import json
import math
import os
import random

import pytest

from demo_fixture import MORNING, SEATS, box, question, rules, wait_for, zone

HEAVY = {"class": "truck_6_axle", "gross_weight_t": 49, "height_m": 4.0, "width_m": 2.55, "length_m": 17.1, "axle_load_t": 10}
LIGHT = {"class": "light_truck"}


def plan_of(service, asked, **more):
    status, answer = service.ask("/v1/route", asked, **more)
    assert status == 200, {k: answer.get(k) for k in ("code", "detail", "pointer", "conflicts")}
    return answer["plans"][0]


def coordinates(plan):
    return [c for leg in plan["legs"] for c in leg["geometry"]["coordinates"]]


# ---- plans ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("a,b", [("nanyang", "fangcheng"), ("nanzhao", "sheqi"), ("xinye", "zhenping"), ("tongbai", "nanyang")])
def test_there_and_back_between_county_seats(demo_service, a, b):
    asked = question(a, b, loop="return", vehicle=HEAVY)
    asked["destination"]["service_s"] = 3600
    status, answer = demo_service.ask("/v1/route", asked)
    assert status == 200, answer
    plan = answer["plans"][0]
    legs, waypoints = plan["legs"], plan["waypoints"]
    assert answer["network_version"] and answer["rules_version"] >= 1 and answer["as_of"].endswith("+08:00")
    assert plan["issuable"] and plan["violations"] == [] and plan["digest"].startswith("sha256:")
    assert legs[0]["from"] == 0 and legs[-1]["to"] == len(waypoints) - 1
    assert waypoints[0]["requested"] == SEATS[a] and waypoints[-1]["requested"] == SEATS[a]
    for before, after in itertools.pairwise(legs):
        assert after["from"] == before["to"]
        assert coordinates({"legs": [before]})[-1] == coordinates({"legs": [after]})[0], "the legs join"
    assert legs[0]["depart_at"] == MORNING
    assert math.isclose(sum(leg["distance_m"] for leg in legs), plan["distance_m"], abs_tol=0.01)
    assert plan["duration_s"] >= 3600 + sum(leg["drive_s"] for leg in legs) - 1
    straight = math.dist(SEATS[a], SEATS[b]) * 90_000
    assert 2 * straight < plan["distance_m"] < 10 * straight
    assert plan["corridor"]["type"] in ("Polygon", "MultiPolygon")
    steps = [s for leg in legs for s in leg["steps"]]
    assert steps[0]["maneuver"]["type"] == "depart" and steps[-1]["maneuver"]["type"] == "arrive"
    assert all(s["instruction"] for s in steps)


def test_every_answer_has_its_own_decision_and_the_same_digest(demo_service):
    asked = question("nanyang", "tanghe", vehicle=HEAVY)
    answers = [demo_service.ask("/v1/route", asked)[1] for _ in range(3)]
    assert len({a["decision_id"] for a in answers}) == 3
    assert len({a["plans"][0]["digest"] for a in answers}) == 1


def test_the_digest_is_the_same_on_every_thread_and_in_every_form(demo_service):
    asked = [question(a, b, vehicle=HEAVY, loop="return") for a, b in itertools.islice(itertools.permutations(SEATS, 2), 12)]
    forms = [{}, {"geometry": "none", "steps": False}, {"geometry": "polyline6", "corridor_m": 0}]

    def digests(form):
        return [(status, answer["plans"][0]["digest"] if status == 200 else answer["code"])
                for status, answer in (demo_service.ask("/v1/route", {**q, **form}) for q in asked)]

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        found = list(pool.map(digests, forms * 4))
    assert all(f == found[0] for f in found)


def test_stops_are_called_at_in_order(demo_service):
    asked = question("nanyang", "xinye", vehicle=LIGHT)
    asked["stops"] = [{"location": SEATS["tanghe"], "service_s": 600, "name": "唐河"}, {"location": SEATS["dengzhou"]}]
    plan = plan_of(demo_service, asked)
    assert [w["requested"] for w in plan["waypoints"]] == [SEATS[s] for s in ("nanyang", "tanghe", "dengzhou", "xinye")]
    assert len(plan["legs"]) >= 3


@pytest.mark.parametrize("prefer", ["distance", "cost"])
@pytest.mark.parametrize("vehicle,depart_at,loop,at", [
    ("truck_4_axle", "2026-11-20T02:19:00+08:00", "return", [[112.5007, 33.0194], [111.4991, 33.1409], [112.8176, 32.6699], [112.4148, 33.4871], [112.4380, 33.5092]]),
    ("truck_4_axle", "2026-11-20T04:51:00+08:00", "return", [[111.8549, 33.0762], [113.3930, 32.3849], [112.4176, 33.4796], [112.9395, 33.0738], [113.3710, 32.3636]]),
    ("light_truck", "2026-11-20T11:16:00+08:00", "none", [[113.0230, 33.2741], [112.3641, 32.5045], [112.0689, 32.6909], [111.4656, 33.3135]])])
def test_several_stops_by_distance_or_cost_end_within_the_budget(demo_service, prefer, vehicle, depart_at, loop, at):
    """While rules change a dearer way to a stop may be the better one. All of them carried along were more than the budget."""
    asked = {"origin": {"location": at[0]}, "destination": {"location": at[-1]}, "stops": [{"location": p} for p in at[1:-1]],
             "vehicle": {"class": vehicle}, "depart_at": depart_at, "max_snap_m": 5000, "loop": loop}
    plan, by_time = plan_of(demo_service, {**asked, "prefer": prefer}), plan_of(demo_service, asked)
    assert len(plan["waypoints"]) == len(at) + (loop == "return")
    assert by_time["duration_s"] <= plan["duration_s"] + 30  # the grain of arrivals
    if prefer == "distance":
        assert plan["distance_m"] <= by_time["distance_m"]


@pytest.mark.parametrize("vehicle,depart_at,at", [
    ("light_truck", "2026-11-19T09:30:00+08:00", [[113.5377, 32.5362], [111.995, 32.5684], [112.329, 33.5848], [111.9842, 32.4515]]),
    ("truck_3_axle", "2026-11-21T20:30:00+08:00",
     [[112.3219, 33.4752], [112.4276, 32.5877], [112.481, 33.0476], [112.587, 33.5217], [111.4145, 33.493], [112.4411, 33.1244]])])
def test_a_stop_that_is_never_reached_is_refused_within_the_budget(demo_service, vehicle, depart_at, at):
    """By cost, too: not only when every way to the stops before it is known."""
    status, answer = demo_service.ask("/v1/route", {
        "origin": {"location": at[0]}, "destination": {"location": at[-1]}, "stops": [{"location": p, "service_s": 600} for p in at[1:-1]],
        "vehicle": {"class": vehicle, "plate": "豫R40261"}, "depart_at": depart_at, "max_snap_m": 5000, "loop": "return", "prefer": "cost"})
    assert (status, answer["code"]) == (422, "vehicle_limit")
    assert len(answer["conflicts"]) == 1 and answer["conflicts"][0]["road"]


def test_geometry_comes_in_the_form_asked_for(demo_service):
    asked = question("nanyang", "sheqi", vehicle=LIGHT)
    line = plan_of(demo_service, asked)["legs"][0]["geometry"]
    assert line["type"] == "LineString" and len(line["coordinates"]) > 2
    code = plan_of(demo_service, {**asked, "geometry": "polyline6"})["legs"][0]["geometry"]
    assert isinstance(code, str) and decode(code, 6)[0] == pytest.approx(line["coordinates"][0], abs=2e-6)
    assert len(decode(code, 6)) == len(line["coordinates"])
    bare = plan_of(demo_service, {**asked, "geometry": "none", "steps": False})
    assert "geometry" not in bare["legs"][0] and "steps" not in bare["legs"][0] and bare["corridor"] is None


def decode(text, digits):
    points, values, at = [], [0, 0], 0
    while at < len(text):
        for k in (0, 1):
            shift = number = 0
            while True:
                byte = ord(text[at]) - 63
                at += 1
                number |= (byte & 31) << shift
                shift += 5
                if byte < 32:
                    break
            values[k] += ~(number >> 1) if number & 1 else number >> 1
        points.append([values[1] / 10**digits, values[0] / 10**digits])
    return points


def test_texts_come_in_both_languages(demo_service):
    asked = question("nanyang", "sheqi", vehicle={})
    en, zh = (plan_of(demo_service, asked, language=language) for language in ("en", "zh-CN"))
    assert en["digest"] == zh["digest"]
    assert en["legs"][0]["steps"][0]["instruction"].isascii() or "Head" in en["legs"][0]["steps"][0]["instruction"]
    assert "行驶" in zh["legs"][0]["steps"][0]["instruction"]
    assert {w["code"] for w in en["warnings"]} == {w["code"] for w in zh["warnings"]}
    assert "assumed_attribute" in {w["code"] for w in en["warnings"]}, "a vehicle without sizes is taken at the legal maximum"


def test_coordinates_in_other_systems(demo_service):
    asked = question("nanyang", "sheqi", vehicle=LIGHT)
    base = plan_of(demo_service, asked)
    status, answer = demo_service.ask("/v1/route", {**asked, "crs": "gcj02"})
    assert status == 200 and answer["crs"] == "gcj02"
    shift = math.dist(answer["plans"][0]["waypoints"][0]["requested"], SEATS["nanyang"])
    assert shift < 1e-6, "what was asked is repeated in the system it was asked in"
    places = demo_service.database.execute(
        "SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(x, y), 4490), 4508) AS g FROM "
        "(VALUES (112.53, 33.0), (112.93, 33.06)) v(x, y)) t")
    plane = {**asked, "crs": "EPSG:4508", "origin": {"location": list(places[0])}, "destination": {"location": list(places[1])}}
    plan = plan_of(demo_service, plane)
    assert plan["distance_m"] == pytest.approx(base["distance_m"], abs=1)
    assert plan["waypoints"][0]["snapped"][0] == pytest.approx(places[0][0], abs=1000)


# ---- zones ---------------------------------------------------------------------------------------------------

def middle(plan):
    points = coordinates(plan)
    return points[len(points) // 2]


def inside(point, polygon):
    x, y = point
    hit = False
    for (x1, y1), (x2, y2) in itertools.pairwise(polygon):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            hit = not hit
    return hit


def test_a_closed_zone_is_gone_round(demo_service):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    before = plan_of(demo_service, asked)
    polygon = box(middle(before), 0.01)
    with rules(demo_service, zone("test-closed", polygon, {"rule": "closed"})):
        during = plan_of(demo_service, asked)
        assert during["duration_s"] > before["duration_s"] and during["digest"] != before["digest"]
        assert not any(inside(c, polygon) for c in coordinates(during))
        # PostGIS is asked too, with the tolerance of semantics: less than 5 m inside
        line = json.dumps({"type": "LineString", "coordinates": coordinates(during)})
        crossing = demo_service.database.value(
            "SELECT ST_Length(ST_Intersection(ST_SetSRID(ST_GeomFromGeoJSON(%s), 4490), geom)::geography) FROM zone "
            "WHERE id = 'test-closed'", line)
        assert crossing < 5
    assert plan_of(demo_service, asked)["digest"].split(":")[0] == "sha256"
    assert plan_of(demo_service, asked)["duration_s"] == before["duration_s"]


def test_an_area_of_the_request_is_gone_round(demo_service):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    before = plan_of(demo_service, asked)
    polygon = box(middle(before), 0.01)
    avoid = {"polygons": {"type": "Polygon", "coordinates": [polygon]}}
    during = plan_of(demo_service, {**asked, "avoid": avoid})
    assert during["duration_s"] > before["duration_s"]
    assert not any(inside(c, polygon) for c in coordinates(during))
    features = [{"type": "Feature", "properties": {}, "geometry": avoid["polygons"]}] * 2
    twice = plan_of(demo_service, {**asked, "avoid": {"polygons": {"type": "FeatureCollection", "features": features}}})
    assert twice["duration_s"] == during["duration_s"], "drawn twice is not open again"


def test_a_destination_in_a_closed_zone_is_said_with_the_rule(demo_service):
    with rules(demo_service, zone("test-seat", box(SEATS["sheqi"], 0.02), {"rule": "closed"})):
        status, problem = demo_service.ask("/v1/route", question("fangcheng", "sheqi", vehicle=LIGHT))
        assert status == 422 and problem["code"] == "destination_in_closed_zone", problem
        assert [c["id"] for c in problem["conflicts"]] == ["test-seat"]
        conflict = problem["conflicts"][0]
        assert conflict["rule"] == "zone" and conflict["needed"] and len(conflict["location"]) == 2
        assert problem["relaxed_plan"]["issuable"] is False and problem["relaxed_plan"]["violations"]
        status, problem = demo_service.ask("/v1/route", question("sheqi", "fangcheng", vehicle=LIGHT))
        assert status == 422 and problem["code"] == "origin_in_closed_zone"
        moved = plan_of(demo_service, question("fangcheng", "sheqi", vehicle=LIGHT, endpoints="nearest_outside", max_snap_m=10000))
        assert moved["waypoints"][-1]["moved"] and moved["waypoints"][-1]["distance_m"] > 500


def test_a_gated_zone_is_entered_through_a_gate_or_not_at_all(demo_service):
    status, layer = demo_service.ask("/v1/zones")
    area = next(f for f in layer["features"] if f["id"] == "demo-animal")
    (x, y), = demo_service.database.execute("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) p FROM zone WHERE id = 'demo-animal') t")
    asked = question("nanyang", [x, y], vehicle=LIGHT, max_snap_m=5000)
    kinds = {c["code"] for c in demo_service.ask("/v1/network")[1]["credential_types"]}
    asked["credentials"] = [{"type": k, "issued_at": "2026-11-20T06:00:00+08:00"} for k in sorted(kinds)][:32]
    plan = plan_of(demo_service, asked)
    gates = [g for leg in plan["legs"] for g in leg["gates"] if g["zone"] == "demo-animal"]
    assert gates and gates[0]["direction"] == "enter" and gates[0]["inspection_s"] > 0 and gates[0]["name"]
    assert any(z["zone"] == "demo-animal" and z["rule"] == "gated" and z["why"] for leg in plan["legs"] for z in leg["zones"])
    assert area["properties"]["rule"] in ("closed", "gated")
    ids = sorted({g["properties"]["id"] for g in demo_service.ask("/v1/checkpoints")[1]["features"]
                  if any(gate["zone"] == "demo-animal" for gate in g["properties"]["gates"])})
    listed = ", ".join(f"'{i}'" for i in ids)
    with rules(demo_service, (f"UPDATE checkpoint SET state = 'closed' WHERE id IN ({listed})",
                              f"UPDATE checkpoint SET state = 'active' WHERE id IN ({listed})")):
        status, problem = demo_service.ask("/v1/route", asked)
        assert status == 422 and problem["code"] in ("no_open_gate", "destination_in_closed_zone"), problem
        assert problem["conflicts"]


def test_calls_that_stand_exactly_on_junctions_of_a_gated_zone_are_no_offence(demo_service):
    # the first stretch then has no length: it is neither outside nor inside, and needs no gate
    nodes = demo_service.database.execute("""SELECT ST_X(n.geom), ST_Y(n.geom) FROM road_node n, zone z WHERE z.id = 'demo-animal'
        AND ST_Contains(z.geom, n.geom) AND EXISTS (SELECT FROM road r WHERE r.from_node = n.id AND r.class IN ('secondary', 'tertiary'))
        AND NOT EXISTS (SELECT FROM road r WHERE n.id IN (r.from_node, r.to_node) AND r.class LIKE 'motorway%') ORDER BY n.id LIMIT 20""")
    for (ax, ay), (bx, by) in zip(nodes[:10], nodes[10:], strict=True):
        status, answer = demo_service.ask("/v1/route", question([ax, ay], [bx, by], vehicle=LIGHT))
        assert status in (200, 422), answer


def test_a_missing_credential_is_named(demo_service):
    (x, y), = demo_service.database.execute("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) p FROM zone WHERE id = 'demo-animal') t")
    status, answer = demo_service.ask("/v1/route", question("nanyang", [x, y], vehicle=LIGHT, max_snap_m=5000))
    if status == 422:
        assert answer["code"] in ("credential_missing", "no_open_gate"), answer
        assert any(c["rule"] in ("credential", "gate") and c["needed"] for c in answer["conflicts"])
    else:
        assert any(g["zone"] == "demo-animal" for leg in answer["plans"][0]["legs"] for g in leg["gates"])


# ---- vehicles ------------------------------------------------------------------------------------------------

def test_limits_bind_the_vehicle(demo_service):
    asked = question("fangcheng", "sheqi", vehicle={**LIGHT, "height_m": 3.0})
    free = plan_of(demo_service, asked)
    roads = [w["road_id"] for w in free["waypoints"]]
    point = middle(free)
    found = demo_service.database.execute(
        "SELECT id FROM road WHERE id <> ALL(%s) ORDER BY geom <-> ST_SetSRID(ST_MakePoint(%s, %s), 4490) LIMIT 1", roads, *point)
    road = found[0][0]
    low = (f"""INSERT INTO closure (id, name, cause, action, physical, object, road_ids, limit_kind, limit_value, state, effective,
               authority, approving_authority, document_no, approved_at) VALUES ('test-low', 'low', 'test', 'limit', false, 'road',
               '{{{road}}}', 'height', 2.9, 'approved', '[2025-01-01,)', 'test', 'test', 'test-2', now())""",
           "DELETE FROM closure WHERE id = 'test-low'")
    with rules(demo_service, low):
        round_it = plan_of(demo_service, asked)
        assert round_it["duration_s"] > free["duration_s"]
        under = plan_of(demo_service, question("fangcheng", "sheqi", vehicle={**LIGHT, "height_m": 2.9}))
        assert under["duration_s"] == free["duration_s"], "equal to the limit passes"
        met = [m for leg in under["legs"] for m in leg["limits"] if m.get("closure") == "test-low"]
        assert met and met[0]["kind"] == "height" and met[0]["limit"] == 2.9 and met[0]["margin"] == 0


def test_a_vehicle_that_no_road_takes_is_told_so(demo_service):
    status, problem = demo_service.ask("/v1/route", question("nanyang", "sheqi", vehicle={"class": "truck_6_axle", "gross_weight_t": 1900}))
    assert status in (400, 422) and problem["code"] in ("vehicle_limit", "out_of_range", "disconnected"), problem


def test_a_place_without_road_is_too_far(demo_service):
    for place, near in ([112.53, 31.0], False), ([113.55, 32.2], True):
        status, problem = demo_service.ask("/v1/route", question(place, "sheqi"))
        assert status == 422 and problem["code"] == "snap_too_far" and problem["pointer"] == "/origin/location", problem
        assert ("actual" in problem) == near
        assert not near or float(problem["actual"]) > float(problem["limit"]) == 500, "the error names the distance"


# ---- publication ---------------------------------------------------------------------------------------------

def test_an_edit_is_obeyed_by_the_first_answer_that_asks_for_its_version(demo_service):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT, geometry="none", steps=False)
    before = plan_of(demo_service, asked)
    polygon = box(middle(plan_of(demo_service, {**asked, "geometry": "geojson"})), 0.01)
    sql, undo = zone("test-quick", polygon, {"rule": "closed"})
    with rules(demo_service):
        version = demo_service.database.value("SELECT version FROM rules_state")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(demo_service.ask, "/v1/route", {**asked, "min_rules_version": version + 1})
            demo_service.database.execute(sql)
            status, answer = waiting.result()
        try:
            assert status == 200 and answer["rules_version"] > version
            assert answer["plans"][0]["duration_s"] > before["duration_s"]
        finally:
            demo_service.database.execute(undo)


def test_a_plate_that_is_not_given_counts_where_rules_go_by_its_last_digit(demo_service):
    tails = [{"plate_tails": [1, 6]}]
    with rules(demo_service, zone("test-tails", box(SEATS["sheqi"], 0.02), {"rule": "closed", "windows": tails})):
        ask = question("fangcheng", "sheqi", vehicle=LIGHT)
        status, problem = demo_service.ask("/v1/route", ask)
        assert status == 422 and problem["code"] == "destination_in_closed_zone", problem
        assert "plate" in problem["conflicts"][0]["needed"], problem
        ask["vehicle"] = {**LIGHT, "plate": "豫R12345"}
        plan_of(demo_service, ask)
        ask["vehicle"] = {**LIGHT, "plate": "豫R1234A"}  # the last digit is 4
        plan_of(demo_service, ask)
        ask["vehicle"] = {**LIGHT, "plate": "豫R1236Z"}
        status, problem = demo_service.ask("/v1/route", ask)
        assert problem["code"] == "destination_in_closed_zone" and "plate" not in problem["conflicts"][0]["needed"], problem
    with rules(demo_service, zone("test-tails", box(SEATS["sheqi"], 0.02), {"rule": "caution", "slow_factor": 2, "windows": tails})):
        ask = question("fangcheng", "sheqi", vehicle=LIGHT)
        assert any(w["code"] == "plate_unknown" and "test-tails" in w["text"] for w in plan_of(demo_service, ask)["warnings"])
        ask["vehicle"] = {**LIGHT, "plate": "豫R12346"}
        assert all(w["code"] != "plate_unknown" for w in plan_of(demo_service, ask)["warnings"])


def test_a_draft_changes_nothing(demo_service):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    before = plan_of(demo_service, asked)
    sql, undo = zone("test-draft", box(middle(before), 0.01), {"rule": "closed"})
    with rules(demo_service, (sql.replace("'approved', '[2025", "'draft', '[2025"), undo)):
        assert plan_of(demo_service, asked)["duration_s"] == before["duration_s"]


# ---- the rest ------------------------------------------------------------------------------------------------

def test_a_matrix_agrees_with_routes(demo_service):
    names = ["nanyang", "sheqi", "fangcheng"]
    status, answer = demo_service.ask("/v1/matrix", {"sources": [SEATS[n] for n in names], "depart_at": MORNING, "vehicle": LIGHT})
    assert status == 200, answer
    for i, a in enumerate(names):
        for k, b in enumerate(names):
            if i == k:
                assert answer["durations_s"][i][k] == 0
                continue
            plan = plan_of(demo_service, question(a, b, vehicle=LIGHT, geometry="none", steps=False))
            assert answer["durations_s"][i][k] == pytest.approx(plan["duration_s"], abs=0.01)
            assert answer["distances_m"][i][k] == pytest.approx(plan["distance_m"], abs=0.01)


def test_a_matrix_says_which_places_cannot_be_used_and_why(demo_service):
    far, closed = [111.1, 33.9], [112.06, 33.065]  # 30 km from any road; in the isolation area of the demo's chemical accident
    places = [{"location": SEATS["sheqi"], "name": "社旗库"}, {"location": far, "name": "山里"}, closed]
    texts = []
    for language in ("zh-CN", "en"):
        status, answer = demo_service.ask("/v1/matrix", {"sources": places, "depart_at": MORNING, "vehicle": LIGHT}, language=language)
        assert status == 200 and answer["durations_s"][0] == [0, None, None] and answer["distances_m"][2] == [None] * 3, answer
        for side, zone in (("sources", "origin_in_closed_zone"), ("targets", "destination_in_closed_zone")):
            good, lost, shut = answer[side]
            assert good["name"] == "社旗库" and good["snapped"] and "code" not in good and lost["name"] == "山里"
            assert [(p["code"], p["snapped"], p["distance_m"], p["road"]) for p in (lost, shut)] == [("snap_too_far", None, None, None), (zone, None, None, None)]
            texts += [lost["cause"], shut["cause"]]
    assert len(set(texts)) == 6
    status, problem = demo_service.ask("/v1/matrix", {"sources": [SEATS["sheqi"]], "targets": [SEATS["sheqi"], [2.35, 48.85]]})
    assert status == 400 and problem["pointer"] == "/targets/1", problem


@pytest.mark.parametrize("how", [{"prefer": "distance"}, {"prefer": "cost"}, {"max_wait_s": 1800}, {"prefer": "distance", "max_wait_s": 1800}],
                         ids=["distance", "cost", "wait", "distance and wait"])
@pytest.mark.parametrize("depart", ["2026-11-27T07:30:00+08:00", "2026-11-27T10:00:00+08:00"])
def test_a_matrix_agrees_with_routes_under_any_preference(demo_service, how, depart):
    """Half an hour before the ban on the town, and while it holds."""
    names = ["nanyang", "sheqi", "fangcheng", "zhenping"]
    vehicle = {"class": "truck_6_axle"}
    status, answer = demo_service.ask("/v1/matrix", {"sources": [SEATS[n] for n in names], "depart_at": depart, "vehicle": vehicle, **how})
    assert status == 200, answer
    for i, a in enumerate(names):
        for k, b in enumerate(names):
            ask = {"origin": {"location": SEATS[a]}, "destination": {"location": SEATS[b]}, "depart_at": depart, "vehicle": vehicle,
                   "geometry": "none", "steps": False, **how}
            status, route = demo_service.ask("/v1/route", ask)
            if status != 200:
                assert answer["durations_s"][i][k] is None and answer["distances_m"][i][k] is None
                continue
            plan = route["plans"][0]
            assert answer["durations_s"][i][k] == pytest.approx(plan["duration_s"], abs=0.01)
            assert answer["distances_m"][i][k] == pytest.approx(plan["distance_m"], abs=0.01)


def test_snapping_gives_the_nearest_first(demo_service):
    status, answer = demo_service.ask("/v1/snap", {"location": SEATS["sheqi"], "number": 5, "max_snap_m": 2000})
    places = answer["locations"][0]["places"]
    assert status == 200 and len(places) == 5
    distances = [p["distance_m"] for p in places]
    assert distances == sorted(distances)


def test_the_layers_are_what_is_in_force(demo_service):
    zones = {f["id"]: f for f in demo_service.ask("/v1/zones")[1]["features"]}
    assert "demo-flood" in zones and "demo-epidemic-county" not in zones and "demo-expired" not in zones
    assert zones["demo-flood"]["properties"]["in_force"] and zones["demo-flood"]["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert [(r["rule"], r["for_all"]) for r in zones["demo-animal"]["properties"]["rules"]] == [("closed", False), ("gated", True)]
    part = demo_service.ask("/v1/zones?bbox=111.7,32.4,112.0,32.7")[1]["features"]
    assert {"demo-animal", "demo-animal-buffer"} <= {f["id"] for f in part} < set(zones)
    assert all(f["geometry"]["type"] == "Point" for f in demo_service.ask("/v1/checkpoints")[1]["features"])
    assert all(f["geometry"] is None or f["geometry"]["type"] == "MultiLineString"
               for f in demo_service.ask("/v1/closures")[1]["features"])
    kinds = {f["properties"]["kind"] for f in demo_service.ask("/v1/facilities")[1]["features"]}
    assert "county_seat" in kinds
    network = demo_service.ask("/v1/network")[1]
    assert network["schematic"] is True and network["counts"]["arcs"] >= 20000


def test_while_the_database_is_away_answers_go_on_and_say_how_old_their_rules_are(demo_service):
    asked = question("nanyang", "sheqi", vehicle=LIGHT, geometry="none", steps=False)
    before = plan_of(demo_service, {**asked, "max_rules_age_s": 60})
    cluster = demo_service.database.cluster
    cluster.stop()
    try:
        wait_for(lambda: not demo_service.ask("/v1/network")[1]["database_connected"], what="loss noticed")
        status, answer = demo_service.ask("/v1/route", asked)
        assert status == 200 and answer["rules_age_s"] >= 0
        assert "rules_age" in {w["code"] for w in answer["plans"][0]["warnings"]}
        assert answer["plans"][0]["digest"] == before["digest"]
        status, problem = demo_service.ask("/v1/route", {**asked, "max_rules_age_s": 0})
        assert status == 503 and problem["code"] == "rules_stale" and problem["pointer"] == "/max_rules_age_s"
        assert demo_service.ask("/readyz")[0] == 200
        assert demo_service.ask("/v1/facilities")[0] == 503
    finally:
        cluster.start()
    wait_for(lambda: demo_service.ask("/v1/network")[1]["database_connected"], what="reconnected")
    assert "rules_age_s" not in demo_service.ask("/v1/route", asked)[1]
    test_a_closed_zone_is_gone_round(demo_service)


def test_connections_that_a_restart_has_closed_fail_nobody(demo_service):
    def places(_):
        status, answer = demo_service.ask("/v1/facilities")
        return status if status == 200 else (status, answer["code"], answer["detail"])

    wait_for(lambda: places(0) == 200, what="the pool after what other tests did to the database")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(places, range(16))) == {200}  # several connections are open now
    demo_service.database.cluster.stop()
    demo_service.database.cluster.start()
    wait_for(lambda: demo_service.ask("/readyz")[1].get("database") == "connected", what="reconnected")
    assert [places(i) for i in range(8)] == [200] * 8


@pytest.mark.parametrize("form", [{}, {"crs": "EPSG:4508"}], ids=["parked", "on a worker"])
def test_questions_about_the_future_do_not_stop_those_about_now(demo_service, form):
    (ax, ay), (bx, by) = SEATS["nanyang"], SEATS["sheqi"]
    if form:
        (ax, ay), (bx, by) = demo_service.database.execute(
            "SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(x, y), 4490), 4508) AS g FROM "
            f"(VALUES ({ax}, {ay}), ({bx}, {by})) v(x, y)) t")
    future = {"origin": {"location": [ax, ay]}, "destination": {"location": [bx, by]}, "min_rules_version": 10**9, **form}
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        waiting = [pool.submit(demo_service.ask, "/v1/route", future) for _ in range(20)]
        assert demo_service.ask("/v1/matrix", {"sources": [SEATS["nanyang"], SEATS["sheqi"]]})[0] == 200
        assert not all(w.done() for w in waiting), "it waited behind them"
        codes = {w.result()[1]["code"] for w in waiting}
        assert "rules_version_not_reached" in codes and codes <= {"rules_version_not_reached", "unavailable"}


def test_no_plan_crosses_a_closed_zone_asked_of_postgis(demo_service):
    seed = int(os.environ.get("SEED", "20261121"))
    print("SEED", seed)
    rng = random.Random(seed)
    places = list(SEATS.values()) + [[round(rng.uniform(111.3, 113.4), 4), round(rng.uniform(32.4, 33.5), 4)] for _ in range(40)]
    db, plans = demo_service.database, 0
    with db.connect(autocommit=True) as connection:
        # how long the longest piece of each line is that lies in each zone, and what counts as being in it
        sql = """SELECT z.id, max(ST_Length(piece.geom::geography)), max(greatest(5, coalesce(z.accuracy_m, 0)))
                 FROM zone z, ST_SetSRID(ST_GeomFromGeoJSON(%s), 4490) AS line,
                      ST_Dump(ST_CollectionExtract(ST_Intersection(line, z.geom), 2)) AS piece
                 WHERE z.id IN ('demo-flood', 'demo-hazmat-hot', 'demo-hazmat-warm', 'demo-animal') GROUP BY z.id"""
        for _ in range(150):
            asked = question(*rng.sample(places, 2), vehicle=rng.choice([LIGHT, HEAVY]), steps=False, corridor_m=0, max_snap_m=3000)
            if rng.random() < 0.5:
                asked["credentials"] = [{"type": "disinfection", "issued_at": "2026-11-20T07:00:00+08:00"}]
            status, answer = demo_service.ask("/v1/route", asked)
            assert status in (200, 422), answer
            if status != 200:
                continue
            plans += 1
            leg = answer["plans"][0]["legs"][0]
            for zone_id, longest, tolerance in connection.execute(sql, [json.dumps(leg["geometry"])]):
                if longest <= tolerance + 0.5:
                    continue
                assert zone_id not in ("demo-flood", "demo-hazmat-hot"), f"{zone_id}: {longest} m inside, {asked}"
                touched = [z for z in leg["zones"] if z["zone"] == zone_id]
                assert touched, f"{zone_id}: {longest} m inside and not said, {asked}"
    assert plans > 60
