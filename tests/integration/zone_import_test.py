"""Zones from files: what bureaus have on their disks becomes drafts, all of them or none."""
import http.client
import io
import json
import subprocess
import zipfile

import pytest

from desk_fixture import desk  # noqa: F401  fixture
from zones_life_test import ELSEWHERE, SHEQI, feature

ZIP, PACKAGE = "application/zip", "application/geopackage+sqlite3"


def send(desk, data, kind, query="", role="planner"):
    connection = http.client.HTTPConnection("127.0.0.1", desk.service.port, timeout=30)
    connection.request("POST", "/v1/zones/import" + query, data,
                       {"Content-Type": kind, "Authorization": "Bearer " + desk.keys[role], "Accept-Language": "en"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def plain(ring, **attributes):
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": attributes}


@pytest.fixture
def layer(tmp_path):
    """A layer of two areas with Chinese names, as a file that ogr2ogr writes: layer("ESRI Shapefile", "-t_srs", "EPSG:4547")."""
    source = tmp_path / "source.geojson"
    source.write_text(json.dumps({**collection(plain(SHEQI, 名称="社旗内涝区", lei="FL-RISK", depth=1.5), plain(ELSEWHERE, 名称="卢氏滑坡", lei="FL-RISK", depth=2)),
                                  "name": "areas"}), encoding="utf-8")

    def make(driver, *options):
        target = tmp_path / ("out.gpkg" if driver == "GPKG" else "out.shp")
        subprocess.run(["ogr2ogr", "-f", driver, str(target), str(source), *options], check=True, stderr=subprocess.PIPE)
        if driver == "GPKG":
            return target.read_bytes()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in tmp_path.glob("out.*"):
                archive.write(part, "数据/" + part.name)
        return packed.getvalue()
    return make


def names(desk, answer):
    return sorted(desk.good("GET", f"/v1/zones/{zone}")["properties"]["name"] for zone in answer["zones"])


def corner(desk, zone):
    return desk.good("GET", f"/v1/zones/{zone}")["geometry"]["coordinates"][0][0]


def count(desk):
    return desk.database.value("SELECT count(*) FROM zone")


def test_a_collection_of_features_as_the_interface_takes_them(desk):
    before = count(desk)
    status, answer = send(desk, json.dumps(collection(feature(name="甲"), feature(ELSEWHERE, name="乙"))), "application/geo+json")
    assert status == 201 and answer["count"] == 2
    assert names(desk, answer) == ["乙", "甲"]
    assert count(desk) == before + 2
    assert desk.good("GET", f"/v1/zones/{answer['zones'][0]}")["life"]["state"] == "draft"


@pytest.mark.parametrize("driver,options,kind,query", [
    ("ESRI Shapefile", ["-lco", "ENCODING=GBK", "-t_srs", "EPSG:4547"], ZIP, ""),
    ("ESRI Shapefile", ["-lco", "ENCODING=UTF-8"], ZIP, "&class_field=lei"),
    ("GPKG", ["-t_srs", "EPSG:4508"], PACKAGE, "&rule=destination_only"),
])
def test_files_of_bureaus_in_their_encodings_and_coordinates(desk, layer, driver, options, kind, query):
    status, answer = send(desk, layer(driver, *options), kind, "?class=FL-RISK" + query)
    assert status == 201, answer
    assert names(desk, answer) == ["卢氏滑坡", "社旗内涝区"]
    zones = {desk.good("GET", f"/v1/zones/{z}")["properties"]["name"]: z for z in answer["zones"]}
    found = {tuple(round(v, 6) for v in point) for point in corner(desk, zones["社旗内涝区"])}
    assert found == {tuple(point) for point in SHEQI}
    rules = desk.good("GET", f"/v1/zones/{zones['社旗内涝区']}")["properties"]["rules"]
    assert ("rule" in query) == (rules == [{"rule": "destination_only"}])


def test_every_refused_feature_is_named_and_nothing_is_made(desk):
    before = count(desk)
    bow = [[112.90, 33.03], [112.96, 33.09], [112.96, 33.03], [112.90, 33.09], [112.90, 33.03]]
    body = collection(feature(name="好"), feature(bow, name="自相交"), feature(name="类别不明", **{"class": "NO-SUCH"}), feature(surprise=1))
    status, problem = send(desk, json.dumps(body), "application/json")
    assert status == 400 and problem["refused"] == 2  # those that can be told without the database
    assert [(e["feature"], e["code"]) for e in problem["errors"]] == [(1, "invalid_geometry"), (3, "unknown_member")]
    assert problem["errors"][0]["pointer"].startswith("/features/1/geometry/coordinates/")
    assert problem["errors"][0]["place"]["coordinates"] in bow and "place" not in problem["errors"][1]
    status, problem = send(desk, json.dumps(collection(*(body["features"][i] for i in (0, 2)))), "application/json")
    assert status == 400 and [e["feature"] for e in problem["errors"]] == [1]
    assert problem["errors"][0]["pointer"].startswith("/features/1/properties")
    assert count(desk) == before


def test_a_dry_run_leaves_nothing(desk):
    before = count(desk)
    status, answer = send(desk, json.dumps(collection(feature())), "application/json", "?dry_run=true")
    assert status == 200 and (answer["zones"], answer["count"], answer["features_left_out"]) == ([], 1, 0)
    assert count(desk) == before


def test_a_dry_run_says_what_was_understood_and_what_lint_finds_of_each(desk, layer):
    before = count(desk), desk.call("GET", "/readyz", role=None)[1]["rules_version"]
    status, answer = send(desk, layer("ESRI Shapefile", "-lco", "ENCODING=UTF-8", "-t_srs", "EPSG:4547"), ZIP, "?class=FL-RISK&dry_run=true")
    assert status == 200 and answer["count"] == 2 and [f["feature"] for f in answer["features"]] == [0, 1]
    first = answer["features"][0]["would_be"]
    assert (first["properties"]["name"], first["properties"]["class"], first["life"]["state"]) == ("社旗内涝区", "FL-RISK", "draft")
    assert {tuple(round(v, 6) for v in point) for point in first["geometry"]["coordinates"][0][0]} == {tuple(point) for point in SHEQI}
    # each is judged as a dry run of its own would
    nowhere = [[111.20, 33.90], [111.2001, 33.90], [111.2001, 33.9001], [111.20, 33.9001], [111.20, 33.90]]
    since = {"from": "2026-11-20T00:00:00+08:00"}
    both = [feature(name="甲", **since), feature(nowhere, name="无路", **since)]
    status, answer = send(desk, json.dumps(collection(*both)), "application/json", "?dry_run=true")
    for sent, found in zip(both, answer["features"], strict=True):
        alone = desk.good("POST", "/v1/zones?dry_run=true", sent)
        told = [f for f in alone["findings"] if f["code"] != "island_created"]
        assert found["findings"] == told and found["would_be"]["properties"] == alone["would_be"]["properties"]
    assert "controls_no_road" in [f["code"] for f in answer["features"][1]["findings"]]
    assert (count(desk), desk.call("GET", "/readyz", role=None)[1]["rules_version"]) == before


def test_a_dry_run_judges_the_first_two_hundred(desk):
    before = count(desk)
    status, answer = send(desk, json.dumps(collection(*(feature(name=f"第 {i} 块") for i in range(203)))), "application/json", "?dry_run=true")
    assert status == 200 and (answer["count"], len(answer["features"]), answer["features_left_out"]) == (203, 200, 3)
    assert count(desk) == before


@pytest.mark.parametrize("data,kind,query,said", [
    (b"no zip at all", ZIP, "?class=FL-RISK", "not a zip archive"),
    (b"no package", PACKAGE, "?class=FL-RISK", "cannot be read"),
    (b"{}", "application/json", "", "type"),
    (b'{"type":"FeatureCollection","features":[]}', "application/json", "", "no feature"),
    (b'{"type":"FeatureCollection","features":[7]}', "application/json", "", "refused"),
    (b'{"type":"FeatureCollection","features":[7]}', "application/json", "?crs=mars", "EPSG"),
    (b'{"type":"FeatureCollection","features":[7]}', "application/json", "?dry_run=maybe", "dry_run"),
])
def test_what_is_no_such_file_is_refused_with_the_reason(desk, data, kind, query, said):
    status, problem = send(desk, data, kind, query)
    assert status == 400
    assert said in problem["detail"], problem


def test_an_archive_that_unpacks_to_too_much_or_holds_no_shapefile_is_refused(desk):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * (10 << 20))
        for i in range(30):
            archive.writestr(f"{i}.dbf", b"\0" * (10 << 20))
    status, problem = send(desk, packed.getvalue(), ZIP, "?class=FL-RISK")
    assert (status, problem["code"]) == (413, "too_large")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert "no shapefile" in send(desk, packed.getvalue(), ZIP)[1]["detail"]


def test_names_and_classes_must_be_somewhere(desk, layer):
    data = layer("GPKG")
    status, problem = send(desk, data, PACKAGE)
    assert status == 400 and "class" in problem["errors"][0]["detail"]
    status, problem = send(desk, data, PACKAGE, "?class=FL-RISK&name_field=title")
    assert status == 400 and "title" in problem["errors"][0]["detail"]
