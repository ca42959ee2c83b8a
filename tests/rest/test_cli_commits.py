"""Commits that wait, sessions, tokens, the audit and imports from the command line; and every command that
reads, here and from elsewhere."""
import datetime
import json
import os
import subprocess
import unittest

import fedgate
from test_cli import CONFLICT, FAILED, NOT_ALLOWED, NOT_FOUND, OK, USAGE, Cli

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "samples")


class Both(Cli):
    """Over the local socket as local:UID, and over HTTPS as alice or bob."""

    def setUp(self):
        super().setUp()
        self.pem = os.path.join(self.work.path, "data", "keys", "panel.crt")
        for name in ("alice", "bob"):
            with open(os.path.join(self.work.path, name), "w", encoding="ascii") as f:
                f.write(self.server.token(name) + "\n")

    def there(self, who, *args, code=OK):
        done = subprocess.run([fedgate.binary(), *args, "--url", self.server.url, "--ca", self.pem, "--token-file",
                               os.path.join(self.work.path, who)], text=True, capture_output=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.stderr = done.stderr
        return done.stdout


class Approvals(Both):
    def setUp(self):
        super().setUp()
        self.run_cli("settings", "set", "four_eyes=true", "--commit", "two must agree")

    def test_approve_from_elsewhere(self):
        self.run_cli("partner", "add", "a.test")
        out = self.run_cli("commit", "--comment", "please")
        self.assertIn("waits for another administrator: fedgate approval approve 1", out)
        self.assertEqual(self.running("/partners/a.test").status, 404)
        out = self.run_cli("approval", "list")
        self.assertIn("waiting", out)
        self.assertIn("please", out)
        self.assertIn("add    partners a.test", self.there("alice", "approval", "show", "1"))
        self.run_cli("approval", "approve", "1", code=NOT_ALLOWED)
        self.assertIn("revision 2 runs", self.there("alice", "approval", "approve", "1", "--comment", "fine"))
        self.assertEqual(self.running("/partners/a.test").status, 200)
        self.assertEqual(self.json("approval", "show", "1")["state"], "committed")
        self.assertEqual(self.json("approval", "list", "state=waiting"), [])
        self.there("bob", "approval", "approve", "1", code=CONFLICT)
        self.there("bob", "approval", "show", "77", code=NOT_FOUND)

    def test_reject(self):
        self.there("alice", "partner", "add", "a.test", "--commit", "mine")
        self.assertEqual(self.run_cli("approval", "list", "--keys").split(), ["1"])
        out = self.there("bob", "approval", "reject", "1", "--comment", "not now")
        self.assertIn("nothing is committed", out)
        self.assertEqual(self.json("approval", "show", "1")["reason"], "not now")
        self.assertEqual(self.running("/partners/a.test").status, 404)


class Committing(Both):
    def test_at_its_time(self):
        at = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.run_cli("partner", "add", "a.test")
        self.assertIn(f"is made at {at}", self.run_cli("commit", "--at", at, "--comment", "later"))
        self.assertIn("is made at", self.there("alice", "partner", "add", "b.test", "--commit", "later", "--at", at))
        self.assertEqual([a["state"] for a in self.json("approval", "list")], ["scheduled"] * 2)
        self.assertEqual(self.running("/status").data["revision"], 0)
        self.run_cli("commit", "--at", "tomorrow", code=FAILED)
        self.run_cli("partner", "add", "c.test", "--at", at, code=USAGE)

    def test_only(self):
        for name in ("a", "b", "c", "d"):
            self.run_cli("partner", "add", name + ".test")
        self.run_cli("commit", "--only", "partner/a.test,partners/b.test", "--comment", "two")
        self.assertEqual([c["key"] for c in self.json("draft", "show")["changes"]], ["c.test", "d.test"])
        self.run_cli("commit", "partner/c.test", "--only", "partner/d.test", "--comment", "two more")
        self.assertEqual(self.json("draft", "show")["changes"], [])
        for wrong in ("partner", "partner/", "partner/a.test,", ",partner/a.test"):
            self.run_cli("commit", "--only", wrong, code=USAGE)

    def test_dry_run(self):
        self.run_cli("partner", "add", "a.test")
        out = self.run_cli("commit", "--dry-run")
        self.assertIn("it can be committed", out)
        self.assertIn("streams: 0 stay, 0 renegotiate, 0 close", out)
        self.assertEqual(self.running("/status").data["revision"], 0)
        self.run_cli("commit", "--dry-run", "partner/a.test", code=USAGE)

    def test_confirm_from_elsewhere(self):
        self.there("alice", "partner", "add", "a.test")
        self.assertIn("taken back in 600 s", self.there("alice", "commit", "--confirm-within", "600"))
        self.run_cli("partner", "add", "b.test", "--commit", "b", code=CONFLICT)
        self.there("bob", "revision", "confirm", "1")
        self.run_cli("partner", "add", "b.test", "--commit", "b")
        self.assertIn("add    partners b.test", self.there("alice", "revision", "diff", "2"))
        self.there("alice", "revision", "restore", "1")
        self.assertIn("remove partners b.test", self.there("alice", "draft", "show"))
        self.there("alice", "commit", "--comment", "back")
        self.assertEqual(self.running("/partners/b.test").status, 404)


class Others(Both):
    """What is about drafts of others, about what a selection needs, and about who is touched."""

    def test_drafts_of_others(self):
        self.there("alice", "partner", "add", "a.test", "owner=alice")
        self.there("alice", "partner", "add", "b.test")
        owner = self.run_cli("draft", "list-others", "--keys").split()
        self.assertEqual(len(owner), 1)
        self.assertIn("alice", self.run_cli("draft", "list-others"))
        self.assertEqual(self.json("draft", "list-others")[0]["changes"], 2)
        self.run_cli("partner", "add", "a.test", "owner=me")
        self.run_cli("draft", "take", owner[0], code=CONFLICT)
        self.assertIn("partners a.test is changed by both drafts", self.stderr)
        self.run_cli("draft", "discard")
        out = self.run_cli("draft", "take", owner[0])
        self.assertIn("add    partners b.test", out)
        self.assertEqual([c["key"] for c in self.json("draft", "show")["changes"]], ["a.test", "b.test"])
        self.assertEqual(self.json("draft", "list-others", "name=*alice*"), [])
        self.there("bob", "partner", "add", "c.test")
        bob = next(d["owner"] for d in self.json("draft", "list-others") if "bob" in d["name"])
        self.run_cli("draft", "drop", bob)
        self.run_cli("draft", "drop", bob, code=NOT_FOUND)
        self.assertEqual(json.loads(self.there("bob", "draft", "show", "--json"))["changes"], [])
        self.run_cli("draft", "take", "admin:4711", code=NOT_FOUND)

    def test_what_a_selection_needs(self):
        self.run_cli("site", "add", "hq")
        self.run_cli("site", "add", "elsewhere")
        self.run_cli("user", "add", "amy@ours.test", "site=hq")
        self.run_cli("commit", "user/amy@ours.test", "--comment", "amy", code=FAILED)
        self.assertIn("sites hq is needed too; --include-dependencies", self.stderr)
        out = self.run_cli("commit", "user/amy@ours.test", "--comment", "amy", "--include-dependencies")
        self.assertIn("included: sites hq", out)
        self.assertEqual([c["key"] for c in self.json("draft", "show")["changes"]], ["elsewhere"])
        self.run_cli("commit", "--include-dependencies", code=USAGE)


class DialbackSecret(Both):
    def test_made_here(self):
        out = self.run_cli("dialback-secret", "rotate", "--overlap", "3600")
        self.assertIn("keys made with the former one count until", out)
        self.assertIn("the former one counts no more", self.run_cli("dialback-secret", "rotate", "--overlap", "0"))
        self.assertEqual(len(self.json("audit", "list", "action=dialback_secret")), 2)

    def test_entered(self):
        """The same secret on every node; it is shown nowhere."""
        secret = "shared by all of our edges"
        done = self.work.run("dialback-secret", "rotate", "--secret-stdin", "--json", input=secret + "\n")
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertNotIn(secret, done.stdout + done.stderr + self.run_cli("audit", "list", "--json"))
        with open(os.path.join(self.work.path, "data", "keys", "dialback.secret"), encoding="ascii") as f:
            self.assertIn(secret, f.read())
        for short in ("too short\n", ""):
            self.assertEqual(self.work.run("dialback-secret", "rotate", "--secret-stdin", input=short).returncode, FAILED)
        for wrong in ("soon", "-1", ""):
            self.run_cli("dialback-secret", "rotate", "--overlap", wrong, code=USAGE)

    def test_only_administrators(self):
        with open(os.path.join(self.work.path, "olga"), "w", encoding="ascii") as f:
            f.write(self.server.token("olga", "operator") + "\n")
        self.there("olga", "dialback-secret", "rotate", code=NOT_ALLOWED)
        self.there("olga", "draft", "list-others", code=NOT_ALLOWED)


class Accounts(Both):
    def test_sessions(self):
        session = self.server.anonymous()
        self.assertEqual(session.sign_in("alice").status, 201)
        mine = self.json("session", "list", "admin=alice")
        self.assertEqual(len(mine), 1)
        self.assertIn("alice", self.run_cli("session", "list"))
        self.there("bob", "session", "end", str(mine[0]["id"]))
        self.assertEqual(session.get("/status").status, 401)
        self.run_cli("session", "end", str(mine[0]["id"]), code=NOT_FOUND)

    def test_tokens(self):
        bob = next(t for t in self.json("token", "list") if t["admin"] == "bob")
        self.assertIn(bob["prefix"], self.run_cli("token", "list"))
        self.run_cli("token", "revoke", str(bob["id"]))
        self.there("bob", "status", code=NOT_ALLOWED)
        self.there("alice", "token", "revoke", str(bob["id"]), code=NOT_FOUND)

    def test_audit_export(self):
        self.run_cli("partner", "add", "a.test", "--commit", "first one")
        out = self.run_cli("audit", "export")
        rows = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(rows), self.json("audit", "verify")["rows"])
        self.assertEqual(self.there("alice", "audit", "export"), out)
        some = self.there("alice", "audit", "export", "kind=partners", "key=a.test")
        self.assertEqual({json.loads(line)["key"] for line in some.splitlines()}, {"a.test"})
        file = os.path.join(self.work.path, "audit.jsonl")
        self.run_cli("audit", "export", "--out", file)
        with open(file, encoding="utf-8") as f:
            self.assertEqual(f.read(), out)
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        self.run_cli("audit", "export", "--out", file, code=FAILED)  # nothing is overwritten
        self.run_cli("audit", "export", "nosuch=1", code=FAILED)
        self.run_cli("audit", "export", "nosuch", code=USAGE)
        self.there("alice", "audit", "export", "since=never", code=FAILED)


