"""The audit: a row for every write and sign-in, also for those that were refused; filters and paging."""
import sqlite3
import unittest

from fedgate import PASSWORD, Workspace


class Audit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.admin = cls.server.client()
        cls.viewer = cls.server.client(cls.server.token("the-viewer", "viewer"))

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def newest(self, query=""):
        return self.admin.get("/audit?limit=1" + query).ok().data["items"][0]

    def refused(self, name, part):
        """The row of a refusal, which is written beside the answer."""
        for _ in range(500):
            items = self.admin.get("/audit?action=refused&limit=5").ok().data["items"]
            rows = [r for r in items if r["name"] == name and part in r["detail"]]
            if rows:
                return rows[0]
        self.fail(f"no row about {part}: {items}")

    def test_refused_writes(self):
        self.assertEqual(self.viewer.put("/partners/refused.test", {}).status, 403)
        row = self.refused("the-viewer", "PUT /api/v1/partners/refused.test")
        self.assertEqual(row["outcome"], "refused")
        self.assertTrue(row["via"].startswith("token:"), row)
        client = self.server.anonymous()
        client.sign_in("the-viewer")
        self.assertEqual(client.post("/draft/check", {}, headers={"X-CSRF-Token": "wrong"}).status, 403)
        self.assertTrue(self.refused("the-viewer", "/draft/check")["via"].startswith("session:"))
        # In the handler: a kind that the role may not change.
        self.server.add_admin("ua", "user_administrator")
        ua = self.server.client(self.server.token("ua", "user_administrator"))
        self.assertEqual(ua.commits([{"op": "put", "kind": "partners", "key": "x.test", "value": {}}]).status, 403)
        self.refused("ua", "POST /api/v1/commits")
        # Reading leaves no row.
        before = self.newest()["seq"]
        self.assertEqual(self.viewer.get("/admins").status, 403)
        self.assertEqual(self.newest()["seq"], before)

    def test_refused_commits(self):
        bad = [{"op": "put", "kind": "sites", "key": "s", "value": {"xmpp_route": "nowhere.test"}}]
        self.assertEqual(self.admin.commits(bad, dry_run=True).status, 422)
        before = self.newest()["seq"]
        self.assertEqual(self.admin.commits(bad).status, 422)
        row = self.newest("&action=commit&outcome=refused")
        self.assertGreater(row["seq"], before)
        self.assertRegex(row["detail"], "^unknown_reference /sites/s/xmpp_route: ")
        self.admin.apply(sites={"s": {"description": "one"}})
        revision = self.admin.apply(sites={"s": {"description": "two"}})
        stale = self.admin.commits([{"op": "patch", "kind": "sites", "key": "s", "value": {"description": "x"}}],
                                   base_revision=revision - 1)
        self.assertEqual(stale.status, 409)
        self.assertRegex(self.newest("&action=commit&outcome=refused")["detail"], "^conflict: ")
        waits = self.admin.commits([{"op": "put", "kind": "sites", "key": "w", "value": {}}], confirm_within=600).ok()
        self.assertEqual(self.admin.commits([{"op": "delete", "kind": "sites", "key": "s"}]).status, 409)
        self.assertRegex(self.newest("&action=commit&outcome=refused")["detail"], "^confirm_pending: ")
        self.admin.post(f"/revisions/{waits.data['revision']}/confirm").ok()

    def test_refusals_do_not_fill_the_disk(self):
        with Workspace() as work:
            server = work.start()
            client = server.client(server.token("v", "viewer"))
            for _ in range(130):
                self.assertEqual(client.delete("/partners/flood.test").status, 403)
            self.assertEqual(server.stop(), 0)  # every row is written
            server = work.start()
            self.assertEqual(server.local().get("/audit?action=refused").data["total"], 120)
            self.assertEqual(server.stop(), 0)

    def test_accounts(self):
        self.server.add_admin("audited", "viewer")
        self.admin.patch("/admins/audited", {"role": "help_desk", "scope": {"sites": ["Rome"]}}).ok()
        row = self.newest("&kind=admins&key=audited")
        self.assertEqual((row["action"], row["before"], row["after"]),
                         ("admin_role", {"role": "viewer", "scope": None, "disabled": False},
                          {"role": "help_desk", "scope": {"partners": [], "sites": ["Rome"]}, "disabled": False}))
        self.admin.patch("/admins/audited", {"password": "another long one"}).ok()
        self.assertEqual(self.newest("&kind=admins&key=audited")["action"], "admin_password")
        self.admin.delete("/admins/audited").ok()
        row = self.newest("&kind=admins&key=audited")
        self.assertEqual((row["action"], row["before"]["role"], row["after"]), ("admin_delete", "help_desk", None))
        self.assertNotIn("another long one", str(self.admin.get("/audit?limit=1000").data))

    def test_filters_and_paging(self):
        self.server.anonymous().sign_in("the-viewer", "wrong password")
        for query, check in (("action=sign_in&outcome=refused", lambda r: r["outcome"] == "refused"),
                             ("kind=admins&key=the-viewer", lambda r: r["key"] == "the-viewer"),
                             ("q=VIEWER", lambda r: "viewer" in (r["name"] + r["key"] + r["detail"]).lower())):
            items = self.admin.get("/audit?" + query).ok().data["items"]
            self.assertTrue(items, query)
            self.assertTrue(all(check(r) for r in items), query)
        who = self.newest("&action=admin_add")["who"]
        self.assertTrue(all(r["who"] == who for r in self.admin.get("/audit?who=" + who).data["items"]))
        at = self.newest()["at"]
        self.assertEqual(self.admin.get("/audit?since=2100-01-01T00:00:00Z").data["total"], 0)
        self.assertGreater(self.admin.get("/audit?until=" + at).data["total"], 0)
        # Pages stay correct while others write.
        seen, cursor = [], None
        while True:
            page = self.admin.get("/audit?limit=3" + (f"&cursor={cursor}" if cursor else "")).ok().data
            seen += [r["seq"] for r in page["items"]]
            self.admin.patch("/admins/the-viewer", {"password": PASSWORD}).ok() if len(seen) < 7 else None
            cursor = page["next_cursor"]
            if not cursor:
                break
        self.assertEqual(seen, list(range(seen[0], 0, -1)))

    def test_second_factor_of_another(self):
        self.assertEqual(self.admin.delete("/admins/the-viewer/totp").status, 404)
        self.assertEqual(self.admin.delete("/admins/admin/totp").problem["code"], "own_account")
        self.assertEqual(self.viewer.delete("/admins/admin/totp").status, 403)


