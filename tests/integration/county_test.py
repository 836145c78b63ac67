"""Plans of counties: drawn, approved, drilled, switched on and off in one transaction, the neighbours untouched."""
import datetime
import os
import signal
import threading

import pytest

from conftest import end_program, start_program
from desk_fixture import desk, wait_for  # noqa: F401  fixture
from events_test import Listener
from zones_life_test import APPROVAL, feature

COUNTY = "411327"  # 社旗
EAST, WEST = [[112.93, 33.03], [112.96, 33.03], [112.96, 33.09], [112.93, 33.09], [112.93, 33.03]], \
             [[112.90, 33.03], [112.93, 33.03], [112.93, 33.09], [112.90, 33.09], [112.90, 33.03]]
ORDER = {"authority": "社旗县指挥部", "document_no": "社指〔2026〕3号"}
TRIP = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.92, 33.06]}, "vehicle": {"class": "truck_2_axle"}, "geometry": "none"}
_count = iter(range(1000))


def prepared_zone(desk, ring, role="planner", **more):
    zone = desk.good("POST", "/v1/zones", feature(ring, jurisdiction=COUNTY, name=f"预案区{next(_count)}", **more), role=role)["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit", role=role)
    return zone


def station(desk):
    name = f"station-{next(_count)}"
    desk.database.execute("INSERT INTO facility (id, kind, name, geom, jurisdiction, state) VALUES (%s, 'transfer_station', '社旗接驳站',"
                          " ST_SetSRID(ST_Point(112.97, 33.06), 4490), %s, 'standby')", name, COUNTY)
    return name


def drawn_up(desk, members, role="planner", **more):
    return desk.good("POST", "/v1/county-plans", {"name": "平急转换方案", "jurisdiction": COUNTY, "members": members, **more}, role=role)


def prepared(desk, members, role="planner", **more):
    plan = f"/v1/county-plans/{drawn_up(desk, members, role, **more)['id']}"
    desk.good("POST", plan + "/submit", role=role)
    desk.good("POST", plan + "/approve", APPROVAL, role="approver")
    return plan


def version(desk):
    return desk.database.value("SELECT version FROM rules_state")


def trip(desk, **more):
    return desk.call("POST", "/v1/route", {**TRIP, "min_rules_version": version(desk), **more})


def neighbours(desk):
    """Every row that belongs to another county, or to none, as text."""
    return [desk.database.execute(f"SELECT t::text FROM {table} t WHERE jurisdiction IS DISTINCT FROM '{COUNTY}' ORDER BY id")
            for table in ("zone", "checkpoint", "closure", "facility")]


@pytest.fixture
def stood_down(desk):
    """Whatever a test leaves switched on is switched off, so that the next finds the county in its normal state."""
    yield
    for (plan,) in desk.database.execute("SELECT id FROM county_plan WHERE state = 'active'"):
        desk.good("POST", f"/v1/county-plans/{plan}/stand-down", ORDER, role="approver")


pytestmark = pytest.mark.usefixtures("stood_down")


def test_a_county_goes_into_emergency_and_back_in_one_version_each(desk):
    zones, stop = [prepared_zone(desk, EAST), prepared_zone(desk, WEST)], station(desk)
    plan = prepared(desk, [{"kind": "zone", "id": zones[0]}, {"kind": "zone", "id": zones[1]}, {"kind": "facility", "id": stop}],
                    notify=[desk.database.value("SELECT min(id) FROM enterprise")], credentials=["key_goods_pass"],
                    fleet=[{"enterprise": desk.database.value("SELECT min(id) FROM enterprise"), "vehicles": 12}])
    others, before = neighbours(desk), version(desk)
    assert trip(desk)[0] == 200

    active = desk.good("POST", plan + "/activate", ORDER, role="approver")
    assert active["state"] == "active" and all(m["active"] for m in active["members"])
    assert version(desk) == before + 1 == active["rules_version"]
    assert {m["state"] for m in active["members"]} == {"approved", "active"}
    assert active["notify"][0]["name"]
    assert trip(desk)[1]["code"] == "destination_in_closed_zone"
    assert neighbours(desk) == others
    life = desk.good("GET", f"/v1/zones/{zones[0]}", role="approver")["life"]
    assert (life["document_no"], life["acts"][-1]["act"]) == (ORDER["document_no"], "approve")
    assert desk.call("POST", plan + "/activate", ORDER, role="approver")[0] == 409  # nothing is left to switch

    down = desk.good("POST", plan + "/stand-down", ORDER, role="approver")
    assert down["state"] == "prepared" and version(desk) == before + 2
    assert {m["kind"]: m["state"] for m in down["members"]} == {"zone": "lifted", "facility": "standby"}
    assert trip(desk)[0] == 200
    assert neighbours(desk) == others
    assert [s["act"] for s in down["switches"]] == ["create", "submit", "approve", "activate", "stand-down"]

    again = desk.good("POST", plan + "/activate", ORDER, role="approver")  # what was lifted is still there
    assert again["state"] == "active" and trip(desk)[0] == 422


