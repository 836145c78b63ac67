"""The printed sheet of a plan: over HTTP from a plan that was kept, and by `baochang route`."""
import json
import struct
import subprocess
import xml.etree.ElementTree as xml
import zlib

import pytest

from desk_fixture import desk  # noqa: F401  fixture

# into the animal-disease area and back, through the station's checkpoint
TRIP = {"origin": {"location": [112.36, 32.53], "name": "新野县"}, "destination": {"location": [111.86, 32.56], "service_s": 3600},
        "loop": "return", "max_snap_m": 2000, "depart_at": "2026-11-20T08:00:00+08:00",
        "vehicle": {"class": "truck_6_axle", "plate": "豫R12345"},
        "credentials": [{"type": "disinfection", "issued_at": "2026-11-20T06:00:00+08:00"}]}
HOSTILE = "<b>&\"'\\…\u202egnp.exe" + "很长的名字" * 30


def text_of(pdf):
    return subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def pages_of(pdf):
    shown = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return int(next(line.split()[1] for line in shown.splitlines() if line.startswith("Pages:")))


def png_of(data):
    """(width, height, distinct bytes of its picture)"""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, size = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        size = struct.unpack(">II", body[:8]) if kind == b"IHDR" else size
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    return (*size, len(set(zlib.decompress(packed))))


def keep(desk, **more):
    status, answer, _ = desk.call("POST", "/v1/route", json.dumps({**TRIP, "store": True, **more}), role="planner")
    assert status == 200, answer
    return answer


@pytest.fixture(scope="module")
def kept(desk):
    return keep(desk)


def sheet(desk, plan, form, language="zh-CN", role="planner"):
    status, body, head = desk.call("GET", f"/v1/plans/{plan}.{form}", role=role, language=language)
    assert status == 200, body
    return body, head


def test_the_pdf_says_what_the_answer_says(desk, kept):
    pdf, head = sheet(desk, kept["decision_id"], "pdf")
    text, plan = text_of(pdf), kept["plans"][0]
    assert head["Content-Type"] == "application/pdf"
    gates = [gate for leg in plan["legs"] for gate in leg["gates"]]
    assert gates, "the trip must pass a checkpoint"
    for gate in gates:
        assert gate["name"] in text and gate["at"][5:16].replace("T", " ") in text
    for leg in plan["legs"]:
        assert leg["depart_at"][5:16].replace("T", " ") in text and leg["arrive_at"][5:16].replace("T", " ") in text
        for zone in leg["zones"]:
            assert zone["name"] in text
    for said in (kept["decision_id"], plan["digest"], kept["network_version"], f"规则版本 {kept['rules_version']}", kept["as_of"],
                 "豫R12345", "新野县", "可签发"):
        assert said in text


def test_the_sheet_speaks_english_when_asked(desk, kept):
    text = text_of(sheet(desk, kept["decision_id"], "pdf", "en")[0])
    assert "Checkpoints, in order" in text and "may be issued" in text and "卡点（按经过次序）" not in text


def test_the_same_plan_gives_the_same_bytes(desk, kept):
    for form in ("pdf", "svg", "png"):
        assert sheet(desk, kept["decision_id"], form)[0] == sheet(desk, kept["decision_id"], form)[0], form


def test_the_svg_is_xml_and_the_png_is_a_picture_of_the_width_asked(desk, kept):
    svg, head = sheet(desk, kept["decision_id"], "svg")
    assert head["Content-Type"] == "image/svg+xml" and xml.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    for query, width in (("", 1240), ("?width=620", 620)):
        status, png, _ = desk.call("GET", f"/v1/plans/{kept['decision_id']}.png{query}")
        drawn = png_of(png)
        assert status == 200 and drawn[0] == width and drawn[1] > width and drawn[2] > 32


