"""The client of the REST interface on the command line: fields, draft, commits, exit codes, local
socket and HTTPS. The real binary against a real server."""
import json
import os
import re
import subprocess
import unittest

import fedgate

OK, FAILED, USAGE, UNREACHABLE, CONFLICT, NOT_ALLOWED, NOT_FOUND = range(7)


class Cli(unittest.TestCase):
    def setUp(self):
        self.work = fedgate.Workspace()
        self.addCleanup(self.work.close)
        self.server = self.work.start()

    def run_cli(self, *args, code=OK, input=None):
        """Runs a command, which must end with `code`; its standard output."""
        done = self.work.run(*args, input=input)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.stderr = done.stderr
        return done.stdout

    def json(self, *args, code=OK):
        return json.loads(self.run_cli(*args, "--json", code=code))

    def running(self, path):
        return self.server.local().get(path)


class Fields(Cli):
    def test_every_type(self):
        self.run_cli("partner", "add", "fabrikam.test", "partner_type=federated", "dialback=no",
                     "connection_limit=7", "valid_until=2031-01-31T00:00:00Z",
                     "additional_domains=b.test, a.test", "owner=Zoë", "--commit", "new")
        is_ = self.running("/partners/fabrikam.test").ok().data
        self.assertEqual(is_["partner_type"], "federated")
        self.assertIs(is_["dialback"], False)
        self.assertEqual(is_["connection_limit"], 7)
        self.assertEqual(sorted(is_["additional_domains"]), ["a.test", "b.test"])
        self.assertEqual(is_["owner"], "Zoë")
        self.run_cli("partner", "set", "fabrikam.test", "connection_limit=null", "owner=",
                     "additional_domains=", "--commit", "cleared")
        is_ = self.running("/partners/fabrikam.test").ok().data
        self.assertIsNone(is_["connection_limit"])
        self.assertEqual((is_["owner"], is_["additional_domains"]), ("", []))

    def test_lists_are_edited_in_place(self):
        self.server.local().apply(partners={"x.test": {"additional_domains": ["a.test", "b.test"]}})
        self.run_cli("partner", "set", "x.test", "additional_domains+=c.test,a.test",
                     "additional_domains-=b.test", "--commit", "edit")
        self.assertEqual(self.running("/partners/x.test").data["additional_domains"],
                         ["a.test", "c.test"])
        self.run_cli("partner", "set", "x.test", "additional_domains-=none.test", "--commit", "c",
                     code=FAILED)
        self.run_cli("partner", "set", "x.test", "owner+=me", code=USAGE)

    def test_nested_settings(self):
        self.run_cli("settings", "set", "limits.depth=99", "listeners.xmpp=127.0.0.1:15269",
                     "--commit", "deeper")
        is_ = self.running("/settings").data
        self.assertEqual(is_["limits"]["depth"], 99)
        self.assertEqual(is_["limits"]["attributes"], 100)
        self.assertEqual(is_["listeners"]["xmpp"], ["127.0.0.1:15269"])
        self.assertEqual(len(is_["listeners"]["sip"]), 1)

    def test_wrong_values_are_refused_here(self):
        for wrong in ("tls=maybe", "dialback=perhaps", "connection_limit=many", "colour=red",
                      "methods=sasl_tls", "nothing"):
            self.run_cli("partner", "add", "x.test", wrong, code=USAGE)
        self.assertEqual(self.running("/draft").data["total"], 0)

    def test_pem_from_a_file(self):
        pem = os.path.join(self.work.path, "data", "keys", "panel.crt")
        self.run_cli("trust", "add", "own", "pem=@" + pem, "usage=internal", "--commit", "trust")
        self.assertEqual(self.running("/trust_anchors/own").data["usage"], ["internal"])
        self.run_cli("trust", "add", "two", "pem=@/nonexistent", "usage=internal", code=FAILED)


