"""Bad requests of every kind: each is answered with a problem that names the member and the reason, in both languages."""
import json

import pytest

from demo_fixture import SEATS, question

A, B = {"location": SEATS["nanyang"]}, {"location": SEATS["dengzhou"]}
ENDS = {"origin": A, "destination": B}
RING = [[112.30, 33.10], [112.34, 33.10], [112.34, 33.14], [112.30, 33.14], [112.30, 33.10]]


def area(**members):
    return {**ENDS, "avoid": {"polygons": members}}


ROWS = [
    # document
    ("", 400, "invalid_value", ""),
    ("{", 400, "invalid_value", ""),
    ("[]", 400, "invalid_value", ""),
    ("null", 400, "invalid_value", ""),
    ('{"origin":1}{"origin":2}', 400, "invalid_value", ""),
    (b'{"origin":"\xff"}', 400, "invalid_value", "/origin"),
    ('{"origin":"a\\u0000b"}', 400, "invalid_value", "/origin"),
    ("[" * 3000, 413, "too_large", None),
    ('{"origin":{"location":[1,2],"location":[1,2]}}', 400, "duplicate_member", "/origin/location"),
    ('{"origin":{"location":[1e999,2]}}', 400, "out_of_range", "/origin/location/0"),
    ("[" * 100 + "]" * 100, 413, "too_large", ""),
    # members
    ({}, 400, "missing_member", "/origin"),
    ({"origin": A}, 400, "missing_member", "/destination"),
    ({**ENDS, "orign": A}, 400, "unknown_member", "/orign"),
    ({**ENDS, "a/b~c": 1}, 400, "unknown_member", "/a~1b~0c"),
    ({**ENDS, "origin": None}, 400, "invalid_value", "/origin"),
    ({**ENDS, "origin": {"location": "112,33"}}, 400, "invalid_value", "/origin/location"),
    ({**ENDS, "origin": {"location": [112.5, 33, 1]}}, 400, "out_of_range", "/origin/location"),
    ({**ENDS, "origin": {"location": [33.0, 112.5]}}, 400, "out_of_range", "/origin/location/1"),
    ({**ENDS, "origin": {"location": [112.5, None]}}, 400, "invalid_value", "/origin/location/1"),
    ({**ENDS, "origin": {**A, "service_s": "1h"}}, 400, "invalid_value", "/origin/service_s"),
    ({**ENDS, "origin": {**A, "name": "a\nb"}}, 400, "invalid_value", "/origin/name"),
    ({**ENDS, "origin": {**A, "name": "x" * 201}}, 400, "out_of_range", "/origin/name"),
    ({**ENDS, "stops": [A] * 63}, 400, "out_of_range", "/stops"),
    ({**ENDS, "stops": [A, {"place": 1}]}, 400, "unknown_member", "/stops/1/place"),
    ({**ENDS, "loop": True}, 400, "invalid_value", "/loop"),
    ({**ENDS, "base": A}, 400, "invalid_value", "/base"),
    ({**ENDS, "depart_at": "2026-11-20 08:00"}, 400, "invalid_value", "/depart_at"),
    ({**ENDS, "depart_at": "2026-02-30T08:00:00+08:00"}, 400, "invalid_value", "/depart_at"),
    ({**ENDS, "depart_at": "2126-02-20T08:00:00+08:00"}, 400, "out_of_range", "/depart_at"),
    ({**ENDS, "max_wait_s": -1}, 400, "out_of_range", "/max_wait_s"),
    ({**ENDS, "vehicle": {"class": "tank"}}, 400, "invalid_value", "/vehicle/class"),
    ({**ENDS, "vehicle": {"height_m": 0}}, 400, "out_of_range", "/vehicle/height_m"),
    ({**ENDS, "vehicle": {"gross_weight_t": "49"}}, 400, "invalid_value", "/vehicle/gross_weight_t"),
    ({**ENDS, "vehicle": {"weight": 49}}, 400, "unknown_member", "/vehicle/weight"),
    ({**ENDS, "credentials": {"type": "x"}}, 400, "invalid_value", "/credentials"),
    ({**ENDS, "credentials": [{"type": "no_such_type", "issued_at": "2026-11-20T06:00:00+08:00"}]}, 400, "unknown_credential_type", "/credentials/0/type"),
    ({**ENDS, "credentials": [{"type": "disinfection", "number": "1"}]}, 400, "invalid_value", "/credentials/0"),
    ({**ENDS, "credentials": [{"number": "1"}]}, 400, "missing_member", "/credentials/0/type"),
    ({**ENDS, "avoid": {"zones": ["no-such-zone"]}}, 400, "invalid_value", "/avoid/zones/0"),
    ({**ENDS, "avoid": {"road_classes": ["boulevard"]}}, 400, "invalid_value", "/avoid/road_classes/0"),
    ({**ENDS, "prefer": "speed"}, 400, "invalid_value", "/prefer"),
    ({**ENDS, "alternatives": 9}, 400, "out_of_range", "/alternatives"),
    ({**ENDS, "endpoints": "move"}, 400, "invalid_value", "/endpoints"),
    ({**ENDS, "on_violation": "allow"}, 400, "invalid_value", "/on_violation"),
    ({**ENDS, "geometry": "wkb"}, 400, "invalid_value", "/geometry"),
    ({**ENDS, "steps": 1}, 400, "invalid_value", "/steps"),
    ({**ENDS, "corridor_m": 6000}, 400, "out_of_range", "/corridor_m"),
    ({**ENDS, "max_snap_m": 0.5}, 400, "out_of_range", "/max_snap_m"),
    ({**ENDS, "min_rules_version": "418"}, 400, "invalid_value", "/min_rules_version"),
    ({**ENDS, "as_of": "2026-01-01T00:00:00+08:00"}, 409, "before_history", "/as_of"),
    ({**ENDS, "crs": "EPSG:0"}, 400, "invalid_value", "/crs"),
    ({**ENDS, "crs": "EPSG:2333"}, 400, "invalid_value", "/crs"),  # Xi'an 80: no public parameters
    ({**ENDS, "crs": "EPSG:4508", "geometry": "polyline5"}, 400, None, None),
    # areas
    (area(type="Point", coordinates=[112, 33]), 400, "invalid_value", "/avoid/polygons/type"),
    (area(type="Polygon", coordinates=[RING[:-1]]), 400, "invalid_geometry", None),
    (area(type="Polygon", coordinates=[RING], crs="x"), 400, "unknown_member", "/avoid/polygons/crs"),
    (area(type="Polygon", coordinates=[[RING[0], RING[2], RING[1], RING[3], RING[0]]]), 400, "invalid_geometry", None),
    (area(type="Polygon", coordinates=[[[y, x] for x, y in RING]]), 400, "invalid_geometry", "/avoid/polygons/coordinates/0/0"),
    (area(type="MultiPolygon", coordinates=[[RING], [RING]]), 400, "invalid_geometry", None),
]


