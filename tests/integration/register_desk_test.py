"""Registers over HTTP: made, read, listed, replaced and deleted, each change in the router's next answer."""
import json
import threading

import pytest

from desk_fixture import desk  # noqa: F401  fixture

FROM, TO = [112.53, 33.0], [112.09, 32.68]
TRUCK = {"class": "truck_6_axle", "gross_weight_t": 49}


def route(desk, version=None, **more):
    if "as_of" not in more:
        more["min_rules_version"] = version or desk.database.value("SELECT version FROM rules_state")
    question = {"origin": {"location": FROM}, "destination": {"location": TO}, "vehicle": TRUCK, "geometry": "geojson", **more}
    return desk.call("POST", "/v1/route", question, role=None)


def way(desk, version=None, **more):
    status, answer, _ = route(desk, version, **more)
    assert status == 200, answer
    return answer["plans"][0]


def line(plan):
    return json.dumps({"type": "MultiLineString", "coordinates": [leg["geometry"]["coordinates"] for leg in plan["legs"]]})


def same(one, other):
    """Whether two plans drive the same way in the same time; the digest has the moment of departure in it."""
    return (one["distance_m"], one["drive_s"], line(one)) == (other["distance_m"], other["drive_s"], line(other))


def drives_over(desk, plan, road):
    return desk.database.value("SELECT ST_Length(ST_Intersection(r.geom, ST_Buffer(ST_SetSRID(ST_GeomFromGeoJSON(%s), 4490), 0.00001)))"
                               " > 0.9 * ST_Length(r.geom) FROM road r WHERE r.id = %s", line(plan), road)


def structure_on(desk, plan):
    """A road in the middle of the plan that ends neither leg; what is drawn on it can be gone round."""
    found = desk.database.value(
        "SELECT array_agg(r.id ORDER BY r.bridge DESC, r.id) FROM road r, (SELECT ST_SetSRID(ST_GeomFromGeoJSON(%s), 4490) AS g) p WHERE r.geom && p.g"
        " AND ST_CoveredBy(r.geom, ST_Buffer(p.g, 0.00001)) AND NOT ST_DWithin(r.geom, ST_SetSRID(ST_MakePoint(112.53, 33.0), 4490), 0.05)"
        " AND NOT ST_DWithin(r.geom, ST_SetSRID(ST_MakePoint(112.09, 32.68), 4490), 0.05)", line(plan))
    assert found
    return found


def entry(**properties):
    return {"type": "Feature", "properties": properties}


def test_a_bridge_posted_lower_is_gone_round_in_the_next_answer_and_back_when_the_entry_goes(desk):
    before = way(desk)
    road = structure_on(desk, before)[0]
    status, made, headers = desk.call("POST", "/v1/roads", entry(road=road, bridge_limit_t=20, max_height_m=3.5, document_no="宛路〔2026〕3号"))
    assert status == 201 and headers["Location"] == f"/v1/roads/{road}", made
    assert made["properties"]["posted"] and made["properties"]["bridge_limit_t"] == 20 and made["geometry"]["type"] == "LineString"
    after = way(desk, made["rules_version"])
    assert drives_over(desk, before, road) and not drives_over(desk, after, road)
    assert after["duration_s"] > before["duration_s"]
    # a light one passes below it
    light = way(desk, made["rules_version"], vehicle={"class": "light_truck", "gross_weight_t": 4.5, "height_m": 3.0})
    # looser than the source: the register stands in its place
    status, loose, headers = desk.call("PUT", f"/v1/roads/{road}", entry(), headers={"If-Match": headers["ETag"]})
    assert status == 200 and loose["properties"]["bridge_limit_t"] is None
    again = way(desk, loose["rules_version"])
    assert drives_over(desk, again, road) and again["duration_s"] == before["duration_s"]
    assert light["duration_s"] > 0
    gone = desk.good("DELETE", f"/v1/roads/{road}")
    assert same(way(desk, gone["rules_version"]), before)
    assert desk.call("DELETE", f"/v1/roads/{road}")[0] == 404  # the road is there, an entry is not
    assert desk.good("GET", f"/v1/roads/{road}", role=None)["properties"]["posted"] is False
    versions = desk.good("GET", f"/v1/roads/{road}/history", role=None)["versions"]
    assert [v["properties"]["bridge_limit_t"] for v in versions] == [None, 20]
    assert same(way(desk, as_of=made["rules_version"]), after) and same(way(desk, as_of=made["rules_version"] - 1), before)
    assert versions[1]["version_until"] == versions[0]["version_from"] and versions[0]["until"]