class Draft(Cli):
    def test_staged_checked_committed(self):
        self.run_cli("partner", "add", "x.test")
        self.assertEqual(self.running("/partners/x.test").status, 404)
        self.run_cli("partner", "show", "x.test", code=NOT_FOUND)
        self.run_cli("partner", "show", "x.test", "--draft")
        self.assertEqual(self.json("draft", "show")["summary"]["count"], 1)
        self.assertTrue(self.json("draft", "check")["ok"])
        self.assertIn("revision 1 runs", self.run_cli("commit", "--comment", "first"))
        self.assertEqual(self.running("/partners/x.test").status, 200)
        self.assertEqual(self.json("revision", "show", "1")["comment"], "first")

    def test_unsolved_reference_fails_the_check(self):
        self.run_cli("domain", "add", "contoso.test", "front_ends=missing")
        self.assertFalse(self.json("draft", "check", code=FAILED)["ok"])
        self.run_cli("commit", "--comment", "no", code=FAILED)
        self.run_cli("front-end", "add", "missing", "host=127.0.0.1", "port=5060", "transport=udp")
        self.run_cli("commit", "--comment", "yes")

    def test_selection_and_discard(self):
        self.run_cli("partner", "add", "a.test")
        self.run_cli("partner", "add", "b.test")
        self.run_cli("partner", "add", "c.test")
        self.run_cli("draft", "commit", "partner/a.test", "--comment", "a")
        self.run_cli("draft", "discard", "partner", "b.test")
        self.assertEqual([c["key"] for c in self.json("draft", "show")["changes"]], ["c.test"])
        self.run_cli("draft", "discard")
        self.assertEqual(self.json("draft", "show")["changes"], [])

    def test_confirm_and_revert(self):
        self.run_cli("partner", "add", "x.test", "--commit", "a", "--confirm-within", "600")
        self.run_cli("partner", "add", "y.test", "--commit", "b", code=CONFLICT)
        self.run_cli("revision", "revert", "1")
        self.assertEqual(self.running("/partners/x.test").status, 404)
        self.run_cli("partner", "add", "x.test", "--commit", "c", "--confirm-within", "600")
        newest = self.json("revision", "list")[0]["revision"]
        self.run_cli("revision", "confirm", str(newest))
        self.run_cli("partner", "add", "y.test", "--commit", "d")

    def test_diff_and_restore(self):
        self.run_cli("partner", "add", "x.test", "tls=required", "--commit", "a")
        self.run_cli("partner", "set", "x.test", "tls=optional", "--commit", "b")
        self.assertIn("tls: required -> optional", self.run_cli("revision", "diff", "2"))
        self.assertIn("no difference", self.run_cli("revision", "diff", "2", "2"))
        self.run_cli("revision", "restore", "1")
        self.run_cli("commit", "--comment", "back")
        self.assertEqual(self.running("/partners/x.test").data["tls"], "required")
        self.run_cli("revision", "show", "one", code=USAGE)

    def test_dry_run_changes_nothing(self):
        out = self.run_cli("partner", "add", "x.test", "tls=optional", "--dry-run")
        self.assertIn("tls: optional", out)
        self.assertEqual(self.running("/draft").data["total"], 0)
        self.assertEqual(self.running("/status").data["revision"], 0)
        self.run_cli("partner", "add", "x.test", "--dry-run", "--commit", "both", code=USAGE)


