"""What is refused, and how: every fault named in one problem+json, and nothing changed."""
import json
import unittest

from fedgate import Workspace

KINDS = ["partners", "policies", "users", "sites", "edges", "front_ends", "domains", "trust_anchors",
         "certificate_assignments"]
GOOD = {"partners": "good.test", "policies": "user:good", "users": "good@contoso.test", "sites": "good",
        "edges": "edge.contoso.test", "front_ends": "good", "domains": "good.test", "trust_anchors": "good",
        "certificate_assignments": "external"}


class BadInput(unittest.TestCase):
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

    def setUp(self):
        self.before = self.client.get("/draft").data, self.client.get("/status").data["revision"]

    def refused(self, answer, status, *pointers):
        """A problem+json of this status that names all of these places, with nothing changed."""
        self.assertEqual(answer.status, status, answer)
        self.assertIsNotNone(answer.problem, answer.headers.get("Content-Type"))
        self.assertEqual(answer.problem["status"], status)
        for name in ("type", "title", "detail"):
            self.assertTrue(answer.problem[name])
        for pointer in pointers:
            self.assertIn(pointer, answer.pointers(), answer)
        for error in answer.problem.get("errors", []):
            self.assertTrue(error["code"] and error["message"], error)
        after = self.client.get("/draft").data, self.client.get("/status").data["revision"]
        self.assertEqual(self.before, after)

    def put(self, value, key="x.test", kind="partners"):
        return self.client.put(f"/{kind}/{key}", value)

    def raw(self, text, path="/partners/x.test", method="PUT", **more):
        return self.client.request(method, path, raw=text if isinstance(text, bytes) else text.encode(), **more)

    def test_malformed_json(self):
        for text in ["{", "", "nul", '{"a":1,}', "{'a':1}", '{"tls":"required"} x', "[1", "\x00", "{\"a\":\"\\ud800\"}",
                     "\ufeff{}", '{"description":"\\u0000"}']:
            with self.subTest(text=text):
                self.refused(self.raw(text), 400, "")

    def test_not_utf8(self):
        self.refused(self.raw(b'{"description":"\xff"}'), 400, "")
        self.refused(self.raw(b'{"description":"\xc0\x80"}'), 400, "")

    def test_duplicate_keys(self):
        answer = self.raw('{"tls":"required","tls":"optional"}')
        self.refused(answer, 400)
        self.assertEqual(answer.codes(), ["json_duplicate_key"])

    def test_nesting(self):
        answer = self.raw('{"description":' + "[" * 40 + "]" * 40 + "}")
        self.refused(answer, 400)
        self.assertEqual(answer.codes(), ["json_too_deep"])
        # Deep enough to be read, and then refused for what it is.
        self.refused(self.raw('{"description":' + "[" * 31 + "]" * 31 + "}"), 422, "/description")
        self.refused(self.raw("[" * 500000), 400)

    def test_brackets_in_strings_are_no_nesting(self):
        self.assertIn(self.put({"description": "[" * 100}).status, (200, 201))
        self.client.delete("/draft").ok()

    def test_no_object(self):
        for value in ([], "x", 1, True):
            with self.subTest(value=value):
                self.refused(self.put(value), 422, "")
        self.refused(self.raw("null"), 422, "")

    def test_all_faults_at_once(self):
        answer = self.put({"tls": "sometimes", "sasll": "required", "dialback": "yes", "connection_limit": 0,
                           "additional_domains": ["a b", "ok.test", "-x.test"], "valid_until": "soon",
                           "description": "x" * 100000})
        self.refused(answer, 422, "/tls", "/sasll", "/dialback", "/connection_limit", "/additional_domains/0",
                     "/additional_domains/2", "/valid_until", "/description")
        hint = next(e for e in answer.problem["errors"] if e["pointer"] == "/sasll")
        self.assertIn("sasl", hint["message"])

    def test_faults_of_key_and_body_together(self):
        self.refused(self.put({"tls": "sometimes"}, key="x..y"), 422, "/domain", "/tls")

    def test_unknown_field_everywhere(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.refused(self.put({"no_such_field": 1}, GOOD[kind], kind), 422, "/no_such_field")
        self.refused(self.client.put("/settings", {"limits": {"stanza_byte": 1}}), 422, "/limits/stanza_byte")

    def test_domains(self):
        for key in ["x..y", "-x.test", "x_y.test", "a" * 64 + ".test", "xn--zzzzzz--.test", "192.0.2.1",
                    "%5b::1%5d", "a%20b.test", ".test", "x.test%00", "%ff.test"]:
            with self.subTest(key=key):
                answer = self.put({}, key=key)
                self.assertIn(answer.status, (400, 422), answer)
                self.refused(answer, answer.status)

    def test_long_names(self):
        self.refused(self.put({}, key=".".join(["a" * 60] * 5)), 422, "/domain")

    def test_dead_combinations(self):
        rows = [r for r in self.client.get("/negotiation").data["rows"] if not r["valid"]]
        self.assertEqual(len(rows), 5)
        for row in rows:
            with self.subTest(row=row["row"]):
                answer = self.put({k: row[k] for k in ("tls", "sasl", "dialback")})
                self.refused(answer, 422)
                self.assertIn(row["problem"]["code"], answer.codes())
                self.assertIn(row["problem"]["message"], [e["message"] for e in answer.problem["errors"]])

    def test_key_in_the_body_must_agree(self):
        self.refused(self.put({"domain": "other.test"}), 422, "/domain")

    def test_settings(self):
        self.refused(self.client.patch("/settings", {
            "connection_limit": 0, "partner_connection_limit": 100001, "keepalive_interval": -1,
            "listeners": {"xmpp": ["nowhere", "[::]:70000"], "sip": [{"address": "[::]:1", "transport": "sctp"}]},
            "dns": {"servers": ["dns.example"], "dnssec": "perhaps"}, "tls": {"min_version": "1.0"}}), 422,
            "/connection_limit", "/partner_connection_limit", "/keepalive_interval", "/listeners/xmpp/0",
            "/listeners/xmpp/1", "/listeners/sip/0/transport", "/dns/servers/0", "/dns/dnssec",
            "/tls/min_version")

    def test_policy_needs_federation(self):
        self.refused(self.put({"xmpp_access": True}, "global", "policies"), 422)

    def test_body_over_the_limit(self):
        answer = self.raw(json.dumps({"description": "x" * (2 << 20)}))
        self.refused(answer, 413)

    def test_body_where_none_belongs(self):
        self.refused(self.raw("{}", method="DELETE"), 413)

    def test_content_type(self):
        for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None):
            with self.subTest(type=content_type):
                self.refused(self.raw("{}", content_type=content_type), 415)

    def test_paths_and_methods(self):
        self.refused(self.client.get("/nothing"), 404)
        self.refused(self.client.get("/api/v2/partners"), 404)
        self.refused(self.client.get("/partners/x.test/nothing"), 404)
        answer = self.client.delete("/partners")
        self.refused(answer, 405)
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, OPTIONS")
        answer = self.client.post("/partners/x.test", {})
        self.refused(answer, 405)
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, PUT, PATCH, DELETE, OPTIONS")

    def test_missing_objects(self):
        for path in ("/partners/none.test", "/users/a@b.test", "/revisions/99", "/revisions/x",
                     "/revisions/18446744073709551616", "/certificates/00", "/admins/nobody",
                     "/partners/none.test/status", "/partners/not%20a%20domain"):
            with self.subTest(path=path):
                self.refused(self.client.get(path), 404)
        self.refused(self.client.delete("/partners/none.test"), 404)
        self.refused(self.client.patch("/partners/none.test", {}), 404)
        self.refused(self.client.delete("/draft/changes/partners/none.test"), 404)
        self.refused(self.client.delete("/tokens/999"), 404)

    def test_queries(self):
        for query in ("limit=0", "limit=1001", "limit=x", "sort=nothing", "nothing=1", "cursor=zz", "cursor=5b5d",
                      "view=other", "q=a&q=b", "cursor=5b2261225d&cursor=5b2261225d", "limit=1&limit=2"):
            with self.subTest(query=query):
                self.refused(self.client.get("/partners?" + query), 400)
        self.refused(self.client.get("/explain"), 400, "/kind", "/from", "/to")
        self.refused(self.client.get("/claims"), 400, "/domain")
        self.refused(self.client.get("/claims?" + "&".join(["domain=a.test"] * 101)), 400, "/domain")
        self.refused(self.client.get("/explain?kind=call&from=x&to=@y"), 400, "/kind", "/from", "/to")

    def test_commits(self):
        answer = self.client.commits([
            {"op": "put", "kind": "partners", "key": "x..y", "value": {}},
            {"op": "put", "kind": "partners", "key": "x.test", "value": {"tls": 1, "sasl": "no"}},
            {"op": "delete", "kind": "partners", "key": "gone.test"},
            {"op": "patch", "kind": "partners", "key": "gone.test", "value": {}},
        ])
        self.refused(answer, 422, "/changes/0/key", "/changes/1/value/tls", "/changes/1/value/sasl",
                     "/changes/2/key", "/changes/3/key")
        answer = self.client.commits([
            {"op": "replace", "kind": "partners", "key": "x.test", "value": {}},
            {"op": "put", "kind": "partner", "key": "x.test", "value": {}},
            {"op": "put", "kind": "partners", "value": {}, "vlaue": 1},
            7])
        self.refused(answer, 422, "/changes/0/op", "/changes/1/kind", "/changes/2/key", "/changes/2/vlaue",
                     "/changes/3")
        self.refused(self.client.post("/commits", {"change": []}), 422, "/changes", "/change")
        self.refused(self.client.post("/commits", {"changes": [], "comment": 1, "confirm_within": -1,
                                                   "base_revision": "x", "dry_run": "y"}), 422,
                     "/comment", "/confirm_within", "/base_revision", "/dry_run")

    def test_references_in_a_commit(self):
        answer = self.client.commits([
            {"op": "put", "kind": "domains", "key": "d.test", "value": {"front_ends": ["none"]}},
            {"op": "put", "kind": "users", "key": "u@d.test", "value": {"site": "none", "policy": "user:none"}},
            {"op": "put", "kind": "certificate_assignments", "key": "external", "value": {"certificate": "0" * 64}},
        ])
        self.refused(answer, 422)
        self.assertGreaterEqual(len(answer.problem["errors"]), 4, answer)

    def test_duplicate_domains_in_a_commit(self):
        answer = self.client.commits([
            {"op": "put", "kind": "partners", "key": "a.test", "value": {"additional_domains": ["c.test"]}},
            {"op": "put", "kind": "partners", "key": "b.test", "value": {"additional_domains": ["c.test"]}}])
        self.refused(answer, 422)
        answer = self.client.commits([
            {"op": "put", "kind": "partners", "key": "a.test", "value": {}},
            {"op": "put", "kind": "domains", "key": "a.test", "value": {"front_ends": []}}])
        self.refused(answer, 422)

    def test_accounts(self):
        self.refused(self.client.post("/admins", {"username": "x:y", "password": "short", "role": "king", "a": 1}),
                     422, "/username", "/password", "/role", "/a")
        self.refused(self.client.post("/tokens", {"name": "", "role": "king", "expires": "soon"}), 422,
                     "/name", "/role", "/expires")
        self.refused(self.client.post("/tokens", {"name": "x", "expires": "2001-01-01"}), 422, "/expires")
        self.refused(self.client.post("/admins", {"username": "admin", "password": "long enough so far",
                                                  "role": "viewer"}), 409)

    def test_certificates(self):
        self.refused(self.client.post("/certificates", {"pem": "nothing", "key": "nothing"}), 422, "/pem", "/key")
        self.refused(self.client.post("/certificates", {}), 422, "/pem")


