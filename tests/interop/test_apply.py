"""Apply: a commit is running when the call returns, and disturbs only what it must."""
import threading
import time
import unittest

import gateway
import lab
from lab_test import LabTest

JULIET = f"juliet@{lab.OURS}"


class ApplyTest(LabTest):
    def test_other_streams_stay(self):
        """A live stream stays the very same while another partner is added, edited and removed."""
        self.prosody("external")
        sipp = self.sipp("udp")
        g = self.gateway(partner=gateway.EXTERNAL)
        romeo = self.romeo()
        romeo.message(JULIET, "first", "a1")
        sipp.wait_message("first")
        self.juliet_sends("second")
        romeo.wait_body("second")
        before = sorted(s["id"] for s in g.streams())
        self.assertEqual(len(before), 2)
        g.commit(("partners", "other.test", gateway.EXTERNAL))
        g.commit(("partners", "other.test", gateway.CLEAR))
        g.patch("partners", lab.THEIRS, {"description": "only words changed"})
        g.commit(("partners", "other.test", None))
        self.assertEqual(sorted(s["id"] for s in g.streams()), before)
        status = g.get("/status")
        self.assertEqual(status["applied_revision"], status["revision"])
        romeo.message(JULIET, "third", "a3")
        sipp.wait_message("third")

    def test_listeners_move_under_load(self):
        """Listeners move from all addresses to one and back while messages flow; none is lost."""
        self.prosody("external")
        sipp = self.sipp("udp")
        g = self.gateway(partner=gateway.EXTERNAL)
        romeo = self.romeo()
        romeo.message(JULIET, "warm up", "w")
        sipp.wait_message("warm up")
        stop = threading.Event()
        sent = []

        def load():
            while not stop.is_set():
                romeo.message(JULIET, f"load {len(sent):05d}.", f"l{len(sent)}")
                sent.append(1)
                time.sleep(0.005)

        worker = threading.Thread(target=load)
        worker.start()
        try:
            one = gateway.default_listeners()
            everywhere = {"xmpp": ["[::]:5269"], "xmpp_direct_tls": [], "sip": [
                {"address": "[::]:5060", "transport": "udp"},
                {"address": "[::]:5060", "transport": "tcp"},
                {"address": "[::]:23456", "transport": "tls", "client_certificate": "required"}]}
            for listeners in (everywhere, one, everywhere, one):
                g.patch("settings", "settings", {"listeners": listeners})
                self.assertTrue(lab.port_open(lab.FEDGATE_IP, 5269))
                self.assertEqual(lab.port_open("127.0.0.200", 5269), listeners is everywhere)
                time.sleep(0.3)
        finally:
            stop.set()
            worker.join()
        last = f"load {len(sent) - 1:05d}."
        sipp.wait_message(last, 60)
        seen = [m.rsplit("load ", 1)[1][:5] for m in sipp.messages() if "load " in m]
        self.assertEqual(sorted(set(seen)), [f"{i:05d}" for i in range(len(sent))])
        self.juliet_sends("still reachable")
        romeo.wait_body("still reachable")

    def test_tightening_tls(self):
        """Partner from TLS optional to required: the clear stream closes, queued messages wait for the
        encrypted one and none is lost."""
        clear = self.prosody("clear")
        self.sipp("udp")
        g = self.gateway(partner={"partner_type": "federated", "tls": "optional", "sasl": "optional",
                                  "dialback": True})
        romeo = self.romeo()
        self.juliet_sends("in clear")
        romeo.wait_body("in clear")
        g.wait_stream(direction="out", method="dialback_tcp")
        # The partner's server goes away and comes back with TLS; what our user writes meanwhile waits.
        clear.stop()
        g.patch("partners", lab.THEIRS, {"tls": "required"})
        self.assertFalse([s for s in g.streams() if s["method"] == "dialback_tcp"])
        results = []

        def send(text):
            self.juliet_sends(text)
            results.append(text)

        senders = [threading.Thread(target=send, args=(f"queued {i}",)) for i in range(3)]
        for s in senders:
            s.start()
        time.sleep(1)
        self.prosody("dialback_tls")
        romeo = self.romeo()
        for s in senders:
            s.join()
        self.assertEqual(sorted(results), [f"queued {i}" for i in range(3)])
        for i in range(3):
            romeo.wait_body(f"queued {i}")
        stream = g.wait_stream(direction="out")
        self.assertNotEqual(stream["method"], "dialback_tcp")
        self.assertIsNotNone(stream["tls"])

    def test_tightening_with_live_queue(self):
        """The same with the server staying up and offering TLS all the time: messages flow while the
        terms are tightened; each arrives once."""
        self.prosody("dialback_tls")
        sipp = self.sipp("udp")
        g = self.gateway(partner={"partner_type": "federated", "tls": "optional", "sasl": "optional",
                                  "dialback": True})
        romeo = self.romeo()
        romeo.message(JULIET, "warm up", "w")
        sipp.wait_message("warm up")
        for i in range(200):
            romeo.message(JULIET, f"flow {i:03d}.", f"f{i}")
            if i == 60:
                g.patch("partners", lab.THEIRS, {"sasl": "not_supported"})
            if i == 120:
                g.patch("partners", lab.THEIRS, {"tls": "required", "sasl": "optional"})
        sipp.wait_message("flow 199.", 60)
        seen = sorted({m.rsplit("flow ", 1)[1][:3] for m in sipp.messages() if "flow " in m})
        self.assertEqual(seen, [f"{i:03d}" for i in range(200)])

    def test_restart_keeps_configuration(self):
        """Stopped and started again, and killed and started again, the gateway works as before."""
        self.prosody("external")
        sipp = self.sipp("udp")
        g = self.gateway(partner=gateway.EXTERNAL)
        romeo = self.romeo()
        for round, end in enumerate((g.stop, g.kill)):
            end()
            g.start()
            self.juliet_sends(f"after restart {round}")
            romeo.wait_body(f"after restart {round}")
        romeo.message(JULIET, "and back", "b1")
        sipp.wait_message("and back", 60)


if __name__ == "__main__":
    unittest.main()