def test_the_register_loosens_what_the_source_says_too_tightly(desk):
    before = way(desk)
    road = structure_on(desk, before)[0]
    tight = desk.good("PUT", f"/v1/roads/{road}", entry(max_axles=2))
    assert not drives_over(desk, way(desk, tight["rules_version"]), road)
    # what stands in the way is named with the limit that is in force
    status, refused, _ = route(desk, tight["rules_version"], vehicle=TRUCK)
    assert status == 200
    source = desk.database.value("SELECT min(id) FROM road WHERE max_height_m IS NOT NULL AND bridge_limit_t IS NULL")
    shown = desk.good("GET", f"/v1/roads/{source}", role=None)["properties"]
    assert shown["max_height_m"] == shown["source"]["max_height_m"] is not None
    lifted = desk.good("PUT", f"/v1/roads/{source}", entry(max_height_m=8.5))["properties"]
    assert lifted["max_height_m"] == 8.5 and lifted["source"]["max_height_m"] == shown["max_height_m"]
    desk.good("DELETE", f"/v1/roads/{source}"), desk.good("DELETE", f"/v1/roads/{road}")


def test_a_closed_bridge_is_no_road_and_only_a_bridge_can_be_closed(desk):
    before = way(desk)
    on = structure_on(desk, before)
    bridge = desk.database.value("SELECT min(id) FROM road WHERE bridge AND id = ANY (%s)", on)
    closed = desk.good("POST", "/v1/roads", entry(road=bridge, bridge_state="closed", document_no="d"))
    around = way(desk, closed["rules_version"], vehicle={"class": "light_truck"}), way(desk, closed["rules_version"])
    assert not any(drives_over(desk, plan, bridge) for plan in around)
    assert [f["id"] for f in desk.good("GET", "/v1/roads?state=closed", role=None)["features"]] == [str(bridge)]
    ordinary = desk.database.value("SELECT min(id) FROM road WHERE NOT bridge")
    status, answer, _ = desk.call("PUT", f"/v1/roads/{ordinary}", entry(bridge_state="closed"))
    assert status == 400 and answer["pointer"] == "/properties/bridge_state", answer
    opened = desk.good("DELETE", f"/v1/roads/{bridge}")
    assert not drives_over(desk, way(desk, as_of=closed["rules_version"]), bridge)
    assert drives_over(desk, way(desk, opened["rules_version"]), bridge)


def test_a_holiday_changes_what_a_rule_for_working_days_does(desk):
    before = way(desk, depart_at="2026-12-02T10:00:00+08:00")  # a Wednesday
    lon, lat = before["legs"][0]["geometry"]["coordinates"][len(before["legs"][0]["geometry"]["coordinates"]) // 2]
    square = [[lon - .01, lat - .01], [lon + .01, lat - .01], [lon + .01, lat + .01], [lon - .01, lat + .01], [lon - .01, lat - .01]]
    zone = desk.good("POST", "/v1/zones", {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [square]}, "properties": {
        "class": "SEC", "name": "工作日管制", "rules": [{"rule": "closed", "windows": [{"day_kinds": ["workday"]}]}]}})["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit")
    version = desk.good("POST", f"/v1/zones/{zone}/approve", {"authority": "a", "document_no": "d"}, role="approver")["rules_version"]
    assert way(desk, version, depart_at="2026-12-02T10:00:00+08:00")["duration_s"] > before["duration_s"]
    day = desk.good("POST", "/v1/calendar", {"day": "2026-12-02", "kind": "holiday"}, role="admin")
    assert day["id"] == "2026-12-02" and day["kind"] == "holiday"
    assert same(way(desk, day["rules_version"], depart_at="2026-12-02T10:00:00+08:00"), before)
    makeup = desk.good("PUT", "/v1/calendar/2026-12-02", {"kind": "workday"}, role="admin")
    assert way(desk, makeup["rules_version"], depart_at="2026-12-02T10:00:00+08:00")["duration_s"] > before["duration_s"]
    assert "2026-12-02" in [d["day"] for d in desk.good("GET", "/v1/calendar?kind=workday&limit=1000", role=None)["items"]]
    desk.good("DELETE", "/v1/calendar/2026-12-02", role="admin")
    for body, pointer in (({"day": "2026-02-30", "kind": "holiday"}, "/day"), ({"day": "2026-12-02", "kind": "feast"}, "/kind"),
                          ({"kind": "holiday"}, "/day"), ({"day": "2026-12-02", "kind": "holiday", "why": 1}, "/why")):
        status, answer, _ = desk.call("POST", "/v1/calendar", body, role="admin")
        assert status == 400 and answer["pointer"] == pointer, answer
    status, answer, _ = desk.call("PUT", "/v1/calendar/2026-12-03", {"day": "2026-12-04", "kind": "holiday"}, role="admin")
    assert status == 400 and answer["pointer"] == "/day"
    desk.good("POST", f"/v1/zones/{zone}/lift", role="approver")


