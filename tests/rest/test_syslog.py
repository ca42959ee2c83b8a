"""The audit at a syslog server: each transport, a receiver that is away, restarts, hostile text."""
import os
import re
import socket
import ssl
import subprocess
import threading
import unittest

from fedgate import Workspace

PATIENCE = 60
BOM = "\ufeff"


class Receiver:
    """Collects messages, each as text, in the order in which they came."""

    def __init__(self):
        self.messages = []
        self.faults = []
        self._changed = threading.Condition()
        self._open = True

    def add(self, raw):
        with self._changed:
            self.messages.append(raw.decode("utf-8"))
            self._changed.notify_all()

    def wait(self, check, what):
        with self._changed:
            if not self._changed.wait_for(lambda: check(self.messages), PATIENCE):
                raise AssertionError(f"{what} did not come: {self.messages} {self.faults}")
            return list(self.messages)

    def seqs(self):
        with self._changed:
            return [seq(m) for m in self.messages]


class Datagrams(Receiver):
    def __init__(self, family, address):
        super().__init__()
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(0.2)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def _run(self):
        while self._open:
            try:
                self.add(self.socket.recv(65536))
            except TimeoutError:
                continue

    def close(self):
        self._open = False
        self.thread.join()
        self.socket.close()


class Stream(Receiver):
    """TCP with octet counting; TLS with a certificate."""

    def __init__(self, port=0, context=None):
        super().__init__()
        self.context = context
        self.socket = socket.create_server(("127.0.0.1", port))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while self._open:
            try:
                peer, _ = self.socket.accept()
            except TimeoutError:
                continue
            try:
                peer.settimeout(5)
                if self.context:
                    peer = self.context.wrap_socket(peer, server_side=True)
                peer.settimeout(0.2)
                self._read(peer)
            except (OSError, ValueError) as fault:
                self.faults.append(repr(fault))
            finally:
                peer.close()

    def _read(self, peer):
        data = b""
        while self._open:
            try:
                more = peer.recv(65536)
            except TimeoutError:
                continue
            if not more:
                return
            data += more
            while b" " in data:
                size, rest = data.split(b" ", 1)
                if not re.fullmatch(rb"[1-9][0-9]{0,4}", size):
                    raise ValueError(f"not a length: {size[:40]}")
                if len(rest) < int(size):
                    break
                self.add(rest[:int(size)])
                data = rest[int(size):]

    def close(self):
        self._open = False
        self.thread.join()
        self.socket.close()


def seq(message):
    return int(re.search(r' seq="(\d+)"', message).group(1))


def on(transport, address=None):
    value = {"transport": transport}
    if address:
        value["address"] = address
    return [{"op": "patch", "kind": "settings", "value": {"audit_syslog": value}}]


OFF = [{"op": "patch", "kind": "settings", "value": {"audit_syslog": None}}]


class Base(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)
        self.server = self.work.start("--syslog-socket", os.path.join(self.work.path, "log"))
        self.admin = self.server.local()

    def receiver(self, kind, *args, **more):
        made = kind(*args, **more)
        self.addCleanup(lambda: made.close() if made._open else None)
        return made

    def newest(self):
        return self.admin.get("/audit?limit=1").ok().data["items"][0]["seq"]

    def partner(self, name):
        self.admin.commits([{"op": "put", "kind": "partners", "key": name, "value": {}}]).ok()

    def caught_up(self, receiver):
        """Everything there is has come: in order, and nothing is missing."""
        last = self.newest()
        receiver.wait(lambda m: m and seq(m[-1]) >= last, f"row {last}")
        return receiver.seqs()

    def gapless(self, seqs):
        self.assertEqual(seqs, list(range(seqs[0], seqs[0] + len(seqs))))

    def forwarding(self):
        return self.server.status()["audit_forwarding"]

    def wait_state(self, state):
        status = self.server.wait_status(lambda s: s["audit_forwarding"]["state"] == state, PATIENCE)
        self.assertEqual(status["audit_forwarding"]["state"], state, status)
        return status


