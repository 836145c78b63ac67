"""OGC API - Features: read as clients read it (GDAL's OAPIF driver), and held to the database."""
import json
import os
import re
import subprocess
import urllib.parse

import pytest

from desk_fixture import desk  # noqa: F401  fixture
from demo_fixture import MORNING, box, zone
from zones_life_test import feature

PUBLIC = ["roads", "zones", "closures", "checkpoints", "facilities", "jurisdictions"]
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
# outer rings against the clock, as GeoJSON has them; the function for that would turn lines round as well
RIGHT_HAND = "CASE ST_Dimension(geom) WHEN 2 THEN ST_ForcePolygonCCW(geom::geometry) ELSE geom::geometry END"
SEEN = {"roads": "SELECT id::text, geom FROM road",
        "zones": "SELECT id, geom FROM zone WHERE state IN ('approved', 'lifted', 'expired')",
        "closures": "SELECT id, closure_shape(c) FROM closure c WHERE physical OR state IN ('approved', 'lifted', 'expired')",
        "checkpoints": "SELECT id, geom FROM checkpoint WHERE state IN ('active', 'closed')",
        "facilities": "SELECT 'facility:' || id, geom FROM facility UNION ALL SELECT 'enterprise:' || id, geom FROM enterprise WHERE geom IS NOT NULL"
                      " UNION ALL SELECT 'toll_station:' || id, geom FROM toll_station WHERE geom IS NOT NULL"
                      " UNION ALL SELECT 'county_seat:' || code, seat FROM jurisdiction WHERE seat IS NOT NULL",
        "jurisdictions": "SELECT code, geom FROM jurisdiction WHERE geom IS NOT NULL"}


def get(desk, path, role=None, **headers):
    return desk.call("GET", path, role=role, headers={k.replace("_", "-"): v for k, v in headers.items()})


def items(desk, collection, role=None, **query):
    query = {k.replace("_", "-"): v for k, v in query.items()}
    status, answer, headers = get(desk, f"/ogc/collections/{collection}/items?" + urllib.parse.urlencode(query), role)
    assert status == 200, answer
    return answer, headers


def link(document, rel, kind=None):
    found = [m["href"] for m in document["links"] if m["rel"] == rel and (kind is None or m["type"].startswith(kind))]
    return found[0] if found else None


def path_of(desk, url):
    base = f"http://127.0.0.1:{desk.service.port}"
    assert url.startswith(base + "/ogc"), url
    return url[len(base):]


def ids(document):
    return [f["id"] for f in document["features"]]


def positions(value):
    if isinstance(value, dict):
        value = value["coordinates"]
    if isinstance(value[0], (int, float)):
        return [tuple(value)]
    return [p for part in value for p in positions(part)]


def near(a, b, by):
    return len(a) == len(b) and all(abs(x - y) <= by for p, q in zip(a, b) for x, y in zip(p, q))


def gdal(desk, tool, *arguments, role=None, folder=None):
    environment = dict(os.environ)
    if role:
        (folder / "head").write_text("Authorization: Bearer " + desk.keys[role] + "\n", encoding="utf-8")
        environment["GDAL_HTTP_HEADER_FILE"] = str(folder / "head")
    return subprocess.run([tool, *arguments], check=True, capture_output=True, text=True, env=environment, timeout=300).stdout


def kept_plan(desk, role="planner", **more):
    return desk.good("POST", "/v1/route", {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.09, 32.68]}, "depart_at": MORNING,
                                           "store": True, "geometry": "geojson", **more}, role=role)["decision_id"]


# ---- clients ----------------------------------------------------------------------------------------------------


def test_ogrinfo_lists_every_collection(desk, tmp_path):
    listed = gdal(desk, "ogrinfo", "-ro", f"OAPIF:http://127.0.0.1:{desk.service.port}/ogc")
    assert re.findall(r"^\d+: (\w+)", listed, re.M) == PUBLIC
    own = gdal(desk, "ogrinfo", "-ro", f"OAPIF:http://127.0.0.1:{desk.service.port}/ogc", role="planner", folder=tmp_path)
    assert re.findall(r"^\d+: (\w+)", own, re.M) == [*PUBLIC, "plans"]


