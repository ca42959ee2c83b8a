"""Who may do what: sessions and CSRF, tokens, roles, the set-up link, the local socket."""
import json
import os
import re
import socket
import ssl
import time
import unittest

from fedgate import PASSWORD, Workspace

ROLES = ["administrator", "operator", "user_administrator", "help_desk", "viewer"]


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        for role in ROLES:
            cls.server.add_admin("the-" + role, role)
        cls.clients = {role: cls.server.client(cls.server.token("the-" + role, role)) for role in ROLES}
        cls.admin = cls.clients["administrator"]

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def who_may(self, call):
        return [role for role in ROLES if call(self.clients[role]).status not in (401, 403)]

    def test_nobody(self):
        anonymous = self.server.anonymous()
        for method, path in (("GET", "/partners"), ("PUT", "/partners/x.test"), ("GET", "/session"),
                             ("POST", "/commits"), ("GET", "/openapi.json"), ("GET", "/status")):
            answer = anonymous.request(method, path, None if method == "GET" else {})
            self.assertEqual(answer.status, 401, path)
            self.assertIsNotNone(answer.problem)
            self.assertIn("Bearer", answer.headers["WWW-Authenticate"])

    def test_bad_tokens(self):
        for value in ("Bearer fgt_wrong", "Bearer ", "Basic YTpi", "Bearer " + "x" * 4000):
            answer = self.server.anonymous().get("/status", headers={"Authorization": value})
            self.assertEqual(answer.status, 401, value)
            self.assertIsNotNone(answer.problem)

    def test_refused_before_the_body_is_read(self):
        answer = self.server.anonymous().request("POST", "/commits", raw=b"x" * (1 << 20))
        self.assertEqual(answer.status, 401)
        answer = self.clients["viewer"].request("POST", "/commits", raw=b"x" * (1 << 20))
        self.assertEqual(answer.status, 403)

    def test_roles_by_route(self):
        everyone = ROLES
        for path in ("/partners", "/settings", "/status", "/streams", "/draft", "/revisions", "/certificates",
                     "/negotiation", "/schema", "/explain?kind=message&from=a@b.test&to=c@d.test", "/claims?domain=a.test", "/tokens",
                     "/sessions", "/session", "/openapi.json"):
            self.assertEqual(self.who_may(lambda c, p=path: c.get(p)), everyone, path)
        self.assertEqual(self.who_may(lambda c: c.get("/audit")), ["administrator", "operator"])
        self.assertEqual(self.who_may(lambda c: c.get("/admins")), ["administrator"])
        self.assertEqual(self.who_may(lambda c: c.post("/certificates", {})), ["administrator", "operator"])
        self.assertEqual(self.who_may(lambda c: c.post("/streams/1/close")), ["administrator", "operator"])
        self.assertEqual(self.who_may(lambda c: c.post("/admins", {})), ["administrator"])

    def test_roles_by_kind(self):
        kinds = {"partners/x.test": ["administrator"], "policies/global": ["administrator"],
                 "sites/x": ["administrator"], "edges/x.test": ["administrator"], "front_ends/x": ["administrator"],
                 "domains/x.test": ["administrator"], "trust_anchors/x": ["administrator"], "settings": ["administrator"],
                 "users/a@x.test": ["administrator", "user_administrator"],
                 "certificate_assignments/external": ["administrator", "operator"]}
        for path, may in kinds.items():
            self.assertEqual(self.who_may(lambda c, p=path: c.put("/" + p, {"x": 1})), may, path)
            self.assertEqual(self.who_may(lambda c, p=path: c.patch("/" + p, {"x": 1})), may, path)
            if path != "settings":
                self.assertEqual(self.who_may(lambda c, p=path: c.delete("/" + p)), may, path)

    def test_roles_by_kind_in_a_commit(self):
        user = [{"op": "put", "kind": "users", "key": "a@x.test", "value": {"x": 1}}]
        partner = [{"op": "put", "kind": "partners", "key": "x.test", "value": {"x": 1}}]
        self.assertEqual(self.who_may(lambda c: c.commits(user)), ["administrator", "user_administrator"])
        self.assertEqual(self.who_may(lambda c: c.commits(partner)), ["administrator"])
        self.assertEqual(self.who_may(lambda c: c.commits(user + partner)), ["administrator"])

    def test_draft_of_somebody_who_has_lost_the_role(self):
        client = self.server.client(self.server.token("shrinks", "administrator"))
        client.put("/partners/shrink.test", {}).ok()
        self.admin.patch("/admins/shrinks", {"role": "user_administrator"}).ok()
        answer = client.commit()
        self.assertEqual(answer.status, 403, answer)
        self.assertEqual(self.admin.get("/partners/shrink.test").status, 404)

    def test_session(self):
        client = self.server.anonymous()
        answer = client.sign_in("the-administrator")
        self.assertEqual(answer.status, 201)
        cookie = answer.headers["Set-Cookie"]
        self.assertTrue(cookie.startswith("__Host-"))
        for rule in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"):
            self.assertIn(rule, cookie)
        self.assertNotIn("Domain", cookie)
        shown = client.get("/session").data
        self.assertEqual((shown["username"], shown["role"]), ("the-administrator", "administrator"))
        self.assertEqual(shown["csrf_token"], client.csrf)
        self.assertEqual(client.delete("/session").status, 204)
        self.assertEqual(client.get("/session").status, 401)

    def test_csrf(self):
        client = self.server.anonymous()
        client.sign_in("the-administrator")
        for token in (None, "", "wrong"):
            answer = client.put("/partners/csrf.test", {}, headers={"X-CSRF-Token": token})
            self.assertEqual((answer.status, answer.problem["code"]), (403, "csrf"))
        other = self.server.anonymous()
        other.sign_in("the-administrator")
        self.assertEqual(client.put("/partners/csrf.test", {}, headers={"X-CSRF-Token": other.csrf}).status, 403)
        self.assertEqual(client.put("/partners/csrf.test", {}).status, 201)
        client.delete("/draft").ok()

    def test_sign_in_is_refused(self):
        for name, password in (("the-viewer", "wrong password"), ("nobody at all", "wrong password"),
                               ("the-viewer", "x" * 1025)):
            answer = self.server.anonymous().sign_in(name, password)
            self.assertIn(answer.status, (401, 422), answer)
        audit = self.admin.get("/audit?action=sign_in").data["items"]
        self.assertIn("nobody at all", [e["name"] for e in audit])
        self.assertNotIn("wrong password", str(audit))

    def test_sign_in_is_slowed_down_not_locked(self):
        self.server.add_admin("slow", "viewer")
        answers = [self.server.anonymous().sign_in("slow", "wrong password") for _ in range(12)]
        slowed = [a for a in answers if a.status == 429]
        self.assertTrue(slowed, answers)
        self.assertGreater(int(slowed[0].headers["Retry-After"]), 0)
        # Nobody else is kept out by it: the local socket and tokens go on.
        self.assertEqual(self.clients["viewer"].get("/session").status, 200)

    def test_tokens_never_do_more_than_their_owner(self):
        for role in ("operator", "viewer"):
            answer = self.clients[role].post("/tokens", {"name": "more", "role": "administrator"})
            self.assertEqual(answer.status, 403, answer)
        made = self.clients["operator"].post("/tokens", {"name": "less", "role": "viewer"}).ok().data
        less = self.server.client(made["token"])
        self.assertEqual(less.get("/session").data["role"], "viewer")
        self.assertEqual(less.post("/certificates", {}).status, 403)
        # A token that is to do little makes none that does more.
        self.assertEqual(less.post("/tokens", {"name": "grow", "role": "operator"}).status, 403)
        self.assertEqual(self.clients["operator"].delete(f"/tokens/{made['id']}").status, 204)
        self.assertEqual(less.get("/session").status, 401)

    def test_tokens_of_others(self):
        names = {t["admin"] for t in self.clients["viewer"].get("/tokens").data["items"]}
        self.assertEqual(names, {"the-viewer"})
        names = {t["admin"] for t in self.admin.get("/tokens").data["items"]}
        self.assertLessEqual({"the-viewer", "the-operator"}, names)
        mine = next(t for t in self.admin.get("/tokens").data["items"] if t["admin"] == "the-operator")
        self.assertEqual(self.clients["viewer"].delete(f"/tokens/{mine['id']}").status, 404)
        self.assertEqual(self.clients["viewer"].post("/tokens", {"name": "x", "admin": "the-operator"}).status, 403)

    def test_tokens_make_none_that_lasts_longer(self):
        def at(seconds):
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        end = at(3600)
        short = self.server.client().post("/tokens", {"name": "short", "expires": end}).ok().data
        short = self.server.client(short["token"])
        for expires in (at(7200), "2099-01-01T00:00:00Z"):
            answer = short.post("/tokens", {"name": "longer", "expires": expires})
            self.assertEqual((answer.status, answer.pointers(), answer.codes()), (422, ["/expires"], ["too_late"]), answer)
        self.assertEqual(short.post("/tokens", {"name": "shorter", "expires": at(60)}).status, 201)
        child = short.post("/tokens", {"name": "child"}).ok().data
        self.assertEqual(child["expires"], self.server.client().get(f"/tokens/{child['id']}").data["expires"])
        self.assertEqual(child["expires"][:19], end[:19])
        self.assertIsNone(self.server.client().post("/tokens", {"name": "endless"}).ok().data["expires"])

    def test_an_account_has_so_many_tokens(self):
        self.server.add_admin("hoarder", "viewer")
        made = []
        for i in range(101):
            answer = self.admin.post("/tokens", {"name": f"t{i}", "admin": "hoarder"})
            if answer.status != 201:
                break
            made.append(answer.data["id"])
        self.assertEqual((len(made), answer.status, answer.problem["code"]), (100, 409, "too_many_tokens"))
        # One that counts no more makes room.
        self.admin.delete(f"/tokens/{made[0]}").ok()
        self.assertEqual(self.admin.post("/tokens", {"name": "again", "admin": "hoarder"}).status, 201)
        self.admin.delete("/admins/hoarder").ok()

    def test_a_token_falls_with_its_owner(self):
        self.server.add_admin("owner", "administrator")
        client = self.server.client(self.server.token("owner"))
        self.assertEqual(client.get("/admins").status, 200)
        self.admin.patch("/admins/owner", {"role": "viewer"}).ok()
        self.assertEqual(client.get("/admins").status, 403)
        self.admin.patch("/admins/owner", {"disabled": True}).ok()
        self.assertEqual(client.get("/session").status, 401)
        self.admin.patch("/admins/owner", {"disabled": False}).ok()
        self.assertEqual(client.get("/session").status, 200)
        self.admin.delete("/admins/owner").ok()
        self.assertEqual(client.get("/session").status, 401)

    def test_demoted_while_the_body_is_on_its_way(self):
        """Who is let in by the headers must still be somebody when the body is complete."""
        self.server.add_admin("slow", "administrator")
        token = self.server.token("slow")
        change = json.dumps({"changes": [{"op": "put", "kind": "partners", "key": "late.test", "value": {}}]})
        demote = lambda: self.admin.patch("/admins/slow", {"role": "viewer"}).ok()
        remove = lambda: self.admin.delete("/admins/slow").ok()
        self.assertEqual(self.slowly("POST", "/commits", token, change, demote), 403)
        self.assertEqual(self.admin.get("/partners/late.test").status, 404)
        self.admin.patch("/admins/slow", {"role": "administrator"}).ok()
        self.assertEqual(self.slowly("PUT", "/partners/late.test", token, "{}", lambda: None), 201)
        self.assertEqual(self.slowly("PUT", "/partners/late.test", token, '{"owner": "x"}', remove), 401)

    def slowly(self, method, path, token, body, between):
        """Sends a request, calls `between` before the end of its body; the status."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        head = (f"{method} /api/v1{path} HTTP/1.1\r\nHost: panel\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                "Expect: 100-continue\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=60) as plain:
            with context.wrap_socket(plain) as tls:
                tls.sendall(head.encode())
                self.assertIn(b" 100 ", tls.recv(4096))  # the headers have been judged
                tls.sendall(body[:1].encode())
                between()
                tls.sendall(body[1:].encode())
                return int(tls.recv(65536).split()[1])

    def test_sessions_end(self):
        client = self.server.anonymous()
        client.sign_in("the-help_desk")
        mine = [s for s in client.get("/sessions").data["items"] if s["current"]]
        self.assertEqual(len(mine), 1)
        other = self.server.anonymous()
        other.sign_in("the-viewer")
        self.assertEqual(other.delete(f"/sessions/{mine[0]['id']}").status, 404)
        self.assertEqual(self.admin.delete(f"/sessions/{mine[0]['id']}").status, 204)
        self.assertEqual(client.get("/session").status, 401)

    def test_password(self):
        self.server.add_admin("changes", "viewer")
        client = self.server.anonymous()
        client.sign_in("changes")
        answer = client.post("/profile/password", {"current_password": "wrong", "password": "another long one"})
        self.assertEqual((answer.status, answer.pointers()), (422, ["/current_password"]))
        answer = client.post("/profile/password", {"current_password": PASSWORD, "password": "short"})
        self.assertEqual((answer.status, answer.pointers()), (422, ["/password"]))
        answer = client.post("/profile/password", {"current_password": PASSWORD, "password": "another long one"})
        self.assertEqual(answer.status, 204, answer)
        self.assertEqual(client.get("/session").status, 401, "a new password ends the sessions")
        self.assertEqual(self.server.anonymous().sign_in("changes").status, 401)
        self.assertEqual(self.server.anonymous().sign_in("changes", "another long one").status, 201)

    def test_local_socket(self):
        who = self.server.local().get("/session").data
        self.assertEqual((who["username"], who["role"]), (f"local:{os.getuid()}", "administrator"))
        self.assertEqual(os.stat(self.server.socket_path).st_mode & 0o777, 0o600)
        self.server.local().put("/partners/local.test", {}).ok()
        entry = self.admin.get("/audit?action=draft_put&key=local.test").data["items"][0]
        self.assertEqual(entry["who"], f"local:{os.getuid()}")
        self.server.local().delete("/draft").ok()

    def test_audit(self):
        self.admin.put("/partners/audited.test", {}).ok()
        revision = self.admin.commit("for the audit").ok().data["revision"]
        items = self.admin.get(f"/audit?revision={revision}").data["items"]
        actions = {(e["action"], e["key"]) for e in items}
        self.assertIn(("put", "audited.test"), actions)
        self.assertTrue(any(a == "commit" for a, _ in actions), actions)
        self.assertTrue(all(e["name"] == "the-administrator" for e in items))
        for wrong in ("abc", "0", "-1", "1x"):
            self.assertEqual(self.admin.get(f"/audit?revision={wrong}").status, 400, wrong)
        self.assertEqual(self.admin.get("/audit/verify").data["ok"], True)
        first = self.admin.get("/audit?limit=2").data
        second = self.admin.get("/audit?limit=2&cursor=" + first["next_cursor"]).data
        self.assertEqual([e["seq"] for e in first["items"] + second["items"]],
                         list(range(first["items"][0]["seq"], first["items"][0]["seq"] - 4, -1)))

    def test_names_nobody_may_have(self):
        for name in (".", "..", "system", "System", "local:0", "a\nb", " a", "\u202e:"):
            answer = self.admin.post("/admins", {"username": name, "role": "viewer", "password": PASSWORD})
            self.assertEqual((answer.status, answer.pointers()), (422, ["/username"]), name)

    def test_last_administrator(self):
        with Workspace() as work:
            server = work.start()
            server.add_admin("only")
            local = server.local()
            for answer in (local.delete("/admins/only"), local.patch("/admins/only", {"role": "viewer"}),
                           local.patch("/admins/only", {"disabled": True})):
                self.assertEqual((answer.status, answer.problem["code"]), (409, "last_administrator"))
            server.stop()


class Setup(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)
        self.server = self.work.start()

    def link(self):
        with open(os.path.join(self.server.data_dir, "setup-link"), encoding="ascii") as file:
            text = file.read()
        return re.search(r"#(\S+)", text).group(1)

    def test_once(self):
        client = self.server.anonymous()
        token = self.link()
        body = {"token": token, "username": "first", "password": PASSWORD}
        self.assertEqual(client.post("/setup", {**body, "token": "x" * 43}).status, 403)
        self.assertEqual(client.post("/setup", {**body, "password": "short"}).pointers(), ["/password"])
        answer = client.post("/setup", body)
        self.assertEqual((answer.status, answer.data["role"]), (201, "administrator"))
        self.assertEqual(client.sign_in("first").status, 201)
        answer = self.server.anonymous().post("/setup", {**body, "username": "second"})
        self.assertEqual(answer.status, 409, answer)
        self.assertEqual(self.server.local().post("/setup/link").status, 409)

    def test_another_link_voids_the_first(self):
        old = self.link()
        new = self.server.local().post("/setup/link").ok().data["token"]
        body = {"username": "first", "password": PASSWORD}
        self.assertEqual(self.server.anonymous().post("/setup", {**body, "token": old}).status, 403)
        self.assertEqual(self.server.anonymous().post("/setup", {**body, "token": new}).status, 201)

    def test_void_once_there_is_an_administrator(self):
        token = self.link()
        self.server.add_admin("console")
        answer = self.server.anonymous().post("/setup", {"token": token, "username": "late", "password": PASSWORD})
        self.assertEqual(answer.status, 409, answer)


if __name__ == "__main__":
    unittest.main()