def name(row):
    return (json.dumps(row[0]) if not isinstance(row[0], (str, bytes)) else repr(row[0]))[-60:]


@pytest.mark.parametrize("body,http_status,code,pointer", ROWS, ids=[name(r) for r in ROWS])
def test_a_bad_request_names_the_member(demo_service, body, http_status, code, pointer):
    texts = set()
    for language in ("en", "zh-CN"):
        status, problem = demo_service.ask("/v1/route", body, language=language)
        assert status == http_status, problem
        assert problem["status"] == status and problem["title"] and problem["detail"]
        if code:
            assert problem["code"] == code, problem
        if pointer is not None:
            assert problem.get("pointer", "") == pointer, problem
        elif code == "invalid_geometry":
            assert problem["pointer"].startswith("/avoid/polygons/coordinates"), problem
        if problem["code"] == "out_of_range" and pointer != "/origin/location/0":
            assert "limit" in problem and "actual" in problem, problem
        texts.add(problem["detail"])
    assert len(texts) == 2, "the same text in both languages"


@pytest.mark.parametrize("body,english,chinese", [
    ("", "nothing here, where JSON should be", "没有内容"),
    ("[]", "JSON must be an object", "JSON 应为对象"),
    ('{"名":"南阳"}'.encode("gbk"), "not valid UTF-8", "不是有效的 UTF-8"),
    ('{"origin":"a\\u0000b"}', "origin holds a control character", "origin 含有控制字符"),
    ("[" * 3000, "deeper than 32 levels", "嵌套超过 32 层"),
    ({**ENDS, "origin": {"location": [112.5]}}, "location must have 2 elements", "location 须有 2 个元素"),
    ({**ENDS, "min_rules_version": -1}, "between 0 and 9007199254740991", "0 至 9007199254740991"),
    ({**ENDS, "vehicle": {"height_m": 11}}, "height_m must be between 0.5 and 10", "height_m 须在 0.5 至 10 之间"),
    ({**ENDS, "vehicle": {"gross_weight_t": 49000}}, "between 0.2 and 1000", "0.2 至 1000"),
    ({**ENDS, "vehicle": {"axles": 41}}, "axles must be between 2 and 40", "axles 须在 2 至 40 之间"),
])
def test_what_is_wrong_is_said_in_both_languages(demo_service, body, english, chinese):
    details = [demo_service.ask("/v1/route", body, language=language)[1]["detail"] for language in ("en", "zh-CN")]
    assert english in details[0] and chinese in details[1], details


