"""GET /v1/events over real sockets: who listens hears each version once and in order, wherever and after whatever."""
import json
import os
import re
import select
import signal
import socket
import time

import psycopg
import pytest

from conftest import end_program, start_program
from desk_fixture import wait_for
from feed_test import ask

APPROVED = "'approved', '测试', '测试〔2026〕1号', now()"


class Listener:
    """A client of server-sent events on a bare socket."""

    def __init__(self, service, after=None, last=None, buffer=None):
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", service.port))
        query = "" if after is None else f"?after={after}"
        header = "" if last is None else f"Last-Event-ID: {last}\r\n"
        self.socket.sendall(f"GET /v1/events{query} HTTP/1.1\r\nHost: a\r\n{header}\r\n".encode())
        self.bytes, self.events = b"", []
        while b"\r\n\r\n" not in self.bytes:
            self.read()
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        self.head = head.decode()

    def read(self):
        piece = self.socket.recv(65536)
        assert piece, "the stream has ended"
        self.bytes += piece

    def next(self, kind=None):
        """The next block as {"event", "id", "data"}, of a kind if one is named; a comment has none of them."""
        while True:
            while b"\n\n" not in self.bytes:
                self.read()
            block, self.bytes = self.bytes.split(b"\n\n", 1)
            fields = dict(line.split(": ", 1) for line in block.decode().splitlines() if ": " in line)
            if "data" in fields:
                fields["data"] = json.loads(fields["data"])
            if kind is None or fields.get("event") == kind:
                return fields

    def silent(self, seconds=0.2):
        return b"\n\n" not in self.bytes and not select.select([self.socket], [], [], seconds)[0]

    def close(self):
        self.socket.close()


@pytest.fixture(scope="module")
def start(demo_database, tmp_path_factory):
    started = []

    def start_one(*more, ready=True):
        service = start_program(tmp_path_factory.mktemp("events") / "serve.log", f"--snapshot={demo_database.snapshot}",
                                f"--database={demo_database.url}", "--access-log=no", "--rate-units=0", *more)
        started.append(service)
        if ready:
            wait_for(lambda: ask(service, "/readyz")[0] == 200, what="ready")
        return service

    yield start_one
    for service in started:
        end_program(service)


@pytest.fixture(scope="module")
def service(start):
    return start()


def publish(database, name):
    database.execute(f"INSERT INTO zone (id, name, class_code, geom, effective, state, approving_authority, document_no, approved_at) VALUES "
                     f"(%s, %s, 'SEC', ST_Multi(ST_Expand(ST_SetSRID(ST_Point(112.9, 33.1), 4490), 0.001)), '[2026-01-01,)', {APPROVED})",
                     name, name)
    return database.value("SELECT version FROM rules_state")


def unpublish(database, name):
    database.execute("DELETE FROM zone WHERE id = %s", name)
    return database.value("SELECT version FROM rules_state")


def test_a_listener_hears_what_a_commit_changed_and_the_process_answers_by_it(service, demo_database):
    listener = Listener(service)
    assert "200 OK" in listener.head and "Content-Type: text/event-stream" in listener.head and "Content-Length" not in listener.head
    assert listener.next("state")["data"] == {"connected": True, "stale": False, "rules_version": demo_database.value("SELECT version FROM rules_state")}
    for act, change in (("create", publish), ("delete", unpublish)):
        version = change(demo_database, "ev1")
        event = listener.next("rules")
        assert ask(service, "/readyz")[1]["rules_version"] >= version, "told of a version before it is in force"
        assert event["id"] == str(version) and event["data"]["rules_version"] == version
        assert event["data"]["changed"] == [{"kind": "zone", "id": "ev1", "act": act}] and event["data"]["changed_count"] == 1
        assert event["data"]["committed_at"].endswith("+08:00")
    listener.close()


def test_a_draft_is_not_named(service, demo_database):
    listener = Listener(service)
    listener.next("state")
    demo_database.execute("INSERT INTO zone (id, name, class_code, geom, effective) VALUES ('ev-draft', 'x', 'SEC', "
                          "ST_Multi(ST_Expand(ST_SetSRID(ST_Point(112.9, 33.1), 4490), 0.001)), '[2026-01-01,)')")
    assert listener.next("rules")["data"]["changed"] == []
    demo_database.execute("DELETE FROM zone WHERE id = 'ev-draft'")
    assert listener.next("rules")["data"]["changed"] == []
    listener.close()


def test_two_processes_on_one_database_tell_the_same(service, start, demo_database):
    listeners = [Listener(service), Listener(start())]
    for listener in listeners:
        listener.next("state")
    versions = [publish(demo_database, "ev2"), unpublish(demo_database, "ev2")]
    heard = [[listener.next("rules") for _ in versions] for listener in listeners]
    assert heard[0] == heard[1]
    assert [int(event["id"]) for event in heard[0]] == versions
    for listener in listeners:
        listener.close()


