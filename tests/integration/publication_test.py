"""Publication as callers see it: two processes over one database, a kill between any two steps, races with routes."""
import copy
import os
import signal
import threading
import time

from conftest import end_program, start_program
from desk_fixture import desk, wait_for  # noqa: F401  fixture

SHEQI = [[112.90, 33.03], [112.96, 33.03], [112.96, 33.09], [112.90, 33.09], [112.90, 33.03]]
APPROVAL = {"authority": "南阳市指挥部", "document_no": "宛指〔2026〕1号"}
QUESTION = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.93, 33.06]},
            "vehicle": {"class": "truck_2_axle"}, "geometry": "none", "steps": False}


def feature(**properties):
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [copy.deepcopy(SHEQI)]},
            "properties": {"class": "SEC", "name": "发布", "rules": [{"rule": "closed"}], **properties}}


def submitted(desk):
    zone = desk.good("POST", "/v1/zones", feature())["id"]
    desk.good("POST", f"/v1/zones/{zone}/submit")
    return zone


def start(desk, tmp_path, name="second.log"):
    service = start_program(os.path.join(tmp_path, name), f"--snapshot={desk.database.snapshot}", f"--database={desk.database.url}",
                            desk.pepper, "--rate-units=0")
    wait_for(lambda: desk.call("GET", "/readyz", role=None, port=service.port)[0] == 200, what="ready")
    return service


def test_two_processes_answer_under_the_version_of_a_commit(desk, tmp_path):
    second = start(desk, tmp_path)
    try:
        for _ in range(5):
            zone = submitted(desk)
            version = desk.good("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="approver")["rules_version"]
            for port in (second.port, desk.service.port):
                status, answer, _ = desk.call("POST", "/v1/route", {**QUESTION, "min_rules_version": version}, port=port)
                assert (status, answer["code"]) == (422, "destination_in_closed_zone")
            version = desk.good("POST", f"/v1/zones/{zone}/lift", role="approver", port=second.port)["rules_version"]
            for port in (desk.service.port, second.port):
                status, answer, _ = desk.call("POST", "/v1/route", {**QUESTION, "min_rules_version": version}, port=port)
                assert status == 200 and answer["rules_version"] >= version
    finally:
        end_program(second)


AT = {"depart_at": "2027-03-03T03:00:00+08:00", "steps": False}  # no rule of the demo begins or ends there
TO_NORTH = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.43, 33.49]}, "vehicle": {"class": "truck_2_axle"}, **AT}
THROUGH_GATE = {"origin": {"location": [112.53, 33.0]}, "destination": {"location": [112.09, 33.06]}, "vehicle": {"class": "truck_2_axle"}, "max_snap_m": 5000,
                "credentials": [{"type": "key_goods_pass", "number": "1", "valid_until": "2028-01-01T00:00:00+08:00"}], **AT}


def both_wait_for(desk, ports, question, version):
    """What each process answers by `version`, which is asked for before it is there."""
    answers = {}

    def ask(port):
        for _ in range(30):
            status, answer, _ = desk.call("POST", "/v1/route", {**question, "geometry": "none", "min_rules_version": version}, port=port)
            if status != 409:  # else it waited as long as it may
                break
        answers[port] = answer

    threads = [threading.Thread(target=ask, args=(port,)) for port in ports]
    for thread in threads:
        thread.start()
    return threads, answers


