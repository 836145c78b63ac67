"""A private PostGIS for the integration tests: one cluster for the session, a fresh migrated database for each module.

    def test_x(database):
        with database.connect() as connection: …            # psycopg, as the service's role
        database.execute("UPDATE zone SET …")               # as the owner, committed
        start_program(log, f"--database={database.url}", …)
"""
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import psycopg
import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = TOP / "data/private_cluster.sh"
PROGRAM = os.environ.get("BAOCHANG_PROGRAM", str(TOP / "build/release/baochang"))


def openapi_document():
    """The description of the interface, as it was joined for the program that is tested."""
    return json.loads((pathlib.Path(PROGRAM).parent / "gen/openapi.json").read_text(encoding="utf-8"))


class Cluster:
    def __init__(self, folder):
        self.folder = folder

    def run(self, verb, *arguments):
        # the server must not inherit our pipes, or reading them would wait for its end
        with tempfile.TemporaryFile() as out:
            done = subprocess.run([SCRIPT, verb, self.folder, *arguments], stdout=out, stderr=subprocess.STDOUT, check=False,
                                  env={**os.environ, "BAOCHANG_CLUSTER_OPTIONS": "-c fsync=off"})
            out.seek(0)
            text = out.read().decode()
        assert done.returncode == 0, text
        return text.strip()

    def start(self):
        self.run("start")

    def stop(self):
        self.run("stop")

    def pid(self):
        return int(pathlib.Path(self.folder, "data/postmaster.pid").read_text().splitlines()[0])


class Database:
    """A database of the cluster. `url` is of the service's role, `owner_url` of the schema's owner."""

    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name
        self.url = cluster.run("url", name)
        self.owner_url = cluster.run("owner-url", name)

    def connect(self, owner=False, **more):
        return psycopg.connect(self.owner_url if owner else self.url, options="-c search_path=baochang,public", **more)

    def execute(self, sql, *parameters):
        """Runs one statement as the owner and commits; its rows, if it gives any."""
        with self.connect(owner=True, autocommit=True) as connection:
            cursor = connection.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else None

    def value(self, sql, *parameters):
        return self.execute(sql, *parameters)[0][0]

    def program(self, *arguments, owner=False, check=True):
        """Runs a command of baochang on this database."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("BAOCHANG_")}
        clean["BAOCHANG_DATABASE"] = self.owner_url if owner else self.url
        clean["BAOCHANG_DATABASE_OWNER"] = self.owner_url
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, env=clean, timeout=300, check=False)
        assert not re.search("AddressSanitizer|runtime error:", done.stderr), done.stderr
        assert not check or done.returncode == 0, done.stderr
        return done


@pytest.fixture(scope="session")
def cluster():
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="baochang-pytest.", dir=place)
    os.chmod(folder, 0o755)
    made = Cluster(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


numbers = itertools.count(1)


@pytest.fixture(scope="module")
def empty_database(cluster):
    """Without tables."""
    name = f"empty{next(numbers)}"
    cluster.run("createdb", name)
    yield Database(cluster, name)
    cluster.run("dropdb", name)


@pytest.fixture(scope="module")
def database(cluster):
    """With the schema of the program under test."""
    name = f"test{next(numbers)}"
    cluster.run("createdb", name)
    made = Database(cluster, name)
    made.program("migrate")
    yield made
    cluster.run("dropdb", name)


def import_demo(database):
    """The demo without the city's hours by the plate's last digit: these bind who gives no plate, and few tests give one."""
    database.program("import", "--demo", "--replace")
    database.execute("DELETE FROM zone WHERE id = 'demo-city-tails'")


@pytest.fixture(scope="module")
def demo_database(database):
    """With the demo's roads and rules, and `snapshot`, the file of its network."""
    import_demo(database)
    folder = tempfile.mkdtemp(prefix="baochang-snapshot.")
    database.snapshot = os.path.join(folder, "network.snapshot")
    database.program("prepare", f"--snapshot={database.snapshot}")
    yield database
    shutil.rmtree(folder, ignore_errors=True)
