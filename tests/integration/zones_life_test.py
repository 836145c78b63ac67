"""The life of zones, checkpoints and closures over HTTP: drawn by one, approved by another, in force at once."""
import copy
import threading

import pytest

from desk_fixture import desk, wait_for  # noqa: F401  fixture

# a square around the seat of Sheqi, and one far from everything
SHEQI = [[112.90, 33.03], [112.96, 33.03], [112.96, 33.09], [112.90, 33.09], [112.90, 33.03]]
ELSEWHERE = [[111.20, 33.90], [111.21, 33.90], [111.21, 33.91], [111.20, 33.91], [111.20, 33.90]]
APPROVAL = {"authority": "南阳市指挥部", "document_no": "宛指〔2026〕1号", "opinion": "同意"}


def feature(ring=None, **properties):
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [copy.deepcopy(ring or SHEQI)]},
            "properties": {"class": "SEC", "name": "测试区", "rules": [{"rule": "closed"}], **properties}}


def draw(desk, body=None, role="planner"):
    return desk.good("POST", "/v1/zones", body or feature(), role=role)["id"]


def submitted(desk, body=None, role="planner"):
    zone = draw(desk, body, role)
    desk.good("POST", f"/v1/zones/{zone}/submit", role=role)
    return zone


def route_to_sheqi(desk, version):
    return desk.call("POST", "/v1/route", {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.93, 33.06]},
                                           "vehicle": {"class": "truck_2_axle"}, "min_rules_version": version, "geometry": "none"})


def test_a_zone_from_the_drawing_to_its_lifting(desk):
    before = desk.good("GET", "/v1/network")["rules_version"]
    assert route_to_sheqi(desk, before)[0] == 200

    status, zone, headers = desk.call("POST", "/v1/zones", feature(severity=2, note="n"))
    assert status == 201 and headers["Location"] == f"/v1/zones/{zone['id']}"
    assert zone["life"]["state"] == "draft" and zone["rules_version"] > before
    assert zone["geometry"] == {"type": "MultiPolygon", "coordinates": [[SHEQI]]}
    assert zone["properties"]["severity"] == 2
    path = headers["Location"]
    assert route_to_sheqi(desk, zone["rules_version"])[0] == 200  # a draft changes no route

    assert desk.call("POST", path + "/approve", APPROVAL, role="approver")[0] == 409  # not submitted yet
    desk.good("POST", path + "/submit", {"opinion": "请审"})
    assert desk.call("POST", path + "/submit")[0] == 409
    approved = desk.good("POST", path + "/approve", APPROVAL, role="approver")
    assert approved["life"]["state"] == "approved" and approved["life"]["document_no"] == APPROVAL["document_no"]
    assert [(a["act"], a["role"]) for a in approved["life"]["acts"]] == [("create", "planner"), ("submit", "planner"), ("approve", "approver")]
    assert approved["life"]["acts"][2]["opinion"] == "同意"

    # the commit is seen by who asks for its version
    status, answer, _ = route_to_sheqi(desk, approved["rules_version"])
    assert (status, answer["code"]) == (422, "destination_in_closed_zone")

    assert desk.call("PUT", path, feature(name="x"))[0] == 409
    assert desk.call("DELETE", path)[0] == 409
    lifted = desk.good("POST", path + "/lift", {"opinion": "解除"}, role="approver")
    assert lifted["life"]["state"] == "lifted"
    assert route_to_sheqi(desk, lifted["rules_version"])[0] == 200

    # nothing was overwritten
    versions = desk.good("GET", path + "/history")["versions"]
    assert [v["state"] for v in versions] == ["lifted", "approved", "submitted", "draft"]
    assert versions[0]["version_until"] is None
    assert [v["version_until"] for v in versions[1:]] == [v["version_from"] for v in versions[:-1]]


