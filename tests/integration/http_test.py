"""Hostile, careless and hurried clients against the real program on raw sockets."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from conftest import PROGRAM

HOST = b"Host: localhost\r\n"
LIVEZ = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def problem(self):
        assert self.headers["content-type"] == "application/problem+json"
        return json.loads(self.body)


def read_answer(sock, rest=b"", head_only=False):
    """One answer from the socket; returns it and what was read beyond it. None at the end of input."""
    data = rest
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        if not part:
            assert not data, data
            return None, b""
        data += part
    head, _, data = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert re.fullmatch(r"HTTP/1\.1 \d{3} [A-Za-z -]+", lines[0]), lines[0]
    headers = {}
    for line in lines[1:]:
        name, value = line.split(": ", 1)
        assert name.lower() not in headers, line
        headers[name.lower()] = value
    status = int(lines[0].split()[1])
    length = 0 if head_only or status in (100, 204, 304) else int(headers["content-length"])
    while len(data) < length:
        part = sock.recv(65536)
        assert part, "the body breaks off"
        data += part
    return Answer(status, headers, data[:length]), data[length:]


def ask(service, request, **more):
    with service.connect() as sock:
        sock.sendall(request)
        return read_answer(sock, **more)[0]


def is_closed(sock, within=30):
    """Whether the peer ends the connection within some seconds without saying more."""
    sock.settimeout(within)
    try:
        data = sock.recv(65536)
    except ConnectionResetError:
        return True
    except socket.timeout:
        return False
    assert data == b"", data
    return True


def eventually(condition, within=60):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def still_serves(service):
    return ask(service, LIVEZ).status == 200


# ---- what every answer has ---------------------------------------------------------------------------------------

def test_the_operation_routes_answer(plain_service):
    alive = ask(plain_service, LIVEZ)
    assert (alive.status, json.loads(alive.body)) == (200, {"status": "alive"})
    assert alive.headers["content-type"] == "application/json"
    assert alive.headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT", alive.headers["date"])
    version = ask(plain_service, b"GET /version HTTP/1.1\r\n" + HOST + b"\r\n")
    assert json.loads(version.body)["name"] == "baochang"
    ready = ask(plain_service, b"GET /readyz HTTP/1.1\r\n" + HOST + b"\r\n")
    assert ready.status == 503 and ready.problem["code"] == "unavailable" and "retry-after" in ready.headers


def test_metrics_are_prometheus_text(plain_service):
    ask(plain_service, LIVEZ)
    text = ask(plain_service, b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n").body.decode()
    sample = re.compile(r'baochang_[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (\d+(\.\d+)?([eE][+-]?\d+)?|\+Inf)')
    for line in text.strip().split("\n"):
        assert line.startswith("# ") or sample.fullmatch(line), line
    assert re.search(r'http_requests_total\{route="livez",class="2xx"\} [1-9]', text)
    # a histogram's buckets only rise, and the last is the count
    buckets = [int(n) for n in re.findall(r'duration_seconds_bucket\{route="livez",le="[^"]+"\} (\d+)', text)]
    count = int(re.search(r'duration_seconds_count\{route="livez"\} (\d+)', text)[1])
    assert buckets == sorted(buckets) and buckets[-1] == count


def test_a_sane_request_id_is_kept_and_a_foul_one_replaced(plain_service):
    def id_for(value):
        return ask(plain_service, b"GET /livez HTTP/1.1\r\n" + HOST + b"X-Request-Id: " + value + b"\r\n\r\n").headers["x-request-id"]
    assert id_for(b"abc-12345") == "abc-12345"
    for foul in (b"short", b"a" * 65, b"a b c d e f", b"<script>alert(1)", b"\xe8\xb1\xab\xe8\xb1\xab\xe8\xb1\xab"):
        assert re.fullmatch(r"[0-9a-f]{16}", id_for(foul))


def test_problems_speak_the_clients_language(plain_service):
    def detail(language):
        header = b"Accept-Language: " + language + b"\r\n" if language else b""
        return ask(plain_service, b"GET /nowhere HTTP/1.1\r\n" + HOST + header + b"\r\n").problem["detail"]
    assert detail(b"") == detail(b"zh-CN") == detail(b"fr") == "没有这个地址"
    assert detail(b"en-GB, zh;q=0.5") == "there is nothing at this path"


def test_head_has_the_headers_and_no_body(plain_service):
    with plain_service.connect() as sock:
        sock.sendall(b"HEAD /livez HTTP/1.1\r\n" + HOST + b"\r\n" + b"HEAD /nowhere HTTP/1.1\r\n" + HOST + b"\r\n" + LIVEZ)
        head, rest = read_answer(sock, head_only=True)
        assert head.status == 200 and int(head.headers["content-length"]) == len(ask(plain_service, LIVEZ).body)
        missing, rest = read_answer(sock, rest, head_only=True)
        assert missing.status == 404
        assert read_answer(sock, rest)[0].status == 200


def test_a_wrong_method_is_told_the_right_ones(plain_service):
    for method in (b"DELETE", b"OPTIONS"):
        answer = ask(plain_service, method + b" /livez HTTP/1.1\r\n" + HOST + b"\r\n")
        assert answer.status == 405 and answer.headers["allow"] == "GET, HEAD"
        assert answer.problem["code"] == "method_not_allowed"


# ---- what is refused ---------------------------------------------------------------------------------------------

REFUSED = {
    "bare_lf": (b"GET /livez HTTP/1.1\nHost: a\n\n", 400),
    "bare_lf_in_headers": (b"GET /livez HTTP/1.1\r\n" + HOST + b"X: y\n\r\n", 400),
    "bare_cr": (b"GET /livez HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400),
    "empty_line_first": (b"\r\n" + LIVEZ, 400),
    "folded": (b"GET /livez HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n", 400),
    "blank_before_colon": (b"GET /livez HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    "nul_in_value": (b"GET /livez HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", 400),
    "nul_in_target": (b"GET /li\0vez HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "no_host": (b"GET /livez HTTP/1.1\r\n\r\n", 400),
    "two_hosts": (b"GET /livez HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    "absolute_target": (b"GET http://localhost/livez HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "two_lengths": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    "length_list": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 3,3\r\n\r\nabc", 400),
    "signed_length": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: +3\r\n\r\nabc", 400),
    "huge_length": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999\r\n\r\n", 400),
    "get_with_body": (b"GET /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc", 400),
    "no_length": (b"POST /livez HTTP/1.1\r\n" + HOST + b"\r\n", 411),
    "chunked": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    "chunked_and_length": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    "chunked_in_disguise": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: \tchunked\r\n\r\n0\r\n\r\n", 411),
    "strange_expectation": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nExpect: tea\r\n\r\nabc", 417),
    "long_target": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    "many_headers": (b"GET /livez HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: y\r\n" % i for i in range(70)) + b"\r\n", 431),
    "huge_head": (b"GET /livez HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 20000 + b"\r\n\r\n", 431),
    "unknown_method": (b"BREW /livez HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    "trace": (b"TRACE /livez HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    "connect": (b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    "http2_preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 501),
    "http_0_9": (b"GET /livez\r\n", 400),
    "version_2": (b"GET /livez HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    "tls": (bytes.fromhex("16030100c8010000c40303") + b"\0" * 40, 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_doubtful_bytes_are_refused_and_nothing_after_them_is_read(plain_service, name):
    request, status = REFUSED[name]
    with plain_service.connect() as sock:
        sock.sendall(request + LIVEZ)
        answer, rest = read_answer(sock)
        assert answer.status == status
        assert answer.headers["connection"] == "close"
        assert answer.problem["status"] == status
        assert rest == b"" and is_closed(sock)
    assert still_serves(plain_service)


@pytest.mark.parametrize("target,code", [
    (b"/%00", "invalid_value"), (b"/livez%0d%0aX:y", "invalid_value"), (b"/a%2flivez", "invalid_value"),
    (b"/../livez", "invalid_value"), (b"/%2e%2e/livez", "invalid_value"), (b"/./livez", "invalid_value"),
    (b"//livez", "invalid_value"), (b"/livez//", "invalid_value"), (b"/livez%", "invalid_value"),
    (b"/%c0%af", "invalid_value"), (b"/livez?a", "invalid_value"), (b"/livez?", None),
    (b"/livez?x=1&x=2", "duplicate_member"), (b"/livez?unheard=1", "unknown_member"), (b"/livez?%3Cscript%3E=1", "unknown_member"),
])
def test_targets_are_decoded_once_and_strictly(plain_service, target, code):
    with plain_service.connect() as sock:
        sock.sendall(b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n" + LIVEZ)
        answer, rest = read_answer(sock)
        if code is None:
            assert answer.status == 200
        else:
            assert answer.status == 400 and answer.problem["code"] == code
            assert b"<script>" not in answer.body or answer.headers["content-type"] == "application/problem+json"
        assert read_answer(sock, rest)[0].status == 200  # framing was sound: the connection goes on


def test_duplicate_and_unknown_keys_are_named(plain_service):
    twice = ask(plain_service, b"GET /livez?at=1&at=2 HTTP/1.1\r\n" + HOST + b"Accept-Language: en\r\n\r\n").problem
    assert twice["pointer"] == "?at" and "at" in twice["detail"]
    unknown = ask(plain_service, b"GET /livez?crs=1 HTTP/1.1\r\n" + HOST + b"Accept-Language: en\r\n\r\n").problem
    assert unknown["pointer"] == "?crs" and "crs" in unknown["detail"]


# ---- framing -------------------------------------------------------------------------------------------------------

def test_the_body_of_a_refused_request_is_not_taken_for_a_request(plain_service):
    hidden = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"
    with plain_service.connect() as sock:
        sock.sendall(b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(hidden) + hidden + LIVEZ)
        first, rest = read_answer(sock)
        assert first.status == 405
        second, rest = read_answer(sock, rest)
        assert second.status == 200 and rest == b""


def test_the_large_body_of_a_refused_request_closes_the_connection(plain_service):
    with plain_service.connect() as sock:
        sock.sendall(b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 500000\r\n\r\n")
        sock.sendall(b"x" * 200000)  # a client that sends on is not met by a reset before it has read the answer
        answer, rest = read_answer(sock)
        assert answer.status == 405 and answer.headers["connection"] == "close"
        assert is_closed(sock)


def test_a_client_that_waits_for_continue_gets_the_verdict_instead(plain_service):
    with plain_service.connect() as sock:
        sock.sendall(b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\nExpect: 100-continue\r\n\r\n")
        answer, _ = read_answer(sock)
        assert answer.status == 405 and answer.headers["connection"] == "close"
        assert is_closed(sock)


def test_pipelined_requests_are_answered_in_order(plain_service):
    wishes = [b"/livez", b"/version", b"/nowhere"] * 70
    with plain_service.connect() as sock:
        sock.sendall(b"".join(b"GET " + w + b" HTTP/1.1\r\n" + HOST + b"X-Request-Id: number-%d\r\n\r\n" % i for i, w in enumerate(wishes)))
        rest = b""
        for i, wish in enumerate(wishes):
            answer, rest = read_answer(sock, rest)
            assert answer.status == (404 if wish == b"/nowhere" else 200)
            assert answer.headers["x-request-id"] == f"number-{i}"


def test_a_request_in_single_bytes_is_understood(plain_service):
    with plain_service.connect() as sock:
        for byte in b"GET /version HTTP/1.1\r\n" + HOST + b"\r\n":
            sock.sendall(bytes([byte]))
        assert read_answer(sock)[0].status == 200


def test_a_client_may_close_its_sending_side(plain_service):
    with plain_service.connect() as sock:
        sock.sendall(LIVEZ * 100)
        sock.shutdown(socket.SHUT_WR)
        rest = b""
        for _ in range(100):
            answer, rest = read_answer(sock, rest)
            assert answer.status == 200
        assert is_closed(sock)


def test_http_1_0_closes_after_the_answer(plain_service):
    with plain_service.connect() as sock:
        sock.sendall(b"GET /livez HTTP/1.0\r\n" + HOST + b"Connection: keep-alive\r\n\r\n")
        answer, _ = read_answer(sock)
        assert answer.status == 200 and answer.headers["connection"] == "close" and is_closed(sock)


def test_connection_close_is_honoured(plain_service):
    with plain_service.connect() as sock:
        sock.sendall(b"GET /livez HTTP/1.1\r\n" + HOST + b"Connection: foo , Close\r\n\r\n" + LIVEZ)
        answer, rest = read_answer(sock)
        assert answer.headers["connection"] == "close" and rest == b"" and is_closed(sock)


def test_a_connection_ends_after_its_last_request(serve):
    service = serve("--requests-per-connection-max=5")
    with service.connect() as sock:
        sock.sendall(LIVEZ * 7)
        rest = b""
        for i in range(5):
            answer, rest = read_answer(sock, rest)
            assert ("connection" in answer.headers) == (i == 4)
        assert rest == b"" and is_closed(sock)


# ---- deadlines -----------------------------------------------------------------------------------------------------

def test_slow_heads_end_at_the_deadline_however_they_drip(serve):
    service = serve("--head-ms=1000")
    with service.connect() as sock:
        start, answer = time.monotonic(), b""
        sock.sendall(b"GET /")
        sock.settimeout(0.05)
        while time.monotonic() - start < 30 and not answer:
            try:
                sock.sendall(b"X")  # activity does not extend an absolute deadline
                answer = sock.recv(65536)
            except socket.timeout:
                pass
        assert answer.startswith(b"HTTP/1.1 408 ") and 0.7 < time.monotonic() - start < 4.5  # not the default of 5 s
    with service.connect() as sock:  # says nothing at all: no answer to nothing
        start = time.monotonic()
        assert is_closed(sock) and 0.7 < time.monotonic() - start < 4.5


def test_idle_connections_are_closed(serve):
    service = serve("--idle-ms=600")
    with service.connect() as sock:
        sock.sendall(LIVEZ)
        assert read_answer(sock)[0].status == 200
        start = time.monotonic()
        assert is_closed(sock) and 0.3 < time.monotonic() - start < 20  # not the default of 30 s


def test_many_slow_clients_do_not_keep_others_waiting(serve):
    service = serve("--head-ms=60000")
    slow = [service.connect() for _ in range(300)]
    for sock in slow:
        sock.sendall(b"GET /livez HT")
    start = time.monotonic()
    for _ in range(50):
        assert still_serves(service)
    assert time.monotonic() - start < 30
    for sock in slow:
        sock.close()


def test_a_client_that_does_not_read_is_cut_off(serve):
    service = serve("--write-ms=1000", "--requests-per-connection-max=1000000")
    with service.connect() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(1)
        many = (b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n") * 500
        start = time.monotonic()
        try:
            while time.monotonic() - start < 10:
                sock.sendall(many)
        except (ConnectionResetError, BrokenPipeError):
            assert time.monotonic() - start < 9
        except socket.timeout:
            # our requests are not read either while answers wait: the connection must be gone soon
            sock.settimeout(30)
            time.sleep(2)
            with pytest.raises((ConnectionResetError, BrokenPipeError)):
                for _ in range(200):
                    sock.send(b"GET")
                    time.sleep(0.1)
        else:
            pytest.fail("it took answers for ever")
    assert still_serves(service)
    rss = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{service.process.pid}/status").read())[1])
    assert rss < 400_000  # kB; the sanitized program is the larger


# ---- load ----------------------------------------------------------------------------------------------------------

def test_connections_beyond_the_cap_wait_in_the_kernel(serve):
    service = serve("--connections-max=20", "--threads=1", "--head-ms=60000")
    first = [service.connect() for _ in range(20)]
    for sock in first:
        sock.sendall(LIVEZ)
        assert read_answer(sock)[0].status == 200
    with service.connect() as waiting:
        waiting.sendall(LIVEZ)
        waiting.settimeout(0.5)
        with pytest.raises(socket.timeout):
            waiting.recv(1)
        first.pop().close()
        waiting.settimeout(5)
        assert read_answer(waiting)[0].status == 200
    for sock in first:
        sock.close()
    assert still_serves(service)


def test_without_descriptors_it_pauses_and_logs_one_line_a_second(serve):
    def few():
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))
    service = serve("--threads=1", "--workers=1", "--head-ms=3000", preexec_fn=few)
    began = time.monotonic()
    crowd = [service.connect() for _ in range(100)]
    eventually(lambda: service.lines("accept_paused"))
    time.sleep(1.5)
    assert len(service.lines("accept_paused")) <= 2 + (time.monotonic() - began)
    for sock in crowd:
        sock.close()
    time.sleep(0.5)
    assert still_serves(service)


def test_hundreds_of_connections_are_served_together(plain_service):
    crowd = [plain_service.connect() for _ in range(500)]
    for _ in range(3):
        for sock in crowd:
            sock.sendall(LIVEZ)
        for sock in crowd:
            assert read_answer(sock)[0].status == 200
    for sock in crowd:
        sock.close()


def test_rubbish_from_many_sides_does_not_disturb_it(plain_service):
    import random
    def rubbish(seed):
        rng = random.Random(seed)
        for _ in range(30):
            try:
                with plain_service.connect() as sock:
                    data = bytearray(LIVEZ * rng.randint(1, 4))
                    for _ in range(rng.randint(0, 6)):
                        data[rng.randrange(len(data))] = rng.randrange(256)
                    sock.sendall(bytes(data[:rng.randint(1, len(data))]))
                    if rng.random() < 0.5:
                        sock.settimeout(0.05)
                        sock.recv(1000)
                    if rng.random() < 0.3:
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # leaves by reset
            except (socket.timeout, ConnectionResetError, BrokenPipeError):
                pass
    threads = [threading.Thread(target=rubbish, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert still_serves(plain_service)


@pytest.mark.slow
def test_memory_and_descriptors_stay_flat(serve):
    import random
    service = serve("--access-log=off", "--head-ms=400", "--idle-ms=400", "--rate-units=1000")
    proc = f"/proc/{service.process.pid}"

    def figures():
        rss = int(re.search(r"VmRSS:\s+(\d+)", open(proc + "/status").read())[1])
        return rss, len(os.listdir(proc + "/fd"))

    def crowd(seed, until):
        rng = random.Random(seed)
        kinds = [LIVEZ * 20, b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n", b"GET /nowhere HTTP/1.1\r\n" + HOST + b"\r\n",
                 b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 900\r\n\r\n" + b"x" * 300, b"GET /li", b"\0", LIVEZ[:-2]]
        while time.monotonic() < until:
            try:
                with service.connect() as sock:
                    sock.sendall(rng.choice(kinds) if rng.random() < 0.9 else b"GET /a?" + b"k=v&" * 1500)
                    sock.settimeout(rng.random() * 0.1)
                    sock.recv(100000)
            except OSError:
                pass

    def round_of(seconds):
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=crowd, args=(n, until)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        time.sleep(1.2)
        return figures()

    first = round_of(2)
    last = [round_of(2) for _ in range(3)][-1]
    eventually(lambda: figures()[1] == first[1])
    assert last[0] - first[0] < 3000, (first, last)  # kB
    assert still_serves(service)


# ---- starting and stopping -------------------------------------------------------------------------------------------

def test_a_stop_answers_what_comes_on_open_connections_and_ends(serve):
    service = serve()
    with service.connect() as sock:
        sock.sendall(LIVEZ)
        assert read_answer(sock)[0].status == 200
        service.process.send_signal(signal.SIGTERM)
        eventually(lambda: service.lines("stopping"))
        time.sleep(0.4)
        sock.sendall(LIVEZ)
        answer, _ = read_answer(sock)
        assert answer.status == 200 and answer.headers["connection"] == "close"
    assert service.process.wait(60) == 0
    assert service.lines("stopped")


def test_a_port_in_use_is_said_plainly(serve):
    service = serve()
    done = subprocess.run([PROGRAM, "serve", f"--port={service.port}", "--snapshot=", "--database="], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "start_failed" in done.stderr and str(service.port) in done.stderr


def test_wrong_options_are_named(serve):
    for argument, word in (("--port=70000", "port"), ("--no-such=1", "--no-such"), ("--language=fr", "language")):
        done = subprocess.run([PROGRAM, "serve", argument], capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and word in done.stderr, done.stderr


def test_sockets_of_the_service_manager_are_used(tmp_path, serve):
    """Restart without a lost request: the manager holds the socket, one program leaves, the next one comes."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=200)
    port = listening.getsockname()[1]
    # LISTEN_PID must be the program's own: a small launcher knows it
    launcher = ("import os, sys\n"
                f"os.dup2({listening.fileno()}, 3)\nos.set_inheritable(3, True)\n"
                "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\n"
                "os.execv(sys.argv[1], sys.argv[1:])\n")

    def start(n):
        log = tmp_path / f"activated{n}.log"
        with open(log, "wb") as out:
            process = subprocess.Popen([sys.executable, "-c", launcher, PROGRAM, "serve", "--snapshot=", "--database="],
                                       stderr=out, pass_fds=[listening.fileno()])
        deadline = time.monotonic() + 60
        while "event=serving " not in log.read_text(errors="replace"):  # a signal before that would end it as any program
            assert process.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.02)
        return process

    failures, answered, stop = [], [0], threading.Event()

    def client():
        while not stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", port), 20) as sock:
                    sock.sendall(LIVEZ)
                    answer, _ = read_answer(sock)
                    assert answer is not None and answer.status == 200
                    answered[0] += 1
            except Exception as failure:  # noqa: BLE001  every kind of loss counts
                failures.append(repr(failure))

    first = start(1)
    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    for n in (2, 3):
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
        first = start(n)
        time.sleep(0.5)
    eventually(lambda: failures or answered[0] > 50)
    stop.set()
    for thread in threads:
        thread.join()
    first.send_signal(signal.SIGTERM)
    assert first.wait(60) == 0
    listening.close()
    assert failures == [] and answered[0] > 50


