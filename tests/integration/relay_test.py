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


def stations_of(service):
    return {f["id"]: f["geometry"]["coordinates"] for f in service.ask("/v1/facilities")[1]["features"]
            if f["properties"]["kind"] == "transfer_station" and f["properties"]["state"] == "active"}


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
        relay = problem["relay"]
        assert relay["stations"] and len(relay["stations"]) == relay["stations_active"] and str(relay["stations_active"]) in relay["cause"]
        assert {s["verdict"] for s in relay["stations"]} == {"no_way_on"} and all(s["why"] and s["station"] for s in relay["stations"])
        assert {s["code"] for s in relay["stations"]} == {"destination_in_closed_zone"}


def test_only_active_stations_serve(demo_service):
    ids = ", ".join(f"'{station}'" for station in stations_of(demo_service))
    stand = tuple(f"UPDATE facility SET state = '{state}' WHERE id IN ({ids})" for state in ("standby", "active"))
    with rules(demo_service, zone("test-sealed", box(SEATS["sheqi"], 0.03), SEALED), stand):
        status, problem = demo_service.ask("/v1/route", asked(relay={}))
        assert status == 422 and problem["relay"]["stations_active"] == 0 and problem["relay"]["stations"] == [], problem
        assert problem["relay"]["cause"]


def test_the_hand_over_is_a_stop_of_both_vehicles(demo_service):
    later = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).strftime("%Y-%m-%dT01:00:00Z") # rules that ended are gone
    sealed = zone("test-sealed", box(SEATS["sheqi"], 0.03), SEALED)
    with rules(demo_service, sealed):
        status, answer = demo_service.ask("/v1/route", asked(depart_at=later, relay={"hand_over_s": 3600}))
        assert status == 200, answer["relay"]
        chosen, arrive = answer["relay"]["station"], at(answer["relay"]["arrive_at"])
    # from ten to thirty minutes after the goods have come nobody may stop there, or only what takes over may not
    begins, ends = ((arrive + datetime.timedelta(minutes=m)).strftime("%Y-%m-%d %H:%M:%S%z") for m in (10, 30))
    for rule, verdict in (({"rule": "closed"}, "no_way_to"), ({"rule": "closed", "subject": {"gross_t_max": 12}}, "no_stay")):
        statements = [sealed]
        for i, where in enumerate(stations_of(demo_service).values()):
            add, drop = zone(f"test-station-{i}", box(where, 0.02), rule)
            statements.append((add.replace("'[2025-01-01,)'", f"'[{begins},{ends})'"), drop))
        with rules(demo_service, *statements):
            status, answer = demo_service.ask("/v1/route", asked(depart_at=later, relay={"hand_over_s": 3600}))
            if status == 200: # another station, where the goods come later
                assert answer["relay"]["station"] != chosen, (rule, begins, ends, answer["relay"])
            else:
                said = {s["station"]: s["verdict"] for s in answer["relay"]["stations"]}
                assert said[chosen] == verdict, (rule, answer["relay"])
            status, quick = demo_service.ask("/v1/route", asked(depart_at=later, relay={"hand_over_s": 300}))
            assert status == 200 and quick["relay"]["station"] == chosen, quick


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
