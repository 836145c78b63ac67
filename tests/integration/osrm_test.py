"""OSRM v1 as its clients use it."""
import itertools

import pytest

from demo_fixture import SEATS

PAIR = "112.53,33.00;112.93,33.06"


def get(service, path, status=200):
    answered, answer = service.ask(path)
    assert answered == status, answer
    return answer


def test_a_route_has_the_shape_of_osrm(demo_service):
    answer = get(demo_service, f"/route/v1/truck/{PAIR}?steps=true&geometries=geojson&overview=full&annotations=true")
    assert answer["code"] == "Ok" and len(answer["waypoints"]) == 2
    route = answer["routes"][0]
    leg = route["legs"][0]
    assert route["geometry"]["type"] == "LineString" and route["distance"] > 30000 and route["duration"] > 1000
    assert leg["steps"][0]["maneuver"]["type"] == "depart" and leg["steps"][-1]["maneuver"]["type"] == "arrive"
    for step in leg["steps"]:
        assert step["geometry"]["coordinates"] and step["intersections"][0]["bearings"] and step["mode"] == "driving"
    annotation = leg["annotation"]
    segments = len(route["geometry"]["coordinates"]) - 1
    assert len(annotation["distance"]) == len(annotation["duration"]) == len(annotation["speed"]) == segments
    assert sum(annotation["distance"]) == pytest.approx(route["distance"], rel=0.001)
    assert sum(annotation["duration"]) == pytest.approx(route["duration"], rel=0.05)
    assert sum(step["distance"] for step in leg["steps"]) == pytest.approx(route["distance"], rel=0.001)


def test_overviews(demo_service):
    full = get(demo_service, f"/route/v1/truck/{PAIR}?overview=full&geometries=geojson")["routes"][0]["geometry"]["coordinates"]
    thin = get(demo_service, f"/route/v1/truck/{PAIR}?geometries=geojson")["routes"][0]["geometry"]["coordinates"]
    assert 2 <= len(thin) <= len(full) and thin[0] == full[0] and thin[-1] == full[-1]
    assert "geometry" not in get(demo_service, f"/route/v1/truck/{PAIR}?overview=false")["routes"][0]
    assert isinstance(get(demo_service, f"/route/v1/truck/{PAIR}")["routes"][0]["geometry"], str)


def test_a_table_agrees_with_routes(demo_service):
    table = get(demo_service, f"/table/v1/truck/{PAIR};113.00,33.26?annotations=duration,distance")
    assert table["code"] == "Ok" and len(table["durations"]) == 3 and len(table["sources"]) == 3
    route = get(demo_service, f"/route/v1/truck/{PAIR}?overview=false")["routes"][0]
    assert table["durations"][0][1] == pytest.approx(route["duration"], rel=0.02)
    part = get(demo_service, f"/table/v1/truck/{PAIR};113.00,33.26?sources=1&destinations=0;2")
    assert part["durations"] == [[table["durations"][1][0], table["durations"][1][2]]] and "distances" not in part


def test_nearest(demo_service):
    answer = get(demo_service, "/nearest/v1/truck/112.53,33.00?number=3")
    assert answer["code"] == "Ok" and len(answer["waypoints"]) == 3
    distances = [w["distance"] for w in answer["waypoints"]]
    assert distances == sorted(distances) and len(answer["waypoints"][0]["nodes"]) == 2


@pytest.mark.parametrize("path,code", [
    ("/route/v1/truck/112.53,33.00", "InvalidOptions"),
    ("/route/v1/plane/112.53,33.00;112.93,33.06", "InvalidUrl"),
    ("/route/v1/truck/112.53,33.00;112.93", "InvalidQuery"),
    ("/route/v1/truck/112.53,33.00;112.93,93.06", "InvalidValue"),
    ("/route/v1/truck/112.53,33.00;112.93,33.06?steps=perhaps", "InvalidQuery"),
    ("/route/v1/truck/112.53,33.00;112.93,33.06?radiuses=5", "InvalidOptions"),
    ("/route/v1/truck/112.5312,33.0007;112.93,33.06?radiuses=0.001;unlimited", "NoSegment"),
    ("/route/v1/truck/112.53,31.00;112.93,33.06", "NoSegment"),
    ("/nearest/v1/truck/112.53,33.00;112.93,33.06", "InvalidOptions"),
    ("/nearest/v1/truck/100.0,10.0", "NoSegment"),
    ("/table/v1/truck/112.53,33.00;112.93,33.06?sources=7", "InvalidOptions"),
    ("/route/v1/truck/" + ";".join(["112.53,33.00"] * 65), "TooBig"),
])
def test_mistakes_get_the_codes_of_osrm(demo_service, path, code):
    answer = get(demo_service, path, 400)
    assert answer["code"] == code and answer["message"], answer


