"""Pages of other origins: what a browser asks before, what it may read, and that none may anything unless it is configured."""
import http.client
import os

import pytest

from conftest import end_program, start_program
from desk_fixture import Desk, wait_for

PAGE, OTHER = "https://map.example.cn", "https://else.example.cn"
GETS = ["/tiles/roads.json", "/tiles/roads/8/208/103.mvt", "/ogc", "/ogc/collections/zones/items?limit=1", "/route/v1/truck/112.43,33.49;112.09,32.68?overview=false",
        "/v1/zones", "/style.json", "/style/sprite.png", "/readyz"]


@pytest.fixture(scope="module")
def start(demo_database, tmp_path_factory):
    started = []
    folder = tmp_path_factory.mktemp("cors")
    pepper = f"--pepper-file={folder}/pepper"

    def start_one(*more):
        service = start_program(os.path.join(folder, f"{len(started)}.log"), f"--snapshot={demo_database.snapshot}", f"--database={demo_database.url}", pepper, "--rate-units=0", *more)
        started.append(service)
        made = Desk(demo_database, pepper, service)
        wait_for(lambda: made.call("GET", "/readyz", role=None)[0] == 200, what="ready")
        return made
    yield start_one
    for service in started:
        end_program(service)


@pytest.fixture(scope="module")
def named(start):
    return start(f"--cors-origins=http://127.0.0.1:5173, {PAGE}")


def ask(desk, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", desk.service.port, timeout=30)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.headers


def preflight(desk, path, method, origin=PAGE):
    return ask(desk, "OPTIONS", path, Origin=origin, Access_Control_Request_Method=method, Access_Control_Request_Headers="authorization,content-type")


def words(value):
    return {word.strip().lower() for word in value.split(",")}


@pytest.mark.parametrize("path", GETS)
def test_a_page_that_is_named_may_read_and_another_may_not(named, path):
    status, headers = ask(named, "GET", path, Origin=PAGE)
    assert status == 200 and headers["Access-Control-Allow-Origin"] == PAGE
    assert words(headers["Access-Control-Expose-Headers"]) >= {"etag", "location", "retry-after", "x-request-id"}
    assert "Access-Control-Allow-Credentials" not in headers
    for origin in ({"Origin": OTHER}, {"Origin": PAGE + ".evil.cn"}, {"Origin": "null"}, {"Origin": PAGE[:-1]}, {}):
        status, headers = ask(named, "GET", path, **origin)
        assert status == 200 and "Access-Control-Allow-Origin" not in headers
        assert "origin" in {word for value in headers.get_all("Vary") for word in words(value)}  # what is kept on the way is not for every page


@pytest.mark.parametrize("path,method,allowed", [("/v1/route", "POST", {"get", "head", "post"}), ("/v1/zones/some", "PUT", {"get", "head", "put", "delete"}),
                                                 ("/tiles/zones/8/208/103.mvt", "GET", {"get", "head"}), ("/v1/plans", "GET", {"get", "head"})])
def test_a_browser_that_asks_before_is_told(named, path, method, allowed):
    status, headers = preflight(named, path, method)
    assert status == 204 and headers["Access-Control-Allow-Origin"] == PAGE
    assert words(headers["Access-Control-Allow-Methods"]) == allowed
    assert words(headers["Access-Control-Allow-Headers"]) >= {"authorization", "content-type", "if-match", "idempotency-key", "accept-language"}
    assert int(headers["Access-Control-Max-Age"]) > 0
    status, headers = preflight(named, path, method, OTHER)
    assert status == 405 and not [name for name in headers if name.lower().startswith("access-control")]


def test_refusals_are_read_too_and_what_is_no_preflight_is_none(named):
    for method, path, body, status in (("GET", "/v1/plans", None, 401), ("GET", "/nowhere", None, 404), ("POST", "/v1/route", "{}", 400), ("PUT", "/v1/route", None, 405)):
        answered, headers = ask(named, method, path, body, Origin=PAGE, Content_Type="application/json")
        assert answered == status and headers["Access-Control-Allow-Origin"] == PAGE
    assert preflight(named, "/nowhere", "GET")[0] == 404
    assert ask(named, "OPTIONS", "/v1/route", Origin=PAGE)[0] == 405
    assert ask(named, "OPTIONS", "/v1/route", Access_Control_Request_Method="POST")[0] == 405


def test_a_connection_goes_on_after_a_preflight(named):
    connection = http.client.HTTPConnection("127.0.0.1", named.service.port, timeout=30)
    for method, path, status in (("OPTIONS", "/v1/route", 204), ("GET", "/v1/zones", 200), ("OPTIONS", "/v1/zones", 204), ("GET", "/readyz", 200)):
        connection.request(method, path, headers={"Origin": PAGE, "Access-Control-Request-Method": "GET"})
        response = connection.getresponse()
        assert response.status == status and (status != 204 or response.read() == b"")
        response.read()
    connection.close()


def test_a_stream_of_events_is_read_by_a_page(named):
    connection = http.client.HTTPConnection("127.0.0.1", named.service.port, timeout=30)
    connection.request("GET", "/v1/events", headers={"Origin": PAGE})
    response = connection.getresponse()
    assert response.status == 200 and response.headers["Access-Control-Allow-Origin"] == PAGE
    connection.close()


def test_any_page_may_where_that_is_configured_and_none_where_nothing_is(start):
    anyone, nobody = start("--cors-origins=*"), start()
    for origin in (PAGE, OTHER, "null"):
        assert ask(anyone, "GET", "/v1/zones", Origin=origin)[1]["Access-Control-Allow-Origin"] == "*"
        assert preflight(anyone, "/v1/route", "POST", origin)[0] == 204
        status, headers = ask(nobody, "GET", "/v1/zones", Origin=origin)
        assert status == 200 and "Access-Control-Allow-Origin" not in headers
        assert preflight(nobody, "/v1/route", "POST", origin)[0] == 405
    assert "Access-Control-Allow-Origin" not in ask(anyone, "GET", "/v1/zones")[1]


@pytest.mark.parametrize("origins", ["map.example.cn", "https://map.example.cn/", "https://map.example.cn/path", "ftp://map.example.cn", "https://", "https://a.cn,*", "HTTPS://A.CN", "https://a b.cn", "null"])
def test_what_is_no_origin_is_refused_at_the_start(demo_database, origins):
    done = demo_database.program("serve", "--port=0", f"--snapshot={demo_database.snapshot}", f"--cors-origins={origins}", check=False)
    assert done.returncode != 0 and "cors_origins" in done.stderr