def test_two_processes_obey_whatever_was_published_when_they_are_asked_to_wait_for_it(desk, tmp_path):
    second, database = start(desk, tmp_path), desk.database
    ports = (desk.service.port, second.port)
    try:
        line = desk.good("POST", "/v1/route", {**TO_NORTH, "geometry": "geojson"})["plans"][0]
        place = line["legs"][0]["geometry"]["coordinates"][len(line["legs"][0]["geometry"]["coordinates"]) // 2]
        database.execute("INSERT INTO closure (id, name, action, object, effective, geom) SELECT 'both', '发布', 'closed', 'segment', '[2026-01-01,)', r.geom"
                         " FROM road r ORDER BY r.geom <-> ST_SetSRID(ST_Point(%s, %s), 4490), r.id LIMIT 1", *place)
        gate = desk.good("POST", "/v1/route", THROUGH_GATE)["plans"][0]["legs"][0]["gates"][0]
        binds = "(state, approving_authority, document_no, approved_at) = ROW('approved', '测试', '测试〔2026〕1号', now())"
        inspected = lambda a: [g["inspection_s"] for g in a["plans"][0]["legs"][0]["gates"] if g["checkpoint"] == gate["checkpoint"]]  # noqa: E731
        zone = submitted(desk)
        steps = [(f"UPDATE closure SET {binds} WHERE id = 'both'", TO_NORTH, lambda a: a["plans"][0]["duration_s"] > line["duration_s"]),
                 (f"UPDATE zone SET {binds} WHERE id = '{zone}'", QUESTION, lambda a: a["code"] == "destination_in_closed_zone"),
                 (f"UPDATE checkpoint SET normal_s = normal_s + 77 WHERE id = '{gate['checkpoint']}'", THROUGH_GATE,
                  lambda a: inspected(a) == [gate["inspection_s"] + 77]),
                 (f"UPDATE zone SET state = 'lifted' WHERE id = '{zone}'", QUESTION, lambda a: "plans" in a),
                 ("UPDATE closure SET state = 'lifted' WHERE id = 'both'", TO_NORTH, lambda a: a["plans"][0]["duration_s"] == line["duration_s"]),
                 (f"UPDATE checkpoint SET normal_s = normal_s - 77 WHERE id = '{gate['checkpoint']}'", THROUGH_GATE,
                  lambda a: inspected(a) == [gate["inspection_s"]])]
        for sql, question, obeys in steps:
            version = database.value("SELECT version FROM rules_state") + 1
            threads, answers = both_wait_for(desk, ports, question, version)
            database.execute(sql)
            for thread in threads:
                thread.join()
            assert sorted(answers) == sorted(ports)
            for answer in answers.values():
                assert answer["rules_version"] == version and obeys(answer), (sql, answer)
    finally:
        end_program(second)


def test_routes_asked_while_rules_change_belong_to_the_version_they_name(desk):
    zone = submitted(desk)
    closed = {}  # version: whether the zone binds under it
    answers, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            status, answer, _ = desk.call("POST", "/v1/route", QUESTION)
            if status == 200:
                answers.append((answer["rules_version"], False))
            elif answer.get("code") == "destination_in_closed_zone":
                answers.append((answer["rules_version"], True))
            else:
                answers.append((status, answer))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    first = desk.good("GET", f"/v1/zones/{zone}")["rules_version"]
    for _ in range(8):
        approved = desk.good("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="approver")["rules_version"]
        wait_for(lambda version=approved: any(seen is True and v >= version for v, seen in answers[-20:]), what="an answer under it")
        lifted = desk.good("POST", f"/v1/zones/{zone}/lift", role="approver")["rules_version"]
        zone = desk.good("POST", "/v1/zones", feature())["id"]
        again = desk.good("POST", f"/v1/zones/{zone}/submit")["rules_version"]
        closed.update({approved: True} | {v: False for v in range(lifted, again + 1)})
    time.sleep(0.2)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(answers) > 10
    for version, seen in answers:
        if version >= first:
            assert closed.get(version, False) == seen, (version, seen)
    assert any(seen is True for _, seen in answers)


def test_a_kill_between_any_two_steps_loses_nothing_and_leaves_nothing_half_done(desk, tmp_path):
    """A process is killed while it writes; what it acknowledged is there, once, and the chain holds."""
    acknowledged = []
    for round_ in range(6):
        victim = start(desk, tmp_path, f"victim{round_}.log")
        killed = threading.Event()

        def write(worker, round_=round_, victim=victim, killed=killed):
            for i in range(200):
                name = f"kill {round_}-{worker}-{i}"
                try:
                    status, answer, _ = desk.call("POST", "/v1/zones", feature(name=name), port=victim.port)
                    if status == 201:
                        acknowledged.append((name, answer["id"], "draft"))
                        if desk.call("POST", f"/v1/zones/{answer['id']}/submit", port=victim.port)[0] == 200:
                            acknowledged[-1:] = [(name, answer["id"], None)]
                except (OSError, ValueError, AssertionError):
                    pass
                except Exception:  # the connection broke in the middle of an answer
                    pass
                if killed.is_set():
                    return

        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.2 + 0.137 * round_)
        victim.process.send_signal(signal.SIGKILL)
        killed.set()
        victim.process.wait(60)
        for thread in threads:
            thread.join()
    assert len(acknowledged) > 10
    rows = dict(desk.database.execute("SELECT name, count(*) FROM zone WHERE name LIKE 'kill %' GROUP BY name"))
    assert all(rows.get(name) == 1 for name, _, _ in acknowledged) and set(rows.values()) == {1}
    # each row has its act, its history and its audit row, and each of those has its row
    wrong = desk.database.value("""
        SELECT count(*) FROM zone z WHERE z.name LIKE 'kill %' AND (
            (SELECT count(*) FROM rule_act a WHERE a.kind = 'zone' AND a.object = z.id) <> CASE z.state WHEN 'draft' THEN 1 ELSE 2 END
            OR (SELECT count(*) FROM zone_history h WHERE h.id = z.id) <> CASE z.state WHEN 'draft' THEN 1 ELSE 2 END
            OR (SELECT count(*) FROM audit_log l WHERE l.kind = 'zone' AND l.object = z.id) <> CASE z.state WHEN 'draft' THEN 1 ELSE 2 END)""")
    assert wrong == 0
    assert desk.database.value("SELECT count(*) FROM rule_act a WHERE a.kind = 'zone' AND a.act = 'create' AND NOT EXISTS"
                               " (SELECT FROM zone z WHERE z.id = a.object)") == 0
    assert desk.database.value("SELECT (SELECT max(version) FROM rules_version) = (SELECT version FROM rules_state)")
    assert desk.good("GET", "/v1/audit/verify", role="admin")["intact"]


def test_without_the_database_writing_is_refused_and_reading_goes_on(desk):
    desk.good("GET", "/v1/network")
    zone = submitted(desk)
    desk.database.cluster.stop()
    try:
        status, answer, headers = desk.call("POST", "/v1/zones", feature())
        assert status == 503, answer
        assert desk.call("POST", f"/v1/zones/{zone}/approve", APPROVAL, role="approver")[0] == 503
        assert desk.call("POST", "/v1/route", QUESTION)[0] == 200
    finally:
        desk.database.cluster.start()
    wait_for(lambda: desk.call("POST", f"/v1/zones/{zone}/reject", role="approver")[0] == 200, 15, "writing again")
