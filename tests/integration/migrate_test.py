"""The schema: migrations, what it refuses and how it says so, versions, history and roles."""
import concurrent.futures
import threading

import psycopg
import pytest
from psycopg import errors

from database_fixture import Database

SQUARE = "ST_Multi(ST_MakeEnvelope(112, 33, 112.1, 33.1, 4490))"
APPROVED = dict(state="approved", approving_authority="南阳市人民政府", document_no="宛政〔2026〕1号", approved_at="2026-01-01")


def zone(database, **columns):
    """Inserts a zone as the service and gives its id; columns that start with '=' are SQL."""
    row = {"name": "测试", "class_code": "SEC", "geom": "=" + SQUARE, **columns}
    terms = ", ".join(v[1:] if isinstance(v, str) and v.startswith("=") else "%s" for v in row.values())
    values = [v for v in row.values() if not (isinstance(v, str) and v.startswith("="))]
    with database.connect() as connection:
        return connection.execute(f"INSERT INTO zone ({', '.join(row)}) VALUES ({terms}) RETURNING id", values).fetchone()[0]


def polygon(text):
    return f"=ST_GeomFromText('{text}', 4490)"


def refusal(database, **columns):
    with pytest.raises(errors.CheckViolation) as refused:
        zone(database, **columns)
    return refused.value.diag.message_primary


# ---- migrations -----------------------------------------------------------------------------------------------------

def test_migrating_twice_changes_nothing(database):
    before = database.execute("SELECT version, checksum, applied_at FROM schema_version ORDER BY version")
    again = database.program("migrate")
    assert database.execute("SELECT version, checksum, applied_at FROM schema_version ORDER BY version") == before
    assert [row[0] for row in before] == list(range(1, len(before) + 1))
    assert "event=migration_applied" not in again.stderr


def test_a_database_without_tables_is_refused_with_what_to_do(empty_database):
    done = empty_database.program("import", "--demo", check=False)
    assert done.returncode == 1
    assert "baochang migrate" in done.stderr


def test_two_programs_that_migrate_at_once_apply_each_step_once(empty_database):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: empty_database.program("migrate"), range(3)))
    applied = sum(d.stderr.count("event=migration_applied") for d in done)
    assert applied == empty_database.value("SELECT count(*) FROM baochang.schema_version")


def test_a_schema_of_a_newer_program_is_refused(database):
    database.execute("INSERT INTO schema_version (version, name, checksum) VALUES (9999, 'future', '')")
    try:
        done = database.program("prepare", check=False)
        assert done.returncode == 1 and "9999" in done.stderr and "newer" in done.stderr
        assert database.program("migrate", check=False).returncode == 1
    finally:
        database.execute("DELETE FROM schema_version WHERE version = 9999")


def test_a_migration_that_was_changed_afterwards_is_noticed(database):
    checksum = database.value("SELECT checksum FROM schema_version WHERE version = 3")
    database.execute("UPDATE schema_version SET checksum = repeat('0', 32) WHERE version = 3")
    try:
        done = database.program("migrate", check=False)
        assert done.returncode == 1 and "version 3" in done.stderr
    finally:
        database.execute("UPDATE schema_version SET checksum = %s WHERE version = 3", checksum)


def test_the_service_cannot_migrate(cluster):
    cluster.run("createdb", "without_owner")
    made = Database(cluster, "without_owner")
    made.owner_url = made.url
    done = made.program("migrate", check=False)
    assert done.returncode == 1 and "permission denied" in done.stderr
    assert made.value("SELECT to_regnamespace('baochang') IS NULL")
    cluster.run("dropdb", "without_owner")


# ---- geometry ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("text, reason", [
    ("MULTIPOLYGON(((112 33,112.1 33.1,112.1 33,112 33.1,112 33)))", "Self-intersection at POINT(112.05 33.05)"),
    ("MULTIPOLYGON EMPTY", "empty"),
    ("MULTIPOLYGON(((33 112,33 112.1,33.1 112,33 112)))", "order is longitude, latitude"),
    ("MULTIPOLYGON(((112 33,1e300 33.1,112.1 33,112 33)))", "out of range"),
    ("MULTIPOLYGON(((112 33,112.2 33,112.2 33.2,112 33),(112.3 33.3,112.4 33.3,112.4 33.4,112.3 33.3)))", "Hole lies outside shell"),
])
def test_a_zone_of_invalid_shape_is_refused_with_reason_and_place(database, text, reason):
    assert reason in refusal(database, geom=polygon(text))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused(database, number):
    shape = (f"=ST_Multi(ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY[ST_MakePoint(112, 33), ST_MakePoint('{number}', 33.1), "
             "ST_MakePoint(112.1, 33), ST_MakePoint(112, 33)])), 4490))")
    assert "zone:" in refusal(database, geom=shape)


