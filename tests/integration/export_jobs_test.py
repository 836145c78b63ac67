"""Exports as jobs: the file of /v1/export without a limit on its time; lost by no process that is killed."""
import http.client
import json
import os
import pathlib
import signal
import subprocess

import pytest

from conftest import end_program, start_program
from desk_fixture import ROLES, Desk, wait_for
from zones_life_test import feature

ROADS = {"kind": "export", "layer": "roads", "format": "gpkg", "names": "en"}


@pytest.fixture(scope="module")
def desk(demo_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    pepper = f"--pepper-file={folder}/pepper"
    made = Desk(demo_database, pepper, None)
    for role in ROLES:
        made.key(role, role, *(["--company=acme"] if role == "company" else []))
    made.key("fangcheng", "planner", "--county=411322")
    made.key("tanghe", "planner", "--county=411328")
    made.folder = pathlib.Path(folder, "kept")

    def start(name, *more):
        service = start_program(os.path.join(folder, f"{name}.log"), f"--snapshot={demo_database.snapshot}", f"--database={demo_database.url}", pepper,
                                "--rate-units=0", *(more or [f"--export-dir={made.folder}"]))
        wait_for(lambda: made.call("GET", "/readyz", role=None, port=service.port)[0] == 200, what="ready")
        return service
    made.start = start
    made.service = start("serve")
    yield made
    end_program(made.service)


def ended(desk, job, role="planner", port=None):
    return wait_for(lambda: (j := desk.call("GET", f"/v1/jobs/{job}", role=role, port=port)[1])["state"] != "running" and j, 600, "the export")


def fetch(desk, path, role="planner", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", desk.service.port, timeout=60)
    connection.request("GET", path, headers={"Authorization": "Bearer " + desk.keys[role], **{k.replace("_", "-"): v for k, v in headers.items()}})
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, data, response.headers


def exported(desk, body, role="planner"):
    status, job, headers = desk.call("POST", "/v1/jobs", body, role=role)
    assert status == 201 and headers["Location"] == f"/v1/jobs/{job['id']}", job
    done = ended(desk, job["id"], role)
    assert done["state"] == "done", done
    return done


def count(file):
    text = subprocess.run(["ogrinfo", "-ro", "-so", "-al", file], check=True, capture_output=True, text=True).stdout
    return int(text.split("Feature Count: ")[1].split()[0])


def test_a_layer_is_made_kept_and_the_same_as_at_once(desk, tmp_path):
    job = exported(desk, ROADS)
    status, data, headers = fetch(desk, job["file"])
    assert status == 200 and len(data) == job["bytes"] == int(headers["Content-Length"]) and headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Disposition"] == 'attachment; filename="roads.gpkg"' and headers["Content-Type"] == "application/geopackage+sqlite3"
    file = tmp_path / "roads.gpkg"
    file.write_bytes(data)
    assert count(str(file)) == desk.database.value("SELECT count(*) FROM road")
    assert (job["total"], job["done"], job["layer"], job["format"], job["holder"]) == (1, 1, "roads", "gpkg", "planner")
    small = exported(desk, {"kind": "export", "layer": "zones", "format": "geojson", "names": "en", "crs": "EPSG:4547", "state": "approved", "bbox": [112, 32, 113, 34]})
    query = "names=en&crs=EPSG:4547&state=approved&bbox=112,32,113,34"
    at_once = fetch(desk, f"/v1/export/zones.geojson?{query}")[1]
    assert fetch(desk, small["file"])[1] == at_once and json.loads(at_once)["features"]


def test_a_file_is_read_in_parts(desk):
    job = exported(desk, {"kind": "export", "layer": "facilities", "format": "csv"})
    whole, size, tag = fetch(desk, job["file"])[1], job["bytes"], f'"{job["id"]}"'
    for asked, first, last in (("0-9", 0, 9), ("10-", 10, size - 1), ("-7", size - 7, size - 1), (f"5-{size + 99}", 5, size - 1), (f"-{size + 9}", 0, size - 1)):
        status, data, headers = fetch(desk, job["file"], Range=f"bytes={asked}")
        assert (status, data) == (206, whole[first:last + 1]), asked
        assert headers["Content-Range"] == f"bytes {first}-{last}/{size}" and headers["ETag"] == tag
    for asked in (f"{size}-", "-0"):
        status, data, headers = fetch(desk, job["file"], Range=f"bytes={asked}")
        assert status == 416 and headers["Content-Range"] == f"bytes */{size}" and json.loads(data)["code"] == "range_not_satisfiable"
    for asked in ("bytes=9-1", "bytes=a-b", "bytes=0-1,3-4", "lines=1-2", "bytes=1"):
        assert fetch(desk, job["file"], Range=asked)[:2] == (200, whole)
    assert fetch(desk, job["file"], Range="bytes=0-9", If_Range=tag)[0] == 206
    assert fetch(desk, job["file"], Range="bytes=0-9", If_Range='"other"')[:2] == (200, whole)
    assert fetch(desk, job["file"], If_None_Match=tag)[:2] == (304, b"")


def test_it_is_there_for_who_asked_and_with_their_eyes(desk):
    draft = desk.good("POST", "/v1/zones", feature(jurisdiction="411322"), role="fangcheng")["id"]
    holds = {}
    for role in ("viewer", "company", "fangcheng", "tanghe", "planner"):
        job = exported(desk, {"kind": "export", "layer": "zones", "format": "csv"}, role)
        holds[role] = draft in fetch(desk, job["file"], role)[1].decode()
        others = [other for other in ("viewer", "company", "fangcheng", "tanghe", "planner") if other != role]
        for path in (f"/v1/jobs/{job['id']}", job["file"]):
            assert {desk.call("GET", path, role=other)[0] for other in others} == {404} and desk.call("GET", path, role="admin")[0] == 200
        assert desk.call("POST", f"/v1/jobs/{job['id']}/cancel", {}, role=others[0])[0] == 404
        listed = [j["id"] for j in desk.good("GET", "/v1/jobs", role=role)["jobs"]]
        assert job["id"] in listed and len(listed) == len(set(listed))
        assert job["id"] not in [j["id"] for j in desk.good("GET", "/v1/jobs", role=others[0])["jobs"]]
    assert holds == {"viewer": False, "company": False, "fangcheng": True, "tanghe": False, "planner": True}


def keep(desk, role="planner", **more):
    return desk.good("POST", "/v1/route", {"origin": {"location": [112.43, 33.49]}, "destination": {"location": [112.83, 32.69]},
                                           "vehicle": {"class": "truck_6_axle"}, "store": True, **more}, role=role)["decision_id"]


@pytest.mark.parametrize("form,query", [("geojson", {"names": "en"}), ("csv", {}), ("gpx", {}), ("dxf", {"crs": "EPSG:4547"})])
def test_a_kept_plan_is_made_the_same_as_at_once(desk, form, query):
    plan = keep(desk)
    job = exported(desk, {"kind": "export", "plan": plan, "format": form, **query})
    assert job["plan"] == plan and "layer" not in job
    status, data, headers = fetch(desk, job["file"])
    at_once = fetch(desk, f"/v1/plans/{plan}.{form}?" + "&".join(f"{k}={v}" for k, v in query.items()))
    assert (status, data) == (200, at_once[1]) and data
    for name in ("Content-Disposition", "Content-Type"):
        assert headers[name] == at_once[2][name]


def test_a_plan_is_exported_for_who_may_see_it(desk):
    plan = keep(desk, "company")
    for role, status in (("company", 201), ("planner", 201), ("admin", 201), ("viewer", 404), ("tanghe", 404)):
        answered, job, _ = desk.call("POST", "/v1/jobs", {"kind": "export", "plan": plan, "format": "csv"}, role=role)
        assert answered == status, (role, job)
        if status == 201:
            assert ended(desk, job["id"], role)["state"] == "done"
        else:
            assert job["pointer"] == "/plan"
    assert desk.call("POST", "/v1/jobs", {"kind": "export", "plan": "0" * 32, "format": "csv"})[0] == 404


def test_a_plan_that_cannot_be_drawn_is_refused_when_it_is_asked_for(desk):
    for more in ({"geometry": "none"}, {"crs": "gcj02"}):
        status, problem, _ = desk.call("POST", "/v1/jobs", {"kind": "export", "plan": keep(desk, **more), "format": "csv"})
        assert (status, problem["pointer"]) == (409, "/plan"), problem


def test_a_plan_that_is_withdrawn_meanwhile_fails_and_holds_up_nobody(desk):
    plan = keep(desk)
    roads = desk.good("POST", "/v1/jobs", {**ROADS, "format": "csv"})["id"]  # they are made one after the other
    job = desk.good("POST", "/v1/jobs", {"kind": "export", "plan": plan, "format": "csv"})["id"]
    desk.database.execute("UPDATE stored_plan SET state = 'withdrawn', request = NULL, answer = NULL, record = NULL, arcs = NULL WHERE id = %s", plan)
    after = desk.good("POST", "/v1/jobs", {"kind": "export", "layer": "zones", "format": "csv"})["id"]
    assert ended(desk, roads)["state"] == "done" and ended(desk, after)["state"] == "done"
    over = ended(desk, job)
    assert (over["state"], over.get("code")) in (("failed", "not_found"), ("done", None))


def test_jobs_on_plans_are_listed_beside_them(desk):
    plans, export = desk.good("POST", "/v1/jobs", {"kind": "check", "plans": "all"}), exported(desk, {"kind": "export", "layer": "zones", "format": "csv"})
    listed = {j["id"]: j["kind"] for j in desk.good("GET", "/v1/jobs")["jobs"]}
    assert listed[plans["id"]] == "check" and listed[export["id"]] == "export"


def test_a_killed_process_loses_nothing(desk):
    folder = desk.folder.with_name("killed")
    # twice over: killed while it works, and taken up by another that shares the directory
    one = desk.start("one", f"--export-dir={folder}")
    jobs = [desk.good("POST", "/v1/jobs", {**ROADS, "format": form}, port=one.port)["id"] for form in ("gpkg", "geojson", "csv")]
    os.kill(one.process.pid, signal.SIGKILL)
    one.process.wait()
    assert len(list(folder.glob("*.job"))) == 3
    two = desk.start("two", f"--export-dir={folder}")
    try:
        for job in jobs:
            done = ended(desk, job, port=two.port)
            assert done["state"] == "done" and (folder / f"{job}.data").stat().st_size == done["bytes"]
        roads = desk.database.value("SELECT count(*) FROM road")
        assert count(str(folder / f"{jobs[0]}.data")) == roads
    finally:
        end_program(two)


def test_two_processes_of_a_machine_share_the_work(desk):
    second = desk.start("second")
    try:
        jobs = [desk.good("POST", "/v1/jobs", {"kind": "export", "layer": "checkpoints", "format": "csv"}, port=p)["id"] for p in (desk.service.port, second.port) * 3]
        assert {ended(desk, job, port=second.port)["state"] for job in jobs} == {"done"}
        assert {fetch(desk, f"/v1/jobs/{job}/file")[0] for job in jobs} == {200}
    finally:
        end_program(second)


def test_a_cancelled_export_leaves_no_file(desk):
    before = {j["id"] for j in desk.good("GET", "/v1/jobs")["jobs"]}
    first = [desk.good("POST", "/v1/jobs", ROADS)["id"] for _ in range(3)]
    last = first[-1]  # they are made one after the other
    status, answer, _ = desk.call("POST", f"/v1/jobs/{last}/cancel", {})
    assert (status, answer["state"]) == (200, "cancelled") and "file" not in answer
    assert desk.call("POST", f"/v1/jobs/{last}/cancel", {})[0] == 409 and desk.call("GET", f"/v1/jobs/{last}/file")[0] == 409
    assert [ended(desk, job)["state"] for job in first] == ["done", "done", "cancelled"] and last not in before
    wait_for(lambda: not (desk.folder / f"{last}.data").exists(), what="no file")
    assert desk.call("POST", f"/v1/jobs/{first[0]}/cancel", {})[0] == 409
    assert desk.call("POST", f"/v1/jobs/export-{'0' * 32}/cancel", {})[0] == 404


def test_what_ended_long_ago_is_forgotten(desk):
    job = exported(desk, {"kind": "export", "layer": "zones", "format": "csv"})
    end = desk.folder / f"{job['id']}.end"
    text = end.read_text(encoding="utf-8")
    at = next(line for line in text.splitlines() if line.startswith("finished_ms "))
    end.write_text(text.replace(at, f"finished_ms {int(at.split()[1]) - 25 * 3600 * 1000}"), encoding="utf-8")
    wait_for(lambda: desk.call("GET", f"/v1/jobs/{job['id']}")[0] == 404, what="forgotten")
    assert not list(desk.folder.glob(job["id"] + "*"))


@pytest.mark.parametrize("body,pointer", [
    ({"format": "csv"}, "/layer"), ({"layer": "zones"}, "/format"), ({"layer": "dreams", "format": "csv"}, "/layer"), ({"layer": "zones", "format": "xls"}, "/format"),
    ({"layer": "zones", "format": "csv", "plans": "all"}, "/plans"), ({"layer": "zones", "format": "kml", "crs": "EPSG:4547"}, "/crs"),
    ({"layer": "zones", "format": "csv", "crs": "EPSG:99999"}, "/crs"), ({"layer": "zones", "format": "csv", "at": "now"}, "/at"),
    ({"layer": "roads", "format": "csv", "at": "2026-01-01T00:00:00Z"}, "/at"), ({"layer": "roads", "format": "csv", "state": "x"}, "/state"),
    ({"layer": "zones", "format": "csv", "bbox": [1, 2, 3]}, "/bbox"), ({"layer": "zones", "format": "csv", "bbox": [1, 2, 3, 91]}, "/bbox/3"),
    ({"layer": "zones", "format": "csv", "bbox": [3, 2, 1, 4]}, "/bbox"), ({"layer": "zones", "format": "csv", "names": "fr"}, "/names"),
    ({"layer": "zones", "format": "shp.zip", "encoding": "latin1"}, "/encoding"), ({"layer": 7, "format": "csv"}, "/layer"),
    ({"layer": "zones", "format": "csv", "state": "a\nactor x"}, "/state"),
    ({"plan": "0" * 32, "layer": "zones", "format": "csv"}, "/plan"), ({"plan": "0" * 32}, "/format"), ({"plan": 7, "format": "csv"}, "/plan"),
    ({"plan": "0" * 32, "format": "csv", "bbox": [1, 2, 3, 4]}, "/bbox"), ({"plan": "0" * 32, "format": "csv", "state": "active"}, "/state"),
    ({"plan": "0" * 32, "format": "kml", "crs": "EPSG:4547"}, "/crs"),
])
def test_what_cannot_be_made_is_refused_by_name(desk, body, pointer):
    status, problem, _ = desk.call("POST", "/v1/jobs", {"kind": "export", **body})
    assert status == 400 and problem["pointer"] == pointer, problem


@pytest.mark.parametrize("name", ["export-", "export-..", "export-" + "0" * 31, "export-" + "G" * 32, "export-" + "0" * 32])
def test_what_is_no_export_is_not_there(desk, name):
    for path in (f"/v1/jobs/{name}", f"/v1/jobs/{name}/file"):
        assert desk.call("GET", path)[0] == 404


def test_without_a_directory_none_are_made(desk):
    service = desk.start("without", "--access-log=true")
    try:
        status, problem, _ = desk.call("POST", "/v1/jobs", ROADS, port=service.port)
        assert status == 503 and "export_dir" in problem["detail"]
        assert desk.call("GET", "/v1/jobs", port=service.port)[0] == 200
    finally:
        end_program(service)
