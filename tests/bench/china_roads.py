"""The roads of China and around it as they really run (motorways to primary roads, data/README of the real data: not ours to pass on), as a
file that `baochang import` reads: the part of the set that one metric plane holds."""
import csv
import gzip
import pathlib

FOLDER = "asia_z7"
BOX = (93.0, 129.0, 18.0, 50.0)
CLASS = {"connector": "trunk_link"}  # the set's word for the roads between carriageways


def rows(path):
    with gzip.open(path, "rt", encoding="ascii", newline="") as file:
        yield from list(csv.reader(file))[1:]


def largest_component(edges):
    """Its nodes, in order."""
    parent = {}

    def root(node):
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node
    for a, b, *_ in edges:
        parent[root(a)] = root(b)
    members = {}
    for node in parent:
        members.setdefault(root(node), []).append(node)
    return sorted(max(members.values(), key=len))


def there(data):
    return (pathlib.Path(data) / FOLDER).is_dir()


def write(data, path):
    """Writes the file. The places of all nodes that can be reached from one another."""
    folder = pathlib.Path(data) / FOLDER
    place = {int(node): (lon, lat) for node, lon, lat in rows(folder / "asia_large_nodes.csv.gz")
             if BOX[0] <= float(lon) <= BOX[1] and BOX[2] <= float(lat) <= BOX[3]}
    edges = [(int(a), int(b), CLASS.get(kind, kind)) for _, a, b, kind, *_ in rows(folder / "asia_large_edges.csv.gz")
             if a != b and int(a) in place and int(b) in place]
    with open(path, "w", encoding="ascii") as out:
        out.write('<?xml version="1.0"?>\n<osm version="0.6">\n')
        for node, (lon, lat) in place.items():
            out.write(f'<node id="{node + 1}" lat="{lat}" lon="{lon}"/>\n')
        for way, (a, b, kind) in enumerate(edges):
            out.write(f'<way id="{way + 1}"><nd ref="{a + 1}"/><nd ref="{b + 1}"/><tag k="highway" v="{kind}"/><tag k="oneway" v="no"/></way>\n')
        out.write("</osm>\n")
    return [[float(x) for x in place[node]] for node in largest_component(edges)]
