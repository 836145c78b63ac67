"""Notices of the road police over HTTP: every closure linked to its words, nothing guessed, nothing replaced untold."""
import pytest

from desk_fixture import desk, wait_for  # noqa: F401  fixture

APPROVAL = {"authority": "高速交警支队", "document_no": "公告〔2026〕7号"}
SNOW = ("1.因降雪，禁止所有车辆上站的路段有：\n"
        "【南阳辖区】沪陕高速：内乡站至西坪站；二广高速：全线（往山西方向）。\n"
        "2、因路面结冰，禁止七座（含七座）以上客车及危险品运输车辆、货车上下站的路段有：\n"
        "兰南高速：方城站—双铺收费站、独树站；")


def post(desk, text, role="officer", **more):
    status, answer, headers = desk.call("POST", "/v1/notices", {"text": text, **more}, role=role)
    assert status == 201, answer
    assert headers["Location"] == f"/v1/notices/{answer['id']}"
    return answer


def summary(answer):
    return sorted((c["closure"]["properties"]["route"], c["closure"]["properties"]["from_station"], c["closure"]["properties"]["to_station"],
                   c["closure"]["properties"]["action"], str(c["closure"]["properties"]["subject"])) for c in answer["closures"])


def test_a_notice_becomes_drafts_linked_to_their_words(desk):
    answer = post(desk, SNOW, authority="高速交警支队")
    assert answer["not_understood"] == []
    lorry, hazmat = "{'lorry': True}", "{'hazmat': True}"
    assert summary(answer) == sorted(
        [("G40", "内乡", "西坪", "entry_ban", "None"), ("G55", "皇后", "构林", "entry_ban", "None")]
        + [("S83", a, b, action, who) for a, b in (("方城", "双铺"), ("独树", None)) for action in ("entry_ban", "exit_ban") for who in (lorry, hazmat)])
    data = SNOW.encode()
    for closure in answer["closures"]:
        assert closure["closure"]["life"]["state"] == "draft"
        for part in ("words", "head"):
            assert data[closure[part]["begin"]:closure[part]["end"]].decode() == closure[part]["text"]
    by_route = {c["closure"]["properties"]["route"]: c for c in answer["closures"]}
    assert by_route["G40"]["words"]["text"] == "内乡站至西坪站" and "降雪" in by_route["G40"]["head"]["text"]
    assert by_route["G40"]["closure"]["properties"]["cause"] == "降雪"
    assert "山西" in by_route["G55"]["closure"]["properties"]["note"]  # a direction that it cannot say is left to a person
    assert by_route["G40"]["closure"]["properties"]["note"] is None


@pytest.mark.parametrize("line,reason,words", [
    ("沪陕高速：内乡站至没有的站；", "station_unknown", "没有的"),
    ("沪陕高速：没有的站；", "station_unknown", "没有的"),
    ("京港澳高速：全线；", "road_unknown", "京港澳"),
    ("栾西高速：老界岭站；", "road_unknown", "栾西"),  # that name ended in 2023
])
def test_an_unknown_name_becomes_nothing_and_is_listed(desk, line, reason, words):
    answer = post(desk, "因降雪，禁止所有车辆上站的路段有：\n" + line + "\n兰南高速：方城站；")
    assert [c["closure"]["properties"]["route"] for c in answer["closures"]] == ["S83"]
    assert [(n["reason"], n["words"]["text"]) for n in answer["not_understood"]] == [(reason, words)]


def test_a_road_goes_by_the_name_it_had_then(desk):
    text = "因降雪，禁止所有车辆上站的路段有：\n栾西高速：老界岭站；"
    answer = post(desk, text, **{"from": "2022-12-01T00:00:00+08:00", "until": "2022-12-02T00:00:00+08:00"})
    assert summary(answer) == [("S57", "老界岭", None, "entry_ban", "None")]


def test_what_is_no_part_of_a_notice_is_listed(desk):
    answer = post(desk, "今天天气不错。\n因大雾，禁止七座以上客车上站的路段有：\n兰南高速：方城站；")
    assert answer["closures"] == []
    assert [n["reason"] for n in answer["not_understood"]] == ["line_unclear", "buses_only"] or \
           [n["reason"] for n in answer["not_understood"]] == ["no_head", "buses_only"], answer["not_understood"]


def state(desk, notice):
    return sorted(c["closure"]["life"]["state"] for c in desk.good("GET", f"/v1/notices/{notice}", role="officer")["closures"])


