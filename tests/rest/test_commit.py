"""The commit beyond the ordinary: selections with what they need, drafts of others, deadlines through
crash and reboot, the dialback secret."""
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
    tokens["ops"] = server.token("oscar", role="operator")
    server.stop()


def tearDownModule():
    template.close()


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

    def sql(self, text, *values):
        """While the server is down."""
        db = sqlite3.connect(os.path.join(self.work.path, "data", "fedgate.db"))
        with db:
            db.execute(text, values)
        db.close()

    def draft(self, client=None):
        return (client or self.alice).get("/draft").ok().data


def only(*pairs):
    return [{"kind": kind, "key": key} for kind, key in pairs]


class Dependencies(Base):
    """A selection that needs other changes of the draft names them, or takes them along."""

    def incomplete(self, selection, requires):
        answer = self.alice.commit(only=selection)
        self.assertEqual((answer.status, answer.problem["code"]), (422, "selection_incomplete"), answer)
        self.assertEqual(answer.problem["requires"], requires)
        self.assertTrue(answer.problem["errors"])
        before = self.draft()["summary"]["count"]
        answer = self.alice.commit(only=selection, include_dependencies=True)
        self.assertEqual((answer.status, answer.data.get("included")), (201, requires), answer)
        self.assertEqual(self.draft()["summary"]["count"], before - len(selection) - len(requires))

    def test_a_reference(self):
        self.alice.put("/sites/hq", {}).ok()
        self.alice.put("/sites/elsewhere", {}).ok()
        self.alice.put("/users/amy@ours.test", {"site": "hq"}).ok()
        self.incomplete(only(("users", "amy@ours.test")), only(("sites", "hq")))

    def test_a_chain(self):
        self.alice.put("/edges/edge.ours.test", {"site": "hq"}).ok()
        self.alice.put("/sites/hq", {"xmpp_route": "edge.ours.test"}).ok()
        self.alice.put("/policies/user:sales", {}).ok()
        self.alice.put("/users/amy@ours.test", {"site": "hq", "policy": "user:sales"}).ok()
        self.incomplete(only(("users", "amy@ours.test")),
                        only(("edges", "edge.ours.test"), ("policies", "user:sales"), ("sites", "hq")))

    def test_more_faults_than_are_told(self):
        many = [f"u{i}@ours.test" for i in range(1500)]
        self.alice.put("/sites/hq", {}).ok()
        self.alice.put("/sites/elsewhere", {}).ok()
        self.alice.apply(users={name: {} for name in many})
        self.alice.post("/draft/bulk", {"kind": "users", "keys": many, "op": "patch", "value": {"site": "hq"}}).ok()
        selection = [("users", name) for name in many[:1400]]
        answer = self.alice.commit(only=only(*selection))
        self.assertEqual((answer.status, answer.problem["errors_left_out"]), (422, 400))
        self.incomplete(only(*selection), only(("sites", "hq")))
        self.assertEqual(self.draft()["summary"]["by_kind"], {"sites": 1, "users": 100})

    def test_a_deletion(self):
        """The site can go only with the change of the user that is in it."""
        self.alice.apply(sites={"hq": {}}, users={"amy@ours.test": {"site": "hq"}})
        self.alice.patch("/users/amy@ours.test", {"site": None}).ok()
        self.alice.delete("/sites/hq").ok()
        self.incomplete(only(("sites", "hq")), only(("users", "amy@ours.test")))

    def test_a_domain_that_moves(self):
        self.alice.apply(partners={"a.test": {"additional_domains": ["x.test"]}})
        self.alice.patch("/partners/a.test", {"additional_domains": []}).ok()
        self.alice.put("/partners/b.test", {"additional_domains": ["x.test"]}).ok()
        self.alice.put("/partners/c.test", {}).ok()
        self.incomplete(only(("partners", "b.test")), only(("partners", "a.test")))

    def test_what_no_change_mends(self):
        self.alice.put("/users/amy@ours.test", {"site": "nowhere"}).ok()
        self.alice.put("/sites/hq", {}).ok()
        for more in ({}, {"include_dependencies": True}):
            answer = self.alice.commit(only=only(("users", "amy@ours.test")), **more)
            self.assertEqual((answer.status, answer.problem["code"]), (422, "invalid"))
            self.assertNotIn("requires", answer.problem)
        self.assertEqual(self.draft()["summary"]["count"], 2)


