"""The process from outside: first start, lock, local socket, subcommands with and without a running
server, stopping."""
import contextlib
import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import unittest

import fedgate


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.work = fedgate.Workspace()
        self.addCleanup(self.work.close)

    def data(self, *names):
        return os.path.join(self.work.path, "data", *names)

    def mode(self, *names):
        return stat.S_IMODE(os.stat(self.data(*names)).st_mode)

    def add(self, name, password=fedgate.PASSWORD, *args):
        return self.work.run("admin", "add", name, "--password-stdin", *args, input=password + "\n")

    def test_first_start(self):
        server = self.work.start()
        self.assertEqual(self.mode(), 0o700)
        self.assertEqual(self.mode("keys"), 0o700)
        for path in ("admin.sock", "setup-link", "fedgate.db", "keys/panel.key", "keys/panel.crt"):
            self.assertEqual(self.mode(path), 0o600, path)
        with open(self.data("setup-link"), encoding="ascii") as f:
            link = f.read().strip()
        found = re.fullmatch(re.escape(server.url) + r"/setup#([A-Za-z0-9_-]{43})", link)
        self.assertTrue(found, link)
        self.assertNotIn(found.group(1), server.log())
        self.assertEqual(server.revision, 0)
        self.assertEqual(server.anonymous().get("/healthz").status, 200)
        self.assertEqual(server.anonymous().get("/").status, 200)
        self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(self.data("admin.sock")))

    def test_setup_link_is_claimed_once(self):
        server = self.work.start()
        with open(self.data("setup-link"), encoding="ascii") as f:
            token = f.read().strip().split("#")[1]
        body = {"token": token, "username": "alice", "password": fedgate.PASSWORD}
        self.assertEqual(server.anonymous().post("/setup", {**body, "token": "A" * 43}).status // 100, 4)
        self.assertEqual(server.anonymous().post("/setup", body).status, 201)
        self.assertEqual(server.anonymous().post("/setup", {**body, "username": "bob"}).status // 100, 4)
        self.assertEqual(server.anonymous().sign_in("alice").status, 201)
        server.stop()
        self.work.start().stop()
        self.assertFalse(os.path.exists(self.data("setup-link")))

    def test_certificate_is_kept(self):
        self.work.start().stop()
        with open(self.data("keys", "panel.crt"), "rb") as f:
            first = f.read()
        self.work.start().stop()
        with open(self.data("keys", "panel.crt"), "rb") as f:
            self.assertEqual(f.read(), first)

    def test_second_server_is_refused(self):
        self.work.start()
        second = self.work.run("serve", "--panel", "127.0.0.1:0")
        self.assertEqual(second.returncode, 1)
        self.assertIn("another fedgate uses the data directory", second.stderr)

    def test_accounts_without_a_server(self):
        self.assertEqual(self.add("alice").returncode, 0)
        self.assertEqual(self.add("alice").returncode, 1)
        self.assertEqual(self.add("bob", "short").returncode, 1)
        listed = self.work.run("admin", "list").stdout
        self.assertRegex(listed, r"(?m)^alice +administrator +active +never$")
        self.assertNotIn("bob", listed)
        token = self.work.run("token", "create", "--admin", "alice", "--name", "ci")
        self.assertRegex(token.stdout, r"\Afgt_[A-Za-z0-9_-]{43}\n\Z")
        self.assertEqual(self.work.run("token", "create", "--admin", "eve", "--name", "ci").returncode, 1)
        self.assertEqual(self.work.run("admin", "setup-link").returncode, 1)
        server = self.work.start()
        self.assertEqual(server.client(token.stdout.strip()).get("/status").status, 200)
        self.assertEqual(server.anonymous().sign_in("alice").status, 201)
        self.assertFalse(os.path.exists(self.data("setup-link")))

    def test_accounts_beside_a_server(self):
        server = self.work.start()
        self.assertRegex(self.work.run("admin", "setup-link").stdout.strip(),
                         re.escape(server.url) + r"/setup#[A-Za-z0-9_-]{43}")
        added = self.add("alice")
        self.assertEqual(added.returncode, 0, added.stderr)
        again = self.add("alice")
        self.assertEqual(again.returncode, 1)
        self.assertIn("refused", again.stderr)
        self.assertEqual(self.add("bob", fedgate.PASSWORD, "--role", "viewer").returncode, 0)
        self.assertRegex(self.work.run("admin", "list").stdout, r"(?m)^bob +viewer +active +never$")
        token = self.work.run("token", "create", "--admin", "bob", "--name", "ci", "--role", "viewer")
        self.assertEqual(token.returncode, 0, token.stderr)
        client = server.client(token.stdout.strip())
        self.assertEqual(client.get("/partners").status, 200)
        self.assertEqual(client.put("/partners/a.test", {}).status, 403)
        changed = self.work.run("admin", "reset-password", "bob", "--password-stdin",
                                input="another long password\n")
        self.assertEqual(changed.returncode, 0, changed.stderr)
        self.assertEqual(server.anonymous().sign_in("bob", "another long password").status, 201)

    def test_check(self):
        self.assertEqual(self.work.run("check").returncode, 1)
        self.add("alice")
        checked = self.work.run("check")
        self.assertEqual(checked.returncode, 0, checked.stdout)
        self.assertIn("revision 0", checked.stdout)
        server = self.work.start()
        self.assertIn("the server runs", self.work.run("check").stdout)
        server.stop()
        with contextlib.closing(sqlite3.connect(self.data("fedgate.db"))) as db:
            db.execute("UPDATE audit SET who = 'admin:99' WHERE seq = 1")
            db.commit()
        checked = self.work.run("check")
        self.assertEqual(checked.returncode, 1)
        self.assertIn("FAULT audit", checked.stdout)

    def test_for_scripts(self):
        """The commands of the console print one JSON object, with a server and without, and end as they do otherwise."""
        def told(*args, code=0, **more):
            done = self.work.run(*args, "--json", **more)
            self.assertEqual((done.returncode, done.stdout.count("\n")), (code, 1), done)
            return json.loads(done.stdout)
        plain, shown = (subprocess.run([fedgate.binary(), "version", *more], capture_output=True, text=True, check=True).stdout
                        for more in ((), ("--json",)))
        version = json.loads(shown)
        self.assertIn(version["version"], plain)
        self.assertLessEqual({"openssl", "libunbound", "gnutls"}, set(version["libraries"]))
        self.add("alice")
        alice = {"username": "alice", "role": "administrator", "disabled": False, "last_sign_in": None}
        document = json.dumps({"format": "fedgate-configuration", "version": 1, "partners": {"a.test": {}},
                               "sites": {"hq": {"xmpp_route": "no.such.test"}}})
        for running in (False, True):
            server = self.work.start() if running else None
            self.assertEqual(told("admin", "list"), {"items": [alice]})
            checked = told("check")
            self.assertEqual((checked["ok"], checked["running"], checked["faults"]), (True, running, []))
            staged = told("import", "--merge", "-", input=document)
            self.assertEqual((staged["staged"], staged["unchanged"], staged["total"]), (2, 0, 2))
            self.assertIn("no.such.test", staged["problems"][0])
            if running:
                server.stop()
        with contextlib.closing(sqlite3.connect(self.data("fedgate.db"))) as db:
            db.execute("UPDATE audit SET who = 'admin:99' WHERE seq = 1")
            db.commit()
        checked = told("check", code=1)
        self.assertFalse(checked["ok"])
        self.assertTrue(any(f.startswith("audit: row 1") for f in checked["faults"]), checked)
        self.assertTrue(any(p.startswith("database") for p in checked["passed"]), checked)

    def test_check_finds_what_others_may_read(self):
        self.work.start().stop()
        for name in ("keys/audit.key", "keys/panel.key", "fedgate.db"):
            path = self.data(name)
            mode = os.stat(path).st_mode & 0o777
            os.chmod(path, mode | 0o040)
            checked = self.work.run("check")
            os.chmod(path, mode)
            self.assertEqual(checked.returncode, 1, name)
            self.assertIn("may be opened by others", checked.stdout, name)
        self.assertEqual(self.work.run("check").returncode, 0)

    def test_check_finds_objects_that_nobody_committed(self):
        server = self.work.start()
        local = server.local()
        local.apply(partners={"a.test": {"tls": "required"}, "b.test": {}, "c.test": {}})
        local.apply(partners={"b.test": None, "a.test": {"owner": "x"}})
        server.stop()
        self.assertEqual(self.work.run("check").returncode, 0)
        with open(self.data("fedgate.db"), "rb") as file:
            good = file.read()
        faults = [
            """UPDATE object SET body = replace(body, '"tls":"required"', '"tls":"optional"') WHERE key = 'a.test'""",
            "DELETE FROM object WHERE key = 'c.test'",
            "UPDATE object SET to_revision = NULL WHERE key = 'b.test'",
            "UPDATE object SET to_revision = 2 WHERE key = 'c.test'",
            "INSERT INTO object (kind, key, from_revision, body) SELECT kind, 'd.test', from_revision, body "
            "FROM object WHERE key = 'c.test'",
        ]
        for fault in faults:
            with self.subTest(fault=fault):
                with contextlib.closing(sqlite3.connect(self.data("fedgate.db"))) as db:
                    self.assertGreater(db.execute(fault).rowcount, 0)
                    db.commit()
                checked = self.work.run("check")
                self.assertEqual(checked.returncode, 1, checked.stdout)
                self.assertIn("FAULT revisions: /partners/", checked.stdout)
            for name in ("fedgate.db-wal", "fedgate.db-shm"):
                if os.path.exists(self.data(name)):
                    os.unlink(self.data(name))
            with open(self.data("fedgate.db"), "wb") as file:
                file.write(good)

    def test_stop_while_requests_run(self):
        server = self.work.start()
        for _ in range(3):
            server.local().get("/status").ok()
        server.process.send_signal(signal.SIGHUP)
        server.local().get("/status").ok()
        server.process.send_signal(signal.SIGINT)
        self.assertEqual(server.process.wait(20), 0)

    def test_command_line(self):
        for args in ([], ["nonsense"], ["admin"], ["admin", "nonsense"]):
            with self.subTest(args=args):
                done = self.work.run(*args) if args else None
                if done:
                    self.assertEqual(done.returncode, 2)
                    self.assertIn("usage:", done.stderr)
        self.assertEqual(self.work.run("serve", "--log-format", "xml").returncode, 2)
        self.assertEqual(self.work.run("serve", "--log-level", "loud").returncode, 2)
        self.assertEqual(self.work.run("serve", "--panel", "nonsense").returncode, 1)
        self.assertEqual(self.work.run("admin", "add").returncode, 2)
        self.assertEqual(self.work.run("token", "create").returncode, 2)

    def test_tokens_with_a_limit(self):
        def made(name):
            done = self.work.run("token", "create", "--admin", "lea", "--name", name, "--scope-site", "Rome,Oslo",
                                 "--scope-partner", "*.in.test")
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout.strip()
        server = self.work.start()
        server.add_admin("lea")
        beside = made("beside")
        self.assertEqual(server.stop(), 0)
        without = made("without")
        server = self.work.start()
        for token in (beside, without):
            client = server.client(token)
            self.assertEqual(client.put("/partners/a.in.test", {}).status // 100, 2)
            self.assertEqual(client.put("/partners/a.out.test", {}).status, 403)
        self.assertEqual(server.stop(), 0)
        self.assertIn("--data-dir", self.work.run("serve", "--help").stdout)

    def test_log_as_json(self):
        server = self.work.start("--log-format", "json", "--log-level", "debug")
        server.local().get("/status").ok()
        server.stop()
        lines = [line for line in server.lines if line.startswith("{")]
        self.assertTrue(any(json.loads(line)["code"] == "request" for line in lines))


if __name__ == "__main__":
    unittest.main()
