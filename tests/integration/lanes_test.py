"""Lanes of enterprises: the register over HTTP, who sees which, and what changed rules do to them."""
import threading
import time

import pytest

from desk_fixture import desk, wait_for  # noqa: F401  fixture

FROM, TO = [112.53, 33.0], [112.09, 32.68]


def lane(start=FROM, end=TO, **properties):
    return {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [start, end]},
            "properties": {"name": "南阳至邓州煤炭线", "company": "acme", "vehicle": {"class": "truck_6_axle"}, **properties}}


@pytest.fixture(autouse=True)
def nothing_stays(desk):
    yield
    desk.database.execute("DELETE FROM lane WHERE id NOT LIKE 'demo-%%'")


def made(desk, feature, role="planner", **headers):
    status, answer, head = desk.call("POST", "/v1/lanes", feature, role=role, headers=headers)
    assert status == 201, answer
    return answer["id"], answer, head["ETag"]


def listed(desk, query="", role="planner"):
    return [f["id"] for f in desk.good("GET", f"/v1/lanes?limit=1000{query}", role=role)["features"] if not f["id"].startswith("demo-")]


# ---- the register ----------------------------------------------------------------------------------------------------

def test_a_lane_is_made_read_replaced_and_deleted_and_publishes_nothing(desk):
    before = desk.database.value("SELECT version FROM rules_state")
    id, answer, tag = made(desk, lane(departs="06:30", loop="return", credentials=["key_goods_pass"], jurisdiction="411300", protected=True))
    assert answer["geometry"]["coordinates"] == [FROM, TO]
    said = answer["properties"]
    assert (said["state"], said["departs"], said["loop"], said["credentials"], said["protected"]) == ("active", "06:30", "return", ["key_goods_pass"], True)
    status, read, headers = desk.call("GET", f"/v1/lanes/{id}")
    assert status == 200 and read == answer and headers["ETag"] == tag and headers["Content-Type"].startswith("application/geo+json")
    assert desk.call("GET", f"/v1/lanes/{id}", headers={"If-None-Match": tag})[0] == 304
    read["properties"]["vehicle"] = {"class": "truck_3_axle"}
    status, again, headers = desk.call("PUT", f"/v1/lanes/{id}", read, headers={"If-Match": tag})  # what was read can be sent back
    assert status == 200 and again["properties"]["vehicle"] == {"class": "truck_3_axle"} and headers["ETag"] != tag
    assert desk.call("PUT", f"/v1/lanes/{id}", read, headers={"If-Match": tag})[0] == 412
    assert desk.call("DELETE", f"/v1/lanes/{id}", headers={"If-Match": tag})[0] == 412
    short = desk.good("PUT", f"/v1/lanes/{id}", lane())["properties"]  # what is left out goes back to its default
    assert (short["departs"], short["loop"], short["credentials"], short["protected"]) == (None, "none", [], False)
    assert desk.call("DELETE", f"/v1/lanes/{id}")[0] == 204
    assert desk.call("GET", f"/v1/lanes/{id}")[0] == 404 and id not in listed(desk)
    assert desk.database.value("SELECT version FROM rules_state") == before
    acts = desk.database.execute("SELECT act FROM audit_log WHERE kind = 'lane' AND object = %s ORDER BY seq", id)
    assert [a for a, in acts] == ["create", "replace", "replace", "delete"]