def test_a_shape_of_another_reference_system_is_refused(database):
    with pytest.raises(psycopg.Error, match="4490"):
        zone(database, geom="=ST_Multi(ST_MakeEnvelope(112, 33, 112.1, 33.1, 3857))")


def test_an_invalid_shape_cannot_come_in_by_update(database):
    made = zone(database)
    with pytest.raises(errors.CheckViolation, match="Self-intersection"), database.connect() as connection:
        connection.execute("UPDATE zone SET geom = ST_GeomFromText('MULTIPOLYGON(((112 33,112.1 33.1,112.1 33,112 33.1,112 33)))', 4490) "
                           "WHERE id = %s", [made])


@pytest.mark.parametrize("column, value", [
    ("class", "'autobahn'"), ("forward", "false"), ("speed_forward_kmh", "0"), ("speed_forward_kmh", "500"), ("max_height_m", "0"),
    ("max_gross_t", "'NaN'"), ("access_lorry_forward", "'maybe'"), ("hazmat", "NULL"), ("ramp", "'side'"), ("layer", "99"),
    ("geom", "ST_SetSRID('LINESTRING(112 33, 112 33)'::geometry, 4490)"), ("geom", "ST_SetSRID('LINESTRING(112 133, 112 33)'::geometry, 4490)"),
])
def test_a_road_that_makes_no_sense_is_refused(database, column, value):
    row = {"id": "1", "geom": "ST_SetSRID('LINESTRING(112 33, 112.01 33)'::geometry, 4490)", "class": "'primary'", "from_node": "1",
           "to_node": "2", "forward": "true", "backward": "false", "speed_forward_kmh": "60", "speed_backward_kmh": "60"}
    sql = "INSERT INTO road ({}) VALUES ({})"
    with database.connect() as connection:
        connection.execute(sql.format(", ".join(row), ", ".join(row.values())))
        connection.rollback()
        row[column] = value
        with pytest.raises((errors.CheckViolation, errors.NotNullViolation)):
            connection.execute(sql.format(", ".join(row), ", ".join(row.values())))
        connection.rollback()


# ---- rules -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("rules, reason", [
    ("{}", "must be an array"),
    ("[]", "1 to 32 rules"),
    ('[{"rule":"shut"}]', 'unknown rule "shut"'),
    ('[{"rul":"closed"}]', 'unknown member "rul"'),
    ('[{"rule":"closed","subject":{"weight":3}}]', 'rules[0].subject has an unknown member "weight"'),
    ('[{"rule":"closed","subject":{"gross_t_min":50,"gross_t_max":10}}]', "gross_t_min is above gross_t_max"),
    ('[{"rule":"closed","subject":{"hazmat":"yes"}}]', "rules[0].subject.hazmat must be true or false"),
    ('[{"rule":"closed","subject":{"axles_min":2.5}}]', "whole number"),
    ('[{"rule":"closed","open_classes":["motorway"]}]', "has no open roads"),
    ('[{"rule":"gated","open_classes":["autobahn"]}]', "must list road classes"),
    ('[{"rule":"gated","transit":"maybe"}]', "rules[0].transit"),
    ('[{"rule":"closed","transit":"deny"}]', "only with"),
    ('[{"rule":"caution","slow_factor":0.5}]', "slow_factor"),
    ('[{"rule":"closed","exempt":["no_such_pass"]}]', 'unknown credential type "no_such_pass"'),
    ('[{"rule":"caution"},{"rule":"closed","windows":[{"from":"25:00"}]}]', "rules[1].windows[0]"),
    ('[{"rule":"closed","windows":[{"from":"08:00","until":"08:00"}]}]', "is empty"),
    ('[{"rule":"closed","windows":[{"weekdays":[0]}]}]', "weekdays"),
    ('[{"rule":"closed","windows":[{"from":"22:00","until":"06:00","day_kinds":["workday"]}]}]', "past midnight"),
    ('[{"rule":"closed","windows":[{"plate_tails":[10]}]}]', "plate_tails"),
])
def test_a_rule_that_is_none_is_refused_where_it_goes_wrong(database, rules, reason):
    assert reason in refusal(database, rules=rules)