def test_hangup_reads_the_options_again(tmp_path, serve):
    path = tmp_path / "baochang.ini"
    path.write_text("log_level = info\n")
    service = serve(f"--config={path}")
    path.write_text("log_level = debug\nconnections_max = 7\n")
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: service.lines("reloaded"))
    assert "need_restart=1" in service.lines("reloaded")[0]
    path.write_text("log_level = nonsense\n")
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: service.lines("reload_failed"))
    assert "log_level" in service.lines("reload_failed")[0] and still_serves(service)


def test_refusals_do_not_flood_the_log(serve):
    service = serve("--access-log=off")
    with service.connect() as sock:
        rest = b""
        for _ in range(20):
            sock.sendall((b"GET /readyz HTTP/1.1\r\n" + HOST + b"\r\n") * 40)
            for _ in range(40):
                answer, rest = read_answer(sock, rest)
                assert answer.status == 503
    service.stop()
    lines = service.lines("problem")
    assert 1 <= len(lines) <= 6
    assert "suppressed=" in lines[0]


def test_log_lines_hold_the_route_and_never_the_path(serve):
    service = serve()
    ask(service, b"GET /livez?plate=YU-R12345 HTTP/1.1\r\n" + HOST + b"\r\n")
    ask(service, b"GET /nowhere/112.53/33.01 HTTP/1.1\r\n" + HOST + b"\r\n")
    service.stop()
    lines = service.lines("http_request")
    assert len(lines) == 2
    assert all(re.fullmatch(r"ts=\S+ level=info event=http_request id=\S+ method=GET route=(livez|none) status=4\d\d ms=\d+\.\d{3} bytes=\d+", line) for line in lines)
    assert "R12345" not in service.log.read_text() and "112.53" not in service.log.read_text()
