"""Files for other people's maps, read back by the tools those people use."""
import http.client
import json
import subprocess
import urllib.parse
import zipfile

import pytest

from desk_fixture import desk  # noqa: F401  fixture
from demo_fixture import MORNING
from zones_life_test import feature

LAYERS = {"zones": "zone", "checkpoints": "checkpoint", "closures": "closure", "facilities": "facility", "jurisdictions": "jurisdiction"}


def fetch(desk, path, role=None, language="en"):
    connection = http.client.HTTPConnection("127.0.0.1", desk.service.port, timeout=60)
    head = {"Accept-Language": language, **({"Authorization": "Bearer " + desk.keys[role]} if role else {})}
    connection.request("GET", path, headers=head)
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response, data


def saved(desk, path, folder, role=None):
    response, data = fetch(desk, path, role)
    assert response.status == 200, data
    name = response.getheader("Content-Disposition").split('"')[1]
    file = folder / name
    file.write_bytes(data)
    return file


def tables(source, *options):
    """{table: [feature]} of a file, as ogr2ogr reads it."""
    listed = subprocess.run(["ogrinfo", "-q", "-ro", source], check=True, capture_output=True, text=True).stdout
    names = [line.split(": ", 1)[1].rsplit(" (", 1)[0] if "(" in line else line.split(": ", 1)[1] for line in listed.splitlines() if line[:1].isdigit()]
    found = {}
    for name in names:
        text = subprocess.run(["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", source, name, "-lco", "COORDINATE_PRECISION=9", *options], check=True,
                              capture_output=True, text=True).stdout
        found[name] = json.loads(text)["features"]
    return found


def positions(geometry):
    def walk(value):
        if isinstance(value[0], (int, float)):
            yield tuple(value[:2])
        else:
            for part in value:
                yield from walk(part)
    return sorted(walk(geometry["coordinates"]))


@pytest.mark.parametrize("layer", [*LAYERS, "roads"])
def test_every_layer_comes_back_whole_from_a_geopackage(desk, layer, tmp_path):
    file = saved(desk, f"/v1/export/{layer}.gpkg?names=en" + ("&bbox=112.50,32.98,112.56,33.02" if layer == "roads" else ""), tmp_path, role="admin")
    (features,) = tables(file).values()
    if layer == "roads":
        ids = {str(r[0]) for r in desk.database.execute("SELECT id FROM road WHERE geom && ST_MakeEnvelope(112.50, 32.98, 112.56, 33.02, 4490)")}
    else:
        key = "code" if layer == "jurisdictions" else "id"
        more = " WHERE geom IS NOT NULL" if layer == "jurisdictions" else ""
        ids = {r[0] for r in desk.database.execute(f"SELECT {key} FROM {LAYERS[layer]}{more}")}
    assert {f["properties"]["id"] for f in features} == ids and len(features) == len(ids)
    names = {f["properties"]["id"]: f["properties"]["name"] for f in features}
    table, column, key = ("road", "name", "id::text") if layer == "roads" else (LAYERS[layer], "name_zh" if layer == "jurisdictions" else "name", "code" if layer == "jurisdictions" else "id")
    assert all(names[i] == n for i, n in desk.database.execute(f"SELECT {key}, {column} FROM {table}") if i in names)


@pytest.mark.parametrize("form,query", [("geojson", ""), ("geojson", "crs=EPSG:4547"), ("gpkg", "crs=EPSG:4508"), ("gpkg", "crs=EPSG:4326"),
                                        ("shp.zip", "encoding=gbk"), ("shp.zip", "crs=EPSG:4547"), ("fgb", "crs=EPSG:4490"), ("kml", ""),
                                        ("csv", "")])
def test_positions_and_chinese_texts_survive_every_format(desk, form, query, tmp_path):
    file = saved(desk, f"/v1/export/facilities.{form}?names=en{query and '&' + query}", tmp_path)
    source = f"/vsizip/{file}" if form == "shp.zip" else str(file)
    wanted = dict(desk.database.execute("SELECT name, ARRAY[ST_X(geom), ST_Y(geom)] FROM facility"))
    found = tables(source, *(["-t_srs", "EPSG:4490"] if "crs" in query else []))
    if form == "shp.zip":
        found.pop("columns", None)
        with zipfile.ZipFile(file) as archive:
            assert {"columns.csv", "facilities_point.cpg"} <= set(archive.namelist())
            assert ("936" in archive.read("facilities_point.cpg").decode()) == ("gbk" in query)
    (features,) = found.values()
    name = "Name" if form == "kml" else "name"
    if form == "csv":
        assert {f["properties"]["name"] for f in features} == set(wanted)
        return
    assert {f["properties"][name] for f in features} == set(wanted)
    for f in features:
        (x, y), (lon, lat) = positions(f["geometry"])[0], wanted[f["properties"][name]]
        assert abs(x - lon) < 2e-7 and abs(y - lat) < 2e-7


