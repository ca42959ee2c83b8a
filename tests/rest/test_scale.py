"""A hundred thousand users, and bodies of a hundred megabytes."""
import json
import os
import socket
import threading
import time
import unittest

from fedgate import BASE, Workspace

MANY = int(os.environ.get("FEDGATE_IMPORT_USERS", "100000"))
HUNDRED_MEGABYTES = 100 << 20


def line(i):
    return f"u{i:06}@ours.test,User {i},{'hq' if i % 2 else ''},{'user:open' if i % 10 == 0 else ''}\n"


def csv(n):
    return "address,display_name,site,policy\n" + "".join(line(i) for i in range(n))


class Scale(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.local(timeout=300)
        cls.client.apply(sites={"hq": {}}, policies={"user:open": {}, "user:shut": {}, "site:hq": {}}, domains={"ours.test": {}})

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop(60)
        cls.work.close()
        assert code == 0, cls.server.log()

    def job(self, answer, timeout=300):
        path = answer.ok().headers["Location"]
        end = time.monotonic() + timeout
        last = 0
        while time.monotonic() < end:
            job = self.client.get(path).ok().data
            self.assertLessEqual(last, job["done"])
            self.assertLessEqual(job["done"], job["total"])
            last = job["done"]
            if job["state"] != "running":
                return job
            time.sleep(0.05)
        raise AssertionError("the job did not end")

    def start(self, body, query="", client=None):
        return (client or self.client).request("POST", "/users/import" + query, raw=body, headers={"Content-Type": "text/csv"})

    def test_1_hundred_thousand(self):
        text = csv(MANY).encode()
        dry = self.job(self.start(text, "?dry_run=true"))["result"]
        self.assertEqual((dry["lines"], dry["added"], dry["staged"], dry["rejected"]), (MANY, MANY, 0, []))
        self.assertEqual(self.client.get("/draft").data["total"], 0)
        done = self.job(self.start(text))["result"]
        self.assertEqual((done["added"], done["staged"], done["rejected_count"]), (MANY, MANY, 0))
        # The draft is read a page at a time, to its end.
        seen, cursor = 0, ""
        for _ in range(3):
            page = self.client.get("/draft?limit=1000" + cursor).ok().data
            self.assertEqual((page["total"], page["summary"]), (MANY, {"count": MANY, "by_kind": {"users": MANY}}))
            self.assertEqual([c["key"] for c in page["changes"]], [f"u{i:06}@ours.test" for i in range(seen, seen + 1000)])
            seen += 1000
            cursor = "&cursor=" + page["next_cursor"]
        self.assertEqual(self.client.get("/draft?kind=sites").data["total"], 0)
        self.client.commit().ok()
        self.assertEqual(self.client.get("/draft").data["total"], 0)
        again = self.job(self.start(text))["result"]
        self.assertEqual((again["unchanged"], again["staged"]), (MANY, 0))
        self.assertEqual(self.client.get("/draft").data["total"], 0)

    def test_2_everybody_has_an_effective_policy(self):
        page = self.client.get("/users?limit=1000").ok().data
        self.assertEqual(page["total"], MANY)
        for i, user in enumerate(page["items"]):
            expected = ("user:open", "assigned_to_user") if i % 10 == 0 else ("site:hq", "policy_of_site") if i % 2 else ("global", "global")
            self.assertEqual((user["effective_policy"]["identity"], user["effective_policy"]["because"]), expected)
        for policy, share in (("user:open", MANY // 10), ("site:*", MANY // 2), ("global", MANY - MANY // 10 - MANY // 2)):
            self.assertEqual(self.client.get("/users", effective_policy=policy, limit=1).ok().data["total"], share, policy)

    def test_3_grant_to_a_filter(self):
        dry = self.client.post("/users/assign", {"filter": {"effective_policy": "site:hq", "address": "u000*"}, "policy": "user:shut",
                                                 "dry_run": True}).ok().data
        self.assertEqual((dry["matched"], dry["staged"], len(dry["items"])), (500, 500, 100))
        done = self.client.post("/users/assign", {"filter": {}, "policy": "user:open"}).ok().data
        self.assertEqual((done["matched"], done["staged"], done["unchanged"]), (MANY, MANY - MANY // 10, MANY // 10))
        self.assertEqual(self.client.get("/draft?limit=1").data["total"], MANY - MANY // 10)
        self.assertEqual(self.client.get("/users?view=draft&effective_policy=user:open&limit=1").data["total"], MANY)
        self.client.delete("/draft").ok()

    def test_4_cancelled_and_failed_imports_leave_the_draft(self):
        self.client.delete("/draft").ok()
        self.client.patch("/users/u000001@ours.test", {"display_name": "Mine"}).ok()
        before = self.client.get("/draft").data
        text = csv(MANY).replace(",User", ",Other").encode()
        answer = self.start(text)
        path = answer.ok().headers["Location"]
        while self.client.get(path).data["done"] == 0:
            time.sleep(0.001)
        self.client.delete(path).ok()
        self.assertEqual(self.job(answer)["state"], "cancelled")
        self.assertEqual(self.client.get("/draft").data, before)
        # A file that turns out to be no text in its middle.
        job = self.job(self.start(text + b"\xff\xfe\n"))
        self.assertEqual((job["state"], job["result"]["staged"]), ("failed", 0))
        self.assertIn("UTF-8", job["result"]["detail"])
        row = self.client.get("/audit?action=users_import").data["items"][0]
        self.assertEqual((row["outcome"], "UTF-8" in row["detail"]), ("failed", True), row)
        self.assertEqual(self.client.get("/draft").data, before)
        self.client.delete("/draft").ok()


class Files(unittest.TestCase):
    """Files larger than what is looked at at once."""
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.local(timeout=120)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    start = Scale.start
    job = Scale.job

    def run_job(self, body):
        return self.job(self.start(body, "?dry_run=true"))["result"]

    def send(self, path, pieces, length=None, kind="application/json"):
        """A body in pieces, for as long as the server takes it; (status, problem)."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(120)
            s.connect(self.server.socket_path)
            framing = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
            s.sendall(f"POST {BASE}{path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n{framing}\r\n\r\n".encode())
            try:
                for piece in pieces:
                    s.sendall(piece if length is not None else b"%x\r\n%s\r\n" % (len(piece), piece))
                if length is None:
                    s.sendall(b"0\r\n\r\n")
            except OSError:
                pass
            data = b""
            try:
                while part := s.recv(65536):
                    data += part
                    head, _, body = data.partition(b"\r\n\r\n")
                    if b"\r\n\r\n" in data and body.rstrip().endswith(b"}"):
                        break
            except OSError:
                pass
        head, _, body = data.partition(b"\r\n\r\n")
        if not head:
            return None, None
        return int(head.split()[1]), json.loads(body) if body else None

    def memory(self):
        with open(f"/proc/{self.server.pid}/status", encoding="ascii") as f:
            return {l.split(":")[0]: int(l.split()[1]) << 10 for l in f if l.startswith("Vm")}

    def test_every_line_at_every_boundary(self):
        # Three megabytes of characters of two and three bytes, so that pieces end inside of some.
        rows = [f'u{i}@ours.test,"Grüße {i}, 你好 ""{"é" * (i % 7)}"""' for i in range(60000)]
        text = "address,display_name\r\n" + "\r\n".join(rows)
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be"):
            result = self.run_job(text.encode(encoding))
            self.assertEqual((result["lines"], result["added"], result["rejected"]), (60000, 60000, []), encoding)

    def test_long_lines(self):
        long = "x" * (3 << 20)
        text = f"address,display_name\na@ours.test,A\nb@ours.test,{long}\nc@ours.test,C\nd@ours.test,\"{long}\nrest\",\ne@ours.test,E\n"
        result = self.run_job(text.encode())
        self.assertEqual(result["added"], 3, result)
        self.assertEqual([(r["line"], r["code"]) for r in result["rejected"]][:2], [(3, "csv_invalid"), (5, "csv_invalid")])
        lines = [json.dumps({"address": "a@ours.test"}), json.dumps({"address": "b@ours.test", "display_name": long}),
                 json.dumps({"address": "c@ours.test"})]
        result = self.run_job("\n".join(lines).encode())
        self.assertEqual((result["lines"], result["added"], [(r["line"], r["code"]) for r in result["rejected"]]),
                         (3, 2, [(2, "too_long")]))

    def test_rejected_lines_say_what(self):
        result = self.run_job(b"address,site,display_name\nno address,,\na@ours.test,nowhere,\n" + b"b@ours.test,,\n" * 12000)
        told = result["rejected"]
        self.assertEqual({k: told[0][k] for k in ("line", "address", "value")}, {"line": 2, "address": "no address", "value": "no address"})
        self.assertEqual({k: told[1][k] for k in ("line", "code", "value", "address")},
                         {"line": 3, "code": "not_found", "value": "nowhere", "address": "a@ours.test"})
        self.assertEqual(told[1]["message"], told[1]["errors"][0]["message"])
        self.assertEqual((told[2]["line"], told[2]["code"]), (5, "duplicate"))
        self.assertEqual((len(told), result["rejected_count"]), (10000, 12001))

    def test_hundred_megabytes_of_users(self):
        # No user of these can be: each is told up to a bound, and counted beyond it.
        bad = (b"not an address," + b"x" * 100 + b"\n") * 9000
        pieces = [b"address,display_name\n"] + [bad] * (HUNDRED_MEGABYTES // len(bad) + 1)
        before = self.memory()["VmRSS"]
        peak = []
        ended = threading.Event()

        def watch():
            while not ended.wait(0.1):
                peak.append(self.memory()["VmRSS"])
        watcher = threading.Thread(target=watch)
        watcher.start()
        status, job = self.send("/users/import", pieces, sum(map(len, pieces)), "text/csv")
        self.assertEqual(status, 202, job)
        path = "/jobs/" + job["id"]
        # What is seen by then is enough for the memory; the rest of the file teaches nothing new.
        while True:
            job = self.client.get(path).ok().data
            if job["state"] != "running" or job["done"] > job["total"] // 10:
                break
            time.sleep(0.1)
        self.client.delete(path).ok()
        ended.set()
        watcher.join()
        self.assertGreater(job["total"], HUNDRED_MEGABYTES)
        self.assertLess(max(peak) - before, HUNDRED_MEGABYTES)
        # A single endless line.
        status, answer = self.send("/users/import", [b"x" * (1 << 20)] * 100, HUNDRED_MEGABYTES, "text/csv")
        self.assertEqual((status, answer["code"]), (422, "invalid"))
        self.assertEqual(self.client.get("/draft").data["total"], 0)

    def test_hundred_megabytes_elsewhere(self):
        revision = self.client.get("/status").data["revision"]
        for path in ("/import", "/import/lync", "/commits"):
            status, answer = self.send(path, [b" " * (1 << 20)] * 100, HUNDRED_MEGABYTES)
            self.assertEqual((status, answer["status"]), (413, 413), path)
            # Without a length it is found out on the way: then the connection may be gone first.
            status, _ = self.send(path, [b" " * (1 << 20)] * 100)
            self.assertIn(status, (413, None), path)
        self.assertEqual(self.client.get("/draft").data["total"], 0)
        self.assertEqual(self.client.get("/status").data["revision"], revision)


if __name__ == "__main__":
    unittest.main()
