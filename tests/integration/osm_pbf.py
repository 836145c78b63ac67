"""Writes OpenStreetMap PBF from OSM XML: enough of the format (dense nodes, ways, relations, zlib blocks) to test reading it."""
import struct
import xml.etree.ElementTree as ET
import zlib


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def zigzag(n):
    return n << 1 if n >= 0 else (-n << 1) - 1


def number(field, n):
    return varint(field << 3) + varint(n)


def block(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def packed(field, values):
    return block(field, b"".join(map(varint, values)))


def deltas(values):
    return [zigzag(b - a) for a, b in zip([0, *values], values)]


def blob(kind, data):
    body = number(2, len(data)) + block(3, zlib.compress(data))
    header = block(1, kind.encode()) + number(3, len(body))
    return struct.pack(">I", len(header)) + header + body


def pbf(xml):
    """The bytes of a PBF file with the objects of an OSM document."""
    root = ET.fromstring(xml)
    strings = [b""]

    def index(text):
        text = text.encode()
        if text not in strings:
            strings.append(text)
        return strings.index(text)

    def tags(element):
        pairs = [(index(t.get("k")), index(t.get("v"))) for t in element.findall("tag")]
        return packed(2, [k for k, _ in pairs]) + packed(3, [v for _, v in pairs]) if pairs else b""

    nodes = root.findall("node")
    keys = []
    for n in nodes:
        for t in n.findall("tag"):
            keys += [index(t.get("k")), index(t.get("v"))]
        keys.append(0)
    dense = (packed(1, deltas([int(n.get("id")) for n in nodes])) + packed(8, deltas([round(float(n.get("lat")) * 1e7) for n in nodes]))
             + packed(9, deltas([round(float(n.get("lon")) * 1e7) for n in nodes])) + packed(10, keys))
    ways = b"".join(block(3, number(1, int(w.get("id"))) + tags(w) + packed(8, deltas([int(r.get("ref")) for r in w.findall("nd")])))
                    for w in root.findall("way"))
    kinds = {"node": 0, "way": 1, "relation": 2}
    relations = b"".join(
        block(4, number(1, int(r.get("id"))) + tags(r) + packed(8, [index(m.get("role")) for m in r.findall("member")])
              + packed(9, deltas([int(m.get("ref")) for m in r.findall("member")])) + packed(10, [kinds[m.get("type")] for m in r.findall("member")]))
        for r in root.findall("relation"))
    groups = [block(2, dense), ways, relations]  # a group holds objects of one kind
    table = block(1, b"".join(block(1, s) for s in strings))
    header = block(4, b"OsmSchema-V0.6") + block(4, b"DenseNodes")
    return blob("OSMHeader", header) + b"".join(blob("OSMData", table + block(2, g)) for g in groups if g)
