"""The typed causes of semantics.md, section 7, each in the situation that it names, on the demo over HTTP."""
import contextlib
import json
import os
import shutil
import tempfile

import pytest

from conftest import end_program, start_program
from database_fixture import Database
from demo_fixture import SEATS, ask, box, question, rules, wait_for, zone

LIGHT = {"class": "light_truck"}
ASKED = question("fangcheng", "sheqi", vehicle=LIGHT, geometry="none", steps=False)
AROUND = box(SEATS["sheqi"], 0.02)


def cause(service, asked):
    status, problem = service.ask("/v1/route", asked)
    assert status == 422, problem
    if problem["relaxed_plan"] is not None:
        assert problem["relaxed_plan"]["issuable"] is False and problem["conflicts"]
    return problem


def first_is(problem, code, rule=None, ident=None):
    assert problem["code"] == code, (problem["code"], problem["conflicts"])
    if rule:
        assert [(c["rule"], c["id"]) for c in problem["conflicts"]] == [(rule, ident)], problem["conflicts"]
    return problem


def closure(name, roads, action="closed", more="", values="", physical="true"):
    listed = ",".join(map(str, roads))
    return (f"""INSERT INTO closure (id, name, cause, action, physical, object, road_ids, state, effective, authority, approving_authority,
                document_no, approved_at{more}) VALUES ('{name}', '{name}', 'test', '{action}', {physical}, 'road', '{{{listed}}}',
                'approved', '[2025-01-01,)', 'test', 'test', 'test-2', now(){values})""",
            f"DELETE FROM closure WHERE id = '{name}'")


@pytest.fixture(scope="module")
def entries(demo_service):
    """The roads that lead into the seat: those of the cut when it is closed."""
    with rules(demo_service, zone("test-seat", AROUND, {"rule": "closed"})):
        status, answer = demo_service.ask("/v1/explain", ASKED)
    assert status == 200, answer
    return sorted({f["properties"]["road_id"] for f in answer["cut"]["features"]})


@pytest.mark.parametrize("rule", ["closed", "through_only"])
def test_calls_in_a_zone_that_allows_none(demo_service, rule):
    with rules(demo_service, zone("test-seat", AROUND, {"rule": rule})):
        first_is(cause(demo_service, ASKED), "destination_in_closed_zone", "zone", "test-seat")
        back = {**ASKED, "origin": ASKED["destination"], "destination": ASKED["origin"]}
        first_is(cause(demo_service, back), "origin_in_closed_zone", "zone", "test-seat")
        by_way_of = {**ASKED, "destination": {"location": SEATS["tanghe"]}, "stops": [ASKED["destination"]]}
        first_is(cause(demo_service, by_way_of), "stop_in_closed_zone", "zone", "test-seat")


def test_a_gated_zone_without_a_gate(demo_service):
    with rules(demo_service, zone("test-seat", AROUND, {"rule": "gated"})):
        first_is(cause(demo_service, ASKED), "no_open_gate", "zone", "test-seat")


@pytest.fixture(scope="module")
def animal(demo_service):
    """A place inside the demo's gated zone, whose checkpoints ask for a disinfection of the last 24 hours."""
    (x, y), = demo_service.database.execute(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) p FROM zone WHERE id = 'demo-animal') t")
    return question("nanyang", [x, y], vehicle=LIGHT, max_snap_m=5000, geometry="none", steps=False)


def test_a_credential_that_is_not_there(demo_service, animal):
    problem = first_is(cause(demo_service, animal), "credential_missing")
    assert all(c["rule"] == "credential" and c["zone"] == "demo-animal" for c in problem["conflicts"])


@pytest.mark.parametrize("credential", [
    {"type": "disinfection", "issued_at": "2026-11-19T09:31:00+08:00"},                                       # 24 h are over on the way
    {"type": "disinfection", "issued_at": "2026-11-20T06:00:00+08:00", "valid_until": "2026-11-20T09:31:00+08:00"},
])
def test_a_credential_that_runs_out_before_the_gate(demo_service, animal, credential):
    problem = first_is(cause(demo_service, {**animal, "credentials": [credential]}), "credential_expired_at_gate")
    assert all(c["rule"] == "credential" for c in problem["conflicts"])
    fresh = {**animal, "credentials": [{"type": "disinfection", "issued_at": "2026-11-20T09:00:00+08:00"}]}
    assert demo_service.ask("/v1/route", fresh)[0] == 200, "one that lasts opens the gate"


def test_checkpoints_that_are_closed_at_that_time(demo_service, animal):
    credentials = [{"type": "disinfection", "issued_at": "2026-11-20T06:00:00+08:00"}]
    ids = [r[0] for r in demo_service.database.execute("SELECT id FROM checkpoint WHERE id LIKE 'demo-animal-%'")]
    before = dict(demo_service.database.execute("SELECT id, opening::text FROM checkpoint WHERE id LIKE 'demo-animal-%'"))
    night = json.dumps([{"from": "20:00", "until": "22:00"}])
    undo = "; ".join(f"UPDATE checkpoint SET opening = {'NULL' if before[i] is None else repr(before[i])} WHERE id = '{i}'" for i in ids)
    with rules(demo_service, (f"UPDATE checkpoint SET opening = '{night}' WHERE id LIKE 'demo-animal-%'", undo)):
        problem = first_is(cause(demo_service, {**animal, "credentials": credentials}), "no_open_gate")
        assert all(c["rule"] == "gate" for c in problem["conflicts"])