def test_a_class_that_is_switched_off_stops_binding_and_one_in_use_stays(desk):
    before = way(desk)
    made = desk.good("POST", "/v1/zone-classes", {"code": "TEST-CL", "name_zh": "试验", "name_en": "trial", "hazard": "other", "ceiling": "deny",
                                                  "default_rules": [{"rule": "closed"}]}, role="admin")
    assert made["enabled"] is True and made["approval_level"] == "county"
    rule = desk.good("POST", "/v1/authority-rules", {"kind": "zone", "what": "TEST-CL", "level": "prefecture"}, role="admin")
    assert rule["id"] == "zone:TEST-CL"
    assert desk.good("GET", "/v1/zone-classes/TEST-CL", role=None)["approval_level"] == "prefecture"
    lon, lat = before["legs"][0]["geometry"]["coordinates"][len(before["legs"][0]["geometry"]["coordinates"]) // 2]
    square = [[lon - .01, lat - .01], [lon + .01, lat - .01], [lon + .01, lat + .01], [lon - .01, lat + .01], [lon - .01, lat - .01]]
    zone = desk.good("POST", "/v1/zones", {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [square]},
                                           "properties": {"class": "TEST-CL", "name": "z", "jurisdiction": "411322"}})["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit")
    status, answer, _ = desk.call("POST", f"/v1/zones/{zone}/approve", {"authority": "a", "document_no": "d"}, role="fangcheng_approver")
    assert status == 403 and "prefecture" in answer["detail"], answer
    version = desk.good("POST", f"/v1/zones/{zone}/approve", {"authority": "a", "document_no": "d"}, role="approver")["rules_version"]
    assert way(desk, version)["duration_s"] > before["duration_s"]
    status, answer, _ = desk.call("DELETE", "/v1/zone-classes/TEST-CL", role="admin", language="zh-CN")
    assert status == 409 and "区域“z”" in answer["detail"], answer
    current = desk.good("GET", "/v1/zone-classes/TEST-CL", role=None)
    milder = desk.call("PUT", "/v1/zone-classes/TEST-CL", {**current, "ceiling": "inform"}, role="admin")
    assert milder[0] == 400 and milder[1]["pointer"] == "/default_rules", milder[1]
    off = desk.good("PUT", "/v1/zone-classes/TEST-CL", {**current, "enabled": False}, role="admin")  # what was read, sent back
    assert same(way(desk, off["rules_version"]), before)
    assert "TEST-CL" in [k["code"] for k in desk.good("GET", "/v1/zone-classes?state=disabled&limit=100", role=None)["items"]]
    desk.good("POST", f"/v1/zones/{zone}/lift", role="approver")
    status, answer, _ = desk.call("DELETE", "/v1/authority-rules/zone:*", role="admin")
    assert status == 400 and "fall back" in answer["detail"]
    desk.good("DELETE", "/v1/authority-rules/zone:TEST-CL", role="admin")


