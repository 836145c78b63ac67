"""Every cell of the authorisation table, route × role, generated from the OpenAPI document and the table beneath.

A unit test holds the document to the routes of the program; here each operation is called by each role. Who may not is
refused with 401 (no key) or 403, before anything else is looked at; who may gets any other answer. A route
that writes and that the table does not know fails the test."""
import pytest

from database_fixture import openapi_document
from desk_fixture import ROLES, desk  # noqa: F401  fixture

DOCUMENT = openapi_document()

ANYONE = {None, *ROLES}
DRAW, APPROVE, OFFICER, ADMIN = {"planner", "admin"}, {"approver", "admin"}, {"officer"}, {"admin"}
ACTS = {"create": DRAW, "replace": DRAW, "delete": DRAW, "submit": DRAW, "approve": APPROVE, "reject": APPROVE, "lift": APPROVE}
MAY = {f"{kind}_{act}": roles | (OFFICER if kind == "closure" and roles is DRAW else set())
       for kind in ("zone", "checkpoint", "closure") for act, roles in ACTS.items()}
MAY |= {"notice_create": DRAW | OFFICER, "notice": DRAW | APPROVE | OFFICER, "notice_submit": DRAW | OFFICER,
        "notice_approve": APPROVE, "notice_lift": APPROVE, "audit": ADMIN, "audit_verify": ADMIN, "quality_report": DRAW | APPROVE | OFFICER}
MAY |= {name: set(ROLES) for name in (
    "session", "whatif", "impact", "overview", "plans", "plan", "plan_check", "plan_replan", "plan_delete", "plan_pdf", "plan_svg", "plan_png",
    "job_create", "jobs", "job", "job_results", "job_cancel", "job_file")}
MAY |= {name: set(ROLES) for name in ("ogc_routes", "ogc_route", "ogc_route_definition", "ogc_route_delete")} | {"ogc_route_compute": ANYONE}
MAY |= {f"plan_{form}": set(ROLES) for form in ("geojson", "kml", "gpx", "gpkg", "shp_zip", "dxf", "csv", "fgb")}
MAY |= {"zone_import": DRAW}
MAY |= {f"county_plan_{act}": DRAW for act in ("create", "replace", "delete", "submit")}
MAY |= {f"county_plan_{act}": APPROVE for act in ("approve", "reject", "retire", "activate", "stand_down")}
MAY |= {"county_plans": DRAW | APPROVE | OFFICER, "county_plan": DRAW | APPROVE | OFFICER, "county_plan_drill": DRAW | APPROVE}
for register, writers in (("facility", DRAW), ("road", DRAW), ("jurisdiction", ADMIN), ("zone_class", ADMIN), ("credential_type", ADMIN),
                          ("calendar_day", ADMIN), ("authority_rule", ADMIN), ("toll_rate", ADMIN)):
    MAY |= {f"{register}_{act}": writers for act in ("create", "replace", "delete")}
KNOWS = set(ROLES) - {"viewer"}  # a lane is a business secret
MAY |= {name: KNOWS for name in ("lanes", "lane", "lane_history")} | {f"lane_{act}": DRAW | {"company"} for act in ("create", "replace", "delete")}
# questions and what the map draws, for everyone; nothing that writes carries one of these tags
OPEN_TAGS = {"routing", "osrm", "map", "operation"}

OPERATIONS = [(method.upper(), path, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()]


@pytest.mark.parametrize("method,path,operation", OPERATIONS, ids=[o["operationId"] for _, _, o in OPERATIONS])
def test_every_role_at_every_route(desk, method, path, operation):
    name = operation["operationId"]
    assert name in MAY or method == "GET" or OPEN_TAGS & set(operation["tags"]), f"{name}: say in the table who may"
    assert name not in MAY or not OPEN_TAGS & set(operation["tags"])
    may = MAY.get(name, ANYONE)
    assert (None not in may) == ("security" in operation), f"{name}: the document says otherwise"
    where = path.replace("{id}", "none").replace("{z}/{x}/{y}", "9/416/206").replace("{profile}", "truck") \
        .replace("{coordinates}", "112.53,33.0;112.09,32.68").replace("{path}", "none")
    for role in (None, *ROLES):
        status, answer, headers = desk.call(method, where, {} if "requestBody" in operation else None, role=role)
        if role in may:
            assert status not in (401, 403, 405, 500), (name, role, status, answer)
        else:
            assert status == (401 if role is None else 403), (name, role, status, answer)
            assert role or headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("method,path,operation", [o for o in OPERATIONS if o[1].startswith("/v1/zones/{id}") and "security" in o[2]],
                         ids=[o[2]["operationId"] for o in OPERATIONS if o[1].startswith("/v1/zones/{id}") and "security" in o[2]])
def test_ownership_another_countys_is_answered_as_what_is_not_there(desk, method, path, operation):
    square = [[112.90, 33.03], [112.96, 33.03], [112.96, 33.09], [112.90, 33.09], [112.90, 33.03]]
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [square]}, "properties": {"class": "SEC", "name": "z"}}
    words = {"authority": "a", "document_no": "d"}
    zone = desk.good("POST", "/v1/zones", feature, role="fangcheng")["id"]
    if "tanghe_approver" not in desk.keys:
        desk.key("tanghe_approver", "approver", "--county=411328")
    role = "tanghe_approver" if MAY[operation["operationId"]] == APPROVE else "tanghe"
    body = feature if operation["operationId"] == "zone_replace" else words if "requestBody" in operation else None
    for _ in range(100):  # the key that was just made is known within milliseconds
        mine = desk.call(method, path.replace("{id}", zone), body, role=role)
        if mine[0] != 401:
            break
    nobody = desk.call(method, path.replace("{id}", "none"), body, role=role)
    for answer in (mine[1], nobody[1]):
        answer.pop("request_id")
    assert mine[0] == nobody[0] == 404 and mine[1] == nobody[1]
    assert desk.call("GET", f"/v1/zones/{zone}", role="fangcheng")[1]["life"]["state"] == "draft"


def test_a_session_says_whose_key_it_is_and_where_it_may_act(desk):
    for name, county, company in (("planner", None, None), ("company", None, "acme"), ("fangcheng", "411322", None)):
        session = desk.good("GET", "/v1/session", role=name)
        role = "planner" if name == "fangcheng" else name
        assert (session["holder"], session["role"], session["county"], session["company"]) == (name, role, county, company)
    assert "no-store" in desk.call("GET", "/v1/session", role="planner")[2]["Cache-Control"]
