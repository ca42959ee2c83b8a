"""The process around the interface: killed during commits, ports that are taken, stopping."""
import ctypes
import os
import random
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from fedgate import Workspace


class Killed(unittest.TestCase):
    def test_old_or_new_never_a_mixture(self):
        """Commits of ten objects each, all with the same mark; SIGKILL at a random moment; then every
        object carries the mark of one revision, and what was answered is there."""
        with Workspace() as work:
            rng = random.Random(4711)
            confirmed = 0
            for round_number in range(8):
                server = work.start()
                local = server.local()
                self.check(local, confirmed)
                answered = []

                def commit(local=local, answered=answered, first=confirmed):
                    for n in range(first + 1, first + 1000):
                        changes = [{"op": "put", "kind": "partners", "key": f"p{i}.test", "value": {"ticket": str(n)}}
                                   for i in range(10)]
                        try:
                            answer = local.commits(changes)
                        except (OSError, ValueError):
                            return
                        if answer.status == 201:
                            answered.append(n)

                thread = threading.Thread(target=commit)
                thread.start()
                time.sleep(rng.uniform(0.1, 0.6))
                server.kill()
                thread.join()
                confirmed = max([confirmed, *answered])
            server = work.start()
            self.assertGreater(self.check(server.local(), confirmed), 8)
            self.assertTrue(server.local().get("/audit/verify").data["ok"])
            self.assertEqual(server.stop(), 0, server.log())

    def check(self, local, confirmed):
        items = local.get("/partners").ok().data["items"]
        marks = {int(p["ticket"]) for p in items}
        self.assertLessEqual(len(marks), 1, marks)
        mark = marks.pop() if marks else 0
        self.assertIn(mark, (confirmed, confirmed + 1))
        status = local.get("/status").data
        self.assertEqual(status["revision"], status["applied_revision"])
        return mark


class Silent(unittest.TestCase):
    """An engine that is busy for long keeps nobody waiting."""

    def test_an_engine_that_does_not_answer(self):
        work = Workspace()
        self.addCleanup(work.close)
        server = work.start()
        client = server.client()
        client.apply(partners={"a.test": {}})
        with Stopped(server.pid, "engine"):
            status = client.get("/status").ok().data
            self.assertEqual((status["revision"], status["engine"]["state"]), (1, "degraded"))
            self.assertEqual([p["code"] for p in status["engine"]["problems"]], ["engine_silent"])
            for path in ("/streams", "/status/ports", "/partners/a.test/status", "/partners?include=status"):
                answer = client.get(path)
                self.assertEqual((answer.status, answer.problem["code"]), (503, "engine_silent"), path)
                self.assertIn("Retry-After", answer.headers)
            self.assertEqual(client.get("/partners/a.test").status, 200)
        status = server.wait_status(lambda s: s["engine"]["state"] == "running")
        self.assertEqual((status["engine"]["state"], status["engine"]["problems"]), ("running", []))
        self.assertEqual(client.get("/streams").status, 200)
        self.assertEqual(server.stop(), 0, server.log())


