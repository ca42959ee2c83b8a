"""Backup and restore: beside a running server, without one, and with files that are not right."""
import contextlib
import hashlib
import os
import sqlite3
import stat
import threading
import time
import unittest

from fedgate import PASSWORD, Workspace


def read(path):
    with open(path, "rb") as f:
        return f.read()


def hashes(data_dir):
    with contextlib.closing(sqlite3.connect(os.path.join(data_dir, "fedgate.db"))) as db:
        return db.execute("SELECT number, content_hash FROM revision ORDER BY number").fetchall()


class Backup(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)
        self.file = os.path.join(self.work.path, "all.backup")

    def fill(self, server):
        local = server.local()
        server.add_admin("ann")
        server.add_admin("vic", "viewer")
        local.apply(partners={f"p{i}.test": {"description": "é" * i} for i in range(50)})
        local.apply(sites={"hq": {}})
        local.put("/partners/staged.test", {}).ok()
        return server.token("ann")

    def facts(self, server):
        local = server.local()
        revisions = local.get("/revisions").ok().data["items"]
        return {
            "partners": local.get("/partners?limit=1000").ok().data["items"],
            "revisions": [{k: r[k] for k in ("revision", "author", "comment", "created_at", "summary")} for r in revisions],
            "admins": local.get("/admins").ok().data["items"],
            "tokens": [{k: t[k] for k in ("id", "name", "admin", "prefix")} for t in local.get("/tokens").ok().data["items"]],
            "draft": local.get("/draft").ok().data["changes"],
            "status": {k: local.get("/status").data[k] for k in ("revision", "applied_revision")},
        }

    def keys(self, name):
        folder = os.path.join(self.work.path, name, "keys")
        return {f: read(os.path.join(folder, f)) for f in os.listdir(folder) if f != "audit.head"}

    def backup(self, name="data", code=0):
        done = self.work.run("backup", self.file, name=name)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def restore(self, name, file=None):
        return self.work.run("restore", file or self.file, name=name)

    def test_beside_a_running_server(self):
        server = self.work.start()
        token = self.fill(server)
        session = server.anonymous()
        self.assertEqual(session.sign_in("ann").status, 201)
        self.backup()
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
        before, keys, content = self.facts(server), self.keys("data"), hashes(server.data_dir)
        server.local().apply(sites={"later": {}})  # goes on, and is not in it
        done = self.restore("other")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.keys("other"), keys)
        other = self.work.start(name="other")
        self.assertEqual(self.facts(other), before)
        self.assertEqual(hashes(other.data_dir), content)
        self.assertEqual(other.client(token).get("/status").status, 200)
        self.assertEqual(other.anonymous().sign_in("vic", PASSWORD).status, 201)
        stale = other.anonymous()
        stale.cookie = session.cookie
        self.assertEqual(stale.get("/status").status, 401)
        self.assertTrue(other.local().get("/audit/verify").ok().data["ok"])
        actions = [e["action"] for e in other.local().get("/audit").data["items"]]
        self.assertIn("restore", actions)
        self.assertIn("backup", actions)
        self.assertEqual(other.stop(), 0, other.log())
        check = self.work.run("check", name="other")
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        self.assertEqual(server.stop(), 0, server.log())
        self.assertEqual([f for f in os.listdir(server.data_dir) if f.startswith("backup-")], [])

    def test_while_others_write(self):
        """Commits, drafts and sign-ins go on; each backup is one moment as a whole, restored elsewhere."""
        server = self.work.start()
        token = self.fill(server)
        stop, faults, made = threading.Event(), [], []

        def write(which):
            local, n = server.local(), 0
            while not stop.is_set():
                n += 1
                answers = [local.commits([{"op": "put", "kind": "partners", "key": f"w{which}-{i}.test",
                                           "value": {"ticket": str(n)}} for i in range(20)]),
                           local.put(f"/partners/d{which}-{n % 7}.test", {"ticket": str(n)}),
                           local.post("/tokens", {"admin": "ann", "name": f"t{which}-{n}"})]
                faults.extend(a for a in answers if a.status not in (200, 201))
                made.append(n)

        threads = [threading.Thread(target=write, args=(i,)) for i in range(3)]
        for t in threads:
            t.start()
        try:
            for name in ("one", "two", "three"):
                before = len(made)
                while len(made) < before + 4:
                    time.sleep(0.01)
                self.file = os.path.join(self.work.path, name + ".backup")
                self.backup()
        finally:
            stop.set()
            for t in threads:
                t.join()
        self.assertEqual(faults, [])
        last = 0
        content = dict(hashes(server.data_dir))
        for name in ("one", "two", "three"):
            done = self.restore(name, os.path.join(self.work.path, name + ".backup"))
            self.assertEqual(done.returncode, 0, done.stderr)
            check = self.work.run("check", name=name)
            self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
            other = self.work.start(name=name)
            revisions = dict(hashes(other.data_dir))
            self.assertEqual(revisions, {n: content[n] for n in revisions})
            newest = max(revisions)
            self.assertGreater(newest, last)
            last = newest
            status = other.status()
            self.assertEqual((status["revision"], status["applied_revision"]), (newest, newest))
            for which in range(3):
                marks = {p["ticket"] for p in other.local().get(f"/partners?domain=w{which}-*").data["items"]}
                self.assertLessEqual(len(marks), 1, marks)
            self.assertEqual(other.client(token).get("/status").status, 200)
            self.assertTrue(other.local().get("/audit/verify").ok().data["ok"])
            self.assertEqual(other.stop(), 0, other.log())
        self.assertEqual(server.stop(), 0, server.log())

    def test_without_a_server(self):
        server = self.work.start()
        self.fill(server)
        before = self.facts(server)
        server.kill()
        self.backup()
        self.assertEqual(self.restore("other").returncode, 0)
        self.assertEqual(self.facts(self.work.start(name="other")), before)

    def test_files_that_are_not_right(self):
        server = self.work.start()
        self.fill(server)
        server.stop()
        self.backup()
        good = read(self.file)
        bad = os.path.join(self.work.path, "bad")

        def flipped(at):
            return good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]
        cases = [b"", b"x", good[:-1], good[:len(good) // 2], good[:40], good + b"\0", b"SQLite format 3\0" + good]
        cases += [flipped(at) for at in (0, 17, 21, 40, len(good) // 3, len(good) - 40, len(good) - 1)]
        for n, content in enumerate(cases):
            with open(bad, "wb") as f:
                f.write(content)
            done = self.restore("other", bad)
            self.assertEqual(done.returncode, 1, n)
            self.assertIn("backup", done.stderr)
            self.assertFalse(os.path.exists(os.path.join(self.work.path, "other")), n)

    def test_a_newer_schema(self):
        server = self.work.start()
        server.stop()
        self.backup()
        data = bytearray(read(self.file)[:-32])
        data[16:20] = (9999).to_bytes(4, "big")
        with open(self.file, "wb") as f:
            f.write(data + hashlib.sha256(data).digest())
        done = self.restore("other")
        self.assertEqual(done.returncode, 1)
        self.assertIn("schema 9999", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.work.path, "other")))

    def test_only_into_an_empty_directory(self):
        server = self.work.start()
        self.fill(server)
        self.backup()
        done = self.restore("data")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not empty", done.stderr)
        server.stop()
        before = {f: os.stat(os.path.join(server.data_dir, f)).st_mtime_ns for f in os.listdir(server.data_dir)}
        self.assertEqual(self.restore("data").returncode, 1)
        self.assertEqual({f: os.stat(os.path.join(server.data_dir, f)).st_mtime_ns for f in os.listdir(server.data_dir)}, before)
        other = os.path.join(self.work.path, "other")
        os.makedirs(os.path.join(other, "keys"), 0o700)
        os.chmod(other, 0o700)
        with open(os.path.join(other, "keys", "panel.key"), "wb") as f:
            f.write(b"somebody's")
        self.assertEqual(self.restore("other").returncode, 1)
        self.assertEqual(os.listdir(other), ["keys"])
        # What an interrupted restore left is no hindrance.
        with open(os.path.join(other, "fedgate.db.restoring"), "wb"):
            pass
        done = self.restore("other")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.keys("other"), self.keys("data"))

    def test_only_on_the_local_socket(self):
        server = self.work.start()
        answer = server.client().post("/backup")
        self.assertEqual((answer.status, answer.problem["code"]), (403, "local_only"))
        through = server.local({"Authorization": "Bearer " + server.admin_token}).post("/backup")
        self.assertEqual(through.status, 403)
        answer = server.local().post("/backup").ok()
        self.assertEqual(answer.headers["Content-Type"], "application/vnd.fedgate.backup")
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.body))
        self.assertTrue(answer.body.startswith(b"fedgate backup 1"))

    def test_where_it_cannot_be_written(self):
        self.work.start()
        done = self.work.run("backup", os.path.join(self.work.path, "no", "such", "file"))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.work.run("backup", self.file, name="nowhere").returncode, 1)
        self.assertFalse(os.path.exists(self.file))
        self.assertFalse(os.path.exists(os.path.join(self.work.path, "nowhere")))


if __name__ == "__main__":
    unittest.main()
