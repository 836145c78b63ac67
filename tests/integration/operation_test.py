"""What an operator lives with: the option table's pages, the service manager, the unit's sandbox."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from conftest import PROGRAM, TOP, end_program, start_program


def run(*arguments, **more):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30, **more)


@pytest.mark.parametrize("page,path", [("sample", "docker/baochang.ini.sample"), ("reference", "docker/configuration.md")])
def test_the_pages_in_the_tree_are_those_of_the_option_table(page, path):
    made = run("config", page).stdout
    assert made == (TOP / path).read_text(), f"run: baochang config {page} >{path}"


def test_the_sample_file_is_a_good_file_with_every_default(tmp_path):
    sample = run("config", "sample").stdout
    every = re.sub(r"^#(\w+ = )", r"\1", sample, flags=re.M)
    path = tmp_path / "every.ini"
    path.write_text(every)
    assert run("config", "show", f"--config={path}").stdout == run("config", "show").stdout != ""


def test_secrets_are_not_shown(tmp_path):
    shown = run("config", "show", env={**os.environ, "BAOCHANG_DATABASE": "host=h password=hunter2"}).stdout
    assert "hunter2" not in shown and "database = ***" in shown
    refused = run("serve", "--database=host=h password=hunter2")
    assert refused.returncode == 1 and "hunter2" not in refused.stderr


def test_usage_lists_the_commands():
    done = run("--help")
    assert done.returncode == 0 and "serve" in done.stdout and "config" in done.stdout
    assert run("no-such-command").returncode == 2


@pytest.mark.parametrize("command", ["migrate", "import", "prepare", "route", "serve", "key", "check", "config",
                                     "completion", "man"])
def test_help_of_a_command_is_an_answer(command):
    done = run(command, "--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: baochang " + command) and done.stderr == ""


def test_completion_and_manual_are_those_of_the_program():
    docker = TOP / "docker"
    assert run("completion", "bash").stdout == (docker / "baochang.bash").read_text(encoding="utf-8")
    assert run("man").stdout == (docker / "baochang.1").read_text(encoding="utf-8")


@pytest.mark.parametrize("typed, cword, expected", [
    (["baochang", "pre"], 1, ["prepare"]),
    (["baochang", "key", ""], 2, ["create", "list", "revoke", "--role="]),
    (["baochang", "route", "--veh"], 2, ["--vehicle="]),
    (["baochang", "route", "--vehicle", "=", "truck_6"], 4, ["truck_6_axle"]),
    (["baochang", "serve", "--language", "="], 3, ["zh", "en"]),
    (["baochang", "prepare", "--snap"], 2, ["--snapshot="]),
])
def test_the_shell_completes_commands_options_and_values(typed, cword, expected):
    words = " ".join(f"'{w}'" for w in typed)
    script = (f"{run('completion', 'bash').stdout}\ncompopt() {{ :; }}\nCOMP_WORDS=({words}); COMP_CWORD={cword}; _baochang; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == "" and set(expected) <= set(done.stdout.split())


def test_an_option_without_its_value_says_how_to_write_it():
    refused = run("serve", "--port", "8081")
    assert refused.returncode == 1 and "--name=value" in refused.stderr


def test_the_service_manager_is_told(tmp_path, serve):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(10)
        service = serve(env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"})
        assert manager.recv(100) == b"READY=1"
        start = time.monotonic()
        assert manager.recv(100) == b"WATCHDOG=1"
        assert manager.recv(100) == b"WATCHDOG=1"
        assert time.monotonic() - start > 0.2
        service.process.send_signal(signal.SIGTERM)
        said = b""
        while said != b"STOPPING=1":
            said = manager.recv(100)
            assert said in (b"STOPPING=1", b"WATCHDOG=1")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
def test_the_unit_is_sandboxed():
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=15", str(TOP / "docker/baochang.service")],
                          capture_output=True, text=True, timeout=60)
    exposure = re.search(r"Overall exposure level[^:]*: ([\d.]+)", done.stdout)
    assert exposure and float(exposure[1]) <= 1.5, done.stdout[-500:] + done.stderr


def test_the_time_limits_of_the_samples_fit_the_programs():
    """Whoever stands in front waits longer than we do, or its answer would hide ours."""
    shown = dict(line.split(" = ", 1) for line in run("config", "show").stdout.splitlines())
    request_s, idle_s, stop_s = (int(shown[k]) / 1000 for k in ("request_ms", "idle_ms", "stop_ms"))
    haproxy = (TOP / "docker/haproxy.cfg").read_text()
    nginx = (TOP / "docker/nginx.conf").read_text()
    unit = (TOP / "docker/baochang.service").read_text()
    assert int(re.search(r"timeout server (\d+)s", haproxy)[1]) > request_s
    assert int(re.search(r"proxy_read_timeout (\d+)s", nginx)[1]) > request_s
    assert int(re.search(r"keepalive_timeout (\d+)s", nginx)[1]) < idle_s
    assert int(re.search(r"keepalive_requests (\d+)", nginx)[1]) < int(shown["requests_per_connection_max"])
    assert int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]) > stop_s + 2


TILES = "https://tiles.example:8443/{z}/{x}/{y}.png?key=k"


def test_a_base_map_is_told_to_the_page_and_let_in_by_its_policy_alone(demo_service, tmp_path):
    service = start_program(tmp_path / "serve.log", f"--snapshot={demo_service.database.snapshot}", f"--database={demo_service.database.url}",
                            f"--basemap={TILES}", "--basemap-crs=gcj02", "--basemap-attribution=天地图")
    try:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
        connection.request("GET", "/v1/network")
        assert json.loads(connection.getresponse().read())["basemap"] == {"tiles": TILES, "attribution": "天地图", "crs": "gcj02"}
        connection.request("GET", "/")
        response = connection.getresponse()
        response.read()
        policy = response.getheader("Content-Security-Policy")
        assert policy.count("https://tiles.example:8443") == 2 and "'unsafe" not in policy and "key=k" not in policy
    finally:
        end_program(service)
    assert "basemap" not in demo_service.ask("/v1/network")[1]


@pytest.mark.parametrize("tiles", ["http://tiles.example/{z}/{x}/{y}.png", "https://tiles.example/{z}/{x}.png", "https://a b/{z}/{x}/{y}",
                                   "https://tiles.example;script-src *//{z}/{x}/{y}", "tiles.example/{z}/{x}/{y}"])
def test_a_base_map_that_the_page_could_not_use_does_not_start(demo_service, tmp_path, tiles):
    with pytest.raises(RuntimeError, match="base map"):
        start_program(tmp_path / "serve.log", f"--snapshot={demo_service.database.snapshot}", f"--database={demo_service.database.url}",
                      f"--basemap={tiles}", "--language=en")
