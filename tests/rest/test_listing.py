"""Collections: search, filters, order, pages; and the methods that work everywhere."""
import json
import unittest

from fedgate import Workspace


class Listing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()
        partners = {f"p{i:03}.test": {"owner": f"owner {i % 3}", "connection_limit": i + 1,
                                      "tls": "optional" if i % 2 else "required"} for i in range(250)}
        partners["more.test"] = {"additional_domains": ["hidden.example", "other.example"], "description": "Grüße 100%"}
        cls.client.apply(partners=partners)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def names(self, query, view=""):
        return [p["domain"] for p in self.client.get(f"/partners?{query}{view}").ok().data["items"]]

    def walk(self, query):
        seen, cursor = [], None
        while True:
            page = self.client.get(f"/partners?{query}" + (f"&cursor={cursor}" if cursor else "")).ok().data
            seen += [p["domain"] for p in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                return seen, page["total"]

    def test_pages(self):
        for query in ("limit=40", "limit=40&sort=domain", "limit=40&view=draft", "limit=1000", "limit=251", "limit=7&q=test"):
            seen, total = self.walk(query)
            self.assertEqual((len(seen), total), (251, 251), query)
            self.assertEqual(seen, sorted(seen), query)
        self.assertEqual(len(self.names("")), 100)

    def test_order(self):
        seen, _ = self.walk("limit=33&sort=-connection_limit")
        self.assertEqual(seen[0], "p249.test")
        self.assertEqual(seen[-1], "more.test")
        seen, _ = self.walk("limit=33&sort=owner,-domain")
        self.assertEqual(seen[:3], ["more.test", "p249.test", "p246.test"])
        self.assertEqual(len(set(seen)), 251)
        seen, _ = self.walk("limit=33&sort=additional_domains")
        self.assertEqual((len(set(seen)), seen[-1]), (251, "more.test"))

    def test_filters(self):
        self.assertEqual(self.names("domain=p00*"), [f"p00{i}.test" for i in range(10)])
        self.assertEqual(self.names("domain=P?07.TEST"), ["p007.test", "p107.test", "p207.test"])
        self.assertEqual(self.names("additional_domains=hid*"), ["more.test"])
        self.assertEqual(self.names("domain=p00*&tls=optional&owner=owner%200"), ["p003.test", "p009.test"])
        self.assertEqual(self.names("connection_limit=7"), ["p006.test"])
        self.assertEqual(self.names("methods=dialback_tcp&limit=1"), ["p001.test"])
        self.assertEqual(self.names("domain=nothing"), [])

    def test_search(self):
        self.assertEqual(self.names("q=HIDDEN"), ["more.test"])
        self.assertEqual(self.names("q=gr%C3%BC%C3%9Fe"), ["more.test"])
        self.assertEqual(self.names("q=100%25"), ["more.test"])

    def test_search_finds_what_is_worked_out(self):
        """Methods, warnings, defaults and drafted changes are in no stored text."""
        for text in ("dialback_tcp", "SASL_TLS", "may_be_skipped", "true"):
            every = [p["domain"] for p in self.walk_items() if text.lower() in json.dumps(p).lower()]
            self.assertEqual(self.names(f"limit=1000&q={text}"), every, text)
        self.client.patch("/partners/p004.test", {"owner": "someone else"}).ok()
        self.assertEqual(self.names("view=draft&q=changed"), ["p004.test"])
        self.assertEqual(self.names("view=draft&q=someone"), ["p004.test"])
        self.assertEqual(self.names("q=someone"), [])
        self.client.delete("/draft").ok()

    def test_total_of_found_revisions(self):
        for i in range(4):
            self.client.commits([{"op": "put", "kind": "sites", "key": "found", "value": {"description": str(i)}}],
                                comment="Ticket 4711" if i % 2 else "other").ok()
        first = self.client.get("/revisions?q=TICKET%204711&limit=1").ok().data
        self.assertEqual((len(first["items"]), first["total"]), (1, 2))
        rest = self.client.get(f"/revisions?q=ticket%204711&cursor={first['next_cursor']}").ok().data
        self.assertEqual((len(rest["items"]), rest["total"]), (1, 2))
        of_one = self.client.get("/revisions?kind=sites&key=found&q=ticket&limit=1").ok().data
        self.assertEqual((of_one["items"][0]["comment"], of_one["total"]), ("Ticket 4711", 2))

    def walk_items(self):
        return self.client.get("/partners?limit=1000").data["items"]

    def test_pages_stay_right_when_items_go(self):
        page = self.client.get("/partners?limit=10").data
        self.client.commits([{"op": "delete", "kind": "partners", "key": "p003.test"},
                             {"op": "delete", "kind": "partners", "key": page["items"][-1]["domain"]}]).ok()
        following = self.client.get("/partners?limit=1&cursor=" + page["next_cursor"]).data["items"]
        self.assertEqual(following[0]["domain"], "p009.test")
        self.client.post("/revisions/1/restore").ok()
        self.client.commit().ok()

    def test_head_and_options(self):
        paths = self.client.get("/openapi.json").data["paths"]
        for path, operations in paths.items():
            answer = self.client.request("OPTIONS", path.replace("{", "").replace("}", ""))
            self.assertEqual(answer.status, 204, path)
            allow = set(answer.headers["Allow"].split(", "))
            expected = {m.upper() for m in operations} | {"OPTIONS"} | ({"HEAD"} if "get" in operations else set())
            self.assertEqual(allow, expected, path)
        answer = self.client.head("/partners/p000.test")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.etag, self.client.get("/partners/p000.test").etag)
        self.assertEqual(self.client.head("/partners/none.test").status, 404)

    def test_keys_are_canonical(self):
        for raw in ("P000.TEST", "p000.test.", "p000%2Etest", "%70000.test"):
            self.assertEqual(self.client.get("/partners/" + raw).data["domain"], "p000.test", raw)
        answer = self.client.put("/partners/b%C3%BCcher.example", {})
        self.assertEqual((answer.status, answer.data["domain"]), (201, "xn--bcher-kva.example"))
        self.client.delete("/draft").ok()