def test_what_was_is_kept_and_can_be_asked_for_by_the_moment(desk):
    moments = []

    def mark():
        time.sleep(.02)
        moments.append(desk.database.value("SELECT wire_time(clock_timestamp())"))
        time.sleep(.02)

    mark()
    id, *_ = made(desk, lane(name="one"))
    mark()
    desk.good("PUT", f"/v1/lanes/{id}", lane(name="two"))
    mark()
    assert desk.call("DELETE", f"/v1/lanes/{id}")[0] == 204
    mark()
    at = [m.replace("+", "%2B") for m in moments]
    names = [desk.call("GET", f"/v1/lanes/{id}?as_of={m}") for m in at]
    assert [s for s, *_ in names] == [404, 200, 200, 404]
    assert [a["properties"]["name"] for s, a, _ in names if s == 200] == ["one", "two"]
    assert [id in listed(desk, f"&as_of={m}") for m in at] == [False, True, True, False]
    versions = desk.good("GET", f"/v1/lanes/{id}/history")["versions"]
    assert [v["properties"]["name"] for v in versions] == ["two", "one"] and versions[0]["recorded_from"] == versions[1]["recorded_until"]
    future = desk.call("GET", f"/v1/lanes/{id}?as_of=2999-01-01T00:00:00Z")[1]
    assert future["pointer"] == "/as_of" and future["actual"] == "2999-01-01T08:00:00+08:00" and future["limit"] < future["actual"]
    assert desk.call("GET", f"/v1/lanes/{id}?as_of=7")[0] == 400


def test_a_company_sees_and_proposes_its_own_and_nobody_elses_exist_for_it(desk):
    own, answer, tag = made(desk, lane(company="acme"), role="company")
    other, _, _ = made(desk, lane(company="rival"))
    assert answer["properties"]["state"] == "proposed" and answer["properties"]["company"] == "acme"
    assert listed(desk, role="company") == [own] and set(listed(desk)) == {own, other} and listed(desk, "&company=rival") == [other]
    nobody = desk.call("GET", "/v1/lanes/none", role="company")
    for method, body in (("GET", None), ("PUT", lane()), ("DELETE", None)):
        status, problem, _ = desk.call(method, f"/v1/lanes/{other}", body, role="company")
        assert status == 404 and problem["detail"] == nobody[1]["detail"]
    assert desk.call("GET", f"/v1/lanes/{other}/history", role="company")[0] == 404
    for properties, pointer in (({"company": "rival"}, "company"), ({"state": "active"}, "state"), ({"protected": True}, "protected")):
        status, problem, _ = desk.call("POST", "/v1/lanes", lane(**properties), role="company")
        assert status == 403 and problem["pointer"] == f"/properties/{pointer}", problem
    desk.good("PUT", f"/v1/lanes/{own}", lane(state="active"))  # the desk lists it
    assert desk.good("PUT", f"/v1/lanes/{own}", lane(), role="company")["properties"]["state"] == "proposed"  # changed, it is looked at again
    assert desk.call("DELETE", f"/v1/lanes/{own}", role="company")[0] == 204
    for path in ("/v1/lanes", "/v1/lanes/none", "/v1/lanes/none/history"):
        assert desk.call("GET", path, role="viewer")[0] == 403 and desk.call("GET", path, role=None)[0] == 401


def test_a_county_keeps_its_own(desk):
    mine, answer, _ = made(desk, lane(), role="fangcheng")
    assert answer["properties"]["jurisdiction"] == "411322"
    other, *_ = made(desk, lane(jurisdiction="411328"))
    assert listed(desk, role="fangcheng") == [mine] and listed(desk, "&county=411328") == [other]
    assert desk.call("GET", f"/v1/lanes/{other}", role="fangcheng")[0] == 404
    assert desk.call("PUT", f"/v1/lanes/{other}", lane(), role="fangcheng")[0] == 404
    status, problem, _ = desk.call("PUT", f"/v1/lanes/{mine}", lane(jurisdiction="411328"), role="fangcheng")
    assert status == 403 and problem["pointer"] == "/properties/jurisdiction"
    assert desk.good("GET", f"/v1/lanes/{mine}")["properties"]["jurisdiction"] == "411322"


