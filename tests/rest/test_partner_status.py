"""What a partner's status says, and trying again on demand."""
import socket
import subprocess
import time
import unittest

import fedgate
from fedgate import Workspace


class PartnerStatus(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)
        self.server = self.work.start()
        self.client = self.server.local()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0, self.server.log())

    def apply(self, domains=True, enabled=True, **partner):
        self.client.apply(
            front_ends={"fe": {"host": "127.0.0.1", "port": 5060, "transport": "udp"}},
            **({"domains": {"ours.test": {"front_ends": ["fe"]}}} if domains else {}),
            partners={"theirs.test": {"partner_type": "federated", "tls": "optional", "sasl": "not_supported",
                                      "additional_domains": ["also.test"], "proxy": f"127.0.0.1:{self.port}",
                                      **partner}},
            settings={"settings": {"federation_enabled": enabled,
                                   "listeners": {"xmpp": ["127.0.0.1:0"], "sip": []}}})

    def wait(self, check):
        end = time.monotonic() + 30
        while True:
            got = self.client.get("/partners/theirs.test/status").ok().data
            if check(got) or time.monotonic() > end:
                return got
            time.sleep(0.05)

    def test_again_at_once(self):
        self.apply()
        self.assertEqual(self.wait(lambda s: True)["state"], "never")
        for _ in range(8):  # by themselves the last of these would be a minute apart
            before = self.wait(lambda s: True)
            self.assertEqual(self.client.post("/partners/theirs.test/retry").status, 202)
            got = self.wait(lambda s, b=before: s["attempts"] > b["attempts"] and s["streams"] == [])
            self.assertGreater(got["attempts"], before["attempts"])
        self.assertEqual(got["state"], "failing")
        failure = got["last_failure"]
        self.assertEqual((failure["code"], failure["direction"]), ("connect_refused", "out"))
        self.assertIn("refused", failure["cause"])
        self.assertIn("listens", failure["remedy"])
        self.assertEqual(set(got["counters"]), {"stanzas_in", "stanzas_out", "stanzas_refused", "queue"})
        with socket.socket() as theirs:
            theirs.settimeout(20)
            theirs.bind(("127.0.0.1", self.port))
            theirs.listen()
            self.assertEqual(self.client.post("/partners/theirs.test/retry").status, 202)
            peer, _ = theirs.accept()
            with peer:
                peer.settimeout(20)
                header = b""
                while b"to='theirs.test'" not in header:
                    got = peer.recv(4096)
                    self.assertTrue(got, header)
                    header += got
                self.assertIn(b"from='ours.test'", header)
        rows = self.client.get("/audit?action=partner_retry").ok().data["items"]
        self.assertEqual({(r["kind"], r["key"], r["outcome"]) for r in rows}, {("partners", "theirs.test", "ok")})

    def test_nothing_to_try(self):
        def refused(path="theirs.test"):
            answer = self.client.post(f"/partners/{path}/retry")
            return answer.status, answer.problem["code"]
        self.assertEqual(refused("nobody.test"), (404, "not_found"))
        self.apply(domains=False)
        self.assertEqual(refused(), (409, "no_domain"))
        self.assertEqual(refused("also.test"), (404, "not_found"))
        self.apply(state="suspended")
        self.assertEqual(refused(), (409, "partner_inactive"))
        self.apply(enabled=False)
        self.assertEqual(refused(), (409, "partner_inactive"))

    def test_who_may(self):
        self.apply()
        for role, status in (("viewer", 403), ("help_desk", 403), ("user_administrator", 403), ("operator", 202)):
            client = self.server.client(self.server.token(role, role))
            self.assertEqual(client.post("/partners/theirs.test/retry").status, status, role)

    def test_failures_are_documented(self):
        schemas = self.client.get("/openapi.json").ok().data["components"]["schemas"]
        code = schemas["partner_status"]["properties"]["last_failure"]["properties"]["code"]
        self.assertIn("connect_refused", code["enum"])
        self.assertGreater(len(code["enum"]), 40)
        page = subprocess.run([fedgate.binary(), "help", "--man"], text=True, capture_output=True, check=True).stdout
        for failure in code["enum"]:
            self.assertRegex(page, rf"\n\.B {failure}\n[A-Z].{{8}}.*\n[A-Z].{{8}}")


if __name__ == "__main__":
    unittest.main()
