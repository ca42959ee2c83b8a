"""Commits that wait: for a second administrator (the four-eyes rule), and for their time."""
import datetime
import os
import shutil
import sqlite3
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
    tokens["ops"] = server.token("ops", "operator")
    server.stop()


def tearDownModule():
    template.close()


def after(seconds):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def put(key, kind="partners", **value):
    return {"op": "put", "kind": kind, "key": key, "value": value}


class Base(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)
        shutil.copytree(os.path.join(template.path, "data"), os.path.join(self.work.path, "data"))
        self.open()

    def open(self):
        self.server = self.work.start()
        self.alice, self.bob, self.other, self.ops = (
            self.server.client(tokens[name]) for name in ("alice", "bob", "other", "ops"))

    def tearDown(self):
        for server in self.work.servers:
            if server.process.poll() is None:
                self.assertEqual(server.stop(), 0, server.log())

    def revision(self):
        return self.bob.get("/status").ok().data["revision"]

    def one(self, path):
        return self.bob.get(path).ok().data

    def waits(self, answer):
        """The path of the approval that a commit became."""
        self.assertEqual(answer.status, 202, answer)
        path = f"/approvals/{answer.data['approval']['id']}"
        self.assertEqual(answer.headers["Location"], "/api/v1" + path)
        return path

    def wait_state(self, path, state):
        end = time.monotonic() + 30
        while self.one(path)["state"] != state and time.monotonic() < end:
            time.sleep(0.1)
        got = self.one(path)
        self.assertEqual(got["state"], state, got)
        return got

    def audit(self, action):
        return self.bob.get(f"/audit?action={action}").ok().data["items"]


class FourEyes(Base):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.alice.commits([{"op": "patch", "kind": "settings", "value": {"four_eyes": True}}]).status, 201)

    def test_another_administrator_approves(self):
        self.alice.put("/partners/a.test", {"owner": "x"}).ok()
        path = self.waits(self.alice.commit("please"))
        self.assertEqual((self.revision(), self.alice.get("/partners/a.test").status), (1, 404))
        self.assertEqual(self.alice.get("/draft").data["summary"]["count"], 0)
        got = self.one(path)
        self.assertEqual((got["state"], got["author"], got["comment"]), ("waiting", "alice", "please"))
        self.assertEqual([(c["key"], c["before"], c["after"]["owner"]) for c in got["changes"]], [("a.test", None, "x")])
        self.assertEqual([a["id"] for a in self.bob.get("/approvals?state=waiting").data["items"]], [got["id"]])
        answer = self.bob.post(path + "/approve", {"comment": "seen"})
        self.assertEqual((answer.status, answer.data["revision"]), (201, 2), answer)
        self.assertEqual(self.alice.get("/partners/a.test").data["owner"], "x")
        revision = self.one("/revisions/2")
        self.assertEqual((revision["author"], revision["approved_by"]), ("alice", "bob"))
        self.assertIsNone(self.one("/revisions/1")["approved_by"])
        got = self.one(path)
        self.assertEqual((got["state"], got["approved_by"], got["revision"]), ("committed", "bob", 2))
        self.assertEqual(self.bob.post(path + "/approve").problem["code"], "not_waiting")
        self.assertEqual([e["name"] for e in self.audit("approval_request")], ["alice"])
        approvals = [(e["name"], e["outcome"], e["revision"]) for e in self.audit("approve")]
        self.assertEqual(approvals, [("bob", "refused", None), ("bob", "ok", 2)])
        self.assertTrue(self.one("/audit/verify")["ok"])

    def test_the_author_cannot_approve(self):
        path = self.waits(self.alice.commits([put("a.test")]))
        for client in (self.alice, self.other):
            answer = client.post(path + "/approve")
            self.assertEqual((answer.status, answer.problem["code"]), (403, "own_commit"))
        self.assertEqual(self.revision(), 1)
        self.assertEqual({e["outcome"] for e in self.audit("approve")}, {"refused"})
        self.assertEqual(self.server.local().post(path + "/approve").status, 201)

    def test_the_local_socket_is_one_person(self):
        local = self.server.local()
        path = self.waits(local.commits([put("a.test")]))
        self.assertEqual(local.post(path + "/approve").problem["code"], "own_commit")
        self.assertEqual(self.bob.post(path + "/approve").status, 201)

    def test_the_role_must_suffice(self):
        path = self.waits(self.alice.commits([put("a.test")]))
        for verb in ("approve", "reject"):
            answer = self.ops.post(f"{path}/{verb}")
            self.assertEqual((answer.status, answer.problem["code"]), (403, "role"))
        self.assertEqual(self.one(path)["state"], "waiting")

    def test_switching_it_off_needs_approval_too(self):
        off = [{"op": "patch", "kind": "settings", "value": {"four_eyes": False}}]
        path = self.waits(self.alice.commits(off))
        self.assertTrue(self.one("/settings")["four_eyes"])
        self.bob.post(path + "/approve").ok()
        self.assertEqual(self.alice.commits([put("a.test")]).status, 201)

    def test_checked_when_asked_and_when_approved(self):
        broken = [put("ours.test", "domains", front_ends=["missing"])]
        self.assertEqual(self.alice.commits(broken).status, 422)
        self.assertEqual(self.one("/approvals")["total"], 0)
        mine = self.waits(self.alice.commits([put("a.test", owner="alice")]))
        theirs = self.waits(self.bob.commits([put("a.test", owner="bob")]))
        self.alice.post(theirs + "/approve").ok()
        answer = self.bob.post(mine + "/approve")
        self.assertEqual((answer.status, answer.problem["code"]), (409, "conflict"))
        conflict = answer.problem["conflicts"][0]
        self.assertEqual((conflict["mine"]["owner"], conflict["theirs"]["owner"]), ("alice", "bob"))
        got = self.one(mine)
        self.assertEqual((got["state"], len(got["conflicts"])), ("waiting", 1))

    def test_rejected_goes_back_to_the_draft(self):
        self.alice.put("/partners/a.test", {"owner": "x"}).ok()
        path = self.waits(self.alice.commit())
        got = self.bob.post(path + "/reject", {"comment": "not so"}).ok().data
        self.assertEqual((got["state"], got["closed_by"], got["reason"]), ("rejected", "bob", "not so"))
        self.assertEqual([c["key"] for c in self.alice.get("/draft").data["changes"]], ["a.test"])
        self.assertEqual(self.bob.post(path + "/reject").problem["code"], "not_waiting")
        self.assertEqual([(e["name"], e["detail"]) for e in self.audit("reject")], [("bob", "not so")])

    def test_withdrawn_by_its_author(self):
        path = self.waits(self.alice.commits([put("a.test")]))
        self.assertEqual(self.alice.post(path + "/reject").data["state"], "rejected")
        self.assertEqual([e["name"] for e in self.audit("withdraw")], ["alice"])
        self.assertEqual(self.bob.post(path + "/approve").status, 409)

    def test_a_restart_keeps_it(self):
        path = self.waits(self.alice.commits([put("a.test")], confirm_within=600))
        self.server.kill()
        self.open()
        self.assertEqual(self.one(path)["state"], "waiting")
        self.assertEqual(self.bob.post(path + "/approve").status, 201)
        self.assertEqual(self.alice.post("/revisions/2/revert").status, 201)

    def test_an_author_who_is_gone(self):
        path = self.waits(self.alice.commits([put("a.test")]))
        self.server.local().delete("/admins/alice").ok()
        self.assertEqual(self.bob.post(path + "/approve").codes(), ["author_gone"])
        self.assertEqual(self.revision(), 1)

    def test_a_dry_run_and_nothing_do_not_wait(self):
        self.assertEqual(self.alice.commits([put("a.test")], dry_run=True).status, 200)
        self.assertEqual(self.alice.commits([]).status, 200)
        self.assertEqual(self.one("/approvals")["total"], 0)

    def test_approved_and_then_its_time(self):
        path = self.waits(self.alice.commits([put("a.test")], at=after(3600)))
        answer = self.bob.post(path + "/approve")
        self.assertEqual((answer.status, answer.data["approval"]["state"]), (202, "scheduled"))
        self.assertEqual((self.one(path)["approved_by"], self.revision()), ("bob", 1))
        self.assertEqual(self.alice.post(path + "/reject").data["state"], "rejected")