def test_who_comes_again_hears_what_was_missed_also_after_a_restart(start, demo_database):
    first = start()
    listener = Listener(first)
    listener.next("state")
    last = publish(demo_database, "ev3")
    assert listener.next("rules")["id"] == str(last)
    listener.close()
    missed = [unpublish(demo_database, "ev3"), publish(demo_database, "ev3"), unpublish(demo_database, "ev3")]
    again = Listener(first, last=last)
    told = [again.next("rules") for _ in missed]
    assert [int(event["id"]) for event in told] == missed
    again.close()
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    second = start()
    for later in (Listener(second, last=last), Listener(second, after=last)):
        assert [later.next("rules") for _ in missed] == told
        assert later.silent()
        later.close()


def test_who_was_away_for_too_long_or_has_a_version_of_another_database_is_told_to_read_again(service, start, demo_database):
    version = demo_database.value("SELECT version FROM rules_state")
    listener = Listener(service, last=10**12)
    assert listener.next("reset")["data"] == {"rules_version": wait_for(lambda: ask(service, "/readyz")[1], what="ready")["rules_version"]}
    assert listener.silent()
    listener.close()
    demo_database.execute("DO $$ BEGIN FOR i IN 1..300 LOOP UPDATE zone_class SET name_en = name_en WHERE code = 'SEC'; COMMIT; END LOOP; END $$")
    newest = demo_database.value("SELECT version FROM rules_state")
    assert newest >= version + 300
    late = Listener(start(), last=version)
    assert late.next("reset") == {"event": "reset", "id": str(newest), "data": {"rules_version": newest}}
    assert late.silent()
    late.close()
    wait_for(lambda: ask(service, "/readyz")[1]["rules_version"] == newest, 600, "all versions")


def test_who_comes_before_the_first_rules_is_told_as_soon_as_they_are_there(start, demo_database):
    """With a version that proves to be too old: told to read again, not cut off as one who reads too slowly."""
    newest = demo_database.value("SELECT version FROM rules_state")
    assert newest > 300  # of the test before: more than a process keeps
    with psycopg.connect(demo_database.owner_url) as other:
        other.execute("LOCK TABLE baochang.zone IN ACCESS EXCLUSIVE MODE")
        early = Listener(start(ready=False), last=1)
        assert early.next("state")["data"]["rules_version"] is None
        other.rollback()
    assert early.next("reset") == {"event": "reset", "id": str(newest), "data": {"rules_version": newest}}
    early.close()


def test_a_silence_is_broken_by_a_comment_and_head_ends(start):
    service = start("--events-heartbeat-ms=100")
    listener = Listener(service)
    listener.next("state")
    comments = 0
    while comments < 3:
        comments += listener.next() == {}
    listener.close()
    with service.connect() as sock:
        sock.sendall(b"HEAD /v1/events HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = b""
        while piece := sock.recv(4096):
            answer += piece
        assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"\r\n\r\n")


def listening(service):
    with service.connect() as sock:
        sock.sendall(b"GET /metrics HTTP/1.0\r\nHost: a\r\n\r\n")
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
    return int(float(re.search(rb"^baochang_event_listeners (\S+)", answer, re.M)[1]))


def test_no_more_listen_than_may_and_places_are_given_back(start):
    service = start("--events-max=2")
    listeners = [Listener(service), Listener(service)]
    status, answer = ask(service, "/v1/events")
    assert status == 503 and answer["code"] == "unavailable"
    assert listening(service) == 2
    listeners[0].close()
    wait_for(lambda: listening(service) == 1, what="the place is free")
    third = Listener(service)
    third.next("state")
    third.close()
    listeners[1].close()
    wait_for(lambda: listening(service) == 0, what="all places are free")


def test_a_wrong_last_event_id_is_refused(service):
    assert ask(service, "/v1/events?after=-1")[1]["pointer"] == "/after"
    with service.connect() as sock:
        sock.sendall(b"GET /v1/events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: x\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 400")


def test_a_stop_ends_the_stream_and_does_not_wait_for_it(start):
    service = start()
    listener = Listener(service)
    listener.next("state")
    service.process.send_signal(signal.SIGTERM)
    with pytest.raises(AssertionError, match="ended"):
        while True:
            listener.next()
    assert service.process.wait(20) == 0


def test_versions_are_listed_newest_first_in_pages(service, demo_database):
    newest = demo_database.value("SELECT version FROM rules_state")
    status, page = ask(service, "/v1/versions?limit=3")
    assert status == 200 and [v["rules_version"] for v in page["versions"]] == [newest, newest - 1, newest - 2]
    following = ask(service, f"/v1/versions?limit=2&before={page['next']}")[1]
    assert [v["rules_version"] for v in following["versions"]] == [newest - 3, newest - 4]
    assert ask(service, "/v1/versions?before=2")[1] | {"rules_version": 0} == {
        "rules_version": 0, "next": None, "versions": ask(service, "/v1/versions?before=2")[1]["versions"]}
