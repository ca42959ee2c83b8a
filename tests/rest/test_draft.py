"""Draft, commit, conflicts between administrators, confirmation, restore."""
import os
import shutil
import time
import unittest

from fedgate import Workspace

template, tokens = None, {}



def setUpModule():
    """One data directory with accounts, copied for each test: passwords are slow by design."""
    global template, tokens
    template = Workspace()
    server = template.start()
    tokens = {name: server.token(name) for name in ("alice", "bob")}
    tokens["other"] = server.token("alice")
    server.stop()


def tearDownModule():
    template.close()


class Base(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)
        shutil.copytree(os.path.join(template.path, "data"), os.path.join(self.work.path, "data"))
        self.server = self.work.start()
        self.alice = self.server.client(tokens["alice"])
        self.bob = self.server.client(tokens["bob"])

    def tearDown(self):
        for server in self.work.servers:
            if server.process.poll() is None:
                self.assertEqual(server.stop(), 0, server.log())

    def draft(self, client=None):
        return (client or self.alice).get("/draft").ok().data


class Draft(Base):
    def test_staging_does_not_touch_what_runs(self):
        answer = self.alice.put("/partners/a.test", {"tls": "optional"})
        self.assertEqual(answer.status, 201)
        self.assertEqual(answer.headers["Location"], "/api/v1/partners/a.test")
        self.assertEqual(answer.data["methods"], ["sasl_tls", "dialback_tls", "dialback_tcp"])
        self.assertEqual(self.alice.get("/partners/a.test").status, 404)
        self.assertEqual(self.alice.get("/partners/a.test?view=draft").data["draft"], "added")
        self.assertEqual(self.bob.get("/partners/a.test?view=draft").status, 404)
        self.assertEqual(self.bob.get("/draft").data["summary"]["count"], 0)
        self.assertEqual(self.alice.get("/status").data["revision"], 0)
        self.assertEqual(self.alice.put("/partners/a.test", {}).status, 200)

    def test_put_replaces_patch_merges(self):
        self.alice.put("/partners/a.test", {"description": "one", "owner": "me", "tls": "optional"}).ok()
        got = self.alice.patch("/partners/a.test", {"description": "two", "tls": None}).ok().data
        self.assertEqual((got["description"], got["owner"], got["tls"]), ("two", "me", "required"))
        got = self.alice.put("/partners/a.test", {"description": "three"}).ok().data
        self.assertEqual((got["description"], got["owner"]), ("three", ""))
        self.alice.patch("/settings", {"limits": {"depth": 32}}).ok()
        got = self.alice.put("/settings", {"limits": {"attributes": 50}}).ok().data
        self.assertEqual((got["limits"]["depth"], got["limits"]["attributes"]), (64, 50))

    def test_read_only_fields_may_be_sent_back(self):
        got = self.alice.put("/partners/a.test", {}).ok().data
        self.assertEqual(self.alice.put("/partners/a.test", got).status, 200)
        got = self.alice.get("/partners/a.test?view=draft&include=status").ok().data
        self.assertEqual((got["draft"], got["status"]["state"]), ("added", "never"))
        self.assertEqual(self.alice.put("/partners/a.test", got).status, 200)
        change = [{"op": "put", "kind": "partners", "key": "a.test", "value": got}]
        self.assertEqual(self.alice.commits(change).status, 201)

    def test_draft_lists_before_and_after(self):
        self.alice.apply(partners={"a.test": {"owner": "x"}, "b.test": {}, "c.test": {}})
        self.alice.patch("/partners/a.test", {"owner": "y"}).ok()
        self.alice.delete("/partners/b.test").ok()
        self.alice.put("/partners/d.test", {}).ok()
        draft = self.draft()
        self.assertEqual(draft["summary"], {"count": 3, "by_kind": {"partners": 3}})
        seen = {c["key"]: c for c in draft["changes"]}
        self.assertEqual((seen["a.test"]["before"]["owner"], seen["a.test"]["after"]["owner"]), ("x", "y"))
        self.assertEqual((seen["a.test"]["op"], seen["a.test"]["base_revision"]), ("patch", 1))
        self.assertIsNone(seen["b.test"]["after"])
        self.assertIsNone(seen["d.test"]["before"])
        marks = {p["domain"]: p.get("draft") for p in self.alice.get("/partners?view=draft").data["items"]}
        self.assertEqual(marks, {"a.test": "changed", "b.test": "removed", "c.test": None, "d.test": "added"})
        self.assertEqual(self.alice.delete("/draft/changes/partners/b.test").status, 204)
        self.assertEqual(self.draft()["summary"]["count"], 2)
        self.assertEqual(self.alice.delete("/draft").status, 204)
        self.assertEqual(self.draft()["summary"]["count"], 0)

    def test_search_and_discard_of_a_kind(self):
        for name in ("fabrikam.test", "northwind.test", "lab.fabrikam.example"):
            self.alice.put(f"/partners/{name}", {}).ok()
        self.alice.put("/users/romeo@contoso.test", {}).ok()
        found = self.alice.get("/draft", q="FABRIKAM", kind="partners").data
        self.assertEqual([c["key"] for c in found["changes"]], ["fabrikam.test", "lab.fabrikam.example"])
        self.assertEqual((found["total"], found["summary"]["count"]), (2, 4))
        self.assertEqual(self.alice.get("/draft", q="o", limit=1).data["total"], 2)
        self.assertEqual(self.alice.get("/draft", q="o", kind="users").data["total"], 1)
        first = self.alice.get("/draft", q="fabrikam", limit=1).data
        second = self.alice.get("/draft", q="fabrikam", limit=1, cursor=first["next_cursor"]).data
        self.assertEqual([c["key"] for c in second["changes"]], ["lab.fabrikam.example"])
        self.assertIsNone(second["next_cursor"])
        self.assertEqual(self.alice.delete("/draft?kind=sofas").status, 400)
        self.assertEqual(self.alice.delete("/draft?kind=partners").status, 204)
        left = self.alice.get("/draft").data
        self.assertEqual([c["key"] for c in left["changes"]], ["romeo@contoso.test"])
        self.assertEqual(left["summary"], {"count": 1, "by_kind": {"users": 1}})

    def test_back_to_what_runs_leaves_the_draft(self):
        self.alice.apply(partners={"a.test": {"owner": "x"}})
        self.alice.patch("/partners/a.test", {"owner": "y"}).ok()
        self.alice.patch("/partners/a.test", {"owner": "x"}).ok()
        self.alice.put("/partners/new.test", {}).ok()
        self.alice.delete("/partners/new.test").ok()
        self.alice.put("/settings", {}).ok()
        self.assertEqual(self.draft()["changes"], [])

    def test_missing_references_are_staged_and_listed(self):
        self.assertEqual(self.alice.put("/domains/ours.test", {"front_ends": ["fe"]}).status, 201)
        problems = self.draft()["problems"]
        self.assertEqual([(p["kind"], p["key"]) for p in problems], [("domains", "ours.test")])
        self.assertTrue(problems[0]["pointer"].startswith("/front_ends"))
        check = self.alice.post("/draft/check").ok().data
        self.assertEqual((check["ok"], len(check["problems"])), (False, 1))
        answer = self.alice.commit()
        self.assertEqual(answer.status, 422)
        self.assertEqual(self.alice.get("/status").data["revision"], 0)
        self.alice.put("/front_ends/fe", {"host": "127.0.0.1", "port": 5060, "transport": "tcp"}).ok()
        self.assertEqual(self.draft()["problems"], [])
        self.assertEqual(self.alice.post("/draft/check").data["ok"], True)
        self.assertEqual(self.alice.commit().status, 201)

    def test_a_selection(self):
        self.alice.put("/partners/a.test", {}).ok()
        self.alice.put("/partners/b.test", {}).ok()
        answer = self.alice.commit(only=[{"kind": "partners", "key": "B.test"}])
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual([c["key"] for c in self.draft()["changes"]], ["a.test"])
        self.assertEqual(self.alice.get("/partners/b.test").status, 200)
        self.assertEqual(self.alice.commit(only=[{"kind": "partners", "key": "z.test"}]).pointers(), ["/only/0"])

    def test_an_empty_selection_is_not_everything(self):
        self.alice.put("/partners/a.test", {}).ok()
        answer = self.alice.commit(only=[])
        self.assertEqual((answer.status, answer.pointers()), (422, ["/only"]))
        self.assertEqual(self.draft()["summary"]["count"], 1)
        self.assertEqual(self.alice.get("/status").data["revision"], 0)

    def test_permanent_objects_are_reset(self):
        self.alice.apply(policies={"global": {"federation_access": True}})
        self.assertEqual(self.alice.delete("/policies/global").status, 204)
        self.assertFalse(self.alice.get("/policies/global?view=draft").data["federation_access"])
        self.alice.commit().ok()
        self.assertFalse(self.alice.get("/policies/global").data["federation_access"])
        self.assertEqual(self.alice.delete("/settings").status, 405)

    def test_drafts_of_tokens_are_apart(self):
        other = self.server.client(tokens["other"])
        self.alice.put("/partners/a.test", {}).ok()
        self.assertEqual(self.draft(other)["summary"]["count"], 0)

    def test_drafts_outlive_the_process(self):
        self.alice.put("/partners/a.test", {"owner": "x"}).ok()
        token = self.alice.headers
        self.server.kill()
        self.server = self.work.start()
        client = self.server.anonymous()
        client.headers = token
        self.assertEqual(self.draft(client)["changes"][0]["after"]["owner"], "x")

    def test_thousands_one_by_one_and_at_once(self):
        changes = [{"op": "put", "kind": "partners", "key": f"p{i}.test", "value": {}} for i in range(3000)]
        self.assertEqual(self.alice.commits(changes).status, 201)
        for i in range(100):
            self.alice.put(f"/partners/q{i}.test", {}).ok()
        self.assertEqual(self.alice.get("/partners?limit=1").data["total"], 3000)
        self.assertEqual(self.alice.get("/partners?view=draft&limit=1").data["total"], 3100)
        page = self.alice.get("/draft?limit=60").data
        rest = self.alice.get("/draft?limit=60&cursor=" + page["next_cursor"]).data
        self.assertEqual((len(page["changes"]), len(rest["changes"]), rest["next_cursor"]), (60, 40, None))


