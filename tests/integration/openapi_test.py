"""The examples of /openapi.json run as they stand, and the answers have the shape it describes."""
import re

import pytest

from database_fixture import openapi_document

DOCUMENT = openapi_document()


def examples():
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            for example in operation.get("x-examples", []):
                yield operation["operationId"], operation, example["path"], None, example["status"]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for name, example in body.get("examples", {}).items():
                yield f"{operation['operationId']}:{name}", operation, path, example["value"], example["x-status"]


EXAMPLES = list(examples())


def resolve(schema):
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int, "number": (int, float)}


def check(schema, value, where=""):
    """As much of JSON Schema as the document uses."""
    schema = resolve(schema)
    for part in schema.get("allOf", []):
        check(part, value, where)
    if "oneOf" in schema:
        fits = []
        for part in schema["oneOf"]:
            try:
                check(part, value, where)
                fits.append(part)
            except AssertionError:
                pass
        assert len(fits) == 1, f"{where}: fits {len(fits)} of {len(schema['oneOf'])}"
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        good = any(isinstance(value, TYPES[k]) and not (isinstance(value, bool) and k in ("integer", "number")) for k in kinds)
        assert good, f"{where}: {value!r} is no {kinds}"
    if "enum" in schema:
        assert value in schema["enum"], f"{where}: {value!r} not in {schema['enum']}"
    if "const" in schema:
        assert value == schema["const"], where
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), where
    if isinstance(value, dict):
        for member in schema.get("required", []):
            assert member in value, f"{where}: no {member}"
        for member, part in schema.get("properties", {}).items():
            if member in value:
                check(part, value[member], f"{where}/{member}")
    if isinstance(value, list):
        assert schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)), where
        for i, element in enumerate(value[:50]):
            check(schema.get("items", {}), element, f"{where}/{i}")


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
