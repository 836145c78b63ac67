"""OGC API - Features by the book: each requirement of Part 1 (17-069r4: Core, GeoJSON, HTML, OpenAPI 3.0) and Part 2 (18-058r1) by its
name, with what its abstract test asks of a server. The official suite needs a network; this one goes the same way."""
import copy
import datetime
import html.parser
import http.client
import json
import re
import urllib.parse

import pytest

from desk_fixture import desk  # noqa: F401  fixture

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
JSON, GEOJSON, HTML, OPENAPI = "application/json", "application/geo+json", "text/html", "application/vnd.oai.openapi+json;version=3.0"
REQUIREMENTS = {}


def requirement(*names):
    def put(function):
        for name in names:
            assert name not in REQUIREMENTS
            REQUIREMENTS[name] = function
        return function
    return put


class Server:
    """The service as a client that knows nothing but the address of its landing page."""

    def __init__(self, desk):
        self.desk, self.base = desk, f"http://127.0.0.1:{desk.service.port}"
        self.landing = self.json("/ogc")
        self.definition = self.json(self.link(self.landing, "service-desc", OPENAPI))
        self.collections = self.json(self.link(self.landing, "data", JSON))["collections"]

    def ask(self, path, accept=None, method="GET"):
        path = path.removeprefix(self.base)
        assert path.startswith("/"), path
        return self.desk.call(method, path, role=None, headers={"Accept": accept} if accept else None)

    def json(self, path, accept=JSON):
        status, answer, headers = self.ask(path, accept)
        assert status == 200, (path, status, answer)
        return answer

    def links(self, document, rel, kind=None):
        return [m["href"] for m in document["links"] if m["rel"] == rel and (kind is None or m["type"] == kind)]

    def link(self, document, rel, kind=None):
        found = self.links(document, rel, kind)
        assert found, (rel, kind, document["links"])
        return found[0]

    def items(self, collection, query=""):
        path = self.link(collection, "items", GEOJSON)
        return self.ask(path + (("&" if "?" in path else "?") + query if query else ""), GEOJSON)

    def features(self, collection, query=""):
        status, answer, _ = self.items(collection, query)
        assert status == 200, (query, answer)
        return answer

    def operation(self, path, method="get"):
        return self.definition["paths"][path][method]

    def parameters(self, path):
        item = self.definition["paths"][path]
        return {(p["name"], p["in"]): p for p in map(self.resolve, item.get("parameters", []) + item["get"].get("parameters", []))}

    def resolve(self, part):
        while "$ref" in part:
            assert part["$ref"].startswith("#/"), part
            found = self.definition
            for name in part["$ref"][2:].split("/"):
                found = found[name.replace("~1", "/").replace("~0", "~")]
            part = found
        return part

    def items_path(self, collection):
        """The path of a collection's items in the definition: written out, or with a placeholder."""
        own = f"/collections/{collection['id']}/items"
        return own if own in self.definition["paths"] else next(p for p in self.definition["paths"] if re.fullmatch(r"/collections/\{\w+\}/items", p))


@pytest.fixture(scope="module")
def server(desk):  # noqa: F811
    return Server(desk)


def positions(value):
    if isinstance(value, dict):
        return positions(value["coordinates"]) if "coordinates" in value else [p for g in value["geometries"] for p in positions(g)]
    return [tuple(value)] if isinstance(value[0], (int, float)) else [p for part in value for p in positions(part)]


def extent_of(feature):
    xs, ys = zip(*[p[:2] for p in positions(feature["geometry"])])
    return min(xs), min(ys), max(xs), max(ys)


def is_time(text):
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text)) and bool(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")))


class Page(html.parser.HTMLParser):
    """Whether a page is well formed, and where it leads."""
    VOID = {"meta", "link", "br", "img", "input", "hr"}

    def __init__(self, text):
        super().__init__()
        self.open, self.hrefs, self.words = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self.hrefs += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data):
        self.words += data


# ---- Part 1, Core -----------------------------------------------------------------------------------------------------

