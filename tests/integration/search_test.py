"""GET /v1/search: places and roads by what a person types."""
import math
from urllib.parse import quote

import pytest


def found(service, text, **more):
    keys = "".join(f"&{key}={value}" for key, value in more.items())
    status, answer = service.ask(f"/v1/search?q={quote(text, safe='')}{keys}")
    assert status == 200, answer
    return answer["results"]


def test_a_county_seat_comes_first_by_either_name(demo_service):
    for text in ("南召", "南召县", "nanzhao", "NANZHAO"):
        best = found(demo_service, text)[0]
        assert (best["kind"], best["name"], best["location"]) == ("county_seat", "南召县", [112.43, 33.49])


def test_a_road_is_found_by_number_name_and_the_place_nearest_to_the_asker_is_given(demo_service):
    for text in ("G40", "g40", "沪陕高速"):
        best = found(demo_service, text, near="112.5,32.9")[0]
        assert (best["kind"], best["name"], best["detail"]) == ("road", "沪陕高速", "G40")
        assert abs(best["location"][0] - 112.5) < 0.05 and abs(best["location"][1] - 32.9) < 0.05
    assert found(demo_service, "G40", near="111.5,33.3")[0]["location"] != found(demo_service, "G40", near="113,32.6")[0]["location"]
    assert found(demo_service, "G40")[0]["kind"] == "road"


def metres(a, b):
    middle = math.radians((a[1] + b[1]) / 2)
    return math.hypot((a[0] - b[0]) * 111320 * math.cos(middle), (a[1] - b[1]) * 110900)


def test_a_road_and_a_stake_is_a_place_on_each_carriageway(demo_service):
    up, down = found(demo_service, "G40 K1050+500")
    assert [(r["kind"], r["name"], r["detail"], r["direction"]) for r in (up, down)] == [
        ("stake", "G40 K1050+500", "沪陕高速", "up"), ("stake", "G40 K1050+500", "沪陕高速", "down")]
    assert 5 < metres(up["location"], down["location"]) < 200
    # a kilometre of stakes is a kilometre of this gently bending road
    line = [found(demo_service, f"沪陕高速K{km}")[0]["location"] for km in range(1040, 1061)]
    assert all(980 < metres(a, b) < 1010 for a, b in zip(line, line[1:])), str([round(metres(a, b)) for a, b in zip(line, line[1:])])
    assert metres(line[10], up["location"]) == pytest.approx(500, abs=30)
    # it lies on that road, and the traffic there goes the way that is said
    on = demo_service.database.execute(
        "SELECT ref, forward, (tags ->> 'stake_from_km')::float8 < (tags ->> 'stake_to_km')::float8 FROM road WHERE id = %s", int(down["id"]))[0]
    assert on[0] == "G40" and on[1] != on[2]
    gap = demo_service.database.value("SELECT ST_Distance(geom::geography, ST_SetSRID(ST_Point(%s, %s), 4490)::geography) FROM road WHERE id = %s",
                                      *down["location"], int(down["id"]))
    assert gap < 0.1
    assert len(found(demo_service, "G40 K1050+500", limit=1)) == 1
    assert found(demo_service, "G40 K1050+500", near="112.5,32.9", limit=8) == [up, down]


@pytest.mark.parametrize("text", ["G40 K5000", "G312 K10", "G99 K1", "K1050+500", "G40 K1050+5000"])
def test_a_stake_that_no_road_has_finds_nothing(demo_service, text):
    assert found(demo_service, text) == []


def test_what_is_typed_is_text_and_never_a_pattern(demo_service):
    for text in ("%", "_", "\\", "'", "沪%高速", "南_县"):
        assert found(demo_service, text) == []


def test_the_limit_holds_and_the_same_question_has_the_same_answer(demo_service):
    assert len(found(demo_service, "南", limit=3)) == 3
    assert len(found(demo_service, "南")) == 10
    assert found(demo_service, "南", limit=50) == found(demo_service, "南", limit=50)


@pytest.mark.parametrize("query, pointer", [("", "/q"), ("q=", "/q"), ("q=" + "a" * 201, "/q"), ("q=a&limit=51", "/limit"),
                                            ("q=a&limit=0", "/limit"), ("q=a&near=112", "/near"), ("q=a&near=112,33,1", "/near"),
                                            ("q=a&near=112,233", "/near")])
def test_a_bad_query_names_its_key(demo_service, query, pointer):
    status, problem = demo_service.ask(f"/v1/search?{query}")
    assert status == 400 and problem["pointer"] == pointer
