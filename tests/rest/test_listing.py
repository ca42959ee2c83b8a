"""Collections: search, filters, order, pages; and the methods that work everywhere."""
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


if __name__ == "__main__":
    unittest.main()
