"""What comes along from Lync Server and Skype for Business."""
import os
import unittest

from fedgate import Workspace

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "samples")


def sample(name):
    with open(os.path.join(SAMPLES, name), encoding="utf-8") as f:
        return f.read()


class ImportLync(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.local()

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def setUp(self):
        self.client.delete("/draft")

    def send(self, body, kind="application/octet-stream"):
        if isinstance(body, str):
            body = body.encode()
        return self.client.request("POST", "/import/lync", raw=body, headers={"Content-Type": kind})

    def staged(self, answer):
        return {(c["kind"], c["key"]): c["after"] for c in answer.ok().data["draft"]["changes"]}

    def codes(self, answer):
        return sorted((f["severity"], f["code"], f["key"]) for f in answer.ok().data["findings"])

    def check_clixml(self, body):
        answer = self.send(body, "application/xml")
        staged = self.staged(answer)
        self.assertEqual(set(staged), {("partners", "fabrikam.com"), ("partners", "gmail.com")})
        one, two = staged[("partners", "fabrikam.com")], staged[("partners", "gmail.com")]
        self.assertEqual((one["partner_type"], one["tls"], one["sasl"], one["dialback"]),
                         ("federated", "required", "required", False))
        self.assertEqual(one["additional_domains"], ["corp.fabrikam.com", "fabrikam2.com"])
        self.assertIn("Ken Myer", one["description"])
        self.assertIn("\n+1 425", one["description"])
        self.assertEqual((two["tls"], two["sasl"], two["dialback"], two["keepalive"], two["connection_limit"], two["proxy"]),
                         ("not_supported", "not_supported", True, False, 40, "xmpp.l.google.com"))
        self.assertIn(("warning", "duplicate", "fabrikam.com"), self.codes(answer))

    def test_clixml(self):
        self.check_clixml(sample("partners.clixml"))

    def test_encodings_and_line_ends(self):
        text = sample("partners.clixml").replace("\n", "\r\n")
        for body in (b"\xef\xbb\xbf" + text.encode(), b"\xff\xfe" + text.encode("utf-16-le"),
                     b"\xfe\xff" + text.encode("utf-16-be"), text.encode("utf-16-le"), text.encode("utf-16-be")):
            self.client.delete("/draft")
            self.check_clixml(body)

    def test_csv(self):
        for text in (sample("partners.csv"), sample("partners.csv").replace("\n", "\r\n")):
            self.client.delete("/draft")
            answer = self.send(text, "text/csv")
            staged = self.staged(answer)
            self.assertEqual(list(staged), [("partners", "northwindtraders.com")])
            value = staged[("partners", "northwindtraders.com")]
            self.assertEqual((value["partner_type"], value["tls"], value["sasl"], value["dialback"]),
                             ("public_verified", "optional", "not_supported", True))
            self.assertTrue(value["description"].startswith('Quote "A", then'))
            codes = self.codes(answer)
            self.assertIn(("warning", "list_lost", "northwindtraders.com"), codes)
            self.assertIn(("error", "dead_combination", "deadend.example"), codes)
            self.assertIn(("warning", "duplicate", "northwindtraders.com"), codes)
            records = {f["code"]: f["record"] for f in answer.data["findings"]}
            self.assertEqual((records["list_lost"], records["dead_combination"], records["duplicate"]), (1, 2, 3))

    def test_gateway_configuration(self):
        answer = self.send(sample("gateway.json"), "application/json")
        settings = self.staged(answer)[("settings", "settings")]
        self.assertEqual((settings["connection_limit"], settings["partner_connection_limit"], settings["keepalive_interval"]),
                         (500, 10, 120))
        self.assertEqual(self.codes(answer), [("info", "no_equivalent", "settings"), ("warning", "no_equivalent", "settings")])
        self.assertNotIn(b"s3cret", answer.body)

    def test_policies_and_users_together_can_be_committed(self):
        answer = self.send(sample("policies.json"), "application/json")
        staged = self.staged(answer)
        self.assertEqual((staged[("policies", "user:FedPic")]["xmpp_access"], staged[("policies", "user:Half")]["xmpp_access"]),
                         (True, False))
        self.assertEqual(self.codes(answer), [("info", "no_equivalent", "user:FedPic"), ("info", "no_xmpp", "global"),
                                              ("warning", "dead_combination", "user:Half")])
        answer = self.send(b"\xff\xfe" + sample("users.csv").encode("utf-16-le"), "text/csv")
        staged = self.staged(answer)
        self.assertEqual(answer.data["staged"], 2)
        user = staged[("users", "ken.myer@contoso.com")]
        self.assertEqual((user["display_name"], user["policy"]), ("Ken Myer", "user:FedPic"))
        self.assertIsNone(staged[("users", "jürg@contoso.com")]["policy"])
        self.assertEqual([f["code"] for f in answer.data["findings"]], ["no_equivalent", "not_enabled", "no_address"])
        self.assertEqual(answer.data["draft"]["problems"], [])
        self.client.commit().ok()
        again = self.send(sample("policies.json"), "application/json").ok().data
        self.assertEqual((again["staged"], again["unchanged"]), (0, 3))

    def test_json_of_many_forms(self):
        partner = '{"Domain": "%s", "PartnerType": "Federated", "AdditionalDomains": %s}'
        text = partner % ("one.example", '["x.one.example"]') + "\r\n" + partner % (
            "two.example", '{"value": ["x.two.example", "x.one.example"], "Count": 2}') + partner % (
                "three.example", '"x.three.example"')
        answer = self.send(text, "application/json")
        staged = self.staged(answer)
        self.assertEqual([v["additional_domains"] for _, v in sorted(staged.items())],
                         [["x.one.example"], ["x.three.example"], ["x.two.example"]])
        self.assertEqual(self.codes(answer)[-1], ("warning", "duplicate", "two.example"))
        answer = self.send('{"Domain": "n.example", "PartnerType": 0, "TlsNegotiation": 1}')
        self.assertEqual([f["code"] for f in answer.ok().data["findings"]], ["enum_number", "enum_number"])
        answer = self.send('[{"Name": "pool", "Version": 7}, {"Domain": "a b", "PartnerType": "Federated"}]')
        self.assertEqual([f["code"] for f in answer.ok().data["findings"]], ["unknown_record", "name"])

    def test_refused(self):
        deep = "<Objs>" + "<Obj><LST>" * 60
        laughs = '<!DOCTYPE a [<!ENTITY b "c">]><Objs><S>&b;</S></Objs>'
        for body, code in ((b"", "empty"), (b"\xff\xfe\x00", "encoding"), (b"\x80\x81", "encoding"), (b"a,b\r\n", "empty"),
                           (b"{", "json_invalid"), (b'{"a": 1, "a": 2}', "json_invalid"), (b"[1]", "type"),
                           (b"<html/>", "xml_invalid"), (b"<Objs>", "xml_invalid"), (deep.encode(), "xml_invalid"),
                           (laughs.encode(), "xml_invalid"), (b'a,b\n"x', "csv_invalid"), (b"a,b\n1,2,3\n", "csv_invalid")):
            answer = self.send(body)
            self.assertEqual((answer.status, answer.codes()), (422, [code]), body)
        self.assertEqual(self.send("{}", "image/png").status, 415)
        self.assertEqual(self.client.get("/draft").data["total"], 0)

    def test_sites_of_policies(self):
        """A site that is missing comes along with its policy; one that is there stays as it is."""
        self.client.apply(sites={"There": {"description": "ours"}})
        answer = self.send('[{"Identity": "Site:There", "EnableFederationAccess": true, "EnableXmppAccess": true},'
                           '{"Identity": "Site:New", "EnableFederationAccess": true, "EnableXmppAccess": true}]')
        staged = self.staged(answer)
        self.assertEqual(set(staged), {("policies", "site:There"), ("policies", "site:New"), ("sites", "New")})
        self.assertEqual(answer.data["draft"]["problems"], [])
        self.assertEqual([f["code"] for f in answer.data["findings"]], ["site_needed", "site_needed"])
        self.client.commit().ok()
        self.assertEqual(self.client.get("/sites/There").data["description"], "ours")
        self.assertEqual(self.client.get("/sites/New").status, 200)

    def test_beside_the_old_gateway(self):
        partner = '{"Domain": "slow.example", "PartnerType": "Federated"}'
        answer = self.client.request("POST", "/import/lync?partners=suspended", raw=partner.encode(),
                                     headers={"Content-Type": "application/json"})
        self.assertEqual(self.staged(answer)[("partners", "slow.example")]["state"], "suspended")
        finding = next(f for f in answer.data["findings"] if f["code"] == "cut_over")
        self.assertEqual(finding["severity"], "info")
        for word in ("suspended", "Cut over in this order", "SRV records last"):
            self.assertIn(word, finding["message"])
        self.assertEqual(self.client.request("POST", "/import/lync?partners=x", raw=b"{}").status, 400)

    def test_domains_of_others(self):
        self.client.apply(partners={"held.example": {"additional_domains": ["more.example"]}})
        answer = self.send('{"Domain": "more.example", "PartnerType": "Federated"}')
        self.assertEqual((answer.status, answer.codes()), (422, ["domain_taken"]))
        self.assertEqual(self.client.get("/draft").data["total"], 0)


if __name__ == "__main__":
    unittest.main()