class Stopped:
    """Holds one thread of a process still, by its name, while `with` lasts."""

    SEIZE, INTERRUPT, DETACH, ALL = 0x4206, 0x4207, 17, 0x40000000

    def __init__(self, pid, name):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        # Threads that it starts inherit the name: the first one is meant.
        for tid in sorted(map(int, os.listdir(f"/proc/{pid}/task")), reverse=True):
            with open(f"/proc/{pid}/task/{tid}/comm", encoding="utf-8") as comm:
                if comm.read().strip() == name:
                    self.tid = tid

    def trace(self, request):
        if self.libc.ptrace(request, self.tid, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def __enter__(self):
        self.trace(self.SEIZE)
        self.trace(self.INTERRUPT)
        os.waitpid(self.tid, self.ALL)

    def __exit__(self, *_):
        self.trace(self.DETACH)


class FullDisk(unittest.TestCase):
    @unittest.skipIf(os.geteuid(), "mounting a small file system takes root")
    def test_nothing_changes(self):
        work = Workspace()
        place = os.path.join(work.path, "small")
        os.mkdir(place)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", place], check=False).returncode:
            work.close()
            self.skipTest("no mounts here")
        try:
            self.fill(work, place)
        finally:
            for server in work.servers:
                server.kill()
            subprocess.run(["umount", place], check=True)
            work.close()

    def fill(self, work, place):
        server = work.start(name="small")
        local = server.local()
        local.apply(partners={"a.test": {}})
        waste = os.path.join(place, "waste")
        with open(waste, "wb", 0) as file, self.assertRaises(OSError):
            while True:
                file.write(bytes(4096))
        changes = [{"op": "put", "kind": "partners", "key": f"p{i}.test", "value": {"ticket": "x" * 50}}
                   for i in range(500)]
        for answer in (local.commits(changes), local.put("/partners/b.test", {})):
            self.assertEqual((answer.status, answer.problem["code"]), (503, "no_space"))
        status = local.get("/status").data
        self.assertEqual((status["revision"], status["applied_revision"]), (1, 1))
        self.assertEqual(local.get("/partners").data["total"], 1)
        self.assertEqual(local.get("/draft").data["total"], 0)
        os.unlink(waste)
        self.assertEqual(local.commits(changes).status, 201)
        self.assertEqual(server.stop(), 0, server.log())
        self.assertEqual(work.run("check", name="small").returncode, 0)


class Ports(unittest.TestCase):
    """The panel is up whatever the engine can or cannot open."""

    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)
        self.taken = socket.socket()
        self.addCleanup(self.taken.close)
        self.taken.bind(("127.0.0.1", 0))
        self.taken.listen()
        self.address = "127.0.0.1:%d" % self.taken.getsockname()[1]

    def settings(self, address):
        return {"federation_enabled": True, "listeners": {"xmpp": [address], "sip": []}}

    def test_a_commit_that_needs_a_taken_port_is_refused(self):
        server = self.work.start()
        client = server.client()
        answer = client.commits([{"op": "patch", "kind": "settings", "key": "settings", "value": self.settings(self.address)}])
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual(answer.pointers(), ["/settings/listeners/xmpp/0"])
        self.assertEqual(client.get("/status").data["revision"], 0)
        self.assertEqual(client.get("/status").data["engine"]["state"], "running")
        self.assertEqual(server.stop(), 0, server.log())

    def test_degraded_until_the_port_is_free(self):
        port = self.address
        self.taken.close()
        server = self.work.start()
        server.client().commits([{"op": "patch", "kind": "settings", "key": "settings", "value": self.settings(port)}]).ok()
        self.assertIn({"name": "xmpp", "address": port}, server.client().get("/status/ports").data["items"])
        server.stop()
        blocker = socket.socket()
        blocker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        blocker.bind(("127.0.0.1", int(port.split(":")[1])))
        blocker.listen()
        server = self.work.start()
        client = server.client()
        status = client.get("/status").data
        self.assertEqual(status["engine"]["state"], "degraded")
        self.assertEqual([p["pointer"] for p in status["engine"]["problems"]], ["/settings/listeners/xmpp/0"])
        self.assertEqual(server.anonymous().get("/readyz").status, 503)
        self.assertEqual(server.anonymous().get("/healthz").status, 200)
        # What has nothing to do with the port can be committed all the same.
        answer = client.commits([{"op": "put", "kind": "partners", "key": "a.test", "value": {}}])
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(client.get("/status").data["engine"]["state"], "degraded")
        blocker.close()
        status = server.wait_status(lambda s: s["engine"]["state"] == "running", timeout=30)
        self.assertEqual((status["engine"]["state"], status["engine"]["problems"]), ("running", []))
        self.assertEqual(status["applied_revision"], 2)
        self.assertEqual(server.anonymous().get("/readyz").status, 200)
        self.assertEqual(server.stop(), 0, server.log())

    def test_one_server_per_directory(self):
        self.work.start()
        second = self.work.run("serve", "--panel", "127.0.0.1:0")
        self.assertNotEqual(second.returncode, 0)
        self.assertIn("another fedgate uses the data directory", second.stderr)


EXPIRED_CA = """[ca]
default_ca = c
[c]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = p
[p]
commonName = supplied
"""