def test_a_coordinate_system_that_is_not_known_is_named(demo_service):
    assert demo_service.ask("/v1/route", {**ENDS, "crs": "EPSG:2333"})[1]["actual"] == "EPSG:2333"


@pytest.mark.parametrize("path,body,pointer", [
    ("/v1/snap", {"location": [2.35, 48.85]}, "/location"),
    ("/v1/snap", {"locations": [SEATS["nanyang"], [2.35, 48.85]]}, "/locations/1"),
    ("/v1/match", {"positions": [{"location": SEATS["nanyang"]}] * 2, "endpoints": "reject"}, "/endpoints"),
    ("/v1/match", {"positions": [{"location": SEATS["nanyang"]}] * 2, "max_snap_m": 5}, "/max_snap_m"),
    ("/v1/match", {"positions": [{"location": SEATS["nanyang"], "at": "2026-11-20T09:30:00+08:00"}] * 2,
                   "depart_at": "2026-11-20T09:30:00+08:00"}, "/depart_at"),
    ("/v1/match", {"positions": [{"location": SEATS["nanyang"], "at": f"2026-11-2{d}T09:30:00+08:00"} for d in (0, 4)]}, "/positions/1"),
])
def test_no_member_is_passed_over(demo_service, path, body, pointer):
    status, problem = demo_service.ask(path, body)
    assert status == 400 and problem["pointer"] == pointer, problem
    assert "days apart" not in problem["detail"] or (problem["limit"], problem["actual"]) == (259200, 345600), problem


def test_a_wrong_choice_is_answered_with_all_of_them(demo_service):
    for body, last in [({**ENDS, "avoid": {"road_classes": ["boulevard"]}}, "ferry"),
                       ({**ENDS, "vehicle": {"class": "tank"}}, "light_truck")]:
        assert demo_service.ask("/v1/route", body)[1]["detail"].endswith(last)


@pytest.mark.parametrize("path,pointer", [
    ("/v1/route?destination=112.09,32.68", "/origin"),
    ("/v1/route?origin=112.53&destination=112.09,32.68", "/origin"),
    ("/v1/route?origin=112.53,33&destination=112.09,32.68&vehicle.axles=many", "/vehicle/axles"),
    ("/v1/route?origin=112.53,33&destination=112.09,32.68&steps=1", "/steps"),
    ("/v1/route?origin=112.53,33&destination=112.09,132.68", "/destination/location/1"),
    ("/v1/snap?location=112.53,33&number=0", "/number"),
    ("/v1/zones?bbox=1,2,3", "/bbox"),
    ("/v1/checkpoints?at=now", "/at"),
])
def test_a_bad_query_names_the_member(demo_service, path, pointer):
    status, problem = demo_service.ask(path)
    assert status == 400 and problem["pointer"] == pointer, problem


@pytest.mark.parametrize("path,key", [("/v1/route?origin=1,2&colour=red", "colour"), ("/v1/network?x=1", "x"),
                                      ("/v1/route?origin=1,2&origin=1,2", "origin")])
def test_a_wrong_key_is_named(demo_service, path, key):
    status, problem = demo_service.ask(path)
    assert status == 400 and key in problem["detail"] + problem.get("pointer", ""), problem


def test_wrong_methods_media_types_and_paths(demo_service):
    assert demo_service.ask("/v1/matrix")[0] == 405
    status, problem = demo_service.ask("/v1/route", "x=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 415 and problem["code"] == "unsupported_media_type"
    assert demo_service.ask("/v1/nothing")[0] == 404
    assert demo_service.ask("/tiles/roads/3/9/1.mvt")[0] == 404


def test_too_much_is_refused_with_its_limit(demo_service):
    points = [[112 + i * 1e-5, 33] for i in range(200_002)]
    status, problem = demo_service.ask("/v1/route", area(type="Polygon", coordinates=[points + points[:1]]))
    assert status == 413 and problem["code"] == "too_large" and problem["pointer"].startswith("/avoid/polygons")
    status, problem = demo_service.ask("/v1/matrix", {"sources": [SEATS["nanyang"]] * 1001})
    assert status == 413 and problem["limit"] in (1000000, "1000000") and problem["pointer"] == "/sources"
    with demo_service.connect() as sock:  # a body that is announced and never sent
        sock.sendall(b"POST /v1/route HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\n\r\n")
        assert sock.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_version_that_does_not_come_is_409_after_two_seconds(demo_service):
    status, problem = demo_service.ask("/v1/route", question("nanyang", "dengzhou", min_rules_version=10**9))
    assert status == 409 and problem["code"] == "rules_version_not_reached" and problem["pointer"] == "/min_rules_version"
