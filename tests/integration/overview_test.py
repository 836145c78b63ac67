"""What the desk looks at: the load of the gates is that of the answers that were kept, hour by hour, for whoever may see them."""
import datetime
import json

import pytest

from desk_fixture import desk, wait_for  # noqa: F401  fixture
from events_test import Listener

DAY = "2027-03-01T"
FROM = f"{DAY}06:00:00+08:00"


def keep(desk, role="planner", depart=f"{DAY}07:20:00+08:00", **more):
    """A kept loop into an area with checkpoints around it."""
    works = desk.database.value("SELECT ARRAY[ST_X(geom), ST_Y(geom)] FROM facility WHERE name LIKE '邓州示意粮油加工厂%'")
    status, answer, _ = desk.call("POST", "/v1/route", {
        "origin": {"location": [112.53, 33.0]}, "destination": {"location": works}, "loop": "return", "vehicle": {"class": "truck_6_axle"},
        "credentials": [{"type": "disinfection", "issued_at": f"{DAY}06:00:00+08:00"}], "steps": False, "geometry": "none",
        "depart_at": depart, "store": True, **more}, role=role)
    assert status == 200, answer
    return answer


def passages(answer):
    """Whole hours after FROM and checkpoint of each gate, as the answer says."""
    start = datetime.datetime.fromisoformat(FROM)
    return [(int((datetime.datetime.fromisoformat(g["at"]) - start).total_seconds() // 3600), g["checkpoint"])
            for leg in answer["plans"][0]["legs"] for g in leg["gates"]]


def overview(desk, role="planner", hours=12):
    return desk.good("GET", f"/v1/overview?hours={hours}&at={FROM[:-6]}%2B08:00", role=role)


def table(answer):
    return {g["checkpoint"]: g for g in answer["gates"]}


@pytest.fixture(scope="module")
def kept(desk):
    return [keep(desk, role=role, depart=f"{DAY}{hour}:20:00+08:00")
            for role, hour in (("planner", "07"), ("planner", "07"), ("company", "08"), ("viewer", "10"))]


def test_the_load_is_that_of_the_answers_that_were_kept(desk, kept):
    answer = overview(desk)
    told = [p for one in kept for p in passages(one)]
    assert len(told) >= 4 and all(0 <= hour < 12 for hour, _ in told)
    gates = table(answer)
    for name, gate in gates.items():
        hours = [sum(1 for p in told if p == (hour, name)) for hour in range(12)]
        assert gate["by_hour"] == hours and gate["passages"] == sum(hours), name
        if not sum(hours):
            assert gate["busiest"] is None
            continue
        most = hours.index(max(hours))
        since = datetime.datetime.fromisoformat(gate["busiest"]["from"]) - datetime.datetime.fromisoformat(FROM)
        assert (since.total_seconds(), gate["busiest"]["passages"]) == (most * 3600, hours[most])
    assert sum(g["passages"] for g in gates.values()) == len(told) and answer["passages_elsewhere"] == 0
    assert answer["plans"] == {"on_their_way": 4, "broken": 0, "other_network": 0}
    shown = {f["id"] for f in desk.good("GET", "/v1/checkpoints", role=None)["features"]}
    assert set(gates) == shown
    capacity = dict(desk.database.execute("SELECT id, capacity_h FROM checkpoint"))
    assert {name: g["capacity_h"] for name, g in gates.items()} == {name: capacity[name] for name in gates}
    assert any(g["capacity_h"] for g in gates.values())


def test_hours_outside_are_not_counted_and_the_clock_sets_them(desk, kept):
    one = desk.good("GET", f"/v1/overview?hours=1&at={DAY}07:59:59%2B08:00")
    assert one["from"] == f"{DAY}07:00:00+08:00" and one["hours"] == 1
    assert sum(g["passages"] for g in one["gates"]) == sum(1 for k in kept for hour, _ in passages(k) if hour == 1)
    now = desk.good("GET", "/v1/overview")
    assert now["hours"] == 6 and now["plans"]["on_their_way"] == 0 and now["database_connected"] and not now["rules_stale"]


def test_nobody_learns_of_plans_that_are_not_theirs(desk, kept):
    for role, own in (("company", kept[2:3]), ("viewer", kept[3:]), ("officer", kept)):
        answer = overview(desk, role)
        assert answer["plans"]["on_their_way"] == len(own)
        assert sum(g["passages"] for g in answer["gates"]) == sum(len(passages(k)) for k in own)


def test_what_breaks_is_counted_as_broken_and_passes_no_gate(desk, kept):
    before = overview(desk)
    answer = keep(desk, depart=f"{DAY}12:00:00+08:00")
    plan = answer["decision_id"]
    assert overview(desk)["plans"]["on_their_way"] == before["plans"]["on_their_way"] + 1
    desk.database.execute("UPDATE stored_plan SET state = 'broken' WHERE id = %s", plan)
    after = overview(desk)
    assert after["plans"] == {**before["plans"], "broken": before["plans"]["broken"] + 1}
    assert after["gates"] == before["gates"]
    assert desk.call("DELETE", f"/v1/plans/{plan}")[0] == 204
    assert overview(desk)["plans"] == before["plans"]


def test_a_plan_of_another_network_is_said_not_counted(desk, kept):
    before = overview(desk)
    plan = keep(desk, depart=f"{DAY}12:00:00+08:00")["decision_id"]
    desk.database.execute("UPDATE stored_plan SET network_version = 'older' WHERE id = %s", plan)
    after = overview(desk)
    assert after["plans"] == {**before["plans"], "other_network": 1} and after["gates"] == before["gates"]
    assert desk.call("DELETE", f"/v1/plans/{plan}")[0] == 204


def test_a_passage_at_a_checkpoint_that_has_gone_is_still_counted(desk, kept):
    name = passages(kept[0])[0][1]
    before = overview(desk)
    desk.database.execute("UPDATE checkpoint SET state = 'draft' WHERE id = %s", name)
    version = desk.database.value("SELECT version FROM rules_state")
    try:
        wait_for(lambda: desk.call("GET", "/readyz", role=None)[1]["rules_version"] >= version, what="the draft")
        after = overview(desk)
        assert name not in table(after) and after["passages_elsewhere"] == table(before)[name]["passages"] > 0
    finally:
        desk.database.execute("UPDATE checkpoint SET state = 'active' WHERE id = %s", name)
        version = desk.database.value("SELECT version FROM rules_state")
        wait_for(lambda: desk.call("GET", "/readyz", role=None)[1]["rules_version"] >= version, what="the checkpoint")
    assert overview(desk)["gates"] == before["gates"]


@pytest.mark.parametrize("query,pointer", [("hours=0", "/hours"), ("hours=49", "/hours"), ("hours=six", "/hours"), ("at=tomorrow", "/at"),
                                           ("hours=", "/hours")])
def test_a_wrong_question_is_refused_by_name(desk, query, pointer):
    status, problem, _ = desk.call("GET", f"/v1/overview?{query}")
    assert (status, problem["pointer"]) == (400, pointer)


def test_who_listens_hears_that_plans_changed_and_not_which(desk, kept):
    listener = Listener(desk.service)
    listener.next("state")
    plan = keep(desk, depart=f"{DAY}13:00:00+08:00")["decision_id"]
    told = listener.next("plans")
    assert told["data"] == {} and "id" not in told and plan not in json.dumps(told)
    assert desk.call("DELETE", f"/v1/plans/{plan}")[0] == 204
    assert listener.next("plans")["data"] == {}
    listener.close()