class Transports(Base):
    def test_off(self):
        self.assertEqual(self.forwarding(), {"state": "off", "behind": 0, "last_error": None})

    def test_settings(self):
        for value, code in (({"transport": "local", "address": "a.test"}, "value"),
                            ({"transport": "udp"}, "required"), ({"transport": "relp", "address": "x"}, None),
                            ({"transport": "tls", "address": "not a host"}, "hostport"), ({}, "required")):
            answer = self.admin.patch("/settings", {"audit_syslog": value})
            self.assertEqual(answer.status, 422, value)
            if code:
                self.assertEqual(answer.codes(), [code], answer)

    def test_udp_and_what_a_message_says(self):
        r = self.receiver(Datagrams, socket.AF_INET, ("127.0.0.1", 0))
        self.partner("before.test")
        first = self.newest() + 1
        self.admin.commits(on("udp", f"127.0.0.1:{r.port}")).ok()
        self.partner("udp.test")
        seqs = self.caught_up(r)
        self.assertEqual(seqs[0], first)  # the commit that switched it on, nothing before it
        self.gapless(seqs)
        message = next(m for m in r.messages if 'key="udp.test"' in m)
        self.assertRegex(message, r'^<109>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+ fedgate \d+ \S+ \[audit@32473 '
                                  r'seq="\d+" who="local:\d+" name="local:\d+" via="socket" address="local" '
                                  r'action="\w+" kind="partners" key="udp.test" outcome="ok" revision="\d+"\] ' + BOM)
        self.assertIn('after={"additional_domains":[]', message)
        self.wait_state("ok")
        self.admin.commits(OFF).ok()
        self.wait_state("off")
        count = len(r.messages)
        self.partner("off.test")
        # On again: from here, not with what was written meanwhile.
        first = self.newest() + 1
        self.admin.commits(on("udp", f"127.0.0.1:{r.port}")).ok()
        self.caught_up(r)
        self.assertEqual([s for s in r.seqs()[count:] if s >= first][0], first)
        self.assertFalse([m for m in r.messages if 'key="off.test"' in m])

    def test_local(self):
        r = self.receiver(Datagrams, socket.AF_UNIX, os.path.join(self.work.path, "log"))
        self.admin.commits(on("local")).ok()
        self.partner("local.test")
        self.gapless(self.caught_up(r))
        self.wait_state("ok")

    def test_tcp_hostile_text(self):
        r = self.receiver(Stream)
        self.admin.commits(on("tcp", f"localhost:{r.port}")).ok()
        self.assertEqual(self.server.anonymous().sign_in('x"]\n<13>1 \u202e\u00e9').status, 401)
        self.admin.commits([{"op": "put", "kind": "sites", "key": "hostile", "value": {}}],
                           comment='"] \n<13>1 forged \u202e\u00e9').ok()
        self.gapless(self.caught_up(r))
        message = next(m for m in r.messages if " sign_in " in m)
        self.assertTrue(message.startswith("<108>1 "), message)
        # The name was made harmless when it came (\\n, \\u{202e}); what that left is escaped here.
        self.assertRegex(message, r' name="x[^"\]]*\\"\\\][^"\]]*\u00e9" address="127.0.0.1" action="sign_in" outcome="refused"\] ')
        text = next(m for m in r.messages if "forged" in m)
        self.assertIn(': commit: ok. "] #012<13>1 forged \ufffd\u00e9', text)
        self.assertFalse([m for m in r.messages if "\n" in m])
        self.assertEqual(r.faults, [])

    def test_many_rows(self):
        r = self.receiver(Stream)
        self.admin.commits(on("tcp", f"127.0.0.1:{r.port}")).ok()
        changes = [{"op": "put", "kind": "partners", "key": f"p{i}.test", "value": {"description": "d" * 900}}
                   for i in range(500)]
        self.admin.commits(changes).ok()
        self.gapless(self.caught_up(r))
        self.assertGreaterEqual(len(r.messages), 500)

    def test_unknown_name(self):
        self.admin.commits(on("tcp", "nowhere.invalid")).ok()
        status = self.wait_state("failing")
        self.assertEqual(status["audit_forwarding"]["last_error"]["code"], "syslog_name", status)
        self.assertIn("audit_not_forwarded", [w["code"] for w in status["engine"]["warnings"]])
        self.assertGreater(status["audit_forwarding"]["behind"], 0)
        self.assertIn("syslog_name", self.work.run("status").stdout)