@pytest.mark.parametrize("collection,page", [("roads", 1000), ("roads", 10000), *[(c, p) for c in PUBLIC[1:] for p in (2, 1000)]])
def test_ogr2ogr_reads_every_feature_page_by_page(desk, collection, page):
    wanted = {i: json.loads(g) for i, g in desk.database.execute(f"SELECT id, ST_AsGeoJSON({RIGHT_HAND}, 7, 0) FROM ({SEEN[collection]}) q(id, geom)")}
    read = json.loads(gdal(desk, "ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"OAPIF:http://127.0.0.1:{desk.service.port}/ogc", collection,
                           "-oo", f"PAGE_SIZE={page}", "-lco", "COORDINATE_PRECISION=7", "-lco", "RFC7946=NO"))["features"]
    found = {str(f.get("id", f["properties"].get("id"))): f for f in read}
    assert len(read) == len(found) == len(wanted) and set(found) == set(wanted)
    for i in sorted(wanted)[:50]:
        assert near(positions(found[i]["geometry"]), positions(wanted[i]), 1e-7), i


def test_ogrinfo_counts_and_filters_on_the_server(desk):
    summary = gdal(desk, "ogrinfo", "-ro", "-so", f"OAPIF:http://127.0.0.1:{desk.service.port}/ogc", "zones", "-spat", "112", "32", "113", "34")
    wanted = desk.database.value(f"SELECT count(*) FROM ({SEEN['zones']}) q(id, geom) WHERE ST_Intersects(geom, ST_MakeEnvelope(112, 32, 113, 34, 4490))")
    assert f"Feature Count: {wanted}" in summary and "name: String" in summary


def test_plans_are_read_with_a_key(desk, tmp_path):
    plan = kept_plan(desk)
    read = json.loads(gdal(desk, "ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"OAPIF:http://127.0.0.1:{desk.service.port}/ogc", "plans", role="planner",
                           folder=tmp_path))["features"]
    (line,) = [f for f in read if plan in (f.get("id"), f["properties"].get("id"))]
    legs = desk.good("GET", f"/v1/plans/{plan}")["answer"]["plans"][0]["legs"]
    assert line["geometry"]["type"] == "MultiLineString" and line["properties"]["state"] == "active"
    assert near(positions(line["geometry"]), [p for leg in legs for p in positions(leg["geometry"])], 1e-7)


# ---- the documents ----------------------------------------------------------------------------------------------


def test_every_link_leads_where_it_says(desk):
    seen, todo = set(), ["/ogc"]
    while todo:
        path = todo.pop()
        if path in seen or "cursor" in path:
            continue
        seen.add(path)
        status, answer, headers = get(desk, path)
        assert status in (200, 401) and (status == 200 or path == "/ogc/routes"), (path, answer)
        if "json" not in headers["Content-Type"]:
            continue
        if not isinstance(answer, dict) or status != 200:
            continue
        for document in [answer, *answer.get("collections", [])]:
            for one in document.get("links", []):
                if "routes" in one["rel"]:
                    continue
                there = path_of(desk, one["href"])
                if "items" not in there:
                    kind = get(desk, there)[2]["Content-Type"]
                    assert kind.split(";")[0] == one["type"].split(";")[0], one
                todo.append(there)
    assert len(seen) > 30


def test_classes_that_are_met_are_declared(desk):
    classes = get(desk, "/ogc/conformance")[1]["conformsTo"]
    part = "http://www.opengis.net/spec/ogcapi-"
    assert {part + c for c in ("features-1/1.0/conf/core", "features-1/1.0/conf/geojson", "features-1/1.0/conf/html", "features-1/1.0/conf/oas30",
                               "features-2/1.0/conf/crs", "routes-1/1.0.0-draft.1/conf/core")} <= set(classes)
    assert not [c for c in classes if c.endswith("conf/time")]  # an arrival time is refused


