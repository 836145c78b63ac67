"""Races and kills beyond zones: notices, counties, jobs, lanes and the keys that make a request safe to send again. Two processes over
one database; what one acknowledged before it was killed is there, once, and what it did not acknowledge can be sent again."""
import os
import signal
import threading
import time

import pytest

from conftest import end_program, start_program
from county_test import COUNTY, ORDER, prepared, prepared_zone, station, stood_down, version  # noqa: F401  fixture
from desk_fixture import desk, wait_for  # noqa: F401  fixture
from notices_test import APPROVAL, SNOW, state
from zones_life_test import feature

CLOSURES = 10  # of SNOW


def start(desk, folder, name):
    made = start_program(os.path.join(folder, name), f"--snapshot={desk.database.snapshot}", f"--database={desk.database.url}", desk.pepper, "--rate-units=0")
    wait_for(lambda: desk.call("GET", "/readyz", role=None, port=made.port)[0] == 200, what="ready")
    return made


@pytest.fixture(scope="module")
def second(desk, tmp_path_factory):
    made = start(desk, tmp_path_factory.mktemp("second"), "second.log")
    yield made
    end_program(made)


def at_once(desk, second, count, call):
    """The answers of `count` calls that are sent together, to one process and the other in turn. Whoever waited for the others for too
    long on a busy machine is told so (503), has done nothing, and asks again."""
    answers, gate = [], threading.Barrier(count)

    def run(i):
        gate.wait()
        for _ in range(50):
            answer = call(i, (desk.service.port, second.port)[i % 2])
            if answer[0] != 503:
                break
            time.sleep(.1)
        answers.append(answer)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count
    return answers


# ---- one of several wins ---------------------------------------------------------------------------------------------

def test_two_approvers_of_a_notice_one_wins_and_its_closures_begin_in_one_version(desk, second):
    notice = desk.good("POST", "/v1/notices", {"text": SNOW}, role="officer")["id"]
    desk.good("POST", f"/v1/notices/{notice}/submit", role="officer")
    before = version(desk)
    answers = at_once(desk, second, 6, lambda i, port: desk.call("POST", f"/v1/notices/{notice}/approve", APPROVAL, role=("approver", "admin")[i % 2], port=port))
    assert sorted(s for s, *_ in answers) == [200] + [409] * 5
    assert set(state(desk, notice)) == {"approved"} and version(desk) == before + 1
    assert desk.database.value("SELECT count(DISTINCT h.version_from) FROM closure_history h JOIN notice_closure c ON c.closure_id = h.id"
                               " WHERE c.notice_id = %s AND h.version_until IS NULL", notice) == 1
    lifted = at_once(desk, second, 4, lambda _, port: desk.call("POST", f"/v1/notices/{notice}/lift", {}, role="approver", port=port))
    assert sorted(s for s, *_ in lifted) == [200] + [409] * 3 and set(state(desk, notice)) == {"lifted"}


@pytest.mark.usefixtures("stood_down")
def test_a_county_is_switched_once_whoever_asks_and_never_by_halves(desk, second):
    zone, stop = prepared_zone(desk, [[112.93, 33.03], [112.96, 33.03], [112.96, 33.09], [112.93, 33.09], [112.93, 33.03]]), station(desk)
    plan = prepared(desk, [{"kind": "zone", "id": zone}, {"kind": "facility", "id": stop}])
    for act, other in (("activate", "stand-down"), ("stand-down", "activate")):
        before = version(desk)
        answers = at_once(desk, second, 6, lambda _, port, act=act: desk.call("POST", f"{plan}/{act}", ORDER, role="approver", port=port))
        assert sorted(s for s, *_ in answers) == [200] + [409] * 5, [a for _, a, _ in answers]
        assert version(desk) == before + 1
    # both ways at the same time: each that was done was done whole, and they took turns
    before = version(desk)
    answers = at_once(desk, second, 8, lambda i, port: desk.call("POST", f"{plan}/{('activate', 'stand-down')[i % 2]}", ORDER, role="approver", port=port))
    done = sum(s == 200 for s, *_ in answers)
    assert {s for s, *_ in answers} <= {200, 409} and done >= 1 and version(desk) == before + done
    acts = [a for a, in desk.database.execute("SELECT act FROM county_switch WHERE plan_id = %s AND act IN ('activate', 'stand-down', 'stand_down') ORDER BY id", plan.split("/")[-1])]
    assert all(a != b for a, b in zip(acts, acts[1:])), acts
    states = {m["kind"]: m["state"] for m in desk.good("GET", plan)["members"]}
    assert states in ({"zone": "approved", "facility": "active"}, {"zone": "submitted", "facility": "standby"},
                      {"zone": "lifted", "facility": "standby"}), states