class StagedDuplicates(unittest.TestCase):
    """A domain that is another's or ours is not even staged."""

    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()
        cls.client.apply(partners={"a.test": {"additional_domains": ["b.test"]}}, domains={"ours.test": {"front_ends": []}})

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def tearDown(self):
        self.client.delete("/draft").ok()

    def check(self, answer, pointer, code):
        self.assertEqual(answer.status, 422, answer)
        self.assertIn(pointer, answer.pointers())
        self.assertIn(code, answer.codes())
        self.assertEqual(self.client.get("/draft").data["summary"]["count"], 0)

    def test_against_what_runs(self):
        self.check(self.client.put("/partners/b.test", {}), "/domain", "domain_taken")
        self.check(self.client.put("/partners/c.test", {"additional_domains": ["d.test", "A.test"]}),
                   "/additional_domains/1", "domain_taken")
        self.check(self.client.put("/partners/ours.test", {}), "/domain", "domain_ours")
        self.check(self.client.put("/domains/b.test", {"front_ends": []}), "/domain", "domain_taken")

    def test_against_the_draft(self):
        self.client.put("/partners/new.test", {"additional_domains": ["more.test"]}).ok()
        answer = self.client.put("/partners/other.test", {"additional_domains": ["more.test"]})
        self.assertEqual((answer.status, answer.codes()), (422, ["domain_taken"]))
        self.client.put("/partners/new.test", {}).ok()
        self.assertEqual(self.client.put("/partners/other.test", {"additional_domains": ["more.test"]}).status, 201)

    def test_freed_in_the_draft(self):
        self.client.patch("/partners/a.test", {"additional_domains": []}).ok()
        self.assertEqual(self.client.put("/partners/b.test", {}).status, 201)
        self.assertEqual(self.client.get("/draft").data["problems"], [])


if __name__ == "__main__":
    unittest.main()