class ManyPeople(Base):
    """More people stage something than drafts are kept ready: each sees what is staged in theirs."""

    def test_each_has_a_draft(self):
        people = []
        for i in range(6):
            self.server.add_admin(f"many{i}")
            people.append(self.server.client(self.server.token(f"many{i}")))
        for turn in range(3):
            for i, person in enumerate(people):
                person.put(f"/partners/t{turn}.test", {"additional_domains": [f"x{i}-{turn}.test"]}).ok()
        for i, person in enumerate(people):
            answer = person.put("/partners/late.test", {"additional_domains": [f"x{i}-0.test"]})
            self.assertEqual((answer.status, answer.codes()), (422, ["domain_taken"]), i)
            person.put("/partners/late.test", {"additional_domains": [f"x{(i + 1) % 6}-0.test"]}).ok()
            person.delete("/draft/changes/partners/t0.test").ok()
            person.put("/partners/more.test", {"additional_domains": [f"x{i}-0.test"]}).ok()
            self.assertEqual(person.get("/draft").data["problems"], [])


class Settling(Base):
    def test_a_merged_value_settles_with_theirs_as_base(self):
        """What one decided field by field is put again: it counts as made from what runs now."""
        self.alice.apply(partners={"a.test": {"owner": "x", "ticket": "1"}})
        self.alice.patch("/partners/a.test", {"owner": "alice", "ticket": "2"}).ok()
        self.bob.apply(partners={"a.test": {"owner": "bob", "ticket": "3"}})
        conflict = self.draft()["conflicts"][0]
        merged = {**conflict["theirs"], "owner": conflict["mine"]["owner"]}
        self.alice.put("/partners/a.test", merged).ok()
        draft = self.draft()
        self.assertEqual((draft["conflicts"], draft["changes"][0]["base_revision"]), ([], 2))
        self.assertEqual(draft["changes"][0]["before"]["owner"], "bob")
        # Somebody who is faster still is a new conflict, against what was decided upon.
        self.bob.apply(partners={"a.test": {"owner": "carol", "ticket": "3"}})
        again = self.draft()["conflicts"][0]
        self.assertEqual([again[s]["owner"] for s in ("base", "mine", "theirs")], ["bob", "alice", "carol"])
        self.assertEqual(self.alice.commit().status, 409)
        self.alice.put("/partners/a.test", merged).ok()
        self.assertEqual(self.alice.commit().status, 201)
        self.assertEqual(self.alice.get("/partners/a.test").data["ticket"], "3")