@requirement("core/root-op", "core/root-success")
def landing_page(s):
    for rel in ("service-desc", "conformance", "data"):
        assert s.links(s.landing, rel), rel
    assert all(set(m) >= {"href", "rel"} and m["href"].startswith("http") for m in s.landing["links"])
    assert s.landing["title"] and s.landing["description"]


@requirement("core/api-definition-op", "core/api-definition-success")
def definition(s):
    for m in s.landing["links"]:
        if m["rel"] in ("service-desc", "service-doc"):
            status, answer, headers = s.ask(m["href"], m["type"])
            assert status == 200 and headers["Content-Type"].split(";")[0] == m["type"].split(";")[0], m
            assert m["type"] == HTML or answer["openapi"].startswith(m["type"].rsplit("=", 1)[1])


@requirement("core/conformance-op", "core/conformance-success")
def conformance(s):
    declared = s.json(s.link(s.landing, "conformance"))["conformsTo"]
    part1, part2 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/", "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/"
    assert {part1 + c for c in ("core", "geojson", "html", "oas30")} | {part2 + "crs"} <= set(declared) and len(declared) == len(set(declared))


@requirement("core/http")
def http_is_spoken(s):
    connection = http.client.HTTPConnection("127.0.0.1", s.desk.service.port, timeout=30)
    connection.request("HEAD", "/ogc/collections", headers={"Accept": JSON})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"") and int(answer.headers["Content-Length"]) > 0
    connection.close()
    assert s.ask("/ogc/nothing", JSON)[0] == 404 and s.ask("/ogc/collections", JSON, method="PUT")[0] == 405
    assert s.ask("/ogc/collections", "text/html;q=0.3, application/json;q=0.8, */*;q=0.1")[2]["Content-Type"].startswith(JSON)


@requirement("core/query-param-unknown", "core/query-param-invalid")
def parameters_are_looked_at(s):
    paths = [m["href"] for m in s.landing["links"] if m["rel"] in ("data", "conformance")] + [s.link(c, "self") for c in s.collections]
    for path in paths + [s.link(c, "items", GEOJSON) for c in s.collections]:
        join = "&" if "?" in path else "?"
        assert s.ask(f"{path}{join}nonsense=1")[0] == 400, path
    for collection in s.collections:
        for bad in ("limit=0", "limit=-1", "limit=many", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=0,0,0,0,0", "bbox=10,20,30,10", "datetime=soon", "datetime=2026-01-01T00:00:00", "datetime=../..x", "datetime=2026-02-01T00:00:00Z/2026-01-01T00:00:00Z",
                    "crs=EPSG:4326", "bbox=1,2,3,4&bbox-crs=x", "f=xml"):
            assert s.items(collection, bad)[0] == 400, (collection["id"], bad)


@requirement("core/crs84")
def degrees_of_crs84_unless_asked_otherwise(s):
    for collection in s.collections:
        _, answer, headers = s.items(collection, "limit=5")
        assert headers["Content-Crs"] == f"<{CRS84}>"
        for f in answer["features"]:
            assert f["geometry"] is None or all(70 < x < 140 and 3 < y < 55 for x, y, *_ in positions(f["geometry"]))


@requirement("core/fc-md-op", "core/fc-md-success", "core/fc-md-links")
def collections(s):
    answer = s.json(s.link(s.landing, "data", JSON))
    assert s.link(answer, "self", JSON) and s.link(answer, "alternate", HTML)
    assert all("type" in m for m in answer["links"])
    for m in answer["links"]:
        assert s.ask(m["href"], m["type"])[2]["Content-Type"].split(";")[0] == m["type"]


@requirement("core/fc-md-items", "core/fc-md-items-links")
def each_collection_is_listed_with_its_items(s):
    listed = {c["id"] for c in s.collections}
    assert len(listed) == len(s.collections) >= 6
    for c in s.collections:
        assert {JSON, GEOJSON} & {m["type"] for m in c["links"] if m["rel"] == "items"} and s.links(c, "items", HTML)
        assert all({"rel", "type", "href"} <= set(m) for m in c["links"]) and c["title"]


