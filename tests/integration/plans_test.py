"""Plans that are kept: the answer as it was sent, judged and made again under later rules, seen by nobody else."""
import json
import subprocess

import pytest

from desk_fixture import desk, wait_for  # noqa: F401  fixture

APPROVAL = {"authority": "南阳市交通运输局", "document_no": "宛交〔2026〕12号"}
TRIP = {"origin": {"location": [112.43, 33.49]}, "destination": {"location": [112.83, 32.69]}, "vehicle": {"class": "truck_6_axle"}}


def keep(desk, role="planner", headers=None, **more):
    question = json.dumps({**TRIP, "store": True, **more})
    status, answer, head = desk.call("POST", "/v1/route", question, role=role, headers=headers)
    assert status == 200, answer
    assert head["Location"] == f"/v1/plans/{answer['decision_id']}"
    return answer["decision_id"], question, answer


def close(desk, answer, **more):
    """Publishes a zone across the middle of a plan, so that it is no longer lawful; its id."""
    line = answer["plans"][0]["legs"][0]["geometry"]["coordinates"]
    lon, lat = line[len(line) // 2]
    ring = [[lon - .02, lat - .02], [lon + .02, lat - .02], [lon + .02, lat + .02], [lon - .02, lat + .02], [lon - .02, lat - .02]]
    zone = desk.good("POST", "/v1/zones", {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
                                           "properties": {"class": "FL-CUT", "name": "漫水", **more}}, role="planner")["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit", {})
    approved = desk.good("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="approver")
    seen = lambda: desk.call("GET", "/readyz", role=None)[1]["rules_version"] >= approved["rules_version"]  # noqa: E731
    wait_for(seen, what="the zone in force")
    return zone


def lift(desk, zone):
    lifted = desk.good("POST", f"/v1/zones/{zone}/lift", {}, role="approver")
    wait_for(lambda: desk.call("GET", "/readyz", role=None)[1]["rules_version"] >= lifted["rules_version"], what="the zone lifted")


def test_a_plan_is_kept_as_it_was_sent(desk):
    plan, question, answer = keep(desk)
    status, kept, headers = desk.call("GET", f"/v1/plans/{plan}")
    assert status == 200 and kept["answer"] == answer and kept["request"] == json.loads(question)
    assert kept["state"] == "active" and kept["digest"] == answer["plans"][0]["digest"]
    assert (kept["network_version"], kept["rules_version"], kept["as_of"]) == tuple(answer[k] for k in ("network_version", "rules_version", "as_of"))
    assert kept["duration_s"] == answer["plans"][0]["duration_s"] and kept["distance_m"] == answer["plans"][0]["distance_m"]
    assert desk.call("GET", f"/v1/plans/{plan}", headers={"If-None-Match": headers["ETag"]})[0] == 304
    assert desk.database.value("SELECT count(*) FROM audit_log WHERE kind = 'stored_plan' AND object = %s AND act = 'store'", plan) == 1


def test_the_same_request_under_one_key_is_kept_once(desk):
    plan, _, answer = keep(desk, headers={"Idempotency-Key": "once"})
    again, _, same = keep(desk, headers={"Idempotency-Key": "once"})
    assert (plan, answer) == (again, same)
    assert keep(desk, role="officer", headers={"Idempotency-Key": "once"})[0] != plan
    status, problem, _ = desk.call("POST", "/v1/route", {**TRIP, "store": True, "steps": False}, headers={"Idempotency-Key": "once"})
    assert status == 409, problem


@pytest.mark.parametrize("role,more,status,pointer", [
    (None, {}, 401, "/store"),
    ("planner", {"on_violation": "report"}, 400, "/store"),
    ("planner", {"store": "yes"}, 400, "/store"),
])
def test_what_cannot_be_kept_is_refused_by_name(desk, role, more, status, pointer):
    answered, problem, _ = desk.call("POST", "/v1/route", {**TRIP, "store": True, **more}, role=role)
    assert (answered, problem["pointer"]) == (status, pointer)


def test_an_answer_without_a_plan_keeps_nothing(desk):
    before = desk.database.value("SELECT count(*) FROM stored_plan")
    status, _, headers = desk.call("POST", "/v1/route", {**TRIP, "destination": {"location": [112.83, 32.3]}, "max_snap_m": 1, "store": True})
    assert status in (400, 422) and "Location" not in headers
    assert desk.database.value("SELECT count(*) FROM stored_plan") == before


def test_a_company_sees_what_is_its_own_and_nothing_else(desk):
    if "other" not in desk.keys:
        desk.key("other", "company", "--company=other")
        wait_for(lambda: desk.call("GET", "/v1/plans", role="other")[0] == 200, what="the new key")
    own, _, _ = keep(desk, role="company")
    foreign, _, _ = keep(desk, role="other")
    mine = [p["id"] for p in desk.good("GET", "/v1/plans?limit=1000", role="company")["plans"]]
    assert own in mine and foreign not in mine
    nobody = "0" * 32
    for method, path, body in (("GET", "", None), ("GET", "/check", None), ("POST", "/replan", {}), ("DELETE", "", None)):
        there, absent = (desk.call(method, f"/v1/plans/{p}{path}", body, role="company") for p in (foreign, nobody))
        for answer in (there[1], absent[1]):
            answer.pop("request_id")
        assert there[0] == absent[0] == 404 and there[1] == absent[1]
    assert desk.call("GET", f"/v1/plans/{own}", role="viewer")[0] == 404
    assert desk.call("GET", f"/v1/plans/{own}", role="approver")[0] == 200
    assert desk.call("GET", f"/v1/plans/{own}", role="fangcheng")[0] == 404  # of no county


def test_pages_go_from_the_newest_to_the_oldest_without_a_gap(desk):
    made = [keep(desk, role="viewer", geometry="none", steps=False)[0] for _ in range(5)]
    seen, cursor = [], ""
    for _ in range(10):
        page = desk.good("GET", f"/v1/plans?limit=2{cursor}", role="viewer")
        seen += [p["id"] for p in page["plans"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen[:5] == made[::-1] and len(set(seen)) == len(seen)
    for bad in ("limit=0", "limit=1001", "cursor=x", "state=withdrawn"):
        assert desk.call("GET", f"/v1/plans?{bad}", role="viewer")[0] == 400, bad


def test_a_zone_makes_a_plan_unlawful_until_it_is_lifted_and_another_plan_takes_its_place(desk):
    plan, _, answer = keep(desk)
    before = desk.good("GET", f"/v1/plans/{plan}/check")
    assert before["verdict"] == "lawful" and before["offence"] is None and abs(before["late_s"]) < 5
    zone = close(desk, answer)
    broken = desk.good("GET", f"/v1/plans/{plan}/check")
    assert broken["verdict"] == "unlawful" and broken["offence"]["code"] == "zone" and broken["offence"]["zone"] == zone
    assert broken["rules_version"] > before["rules_version"]
    once = {"Idempotency-Key": "replan-once"}
    status, new, headers = desk.call("POST", f"/v1/plans/{plan}/replan", {}, headers=once)
    again = desk.call("POST", f"/v1/plans/{plan}/replan", {}, headers=once)
    assert again[:2] == (status, new) and again[2]["Location"] == headers["Location"]
    assert desk.call("POST", f"/v1/plans/{plan}/replan", {"depart_at": "2031-01-01T08:00:00+08:00"}, headers=once)[0] == 409  # another question
    assert desk.call("POST", f"/v1/plans/{plan}/replan", {}, headers={"Idempotency-Key": "x" * 201})[0] == 400
    assert status == 201 and headers["Location"] == f"/v1/plans/{new['decision_id']}"
    assert new["rules_version"] >= broken["rules_version"] and zone not in json.dumps([leg["zones"] for leg in new["plans"][0]["legs"]])
    old, made = desk.good("GET", f"/v1/plans/{plan}"), desk.good("GET", f"/v1/plans/{new['decision_id']}")
    assert (old["state"], old["replaced_by"], made["replaces"], made["state"]) == ("replaced", made["id"], plan, "active")
    assert old["answer"] == answer and desk.good("GET", f"/v1/plans/{made['id']}/check")["verdict"] == "lawful"
    assert desk.call("POST", f"/v1/plans/{plan}/replan", {})[0] == 409
    lift(desk, zone)
    assert desk.good("GET", f"/v1/plans/{plan}/check")["verdict"] == "lawful"


def test_a_plan_with_rests_is_kept_with_them_and_broken_where_one_may_rest_no_longer(desk):
    """Xixia to Tongbai and back, three hours at a time."""
    trip = {"origin": {"location": [111.48, 33.30]}, "destination": {"location": [113.41, 32.37]}, "loop": "return",
            "rests": {"max_drive_s": 10800}}
    plan, question, answer = keep(desk, **trip)
    rests = answer["plans"][0]["rests"]
    area = rests[0]["rest"]
    kept = desk.good("GET", f"/v1/plans/{plan}")
    assert rests and kept["answer"] == answer and kept["request"] == json.loads(question)
    assert desk.good("GET", f"/v1/plans/{plan}/check")["verdict"] == "lawful"
    sheet = desk.call("GET", f"/v1/plans/{plan}.pdf", headers={"Accept-Language": "en"})[1]
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=sheet, capture_output=True, check=True).stdout.decode()
    assert "(rest)" in text and rests[0]["name"].split("（")[0] in text
    desk.database.execute("UPDATE facility SET state = 'closed' WHERE id = %s", area)
    try:
        judged = lambda: desk.good("GET", f"/v1/plans/{plan}/check")  # noqa: E731
        wait_for(lambda: judged()["verdict"] == "unlawful", what="the rest area closed")
        assert judged()["offence"]["code"] == "rest"
        status, problem, _ = desk.call("POST", f"/v1/plans/{plan}/replan", {})
        assert (status, problem["code"]) == (422, "no_rest_area")
    finally:
        desk.database.execute("UPDATE facility SET state = 'active' WHERE id = %s", area)
    wait_for(lambda: desk.good("GET", f"/v1/plans/{plan}/check")["verdict"] == "lawful", what="the rest area open")
    status, new, _ = desk.call("POST", f"/v1/plans/{plan}/replan", {})
    assert status == 201 and [r["rest"] for r in new["plans"][0]["rests"]] == [r["rest"] for r in rests], new


def test_a_plan_is_judged_at_the_departure_that_is_asked_for(desk):
    plan, _, _ = keep(desk)
    later = "2027-03-01T08:00:00+08:00"
    verdict = desk.good("GET", f"/v1/plans/{plan}/check?at={later.replace('+', '%2B')}")
    assert verdict["depart_at"] == later and verdict["verdict"] in ("lawful", "unlawful")
    status, problem, _ = desk.call("GET", f"/v1/plans/{plan}/check?at=2020-01-01T00:00:00Z")
    assert (status, problem["code"], problem["pointer"]) == (409, "before_history", "/at")
    assert desk.call("GET", f"/v1/plans/{plan}/check?at=noon")[0] == 400


def test_what_was_taken_back_is_wiped(desk):
    plan, _, _ = keep(desk, role="company")
    tag = desk.call("GET", f"/v1/plans/{plan}", role="company")[2]["ETag"]
    assert desk.call("DELETE", f"/v1/plans/{plan}", role="company", headers={"If-Match": '"r9"'})[0] == 412
    assert desk.call("DELETE", f"/v1/plans/{plan}", role="company", headers={"If-Match": tag})[0] == 204
    assert desk.call("GET", f"/v1/plans/{plan}", role="company")[0] == 404
    assert desk.call("DELETE", f"/v1/plans/{plan}", role="company")[0] == 404
    assert desk.database.value("SELECT state || coalesce(request, '') || coalesce(answer, '') FROM stored_plan WHERE id = %s", plan) == "withdrawn"


def test_the_database_lets_no_answer_be_changed(desk):
    plan, _, _ = keep(desk)
    with pytest.raises(Exception, match="does not change"):
        desk.database.execute("UPDATE stored_plan SET answer = '{}' WHERE id = %s", plan)
    with desk.database.connect() as service, pytest.raises(Exception, match="permission denied"):
        service.execute("UPDATE stored_plan SET digest = 'x' WHERE id = %s", (plan,))


def test_a_departure_in_the_past_is_judged_by_the_rules_of_then(desk):
    """Last in the file: it sets back the clock of the history."""
    plan, _, answer = keep(desk)
    zone = close(desk, answer, **{"from": "2026-01-01T00:00:00+08:00"})
    lift(desk, zone)
    published, lifted = desk.database.execute("SELECT version_from, version_until FROM zone_history WHERE id = %s AND state = 'approved'", zone)[0]
    desk.database.execute("UPDATE rules_version SET committed_at = committed_at - interval '1 day'")
    desk.database.execute("UPDATE road_state SET changed_at = changed_at - interval '1 day'")
    of = {v: at.isoformat().replace("+", "%2B") for v, at in desk.database.execute("SELECT version, committed_at FROM rules_version")}
    for at, verdict in ((published - 1, "lawful"), (published, "unlawful"), (lifted, "lawful")):
        judged = desk.good("GET", f"/v1/plans/{plan}/check?at={of[at]}")
        assert judged["verdict"] == verdict and published - 1 <= judged["rules_version"] <= lifted, (at, judged)
    assert desk.good("GET", f"/v1/plans/{plan}/check")["verdict"] == "lawful"