def test_areas_keep_their_border(desk, tmp_path):
    (features,) = tables(saved(desk, "/v1/export/zones.geojson?names=en", tmp_path)).values()
    for f in features:
        wanted = json.loads(desk.database.value("SELECT ST_AsGeoJSON(geom, 7) FROM zone WHERE id = %s", f["properties"]["id"]))
        assert len(positions(f["geometry"])) == len(positions(wanted))
        assert max(abs(a - b) for p, q in zip(positions(f["geometry"]), positions(wanted)) for a, b in zip(p, q)) < 2e-7


def test_shifted_coordinates_for_web_maps_are_shifted(desk, tmp_path):
    plain = json.loads(saved(desk, "/v1/export/facilities.geojson?names=en", tmp_path).read_text(encoding="utf-8"))["features"]
    for crs in ("gcj02", "bd09"):
        shifted = json.loads(saved(desk, f"/v1/export/facilities.geojson?names=en&crs={crs}", tmp_path).read_text(encoding="utf-8"))
        assert "crs" not in shifted  # no register knows it
        apart = [abs(a["geometry"]["coordinates"][0] - b["geometry"]["coordinates"][0]) for a, b in zip(plain, shifted["features"])]
        assert all(0.002 < d < 0.02 for d in apart)


@pytest.mark.parametrize("form,table", [("gpx", "waypoints"), ("dxf", "entities")])
def test_formats_of_devices_and_drawings_hold_every_place(desk, form, table, tmp_path):
    found = tables(saved(desk, f"/v1/export/checkpoints.{form}", tmp_path))
    wanted = desk.database.value("SELECT count(*) FROM checkpoint WHERE state IN ('active', 'closed')")
    assert len(found[table]) == wanted
    if form == "gpx":
        assert set(dict(desk.database.execute("SELECT name, 1 FROM checkpoint WHERE state = 'active'"))) <= {f["properties"]["name"] for f in found[table]}


def test_points_and_lines_of_one_layer_share_a_gpx_file(desk, tmp_path):
    found = tables(saved(desk, "/v1/export/closures.gpx", tmp_path))
    kinds = dict(desk.database.execute("SELECT GeometryType(COALESCE(c.geom, (SELECT ST_Collect(r.geom) FROM closure_arcs(c) a JOIN road r ON r.id = a.road_id))),"
                                       " count(*) FROM closure c WHERE state IN ('approved', 'lifted') OR physical GROUP BY 1"))
    assert len(found["tracks"]) == sum(n for kind, n in kinds.items() if kind and "LINE" in kind) > 0


def test_columns_are_chinese_unless_asked(desk, tmp_path):
    (features,) = tables(saved(desk, "/v1/export/zones.gpkg", tmp_path)).values()
    assert {"名称", "类别", "文号"} <= set(features[0]["properties"])


def test_a_draft_is_in_the_file_only_for_who_may_see_it(desk):
    zone = desk.good("POST", "/v1/zones", feature(jurisdiction="411322"), role="fangcheng")["id"]
    seen = {role: zone in fetch(desk, "/v1/export/zones.csv", role)[1].decode() for role in (None, "viewer", "fangcheng", "tanghe", "planner")}
    assert seen == {None: False, "viewer": False, "fangcheng": True, "tanghe": False, "planner": True}


def test_filters_choose_what_is_in_effect(desk):
    def ids(query):
        return {f["properties"]["id"] for f in json.loads(fetch(desk, "/v1/export/zones.geojson?names=en" + query)[1])["features"]}
    assert "demo-expired" in ids("") and "demo-expired" not in ids("&at=" + urllib.parse.quote(MORNING))
    assert "demo-expired" in ids("&at=" + urllib.parse.quote("2025-01-15T00:00:00+08:00"))
    assert ids("&bbox=100,20,101,21") == set()
    assert "demo-flood" in ids("&state=approved") and "demo-flood" not in ids("&state=lifted")


