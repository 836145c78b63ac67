"""POST /v1/reach on the demo network, against the routes of the same service."""
import math

import pytest

from demo_fixture import MORNING, SEATS, box, question, rules, zone

LIGHT = {"class": "light_truck"}


def metres(p, a, b):
    """From a point to a segment, on a plane good for a few hundred metres."""
    scale = (111_320 * math.cos(math.radians(p[1])), 110_900)
    ax, ay, bx, by = ((q[i] - p[i]) * scale[i] for q in (a, b) for i in (0, 1))
    length2 = (bx - ax) ** 2 + (by - ay) ** 2
    t = 0 if length2 == 0 else max(0, min(1, -(ax * (bx - ax) + ay * (by - ay)) / length2))
    return math.hypot(ax + t * (bx - ax), ay + t * (by - ay))


def nearest(lines, p):
    return min((metres(p, a, b) for line in lines for a, b in zip(line, line[1:])), default=math.inf)


def inside(geometry, p):
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    odd = False
    for ring in (ring for polygon in polygons for ring in polygon):
        for (ax, ay), (bx, by) in zip(ring, ring[1:]):
            if (ay > p[1]) != (by > p[1]) and p[0] < ax + (p[1] - ay) * (bx - ax) / (by - ay):
                odd = not odd
    return odd


@pytest.mark.parametrize("member,figure", [("durations_s", "duration_s"), ("distances_m", "distance_m")])
def test_a_destination_is_reached_when_its_route_has_arrived_and_not_before(demo_service, member, figure):
    asked = question("nanyang", "sheqi", vehicle=LIGHT, steps=False, prefer="time" if member == "durations_s" else "distance")
    status, answer = demo_service.ask("/v1/route", asked)
    assert status == 200, answer
    plan = answer["plans"][0]
    end = plan["waypoints"][-1]["snapped"] if "waypoints" in plan else answer["waypoints"][-1]["snapped"]
    limits = [plan[figure] * 0.9, plan[figure] + 0.01]
    status, answer = demo_service.ask("/v1/reach", {"origin": asked["origin"], member: limits, "arcs": True, "vehicle": LIGHT,
                                                    "depart_at": MORNING})
    assert status == 200, answer
    less, less_arcs, enough, enough_arcs = answer["features"]
    assert [f["properties"]["kind"] for f in answer["features"]] == ["area", "arcs"] * 2
    assert less["properties"][figure] == pytest.approx(limits[0], abs=0.001)
    assert nearest(enough_arcs["geometry"]["coordinates"], end) < 0.5
    assert inside(enough["geometry"], end)
    if answer["exact"]:
        assert nearest(less_arcs["geometry"]["coordinates"], end) > 20
    for contour, arcs in ((less, less_arcs), (enough, enough_arcs)):
        ends = [line[-1] for line in arcs["geometry"]["coordinates"]]
        assert len(ends) > 100 and all(inside(contour["geometry"], p) for p in ends[:: len(ends) // 100])


@pytest.mark.parametrize("change,pointer", [
    ({"durations_s": []}, "/durations_s"),
    ({"durations_s": [60] * 9}, "/durations_s"),
    ({"durations_s": [60, 0]}, "/durations_s/1"),
    ({"distances_m": [1000]}, "/distances_m"),
    ({"width_m": 1}, "/width_m"),
    ({"arcs": 1}, "/arcs"),
    ({"direction": "to"}, "/direction"),
])
def test_errors_name_the_member(demo_service, change, pointer):
    asked = {"origin": {"location": SEATS["nanyang"]}, "durations_s": [600], **change}
    status, problem = demo_service.ask("/v1/reach", asked)
    assert status == 400, problem
    assert pointer in str(problem), problem


def test_an_origin_far_from_any_road_is_named(demo_service):
    status, problem = demo_service.ask("/v1/reach", {"origin": {"location": [112.5312345, 33.0054321]}, "durations_s": [600], "max_snap_m": 1})
    assert status == 422 and "/origin/location" in str(problem), problem


def test_an_origin_that_may_not_be_left_at_that_hour_is_refused_with_what_it_needs(demo_service):
    hours = [{"weekdays": [5], "from": "08:00", "until": "19:00", "plate_tails": [5, 0]}]
    asked = {"origin": {"location": SEATS["nanyang"]}, "durations_s": [1800], "vehicle": LIGHT, "depart_at": "2026-11-20T09:30:00+08:00"}
    with rules(demo_service, zone("test-tails", box(SEATS["nanyang"], 0.02), {"rule": "closed", "windows": hours})):
        status, problem = demo_service.ask("/v1/reach", asked)
        assert (status, problem["code"], problem["pointer"]) == (422, "origin_in_closed_zone", "/origin/location"), problem
        assert "test-tails" in problem["detail"] and "plate" in problem["detail"], problem
        status, problem = demo_service.ask("/v1/reach", {**asked, "vehicle": {**LIGHT, "plate": "豫R12345"}})
        assert (status, problem["code"]) == (422, "origin_in_closed_zone") and "plate" not in problem["detail"], problem
        for change in ({"depart_at": "2026-11-20T22:30:00+08:00"}, {"vehicle": {**LIGHT, "plate": "豫R12346"}}):
            status, answer = demo_service.ask("/v1/reach", {**asked, **change})
            assert status == 200 and answer["features"][0]["geometry"], answer