@pytest.mark.parametrize("form,version", [("json", "3.0.3"), ("openapi31", "3.1.0")])
def test_the_definition_stands_alone(desk, form, version):
    status, document, headers = get(desk, f"/ogc/api?f={form}")
    assert status == 200 and headers["Content-Type"] == f"application/vnd.oai.openapi+json;version={version[:3]}" and document["openapi"] == version
    text = json.dumps(document)
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) == set(document["components"]["schemas"])
    if form == "json":
        assert '"const"' not in text and '"null"' not in text and "jsonSchemaDialect" not in document
    assert document["servers"] == [{"url": "../ogc"}]
    names = {p["name"] for p in document["paths"]["/collections/zones/items"]["get"]["parameters"]}
    assert {"bbox", "limit", "datetime", "state", "class"} <= names and "id" not in names
    assert "/collections/plans/items" not in document["paths"] and "/collections/plans/items" in get(desk, f"/ogc/api?f={form}", "viewer")[1]["paths"]
    operations = [o["operationId"] for item in document["paths"].values() for o in item.values()]
    assert len(operations) == len(set(operations))


@pytest.mark.parametrize("path", ["/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections", "/ogc/collections/zones", "/ogc/collections/zones/queryables",
                                  "/ogc/collections/zones/items", "/ogc/collections/zones/items/demo-flood"])
