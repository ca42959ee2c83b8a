"""Every route of the OpenAPI document with every role and every kind of bad credentials; and the
table role × kind × verb, written down here once more, for drafts and commits."""
import time
import unittest

from fedgate import Workspace

ROLES = ["administrator", "operator", "user_administrator", "help_desk", "viewer"]
# Who may change objects of a kind; independent of the program's own table.
MAY_CHANGE = {
    "settings": {"administrator"}, "partners": {"administrator"}, "policies": {"administrator"},
    "users": {"administrator", "user_administrator"}, "sites": {"administrator"}, "edges": {"administrator"},
    "front_ends": {"administrator"}, "domains": {"administrator"}, "trust_anchors": {"administrator"},
    "certificate_assignments": {"administrator", "operator"},
}
KEYS = {"settings": "settings", "partners": "x.test", "policies": "user:x", "users": "a@x.test", "sites": "x",
        "edges": "x.test", "front_ends": "x", "domains": "x.test", "trust_anchors": "x",
        "certificate_assignments": "external"}
# They answer anybody: signing in, the set-up link.
OPEN = {("POST", "/session"), ("POST", "/setup")}
# They end or change the caller, or wait: not called with credentials that are let in.
NOT_CALLED = {("GET", "/events/stream"), ("POST", "/backup"), ("DELETE", "/session")}


class Walk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.clients = {}
        for role in ROLES:
            cls.server.add_admin("the-" + role, role)
            cls.clients[role] = cls.server.client(cls.server.token("the-" + role, role))
        document = cls.clients["viewer"].get("/openapi.json").ok().data
        cls.routes = []
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if method in ("get", "put", "post", "patch", "delete"):
                    path_here = path.removeprefix("/api/v1")
                    cls.routes.append((method.upper(), path_here, operation.get("x-roles", [])))

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    @staticmethod
    def fill(path):
        return "/".join("0" if part.startswith("{") else part for part in path.split("/"))

    def each(self):
        for method, path, roles in self.routes:
            if (method, path) not in OPEN and path.startswith("/") and path != "/metrics":
                yield method, path, roles

    def call(self, client, method, path):
        # A body that no route takes: whoever is let in gets no further.
        return client.request(method, self.fill(path), None if method in ("GET", "DELETE") else {"no such field": 1})

    def test_there_are_routes(self):
        self.assertGreater(len(self.routes), 80)

    def test_every_role(self):
        for method, path, roles in self.each():
            self.assertTrue(roles, (method, path))
            for role in ROLES:
                if role in roles:
                    if (method, path) in NOT_CALLED:
                        continue
                    self.assertNotIn(self.call(self.clients[role], method, path).status, (401,), (method, path, role))
                else:
                    answer = self.call(self.clients[role], method, path)
                    self.assertEqual((answer.status, answer.problem["code"]), (403, "role"), (method, path, role))

    def test_nobody_and_bad_credentials(self):
        admin = self.clients["administrator"]
        self.server.add_admin("gone")
        disabled = self.server.client(self.server.token("gone"))
        admin.patch("/admins/gone", {"disabled": True}).ok()
        made = admin.post("/tokens", {"name": "ended"}).ok().data
        ended = self.server.client(made["token"])
        admin.delete(f"/tokens/{made['id']}").ok()
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
        expired = self.server.client(admin.post("/tokens", {"name": "short", "expires": end}).ok().data["token"])
        while expired.get("/status").status != 401:
            time.sleep(0.1)
        for method, path, _ in self.each():
            for client in (self.server.anonymous(), self.server.client("fgt_" + "x" * 43), ended, disabled, expired):
                self.assertEqual(self.call(client, method, path).status, 401, (method, path))

    def test_a_token_does_no_more_than_its_owner(self):
        """Role of the token × role of its owner: it does what both may."""
        rights = {"administrator": {"partners", "users", "certificate_assignments"}, "operator": {"certificate_assignments"},
                  "user_administrator": {"users"}, "help_desk": set(), "viewer": set()}
        # Operator and user administrator stand beside each other.
        within = {"administrator": ROLES, "operator": ["operator", "help_desk", "viewer"],
                  "user_administrator": ["user_administrator", "help_desk", "viewer"],
                  "help_desk": ["help_desk", "viewer"], "viewer": ["viewer"]}
        local = self.server.local()
        for owner in ROLES:
            for role in ROLES:
                made = local.post("/tokens", {"admin": "the-" + owner, "name": role, "role": role})
                if made.status != 201:
                    self.assertEqual(made.status // 100, 4, (owner, role, made))
                    self.assertNotIn(role, within[owner], (owner, role))
                    continue
                client = self.server.client(made.data["token"])
                for kind in ("partners", "users", "certificate_assignments"):
                    answer = client.put(f"/{kind}/{KEYS[kind]}", {"no such field": 1})
                    allowed = kind in rights[owner] & rights[role]
                    self.assertEqual(answer.status != 403, allowed, (owner, role, kind, answer))

    def test_last_use_of_a_token(self):
        admin = self.clients["administrator"]
        made = admin.post("/tokens", {"name": "used"}).ok().data
        self.assertIsNone(admin.get(f"/tokens/{made['id']}").data["last_used"])
        with Workspace() as work:
            server = work.start()
            client = server.client()
            identity = client.get("/tokens").ok().data["items"][0]["id"]
            self.assertEqual(server.stop(), 0)
            server = work.start()
            self.assertIsNotNone(server.local().get(f"/tokens/{identity}").ok().data["last_used"])
            self.assertEqual(server.stop(), 0)

    def test_without_csrf_token(self):
        client = self.server.anonymous()
        client.sign_in("the-administrator")
        client.csrf = None
        for method, path, _ in self.each():
            if method != "GET":
                answer = self.call(client, method, path)
                self.assertEqual((answer.status, answer.problem["code"]), (403, "csrf"), (method, path))

    def test_table_of_kinds(self):
        for kind, may in MAY_CHANGE.items():
            path = "/settings" if kind == "settings" else f"/{kind}/{KEYS[kind]}"
            for role in ROLES:
                client = self.clients[role]
                for op in ("put", "patch", "delete"):
                    allowed = role in may
                    if not (kind == "settings" and op == "delete"):
                        answer = client.request(op.upper(), path, None if op == "delete" else {"no such field": 1})
                        self.assertEqual(answer.status == 403, not allowed, (role, op, path, answer))
                    change = {"op": op, "kind": kind, "key": KEYS[kind]}
                    if op != "delete":
                        change["value"] = {"no such field": 1}
                    answer = client.post("/commits", {"changes": [change], "dry_run": True})
                    self.assertEqual(answer.status == 403, not allowed, (role, op, kind, answer))


if __name__ == "__main__":
    unittest.main()
