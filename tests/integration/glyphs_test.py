"""Letters for map labels over HTTP, held to what FreeType says of the same font."""
import ctypes
import subprocess
import urllib.parse

import pytest

from desk_fixture import desk  # noqa: F401  fixture

FONT = "Noto Sans CJK SC"
EM, BORDER, TOP = 24, 3, 27


def ask(desk, fonts, letters, headers=None):
    return desk.call("GET", f"/fonts/{urllib.parse.quote(fonts, safe=',')}/{letters}.pbf", role=None, headers=headers)


def fields(data):
    """(number, value) of each field of a protobuf message."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(data):
        tag = varint()
        assert tag & 7 in (0, 2)
        value = varint()
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
            assert at <= len(data)
        yield tag >> 3, value


def decode(data):
    (number, stack), = fields(data)
    assert number == 1
    name = letters = None
    found = {}
    for number, value in fields(stack):
        if number == 1:
            name = value.decode()
        elif number == 2:
            letters = value.decode()
        else:
            assert number == 3
            glyph = dict(fields(value))
            signed = {k: (glyph[k] >> 1) ^ -(glyph[k] & 1) for k in (5, 6)}
            found[glyph[1]] = {"field": glyph.get(2, b""), "width": glyph[3], "height": glyph[4], "left": signed[5], "top": signed[6], "advance": glyph[7]}
    return name, letters, found


class Face:
    """As much of FreeType as says how far a letter advances and what is around it."""

    def __init__(self, family):
        file, index, self.em = None, None, None
        listed = subprocess.run(["fc-list", f":family={family}:style=Regular", "file", "index"], check=True, capture_output=True, text=True).stdout
        for line in listed.splitlines():
            file, _, tail = line.partition(": ")
            index = int(tail.rpartition("=")[2] or 0)
        self.free = ctypes.CDLL("libfreetype.so.6")
        library, self.face = ctypes.c_void_p(), ctypes.c_void_p()
        assert self.free.FT_Init_FreeType(ctypes.byref(library)) == 0
        assert self.free.FT_New_Face(library, file.encode(), ctypes.c_long(index), ctypes.byref(self.face)) == 0
        assert self.free.FT_Set_Pixel_Sizes(self.face, 0, EM) == 0

    def has(self, code):
        return self.free.FT_Get_Char_Index(self.face, ctypes.c_ulong(code)) != 0

    def advance(self, code):
        value, no_hinting = ctypes.c_long(), 2
        glyph = self.free.FT_Get_Char_Index(self.face, ctypes.c_ulong(code))
        assert self.free.FT_Get_Advance(self.face, glyph, no_hinting, ctypes.byref(value)) == 0
        return value.value / 65536


@pytest.mark.parametrize("letters", ["0-255", "21248-21503", "65280-65535"])
def test_letters_advance_as_freetype_says(desk, letters):
    status, data, headers = ask(desk, FONT, letters)
    assert status == 200 and headers["Content-Type"] == "application/x-protobuf" and headers["ETag"] and "max-age" in headers["Cache-Control"]
    name, said, found = decode(data)
    assert (name, said) == (FONT, letters)
    first, face = int(letters.split("-")[0]), Face(FONT)
    assert set(found) == {code for code in range(first, first + 256) if face.has(code)} and len(found) > 100
    for code, glyph in found.items():
        assert abs(glyph["advance"] - face.advance(code)) <= 0.501, hex(code)
        assert len(glyph["field"]) == ((glyph["width"] + 2 * BORDER) * (glyph["height"] + 2 * BORDER) if glyph["width"] else 0), hex(code)


def test_a_letter_stands_where_it_belongs(desk):
    found = decode(ask(desk, FONT, "0-255")[1])[2]
    h, g, space = found[ord("H")], found[ord("g")], found[ord(" ")]
    assert h["top"] + TOP - h["height"] == 0, "an H stands on the baseline"
    assert 17 <= h["height"] <= 19 and g["top"] + TOP - g["height"] < -4, "a g hangs below it"
    assert space == {"field": b"", "width": 0, "height": 0, "left": 0, "top": 0, "advance": space["advance"]} and space["advance"] > 4
    # the stem of an I: inside is over 191, outside under, and it falls by 32 to a pixel
    stem = found[ord("I")]
    width = stem["width"] + 2 * BORDER
    row = stem["field"][width * (stem["height"] // 2 + BORDER):][:width]
    assert max(row) > 191 > max(row[:2]) and all(abs(b - a - 32) <= 1 for a, b in zip(row[:BORDER], row[1:BORDER]))
    middle = decode(ask(desk, FONT, "21248-21503")[1])[2][ord("南")]
    assert 20 <= middle["width"] <= 24 and 20 <= middle["height"] <= 24 and middle["advance"] == EM
    assert abs((middle["top"] + TOP) - middle["height"] / 2 - 9) <= 1, "Chinese letters have their middle nine above the baseline"


def test_a_file_is_kept_by_its_tag(desk):
    status, data, headers = ask(desk, FONT, "256-511")
    assert status == 200
    again, same, _ = ask(desk, FONT, "256-511")
    assert (again, same) == (200, data)
    status, nothing, _ = ask(desk, FONT, "256-511", {"If-None-Match": headers["ETag"]})
    assert (status, nothing) == (304, b"")
    assert ask(desk, FONT + " Bold", "256-511", {"If-None-Match": headers["ETag"]})[0] == 200
    assert ask(desk, FONT + ",DejaVu Sans", "256-511")[2]["ETag"] != headers["ETag"]


@pytest.mark.parametrize("fonts,letters,status,words", [
    ("Nowhere Sans", "0-255", 404, "Nowhere Sans"), (FONT + ",Nowhere Sans", "0-255", 404, "Nowhere Sans"), ("sans-serif", "0-255", 404, "sans-serif"),
    (FONT, "0-254", 404, "0-255"), (FONT, "1-256", 404, "0-255"), (FONT, "00-255", 404, "0-255"), (FONT, "65536-65791", 404, "0-255"),
    (FONT, "-0-255", 404, "0-255"), (FONT, "256-0", 404, "0-255"), ("../../etc/passwd", "0-255", 400, "target"), (",", "0-255", 400, "four|4"), (",".join([FONT] * 5), "0-255", 400, "4"),
    ("x" * 301, "0-255", 400, "4")])
def test_what_is_not_there_is_said(desk, fonts, letters, status, words):
    answered, answer, headers = ask(desk, fonts, letters)
    assert answered == status, answer
    assert words.split("|")[-1] in answer.get("detail", "")
    assert "ETag" not in headers and "Cache-Control" not in headers or "max-age" not in headers["Cache-Control"]


def test_the_style_asks_for_letters_that_are_there(desk):
    document = desk.good("GET", "/style.json", role=None)
    assert document["glyphs"] == f"http://127.0.0.1:{desk.service.port}/fonts/{{fontstack}}/{{range}}.pbf"
    stacks = {",".join(layer["layout"]["text-font"]) for layer in document["layers"] if layer["type"] == "symbol"}
    assert stacks
    for stack in stacks:
        assert ord("南") in decode(ask(desk, stack, "21248-21503")[1])[2] and ord("G") in decode(ask(desk, stack, "0-255")[1])[2]
