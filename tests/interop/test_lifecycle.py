"""What a commit does to living streams is what was foretold; agreements that drain, end or are
suspended; and a commit that takes itself back when a partner stops working because of it."""
import time
import unittest
from datetime import datetime, timedelta, timezone

import gateway
import lab
from lab_test import LabTest

JULIET = f"juliet@{lab.OURS}"
OPTIONAL = {"partner_type": "federated", "tls": "optional", "sasl": "optional", "dialback": True}


def counts(impact):
    return {k: impact[k] for k in ("stay", "renegotiate", "close")}


class Talk(LabTest):
    def talk(self, mode, partner):
        """A stream in each direction."""
        self.prosody(mode)
        self.sipp_server = self.sipp("udp")
        g = self.gateway(partner=partner)
        self.romeo_client = self.romeo()
        self.romeo_client.message(JULIET, "first", "i1")
        self.sipp_server.wait_message("first")
        self.juliet_sends("second")
        self.romeo_client.wait_body("second")
        lab.wait_for(lambda: len([s for s in g.streams() if s["state"] == "open"]) == 2,
                     what="two streams")
        return g

    def prosody(self, mode, **more):
        self.prosody_of_talk = super().prosody(mode, **more)
        return self.prosody_of_talk


class ImpactTest(Talk):
    def foretold(self, g, kind, key, value, op="put"):
        change = {"op": op, "kind": kind, "key": key}
        if value is not None:
            change["value"] = value
        body = {"comment": "impact", "changes": [change]}
        told = g.request("POST", "/commits", {**body, "dry_run": True})["impact"]
        before = {s["id"] for s in g.streams()}
        done = g.request("POST", "/commits", body)
        self.assertEqual(done["impact"], told)
        ended = told["renegotiate"] + told["close"]
        lab.wait_for(lambda: len(before - {s["id"] for s in g.streams()}) == ended,
                     what=f"{ended} of the streams gone")
        time.sleep(0.3)
        left = {s["id"] for s in g.streams()} & before
        self.assertEqual(len(left), told["stay"])
        return told

    def test_words_change_nothing(self):
        g = self.talk("external", gateway.EXTERNAL)
        told = self.foretold(g, "partners", lab.THEIRS, {"description": "words"}, "patch")
        self.assertEqual(counts(told), {"stay": 2, "renegotiate": 0, "close": 0})
        self.assertEqual((told["partners"], told["more"]), ([], 0))

    def test_tls_becomes_required(self):
        g = self.talk("clear", OPTIONAL)
        told = self.foretold(g, "partners", lab.THEIRS, {"tls": "required"}, "patch")
        self.assertEqual(counts(told), {"stay": 0, "renegotiate": 2, "close": 0})
        self.assertEqual(told["partners"], [
            {"domain": lab.THEIRS, "stay": 0, "renegotiate": 2, "close": 0, "queued": 0,
             "subscriptions": 0, "because": "tls_required"}])

    def test_sasl_is_forbidden(self):
        g = self.talk("external", OPTIONAL)
        told = self.foretold(g, "partners", lab.THEIRS, {"sasl": "not_supported"}, "patch")
        self.assertEqual(counts(told), {"stay": 0, "renegotiate": 2, "close": 0})
        self.assertEqual(told["partners"][0]["because"], "sasl_forbidden")

    def test_removed(self):
        """Its streams close, and messages are refused on both sides."""
        g = self.talk("external", gateway.EXTERNAL)
        told = self.foretold(g, "partners", lab.THEIRS, None, "delete")
        self.assertEqual(counts(told), {"stay": 0, "renegotiate": 0, "close": 2})
        self.assertEqual(told["partners"][0]["because"], "partner_removed")
        self.assertIn("partner_not_listed", self.juliet_sends("too late", expect=403))
        self.romeo_client.message(JULIET, "too late as well", "i2")
        self.romeo_client.wait_error("i2", 60)
        self.assertFalse([m for m in self.sipp_server.messages() if "too late" in m])

    def test_federation_off(self):
        g = self.talk("external", gateway.EXTERNAL)
        told = self.foretold(g, "settings", "settings", {"federation_enabled": False}, "patch")
        self.assertEqual(counts(told), {"stay": 0, "renegotiate": 0, "close": 2})
        self.assertEqual(told["partners"][0]["because"], "federation_off")

    def test_own_domain_removed(self):
        g = self.talk("external", gateway.EXTERNAL)
        told = self.foretold(g, "domains", lab.OURS, None, "delete")
        self.assertEqual(counts(told), {"stay": 0, "renegotiate": 0, "close": 2})
        self.assertEqual(told["partners"][0]["because"], "own_domain_removed")

    def test_the_draft_says_it_too(self):
        g = self.talk("external", gateway.EXTERNAL)
        g.request("PATCH", f"/partners/{lab.THEIRS}", {"state": "suspended"})
        told = g.request("POST", "/draft/check", {})["impact"]
        self.assertEqual(counts(told), {"stay": 0, "renegotiate": 0, "close": 2})
        self.assertEqual(told["partners"][0]["because"], "partner_suspended")
        self.assertEqual(len(g.streams()), 2)
        self.assertEqual(g.request("POST", "/draft/commit", {})["impact"], told)
        lab.wait_for(lambda: not g.streams(), what="all streams closed")

    def test_what_waits_is_counted(self):
        """Messages that wait for a stream in set-up: counted before, answered after."""
        self.sipp("udp")
        self.dns.stop()
        g = self.gateway(partner=gateway.EXTERNAL)
        sender = self.keep(lab.UdpSender((lab.FEDGATE_IP, 5060)))
        for n in range(5):
            sender.send(n, f"waits {n}")
        lab.wait_for(lambda: sum(s["queue"] for s in g.streams()) == 5, what="a queue")
        bulk = {"kind": "partners", "filter": {"status": "*"}, "dry_run": True}
        g.request("PUT", "/partners/idle.test", {})
        foretold = g.request("POST", "/draft/bulk", {**bulk, "op": "patch", "value": {"state": "suspended"}})["impact"]
        self.assertEqual((foretold["queued"], foretold["partners"][0]["because"]), (5, "partner_suspended"))
        self.assertEqual(g.request("POST", "/draft/bulk", {"kind": "partners", "keys": ["idle.test"], "op": "delete",
                                                           "dry_run": True})["impact"]["partners"], [])
        foretold = g.request("POST", "/draft/bulk", {**bulk, "op": "delete"})["impact"]
        told = g.request("POST", "/commits", {"changes": [
            {"op": "delete", "kind": "partners", "key": lab.THEIRS}]})["impact"]
        self.assertEqual(foretold, told)
        self.assertEqual((told["queued"], told["partners"][0]["queued"]), (5, 5))
        self.assertEqual(told["partners"][0]["because"], "partner_removed")
        answers = sender.collect(5)
        self.assertEqual(len(answers), 5)
        self.assertNotIn(200, answers.values())