class Tags(Base):
    def test_if_match(self):
        self.alice.apply(partners={"a.test": {"owner": "x"}})
        tag = self.alice.get("/partners/a.test").etag
        self.assertRegex(tag, r'^"[^"]+"$')
        answer = self.alice.patch("/partners/a.test", {"owner": "y"}, headers={"If-Match": tag})
        self.assertEqual(answer.status, 200)
        self.assertNotEqual(answer.etag, tag)
        self.assertEqual(self.alice.get("/partners/a.test").etag, answer.etag, "the tag is of the draft view")
        for method, body in (("PUT", {}), ("PATCH", {}), ("DELETE", None)):
            self.assertEqual(self.alice.request(method, "/partners/a.test", body, {"If-Match": tag}).status, 412)
        self.assertEqual(self.alice.put("/partners/a.test", {}, headers={"If-Match": f'"x", {answer.etag}'}).status, 200)
        self.assertEqual(self.alice.put("/partners/none.test", {}, headers={"If-Match": "*"}).status, 412)
        self.assertEqual(self.alice.delete("/partners/a.test", headers={"If-Match": "*"}).status, 204)

    def test_create_only(self):
        headers = {"If-None-Match": "*"}
        self.assertEqual(self.alice.put("/partners/a.test", {}, headers=headers).status, 201)
        self.assertEqual(self.alice.put("/partners/a.test", {}, headers=headers).status, 412)
        self.alice.commit().ok()
        self.assertEqual(self.bob.put("/partners/a.test", {}, headers=headers).status, 412)
        self.bob.delete("/partners/a.test").ok()
        self.assertEqual(self.bob.put("/partners/a.test", {}, headers=headers).status, 201)


