"""Many objects with one request: bulk edits and deletions, grants, additional domains."""
import unittest

from fedgate import Workspace


class Bulk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()
        cls.client.apply(
            partners={f"p{i}.test": {"tls": "optional" if i % 2 else "required", "owner": f"o{i % 3}"} for i in range(12)},
            policies={"user:open": {"federation_access": True}, "user:shut": {}, "site:hq": {}}, sites={"hq": {}},
            domains={"ours.test": {}},
            users={f"u{i}@ours.test": {"site": "hq" if i < 3 else None, "display_name": f"User {i}"} for i in range(6)})

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def setUp(self):
        self.client.delete("/draft").ok()

    def bulk(self, **body):
        return self.client.post("/draft/bulk", body)

    def counts(self, answer):
        d = answer.ok().data
        return d["matched"], d["staged"], d["unchanged"], len(d["rejected"])

    def draft(self):
        return {(c["kind"], c["key"]): c["op"] for c in self.client.get("/draft").ok().data["changes"]}

    def test_patch_by_filter(self):
        body = {"kind": "partners", "filter": {"tls": "opt*", "owner": "o?"}, "op": "patch", "value": {"state": "suspended"}}
        dry = self.bulk(**body, dry_run=True)
        self.assertEqual(self.counts(dry), (6, 6, 0, 0))
        self.assertEqual(dry.data["items"], [f"p{i}.test" for i in (1, 11, 3, 5, 7, 9)])
        self.assertEqual(self.draft(), {})
        self.assertEqual(self.counts(self.bulk(**body)), (6, 6, 0, 0))
        self.assertEqual(self.draft(), {("partners", f"p{i}.test"): "patch" for i in (1, 3, 5, 7, 9, 11)})
        self.assertEqual(self.counts(self.bulk(**body)), (6, 0, 6, 0))
        # The filter looks at the draft view; going back takes the changes out of the draft.
        self.assertEqual(self.counts(self.bulk(kind="partners", filter={"state": "suspended"}, op="patch",
                                               value={"state": None})), (6, 6, 0, 0))
        self.assertEqual(self.draft(), {})

    def test_search_numbers_and_truths(self):
        self.client.patch("/partners/p2.test", {"connection_limit": 7}).ok()
        for filter_, matched in (({"q": "P1"}, 3), ({"connection_limit": 7}, 1), ({"dialback": True}, 12),
                                 ({"connection_limit": None}, 11), ({"methods": "dialback_tcp"}, 6), ({"draft": "changed"}, 1)):
            self.assertEqual(self.bulk(kind="partners", filter=filter_, op="delete", dry_run=True).ok().data["matched"],
                             matched, filter_)

    def test_delete_all_and_by_name(self):
        answer = self.bulk(kind="partners", keys=["P1.TEST", "p1.test.", "p2.test"], op="delete")
        self.assertEqual(self.counts(answer), (2, 2, 0, 0))
        self.assertEqual(self.counts(self.bulk(kind="partners", filter={}, op="delete")), (10, 10, 0, 0))
        self.assertEqual(self.client.get("/draft").data["summary"]["by_kind"], {"partners": 12})
        self.assertEqual(self.counts(self.bulk(kind="partners", filter={}, op="delete")), (0, 0, 0, 0))
        # What was deleted already is not there any more.
        self.assertEqual(self.bulk(kind="partners", keys=["p1.test"], op="delete").status, 422)

    def test_added_in_the_draft(self):
        self.client.put("/partners/new.test", {}).ok()
        self.assertEqual(self.counts(self.bulk(kind="partners", keys=["new.test"], op="patch", value={"owner": "me"})), (1, 1, 0, 0))
        self.assertEqual(self.draft(), {("partners", "new.test"): "patch"})
        self.assertEqual(self.counts(self.bulk(kind="partners", filter={"draft": "added"}, op="delete")), (1, 1, 0, 0))
        self.assertEqual(self.draft(), {})

    def test_all_or_none(self):
        answer = self.bulk(kind="partners", keys=["p1.test", "none.test"], op="delete")
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual([(r["key"], r["code"]) for r in answer.problem["rejected"]], [("none.test", "not_found")])
        # p1 may have no method left: with optional TLS it works, with none it does not.
        answer = self.bulk(kind="partners", keys=["p1.test", "p2.test"], op="patch",
                           value={"sasl": "required", "tls": "not_supported", "dialback": False})
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual({r["key"] for r in answer.problem["rejected"]}, {"p1.test", "p2.test"})
        dry = self.bulk(kind="partners", keys=["p1.test", "none.test"], op="patch", value={"additional_domains": ["p3.test"]},
                        dry_run=True)
        self.assertEqual(self.counts(dry), (2, 0, 0, 2))
        self.assertEqual(self.bulk(kind="partners", keys=["p1.test"], op="patch",
                                   value={"additional_domains": ["ours.test"]}).status, 422)
        self.assertEqual(self.draft(), {})

    def test_refused_requests(self):
        good = {"kind": "partners", "filter": {}, "op": "delete"}
        for change, pointer in (({"filter": None}, "/filter"), ({"keys": []}, "/filter"), ({"kind": "settings"}, "/kind"),
                                ({"kind": "x"}, "/kind"), ({"op": "put"}, "/op"), ({"op": "patch"}, "/value"),
                                ({"value": {}}, "/value"), ({"filter": []}, "/filter"), ({"filter": {"colour": "x"}}, "/filter/colour"),
                                ({"filter": {"owner": ["x"]}}, "/filter/owner"), ({"more": 1}, "/more"),
                                ({"filter": None, "keys": [1]}, "/keys/0"), ({"filter": None, "keys": ["a b"]}, "/keys/0")):
            body = {k: v for k, v in {**good, **change}.items() if v is not None}
            answer = self.client.post("/draft/bulk", body)
            self.assertEqual(answer.status, 422, (change, answer))
            self.assertIn(pointer, answer.pointers(), change)
        self.assertEqual(self.draft(), {})

    def test_a_conflict_stays_one(self):
        self.client.patch("/partners/p4.test", {"owner": "mine"}).ok()
        self.client.commits([{"op": "patch", "kind": "partners", "key": "p4.test", "value": {"owner": "theirs"}}]).ok()
        self.bulk(kind="partners", keys=["p4.test"], op="patch", value={"ticket": "1"}).ok()
        self.assertEqual([c["key"] for c in self.client.get("/draft").data["conflicts"]], ["p4.test"])
        self.assertEqual(self.client.commit().status, 409)

    def test_roles(self):
        users = self.server.client(self.server.token("ursula", "user_administrator"))
        operator = self.server.client(self.server.token("otto", "operator"))
        patch = {"op": "patch", "filter": {}, "dry_run": True}
        self.assertEqual(users.post("/draft/bulk", {**patch, "kind": "users", "value": {"site": None}}).status, 200)
        self.assertEqual(users.post("/draft/bulk", {**patch, "kind": "partners", "value": {"owner": ""}}).status, 403)
        self.assertEqual(operator.post("/draft/bulk", {**patch, "kind": "users", "value": {"site": None}}).status, 403)
        self.assertEqual(users.post("/users/assign", {"filter": {}, "policy": None}).status, 200)
        self.assertEqual(operator.post("/users/assign", {"filter": {}, "policy": None}).status, 403)
        self.assertEqual(users.post("/partners/p1.test/additional-domains", {"clear": True}).status, 403)
        users.delete("/draft")

    def test_grant_and_take_back(self):
        def assign(**body):
            return self.client.post("/users/assign", body)
        dry = assign(filter={"site": "hq"}, policy="user:open", dry_run=True)
        self.assertEqual(self.counts(dry), (3, 3, 0, 0))
        self.assertEqual(self.draft(), {})
        self.assertEqual(self.counts(assign(filter={"site": "hq"}, policy="user:open")), (3, 3, 0, 0))
        self.assertEqual(self.counts(assign(filter={}, policy="user:open")), (6, 3, 3, 0))
        self.client.commit().ok()
        by = self.client.get("/users?effective_policy=user:open").ok().data
        self.assertEqual((by["total"], by["items"][0]["effective_policy"]),
                         (6, {"identity": "user:open", "because": "assigned_to_user"}))
        # Who is not listed is told; the others are done.
        answer = assign(users=["U0@ours.test", "nobody@ours.test"], policy=None)
        self.assertEqual(self.counts(answer), (2, 1, 0, 1))
        self.assertEqual(answer.data["rejected"][0]["key"], "nobody@ours.test")
        self.client.commit().ok()
        self.assertEqual(self.client.get("/users/u0@ours.test").data["effective_policy"],
                         {"identity": "site:hq", "because": "policy_of_site"})
        self.assertEqual(self.counts(assign(filter={"effective_policy": "user:*"}, policy=None)), (5, 5, 0, 0))
        self.client.commit().ok()
        self.assertEqual(self.client.get("/users?effective_policy=global").data["total"], 3)
        actions = [a["action"] for a in self.client.get("/audit?action=draft_assign").data["items"]]
        self.assertEqual(len(actions), 4)

    def test_refused_grants(self):
        for body, pointer in (({"filter": {}}, "/policy"), ({"filter": {}, "policy": "global"}, "/policy"),
                              ({"filter": {}, "policy": "site:hq"}, "/policy"), ({"filter": {}, "policy": "user:none"}, "/policy"),
                              ({"filter": {}, "policy": 1}, "/policy"), ({"policy": None}, "/filter"),
                              ({"users": ["x"], "policy": None}, "/users/0"), ({"filter": {}, "policy": None, "usres": []}, "/usres")):
            answer = self.client.post("/users/assign", body)
            self.assertEqual(answer.status, 422, (body, answer))
            self.assertIn(pointer, answer.pointers(), body)
        self.assertEqual(self.client.request("POST", "/users/assign", raw=b"[]").status, 422)
        self.assertEqual(self.draft(), {})