class Scheduled(Base):
    def test_made_at_its_time(self):
        path = self.waits(self.alice.commits([put("a.test")], comment="later", at=after(2)))
        got = self.wait_state(path, "committed")
        self.assertEqual((got["revision"], self.revision(), got["approved_by"]), (1, 1, None))
        self.assertEqual(self.one("/revisions/1")["author"], "alice")
        self.assertEqual(self.one("/revisions/1")["comment"], "later")
        self.assertEqual([(e["who"], e["revision"]) for e in self.audit("scheduled_commit")], [("system", 1)])

    def test_made_at_the_start_when_it_passed(self):
        path = self.waits(self.alice.commits([put("a.test")], at=after(2)))
        self.server.kill()
        time.sleep(3)
        self.open()
        self.assertEqual(self.server.revision, 1)
        self.assertEqual(self.one(path)["state"], "committed")

    def test_rejected_before(self):
        self.alice.put("/partners/a.test", {}).ok()
        path = self.waits(self.alice.commit(at=after(3600)))
        self.assertEqual(self.one(path)["state"], "scheduled")
        self.assertEqual(self.ops.post(path + "/reject").status, 403)
        self.assertEqual(self.bob.post(path + "/approve").problem["code"], "not_waiting")
        self.bob.post(path + "/reject").ok()
        self.assertEqual(self.alice.get("/draft").data["summary"]["count"], 1)

    def test_a_conflict_is_kept_as_its_outcome(self):
        self.alice.put("/partners/a.test", {"owner": "alice"}).ok()
        path = self.waits(self.alice.commit(at=after(3)))
        self.bob.apply(partners={"a.test": {"owner": "bob"}})
        got = self.wait_state(path, "failed")
        self.assertEqual([(p["kind"], p["key"], p["code"]) for p in got["problems"]], [("partners", "a.test", "conflict")])
        self.assertEqual((self.revision(), self.one("/partners/a.test")["owner"]), (1, "bob"))
        self.assertEqual(len(self.alice.get("/draft").data["conflicts"]), 1)
        self.assertEqual([e["outcome"] for e in self.audit("scheduled_commit")], ["failed"])

    def test_an_author_who_has_lost_the_role(self):
        path = self.waits(self.alice.commits([put("a.test")], at=after(3)))
        self.server.local().patch("/admins/alice", {"role": "viewer"}).ok()
        got = self.wait_state(path, "failed")
        self.assertEqual([p["code"] for p in got["problems"]], ["author_gone"])

    def test_it_waits_for_a_confirmation(self):
        path = self.waits(self.alice.commits([put("a.test")], at=after(2)))
        self.bob.commits([put("b.test")], confirm_within=600).ok()
        time.sleep(3)
        self.assertEqual(self.one(path)["state"], "scheduled")
        self.bob.post("/revisions/1/confirm").ok()
        self.assertEqual(self.wait_state(path, "committed")["revision"], 2)

    def test_bad_times(self):
        for at in ("tomorrow", 5):
            answer = self.alice.commits([put("a.test")], at=at)
            self.assertEqual((answer.status, answer.pointers()), (422, ["/at"]), answer)
        self.assertEqual(self.one("/approvals")["total"], 0)

    def test_a_time_that_has_passed_is_now(self):
        self.assertEqual(self.alice.commits([put("a.test")], at=after(-60)).status, 201)
        self.alice.put("/partners/b.test", {}).ok()
        self.assertEqual(self.alice.commit(at=after(-1)).status, 201)
        self.assertEqual((self.one("/approvals")["total"], self.revision()), (0, 2))