class DraftsOfOthers(Base):
    def owners(self):
        return {d["name"]: d for d in self.bob.get("/drafts").ok().data["items"]}

    def test_it_survives_a_sign_out(self):
        self.server.add_admin("dora")
        dora = self.server.anonymous()
        self.assertEqual(dora.sign_in("dora").status, 201)
        dora.put("/partners/a.test", {"owner": "dora"}).ok()
        self.assertEqual(dora.delete("/session").status, 204)
        again = self.server.anonymous()
        again.sign_in("dora")
        self.assertEqual(self.draft(again)["changes"][0]["after"]["owner"], "dora")

    def test_of_a_removed_administrator(self):
        self.server.add_admin("dora")
        dora = self.server.anonymous()
        dora.sign_in("dora")
        dora.put("/partners/a.test", {"owner": "dora"}).ok()
        self.assertFalse(self.owners()["dora"]["orphaned"])
        self.assertEqual(self.bob.get("/admins/dora").data["draft_changes"], 1)
        self.assertEqual(self.bob.delete("/admins/dora").status, 204)
        row = self.bob.get("/audit?action=admin_delete").data["items"][0]
        self.assertEqual(row["detail"], "1 staged changes are kept")
        left = self.owners()["dora"]
        self.assertEqual((left["changes"], left["orphaned"]), (1, True))
        taken = self.bob.post(f"/drafts/{left['owner']}/take").ok().data
        self.assertEqual(taken["changes"][0]["after"]["owner"], "dora")
        self.assertNotIn("dora", self.owners())
        self.assertEqual(self.bob.commit().status, 201)

    def test_of_tokens(self):
        made = self.bob.post("/tokens", {"name": "ci"}).ok().data
        script = self.server.client(made["token"])
        script.put("/partners/a.test", {}).ok()
        script.put("/partners/b.test", {}).ok()
        self.assertEqual(self.bob.delete(f"/tokens/{made['id']}").status, 204)
        left = self.owners()["bob (token ci)"]
        self.assertEqual((left["changes"], left["orphaned"]), (2, True))
        self.assertEqual(self.bob.delete(f"/drafts/{left['owner']}").status, 204)
        self.assertEqual(self.bob.delete(f"/drafts/{left['owner']}").status, 404)
        self.assertEqual(self.owners(), {})
        row = self.bob.get("/audit?action=draft_drop").data["items"][0]
        self.assertEqual((row["key"], row["detail"]), (left["owner"], "2 changes"))

    def test_of_an_expired_token(self):
        made = self.bob.post("/tokens", {"name": "ci"}).ok().data
        self.server.client(made["token"]).put("/partners/a.test", {}).ok()
        self.assertFalse(self.owners()["bob (token ci)"]["orphaned"])
        self.server.stop()
        self.sql("UPDATE token SET expires_at = 1 WHERE id = ?", made["id"])
        self.open()
        self.assertTrue(self.owners()["bob (token ci)"]["orphaned"])

    def test_clashes_are_refused(self):
        self.alice.put("/partners/a.test", {"owner": "alice"}).ok()
        self.alice.put("/partners/b.test", {}).ok()
        self.bob.put("/partners/a.test", {"owner": "bob"}).ok()
        theirs = next(d["owner"] for d in self.owners().values() if d["changes"] == 2)
        answer = self.bob.post(f"/drafts/{theirs}/take")
        self.assertEqual((answer.status, answer.problem["code"]), (409, "draft_clash"))
        self.assertEqual(answer.problem["objects"], only(("partners", "a.test")))
        self.assertEqual(self.draft()["summary"]["count"], 2)
        self.bob.delete("/draft").ok()
        self.assertEqual(self.bob.post(f"/drafts/{theirs}/take").data["summary"]["count"], 2)
        self.assertEqual(self.draft()["summary"]["count"], 0)
        mine = next(iter(self.owners().values()))["owner"]
        self.assertEqual(self.bob.post(f"/drafts/{mine}/take").status, 409)
        self.assertEqual(self.bob.post("/drafts/admin:4711/take").status, 404)

    def test_only_administrators(self):
        for method, path in (("GET", "/drafts"), ("POST", "/drafts/admin:1/take"), ("DELETE", "/drafts/admin:1")):
            self.assertEqual(self.ops.request(method, path, {} if method == "POST" else None).status, 403)


class Deadlines(Base):
    """A commit that waits for its confirmation, through whatever may happen meanwhile. What the clocks
    say after a reboot is written where they are kept: with the revision."""

    def pending(self, within=600):
        self.alice.commits([{"op": "put", "kind": "partners", "key": "a.test", "value": {}}],
                           confirm_within=within).ok()

    def restart(self, **columns):
        self.server.kill()
        for name, value in columns.items():
            self.sql(f"UPDATE revision SET {name} = ? WHERE number = 1", value)
        self.open()
        return self.server.status()

    def taken_back(self, status):
        self.assertEqual((status["revision"], status["pending_confirmation"]), (2, None))
        newest = self.bob.get("/revisions/2").data
        self.assertEqual((newest["reverts"], newest["comment"]), (1, "Not confirmed in time."))
        self.assertEqual(self.bob.get("/partners/a.test").status, 404)
        rows = self.bob.get("/audit?revision=2&action=revert").data["items"]
        self.assertEqual([(r["who"], r["outcome"], r["detail"]) for r in rows], [("system", "ok", "Not confirmed in time.")])

    def still_waits(self, status):
        self.assertEqual((status["revision"], status["pending_confirmation"]["revision"]), (1, 1))
        self.assertEqual(self.bob.post("/revisions/1/confirm").status, 200)

    def wall(self, seconds):
        return int((time.time() + seconds) * 1000)

    def test_killed_in_time(self):
        self.pending()
        self.still_waits(self.restart())

    def test_killed_and_it_lapses_after_the_start(self):
        self.pending(within=4)
        status = self.restart()
        if status["revision"] == 1:
            status = self.server.wait_status(lambda s: s["revision"] == 2)
        self.taken_back(status)

    def test_same_boot_clock_set_forward(self):
        """In the same boot only its own clock counts."""
        self.pending()
        self.still_waits(self.restart(confirm_wall_ms=self.wall(-3600)))

    def test_same_boot_clock_set_back(self):
        self.pending(within=1)
        time.sleep(1.1)
        self.taken_back(self.restart(confirm_wall_ms=self.wall(86400)))

    def test_rebooted_in_time(self):
        """As far as this machine has been up for less than the deadline: the earlier reading counts."""
        self.pending(within=86400)
        with open("/proc/uptime") as f:
            up = float(f.read().split()[0])
        status = self.restart(confirm_boot_id="another-boot")
        if up < 80000:
            self.still_waits(status)
        else:
            self.taken_back(status)

    def test_rebooted_too_late(self):
        self.pending()
        self.taken_back(self.restart(confirm_boot_id="another-boot", confirm_wall_ms=self.wall(-1)))

    def test_rebooted_with_the_clock_set_back(self):
        """The wall clock says there are years left; the machine has been up longer than was allowed."""
        self.pending(within=1)
        with open("/proc/uptime") as f:
            self.assertGreater(float(f.read().split()[0]), 1)
        self.taken_back(self.restart(confirm_boot_id="another-boot", confirm_wall_ms=self.wall(10**8)))

    def test_rebooted_with_an_unreadable_boot_id(self):
        self.pending()
        self.taken_back(self.restart(confirm_boot_id="", confirm_wall_ms=self.wall(-1)))


