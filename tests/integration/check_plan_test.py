"""`baochang check PLAN.json`: lawful plans pass, and every kind of tampering is found, by the program alone."""
import copy
import json
import math
import re
import subprocess

import pytest

from conftest import PROGRAM
from demo_fixture import SEATS, box, question, rules, zone

LIGHT = {"class": "light_truck"}


@pytest.fixture(scope="module")
def desk(demo_service, tmp_path_factory):
    return Desk(demo_service, tmp_path_factory.mktemp("check"))


class Desk:
    def __init__(self, service, folder):
        self.service, self.folder = service, folder

    def run(self, *arguments, stdin=None):
        return subprocess.run([PROGRAM, "check", *arguments], capture_output=True, text=True, input=stdin, timeout=60)

    def dump(self):
        done = self.run("--dump-rules", f"--database={self.service.database.url}")
        assert done.returncode == 0, done.stderr
        path = self.folder / "rules.json"
        path.write_text(done.stdout)
        return path

    def plan(self, asked):
        status, answer = self.service.ask("/v1/route", asked)
        assert status == 200, answer
        return answer

    def check(self, asked, answer, *more):
        (self.folder / "question.json").write_text(json.dumps(asked))
        (self.folder / "plan.json").write_text(json.dumps(answer))
        source = more or (f"--rules={self.dump()}",)
        return self.run(str(self.folder / "plan.json"), f"--request={self.folder / 'question.json'}",
                        f"--snapshot={self.service.database.snapshot}", *source)


@pytest.mark.parametrize("form", [{}, {"geometry": "polyline6"}, {"geometry": "polyline5"}, {"crs": "gcj02"}, {"loop": "return"},
                                  {"alternatives": 2}])
def test_what_the_service_answers_is_lawful(desk, form):
    asked = question("nanyang", "sheqi", vehicle=LIGHT, **form)
    if form.get("crs"):
        asked["origin"]["location"] = [112.5353, 32.9989]
        asked["destination"]["location"] = [112.9357, 33.0586]
    done = desk.check(asked, desk.plan(asked))
    assert done.returncode == 0 and "lawful" in done.stdout and "合法" in done.stdout, (done.stdout, done.stderr)


def test_the_rules_of_the_database_do_as_well_and_one_file_may_hold_both(desk):
    asked = question("nanyang", "dengzhou", vehicle={"class": "truck_6_axle"}, loop="return", stops=[{"location": SEATS["zhenping"], "service_s": 600}])
    both = json.dumps({"request": asked, "answer": desk.plan(asked)})
    options = (f"--snapshot={desk.service.database.snapshot}", f"--database={desk.service.database.url}")
    done = desk.run("-", *options, stdin=both)
    assert done.returncode == 0, (done.stdout, done.stderr)


