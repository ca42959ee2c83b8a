"""Export and import of the whole configuration."""
import json
import os
import unittest

from fedgate import Workspace

CONFIGURATION = {
    "sites": {"hq": {"description": "Zürich"}},
    "policies": {"global": {"federation_access": True, "xmpp_access": True}, "site:hq": {}, "user:open": {}},
    "front_ends": {"fe": {"host": "127.0.0.1", "port": 5060, "transport": "tcp", "site": "hq"}},
    "domains": {"ours.test": {"front_ends": ["fe"]}},
    "partners": {"b.test": {"tls": "optional", "additional_domains": ["c.test", "aa.test"]}, "a.test": {}},
    "users": {"j@ours.test": {"site": "hq", "policy": "user:open", "display_name": "Jürg"}},
    "settings": {"settings": {"connection_limit": 77, "limits": {"depth": 32}}},
}


class Transfer(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)

    def tearDown(self):
        for server in self.work.servers:
            if server.process.poll() is None:
                self.assertEqual(server.stop(), 0, server.log())

    def start(self, name="data"):
        return self.work.start(name=name).local()

    def save(self, text):
        path = os.path.join(self.work.path, "document.json")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def test_export_import_gives_the_same_content(self):
        one, two = self.start("one"), self.start("two")
        one.apply(**CONFIGURATION)
        document = one.get("/export").ok()
        self.assertEqual(document.headers["Content-Type"], "application/json")
        answer = two.post("/import", document.data).ok().data
        self.assertEqual((answer["staged"], answer["unchanged"], answer["findings"]), (10, 0, []))
        self.assertEqual(len(answer["draft"]["changes"]), 10)
        self.assertEqual(answer["draft"]["problems"], [])
        self.assertEqual(two.get("/status").data["revision"], 0)
        two.commit().ok()
        self.assertEqual(two.get("/export").ok().body, document.body)
        self.assertEqual(len(document.data["content_hash"]), 64)

    def test_text_is_stable_whatever_the_order_of_changes(self):
        one, two = self.start("one"), self.start("two")
        one.apply(partners={"a.test": {}, "b.test": {"owner": "x"}})
        two.apply(partners={"b.test": {"owner": "y"}})
        two.apply(partners={"a.test": {"tls": "optional"}})
        two.apply(partners={"a.test": {}, "b.test": {"owner": "x"}})
        self.assertEqual(one.get("/export").body, two.get("/export").body)
        self.assertEqual(list(one.get("/export").data["partners"]), ["a.test", "b.test"])

    def test_a_document_is_the_whole(self):
        c = self.start()
        empty = c.get("/export").ok().data
        c.apply(**CONFIGURATION)
        c.put("/partners/staged.test", {}).ok()
        answer = c.post("/import", empty).ok().data
        ops = {(ch["kind"], ch["key"]): ch["op"] for ch in answer["draft"]["changes"]}
        self.assertEqual(ops[("partners", "a.test")], "delete")
        self.assertEqual(ops[("policies", "global")], "delete")
        self.assertNotIn(("partners", "staged.test"), ops)
        c.commit().ok()
        self.assertEqual(c.get("/export").data, empty)
        self.assertEqual(c.get("/export?revision=0").data, empty)
        self.assertEqual(c.get("/export?revision=1").data["settings"]["connection_limit"], 77)
        self.assertEqual(c.get("/export?revision=3").status, 404)
        self.assertEqual(c.get("/export?revision=x").status, 404)

    def test_merge_and_kinds_that_are_not_named(self):
        c = self.start()
        c.apply(**CONFIGURATION)
        head = {"format": "fedgate-configuration", "version": 1}
        answer = c.post("/import?mode=merge", {**head, "partners": {"d.test": {}, "a.test": {}}}).ok().data
        self.assertEqual((answer["staged"], answer["unchanged"]), (1, 1))
        answer = c.post("/import", {**head, "partners": {"d.test": {}, "a.test": {}}}).ok().data
        ops = {(ch["kind"], ch["key"]): ch["op"] for ch in answer["draft"]["changes"]}
        self.assertEqual(ops, {("partners", "d.test"): "put", ("partners", "b.test"): "delete"})
        self.assertEqual(c.post("/import?mode=x", head).status, 422)

    def test_faults_change_nothing(self):
        c = self.start()
        c.apply(**CONFIGURATION)
        document = c.get("/export").data
        bad = json.loads(json.dumps(document))
        bad["partners"]["a.test"]["tls"] = "sometimes"
        bad["partners"]["E.test"] = {"color": 1}
        bad["gadgets"] = {}
        answer = c.post("/import", bad)
        self.assertEqual((answer.status, answer.pointers()), (422, ["/gadgets"]))
        del bad["gadgets"]
        answer = c.post("/import", bad)
        self.assertEqual((answer.status, answer.pointers()), (422, ["/partners/E.test/color", "/partners/a.test/tls"]))
        taken = json.loads(json.dumps(document))
        taken["partners"]["x.test"] = {"additional_domains": ["c.test"]}
        self.assertEqual(c.post("/import", taken).status, 422)
        ours = json.loads(json.dumps(document))
        ours["partners"]["ours.test"] = {}
        self.assertEqual(c.post("/import", ours).status, 422)
        for wrong in ({}, {"format": "fedgate-configuration", "version": 2}, {"format": "x", "version": 1}, []):
            self.assertEqual(c.post("/import", wrong).status, 422, wrong)
        self.assertEqual(c.get("/draft").data["total"], 0)
        twice = {**document, "partners": {"a.test": {}, "A.TEST": {}}}
        self.assertEqual(c.post("/import", twice).codes(), ["duplicate"])

    def test_only_administrators_import(self):
        server = self.work.start()
        viewer = server.client(server.token("vera", "viewer"))
        self.assertEqual(viewer.get("/export").status, 200)
        self.assertEqual(viewer.post("/import", {}).status, 403)

    def test_command_line_beside_a_server_and_without_one(self):
        one = self.work.start(name="one")
        one.local().apply(**CONFIGURATION)
        online = self.work.run("export", name="one")
        self.assertEqual(online.returncode, 0, online.stderr)
        self.assertEqual(online.stdout.encode(), one.local().get("/export").body)
        one.stop()
        offline = self.work.run("export", "--revision", "1", name="one")
        self.assertEqual((offline.returncode, offline.stdout), (0, online.stdout), offline.stderr)
        self.assertEqual(self.work.run("export", "--revision", "9", name="one").returncode, 1)
        path = self.save(online.stdout)
        done = self.work.run("import", path, name="two")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("+ partners a.test\n", done.stdout)
        self.assertIn("10 staged, 0 unchanged\n", done.stdout)
        two = self.start("two")
        self.assertEqual(two.get("/draft").data["total"], 10)
        two.commit().ok()
        self.assertEqual(two.get("/export").body.decode(), online.stdout)
        again = self.work.run("import", path, name="two")
        self.assertEqual((again.returncode, again.stdout), (0, "0 staged, 10 unchanged\n"), again.stderr)
        self.assertEqual(self.work.run("import", self.save("{"), name="two").returncode, 1)
        refused = self.work.run("import", self.save('{"format": "x"}'), name="three")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("/format", refused.stderr)


if __name__ == "__main__":
    unittest.main()