def test_a_limit_below_the_vehicle_on_every_way_in(demo_service, entries):
    low = closure("test-low", entries, "limit", ", limit_kind, limit_value", ", 'height', 2.0", "false")
    with rules(demo_service, low):
        first_is(cause(demo_service, {**ASKED, "vehicle": {**LIGHT, "height_m": 2.1}}), "vehicle_limit", "closure", "test-low")
        equal = {**ASKED, "vehicle": {**LIGHT, "height_m": 2.0}}
        assert demo_service.ask("/v1/route", equal)[0] == 200, "a limit equal to the vehicle's value lets it pass"


def ring(name, rule):
    """A zone all around the seat, but not where the calls are."""
    inner = ", ".join(f"{x} {y}" for x, y in reversed(box(SEATS["sheqi"], 0.01)))
    sql, undo = zone(name, box(SEATS["sheqi"], 0.03), rule)
    return sql.replace("))', 4490", f"), ({inner}))', 4490"), undo


def test_a_zone_or_a_closure_that_is_only_there_at_that_hour(demo_service, entries):
    morning = [{"from": "09:00", "until": "12:00"}]
    zoned = ring("test-ring", {"rule": "closed", "windows": morning})
    closed = closure("test-cut", entries, more=", windows", values=f", '{json.dumps(morning)}'")
    for rule, statement, ident in (("zone", zoned, "test-ring"), ("closure", closed, "test-cut")):
        with rules(demo_service, statement):
            first_is(cause(demo_service, ASKED), "time_window", rule, ident)
            assert demo_service.ask("/v1/route", {**ASKED, "depart_at": "2026-11-20T13:00:00+08:00"})[0] == 200
            assert demo_service.ask("/v1/route", {**ASKED, "max_wait_s": 4 * 3600})[0] == 200, "it may wait"


def test_a_call_in_a_zone_that_is_closed_at_that_hour(demo_service):
    with rules(demo_service, zone("test-seat", AROUND, {"rule": "closed", "windows": [{"from": "09:00", "until": "12:00"}]})):
        first_is(cause(demo_service, ASKED), "destination_in_closed_zone", "zone", "test-seat")
        assert demo_service.ask("/v1/route", {**ASKED, "depart_at": "2026-11-20T13:00:00+08:00"})[0] == 200


def test_a_ring_that_is_always_closed_is_a_closed_road(demo_service):
    with rules(demo_service, ring("test-ring", {"rule": "closed"})):
        first_is(cause(demo_service, ASKED), "road_closed", "zone", "test-ring")


def test_every_way_in_washed_away_and_no_credential_opens_it(demo_service, entries):
    kinds = sorted({c["code"] for c in demo_service.ask("/v1/network")[1]["credential_types"]})[:32]
    held = [{"type": k, "issued_at": "2026-11-20T06:00:00+08:00"} for k in kinds]
    with rules(demo_service, closure("test-cut", entries)):
        first_is(cause(demo_service, {**ASKED, "credentials": held}), "road_closed", "closure", "test-cut")


def test_what_decides_first_names_the_cause(demo_service, entries):
    # a physical closure before a limit before a zone (semantics, order of decision)
    low = closure("test-low", entries, "limit", ", limit_kind, limit_value", ", 'height', 2.0", "false")
    with rules(demo_service, low, closure("test-cut", entries)):
        problem = cause(demo_service, {**ASKED, "vehicle": {**LIGHT, "height_m": 2.1}})
        assert problem["code"] == "road_closed" and sorted(c["id"] for c in problem["conflicts"]) == ["test-cut", "test-low"]


def test_a_place_too_far_from_any_road(demo_service):
    for where in ("origin", "destination"):
        status, problem = demo_service.ask("/v1/route", {**ASKED, where: {"location": [113.55, 32.2]}})
        assert status == 422 and problem["code"] == "snap_too_far" and problem["pointer"] == f"/{where}/location"
        assert float(problem["actual"]) > float(problem["limit"]) == 500


def test_two_networks_that_do_not_meet(cluster, tmp_path):
    """Two roads apart from each other: no rule is in the way, there is no way."""
    cluster.run("createdb", "apart")
    database = Database(cluster, "apart")
    database.program("migrate")
    folder = tempfile.mkdtemp(prefix="baochang-apart.")
    nodes, features = 0, []
    for x in (112.5, 112.7):
        features += [{"type": "Feature", "properties": {"id": nodes + i + 1, "class": "primary"},
                      "geometry": {"type": "LineString", "coordinates": [[x, 33 + i * 0.01], [x, 33.01 + i * 0.01]]}} for i in range(3)]
        nodes += 3
    path, mapping = os.path.join(folder, "roads.geojson"), os.path.join(folder, "roads.ini")
    with open(path, "w") as out:
        json.dump({"type": "FeatureCollection", "features": features}, out)
    with open(mapping, "w") as out:
        out.write("[layer]\n[fields]\nclass = class\n")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database.program("import", path, f"--mapping={mapping}")
        snapshot = os.path.join(folder, "network.snapshot")
        database.program("prepare", f"--snapshot={snapshot}")
        service = start_program(tmp_path / "serve.log", f"--snapshot={snapshot}", f"--database={database.url}")
        stack.callback(end_program, service)
        wait_for(lambda: ask(service, "/readyz")[0] == 200, what="ready")
        status, problem = ask(service, "/v1/route", {"origin": {"location": [112.5, 33.005]}, "destination": {"location": [112.7, 33.005]}})
        assert status == 422 and problem["code"] == "disconnected" and problem["relaxed_plan"] is None and problem["conflicts"] == []
        status, answer = ask(service, "/v1/explain", {"origin": {"location": [112.5, 33.005]}, "destination": {"location": [112.7, 33.005]}})
        assert status == 200 and answer["code"] == "disconnected" and answer["cut"]["count"] == 0 and answer["cut"]["leg"] == 0