class Tampering(unittest.TestCase):
    """What `fedgate check` and GET /audit/verify say of rows that were changed, removed or cut off."""

    def broken(self, statement):
        with Workspace() as work:
            server = work.start()
            for i in range(6):
                server.add_admin(f"a{i}", "viewer")
            self.assertTrue(server.local().get("/audit/verify").data["ok"])
            self.assertEqual(server.stop(), 0)
            self.assertEqual(work.run("check").returncode, 0)
            base = sqlite3.connect(f"{server.data_dir}/fedgate.db")
            base.execute(statement)
            base.commit()
            base.close()
            done = work.run("check")
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("audit", done.stdout + done.stderr)
            server = work.start()
            report = server.local().get("/audit/verify").data
            self.assertFalse(report["ok"], statement)
            server.stop()
            return report

    def test_changed(self):
        self.assertEqual(self.broken("UPDATE audit SET who_name = 'eve' WHERE seq = 3")["first_bad"], 3)

    def test_removed(self):
        self.assertEqual(self.broken("DELETE FROM audit WHERE seq = 2")["first_bad"], 2)

    def test_cut_off(self):
        report = self.broken("DELETE FROM audit WHERE seq > 4")
        self.assertEqual(report["first_bad"], 5, report)


if __name__ == "__main__":
    unittest.main()