@requirement("core/fc-md-extent", "core/fc-md-extent-multi")
def extents_hold_what_is_there(s):
    for c in s.collections:
        if "extent" not in c:
            continue
        for west, south, east, north in c["extent"]["spatial"]["bbox"]:
            assert -180 <= west <= 180 and -90 <= south <= north <= 90
        west, south, east, north = c["extent"]["spatial"]["bbox"][0]
        for f in s.features(c, "limit=200")["features"]:
            if f["geometry"]:
                x0, y0, x1, y1 = extent_of(f)
                assert west - 1e-6 <= x0 and x1 <= east + 1e-6 and south - 1e-6 <= y0 and y1 <= north + 1e-6, (c["id"], f["id"])
        for span in c["extent"].get("temporal", {}).get("interval", []):
            assert len(span) == 2 and all(t is None or is_time(t) for t in span)


@requirement("core/sfc-md-op", "core/sfc-md-success")
def one_collection_says_the_same(s):
    for c in s.collections:
        alone = s.json(f"/ogc/collections/{c['id']}")
        for name in ("id", "title", "description", "extent", "itemType", "storageCrs"):
            assert alone.get(name) == c.get(name), name
        every = {CRS84, *alone["crs"]}
        assert alone["itemType"] == "feature" and (c["crs"] == ["#/crs"] or "#/crs" in c["crs"] or set(c["crs"]) == every)
    assert s.ask("/ogc/collections/none", JSON)[0] == 404


@requirement("core/fc-op")
def items_are_described_and_there(s):
    for c in s.collections:
        assert s.items_path(c) and s.items(c)[0] == 200


@requirement("core/fc-limit-definition")
def limit_is_described(s):
    for c in s.collections:
        p = s.parameters(s.items_path(c))["limit", "query"]
        assert p.get("required", False) is False and p["schema"]["type"] == "integer" and p["schema"]["minimum"] == 1
        assert 1 <= p["schema"]["default"] <= p["schema"]["maximum"] and p.get("style", "form") == "form" and p.get("explode", True) in (True, False)


@requirement("core/fc-limit-response-1")
def limit_is_kept_to(s):
    for c in s.collections:
        limit = s.parameters(s.items_path(c))["limit", "query"]["schema"]
        for n in (1, 3, limit["maximum"]):
            answer = s.features(c, f"limit={n}")
            assert len(answer["features"]) <= n and len(answer["features"]) == min(n, answer["numberMatched"])
        assert len(s.features(c)["features"]) <= limit["default"]


@requirement("core/fc-bbox-definition")
def bbox_is_described(s):
    for c in s.collections:
        p = s.parameters(s.items_path(c))["bbox", "query"]
        assert p.get("required", False) is False and p.get("style", "form") == "form" and p["explode"] is False
        shapes = p["schema"].get("oneOf", [p["schema"]])
        assert all(each["type"] == "array" and each["items"]["type"] == "number" for each in shapes)
        assert {(each["minItems"], each["maxItems"]) for each in shapes} in ({(4, 4), (6, 6)}, {(4, 6)}, {(4, 4)})


@requirement("core/fc-bbox-response")
def a_box_chooses(s):
    for c in s.collections:
        whole = s.features(c, "limit=1000")
        middle = next(f for f in whole["features"] if f["geometry"])
        west, south, east, north = extent_of(middle)
        for box in ((west, south, east, north), ((west + east) / 2, (south + north) / 2, east, north)):
            text = ",".join(f"{n:.7f}" for n in box)
            for query in (f"bbox={text}", f"bbox={text.replace(',', ',', 1)}".replace(text, ",".join([*text.split(",")[:2], "-50", *text.split(",")[2:], "900"]))):
                for f in s.features(c, query + "&limit=1000")["features"]:
                    x0, y0, x1, y1 = extent_of(f)
                    assert x0 <= box[2] + 1e-6 and x1 >= box[0] - 1e-6 and y0 <= box[3] + 1e-6 and y1 >= box[1] - 1e-6
        inside = {f["id"] for f in s.features(c, f"bbox={west:.7f},{south:.7f},{east:.7f},{north:.7f}&limit=1000")["features"]}
        assert middle["id"] in inside
        assert s.features(c, "bbox=0,0,1,1")["numberMatched"] == 0
        assert s.features(c, "bbox=-180,-90,180,90&limit=1")["numberMatched"] == sum(f["geometry"] is not None for f in whole["features"]) or whole["numberMatched"] > 1000