class DialbackSecret(Base):
    def files(self):
        folder = os.path.join(self.work.path, "data", "keys")
        found = {}
        for name in os.listdir(folder):
            if name.startswith("dialback."):
                with open(os.path.join(folder, name), "rb") as f:
                    found[name] = f.read()
        return found

    def test_rotation(self):
        first = self.files()["dialback.secret"]
        answer = self.alice.post("/dialback-secret").ok().data
        self.assertEqual(set(answer), {"changed_at", "previous_valid_until"})
        files = self.files()
        self.assertEqual((files["dialback.previous"], len(files["dialback.secret"])), (first, 32))
        self.assertNotEqual(files["dialback.secret"], first)

    def test_given(self):
        secret = "s3cr3t of the whole deployment"
        self.alice.post("/dialback-secret", {"secret": secret, "overlap": 0}).ok()
        self.assertEqual(self.files(), {"dialback.secret": secret.encode()})
        self.restart_works()
        everything = self.bob.get("/audit").body + self.bob.get("/export").body
        self.assertNotIn(secret.encode(), everything)
        self.assertNotIn(secret, self.server.log())
        row = self.bob.get("/audit?action=dialback_secret").data["items"][0]
        self.assertEqual((row["outcome"], row["detail"]), ("ok", "given"))

    def restart_works(self):
        self.assertEqual(self.server.stop(), 0)
        self.open()
        self.assertEqual(self.server.status()["engine"]["state"], "running")

    def test_a_second_overlap_is_refused(self):
        until = self.alice.post("/dialback-secret", {"overlap": 600}).ok().data["previous_valid_until"]
        before = self.files()
        answer = self.alice.post("/dialback-secret", {"overlap": 3600})
        self.assertEqual((answer.status, answer.problem["code"]), (409, "overlap_runs"))
        self.assertIn(until, answer.problem["detail"])
        self.assertEqual(self.files(), before)
        self.assertEqual([r["outcome"] for r in self.bob.get("/audit?action=dialback_secret").data["items"]], ["refused", "ok"])
        # Who must be rid of a secret at once may: no former one counts then.
        self.assertIsNone(self.alice.post("/dialback-secret", {"overlap": 0}).ok().data["previous_valid_until"])
        self.assertEqual(list(self.files()), ["dialback.secret"])

    def test_the_overlap_ends(self):
        self.assertIsNotNone(self.alice.post("/dialback-secret", {"overlap": 1}).ok().data["previous_valid_until"])
        end = time.monotonic() + 20
        while "dialback.previous" in self.files() and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(list(self.files()), ["dialback.secret"])

    def test_the_overlap_ends_while_down(self):
        self.alice.post("/dialback-secret", {"overlap": 2}).ok()
        self.server.kill()
        time.sleep(2)
        self.open()
        end = time.monotonic() + 20
        while "dialback.previous" in self.files() and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(list(self.files()), ["dialback.secret"])

    def test_refused(self):
        before = self.files()
        for body, pointer in (({"secret": "short"}, "/secret"), ({"secret": "ü" * 20}, "/secret"),
                              ({"secret": "x" * 257}, "/secret"), ({"overlap": -1}, "/overlap"),
                              ({"overlap": 10**9}, "/overlap"), ({"sekret": "x" * 20}, "/sekret")):
            answer = self.alice.post("/dialback-secret", body)
            self.assertEqual((answer.status, answer.pointers()), (422, [pointer]), answer)
        self.assertEqual(self.ops.post("/dialback-secret").status, 403)
        self.assertEqual(self.files(), before)


if __name__ == "__main__":
    unittest.main()