class Many(Cli):
    def setUp(self):
        super().setUp()
        self.server.local().apply(partners={f"p{i}.org": {"tls": "required"} for i in range(3)},
                                  **{"policies": {"user:press": {}},
                                     "front_ends": {"f": {"host": "127.0.0.1", "port": 5060,
                                                          "transport": "udp"}},
                                     "domains": {"contoso.test": {"front_ends": ["f"]}},
                                     "users": {f"u{i}@contoso.test": {} for i in range(3)}})

    def test_lists(self):
        self.assertEqual(self.run_cli("partner", "list", "--keys").split(),
                         ["p0.org", "p1.org", "p2.org"])
        self.assertEqual(self.run_cli("partner", "list", "domain=p1*", "--keys").split(), ["p1.org"])
        self.assertEqual(self.run_cli("partner", "list", "--sort", "-domain", "--limit", "2",
                                      "--keys").split(), ["p2.org", "p1.org"])
        lines = self.run_cli("partner", "list", "--columns", "domain,tls").splitlines()
        self.assertEqual(lines[0], "domain  tls")
        self.assertEqual(lines[1], "p0.org  required")
        self.run_cli("partner", "list", "nosuch=1", code=FAILED)
        self.run_cli("partner", "list", "nosuch", code=USAGE)

    def test_where(self):
        self.run_cli("partner", "set", "--where", "domain=p[!0]*", "state=suspended", "--dry-run")
        self.run_cli("partner", "set", "--where", "domain=p*", "state=suspended", "--commit", "all")
        self.assertEqual({p["state"] for p in self.json("partner", "list")}, {"suspended"})
        self.assertEqual(self.running("/revisions").data["total"], 2)
        self.run_cli("partner", "remove", "p0.org", "--where", "all", code=USAGE)
        self.run_cli("partner", "remove", code=USAGE)
        self.run_cli("partner", "remove", "--where", ",".join(["domain=p0.org"] * 17), code=USAGE)
        self.run_cli("partner", "remove", "--where", ",", code=USAGE)
        self.run_cli("partner", "remove", "p0.org", "--commit", "one")
        self.assertEqual(len(self.json("partner", "list")), 2)
        self.run_cli("partner", "remove", "--where", "all", "--commit", "none left")
        self.assertEqual(self.json("partner", "list"), [])

    def test_grant(self):
        self.run_cli("policy", "grant", "user:press", "u0@contoso.test", "u1@contoso.test",
                     "--commit", "press")
        granted = [u["address"] for u in self.json("user", "list") if u["policy"] == "user:press"]
        self.assertEqual(granted, ["u0@contoso.test", "u1@contoso.test"])
        self.run_cli("policy", "ungrant", "--where", "policy=user:press", "--commit", "no press")
        self.assertEqual({u["policy"] for u in self.json("user", "list")}, {None})
        self.run_cli("policy", "grant", "user:press", "nobody@contoso.test", code=NOT_FOUND)

    def test_many_by_filter(self):
        out = self.run_cli("partner", "set", "--filter", "domain=p*", "state=suspended", "--dry-run")
        self.assertIn("3 would change", out)
        self.assertIn("  p1.org\n", out)
        self.assertEqual(self.running("/draft").data["total"], 0)
        self.run_cli("partner", "set", "--filter", "domain=p[!0]*", "state=suspended")
        self.assertEqual(self.running("/draft").data["total"], 0)
        out = self.run_cli("partner", "set", "--filter", "domain=p*,state=active", "state=suspended")
        self.assertIn("staged: set for 3", out)
        self.assertEqual(self.json("partner", "set", "--where", "all", "state=suspended")["unchanged"], 3)
        self.assertEqual({c["op"] for c in self.running("/draft").data["changes"]}, {"patch"})
        self.assertEqual(self.json("partner", "remove", "--filter", "state=susp*", "--dry-run")["matched"], 3)
        self.run_cli("partner", "remove", "--filter", "state=susp*")
        self.assertEqual({c["op"] for c in self.running("/draft").data["changes"]}, {"delete"})
        self.run_cli("partner", "set", "--filter", "domain=p*", "nosuch=1", code=USAGE)
        self.run_cli("partner", "remove", "--filter", "nosuch=1", code=FAILED)
        self.run_cli("draft", "discard")

    def test_user_assign(self):
        self.assertIn("2 would change", self.run_cli("user", "assign", "user:press", "u0@contoso.test", "u1@contoso.test",
                                                     "--dry-run"))
        self.run_cli("user", "assign", "user:press", "u0@contoso.test", "nobody@contoso.test", code=NOT_FOUND)
        self.assertIn("nobody@contoso.test", self.stderr)
        self.assertEqual([c["key"] for c in self.running("/draft").data["changes"]], ["u0@contoso.test"])
        self.run_cli("user", "assign", "automatic", "--where", "policy=user:press")
        self.assertEqual(self.running("/draft").data["total"], 0)
        self.run_cli("policy", "grant", "user:press", "--where", "all")
        self.assertEqual(self.running("/draft").data["summary"]["by_kind"], {"users": self.running("/users").data["total"]})
        self.run_cli("user", "assign", "user:none", "--where", "all", code=FAILED)
        self.run_cli("user", "assign", "user:press", code=USAGE)
        self.run_cli("draft", "discard")

    def test_user_import(self):
        path = os.path.join(self.work.path, "users.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write("address,display_name\nnew@contoso.test,New\nwrong,\n")
        out = self.run_cli("user", "import", path, "--dry-run", code=FAILED)
        self.assertIn("2 lines: 1 added, 0 changed, 0 unchanged, 1 rejected; nothing was changed", out)
        self.assertIn("line 3: wrong: ", self.stderr)
        self.assertEqual(self.running("/draft").data["total"], 0)
        self.assertEqual(self.json("user", "import", path, code=FAILED)["result"]["staged"], 1)
        self.assertEqual([c["key"] for c in self.running("/draft").data["changes"]], ["new@contoso.test"])
        self.run_cli("user", "import", path + ".none", code=FAILED)
        self.run_cli("draft", "discard")

    def test_additional_domains(self):
        self.run_cli("partner", "domains", "p0.org", "add", "a0.org", "b0.org")
        self.run_cli("partner", "domains", "p0.org", "remove", "a0.org")
        self.assertEqual(self.running("/partners/p0.org?view=draft").data["additional_domains"], ["b0.org"])
        self.run_cli("partner", "domains", "p0.org", "remove", "none.org", code=FAILED)
        self.assertEqual(self.json("partner", "domains", "p0.org", "replace", "c0.org")["additional_domains"], ["c0.org"])
        self.run_cli("partner", "domains", "p0.org", "clear")
        self.assertEqual(self.running("/draft").data["total"], 0)
        for wrong in (["p0.org", "clear", "x.org"], ["p0.org", "add"], ["p0.org", "put", "x.org"]):
            self.run_cli("partner", "domains", *wrong, code=USAGE)
        self.run_cli("partner", "domains", "none.org", "clear", code=NOT_FOUND)

    def test_removing_the_global_policy_resets_it(self):
        self.run_cli("policy", "set", "global", "federation_access=true", "--commit", "open")
        self.assertTrue(self.running("/policies/global").data["federation_access"])
        self.run_cli("policy", "remove", "global", "--commit", "reset")
        self.assertFalse(self.running("/policies/global").data["federation_access"])

    def test_add_never_replaces(self):
        for more in ([], ["--commit", "again"]):
            self.run_cli("partner", "add", "p0.org", "tls=optional", *more, code=CONFLICT)
        self.assertEqual(self.running("/partners/p0.org").data["tls"], "required")

    def test_conflict_of_drafts(self):
        self.run_cli("partner", "set", "p0.org", "tls=optional")
        self.server.client().commits([{"op": "patch", "kind": "partners", "key": "p0.org",
                                       "value": {"owner": "them"}}]).ok()
        self.run_cli("draft", "check", code=CONFLICT)
        self.run_cli("commit", "--comment", "mine", code=CONFLICT)
        self.assertIn("p0.org", self.stderr)


class Watching(Cli):
    def test_status_and_audit(self):
        self.assertEqual(self.json("status")["revision"], 0)
        self.run_cli("partner", "add", "x.test", "--commit", "a")
        self.assertIn("x.test", self.run_cli("audit", "list", "kind=partners"))
        self.assertTrue(self.json("audit", "verify")["ok"])
        self.assertEqual(self.json("partner", "status", "x.test")["state"], "never")
        self.assertEqual(self.json("streams"), [])
        self.run_cli("streams", "close", "1", code=NOT_FOUND)

    def test_explain_tells_by_its_exit_code(self):
        out = self.run_cli("explain", "a@contoso.test", "b@x.test", code=FAILED)
        self.assertIn("federation_disabled", out)

    def test_outside_text_is_quoted(self):
        self.server.local().apply(partners={"x.test": {"description": "red \u202e text"}})
        for out in (self.run_cli("partner", "show", "x.test"), self.run_cli("partner", "list")):
            self.assertNotIn("\u202e", out)
            self.assertIn("red ", out)

    def test_certificates(self):
        pem = os.path.join(self.work.path, "data", "keys", "panel.crt")
        key = os.path.join(self.work.path, "data", "keys", "panel.key")
        made = self.json("certificate", "add", pem, "--key", key, "--name", "own")
        self.assertTrue(made["has_key"])
        self.run_cli("certificate", "assign", "internal", made["id"], "--commit", "assign")
        self.assertEqual(self.running("/certificate_assignments/internal").data["certificate"],
                         made["id"])
        self.run_cli("certificate", "remove", made["id"], code=CONFLICT)
        self.run_cli("certificate", "unassign", "internal", "--commit", "unassign")
        self.run_cli("certificate", "remove", made["id"])
        self.assertEqual(self.json("certificate", "list"), [])


class Remote(Cli):
    def setUp(self):
        super().setUp()
        self.pem = os.path.join(self.work.path, "data", "keys", "panel.crt")
        self.token = os.path.join(self.work.path, "token")
        self.write_token(self.server.token())

    def write_token(self, token):
        with open(self.token, "w", encoding="ascii") as f:
            f.write(token + "\n")

    def remote(self, *args, code=OK):
        done = subprocess.run([fedgate.binary(), *args, "--url", self.server.url], text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.stderr = done.stderr
        return done.stdout

    def test_certificate_is_judged(self):
        self.remote("status", "--token-file", self.token, code=UNREACHABLE)
        pin = re.search(r"--pin ([0-9a-f]{64})", self.stderr).group(1)
        self.remote("status", "--token-file", self.token, "--pin", pin)
        other = ("0" if pin[0] != "0" else "1") + pin[1:]
        self.remote("status", "--token-file", self.token, "--pin", other, code=UNREACHABLE)
        self.remote("status", "--token-file", self.token, "--pin", "abc", code=USAGE)
        self.remote("status", "--token-file", self.token, "--ca", self.pem)
        self.remote("status", "--token-file", self.token, "--ca", self.token, code=UNREACHABLE)

    def test_name_is_judged(self):
        """The certificate is trusted, but does not hold the name that was given."""
        url = self.server.url.replace("127.0.0.1", "127.1")
        done = subprocess.run([fedgate.binary(), "status", "--url", url, "--ca", self.pem,
                               "--token-file", self.token], text=True, capture_output=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, UNREACHABLE, done.stderr)
        self.assertIn("mismatch", done.stderr)

    def test_rights(self):
        self.remote("status", "--ca", self.pem, code=USAGE)
        self.write_token("not-a-token")
        self.remote("status", "--ca", self.pem, "--token-file", self.token, code=NOT_ALLOWED)
        self.write_token(self.server.token("vera", "viewer"))
        self.remote("partner", "list", "--ca", self.pem, "--token-file", self.token)
        self.remote("partner", "add", "x.test", "--ca", self.pem, "--token-file", self.token,
                    code=NOT_ALLOWED)

    def test_changes_from_elsewhere(self):
        more = ("--ca", self.pem, "--token-file", self.token)
        self.remote("partner", "add", "x.test", "--commit", "from elsewhere", *more)
        self.assertEqual(json.loads(self.remote("revision", "list", "--json", *more))[0]["author"],
                         "admin")

    def test_nobody_there(self):
        self.server.stop()
        self.run_cli("status", code=UNREACHABLE)
        self.remote("status", "--ca", self.pem, "--token-file", self.token, code=UNREACHABLE)
        done = subprocess.run([fedgate.binary(), "status", "--url", "http://127.0.0.1"], text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, USAGE)


class Texts(unittest.TestCase):
    """Help, manual page and completions come from the same tables."""

    def out(self, *args, code=OK):
        done = subprocess.run([fedgate.binary(), *args], text=True, capture_output=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def commands(self):
        return [line[2:26].strip() for line in self.out("help").splitlines()
                if re.match(r"  [a-z]", line)]

    def test_every_command_has_help_and_a_place_in_the_manual(self):
        page = self.out("help", "--man").replace("\\-", "-")
        self.assertTrue(page.startswith(".TH FEDGATE 1"))
        self.assertGreater(len(self.commands()), 60)
        for command in self.commands():
            self.assertIn("usage: fedgate " + command, self.out(*command.split(), "--help"))
            self.assertRegex(page, rf"\n\.SS fedgate {command}[ \n]")
        for status in range(7):
            self.assertIn(f".TP\n.B {status}\n", page)

    def test_every_field_is_in_the_manual(self):
        with fedgate.Workspace() as work:
            kinds = work.start().local().get("/schema").ok().data["kinds"]
        page = self.out("help", "--man")
        for field in kinds["partners"]["fields"]:
            if not field["read_only"]:
                self.assertIn(f".B {field['name']}\n", page)
        self.assertIn(".B limits.depth\n", page)

    def complete(self, *words):
        script = 'source <("$FEDGATE" completion bash); COMP_WORDS=("$@"); ' \
            'COMP_CWORD=$(($# - 1)); _fedgate; printf "%s\\n" "${COMPREPLY[@]}"'
        done = subprocess.run(["bash", "-c", script, "_", "fedgate", *words], text=True,
                              capture_output=True, timeout=60, check=True,
                              env={**os.environ, "FEDGATE": fedgate.binary()})
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_completions(self):
        self.assertIn("partner", self.complete(""))
        self.assertIn("serve", self.complete(""))
        self.assertEqual(self.complete("partner", "se"), ["set"])
        self.assertEqual(self.complete("partner", "add", "x.test", "tl"), ["tls="])
        self.assertEqual(self.complete("partner", "add", "x.test", "tls", "=", "opt"), ["optional"])
        self.assertEqual(self.complete("partner", "add", "x.test", "dialback", "="),
                         ["true", "false"])
        self.assertEqual(self.complete("commit", "--com"), ["--comment"])
        self.assertEqual(self.complete("admin", "a"), ["add"])


if __name__ == "__main__":
    unittest.main()