def test_a_zone_without_rules_takes_those_of_its_class(database):
    made = zone(database, class_code="AD-EPI")
    assert database.value("SELECT rules FROM zone WHERE id = %s", made) == \
        database.value("SELECT default_rules FROM zone_class WHERE code = 'AD-EPI'")


@pytest.mark.parametrize("missing", ["approving_authority", "document_no", "approved_at"])
def test_approval_needs_authority_number_and_time(database, missing):
    assert missing in refusal(database, **{**APPROVED, missing: None})


def test_approval_cannot_lose_its_document_later(database):
    made = zone(database, **APPROVED)
    with pytest.raises(errors.CheckViolation), database.connect() as connection:
        connection.execute("UPDATE zone SET document_no = NULL WHERE id = %s", [made])


@pytest.mark.parametrize("code, rules, allowed", [
    ("EP-HIGH", '[{"rule":"closed"}]', False),
    ("EP-HIGH", '[{"rule":"through_only"}]', False),                                          # trunk roads would be shut
    ("EP-HIGH", '[{"rule":"through_only","open_classes":["motorway","trunk"]}]', True),
    ("EP-STATIC", '[{"rule":"gated","open_classes":["motorway"]}]', False),
    ("EP-STATIC", '[{"rule":"destination_only","open_classes":["motorway","trunk"]}]', True),
    ("EP-LOW", '[{"rule":"caution","slow_factor":2}]', False),                                # "inform" at most
    ("AD-EPI", '[{"rule":"gated","transit":"deny"}]', False),
    ("AD-EPI", '[{"rule":"gated"}]', True),
    ("AD-EPI", '[{"rule":"closed","subject":{"livestock":true}}]', True),                     # spared: live animals only
    ("HM-STAND", '[{"rule":"closed","subject":{"hazmat":true}}]', True),
    ("HM-STAND", '[{"rule":"closed"}]', False),
    ("HM-STAND", '[{"rule":"closed","subject":{"hazmat":false}}]', False),
    ("FL-CUT", '[{"rule":"closed"}]', True),
])
def test_no_zone_is_stricter_to_passing_traffic_than_its_class_allows(database, code, rules, allowed):
    if allowed:
        zone(database, class_code=code, rules=rules)
    else:
        assert "不得以途径为由限制通行" in refusal(database, class_code=code, rules=rules)


def test_a_ceiling_cannot_be_lowered_under_zones_that_pass_it(database):
    zone(database, class_code="FL-DET")
    with pytest.raises(errors.CheckViolation, match="FL-DET"), database.connect() as connection:
        connection.execute("UPDATE zone_class SET ceiling = 'gate' WHERE code = 'FL-DET'")


@pytest.mark.parametrize("span", ["empty", "[2026-01-01,infinity)", "(2026-01-01,2027-01-01]", "(,2027-01-01)"])
def test_intervals_are_half_open_and_never_infinite(database, span):
    with pytest.raises(errors.CheckViolation, match="span_is_half_open"):
        zone(database, effective=span)


def test_checkpoints_ask_only_for_known_credentials(database):
    sql = "INSERT INTO checkpoint (name, geom, requirements, green_credentials) VALUES ('k', ST_SetSRID(ST_Point(112, 33), 4490), %s, %s)"
    for requirements, green in (('[[{"type":"nothing"}]]', []), ("[]", ["nothing"]), ('[{"type":"nucleic_acid"}]', []),
                                ('[[{"type":"nucleic_acid","max_age_s":0}]]', []), ("[[]]", [])):
        with pytest.raises(errors.CheckViolation), database.connect() as connection:
            connection.execute(sql, [requirements, green])
    with database.connect() as connection:
        connection.execute(sql, ['[[{"type":"nucleic_acid","max_age_s":172800}]]', ["key_goods_pass"]])


def test_no_epidemic_checkpoint_stands_on_a_motorway(database):
    with pytest.raises(errors.CheckViolation, match="checkpoint_placement"), database.connect() as connection:
        connection.execute("INSERT INTO checkpoint (name, geom, kind, placement) VALUES "
                           "('k', ST_SetSRID(ST_Point(112, 33), 4490), 'epidemic', 'expressway_main')")


# ---- closures --------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def stations(database):
    database.execute("INSERT INTO toll_station (route, ordinal, name) SELECT 'G40', g, 'S' || g FROM generate_series(1, 4) g")
    database.execute("INSERT INTO route_alias (alias, canonical) VALUES ('沪陕高速', 'G40')")


