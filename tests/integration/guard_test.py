"""No publication cuts a protected place off unasked, whatever publishes: zones, closures, notices, uploads, a county's switch."""
import datetime
import json

import pytest

from county_test import ORDER
from desk_fixture import desk  # noqa: F401  fixture
from zone_import_test import collection, send

APPROVAL = {"authority": "南阳市交通运输局", "document_no": "宛交〔2026〕12号"}
FORCED = {**APPROVAL, "force_reason": "已安排直升机转运"}
HALF = .01


@pytest.fixture
def clinic(desk):
    """A hospital on a road; and what lies around it."""
    spot = desk.good("POST", "/v1/route", {"origin": {"location": [112.43, 33.49]}, "destination": {"location": [112.83, 32.69]},
                                           "min_rules_version": desk.database.value("SELECT version FROM rules_state")})["plans"][0]["waypoints"][0]["snapped"]
    desk.database.execute("INSERT INTO facility (id, kind, name, geom, state) VALUES ('clinic', 'hospital', '县医院', ST_SetSRID(ST_MakePoint(%s, %s), 4490), 'active')", *spot)
    yield spot
    for kind in ("zone", "closure"):
        for (made,) in desk.database.execute(f"SELECT id FROM {kind} WHERE state = 'approved' AND id NOT LIKE 'demo-%%'"):
            desk.good("POST", f"/v1/{kind}s/{made}/lift", {}, role="approver")
    desk.database.execute("DELETE FROM facility WHERE id = 'clinic'")


def ring(spot):
    (x, y), h = spot, HALF
    return [[x - h, y - h], [x + h, y - h], [x + h, y + h], [x - h, y + h], [x - h, y - h]]


def zone(spot, **more):
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring(spot)]}, "properties": {"class": "FL-CUT", "name": "漫水", **more}}


def roads_around(desk, spot):
    return desk.database.value("SELECT array_agg(id ORDER BY id) FROM road WHERE ST_Intersects(geom, ST_MakeEnvelope(%s, %s, %s, %s, 4490))",
                               spot[0] - HALF, spot[1] - HALF, spot[0] + HALF, spot[1] + HALF)


def closure(desk, spot, **more):
    return {"type": "Feature", "properties": {"name": "断路", "action": "closed", "object": "segment", "road_ids": roads_around(desk, spot), **more}}


def refused(desk, path, words, role="approver"):
    status, problem, _ = desk.call("POST", path, words, role=role)
    assert status == 409 and problem["pointer"] == "/force_reason" and "县医院" in problem["detail"], problem
    return problem


def test_a_closure_that_cuts_it_off_takes_a_reason(desk, clinic):
    made = desk.good("POST", "/v1/closures", closure(desk, clinic))["id"]
    desk.good("POST", f"/v1/closures/{made}/submit")
    before = desk.database.value("SELECT seq FROM audit_head")
    refused(desk, f"/v1/closures/{made}/approve", APPROVAL)
    assert desk.database.value("SELECT seq FROM audit_head") == before  # what was tried has left nothing
    assert desk.good("GET", f"/v1/closures/{made}")["life"]["state"] == "submitted"
    desk.good("POST", f"/v1/closures/{made}/approve", FORCED, role="approver")
    assert desk.database.value("SELECT detail ->> 'force_reason' FROM audit_log WHERE kind = 'rule_act' AND detail ->> 'object' = %s", made) == FORCED["force_reason"]


def test_a_closure_that_begins_later_is_judged_for_then(desk, clinic):
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
    made = desk.good("POST", "/v1/closures", closure(desk, clinic, **{"from": start.isoformat(timespec="seconds")}))["id"]
    desk.good("POST", f"/v1/closures/{made}/submit")
    refused(desk, f"/v1/closures/{made}/approve", APPROVAL)


def test_a_closure_elsewhere_needs_none_and_a_fact_is_taken_at_once(desk, clinic):
    far = desk.database.value("SELECT min(id) FROM road WHERE class = 'primary' AND NOT ST_DWithin(geom, ST_SetSRID(ST_MakePoint(%s, %s), 4490), 0.3)", *clinic)
    made = desk.good("POST", "/v1/closures", {**closure(desk, clinic), "properties": {
        "name": "别处", "action": "closed", "object": "segment", "road_ids": [far]}})["id"]
    desk.good("POST", f"/v1/closures/{made}/submit")
    desk.good("POST", f"/v1/closures/{made}/approve", APPROVAL, role="approver")
    washed = desk.call("POST", "/v1/closures", closure(desk, clinic, physical=True))
    assert washed[0] == 201  # the road is gone whoever is cut off
    desk.good("POST", f"/v1/closures/{washed[1]['id']}/lift", {}, role="approver")


