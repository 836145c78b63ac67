"""Answers under the rules of an earlier moment: what was answered then is answered again, whatever has changed since."""
import datetime
import json
import random

import pytest

from desk_fixture import desk, wait_for  # noqa: F401  fixture

APPROVAL = {"authority": "南阳市交通运输局", "document_no": "宛交〔2026〕12号"}
SEATS = [[112.43, 33.49], [112.83, 32.69], [112.53, 33.0], [112.09, 32.68], [113.40, 32.37], [111.85, 33.05], [112.93, 33.06]]
DEPART = "2027-03-01T08:00:00+08:00"
TRUCK = {"class": "truck_6_axle"}
TRIP = {"origin": {"location": SEATS[0]}, "destination": {"location": SEATS[1]}, "vehicle": TRUCK, "depart_at": DEPART}


def square(lon, lat, half=.02):
    return {"type": "Polygon", "coordinates": [[[lon - half, lat - half], [lon + half, lat - half], [lon + half, lat + half],
                                                [lon - half, lat + half], [lon - half, lat - half]]]}


def zone(at, name="漫水", **properties):
    return {"type": "Feature", "geometry": square(*at), "properties": {"class": "FL-CUT", "name": name, **properties}}


def closure(name="上站管制", **properties):
    return {"type": "Feature", "geometry": None, "properties": {"name": name, "action": "entry_ban", "object": "toll_station_range", "route": "G40",
                                                                "from_station": "内乡", "to_station": "西坪", **properties}}


def version(desk):
    return desk.call("GET", "/readyz", role=None)[1]["rules_version"]


def reached(desk, answer):
    wait_for(lambda: version(desk) >= answer["rules_version"], what="in force")
    return answer["rules_version"]


def publish(desk, kind, feature):
    made = desk.good("POST", f"/v1/{kind}", feature)["id"]
    desk.good("POST", f"/v1/{kind}/{made}/submit", {})
    return made, reached(desk, desk.good("POST", f"/v1/{kind}/{made}/approve", APPROVAL, role="approver"))


def lift(desk, kind, made):
    return reached(desk, desk.good("POST", f"/v1/{kind}/{made}/lift", {}, role="approver"))