def test_a_place_in_a_closed_zone_has_no_route(demo_service):
    x, y = 112.06, 33.065  # the isolation area of the demo's chemical accident
    answer = get(demo_service, f"/route/v1/truck/112.53,33.00;{x},{y}", 400)
    assert answer["code"] in ("NoRoute", "NoSegment") and answer.get("reason"), answer
    assert SEATS


TOUR = "112.53,33.00;112.09,32.68;113.40,32.37;112.36,32.52;112.93,33.06"


def test_a_trip_visits_every_coordinate_once_and_comes_home(demo_service):
    answer = get(demo_service, f"/trip/v1/van/{TOUR}?geometries=geojson&overview=full&steps=true&annotations=true")
    trip = answer["trips"][0]
    assert answer["code"] == "Ok" and len(answer["trips"]) == 1 and len(trip["legs"]) == 5
    assert sorted(w["waypoint_index"] for w in answer["waypoints"]) == [0, 1, 2, 3, 4]
    assert {w["trips_index"] for w in answer["waypoints"]} == {0} and answer["waypoints"][0]["waypoint_index"] == 0
    assert trip["geometry"]["coordinates"][0] == trip["geometry"]["coordinates"][-1]
    assert trip["legs"][0]["steps"] and trip["legs"][0]["annotation"]["distance"]


def test_no_order_of_a_trip_is_quicker(demo_service):
    asked = TOUR.split(";")
    answer = get(demo_service, f"/trip/v1/van/{TOUR}?source=first&destination=last&roundtrip=false&overview=false")
    at = [w["waypoint_index"] for w in answer["waypoints"]]
    assert at[0] == 0 and at[-1] == 4
    durations = []
    for order in itertools.permutations(asked[1:-1]):
        path = ";".join([asked[0], *order, asked[-1]])
        status, route = demo_service.ask(f"/route/v1/van/{path}?overview=false")
        durations.append(route["routes"][0]["duration"] if status == 200 else float("inf"))
    assert answer["trips"][0]["duration"] == pytest.approx(min(durations), abs=0.002)


def test_ends_of_a_trip(demo_service):
    fixed = get(demo_service, f"/trip/v1/van/{TOUR}?source=first&destination=last")
    assert [fixed["waypoints"][i]["waypoint_index"] for i in (0, -1)] == [0, 4] and len(fixed["trips"][0]["legs"]) == 5
    free = get(demo_service, f"/trip/v1/van/{TOUR}?destination=last")
    assert free["waypoints"][-1]["waypoint_index"] == 0 and len(free["trips"][0]["legs"]) == 5


@pytest.mark.parametrize("options,code", [
    ("roundtrip=false", "NotImplemented"),
    ("roundtrip=false&source=first", "NotImplemented"),
    ("roundtrip=perhaps", "InvalidQuery"),
    ("source=last", "InvalidQuery"),
    ("alternatives=true", "InvalidQuery"),
])
def test_trips_that_are_not_made(demo_service, options, code):
    answer = get(demo_service, f"/trip/v1/van/{TOUR}?{options}", 400)
    assert answer["code"] == code and answer["message"], answer


FAR, CLOSED = "111.10,33.90", "112.06,33.065"  # 30 km from any road; in the isolation area of the demo's chemical accident


@pytest.mark.parametrize("options", ["", "?sources=0;1", "?sources=2&radiuses=unlimited;unlimited;unlimited"])
def test_a_table_has_no_segment_for_a_coordinate_far_from_roads(demo_service, options):
    answer = get(demo_service, f"/table/v1/truck/{PAIR};{FAR}{options}", 400)
    assert answer["code"] == "NoSegment" and answer["message"].endswith("coordinate 2") and answer["reason"] == "snap_too_far"


def test_a_table_knows_nothing_of_a_coordinate_where_rules_allow_no_call(demo_service):
    answer = get(demo_service, f"/table/v1/truck/{PAIR};{CLOSED}")
    assert answer["sources"][2] is None and answer["destinations"][2] is None and answer["sources"][0]["name"]
    assert answer["durations"][2][:2] == [None, None] and answer["durations"][0][2] is None and answer["durations"][0][1] > 0


def test_more_alternatives_than_are_made_are_refused(demo_service):
    assert get(demo_service, f"/route/v1/truck/{PAIR}?alternatives=3&overview=false")["code"] == "Ok"
    answer = get(demo_service, f"/route/v1/truck/{PAIR}?alternatives=4", 400)
    assert answer["code"] == "TooBig" and "4" in answer["message"] and "(3)" in answer["message"], answer