class AdditionalDomains(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()
        cls.client.apply(partners={"a.test": {"additional_domains": ["one.test", "two.test"], "owner": "keep"}, "b.test": {}},
                         domains={"ours.test": {}})

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def setUp(self):
        self.client.delete("/draft").ok()

    def edit(self, headers=None, key="a.test", **body):
        return self.client.post(f"/partners/{key}/additional-domains", body, headers)

    def test_edits(self):
        answer = self.edit(add=["BÜCHER.example"]).ok()
        self.assertEqual(answer.data["additional_domains"], ["one.test", "two.test", "xn--bcher-kva.example"])
        self.assertEqual(answer.data["owner"], "keep")
        self.assertEqual(answer.etag, self.client.get("/partners/a.test?view=draft").etag)
        self.assertEqual(self.edit(remove=["ONE.test"]).ok().data["additional_domains"], ["two.test", "xn--bcher-kva.example"])
        self.assertEqual(self.edit(remove=["two.test"], add=["three.test", "one.test"]).ok().data["additional_domains"],
                         ["xn--bcher-kva.example", "three.test", "one.test"])
        self.assertEqual(self.edit(replace=["two.test"]).ok().data["additional_domains"], ["two.test"])
        self.assertEqual(self.edit(clear=True).ok().data["additional_domains"], [])
        self.assertEqual(self.edit(clear=True, add=["one.test", "two.test"]).ok().data["additional_domains"], ["one.test", "two.test"])
        self.assertEqual(self.client.get("/draft").data["total"], 0)

    def test_condition(self):
        tag = self.client.get("/partners/a.test").etag
        self.edit(add=["three.test"], headers={"If-Match": tag}).ok()
        self.assertEqual(self.edit(add=["four.test"], headers={"If-Match": tag}).status, 412)
        self.assertEqual(self.edit(key="none.test", clear=True).status, 404)

    def test_faults(self):
        for body, pointer, code in (({"remove": ["none.test"]}, "/remove/0", "not_found"), ({"add": ["one.test"]}, "/add/0", "duplicate"),
                                    ({"add": ["x.test", "X.test"]}, "/add/1", "duplicate"), ({"add": ["a.test"]}, "/add/0", "duplicate"),
                                    ({"add": ["c.test", "b.test"]}, "/add/1", "domain_taken"),
                                    ({"remove": ["one.test"], "add": ["ours.test"]}, "/add/0", "domain_ours"),
                                    ({"replace": ["b.test"]}, "/replace/0", "domain_taken"), ({}, "", "required"),
                                    ({"replace": [], "add": ["x.test"]}, "/replace", "conflict"), ({"clear": True, "remove": []}, "/clear", "conflict"),
                                    ({"add": [1]}, "/add/0", "type"), ({"add": "x.test"}, "/add", "type"), ({"put": []}, "/put", "unknown")):
            answer = self.edit(**body)
            self.assertEqual(answer.status, 422, (body, answer))
            self.assertIn(pointer, answer.pointers(), body)
            if code != "unknown":
                self.assertIn(code, answer.codes(), body)
        self.assertEqual(self.client.get("/draft").data["total"], 0)


if __name__ == "__main__":
    unittest.main()
