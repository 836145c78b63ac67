#!/usr/bin/python3
"""What is left of the service at three times its capacity: good answers a second against its best, and how soon the
rest is refused. Open loop: requests are sent at their time whether answers come or not, as a crowd of clients does.
Run under tests/with_service.sh; any question will do (default: a matrix, which is worked on by the pool).

    tests/with_service.sh tests/bench/overload_bench.py [SECONDS]
"""
import json
import os
import random
import selectors
import socket
import sys
import time
import urllib.parse
import urllib.request

URL = os.environ["BAOCHANG_URL"]
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 6
WANTED_PER_SECOND = 150  # a capacity that one Python client can triple with ease
HOST, PORT = urllib.parse.urlsplit(URL).hostname, urllib.parse.urlsplit(URL).port


def places():
    layer = json.load(urllib.request.urlopen(URL + "/v1/facilities"))
    return [f["geometry"]["coordinates"] for f in layer["features"] if f["geometry"]["type"] == "Point"]


def question(points, size):
    rng = random.Random(size)
    pick = lambda: [{"location": p} for p in rng.choices(points, k=size)]
    body = json.dumps({"sources": pick(), "targets": pick(), "vehicle": {"class": "truck_6_axle"}}).encode()
    return (f"POST /v1/matrix HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


class Client:
    """One keep-alive connection with at most one request under way."""

    def __init__(self):
        self.sock, self.since, self.data = None, None, b""

    def send(self, request, now):
        if self.sock is None:
            self.sock = socket.create_connection((HOST, PORT))
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock.setblocking(False)
        self.since, self.data = now, b""
        self.sock.send(request)

    def receive(self):
        """Status of a whole answer, None while it comes, 0 when the connection is gone."""
        try:
            part = self.sock.recv(1 << 20)
        except BlockingIOError:
            return None
        if not part:
            self.sock.close()
            self.sock = None
            return 0
        self.data += part
        head, found, body = self.data.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        if len(body) < length:
            return None
        closes = b"\r\nconnection: close" in head.lower()
        status = int(head[9:12])
        if closes:
            self.sock.close()
            self.sock = None
        return status


def run(request, rate, seconds, clients_max=800):
    """Sends `rate` requests a second; returns {status: [latency_ms …]} and how many could not even be sent."""
    selector = selectors.DefaultSelector()
    idle, results, unsent = [Client() for _ in range(clients_max)], {}, 0
    busy = set()
    start = time.monotonic()
    due = start
    while (now := time.monotonic()) < start + seconds or (busy and now < start + seconds + 3):
        while due <= now and now < start + seconds:
            due += 1 / rate
            if not idle:
                unsent += 1
                continue
            client = idle.pop()
            client.send(request, time.monotonic())
            selector.register(client.sock, selectors.EVENT_READ, client)
            busy.add(client)
        for key, _ in selector.select(max(0, min(due - time.monotonic(), 0.01))):
            client = key.data
            sock = client.sock
            status = client.receive()
            if status is None:
                continue
            selector.unregister(sock)
            busy.discard(client)
            results.setdefault(status, []).append((time.monotonic() - client.since) * 1000)
            idle.append(client)
    for client in busy:
        client.sock.close()
    return results, unsent


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def main():
    points = places()
    size = 4
    while True:  # a question that takes about as long as wanted
        request = question(points, size)
        client, each = Client(), float("inf")
        for _ in range(8):  # the first may build what the others find
            since = time.monotonic()
            client.send(request, since)
            while (status := client.receive()) is None:
                time.sleep(0.0002)
            assert status == 200, client.data[:500]
            each = min(each, time.monotonic() - since)
        if each > 1 / WANTED_PER_SECOND or size >= 400:
            break
        size = size * 3 // 2
    best = 0
    for load in (0.7, 1, 1.4, 2, 2.8):  # the most that is answered at any load
        results, _ = run(request, load / each, SECONDS / 2)
        best = max(best, len(results.get(200, [])) / (SECONDS / 2))
    results, unsent = run(request, 3 * best, SECONDS)
    good, refused = results.get(200, []), results.get(503, [])
    print(f"question: matrix {size} x {size}, {each * 1000:.1f} ms each")
    print(f"capacity: {best:.0f} good answers/s")
    print(f"at three times that: {len(good) / SECONDS:.0f} good/s ({100 * len(good) / SECONDS / best:.0f} %), p99 {percentile(good, .99):.0f} ms")
    print(f"refused: {len(refused)}, p50 {percentile(refused, .5):.1f} ms, p99 {percentile(refused, .99):.1f} ms; not even sent: {unsent}; "
          f"others: { {s: len(v) for s, v in results.items() if s not in (200, 503)} }")


if __name__ == "__main__":
    main()
