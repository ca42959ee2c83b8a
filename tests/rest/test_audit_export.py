"""GET /audit as JSON lines."""
import json
import os
import unittest

from fedgate import Workspace


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()
        for n in range(12):
            cls.client.apply(partners={f"p{n}-{i}.test": {"description": "é\n\""} for i in range(100)})

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def lines(self, path, **more):
        answer = self.client.request("GET", path, **more).ok()
        self.assertEqual(answer.headers["Content-Type"], "application/x-ndjson")
        self.assertTrue(answer.body.endswith(b"\n"))
        return [json.loads(line) for line in answer.body.decode().splitlines()]

    def test_all_of_it(self):
        found = self.lines("/audit?format=jsonl")
        self.assertGreater(len(found), 1200)
        self.assertEqual([e["seq"] for e in found], list(range(len(found), 0, -1)))
        self.assertEqual(found[:1000], self.client.get("/audit?limit=1000").ok().data["items"])
        left = [f for f in os.listdir(self.server.data_dir) if f.startswith("temporary")]
        self.assertEqual(left, [])

    def test_by_accept(self):
        by_accept = self.lines("/audit", headers={"Accept": "application/x-ndjson"})
        self.assertEqual(by_accept, self.lines("/audit?format=jsonl"))
        answer = self.client.request("GET", "/audit?format=json", headers={"Accept": "application/x-ndjson"})
        self.assertEqual(answer.headers["Content-Type"], "application/json")

    def test_filters_and_limit(self):
        found = self.lines("/audit?format=jsonl&key=p3-7.test")
        self.assertEqual([(e["kind"], e["key"]) for e in found], [("partners", "p3-7.test")])
        self.assertEqual(len(self.lines("/audit?format=jsonl&limit=7")), 7)

    def test_nothing_fits(self):
        answer = self.client.get("/audit?format=jsonl&key=none").ok()
        self.assertEqual((answer.headers["Content-Type"], answer.body), ("application/x-ndjson", b""))

    def test_refused(self):
        self.assertEqual(self.client.get("/audit?format=csv").status, 400)
        self.server.add_admin("vic", "viewer")
        viewer = self.server.client(self.server.token("vic", role="viewer"))
        self.assertEqual(viewer.get("/audit?format=jsonl").status, 403)


if __name__ == "__main__":
    unittest.main()
