"""Faults from outside while the configuration changes: two administrators at once, an engine that is busy, keys
that are gone, disks that are full or read-only, files that are cut, bodies without measure. In each case the
answer is clear, what runs is untouched, and nothing is half done."""
import hashlib
import os
import shutil
import socket
import sqlite3
import subprocess
import threading
import unittest

from fedgate import BASE, Workspace
from test_process import Stopped


def put(key, **value):
    return {"op": "put", "kind": "partners", "key": key, "value": value}


def files(folder):
    """What stands in a folder: names and contents."""
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            if not os.path.islink(path) and os.path.isfile(path):
                with open(path, "rb") as f:
                    found[os.path.relpath(path, folder)] = hashlib.sha256(f.read()).hexdigest()
    return found


class Base(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)

    def tearDown(self):
        for server in self.work.servers:
            if server.process.poll() is None:
                self.assertEqual(server.stop(), 0, server.log())

    def runs(self, local, revision, partners):
        """This revision runs, with exactly these partners, and the audit is whole."""
        status = local.get("/status").ok().data
        self.assertEqual((status["revision"], status["applied_revision"]), (revision, revision))
        self.assertEqual(sorted(p["domain"] for p in local.get("/partners").ok().data["items"]), sorted(partners))
        self.assertTrue(local.get("/audit/verify").ok().data["ok"])


class TwoAtOnce(Base):
    def test_the_same_partner(self):
        """Many at once on one object: of those who say which version they saw, one wins each round."""
        server = self.work.start()
        local = server.local()
        local.apply(partners={"a.test": {}})
        clients = [server.client(server.token(name)) for name in ("alice", "bob", "carol", "dave")]
        for round_number in range(5):
            base = local.get("/status").data["revision"]
            start, answers = threading.Barrier(len(clients)), {}

            def write(i, base=base, start=start, answers=answers, n=round_number):
                start.wait()
                answers[i] = clients[i].commits([put("a.test", owner=f"{i}-{n}")], base_revision=base)

            threads = [threading.Thread(target=write, args=(i,)) for i in range(len(clients))]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            won = [i for i, a in answers.items() if a.status == 201]
            self.assertEqual(len(won), 1, answers)
            for i, answer in answers.items():
                if i != won[0]:
                    self.assertEqual(answer.status, 409, answer)
                    conflict = answer.data["conflicts"][0]
                    self.assertEqual((conflict["mine"]["owner"], conflict["theirs"]["owner"]),
                                     (f"{i}-{round_number}", f"{won[0]}-{round_number}"))
            self.assertEqual(local.get("/partners/a.test").data["owner"], f"{won[0]}-{round_number}")
            self.runs(local, base + 1, ["a.test"])

    def test_drafts(self):
        """Both stage, both commit at the same moment: one runs, the other is told of the conflict and keeps the draft."""
        server = self.work.start()
        local = server.local()
        local.apply(partners={"a.test": {}})
        clients = [server.client(server.token(name)) for name in ("alice", "bob")]
        for i, client in enumerate(clients):
            client.patch("/partners/a.test", {"owner": str(i)}).ok()
        answers = [None, None]
        threads = [threading.Thread(target=lambda i=i: answers.__setitem__(i, clients[i].commit())) for i in (0, 1)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(sorted(a.status for a in answers), [201, 409])
        lost = [a.status for a in answers].index(409)
        self.assertEqual(clients[lost].get("/draft").data["summary"]["count"], 1)
        self.assertEqual(clients[1 - lost].get("/draft").data["summary"]["count"], 0)
        self.runs(local, 2, ["a.test"])

    def test_while_another_commit_is_under_way(self):
        """The first waits for the engine; reads go on, and the second is made after it, on top of it."""
        server = self.work.start()
        local = server.local()
        local.apply(partners={"a.test": {}})
        answers = {}

        def write(name):
            answers[name] = server.local().commits([put(name)])

        threads = [threading.Thread(target=write, args=(name,)) for name in ("b.test", "c.test")]
        with Stopped(server.pid, "engine"):
            for t in threads:
                t.start()
            for _ in range(20):
                self.assertEqual(local.get("/partners/a.test").status, 200)
            self.assertEqual(local.get("/partners/nobody.test").status, 404)
        for t in threads:
            t.join()
        self.assertEqual({a.status for a in answers.values()}, {201}, answers)
        self.assertEqual({a.data["revision"] for a in answers.values()}, {2, 3})
        self.runs(local, 3, ["a.test", "b.test", "c.test"])


class NoKey(Base):
    def test_a_key_file_that_is_gone(self):
        """The commit that needs it is refused, naming the assignment; what ran before stays."""
        server = self.work.start()
        local = server.local()
        folder = os.path.join(self.work.path, "pki")
        os.mkdir(folder)
        pem, key = os.path.join(folder, "c.pem"), os.path.join(folder, "c.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", pem, "-days", "5", "-subj", "/CN=ours.test", "-addext",
                        "subjectAltName=DNS:ours.test"], check=True, capture_output=True)
        with open(pem, encoding="ascii") as c, open(key, encoding="ascii") as k:
            made = local.post("/certificates", {"pem": c.read(), "key": k.read()}).ok().data["id"]
        local.apply(partners={"a.test": {}})
        keys = os.path.join(server.data_dir, "keys")
        held = [name for name in os.listdir(keys) if made[:16] in name]
        self.assertEqual(len(held), 1, os.listdir(keys))
        os.rename(os.path.join(keys, held[0]), os.path.join(folder, "away"))
        change = {"op": "put", "kind": "certificate_assignments", "key": "internal", "value": {"certificate": made}}
        listening = {"op": "patch", "kind": "settings", "value": {
            "federation_enabled": True, "listeners": {"xmpp": ["127.0.0.1:0"], "sip": [
                {"address": "[::1]:0", "transport": "tls", "client_certificate": "required"}]}}}
        answer = local.commits([change, listening, put("b.test")])
        self.assertEqual(answer.status, 422, answer)
        self.assertTrue(any("certificate_assignments/internal" in p for p in answer.pointers()), answer)
        self.runs(local, 1, ["a.test"])
        self.assertEqual(local.get("/status/ports").data["items"], [])
        os.rename(os.path.join(folder, "away"), os.path.join(keys, held[0]))
        answer = local.commits([change, listening, put("b.test")])
        self.assertEqual(answer.status, 201, answer)
        self.runs(local, 2, ["a.test", "b.test"])


