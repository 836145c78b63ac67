"""Answers held to what /openapi.json says of them: as much of JSON Schema as the document uses."""
import re

from database_fixture import openapi_document

DOCUMENT = openapi_document()
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int, "number": (int, float)}


def resolve(schema):
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


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


PATTERNS = sorted(((re.compile(re.sub(r"\\{\w+\\}", "([^/]+?)", re.escape(path)) + r"(?:\?.*)?$"), item) for path, item in DOCUMENT["paths"].items()),
                  key=lambda entry: (entry[0].groups, -len(entry[0].pattern)))  # written out before with placeholders, longer before shorter


def operation_of(method, path):
    """What the document says of a request; None when it is of no path there."""
    return next((item.get(method.lower()) for pattern, item in PATTERNS if pattern.match(path)), None)


ANY_TIME = (405, 406, 408, 413, 414, 415, 429, 431, 503, 504)  # of the server itself, before or beside an operation


def check_answer(method, path, status, kind, answer):
    """An answer in JSON has the shape that is described for its status; a status that is not described is no answer of ours."""
    operation = operation_of(method, path)
    if operation is None or method == "HEAD":
        return
    described = operation["responses"].get(str(status))
    assert described is not None or status in ANY_TIME, f"{method} {path}: {status} is not described"
    if described is None:
        return
    for media, content in described.get("content", {}).items():
        if media.split(";")[0] == kind.split(";")[0] and "json" in media and "schema" in content:
            check(content["schema"], answer, f"{method} {path}: ")