@pytest.mark.parametrize("feature,pointer", [
    (lane(vehicle={"class": "spaceship"}), "/properties/vehicle/class"),
    (lane(vehicle={"class": "truck_6_axle", "height_m": 90}), "/properties/vehicle/height_m"),
    (lane(departs="24:00"), "/properties/departs"), (lane(departs="6:30a"), "/properties/departs"),
    (lane(credentials=["no_such_type"]), "/properties/credentials"), (lane(jurisdiction="999999"), "/properties/jurisdiction"),
    (lane(FROM, FROM), "/geometry"), (lane(company=None), "/properties/company"), (lane(state="open"), "/properties/state"),
    ({**lane(), "geometry": {"type": "Point", "coordinates": FROM}}, "/geometry/type"),
    ({**lane(), "geometry": {"type": "LineString", "coordinates": [FROM, TO, FROM]}}, "/geometry/coordinates"),
    (lane(colour="red"), "/properties/colour")])
def test_what_cannot_be_driven_is_refused_where_it_stands(desk, feature, pointer):
    status, problem, _ = desk.call("POST", "/v1/lanes", feature)
    assert status == 400 and problem["pointer"] == pointer, problem


def test_lists_go_page_by_page_and_by_place_and_another_system_is_understood(desk):
    ids = sorted(made(desk, lane(name=str(i)))[0] for i in range(5))
    far, answer, _ = made(desk, {**lane(), "crs": "EPSG:4508", "geometry": {"type": "LineString", "coordinates": [[620000, 3700000], [630000, 3710000]]}})
    assert 112 < answer["geometry"]["coordinates"][0][0] < 113
    seen, cursor = [], ""
    while cursor is not None:
        page = desk.good("GET", f"/v1/lanes?limit=2&company=acme{cursor and '&cursor=' + cursor}")
        seen += [f["id"] for f in page["features"]]
        cursor = page["next"]
    assert seen == sorted([*ids, far])
    x, y = answer["geometry"]["coordinates"][0]
    assert listed(desk, f"&bbox={x - .001},{y - .001},{x + .001},{y + .001}") == [far]


def test_the_same_key_twice_makes_one_lane_also_at_the_same_time(desk):
    answers = []

    def post():
        answers.append(desk.call("POST", "/v1/lanes", lane(name="once"), headers={"Idempotency-Key": "lane-once"}))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {s for s, *_ in answers} == {201} and len({a["id"] for _, a, _ in answers}) == 1, answers
    assert len(listed(desk)) == 1
    assert desk.call("POST", "/v1/lanes", lane(name="other"), headers={"Idempotency-Key": "lane-once"})[0] == 409
    status, problem, _ = desk.call("POST", "/v1/lanes", {**lane(), "id": listed(desk)[0]})
    assert status == 409 and problem["status"] == 409
    gone = [desk.call("DELETE", f"/v1/lanes/{listed(desk)[0]}", headers={"Idempotency-Key": "gone"})[0]]
    gone.append(desk.call("DELETE", f"/v1/lanes/{answers[0][1]['id']}", headers={"Idempotency-Key": "gone"})[0])
    assert gone == [204, 204]