@unittest.skipIf(os.geteuid(), "mounting and changing attributes takes root")
class Disks(Base):
    """The disk under the data directory refuses what a commit writes."""

    STAGED = [f"d{i}.test" for i in range(60)]

    def open(self, name):
        self.server = self.work.start(name=name)
        self.local = self.server.local()
        self.local.apply(partners={"a.test": {}})
        for key in self.STAGED:
            self.local.put(f"/partners/{key}", {"description": "x" * 900}).ok()

    def refused_both_ways(self, code):
        """By the draft and past it; and staging as well."""
        many = [put(f"p{i}.test", description="x" * 900) for i in range(400)]
        for answer in (self.local.commits(many), self.local.commit(), self.local.put("/partners/z.test", {})):
            self.assertEqual((answer.status, answer.problem["code"]), (503, code), answer)
            self.assertTrue(answer.problem["detail"])
        self.runs(self.local, 1, ["a.test"])
        self.assertEqual(self.local.get("/draft").data["summary"]["count"], len(self.STAGED))

    def works_again(self):
        self.assertEqual(self.local.commit().status, 201)
        self.runs(self.local, 2, ["a.test", *self.STAGED])
        self.assertEqual(self.server.stop(), 0, self.server.log())
        done = self.work.run("check", name=os.path.basename(self.server.data_dir))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_full(self):
        place = os.path.join(self.work.path, "small")
        os.mkdir(place)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], check=False).returncode:
            self.skipTest("no mounts here")
        self.addCleanup(subprocess.run, ["umount", "-l", place], check=True)
        self.open("small")
        waste = os.path.join(place, "waste")
        with open(waste, "wb", 0) as file, self.assertRaises(OSError):
            while True:
                file.write(bytes(1024))
        self.refused_both_ways("no_space")
        os.unlink(waste)
        self.works_again()

    def test_read_only(self):
        """Files that nobody may write any more, also not who has them open."""
        self.open("data")
        # The database's scratch memory is mapped, and no file system takes that away from who has it.
        paths = [os.path.join(root, name) for root, _, names in os.walk(self.server.data_dir) for name in names
                 if os.path.isfile(os.path.join(root, name)) and not name.endswith("-shm")] + [self.server.data_dir]
        if subprocess.run(["chattr", "+i", *paths], check=False, capture_output=True).returncode:
            self.skipTest("this file system knows no immutable files")
        try:
            self.refused_both_ways("read_only")
        finally:
            subprocess.run(["chattr", "-i", *paths], check=True)
        self.works_again()


