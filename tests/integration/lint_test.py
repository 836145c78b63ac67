"""Dry runs: what would happen, what lint finds and where, and that nothing is left behind."""
import copy

from desk_fixture import desk  # noqa: F401  fixture

SHEQI = [[112.90, 33.03], [112.96, 33.03], [112.96, 33.09], [112.90, 33.09], [112.90, 33.03]]
EMPTY = [[111.20, 33.90], [111.2001, 33.90], [111.2001, 33.9001], [111.20, 33.9001], [111.20, 33.90]]
APPROVAL = {"authority": "南阳市指挥部", "document_no": "宛指〔2026〕1号"}


def feature(ring=None, **properties):
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [copy.deepcopy(ring or SHEQI)]},
            "properties": {"class": "SEC", "name": "测试区", "rules": [{"rule": "closed"}], **properties}}


def findings(desk, body, path="/v1/zones"):
    answer = desk.good("POST", path + "?dry_run=true", body)
    found = {}
    for finding in answer["findings"]:
        assert finding["severity"] in ("error", "warning", "info") and finding["message"]
        found.setdefault(finding["code"], []).append(finding)
    return answer["would_be"], found


def counts(desk):
    return desk.database.execute("SELECT (SELECT version FROM rules_state), (SELECT count(*) FROM zone), (SELECT count(*) FROM zone_history),"
                                 " (SELECT seq FROM audit_head), (SELECT count(*) FROM rule_act), (SELECT count(*) FROM idempotent_answer)")[0]


def test_a_dry_run_says_what_would_be_and_leaves_nothing(desk):
    before = counts(desk)
    would_be, found = findings(desk, feature())
    assert would_be["life"]["state"] == "draft" and would_be["properties"]["name"] == "测试区"
    assert "of county level" in found["approval_missing"][0]["message"]
    chinese = desk.call("POST", "/v1/zones?dry_run=true", feature(), language="zh-CN")[1]["findings"]
    assert "须由县级及以上级别批准" in next(f["message"] for f in chinese if f["code"] == "approval_missing")
    assert not any(f["severity"] == "error" for fs in found.values() for f in fs), found
    desk.call("POST", "/v1/zones?dry_run=true", feature(), headers={"Idempotency-Key": "dry"})
    assert counts(desk) == before
    assert desk.call("POST", "/v1/zones?dry_run=perhaps", feature())[0] == 400


def test_a_crossed_ring_is_found_with_its_place(desk):
    bow_tie = [[112.0, 33.0], [112.1, 33.1], [112.1, 33.0], [112.0, 33.1], [112.0, 33.0]]
    would_be, found = findings(desk, feature(bow_tie))
    assert would_be is None and list(found) == ["invalid_geometry"]
    finding = found["invalid_geometry"][0]
    assert finding["severity"] == "error" and finding["place"]["type"] == "Point" and finding["pointer"].startswith("/geometry/coordinates/0")


def test_the_ceiling_is_a_finding(desk):
    _, found = findings(desk, feature(**{"class": "AD-BUF"}))
    assert found["above_ceiling"][0]["pointer"] == "/properties/rules/0"


def test_a_gated_zone_without_a_gate(desk):
    _, found = findings(desk, feature(rules=[{"rule": "gated"}]))
    assert found["gated_without_gate"][0]["severity"] == "error"


def test_a_zone_away_from_the_roads(desk):
    _, found = findings(desk, feature(EMPTY))
    assert found["controls_no_road"][0]["severity"] == "error"


def test_hours_that_never_come_and_a_time_that_is_over(desk):
    # 2027-03-01 is a Monday: hours on Sundays in an interval without one
    interval = {"from": "2027-03-01T00:00:00+08:00", "until": "2027-03-03T00:00:00+08:00"}
    _, found = findings(desk, feature(**interval, windows=[{"weekdays": [7], "from": "08:00", "until": "10:00"}]))
    assert "never_applies" in found
    _, found = findings(desk, feature(**interval, windows=[{"weekdays": [2], "from": "08:00", "until": "10:00"}]))
    assert "never_applies" not in found
    _, found = findings(desk, feature(**{"from": "2020-01-01T00:00:00Z", "until": "2020-02-01T00:00:00Z"}))
    assert "never_applies" in found


def test_a_class_that_is_off_would_not_bind(desk):
    _, found = findings(desk, feature(rules=[{"rule": "caution"}], **{"class": "EP-LOW"}))
    assert "class_off" in found and "would_not_bind" in found


def test_a_narrow_overlap_with_another_zone(desk):
    beside = [[112.9599, 33.03], [113.02, 33.03], [113.02, 33.09], [112.9599, 33.09], [112.9599, 33.03]]
    zone = desk.good("POST", "/v1/zones", feature(name="neighbour"))["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit")
    _, found = findings(desk, feature(beside))
    sliver = found["sliver"][0]
    # 0.0001 degrees of longitude are 9.3 m wide here: just below the ten of the rule
    assert "neighbour" in sliver["message"] and sliver["place"]["type"] == "Polygon"
    assert "sliver" not in findings(desk, feature([[112.95, 33.03], [113.02, 33.03], [113.02, 33.09], [112.95, 33.09], [112.95, 33.03]]))[1]