class Conflicts(Base):
    def setUp(self):
        super().setUp()
        self.alice.apply(partners={"a.test": {"owner": "x", "ticket": "1"}})
        self.alice.patch("/partners/a.test", {"owner": "alice"}).ok()
        self.bob.apply(partners={"a.test": {"owner": "bob", "ticket": "1"}})

    def test_three_sides(self):
        conflict = self.draft()["conflicts"][0]
        self.assertEqual((conflict["base"]["owner"], conflict["mine"]["owner"], conflict["theirs"]["owner"]),
                         ("x", "alice", "bob"))
        answer = self.alice.commit()
        self.assertEqual((answer.status, answer.problem["code"]), (409, "conflict"))
        self.assertEqual(answer.problem["conflicts"], self.draft()["conflicts"])
        self.assertEqual(self.alice.get("/partners/a.test").data["owner"], "bob")

    def test_theirs(self):
        self.alice.delete("/draft/changes/partners/a.test").ok()
        self.assertEqual(self.draft()["conflicts"], [])
        self.assertEqual(self.alice.commit().status, 200)

    def test_mine(self):
        self.alice.put("/partners/a.test", self.draft()["conflicts"][0]["mine"]).ok()
        self.assertEqual(self.draft()["conflicts"], [])
        self.assertEqual(self.alice.commit().status, 201)
        self.assertEqual(self.alice.get("/partners/a.test").data["owner"], "alice")

    def test_a_merge_settles_nothing(self):
        self.alice.patch("/partners/a.test", {"ticket": "2"}).ok()
        self.assertEqual(len(self.draft()["conflicts"]), 1)

    def test_removed_meanwhile(self):
        self.alice.delete("/draft").ok()
        self.alice.patch("/partners/a.test", {"owner": "alice"}).ok()
        self.bob.apply(partners={"a.test": None})
        conflict = self.draft()["conflicts"][0]
        self.assertIsNone(conflict["theirs"])
        self.assertEqual(self.alice.commit().status, 409)

    def test_others_are_no_conflict(self):
        self.alice.delete("/draft").ok()
        self.alice.put("/partners/b.test", {}).ok()
        self.bob.apply(partners={"c.test": {}})
        self.assertEqual(self.alice.commit().status, 201)
        self.assertEqual(self.alice.get("/partners").data["total"], 3)

    def test_base_revision(self):
        change = [{"op": "patch", "kind": "partners", "key": "a.test", "value": {"owner": "z"}}]
        answer = self.alice.commits(change, base_revision=1)
        self.assertEqual((answer.status, answer.problem["conflicts"][0]["theirs"]["owner"]), (409, "bob"))
        self.assertEqual(self.alice.commits(change, base_revision=2).status, 201)

    def test_base_revision_of_what_was_removed(self):
        self.bob.apply(partners={"a.test": None})
        put = [{"op": "put", "kind": "partners", "key": "a.test", "value": {"owner": "z"}}]
        answer = self.alice.commits(put, base_revision=1)
        self.assertEqual(answer.status, 409, answer)
        conflict = answer.problem["conflicts"][0]
        self.assertEqual((conflict["base"]["domain"], conflict["theirs"]), ("a.test", None))
        now = self.alice.get("/status").data["revision"]
        self.assertEqual(self.alice.commits(put, base_revision=now).status, 201)

    def test_base_revision_of_the_future(self):
        put = [{"op": "put", "kind": "partners", "key": "n.test", "value": {}}]
        answer = self.alice.commits(put, base_revision=4711)
        self.assertEqual((answer.status, answer.pointers()), (422, ["/base_revision"]))
        self.assertEqual(self.alice.get("/partners/n.test").status, 404)


