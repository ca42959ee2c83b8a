"""Accounts and tokens that are limited to sites and partners: every kind, verb and way in."""
import os
import sqlite3
import unittest

from fedgate import PASSWORD, Workspace

SCOPE = {"sites": ["Rome"], "partners": ["*.inside.test", "only.test"]}

# kind -> [(key, value)] that a scoped account may have before and after, and that it may not.
INSIDE = {
    "partners": [("a.inside.test", {"additional_domains": ["b.inside.test"]}), ("only.test", {})],
    "users": [("u@ours.test", {"site": "Rome"})],
    "sites": [("Rome", {"description": "x"})],
    "edges": [("edge.rome.test", {"site": "Rome"})],
    "front_ends": [("fe-rome", {"host": "fe.rome.test", "port": 5061, "transport": "tls", "site": "Rome"})],
    "policies": [("site:Rome", {"federation_access": True})],
}
OUTSIDE = {
    "partners": [("inside.test", {}), ("a.outside.test", {}), ("only.test.x", {}),
                 ("c.inside.test", {"additional_domains": ["d.outside.test"]})],
    "users": [("v@ours.test", {"site": "Paris"}), ("w@ours.test", {})],
    "sites": [("Paris", {})],
    "edges": [("edge.paris.test", {"site": "Paris"})],
    "front_ends": [("fe-paris", {"host": "fe.paris.test", "port": 5061, "transport": "tls", "site": "Paris"}),
                   ("fe-none", {"host": "fe.test", "port": 5061, "transport": "tls"})],
    "policies": [("site:Paris", {}), ("global", {"federation_access": True}), ("user:Rome", {})],
    "domains": [("ours2.test", {"front_ends": []})],
    "settings": [("settings", {"federation_enabled": False, "connection_limit": 77})],
}
PATCH = {"partners": {"description": "p"}, "users": {"display_name": "p"}, "sites": {"description": "p"},
         "edges": {"srv_priority": 7}, "front_ends": {"port": 5062}, "policies": {"description": "p"},
         "domains": {"front_ends": ["fe-none"]}, "settings": {"connection_limit": 78}}


def path_of(kind, key):
    return "/settings" if kind == "settings" else f"/{kind}/{key}"