def middle(desk, **more):
    _, answer, _ = desk.call("POST", "/v1/route", {**TRIP, **more})
    line = (answer["plans"][0] if "plans" in answer else answer["relaxed_plan"])["legs"][0]["geometry"]["coordinates"]
    return line[len(line) // 2]


def raw(desk, path, body):
    """The answer as it was sent, but for the ids of the decision and of the request."""
    status, answer, _ = desk.call("POST", path, body)

    def strip(a):
        if isinstance(a, dict):
            return {k: strip(v) for k, v in a.items() if k not in ("decision_id", "request_id")}
        return [strip(v) for v in a] if isinstance(a, list) else a
    return status, json.dumps(strip(answer), ensure_ascii=False)


def questions(chance):
    a, b, c = chance.sample(SEATS, 3)
    vehicle = {"class": chance.choice(["light_truck", "truck_2_axle", "truck_6_axle"]), "plate": "豫R12345"}
    trip = {"origin": {"location": a}, "destination": {"location": b}, "vehicle": vehicle, "depart_at": DEPART}
    return [
        ("/v1/route", {**trip, "alternatives": 2}),
        ("/v1/route", {**trip, "stops": [{"location": c, "service_s": 600}], "loop": "return"}),
        ("/v1/matrix", {"sources": [{"location": a}, {"location": c}], "targets": [{"location": b}], "vehicle": vehicle, "depart_at": DEPART}),
        ("/v1/reach", {"origin": {"location": a}, "durations_s": [1800], "vehicle": vehicle, "depart_at": DEPART}),
        ("/v1/explain", trip),
        ("/v1/compare", {"question": trip, "variants": [{"name": "a"}, {"name": "b", "prefer": "distance"}]}),
        ("/v1/snap", {"location": a, "vehicle": vehicle}),
    ]


def past(path, body, as_of):
    return {**body, "question": {**body["question"], "as_of": as_of}} if path == "/v1/compare" else {**body, "as_of": as_of}


@pytest.mark.parametrize("seed", range(3))
def test_what_was_answered_is_answered_again_after_the_rules_changed(desk, seed):
    """Random versions of zones, closures, gates and the registers they hang on; every answer that was kept is the answer as of its version."""
    chance, kept, made = random.Random(seed), [], []

    def change():
        kind = chance.choice(["zones", "zones", "closures", "lift", "checkpoint", "register"])
        if kind == "zones":
            rules = chance.choice([{}, {"rules": [{"rule": "caution", "slow_factor": 3}]}, {"windows": [{"from": "06:00", "until": "22:00"}]},
                                   {"rules": [{"rule": "gated", "open_classes": []}]}])
            made.append(("zones", publish(desk, "zones", zone(chance.choice([middle(desk), chance.choice(SEATS)]), **rules))[0]))
        elif kind == "closures":
            made.append(("closures", publish(desk, "closures", chance.choice([
                closure(), {"type": "Feature", "geometry": None, "properties": {"name": "限高", "action": "limit", "object": "road", "route": "G312",
                                                                                "limit_kind": "height", "limit_value": 3.5}}]))[0]))
        elif kind == "lift" and made:
            lift(desk, *made.pop(chance.randrange(len(made))))
        elif kind == "checkpoint":
            gated, _ = publish(desk, "zones", {**zone(middle(desk)), "properties": {"class": "FL-CUT", "name": "谷地", "rules": [{"rule": "gated", "open_classes": []}]}})
            made.append(("zones", gated))
            made.append(("checkpoints", publish(desk, "checkpoints", {
                "type": "Feature", "geometry": {"type": "Point", "coordinates": middle(desk)}, "properties": {
                    "name": "卡点", "reach_m": 5000, "gates": [{"zone": gated}]}})[0]))
        else:
            desk.database.execute(chance.choice(["UPDATE jurisdiction SET name_zh = name_zh || '改' WHERE level = 'county'",
                                                 "UPDATE zone_class SET name_zh = name_zh || '改', name_en = name_en || ' x' WHERE code = 'FL-CUT'",
                                                 "UPDATE facility SET name = name || '改'"]))
            reached(desk, {"rules_version": desk.database.value("SELECT version FROM rules_state")})
    try:
        for _ in range(4):
            change()
            now = version(desk)
            kept += [(now, path, body, raw(desk, path, body)) for path, body in chance.sample(questions(chance), 3)]
        change()
        for then, path, body, answer in chance.sample(kept, len(kept)):
            assert raw(desk, path, past(path, body, then)) == answer, (seed, then, path, body)
    finally:
        for kind, one in reversed(made):
            lift(desk, kind, one)


def test_the_current_version_reads_from_history_as_it_reads_from_the_tables(desk):
    """The views of now and the functions of then stand side by side in the schema: what is added to one belongs to the other."""
    for name in ("zone", "zone_rule", "checkpoint", "gate", "closure", "facility", "journey"):
        now, then = (desk.database.execute(f"SELECT q::text FROM {source} q ORDER BY 1") for source in
                     (f"binding_{name}", f"past_{name}((SELECT version FROM rules_state))"))
        assert now and then == now, name
    for name in ("zone", "checkpoint", "closure"):
        now, then = (desk.database.execute("SELECT id, state, what, effective::text, tag, properties::jsonb FROM "
                                           f"{source} WHERE kind = %s ORDER BY id", name) for source in
                     ("desk_object", "desk_object_at((SELECT version FROM rules_state))"))
        assert now and then == now, name


def test_an_instant_means_the_version_that_was_in_force_then(desk):
    before = raw(desk, "/v1/route", TRIP)
    then = json.loads(before[1])["rules_version"]
    made, published = publish(desk, "zones", zone(middle(desk)))
    lifted = lift(desk, "zones", made)
    of = dict(desk.database.execute("SELECT version, committed_at FROM rules_version"))
    closed = desk.good("POST", "/v1/route", {**TRIP, "as_of": published})
    assert closed["rules_version"] == published
    # the moment that an answer names leads back to it
    assert desk.good("POST", "/v1/route", {**TRIP, "as_of": closed["as_of"]})["plans"][0]["digest"] == closed["plans"][0]["digest"]
    assert desk.good("POST", "/v1/route", {**TRIP, "as_of": closed["as_of"]})["rules_version"] == published
    instant_before = of[published] - datetime.timedelta(milliseconds=1)
    assert desk.good("POST", "/v1/route", {**TRIP, "as_of": instant_before.isoformat(timespec="milliseconds")})["rules_version"] == published - 1
    assert desk.good("POST", "/v1/route", {**TRIP, "as_of": str(lifted)})["rules_version"] == lifted
    assert raw(desk, "/v1/route", {**TRIP, "as_of": then}) == before
    # GET takes it too; a question as of an instant departs then, one as of a version departs now
    later = of[lifted].replace(microsecond=0) + datetime.timedelta(seconds=1)
    wait_for(lambda: datetime.datetime.now(datetime.timezone.utc) > later, what="the second")
    q = f"/v1/route?origin={SEATS[0][0]},{SEATS[0][1]}&destination={SEATS[1][0]},{SEATS[1][1]}&vehicle.class=truck_6_axle"
    answer = desk.good("GET", f"{q}&as_of={later.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')}")
    assert datetime.datetime.fromisoformat(answer["plans"][0]["legs"][0]["depart_at"]) == later
    assert desk.good("GET", f"{q}&as_of={published}")["rules_version"] == published


def test_a_moment_that_cannot_be_answered_is_refused_by_name(desk):
    now = version(desk)
    for as_of, status, code in [(now + 1000, 400, "out_of_range"), ("2999-01-01T00:00:00Z", 400, "out_of_range"), (0, 409, "before_history"),
                                ("1999-01-01T00:00:00Z", 409, "before_history"), ("yesterday", 400, "invalid_value"), (True, 400, "invalid_value"),
                                (-1, 400, "out_of_range"), (1.5, 400, "invalid_value"), ("9" * 30, 400, "out_of_range")]:
        got, problem, _ = desk.call("POST", "/v1/route", {**TRIP, "as_of": as_of})
        assert (got, problem["code"], problem["pointer"]) == (status, code, "/as_of"), (as_of, problem)
        if code == "before_history" or as_of == now + 1000 or str(as_of).startswith("2999"):
            assert problem["limit"] and "actual" in problem, problem
            asked = str(as_of) if isinstance(as_of, int) else problem["actual"]
            assert str(problem["actual"]) == asked and asked in problem["detail"] and asked[:2] in (str(as_of)[:2], "29", "19"), problem
    for more in ({"min_rules_version": 1}, {"max_rules_age_s": 10}):
        got, problem, _ = desk.call("POST", "/v1/route", {**TRIP, "as_of": now, **more})
        assert got == 400 and problem["pointer"] == "/as_of"
    got, problem, _ = desk.call("POST", "/v1/route", {**TRIP, "as_of": now, "store": True})
    assert got == 400
    got, problem, _ = desk.call("POST", "/v1/whatif", {"route": {**TRIP, "as_of": now}, "changes": {"zones": []}})
    assert got == 400 and problem["pointer"] == "/route/as_of"
    for path in ("/v1/zones?as_of=x", "/v1/zones?limit=3&as_of=x", "/v1/zones/nothing?as_of=x"):
        got, problem, _ = desk.call("GET", path)
        assert got == 400 and problem["pointer"] == "/as_of", path
    assert desk.call("GET", f"/v1/zones?limit=1&as_of={now + 1000}")[0] == 400
    assert desk.call("GET", "/v1/zones?limit=1&as_of=0")[0] == 409


def test_the_register_and_the_layers_as_they_were(desk):
    made, published = publish(desk, "zones", zone([112.5, 33.1], name="旧名"))
    gated, _ = publish(desk, "zones", {**zone([112.6, 33.2]), "properties": {"class": "FL-CUT", "name": "谷地", "rules": [{"rule": "gated", "open_classes": []}]}})
    point, with_gate = publish(desk, "checkpoints", {"type": "Feature", "geometry": {"type": "Point", "coordinates": [112.62, 33.2]},
                                                     "properties": {"name": "卡点", "reach_m": 20000, "gates": [{"zone": gated}]}})
    ban, banned = publish(desk, "closures", closure())
    urls = [f"/v1/zones/{made}", f"/v1/checkpoints/{point}", f"/v1/closures/{ban}", "/v1/zones?state=approved&limit=1000", "/v1/checkpoints?limit=1000",
            "/v1/closures?limit=1000&state=approved", "/v1/zones?bbox=112,33,113,34&at=2027-01-01T00:00:00Z", "/v1/checkpoints?at=2027-01-01T00:00:00Z",
            "/v1/closures?at=2027-01-01T00:00:00Z"]
    kept = {url: desk.good("GET", url) for url in urls}
    seen = {url: desk.call("GET", url, role=None)[:2] for url in urls}
    then = version(desk)
    for kind, one in (("closures", ban), ("checkpoints", point), ("zones", gated), ("zones", made)):
        lift(desk, kind, one)
    for url in urls:
        past_url = f"{url}{'&' if '?' in url else '?'}as_of={then}"
        assert desk.good("GET", url) != kept[url]
        assert desk.good("GET", past_url) == kept[url], url
        assert desk.call("GET", past_url, role=None)[:2] == seen[url], url
    assert desk.call("GET", f"/v1/closures/{ban}?as_of={banned - 3}")[0] == 404  # not drawn yet
    drafted = desk.good("GET", f"/v1/zones/{made}?as_of={published - 2}")
    assert drafted["life"]["state"] == "draft" and [a["act"] for a in drafted["life"]["acts"]] == ["create"]
    assert desk.call("GET", f"/v1/zones/{made}?as_of={published - 2}", role=None)[0] == 404  # a draft then: the desk's


def test_many_versions_are_answered_in_turn_by_many_at_once(desk):
    """More versions than are kept, asked for by several callers: each answer is of the version it was asked for."""
    from concurrent.futures import ThreadPoolExecutor
    first = version(desk)
    made = [publish(desk, "zones", zone([112.5 + i / 50, 33.1], name=f"z{i}"))[0] for i in range(6)]
    wanted = [random.Random(i).randint(first, version(desk)) for i in range(40)]

    def one(v):
        status, answer, _ = desk.call("POST", "/v1/route", {**TRIP, "as_of": v, "geometry": "none", "steps": False})
        return status, answer.get("rules_version", answer.get("code"))
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(one, wanted))
    for v, (status, answer) in zip(wanted, got):
        assert (status, answer) == (200, v) or status == 429, (v, status, answer)
    assert sum(status == 200 for status, _ in got) >= 20
    for one_zone in made:
        lift(desk, "zones", one_zone)