def test_the_age_of_a_credential_type_counts_at_the_gate_and_a_used_one_stays(desk):
    made = desk.good("POST", "/v1/credential-types", {"code": "seal", "name_zh": "铅封", "name_en": "seal", "default_max_age_s": 3600}, role="admin")
    assert made["default_max_age_s"] == 3600
    zone = desk.good("POST", "/v1/zones", {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [
        [[112.90, 33.03], [112.96, 33.03], [112.96, 33.09], [112.90, 33.09], [112.90, 33.03]]]},
        "properties": {"class": "SEC", "name": "须凭铅封", "rules": [{"rule": "closed", "exempt": ["seal"]}]}})["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit")
    version = desk.good("POST", f"/v1/zones/{zone}/approve", {"authority": "a", "document_no": "d"}, role="approver")["rules_version"]
    question = {"destination": {"location": [112.93, 33.06]}, "max_snap_m": 5000, "depart_at": "2026-12-02T10:00:00+08:00",
                "credentials": [{"type": "seal", "issued_at": "2026-12-01T10:00:00+08:00"}]}
    assert route(desk, version, **question)[0] == 422
    longer = desk.good("PUT", "/v1/credential-types/seal", {"name_zh": "铅封", "name_en": "seal", "default_max_age_s": 172800}, role="admin")
    assert route(desk, longer["rules_version"], **question)[0] == 200
    status, answer, _ = desk.call("DELETE", "/v1/credential-types/seal", role="admin")
    assert status == 409 and "须凭铅封" in answer["detail"], answer
    desk.good("POST", f"/v1/zones/{zone}/lift", role="approver")
    desk.good("DELETE", "/v1/credential-types/seal", role="admin")
    assert desk.call("GET", "/v1/credential-types/seal", role=None)[0] == 404
    versions = desk.good("GET", "/v1/credential-types/seal/history", role=None)["versions"]
    assert [v["properties"]["default_max_age_s"] for v in versions] == [172800, 3600]


def test_a_facility_is_used_by_the_next_journey_and_its_county_keeps_it(desk):
    rest = {"type": "Feature", "crs": "EPSG:4490", "geometry": {"type": "Point", "coordinates": [112.30, 32.85]},
            "properties": {"kind": "rest_area", "name": "试验休息区", "state": "active", "tags": {"beds": 4}, "protected": True}}
    status, made, headers = desk.call("POST", "/v1/facilities", rest, role="fangcheng")
    assert status == 201 and made["properties"]["jurisdiction"] == "411322", made
    where, tag = f"/v1/facilities/{made['id']}", headers["ETag"]
    assert made["properties"]["protected"] is True and made["properties"]["tags"] == {"beds": 4}
    # another county's is not there, and nobody makes one elsewhere
    for method, body in (("PUT", rest), ("DELETE", None)):
        assert desk.call(method, where, body, role="tanghe")[0] == 404
    elsewhere = {**rest, "properties": {**rest["properties"], "jurisdiction": "411328"}}
    status, answer, _ = desk.call("POST", "/v1/facilities", elsewhere, role="fangcheng")
    assert status == 403 and answer["pointer"] == "/properties/jurisdiction"
    # the same place in web Mercator
    mercator = {**rest, "crs": "EPSG:3857", "geometry": {"type": "Point", "coordinates": [12501178.8, 3874441.2]}}
    changed = desk.good("PUT", where, mercator, role="fangcheng", headers={"If-Match": tag})
    assert abs(changed["geometry"]["coordinates"][0] - 112.30) < 0.01 and abs(changed["geometry"]["coordinates"][1] - 32.85) < 0.2
    stale = desk.call("PUT", where, rest, role="fangcheng", headers={"If-Match": tag})
    assert stale[0] == 412
    assert desk.database.value("SELECT count(*) FROM binding_facility WHERE id = %s", made["id"]) == 1
    back = desk.good("PUT", where, {**rest, "properties": {**rest["properties"], "state": "closed"}}, role="fangcheng")
    assert desk.database.value("SELECT count(*) FROM binding_facility WHERE id = %s", made["id"]) == 0
    page = desk.good("GET", "/v1/facilities?county=411322&kind=rest_area&state=closed", role=None)
    assert [f["id"] for f in page["features"]] == [made["id"]] and page["rules_version"] == back["rules_version"]
    assert desk.good("DELETE", where, role="fangcheng")["rules_version"] > back["rules_version"]
    versions = desk.good("GET", f"{where}/history", role=None)["versions"]
    assert [v["properties"]["state"] for v in versions] == ["closed", "active", "active"] and versions[0]["until"]