class Commits(Base):
    def test_runs_when_it_answers(self):
        for i in range(1, 6):
            answer = self.alice.commits([{"op": "put", "kind": "partners", "key": f"p{i}.test", "value": {}}], f"no {i}")
            self.assertEqual((answer.status, answer.data["revision"]), (201, i))
            self.assertEqual(answer.headers["Location"], f"/api/v1/revisions/{i}")
            status = self.alice.get("/status").data
            self.assertEqual((status["revision"], status["applied_revision"]), (i, i))
            self.assertEqual(status["engine"]["state"], "running")

    def test_nothing_changes(self):
        self.alice.apply(partners={"a.test": {}})
        answer = self.alice.commits([{"op": "put", "kind": "partners", "key": "a.test", "value": {}}])
        self.assertEqual((answer.status, answer.data["revision"]), (200, 1))
        self.assertEqual(self.alice.commit().status, 200)
        self.assertEqual(self.alice.commits([]).status, 200)
        self.assertEqual(self.alice.get("/status").data["revision"], 1)

    def test_dry_run(self):
        change = [{"op": "put", "kind": "partners", "key": "a.test", "value": {}}]
        answer = self.alice.commits(change, dry_run=True)
        self.assertEqual((answer.status, answer.data["revision"]), (200, 0))
        self.assertEqual(answer.data["changes"][0]["key"], "a.test")
        self.assertEqual(self.alice.get("/partners").data["total"], 0)

    def test_several_changes_of_one_object(self):
        answer = self.alice.commits([
            {"op": "put", "kind": "partners", "key": "A.test", "value": {"owner": "x"}},
            {"op": "patch", "kind": "partners", "key": "a.test", "value": {"ticket": "7"}},
            {"op": "put", "kind": "partners", "key": "b.test", "value": {}},
            {"op": "delete", "kind": "partners", "key": "b.test"}])
        self.assertEqual(answer.status, 201, answer)
        got = self.alice.get("/partners/a.test").data
        self.assertEqual((got["owner"], got["ticket"]), ("x", "7"))
        self.assertEqual(self.alice.get("/partners/b.test").status, 404)

    def test_settings_need_no_key(self):
        self.alice.commits([{"op": "patch", "kind": "settings", "value": {"connection_limit": 7}}]).ok()
        self.assertEqual(self.alice.get("/settings").data["connection_limit"], 7)

    def test_revisions(self):
        self.alice.apply(partners={"a.test": {}})
        self.bob.commits([{"op": "patch", "kind": "partners", "key": "a.test", "value": {"owner": "x"}}], "why").ok()
        items = self.alice.get("/revisions").data["items"]
        self.assertEqual([(r["revision"], r["author"], r["comment"]) for r in items],
                         [(2, "bob", "why"), (1, "alice", "test")])
        one = self.alice.get("/revisions/2").data
        self.assertEqual(one["changes"][0]["after"]["owner"], "x")
        self.assertEqual(one["summary"]["count"], 1)
        diff = self.alice.get("/revisions/2/diff?against=0").data["changes"]
        self.assertEqual([(c["key"], c["before"]) for c in diff], [("a.test", None)])
        page = self.alice.get("/revisions?limit=1").data
        self.assertEqual(page["items"][0]["revision"], 2)
        page = self.alice.get("/revisions?limit=1&cursor=" + page["next_cursor"]).data
        self.assertEqual((page["items"][0]["revision"], page["next_cursor"], page["total"]), (1, None, 2))

    def test_restore(self):
        self.alice.apply(partners={"a.test": {"owner": "x"}, "b.test": {}})
        self.alice.apply(partners={"a.test": {"owner": "y"}, "b.test": None, "c.test": {}})
        draft = self.alice.post("/revisions/1/restore").ok().data
        self.assertEqual({c["key"]: c["op"] for c in draft["changes"]},
                         {"a.test": "put", "b.test": "put", "c.test": "delete"})
        self.assertEqual(self.alice.commit().status, 201)
        self.assertEqual(self.alice.get("/partners/a.test").data["owner"], "x")
        self.assertEqual(self.alice.get("/revisions/3/diff?against=1").data["changes"], [])


