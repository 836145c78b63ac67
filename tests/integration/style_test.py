"""The map style for other programs, held to MapLibre's own reading of styles and to the tiles that it draws."""
import datetime
import json
import pathlib
import struct
import subprocess
import time
import zlib

import pytest

from database_fixture import TOP
from desk_fixture import desk  # noqa: F401  fixture

SPEC = TOP / "build/console/node_modules/@maplibre/maplibre-gl-style-spec/dist/index.mjs"
RULES = ["closed", "gated", "through_only", "destination_only", "caution"]


def style(desk, query="", role=None, language="zh-CN"):
    status, answer, headers = desk.call("GET", "/style.json" + query, role=role, language=language)
    assert status == 200, answer
    return answer, headers


def pixels(png):
    """Rows of RGBA of a PNG of eight bits with filters."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, (width, height, depth, kind) = 8, b"", struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at:at + 8])
        data += png[at + 8:at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    raw, rows, before = zlib.decompress(data), [], bytes(width * 4)
    for y in range(height):
        line = bytearray(raw[y * (width * 4 + 1):(y + 1) * (width * 4 + 1)])
        way, line = line[0], line[1:]
        for i, value in enumerate(line):
            a, b, c = line[i - 4] if i > 3 else 0, before[i], before[i - 4] if i > 3 else 0
            near = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            line[i] = value + (0, a, b, (a + b) // 2, near)[way] & 255
        before = bytes(line)
        rows.append([tuple(line[i:i + 4]) for i in range(0, len(line), 4)])
    return rows


@pytest.mark.parametrize("query,role", [("", None), ("?lang=en", None), ("?labels=false", None), ("?theme=dark", None), ("", "planner")])
def test_maplibre_reads_it_without_complaint(desk, query, role, tmp_path):
    document, _ = style(desk, query, role)
    file = tmp_path / "style.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    script = f"import {{ validateStyleMin }} from {json.dumps(pathlib.Path(SPEC).as_uri())};" \
             "import { readFileSync } from 'node:fs';" \
             f"console.log(JSON.stringify(validateStyleMin(JSON.parse(readFileSync({json.dumps(str(file))}))).map((e) => e.message)))"
    found = json.loads(subprocess.run(["node", "--input-type=module", "-e", script], check=True, capture_output=True, text=True).stdout)
    assert found == []


def test_every_address_and_every_property_is_there(desk):
    document, _ = style(desk, role="planner")
    base = f"http://127.0.0.1:{desk.service.port}"
    fields = {}
    for name, source in document["sources"].items():
        status, tiles, _ = desk.call("GET", source["url"].removeprefix(base), role="planner")
        assert status == 200 and tiles["tiles"][0].startswith(base)
        fields[name] = set(tiles["vector_layers"][0]["fields"])
        assert all(layer["source-layer"] in {v["id"] for v in tiles["vector_layers"]} for layer in document["layers"] if layer.get("source") == name)

    def asked(value):
        if isinstance(value, list):
            if len(value) == 2 and value[0] in ("get", "has"):
                yield value[1]
            for part in value:
                yield from asked(part)
        elif isinstance(value, dict):
            for part in value.values():
                yield from asked(part)
    for layer in document["layers"]:
        assert layer["type"] == "background" or layer["source-layer"] in (layer["source"], layer["source"] + "_names")
        assert set(asked([layer.get("filter"), layer.get("paint"), layer.get("layout")])) <= fields.get(layer.get("source"), set()), layer["id"]
    assert "$" not in json.dumps(document) and document["sprite"] == base + "/style/sprite"


def test_names_are_in_the_language_that_is_asked_for(desk):
    for query, language, english in (("?lang=zh", "en", False), ("?lang=en", "zh-CN", True), ("", "en", True), ("", "zh-CN", False)):
        text = json.dumps(style(desk, query, language=language)[0])
        assert ("class_name_en" in text, "name_en" in text) == (english, english)
    assert not [layer for layer in style(desk, "?labels=false")[0]["layers"] if layer["type"] == "symbol"]


def test_plans_are_for_who_has_a_key(desk):
    assert "plans" not in style(desk)[0]["sources"] and "plans" not in json.dumps(style(desk)[0]["layers"])
    own, headers = style(desk, role="viewer")
    assert "plans" in own["sources"] and "private" in headers["Cache-Control"] and "Authorization" in headers["Vary"]
    tag = headers["ETag"]
    assert desk.call("GET", "/style.json", role="viewer", language="zh-CN", headers={"If-None-Match": tag})[0] == 304
    assert desk.call("GET", "/style.json", role=None, language="zh-CN", headers={"If-None-Match": tag})[0] == 200


def test_the_dark_one_differs_in_colours_alone(desk):
    light, dark = style(desk, "?theme=light", "planner")[0], style(desk, "?theme=dark", "planner")[0]
    assert light == style(desk, role="planner")[0]
    assert dark.pop("sprite") == light.pop("sprite") + "-dark"

    def pairs(a, b):
        assert type(a) is type(b)
        if isinstance(a, dict):
            assert a.keys() == b.keys()
            for key in a:
                yield from pairs(a[key], b[key])
        elif isinstance(a, list):
            assert len(a) == len(b)
            for one, other in zip(a, b):
                yield from pairs(one, other)
        elif a != b:
            yield a, b

    def brightness(colour):
        return sum(int(colour[i:i + 2], 16) * share for i, share in ((1, .299), (3, .587), (5, .114)))
    changed = dict(pairs(light, dark))
    assert len(changed) >= 14 and all(a[0] == b[0] == "#" for a, b in changed.items())
    ground = {layer["id"]: layer for layer in dark["layers"]}
    land = brightness(ground["land"]["paint"]["background-color"])
    assert land < 60 < 120 < brightness(ground["roads-name"]["paint"]["text-color"])
    assert all(brightness(b) > land + 60 for b in ground["zones-border"]["paint"]["line-color"][3::2])


@pytest.mark.parametrize("scale,name", [(1, "sprite"), (2, "sprite@2x"), (1, "sprite-dark"), (2, "sprite-dark@2x")])
def test_each_rule_has_a_hatch_of_its_own(desk, scale, name):
    index = desk.call("GET", f"/style/{name}.json", role=None)[1]
    status, png, headers = desk.call("GET", f"/style/{name}.png", role=None)
    assert status == 200 and headers["Content-Type"] == "image/png"
    rows = pixels(png)
    assert set(index) == {"hatch-" + rule for rule in RULES} and len(rows) == 16 * scale and len(rows[0]) == 5 * 16 * scale
    shapes = {}
    for rule in RULES:
        at = index["hatch-" + rule]
        assert at["pixelRatio"] == scale and at["width"] == at["height"] == 16 * scale
        picture = [[pixel for pixel in row[at["x"]:at["x"] + at["width"]]] for row in rows]
        shapes[rule] = tuple(tuple(pixel[3] > 128 for pixel in row) for row in picture)
        assert any(map(any, shapes[rule])) and not all(map(all, shapes[rule]))
        # no edge: what leaves on one side comes in on the other
        assert abs(sum(p[3] for p in picture[0]) - sum(p[3] for p in picture[-1])) < 128 * scale or rule == "caution"
    assert len(set(shapes.values())) == 5, "told apart by shape alone"


@pytest.mark.parametrize("path,status", [("/style.json?lang=fr", 400), ("/style.json?labels=no", 400), ("/style.json?theme=grey", 400), ("/style.json?x=1", 400), ("/style/sprite.gif", 404)])
def test_what_is_not_there_is_said(desk, path, status):
    assert desk.call("GET", path, role=None)[0] == status


def holds(expression, properties):
    """As much of MapLibre's expressions as filters of the style have."""
    if not isinstance(expression, list):
        return expression
    name, *rest = expression
    value = [part if name == "literal" else holds(part, properties) for part in rest]
    return {"all": lambda: all(value), "any": lambda: any(value), "!": lambda: not value[0], "==": lambda: value[0] == value[1], "!=": lambda: value[0] != value[1],
            "<=": lambda: value[0] <= value[1], ">": lambda: value[0] > value[1], "has": lambda: value[0] in properties, "get": lambda: properties.get(value[0]),
            "coalesce": lambda: next((v for v in value if v is not None), None), "in": lambda: value[0] in value[1], "literal": lambda: value[0],
            "case": lambda: value[1] if value[0] else value[2]}[name]()


