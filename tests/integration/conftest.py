"""Fixtures of the integration tests: the real program, started on loopback ports of its own, and stopped again.

    def test_x(serve):
        service = serve("--idle-ms=200")          # every test that wants its own
    def test_y(plain_service): …                  # one for the module, without network and database

Composable: a fixture that makes a database calls `start_program` with what it made.
"""
import dataclasses
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

from database_fixture import cluster, database, demo_database, empty_database  # noqa: F401  fixtures

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("BAOCHANG_PROGRAM", str(TOP / "build/release/baochang"))


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: not repeated under the sanitizers")


@dataclasses.dataclass
class Service:
    """A running `baochang serve`."""
    process: subprocess.Popen
    log: pathlib.Path
    port: int = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def connect(self, timeout=60):
        sock = socket.create_connection(("127.0.0.1", self.port), timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def lines(self, event=None):
        text = self.log.read_text(errors="replace")
        return [line for line in text.splitlines() if event is None or f" event={event} " in line]

    def stop(self, sig=signal.SIGTERM, timeout=120):
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(timeout)


def start_program(log, *arguments, env=None, wait=True, **popen):
    """Starts `baochang serve` on a free port; `env` is added to ours, BAOCHANG_* of the caller is taken out."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BAOCHANG_")}
    with open(log, "wb") as out:
        process = subprocess.Popen([PROGRAM, "serve", "--port=0", *arguments], stderr=out, stdout=subprocess.DEVNULL,
                                   env={**clean, **(env or {})}, **popen)
    service = Service(process, pathlib.Path(log))
    deadline = time.monotonic() + 180
    while wait and service.port == 0:
        found = re.search(r"event=serving .*\bport=(\d+)", service.log.read_text(errors="replace"))
        if found:
            service.port = int(found[1])
        elif process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError("the service did not start:\n" + service.log.read_text(errors="replace"))
        else:
            time.sleep(0.02)
    return service


def end_program(service):
    """Stops it and looks for what sanitizers and asserts leave behind."""
    service.stop()
    text = service.log.read_text(errors="replace")
    for mark in ("AddressSanitizer", "LeakSanitizer", "runtime error:", "Assertion"):
        assert mark not in text, text[-6000:]


# What a service without database and network is started with: it answers /livez, /version, /metrics, is never ready.
PLAIN = ("--snapshot=", "--database=")


@pytest.fixture
def serve(tmp_path):
    """serve(*arguments, env=…) starts a service without database; several may be started."""
    started = []

    def start(*arguments, **more):
        service = start_program(tmp_path / f"serve{len(started)}.log", *PLAIN, *arguments, **more)
        started.append(service)
        return service

    yield start
    for service in started:
        end_program(service)


@pytest.fixture(scope="module")
def plain_service(tmp_path_factory):
    service = start_program(tmp_path_factory.mktemp("serve") / "serve.log", *PLAIN)
    yield service
    end_program(service)


from demo_fixture import demo_service  # noqa: E402,F401  a fixture that uses what is above
