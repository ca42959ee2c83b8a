"""fedgate in the laboratory: started on a data directory of its own, configured over its local
socket (the same REST interface as everywhere)."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess

import lab

BINARY = os.environ.get("FEDGATE", os.path.join(os.path.dirname(os.path.dirname(lab.HERE)),
                                                "build", "release", "fedgate"))


class RestError(AssertionError):
    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path}: {status} {body}")
        self.status, self.body = status, body


class _LocalConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Gateway:
    """One fedgate process. Options: extra command-line flags."""

    def __init__(self, folder, *flags):
        self.folder = os.path.join(folder, "fedgate")
        self.data = os.path.join(self.folder, "data")
        os.makedirs(self.folder, exist_ok=True)
        self.flags = flags
        self.starts = 0
        self.start()

    def start(self):
        env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:abort_on_error=0",
                   UBSAN_OPTIONS="print_stacktrace=1")
        argv = [BINARY, "serve", "--data-dir", self.data, "--panel", "127.0.0.1:0", *self.flags]
        self.process = lab.Process(self.folder, "fedgate", argv, env=env)
        self.url = lab.wait_for(self._ready, 60, "the ready line")
        self.starts += 1

    def _ready(self):
        if not self.process.running():
            raise AssertionError(f"fedgate ended at its start:\n{self.output()}")
        found = re.findall(r"^ready panel=(\S+) revision=(\d+)", self.output(), re.M)
        return found[-1][0] if len(found) > self.starts else None

    @property
    def pid(self):
        return self.process.pid

    def output(self):
        return self.process.output()

    def stop(self):
        """Stops gracefully; a sanitizer's finding or a bad exit code is an error."""
        self.process.child.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.process.stop()
        text = self.output()
        if code != 0 or "ERROR: AddressSanitizer" in text or "LeakSanitizer" in text or \
                "runtime error:" in text:
            raise AssertionError(f"fedgate ended with {code}:\n{text[-8000:]}")

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.stop()

    def request(self, method, path, body=None, expect=(200, 201, 202, 204)):
        connection = _LocalConnection(os.path.join(self.data, "admin.sock"))
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        connection.request(method, "/api/v1" + path, body=data, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        value = json.loads(text) if text else None
        if answer.status not in expect:
            raise RestError(method, path, answer.status, value)
        return value

    def get(self, path):
        return self.request("GET", path)

    def commit(self, *changes, comment="lab", **more):
        """changes: (kind, key, value) puts, or (kind, key, None) deletes."""
        listed = [{"op": "delete", "kind": k, "key": key} if value is None else
                  {"op": "put", "kind": k, "key": key, "value": value}
                  for k, key, value in changes]
        return self.request("POST", "/commits", {"comment": comment, "changes": listed, **more})

    def patch(self, kind, key, value, comment="lab"):
        return self.request("POST", "/commits", {"comment": comment, "changes": [
            {"op": "patch", "kind": kind, "key": key, "value": value}]})

    def import_certificate(self, pem_path, key_path):
        return self.request("POST", "/certificates", {
            "pem": lab.read(pem_path), "key": lab.read(key_path)})["id"]

    def streams(self):
        return self.get("/streams")["items"]

    def wait_stream(self, partner=lab.THEIRS, direction=None, method=None, seconds=20):
        def found():
            for s in self.streams():
                if s["partner"] == partner and s["state"] == "open" and \
                        direction in (None, s["direction"]) and method in (None, s["method"]):
                    return s
            return None
        return lab.wait_for(found, seconds, f"a {direction or ''} stream with {partner}")

    def set_up(self, ca, front_end=None, listeners=None, partner=None, settings=None,
               certificate_names=(lab.OURS,)):
        """Home domain, front end, policy, certificates, trust and one partner in one commit."""
        external = self.import_certificate(*ca.issue("fedgate-external", certificate_names))
        internal = self.import_certificate(*ca.issue("fedgate-internal", [f"xmpp.{lab.OURS}", lab.OURS]))
        front_end = front_end or {"host": lab.SIPP_IP, "port": 5060, "transport": "udp"}
        value = {"federation_enabled": True, "listeners": listeners or default_listeners(),
                 "dns": {"servers": [lab.DNS_IP], "dnssec": "off"}, **(settings or {})}
        changes = [
            ("settings", "settings", value),
            ("front_ends", "inner", front_end),
            ("domains", lab.OURS, {"front_ends": ["inner"]}),
            ("policies", "global", {"federation_access": True, "xmpp_access": True}),
            ("trust_anchors", "lab", {"pem": ca.pem(), "usage": ["external", "internal"]}),
            ("certificate_assignments", "external", {"certificate": external}),
            ("certificate_assignments", "internal", {"certificate": internal}),
        ]
        if partner is not None:
            changes.append(("partners", lab.THEIRS, partner))
        return self.commit(*changes, comment="set up the laboratory")


def default_listeners():
    return {"xmpp": [f"{lab.FEDGATE_IP}:5269"], "xmpp_direct_tls": [], "sip": [
        {"address": f"{lab.FEDGATE_IP}:5060", "transport": "udp"},
        {"address": f"{lab.FEDGATE_IP}:5060", "transport": "tcp"},
        {"address": f"{lab.FEDGATE_IP}:23456", "transport": "tls", "client_certificate": "required"}]}


# The three ways of the first crossing, as partner settings.
EXTERNAL = {"partner_type": "federated", "tls": "required", "sasl": "required", "dialback": False}
DIALBACK_TLS = {"partner_type": "federated", "tls": "required", "sasl": "not_supported", "dialback": True}
CLEAR = {"partner_type": "federated", "tls": "not_supported", "sasl": "not_supported", "dialback": True}


def process_cpu_seconds(pid):
    """User and system CPU time of a process so far."""
    fields = lab.read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(*argv, **more):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, **more).stdout.decode()
