"""The list of partners by what works and what fails: filters, order, pages, bulk requests."""
import socket
import time
import unittest
from urllib.parse import quote

from fedgate import Workspace


class PartnerList(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.local()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]  # nobody listens there
        cls.failing = ["bad0.test", "bad1.test"]
        partners = {f"p{i:02}.test": {"dialback": False, "state": "suspended" if i % 10 == 0 else "active"} for i in range(40)}
        partners |= {name: {"tls": "optional", "sasl": "not_supported", "proxy": f"127.0.0.1:{port}"} for name in cls.failing}
        cls.client.apply(front_ends={"fe": {"host": "127.0.0.1", "port": 5060, "transport": "udp"}},
                         domains={"ours.test": {"front_ends": ["fe"]}}, partners=partners,
                         settings={"settings": {"federation_enabled": True,
                                                "listeners": {"xmpp": ["127.0.0.1:0"], "sip": []}}})
        for name in cls.failing:
            cls.client.post(f"/partners/{name}/retry").ok()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            states = [cls.client.get(f"/partners/{n}/status").ok().data["state"] for n in cls.failing]
            if states == ["failing", "failing"]:
                return
            time.sleep(0.1)
        raise AssertionError(states)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def setUp(self):
        self.client.delete("/draft").ok()

    def page(self, query):
        return self.client.get(f"/partners?{query}").ok().data

    def names(self, query):
        return [p["domain"] for p in self.page(query)["items"]]

    def walk(self, query):
        seen, cursor = [], ""
        while True:
            page = self.page(query + cursor)
            seen += [p["domain"] for p in page["items"]]
            if not page["next_cursor"]:
                return seen
            cursor = f"&cursor={page['next_cursor']}"

    def test_filters(self):
        for view in ("", "&view=draft"):
            self.assertEqual(self.names(f"status=failing{view}"), self.failing)
            self.assertEqual(self.names(f"status=suspended{view}"), [f"p{i}0.test" for i in range(4)])
            self.assertEqual(self.names(f"last_failure=connect_refused&domain=*1*{view}"), ["bad1.test"])
            self.assertEqual(self.names(f"status=failing&q=BAD0{view}"), ["bad0.test"])
            self.assertEqual(len(self.names(f"last_failure={view}")), 40)
            self.assertEqual(len(self.names(f"last_success={view}")), 42)
            self.assertEqual(self.names(f"warnings=?*{view}"), self.names("methods=dialback_tcp"))

    def test_warnings_of_dates(self):
        self.client.apply(partners={"dated.test": {"valid_until": "2020-01-01T00:00:00Z", "review_date": "2020-01-01"}})
        for code in ("agreement_ended", "review_due"):
            for view in ("", "&view=draft"):
                got = self.client.get(f"/partners?include=status&warnings={code}{view}").ok().data
                self.assertEqual([p["domain"] for p in got["items"]], ["dated.test"], (code, view))
        self.client.apply(partners={"dated.test": None})

    def test_order_and_pages(self):
        for view in ("", "&view=draft", "&view=draft&q=test", "&include=status"):
            seen = self.walk(f"sort=status&limit=5{view}")
            self.assertEqual(seen[:6], self.failing + [f"p{i}0.test" for i in range(4)])
            self.assertEqual((len(seen), len(set(seen))), (42, 42))
            self.assertEqual(self.walk(f"sort=-last_failure,domain&limit=1{view}")[2:], sorted(seen)[2:])
            self.assertEqual(self.walk(f"sort=-status,-domain&limit=7{view}")[-1], "bad0.test")
            self.assertEqual(self.walk(f"sort=state,-domain&limit=9{view}")[-1], "p00.test")

    def test_counts(self):
        page = self.page("include=status&view=draft&limit=3&domain=*0.test")
        self.assertEqual(page["total"], 5)
        self.assertEqual({k: n for k, n in page["counts"].items() if n}, {"failing": 1, "suspended": 4, "warnings": 1})
        self.assertEqual(page["items"][0]["status"]["last_failure"]["code"], "connect_refused")

    def test_the_draft_counts(self):
        self.client.put("/partners/new.test", {"partner_type": "federated"}).ok()
        self.client.patch("/partners/p01.test", {"partner_type": "federated"}).ok()
        self.client.delete("/partners/p00.test").ok()
        self.assertEqual(self.names("view=draft&partner_type=federated"), ["new.test", "p01.test"])
        self.assertEqual(self.names("partner_type=federated"), [])
        self.assertEqual(self.names("view=draft&draft=?*&sort=status"), ["p00.test", "new.test", "p01.test"])
        self.assertEqual(self.names("view=draft&draft=removed"), ["p00.test"])
        self.assertEqual(len(self.names("view=draft&draft=")), 40)
        self.assertEqual(self.page("view=draft&domain=new*&include=status")["items"][0]["status"]["state"], "never")

    def test_bulk_by_state(self):
        def bulk(**body):
            return self.client.post("/draft/bulk", {"kind": "partners", **body}).ok().data
        self.client.delete("/partners/bad0.test").ok()
        got = bulk(filter={"status": "failing"}, op="patch", value={"owner": "ops"}, dry_run=True)
        self.assertEqual((got["matched"], got["items"]), (1, ["bad1.test"]))
        self.assertEqual(bulk(filter={"status": "suspended", "domain": "p1*"}, op="delete")["staged"], 1)
        self.assertEqual(self.names("view=draft&draft=removed"), ["bad0.test", "p10.test"])

    def test_history_of_one(self):
        def revisions(query="", key="kept.test"):
            return self.client.get(f"/revisions?kind=partners&key={key}{query}").ok().data
        self.assertEqual((revisions()["items"], revisions()["total"]), ([], 0))
        made = [self.client.apply(partners={"kept.test": {"owner": f"o{i}"}, "other.test": {"owner": f"o{i // 2}"}})
                for i in range(3)]
        self.client.delete("/partners/kept.test").ok()
        made.append(self.client.post("/draft/commit", {}).ok().data["revision"])
        self.client.apply(partners={"other.test": {"owner": "at last"}})
        nothing = revisions("&q=nobody%20wrote%20this")
        self.assertEqual((nothing["items"], nothing["total"]), ([], 0))
        page = revisions()
        self.assertEqual([r["revision"] for r in page["items"]], [*range(made[3], made[3] - 4, -1)])
        self.assertEqual((page["total"], page["next_cursor"]), (4, None))
        first = revisions("&limit=3")
        rest = revisions(f"&limit=3&cursor={first['next_cursor']}")
        self.assertEqual([r["revision"] for r in first["items"] + rest["items"]], [r["revision"] for r in page["items"]])
        self.assertEqual((first["total"], rest["next_cursor"]), (4, None))
        self.assertEqual(len(revisions(key="other.test")["items"]), 3)
        self.assertEqual(self.client.get("/revisions?kind=partners").status, 400)
        self.client.apply(partners={"other.test": None})

    def test_to_whom_domains_belong(self):
        self.client.put("/partners/new.test", {"additional_domains": ["also.new.test"]}).ok()

        def claims(view):
            asked = ["p01.test", "OURS.test.", "also.new.test", "free.test", "b\u00fccher.example", "-bad-"]
            items = self.client.get("/claims?" + "&".join(f"domain={quote(d)}" for d in asked) + view).ok().data["items"]
            self.assertEqual([i["asked"] for i in items], asked)
            self.assertTrue(items[5]["problem"]["message"])
            return [(i["domain"], i["partner"], i["ours"], i["problem"] and i["problem"]["code"]) for i in items]
        running = [("p01.test", "p01.test", False, None), ("ours.test", None, True, None), ("also.new.test", None, False, None),
                   ("free.test", None, False, None), ("xn--bcher-kva.example", None, False, None)]
        self.assertEqual(claims("")[:5], running)
        running[2] = ("also.new.test", "new.test", False, None)
        self.assertEqual(claims("&view=draft")[:5], running)

    def test_unknown(self):
        self.assertEqual(self.client.get("/sites?status=failing").status, 400)
        self.assertEqual(self.client.get("/partners?sort=status,nothing").status, 400)


if __name__ == "__main__":
    unittest.main()
