"""`baochang key` and `baochang check --audit` on a real database: what is shown once, what is kept, what is noticed."""
import re

import psycopg
import pytest

ZONE = """INSERT INTO zone (id, class_code, name, geom, state, approving_authority, document_no, approved_at)
          VALUES (%s, 'SEC', 'z', ST_Multi(ST_MakeEnvelope(112, 33, 112.1, 33.1, 4490)), 'approved', 'a', 'd', now())"""


@pytest.fixture(scope="module")
def pepper(tmp_path_factory):
    return "--pepper-file=" + str(tmp_path_factory.mktemp("pepper") / "pepper")


def check(database, *arguments, expect=0):
    done = database.program("check", "--audit", *arguments, check=False)
    assert done.returncode == expect, done.stderr
    return done.stdout.strip() if expect == 0 else done.stderr


def tamper(database, sql, *parameters):
    """As whoever has broken into the database: with the triggers off."""
    with database.connect(owner=True) as connection:
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER keep")
        connection.execute(sql, parameters or None)
        connection.execute("ALTER TABLE audit_log ENABLE TRIGGER keep")


def test_a_key_is_shown_once_listed_and_revoked(database, pepper):
    made = database.program("key", "create", pepper, "--role=planner", "--holder=王计划", "--county=411322", owner=True)
    key = made.stdout.strip()
    assert re.fullmatch(r"bck_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", key) and key not in made.stderr
    name = key[4:20]
    listed = database.program("key", "list", owner=True).stdout
    line = next(line for line in listed.splitlines() if line.startswith(name))
    assert line.split("\t")[1:5] == ["planner", "王计划", "411322", "-"] and line.endswith("\tvalid")
    assert key[21:] not in listed
    database.program("key", "revoke", name, owner=True)
    assert "revoked" in database.program("key", "list", owner=True).stdout
    assert database.program("key", "revoke", name, owner=True, check=False).returncode == 1


@pytest.mark.parametrize("arguments", [(), ("create",), ("create", "--role=planner"), ("create", "--role=king", "--holder=x"),
                                       ("create", "--role=planner", "--holder=x", "--expires=tomorrow"),
                                       ("create", "--role=planner", "--holder=x", "--expires=2001-01-01T00:00:00Z"),
                                       ("create", "--role=planner", "--holder=x", "--colour=red"), ("revoke",), ("lend", "x")])
def test_what_is_no_wish_for_a_key_is_refused(database, pepper, arguments):
    done = database.program("key", *arguments, pepper, owner=True, check=False)
    assert done.returncode in (1, 2) and done.stdout == "" and done.stderr


def test_the_service_role_can_neither_make_keys_nor_write_the_log(database):
    with database.connect(autocommit=True) as connection:
        for sql in ("INSERT INTO access_key (id, hash, role, holder, expires_at) VALUES (repeat('a', 16), sha256(''), 'admin', 'x', now())",
                    "UPDATE access_key SET role = 'admin'", "DELETE FROM audit_log", "UPDATE audit_log SET actor = 'x'",
                    "TRUNCATE audit_log", "UPDATE audit_head SET seq = 0", "SELECT audit_append('a', 'b', 'c', '{}')",
                    "INSERT INTO audit_log SELECT * FROM audit_log"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql)


def test_the_owner_cannot_change_the_log_by_mistake(database):
    for sql in ("DELETE FROM audit_log", "UPDATE audit_log SET actor = 'x'", "TRUNCATE audit_log", "DELETE FROM audit_head"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute(sql)


def test_a_change_from_psql_is_in_the_log_with_what_it_changed(database):
    database.execute(ZONE, "audited")
    database.execute("UPDATE zone SET name = 'new' WHERE id = 'audited'")
    database.execute("UPDATE zone SET name = 'new' WHERE id = 'audited'")  # changes nothing
    database.execute("DELETE FROM zone WHERE id = 'audited'")
    rows = database.execute("SELECT act, actor, detail FROM audit_log WHERE kind = 'zone' AND object = 'audited' ORDER BY seq")
    assert [row[0] for row in rows] == ["insert", "update", "delete"]
    assert all(row[1] == "db:baochang_owner" for row in rows)
    assert rows[0][2]["geom"].startswith("sha256:") and rows[0][2]["document_no"] == "d"
    assert rows[1][2] == {"name": ["z", "new"]}


def test_an_act_that_was_undone_left_no_row(database):
    before = database.value("SELECT count(*) FROM audit_log")
    with database.connect(owner=True) as connection:
        connection.execute(ZONE, ["undone"])
        connection.rollback()
    assert database.value("SELECT count(*) FROM audit_log") == before
    check(database)


def test_tampering_with_any_row_and_any_column_is_found(database):
    for i in range(12):
        database.execute(ZONE, f"t{i}")
    head = check(database)
    seqs = [row[0] for row in database.execute("SELECT seq FROM audit_log ORDER BY seq")]
    changes = {"at": "at + interval '1 microsecond'", "actor": "actor || 'x'", "holder": "COALESCE(holder, '') || 'x'",
               "role": "COALESCE(role, '') || 'x'", "request": "COALESCE(request, '') || 'x'", "db_role": "'x'", "act": "act || 'x'",
               "kind": "kind || 'x'", "object": "object || 'x'", "rules_version": "rules_version + 1", "detail": "detail || '{\"x\": 1}'",
               "prev_hash": "sha256(prev_hash)", "hash": "sha256(hash)"}
    for i, seq in enumerate(seqs):
        column = list(changes)[i % len(changes)]
        kept = database.value(f"SELECT {column} FROM audit_log WHERE seq = %s", seq)
        tamper(database, f"UPDATE audit_log SET {column} = {changes[column]} WHERE seq = %s", seq)
        # a hash that was changed shows in its own row, too
        assert f"from row {seq} on" in check(database, expect=1), column
        if column == "detail":
            kept = psycopg.types.json.Jsonb(kept)
        tamper(database, f"UPDATE audit_log SET {column} = %s WHERE seq = %s", kept, seq)
    assert len(seqs) >= len(changes) and check(database) == head


def test_a_row_taken_out_is_found_and_so_is_a_tail_cut_off(database):
    head = check(database)
    seq = int(head.split(":")[0])
    check(database, f"--head={head}")
    tamper(database, "CREATE TABLE kept AS SELECT * FROM audit_log WHERE seq = %s", seq - 1)
    tamper(database, "DELETE FROM audit_log WHERE seq = %s", seq - 1)
    assert f"from row {seq - 1} on" in check(database, expect=1)
    tamper(database, "INSERT INTO audit_log SELECT * FROM kept")
    assert check(database) == head
    # the tail with its head: only who kept the head from before sees it
    tamper(database, "DELETE FROM audit_log WHERE seq = %s", seq)
    database.execute("UPDATE audit_head SET (seq, hash) = (SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1)")
    check(database)
    assert "cut off" in check(database, f"--head={head}", expect=1)
    # grown again with other rows: the earlier head is not in the chain
    database.execute(ZONE, "later")
    check(database)
    assert "earlier check" in check(database, f"--head={head}", expect=1)


def test_writers_at_the_same_time_make_one_chain(database):
    import threading

    def write(worker):
        with database.connect(owner=True, autocommit=True) as connection:
            for i in range(20):
                connection.execute(ZONE, [f"w{worker}-{i}"])

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.value("SELECT count(*) FROM audit_log WHERE object LIKE 'w%-%'") == 80
    check(database)
