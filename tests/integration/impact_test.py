"""What changed rules do to stored plans and to places: the prediction holds after publishing, and nobody is cut off unasked."""
import collections
import random

import pytest

from desk_fixture import desk, wait_for  # noqa: F401  fixture

APPROVAL = {"authority": "南阳市交通运输局", "document_no": "宛交〔2026〕12号"}
SEATS = [[112.43, 33.49], [112.83, 32.69], [112.53, 33.0], [112.09, 32.68], [113.40, 32.37], [111.85, 33.05], [112.93, 33.06]]


def square(lon, lat, half=.02):
    return {"type": "Polygon", "coordinates": [[[lon - half, lat - half], [lon + half, lat - half], [lon + half, lat + half],
                                                [lon - half, lat + half], [lon - half, lat - half]]]}


def zone(at, half=.02, **properties):
    return {"type": "Feature", "geometry": square(*at, half), "properties": {"class": "FL-CUT", "name": "漫水", **properties}}


def version(desk):
    return desk.call("GET", "/readyz", role=None)[1]["rules_version"]


def publish(desk, feature, words=APPROVAL):
    made = desk.good("POST", "/v1/zones", feature)["id"]
    desk.good("POST", f"/v1/zones/{made}/submit", {})
    approved = desk.good("POST", f"/v1/zones/{made}/approve", words, role="approver")
    wait_for(lambda: version(desk) >= approved["rules_version"], what="in force")
    return made


def lift(desk, made):
    lifted = desk.good("POST", f"/v1/zones/{made}/lift", {}, role="approver")
    wait_for(lambda: version(desk) >= lifted["rules_version"], what="lifted")


def impact(desk, changes, role="planner", query="", **more):
    return desk.good("POST", f"/v1/impact{query}", {"changes": changes, "facilities": False, **more}, role=role)


