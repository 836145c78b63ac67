"""What whoever draws chooses from, and the report on the quality of the rules."""
from desk_fixture import desk  # noqa: F401  fixture

SHEQI = [[112.90, 33.03], [112.96, 33.03], [112.96, 33.09], [112.90, 33.09], [112.90, 33.03]]
APPROVAL = {"authority": "a", "document_no": "d"}


def found(desk, role="planner"):
    report = desk.good("GET", "/v1/reports/quality", role=role)
    return report, {(f["code"], f["id"]) for f in report["database"]["findings"]}


def feature(**properties):
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [SHEQI]},
            "properties": {"class": "SEC", "name": "z", "rules": [{"rule": "caution"}], **properties}}


def test_the_vocabularies_are_those_of_the_tables(desk):
    classes = {c["code"]: c for c in desk.good("GET", "/v1/zone-classes", role=None)["items"]}
    assert classes["FL-DET"]["approval_level"] == "prefecture" and classes["SEC"]["approval_level"] == "county"
    assert classes["EP-HIGH"]["enabled"] is False and classes["AD-EPI"]["ceiling"] == "gate"
    types = {t["code"]: t for t in desk.good("GET", "/v1/credential-types", role=None)["items"]}
    assert types["nucleic_acid"]["default_max_age_s"] == 172800 and types["key_goods_pass"]["default_max_age_s"] is None
    counties = {j["code"]: j for j in desk.good("GET", "/v1/jurisdictions", role=None)["items"]}
    assert counties["411322"]["level"] == "county" and counties["411322"]["parent"] == "411300"


def test_the_report_names_what_was_planted_and_nothing_when_it_is_gone(desk):
    zone = desk.good("POST", "/v1/zones", feature(rules=[{"rule": "gated"}], jurisdiction="411322"))["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit")
    desk.good("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="approver")
    road = desk.database.value("SELECT min(id) FROM road WHERE class = 'primary'")
    closure = desk.good("POST", "/v1/closures", {"type": "Feature", "properties": {
        "name": "c", "action": "closed", "object": "segment", "road_ids": [road], "physical": True,
        "from": "2026-01-01T00:00:00Z", "expected_reopen": "2026-01-02T00:00:00Z"}}, role="officer")["id"]
    notice = desk.good("POST", "/v1/notices", {"text": "因降雪，禁止所有车辆上站的路段有：\n沪陕高速：没有的站；"}, role="officer")["id"]
    station = desk.database.value("INSERT INTO toll_station (route, ordinal, name) VALUES ('G40', 99, '新站') RETURNING id::text")
    planted = {("gated_without_gate", zone), ("reopening_overdue", closure), ("document_missing", closure),
               ("notice_not_understood", notice), ("station_without_ramp", station)}
    report, findings = found(desk)
    assert planted <= findings
    assert report["compiled"]["rules_version"] > 0
    # a county sees its own
    assert ("gated_without_gate", zone) in found(desk, "fangcheng")[1] and ("gated_without_gate", zone) not in found(desk, "tanghe")[1]
    desk.good("POST", f"/v1/zones/{zone}/lift", role="approver")
    desk.good("POST", f"/v1/closures/{closure}/lift", role="approver")
    desk.database.execute("DELETE FROM toll_station WHERE name = '新站'")
    assert found(desk)[1] & planted == {("notice_not_understood", notice)}


def test_what_is_over_or_has_no_end_is_named(desk):
    zone = desk.good("POST", "/v1/zones", feature())["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit")
    desk.good("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="approver")
    assert not {f for f in found(desk)[1] if f[1] == zone}
    desk.database.execute("UPDATE zone SET approved_at = now() - interval '31 days' WHERE id = %s", zone)
    assert ("open_ended", zone) in found(desk)[1]
    desk.database.execute("UPDATE zone SET effective = tstzrange(now() - interval '2 days', now() - interval '1 day') WHERE id = %s", zone)
    assert ("over", zone) in found(desk)[1] and ("open_ended", zone) not in found(desk)[1]


def test_what_is_posted_on_a_road_that_an_import_took_away_is_named(desk):
    """As after an import of other roads: the register stays, the road is gone, the bridge is none any more."""
    database = desk.database
    gone, bridge = (database.value(f"SELECT min(id) FROM road WHERE {which}") for which in ("class = 'tertiary' AND NOT bridge", "bridge"))
    database.execute("INSERT INTO road_limit (road, max_gross_t, document_no) VALUES (%s, 10, '限〔2026〕1号')", gone)
    database.execute("INSERT INTO road_limit (road, bridge_state) VALUES (%s, 'closed')", bridge)
    about = lambda: {f for f in found(desk)[1] if f[1] in (str(gone), str(bridge))}  # noqa: E731
    try:
        assert about() == set()
        database.execute("CREATE TABLE road_aside AS SELECT * FROM road WHERE id = %s", gone)
        database.execute("DELETE FROM road WHERE id = %s", gone)
        database.execute("UPDATE road SET bridge = false WHERE id = %s", bridge)
        assert about() == {("road_missing", str(gone)), ("no_bridge", str(bridge))}
        [named] = [f for f in found(desk)[0]["database"]["findings"] if f["code"] == "road_missing"]
        assert (named["kind"], named["name"], named["severity"]) == ("road", "限〔2026〕1号", "warning")
        database.execute("INSERT INTO road SELECT * FROM road_aside")
        database.execute("UPDATE road SET bridge = true WHERE id = %s", bridge)
        assert about() == set()
    finally:
        database.execute("DELETE FROM road_limit WHERE road IN (%s, %s)", gone, bridge)
        database.execute("DROP TABLE IF EXISTS road_aside")