class Importing(Both):
    def test_lync(self):
        file = os.path.join(SAMPLES, "partners.clixml")
        out = self.there("alice", "import-lync", file)
        self.assertIn("add    partners fabrikam.com", out)
        self.assertIn("warning: record", out)
        self.assertIn("2 staged, 0 unchanged", out)
        self.assertEqual(self.json("import-lync", file)["staged"], 2)
        self.run_cli("commit", "--comment", "from Lync")
        self.assertEqual(self.running("/partners/fabrikam.com").status, 200)
        self.assertIn("state: suspended", self.there("bob", "import-lync", "--suspended", os.path.join(SAMPLES, "partners.csv")))
        self.run_cli("import-lync", os.path.join(SAMPLES, "nosuch"), code=FAILED)
        self.run_cli("import-lync", os.devnull, code=FAILED)


class Everywhere(Both):
    def test_what_reads_says_the_same_here_and_there(self):
        self.server.local().apply(
            partners={"a.test": {"tls": "optional"}}, policies={"user:p": {}}, sites={"hq": {}}, edges={"e.test": {}},
            front_ends={"f": {"host": "127.0.0.1", "port": 5060, "transport": "udp"}},
            domains={"ours.test": {"front_ends": ["f"]}}, users={"u@ours.test": {"site": "hq"}})
        made = self.json("certificate", "add", self.pem)["id"]
        keys = {"partner": "a.test", "policy": "user:p", "user": "u@ours.test", "site": "hq", "edge": "e.test",
                "front-end": "f", "domain": "ours.test", "trust": None}
        commands = [[noun, "list"] for noun in keys] + [[noun, "show", key] for noun, key in keys.items() if key]
        commands += [["settings", "show"], ["certificate", "list"], ["certificate", "show", made],
                     ["certificate", "assignments"], ["partner", "status", "a.test"], ["draft", "show"], ["draft", "check"],
                     ["revision", "list"], ["revision", "show", "1"], ["revision", "diff", "1"], ["approval", "list"],
                     ["audit", "list", "kind=partners"], ["audit", "verify"], ["session", "list"], ["status", "ports"],
                     ["streams"], ["commit", "--dry-run"]]
        for command in commands:
            here, there = self.run_cli(*command, "--json"), self.there("alice", *command, "--json")
            self.assertEqual(json.loads(here), json.loads(there), command)
            self.assertEqual(self.run_cli(*command), self.there("alice", *command), command)
        for command in (["status"], ["token", "list"]):
            self.assertEqual(type(json.loads(self.run_cli(*command, "--json"))),
                             type(json.loads(self.there("alice", *command, "--json"))))
        self.assertEqual(json.loads(self.run_cli("explain", "u@ours.test", "x@a.test", "--json", code=FAILED)),
                         json.loads(self.there("alice", "explain", "u@ours.test", "x@a.test", "--json", code=FAILED)))





if __name__ == "__main__":
    unittest.main()
