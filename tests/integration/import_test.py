"""`baochang import`: the demo, OpenStreetMap files and road layers, into a real PostGIS."""
import gzip
import os
import pathlib
import subprocess

import pytest
from osm_pbf import pbf

TOP = pathlib.Path(__file__).resolve().parents[2]
TOWN = TOP / "tests/fixtures/town.osm"
DATA = pathlib.Path(os.environ.get("DATA", TOP / "../shared/data"))
ROADS = ("SELECT md5(string_agg(concat_ws('|', id, ST_AsText(geom), class, name, ref, from_node, to_node, forward, backward, "
         "max_height_m, bridge_limit_t, access_lorry_forward, station_id, tags), E'\\n' ORDER BY id)) FROM road")


def source_count(database, source):
    return database.value("SELECT count(*) FROM road WHERE source = %s", source)


# ---- the demo ------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def demo(database):
    before = database.value("SELECT version FROM rules_state")
    done = database.program("import", "--demo", "--replace")
    database.first_version = before
    database.report = done.stderr
    return database


def test_demo_is_one_rules_version_and_tells_what_it_did(demo):
    assert demo.value("SELECT version FROM rules_state") == demo.first_version + 1
    assert "roads" in demo.report and "turn restrictions" in demo.report
    arcs = demo.value("SELECT sum(forward::int + backward::int) FROM road")
    assert arcs >= 20000


def test_demo_again_gives_the_same_roads(demo):
    first = demo.value(ROADS)
    demo.program("import", "--demo", "--replace")
    assert demo.value(ROADS) == first
    demo.program("import", "--demo", "--replace", "--seed=2")
    assert demo.value(ROADS) != first
    demo.program("import", "--demo", "--replace")
    assert demo.value(ROADS) == first


def test_demo_has_a_zone_of_every_rule_and_says_that_it_is_schematic(demo):
    rules = {r for (r,) in demo.execute("SELECT DISTINCT e ->> 'rule' FROM zone, jsonb_array_elements(rules) e WHERE state = 'approved'")}
    assert rules == {"closed", "through_only", "gated", "destination_only", "caution"}
    assert demo.value("SELECT count(*) FROM zone WHERE name NOT LIKE '%%示意%%'") == 0
    assert demo.value("SELECT count(*) FROM checkpoint WHERE name NOT LIKE '%%示意%%'") == 0
    assert demo.value("SELECT count(*) FROM zone WHERE state = 'approved' AND (document_no IS NULL OR approving_authority IS NULL)") == 0
    off = demo.execute("SELECT z.state FROM zone z JOIN zone_class k ON k.code = z.class_code WHERE NOT k.enabled ORDER BY 1")
    assert ("draft",) in off


def test_demo_gated_zones_have_two_live_gates_just_outside_their_border(demo):
    rows = demo.execute("""
        SELECT z.id, count(*) FILTER (WHERE c.state = 'active'),
               count(*) FILTER (WHERE c.state = 'active' AND c.placement <> 'toll_plaza_outside'
                                AND NOT (ST_Distance(c.geom::geography, z.geom::geography) BETWEEN 20 AND 300)),
               count(*) FILTER (WHERE NOT EXISTS (SELECT FROM road r WHERE c.road_ref = ANY (string_to_array(r.ref, ';'))
                                                  AND ST_DWithin(r.geom::geography, c.geom::geography, 3)))
        FROM zone z JOIN gate g ON g.zone_id = z.id JOIN checkpoint c ON c.id = g.checkpoint_id GROUP BY z.id""")
    gated = demo.value("SELECT count(DISTINCT z.id) FROM zone z, jsonb_array_elements(rules) e WHERE e ->> 'rule' = 'gated' AND state = 'approved'")
    assert len(rows) == gated >= 2
    for zone, live, misplaced, off_road in rows:
        assert live >= 2, zone
        assert misplaced == 0 and off_road == 0, zone
    assert demo.value("SELECT count(*) FROM checkpoint WHERE opening IS NOT NULL AND state = 'active'") >= 1
    # the plaza's gate is set by hand: both exit ramps and both entry ramps of its station
    ramps = demo.execute("""SELECT r.ramp, count(*) FROM gate g, jsonb_array_elements(g.arcs) a, road r
                            WHERE r.id = (a ->> 'road')::bigint AND r.station_id IS NOT NULL GROUP BY 1 ORDER BY 1""")
    assert ramps == [("entry", 2), ("exit", 2)]