class FullDraft(Base):
    """A draft that holds all it can keeps nobody from turning down what came from it."""

    def fill(self):
        owner = next(d["owner"] for d in self.bob.get("/drafts").ok().data["items"] if d["changes"] == 1)
        self.assertEqual(self.server.stop(), 0)
        db = sqlite3.connect(os.path.join(self.work.path, "data", "fedgate.db"))
        with db:
            db.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 199999) "
                       "INSERT INTO draft (owner, kind, key, op, base_revision, body, created_at, updated_at) "
                       "SELECT ?, 'sites', 's' || i, 'put', 0, '{}', 1, 1 FROM n", (owner,))
        db.close()
        self.open()

    def test_rejected(self):
        self.alice.apply(settings={"settings": {"four_eyes": True}})
        self.alice.put("/partners/a.test", {}).ok()
        path = self.waits(self.alice.commit())
        self.alice.put("/partners/b.test", {}).ok()
        self.fill()
        self.assertEqual(self.bob.post(path + "/reject", {}).status, 200)
        self.assertEqual(self.one(path)["state"], "rejected")

    def test_what_it_holds_may_change(self):
        self.alice.put("/partners/a.test", {"owner": "x"}).ok()
        self.fill()
        self.alice.put("/partners/a.test", {"owner": "y"}).ok()
        self.assertEqual(self.alice.get("/partners/a.test?view=draft").data["owner"], "y")
        answer = self.alice.put("/partners/b.test", {})
        self.assertEqual((answer.status, answer.problem["code"]), (422, "draft_full"))


class Damaged(Base):
    """A row that cannot be read is told as such and turned down; it stands in nobody's way."""

    def damage(self, path, what):
        self.assertEqual(self.server.stop(), 0)
        db = sqlite3.connect(os.path.join(self.work.path, "data", "fedgate.db"))
        with db:
            db.execute("UPDATE approval SET changes = ? WHERE id = ?", (what, path.rsplit("/", 1)[1]))
        db.close()
        self.open()

    def test_waiting(self):
        for what in ("{", "{}", '[{"op":"put"}]', '[{"kind":"moons","key":"a"}]', "[1]"):
            self.alice.apply(settings={"settings": {"four_eyes": True}})
            path = self.waits(self.alice.commits([put("a.test")]))
            self.damage(path, what)
            if what != "{}": # which holds no change at all
                shown = self.one(path)
                self.assertEqual([p["code"] for p in shown["problems"]], ["damaged"], what)
                answer = self.bob.post(path + "/approve", {})
                self.assertEqual((answer.status, answer.codes()), (422, ["damaged"]), what)
            self.assertEqual(self.one(path)["state"], "waiting", self.server.log())
            self.assertEqual(self.bob.post(path + "/reject", {}).status, 200)
            self.assertEqual(self.one(path)["state"], "rejected")
            self.work.close()
            self.setUp()

    def test_scheduled(self):
        first = self.waits(self.alice.commits([put("a.test")], at=after(2)))
        second = self.waits(self.alice.commits([put("b.test")], at=after(2)))
        self.damage(first, '[{"op":"put"}]')
        self.assertEqual([p["code"] for p in self.wait_state(first, "failed")["problems"]], ["damaged"])
        self.assertEqual(self.wait_state(second, "committed")["revision"], 1)


if __name__ == "__main__":
    unittest.main()
