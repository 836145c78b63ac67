"""POST /v1/explain on the demo: what holds a vehicle up, and what each rule costs, against the routes of the same service."""
import pytest

from demo_fixture import SEATS, box, question, rules, zone

LIGHT = {"class": "light_truck"}


def explain(service, asked, **more):
    status, answer = service.ask("/v1/explain", asked, **more)
    assert status == 200, answer
    return answer


def plan_of(service, asked):
    status, answer = service.ask("/v1/route", asked)
    assert status == 200, answer
    return answer["plans"][0]


def middle(plan):
    points = [c for leg in plan["legs"] for c in leg["geometry"]["coordinates"]]
    return points[len(points) // 2]


def test_a_closed_seat_is_cut_off_by_the_roads_that_lead_into_it(demo_service):
    polygon = box(SEATS["sheqi"], 0.02)
    with rules(demo_service, zone("test-seat", polygon, {"rule": "closed"})):
        answer = explain(demo_service, question("fangcheng", "sheqi", vehicle=LIGHT))
        status, problem = demo_service.ask("/v1/route", question("fangcheng", "sheqi", vehicle=LIGHT))
    assert status == 422 and answer["lawful"] is False and answer["code"] == problem["code"] and answer["detail"] == problem["detail"]
    assert [c["id"] for c in answer["conflicts"]] == ["test-seat"] and answer["relaxed_plan"]["issuable"] is False
    cut = answer["cut"]
    assert cut["type"] == "FeatureCollection" and cut["leg"] == 0 and cut["exact"] and cut["reached_arcs"] > 1000
    assert cut["count"] == cut["given"] == len(cut["features"]) > 0
    (x0, y0), (x1, y1) = polygon[0], polygon[2]
    for feature in cut["features"]:
        assert feature["geometry"]["type"] == "LineString" and feature["properties"]["leg"] == 0
        assert "test-seat" in [r["id"] for r in feature["properties"]["rules"]]
        x, y = feature["geometry"]["coordinates"][-1]
        assert x0 <= x <= x1 and y0 <= y <= y1, "each leads in"


def test_opening_the_cut_opens_the_way_and_opening_anything_else_does_not(demo_service):
    # the roads of the cut closed instead of the zone: all of them is no way; with the one open that a way would take last, there is one
    polygon = box(SEATS["sheqi"], 0.02)
    asked = question("fangcheng", "sheqi", vehicle=LIGHT, geometry="none", steps=False)
    with rules(demo_service, zone("test-seat", polygon, {"rule": "closed"})):
        features = explain(demo_service, asked)["cut"]["features"]
    roads = sorted({f["properties"]["road_id"] for f in features})
    close = """INSERT INTO closure (id, name, cause, action, physical, object, road_ids, state, effective, authority, approving_authority,
               document_no, approved_at) VALUES ('test-cut', 'cut', 'test', 'closed', true, 'road', '{%s}', 'approved', '[2025-01-01,)',
               'test', 'test', 'test-2', now())"""
    undo = "DELETE FROM closure WHERE id = 'test-cut'"
    with rules(demo_service, (close % ",".join(map(str, roads)), undo)):
        answer = explain(demo_service, asked)
        assert answer["lawful"] is False and answer["cut"]["count"] > 0
        held = {f["properties"]["road_id"] for f in answer["cut"]["features"]}
        assert held <= set(roads) and all(r["rule"] == "closure" for f in answer["cut"]["features"] for r in f["properties"]["rules"])
    for open_road in sorted(held):
        with rules(demo_service, (close % ",".join(str(r) for r in roads if r != open_road), undo)):
            if demo_service.ask("/v1/route", asked)[0] == 200:
                return
    pytest.fail("no road of the cut opens a way")


def test_what_a_rule_costs_is_the_difference_of_two_routes(demo_service):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    before = plan_of(demo_service, asked)
    closed = zone("test-closed", box(middle(before), 0.01), {"rule": "closed"})
    with rules(demo_service, closed):
        during = plan_of(demo_service, asked)
        answer = explain(demo_service, asked)
    assert answer["lawful"] is True and answer["plan"]["digest"] == during["digest"]
    detour = answer["detour"]
    assert detour["lawful"]["duration_s"] == during["duration_s"] and detour["count"] == detour["given"] == len(detour["rules"])
    rule = next(r for r in detour["rules"] if r["rule"][0]["id"] == "test-closed")
    assert rule["effect"] == "forbids" and rule["text"]
    assert rule["saves_alone"]["duration_s"] == pytest.approx(during["duration_s"] - before["duration_s"], abs=0.001)
    assert rule["saves_alone"]["distance_m"] == pytest.approx(during["distance_m"] - before["distance_m"], abs=0.001)
    assert detour["longer_by"]["duration_s"] >= rule["saves_alone"]["duration_s"] > 0
    assert detour["together"] == detour["longer_by"], "the rules of the list are all there is"
    assert detour["plan"]["issuable"] is False and "test-closed" in [v["id"] for v in detour["plan"]["violations"]]
    assert [r["saves_alone"]["duration_s"] for r in detour["rules"]] == sorted((r["saves_alone"]["duration_s"] for r in detour["rules"]), reverse=True)


def test_two_rules_on_one_way_save_nothing_alone_and_cost_something_each(demo_service):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    at = middle(plan_of(demo_service, asked))
    two = [zone(name, box(at, half), {"rule": "closed"}) for name, half in (("test-one", 0.01), ("test-two", 0.009))]
    with rules(demo_service, *two):
        listed = {r["rule"][0]["id"]: r for r in explain(demo_service, asked)["detour"]["rules"]}
    assert listed["test-two"]["saves_alone"]["duration_s"] == 0, "the larger one still closes that way"
    assert listed["test-one"]["costs_alone"]["duration_s"] > 0 and listed["test-two"]["costs_alone"]["duration_s"] > 0


def test_inspections_and_slow_zones_are_said(demo_service):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    before = plan_of(demo_service, asked)
    with rules(demo_service, zone("test-slow", box(middle(before), 0.005), {"rule": "caution", "slow_factor": 1.5})):
        rule = next(r for r in explain(demo_service, asked)["detour"]["rules"] if r["rule"][0]["id"] == "test-slow")
        assert rule["effect"] == "slows" and rule["rule"][0]["code"] is None and rule["saves_alone"]["duration_s"] > 0


def test_texts_come_in_both_languages(demo_service):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT, geometry="none", steps=False)
    with rules(demo_service, zone("test-seat", box(SEATS["sheqi"], 0.02), {"rule": "closed"})):
        english, chinese = (explain(demo_service, asked, language=language) for language in ("en", "zh-CN"))
    assert "closed arcs" in english["summary"] and "封闭路段" in chinese["summary"]
    assert english["detail"] != chinese["detail"]