def test_demo_closures_act_on_roads_and_seats_lie_in_their_counties(demo):
    for closure, arcs in demo.execute("SELECT c.id, (SELECT count(*) FROM closure_arcs(c.*)) FROM closure c"):
        assert arcs > 0, closure
    assert demo.value("SELECT count(*) FROM jurisdiction WHERE level = 'county' AND NOT ST_Contains(geom, seat)") == 0
    assert demo.value("SELECT count(*) FROM jurisdiction WHERE level = 'county'") == 13
    overlap = demo.value("""SELECT COALESCE(sum(ST_Area(ST_Intersection(a.geom, b.geom)::geography)), 0) FROM jurisdiction a, jurisdiction b
                            WHERE a.level = 'county' AND b.level = 'county' AND a.code < b.code""")
    assert overlap < 1
    assert demo.value("SELECT count(*) FROM calendar_day WHERE kind = 'holiday' AND day BETWEEN '2026-10-01' AND '2026-10-07'") == 7
    assert demo.value("SELECT count(*) FROM facility f WHERE f.kind = 'fixed_receiving_point' AND f.operator IS NOT NULL") >= 5


def test_demo_beyond_its_scale_is_refused_and_changes_nothing(demo):
    first = demo.value(ROADS)
    for arguments in (["--scale=0"], ["--scale=99999"], ["--scale=x"], ["--scale=-1"]):
        assert demo.program("import", "--demo", *arguments, check=False).returncode != 0
    assert demo.value(ROADS) == first


# ---- OpenStreetMap --------------------------------------------------------------------------------------------------

def test_osm_file_becomes_roads_nodes_and_turns(demo):
    done = demo.program("import", str(TOWN), "--source=town")
    assert "footway" in done.stderr and "conditional" in done.stderr
    rows = {r[0]: r[1:] for r in demo.execute(
        "SELECT source_id || '/' || row_number() OVER (PARTITION BY source_id ORDER BY id), name, ref, speed_forward_kmh, bridge_limit_t, "
        "access_lorry_forward, backward, max_height_m, layer FROM road WHERE source = 'town'")}
    assert len(rows) == 6
    assert rows["way/101/1"] == ("沪霍线", "G312", 50, None, "yes", True, None, 0)
    assert rows["way/102/1"][3] == 15 and rows["way/102/1"][7] == 1
    assert rows["way/103/1"][4] == "no" and rows["way/103/1"][5] is False
    assert rows["way/104/1"][6] == 3.8
    turns = demo.execute("SELECT t.kind, t.subjects FROM turn_restriction t JOIN road r ON r.id = t.from_road WHERE r.source = 'town' ORDER BY t.source_id")
    assert turns == [("no", ["lorry", "light", "hazmat"]), ("no", ["lorry", "hazmat"])]
    assert demo.value("""SELECT count(*) FROM road r LEFT JOIN road_node a ON a.id = r.from_node LEFT JOIN road_node b ON b.id = r.to_node
                         WHERE a.id IS NULL OR b.id IS NULL OR NOT ST_Equals(a.geom, ST_StartPoint(r.geom)) OR NOT ST_Equals(b.geom, ST_EndPoint(r.geom))""") == 0