class Down(Base):
    def test_receiver_away_and_back(self):
        r = self.receiver(Stream)
        self.admin.commits(on("tcp", f"127.0.0.1:{r.port}")).ok()
        self.caught_up(r)
        r.close()
        for i in range(5):
            self.partner(f"away{i}.test")
        status = self.wait_state("failing")
        self.assertEqual(status["audit_forwarding"]["last_error"]["code"], "syslog_refused", status)
        again = self.receiver(Stream, port=r.port)
        self.caught_up(again)
        self.gapless(r.seqs() + again.seqs())
        self.wait_state("ok")

    def test_datagrams_refused(self):
        r = self.receiver(Datagrams, socket.AF_INET, ("127.0.0.1", 0))
        port = r.port
        self.admin.commits(on("udp", f"127.0.0.1:{port}")).ok()
        before = self.caught_up(r)
        r.close()
        self.partner("a.test")
        self.partner("b.test")
        self.wait_state("failing")
        again = self.receiver(Datagrams, socket.AF_INET, ("127.0.0.1", port))
        self.caught_up(again)
        self.gapless(before + again.seqs())

    def test_local_service_comes_later(self):
        self.admin.commits(on("local")).ok()
        self.assertEqual(self.wait_state("failing")["audit_forwarding"]["last_error"]["code"], "syslog_local")
        first = self.newest()
        r = self.receiver(Datagrams, socket.AF_UNIX, os.path.join(self.work.path, "log"))
        self.partner("late.test")  # a commit is a reason to try at once
        self.assertLessEqual(self.caught_up(r)[0], first)

    def test_restart(self):
        r = self.receiver(Stream)
        self.admin.commits(on("tcp", f"127.0.0.1:{r.port}")).ok()
        self.partner("one.test")
        self.caught_up(r)
        port = r.port
        r.close()
        self.partner("two.test")  # is sent by the next process
        self.wait_state("failing")
        self.assertEqual(self.server.stop(), 0)
        again = self.receiver(Stream, port=port)
        self.server = self.work.start()
        self.admin = self.server.local()
        self.partner("three.test")
        self.caught_up(again)
        self.gapless(r.seqs() + again.seqs())

    def test_killed(self):
        r = self.receiver(Stream)
        self.admin.commits(on("tcp", f"127.0.0.1:{r.port}")).ok()
        self.partner("one.test")
        self.caught_up(r)
        self.server.kill()
        self.server = self.work.start()
        self.admin = self.server.local()
        self.partner("two.test")
        seqs = self.caught_up(r)
        # Rows may come twice, none may be missing.
        self.gapless(sorted(set(seqs)))

    def test_stops_while_nobody_answers(self):
        # A server that accepts and reads nothing: what is under way does not hold up the end.
        silent = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.addCleanup(silent.close)
        self.admin.commits(on("tls", f"127.0.0.1:{silent.getsockname()[1]}")).ok()
        self.partner("x.test")
        self.assertEqual(self.server.stop(), 0)


class Tls(Base):
    def setUp(self):
        super().setUp()
        self.directory = os.path.join(self.work.path, "ca")
        os.mkdir(self.directory)
        self.ca = self.make("ca", "Test Authority", ["-addext", "basicConstraints=critical,CA:TRUE"])

    def make(self, name, subject, more):
        path = os.path.join(self.directory, name)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "30", "-subj", f"/CN={subject}", "-keyout", path + ".key", "-out", path + ".pem", *more],
                       check=True, capture_output=True)
        return path

    def context(self, san):
        path = self.make("leaf", "syslog", ["-CA", self.ca + ".pem", "-CAkey", self.ca + ".key",
                                            "-addext", f"subjectAltName={san}"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path + ".pem", path + ".key")
        return context

    def trust(self):
        with open(self.ca + ".pem", encoding="ascii") as f:
            self.admin.apply(trust_anchors={"log": {"pem": f.read(), "usage": ["external"]}})

    def code(self, wanted):
        status = self.server.wait_status(
            lambda s: (s["audit_forwarding"]["last_error"] or {}).get("code") == wanted, PATIENCE)
        self.assertEqual(status["audit_forwarding"]["last_error"]["code"], wanted, status)

    def test_trusted_by_name(self):
        r = self.receiver(Stream, context=self.context("DNS:localhost"))
        self.admin.commits(on("tls", f"localhost:{r.port}")).ok()
        self.code("syslog_certificate")  # its authority is not known yet
        self.assertEqual(r.messages, [])
        first = self.newest()
        self.trust()
        seqs = self.caught_up(r)
        self.assertLessEqual(seqs[0], first)
        self.gapless(seqs)
        self.partner("tls.test")
        self.gapless(self.caught_up(r))
        self.wait_state("ok")

    def test_wrong_name(self):
        self.trust()
        r = self.receiver(Stream, context=self.context("DNS:other.test,IP:127.0.0.2"))
        self.admin.commits(on("tls", f"localhost:{r.port}")).ok()
        self.code("syslog_certificate_name")
        self.admin.commits(on("tls", f"127.0.0.1:{r.port}")).ok()
        self.code("syslog_certificate_name")
        self.assertEqual(r.messages, [])

    def test_by_address_and_no_tls(self):
        self.trust()
        r = self.receiver(Stream, context=self.context("IP:127.0.0.1"))
        plain = self.receiver(Stream)
        self.admin.commits(on("tls", f"127.0.0.1:{r.port}")).ok()
        before = self.caught_up(r)
        self.admin.commits(on("tcp", f"127.0.0.1:{plain.port}")).ok()
        self.gapless(before + [s for s in self.caught_up(plain) if s > before[-1]])
        self.assertFalse([m for m in plain.messages if seq(m) <= before[-1]])


if __name__ == "__main__":
    unittest.main()