def test_a_job_is_cancelled_once(desk, second):
    job = desk.good("POST", "/v1/jobs", {"kind": "check", "plans": "all"})["id"]
    desk.database.execute("UPDATE job SET state = 'running' WHERE id = %s", job)
    answers = at_once(desk, second, 6, lambda _, port: desk.call("POST", f"/v1/jobs/{job}/cancel", {}, port=port))
    assert sum(s == 200 for s, *_ in answers) <= 1 and {s for s, *_ in answers} <= {200, 409}
    assert desk.good("GET", f"/v1/jobs/{job}")["state"] in ("cancelled", "done")


# ---- one key, one effect ---------------------------------------------------------------------------------------------

KEYED = {
    "zone": ("/v1/zones", lambda i: feature(name=f"keyed {i}"), "planner", "SELECT count(*) FROM zone WHERE name = 'keyed {}'"),
    "notice": ("/v1/notices", lambda i: {"text": f"{SNOW}\n备注：keyed {i}。"}, "officer", "SELECT count(*) FROM notice WHERE text LIKE '%keyed {}。'"),
    "county": ("/v1/county-plans", lambda i: {"name": f"keyed {i}", "jurisdiction": COUNTY, "members": [{"kind": "facility", "id": "keyed"}]}, "planner",
               "SELECT count(*) FROM county_plan WHERE name = 'keyed {}'"),
    "lane": ("/v1/lanes", lambda i: {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[112.53, 33.0], [112.09, 32.68]]},
                                     "properties": {"company": "acme", "name": f"keyed {i}"}}, "planner", "SELECT count(*) FROM lane WHERE name = 'keyed {}'"),
    "job": ("/v1/jobs", lambda i: {"kind": "check", "plans": "all"}, "officer", "SELECT count(*) FROM job WHERE holder = 'officer' AND id = '{}'"),
}


@pytest.fixture(scope="module")
def keyed_station(desk):
    desk.database.execute("INSERT INTO facility (id, kind, name, geom, jurisdiction, state) VALUES ('keyed', 'transfer_station', 'k',"
                          " ST_SetSRID(ST_Point(112.97, 33.06), 4490), %s, 'standby')", COUNTY)


@pytest.mark.parametrize("kind", KEYED)
def test_the_same_key_at_the_same_time_at_two_processes_does_it_once(desk, second, keyed_station, kind):
    path, body, role, count = KEYED[kind]
    before = desk.database.value("SELECT count(*) FROM job")
    answers = at_once(desk, second, 6, lambda _, port: desk.call("POST", path, body("race"), role=role, headers={"Idempotency-Key": f"race-{kind}"}, port=port))
    assert {s for s, *_ in answers} == {201}, answers
    assert len({(h["Location"], str(a)) for _, a, h in answers}) == 1
    if kind == "job":
        assert desk.database.value("SELECT count(*) FROM job") == before + 1
        assert desk.call("POST", path, {"kind": "replan", "plans": "all"}, role=role, headers={"Idempotency-Key": "race-job"})[0] == 409
    else:
        assert desk.database.value(count.format("race")) == 1