def test_osm_again_replaces_its_own_roads_only(demo):
    others = demo.value("SELECT count(*) FROM road WHERE source <> 'town'")
    demo.program("import", str(TOWN), "--source=town")
    demo.program("import", str(TOWN), "--source=town")
    assert source_count(demo, "town") == 6
    assert demo.value("SELECT count(*) FROM road WHERE source <> 'town'") == others
    assert demo.value("SELECT count(*) FROM turn_restriction t WHERE NOT EXISTS (SELECT FROM road r WHERE r.id = t.from_road)") == 0


def test_osm_gzip_gives_the_same_as_plain(demo, tmp_path):
    packed = tmp_path / "town.osm.gz"
    packed.write_bytes(gzip.compress(TOWN.read_bytes()))
    demo.program("import", str(packed))
    assert source_count(demo, "town.osm.gz") == 6
    packed.write_bytes(packed.read_bytes()[:-20])
    assert demo.program("import", str(packed), check=False).returncode == 1
    assert source_count(demo, "town.osm.gz") == 6


def test_osm_pbf_gives_the_same_as_xml(demo, tmp_path):
    packed = tmp_path / "town.osm.pbf"
    packed.write_bytes(pbf(TOWN.read_bytes()))
    demo.program("import", str(packed), "--source=packed")
    demo.program("import", str(TOWN), "--source=town")
    compare = """SELECT ST_AsText(geom), class, name, ref, forward, backward, speed_forward_kmh, access_lorry_forward, max_height_m, bridge_limit_t,
                 layer, source_id, tags FROM road WHERE source = %s ORDER BY id"""
    assert demo.execute(compare, "packed") == demo.execute(compare, "town")
    turns = """SELECT t.kind, t.subjects, t.source_id FROM turn_restriction t JOIN road r ON r.id = t.from_road WHERE r.source = %s ORDER BY t.id"""
    assert len(demo.execute(turns, "packed")) == 2 and demo.execute(turns, "packed") == demo.execute(turns, "town")


@pytest.mark.parametrize("find, put, says", [
    ('<node id="12" lon="112.02" lat="33.01"/>', '<node id="12" lon="112.02" lat="33.01"/><node id="12" lon="113" lat="33.01"/>', "node 12"),
    ('<node id="1" lon="112.01" lat="33.00"/>', '<node id="1" lon="912.01" lat="33.00"/>', "node 1"),
    ('<way id="103">', '<way id="103"', "line"),
    ('<way id="102"><nd ref="2"/>', '<way id="101"><nd ref="2"/>', "way 101"),
    ('<osm version', '<!DOCTYPE osm><osm version', "document type"),
])
def test_osm_nonsense_is_refused_by_name_and_the_old_roads_stay(demo, tmp_path, find, put, says):
    text = TOWN.read_text()
    assert find in text
    bad = tmp_path / "bad.osm"
    bad.write_text(text.replace(find, put, 1))
    demo.program("import", str(TOWN), "--source=town")
    done = demo.program("import", str(bad), "--source=town", check=False)
    assert done.returncode == 1 and says in done.stderr
    assert source_count(demo, "town") == 6


def test_wrong_usage_is_told(demo, tmp_path):
    for arguments in ([], ["--demo", str(TOWN)], [str(TOWN), "--surprise"], [str(TOWN), str(TOWN)]):
        assert demo.program("import", *arguments, check=False).returncode == 2
    missing = demo.program("import", str(tmp_path / "none.osm.pbf"), check=False)
    assert missing.returncode == 1 and "none.osm.pbf" in missing.stderr
    (tmp_path / "junk.osm.pbf").write_bytes(b"this is no PBF at all")
    assert demo.program("import", str(tmp_path / "junk.osm.pbf"), check=False).returncode == 1


# ---- road layers ------------------------------------------------------------------------------------------------------