@pytest.mark.parametrize("columns, reason", [
    (dict(object="toll_station_range", route="G40", from_station="S1", to_station="西坪"), 'station "西坪" is not known on G40'),
    (dict(object="toll_station_range", route="G99", from_station="S1", to_station="S2"), 'road "G99" is not known'),
    (dict(object="toll_station_range", route="G40", from_station="S1"), "to_station"),
    (dict(object="toll_station_range", route="G40"), "from_station"),
    (dict(object="toll_station", route="沪陕高速", from_station="S9"), 'station "S9" is not known on G40'),
    (dict(object="segment", action="closed", road_ids=[404]), "road 404 is not known"),
    (dict(object="segment", action="closed"), "needs road_ids or geom"),
    (dict(object="segment", action="closed", geom="SRID=4490;LINESTRING(10 10,10.01 10)"), "no road runs along this line"),
    (dict(object="bridge", action="closed", geom="SRID=4490;POINT(10 10)"), "there is no bridge within 50 m"),
    (dict(object="segment", action="closed", geom="SRID=4490;LINESTRING(10 100,10.01 10)"), "out of range"),
    (dict(object="road", action="closed", route="G404"), 'road "G404" is not known'),
])
def test_a_closure_of_something_unknown_is_refused_and_never_widened(database, stations, columns, reason):
    row = {"name": "雪", "action": "entry_ban", **columns}
    with pytest.raises(errors.CheckViolation) as refused, database.connect() as connection:
        connection.execute(f"INSERT INTO closure ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", list(row.values()))
    assert reason in refused.value.diag.message_primary


@pytest.fixture(scope="module")
def crossing(database):
    """A road of three pieces to the east, the middle one a bridge and the last drawn against the others, and one that crosses."""
    for number, line, bridge in ((501, "112.5 33,112.51 33", False), (502, "112.51 33,112.511 33", True), (503, "112.53 33,112.511 33", False),
                                 (504, "112.505 32.99,112.505 33.01", False)):
        database.execute("INSERT INTO road (id, geom, class, ref, from_node, to_node, forward, backward, speed_forward_kmh, speed_backward_kmh, bridge) "
                         "VALUES (%s, ST_GeomFromText(%s, 4490), 'trunk', %s, 1, 2, true, true, 60, 60, %s)",
                         number, f"LINESTRING({line})", "G209" if number < 504 else "S1", bridge)


@pytest.mark.parametrize("columns, expected", [
    (dict(object="segment", geom="LINESTRING(112.4999 33.00005,112.5301 33.00005)"),
     [(501, False), (501, True), (502, False), (502, True), (503, False), (503, True)]),
    (dict(object="segment", geom="LINESTRING(112.4999 33.00005,112.5301 33.00005)", heading="forward"), [(501, False), (502, False), (503, True)]),
    (dict(object="segment", geom="LINESTRING(112.4999 33.00005,112.5301 33.00005)", heading="backward"), [(501, True), (502, True), (503, False)]),
    (dict(object="segment", geom="LINESTRING(112.509 33,112.513 33)", route="G209", heading="forward"), [(501, False), (502, False), (503, True)]),
    (dict(object="bridge", geom="POINT(112.5105 33.0001)"), [(502, False), (502, True)]),
])
def test_a_drawn_closure_finds_the_roads_along_it_and_not_those_that_cross(database, crossing, columns, expected):
    columns = {**columns, "geom": "SRID=4490;" + columns["geom"]}
    with database.connect() as connection:
        made = connection.execute(f"INSERT INTO closure (name, action, {', '.join(columns)}) VALUES ('c', 'closed', "
                                  f"{', '.join(['%s'] * len(columns))}) RETURNING id", list(columns.values())).fetchone()[0]
        assert connection.execute("SELECT a.* FROM closure c, closure_arcs(c) a WHERE c.id = %s", [made]).fetchall() == expected
        connection.rollback()


def test_a_limit_needs_a_kind_and_a_value_and_a_physical_closure_has_no_exemptions(database, stations):
    for columns in ("action = 'limit'", "action = 'limit', limit_kind = 'height'", "action = 'speed_limit'", "limit_value = 3",
                    "physical = true", "action = 'closed', physical = true, exempt = '{relief_pass}'"):
        with pytest.raises(errors.CheckViolation), database.connect() as connection:
            connection.execute("INSERT INTO closure (id, name, action, object, route, from_station) VALUES "
                               "('l', 'l', 'entry_ban', 'toll_station', 'G40', 'S1')")
            connection.execute(f"UPDATE closure SET {columns} WHERE id = 'l'")


# ---- versions and history --------------------------------------------------------------------------------------------

