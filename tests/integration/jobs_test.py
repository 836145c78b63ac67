"""Jobs on stored plans: worked off by every process, lost by none that is killed, cancelled, and started by publication."""
import os
import random
import signal

import pytest

from conftest import end_program, start_program
from desk_fixture import ROLES, Desk, wait_for

APPROVAL = {"authority": "南阳市交通运输局", "document_no": "宛交〔2026〕12号"}
SEATS = [[112.43, 33.49], [112.83, 32.69], [112.53, 33.0], [112.09, 32.68], [113.40, 32.37], [111.85, 33.05], [112.93, 33.06]]


@pytest.fixture(scope="module")
def desk(demo_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs")
    pepper = f"--pepper-file={folder}/pepper"
    made = Desk(demo_database, pepper, None)
    for role in ROLES:
        made.key(role, role, *(["--company=acme"] if role == "company" else []))

    def start(name):
        return start_program(os.path.join(folder, f"{name}.log"), f"--snapshot={demo_database.snapshot}", f"--database={demo_database.url}",
                             pepper, "--rate-units=0", "--replan-on-publication=true")
    made.service, made.start = start("serve"), start
    wait_for(lambda: made.call("GET", "/readyz", role=None)[0] == 200, what="ready")
    yield made
    end_program(made.service)


def keep(desk, count, seed=1, role="planner"):
    chance, kept = random.Random(seed), {}
    while len(kept) < count:
        a, b = chance.sample(SEATS, 2)
        status, answer, _ = desk.call("POST", "/v1/route", {"origin": {"location": a}, "destination": {"location": b}, "steps": False, "corridor_m": 0,
                                                            "vehicle": {"class": chance.choice(["light_truck", "truck_2_axle"])}, "store": True}, role=role)
        if status == 200:
            line = answer["plans"][0]["legs"][0]["geometry"]["coordinates"]
            kept[answer["decision_id"]] = line[len(line) // 2]
    return kept


def square(lon, lat, half=.02):
    return [[lon - half, lat - half], [lon + half, lat - half], [lon + half, lat + half], [lon - half, lat + half], [lon - half, lat - half]]


def publish(desk, at):
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [square(*at)]}, "properties": {"class": "FL-CUT", "name": "漫水"}}
    zone = desk.good("POST", "/v1/zones", feature)["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit", {})
    approved = desk.good("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="approver")
    wait_for(lambda: desk.call("GET", "/readyz", role=None)[1]["rules_version"] >= approved["rules_version"], what="in force")
    return zone, approved["rules_version"]


def lift(desk, zone):
    desk.good("POST", f"/v1/zones/{zone}/lift", {}, role="approver")


def finished(desk, job, role="planner", port=None):
    return wait_for(lambda: (j := desk.good("GET", f"/v1/jobs/{job}", role=role, port=port))["state"] == "done" and j, 600, "the job")


def results(desk, job, role="planner"):
    found, cursor = {}, ""
    while cursor is not None:
        page = desk.good("GET", f"/v1/jobs/{job}/results?limit=7{cursor}", role=role)
        found |= {r["plan"]: r for r in page["results"]}
        cursor = f"&cursor={page['next']}" if page["next"] else None
    return found


def test_after_a_publication_plans_that_broke_are_marked_with_the_reason(desk):
    kept = keep(desk, 6)
    zone, version = publish(desk, list(kept.values())[0])
    automatic = wait_for(lambda: [j for j in desk.good("GET", "/v1/jobs", role="admin")["jobs"]
                                  if j["automatic"] and j["rules_version"] >= version and j["state"] == "done"], 600, "the job of the publication")
    assert automatic[0]["holder"] == "publication"
    hit = list(kept)[0]
    listed = {p["id"]: p for p in desk.good("GET", "/v1/plans?state=broken&limit=1000")["plans"]}
    assert listed[hit]["reason"]["offence"]["zone"] == zone and listed[hit]["checked_version"] >= version
    for plan in kept:
        verdict = desk.good("GET", f"/v1/plans/{plan}/check")["verdict"]
        assert (plan in listed) == (verdict == "unlawful")
    lift(desk, zone)


def test_a_job_plans_again_what_broke_and_lists_what_became_of_each(desk):
    kept = keep(desk, 8, 2, role="company")
    desk.database.execute("UPDATE job SET state = 'cancelled' WHERE state = 'running'")
    job = desk.good("POST", "/v1/jobs", {"kind": "replan", "plans": "all"}, role="company")
    assert job["total"] >= len(kept) and job["kind"] == "replan"
    done = finished(desk, job["id"], "company")
    found = results(desk, job["id"], "company")
    assert set(kept) <= set(found) and len(found) == done["total"] == done["done"] == sum(done["outcomes"].values())
    assert all(found[p]["outcome"] == "lawful" for p in kept)
    at = list(kept.values())[0]
    # the job of the publication would be faster: take its work away by doing this one first
    zone, version = publish(desk, at)
    job = desk.good("POST", "/v1/jobs", {"kind": "replan", "plans": "all"}, role="company")
    finished(desk, job["id"], "company")
    for plan in kept:
        stored = desk.good("GET", f"/v1/plans/{plan}", role="company")
        if stored["state"] == "replaced":
            new = desk.good("GET", f"/v1/plans/{stored['replaced_by']}", role="company")
            assert new["replaces"] == plan and new["rules_version"] >= version and new["company"] == "acme"
            assert desk.good("GET", f"/v1/plans/{new['id']}/check", role="company")["verdict"] == "lawful"
        elif stored["state"] == "active":
            assert desk.good("GET", f"/v1/plans/{plan}/check", role="company")["verdict"] == "lawful"
    assert desk.call("GET", f"/v1/jobs/{job['id']}", role="planner")[0] == 404
    assert desk.call("GET", f"/v1/jobs/{job['id']}", role="admin")[0] == 200
    lift(desk, zone)


def test_two_processes_share_the_work_and_a_killed_one_loses_nothing(desk):
    kept = keep(desk, 60, 3)
    second = desk.start("second")
    job = desk.good("POST", "/v1/jobs", {"kind": "check", "plans": "all"})
    os.kill(second.process.pid, signal.SIGKILL)  # wherever it is
    second.process.wait()
    done = finished(desk, job["id"])
    found = results(desk, job["id"])
    assert done["done"] == done["total"] == len(found) and set(kept) <= set(found)
    assert done["outcomes"]["failed"] == 0


def test_publications_in_quick_succession_do_not_keep_a_job_from_its_work(desk):
    """Each version that is reached tells the thread that works jobs off; none may cut off what it is doing."""
    kept = keep(desk, 20, 5)
    job = desk.good("POST", "/v1/jobs", {"kind": "check", "plans": "all"})
    with desk.database.connect(owner=True, autocommit=True) as connection:
        for i in range(60):
            connection.execute("UPDATE zone_class SET name_en = 'Flood ' || %s WHERE code = 'FL-CUT'", [str(i)])
    last = desk.database.value("SELECT version FROM rules_state")
    wait_for(lambda: desk.call("GET", "/readyz", role=None)[1]["rules_version"] >= last, 600, "in force")
    assert set(kept) <= set(results(desk, finished(desk, job["id"])["id"]))
    again = desk.good("POST", "/v1/jobs", {"kind": "check", "plans": "all"})
    assert finished(desk, again["id"])["outcomes"]["failed"] == 0
    # each publication also started its own, or was overtaken by a newer one that did
    wait_for(lambda: any(j["automatic"] and j["rules_version"] >= last and j["state"] == "done" for j in desk.good("GET", "/v1/jobs", role="admin")["jobs"]),
             600, "the job of the last publication")


def test_a_job_does_not_wait_for_a_transaction_of_another_database(desk, empty_database):
    keep(desk, 3, 6)
    with empty_database.connect(owner=True) as elsewhere:
        elsewhere.execute("CREATE TABLE public.held (a int)")  # has an xid, and stays open
        job = desk.good("POST", "/v1/jobs", {"kind": "check", "plans": "all"})
        assert finished(desk, job["id"])["outcomes"]["failed"] == 0
        elsewhere.rollback()


def test_a_cancelled_job_stops_and_cannot_be_cancelled_again(desk):
    keep(desk, 1, 4)
    job = desk.good("POST", "/v1/jobs", {"kind": "check", "plans": "all"})
    status, answer, _ = desk.call("POST", f"/v1/jobs/{job['id']}/cancel", {})
    assert status in (200, 409)
    if status == 200:
        assert answer["state"] == "cancelled"
    assert desk.call("POST", f"/v1/jobs/{job['id']}/cancel", {})[0] == 409
    assert desk.call("POST", "/v1/jobs/nothing/cancel", {})[0] == 404


@pytest.mark.parametrize("body,pointer", [({}, "/kind"), ({"kind": "x"}, "/kind"), ({"kind": "check", "plans": "some"}, "/plans"), ({"kind": "check", "more": 1}, "/more")])
def test_what_cannot_be_started_is_refused_by_name(desk, body, pointer):
    status, problem, _ = desk.call("POST", "/v1/jobs", body)
    assert status == 400 and problem["pointer"] == pointer


def test_a_stop_is_no_fault_of_the_database(desk):
    service = desk.start("short")
    wait_for(lambda: desk.call("GET", "/readyz", role=None, port=service.port)[0] == 200, what="ready")
    end_program(service)
    assert not service.lines("jobs_away") and "event=stopped" in service.lines()[-1], service.lines()[-5:]