def test_a_road_of_another_county_is_not_there(desk):
    road = desk.database.value("SELECT min(id) FROM road WHERE road_jurisdiction(geom) = '411322'")
    assert desk.call("PUT", f"/v1/roads/{road}", entry(max_height_m=4), role="tanghe")[0] == 404
    assert desk.call("POST", "/v1/roads", entry(road=road, max_height_m=4), role="tanghe")[0] == 404
    assert desk.call("POST", "/v1/roads", entry(road=1 << 50, max_height_m=4))[0] == 404
    assert desk.good("PUT", f"/v1/roads/{road}", entry(max_height_m=4), role="fangcheng")["properties"]["jurisdiction"] == "411322"
    assert desk.call("POST", "/v1/roads", entry(road=road, max_height_m=4), role="fangcheng")[0] == 409
    assert desk.call("GET", "/v1/roads?county=411322&posted=true", role=None)[1]["features"][0]["id"] == str(road)
    assert desk.good("GET", "/v1/roads?county=411328&posted=true", role=None)["features"] == []
    desk.good("DELETE", f"/v1/roads/{road}", role="fangcheng")
    status, answer, _ = desk.call("PUT", f"/v1/roads/{road}", entry(max_height_m=0.2))
    assert status == 400 and answer["pointer"] == "/properties/max_height_m" and answer["limit"] == 0.5 and answer["actual"] == 0.2, answer


def test_territory_has_shape_parents_and_no_circles(desk):
    area = {"type": "Polygon", "coordinates": [[[112.9, 33.2], [113.0, 33.2], [113.0, 33.3], [112.9, 33.3], [112.9, 33.2]]]}
    made = desk.good("POST", "/v1/jurisdictions", {"type": "Feature", "geometry": area, "properties": {
        "code": "411322-GQ", "name_zh": "试验园区", "level": "unit", "parent": "411322", "seat": [112.95, 33.25]}}, role="admin")
    assert made["geometry"]["type"] == "MultiPolygon" and made["properties"]["seat"] == [112.95, 33.25]
    assert "411322-GQ" in [j["id"] for j in desk.good("GET", "/v1/jurisdictions?bbox=112.9,33.2,113,33.3&level=unit", role=None)["features"]]
    assert "411322-GQ" in [j["code"] for j in desk.good("GET", "/v1/jurisdictions", role=None)["items"]]
    crossed = {"type": "Polygon", "coordinates": [[[112.9, 33.2], [113.0, 33.3], [113.0, 33.2], [112.9, 33.3], [112.9, 33.2]]]}
    assert desk.call("PUT", "/v1/jurisdictions/411322-GQ", {**made, "geometry": crossed}, role="admin")[0] == 400
    status, answer, _ = desk.call("PUT", "/v1/jurisdictions/411322", {"type": "Feature", "geometry": None, "properties": {
        "name_zh": "方城县", "level": "county", "parent": "411322-GQ"}}, role="admin")
    assert status == 400 and answer["pointer"] == "/properties/parent", answer
    assert desk.call("DELETE", "/v1/jurisdictions/411322", role="admin")[0] == 409
    desk.good("DELETE", "/v1/jurisdictions/411322-GQ", role="admin")


def test_a_repeated_request_is_answered_by_the_first_one_and_noted_once(desk):
    body = {"code": "twice", "name_zh": "两次", "name_en": "twice"}
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(
        desk.call("POST", "/v1/credential-types", body, role="admin", headers={"Idempotency-Key": "k-1"}))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [a[0] for a in answers] == [201] * 4 and len({json.dumps(a[1]) for a in answers}) == 1
    assert desk.call("POST", "/v1/credential-types", {**body, "code": "thrice"}, role="admin", headers={"Idempotency-Key": "k-1"})[0] == 409
    assert desk.call("POST", "/v1/credential-types", body, role="admin")[0] == 409
    noted = [r for r in desk.good("GET", "/v1/audit?kind=credential_type&object=twice", role="admin")["rows"]]
    assert len(noted) == 1 and noted[0]["act"] == "create" and noted[0]["holder"] == "admin" and noted[0]["rules_version"] == answers[0][1]["rules_version"]
    assert desk.good("GET", "/v1/audit/verify", role="admin")["intact"]
    desk.good("DELETE", "/v1/credential-types/twice", role="admin")