@pytest.fixture(scope="module")
def lanes(desk):
    """Plans between the seats, each with its middle; some go out and back."""
    chance = random.Random(5)
    kept = {}
    for i in range(40):
        a, b = chance.sample(SEATS, 2)
        status, answer, _ = desk.call("POST", "/v1/route", {
            "origin": {"location": a}, "destination": {"location": b}, "vehicle": {"class": chance.choice(["truck_6_axle", "truck_2_axle"])},
            "loop": chance.choice(["none", "none", "return"]), "depart_at": "2027-03-01T08:00:00+08:00", "steps": False, "corridor_m": 0,
            "store": True}, role="company" if i % 4 == 0 else "planner")
        if status == 200:
            line = answer["plans"][0]["legs"][0]["geometry"]["coordinates"]
            kept[answer["decision_id"]] = line[len(line) // 2]
    assert len(kept) >= 10
    wait_for(lambda: impact(desk, {"zones": [zone([112.5, 33.0])]}, query="?touched_only=true")["plans_active"] >= len(kept), what="the index")
    return kept


@pytest.mark.parametrize("half,rules", [(.02, None), (.1, None), (.05, [{"rule": "caution", "slow_factor": 4}]),
                                        (.05, [{"rule": "closed", "subject": {"axles_min": 6}}])], ids=["closed", "large", "slow", "by_axles"])
def test_what_is_predicted_for_each_plan_is_what_happens(desk, lanes, half, rules):
    feature = zone(list(lanes.values())[len(lanes) // 2], half, **({"rules": rules} if rules else {}))
    predicted = impact(desk, {"zones": [feature]})
    touched = impact(desk, {"zones": [feature]}, query="?touched_only=true")
    hit = {p["id"]: p for p in predicted["affected"]}
    assert hit and set(hit) <= set(touched["plans"]) and touched["touched"] == predicted["plans"]["looked_at"]
    assert predicted["plans"]["unaffected"] + len(hit) == predicted["plans_active"] == touched["plans_active"]
    made = publish(desk, feature)
    for plan in lanes:
        verdict = desk.good("GET", f"/v1/plans/{plan}/check")
        stored = desk.good("GET", f"/v1/plans/{plan}")
        status, now, _ = desk.call("POST", "/v1/route", {k: v for k, v in stored["request"].items() if k != "store"})
        if verdict["verdict"] == "lawful" and verdict["late_s"] < 60:
            assert plan not in hit
        elif status == 200:
            assert hit[plan]["impact"] == "detour"
            assert hit[plan]["duration_s"] == pytest.approx(now["plans"][0]["duration_s"] - stored["duration_s"], abs=.002)
            assert hit[plan]["distance_m"] == pytest.approx(now["plans"][0]["distance_m"] - stored["distance_m"], abs=.002)
        else:
            assert hit[plan]["impact"] == "broken" and hit[plan]["why"]["zone"] == "what-if-1"
    # and lifting it: no plan is broken by that, those that went as planned go as planned
    undone = impact(desk, {"lift": {"zones": [made]}})
    assert undone["plans"]["broken"] == 0 and undone["plans"]["looked_at"] == undone["plans_active"]
    lift(desk, made)


def test_groups_and_gates_add_up(desk, lanes):
    answer = impact(desk, {"zones": [zone(list(lanes.values())[0], .2)]})
    for groups in ("counties", "companies"):
        for kind in ("detour", "broken"):
            assert sum(g[kind] for g in answer[groups]) == answer["plans"][kind]
    acme = [p for p in answer["affected"] if p["company"] == "acme"]
    assert {g["company"] for g in answer["companies"]} >= {p["company"] for p in acme}


def test_a_company_hears_of_its_own_plans_only(desk, lanes):
    changes = {"zones": [zone([112.5, 33.0], 2)]}
    everything, own = impact(desk, changes, query="?touched_only=true"), impact(desk, changes, role="company", query="?touched_only=true")
    mine = {p["id"] for p in desk.good("GET", "/v1/plans?limit=1000&state=active", role="company")["plans"]}
    assert set(own["plans"]) == mine and mine < set(everything["plans"])
    assert impact(desk, changes, role="viewer", query="?touched_only=true")["touched"] == 0


def test_the_index_follows_plans_that_come_and_go(desk, lanes):
    touched = lambda: impact(desk, {"zones": [zone([112.5, 33.0], 2)]}, query="?touched_only=true")["plans"]  # noqa: E731
    made = desk.good("POST", "/v1/route", {"origin": {"location": SEATS[0]}, "destination": {"location": SEATS[1]},
                                           "vehicle": {"class": "truck_6_axle"}, "store": True})["decision_id"]
    wait_for(lambda: made in touched(), what="the new plan")
    assert desk.call("DELETE", f"/v1/plans/{made}")[0] == 204
    wait_for(lambda: made not in touched(), what="its end")


def test_a_protected_place_is_not_cut_off_unless_with_a_reason(desk):
    spot = desk.good("POST", "/v1/route", {"origin": {"location": [112.43, 33.49]}, "destination": {"location": [112.83, 32.69]}})["plans"][0]["waypoints"][0]["snapped"]
    desk.database.execute("INSERT INTO facility (id, kind, name, geom, state) VALUES ('clinic', 'hospital', '县医院', ST_SetSRID(ST_MakePoint(%s, %s), 4490), 'active')", *spot)
    try:
        around = zone(spot, .01)
        answer = impact(desk, {"zones": [around]}, facilities=True)
        clinic = next(f for f in answer["facilities"] if f["id"] == "clinic")
        assert clinic["protected"] and set(clinic["vehicles"].values()) == {"cut_off"} and answer["facilities_cut_off"] >= 1
        made = desk.good("POST", "/v1/zones", around)["id"]
        desk.good("POST", f"/v1/zones/{made}/submit", {})
        status, problem, _ = desk.call("POST", f"/v1/zones/{made}/approve", APPROVAL, role="approver")
        assert status == 409 and problem["pointer"] == "/force_reason" and "县医院" in problem["detail"], problem
        assert desk.good("GET", f"/v1/zones/{made}")["life"]["state"] == "submitted"
        desk.good("POST", f"/v1/zones/{made}/approve", {**APPROVAL, "force_reason": "已安排直升机转运"}, role="approver")
        rows = desk.database.execute("SELECT detail ->> 'force_reason' FROM audit_log WHERE kind = 'rule_act' AND detail ->> 'object' = %s", made)
        assert rows == [("已安排直升机转运",)]
        lift(desk, made)
    finally:
        desk.database.execute("DELETE FROM facility WHERE id = 'clinic'")


def test_the_load_of_a_gate_is_told_hour_by_hour_against_its_capacity(desk):
    asked = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.09, 33.06]}, "max_snap_m": 5000, "steps": False, "store": True,
             "depart_at": "2027-03-03T03:00:00+08:00", "credentials": [{"type": "key_goods_pass", "number": "1", "valid_until": "2028-01-01T00:00:00+08:00"}]}
    heavy, light = ([desk.good("POST", "/v1/route", {**asked, "vehicle": {"class": kind}}) for _ in range(2)] for kind in ("truck_6_axle", "truck_2_axle"))
    hours = lambda answers: [g["at"][:13] for a in answers for g in a["plans"][0]["legs"][0]["gates"] if g["checkpoint"] == gate]  # noqa: E731
    gate = heavy[0]["plans"][0]["legs"][0]["gates"][0]["checkpoint"]
    assert hours(light) and hours(heavy)
    kept = [a["decision_id"] for a in heavy + light]
    at = heavy[0]["plans"][0]["waypoints"][-1]["snapped"]
    closed = {"zones": [zone(at, .005, rules=[{"rule": "closed", "subject": {"axles_min": 6}}])]}
    everywhere = {"zones": [zone(at, 1)]}
    wait_for(lambda: set(kept) <= set(impact(desk, everywhere, query="?touched_only=true")["plans"]), what="the index")
    desk.database.execute("UPDATE checkpoint SET capacity_h = 1 WHERE id = %s", gate)
    answer = impact(desk, closed)
    assert {p["id"] for p in answer["affected"]} == {a["decision_id"] for a in heavy}
    [told] = [g for g in answer["gates"] if g["checkpoint"] == gate]
    assert (told["passages_before"], told["passages_after"], told["capacity_h"]) == (len(hours(heavy)), 0, 1)
    for when, all_hours in (("before", hours(heavy + light)), ("after", hours(light))):
        by_hour = {hour: all_hours.count(hour) for hour in all_hours}
        busiest = min(hour for hour in by_hour if by_hour[hour] == max(by_hour.values()))
        assert told[f"busiest_{when}"]["passages"] == by_hour[busiest]
        assert told[f"busiest_{when}"]["from"] == busiest + ":00:00+08:00"
        assert told[f"hours_over_capacity_{when}"] == sum(n > 1 for n in by_hour.values())
    desk.database.execute("UPDATE checkpoint SET capacity_h = NULL WHERE id = %s", gate)
    [told] = [g for g in impact(desk, closed)["gates"] if g["checkpoint"] == gate]
    assert told["hours_over_capacity_before"] is None and told["hours_over_capacity_after"] is None
    for plan in kept:
        assert desk.call("DELETE", f"/v1/plans/{plan}")[0] == 204


