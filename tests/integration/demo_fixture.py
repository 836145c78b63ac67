"""The demo served by the real program: one service and one database for the whole session.

    def test_x(demo_service):
        status, answer = demo_service.ask("/v1/route", {"origin": …})      # POST with a body, GET without
        demo_service.database.execute("UPDATE zone SET …")                 # put it back afterwards
"""
import contextlib
import http.client
import json
import os
import shutil
import tempfile
import time

import pytest

from conftest import end_program, start_program
from database_fixture import Database, import_demo

SEATS = {"nanyang": [112.53, 33.0], "nanzhao": [112.43, 33.49], "fangcheng": [113.00, 33.26], "xixia": [111.48, 33.30],
         "zhenping": [112.23, 33.04], "neixiang": [111.84, 33.05], "xichuan": [111.48, 33.14], "sheqi": [112.93, 33.06],
         "tanghe": [112.83, 32.69], "xinye": [112.36, 32.53], "tongbai": [113.40, 32.37], "dengzhou": [112.09, 32.68]}
MORNING = "2026-11-20T09:30:00+08:00"


def ask(service, path, body=None, language="en", headers=None):
    """(status, answer) of a POST with `body` (text or something for JSON), or of a GET without."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
    head = {"Accept-Language": language, **(headers or {})}
    if body is None:
        connection.request("GET", path, headers=head)
    else:
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        connection.request("POST", path, text.encode() if isinstance(text, str) else text,
                           {"Content-Type": "application/json", **head})
    response = connection.getresponse()
    data = response.read()
    connection.close()
    answer = json.loads(data) if "json" in (response.getheader("Content-Type") or "") else data
    return response.status, answer


def question(origin, destination, **more):
    """A question between two seats (by name) or places."""
    at = [{"location": SEATS.get(p, p) if isinstance(p, str) else p} for p in (origin, destination)]
    return {"origin": at[0], "destination": at[1], "depart_at": MORNING, **more}


def wait_for(condition, seconds=60, what="condition"):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.01)
    return found


@contextlib.contextmanager
def rules(service, *statements):
    """Runs SQL, waits until the service answers under it, and in the end puts everything back."""
    db = service.database

    def reach():
        version = db.value("SELECT version FROM rules_state")
        wait_for(lambda: service.ask("/v1/network")[1]["rules_version"] >= version, what=f"rules {version}")

    done = []
    try:
        for sql, undo in statements:
            db.execute(sql)
            done.append(undo)
        reach()
        yield
    finally:
        for undo in reversed(done):
            db.execute(undo)
        reach()


def zone(name, polygon, rule, class_code="FL-DET"):
    """Statements that put an approved zone on the map and take it away."""
    text = json.dumps([rule])
    ring = ", ".join(f"{x} {y}" for x, y in polygon)
    return (f"""INSERT INTO zone (id, class_code, name, geom, rules, state, effective, authority, approving_authority, document_no,
                approved_at) VALUES ('{name}', '{class_code}', '{name}', ST_Multi(ST_GeomFromText('POLYGON(({ring}))', 4490)),
                '{text}', 'approved', '[2025-01-01,)', 'test', 'test', 'test-1', now())""",
            f"DELETE FROM zone WHERE id = '{name}'")


def box(at, half):
    x, y = at
    return [[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half], [x - half, y - half]]


@pytest.fixture(scope="session")
def demo_service(cluster, tmp_path_factory):
    cluster.run("createdb", "demo")
    database = Database(cluster, "demo")
    database.program("migrate")
    import_demo(database)
    folder = tempfile.mkdtemp(prefix="baochang-demo.")
    database.snapshot = os.path.join(folder, "network.snapshot")
    database.program("prepare", f"--snapshot={database.snapshot}")
    service = start_program(tmp_path_factory.mktemp("demo") / "serve.log", f"--snapshot={database.snapshot}",
                            f"--database={database.url}", "--schematic", "--region-name=南阳（示意）")
    service.database = database
    service.ask = lambda path, body=None, **more: ask(service, path, body, **more)
    wait_for(lambda: service.ask("/readyz")[0] == 200, what="ready")
    yield service
    end_program(service)
    shutil.rmtree(folder, ignore_errors=True)