def test_parts_of_a_county_are_switched_on_their_own(desk):
    east, west, stop = prepared_zone(desk, EAST), prepared_zone(desk, WEST), station(desk)
    plan = prepared(desk, [{"kind": "zone", "id": east, "part": "东"}, {"kind": "zone", "id": west, "part": "西"}, {"kind": "facility", "id": stop}])
    states = lambda answer: [m["state"] for m in answer["members"]]  # noqa: E731
    assert states(desk.good("POST", plan + "/activate", {**ORDER, "parts": ["西"]}, role="approver")) == ["submitted", "approved", "active"]
    assert trip(desk)[0] == 422
    assert states(desk.good("POST", plan + "/activate", {**ORDER, "parts": ["东"]}, role="approver")) == ["approved", "approved", "active"]
    assert states(desk.good("POST", plan + "/stand-down", {**ORDER, "parts": ["西"]}, role="approver")) == ["approved", "lifted", "active"]
    assert trip(desk)[0] == 200
    assert states(desk.good("POST", plan + "/stand-down", {**ORDER, "parts": ["东"]}, role="approver")) == ["lifted", "lifted", "standby"]
    status, problem, _ = desk.call("POST", plan + "/activate", {**ORDER, "parts": ["东", "南"]}, role="approver")
    assert (status, problem["pointer"]) == (400, "/parts/1")


def test_a_start_in_the_future_binds_from_then_on(desk):
    plan = prepared(desk, [{"kind": "zone", "id": prepared_zone(desk, WEST)}])
    start = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).replace(microsecond=0) + datetime.timedelta(days=2)
    desk.good("POST", plan + "/activate", {**ORDER, "start_at": start.isoformat()}, role="approver")
    assert trip(desk)[0] == 200
    assert trip(desk, depart_at=(start + datetime.timedelta(hours=1)).isoformat())[0] == 422
    status, problem, _ = desk.call("POST", plan + "/activate", {**ORDER, "start_at": "2026-01-01T00:00:00+08:00"}, role="approver")
    assert (status, problem["pointer"]) == (400, "/start_at")


def test_who_listens_is_told_in_advance_and_again_after_a_break(desk):
    plan = prepared(desk, [{"kind": "zone", "id": prepared_zone(desk, WEST), "part": "西"}])
    before = version(desk)
    wait_for(lambda: desk.call("GET", "/readyz", role=None)[1]["rules_version"] >= before, what="in force")
    start = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).replace(microsecond=0) + datetime.timedelta(days=2)
    listener = Listener(desk.service, after=before)
    desk.good("POST", plan + "/activate", {**ORDER, "start_at": start.isoformat(), "parts": ["西"]}, role="approver")
    heard = listener.next("rules")
    listener.close()
    assert heard["data"]["county_switches"] == [{"plan": plan.rsplit("/", 1)[1], "jurisdiction": COUNTY, "act": "activate", "start_at": start.isoformat(),
                                                 "parts": ["西"], **ORDER}]
    again = Listener(desk.service, last=before)
    assert again.next("rules") == heard
    desk.good("POST", plan + "/stand-down", {**ORDER, "parts": ["西"]}, role="approver")
    down = again.next("rules")["data"]["county_switches"]
    again.close()
    assert [(w["act"], "start_at" in w) for w in down] == [("stand-down", False)]
    desk.database.execute("UPDATE zone_class SET name_en = name_en || ' ' WHERE code = 'FL-CUT'")
    other = Listener(desk.service, after=version(desk) - 1)
    assert "county_switches" not in other.next("rules")["data"]
    other.close()