class AgreementTest(Talk):
    def status(self, g):
        return g.get(f"/partners/{lab.THEIRS}/status")

    def test_suspended(self):
        g = self.talk("external", gateway.EXTERNAL)
        g.patch("partners", lab.THEIRS, {"state": "suspended"})
        lab.wait_for(lambda: not g.streams(), what="all streams closed")
        self.assertIn("partner_suspended", self.juliet_sends("suspended", expect=403))
        self.assertEqual((self.status(g)["state"], self.status(g)["because"]), ("suspended", "state"))
        g.patch("partners", lab.THEIRS, {"state": "active"})
        self.juliet_sends("active again")
        self.romeo_client.wait_body("active again")

    def test_draining(self):
        """What lives goes on, also its conversation; when it has ended, nothing new begins."""
        g = self.talk("external", gateway.EXTERNAL)
        before = {s["id"] for s in g.streams()}
        self.assertEqual(counts(g.request("POST", "/commits", {"changes": [
            {"op": "patch", "kind": "partners", "key": lab.THEIRS,
             "value": {"state": "draining"}}]})["impact"]), {"stay": 2, "renegotiate": 0, "close": 0})
        self.assertEqual({s["id"] for s in g.streams()}, before)
        self.assertEqual((self.status(g)["state"], self.status(g)["because"]), ("draining", "state"))
        self.juliet_sends("the conversation goes on")
        self.romeo_client.wait_body("the conversation goes on")
        self.romeo_client.message(JULIET, "and back", "d1")
        self.sipp_server.wait_message("and back")
        # Another conversation is something new.
        self.assertIn("partner_draining",
                      self.juliet_sends("new", expect=403, sender=f"nurse@{lab.OURS}"))
        for s in before:
            g.request("POST", f"/streams/{s}/close", {})
        lab.wait_for(lambda: not g.streams(), what="all streams closed")
        self.assertIn("being drained", self.juliet_sends("no new stream out", expect=403))
        self.romeo_client.message(JULIET, "no new stream in", "d2")
        self.romeo_client.wait_error("d2", 60)
        self.assertFalse([m for m in self.sipp_server.messages() if "no new stream in" in m])
        self.assertFalse([s for s in g.streams() if s["state"] == "open"])

    def test_valid_until(self):
        """At its end the streams close by themselves, and the partner is as if suspended."""
        g = self.talk("external", gateway.EXTERNAL)
        until = datetime.now(timezone.utc) + timedelta(seconds=4)
        g.patch("partners", lab.THEIRS, {"valid_until": until.strftime("%Y-%m-%dT%H:%M:%SZ")})
        self.assertEqual(g.get(f"/partners/{lab.THEIRS}")["state"], "active")
        self.assertEqual(len(g.streams()), 2)
        lab.wait_for(lambda: not g.streams(), what="all streams closed")
        self.assertIn("partner_expired", self.juliet_sends("too late", expect=403))
        self.assertEqual((self.status(g)["state"], self.status(g)["because"]),
                         ("suspended", "valid_until"))
        codes = [w["code"] for w in g.get(f"/partners/{lab.THEIRS}")["warnings"]]
        self.assertIn("agreement_ended", codes)
        g.patch("partners", lab.THEIRS, {"valid_until": None})
        self.juliet_sends("a new agreement")
        self.romeo_client.wait_body("a new agreement")

    def test_xmpp_alone(self):
        """Federation is on for XMPP partners; SIP from strangers is refused, whatever they say, and
        nothing leaves by SIP for a domain that is not ours."""
        self.talk("external", gateway.EXTERNAL)
        self.juliet_sends("stranger, our name", expect=403, ip="127.0.0.77")
        self.juliet_sends("stranger, own name", expect=403, ip="127.0.0.77",
                          sender="mallory@sip-federation.test")
        self.juliet_sends("stranger to us", expect=403, ip="127.0.0.77",
                          sender="mallory@sip-federation.test", to=JULIET)
        self.juliet_sends("to nobody's domain", expect=403, to="bob@sip-federation.test")
        self.assertFalse([m for m in self.sipp_server.messages() if "stranger" in m])