def test_the_checker_judges_by_the_old_rules(desk):
    """A route that is lawful only under the old rules comes back lawful as of then, and one under the new rules is refused as of later."""
    at = middle(desk)
    then = version(desk)
    made, published = publish(desk, "zones", zone(at))
    status, old, _ = desk.call("POST", "/v1/route", {**TRIP, "as_of": then})
    assert status == 200 and old["plans"][0]["issuable"] is True
    line = old["plans"][0]["legs"][0]["geometry"]["coordinates"]
    assert at in line
    now = desk.good("POST", "/v1/route", TRIP)
    assert at not in now["plans"][0]["legs"][0]["geometry"]["coordinates"]
    lift(desk, "zones", made)
    again = desk.good("POST", "/v1/route", {**TRIP, "as_of": published})
    assert again["plans"][0]["digest"] == now["plans"][0]["digest"] and again["rules_version"] == published


def test_when_the_roads_have_changed_the_answer_of_then_is_refused_and_the_one_of_now_is_not(desk):
    """Last in the file: no earlier version can be answered afterwards."""
    then = version(desk)
    made, published = publish(desk, "zones", zone([112.5, 33.1]))
    instant = desk.database.value("SELECT committed_at FROM rules_version WHERE version = %s", published).isoformat()
    desk.database.execute("UPDATE road SET name = name WHERE id = (SELECT min(id) FROM road)")
    for as_of in (then, instant):
        status, problem, _ = desk.call("POST", "/v1/route", {**TRIP, "as_of": as_of})
        assert (status, problem["code"], problem["pointer"]) == (409, "roads_changed", "/as_of")
    assert desk.call("POST", "/v1/route", {**TRIP, "as_of": published})[0] == 200  # the version in force
    assert desk.call("GET", f"/v1/zones?limit=1&as_of={then}")[0] == 200           # hangs on no road
    lift(desk, "zones", made)
    assert desk.call("POST", "/v1/route", {**TRIP, "as_of": published})[1]["code"] == "roads_changed"