def test_all_closures_of_a_notice_are_judged_together(desk, clinic):
    around = roads_around(desk, clinic)
    notice = desk.good("POST", "/v1/notices", {"text": "因降雪，禁止所有车辆上站的路段有：\n沪陕高速：内乡站；\n兰南高速：方城站；"}, role="officer")
    drafts = [c["closure"]["id"] for c in notice["closures"]]
    assert len(drafts) == 2
    for draft, half in zip(drafts, (around[::2], around[1::2])):  # a person corrects what was understood
        desk.good("PUT", f"/v1/closures/{draft}", {"type": "Feature", "properties": {
            "name": "一半", "action": "closed", "object": "segment", "road_ids": half}}, role="officer")
    where = f"/v1/notices/{notice['id']}"
    desk.good("POST", where + "/submit", role="officer")
    refused(desk, where + "/approve", APPROVAL)
    assert {desk.good("GET", f"/v1/closures/{d}")["life"]["state"] for d in drafts} == {"submitted"}
    desk.good("POST", where + "/approve", FORCED, role="approver")
    assert desk.database.value("SELECT count(*) FROM rule_act WHERE object = ANY (%s) AND force_reason IS NOT NULL", drafts) == 2


def test_zones_from_a_file_are_drafts_until_each_is_approved(desk, clinic):
    status, answer = send(desk, json.dumps(collection(zone(clinic), zone([112.2, 32.8]))).encode(), "application/geo+json")
    assert status == 201 and len(answer["zones"]) == 2, answer
    for made in answer["zones"]:
        desk.good("POST", f"/v1/zones/{made}/submit")
    refused(desk, f"/v1/zones/{answer['zones'][0]}/approve", APPROVAL)
    desk.good("POST", f"/v1/zones/{answer['zones'][0]}/approve", FORCED, role="approver")


def test_a_county_is_not_switched_on_over_its_hospital(desk, clinic):
    county = desk.database.value("SELECT code FROM jurisdiction WHERE level = 'county' AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(%s, %s), 4490))", *clinic)
    made = desk.good("POST", "/v1/zones", zone(clinic, jurisdiction=county))["id"]
    desk.good("POST", f"/v1/zones/{made}/submit")
    plan = "/v1/county-plans/" + desk.good("POST", "/v1/county-plans", {"name": "方案", "jurisdiction": county, "members": [{"kind": "zone", "id": made}]})["id"]
    desk.good("POST", plan + "/submit")
    desk.good("POST", plan + "/approve", APPROVAL, role="approver")
    refused(desk, plan + "/activate", ORDER)
    later = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).isoformat(timespec="seconds")
    refused(desk, plan + "/activate", {**ORDER, "start_at": later})
    desk.good("POST", plan + "/drill", {})  # publishes nothing, so it takes no reason
    assert desk.good("GET", plan)["state"] == "prepared"
    assert desk.good("POST", plan + "/activate", {**ORDER, "force_reason": "转运已就绪"}, role="approver")["state"] == "active"
    assert desk.database.value("SELECT force_reason FROM county_switch WHERE act = 'activate'") == "转运已就绪"
    desk.good("POST", plan + "/stand-down", ORDER, role="approver")


def test_the_only_gate_to_it_is_not_taken_away(desk, clinic):
    clinic = desk.database.execute(  # away from the seats, where supplies come from
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT id, ST_LineInterpolatePoint(geom, 0.5) AS p FROM road WHERE class = 'primary' AND forward AND backward) q"
        " WHERE NOT EXISTS (SELECT FROM jurisdiction j WHERE ST_DWithin(j.seat, p, 0.1)) ORDER BY id LIMIT 1")[0]
    desk.database.execute("UPDATE facility SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 4490) WHERE id = 'clinic'", *clinic)
    area = {"class": "SEC", "rules": [{"rule": "gated"}]}
    made = desk.good("POST", "/v1/zones", zone(clinic, **area))["id"]
    lon, lat, ref = desk.database.execute(
        "SELECT ST_X(p), ST_Y(p), ref FROM (SELECT (ST_Dump(ST_Intersection(r.geom, ST_ExteriorRing(ST_MakeEnvelope(%s, %s, %s, %s, 4490))))).geom AS p,"
        " COALESCE(r.ref, r.name) AS ref, r.class FROM road r WHERE r.class IN ('primary', 'secondary', 'tertiary') AND r.forward AND r.backward) q"
        " WHERE ST_GeometryType(p) = 'ST_Point' ORDER BY class, 1, 2 LIMIT 1", clinic[0] - HALF, clinic[1] - HALF, clinic[0] + HALF, clinic[1] + HALF)[0]
    gate = desk.good("POST", "/v1/checkpoints", {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": {
        "name": "唯一卡点", "road": ref, "gates": [{"zone": made}]}})["id"]
    for kind, each in (("checkpoints", gate), ("zones", made)):
        desk.good("POST", f"/v1/{kind}/{each}/submit")
        desk.good("POST", f"/v1/{kind}/{each}/approve", APPROVAL, role="approver")
    refused(desk, f"/v1/checkpoints/{gate}/lift", {})
    desk.good("POST", f"/v1/checkpoints/{gate}/lift", {"force_reason": "另有通道"}, role="approver")
