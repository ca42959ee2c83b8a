"""GET /metrics: Prometheus' text format, who may read it, and the series of partners."""
import re
import socket
import time
import unittest

from fedgate import Workspace

LINE = re.compile(r'^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})? (\d+)$')


def parse(text):
    """{name + labels: value}; faults of the format are errors."""
    series, types, helped = {}, {}, set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split()[2])
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name not in types and name in helped and kind in ("gauge", "counter"), line
            types[name] = kind
        else:
            found = LINE.match(line)
            assert found, line
            name, labels, value = found.groups()
            assert list(types)[-1] == name, f"{line}: not with its family"
            assert (types[name] == "counter") == name.endswith("_total"), line
            assert name + (labels or "") not in series, line
            series[name + (labels or "")] = int(value)
    assert text.endswith("\n")
    return series


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def read(self):
        answer = self.client.get("/metrics").ok()
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        return parse(answer.body.decode())

    def test_what_runs(self):
        revision = self.client.apply(sites={"m": {}})
        series = self.read()
        self.assertEqual(series["fedgate_revision"], revision)
        self.assertEqual(series["fedgate_applied_revision"], revision)
        self.assertEqual(series["fedgate_engine_up"], 1)
        self.assertEqual(series["fedgate_engine_degraded"], 0)
        version = self.server.status()["version"]
        self.assertEqual(series[f'fedgate_build_info{{version="{version}"}}'], 1)
        self.assertEqual(series['fedgate_messages_total{direction="in"}'], 0)

    def test_a_commit_that_waits_for_confirmation(self):
        made = self.client.commits([{"op": "put", "kind": "sites", "key": "w", "value": {}}], confirm_within=600).ok()
        self.assertEqual(self.read()["fedgate_confirmation_pending"], 1)
        self.client.post(f"/revisions/{made.data['revision']}/confirm").ok()
        self.assertEqual(self.read()["fedgate_confirmation_pending"], 0)

    def test_who_may(self):
        self.assertEqual(self.server.anonymous().get("/metrics").status, 401)
        self.assertEqual(self.server.local().get("/metrics").status, 200)
        self.server.add_admin("watcher", "viewer")
        viewer = self.server.client(self.server.token("watcher", role="viewer"))
        self.assertEqual(viewer.get("/metrics").status, 200)
        session = self.server.anonymous()
        self.assertEqual(session.sign_in("watcher").status, 201)
        refused = session.get("/metrics")
        self.assertEqual((refused.status, refused.problem["code"]), (403, "token_needed"))
        self.assertEqual(self.client.head("/metrics").status, 200)
        refused = self.client.post("/metrics")
        self.assertEqual((refused.status, refused.headers["Allow"]), (405, "GET, HEAD"))


class Partners(unittest.TestCase):
    """A message to a partner nobody answers for: its series appear."""

    def test_series_of_a_partner(self):
        with Workspace() as work:
            server = work.start()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
                taken.bind(("127.0.0.1", 0))
                sip = taken.getsockname()[1]
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                closed = taken.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front_end:
                front_end.bind(("127.0.0.1", 0))
                front_end.settimeout(20)
                port = front_end.getsockname()[1]
                server.local().apply(
                    front_ends={"fe": {"host": "127.0.0.1", "port": port, "transport": "udp"}},
                    domains={"ours.test": {"front_ends": ["fe"]}},
                    policies={"global": {"federation_access": True, "xmpp_access": True}},
                    partners={"theirs.test": {"partner_type": "federated", "tls": "optional", "sasl": "not_supported",
                                              "proxy": f"127.0.0.1:{closed}"}},
                    settings={"settings": {"federation_enabled": True, "listeners": {
                        "xmpp": ["127.0.0.1:0"], "xmpp_direct_tls": [],
                        "sip": [{"address": f"127.0.0.1:{sip}", "transport": "udp"}]}}})
                self.send(front_end, port, sip)
                end = time.monotonic() + 30
                series = {}
                while not series.get('fedgate_partner_failing{partner="theirs.test"}') and time.monotonic() < end:
                    series = parse(server.local().get("/metrics").ok().body.decode())
                    time.sleep(0.1)
            self.assertEqual(series.get('fedgate_partner_failing{partner="theirs.test"}'), 1, server.log())
            self.assertEqual(series['fedgate_partner_streams{partner="theirs.test"}'], 0)
            self.assertEqual(series['fedgate_partner_last_success_timestamp_seconds{partner="theirs.test"}'], 0)
            self.assertIn('fedgate_partner_stanzas_total{partner="theirs.test",direction="out"}', series)
            self.assertGreaterEqual(series['fedgate_sip_requests_total{direction="in"}'], 1)
            self.assertEqual(server.stop(), 0, server.log())

    def send(self, front_end, port, sip):
        lines = ["MESSAGE sip:r@theirs.test SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKmetrics",
                 "Max-Forwards: 70", "From: <sip:j@ours.test>;tag=1", "To: <sip:r@theirs.test>", "Call-ID: metrics",
                 "CSeq: 1 MESSAGE", "Content-Type: text/plain", "Content-Length: 5", "", "hello"]
        front_end.sendto("\r\n".join(lines).encode(), ("127.0.0.1", sip))


if __name__ == "__main__":
    unittest.main()
