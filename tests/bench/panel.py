"""Open panels: what fifty event streams cost the server while nothing happens, and while every second
something does (a draft changes, a commit is made). Each stream is a session of its own, as a browser has."""
import http.client
import json
import socket
import ssl
import threading
import time
import urllib.parse

STREAMS = 50
SECONDS = 30
PASSWORD = "correct horse battery 9"
EVENTS = "/api/v1/events/stream?events=status,streams,revision,approvals,accounts,draft,jobs"


def connect(url):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPSConnection(parts.hostname, parts.port, context=context)


class Panel:
    """One signed-in browser that listens; counts what it is told."""

    def __init__(self, url, name):
        connection = connect(url)
        connection.request("POST", "/api/v1/session", json.dumps({"username": name, "password": PASSWORD}),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 201:
            raise AssertionError(f"sign-in: {answer.status}")
        self.connection = connect(url)
        self.connection.connect()
        self.socket = self.connection.sock  # the answer takes it over
        self.connection.request("GET", EVENTS, headers={"Cookie": answer.headers["Set-Cookie"].split(";")[0]})
        self.answer = self.connection.getresponse()
        connection.close()
        if self.answer.status != 200:
            raise AssertionError(f"stream: {self.answer.status}")
        self.told = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while line := self.answer.readline():
                self.told += line.startswith(b"event: ")
        except (OSError, ValueError, http.client.HTTPException):
            return


def share(cpu, pid, each_second):
    """Share of a core in percent over SECONDS, while `each_second` is called every second."""
    before, begin = cpu(pid), time.monotonic()
    for n in range(SECONDS):
        each_second(n)
        time.sleep(max(0, begin + n + 1 - time.monotonic()))
    return (cpu(pid) - before) * 100 / (time.monotonic() - begin)


def measure(g, cpu):
    """Rows of (what, percent of a core, aim)."""
    for n in range(STREAMS):
        g.request("POST", "/admins", {"username": f"panel{n}", "role": "viewer", "password": PASSWORD})
    panels = [Panel(g.url, f"panel{n}") for n in range(STREAMS)]
    time.sleep(3)
    if not all(p.told for p in panels):
        raise AssertionError("a stream was told nothing")
    rows = [(f"{STREAMS} open panels, nothing happens", share(cpu, g.pid, lambda n: None), 2.0)]

    def commit(n):
        g.commit(("sites", "bench", {"description": f"number {n}"}))
    alone = [p.told for p in panels]
    with_panels = share(cpu, g.pid, commit)
    if any(p.told - was < SECONDS / 2 for p, was in zip(panels, alone)):
        raise AssertionError("a stream missed what happened")
    for p in panels:
        p.socket.shutdown(socket.SHUT_RDWR)
    time.sleep(16)  # until each is noticed to be gone
    rows.append((f"{STREAMS} open panels, a commit each second, beyond the commits",
                 max(0.0, with_panels - share(cpu, g.pid, commit)), None))
    return rows


BROWSER = [("server", "the page alone from the server"), ("load", "the panel loaded anew, its files cached, rows drawn"),
           ("move", "from another page of the panel, rows drawn"), ("search", "a search typed, its row drawn")]


def report(found):
    """What panel.mjs measured."""
    print(f"the list of {found['partners']} partners in Chromium, median of {found['rounds']}, aim 300 ms")
    for name, what in BROWSER:
        ms = found["milliseconds"][name]
        print(f"{'  ' + what:70} {ms['median']:6.0f} ms ({ms['best']:.0f} to {ms['worst']:.0f})")
    memory = found["memory"]
    print(f"{'  memory of the tab':70} {memory['before']:6.1f} MB, after {memory['updates']} changes "
          f"{memory['after']:.1f} MB")