class Scope(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.whole = cls.server.client()
        cls.server.local().post("/admins", {"username": "scoped", "role": "administrator", "password": PASSWORD,
                                            "scope": SCOPE}).ok()
        cls.scoped = cls.server.client(cls.server.token("scoped", "administrator"))
        # What can be patched and deleted is there already.
        cls.objects = {kind: INSIDE.get(kind, []) + OUTSIDE.get(kind, []) for kind in {**INSIDE, **OUTSIDE}}
        order = ["settings", "sites", "edges", "front_ends", "policies", "domains", "partners", "users"]
        cls.whole.commits([{"op": "put", "kind": k, "key": key, "value": v} for k in order
                           for key, v in cls.objects[k]]).ok()

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def test_patterns_have_their_star_at_an_end(self):
        for pattern, good in (("*.a.test", True), ("a.*", True), ("*", True), ("*a*", True), ("a*b.test", False),
                              ("*.a*b.test", False), ("a.*.test", False)):
            answer = self.whole.patch("/admins/scoped", {"scope": {**SCOPE, "partners": [*SCOPE["partners"], pattern]}})
            if good:
                self.assertEqual(answer.status, 200, pattern)
                continue
            error = answer.problem["errors"][0]
            self.assertEqual((answer.status, error["pointer"], error["code"]), (422, "/scope/partners/2", "scope_pattern"))
            self.assertIn("at the beginning or at the end", error["message"])
        self.whole.patch("/admins/scoped", {"scope": SCOPE}).ok()

    def tearDown(self):
        self.scoped.delete("/draft").ok()

    def refused(self, answer, what):
        self.assertEqual((answer.status, answer.problem and answer.problem["code"]), (403, "outside_scope"),
                         (what, answer))

    def changes(self, table, verb):
        for kind, objects in table.items():
            for key, value in objects:
                if verb == "delete" and kind == "settings":
                    continue
                if verb == "put":
                    yield kind, key, {**value, **PATCH[kind]}
                else:
                    yield kind, key, PATCH[kind] if verb == "patch" else None

    def test_staging(self):
        for verb in ("put", "patch", "delete"):
            for kind, key, value in self.changes(INSIDE, verb):
                answer = self.scoped.request(verb.upper(), path_of(kind, key), value)
                self.assertIn(answer.status, (200, 201, 204), (verb, kind, key, answer))
                self.scoped.delete("/draft").ok()
            for kind, key, value in self.changes(OUTSIDE, verb):
                self.refused(self.scoped.request(verb.upper(), path_of(kind, key), value), (verb, kind, key))
        self.assertEqual(self.scoped.get("/draft").data["total"], 0)

    def test_commits(self):
        for verb in ("put", "patch", "delete"):
            for table, inside in ((INSIDE, True), (OUTSIDE, False)):
                for kind, key, value in self.changes(table, verb):
                    change = {"op": verb, "kind": kind, "key": key}
                    if value is not None:
                        change["value"] = value
                    answer = self.scoped.post("/commits", {"changes": [change], "dry_run": True})
                    if inside:  # it may have faults (a site in use), but none of them is the scope
                        self.assertNotEqual(answer.status, 403, (verb, kind, key, answer))
                    else:
                        self.refused(answer, (verb, kind, key))
                        self.refused(self.scoped.commits([change]), (verb, kind, key))

    def test_one_change_outside_refuses_all(self):
        before = self.whole.get("/status").data["revision"]
        answer = self.scoped.commits([
            {"op": "patch", "kind": "partners", "key": "only.test", "value": {"description": "no"}},
            {"op": "patch", "kind": "partners", "key": "inside.test", "value": {"description": "no"}}])
        self.refused(answer, "mixed")
        self.assertEqual(answer.pointers(), ["/partners/inside.test"])
        self.assertIn("Rome", str(answer.problem["errors"]))
        self.assertEqual(self.whole.get("/status").data["revision"], before)

    def test_moving_in_and_out(self):
        for kind, key, value in (("users", "u@ours.test", {"site": "Paris"}), ("users", "u@ours.test", {"site": None}),
                                 ("users", "v@ours.test", {"site": "Rome"}),
                                 ("front_ends", "fe-rome", {"site": "Paris"}),
                                 ("front_ends", "fe-none", {"site": "Rome"}),
                                 ("partners", "a.inside.test", {"additional_domains": ["x.test"]}),
                                 ("partners", "c.inside.test", {"additional_domains": []})):
            self.refused(self.scoped.patch(path_of(kind, key), value), (kind, key, value))
        self.refused(self.scoped.post("/partners/a.inside.test/additional-domains", {"add": ["x.test"]}), "additional")

    def test_bulk_and_assign(self):
        self.refused(self.scoped.post("/draft/bulk", {"kind": "partners", "op": "patch", "filter": {},
                                                      "value": {"description": "all"}}), "bulk")
        self.refused(self.scoped.post("/draft/bulk", {"kind": "users", "op": "delete", "filter": {}}), "bulk")
        self.scoped.post("/draft/bulk", {"kind": "partners", "op": "patch", "keys": ["only.test"],
                                         "value": {"description": "one"}}).ok()
        self.refused(self.scoped.post("/users/assign", {"filter": {}, "policy": "user:Rome"}), "assign")
        self.scoped.post("/users/assign", {"filter": {"site": "Rome"}, "policy": "user:Rome"}).ok()
        self.assertEqual(self.scoped.get("/draft").data["total"], 2)

    def test_import(self):
        document = self.whole.get("/export").ok().data
        self.scoped.post("/import", document).ok()  # nothing changes
        self.assertEqual(self.scoped.get("/draft").data["total"], 0)
        self.refused(self.scoped.post("/import", {**document, "settings": {"connection_limit": 99}}), "import")
        self.assertEqual(self.scoped.get("/draft").data["total"], 0)

    def test_users_import_rejects_line_by_line(self):
        lines = "address,site\nnew@ours.test,Rome\nother@ours.test,Paris\nv@ours.test,Rome\n"
        answer = self.scoped.request("POST", "/users/import", raw=lines.encode(), headers={"Content-Type": "text/csv"})
        self.assertEqual(answer.status, 202, answer)
        path = answer.headers["Location"].removeprefix("/api/v1")
        for _ in range(600):
            job = self.scoped.get(path).ok().data
            if job["state"] in ("done", "failed", "cancelled"):
                break
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(job["result"]["staged"], 1, job)
        self.assertEqual(len(job["result"]["rejected"]), 2, job)
        self.assertIn("outside_scope", str(job["result"]["rejected"]))

    def test_a_limit_that_came_after_the_draft(self):
        self.server.add_admin("shrinking", "administrator")
        client = self.server.client(self.server.token("shrinking", "administrator"))
        client.patch("/partners/inside.test", {"description": "staged"}).ok()
        self.whole.patch("/admins/shrinking", {"scope": SCOPE}).ok()
        self.refused(client.commit(), "draft")
        check = client.post("/draft/check").ok().data
        self.assertFalse(check["ok"])
        self.assertEqual(check["problems"][0]["code"], "outside_scope")
        self.whole.patch("/admins/shrinking", {"scope": None}).ok()
        client.commit().ok()

    def test_restore_revert_confirm(self):
        n = self.whole.commits([{"op": "patch", "kind": "partners", "key": "inside.test",
                                 "value": {"description": "to be confirmed"}}], confirm_within=600).ok().data["revision"]
        self.refused(self.scoped.post(f"/revisions/{n}/confirm"), "confirm")
        self.refused(self.scoped.post(f"/revisions/{n}/revert"), "revert")
        self.refused(self.scoped.post(f"/revisions/{n - 1}/restore"), "restore")
        self.whole.post(f"/revisions/{n}/confirm").ok()
        n = self.scoped.commits([{"op": "patch", "kind": "partners", "key": "only.test",
                                  "value": {"description": f"{n}"}}], confirm_within=600).ok().data["revision"]
        self.scoped.post(f"/revisions/{n - 1}/restore").ok()
        self.scoped.post(f"/revisions/{n}/revert").ok()

    def test_drafts_of_others_inside_and_outside(self):
        other = self.server.client(self.server.token("leaver", "administrator"))
        other.patch("/partners/only.test", {"description": "left"}).ok()
        other.patch("/partners/inside.test", {"description": "left"}).ok()
        owner = next(d["owner"] for d in self.whole.get("/drafts").data["items"] if d["changes"] == 2)
        answer = self.scoped.post(f"/drafts/{owner}/take")
        self.refused(answer, "take")
        self.assertEqual(answer.pointers(), ["/partners/inside.test"])
        self.refused(self.scoped.delete(f"/drafts/{owner}"), "discard")
        self.assertEqual(other.get("/draft").data["total"], 2)
        other.delete("/draft/changes/partners/inside.test").ok()
        self.assertEqual(self.scoped.post(f"/drafts/{owner}/take").ok().data["total"], 1)
        self.assertEqual((self.scoped.get("/draft").data["total"], other.get("/draft").data["total"]), (1, 0))
        rows = self.whole.get("/audit?action=draft_take").data["items"]
        self.assertEqual([r["outcome"] for r in rows[:2]], ["ok", "refused"])

    def test_jobs_of_others(self):
        raw = b"address,site\nz@ours.test,Rome\n"
        answer = self.whole.request("POST", "/users/import?dry_run=true", raw=raw, headers={"Content-Type": "text/csv"}).ok()
        path = answer.headers["Location"].removeprefix("/api/v1")
        self.assertEqual(self.scoped.delete(path).status, 404)
        self.assertEqual(self.whole.get(path).status, 200)

    def test_a_limit_that_cannot_be_read_allows_nothing(self):
        def damage(text):
            self.server.stop()
            db = sqlite3.connect(os.path.join(self.work.path, "data", "fedgate.db"))
            with db:
                db.execute("UPDATE admin SET scope = ? WHERE name = 'damaged'", (text,))
            db.close()
            type(self).server = self.work.start()
            return self.server.client(damaged), self.server.client(whole)
        self.server.local().post("/admins", {"username": "damaged", "role": "administrator", "password": PASSWORD,
                                             "scope": SCOPE}).ok()
        damaged, whole = self.server.token("damaged", "administrator"), self.server.admin_token
        change = [{"op": "patch", "kind": "partners", "key": "inside.test", "value": {"description": "damaged"}}]
        n = self.whole.commits(change, confirm_within=600).ok().data["revision"]
        by, all_ = damage("{")
        try:
            for what in ("confirm", "revert"):
                self.assertEqual(by.post(f"/revisions/{n}/{what}").status, 500, what)
            self.assertEqual(all_.get("/revisions").data["items"][0]["revision"], n)
            all_.post(f"/revisions/{n}/revert").ok()
            all_.commits([{"op": "patch", "kind": "settings", "key": "settings", "value": {"four_eyes": True}}]).ok()
            where = all_.commits(change).ok().headers["Location"].removeprefix("/api/v1")
            for what in ("approve", "reject"):
                self.assertEqual(by.post(f"{where}/{what}").status, 500, what)
            self.assertEqual(all_.get(where).data["state"], "waiting")
            all_.post(where + "/reject").ok()
            off = all_.commits([{"op": "patch", "kind": "settings", "key": "settings", "value": {"four_eyes": False}}]).ok()
            self.server.local().post(off.headers["Location"].removeprefix("/api/v1") + "/approve").ok()
        finally:
            type(self).whole = self.server.client(whole)
            type(self).scoped = self.server.client(self.server.token("scoped", "administrator"))

    def test_approvals(self):
        self.whole.commits([{"op": "patch", "kind": "settings", "key": "settings", "value": {"four_eyes": True}}]).ok()
        try:
            wait = self.whole.commits([{"op": "patch", "kind": "partners", "key": "inside.test",
                                        "value": {"description": "eyes"}}]).ok()
            where = wait.headers["Location"].removeprefix("/api/v1")
            self.refused(self.scoped.post(where + "/approve"), "approve")
            self.refused(self.scoped.post(where + "/reject"), "reject")
            self.whole.post(where + "/reject").ok()
            wait = self.whole.commits([{"op": "patch", "kind": "partners", "key": "only.test",
                                        "value": {"description": "eyes"}}]).ok()
            self.scoped.post(wait.headers["Location"].removeprefix("/api/v1") + "/approve").ok()
        finally:
            off = self.whole.commits([{"op": "patch", "kind": "settings", "key": "settings",
                                       "value": {"four_eyes": False}}]).ok()
            self.server.local().post(off.headers["Location"].removeprefix("/api/v1") + "/approve").ok()

    def test_author_whose_limit_came_meanwhile(self):
        self.server.add_admin("author", "administrator")
        author = self.server.client(self.server.token("author", "administrator"))
        self.whole.commits([{"op": "patch", "kind": "settings", "key": "settings", "value": {"four_eyes": True}}]).ok()
        try:
            wait = author.commits([{"op": "patch", "kind": "partners", "key": "inside.test",
                                    "value": {"description": "late"}}]).ok()
            self.whole.patch("/admins/author", {"scope": SCOPE}).ok()
            answer = self.whole.post(wait.headers["Location"].removeprefix("/api/v1") + "/approve")
            self.assertEqual(answer.status, 422, answer)
            self.assertIn("author_scope", str(answer.problem))
        finally:
            off = self.whole.commits([{"op": "patch", "kind": "settings", "key": "settings",
                                       "value": {"four_eyes": False}}]).ok()
            self.server.local().post(off.headers["Location"].removeprefix("/api/v1") + "/approve").ok()

    def test_administration_is_for_the_unscoped(self):
        other = self.whole.get("/tokens").data["items"]
        other = next(t for t in other if t["admin"] == "admin")
        for method, path, body in (("POST", "/admins", {}), ("PATCH", "/admins/admin", {}), ("DELETE", "/admins/admin", None),
                                   ("DELETE", "/admins/admin/totp", None), ("POST", "/certificates", {}),
                                   ("DELETE", "/certificates/" + "a" * 64, None), ("POST", "/backup", {}),
                                   ("POST", "/tokens", {"name": "x", "admin": "admin"}),
                                   ("DELETE", f"/tokens/{other['id']}", None)):
            self.refused(self.scoped.request(method, path, body), (method, path))
        session = self.server.anonymous()
        session.sign_in("admin")
        mine = next(s for s in session.get("/sessions").data["items"] if s["current"])
        self.refused(self.scoped.delete(f"/sessions/{mine['id']}"), "session")
        for path in ("/admins", "/partners", "/audit", "/settings", "/revisions", "/users"):
            self.assertEqual(self.scoped.get(path).status, 200, path)

    def test_session_tells(self):
        shown = self.scoped.get("/session").data
        self.assertEqual(shown["scope"], SCOPE)
        self.assertFalse(shown["permissions"]["accounts"])
        self.assertNotIn("settings", shown["permissions"]["change"])
        self.assertIsNone(self.whole.get("/session").data["scope"])
        self.assertEqual(self.whole.get("/admins/scoped").data["scope"], SCOPE)

    def test_tokens(self):
        narrow = {"sites": [], "partners": ["only.test"]}
        made = self.scoped.post("/tokens", {"name": "narrow", "scope": narrow}).ok().data
        self.assertEqual(made["scope"], narrow)
        client = self.server.client(made["token"])
        self.assertEqual(client.get("/session").data["scope"], narrow)
        self.refused(client.patch("/partners/a.inside.test", {"description": "t"}), "narrow token")
        client.patch("/partners/only.test", {"description": "t"}).ok()
        client.delete("/draft").ok()
        self.refused(self.scoped.post("/tokens", {"name": "wide", "scope": {"partners": ["*.test"]}}), "wide")
        self.refused(client.post("/tokens", {"name": "wide", "scope": {"partners": ["a.inside.test"]}}), "wide")
        # Without a scope in the request a token passes its own on.
        child = self.server.client(client.post("/tokens", {"name": "child"}).ok().data["token"])
        self.assertEqual(child.get("/session").data["scope"], narrow)
        # A limit on a token of somebody without one.
        mine = self.whole.post("/tokens", {"name": "mine", "scope": narrow}).ok().data["token"]
        self.refused(self.server.client(mine).patch("/settings", {"connection_limit": 5}), "token of the unscoped")
        self.refused(self.server.client(mine).post("/admins", {}), "token of the unscoped")

    def test_faults_of_a_scope(self):
        for scope, pointer in (([], "/scope"), ({}, "/scope"), ({"sites": [], "partners": []}, "/scope"),
                               ({"sites": "Rome"}, "/scope/sites"), ({"partners": [1]}, "/scope/partners/0"),
                               ({"partners": ["bücher.example"]}, "/scope/partners/0"), ({"users": ["x"]}, "/scope"),
                               ({"partners": [f"p{i}.test" for i in range(201)]}, "/scope/partners")):
            answer = self.whole.patch("/admins/scoped", {"scope": scope})
            self.assertEqual((answer.status, answer.pointers()[:1]), (422, [pointer]), scope)

    def test_user_administrator(self):
        self.server.local().post("/admins", {"username": "uas", "role": "user_administrator", "password": PASSWORD,
                                             "scope": {"sites": ["Rome"]}}).ok()
        client = self.server.client(self.server.token("uas", "user_administrator"))
        client.patch("/users/u@ours.test", {"display_name": "x"}).ok()
        self.refused(client.patch("/users/v@ours.test", {"display_name": "x"}), "users")
        self.assertEqual(client.patch("/sites/Rome", {"description": "x"}).problem["code"], "role")


class Lockout(unittest.TestCase):
    def test_the_last_one_without_a_scope_stays(self):
        with Workspace() as work:
            server = work.start()
            server.add_admin("only")
            local = server.local()
            done = work.run("admin", "add", "local", "--scope-site", "Rome,Paris", "--scope-partner", "*.x.test",
                            "--password-stdin", input=PASSWORD + "\n")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(local.get("/admins/local").data["scope"],
                             {"sites": ["Rome", "Paris"], "partners": ["*.x.test"]})
            for answer in (local.delete("/admins/only"), local.patch("/admins/only", {"role": "viewer"}),
                           local.patch("/admins/only", {"disabled": True}),
                           local.patch("/admins/only", {"scope": {"sites": ["Rome"]}})):
                self.assertEqual((answer.status, answer.problem["code"]), (409, "last_administrator"), answer)
            local.patch("/admins/local", {"scope": None}).ok()
            local.patch("/admins/only", {"scope": {"sites": ["Rome"]}}).ok()
            self.assertEqual(server.stop(), 0)
            done = work.run("admin", "add", "offline", "--scope-site", "Rome", "--password-stdin", input=PASSWORD + "\n")
            self.assertEqual(done.returncode, 0, done.stderr)
            bad = work.run("admin", "add", "bad", "--scope-partner", "bücher.example", "--password-stdin",
                           input=PASSWORD + "\n")
            self.assertEqual(bad.returncode, 1)
            server = work.start()
            self.assertEqual(server.local().get("/admins/offline").data["scope"], {"sites": ["Rome"], "partners": []})
            self.assertEqual(server.stop(), 0)

    def test_rights_end_sessions(self):
        with Workspace() as work:
            server = work.start()
            server.add_admin("first")
            for change in ({"role": "viewer"}, {"disabled": True}, {"scope": {"sites": ["Rome"]}},
                           {"password": "another long one"}):
                server.add_admin("x")
                client = server.anonymous()
                self.assertEqual(client.sign_in("x").status, 201)
                server.local().patch("/admins/x", change).ok()
                self.assertEqual(client.get("/session").status, 401, change)
                server.local().delete("/admins/x").ok()
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