@requirement("core/fc-time-definition")
def datetime_is_described(s):
    for c in s.collections:
        p = s.parameters(s.items_path(c))["datetime", "query"]
        assert p.get("required", False) is False and p["schema"]["type"] == "string" and p.get("style", "form") == "form"


@requirement("core/fc-time-response")
def a_time_chooses(s):
    for c in s.collections:
        every = {f["id"]: f["properties"] for f in s.features(c, "limit=1000")["features"]}
        for query, first, last in (("2026-11-20T08:00:00Z", "2026-11-20T08:00:00+00:00", "2026-11-20T08:00:00+00:00"), ("2026-11-01T00:00:00Z/2026-11-30T00:00:00Z", "2026-11-01T00:00:00+00:00", "2026-11-30T00:00:00+00:00"),
                                   ("2027-01-01T00:00:00Z/..", "2027-01-01T00:00:00+00:00", None), ("../2024-06-01T00:00:00Z", None, "2024-06-01T00:00:00+00:00"), ("/2024-06-01T00:00:00Z", None, "2024-06-01T00:00:00+00:00")):
            def meets(p):
                begin, end = p.get("effective_from"), p.get("effective_until")
                moment = datetime.datetime.fromisoformat
                return not (begin and last and moment(begin) > moment(last)) and not (end and first and moment(end) <= moment(first))
            found = {f["id"] for f in s.features(c, f"datetime={query}&limit=1000")["features"]}
            if len(every) < 1000:
                assert found == {i for i, p in every.items() if meets(p)}, (c["id"], query)


@requirement("core/fc-response")
def conditions_hold_together(s):
    zones = next(c for c in s.collections if c["id"] == "zones")
    every = s.features(zones, "limit=1000")["features"]
    one = every[0]
    west, south, east, north = extent_of(one)
    query = f"bbox={west:.7f},{south:.7f},{east:.7f},{north:.7f}&state=approved&class={urllib.parse.quote(one['properties']['class'])}&limit=1000"
    for f in s.features(zones, query)["features"]:
        assert f["properties"]["state"] == "approved" and f["properties"]["class"] == one["properties"]["class"]
    assert one["id"] in [f["id"] for f in s.features(zones, query)["features"]] or one["properties"]["state"] != "approved"
    assert s.features(zones, "class=NONE")["numberMatched"] == 0


@requirement("core/fc-links", "core/fc-rel-type")
def pages_are_linked(s):
    for c in s.collections:
        seen, answer = [], s.features(c, "limit=4")
        for _ in range(6):
            assert s.links(answer, "self") and s.links(answer, "alternate", HTML) and all("type" in m and "rel" in m for m in answer["links"])
            seen += [f["id"] for f in answer["features"]]
            following = s.links(answer, "next")
            if not following:
                assert len(seen) == answer["numberMatched"]
                break
            assert len(answer["features"]) == 4
            answer = s.json(following[0], GEOJSON)
        assert len(seen) == len(set(seen))
        same = s.json(s.link(s.features(c, "limit=4"), "self"), GEOJSON)
        assert [f["id"] for f in same["features"]] == seen[:4]