def test_rules_are_drawn_that_bind_at_the_moment(desk):
    """What the style draws as binding is what the service says of that moment, rule by rule, whatever has a span or hours."""
    found = {}
    for layer, word in (("zones", "in_force"), ("closures", "in_force"), ("checkpoints", "open")):
        found[layer] = set()
        for moment in ("2024-05-01T10:00:00+08:00", "2026-11-20T10:00:00+08:00", "2026-11-21T23:30:00+08:00", "2026-11-22T10:00:00+08:00", "2031-03-01T03:00:00+08:00"):
            at = moment.replace("+", "%2B")
            style_then = {each["id"]: each for each in style(desk, f"?at={at}")[0]["layers"]}
            expression = style_then[layer]["paint"]["circle-color"] if layer == "checkpoints" else style_then[layer]["filter"]
            for feature in desk.good("GET", f"/v1/{layer}?at={at}", role=None)["features"]:
                p = feature["properties"]
                whole = p  # of a checkpoint the layer tells neither span nor hours
                if layer == "checkpoints":
                    one = desk.good("GET", f"/v1/checkpoints/{feature['id']}")["properties"]
                    whole = {"effective_from": one["from"], "effective_until": one["until"], "has_hours": bool(one["opening"])}
                hours = whole["has_hours"]
                seconds = {tile: int(datetime.datetime.fromisoformat(whole[name]).timestamp())
                           for name, tile in (("effective_from", "from_s"), ("effective_until", "until_s")) if whole.get(name)}
                tile = {"id": feature["id"], "state": "active", **seconds, **({"has_hours": True} if hours else {})}
                drawn = holds(expression, tile)
                drawn = drawn == "#0067a5" if layer == "checkpoints" else drawn
                assert drawn == p[word], (layer, feature["id"], moment, tile)
                found[layer].add((drawn, hours))
    assert found["zones"] >= {(True, True), (False, True), (True, False), (False, False)}
    now = style(desk)
    assert now[0] != style(desk, "?at=2031-03-01T03:00:00%2B08:00")[0]
    assert desk.call("GET", "/style.json?at=yesterday", role=None)[0] == 400


def test_a_style_without_a_moment_is_that_of_this_minute(desk):
    for _ in range(2):  # a minute may end between the two
        before = int(time.time()) // 60 * 60
        text = json.dumps(style(desk)[0])
        if int(time.time()) // 60 * 60 == before:
            break
    assert f'["<=", ["coalesce", ["get", "from_s"], {before}], {before}]' in text