class LostPartnerTest(Talk):
    def pending(self, g):
        return g.get("/status")["pending_confirmation"]

    def reverted(self, g, revision):
        lab.wait_for(lambda: not self.pending(g), 30, "the commit taken back")
        status = g.get("/status")
        self.assertEqual((status["revision"], status["applied_revision"]), (revision + 1,) * 2)
        return g.get(f"/revisions/{revision + 1}")

    def test_a_partner_that_stops_working(self):
        """The partner's server offers no TLS; requiring it takes itself back, and says why."""
        g = self.talk("clear", OPTIONAL)
        done = g.commit(("partners", lab.THEIRS, {**OPTIONAL, "tls": "required"}), confirm_within=600)
        newest = self.reverted(g, done["revision"])
        self.assertIn(lab.THEIRS, newest["comment"])
        self.assertIn("offers no TLS", newest["comment"])
        self.assertIsNone(newest["author"] if newest["author"] != "system" else None)
        rows = g.get("/audit?action=revert")["items"]
        self.assertIn("offers no TLS", rows[0]["detail"])
        self.assertIn("offers no TLS", g.output())
        self.juliet_sends("works again")
        self.romeo_client.wait_body("works again")

    def test_it_is_watched_after_a_restart(self):
        g = self.talk("clear", OPTIONAL)
        prosody = self.prosody_of_talk
        prosody.stop() # so that nothing fails for the terms before the restart
        done = g.commit(("partners", lab.THEIRS, {**OPTIONAL, "tls": "required"}), confirm_within=600)
        g.kill()
        prosody.start()
        g.start()
        self.assertEqual(self.pending(g)["revision"], done["revision"])
        self.juliet_sends("fails", expect=504)
        self.assertIn("offers no TLS", self.reverted(g, done["revision"])["comment"])

    def test_who_was_given_up_is_not_watched(self):
        """Removing a partner is what was wanted; and a partner that did not work before, or that the
        commit has nothing to do with, proves nothing."""
        g = self.talk("clear", OPTIONAL)
        g.commit(("partners", "never.test", gateway.EXTERNAL))
        done = g.commit(("partners", lab.THEIRS, None), ("partners", "never.test", OPTIONAL),
                        confirm_within=600)
        self.juliet_sends("nobody there", expect=404, to="x@never.test")
        time.sleep(2.5)
        self.assertEqual(self.pending(g)["revision"], done["revision"])
        g.request("POST", f"/revisions/{done['revision']}/revert", {})
        self.juliet_sends("back")
        self.romeo_client.wait_body("back")

    def test_the_network_is_not_to_blame(self):
        """The partner's server is down for a moment: that is no fault of the commit."""
        g = self.talk("clear", OPTIONAL)
        self.prosody_of_talk.stop()
        lab.wait_for(lambda: not g.streams(), what="all streams closed")
        done = g.commit(("partners", lab.THEIRS, {**OPTIONAL, "description": "x"}), confirm_within=600)
        self.juliet_sends("unreachable", expect=504)
        time.sleep(2.5)
        self.assertEqual(self.pending(g)["revision"], done["revision"])


if __name__ == "__main__":
    unittest.main()