@requirement("core/fc-timeStamp", "core/fc-numberMatched", "core/fc-numberReturned")
def figures_are_right(s):
    for c in s.collections:
        answer = s.features(c, "limit=7")
        now = datetime.datetime.now(datetime.timezone.utc)
        assert is_time(answer["timeStamp"]) and abs((datetime.datetime.fromisoformat(answer["timeStamp"].replace("Z", "+00:00")) - now).total_seconds()) < 120
        assert answer["numberReturned"] == len(answer["features"]) and answer["numberMatched"] >= answer["numberReturned"]
        if answer["numberMatched"] < 1000:
            assert len(s.features(c, "limit=1000")["features"]) == answer["numberMatched"]


@requirement("core/f-op", "core/f-success", "core/f-links")
def one_feature(s):
    for c in s.collections:
        for f in s.features(c, "limit=3")["features"]:
            path = f"/ogc/collections/{c['id']}/items/{urllib.parse.quote(str(f['id']), safe='')}"
            status, alone, headers = s.ask(path, GEOJSON)
            assert status == 200 and headers["Content-Type"] == GEOJSON
            assert {k: alone[k] for k in ("type", "id", "geometry", "properties")} == {k: f[k] for k in ("type", "id", "geometry", "properties")}
            assert urllib.parse.unquote(s.link(alone, "self", GEOJSON).removeprefix(s.base).split("?")[0]) == urllib.parse.unquote(path) and s.links(alone, "alternate", HTML)
            assert s.link(alone, "collection").removeprefix(s.base).split("?")[0] == f"/ogc/collections/{c['id']}"
        assert s.ask(f"/ogc/collections/{c['id']}/items/no-such-feature", GEOJSON)[0] == 404


# ---- GeoJSON, HTML ----------------------------------------------------------------------------------------------------

@requirement("geojson/definition", "geojson/content")
def geojson(s):
    shapes = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
    for c in s.collections:
        status, answer, headers = s.items(c, "limit=50")
        assert headers["Content-Type"] == GEOJSON and answer["type"] == "FeatureCollection" and "crs" not in answer
        for f in answer["features"]:
            assert f["type"] == "Feature" and isinstance(f["properties"], dict) and isinstance(f["id"], (str, int)) and "geometry" in f and "crs" not in f
            if f["geometry"] is None:
                continue
            value = f["geometry"]["coordinates"]
            for _ in range(shapes[f["geometry"]["type"]]):
                assert value and all(isinstance(part, list) for part in value)
                value = value[0]
            assert len(value) in (2, 3)
            polygons = {"Polygon": [f["geometry"]["coordinates"]], "MultiPolygon": f["geometry"]["coordinates"]}.get(f["geometry"]["type"], [])
            for rings in polygons:
                for i, ring in enumerate(rings):
                    twice_area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:]))
                    assert ring[0] == ring[-1] and len(ring) >= 4
                    assert (twice_area > 0) == (i == 0), f"{c['id']} {f['id']}: outer rings go round against the clock, holes with it (RFC 7946, 3.1.6)"


@requirement("html/definition", "html/content")
def pages_for_people(s):
    paths = ["/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections"]
    for c in s.collections:
        paths += [f"/ogc/collections/{c['id']}", f"/ogc/collections/{c['id']}/items?limit=5"]
        paths += [f"/ogc/collections/{c['id']}/items/{urllib.parse.quote(str(f['id']), safe='')}" for f in s.features(c, "limit=1")["features"]]
    for path in paths:
        status, text, headers = s.ask(path, HTML)
        assert status == 200 and headers["Content-Type"].split(";")[0] == HTML, path
        page = Page(text.decode())
        document = s.json(path, "*/*" if path == "/ogc/api" else f"{JSON}, {GEOJSON}")
        for m in document.get("links", []):  # all that the document links to can be reached from the page
            if m["rel"] not in ("self", "alternate"):
                target = m["href"].split("?")[0]
                assert any(h.split("?")[0] in (target, target.removeprefix(s.base)) for h in page.hrefs), (path, m)
        for f in document.get("features", [document] if document.get("type") == "Feature" else []):
            for value in f["properties"].values():
                assert not isinstance(value, str) or value.strip()[:40] in re.sub(r"\s+", " ", page.words) or value.strip()[:40] in page.words, (path, value)


