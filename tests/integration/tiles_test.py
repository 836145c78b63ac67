"""Tiles of every layer, decoded by a small reader of Mapbox vector tiles, against the tables they are made from."""
import json
import struct

import psycopg
import pytest

from conftest import end_program, start_program
from desk_fixture import desk, wait_for  # noqa: F401  a fixture
from demo_fixture import box, zone

WHOLE = (0, 0, 0)  # the world in one tile


def fields(data):
    """(number, value) of a protobuf message; value: int, or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        else:
            length = {1: 8, 5: 4}.get(tag & 7) or varint()
            yield tag >> 3, data[at:at + length]
            at += length


def value_of(data):
    number, value = next(fields(data))
    return {1: lambda: value.decode(), 2: lambda: struct.unpack("<f", value)[0], 3: lambda: struct.unpack("<d", value)[0],
            4: lambda: value, 5: lambda: value, 6: lambda: (value >> 1) ^ -(value & 1), 7: lambda: bool(value)}[number]()


def unpack(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def decode(tile):
    """{layer: [(feature id, properties), …]}"""
    layers = {}
    for _, layer in fields(tile):
        parts = list(fields(layer))
        keys = [v.decode() for n, v in parts if n == 3]
        values = [value_of(v) for n, v in parts if n == 4]
        name = next(v.decode() for n, v in parts if n == 1)
        layers[name] = []
        for feature in (dict(fields(v)) for n, v in parts if n == 2):
            tags = list(unpack(feature.get(2, b"")))
            assert feature.get(4), "a feature has a geometry"
            layers[name].append((feature.get(1), {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2])}))
    return layers


def features(desk, layer, tile=WHOLE, role=None, headers=None):
    status, body, head = desk.call("GET", f"/tiles/{layer}/{'/'.join(map(str, tile))}.mvt", role=role, headers=headers)
    assert status in (200, 204), body
    return (decode(body)[layer] if status == 200 else []), head


@pytest.mark.parametrize("layer,sql", [
    ("zones", "SELECT id, name FROM zone WHERE state = 'approved'"),
    ("closures", "SELECT id, name FROM closure WHERE state = 'approved' OR (physical AND state IN ('draft', 'submitted', 'rejected'))"),
    ("checkpoints", "SELECT id, name FROM checkpoint WHERE state = 'active'"),
    ("facilities", "SELECT 'facility:' || id, name FROM facility WHERE state <> 'closed'"),
    ("jurisdictions", "SELECT code, name_zh FROM jurisdiction WHERE geom IS NOT NULL")])
def test_a_tile_of_the_world_holds_what_is_public_and_not_over(desk, layer, sql):
    rows = {i: n for i, n in desk.database.execute(sql)}
    shown = {p["id"]: p["name"] for _, p in features(desk, layer)[0]}
    if layer == "facilities":
        shown = {i: n for i, n in shown.items() if i.startswith("facility:")}
    # what is smaller than a grain of the tile may fall away, nothing else may
    assert shown.items() <= rows.items()
    if layer in ("checkpoints", "facilities"):
        assert shown == rows


def test_each_zone_is_in_the_tile_around_it_with_what_a_map_needs(desk):
    for i, name, rule, class_code, z, x, y in desk.database.execute(
            "SELECT id, name, rules -> 0 ->> 'rule', class_code, 12, floor((ST_X(p) + 180) / 360 * 4096)::int,"
            " floor((1 - ln(tan(radians(ST_Y(p))) + 1 / cos(radians(ST_Y(p)))) / pi()) / 2 * 4096)::int"
            " FROM (SELECT *, ST_PointOnSurface(geom) AS p FROM zone WHERE state = 'approved') q"):
        found = [p for _, p in features(desk, "zones", (z, x, y))[0] if p["id"] == i]
        assert len(found) == 1, name
        assert (found[0]["name"], found[0]["rule"], found[0]["class"], found[0]["state"]) == (name, rule, class_code, "approved")
        assert found[0]["from_s"] > 0 and "rules" not in found[0] and "draft" not in found[0]


@pytest.mark.parametrize("layer", ["zones", "jurisdictions"])
def test_an_area_is_named_once_though_it_lies_in_many_tiles(desk, layer):
    areas, named = set(), []
    for x in range(823, 837):  # the prefecture at zoom 10
        for y in range(404, 424):
            status, body, _ = desk.call("GET", f"/tiles/{layer}/10/{x}/{y}.mvt", role=None)
            found = decode(body) if status == 200 else {}
            areas |= {p["id"] for _, p in found.get(layer, [])}
            named += [(p["id"], p["name"]) for _, p in found.get(layer + "_names", [])]
    assert sorted(i for i, _ in named) == sorted(areas) and len(areas) >= 10 and all(name for _, name in named)


def test_roads_have_their_id_and_minor_ones_come_later(desk):
    coarse, _ = features(desk, "roads", (6, 52, 25))
    assert coarse and {p["class"] for _, p in coarse} <= {"motorway", "motorway_link", "trunk", "trunk_link"}
    known = {i for i, in desk.database.execute("SELECT id FROM road")}
    assert {i for i, _ in coarse} <= known


def test_a_publication_ends_a_tile_and_an_unchanged_one_is_304(desk):
    make, undo = zone("tile-zone", box([112.5, 33.0], 0.05), {"rule": "caution"})
    before, head = features(desk, "zones")
    path = "/tiles/zones/0/0/0.mvt"
    status, body, _ = desk.call("GET", path, role=None, headers={"If-None-Match": head["ETag"]})
    assert (status, body) == (304, b"")
    desk.database.execute(make)
    try:
        status, body, again = desk.call("GET", path, role=None, headers={"If-None-Match": head["ETag"]})
        assert status == 200 and again["ETag"] != head["ETag"]
        assert "tile-zone" in {p["id"] for _, p in decode(body)["zones"]}
        assert desk.call("GET", path, role=None)[1] == body, "from memory, the same bytes"
    finally:
        desk.database.execute(undo)
    assert features(desk, "zones")[0] == before


def test_a_draft_is_in_the_tiles_of_its_countys_desk_only(desk):
    make, undo = zone("tile-draft", box([112.5, 33.0], 0.05), {"rule": "caution"})
    desk.database.execute(make)
    desk.database.execute("UPDATE zone SET state = 'draft', jurisdiction = '411322' WHERE id = 'tile-draft'")
    try:
        seen = {role: {p["id"]: p for _, p in features(desk, "zones", role=role)[0]} for role in
                (None, "viewer", "company", "planner", "fangcheng", "tanghe", None, "fangcheng")}
        assert {r for r, shown in seen.items() if "tile-draft" in shown} == {"planner", "fangcheng"}
        assert seen["fangcheng"]["tile-draft"]["draft"] is True
        public, own = (features(desk, "zones", role=r)[1] for r in (None, "fangcheng"))
        assert public["ETag"] != own["ETag"] and "private" in own["Cache-Control"] and own["Vary"] == "Authorization"
        # the public tag does not make a desk's tile unchanged
        assert desk.call("GET", "/tiles/zones/0/0/0.mvt", role="fangcheng", headers={"If-None-Match": public["ETag"]})[0] == 200
    finally:
        desk.database.execute(undo)


@pytest.mark.parametrize("layer", ["roads", "zones", "closures", "checkpoints", "facilities", "jurisdictions"])
def test_tilejson_names_the_tiles_and_every_property_that_they_have(desk, layer):
    status, document, _ = desk.call("GET", f"/tiles/{layer}.json", role=None)
    assert status == 200, document
    address = document["tiles"][0]
    assert address == f"http://127.0.0.1:{desk.service.port}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"
    tile = (8, 208, 103)
    listed = document["vector_layers"][0]["fields"]
    assert document["vector_layers"][0]["id"] == layer
    for _, properties in features(desk, layer, tile)[0]:
        assert set(properties) <= set(listed), json.dumps(properties, ensure_ascii=False)


def test_plans_are_in_the_tiles_of_who_may_see_them(desk):
    if "beta" not in desk.keys:
        desk.key("beta", "company", "--company=beta")
    assert desk.call("GET", "/tiles/plans/0/0/0.mvt", role=None)[0] == 401
    assert features(desk, "plans", (8, 208, 103), "company")[0] == []
    ask = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.09, 32.68]}, "store": True}
    plan = desk.good("POST", "/v1/route", ask, role="company")["decision_id"]
    seen = {}
    for role in ("company", "beta", "viewer", "planner", "tanghe", "company"):
        found, head = features(desk, "plans", (8, 207, 103), role)
        seen[role] = [p for _, p in found if p["id"] == plan]
        assert "private" in head["Cache-Control"] and head["Vary"] == "Authorization"
    assert [r for r, found in seen.items() if found] == ["company", "planner"]
    assert seen["company"][0]["state"] == "active" and "draft" not in seen["company"][0] and seen["company"][0]["distance_m"] > 1000
    listed = desk.call("GET", "/tiles/plans.json", role=None)[1]["vector_layers"][0]["fields"]
    assert set(seen["company"][0]) <= set(listed)
    # unchanged is 304 for the same eyes only; taking a plan back is another version
    path, tag = "/tiles/plans/8/207/103.mvt", features(desk, "plans", (8, 207, 103), "company")[1]["ETag"]
    assert desk.call("GET", path, role="company", headers={"If-None-Match": tag})[0] == 304
    assert desk.call("GET", path, role="planner", headers={"If-None-Match": tag})[0] == 200
    assert desk.call("DELETE", f"/v1/plans/{plan}", role="company")[0] == 204
    assert desk.call("GET", path, role="company", headers={"If-None-Match": tag})[0] != 304
    assert plan not in [p["id"] for _, p in features(desk, "plans", (8, 207, 103), "company")[0]]


def test_a_plan_that_is_not_committed_yet_is_in_the_tile_once_it_is(desk):
    """Version numbers are taken before a commit: an older one that commits later must not hide behind a newer one."""
    ask = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.09, 32.68]}, "store": True}
    plan = desk.good("POST", "/v1/route", ask, role="planner")["decision_id"]

    def shown():
        return {p["id"]: p["state"] for _, p in features(desk, "plans", (8, 207, 103), "planner")[0]}
    with psycopg.connect(desk.database.owner_url) as slow:
        slow.execute("UPDATE baochang.stored_plan SET state = 'broken', reason = '{}' WHERE id = %s", (plan,))
        newer = desk.good("POST", "/v1/route", {**ask, "depart_at": "2026-11-20T09:00:00+08:00"}, role="planner")["decision_id"]
        assert {plan, newer} <= set(shown()) and shown()[plan] == "active"
        slow.commit()
    assert shown()[plan] == "broken"


def test_addresses_are_those_of_the_configuration(desk, tmp_path):
    service = start_program(tmp_path / "log", f"--snapshot={desk.database.snapshot}", f"--database={desk.database.url}", desk.pepper,
                            "--public-url=https://map.example.cn/baochang")
    try:
        wait_for(lambda: desk.call("GET", "/readyz", role=None, port=service.port)[0] == 200, what="ready")
        document = desk.call("GET", "/tiles/zones.json", role=None, port=service.port)[1]
        assert document["tiles"] == ["https://map.example.cn/baochang/tiles/zones/{z}/{x}/{y}.mvt"]
        landing = desk.call("GET", "/ogc", role=None, port=service.port)[1]
        assert all(link["href"].startswith("https://map.example.cn/baochang/ogc") for link in landing["links"])
        routes = desk.call("GET", "/ogc/routes", port=service.port)[1]
        assert routes["links"] and all(link["href"].startswith("https://map.example.cn/baochang/ogc/routes") for link in routes["links"])
        question = {"origin": {"location": [112.43, 33.49]}, "destination": {"location": [112.83, 32.69]}, "vehicle": {"class": "truck_2_axle"}, "depart_at": "2026-11-20T08:00:00+08:00", "store": True}
        kept, plan, head = desk.call("POST", "/v1/route", question, port=service.port)
        assert kept == 200 and head["Location"] == f"https://map.example.cn/baochang/v1/plans/{plan['decision_id']}"
        ring = [[112.0, 33.0], [112.1, 33.0], [112.1, 33.1], [112.0, 33.0]]
        made, zone, head = desk.call("POST", "/v1/zones", {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {"class": "SEC", "name": "地址"}}, port=service.port)
        assert made == 201 and head["Location"] == f"https://map.example.cn/baochang/v1/zones/{zone['id']}"
        made, job, head = desk.call("POST", "/v1/jobs", {"kind": "replan", "plans": "all"}, port=service.port)
        assert made == 201 and head["Location"] == f"https://map.example.cn/baochang/v1/jobs/{job['id']}", job
        for made in (f"/v1/zones/{zone['id']}", f"/v1/plans/{plan['decision_id']}"):
            assert desk.call("DELETE", made, port=service.port)[0] in (200, 204)
        page = desk.call("GET", "/ogc/collections?f=html", role=None, port=service.port)[1].decode()
        assert 'href="https://map.example.cn/baochang/console/ogc.css"' in page and "127.0.0.1" not in page
    finally:
        end_program(service)


@pytest.mark.parametrize("url", ["map.example.cn", "https://", "https://a/b/", "https://a/?x=1", "https://a b", "ftp://a"])
def test_an_address_that_is_none_stops_the_start(desk, url):
    done = desk.database.program("serve", "--port=0", f"--snapshot={desk.database.snapshot}", f"--public-url={url}", check=False)
    assert done.returncode != 0 and "public_url" in done.stderr


@pytest.mark.parametrize("path", ["/tiles/zones/1/2/0.mvt", "/tiles/zones/01/0/0.mvt", "/tiles/zones/19/0/0.mvt", "/tiles/x/0/0/0.mvt"])
def test_what_is_no_tile_is_404(desk, path):
    assert desk.call("GET", path, role=None)[0] == 404
