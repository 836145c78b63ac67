"""Relay by a transfer station on the demo network: a zone that is closed to heavy vehicles only."""
import datetime

import pytest

from demo_fixture import SEATS, box, question, rules, zone

HEAVY = {"class": "truck_6_axle"}
SEALED = {"rule": "closed", "subject": {"gross_t_min": 12}}


def asked(**more):
    return question("nanyang", "sheqi", vehicle=HEAVY, **{"geometry": "none", "steps": False, **more})


def at(text):
    return datetime.datetime.fromisoformat(text)


def test_where_no_direct_trip_is_lawful_the_goods_change_vehicles(demo_service):
    with rules(demo_service, zone("test-sealed", box(SEATS["sheqi"], 0.03), SEALED)):
        status, problem = demo_service.ask("/v1/route", asked())
        assert status == 422 and problem["code"] == "destination_in_closed_zone", problem
        status, answer = demo_service.ask("/v1/route", asked(relay={"hand_over_s": 900}, geometry="geojson"))
        assert status == 200, answer
        relay, (outer, inner) = answer["relay"], answer["plans"]
        assert relay["code"] == "destination_in_closed_zone" and relay["cause"] and relay["hand_over_s"] == 900
        stations = {f["id"]: f["properties"] for f in demo_service.ask("/v1/facilities")[1]["features"]}
        assert stations[relay["station"]]["kind"] == "transfer_station" and stations[relay["station"]]["state"] == "active"
        assert outer["issuable"] and inner["issuable"] and [leg["kind"] for leg in inner["legs"]] == ["relay"]
        assert outer["legs"][-1]["arrive_at"] == relay["arrive_at"] and inner["legs"][0]["depart_at"] == relay["depart_at"]
        assert (at(relay["depart_at"]) - at(relay["arrive_at"])).total_seconds() == 900
        assert relay["duration_s"] == pytest.approx(outer["duration_s"] + 900 + inner["duration_s"], abs=0.01)
        # no other active station is better, each way asked for by itself
        ends = []
        for facility in demo_service.ask("/v1/facilities")[1]["features"]:
            if facility["properties"]["kind"] != "transfer_station" or facility["properties"]["state"] != "active":
                continue
            place = {"location": facility["geometry"]["coordinates"]}
            status, there = demo_service.ask("/v1/route", {**asked(), "destination": place})
            if status != 200:
                continue
            depart = at(there["plans"][0]["legs"][-1]["arrive_at"]) + datetime.timedelta(seconds=900)
            status, on = demo_service.ask("/v1/route", {**asked(), "origin": place, "vehicle": {"class": "light_truck"},
                                                        "depart_at": depart.isoformat()})
            if status == 200:
                ends.append(at(on["plans"][0]["legs"][-1]["arrive_at"]))
        assert at(inner["legs"][-1]["arrive_at"]) == min(ends)


def test_a_relay_vehicle_that_may_not_enter_either_is_no_help(demo_service):
    with rules(demo_service, zone("test-sealed", box(SEATS["sheqi"], 0.03), SEALED)):
        status, problem = demo_service.ask("/v1/route", asked(relay={"vehicle": HEAVY}))
        assert status == 422 and problem["code"] == "destination_in_closed_zone", problem


def test_only_active_stations_serve(demo_service):
    stand = ("UPDATE facility SET state = 'standby' WHERE kind = 'transfer_station' AND state = 'active' AND id LIKE 'demo-%'",
             "UPDATE facility SET state = 'active' WHERE kind = 'transfer_station' AND name IN ('南阳南应急物资中转站', '邓州东接驳点')")
    with rules(demo_service, zone("test-sealed", box(SEATS["sheqi"], 0.03), SEALED), stand):
        status, problem = demo_service.ask("/v1/route", asked(relay={}))
        assert status == 422, problem


def test_where_the_direct_trip_is_lawful_there_is_no_relay(demo_service):
    status, answer = demo_service.ask("/v1/route", asked(relay={}))
    assert status == 200 and "relay" not in answer and len(answer["plans"]) == 1


@pytest.mark.parametrize("more,pointer", [
    ({"relay": {}, "loop": "return"}, "/relay"),
    ({"relay": {}, "store": True}, "/relay"),
    ({"relay": {"vehicle": {"height_m": -1}}}, "/relay/vehicle/height_m"),
    ({"relay": {"station": "x"}}, "/relay/station"),
])
def test_mistakes_name_the_member(demo_service, more, pointer):
    status, problem = demo_service.ask("/v1/route", asked(**more))
    assert status == 400 and problem["pointer"] == pointer, problem