def test_a_place_that_can_be_come_to_but_not_left_is_cut_off_one_way(desk):
    """At the end of a road of its own, of which one direction is closed."""
    roads = desk.database.execute("""
        SELECT id, from_node, to_node, ST_X(p), ST_Y(p), forward AND backward AND class IN ('tertiary', 'unclassified', 'residential')
                                                         AND ST_Length(geom::geography) > 200
        FROM road, LATERAL (SELECT ST_LineInterpolatePoint(geom, 0.5) AS p) q ORDER BY id""")
    meeting = collections.Counter(node for _, tail, head, *_ in roads for node in (tail, head))
    ends = [(road, lon, lat) for road, _, head, lon, lat, usable in roads if usable and meeting[head] == 1]
    for road, lon, lat in ends[:40]:
        desk.database.execute("INSERT INTO facility (id, kind, name, geom, state) VALUES ('hamlet', 'village', '村', ST_SetSRID(ST_MakePoint(%s, %s), 4490), 'active')", lon, lat)
        told = {}
        for heading in ("forward", "backward"):
            closure = {"type": "Feature", "geometry": None, "properties": {"name": "单向", "action": "closed", "object": "segment", "road_ids": [road], "heading": heading}}
            answer = impact(desk, {"closures": [closure]}, facilities=True)
            told[heading] = next((f for f in answer["facilities"] if f["id"] == "hamlet"), None)
        desk.database.execute("DELETE FROM facility WHERE id = 'hamlet'")
        if told["forward"] and told["backward"]:
            break
    else:
        pytest.fail("no road of the demo ends in itself")
    ways = [[set(told[heading][way].values()) for way in ("vehicles", "vehicles_back")] for heading in ("forward", "backward")]
    assert ways == [[{"cut_off"}, {"reachable"}], [{"reachable"}, {"cut_off"}]]  # the road is drawn to its end


def test_a_place_that_is_come_to_later_says_by_how_much(desk):
    spot = desk.good("POST", "/v1/route", {"origin": {"location": [112.43, 33.49]}, "destination": {"location": [112.83, 32.69]}})["plans"][0]
    slow = impact(desk, {"zones": [zone(spot["waypoints"][-1]["snapped"], .05, rules=[{"rule": "caution", "slow_factor": 8}])]}, facilities=True)
    later = [f for f in slow["facilities"] if f["later_s"]]
    assert slow["facilities_cut_off"] == 0 and slow["facilities_later"] >= len(later) > 0
    for place in later:
        assert all(seconds >= 60 for seconds in place["later_s"].values()) and "cut_off" not in place["vehicles"].values()


def test_impact_is_about_the_rules_in_force(desk):
    status, problem, _ = desk.call("POST", "/v1/impact", {"changes": {"zones": [zone([112.5, 33.0])]}, "as_of": "2026-11-20T08:00:00+08:00"})
    assert (status, problem["code"], problem["pointer"]) == (400, "unknown_member", "/as_of")
