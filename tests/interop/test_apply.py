"""Apply: a commit is running when the call returns, and disturbs only what it must."""
import os
import signal
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

    def test_tightening_tls(self):
        """Partner from TLS optional to required while messages flow in clear: the clear stream closes,
        and every message has either arrived or was refused to its sender. None is lost. Once the
        partner offers TLS, messages flow again."""
        clear = self.prosody("clear")
        self.sipp("udp")
        g = self.gateway(partner={"partner_type": "federated", "tls": "optional", "sasl": "optional",
                                  "dialback": True})
        romeo = self.romeo()
        self.juliet_sends("in clear")
        romeo.wait_body("in clear")
        g.wait_stream(direction="out", method="dialback_tcp")
        sender = self.keep(lab.UdpSender((lab.FEDGATE_IP, 5060)))

        def flow():
            for n in range(300):
                sender.send(n, f"flow {n:03d}")
                time.sleep(0.003)

        worker = threading.Thread(target=flow)
        worker.start()
        time.sleep(0.4)
        g.patch("partners", lab.THEIRS, {"tls": "required"})
        clear_streams = [s for s in g.streams() if s["method"] == "dialback_tcp"]
        self.assertFalse([s for s in clear_streams if s["state"] != "closing"])
        lab.wait_for(lambda: not [s for s in g.streams() if s["method"] == "dialback_tcp"],
                     what="the clear stream to be gone")
        worker.join()
        answers = sender.collect(300)
        self.assertEqual(len(answers), 300)
        self.assertEqual(set(answers.values()), {200, 504})
        last = max(n for n, code in answers.items() if code == 200)
        romeo.wait_body(f"flow {last:03d}")
        arrived = {romeo.body(e) for e in romeo.received} | {f"flow {last:03d}"}
        for n, code in answers.items():
            self.assertEqual(f"flow {n:03d}" in arrived, code == 200, f"message {n}, answered {code}")
        clear.stop()
        self.prosody("dialback_tls")
        romeo = self.romeo()
        self.juliet_sends("inside TLS")
        romeo.wait_body("inside TLS")
        stream = g.wait_stream(direction="out")
        self.assertNotEqual(stream["method"], "dialback_tcp")
        self.assertIsNotNone(stream["tls"])

    def test_queue_waits_for_the_new_terms(self):
        """Messages that wait for a stream in set-up when its terms are tightened go out on the next
        one: the partner's server is frozen, so that they do wait."""
        prosody = self.prosody("dialback_tls")
        self.sipp("udp")
        g = self.gateway(partner={"partner_type": "federated", "tls": "optional", "sasl": "optional",
                                  "dialback": True})
        romeo = self.romeo()
        os.kill(prosody.pid, signal.SIGSTOP)
        sender = self.keep(lab.UdpSender((lab.FEDGATE_IP, 5060)))
        for n in range(20):
            sender.send(n, f"waits {n:02d}")
        lab.wait_for(lambda: [s for s in g.streams() if s["queue"]], what="a queue")
        g.patch("partners", lab.THEIRS, {"tls": "required", "sasl": "not_supported"})
        time.sleep(0.5)
        os.kill(prosody.pid, signal.SIGCONT)
        answers = sender.collect(20)
        self.assertEqual(sorted(answers.items()), [(n, 200) for n in range(20)])
        for n in range(20):
            romeo.wait_body(f"waits {n:02d}")
        self.assertEqual(g.wait_stream(direction="out")["method"], "dialback_tls")

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


class ListenersTest(LabTest):
    # The peers keep off our ports: they do not share them (SO_REUSEPORT), and "[::]" is every address.
    their_port = 5270

    def test_listeners_move_under_load(self):
        """Listeners move from all addresses to one and back while messages flow; none is lost."""
        self.prosody("external")
        sipp = self.sipp("udp", port=5070)
        g = self.gateway(partner=gateway.EXTERNAL, front_end={
            "host": lab.SIPP_IP, "port": 5070, "transport": "udp"})
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


if __name__ == "__main__":
    unittest.main()