def test_the_database_gives_the_rules_that_the_plan_was_made_under(desk):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    answer = desk.plan(asked)
    source = f"--database={desk.service.database.url}"
    points = answer["plans"][0]["legs"][0]["geometry"]["coordinates"]
    with rules(desk.service, zone("test-later", box(points[len(points) // 2], 0.01), {"rule": "closed"})):
        now = desk.service.ask("/v1/network")[1]["rules_version"]
        assert now > answer["rules_version"]
        done = desk.check(asked, answer, source)
        assert done.returncode == 0 and f"rules version {answer['rules_version']}" in done.stdout, (done.stdout, done.stderr)
        done = desk.check(asked, {**answer, "rules_version": now}, source)
        assert done.returncode == 1 and "test-later" in done.stdout, (done.stdout, done.stderr)
        done = desk.check(asked, {**answer, "rules_version": now + 1000}, source)
        assert done.returncode == 2 and not done.stdout, (done.stdout, done.stderr)


def test_a_toll_that_the_tariff_does_not_ask_is_found_and_a_later_tariff_is_not_held_against_it(desk):
    asked = question("xixia", "nanyang", vehicle={"class": "truck_6_axle"})
    answer = desk.plan(asked)
    toll = answer["plans"][0]["toll_cny"]
    assert toll > 0 and desk.check(asked, answer).returncode == 0
    cheaper = copy.deepcopy(answer)
    cheaper["plans"][0]["toll_cny"] = round(toll - 1, 2)
    done = desk.check(asked, cheaper)
    assert done.returncode == 1 and "tariff" in done.stdout, (done.stdout, done.stderr)
    with rules(desk.service, ("UPDATE toll_rate SET cny_per_km = 3 WHERE vehicle_class = 6", "UPDATE toll_rate SET cny_per_km = 2.25 WHERE vehicle_class = 6")):
        assert desk.plan(asked)["plans"][0]["toll_cny"] > toll
        assert desk.check(asked, answer, f"--database={desk.service.database.url}").returncode == 0
        now = json.loads(desk.dump().read_text())
        assert now["tolls"]["motorway"][5] == 30000 and now["tolls"]["motorway"][0] == 4500


def test_stops_in_the_order_chosen_are_lawful_and_in_none_are_not(desk):
    asked = question("nanyang", "tanghe", vehicle=LIGHT, optimise_order=True,
                     stops=[{"location": SEATS[s]} for s in ("sheqi", "fangcheng", "nanzhao")])
    answer = desk.plan(asked)
    assert answer["order"]["sequence"] != [0, 1, 2]
    assert desk.check(asked, answer).returncode == 0
    done = desk.check(asked, {**answer, "order": {**answer["order"], "sequence": [0, 1, 2]}})
    assert done.returncode == 1 and "call where" in done.stdout
    assert desk.check(asked, {**answer, "order": {**answer["order"], "sequence": [0, 0, 1]}}).returncode == 2


def test_rests_are_lawful_and_driving_on_is_not(desk):
    asked = question("xixia", "tongbai", stops=[{"location": SEATS["xinye"]}], loop="return", vehicle={"class": "truck_6_axle"},
                     rests={"max_drive_s": 10800})
    answer = desk.plan(asked)
    assert answer["plans"][0]["rests"]
    assert desk.check(asked, answer).returncode == 0
    done = desk.check({**asked, "rests": {"max_drive_s": 5400}}, answer)
    assert done.returncode == 1 and "leg " in done.stdout, done.stdout


@pytest.fixture(scope="module")
def gated(desk):
    """A question that leads into a gated zone, and its answer."""
    (x, y), = desk.service.database.execute(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) p FROM zone WHERE id = 'demo-animal') t")
    kinds = sorted({c["code"] for c in desk.service.ask("/v1/network")[1]["credential_types"]})[:32]
    asked = question("nanyang", [x, y], vehicle=LIGHT, max_snap_m=5000, loop="return",
                     credentials=[{"type": k, "issued_at": "2026-11-20T06:00:00+08:00"} for k in kinds])
    answer = desk.plan(asked)
    assert sum(len(leg["gates"]) for leg in answer["plans"][0]["legs"]) >= 2
    return asked, answer


def shift(text, hours):
    return re.sub(r"T(\d\d):", lambda m: f"T{int(m[1]) + hours:02}:", text)


def moved_time(asked, plan):
    plan["legs"][0]["arrive_at"] = shift(plan["legs"][0]["arrive_at"], 1)


def removed_gate(asked, plan):
    leg = next(leg for leg in plan["legs"] if leg["gates"])
    del leg["gates"][0]


def swapped_gate(asked, plan):
    gate = next(g for leg in plan["legs"] for g in leg["gates"])
    gate["direction"] = "exit" if gate["direction"] == "enter" else "enter"


def no_credential(asked, plan):
    asked["credentials"] = []


def old_credential(asked, plan):
    for c in asked["credentials"]:
        c["valid_until"] = "2026-11-20T09:00:00+08:00"


def off_the_road(asked, plan):
    points = plan["legs"][0]["geometry"]["coordinates"]
    points[len(points) // 2] = [points[len(points) // 2][0] + 0.01, points[len(points) // 2][1]]


def cut_short(asked, plan):
    points = plan["legs"][0]["geometry"]["coordinates"]
    del points[len(points) // 2]


def other_digest(asked, plan):
    plan["digest"] = "sha256:" + "0" * 64


def shorter(asked, plan):
    plan["distance_m"] -= 1


def cheaper(asked, plan):
    plan["toll_cny"] += 1


def other_place(asked, plan):
    plan["waypoints"][0]["snapped"][0] += 0.0001


def other_call(asked, plan):
    asked["destination"]["location"][0] += 0.001


def leaves_early(asked, plan):
    asked["depart_at"] = shift(asked["depart_at"], 1)


def waits_unasked(asked, plan):
    asked["depart_at"] = shift(asked["depart_at"], -1)


def less_inspection(asked, plan):
    gate = next(g for leg in plan["legs"] for g in leg["gates"])
    gate["inspection_s"] = 0


def own_admission(asked, plan):
    plan["issuable"] = False


def not_the_same_zone_contact(asked, plan):
    contact = next(z for leg in plan["legs"] for z in leg["zones"])
    contact["distance_m"] += 1


@pytest.mark.parametrize("tamper,words", [
    (moved_time, "clock|served|add up"), (removed_gate, "clock|without a gate"), (swapped_gate, "gate"), (no_credential, "credential"),
    (old_credential, "without what it asks"), (off_the_road, "leaves the roads"), (cut_short, "leaves the roads"),
    (other_digest, "digest"), (shorter, "add up"), (cheaper, "tariff"), (other_place, "nearest place"), (other_call, "call where"),
    (leaves_early, "sets off before"), (waits_unasked, "waits longer"), (less_inspection, "is not inspected for as long"), (own_admission, "issuable"), (not_the_same_zone_contact, "digest"),
])
def test_tampering_is_found(desk, gated, tamper, words):
    asked, answer = copy.deepcopy(gated)
    tamper(asked, answer["plans"][0])
    done = desk.check(asked, answer)
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stdout.startswith("not lawful 不合法: plan 1, leg ") and re.search(words, done.stdout), done.stdout
    assert re.search(r"2026-11-2\dT\d\d:\d\d:\d\d.*\+08:00, \[11\d\.\d+, 3\d\.\d+\]", done.stdout), done.stdout


def test_a_place_asked_for_at_the_kerb_is_not_reached_from_across_the_road(desk):
    """Twenty metres aside of a place on the way: on the left it is not what was asked, on the right it is."""
    asked = question("nanyang", "tanghe", vehicle=LIGHT)
    (x0, y0), (x1, y1) = desk.plan(asked)["plans"][0]["legs"][0]["geometry"]["coordinates"][-2:]
    east, north = (x1 - x0) * math.cos(math.radians(y1)), y1 - y0
    by = 20 / 111320 / math.hypot(east, north)
    said = []
    for left in (1, -1):
        aside = [(x0 + x1) / 2 - left * north * by / math.cos(math.radians(y1)), (y0 + y1) / 2 + left * east * by]
        asked["destination"]["location"] = aside
        answer = desk.plan(asked)
        assert desk.check(asked, answer).returncode == 0
        done = desk.check({**asked, "destination": {**asked["destination"], "side": "curb"}}, answer)
        said.append((done.returncode, "at the kerb" in done.stdout))
    assert said == [(1, True), (0, False)]


def test_a_line_through_a_closed_zone_is_found_with_its_time_and_place(desk):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    answer = desk.plan(asked)
    points = answer["plans"][0]["legs"][0]["geometry"]["coordinates"]
    polygon = box(points[len(points) // 2], 0.01)
    with rules(desk.service, zone("test-closed", polygon, {"rule": "closed"})):
        answer["rules_version"] = desk.plan(asked)["rules_version"]  # as if it had been made under them
        done = desk.check(asked, answer)
        assert done.returncode == 1 and "test-closed" in done.stdout and "drives in a zone" in done.stdout, (done.stdout, done.stderr)
        x, y = map(float, re.search(r"\[(11\d\.\d+), (3\d\.\d+)\]", done.stdout).groups())
        assert polygon[0][0] - 0.02 < x < polygon[2][0] + 0.02 and polygon[0][1] - 0.02 < y < polygon[2][1] + 0.02
        at = re.search(r"2026-11-20T[\d:.]+\+08:00", done.stdout)[0]
        assert answer["plans"][0]["legs"][0]["depart_at"] < at < answer["plans"][0]["legs"][0]["arrive_at"]


@pytest.mark.parametrize("action,words", [("no_stopping", "stopping is forbidden"), ("closed", "closed road")])
def test_a_closure_of_the_road_at_the_call_is_found(desk, action, words):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    answer = desk.plan(asked)
    road = answer["plans"][0]["waypoints"][-1]["road_id"]
    closed = (f"""INSERT INTO closure (id, name, cause, action, physical, object, road_ids, state, effective, authority,
                  approving_authority, document_no, approved_at) VALUES ('test-road', 'road', 'test', '{action}', false, 'road', '{{{road}}}',
                  'approved', '[2025-01-01,)', 'test', 'test', 'test-2', now())""", "DELETE FROM closure WHERE id = 'test-road'")
    with rules(desk.service, closed):
        answer["rules_version"] = desk.service.ask("/v1/network")[1]["rules_version"]
        done = desk.check(asked, answer)
        assert done.returncode == 1 and "test-road" in done.stdout and words in done.stdout, (done.stdout, done.stderr)


def test_a_plan_of_another_vehicle_is_found(desk):
    asked = question("fangcheng", "sheqi", vehicle=LIGHT)
    points = desk.plan(asked)["plans"][0]["legs"][0]["geometry"]["coordinates"]
    heavy = {"rule": "closed", "subject": {"gross_t_min": 12}}
    with rules(desk.service, zone("test-heavy", box(points[len(points) // 2], 0.01), heavy)):
        answer = desk.plan(asked)
        assert desk.check(asked, answer).returncode == 0
        done = desk.check({**asked, "vehicle": {"class": "truck_6_axle", "gross_weight_t": 49}}, answer)
        assert done.returncode == 1 and "test-heavy" in done.stdout, (done.stdout, done.stderr)


def test_other_versions_say_nothing(desk):
    asked = question("nanyang", "sheqi", vehicle=LIGHT)
    answer = desk.plan(asked)
    for change, words in (({"rules_version": answer["rules_version"] + 7}, "rules version"), ({"network_version": "0" * 32}, "network")):
        done = desk.check(asked, {**answer, **change})
        assert done.returncode == 2 and words in done.stderr and not done.stdout, (done.stdout, done.stderr)
    done = desk.check({**asked, "geometry": "none"}, desk.plan({**asked, "geometry": "none"}))
    assert done.returncode == 2 and "geometry" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("--rules=x",), ("a", "b"), ("--audit", "plan.json"), ("--dump-rules", "--head=1:x"), ("--unknown",)])
def test_wrong_use_is_told(desk, arguments):
    assert desk.run(*arguments).returncode == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"request": {}, "answer": {}}', '{"format": "baochang-rules-3"}'])
def test_damaged_files_are_refused_with_the_member(desk, text):
    path = desk.folder / "damaged.json"
    path.write_text(text)
    asked = question("nanyang", "sheqi", vehicle=LIGHT)
    done = desk.run(str(path), f"--rules={desk.dump()}", f"--snapshot={desk.service.database.snapshot}")
    assert done.returncode == 2 and "baochang check:" in done.stderr
    done = desk.check(asked, desk.plan(asked), f"--rules={path}")
    assert done.returncode == 2 and "baochang check:" in done.stderr


def test_rules_written_from_what_was_read_are_the_same(desk):
    # the checker reads what was dumped: a plan judged by it is judged as by the database
    first = json.loads(desk.dump().read_text())
    assert first["format"] == "baochang-rules-3" and first["zones"] and first["checkpoints"]
    assert {z["id"] for z in first["zones"]} >= {"demo-animal"}


def test_what_cannot_be_read_is_named(desk):
    asked = question("nanyang", "sheqi", vehicle=LIGHT)
    answer = desk.plan(asked)
    plan, broken = desk.folder / "alone.json", desk.folder / "broken.json"
    plan.write_text(json.dumps(answer)), broken.write_text("{")
    for arguments, said in [((plan,), "--request=FILE"), ((broken, f"--request={plan}"), str(broken)), ((plan, f"--request={broken}"), str(broken))]:
        done = desk.run(*arguments, f"--snapshot={desk.service.database.snapshot}", f"--rules={desk.dump()}")
        assert done.returncode == 2 and said in done.stderr, (arguments, done.stderr)
    done = desk.check(asked, answer, f"--rules={plan}")
    assert done.returncode == 2 and str(plan) in done.stderr, done.stderr
