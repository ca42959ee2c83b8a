"""The first crossing: romeo@fabrikam.test (Prosody) and juliet@contoso.test (SIP) write each other,
by each of the three methods and over each SIP transport; and what is refused is refused clearly."""
import unittest

import gateway
import lab
from lab_test import LabTest

JULIET = f"juliet@{lab.OURS}"


class CrossingTest(LabTest):
    def both_ways(self, sipp, romeo, label, transport="udp", target=f"{lab.FEDGATE_IP}:5060"):
        romeo.message(JULIET, f"to juliet {label}", f"x-{label}")
        message = sipp.wait_message(f"to juliet {label}")
        self.assertIn(f"MESSAGE sip:{JULIET} SIP/2.0", message)
        self.assertRegex(message, rf"From: *<sip:romeo@{lab.THEIRS}[^>]*>;tag=")
        self.assertRegex(message, r"(?i)Content-Type: *text/plain; *charset=utf-8")
        self.juliet_sends(f"to romeo {label}", transport=transport, target=target)
        stanza = romeo.wait_body(f"to romeo {label}")
        self.assertEqual(stanza.get("from").split("/")[0], JULIET)
        self.assertEqual(stanza.get("type"), "chat")

    def check_streams(self, g, method, tls):
        for direction in ("in", "out"):
            stream = g.wait_stream(direction=direction, method=method)
            self.assertEqual(stream["local_domain"], lab.OURS)
            self.assertEqual(stream["remote_domain"], lab.THEIRS)
            if tls:
                self.assertEqual(stream["tls"]["version"], "TLSv1.3")
            else:
                self.assertIsNone(stream["tls"])

    def test_external_over_tls13(self):
        """(a) SASL EXTERNAL over TLS 1.3; SIP over UDP."""
        self.prosody("external")
        sipp = self.sipp("udp")
        g = self.gateway(partner=gateway.EXTERNAL)
        self.both_ways(sipp, self.romeo(), "external")
        self.check_streams(g, "sasl_tls", True)

    def test_dialback_over_tls(self):
        """(b) Dialback inside TLS; SIP over TCP."""
        self.prosody("dialback_tls")
        sipp = self.sipp("tcp")
        g = self.gateway(partner=gateway.DIALBACK_TLS,
                         front_end={"host": lab.SIPP_IP, "port": 5060, "transport": "tcp"})
        self.both_ways(sipp, self.romeo(), "dialback", transport="tcp")
        self.check_streams(g, "dialback_tls", True)

    def test_dialback_in_clear(self):
        """(c) Dialback without TLS, where the partner allows it."""
        self.prosody("clear")
        sipp = self.sipp("udp")
        g = self.gateway(partner=gateway.CLEAR)
        self.both_ways(sipp, self.romeo(), "clear")
        self.check_streams(g, "dialback_tcp", False)

    def test_kamailio_mutual_tls(self):
        """The SIP side is Kamailio over mutual TLS on 23456, SIPp behind it."""
        self.prosody("external")
        sipp = self.sipp("udp")
        self.keep(lab.Kamailio(self.folder.path, self.ca))
        self.gateway(partner=gateway.EXTERNAL, front_end={
            "host": lab.KAMAILIO_IP, "port": 5061, "transport": "tls",
            "tls_name": f"kamailio.{lab.OURS}"})
        self.both_ways(sipp, self.romeo(), "kamailio", target=f"{lab.KAMAILIO_IP}:5060")

    def test_unicode_and_addresses(self):
        """Text outside ASCII and a local part that needs escaping survive both ways."""
        self.prosody("external")
        sipp = self.sipp("udp")
        self.gateway(partner=gateway.EXTERNAL)
        romeo = self.romeo()
        romeo.message(f"o\\27malley@{lab.OURS}", "grüße &lt;b&gt; 😀", "u1")
        message = sipp.wait_message("grüße <b> 😀")
        self.assertIn(f"MESSAGE sip:o'malley@{lab.OURS} SIP/2.0", message)
        self.juliet_sends("zurück 😀 & <x>", sender=f"o'malley@{lab.OURS}")
        stanza = romeo.wait_body("zurück 😀 & <x>")
        self.assertEqual(stanza.get("from").split("/")[0], f"o\\27malley@{lab.OURS}")

    def test_order_is_kept(self):
        """Fifty messages sent at once arrive once each, in order."""
        self.prosody("external")
        sipp = self.sipp("udp")
        self.gateway(partner=gateway.EXTERNAL)
        romeo = self.romeo()
        for i in range(50):
            romeo.message(JULIET, f"number {i:03d}", f"n{i}")
        sipp.wait_message("number 049", 30)
        seen = [m.rsplit("number ", 1)[1][:3] for m in sipp.messages() if "number " in m]
        self.assertEqual(seen, [f"{i:03d}" for i in range(50)])