def test_what_was_not_acknowledged_before_a_kill_can_be_sent_again_with_its_key(desk, second, keyed_station, tmp_path):
    """Whether the dead process had committed or not: after sending everything again each thing is there once, with the first answer."""
    sent, acknowledged, lock = [], {}, threading.Lock()
    for round_ in range(4):
        victim, killed = start(desk, tmp_path, f"victim{round_}.log"), threading.Event()

        def write(kind, round_=round_, victim=victim, killed=killed):
            path, body, role, _ = KEYED[kind]
            for i in range(100):
                name = f"kill {round_} {i}"
                with lock:
                    sent.append((kind, name))
                try:
                    status, answer, _ = desk.call("POST", path, body(name), role=role, headers={"Idempotency-Key": f"{kind} {name}"}, port=victim.port)
                    if status == 201:
                        acknowledged[kind, name] = answer
                except Exception:  # the connection broke, before or in the middle of the answer
                    pass
                if killed.is_set():
                    return

        threads = [threading.Thread(target=write, args=(kind,)) for kind in KEYED]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(acknowledged) > 8 * (round_ + 1), 30, "some work")  # noqa: B023
        victim.process.send_signal(signal.SIGKILL)
        killed.set()
        victim.process.wait(60)
        for thread in threads:
            thread.join()
    assert {kind for kind, _ in acknowledged} == set(KEYED) and len(sent) > len(acknowledged)
    for kind, name in sent:
        path, body, role, count = KEYED[kind]
        status, answer, _ = desk.call("POST", path, body(name), role=role, headers={"Idempotency-Key": f"{kind} {name}"}, port=second.port)
        assert status == 201, answer
        assert acknowledged.get((kind, name), answer) == answer
        if kind == "notice":
            assert desk.database.value("SELECT count(*) FROM notice_closure WHERE notice_id = %s", answer["id"]) == CLOSURES == len(answer["closures"])
        assert desk.database.value(count.format(answer["id"] if kind == "job" else name)) == 1, (kind, name)
    assert desk.database.value("SELECT count(*) FROM notice_closure c WHERE NOT EXISTS (SELECT FROM notice n WHERE n.id = c.notice_id)") == 0
    assert desk.database.value("SELECT count(*) FROM lane l WHERE (SELECT count(*) FROM lane_history h WHERE h.id = l.id) <> 1 AND l.name LIKE '% kill %'") == 0
    assert desk.good("GET", "/v1/audit/verify", role="admin")["intact"]


def test_a_kill_in_the_middle_of_a_notice_approves_nothing_of_it(desk, tmp_path):
    notice = desk.good("POST", "/v1/notices", {"text": SNOW}, role="officer")
    desk.good("POST", f"/v1/notices/{notice['id']}/submit", role="officer")
    last = max(c["closure"]["id"] for c in notice["closures"])
    before, victim = version(desk), start(desk, tmp_path, "victim.log")
    try:
        with desk.database.connect(owner=True) as holder:
            holder.execute("SELECT FROM closure WHERE id = %s FOR UPDATE", (last,))  # the approval waits here, others done or not

            def approve():
                try:
                    desk.call("POST", f"/v1/notices/{notice['id']}/approve", APPROVAL, role="approver", headers={"Idempotency-Key": "approve-killed"}, port=victim.port)
                except Exception:
                    pass

            caller = threading.Thread(target=approve)
            caller.start()
            wait_for(lambda: desk.database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0, what="the approval waits")
            victim.process.send_signal(signal.SIGKILL)
            victim.process.wait()
            caller.join()
    finally:
        victim.process.kill()
    desk.database.execute("SELECT FROM rules_state FOR UPDATE")  # until the transaction of the dead has ended
    assert version(desk) == before and set(state(desk, notice["id"])) == {"submitted"}
    again = desk.good("POST", f"/v1/notices/{notice['id']}/approve", APPROVAL, role="approver", headers={"Idempotency-Key": "approve-killed"})
    assert again["rules_version"] == before + 1 and set(state(desk, notice["id"])) == {"approved"}
    desk.good("POST", f"/v1/notices/{notice['id']}/lift", role="approver")
