"""`baochang route`: one question without a server, by names and options."""
import json
import xml.etree.ElementTree as xml

import pytest

from demo_fixture import SEATS

MORNING = "--depart=2026-11-20T09:30:00+08:00"
GPX = "{http://www.topografix.com/GPX/1/1}"


@pytest.fixture
def route(demo_service):
    def ask(*arguments, check=True):
        return demo_service.database.program("route", f"--snapshot={demo_service.database.snapshot}", MORNING, *arguments, check=check)
    return ask


def test_names_and_coordinates_ask_the_same_as_http(route, demo_service):
    by_name = json.loads(route("--from", "南召", "--to=唐河", "--loop", "--vehicle", "truck_6_axle", "--json", "--lang=en").stdout)
    status, by_http = demo_service.ask("/v1/route", {
        "origin": {"location": SEATS["nanzhao"], "name": "南召县"}, "destination": {"location": SEATS["tanghe"], "name": "唐河县"},
        "loop": "return", "vehicle": {"class": "truck_6_axle"}, "depart_at": "2026-11-20T09:30:00+08:00"})
    assert status == 200
    assert by_name["plans"][0]["digest"] == by_http["plans"][0]["digest"]
    assert by_name["plans"][0]["waypoints"] == by_http["plans"][0]["waypoints"]


def test_a_plan_is_readable_in_both_languages(route):
    chinese = route("--from=南召", "--to=唐河", "--loop").stdout
    english = route("--from=Nanzhao", "--to=Tanghe", "--loop", "--lang=en").stdout
    assert "南召县" in chinese and "行驶" in chinese and "11-20 09:30" in chinese
    assert "Head " in english and "11-20 09:30" in english


def test_stops_keep_their_order_and_service_times(route):
    plan = json.loads(route("--from=南召", "--stop=社旗", "--service=1800", "--stop", "112.83,32.69", "--to=新野", "--json").stdout)["plans"][0]
    assert [w.get("name") for w in plan["waypoints"]] == ["南召县", "社旗县", None, "新野县"]
    gap = plan["legs"][1]["depart_at"], plan["legs"][0]["arrive_at"]
    assert gap[0] > gap[1]


def test_geojson_and_gpx_hold_the_line_that_the_answer_has(route):
    question = ["--from=南召", "--to=唐河", "--loop"]
    legs = json.loads(route(*question, "--json").stdout)["plans"][0]["legs"]
    lines = [f["geometry"]["coordinates"] for f in json.loads(route(*question, "--geojson").stdout)["features"]
             if f["properties"]["kind"] == "leg"]
    assert lines == [leg["geometry"]["coordinates"] for leg in legs]
    gpx = route(*question, "--gpx").stdout
    tracks = [[[float(p.get("lon")), float(p.get("lat"))] for p in t.iter(GPX + "trkpt")] for t in xml.fromstring(gpx).iter(GPX + "trk")]
    assert tracks == lines
    assert gpx == route(*question, "--gpx").stdout


@pytest.mark.parametrize("arguments, code, said", [
    (["--from=南召"], 1, "destination"),
    (["--from=无此地", "--to=唐河"], 1, "无此地"),
    (["--from=站", "--to=唐河"], 1, "西峡中转站"),
    (["--from=南召", "--to=唐河", "--hight=4"], 2, "--hight"),
    (["--from=南召", "--to=唐河", "--loop=yes"], 2, "loop"),
    (["--from=南召", "--to=唐河", "--to=新野"], 2, "to"),
    (["--from=南召", "--to=唐河", "--json", "--gpx"], 2, "--gpx"),
    (["--from=南召", "--service=5", "--to=唐河"], 1, "--service"),
    (["--from=南召", "--to=唐河", "--height=-4"], 1, "/vehicle/height_m"),
    (["--from=南召", "--to=唐河", "as_of=2026-01-01T00:00:00Z"], 1, "as_of"),
    (["--from=南召", "--to=唐河", "colour=red"], 1, "colour"),
    (["--from=112.43,233.49", "--to=唐河"], 1, "/origin/location/1"),
    ([], 1, "origin"),
])
def test_a_wrong_call_is_named(route, arguments, code, said):
    done = route(*arguments, check=False)
    assert (done.returncode, done.stdout) == (code, "") and said in done.stderr


def test_reasons_never_stand_in_a_file_for_other_programs(route):
    refused = route("--from=112.43,33.49", "--to=112.83,32.69", "--gpx", "--height=12", "--max-snap=1", check=False)
    assert refused.returncode == 1 and refused.stdout == "" and refused.stderr != ""