def test_nobody_approves_what_they_drew(desk):
    zone = submitted(desk, feature(ELSEWHERE), role="admin")
    status, answer, _ = desk.call("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="admin")
    assert status == 403 and "themselves" in answer["detail"]
    # nor with another key of the same person
    desk.key("second", "approver", holder="admin")
    path = f"/v1/zones/{zone}/approve"
    wait_for(lambda: desk.call("POST", path, APPROVAL, role="second")[0] != 401)
    assert desk.call("POST", path, APPROVAL, role="second")[0] == 403
    assert desk.call("POST", path, APPROVAL, role="approver")[0] == 200


def test_approval_takes_authority_and_document_and_the_level_of_the_class(desk):
    zone = submitted(desk, feature(ELSEWHERE, jurisdiction="411322", **{"class": "FL-DET"}))
    path = f"/v1/zones/{zone}/approve"
    for missing in ("authority", "document_no"):
        status, answer, _ = desk.call("POST", path, {k: v for k, v in APPROVAL.items() if k != missing}, role="approver")
        assert (status, answer["pointer"]) == (400, "/" + missing)
    status, answer, _ = desk.call("POST", path, APPROVAL, role="fangcheng_approver")
    assert status == 403 and "of prefecture level" in answer["detail"]
    assert "须由市级及以上级别批准" in desk.call("POST", path, APPROVAL, role="fangcheng_approver", language="zh-CN")[1]["detail"]
    assert desk.call("POST", path, APPROVAL, role="approver")[0] == 200
    ordinary = submitted(desk, feature(ELSEWHERE, jurisdiction="411322"))
    assert desk.call("POST", f"/v1/zones/{ordinary}/approve", APPROVAL, role="fangcheng_approver")[0] == 200


def test_another_countys_object_is_not_there(desk):
    zone = draw(desk, role="fangcheng")
    path = f"/v1/zones/{zone}"
    assert desk.good("GET", path, role="fangcheng")["properties"]["jurisdiction"] == "411322"
    missing = desk.call("GET", "/v1/zones/no-such-zone", role="tanghe")
    for method, tail, body in (("GET", "", None), ("PUT", "", feature()), ("DELETE", "", None), ("POST", "/submit", None),
                               ("GET", "/history", None)):
        status, answer, _ = desk.call(method, path + tail, body, role="tanghe")
        assert status == 404 and answer["detail"] == missing[1]["detail"], method + tail
    assert desk.call("GET", path, role=None)[0] == 404      # a draft is not public
    assert desk.call("GET", path, role="company")[0] == 404
    assert desk.call("GET", path, role="planner")[0] == 200  # of the prefecture
    assert desk.call("POST", "/v1/zones", feature(jurisdiction="411328"), role="fangcheng")[0] == 403
    # what belongs to no county is not a county's
    assert desk.call("DELETE", f"/v1/zones/{draw(desk)}", role="fangcheng")[0] == 404


def test_etags_keep_two_editors_apart(desk):
    status, zone, headers = desk.call("POST", "/v1/zones", feature())
    path, tag = headers["Location"], headers["ETag"]
    assert desk.call("GET", path, headers={"If-None-Match": tag})[0] == 304
    status, changed, headers = desk.call("PUT", path, feature(name="second"), headers={"If-Match": tag})
    assert status == 200 and changed["properties"]["name"] == "second" and headers["ETag"] != tag
    assert desk.call("PUT", path, feature(name="third"), headers={"If-Match": tag})[0] == 412
    assert desk.call("DELETE", path, headers={"If-Match": tag})[0] == 412
    assert desk.call("GET", path)[1]["properties"]["name"] == "second"
    assert desk.call("DELETE", path, headers={"If-Match": headers["ETag"]})[0] == 200
    assert desk.call("GET", path)[0] == 404


def test_two_editors_at_once_one_wins(desk):
    for _ in range(5):
        _, _, headers = desk.call("POST", "/v1/zones", feature())
        results = []

        def edit(name, headers=headers, results=results):
            results.append(desk.call("PUT", headers["Location"], feature(name=name), headers={"If-Match": headers["ETag"]})[0])

        threads = [threading.Thread(target=edit, args=(f"editor {i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == [200, 412, 412, 412]


def test_two_approvers_at_once_one_wins(desk):
    zone = submitted(desk, feature(ELSEWHERE))
    results = []

    def approve(role):
        results.append(desk.call("POST", f"/v1/zones/{zone}/approve", APPROVAL, role=role)[0])

    threads = [threading.Thread(target=approve, args=(role,)) for role in ("approver", "admin", "approver", "admin")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [200, 409, 409, 409]


def test_a_repeated_request_is_answered_once(desk):
    headers = {"Idempotency-Key": "draw-1"}
    first = desk.call("POST", "/v1/zones", feature(name="once"), headers=headers)
    again = desk.call("POST", "/v1/zones", feature(name="once"), headers=headers)
    assert (first[0], again[0]) == (201, 201) and first[1] == again[1] and first[2]["ETag"] == again[2]["ETag"]
    assert first[2]["Location"] == again[2]["Location"]
    assert desk.database.value("SELECT count(*) FROM zone WHERE name = 'once'") == 1
    assert desk.call("POST", "/v1/zones", feature(name="other"), headers=headers)[0] == 409
    assert desk.call("POST", "/v1/zones", feature(name="once"), headers=headers, role="admin")[0] == 201  # another's key is another key
    # what failed is not kept: it may be tried again
    bad = {"Idempotency-Key": "draw-2"}
    assert desk.call("POST", "/v1/zones", feature(**{"class": "NO-SUCH"}), headers=bad)[0] == 400
    assert desk.call("POST", "/v1/zones", feature(), headers=bad)[0] == 201


BOW_TIE = [[112.0, 33.0], [112.1, 33.1], [112.1, 33.0], [112.0, 33.1], [112.0, 33.0]]


@pytest.mark.parametrize("change,code,pointer", [
    (lambda f: f["geometry"]["coordinates"].__setitem__(0, BOW_TIE), "invalid_geometry", "/geometry/coordinates/0"),
    (lambda f: f["geometry"]["coordinates"][0].pop(), "invalid_geometry", "/geometry/coordinates/0"),
    (lambda f: f["geometry"]["coordinates"][0].__setitem__(1, [33.03, 112.96]), "invalid_geometry", "/geometry/coordinates/0/1"),
    (lambda f: f["geometry"]["coordinates"][0].__setitem__(1, ["112", 33]), "invalid_geometry", "/geometry/coordinates/0/1"),
    (lambda f: f.__setitem__("geometry", {"type": "Point", "coordinates": [112, 33]}), "invalid_value", "/geometry/type"),
    (lambda f: f.__setitem__("geometry", None), "invalid_value", "/geometry"),
    (lambda f: f.__setitem__("geometry", {"type": "MultiPolygon", "coordinates": []}), "invalid_geometry", "/geometry"),
    (lambda f: f["properties"].pop("name"), "missing_member", "/properties/name"),
    (lambda f: f["properties"].__setitem__("nmae", "x"), "unknown_member", "/properties/nmae"),
    (lambda f: f.__setitem__("colour", "x"), "unknown_member", "/colour"),
    (lambda f: f["properties"].__setitem__("severity", 9), "out_of_range", "/properties/severity"),
    (lambda f: f["properties"].__setitem__("border_roads", "maybe"), "invalid_value", "/properties/border_roads"),
    (lambda f: f["properties"].__setitem__("rules", [{"rule": "closed"}, {"rule": "shut"}]), "invalid_value", "/properties/rules/1"),
    (lambda f: f["properties"].__setitem__("rules", "closed"), "invalid_value", "/properties/rules"),
    (lambda f: f["properties"].__setitem__("windows", [{"from": "25:00"}]), "invalid_value", "/properties/windows"),
    (lambda f: f["properties"].__setitem__("jurisdiction", "999999"), "invalid_value", "/properties/jurisdiction"),
    (lambda f: f["properties"].update({"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}), "invalid_value", "/properties/until"),
    (lambda f: f["properties"].__setitem__("from", "today"), "invalid_value", "/properties/from"),
])
def test_what_is_wrong_is_refused_with_its_place(desk, change, code, pointer):
    body = feature()
    change(body)
    status, answer, _ = desk.call("POST", "/v1/zones", body)
    assert (status, answer["code"]) == (400, code), answer
    assert answer["pointer"].startswith(pointer), answer


def test_a_crossed_ring_is_refused_with_the_place_on_the_map(desk):
    status, answer, _ = desk.call("POST", "/v1/zones", feature(BOW_TIE))
    assert status == 400 and answer["place"]["type"] == "Point"
    assert answer["place"]["coordinates"] in BOW_TIE


def test_a_zone_above_the_ceiling_of_its_class_is_refused_by_name(desk):
    body = feature(**{"class": "AD-BUF", "rules": [{"rule": "caution"}, {"rule": "closed"}]})
    status, answer, _ = desk.call("POST", "/v1/zones", body)
    assert (status, answer["code"], answer["pointer"]) == (422, "above_ceiling", "/properties/rules/1")
    assert "AD-BUF" in answer["detail"] and "inform" in answer["detail"]
    assert desk.database.value("SELECT count(*) FROM zone WHERE class_code = 'AD-BUF' AND name = '测试区'") == 0


def test_rules_left_out_are_those_of_the_class_and_what_was_read_can_be_sent_back(desk):
    body = feature(**{"class": "FL-RISK"})
    del body["properties"]["rules"]
    zone = desk.good("POST", "/v1/zones", body)
    assert zone["properties"]["rules"] == [{"rule": "caution", "slow_factor": 1.5}]
    again = desk.good("PUT", f"/v1/zones/{zone['id']}", zone)
    assert again["properties"] == zone["properties"] and again["geometry"] == zone["geometry"]


def test_a_zone_drawn_in_gauss_kruger_lands_where_it_was_drawn(desk):
    body = feature(crs="EPSG:4490")
    body["crs"] = body["properties"].pop("crs")
    assert desk.call("POST", "/v1/zones", body)[0] == 201
    # EPSG:4547: CGCS2000, 3 degrees, central meridian 114 E
    x, y, size = 400000.0, 3655000.0, 1000.0
    body = feature([[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]])
    body["crs"] = "EPSG:4547"
    zone = desk.good("POST", "/v1/zones", body)
    lon, lat = zone["geometry"]["coordinates"][0][0][0]
    expected = desk.database.execute("SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 4547), 4490) g) q", x, y)[0]
    assert abs(lon - expected[0]) < 2e-7 and abs(lat - expected[1]) < 2e-7
    assert desk.database.value("SELECT source_crs FROM zone WHERE id = %s", zone["id"]) == "EPSG:4547"


def test_lists_filter_and_page(desk):
    for i in range(7):
        draw(desk, feature(ELSEWHERE, name=f"page {i}", **{"class": "EV-CTRL", "rules": [{"rule": "caution"}]}), role="fangcheng")
    seen, cursor = [], ""
    while cursor is not None:
        page = desk.good("GET", "/v1/zones?class=EV-CTRL&state=draft&limit=3" + (f"&cursor={cursor}" if cursor else ""))
        assert len(page["features"]) <= 3
        seen += [f["id"] for f in page["features"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 7
    count = lambda query, role="planner": len(desk.good("GET", "/v1/zones?class=EV-CTRL&state=draft" + query, role=role)["features"])
    assert count("&county=411322") == 7 and count("&county=411328") == 0
    assert count("&bbox=111.1,33.8,111.3,34") == 7 and count("&bbox=113,32,114,33") == 0
    assert count("&at=2001-01-01T00:00:00Z") == 0
    assert count("", role="tanghe") == 0 and count("", role=None) == 0 and count("", role="fangcheng") == 7
    for bad, pointer in (("limit=0", "/limit"), ("limit=x", "/limit"), ("limit=1&at=noon", "/at"), ("limit=1&bbox=1,2", "/bbox")):
        status, answer, _ = desk.call("GET", "/v1/zones?" + bad)
        assert status == 400 and answer["pointer"] == pointer


def test_a_checkpoint_opens_its_zone_when_it_is_approved(desk):
    zone = submitted(desk, feature(rules=[{"rule": "gated"}]))
    desk.good("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="approver")
    road = desk.database.execute("""
        SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointN(ST_GeometryN(ST_Multi(ST_Intersection(r.geom, ST_Boundary(z.geom))), 1), 1) AS p
        FROM road r, zone z WHERE z.id = %s AND ST_Crosses(r.geom, z.geom) AND r.class IN ('primary', 'secondary', 'trunk') ORDER BY r.id LIMIT 1) q
        WHERE p IS NOT NULL""", zone)
    place = list(road[0]) if road else desk.database.execute(
        "SELECT ST_X(ST_Centroid(ST_Intersection(r.geom, ST_Boundary(z.geom)))), ST_Y(ST_Centroid(ST_Intersection(r.geom, ST_Boundary(z.geom))))"
        " FROM road r, zone z WHERE z.id = %s AND ST_Crosses(r.geom, z.geom) AND r.class <> 'motorway' ORDER BY r.id LIMIT 1", zone)[0]
    body = {"type": "Feature", "geometry": {"type": "Point", "coordinates": list(place)},
            "properties": {"name": "社旗北卡点", "kind": "police", "normal_s": 60, "gates": [{"zone": zone, "direction": "both"}]}}
    made = desk.good("POST", "/v1/checkpoints", body)
    path = f"/v1/checkpoints/{made['id']}"
    assert made["properties"]["gates"] == [{"zone": zone, "direction": "both"}]
    assert route_to_sheqi(desk, made["rules_version"])[0] == 422
    desk.good("POST", path + "/submit")
    active = desk.good("POST", path + "/approve", APPROVAL, role="approver")
    assert active["life"]["state"] == "active"
    status, answer, _ = route_to_sheqi(desk, active["rules_version"])
    assert status == 200, answer
    gates = [g for leg in answer["plans"][0]["legs"] for g in leg["gates"]]
    assert [g["checkpoint"] for g in gates] == [made["id"]] and gates[0]["inspection_s"] == 60
    status, answer, _ = desk.call("POST", "/v1/checkpoints", {**body, "properties": {**body["properties"], "gates": [{"zone": "nowhere"}]}})
    assert (status, answer["pointer"]) == (400, "/properties/gates")
    desk.good("POST", path + "/lift", role="approver")
    desk.good("POST", f"/v1/zones/{zone}/lift", role="approver")


def test_closures_by_station_and_at_once_when_physical(desk):
    route, name = desk.database.execute("SELECT route, name FROM toll_station ORDER BY id LIMIT 1")[0]
    body = {"type": "Feature", "geometry": None, "properties": {"name": "因雪", "action": "entry_ban", "object": "toll_station",
            "route": route, "from_station": name, "subject": {"lorry": True}}}
    made = desk.good("POST", "/v1/closures", body)
    assert made["life"]["state"] == "draft" and made["geometry"] is None
    body["properties"]["from_station"] = "没有的站"
    status, answer, _ = desk.call("POST", "/v1/closures", body)
    assert (status, answer["pointer"]) == (400, "/properties/from_station")
    road = desk.database.value("SELECT id FROM road WHERE class = 'primary' ORDER BY id LIMIT 1")
    body = {"type": "Feature", "properties": {"name": "塌方", "action": "closed", "object": "segment", "road_ids": [road], "physical": True}}
    closure = desk.good("POST", "/v1/closures", body, role="officer")
    in_force = lambda version: [f["id"] for f in desk.good("GET", "/v1/closures")["features"]]
    wait_for(lambda: closure["id"] in in_force(0), what="a physical closure binds before anyone approved it")
    assert desk.call("DELETE", f"/v1/closures/{closure['id']}", role="officer")[0] == 409
    lifted = desk.good("POST", f"/v1/closures/{closure['id']}/lift", role="approver")
    assert lifted["life"]["state"] == "lifted"
    wait_for(lambda: closure["id"] not in in_force(0))


@pytest.mark.parametrize("kind", ["zones", "checkpoints", "closures"])
def test_what_was_rejected_never_bound_and_can_be_deleted_or_drawn_anew(desk, kind):
    road = desk.database.value("SELECT id FROM road WHERE class = 'primary' ORDER BY id LIMIT 1")
    body = {"zones": feature(ELSEWHERE),
            "checkpoints": {"type": "Feature", "geometry": {"type": "Point", "coordinates": [112.93, 33.06]}, "properties": {"name": "k"}},
            "closures": {"type": "Feature", "properties": {"name": "c", "action": "closed", "object": "segment", "road_ids": [road]}}}[kind]
    id = desk.good("POST", f"/v1/{kind}", body)["id"]
    desk.good("POST", f"/v1/{kind}/{id}/submit", {})
    assert desk.call("DELETE", f"/v1/{kind}/{id}")[0] == 409  # it lies with the approver
    desk.good("POST", f"/v1/{kind}/{id}/reject", {"opinion": "不妥"}, role="approver")
    desk.good("PUT", f"/v1/{kind}/{id}", body)
    desk.good("POST", f"/v1/{kind}/{id}/submit", {})
    rejected = desk.good("POST", f"/v1/{kind}/{id}/reject", {"opinion": "仍不妥"}, role="approver")
    assert rejected["life"]["state"] == "rejected"
    assert desk.call("DELETE", f"/v1/{kind}/{id}", role="approver")[0] == 403
    assert desk.call("DELETE", f"/v1/{kind}/{id}")[0] == 200
    assert desk.call("GET", f"/v1/{kind}/{id}")[0] == 404
    rows = desk.good("GET", f"/v1/audit?kind={kind[:-1]}&object={id}", role="admin")["rows"]
    assert [r["act"] for r in rows] == ["delete", "reject", "submit", "replace", "reject", "submit", "create"]
    assert desk.database.value(f"SELECT count(*) FROM {kind[:-1]}_history WHERE id = %s", id) == 6  # nothing is overwritten


def test_a_closure_that_has_bound_as_physical_stays_in_the_books(desk):
    road = desk.database.value("SELECT id FROM road WHERE class = 'primary' ORDER BY id LIMIT 1")
    body = lambda physical: {"type": "Feature", "properties": {"name": "塌方", "action": "closed", "object": "segment", "road_ids": [road], "physical": physical}}
    id = desk.good("POST", "/v1/closures", body(True), role="officer")["id"]
    desk.good("PUT", f"/v1/closures/{id}", body(False), role="officer")
    assert desk.call("DELETE", f"/v1/closures/{id}", role="officer")[0] == 409


def test_every_act_is_in_the_audit_log_with_who(desk):
    zone = submitted(desk, feature(ELSEWHERE))
    desk.call("POST", f"/v1/zones/{zone}/reject", {"opinion": "不妥"}, role="approver", headers={"X-Request-Id": "the-request"})
    page = desk.good("GET", f"/v1/audit?kind=zone&object={zone}", role="admin")
    assert [(r["act"], r["holder"]) for r in page["rows"]] == [("reject", "approver"), ("submit", "planner"), ("create", "planner")]
    assert page["rows"][0]["request"] == "the-request" and page["rows"][0]["detail"]["state"] == ["submitted", "rejected"]
    assert page["next"] is None
    first = desk.good("GET", "/v1/audit?limit=1", role="admin")
    second = desk.good("GET", f"/v1/audit?limit=1&cursor={first['next']}", role="admin")
    assert second["rows"][0]["seq"] == first["rows"][0]["seq"] - 1
    verdict = desk.good("GET", "/v1/audit/verify", role="admin")
    assert verdict["intact"] and verdict["head"].startswith(f"{verdict['rows']}:")
    # tampered with, it says so
    with desk.database.connect(owner=True) as connection:
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER keep")
        connection.execute("UPDATE audit_log SET holder = 'somebody' WHERE seq = 5")
    verdict = desk.good("GET", "/v1/audit/verify", role="admin")
    assert not verdict["intact"] and "row 5" in verdict["reason"]
    for role in ("planner", "approver", "viewer"):
        assert desk.call("GET", "/v1/audit", role=role)[0] == 403
    assert desk.call("GET", "/v1/audit", role=None)[0] == 401


def test_the_databases_reason_is_said_in_the_callers_language(desk):
    bad = feature(rules=[{"rule": "caution", "slow_factor": 0.5}])
    details = {language: desk.call("POST", "/v1/zones", bad, language=language)[1]["detail"] for language in ("en", "zh-CN")}
    assert "must be a number from 1 to 100" in details["en"]
    assert "须为 1 至 100 的数" in details["zh-CN"] and "must" not in details["zh-CN"]