@pytest.mark.parametrize("query, pointer", [("?width=100", "/width"), ("?width=9999", "/width"), ("?width=-1", "/width"), ("?size=3", "")])
def test_a_wrong_width_is_refused_by_name(desk, kept, query, pointer):
    status, problem, _ = desk.call("GET", f"/v1/plans/{kept['decision_id']}.png{query}")
    assert status == 400 and problem.get("pointer", "").startswith(pointer)


def test_a_sheet_is_as_secret_as_its_plan(desk, kept):
    for form in ("pdf", "svg", "png"):
        assert desk.call("GET", f"/v1/plans/{kept['decision_id']}.{form}", role=None)[0] == 401
        assert desk.call("GET", f"/v1/plans/{kept['decision_id']}.{form}", role="company")[0] == 404
        assert desk.call("GET", f"/v1/plans/no-such-plan.{form}")[0] == 404


@pytest.mark.parametrize("more", [{"geometry": "polyline6"}, {"geometry": "polyline5"}, {"geometry": "none"}, {"crs": "gcj02"},
                                  {"crs": "EPSG:4508", "origin": {"location": [627622, 3600722]}, "destination": {"location": [580689, 3603576]}}],
                         ids=["polyline6", "polyline5", "none", "gcj02", "gauss"])
def test_every_form_of_geometry_can_be_printed(desk, more):
    if more.get("crs", "").startswith("EPSG"):
        more = {**more, "max_snap_m": 5000}
    status, answer, _ = desk.call("POST", "/v1/route", json.dumps({**TRIP, "store": True, "corridor_m": 0, **more}))
    assert status == 200, answer
    text = text_of(sheet(desk, answer["decision_id"], "pdf")[0])
    assert answer["decision_id"] in text and ("不含线形" in text) == (more.get("geometry") == "none")


def test_hostile_names_stay_text(desk):
    answer = keep(desk, origin={"location": [112.36, 32.53], "name": HOSTILE[:60]})
    pdf = sheet(desk, answer["decision_id"], "pdf")[0]
    assert "<b>&" in text_of(pdf) and "\u202e" not in text_of(pdf)
    xml.fromstring(sheet(desk, answer["decision_id"], "svg")[0])


def test_many_calls_take_more_pages_and_stay_whole(desk):
    stops = [{"location": [112.36 + 0.01 * (i % 2), 32.53], "name": f"停靠{i:02d}号"} for i in range(40)]
    answer = keep(desk, stops=stops, destination={"location": [112.83, 32.69]})
    pdf = sheet(desk, answer["decision_id"], "pdf")[0]
    text = text_of(pdf)
    assert pages_of(pdf) > 1 and f"第 1 页，共 {pages_of(pdf)} 页" in text
    assert all(stop["name"] in text for stop in stops)


def test_the_command_line_writes_the_same_sheet_to_files(desk, tmp_path):
    names = {form: tmp_path / f"plan.{form}" for form in ("pdf", "svg", "png")}
    done = desk.database.program("route", f"--snapshot={desk.database.snapshot}", "--from=新野", "--to=邓州", "--loop", "--plate=豫R12345",
                                 "--schematic", "--attribution=© 测绘部门", *(f"--{form}={path}" for form, path in names.items()))
    assert "km" in done.stdout and sorted(p.name for p in tmp_path.iterdir()) == ["plan.pdf", "plan.png", "plan.svg"]
    text = text_of(names["pdf"].read_bytes())
    assert "新野县" in text and "邓州市" in text and "示意路网" in text and "© 测绘部门" in text
    xml.fromstring(names["svg"].read_bytes())
    assert png_of(names["png"].read_bytes())[0] == 1240


def test_a_file_that_cannot_be_written_is_an_error(desk, tmp_path):
    refused = desk.database.program("route", f"--snapshot={desk.database.snapshot}", "--from=新野", "--to=邓州",
                                    f"--pdf={tmp_path}/none/plan.pdf", check=False)
    assert refused.returncode == 1 and "plan.pdf" in refused.stderr