def test_who_listens_hears_of_the_start_itself_once_at_every_process_and_after_a_break(desk, tmp_path):
    zone, stop = prepared_zone(desk, WEST), station(desk)
    plan = prepared(desk, [{"kind": "zone", "id": zone, "part": "西"}, {"kind": "facility", "id": stop}])
    other = start_program(os.path.join(tmp_path, "serve.log"), f"--snapshot={desk.database.snapshot}", f"--database={desk.database.url}", desk.pepper)
    try:
        before = version(desk)
        for port in (desk.service.port, other.port):
            wait_for(lambda port=port: desk.call("GET", "/readyz", role=None, port=port)[1].get("rules_version", 0) >= before, 30, "in force")
        start = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).replace(microsecond=0) + datetime.timedelta(seconds=5)
        listeners = [Listener(service, after=before) for service in (desk.service, other)]
        ordered = desk.good("POST", plan + "/activate", {**ORDER, "start_at": start.isoformat(), "parts": ["西"]}, role="approver")["rules_version"]
        heard = [[listener.next("rules"), listener.next("rules")] for listener in listeners]
        assert heard[0] == heard[1]
        assert [int(event["id"]) for event in heard[0]] == [ordered, ordered + 1]
        notice, begun = (event["data"] for event in heard[0])
        assert "county_starts" not in notice and "county_switches" not in begun
        assert begun["county_starts"] == [{"plan": plan.rsplit("/", 1)[1], "jurisdiction": COUNTY, "ordered_in": ordered, "start_at": start.isoformat(),
                                           "parts": ["西"], **ORDER, "members": [{"kind": "zone", "id": zone}]}]
        assert begun["changed"] == [] and datetime.datetime.fromisoformat(begun["committed_at"]) >= start
        assert trip(desk)[1]["code"] == "destination_in_closed_zone"
        again = Listener(desk.service, last=ordered)
        assert again.next("rules") == heard[0][1]
        for listener in (*listeners, again):
            listener.close()
        acts = desk.database.execute("SELECT act, object FROM audit_log WHERE kind = 'county_start' ORDER BY seq DESC LIMIT 1")
        assert acts == [("start", str(desk.database.value("SELECT max(id) FROM county_switch WHERE act = 'activate'")))]
    finally:
        end_program(other)


def test_a_start_that_was_called_off_is_not_told_of(desk):
    plan = prepared(desk, [{"kind": "zone", "id": prepared_zone(desk, WEST)}])
    start = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))) + datetime.timedelta(days=2)
    desk.good("POST", plan + "/activate", {**ORDER, "start_at": start.isoformat()}, role="approver")
    desk.good("POST", plan + "/stand-down", ORDER, role="approver")
    before = version(desk)
    # its moment comes, and something wakes the processes
    switch = desk.database.value("UPDATE county_switch SET start_at = clock_timestamp() WHERE plan_id = %s AND act = 'activate' RETURNING id",
                                 plan.rsplit("/", 1)[1])
    desk.database.execute("UPDATE zone_class SET name_en = name_en WHERE code = 'FL-CUT'")
    noted = wait_for(lambda: desk.database.execute("SELECT rules_version, members FROM county_start WHERE switch = %s", switch), what="looked at")
    assert noted == [(None, [])]
    assert version(desk) == before + 1


def test_a_write_that_is_sent_again_with_its_key_is_done_once(desk):
    plan = {"name": "平急转换方案", "jurisdiction": COUNTY, "members": [{"kind": "zone", "id": prepared_zone(desk, WEST)}]}
    made = [desk.call("POST", "/v1/county-plans", plan, headers={"Idempotency-Key": "plan-1"}) for _ in range(2)]
    assert [(status, answer, headers["Location"], headers["ETag"]) for status, answer, headers in made] == [
        (201, made[0][1], f"/v1/county-plans/{made[0][1]['id']}", made[0][2]["ETag"])] * 2
    assert desk.database.value("SELECT count(*) FROM county_switch WHERE act = 'create' AND plan_id = %s", made[0][1]["id"]) == 1
    assert desk.call("POST", "/v1/county-plans", {**plan, "name": "另一个"}, headers={"Idempotency-Key": "plan-1"})[0] == 409
    path = f"/v1/county-plans/{made[0][1]['id']}"
    desk.good("POST", path + "/submit")
    desk.good("POST", path + "/approve", APPROVAL, role="approver")
    before = version(desk)
    switched = [desk.call("POST", path + "/activate", ORDER, role="approver", headers={"Idempotency-Key": "switch-1"}) for _ in range(2)]
    assert [status for status, _, _ in switched] == [200, 200] and switched[0][1] == switched[1][1]
    assert version(desk) == before + 1
    assert desk.call("POST", path + "/activate", ORDER, role="approver", headers={"Idempotency-Key": "switch-2"})[0] == 409