class Confirm(Base):
    change = [{"op": "put", "kind": "partners", "key": "a.test", "value": {}}]

    def test_keep(self):
        self.alice.commits(self.change, confirm_within=600).ok()
        pending = self.alice.get("/status").data["pending_confirmation"]
        self.assertEqual(pending["revision"], 1)
        answer = self.bob.commits([{"op": "put", "kind": "partners", "key": "b.test", "value": {}}])
        self.assertEqual((answer.status, answer.problem["code"]), (409, "confirm_pending"))
        self.assertTrue(answer.problem["type"].endswith("confirm_pending"))
        self.assertEqual(self.alice.get("/revisions/1").data["confirmed"], False)
        self.assertEqual(self.bob.post("/revisions/1/confirm").status, 200)
        self.assertIsNone(self.alice.get("/status").data["pending_confirmation"])
        self.assertEqual(self.bob.post("/revisions/1/confirm").status, 409)
        self.assertEqual(self.alice.get("/revisions/1").data["confirmed"], True)
        self.assertEqual(self.alice.get("/partners/a.test").status, 200)

    def test_take_back(self):
        self.alice.commits(self.change, confirm_within=600).ok()
        answer = self.alice.post("/revisions/1/revert")
        self.assertEqual((answer.status, answer.data["revision"]), (201, 2))
        status = self.alice.get("/status").data
        self.assertEqual((status["applied_revision"], status["pending_confirmation"]), (2, None))
        self.assertEqual(self.alice.get("/partners/a.test").status, 404)
        self.assertEqual(self.alice.get("/revisions/1").data["reverted_by"], 2)
        self.assertEqual(self.alice.get("/revisions/2").data["reverts"], 1)

    def test_lapses_while_running(self):
        self.alice.commits(self.change, confirm_within=1).ok()
        status = self.server.wait_status(lambda s: s["revision"] == 2)
        self.assertEqual((status["revision"], status["pending_confirmation"]), (2, None))
        self.assertEqual(self.alice.get("/partners/a.test").status, 404)

    def test_lapses_while_down(self):
        self.alice.commits(self.change, confirm_within=1).ok()
        self.server.kill()
        time.sleep(1.2)
        server = self.work.start()
        self.assertEqual(server.revision, 2)
        self.assertEqual(server.local().get("/partners").data["total"], 0)
        self.assertIsNone(server.status()["pending_confirmation"])

    def test_outlives_a_restart(self):
        self.alice.commits(self.change, confirm_within=600).ok()
        self.server.kill()
        server = self.work.start()
        self.assertEqual(server.status()["pending_confirmation"]["revision"], 1)
        self.assertEqual(server.local().post("/revisions/1/confirm").status, 200)


if __name__ == "__main__":
    unittest.main()