# ---- OpenAPI 3.0 ------------------------------------------------------------------------------------------------------

@requirement("oas30/oas-definition-1", "oas30/oas-definition-2", "oas30/oas-impl")
def openapi_definition(s):
    for path, item in s.definition["paths"].items():
        wanted = re.findall(r"\{(\w+)\}", path)
        for method in ("get", "post", "delete"):
            if method in item:
                given = [p["name"] for p in map(s.resolve, item.get("parameters", []) + item[method].get("parameters", [])) if p["in"] == "path"]
                assert sorted(given) == sorted(wanted), (path, method)
    for needed in ("/", "/conformance", "/collections", "/collections/{id}", "/collections/{id}/items", "/collections/{id}/items/{fid}"):
        assert "get" in s.definition["paths"][needed], needed
    assert any(server["url"].rstrip("/").endswith("/ogc") for server in s.definition["servers"])


@requirement("oas30/completeness")
def every_status_is_described(s):
    ids = [m["operationId"] for item in s.definition["paths"].values() for name, m in item.items() if name in ("get", "post", "delete")]
    assert len(ids) == len(set(ids))
    for c in s.collections:
        path = s.items_path(c)
        described = s.operation(path)["responses"]
        for query in ("", "limit=0", "nonsense=1"):
            status, _, headers = s.items(c, query)
            assert str(status) in described, (path, status)
            assert headers["Content-Type"].split(";")[0] in {kind.split(";")[0] for kind in s.resolve(described[str(status)])["content"]}, (path, status)
        assert f"/collections/{c['id']}/items" in s.definition["paths"] or c["id"] in s.parameters(path)["id", "path"]["schema"]["enum"]


@requirement("oas30/exceptions-codes")
def exceptions(s):
    for path in ("/ogc/collections/none", "/ogc/collections/zones/items?limit=0"):
        status, answer, headers = s.ask(path, JSON)
        assert status >= 400 and headers["Content-Type"] == "application/problem+json" and answer["status"] == status and answer["code"] and answer["detail"]


@requirement("oas30/security")
def security(s):
    used = {name for item in s.definition["paths"].values() for m in item.values() if isinstance(m, dict) for each in m.get("security", []) for name in each}
    assert used and used <= set(s.definition["components"]["securitySchemes"])


# ---- Part 2 -----------------------------------------------------------------------------------------------------------

@requirement("crs/crs-uri", "crs/fc-md-crs-list", "crs/fc-md-crs-list-global")
def systems_are_listed(s):
    overall = s.json(s.link(s.landing, "data", JSON)).get("crs", [])
    for c in s.collections:
        listed = [uri for entry in c["crs"] for uri in (overall if entry == "#/crs" else [entry])]
        assert listed and CRS84 in listed and len(listed) == len(set(listed))
        assert all(re.fullmatch(r"http://www\.opengis\.net/def/crs/\w+/[\d.]+/\w+", uri) for uri in listed)


@requirement("crs/fc-md-storageCrs", "crs/fc-md-storageCrs-valid-value")
def the_stored_system_is_among_them(s):
    for c in s.collections:
        assert "storageCrs" not in c or c["storageCrs"] in s.json(f"/ogc/collections/{c['id']}")["crs"]


@requirement("crs/fc-bbox-crs-definition", "crs/fc-crs-definition")
def both_parameters_are_described(s):
    for c in s.collections:
        for name in ("bbox-crs", "crs"):
            p = s.parameters(s.items_path(c))[name, "query"]
            assert p.get("required", False) is False and p["schema"]["type"] == "string" and p["schema"].get("format", "uri") == "uri" and p.get("style", "form") == "form"