class WhileOthersWrite(unittest.TestCase):
    """A walk by cursor sees every object that nobody touches exactly once, in whatever order."""
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.local(timeout=120)
        cls.client.apply(
            sites={"hq": {}, "lab": {}}, policies={"user:a": {}, "site:lab": {}}, domains={"ours.test": {}},
            partners={f"s{i:02}.test": {"owner": f"o{i % 4}", "connection_limit": i % 5 or None, "dialback": bool(i % 3),
                                        "description": "x" * (i % 7 * 100), "additional_domains": [f"x{i}-{k}.test" for k in range(i % 3)]}
                      for i in range(60)},
            users={f"s{i:02}@ours.test": {"display_name": f"n{i % 7}", "site": [None, "hq", "lab"][i % 3],
                                          "policy": "user:a" if i % 5 == 0 else None, "xmpp_excluded": i % 4 == 0} for i in range(60)})

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def disturb(self, n):
        """What another does between two pages: comes, goes and changes all over the list."""
        c = self.server.local()
        changes = [{"op": "put", "kind": "partners", "key": f"{p}{n}.test", "value": {"owner": f"o{n % 4}"}} for p in "arz"]
        changes += [{"op": "put", "kind": "users", "key": f"{p}{n}@ours.test", "value": {"display_name": f"n{n % 7}"}} for p in "arz"]
        if n:
            changes += [{"op": "delete", "kind": "partners", "key": f"{p}{n - 1}.test"} for p in "ar"]
            changes += [{"op": "delete", "kind": "users", "key": f"{p}{n - 1}@ours.test"} for p in "ar"]
            changes += [{"op": "patch", "kind": "partners", "key": f"z{n - 1}.test", "value": {"owner": f"p{n}", "connection_limit": 9}},
                        {"op": "patch", "kind": "users", "key": f"z{n - 1}@ours.test", "value": {"display_name": f"p{n}"}}]
        c.commits(changes).ok()

    def walk(self, kind, key, query):
        seen, cursor, n = [], None, 0
        while True:
            page = self.client.get(f"/{kind}?limit=15&{query}" + (f"&cursor={cursor}" if cursor else "")).ok().data
            seen += [item[key] for item in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                return seen
            self.assertLess(n, 50, query)
            self.disturb(n)
            n += 1

    def test_every_order(self):
        schema = self.client.get("/openapi.json").ok().data["components"]["schemas"]
        for kind, key in (("partners", "domain"), ("users", "address")):
            fields = [f for f in schema[kind]["properties"] if f not in ("draft", "status")]
            self.assertIn("effective_policy" if kind == "users" else "methods", fields)
            for sort in ["", *fields, *["-" + f for f in fields], f"{fields[1]},-{fields[2]}"]:
                for view in ("running", "draft") if sort in ("", fields[1], "-" + fields[-1]) else ("running",):
                    seen = [s for s in self.walk(kind, key, f"sort={sort}&view={view}") if s.startswith("s")]
                    self.assertEqual(sorted(seen), sorted({f"s{i:02}." + "test" if kind == "partners" else f"s{i:02}@ours.test" for i in range(60)}),
                                     (kind, sort, view))

    def test_users_as_any_other_list(self):
        # The marks of a draft view are asked for by the general way; both must agree.
        self.client.delete("/users/s01@ours.test").ok()
        self.client.patch("/users/s02@ours.test", {"display_name": "Changed", "policy": "user:a"}).ok()
        self.client.put("/users/new@ours.test", {"site": "lab"}).ok()
        for query in ("q=LAB", "q=true", "q=assigned_to_user", "site=lab", "site=", "policy=user:*", "xmpp_excluded=true", "address=?0*",
                      "effective_policy=site:lab", "effective_policy=policy_of_*", "display_name=n?", "q=changed", "display_name=N1&site=hq"):
            for sort in ("address", "-display_name", "effective_policy,-site", "xmpp_excluded", "-policy"):
                both = [self.client.get(f"/users?view=draft&limit=1000&{query}&sort={sort}{general}").ok().data
                        for general in ("", "&draft=*")]
                self.assertEqual(both[0], both[1], (query, sort))
        self.client.delete("/draft").ok()

    def test_a_draft_is_walked(self):
        for i in range(30):
            self.client.put(f"/partners/d{i:02}.test", {}).ok()
        seen, cursor, n = [], "", 0
        while True:
            page = self.client.get("/draft?limit=7" + cursor).ok().data
            seen += [c["key"] for c in page["changes"]]
            if not page["next_cursor"]:
                break
            cursor = "&cursor=" + page["next_cursor"]
            self.client.delete(f"/draft/changes/partners/{seen[0]}").ok()
            seen.pop(0)
            self.client.put(f"/partners/c{n}.test", {}).ok()
            n += 1
        self.assertEqual(seen, [f"d{i:02}.test" for i in range(n, 30)])
        self.assertEqual(self.client.get("/draft?cursor=5b2278225d").status, 400)
        self.assertEqual(self.client.get("/draft?kind=nothing").status, 400)
        self.client.delete("/draft").ok()


if __name__ == "__main__":
    unittest.main()