def test_a_drill_shows_everything_and_publishes_nothing(desk):
    zone = prepared_zone(desk, WEST, rules=[{"rule": "gated"}])
    plan = prepared(desk, [{"kind": "zone", "id": zone}], demands=[
        {"name": "粮食进县", "request": TRIP}, {"name": "过境", "request": {**TRIP, "destination": {"location": [112.83, 32.69]}}}])
    others, before = neighbours(desk), version(desk)
    row = desk.database.value("SELECT z::text FROM zone z WHERE id = %s", zone)
    drill = desk.good("POST", plan + "/drill", role="planner")
    assert [m["active"] for m in drill["plan"]["members"]] == [True]
    assert "gated_without_gate" in [f["code"] for f in drill["members"][0]["findings"]]
    assert [(d["name"], d["verdict"]) for d in drill["demands"]][0] == ("粮食进县", "broken")
    assert drill["demands"][0]["then"]["code"] == "no_open_gate" and drill["demands"][0]["now"]["duration_s"] > 0
    assert drill["demands"][1]["verdict"] in ("unaffected", "detour")
    assert (version(desk), neighbours(desk)) == (before, others)
    assert desk.database.value("SELECT z::text FROM zone z WHERE id = %s", zone) == row
    after = desk.good("GET", plan, role="planner")
    assert after["state"] == "prepared" and after["drilled_at"] and after["switches"][-1]["act"] == "drill"


def test_the_switch_refuses_what_was_not_looked_at(desk):
    zone = prepared_zone(desk, WEST)
    members = [{"kind": "zone", "id": zone}]
    plan = prepared(desk, members)
    desk.database.execute("UPDATE zone SET accuracy_m = 9 WHERE id = %s", zone)
    before = version(desk)
    status, problem, _ = desk.call("POST", plan + "/activate", ORDER, role="approver")
    assert status == 409 and "changed since" in problem["detail"]
    assert version(desk) == before
    desk.good("PUT", plan, {"name": "重新审定", "jurisdiction": COUNTY, "members": members})
    desk.good("POST", plan + "/submit")
    desk.good("POST", plan + "/approve", APPROVAL, role="approver")
    desk.good("POST", plan + "/activate", ORDER, role="approver")


def test_nobody_switches_on_what_they_drew_and_every_level_counts(desk):
    own = prepared_zone(desk, WEST, role="admin")
    plan = prepared(desk, [{"kind": "zone", "id": own}])
    assert desk.call("POST", plan + "/activate", ORDER, role="admin")[0] == 403
    drawn = drawn_up(desk, [{"kind": "zone", "id": own}], role="admin")["id"]
    desk.good("POST", f"/v1/county-plans/{drawn}/submit", role="admin")
    assert desk.call("POST", f"/v1/county-plans/{drawn}/approve", APPROVAL, role="admin")[0] == 403

    desk.key("sheqi_approver", "approver", f"--county={COUNTY}")
    desk.database.execute("INSERT INTO authority_rule VALUES ('zone', 'SEC', 'prefecture')")
    try:
        status, problem, _ = desk.call("POST", plan + "/activate", ORDER, role="sheqi_approver")
        assert status == 403 and "prefecture" in problem["detail"]
    finally:
        desk.database.execute("DELETE FROM authority_rule WHERE what = 'SEC'")
    desk.good("POST", plan + "/activate", ORDER, role="sheqi_approver")


def test_only_one_plan_of_a_county_is_active(desk):
    first = prepared(desk, [{"kind": "zone", "id": prepared_zone(desk, WEST)}])
    second = prepared(desk, [{"kind": "zone", "id": prepared_zone(desk, EAST)}])
    desk.good("POST", first + "/activate", ORDER, role="approver")
    status, problem, _ = desk.call("POST", second + "/activate", ORDER, role="approver")
    assert status == 409 and "stood down first" in problem["detail"]


