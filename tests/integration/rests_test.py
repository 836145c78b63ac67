"""Driving time and rests on the demo network; rest areas are facilities, and facilities are rules."""
import datetime

import pytest

from demo_fixture import SEATS, question, rules

HEAVY = {"class": "truck_6_axle"}


def asked(**more):
    stops = [{"location": SEATS[s]} for s in ("xinye",)]
    return question("xixia", "tongbai", stops=stops, loop="return", vehicle=HEAVY, geometry="none", steps=False, **more)


def stretches(plan, rest_s):
    since, out = 0, []
    for i, leg in enumerate(plan["legs"]):
        since += leg["drive_s"]
        stood = 0
        if i + 1 < len(plan["legs"]):
            after = datetime.datetime.fromisoformat(plan["legs"][i + 1]["depart_at"])
            stood = (after - datetime.datetime.fromisoformat(leg["arrive_at"])).total_seconds()
        if stood >= rest_s or i + 1 == len(plan["legs"]):
            out.append(since)
            since = 0
    return out


def test_a_long_loop_rests_where_it_may_and_drives_no_longer_than_it_may(demo_service):
    status, without = demo_service.ask("/v1/route", asked())
    assert status == 200, without
    status, answer = demo_service.ask("/v1/route", asked(rests={"max_drive_s": 10800}))
    assert status == 200, answer
    plan = answer["plans"][0]
    areas = {f["id"]: f for f in demo_service.ask("/v1/facilities")[1]["features"]} if plan["rests"] else {}
    assert plan["rests"] and max(stretches(without["plans"][0], 1200)) > 10800
    assert max(stretches(plan, 1200)) <= 10800 and plan["issuable"]
    assert plan["duration_s"] >= without["plans"][0]["duration_s"] + 1200
    for rest in plan["rests"]:
        assert rest["rest_s"] >= 1200 and rest["rest"] in areas and rest["name"]
        assert plan["waypoints"][rest["waypoint"]]["rest"] == rest["rest"]
    kinds = [leg["kind"] for leg in plan["legs"]]
    assert kinds[0] == "origin" and "destination" in kinds and kinds[-1] == "trunk"


def test_who_need_not_rest_gets_the_plan_without(demo_service):
    status, answer = demo_service.ask("/v1/route", question("nanyang", "sheqi", vehicle=HEAVY, rests={}))
    assert status == 200 and answer["plans"][0]["rests"] == []
    status, plain = demo_service.ask("/v1/route", question("nanyang", "sheqi", vehicle=HEAVY))
    assert answer["plans"][0]["digest"] == plain["plans"][0]["digest"]


def test_where_nobody_may_rest_there_is_a_cause_and_the_way_it_would_be(demo_service):
    with rules(demo_service, ("UPDATE facility SET state = 'closed' WHERE kind = 'rest_area'",
                              "UPDATE facility SET state = 'active' WHERE kind = 'rest_area'")):
        status, problem = demo_service.ask("/v1/route", asked(rests={"max_drive_s": 10800}))
        assert status == 422 and problem["code"] == "no_rest_area", problem
        assert problem["relaxed_plan"]["issuable"] is False
    status, answer = demo_service.ask("/v1/route", asked(rests={"max_drive_s": 10800}))
    assert status == 200, answer


def test_the_numbers_in_force_are_data(demo_service):
    with rules(demo_service, ("UPDATE journey_default SET max_drive = '3 hours', rest = '30 minutes'",
                              "UPDATE journey_default SET max_drive = '4 hours', rest = '20 minutes'")):
        status, answer = demo_service.ask("/v1/route", asked(rests={}))
        assert status == 200 and answer["plans"][0]["rests"], answer
        assert max(stretches(answer["plans"][0], 1800)) <= 10800
        assert all(rest["rest_s"] >= 1800 for rest in answer["plans"][0]["rests"])


@pytest.mark.parametrize("more,pointer", [
    ({"rests": {"max_drive_s": 5}}, "/rests/max_drive_s"),
    ({"rests": {"every": 5}}, "/rests/every"),
    ({"rests": {}, "alternatives": 1}, "/rests"),
])
def test_mistakes_name_the_member(demo_service, more, pointer):
    status, problem = demo_service.ask("/v1/route", asked(**more))
    assert status == 400 and problem["pointer"] == pointer, problem