def test_two_editors_of_one_version_cannot_both_win(desk):
    id, _, tag = made(desk, lane())
    answers = []

    def put(name):
        answers.append((desk.call("PUT", f"/v1/lanes/{id}", lane(name=name), headers={"If-Match": tag})[0], name))

    threads = [threading.Thread(target=put, args=(f"editor {i}",)) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(s for s, _ in answers) == [200] + [412] * 5
    assert desk.good("GET", f"/v1/lanes/{id}")["properties"]["name"] == next(n for s, n in answers if s == 200)


# ---- what changed rules do to them -----------------------------------------------------------------------------------

APPROVAL = {"authority": "南阳市交通运输局", "document_no": "宛交〔2026〕12号"}
SEATS = [[112.43, 33.49], [112.83, 32.69], [112.53, 33.0], [112.09, 32.68], [113.40, 32.37], [111.85, 33.05], [112.93, 33.06]]


def zone(at, half=.02, **properties):
    ring = [[at[0] + x * half, at[1] + y * half] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {"class": "FL-CUT", "name": "漫水", **properties}}


def in_force(desk, answer):
    wait_for(lambda: desk.call("GET", "/readyz", role=None)[1]["rules_version"] >= answer["rules_version"], what="in force")


def publish(desk, feature, **words):
    id = desk.good("POST", "/v1/zones", feature)["id"]
    desk.good("POST", f"/v1/zones/{id}/submit", {})
    in_force(desk, desk.good("POST", f"/v1/zones/{id}/approve", {**APPROVAL, **words}, role="approver"))
    return id


def lift(desk, id):
    in_force(desk, desk.good("POST", f"/v1/zones/{id}/lift", {}, role="approver"))


def impact(desk, changes, role="planner", **more):
    return desk.good("POST", "/v1/impact", {"changes": changes, "facilities": False, **more}, role=role)


def way(desk, feature):
    said = feature["properties"]
    a, b = feature["geometry"]["coordinates"]
    status, answer, _ = desk.call("POST", "/v1/route", {"origin": {"location": a}, "destination": {"location": b}, "vehicle": said["vehicle"],
                                                        "loop": said.get("loop", "none"), "geometry": "geojson", "steps": False}, role=None)
    return answer["plans"][0] if status == 200 else answer["code"]


@pytest.mark.parametrize("half,rules", [(.02, None), (.1, None), (.05, [{"rule": "caution", "slow_factor": 4}]),
                                        (.05, [{"rule": "closed", "subject": {"axles_min": 6}}])], ids=["closed", "large", "slow", "by_axles"])
def test_what_is_predicted_for_each_lane_is_what_happens(desk, half, rules):
    kept = {}
    for i, a in enumerate(SEATS):
        for b in SEATS[i + 1:]:
            feature = lane(a, b, name=f"{a}→{b}", loop="return" if i % 2 else "none", vehicle={"class": "truck_6_axle" if i % 3 else "truck_2_axle"})
            kept[made(desk, feature)[0]] = feature
    before = {id: way(desk, feature) for id, feature in kept.items()}
    middle = next(p for p in before.values() if isinstance(p, dict))["legs"][0]["geometry"]["coordinates"]
    drawn = zone(middle[len(middle) // 2], half, **({"rules": rules} if rules else {}))
    predicted = impact(desk, {"zones": [drawn]})
    hit = {x["id"]: x for x in predicted["lanes_affected"]}
    counts = predicted["lanes"]
    assert hit and counts["looked_at"] == counts["unaffected"] + len(hit) + counts["opened"] and counts["looked_at"] >= len(kept)
    published = publish(desk, drawn)
    seen = set()
    for id, feature in kept.items():
        was, now = before[id], way(desk, feature)
        if isinstance(was, str):
            assert hit[id]["impact"] == "broken" and hit[id]["already"] and hit[id]["why"] is None and isinstance(now, str)
        elif isinstance(now, str):
            assert hit[id]["impact"] == "broken" and not hit[id]["already"] and hit[id]["why"]["zone"] == "what-if-1"
        elif now["duration_s"] - was["duration_s"] >= 60:
            assert hit[id]["impact"] == "detour", hit.get(id)
            assert hit[id]["duration_s"] == pytest.approx(now["duration_s"] - was["duration_s"], abs=.002)
            assert hit[id]["distance_m"] == pytest.approx(now["distance_m"] - was["distance_m"], abs=.002)
        elif now["duration_s"] == was["duration_s"]:
            assert id not in hit
        seen.add(hit[id]["impact"] if id in hit else "unaffected")
    assert "unaffected" in seen and len(seen) > 1
    # and lifting it undoes it: what was broken is opened, what went round is shorter again
    undone = {x["id"]: x for x in impact(desk, {"lift": {"zones": [published]}})["lanes_affected"]}
    for id, x in hit.items():
        if x["impact"] == "broken" and not x["already"]:
            assert undone[id]["impact"] == "opened" and undone[id]["code"] != "ok" and not undone[id]["already"]
        elif x["impact"] == "detour":
            assert undone[id]["impact"] == "detour" and undone[id]["duration_s"] == pytest.approx(-x["duration_s"], abs=.002)
    lift(desk, published)


def test_a_lane_is_judged_when_what_is_new_binds_and_at_its_own_hour(desk):
    always, *_ = made(desk, lane())
    early, *_ = made(desk, lane(departs="05:30"))
    span = {"from": "2031-03-01T12:00:00+08:00", "until": "2031-03-03T12:00:00+08:00"}
    hit = {x["id"]: x for x in impact(desk, {"zones": [zone(TO, **span)]})["lanes_affected"]}
    assert hit[always]["depart_at"] == "2031-03-01T12:00:00+08:00" and hit[always]["impact"] == "broken"
    assert hit[early]["depart_at"] == "2031-03-02T05:30:00+08:00" and hit[early]["impact"] == "broken"
    short = {**span, "until": "2031-03-02T01:00:00+08:00"}
    hit = {x["id"]: x for x in impact(desk, {"zones": [zone(TO, **short)]})["lanes_affected"]}
    assert always in hit and early not in hit


def test_places_are_looked_at_when_what_is_new_binds(desk):
    spot = way(desk, lane(SEATS[0], SEATS[1]))["waypoints"][0]["snapped"]
    desk.database.execute("INSERT INTO facility (id, kind, name, geom, state) VALUES ('mill', 'mill', 'mill', ST_SetSRID(ST_MakePoint(%s, %s), 4490), 'active')", *spot)
    try:
        later = zone(spot, .01, **{"from": "2031-03-01T12:00:00+08:00"})
        answer = impact(desk, {"zones": [later]}, facilities=True)
        assert "cut_off" in next(f for f in answer["facilities"] if f["id"] == "mill")["vehicles"].values()
    finally:
        desk.database.execute("DELETE FROM facility WHERE id = 'mill'")


def test_only_active_lanes_that_the_caller_may_see_are_looked_at(desk):
    mine, *_ = made(desk, lane(jurisdiction="411322"))
    other, *_ = made(desk, lane(company="rival", jurisdiction="411328"))
    made(desk, lane(state="suspended"))
    made(desk, lane(), role="company")  # proposed
    changes = {"zones": [zone(TO)]}
    hit = lambda role: {x["id"] for x in impact(desk, changes, role)["lanes_affected"] if not x["id"].startswith("demo-")}  # noqa: E731
    assert hit("planner") == {mine, other} and hit("company") == {mine} and hit("fangcheng") == {mine} and hit("tanghe") == {other}
    assert impact(desk, changes, "viewer")["lanes"]["looked_at"] == 0
    assert "lanes" not in impact(desk, changes, lanes=False)


def test_credentials_of_a_lane_open_its_gates(desk):
    gate = {"rule": "gated", "exempt": ["key_goods_pass"]}
    with_pass, *_ = made(desk, lane(credentials=["key_goods_pass"]))
    without, *_ = made(desk, lane())
    hit = {x["id"] for x in impact(desk, {"zones": [zone(TO, rules=[gate])]})["lanes_affected"]}
    assert without in hit and with_pass not in hit


def test_a_protected_lane_is_not_broken_unless_with_a_reason(desk):
    id, *_ = made(desk, lane(name="电煤保供线", company="rival", protected=True))
    drawn = desk.good("POST", "/v1/zones", zone(TO))["id"]
    desk.good("POST", f"/v1/zones/{drawn}/submit", {})
    status, problem, _ = desk.call("POST", f"/v1/zones/{drawn}/approve", APPROVAL, role="approver")
    assert status == 409 and problem["pointer"] == "/force_reason" and "电煤保供线" in problem["detail"], problem
    assert desk.good("GET", f"/v1/zones/{drawn}")["life"]["state"] == "submitted"
    in_force(desk, desk.good("POST", f"/v1/zones/{drawn}/approve", {**APPROVAL, "force_reason": "已改由铁路运输"}, role="approver"))
    # what is broken already is no reason against the next
    next_one = publish(desk, zone(TO, .03))
    lift(desk, next_one), lift(desk, drawn)
    far = publish(desk, zone([113.40, 32.37], .005))  # and what does not break it is published
    lift(desk, far)