def test_a_newer_notice_ends_an_older_one_only_when_told_and_when_approved(desk):
    text = "因降雪，禁止所有车辆上站的路段有：\n沪陕高速：内乡站；兰南高速：方城站；"
    old = post(desk, text)["id"]
    path = f"/v1/notices/{old}"
    assert desk.call("POST", path + "/approve", APPROVAL, role="approver")[0] == 409
    desk.good("POST", path + "/submit", role="officer")
    approved = desk.good("POST", path + "/approve", APPROVAL, role="approver")
    assert state(desk, old) == ["approved", "approved"]
    ids = {c["closure"]["id"] for c in approved["closures"]}
    in_force = lambda: {f["id"] for f in desk.good("GET", "/v1/closures")["features"]}
    wait_for(lambda: ids <= in_force(), what="the closures bind")

    untold = post(desk, "因降雪，禁止货车上站的路段有：\n沪陕高速：内乡站；")["id"]
    desk.good("POST", f"/v1/notices/{untold}/submit", role="officer")
    desk.good("POST", f"/v1/notices/{untold}/approve", APPROVAL, role="approver")
    assert state(desk, old) == ["approved", "approved"]

    told = post(desk, "因降雪，禁止货车上站的路段有：\n沪陕高速：镇平站；", replaces=old)
    assert told["replaces"] == old and state(desk, old) == ["approved", "approved"]
    desk.good("POST", f"/v1/notices/{told['id']}/submit", role="officer")
    assert state(desk, old) == ["approved", "approved"]
    after = desk.good("POST", f"/v1/notices/{told['id']}/approve", APPROVAL, role="approver")
    assert state(desk, old) == ["lifted", "lifted"] and state(desk, told["id"]) == ["approved"]
    # in one transaction: one version in which the one ended and the other began
    versions = desk.database.execute("SELECT DISTINCT version_from FROM closure_history h JOIN notice_closure c ON c.closure_id = h.id"
                                     " WHERE c.notice_id = ANY(%s) AND h.version_until IS NULL", [old, told["id"]])
    assert [v[0] for v in versions] == [after["rules_version"]]
    desk.good("POST", f"/v1/notices/{told['id']}/lift", role="approver")
    assert state(desk, told["id"]) == ["lifted"]


def test_whoever_entered_a_notice_does_not_approve_it(desk):
    notice = post(desk, "因降雪，禁止所有车辆上站的路段有：\n兰南高速：方城站；", role="admin")["id"]
    desk.good("POST", f"/v1/notices/{notice}/submit", role="officer")
    assert desk.call("POST", f"/v1/notices/{notice}/approve", APPROVAL, role="admin")[0] == 403
    assert state(desk, notice) == ["submitted"]


def test_a_countys_notice_is_its_own(desk):
    notice = post(desk, "因降雪，禁止所有车辆上站的路段有：\n兰南高速：方城站；", role="fangcheng")
    assert notice["closures"][0]["closure"]["properties"]["jurisdiction"] == "411322"
    assert desk.call("GET", f"/v1/notices/{notice['id']}", role="fangcheng")[0] == 200
    assert desk.call("GET", f"/v1/notices/{notice['id']}", role="tanghe")[0] == 404
    assert desk.call("POST", f"/v1/notices/{notice['id']}/submit", role="tanghe")[0] == 404
    status, answer, _ = desk.call("POST", "/v1/notices", {"text": SNOW, "replaces": notice["id"]}, role="tanghe")
    assert (status, answer["pointer"]) == (404, "/replaces")
    assert desk.database.value("SELECT count(*) FROM notice WHERE holder = 'tanghe'") == 0


@pytest.mark.parametrize("body,pointer", [
    ({}, "/text"), ({"text": ""}, "/text"), ({"text": 7}, "/text"), ({"text": "因\u0000"}, "/text"), ({"text": SNOW, "colour": "x"}, "/colour"),
    ({"text": SNOW, "from": "today"}, "/from"), ({"text": SNOW, "jurisdiction": "999999"}, "/jurisdiction"),
    ({"text": SNOW, "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "/until"),
])
def test_a_request_that_is_wrong_is_refused_with_its_place(desk, body, pointer):
    before = desk.database.value("SELECT count(*) FROM notice")
    status, answer, _ = desk.call("POST", "/v1/notices", body)
    assert status == 400 and answer.get("pointer", "") == pointer, answer
    assert desk.database.value("SELECT count(*) FROM notice") == before


def test_a_notice_that_is_sent_again_with_its_key_is_the_same_notice(desk):
    once = {"Idempotency-Key": "notice-1"}
    before = desk.database.value("SELECT count(*) FROM notice")
    answers = [desk.call("POST", "/v1/notices", {"text": SNOW}, role="officer", headers=once) for _ in range(3)]
    assert [(status, answer, headers["Location"]) for status, answer, headers in answers] == [(201, answers[0][1], answers[0][2]["Location"])] * 3
    assert desk.database.value("SELECT count(*) FROM notice") == before + 1
    assert desk.call("POST", "/v1/notices", {"text": SNOW + "\n"}, role="officer", headers=once)[0] == 409
    act = f"/v1/notices/{answers[0][1]['id']}/submit"
    handed_in = [desk.call("POST", act, role="officer", headers={"Idempotency-Key": "notice-2"}) for _ in range(2)]
    assert [status for status, _, _ in handed_in] == [200, 200] and handed_in[0][1] == handed_in[1][1]
    assert desk.call("POST", act, role="officer", headers={"Idempotency-Key": "notice-3"})[0] == 409  # a new one: nothing is left to hand in