class RefusalTest(LabTest):
    def test_partner_removed(self):
        """With the partner removed, both directions are refused, and the stream closes."""
        self.prosody("external")
        sipp = self.sipp("udp")
        g = self.gateway(partner=gateway.EXTERNAL)
        romeo = self.romeo()
        romeo.message(JULIET, "before", "r0")
        sipp.wait_message("before")
        g.commit(("partners", lab.THEIRS, None))
        lab.wait_for(lambda: not g.streams(), what="all streams closed")
        romeo.message(JULIET, "after removal", "r1")
        condition, _, _ = romeo.wait_error("r1", 60)
        self.assertIn(condition, ("remote-server-not-found", "remote-server-timeout",
                                  "policy-violation", "service-unavailable"))
        trace = self.juliet_sends("after removal", expect=403)
        self.assertIn("partner_not_listed", trace)
        self.assertFalse([m for m in sipp.messages() if "after removal" in m])

    def test_policy_forbids(self):
        """With XMPP access off for everyone, a message comes back as service-unavailable, and SIP
        gets 403 with the rule."""
        self.prosody("external")
        sipp = self.sipp("udp")
        g = self.gateway(partner=gateway.EXTERNAL)
        g.patch("policies", "global", {"xmpp_access": False})
        romeo = self.romeo()
        romeo.message(JULIET, "forbidden", "p1")
        condition, _, _ = romeo.wait_error("p1")
        self.assertEqual(condition, "service-unavailable")
        trace = self.juliet_sends("forbidden", expect=403)
        self.assertRegex(trace, r"Warning: *399 .*policy_")
        self.assertFalse([m for m in sipp.messages() if "forbidden" in m])

    def test_tls_required_not_offered(self):
        """TLS required, the partner offers none: nothing crosses, SIP gets 504, the cause is shown."""
        self.prosody("clear")
        sipp = self.sipp("udp")
        g = self.gateway(partner={"partner_type": "federated", "tls": "required", "sasl": "optional",
                                  "dialback": True})
        trace = self.juliet_sends("never in clear", expect=504)
        self.assertIn("tls", trace.lower())
        status = g.get(f"/partners/{lab.THEIRS}/status")
        self.assertEqual(status["last_failure"]["code"], "tls_not_offered")
        self.assertTrue(status["last_failure"]["remedy"])
        romeo = self.romeo()
        romeo.message(JULIET, "inbound in clear", "t1")
        condition, _, _ = romeo.wait_error("t1", 60)
        self.assertIn(condition, ("remote-server-timeout", "remote-server-not-found",
                                  "policy-violation"))
        self.assertFalse([m for m in sipp.messages() if "inbound in clear" in m])

    def test_public_unverified(self):
        """A public, unverified partner cannot write first; our users can."""
        self.prosody("external")
        sipp = self.sipp("udp")
        self.gateway(partner=dict(gateway.EXTERNAL, partner_type="public_unverified"))
        romeo = self.romeo()
        romeo.message(JULIET, "unsolicited", "q1")
        condition, _, _ = romeo.wait_error("q1")
        self.assertEqual(condition, "service-unavailable")
        self.assertFalse([m for m in sipp.messages() if "unsolicited" in m])
        self.juliet_sends("we write first")
        romeo.wait_body("we write first")

    def test_federation_off(self):
        """With the global switch off, no port is open."""
        g = self.gateway(partner=gateway.EXTERNAL, settings={"federation_enabled": False})
        self.assertFalse(lab.port_open(lab.FEDGATE_IP, 5269))
        self.assertFalse(lab.port_open(lab.FEDGATE_IP, 23456))
        g.patch("settings", "settings", {"federation_enabled": True})
        self.assertTrue(lab.port_open(lab.FEDGATE_IP, 5269))

    def test_stranger_on_the_inner_side(self):
        """A SIP sender that is no front end is refused, and so is a foreign From."""
        self.prosody("external")
        self.sipp("udp")
        self.gateway(partner=gateway.EXTERNAL)
        self.juliet_sends("from a stranger", expect=403, ip="127.0.0.77")
        self.juliet_sends("foreign from", expect=403, sender="juliet@evil.test")

    def test_sip_error_comes_back(self):
        """What the SIP side refuses comes back to the XMPP sender, mapped."""
        self.prosody("external")
        self.sipp("udp", answer="480 Temporarily Unavailable")
        self.gateway(partner=gateway.EXTERNAL)
        romeo = self.romeo()
        romeo.message(JULIET, "are you there", "e1")
        condition, kind, _ = romeo.wait_error("e1")
        self.assertEqual((condition, kind), ("recipient-unavailable", "wait"))

    def test_xmpp_error_comes_back(self):
        """A message to a domain that does not exist in DNS gets 404, one whose server is down 504."""
        self.sipp("udp")
        g = self.gateway(partner=gateway.EXTERNAL)
        g.commit(("partners", "nowhere.test", gateway.EXTERNAL))
        self.juliet_sends("to nowhere", expect=404, to="romeo@nowhere.test")
        self.juliet_sends("to a dead server", expect=504)


if __name__ == "__main__":
    unittest.main()