def test_two_editors_of_one_entry_cannot_both_win(desk):
    road = desk.database.value("SELECT min(id) FROM road WHERE bridge")
    tag = desk.call("GET", f"/v1/roads/{road}", role=None)[2]["ETag"]
    results = []
    threads = [threading.Thread(target=lambda h=h: results.append(
        desk.call("PUT", f"/v1/roads/{road}", entry(max_height_m=h), headers={"If-Match": tag})[0])) for h in (4.0, 4.5)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(results) == [200, 412]
    desk.good("DELETE", f"/v1/roads/{road}")


def test_the_tariff_decides_the_toll_and_the_cheapest_way(desk):
    """Tolls of the next answer, the way that costs least, what was answered before, paper and event follow a change of a rate."""
    rates = desk.good("GET", "/v1/toll-rates?road_class=*", role=None)["items"]
    assert [(r["vehicle_class"], r["cny_per_km"]) for r in rates] == [(1, .45), (2, .95), (3, 1.52), (4, 1.82), (5, 1.96), (6, 2.25)]

    def cheapest(version=None, **more):
        return way(desk, version, prefer="cost", **more)

    by_time = way(desk)
    assert by_time["toll_cny"] > 0
    # a rate for motorways alone, of one class of vehicles: twice the rate is twice the toll of the same way
    made = desk.good("POST", "/v1/toll-rates", {"vehicle_class": 6, "road_class": "motorway", "cny_per_km": 4.5, "document_no": "豫交文〔2026〕18号"},
                     role="admin")
    assert made["id"] == "6:motorway"
    doubled = way(desk, made["rules_version"])
    assert same(by_time, doubled) and by_time["toll_cny"] < doubled["toll_cny"] <= round(2 * by_time["toll_cny"], 2) + .01
    light = {"class": "light_truck"}
    assert way(desk, made["rules_version"], vehicle=light)["toll_cny"] == way(desk, as_of=made["rules_version"] - 1, vehicle=light)["toll_cny"] > 0
    assert way(desk, as_of=made["rules_version"] - 1)["toll_cny"] == by_time["toll_cny"]
    gone = desk.good("DELETE", "/v1/toll-rates/6:motorway", role="admin")
    assert way(desk, gone["rules_version"])["toll_cny"] == by_time["toll_cny"]
    # free of toll the toll road is worth taking, at twenty yuan it is not
    free = desk.good("PUT", "/v1/toll-rates/6:*", {"cny_per_km": 0}, role="admin")
    on_toll = cheapest(free["rules_version"])
    dear = desk.good("PUT", "/v1/toll-rates/6:*", {"cny_per_km": 20}, role="admin")
    off_toll = cheapest(dear["rules_version"])
    assert on_toll["toll_cny"] == 0 and not same(on_toll, off_toll)
    assert same(cheapest(as_of=free["rules_version"]), on_toll) and same(cheapest(as_of=dear["rules_version"]), off_toll)
    assert off_toll["toll_cny"] == cheapest(dear["rules_version"], avoid={"tolls": True})["toll_cny"] == 0
    assert cheapest(dear["rules_version"], vehicle=light)["toll_cny"] == cheapest(as_of=free["rules_version"], vehicle=light)["toll_cny"]
    # whoever listens hears of it
    assert desk.database.value("SELECT string_agg(kind || ' ' || id || ' ' || act, ';') FROM rules_changes(%s)", dear["rules_version"]) == "toll_rate 6:* replace"
    back = desk.good("PUT", "/v1/toll-rates/6:*", {"cny_per_km": 2.25}, role="admin")
    assert way(desk, back["rules_version"])["toll_cny"] == by_time["toll_cny"]
    versions = desk.good("GET", "/v1/toll-rates/6:*/history", role=None)["versions"]
    assert [v["properties"]["cny_per_km"] for v in versions] == [2.25, 20, 0, 2.25]


def test_a_toll_rate_says_what_it_does_not_take(desk):
    status, answer, _ = desk.call("DELETE", "/v1/toll-rates/3:*", role="admin")
    assert status in (400, 409) and "3:*" in answer["detail"], answer
    assert "三" not in answer["detail"] and "通行费标准" in desk.call("DELETE", "/v1/toll-rates/3:*", role="admin", language="zh-CN")[1]["detail"]
    for body, pointer in (({"vehicle_class": 7, "road_class": "trunk", "cny_per_km": 1}, "/vehicle_class"),
                          ({"vehicle_class": 1, "road_class": "path", "cny_per_km": 1}, "/road_class"),
                          ({"vehicle_class": 1, "road_class": "trunk", "cny_per_km": 20.5}, "/cny_per_km"),
                          ({"vehicle_class": 1, "road_class": "trunk", "cny_per_km": 0.12345}, "/cny_per_km"),
                          ({"vehicle_class": 1, "road_class": "trunk"}, "/cny_per_km"), ({"road_class": "trunk", "cny_per_km": 1}, "/vehicle_class")):
        status, answer, _ = desk.call("POST", "/v1/toll-rates", body, role="admin")
        assert status == 400 and answer["pointer"] == pointer, (body, answer)
    assert desk.call("POST", "/v1/toll-rates", {"vehicle_class": 1, "road_class": "trunk", "cny_per_km": 1}, role="planner")[0] == 403
    assert desk.call("POST", "/v1/toll-rates", {"vehicle_class": 1, "road_class": "*", "cny_per_km": 1}, role="admin")[0] == 409


@pytest.mark.parametrize("path", ["/v1/roads", "/v1/jurisdictions", "/v1/zone-classes", "/v1/credential-types", "/v1/authority-rules", "/v1/toll-rates"])
def test_a_list_is_whole_and_in_order_however_it_is_cut(desk, path):
    def ids(limit):
        found, cursor = [], ""
        for _ in range(60):
            page = desk.good("GET", f"{path}?limit={limit}{cursor}", role=None)
            found += [e["id"] for e in page.get("features", page.get("items"))]
            if page["next"] is None or len(found) >= 40:
                break
            cursor = f"&cursor={page['next']}"
        return found[:40]
    assert ids(7) == ids(1000)[:40] and len(set(ids(7))) == len(ids(7)) > 5


def test_an_entry_that_was_deleted_with_its_road_is_left_out_of_the_router_and_comes_back(desk):
    """What the register says of a road that the network does not have must not stop a publication."""
    road = structure_on(desk, way(desk))[0]
    desk.database.execute("ALTER TABLE road_limit DISABLE TRIGGER guard")
    desk.database.execute("INSERT INTO road_limit (road, max_axles) VALUES (%s, 2)", 1 << 40)
    desk.database.execute("ALTER TABLE road_limit ENABLE TRIGGER guard")
    posted = desk.good("PUT", f"/v1/roads/{road}", entry(max_axles=2))
    assert not drives_over(desk, way(desk, posted["rules_version"]), road)
    desk.database.execute("DELETE FROM road_limit")


def test_lines_come_back_the_way_they_were_drawn(desk):
    """Which carriageway a closure is for goes by its line and `heading`, so what was read can be put back."""
    road, drawn = desk.database.value("SELECT json_build_array(id, ST_AsGeoJSON(geom, 7, 0)::json) FROM road WHERE ST_NPoints(geom::geometry) > 2 AND forward"
                                    " AND backward ORDER BY id LIMIT 1")
    assert desk.good("GET", f"/v1/roads/{road}", role=None)["geometry"] == drawn
    body = {"type": "Feature", "geometry": drawn, "properties": {"name": "半幅", "action": "closed", "object": "segment", "heading": "forward"}}
    status, made, headers = desk.call("POST", "/v1/closures", body)
    assert status == 201, made
    line = made["geometry"]["coordinates"]
    assert (line[0] if made["geometry"]["type"] == "MultiLineString" else line) == drawn["coordinates"]
    read, tag = desk.good("GET", f"/v1/closures/{made['id']}"), headers["ETag"]
    assert read["geometry"] == made["geometry"]
    again = {"type": "Feature", "geometry": read["geometry"], "properties": body["properties"]}
    status, put, _ = desk.call("PUT", f"/v1/closures/{made['id']}", again, headers={"If-Match": tag})
    assert status == 200 and put["geometry"] == made["geometry"], put
    desk.good("DELETE", f"/v1/closures/{made['id']}")