def test_each_transaction_is_one_version_and_one_notification(database):
    before = database.value("SELECT version FROM rules_state")
    with database.connect(autocommit=True) as listener:
        listener.execute("LISTEN baochang_rules")
        with database.connect() as connection:
            for i in range(5):
                connection.execute("INSERT INTO calendar_day VALUES (date '2031-01-01' + %s::int, 'holiday')", [i])
            connection.execute("UPDATE zone SET note = 'x'")
            with pytest.raises(errors.CheckViolation), connection.transaction():
                connection.execute("INSERT INTO calendar_day VALUES ('2031-02-01', 'x')")
            connection.execute("DELETE FROM calendar_day WHERE day = '2031-01-02'")
        heard = notifications(listener)
    assert heard == [str(before + 1)]
    assert database.value("SELECT version FROM rules_state") == before + 1


def notifications(listener):
    """psycopg 3.1 cannot wait for notifications with a timeout: one round trip brings those that have come."""
    heard = []
    listener.add_notify_handler(lambda n: heard.append(n.payload))
    listener.execute("SELECT 1")
    return heard


def test_what_is_rolled_back_leaves_no_version(database):
    before = database.value("SELECT version FROM rules_state")
    with database.connect() as connection:
        connection.execute("UPDATE zone SET note = 'never'")
        connection.rollback()
    assert database.value("SELECT version FROM rules_state") == before
    assert database.value("SELECT count(*) FROM zone_history WHERE note = 'never'") == 0


def test_a_later_writer_waits_for_an_earlier_one(database):
    """Versions become visible in the order of their numbers."""
    made = zone(database)
    first = database.connect()
    first.execute("UPDATE zone SET note = 'first' WHERE id = %s", [made])
    started = threading.Event()

    def second():
        with database.connect() as connection:
            started.set()
            connection.execute("INSERT INTO calendar_day VALUES ('2032-01-01', 'holiday')")
            return connection.execute("SELECT version FROM rules_state").fetchone()[0]

    with concurrent.futures.ThreadPoolExecutor() as pool:
        later = pool.submit(second)
        started.wait()
        with pytest.raises(concurrent.futures.TimeoutError):
            later.result(timeout=0.3)
        mine = first.execute("SELECT version FROM rules_state").fetchone()[0]
        first.commit()
        assert later.result(timeout=60) == mine + 1
    first.close()


def test_history_answers_what_was_in_force_at_each_version(database):
    made = zone(database, note="eins")
    versions = [database.value("SELECT version FROM rules_state")]
    for sql in ("UPDATE zone SET note = 'zwei' WHERE id = %s", "DELETE FROM zone WHERE id = %s"):
        with database.connect() as connection:
            connection.execute(sql, [made])
        versions.append(database.value("SELECT version FROM rules_state"))
    at = "SELECT note FROM zone_history WHERE id = %s AND version_from <= %s AND (version_until IS NULL OR version_until > %s)"
    assert [[row[0] for row in database.execute(at, made, v, v)] for v in [versions[0] - 1, *versions]] == [[], ["eins"], ["zwei"], []]
    times = [database.value("SELECT committed_at FROM rules_version WHERE version = %s", v) for v in versions]
    assert times == sorted(times) and len(set(times)) == 3


def test_every_rules_table_is_kept_with_its_history(database):
    tables = [row[0] for row in database.execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'touch' AND NOT tgisinternal ORDER BY 1")]
    assert tables == ["authority_rule", "calendar_day", "checkpoint", "closure", "credential_type", "facility", "gate", "journey_default",
                      "jurisdiction", "road_limit", "route_alias", "toll_rate", "toll_station", "zone", "zone_class"]
    for table in tables:
        now = database.value(f"SELECT count(*) FROM {table}")
        assert database.value(f"SELECT count(*) FROM {table}_history WHERE version_until IS NULL") == now
        with pytest.raises(errors.FeatureNotSupported), database.connect(owner=True) as connection:
            connection.execute(f"TRUNCATE {table} CASCADE")


def test_the_service_can_write_rules_and_nothing_else(database):
    forbidden = ["UPDATE rules_state SET version = 0", "DELETE FROM zone_history", "DELETE FROM rules_version", "DROP TABLE zone",
                 "ALTER TABLE zone DISABLE TRIGGER ALL", "CREATE TABLE mine (a int)", "INSERT INTO schema_version VALUES (99, '', '')",
                 "SET session_replication_role = replica"]
    for sql in forbidden:
        with pytest.raises(errors.InsufficientPrivilege), database.connect() as connection:
            connection.execute(sql)
