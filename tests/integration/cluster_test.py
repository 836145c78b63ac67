"""data/private_cluster.sh: makes, starts and stops one cluster in one folder, whatever happened before."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg
import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "data/private_cluster.sh"
ROOT = os.geteuid() == 0
pytestmark = pytest.mark.slow  # nothing of ours in C runs here


def run(verb, folder, *arguments, check=True, prefix=(), **env):
    with tempfile.TemporaryFile() as out:
        done = subprocess.run([*prefix, str(SCRIPT), verb, str(folder), *arguments], stdout=out, stderr=subprocess.STDOUT, check=False,
                              env={**os.environ, "BAOCHANG_CLUSTER_OPTIONS": "-c fsync=off", **env})
        out.seek(0)
        text = out.read().decode().strip()
    assert not check or done.returncode == 0, text
    return text if check else (done.returncode, text)


def connect(folder, **more):
    return psycopg.connect(run("url", folder), **more)


def server_pid(folder):
    return int((pathlib.Path(folder) / "data/postmaster.pid").read_text().split()[0])


@pytest.fixture
def place():
    folder = tempfile.mkdtemp(prefix="baochang-cluster.", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    os.chmod(folder, 0o755)
    yield pathlib.Path(folder)
    for data in pathlib.Path(folder).glob("**/data/PG_VERSION"):
        run("stop", data.parent.parent)
    shutil.rmtree(folder)


def test_a_second_start_changes_nothing_and_data_survives_a_stop(place):
    run("start", place)
    with connect(place) as connection:
        assert connection.execute("SELECT postgis_version() IS NOT NULL, current_user::text").fetchone() == (True, "baochang")
    with psycopg.connect(run("owner-url", place)) as connection:
        connection.execute("CREATE TABLE kept (a int)")
    pid = server_pid(place)
    run("start", place)
    assert server_pid(place) == pid
    run("stop", place)
    assert run("status", place, check=False)[0] == 3
    run("stop", place)
    run("start", place)
    with psycopg.connect(run("owner-url", place)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_it_starts_again_after_kill_9(place):
    run("start", place)
    os.kill(server_pid(place), signal.SIGKILL)
    run("start", place)
    with connect(place) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_stale_pid_file_never_hits_an_innocent_process(place):
    run("start", place)
    os.kill(server_pid(place), signal.SIGKILL)
    time.sleep(0.5)
    innocent = subprocess.Popen(["sleep", "60"])
    try:
        for name in ("data/postmaster.pid", f"socket/.s.PGSQL.{(place / 'port').read_text().strip()}.lock"):
            lines = (place / name).read_text().splitlines(keepends=True)
            (place / name).write_text(f"{innocent.pid}\n" + "".join(lines[1:]))
        assert run("status", place, check=False)[0] == 3
        run("stop", place)
        assert innocent.poll() is None
        run("start", place)
        assert innocent.poll() is None
        with connect(place) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        innocent.kill()
        innocent.wait()


def test_an_interrupted_first_start_leaves_nothing_half_made(place):
    (place / "data.new").mkdir()
    (place / "data.new" / "PG_VERSION").write_text("15\n")
    run("start", place)
    with connect(place) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_long_path_gets_a_short_socket_folder(place):
    folder = place / ("a long path with blanks " * 5).strip() / "cluster"
    folder.mkdir(parents=True)
    run("start", folder)
    sockets = (folder / "sockets").read_text().strip()
    assert len(sockets) < 80 and not sockets.startswith(str(place))
    assert os.stat(sockets).st_mode & 0o077 == 0
    with connect(folder) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    run("stop", folder)
    assert not os.path.exists(sockets)


@pytest.mark.skipif(not ROOT, reason="only root has a home that others cannot enter and still runs servers")
def test_it_works_below_a_folder_that_only_root_may_enter(place):
    os.chmod(place, 0o700)
    folder = place / "home" / "clone" / "build"
    folder.mkdir(parents=True)
    run("start", folder)
    with connect(folder) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    os.kill(server_pid(folder), signal.SIGKILL)
    run("start", folder)
    run("stop", folder)


@pytest.mark.skipif(not ROOT, reason="needs root to become someone else")
def test_a_user_without_rights_runs_it_as_himself(place):
    nobody = pwd.getpwnam("nobody")
    folder = place / "mine"
    folder.mkdir()
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    prefix = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    run("start", folder, prefix=prefix, HOME="/")
    assert os.stat(f"/proc/{server_pid(folder)}").st_uid == nobody.pw_uid
    # root may look after it, too
    run("stop", folder)
    run("start", folder)
    assert os.stat(f"/proc/{server_pid(folder)}").st_uid == nobody.pw_uid


def test_two_clusters_do_not_know_of_each_other(place):
    one, two = place / "one", place / "two"
    run("start", one)
    run("start", two)
    run("stop", one)
    with connect(two) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_nobody_else_can_connect_and_there_is_no_tcp(place):
    run("start", place)
    socket = pathlib.Path((place / "sockets").read_text().strip())
    assert os.stat(socket).st_mode & 0o077 == 0
    with psycopg.connect(run("owner-url", place)) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_bad_name_for_a_database_is_refused(place):
    code, text = run("createdb", place, "x; DROP DATABASE baochang", check=False)
    assert code == 1 and "no name" in text
