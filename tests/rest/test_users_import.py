"""Many users from a file, and the jobs that do it."""
import json
import os
import time
import unittest

from fedgate import Workspace

BASE = {"sites": {"hq": {}}, "policies": {"user:open": {}}}


class UsersImport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.local(timeout=180)
        cls.client.apply(**BASE)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def setUp(self):
        self.client.delete("/draft")
        users = [u["address"] for u in self.client.get("/users?limit=1000").data["items"]]
        if users:
            self.client.apply(users={name: None for name in users})

    def send(self, body, query="", client=None, kind="text/csv"):
        if isinstance(body, str):
            body = body.encode()
        return (client or self.client).request("POST", "/users/import" + query, raw=body, headers={"Content-Type": kind})

    def run_job(self, body, query="", kind="text/csv", timeout=120):
        answer = self.send(body, query, kind=kind)
        self.assertEqual(answer.status, 202, answer)
        path = answer.headers["Location"]
        self.assertEqual(path, "/api/v1/jobs/" + answer.data["id"])
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            job = self.client.get(path).ok().data
            self.assertLessEqual(job["done"], job["total"])
            if job["state"] != "running":
                self.assertEqual(self.client.delete(path).status, 204)
                self.assertEqual(self.client.get(path).status, 404)
                return job
            time.sleep(0.02)
        raise AssertionError("the job did not end")

    def counts(self, job):
        self.assertEqual(job["state"], "done", job)
        r = job["result"]
        return r["lines"], r["added"], r["changed"], r["unchanged"], r["staged"], len(r["rejected"])

    def test_csv_twice(self):
        text = ("Address;display_name;site;policy;xmpp_excluded\r\n"
                'a@ours.test;"Ä, ""B""";hq;user:open;\r\n'
                "\r\n"
                "B@OURS.test;;;;true\r\n")
        for body in (text.encode(), b"\xff\xfe" + text.encode("utf-16-le")):
            self.client.delete("/draft")
            self.assertEqual(self.counts(self.run_job(body)), (2, 2, 0, 0, 2, 0))
        # The same again changes nothing, in the draft and once it runs.
        self.assertEqual(self.counts(self.run_job(text)), (2, 0, 0, 2, 0, 0))
        self.client.commit().ok()
        user = self.client.get("/users/a@ours.test").ok().data
        self.assertEqual((user["display_name"], user["site"], user["policy"], user["xmpp_excluded"]),
                         ('Ä, "B"', "hq", "user:open", False))
        self.assertTrue(self.client.get("/users/b@ours.test").data["xmpp_excluded"])
        self.assertEqual(self.counts(self.run_job(text)), (2, 0, 0, 2, 0, 0))
        self.assertEqual(self.client.get("/draft").data["total"], 0)
        # Columns that are not there stay as they are.
        self.assertEqual(self.counts(self.run_job("address,policy\na@ours.test,\n")), (1, 0, 1, 0, 1, 0))
        user = self.client.get("/users/a@ours.test?view=draft").data
        self.assertEqual((user["policy"], user["site"], user["display_name"]), (None, "hq", 'Ä, "B"'))

    def test_json_lines(self):
        lines = [{"address": "a@ours.test", "display_name": "A"}, {"address": "b@ours.test", "site": "hq"}, {"color": 1},
                 {"address": "c@ours.test", "color": 1}]
        text = "".join(json.dumps(line) + "\r\n" for line in lines) + "\n[]\nnonsense"
        job = self.run_job(text, kind="application/x-ndjson")
        self.assertEqual(self.counts(job), (6, 2, 0, 0, 2, 4))
        self.assertEqual([r["line"] for r in job["result"]["rejected"]], [3, 4, 6, 7])
        self.assertEqual(job["result"]["rejected"][1]["errors"][0]["pointer"], "/color")

    def test_every_rejected_line_is_told(self):
        text = ("address,display_name,site,policy,xmpp_excluded\n"
                "good@ours.test,,,,\n"
                "no-address,,,,\n"
                "site@ours.test,,nowhere,,\n"
                "policy@ours.test,,,user:none,\n"
                "global@ours.test,,,global,\n"
                "yes@ours.test,,,,perhaps\n"
                "GOOD@ours.test,,,,\n"
                "few@ours.test\n"
                '"x"y,,,,\n'
                "last@ours.test,,,,\n")
        job = self.run_job(text)
        self.assertEqual(self.counts(job), (10, 2, 0, 0, 2, 8))
        told = [(r["line"], r["address"], r["errors"][0]["pointer"], r["errors"][0]["code"]) for r in job["result"]["rejected"]]
        self.assertEqual([t[0] for t in told], [3, 4, 5, 6, 7, 8, 9, 10])
        self.assertEqual(told[1][1:], ("site@ours.test", "/site", "not_found"))
        self.assertEqual(told[2][1:], ("policy@ours.test", "/policy", "not_found"))
        self.assertEqual((told[4][2], told[5][2:], told[6][3]), ("/xmpp_excluded", ("/address", "duplicate"), "csv_invalid"))

    def test_dry_run_stages_nothing(self):
        job = self.run_job("address\na@ours.test\nb\n", "?dry_run=true")
        self.assertEqual(self.counts(job), (2, 1, 0, 0, 0, 1))
        self.assertTrue(job["result"]["dry_run"])
        self.assertEqual(self.client.get("/draft").data["total"], 0)

    def test_refused_at_once(self):
        for body, code in ((b"", "empty"), (b"name\nx\n", "unknown"), (b"site\nhq\n", "required"),
                           (b"address,address\n", "duplicate"), (b"\xff", "encoding")):
            answer = self.send(body)
            self.assertEqual(answer.status, 422, body)
            self.assertIn(code, answer.codes(), body)
        self.assertEqual(self.send("address\n", "?dry_run=maybe").status, 422)
        self.assertEqual(self.send("address\n", kind="image/png").status, 415)
        self.assertEqual(self.client.get("/jobs/none").status, 404)
        self.assertEqual(self.client.delete("/jobs/none").status, 404)

    def test_roles_and_owners(self):
        users = self.server.client(self.server.token("ursula", "user_administrator"))
        viewer = self.server.client(self.server.token("vera", "viewer"))
        operator = self.server.client(self.server.token("otto", "operator"))
        self.assertEqual(self.send("address\n", client=viewer).status, 403)
        self.assertEqual(self.send("address\n", client=operator).status, 403)
        path = self.send("address\na@ours.test\n", client=users).ok().headers["Location"]
        self.assertEqual(users.get(path).status, 200)
        self.assertEqual(operator.get(path).status, 404)
        self.assertEqual(operator.delete(path).status, 404)
        self.assertEqual(self.client.get(path).status, 200)
        self.assertEqual(self.client.get("/draft").data["total"], 0)

    def test_many_jobs_of_one_keep_the_reports_of_others(self):
        users = self.server.client(self.server.token("una", "user_administrator"))
        report = self.send("address\na@ours.test\n", "?dry_run=true", client=users).ok().headers["Location"]
        paths = []
        end = time.monotonic() + 60
        while len(paths) < 40 and time.monotonic() < end:
            answer = self.send("address\nb@ours.test\n", "?dry_run=true")
            if answer.status == 202:
                paths.append(answer.headers["Location"])
        self.assertEqual(len(paths), 40)
        self.assertEqual(users.get(report).ok().data["result"]["lines"], 1)
        self.assertEqual(self.client.get(paths[-1]).status, 200)
        self.assertEqual(self.client.get(paths[0]).status, 404)
        for path in paths:
            self.client.delete(path)

    def test_the_audit_tells_of_it(self):
        self.run_job("address\nn@ours.test\n,\n")
        self.run_job("address\nm@ours.test\n", "?dry_run=true")  # which changes nothing
        row = self.client.get("/audit?action=users_import").ok().data["items"][0]
        self.assertEqual((row["who"], row["kind"], row["outcome"]), (f"local:{os.getuid()}", "users", "ok"))
        self.assertTrue(row["detail"].startswith("2 lines: 1 added, 0 changed, 1 rejected"), row)

    def test_cancel_and_many_at_once(self):
        text = "address\n" + "".join(f"u{i}@ours.test\n" for i in range(60000))
        paths = [self.send(text, "?dry_run=true").ok().headers["Location"] for _ in range(2)]
        third = self.send(text)
        self.assertEqual((third.status, third.headers["Retry-After"]), (429, "5"))
        for path in paths:
            self.assertEqual(self.client.delete(path).status, 204)
        end = time.monotonic() + 60
        states = set()
        for path in paths:
            while self.client.get(path).data["state"] == "running" and time.monotonic() < end:
                time.sleep(0.02)
            states.add(self.client.get(path).data["state"])
        self.assertEqual(states, {"cancelled"})

    def test_stopping_while_a_job_runs(self):
        server = self.work.start(name="stopped")
        text = "address\n" + "".join(f"u{i}@ours.test\n" for i in range(60000))
        self.send(text, client=server.local()).ok()
        self.assertEqual(server.stop(), 0, server.log())

    def test_large(self):
        many = int(os.environ.get("FEDGATE_IMPORT_USERS", "5000"))
        text = "address,display_name,site,policy\n" + "".join(f"u{i}@ours.test,User {i},hq,user:open\n" for i in range(many))
        self.assertEqual(self.counts(self.run_job(text, timeout=600)), (many, many, 0, 0, many, 0))
        self.assertEqual(self.client.get("/draft?limit=1").data["total"], many)
        self.assertEqual(self.counts(self.run_job(text, timeout=600)), (many, 0, 0, many, 0, 0))

    MANY = 20000  # long enough for something to happen while they are read

    def start_long(self, first):
        """An import that has read the users by the time this returns; its path."""
        text = "address,site\n" + first + "".join(f"n{i}@ours.test,hq\n" for i in range(self.MANY))
        path = self.send(text).ok().headers["Location"]
        while self.client.get(path).ok().data["done"] == 0:
            time.sleep(0.001)
        return path

    def end_of(self, path):
        while True:
            job = self.client.get(path).ok().data
            if job["state"] != "running":
                return job
            time.sleep(0.02)

    def test_a_commit_in_between_is_a_conflict(self):
        self.client.apply(users={"amy@ours.test": {}})
        path = self.start_long("amy@ours.test,hq\n")
        self.client.apply(users={"amy@ours.test": {"policy": "user:open"}})
        self.assertEqual(self.end_of(path)["state"], "done")
        conflicts = self.client.get("/draft?limit=1").ok().data["conflicts"]
        self.assertEqual([c["key"] for c in conflicts], ["amy@ours.test"])
        self.assertEqual((conflicts[0]["theirs"]["policy"], conflicts[0]["mine"]["policy"]), ("user:open", None))
        self.assertEqual(self.client.commit().status, 409)
        self.client.delete("/draft").ok()

    def test_a_change_of_ones_own_in_between_is_kept(self):
        self.client.apply(users={"amy@ours.test": {}})
        path = self.start_long("amy@ours.test,hq\n")
        self.client.patch("/users/amy@ours.test", {"policy": "user:open"}).ok()
        job = self.end_of(path)
        self.assertEqual(self.client.get("/users/amy@ours.test?view=draft").ok().data["policy"], "user:open", job)
        if job["state"] != "done":
            self.assertIn("Import it again", job["result"]["detail"])
            self.assertEqual(self.client.get("/draft?limit=1").ok().data["total"], 1)
        self.client.delete("/draft").ok()


if __name__ == "__main__":
    unittest.main()