def test_a_border_that_cuts_a_bridge_and_roads_that_hang_on_the_tolerance(desk):
    x, y = desk.database.execute("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_LineInterpolatePoint(geom, 0.5) p FROM road WHERE bridge ORDER BY ST_Length(geom) DESC LIMIT 1) q")[0]
    d = 0.02
    ring = [[x, y - d], [x + d, y - d], [x + d, y + d], [x, y + d], [x, y - d]]
    row = desk.database.value("SELECT count(*) FROM road WHERE bridge AND ST_Crosses(geom, ST_MakeEnvelope(%s, %s, %s, %s, 4490))", x, y - d, x + d, y + d)
    _, found = findings(desk, feature(ring))
    assert row > 0 and len(found["structure_clipped"]) == row
    assert found["structure_clipped"][0]["place"]["type"] == "LineString"
    # a border that a road's end pokes three metres through
    x, y = desk.database.execute("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_EndPoint(geom) p FROM road WHERE class = 'residential' ORDER BY id LIMIT 1) q")[0]
    e = 0.00002
    _, found = findings(desk, feature([[x - e, y - e], [x + e, y - e], [x + e, y + e], [x - e, y + e], [x - e, y - e]]))
    assert "decided_by_tolerance" in found


def test_a_checkpoint_whose_gate_meets_no_road(desk):
    zone = desk.good("POST", "/v1/zones", feature(rules=[{"rule": "gated"}]))["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit")
    desk.good("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="approver")
    body = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [111.2, 33.9]},
            "properties": {"name": "远处", "gates": [{"zone": zone}]}}
    _, found = findings(desk, body, "/v1/checkpoints")
    assert found["gate_without_arc"][0]["severity"] == "error"
    desk.good("POST", f"/v1/zones/{zone}/lift", role="approver")


def test_a_closure_is_linted_too(desk):
    route, name = desk.database.execute("SELECT route, name FROM toll_station s WHERE EXISTS (SELECT FROM road r WHERE r.station_id = s.id AND r.ramp = 'entry') ORDER BY id LIMIT 1")[0]
    body = {"type": "Feature", "properties": {"name": "雪", "action": "entry_ban", "object": "toll_station", "route": route, "from_station": name}}
    _, found = findings(desk, body, "/v1/closures")
    assert "approval_missing" in found and set(found) <= {"approval_missing", "island_created"}, found  # the rest of its ramp


def test_a_road_left_behind_a_closure_is_an_island_of_those_it_stops(desk):
    spur, around = desk.database.execute(
        "WITH ends AS (SELECT id, from_node AS n FROM road UNION ALL SELECT id, to_node FROM road), degree AS (SELECT n, count(*) AS d FROM ends GROUP BY n)"
        " SELECT b.id, (SELECT array_agg(e.id ORDER BY e.id) FROM ends e WHERE e.n IN (b.from_node, b.to_node) AND e.id <> b.id) FROM road b"
        " JOIN degree f ON f.n = b.from_node JOIN degree t ON t.n = b.to_node"
        " WHERE least(f.d, t.d) = 1 AND greatest(f.d, t.d) > 1 AND b.forward AND b.backward AND b.access_lorry_forward = 'yes' AND b.access_light_forward = 'yes'"
        " AND b.max_gross_t IS NULL AND b.bridge_limit_t IS NULL AND b.max_height_m IS NULL AND b.max_axle_load_t IS NULL AND b.max_axles IS NULL"
        " AND b.max_width_m IS NULL AND b.max_length_m IS NULL ORDER BY b.id LIMIT 1")[0]

    def closure(**more):
        return {"type": "Feature", "properties": {"name": "断路", "action": "closed", "object": "segment", "road_ids": around, **more}}

    _, found = findings(desk, closure(), "/v1/closures")
    vertices = {tuple(p) for island in found["island_created"] for line in island["place"]["coordinates"] for p in line}
    shape = desk.database.value("SELECT ST_AsGeoJSON(ST_StartPoint(geom), 7)::json -> 'coordinates' FROM road WHERE id = %s", spur)
    assert any(abs(x - shape[0]) < 1e-6 and abs(y - shape[1]) < 1e-6 for x, y in vertices)
    assert {f["severity"] for f in found["island_created"]} == {"warning"} and "light trucks" in found["island_created"][0]["message"]
    # it is judged for when it begins, and for those whom it stops
    _, found = findings(desk, closure(**{"from": "2027-06-01T00:00:00+08:00"}), "/v1/closures")
    assert "island_created" in found
    _, found = findings(desk, closure(action="limit", limit_kind="axles", limit_value=5), "/v1/closures")
    assert all("six axles" in f["message"] and "light trucks" not in f["message"] for f in found["island_created"])
    # a speed limit cuts nobody off
    _, found = findings(desk, closure(action="speed_limit", limit_value=20), "/v1/closures")
    assert "island_created" not in found
