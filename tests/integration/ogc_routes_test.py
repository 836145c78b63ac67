"""OGC API - Routes: the planner behind a standard's door; what the draft requires of the Route Exchange Model."""
import copy

import pytest

from desk_fixture import desk  # noqa: F401  fixture
from demo_fixture import MORNING

LOOP = {"inputs": {"name": "南召到唐河", "waypoints": {"type": "MultiPoint", "coordinates": [[112.43, 33.49], [112.93, 33.06], [112.83, 32.69]]},
                   "mode": "truck_6_axle", "height": 4, "weight": 49, "when": {"timestamp": MORNING}}}


def definition(**inputs):
    made = copy.deepcopy(LOOP)
    made["inputs"].update(inputs)
    return made


def kinds(route, kind):
    return [f for f in route["features"] if f["properties"]["featureType"] == kind]


def compute(desk, body, role=None, **more):
    return desk.call("POST", "/ogc/routes", body, role=role, **more)


def test_a_route_is_in_the_exchange_model(desk):
    status, route, headers = compute(desk, LOOP)
    assert status == 200 and headers["Content-Type"] == "application/geo+json" and headers["Content-Language"] == "en"
    assert "Location" not in headers and "links" not in route  # kept only for who has a key
    assert (route["type"], route["name"], route["status"]) == ("FeatureCollection", "南召到唐河", "successful")
    overview, start, end = (kinds(route, k) for k in ("overview", "start", "end"))
    assert (len(overview), len(start), len(end)) == (1, 1, 1)
    line, segments = overview[0]["geometry"]["coordinates"], kinds(route, "segment")
    assert start[0]["geometry"]["coordinates"] == line[0]
    assert end[0]["geometry"]["coordinates"] == line[-1] == segments[-1]["geometry"]["coordinates"]
    for member in ("length_m", "duration_s"):
        assert round(sum(s["properties"][member] for s in segments), 3) == overview[0]["properties"][member]
    points = {tuple(p) for p in line}
    assert all(tuple(s["geometry"]["coordinates"]) in points for s in segments)
    assert {s["properties"]["instructions"] for s in segments} <= {"continue", "left", "right"}
    places = [line.index(s["geometry"]["coordinates"]) for s in segments]
    assert places == sorted(places)
    assert start[0]["properties"]["timestamp"] == MORNING
    assert [f["id"] for f in route["features"]] == list(range(1, len(route["features"]) + 1))


def test_it_is_the_planners_route(desk):
    places = [{"location": p} for p in LOOP["inputs"]["waypoints"]["coordinates"]]
    plan = desk.good("POST", "/v1/route", {"origin": places[0], "stops": places[1:2], "destination": places[2], "depart_at": MORNING,
                                           "vehicle": {"class": "truck_6_axle", "height_m": 4, "gross_weight_t": 49}}, role=None)["plans"][0]
    overview = kinds(compute(desk, LOOP)[1], "overview")[0]["properties"]
    assert (overview["length_m"], overview["duration_s"]) == (plan["distance_m"], plan["duration_s"])
    shorter = kinds(compute(desk, definition(preference="shortest"))[1], "overview")[0]["properties"]
    assert shorter["length_m"] <= overview["length_m"]


def test_the_earlier_form_without_inputs_is_taken(desk):
    assert compute(desk, LOOP["inputs"])[0] == 200


def test_obstacles_are_kept_away_from(desk):
    free = compute(desk, LOOP)[1]
    line = kinds(free, "overview")[0]["geometry"]["coordinates"]
    x, y = line[len(line) // 4]
    square = [[[[x - .002, y - .002], [x + .002, y - .002], [x + .002, y + .002], [x - .002, y + .002], [x - .002, y - .002]]]]
    status, other, _ = compute(desk, definition(obstacles={"type": "MultiPolygon", "coordinates": square}))
    assert status == 200
    assert kinds(other, "overview")[0]["properties"]["duration_s"] > kinds(free, "overview")[0]["properties"]["duration_s"]


def test_routes_of_a_key_are_listed_fetched_and_deleted(desk):
    status, route, headers = compute(desk, LOOP, role="planner")
    address = headers["Location"]
    assert status == 200 and {link["rel"]: link["href"] for link in route["links"]} == {"self": address, "describedby": address + "/definition"}
    base = f"http://127.0.0.1:{desk.service.port}"
    where = address.removeprefix(base)
    assert where.startswith("/ogc/routes/")
    fetched = desk.good("GET", where)
    assert fetched["features"][1:] == route["features"][1:] and fetched["links"] == route["links"]
    assert desk.good("GET", "/ogc/routes")["links"][0]["href"] == base + "/ogc/routes"
    assert desk.good("GET", where + "/definition") == LOOP
    listed = [link for link in desk.good("GET", "/ogc/routes")["links"] if link["href"] == address]
    assert [(link["rel"], link["title"]) for link in listed] == [("item", "南召到唐河")]
    assert desk.call("GET", where, role="company")[0] == 404
    assert desk.call("DELETE", where, role="company")[0] == 404
    assert desk.call("DELETE", where)[0] == 204
    assert desk.call("GET", where)[0] == 404 and desk.call("DELETE", where)[0] == 404
    assert address not in [link["href"] for link in desk.good("GET", "/ogc/routes")["links"]]


@pytest.mark.parametrize("change,pointer", [
    ({"waypoints": {"type": "MultiPoint", "coordinates": [[112.43, 33.49]]}}, "/inputs/waypoints/coordinates"),
    ({"waypoints": {"type": "LineString", "coordinates": [[112.43, 33.49], [112.5, 33.4]]}}, "/inputs/waypoints/type"),
    ({"waypoints": {"type": "MultiPoint", "coordinates": [[112.43, 33.49], [112.5, 233.4], [112.5, 33.4]]}}, "/inputs/waypoints/coordinates/1/1"),
    ({"preference": "cheapest"}, "/inputs/preference"),
    ({"mode": "bicycle"}, "/inputs/mode"),
    ({"height": 40}, "/inputs/height"),
    ({"weight": "heavy"}, "/inputs/weight"),
    ({"when": {"timestamp": MORNING, "type": "arrival"}}, "/inputs/when/type"),
    ({"when": {"timestamp": "tomorrow"}}, "/inputs/when/timestamp"),
    ({"obstacles": {"type": "MultiPolygon", "coordinates": [[[[112, 33], [113, 34], [113, 33], [112, 34], [112, 33]]]]}}, "/inputs/obstacles"),
    ({"wings": True}, "/inputs/wings"),
])
def test_what_cannot_be_kept_to_is_refused_by_its_member(desk, change, pointer):
    status, problem, _ = compute(desk, definition(**change))
    assert status == 400, problem
    assert problem["pointer"].startswith(pointer)


def test_no_route_is_422_with_the_cause(desk):
    status, problem, _ = compute(desk, definition(waypoints={"type": "MultiPoint", "coordinates": [[112.53, 33.0], [112.06, 33.065]]}))
    assert (status, problem["code"]) == (422, "destination_in_closed_zone")