@pytest.mark.parametrize("change,pointer", [
    ({"members": [{"kind": "zone", "id": "none"}]}, "/members/0/id"),
    ({"members": [{"kind": "zone", "id": "x"}, {"kind": "zone", "id": "x"}]}, "/members/1"),
    ({"members": []}, "/members"),
    ({"members": [{"kind": "road", "id": "x"}]}, "/members/0/kind"),
    ({"jurisdiction": "411300"}, "/jurisdiction"),
    ({"jurisdiction": "419999"}, "/jurisdiction"),
    ({"notify": ["nobody"]}, "/notify/0"),
    ({"credentials": ["nothing"]}, "/credentials/0"),
    ({"fleet": [{"enterprise": "e", "vehicles": 0}]}, "/fleet/0/vehicles"),
    ({"demands": [{"name": "x", "request": {"origin": {"location": [112.5, 233]}, "destination": {"location": [112.5, 33]}}}]},
     "/demands/0/request/origin/location/1"),
    ({"surprise": 1}, "/surprise"),
])
def test_a_plan_that_cannot_be_is_refused_by_its_member(desk, change, pointer):
    zone = desk.database.value("SELECT min(id) FROM zone WHERE jurisdiction = %s", COUNTY) or prepared_zone(desk, WEST)
    status, problem, _ = desk.call("POST", "/v1/county-plans", {"name": "方案", "jurisdiction": COUNTY, "members": [{"kind": "zone", "id": zone}], **change})
    assert status == 400, problem
    assert problem["pointer"] == pointer


def test_a_member_of_another_county_is_refused(desk):
    elsewhere = desk.good("POST", "/v1/zones", feature(jurisdiction="411322", name="邻县"))["id"]
    status, problem, _ = desk.call("POST", "/v1/county-plans", {"name": "方案", "jurisdiction": COUNTY, "members": [{"kind": "zone", "id": elsewhere}]})
    assert (status, problem["pointer"]) == (400, "/members/0/id") and "neighbours" in problem["detail"]
    plan = drawn_up(desk, [{"kind": "zone", "id": prepared_zone(desk, WEST)}])["id"]
    assert desk.call("GET", f"/v1/county-plans/{plan}", role="fangcheng")[0] == 404
    assert plan not in [p["id"] for p in desk.good("GET", "/v1/county-plans", role="fangcheng")["plans"]]
    listed = desk.good("GET", f"/v1/county-plans?county={COUNTY}&state=draft&limit=1000")["plans"]
    assert plan in [p["id"] for p in listed]
    desk.good("DELETE", f"/v1/county-plans/{plan}")
    assert desk.call("GET", f"/v1/county-plans/{plan}")[0] == 404


def test_the_plan_of_the_demo_is_ready(desk):
    plan = desk.good("GET", "/v1/county-plans/demo-xixia")
    assert (plan["state"], [m["kind"] for m in plan["members"]]) == ("prepared", ["zone", "facility"])
    drill = desk.good("POST", "/v1/county-plans/demo-xixia/drill")
    assert [d["now"]["code"] for d in drill["demands"]] == ["ok", "ok"]
    assert drill["demands"][0]["then"]["code"] == "ok"  # supplies still reach the town


@pytest.mark.slow
def test_a_kill_in_the_middle_of_a_switch_leaves_nothing_switched(desk, tmp_path):
    zones, stop = [prepared_zone(desk, EAST), prepared_zone(desk, WEST)], station(desk)
    plan = prepared(desk, [{"kind": "zone", "id": zones[0]}, {"kind": "zone", "id": zones[1]}, {"kind": "facility", "id": stop}])
    before = version(desk)
    other = start_program(os.path.join(tmp_path, "serve.log"), f"--snapshot={desk.database.snapshot}", f"--database={desk.database.url}", desk.pepper)
    try:
        with desk.database.connect(owner=True) as holder:
            holder.execute("SELECT FROM facility WHERE id = %s FOR UPDATE", (stop,))  # the switch waits here, its zones done

            def switch():
                try:
                    desk.call("POST", plan + "/activate", ORDER, role="approver", port=other.port)
                except OSError:
                    pass
            caller = threading.Thread(target=switch)
            caller.start()
            wait_for(lambda: desk.database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0, what="the switch waits")
            other.process.send_signal(signal.SIGKILL)
            other.process.wait()
            caller.join()
    finally:
        other.process.kill()
    desk.database.execute("SELECT FROM rules_state FOR UPDATE")  # until the transaction of the dead has ended
    assert version(desk) == before
    assert [m["state"] for m in desk.good("GET", plan)["members"]] == ["submitted", "submitted", "standby"]
    assert desk.good("POST", plan + "/activate", ORDER, role="approver")["rules_version"] == before + 1