def test_a_loop_with_a_stop_names_the_leg(demo_service):
    with rules(demo_service, zone("test-seat", box(SEATS["sheqi"], 0.02), {"rule": "through_only"})):
        asked = question("fangcheng", "tanghe", vehicle=LIGHT, loop="return", geometry="none", steps=False, stops=[{"location": SEATS["sheqi"]}])
        answer = explain(demo_service, asked)
    assert answer["lawful"] is False and answer["code"] == "stop_in_closed_zone" and answer["cut"]["leg"] == 0


def test_errors_are_those_of_a_route(demo_service):
    status, problem = demo_service.ask("/v1/explain", {"origin": {"location": SEATS["sheqi"]}})
    assert status == 400 and problem["pointer"] == "/destination", problem
    status, problem = demo_service.ask("/v1/explain", question([112.53, 31.0], "sheqi"))
    assert status == 422 and problem["code"] == "snap_too_far" and problem["pointer"] == "/origin/location", problem


@pytest.mark.parametrize("member,value", [("alternatives", 2), ("on_violation", "report"), ("store", True)])
def test_what_an_explanation_would_leave_out_is_refused(demo_service, member, value):
    status, problem = demo_service.ask("/v1/explain", question("nanyang", "sheqi", **{member: value}))
    assert status == 400 and problem["pointer"] == f"/{member}" and member in problem["detail"], problem


@pytest.mark.slow
@pytest.mark.parametrize("minute", [60, 90])
def test_a_refusal_comes_in_time_when_a_rule_is_about_to_end(demo_service, minute):
    """The fog east of 唐河 ends at nine: who comes near it before can lose a few minutes in countless ways, none of which helps where
    the destination opens at one in the afternoon."""
    asked = {"origin": {"location": SEATS["nanyang"]}, "destination": {"location": SEATS["xixia"]},
             "depart_at": f"2026-11-27T{6 + minute // 60:02}:{minute % 60:02}:00+08:00"}
    closed = {"rule": "closed", "windows": [{"from": "05:00", "until": "13:00"}]}
    with rules(demo_service, zone("test-morning", box(SEATS["xixia"], 0.03), closed)):
        status, problem = demo_service.ask("/v1/route", asked)
    assert status == 422 and [c["id"] for c in problem["conflicts"]] == ["test-morning"], problem
