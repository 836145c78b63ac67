"""The examples of /openapi.json run as they stand, and the answers have the shape it describes."""
import re

import pytest

from openapi_shapes import DOCUMENT, check, resolve


def examples():
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            for example in operation.get("x-examples", []):
                yield operation["operationId"], operation, example["path"], None, example["status"]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for name, example in body.get("examples", {}).items():
                yield f"{operation['operationId']}:{name}", operation, path, example["value"], example["x-status"]


EXAMPLES = list(examples())


@pytest.mark.parametrize("name,operation,path,body,status", EXAMPLES, ids=[f"{e[0]}-{e[4]}" for e in EXAMPLES])
def test_example_runs_and_has_the_shape_described(demo_service, name, operation, path, body, status):
    answered, answer = demo_service.ask(path, body)
    assert answered == status, answer if isinstance(answer, dict) else answer[:300]
    described = operation["responses"].get(str(status))
    assert described, f"{status} is not described"
    for media, content in described.get("content", {}).items():
        if "json" in media and "schema" in content:
            check(content["schema"], answer)


def test_the_document_is_served_as_it_is_in_the_tree(demo_service):
    assert demo_service.ask("/openapi.json") == (200, DOCUMENT)


def test_every_operation_has_an_example():
    """Those that take a key have tests of their own: examples run without one."""
    without = [o["operationId"] for item in DOCUMENT["paths"].values() for o in item.values()
               if "x-examples" not in o and "security" not in o and not o.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples")]
    assert not without


def test_request_examples_fit_their_schema():
    for name, operation, _, body, status in EXAMPLES:
        if body is not None and status == 200:
            check(operation["requestBody"]["content"]["application/json"]["schema"], body, name)