LAYER = """{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"JSDJ":"二级公路","LXMC":"南新线","LXBH":"S230","DXX":"双向","XG":4.5,"XZ":0,"SFQ":"否","LXBM":"1"},
  "geometry":{"type":"LineString","coordinates":[[111.50,32.9],[111.52,32.9]]}},
 {"type":"Feature","properties":{"JSDJ":"四级公路","LXMC":"村道","LXBH":"C1","DXX":"正向","XG":0,"XZ":10,"SFQ":"是","LXBM":"2"},
  "geometry":{"type":"LineString","coordinates":[[111.51,32.89],[111.51,32.9]]}}]}"""


@pytest.mark.parametrize("form, name", [("ESRI Shapefile", "layer.shp"), ("GPKG", "layer.gpkg")])
def test_layer_in_gauss_kruger_and_gbk_arrives_in_degrees_and_chinese(demo, tmp_path, form, name):
    (tmp_path / "in.geojson").write_text(LAYER)
    more = ["-lco", "ENCODING=GBK"] if form == "ESRI Shapefile" else []
    try:
        subprocess.run(["ogr2ogr", "-f", form, "-t_srs", "EPSG:4546", *more, str(tmp_path / name), str(tmp_path / "in.geojson")], check=True,
                       capture_output=True)
    except FileNotFoundError:
        pytest.skip("ogr2ogr is not installed (package gdal-bin)")
    if form == "ESRI Shapefile":  # as bureaus have them: neither says what it is
        (tmp_path / "layer.prj").unlink()
        (tmp_path / "layer.cpg").unlink(missing_ok=True)
    demo.program("import", str(tmp_path / name), f"--mapping={TOP}/data/ogr/road_layer.ini", "--source=layer")
    rows = demo.execute("SELECT source_id, class, name, ref, forward, backward, max_height_m, max_gross_t, bridge, "
                        "round(ST_X(ST_StartPoint(geom))::numeric, 5)::float, round(ST_Y(ST_StartPoint(geom))::numeric, 5)::float "
                        "FROM road WHERE source = 'layer' ORDER BY source_id, id")
    assert [r[0] for r in rows] == ["1", "1", "2"]  # the end of the second on the first makes a junction
    assert rows[0][1:9] == ("primary", "南新线", "S230", True, True, 4.5, None, False)
    assert rows[0][9:] == (111.5, 32.9)
    assert rows[2][1:9] == ("tertiary", "村道", "C1", True, False, None, 10, True)


def test_layer_without_crs_or_with_an_unknown_attribute_is_refused(demo, tmp_path):
    (tmp_path / "in.geojson").write_text(LAYER)
    mapping = tmp_path / "m.ini"
    mapping.write_text("[fields]\nclass = GRADE\n")
    done = demo.program("import", str(tmp_path / "in.geojson"), f"--mapping={mapping}", check=False)
    assert done.returncode == 1 and '"GRADE"' in done.stderr
    mapping.write_text("[fields]\nclass JSDJ\n")
    done = demo.program("import", str(tmp_path / "in.geojson"), f"--mapping={mapping}", check=False)
    assert done.returncode == 1 and "line 2" in done.stderr


# ---- real data, where it is at hand --------------------------------------------------------------------------------

def test_trunk_roads_of_nanyang_are_imported(demo):
    path = DATA / "nanyang/nanyang_trunk_full.geojson"
    if not path.exists():
        pytest.skip("SKIP: the shared data folder is not here")
    demo.program("import", str(path), f"--mapping={TOP}/data/ogr/nanyang_trunk.ini", "--source=trunk")
    assert 8226 <= source_count(demo, "trunk") < 8400
    assert demo.value("SELECT count(*) FROM road WHERE source = 'trunk' AND class = 'motorway' AND forward AND backward") > 3800


def test_porto_is_imported_with_its_turn_restrictions(demo):
    path = DATA / "osm/porto.osm.pbf"
    if not path.exists():
        pytest.skip("SKIP: the shared data folder is not here")
    demo.program("import", str(path), "--source=porto")
    assert source_count(demo, "porto") > 80000
    assert demo.value("SELECT count(*) FROM turn_restriction t JOIN road r ON r.id = t.from_road WHERE r.source = 'porto'") > 300
