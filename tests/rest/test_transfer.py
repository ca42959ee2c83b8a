"""Export and import of the whole configuration."""
import difflib
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

    def test_a_change_is_a_small_difference(self):
        """As it stands in git: what one change alters are the lines of that object, and the hash."""
        c = self.start()
        c.apply(**CONFIGURATION)
        c.apply(partners={f"p{i}.test": {"additional_domains": [f"x{k}.p{i}.test" for k in range(3)]} for i in range(50)})

        def lines():
            return self.run_export().splitlines()

        def difference(change):
            before = lines()
            c.apply(**change)
            after = [line for line in difflib.unified_diff(before, lines(), n=0, lineterm="")][2:]
            return sorted(line for line in after if line[0] in "+-" and "content_hash" not in line)

        self.assertEqual(difference({"partners": {"p7.test": {
            "additional_domains": [f"x{k}.p7.test" for k in range(3)], "owner": "Ann"}}}),
            ['+   "owner": "Ann",', '-   "owner": "",'])
        got = difference({"partners": {"p7.test": {"additional_domains": ["x0.p7.test", "x2.p7.test"], "owner": "Ann"}}})
        self.assertEqual(len(got), 1, got)
        self.assertIn("x1.p7.test", got[0])
        got = difference({"sites": {"branch": {}}})
        self.assertTrue(0 < len(got) <= 8, got)
        self.assertTrue(all(line.startswith("+") for line in got), got)
        got = difference({"sites": {"branch": None}})
        self.assertTrue(all(line.startswith("-") for line in got), got)

    def run_export(self):
        done = self.work.run("export")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_import_shows_the_difference(self):
        """The answer names each object that would change, before and after, and nothing else."""
        c = self.start()
        c.apply(**CONFIGURATION)
        document = c.get("/export").ok().data
        document["partners"]["a.test"]["owner"] = "Ann"
        del document["users"]["j@ours.test"]
        document["sites"]["branch"] = {}
        draft = c.post("/import", document).ok().data["draft"]
        self.assertEqual({(x["op"], x["kind"], x["key"]) for x in draft["changes"]},
                         {("put", "partners", "a.test"), ("delete", "users", "j@ours.test"), ("put", "sites", "branch")})
        owner = next(x for x in draft["changes"] if x["key"] == "a.test")
        self.assertEqual((owner["before"]["owner"], owner["after"]["owner"]), ("", "Ann"))
        self.assertEqual({k for k in owner["after"] if owner["after"][k] != owner["before"].get(k)}, {"owner"})
        c.commit().ok()
        again = c.get("/export").ok().data
        self.assertEqual({**again, "content_hash": 0}, {**document, "sites": again["sites"], "content_hash": 0})

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
