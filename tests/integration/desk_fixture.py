"""The demo served by a service of its own, with a key for each role: for tests that change rules.

    status, answer, headers = desk.call("POST", "/v1/zones", feature, role="planner")
"""
import http.client
import json
import os
import time

import pytest

from conftest import end_program, start_program
from openapi_shapes import check_answer

ROLES = ("viewer", "company", "officer", "planner", "approver", "admin")
COUNTIES = {"411322": "方城", "411328": "唐河"}


class Desk:
    def __init__(self, database, pepper, service):
        self.database, self.pepper, self.service = database, pepper, service
        self.keys = {}

    def key(self, name, role, *more, holder=None):
        made = self.database.program("key", "create", self.pepper, f"--role={role}", f"--holder={holder or name}", *more, owner=True)
        self.keys[name] = made.stdout.strip()
        if self.service:  # hears of it by a notification
            wait_for(lambda: self.call("GET", "/v1/session", role=name)[0] != 401, what=f"key {name} known")

    def call(self, method, path, body=None, role="planner", headers=None, language="en", port=None):
        """(status, answer, headers); role: name of a key, or None."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.service.port, timeout=120)
        head = {"Accept-Language": language, **(headers or {})}
        if role:
            head["Authorization"] = "Bearer " + self.keys[role]
        data = None
        if body is not None:
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            head.setdefault("Content-Type", "application/json")
        connection.request(method, path, data, head)
        response = connection.getresponse()
        kind = response.getheader("Content-Type") or ""
        text = response.read1() if "event-stream" in kind else response.read()  # a stream has no end
        connection.close()
        answer = json.loads(text) if "json" in kind else text
        if "json" in kind:
            check_answer(method, path, response.status, kind, answer)
        return response.status, answer, response.headers

    def good(self, *arguments, **more):
        status, answer, _ = self.call(*arguments, **more)
        assert status in (200, 201), answer
        return answer


def wait_for(condition, seconds=60, what="condition"):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.01)
    return found


@pytest.fixture(scope="module")
def desk(demo_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    pepper = f"--pepper-file={folder}/pepper"
    made = Desk(demo_database, pepper, None)
    for role in ROLES:
        made.key(role, role, *(["--company=acme"] if role == "company" else []))
    made.key("fangcheng", "planner", "--county=411322")
    made.key("tanghe", "planner", "--county=411328")
    made.key("fangcheng_approver", "approver", "--county=411322")
    made.service = start_program(os.path.join(folder, "serve.log"), f"--snapshot={demo_database.snapshot}",
                                 f"--database={demo_database.url}", pepper, "--rate-units=0")
    wait_for(lambda: made.call("GET", "/readyz", role=None)[0] == 200, what="ready")
    yield made
    end_program(made.service)
