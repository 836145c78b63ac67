"""What is changed in the database is what the next answer obeys: edits by psql, and a database that comes and goes."""
import http.client
import json
import os
import signal
import threading
import time

import pytest

from conftest import end_program, start_program
from demo_fixture import wait_for

APPROVED = "'approved', '测试', '测试〔2026〕1号', now()"


def ask(service, path, body=None):
    """(status, answer) of a POST with `body`, or of a GET without."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
    connection.request("GET" if body is None else "POST", path, body and json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


@pytest.fixture(scope="module")
def service(demo_database, tmp_path_factory):
    started = start_program(tmp_path_factory.mktemp("feed") / "serve.log", f"--snapshot={demo_database.snapshot}",
                            f"--database={demo_database.url}", "--rules-stale-ms=2000", "--access-log=no")
    started.database = demo_database
    wait_for(lambda: ask(started, "/readyz")[0] == 200, what="ready")
    yield started
    end_program(started)


@pytest.fixture(autouse=True)
def nothing_is_left(service):
    """What a test that failed left in the way would fail those after it."""
    yield
    database = service.database
    left = database.value("SELECT (SELECT count(*) FROM zone WHERE id IN ('feed', 'draft', 'far', 'outage')) + "
                          "(SELECT count(*) FROM closure WHERE id = 'washed' AND state <> 'lifted')")
    if left:
        database.execute("DELETE FROM zone WHERE id IN ('feed', 'draft', 'far', 'outage')")
        database.execute("UPDATE closure SET state = 'lifted' WHERE id = 'washed'")
        until_version(service, version(database))


ASKED = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [113.0, 33.26]}, "vehicle": {"class": "truck_6_axle"},
         "depart_at": "2026-11-20T09:30:00+08:00", "geometry": "geojson"}


def plan(service, **more):
    status, answer = ask(service, "/v1/route", {**ASKED, **more})
    assert status == 200, answer
    return answer


def ready(service):
    return ask(service, "/readyz")[1]


def version(database):
    return database.value("SELECT version FROM rules_state")


def middle(answer):
    line = [p for leg in answer["plans"][0]["legs"] for p in leg["geometry"]["coordinates"]]
    return line[len(line) // 2]


def close_around(database, place, name="feed"):
    """One statement, so one transaction and one version."""
    database.execute(f"INSERT INTO zone (id, name, class_code, geom, effective, state, approving_authority, document_no, approved_at) VALUES "
                     f"(%s, %s, 'SEC', ST_Multi(ST_Expand(ST_SetSRID(ST_Point(%s, %s), 4490), 0.004)), '[2026-01-01,)', {APPROVED})",
                     name, name, *place)


def reopen(database, name="feed"):
    database.execute("DELETE FROM zone WHERE id = %s", name)


def duration(answer):
    return answer["plans"][0]["duration_s"]


def until_version(service, wanted, seconds=60):
    wait_for(lambda: ready(service)["rules_version"] == wanted, seconds, f"version {wanted}")


def test_a_zone_drawn_with_psql_is_in_the_next_answer(service):
    before = plan(service)
    close_around(service.database, middle(before))
    wait_for(lambda: plan(service)["rules_version"] == version(service.database), what="publication")
    after = plan(service)
    assert duration(after) > duration(before)
    reopen(service.database)
    until_version(service, version(service.database))
    assert duration(plan(service)) == duration(before)


def test_a_draft_changes_nothing_and_its_approval_does(service):
    before = plan(service)
    place = middle(before)
    service.database.execute("INSERT INTO zone (id, name, class_code, effective, geom) VALUES ('draft', 'd', 'SEC', '[2026-01-01,)', "
                             "ST_Multi(ST_Expand(ST_SetSRID(ST_Point(%s, %s), 4490), 0.004)))", *place)
    until_version(service, version(service.database))
    assert duration(plan(service)) == duration(before)
    service.database.execute("UPDATE zone SET state = 'approved', approving_authority = 'a', document_no = 'b', approved_at = now() WHERE id = 'draft'")
    until_version(service, version(service.database))
    assert duration(plan(service)) > duration(before)
    reopen(service.database, "draft")
    until_version(service, version(service.database))


def test_a_road_that_is_washed_away_is_closed_at_once(service):
    before = plan(service)
    service.database.execute("INSERT INTO closure (id, name, action, object, physical, effective, geom) SELECT 'washed', '水毁', 'closed', 'segment', "
                             "true, '[2026-01-01,)', r.geom FROM road r ORDER BY r.geom <-> ST_SetSRID(ST_Point(%s, %s), 4490) LIMIT 1", *middle(before))
    until_version(service, version(service.database))
    assert duration(plan(service)) > duration(before)
    service.database.execute("UPDATE closure SET state = 'lifted' WHERE id = 'washed'")
    until_version(service, version(service.database))
    assert duration(plan(service)) == duration(before)


def test_a_zone_at_the_other_end_of_the_world_does_not_stop_publication(service):
    for place in ((-60.0, -15.0), (116.4, 39.9), (179.9, 89.9)):
        close_around(service.database, place, "far")
        until_version(service, version(service.database))
        reopen(service.database, "far")
    until_version(service, version(service.database))


def test_a_lost_notification_is_found_by_asking(service):
    database = service.database
    database.execute("ALTER TABLE rules_state DISABLE TRIGGER publish")
    try:
        database.execute("UPDATE zone SET note = 'unannounced'")
    finally:
        database.execute("ALTER TABLE rules_state ENABLE TRIGGER publish")
    database.execute("INSERT INTO rules_version SELECT version, clock_timestamp() FROM rules_state")
    until_version(service, version(database), 10)  # it asks every five seconds


def test_every_answer_under_publications_is_right_for_the_version_it_names(service):
    """A writer closes and opens the way; whoever asks meanwhile must get the journey of the version that is named."""
    database = service.database
    before = plan(service)
    place = middle(before)
    free = duration(before)
    close_around(database, place)
    until_version(service, version(database))
    closed = duration(plan(service))
    reopen(database)
    until_version(service, version(database))
    assert closed > free
    expected, answers, stop = {version(database): free}, [], threading.Event()

    def asker():
        while not stop.is_set():
            answer = plan(service, geometry="none")
            answers.append((answer["rules_version"], duration(answer)))

    threads = [threading.Thread(target=asker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for round_ in range(500):
        if round_ >= 25 and len({v for v, _ in answers}) > 10:
            break
        close_around(database, place)
        expected[version(database)] = closed
        time.sleep(0.02)
        reopen(database)
        expected[version(database)] = free
        time.sleep(0.02)
    until_version(service, version(database))
    stop.set()
    for thread in threads:
        thread.join()
    wrong = [(v, d) for v, d in answers if v not in expected or expected[v] != d]
    assert not wrong, wrong[:5]
    assert len({v for v, _ in answers}) > 10, "too few versions were seen to prove anything"


def outage(service, leave, come_back):
    """Answers go on and say how old they are; the return is followed within five seconds."""
    database = service.database
    before = plan(service)
    leave()
    try:
        state = wait_for(lambda: (s := ready(service))["database"] == "away" and s, 10, "the loss")
        assert state["rules_version"] == before["rules_version"]
        assert duration(plan(service)) == duration(before)
        state = wait_for(lambda: (s := ready(service))["rules_stale"] and s, what="stale rules")
        assert state["rules_age_s"] >= 2
        assert ask(service, "/v1/route", ASKED)[0] == 200
    finally:
        come_back()
    back = time.monotonic()
    close_around(database, middle(before), "outage")
    until_version(service, version(database), 6)
    assert time.monotonic() - back < 6
    state = ready(service)
    assert state["database"] == "connected" and not state["rules_stale"]
    assert duration(plan(service)) > duration(before)
    reopen(database, "outage")
    until_version(service, version(database))


def test_the_last_good_rules_answer_while_the_database_is_stopped(service):
    outage(service, service.database.cluster.stop, service.database.cluster.start)


def test_the_last_good_rules_answer_after_the_database_was_killed(service):
    cluster = service.database.cluster
    outage(service, lambda: os.kill(cluster.pid(), signal.SIGKILL), cluster.start)


def test_a_network_made_from_other_roads_is_served_on_and_said_to_be_outdated(service, tmp_path):
    def noticed():
        return service.lines("network_outdated")

    assert not noticed()
    service.database.execute("UPDATE road SET source_id = source_id WHERE id = (SELECT min(id) FROM road)")
    wait_for(noticed, what="the notice")
    assert duration(plan(service)) > 0
    service.database.program("prepare", f"--snapshot={tmp_path / 'again.snapshot'}")  # the same network, so the same version
    time.sleep(5.5)
    assert len(noticed()) == 1
    service.database.execute("UPDATE zone SET note = 'still followed'")
    until_version(service, version(service.database))


def test_serve_refuses_a_schema_that_is_not_its_own(service, tmp_path):
    database = service.database
    database.execute("INSERT INTO schema_version (version, name, checksum) VALUES (9999, 'future', '')")
    refused = start_program(tmp_path / "serve.log", f"--snapshot={database.snapshot}", f"--database={database.url}", wait=False)
    try:
        assert refused.process.wait(60) == 1
        assert "9999" in refused.log.read_text() and "newer" in refused.log.read_text()
    finally:
        refused.process.kill()
        database.execute("DELETE FROM schema_version WHERE version = 9999")


def test_serve_refuses_a_snapshot_that_is_damaged(service, tmp_path):
    whole = open(service.database.snapshot, "rb").read()
    for name, content in (("short", whole[:len(whole) // 2]), ("flipped", whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]), ("empty", b"")):
        path = tmp_path / name
        path.write_bytes(content)
        refused = start_program(tmp_path / "serve.log", f"--snapshot={path}", f"--database={service.database.url}", wait=False)
        assert refused.process.wait(60) == 1
        assert str(path) in refused.log.read_text()
