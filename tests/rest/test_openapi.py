"""The OpenAPI document against real answers."""
import unittest

from fedgate import BASE, Workspace
from openapi import Document


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()
        cls.document = cls.client.get("/openapi.json").ok().data
        cls.validator = Document(cls.document)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def check(self, method, template, answer):
        self.assertIn(method.lower(), self.document["paths"][template])
        self.assertEqual(self.validator.faults(method, BASE + template, answer), [], f"{method} {template}: {answer}")

    def test_document(self):
        self.assertEqual(self.document["openapi"], "3.1.0")

        def walk(value):
            if isinstance(value, dict):
                if "$ref" in value:
                    self.validator.resolve(value)
                for item in value.values():
                    walk(item)
            elif isinstance(value, list):
                for item in value:
                    walk(item)
        walk(self.document)

    def test_answers(self):
        c = self.client
        c.apply(partners={"a.test": {"valid_until": "2030-01-01T00:00:00Z"}}, sites={"hq": {}},
                front_ends={"fe": {"host": "127.0.0.1", "port": 5060, "transport": "tcp"}},
                domains={"ours.test": {"front_ends": ["fe"]}}, users={"j@ours.test": {"site": "hq"}},
                edges={"edge.ours.test": {}}, policies={"user:x": {}})
        c.commits([{"op": "put", "kind": "partners", "key": "b.test", "value": {}}], confirm_within=600).ok()
        self.check("POST", "/revisions/{revision}/confirm", c.post("/revisions/2/confirm"))
        made = c.post("/tokens", {"name": "x"})
        self.check("POST", "/tokens", made)
        self.check("DELETE", "/tokens/{id}", c.delete(f"/tokens/{made.data['id']}"))
        self.check("POST", "/admins", c.post("/admins", {"username": "v", "password": "long enough for it", "role": "viewer"}))
        self.check("PATCH", "/admins/{username}", c.patch("/admins/v", {"role": "help_desk"}))
        session = self.server.anonymous()
        self.check("POST", "/session", session.sign_in("v", "long enough for it"))
        self.check("GET", "/session", session.get("/session"))
        self.check("GET", "/sessions", c.get("/sessions"))
        keys = {"partners": "a.test", "sites": "hq", "front_ends": "fe", "domains": "ours.test", "users": "j@ours.test",
                "edges": "edge.ours.test", "policies": "user:x"}
        for kind, key in keys.items():
            self.check("GET", f"/{kind}", c.get(f"/{kind}"))
            self.check("GET", f"/{kind}/{{key}}", c.get(f"/{kind}/{key}"))
            self.check("PATCH", f"/{kind}/{{key}}", c.patch(f"/{kind}/{key}", {"description": "changed"}))
        self.check("PUT", "/settings", c.put("/settings", {"connection_limit": 5}))
        for path in ("/settings", "/draft", "/revisions", "/status", "/status/ports", "/streams", "/negotiation", "/schema",
                     "/admins", "/tokens", "/audit", "/audit/verify", "/certificates"):
            self.check("GET", path, c.get(path))
        self.check("GET", "/revisions/{revision}", c.get("/revisions/1"))
        self.check("GET", "/revisions/{revision}/diff", c.get("/revisions/2/diff?against=0"))
        self.check("GET", "/partners/{key}/status", c.get("/partners/a.test/status"))
        self.check("GET", "/explain", c.get("/explain?kind=message&from=j@ours.test&to=r@a.test"))
        self.check("GET", "/claims", c.get("/claims?domain=a.test&domain=ours.test&domain=-&view=draft"))
        self.check("GET", "/export", c.get("/export"))
        self.check("POST", "/import", c.post("/import", c.get("/export").data))
        self.check("POST", "/import/lync", c.post("/import/lync", {"Domain": "l.test", "SaslNegotiation": "Optional"}))
        started = c.request("POST", "/users/import", raw=b"address\nx@ours.test\nx\n", headers={"Content-Type": "text/csv"})
        self.check("POST", "/users/import", started)
        job = c.get(f"/jobs/{started.data['id']}")
        while job.ok().data["state"] == "running":
            job = c.get(f"/jobs/{started.data['id']}")
        self.check("GET", "/jobs/{id}", job)
        self.check("DELETE", "/jobs/{id}", c.delete(f"/jobs/{started.data['id']}"))
        self.check("POST", "/draft/bulk", c.post("/draft/bulk", {"kind": "partners", "keys": ["a.test"], "op": "patch",
                                                                 "value": {"owner": "x"}}))
        self.check("POST", "/draft/bulk", c.post("/draft/bulk", {"kind": "partners", "keys": ["none.test"], "op": "delete"}))
        self.check("POST", "/users/assign", c.post("/users/assign", {"users": ["j@ours.test", "x@ours.test"], "policy": "user:x"}))
        self.check("POST", "/partners/{key}/additional-domains", c.post("/partners/a.test/additional-domains", {"add": ["b.example"]}))
        self.check("POST", "/draft/check", c.post("/draft/check"))
        self.check("POST", "/commits", c.commits([], dry_run=True))
        self.check("POST", "/draft/commit", c.commit())
        self.check("POST", "/revisions/{revision}/restore", c.post("/revisions/1/restore"))
        self.check("DELETE", "/draft", c.delete("/draft"))
        later = c.commits([{"op": "put", "kind": "partners", "key": "later.test", "value": {}}], at="2099-01-01T00:00:00Z")
        self.check("POST", "/commits", later)
        waiting = f"/approvals/{later.data['approval']['id']}"
        self.check("GET", "/approvals", c.get("/approvals"))
        self.check("GET", "/approvals/{id}", c.get(waiting))
        self.check("POST", "/approvals/{id}/approve", c.post(waiting + "/approve"))
        self.check("POST", "/approvals/{id}/reject", c.post(waiting + "/reject", {"comment": "no"}))
        self.check("PUT", "/partners/{key}", c.put("/partners/a.test", {"tls": 1, "x": 2}))
        self.check("POST", "/revisions/{revision}/revert", c.post("/revisions/1/revert"))

    def test_partners_with_status(self):
        self.client.apply(partners={"s.test": {}})
        item = self.client.get("/partners?include=status&domain=s.test").ok().data["items"][0]
        self.assertEqual(item["status"], {"state": "never", "because": None, "last_success": None, "last_failure": None, "streams": 0})
        item = self.client.get("/partners/s.test?include=status").ok().data
        self.assertEqual(item["status"]["state"], "never")


if __name__ == "__main__":
    unittest.main()