class Cut(Base):
    """Files that a crash has cut short, and those of a newer program."""

    def setUp(self):
        super().setUp()
        server = self.work.start()
        for i in range(12):
            server.local().apply(partners={f"p{k}.test": {"ticket": str(i)} for k in range(5)})
        server.kill()
        self.data = server.data_dir

    def copy(self, name):
        path = os.path.join(self.work.path, name)
        shutil.copytree(self.data, path, ignore=shutil.ignore_patterns("*.sock"))
        return path

    def cut(self, path, size):
        with open(path, "r+b") as f:
            f.truncate(size)

    def test_the_log_of_the_database(self):
        """What is left is one of the revisions, whole. (test_store_cut tries every page.)"""
        wal = os.path.join(self.data, "fedgate.db-wal")
        size, seen = os.path.getsize(wal), []
        for n, part in enumerate((0, 0.2, 0.5, 0.8, 0.99)):
            name = f"wal{n}"
            self.cut(os.path.join(self.copy(name), "fedgate.db-wal"), int(size * part))
            os.unlink(os.path.join(self.work.path, name, "fedgate.db-shm"))
            server = self.work.start(name=name)
            local = server.local()
            status = local.get("/status").ok().data
            self.assertEqual(status["revision"], status["applied_revision"])
            marks = {p["ticket"] for p in local.get("/partners").ok().data["items"]}
            self.assertEqual(marks, {str(status["revision"] - 1)} if status["revision"] else set())
            seen.append(status["revision"])
            local.apply(partners={"q.test": {}})
            self.assertEqual(server.stop(), 0, server.log())
        self.assertEqual(seen, sorted(seen))
        self.assertLess(seen[0], seen[-1])

    def test_the_database(self):
        """It is refused with a sentence, and nothing of it is written over; check says so too."""
        server = self.work.start()
        server.stop()
        size = os.path.getsize(os.path.join(self.data, "fedgate.db"))
        for n, part in enumerate((0.003, 0.1, 0.5, 0.9)):
            name = f"db{n}"
            path = self.copy(name)
            self.cut(os.path.join(path, "fedgate.db"), int(size * part))
            before = files(path)
            for command in (("serve", "--panel", "127.0.0.1:0"), ("check",)):
                done = self.work.run(*command, name=name)
                self.assertEqual(done.returncode, 1, (part, command, done.stdout, done.stderr))
                self.assertRegex(done.stdout + done.stderr, "database|damaged", command)
            after = files(path)
            self.assertEqual(after["fedgate.db"], before["fedgate.db"], part)

    def test_a_newer_schema(self):
        """Every command refuses it with a clear sentence, and no file changes."""
        server = self.work.start()
        server.stop()
        with sqlite3.connect(os.path.join(self.data, "fedgate.db")) as db:
            db.execute("PRAGMA user_version = 9999")
        db.close()
        before = files(self.data)
        for command in (("serve", "--panel", "127.0.0.1:0"), ("check",), ("export",), ("admin", "list"),
                        ("backup", os.path.join(self.work.path, "b"))):
            done = self.work.run(*command)
            self.assertEqual(done.returncode, 1, (command, done.stdout, done.stderr))
            self.assertIn("9999", done.stderr, command)
            self.assertEqual(files(self.data), before, command)


class Enormous(Base):
    SIZE = 100 << 20

    def memory(self, pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    def test_a_hundred_megabytes(self):
        """413 at once, whether the length is said or not; memory does not follow; the rest goes on."""
        server = self.work.start()
        local = server.local()
        local.apply(partners={"a.test": {}})
        before = self.memory(server.pid)
        for path in ("/import", "/commits", "/import/lync", "/draft/commit"):
            for chunked in (False, True):
                status, body = self.send(server, BASE + path, chunked)
                # What is told no length is cut off once it has grown too long and is still coming.
                self.assertIn(status, (413, None) if chunked else (413,), (path, chunked, body))
                if status:
                    self.assertIn(b'"status":413', body.replace(b" ", b""))
                    self.assertIn(b"longer than allowed", body)
        self.assertLess(self.memory(server.pid) - before, 300 << 10)  # kB; bodies up to 64 MiB are taken in
        self.runs(local, 1, ["a.test"])
        self.assertEqual(local.get("/draft").data["summary"]["count"], 0)

    def send(self, server, path, chunked):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(server.socket_path)
            length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {self.SIZE}"
            s.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode())
            part = b" " * 65536
            if chunked:
                part = b"10000\r\n" + part + b"\r\n"
            try:
                for _ in range(self.SIZE // 65536):
                    s.sendall(part)
                if chunked:
                    s.sendall(b"0\r\n\r\n")
            except OSError:
                pass
            got = b""
            try:
                while data := s.recv(65536):
                    got += data
            except OSError:
                pass
        head, _, body = got.partition(b"\r\n\r\n")
        return (int(head.split()[1]) if head else None), body


if __name__ == "__main__":
    unittest.main()
