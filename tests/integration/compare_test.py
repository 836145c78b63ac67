"""POST /v1/compare on the demo network, against /v1/route."""
import pytest

from demo_fixture import ask, question

HEAVY = {"class": "truck_6_axle"}
LIGHT = {"class": "light_truck"}


def compare(service, asked, *variants, status=200, language="en"):
    answered, answer = ask(service, "/v1/compare", {"question": asked, "variants": list(variants)}, language)
    assert answered == status, answer
    return answer


def test_each_row_says_what_the_route_says(demo_service):
    asked = question("nanyang", "xichuan", vehicle=HEAVY)
    answer = compare(demo_service, asked, {"name": "heavy"}, {"name": "light", "vehicle": LIGHT})
    for row, vehicle in zip(answer["variants"], (HEAVY, LIGHT)):
        status, alone = demo_service.ask("/v1/route", {**asked, "vehicle": vehicle, "geometry": "none", "steps": False})
        assert status == 200, alone
        for figure in ("duration_s", "distance_m", "toll_cny", "drive_s", "wait_s"):
            assert row[figure] == alone["plans"][0][figure]
    heavy, light = answer["variants"]
    assert "difference" not in heavy
    for figure in ("duration_s", "distance_m", "toll_cny"):
        assert light["difference"][figure] == pytest.approx(light[figure] - heavy[figure], abs=0.005)
    assert "km" in light["difference"]["text"]
    zh = compare(demo_service, asked, {"name": "重车"}, {"name": "轻车", "vehicle": LIGHT}, language="zh-CN")
    assert "公里" in zh["variants"][1]["difference"]["text"]


def test_the_bridge_that_opens_to_the_lighter_one_is_named(demo_service):
    answer = compare(demo_service, question("nanyang", "fangcheng", vehicle=HEAVY), {"name": "49 t"}, {"name": "van", "vehicle": {"class": "van"}})
    row = answer["variants"][1]
    stop = row["first_stopped_by"]
    assert row["difference"]["distance_m"] < 0 and row["stopped_by"] is None
    assert stop["code"] == "vehicle_limit" and stop["limit_kind"] == "bridge" and stop["vehicle"] == 49 > stop["limit"], stop


def test_the_same_vehicle_twice_differs_in_nothing(demo_service):
    _, row = compare(demo_service, question("nanyang", "tanghe", vehicle=HEAVY), {"name": "a"}, {"name": "b"})["variants"]
    assert row["difference"]["text"] == "the same as the first"
    assert row["difference"]["duration_s"] == 0 and row["first_stopped_by"] is None and row["stopped_by"] is None


def test_a_variant_without_a_plan_has_a_cause_and_conflicts(demo_service):
    asked = question("nanyang", [112.06, 33.065], vehicle=HEAVY)  # in the closed zone of the demo
    answer = compare(demo_service, asked, {"name": "a"}, {"name": "b", "vehicle": LIGHT})
    for row in answer["variants"]:
        assert row["code"] == "destination_in_closed_zone" and row["cause"] and row["conflicts"]
    assert answer["variants"][1]["difference"] is None


UNKNOWN = {"type": "no_such_type", "issued_at": "2026-11-20T06:00:00+08:00"}


@pytest.mark.parametrize("change,variants,pointer", [
    ({}, [{"name": "a"}], "/variants"),
    ({}, [{"name": "a"}] * 17, "/variants"),
    ({}, [{"name": "a"}, {"name": "b", "vehicle": {"height_m": -1}}], "/variants/1/vehicle/height_m"),
    ({}, [{"name": "a"}, {"vehicle": {}}], "/variants/1/name"),
    ({}, [{"name": "a"}, {"name": "b", "prefer": "time"}], "/variants/1/prefer"),
    ({"alternatives": 1}, [{"name": "a"}, {"name": "b"}], "/question/alternatives"),
    ({"geometry": "geojson"}, [{"name": "a"}, {"name": "b"}], "/question/geometry"),
    ({"steps": True}, [{"name": "a"}, {"name": "b"}], "/question/steps"),
    ({"corridor_m": 100}, [{"name": "a"}, {"name": "b"}], "/question/corridor_m"),
    ({"prefer": "luck"}, [{"name": "a"}, {"name": "b"}], "/question/prefer"),
    ({"origin": {"location": [2.35, 48.85]}}, [{"name": "a"}, {"name": "b"}], "/question/origin/location"),
    ({"avoid": {"zones": ["no-such-zone"]}}, [{"name": "a"}, {"name": "b"}], "/question/avoid/zones/0"),
    ({"credentials": [UNKNOWN]}, [{"name": "a"}, {"name": "b", "credentials": []}], "/question/credentials/0/type"),
    ({}, [{"name": "a"}, {"name": "b", "credentials": [UNKNOWN]}], "/variants/1/credentials/0/type"),
])
def test_mistakes_name_the_member(demo_service, change, variants, pointer):
    problem = compare(demo_service, {**question("nanyang", "tanghe"), **change}, *variants, status=400)
    assert problem["pointer"] == pointer, problem


def test_members_that_ask_for_no_more_than_figures_are_taken(demo_service):
    asked = question("nanyang", "tanghe", geometry="none", steps=False, corridor_m=0)
    assert len(compare(demo_service, asked, {"name": "a"}, {"name": "b"})["variants"]) == 2