@pytest.mark.parametrize("path,status,said", [
    ("zones.xls", 404, "shp.zip"), ("zones", 404, "shp.zip"), ("dreams.csv", 404, "dreams"), ("roads.csv?at=2026-01-01T00:00:00Z", 400, "at"),
    ("roads.csv?state=open", 400, "state"), ("zones.csv?at=now", 400, "at"), ("zones.csv?bbox=1,2,3", 400, "bbox"),
    ("zones.csv?crs=EPSG:99999", 400, ""), ("zones.kml?crs=EPSG:4547", 400, "longitude"), ("zones.csv?names=fr", 400, "zh, en"),
    ("zones.shp.zip?encoding=latin1", 400, "gbk"), ("zones.csv?colour=red", 400, "colour"),
])
def test_what_cannot_be_made_is_said(desk, path, status, said):
    response, data = fetch(desk, "/v1/export/" + path)
    assert response.status == status and said in json.loads(data)["detail"] + json.loads(data).get("pointer", "")


@pytest.mark.parametrize("geometry", ["geojson", "polyline5", "polyline6"])
def test_a_kept_plan_is_a_file_with_legs_gates_and_corridor(desk, geometry, tmp_path):
    works = desk.database.value("SELECT ARRAY[ST_X(geom), ST_Y(geom)] FROM facility WHERE name LIKE '邓州示意粮油加工厂%'")
    plan = desk.good("POST", "/v1/route", {"origin": {"location": [112.53, 33.0], "name": "起点"}, "destination": {"location": works}, "loop": "return",
                                           "vehicle": {"class": "truck_6_axle"}, "credentials": [{"type": "disinfection", "issued_at": "2026-11-20T09:00:00+08:00"}],
                                           "depart_at": MORNING, "store": True, "geometry": geometry}, role="planner")
    where = "/v1/plans/" + plan["decision_id"]
    (features,) = tables(saved(desk, where + ".gpkg?names=en", tmp_path, role="planner")).values()
    parts = [f["properties"]["part"] for f in features]
    legs = plan["plans"][0]["legs"]
    gates = [g for leg in legs for g in leg["gates"]]
    assert gates and (parts.count("leg"), parts.count("gate"), parts.count("waypoint"), parts.count("corridor")) == (len(legs), len(gates), 3, 1)
    assert [f["properties"]["name"] for f in features if f["properties"]["part"] == "gate"] == [g["name"] for g in gates]
    lines = [f for f in features if f["properties"]["part"] == "leg"]
    assert [f["properties"]["distance_m"] for f in lines] == [leg["distance_m"] for leg in legs]
    if geometry == "geojson":
        assert lines[0]["geometry"]["coordinates"] == legs[0]["geometry"]["coordinates"]
    tracks = tables(saved(desk, where + ".gpx", tmp_path, role="planner"))
    assert len(tracks["tracks"]) == len(legs) + 1 and len(tracks["waypoints"]) == len(gates) + 3
    assert fetch(desk, where + ".gpkg", "company")[0].status == 404
    assert fetch(desk, where + ".gpkg")[0].status == 401


def test_a_plan_kept_without_lines_cannot_be_drawn_and_says_so(desk):
    plan = desk.good("POST", "/v1/route", {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.09, 32.68]}, "store": True,
                                           "geometry": "none"}, role="planner")
    response, data = fetch(desk, f"/v1/plans/{plan['decision_id']}.kml", "planner")
    assert response.status == 409 and "geometry" in json.loads(data)["detail"]


def test_the_command_line_writes_the_same_file(desk, tmp_path):
    out = tmp_path / "zones.gpkg"
    desk.database.program("export", "zones", "--format=gpkg", f"--out={out}", "--names=en")
    (features,) = tables(str(out)).values()
    assert len(features) == desk.database.value("SELECT count(*) FROM zone")
    text = desk.database.program("export", "facilities", "--crs=gcj02").stdout
    assert len(json.loads(text)["features"]) == desk.database.value("SELECT count(*) FROM facility")
    wrong = desk.database.program("export", "dreams", check=False)
    assert wrong.returncode == 2 and "dreams" in wrong.stderr


def test_zones_in_a_file_are_linted_from_the_command_line(desk, tmp_path):
    bow = [[112.90, 33.03], [112.96, 33.09], [112.96, 33.03], [112.90, 33.09], [112.90, 33.03]]
    before = desk.database.value("SELECT count(*) FROM zone")

    def lint(*features):
        file = tmp_path / "zones.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
        return desk.database.program("zone", "lint", str(file), f"--snapshot={desk.database.snapshot}", "--language=en", check=False)
    crossed = lint(feature(), feature(bow))
    assert crossed.returncode == 2, crossed.stderr
    assert [line.split("\t")[2] for line in crossed.stdout.splitlines() if line.startswith("1\t")] == ["invalid_geometry"]
    gated = lint(feature(rules=[{"rule": "gated"}]))
    assert gated.returncode == 2 and "gated_without_gate" in gated.stdout
    assert lint().returncode == 3
    assert desk.database.value("SELECT count(*) FROM zone") == before