class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()
        cls.folder = tempfile.TemporaryDirectory()
        cls.pem, cls.key = cls.make("contoso.test")

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        cls.folder.cleanup()
        assert code == 0, cls.server.log()

    @classmethod
    def make(cls, name, *more):
        cert, key = (os.path.join(cls.folder.name, name + end) for end in (".pem", ".key"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "30",
                        "-subj", "/CN=" + name, "-addext", f"subjectAltName=DNS:{name},DNS:*.{name}", "-out", cert,
                        "-keyout", key, *(more or ["-nodes"])], check=True, capture_output=True)
        texts = []
        for path in (cert, key):
            with open(path, encoding="ascii") as file:
                texts.append(file.read())
        return texts

    def test_life(self):
        answer = self.client.post("/certificates", {"pem": self.pem, "key": self.key, "friendly_name": "first"})
        self.assertEqual(answer.status, 201, answer)
        one = answer.data
        self.assertEqual((one["names"], one["has_key"], one["friendly_name"]),
                         (["contoso.test", "*.contoso.test"], True, "first"))
        self.assertEqual(len(one["id"]), 64)
        self.assertIn(one["id"], [c["id"] for c in self.client.get("/certificates").data["items"]])
        self.assertNotIn("PRIVATE", str(self.client.get(f"/certificates/{one['id']}").data))
        self.client.put("/certificate_assignments/external", {"certificate": one["id"]}).ok()
        self.assertEqual(self.client.commit().status, 201)
        answer = self.client.delete(f"/certificates/{one['id']}")
        self.assertEqual((answer.status, answer.problem["code"]), (409, "in_use"))
        self.client.delete("/certificate_assignments/external").ok()
        self.client.commit().ok()
        self.assertEqual(self.client.delete(f"/certificates/{one['id']}").status, 204)
        self.assertEqual(self.client.get(f"/certificates/{one['id']}").status, 404)

    def test_key_in_the_same_text_and_encrypted(self):
        pem, key = self.make("together.test")
        self.assertTrue(self.client.post("/certificates", {"pem": key + pem}).ok().data["has_key"])
        pem, key = self.make("locked.test", "-passout", "pass:opensesame")
        answer = self.client.post("/certificates", {"pem": pem, "key": key})
        self.assertEqual((answer.status, answer.pointers()), (422, ["/password"]))
        answer = self.client.post("/certificates", {"pem": pem, "key": key, "password": "wrong"})
        self.assertEqual((answer.status, answer.pointers()), (422, ["/password"]))
        answer = self.client.post("/certificates", {"pem": pem, "key": key, "password": "opensesame"})
        self.assertEqual(answer.status, 201, answer)

    def test_key_of_another(self):
        _, key = self.make("another.test")
        answer = self.client.post("/certificates", {"pem": self.pem, "key": key})
        self.assertEqual((answer.status, answer.codes()), (422, ["key_mismatch"]))

    def test_without_key(self):
        pem, _ = self.make("bare.test")
        one = self.client.post("/certificates", {"pem": pem}).ok().data
        self.assertFalse(one["has_key"])
        answer = self.client.commits([{"op": "put", "kind": "certificate_assignments", "key": "internal",
                                       "value": {"certificate": one["id"]}}])
        self.assertEqual(answer.status, 422, answer)

    def expired(self, name):
        """A certificate that ended years ago, by a CA of its own."""
        pem, key = self.make(name)
        at = os.path.join(self.folder.name, name)
        os.makedirs(at)
        for path, text in (("index.txt", ""), ("serial", "01"), ("ca.cnf", EXPIRED_CA)):
            with open(os.path.join(at, path), "w", encoding="ascii") as file:
                file.write(text)
        request = ["openssl", "req", "-new", "-key", f"../{name}.key", "-subj", f"/CN={name}", "-out", "r.csr"]
        sign = ["openssl", "ca", "-batch", "-selfsign", "-config", "ca.cnf", "-keyfile", f"../{name}.key", "-in", "r.csr",
                "-out", "e.pem", "-notext", "-startdate", "20190101000000Z", "-enddate", "20200101000000Z"]
        for command in (request, sign):
            subprocess.run(command, cwd=at, check=True, capture_output=True)
        with open(os.path.join(at, "e.pem"), encoding="ascii") as file:
            return file.read(), key

    def assign(self, usage, certificate):
        return self.client.commits([{"op": "put", "kind": "certificate_assignments", "key": usage,
                                     "value": {"certificate": certificate}}])

    def test_must_fit(self):
        pem, key = self.expired("gone.test")
        one = self.client.post("/certificates", {"pem": pem, "key": key}).ok().data
        answer = self.assign("external", one["id"])
        self.assertEqual((answer.status, answer.codes()), (422, ["certificate_expired"]))
        self.assertEqual(answer.pointers(), ["/certificate_assignments/external/certificate"])
        pem, key = self.make("client.test", "-nodes", "-addext", "extendedKeyUsage=clientAuth")
        one = self.client.post("/certificates", {"pem": pem, "key": key}).ok().data
        self.assertEqual(self.assign("internal", one["id"]).codes(), ["certificate_not_for_servers"])

    def test_names_our_domains(self):
        self.client.apply(domains={"contoso.test": {}, "named.test": {}})
        pem, key = self.make("named.test")
        one = self.client.post("/certificates", {"pem": pem, "key": key}).ok().data
        self.client.put("/certificate_assignments/external", {"certificate": one["id"]}).ok()
        warnings = self.client.get("/draft").data["warnings"]
        missing = [w for w in warnings if w["code"] == "certificate_name_missing"]
        self.assertEqual(len(missing), 1, warnings)
        self.assertIn("contoso.test", missing[0]["message"])
        self.assertNotIn("more of", missing[0]["message"])
        self.client.commit().ok()
        # A domain that comes later and is not named either.
        self.client.put("/domains/later.test", {}).ok()
        codes = [w["code"] for w in self.client.get("/draft").data["warnings"]]
        self.assertIn("certificate_name_missing", codes)
        self.client.delete("/draft").ok()
        self.client.apply(certificate_assignments={"external": None}, domains={"contoso.test": None, "named.test": None})

    def test_the_panel_serves_it_at_the_next_handshake(self):
        pem, key = self.make("panel.test")
        one = self.client.post("/certificates", {"pem": pem, "key": key}).ok().data
        before = self.shown()
        self.client.apply(certificate_assignments={"panel": {"certificate": one["id"]}})
        self.assertEqual(self.shown(), one["id"])
        self.client.apply(certificate_assignments={"panel": None})
        self.assertEqual(self.shown(), before)

    def shown(self):
        import hashlib
        import ssl
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(
            ssl.get_server_certificate(("127.0.0.1", self.server.port)))).hexdigest()


