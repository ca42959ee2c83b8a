"""Starts a real fedgate and talks to it, for the REST and interoperability tests.

    server = Server.start(data_dir)            # waits for the "ready" line
    client = server.client()                   # bearer token of an administrator, over HTTPS
    client.put("/partners/fabrikam.test", {})  # -> Answer(status, headers, data)
    server.local().get("/status")              # over the local socket: identity local:UID
    server.stop()

The path of the binary is in the environment, FEDGATE. A server in a network namespace is reached through
its local socket, which a namespace does not hide.
"""
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse

import openapi

BASE = "/api/v1"
PASSWORD = "correct horse battery"


def binary():
    path = os.environ.get("FEDGATE")
    if not path:
        raise RuntimeError("set FEDGATE to the path of the fedgate binary")
    return os.path.abspath(path)


class Answer:
    """One HTTP answer. `data` is the decoded JSON, or None; `problem` the same for a problem+json."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body
        kind = headers.get("Content-Type", "").split(";")[0]
        self.data = json.loads(body) if body and kind.endswith(("/json", "+json")) else None
        self.problem = self.data if kind == "application/problem+json" else None
        self.etag = headers.get("ETag")

    def ok(self):
        """Itself, or an error that shows the problem."""
        if self.status >= 400:
            raise AssertionError(f"{self.status}: {self.body.decode(errors='replace')}")
        return self

    def pointers(self):
        return sorted(e["pointer"] for e in (self.problem or {}).get("errors", []))

    def codes(self):
        return sorted(e["code"] for e in (self.problem or {}).get("errors", []))

    def __repr__(self):
        return f"<{self.status} {self.body[:400]!r}>"


_document = None  # of the binary under test; learnt from the first server


def _check(method, path, answer):
    """Every answer is as the OpenAPI document says."""
    faults = _document.faults(method, path, answer) if _document else []
    if faults:
        raise AssertionError(f"{method} {path} is not as documented: {faults[:5]}: {answer}")


def _learn(server):
    global _document
    if _document is None:
        answer = server.local().get("/openapi.json")
        _document = openapi.Document(answer.ok().data)


class _Unix(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Client:
    """One identity. Opens a connection per request unless `keep` is set."""

    def __init__(self, connect, headers=None):
        self._connect = connect
        self.headers = dict(headers or {})
        self.cookie = None
        self.csrf = None

    def request(self, method, path, body=None, headers=None, raw=None, content_type="application/json"):
        out = {**self.headers, **(headers or {})}
        if self.cookie and "Cookie" not in out:
            out["Cookie"] = self.cookie
        if self.csrf and method not in ("GET", "HEAD", "OPTIONS") and "X-CSRF-Token" not in out:
            out["X-CSRF-Token"] = self.csrf
        out = {k: v for k, v in out.items() if v is not None}
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        if data is not None and content_type and "Content-Type" not in out:
            out["Content-Type"] = content_type
        full = path if path.startswith(("/api/", "/healthz", "/readyz", "/metrics")) or path == "/" else BASE + path
        connection = self._connect()
        try:
            connection.request(method, full, body=data, headers=out)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        _check(method, full, answer)
        return answer

    def get(self, path, headers=None, **query):
        if query:
            path += ("&" if "?" in path else "?") + urllib.parse.urlencode(query)
        return self.request("GET", path, headers=headers)

    def head(self, path, headers=None):
        return self.request("HEAD", path, headers=headers)

    def post(self, path, body=None, headers=None):
        return self.request("POST", path, {} if body is None else body, headers)

    def put(self, path, body, headers=None):
        return self.request("PUT", path, body, headers)

    def patch(self, path, body, headers=None):
        return self.request("PATCH", path, body, headers)

    def delete(self, path, headers=None):
        return self.request("DELETE", path, headers=headers)

    def sign_in(self, username, password=PASSWORD):
        """A session: keeps the cookie and the CSRF token for what follows."""
        answer = self.request("POST", "/session", {"username": username, "password": password})
        if answer.status == 201:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            self.csrf = answer.data["csrf_token"]
        return answer

    def commit(self, comment="test", **more):
        """Commits the draft; returns the answer."""
        return self.post("/draft/commit", {"comment": comment, **more})

    def commits(self, changes, comment="test", **more):
        return self.post("/commits", {"changes": changes, "comment": comment, **more})

    def apply(self, **kinds):
        """apply(partners={"a.test": {...}, "b.test": None}): puts (None deletes) in one commit, which
        must succeed; returns the revision."""
        changes = [
            {"op": "delete", "kind": kind, "key": key} if value is None
            else {"op": "put", "kind": kind, "key": key, "value": value}
            for kind, objects in kinds.items() for key, value in objects.items()
        ]
        return self.commits(changes).ok().data["revision"]


class Server:
    """A running fedgate; `url`, `port`, `socket_path`, `data_dir`, `revision` after start."""

    def __init__(self, data_dir, args, netns, panel, env):
        self.data_dir = os.path.abspath(data_dir)
        self.socket_path = os.path.join(self.data_dir, "admin.sock")
        self.netns = netns
        self.url = None
        self.revision = None
        self.lines = []
        self._token = None
        self._ready = threading.Event()
        command = ["ip", "netns", "exec", netns] if netns else []
        command += [binary(), "serve", "--data-dir", self.data_dir, "--panel", panel, *args]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, errors="replace", env={**os.environ, **(env or {})})
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, data_dir, *args, netns=None, panel="127.0.0.1:0", env=None, timeout=60):
        server = cls(data_dir, args, netns, panel, env)
        if not server.wait_ready(timeout):
            log = server.log()
            server.kill()
            raise AssertionError("fedgate did not become ready:\n" + log)
        _learn(server)
        return server

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            found = re.search(r"\bready panel=(\S+) revision=(\d+)", line)
            if found:
                self.url, self.revision = found.group(1), int(found.group(2))
                self._ready.set()
        self._ready.set()

    def wait_ready(self, timeout):
        return self._ready.wait(timeout) and self.url is not None

    @property
    def port(self):
        return urllib.parse.urlsplit(self.url).port

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return "\n".join(self.lines)

    def local(self, headers=None, timeout=60):
        """A client on the local socket: identity local:UID, role administrator."""
        return Client(lambda: _Unix(self.socket_path, timeout), headers)

    def anonymous(self, timeout=60):
        """A client without credentials, over HTTPS (in a namespace there is no way to it)."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        parts = urllib.parse.urlsplit(self.url)
        return Client(lambda: http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout,
                                                          context=context))

    def add_admin(self, name, role="administrator", password=PASSWORD):
        return self.local().post("/admins", {"username": name, "role": role, "password": password}).ok()

    def token(self, admin="admin", role=None, label=None):
        """A new API token of an administrator, who is made when missing."""
        if self.local().get(f"/admins/{admin}").status == 404:
            self.add_admin(admin, role or "administrator")
        body = {"admin": admin, "name": label or "test-" + secrets.token_hex(4)}
        if role:
            body["role"] = role
        return self.local().post("/tokens", body).ok().data["token"]

    @property
    def admin_token(self):
        if self._token is None:
            self._token = self.token()
        return self._token

    def client(self, token=None, timeout=60):
        """A client with a bearer token (by default an administrator's); over HTTPS, or over the local
        socket when the server is in a network namespace."""
        headers = {"Authorization": "Bearer " + (token or self.admin_token)}
        if self.netns:
            return self.local(headers, timeout)
        client = self.anonymous(timeout)
        client.headers.update(headers)
        return client

    def status(self):
        return self.local().get("/status").ok().data

    def wait_status(self, check, timeout=15):
        """Asks /status until check(status) is true; returns the last answer."""
        end = time.monotonic() + timeout
        while True:
            status = self.status()
            if check(status) or time.monotonic() > end:
                return status
            time.sleep(0.05)

    def stop(self, timeout=20):
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("fedgate did not stop:\n" + self.log()) from None
        self._close()
        return code

    def kill(self):
        """SIGKILL, as a power failure would be."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(20)
        self._close()

    def _close(self):
        self._reader.join(5)
        self.process.stderr.close()


class Workspace:
    """A temporary data directory and the servers started in it; for `with` or addCleanup(close)."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="fedgate-test-")
        self.servers = []

    def start(self, *args, name="data", **more):
        server = Server.start(os.path.join(self.path, name), *args, **more)
        self.servers.append(server)
        return server

    def run(self, *args, name="data", input=None, timeout=60):
        """Runs a subcommand against the data directory: CompletedProcess with text output."""
        return subprocess.run([binary(), *args, "--data-dir", os.path.join(self.path, name)], input=input,
                              text=True, capture_output=True, timeout=timeout, check=False)

    def close(self):
        for server in self.servers:
            server.kill()
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