@requirement("crs/fc-bbox-crs-valid-value", "crs/fc-crs-valid-value")
def a_system_that_is_not_listed_is_refused(s):
    for c in s.collections:
        for uri in (EPSG + "2154", EPSG + "999999", "http://example.org/x"):
            assert s.items(c, f"crs={urllib.parse.quote(uri)}")[0] == 400 and s.items(c, f"bbox=1,2,3,4&bbox-crs={urllib.parse.quote(uri)}")[0] == 400
        one = s.features(c, "limit=1")["features"][0]["id"]
        assert s.ask(f"/ogc/collections/{c['id']}/items/{urllib.parse.quote(str(one), safe='')}?crs={urllib.parse.quote(EPSG + '2154')}", GEOJSON)[0] == 400


@requirement("crs/fc-bbox-crs-valid-defaultValue", "crs/fc-bbox-crs-action")
def a_box_is_read_in_its_system(s):
    for c in s.collections:
        west, south, east, north = extent_of(next(f for f in s.features(c, "limit=5")["features"] if f["geometry"]))
        plain = {f["id"] for f in s.features(c, f"bbox={west:.7f},{south:.7f},{east:.7f},{north:.7f}&limit=1000")["features"]}
        assert plain
        for uri, box in ((CRS84, (west, south, east, north)), (EPSG + "4326", (south, west, north, east)), (EPSG + "4490", (south, west, north, east))):
            text = ",".join(f"{n:.7f}" for n in box)
            assert plain == {f["id"] for f in s.features(c, f"bbox={text}&bbox-crs={urllib.parse.quote(uri)}&limit=1000")["features"]}, uri


@requirement("crs/fc-crs-default-value", "crs/fc-crs-action", "crs/geojson", "crs/ogc-crs-header", "crs/ogc-crs-header-value")
def coordinates_are_in_the_system_that_was_asked_for(s):
    for c in s.collections:
        plain = s.features(c, "limit=4")
        for uri in (CRS84, EPSG + "4326", EPSG + "4490", EPSG + "3857", c["storageCrs"]):
            status, answer, headers = s.items(c, f"limit=4&crs={urllib.parse.quote(uri)}")
            assert status == 200 and headers["Content-Crs"] == f"<{uri}>" and headers["Content-Type"] == GEOJSON and "crs" not in answer
            for f, known in zip(answer["features"], plain["features"]):
                if f["geometry"] is None:
                    continue
                (x, y, *_), (lon, lat, *_) = positions(f["geometry"])[0], positions(known["geometry"])[0]
                if uri == CRS84:
                    assert (x, y) == (lon, lat)
                elif uri.endswith("/3857"):
                    assert abs(x / 20037508.342789244 * 180 - lon) < 1e-5
                else:
                    assert abs(x - lat) < 1e-5 and abs(y - lon) < 1e-5, uri
            one = answer["features"][0]
            status, alone, headers = s.ask(f"/ogc/collections/{c['id']}/items/{urllib.parse.quote(str(one['id']), safe='')}?crs={urllib.parse.quote(uri)}", GEOJSON)
            assert status == 200 and headers["Content-Crs"] == f"<{uri}>" and alone["geometry"] == one["geometry"]
            following = s.links(answer, "next")
            if following:  # a page that follows is in the same system
                assert s.ask(following[0], GEOJSON)[2]["Content-Crs"] == f"<{uri}>"


@pytest.mark.parametrize("name", sorted(REQUIREMENTS))
def test_requirement(server, name):
    REQUIREMENTS[name](server)


def test_the_client_sees_what_is_wrong(server):
    """The checks can fail: the same answers with something missing do not pass."""
    broken = copy.copy(server)
    broken.landing = {**server.landing, "links": [m for m in server.landing["links"] if m["rel"] != "conformance"]}
    with pytest.raises(AssertionError):
        landing_page(broken)
    broken = copy.copy(server)
    broken.definition = json.loads(json.dumps(server.definition))
    del broken.parameters(server.items_path(server.collections[0]))["limit", "query"]["schema"]["maximum"]
    with pytest.raises((AssertionError, KeyError)):
        limit_is_described(broken)
    with pytest.raises(AssertionError):
        Page("<p><b>x</p></b>")