class Explain(unittest.TestCase):
    def test_gates(self):
        with Workspace() as work:
            server = work.start()
            client = server.client()

            def ask(sender, receiver, view="running", kind="message"):
                return client.get("/explain", kind=kind, view=view, **{"from": sender, "to": receiver}).ok().data

            answer = ask("j@ours.test", "r@a.test")
            self.assertEqual((answer["verdict"], answer["rule"]), ("deny", "federation_disabled"))
            self.assertEqual([s["verdict"] for s in answer["steps"]], ["fail"] + ["not_asked"] * 6)
            client.put("/partners/a.test", {}).ok()
            client.put("/domains/ours.test", {"front_ends": []}).ok()
            client.put("/policies/global", {"federation_access": True, "xmpp_access": True}).ok()
            client.patch("/settings", {"federation_enabled": True, "listeners": {"xmpp": [], "sip": []}}).ok()
            self.assertEqual(ask("j@ours.test", "r@a.test")["verdict"], "deny")
            answer = ask("j@ours.test", "r@a.test", "draft")
            self.assertEqual((answer["verdict"], answer["rule"]), ("allow", "allowed"), answer)
            client.commit().ok()
            self.assertEqual(ask("sip:J@OURS.test", "r@a.test/home")["verdict"], "allow")
            answer = ask("r@a.test", "j@ours.test")
            self.assertEqual((answer["verdict"], answer["revision"]), ("deny", 1))
            self.assertEqual([s["gate"] for s in answer["steps"] if s["verdict"] == "fail"], ["partner_type"])
            self.assertEqual(ask("x@stranger.test", "j@ours.test")["steps"][2]["verdict"], "fail")
            self.assertEqual(server.stop(), 0, server.log())


if __name__ == "__main__":
    unittest.main()