def test_each_document_is_a_page_as_well(desk, path):
    for headers, html in (({"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, True), ({"Accept": "application/json"}, False), ({}, False),
                          ({"Accept": "text/html;q=0.5, application/json"}, False), ({"Accept": "*/*"}, False)):
        status, page, head = get(desk, path, **headers)
        assert status == 200 and ("html" in head["Content-Type"]) == html, headers
    page, head = get(desk, path + "?f=html")[1:]
    assert "default-src 'none'" in head["Content-Security-Policy"] and head["X-Content-Type-Options"] == "nosniff"
    text = page.decode()
    assert "<script" not in text and "style=" not in text and 'lang="en"' in text
    elsewhere = [u for u in re.findall(r'(?:href|src)="([^"]*)"', text) if not u.startswith(f"http://127.0.0.1:{desk.service.port}/")]
    assert not elsewhere
    style = re.search(r'rel="stylesheet" href="http://[^/]*([^"]*)"', text)[1]
    assert get(desk, style)[0] == 200
    chinese = desk.call("GET", path + "?f=html", role=None, language="zh-CN")[1].decode()
    assert 'lang="zh-CN"' in chinese and "保畅 OGC 服务" in chinese


def test_a_page_shows_text_and_never_markup(desk):
    make, undo = zone("ogc-markup", box([112.5, 33.0], 0.05), {"rule": "caution"})
    desk.database.execute(make)
    desk.database.execute("UPDATE zone SET name = '<b onclick=\"x\">&' WHERE id = 'ogc-markup'")
    try:
        for path in ("/ogc/collections/zones/items?f=html", "/ogc/collections/zones/items/ogc-markup?f=html"):
            text = get(desk, path)[1].decode()
            assert "<b onclick" not in text and "&lt;b onclick=&quot;x&quot;&gt;&amp;" in text
    finally:
        desk.database.execute(undo)


def test_the_roads_of_both_views_are_the_same(desk):
    """One view of roads is made for pages, the other for whoever wants every layer alike."""
    assert desk.database.value("SELECT count(*) FROM ((SELECT * FROM road_feature EXCEPT SELECT * FROM map_feature)"
                               " UNION ALL (SELECT * FROM map_feature WHERE layer = 'roads' EXCEPT SELECT * FROM road_feature)) q") == 0


# ---- choosing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("collection", PUBLIC)
def test_pages_hold_every_feature_once_and_say_how_many(desk, collection):
    wanted = {i for i, _ in desk.database.execute(SEEN[collection])}
    limit = 7000 if collection == "roads" else 3
    page, headers = items(desk, collection, limit=limit)
    found = ids(page)
    while (following := link(page, "next")):
        assert page["numberReturned"] == len(page["features"]) == limit
        assert f"<{following}>; rel=\"next\"" in ", ".join(headers.get_all("Link"))
        status, page, headers = get(desk, path_of(desk, following))
        assert status == 200 and page["numberMatched"] == len(wanted) and page["timeStamp"].endswith("+08:00")
        found += ids(page)
    assert len(found) == len(wanted) and set(found) == wanted


def test_what_is_public_is_all_that_others_see(desk):
    draft = desk.good("POST", "/v1/zones", feature(jurisdiction="411322"), role="fangcheng")["id"]
    seen = {role: (draft in ids(items(desk, "zones", role, limit=10000)[0]), get(desk, f"/ogc/collections/zones/items/{draft}", role)[0])
            for role in (None, "viewer", "company", "fangcheng", "tanghe", "planner", "admin")}
    may = {"fangcheng", "planner", "admin"}
    assert seen == {role: (role in may, 200 if role in may else 404) for role in seen}


def test_a_plan_is_there_for_its_owner(desk):
    if "beta" not in desk.keys:
        desk.key("beta", "company", "--company=beta")
    plan = kept_plan(desk, "company")
    seen = {role: (plan in ids(items(desk, "plans", role, limit=10000)[0]), get(desk, f"/ogc/collections/plans/items/{plan}", role)[0])
            for role in ("company", "beta", "viewer", "planner", "tanghe")}
    assert seen == {"company": (True, 200), "beta": (False, 404), "viewer": (False, 404), "planner": (True, 200), "tanghe": (False, 404)}
    for path in ("", "/items", f"/items/{plan}"):
        assert get(desk, "/ogc/collections/plans" + path)[0] == 401
    assert "plans" not in [c["id"] for c in get(desk, "/ogc/collections")[1]["collections"]]
    desk.call("DELETE", f"/v1/plans/{plan}", role="company")
    assert get(desk, f"/ogc/collections/plans/items/{plan}", "company")[0] == 404
    assert desk.database.value("SELECT route IS NULL FROM stored_plan WHERE id = %s", plan)


@pytest.mark.parametrize("more", [{"geometry": "polyline5"}, {"geometry": "polyline6"}, {"geometry": "none"}])
def test_the_line_of_a_plan_is_there_however_it_was_asked_for(desk, more):
    found, wanted = (get(desk, f"/ogc/collections/plans/items/{kept_plan(desk, **m)}", "planner")[1]["geometry"] for m in (more, {}))
    assert found == wanted


@pytest.mark.parametrize("collection", ["roads", "zones", "closures", "facilities"])
@pytest.mark.parametrize("west,south,east,north", [(112.4, 32.9, 112.6, 33.1), (111.9, 32.2, 112.0, 32.3), (112.5, 33.0, 112.5, 33.2)])
def test_a_box_chooses_what_meets_it(desk, collection, west, south, east, north):
    shape = f"ST_MakeEnvelope({west}, {south}, {east}, {north}, 4490)" if west < east else \
        f"ST_SetSRID(ST_MakeLine(ST_MakePoint({west}, {south}), ST_MakePoint({east}, {north})), 4490)"
    wanted = {i for i, in desk.database.execute(f"SELECT id FROM ({SEEN[collection]}) q(id, geom) WHERE ST_Intersects(geom, {shape})")}
    found, _ = items(desk, collection, bbox=f"{west},{south},{east},{north}", limit=10000)
    assert set(ids(found)) == wanted and found["numberMatched"] == len(wanted)
    # with heights, which do not count, and in the register's order
    assert set(ids(items(desk, collection, bbox=f"{west},{south},0,{east},{north},9", limit=10000)[0])) == wanted
    assert set(ids(items(desk, collection, bbox=f"{south},{west},{north},{east}", bbox_crs=EPSG + "4490", limit=10000)[0])) == wanted


def test_a_box_over_the_antimeridian_has_two_sides(desk):
    assert items(desk, "zones", bbox="170,-90,-170,90")[0]["features"] == []
    everything = items(desk, "zones", limit=10000)[0]
    assert ids(items(desk, "zones", bbox="100,-90,-170,90", limit=10000)[0]) == ids(everything)


@pytest.mark.parametrize("code", [4547, 4508, 3857])
def test_a_box_in_a_grid_is_in_its_axis_order(desk, code):
    order = "ST_FlipCoordinates" if code != 3857 else "ST_Force2D"
    low, high = (desk.database.value(f"SELECT ARRAY[ST_X(p), ST_Y(p)] FROM {order}(ST_Transform(ST_SetSRID(ST_MakePoint({x}, {y}), 4490), {code})) p")
                 for x, y in ((112.4, 32.9), (112.6, 33.1)))
    found, _ = items(desk, "facilities", bbox=",".join(f"{v:.3f}" for v in (*low, *high)), bbox_crs=EPSG + str(code), limit=10000)
    e, n = (0, 1) if code == 3857 else (1, 0)
    wanted = {i for i, in desk.database.execute(
        f"SELECT id FROM ({SEEN['facilities']}) q(id, geom) WHERE ST_Transform(geom, {code}) && ST_MakeEnvelope({low[e]}, {low[n]}, {high[e]}, {high[n]}, {code})")}
    assert wanted and set(ids(found)) == wanted


@pytest.mark.parametrize("uri", [CRS84, *(EPSG + c for c in ("4490", "4326", "3857", "4508", "4547"))])
def test_coordinates_are_in_the_order_of_the_register(desk, uri):
    found, headers = items(desk, "zones", crs=uri, limit=10000)
    assert headers["Content-Crs"] == f"<{uri}>"
    code = uri.rsplit("/", 1)[1]
    flip = "ST_FlipCoordinates" if code not in ("CRS84", "3857") else ""
    moved = RIGHT_HAND if code in ("CRS84", "4490", "4326") else f"ST_Transform({RIGHT_HAND}, {code})"
    by = 1e-7 if code in ("CRS84", "4490", "4326") else 0.02
    for f in found["features"]:
        wanted = json.loads(desk.database.value(f"SELECT ST_AsGeoJSON({flip}({moved}), 9) FROM zone WHERE id = %s", f["id"]))
        assert near(positions(f["geometry"]), positions(wanted), by), (uri, f["id"])
    one, head = get(desk, f"/ogc/collections/zones/items/{found['features'][0]['id']}?" + urllib.parse.urlencode({"crs": uri}))[1:]
    assert one["geometry"] == found["features"][0]["geometry"] and head["Content-Crs"] == f"<{uri}>"


def test_every_system_that_is_listed_can_be_asked_for(desk):
    collection = get(desk, "/ogc/collections/checkpoints")[1]
    assert collection["crs"][0] == CRS84 and collection["storageCrs"] in collection["crs"] and len(collection["crs"]) == len(set(collection["crs"])) == 36
    for uri in collection["crs"]:
        (found,) = items(desk, "checkpoints", crs=uri, limit=1)[0]["features"]
        x, y = found["geometry"]["coordinates"]
        if uri.endswith(("4490", "4326")):
            assert 30 < x < 36 and 110 < y < 115
        elif "EPSG/0/45" in uri:  # northing, easting
            assert 3.4e6 < x < 3.9e6 * 1.4


def test_a_time_chooses_what_is_in_effect(desk):
    def wanted(range_):
        return {i for i, in desk.database.execute(
            f"SELECT id FROM zone WHERE state IN ('approved', 'lifted', 'expired') AND effective && {range_}")}
    long_ago = "2025-01-15T00:00:00+08:00"
    for text, range_ in ((MORNING, f"tstzrange('{MORNING}', '{MORNING}', '[]')"), (f"{long_ago}/{MORNING}", f"tstzrange('{long_ago}', '{MORNING}', '[]')"),
                         (f"../{long_ago}", f"tstzrange(NULL, '{long_ago}', '[]')"), (f"{MORNING}/..", f"tstzrange('{MORNING}', NULL, '[]')"),
                         (f"/{long_ago}", f"tstzrange(NULL, '{long_ago}', '[]')")):
        assert set(ids(items(desk, "zones", datetime=text, limit=10000)[0])) == wanted(range_), text
    assert "demo-expired" not in ids(items(desk, "zones", datetime=MORNING, limit=10000)[0])
    # what has no time is there at any
    assert items(desk, "facilities", datetime=MORNING)[0]["numberMatched"] == items(desk, "facilities")[0]["numberMatched"]


def test_properties_choose(desk):
    schema = get(desk, "/ogc/collections/closures/queryables")[1]["properties"]
    assert schema["physical"] == {"type": "boolean"} and schema["limit_value"] == {"type": "number"}
    assert set(ids(items(desk, "zones", state="approved", limit=10000)[0])) == {i for i, in desk.database.execute("SELECT id FROM zone WHERE state = 'approved'")}
    assert set(ids(items(desk, "closures", physical="true", limit=10000)[0])) == {i for i, in desk.database.execute("SELECT id FROM closure WHERE physical")}
    some = desk.database.value("SELECT ref FROM road WHERE ref IS NOT NULL ORDER BY id LIMIT 1")
    assert items(desk, "roads", ref=some, limit=1)[0]["numberMatched"] == desk.database.value("SELECT count(*) FROM road WHERE ref = %s", some)
    assert items(desk, "zones", name="'; DROP TABLE zone; --")[0]["numberMatched"] == 0


def test_a_limit_beyond_the_most_is_the_most(desk):
    page, _ = items(desk, "roads", limit=99999999)
    assert page["numberReturned"] == 10000 and link(page, "next")


@pytest.mark.parametrize("query,key", [
    ("colour=red", "colour"), ("f=xml", "f"), ("crs=EPSG:4490", "crs"), ("crs=" + EPSG + "4610", "crs"), ("bbox-crs=gcj02", "bbox-crs"), ("limit=0", "limit"),
    ("limit=-1", "limit"), ("limit=many", "limit"), ("bbox=1,2,3", "bbox"), ("bbox=1,2,3,x", "bbox"), ("bbox=112,33,113,32", "bbox"), ("bbox=1,2,3,91", "bbox"),
    ("bbox=200,2,201,3", "bbox"), ("datetime=today", "datetime"), ("datetime=2026-01-02T00:00:00Z/2026-01-01T00:00:00Z", "datetime"),
    ("datetime=2026-01-02", "datetime"), ("cursor=x", "cursor"), ("cursor=1.2", "cursor"), ("severity=high", "severity"), ("enabled=perhaps", "enabled"),
    ("ref=G40", "ref"), ("bbox=1,1,0,0&bbox-crs=" + EPSG + "4547", "bbox"), ("bbox=1,1,1,2&bbox-crs=" + EPSG + "4547", "bbox"),
])
def test_a_parameter_that_is_wrong_is_named(desk, query, key):
    status, problem, headers = get(desk, "/ogc/collections/zones/items?" + query)
    assert status == 400 and headers["Content-Type"] == "application/problem+json" and problem["pointer"] == "?" + key, problem
    chinese = desk.call("GET", "/ogc/collections/zones/items?" + query, role=None, language="zh-CN")[1]
    assert chinese["detail"] != problem["detail"]


@pytest.mark.parametrize("path,status", [("/ogc/collections/dreams", 404), ("/ogc/collections/dreams/items", 404), ("/ogc/collections/roads/items/x", 404),
                                         ("/ogc/collections/roads/items/999999999999", 404), ("/ogc/collections?limit=1", 400), ("/ogc?x=1", 400),
                                         ("/ogc/collections/zones/items/demo-flood?limit=1", 400)])
def test_what_is_not_there_is_said(desk, path, status):
    assert get(desk, path)[0] == status


def test_a_feature_has_what_the_page_had(desk):
    for collection in PUBLIC:
        page, _ = items(desk, collection, limit=2)
        for f in page["features"]:
            one = get(desk, f"/ogc/collections/{collection}/items/{urllib.parse.quote(f['id'])}")[1]
            assert {k: one[k] for k in f} == f
            assert path_of(desk, link(one, "collection")) == f"/ogc/collections/{collection}"
