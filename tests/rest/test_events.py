"""GET /events/stream: what is told, to whom, and when it ends."""
import http.client
import json
import socket
import time
import unittest

from fedgate import BASE, Workspace

PATIENCE = 20


class Stream:
    """An open event stream; `next(name)` waits for the next event of that name."""

    def __init__(self, client, events=None, last=None):
        self.connection = client._connect()
        self.connection.timeout = PATIENCE
        headers = dict(client.headers)
        if client.cookie:
            headers["Cookie"] = client.cookie
        if last:
            headers["Last-Event-ID"] = last
        query = f"?events={events}" if events else ""
        self.id = None
        self.connection.request("GET", BASE + "/events/stream" + query, headers=headers)
        # The file of the answer keeps the socket open beyond the connection.
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.type = self.answer.headers["Content-Type"]

    def read(self):
        """(event, data), or None at the end of the stream."""
        event, data = None, []
        end = time.monotonic() + PATIENCE
        while True:
            if time.monotonic() > end:  # comments alone came
                raise AssertionError("no event in time")
            try:
                line = self.answer.readline().decode()
            except http.client.IncompleteRead:
                return None
            if not line:
                return None
            line = line.rstrip("\n")
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("id: "):
                self.id = line[4:]
            elif line.startswith("data: "):
                data.append(line[6:])
            elif not line and event:
                return event, json.loads("\n".join(data))

    def next(self, name, check=lambda data: True):
        end = time.monotonic() + PATIENCE
        while True:
            got = self.read()
            if got is None:
                raise AssertionError(f"the stream ended before {name}")
            if time.monotonic() > end:
                raise AssertionError(f"no such event: {name}")
            if got[0] == name and check(got[1]):
                return got[1]

    def rest(self):
        """The events until the end."""
        found = []
        while True:
            got = self.read()
            if got is None:
                return found
            found.append(got)

    def close(self):
        self.answer.close()
        self.connection.close()


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def open(self, client, events=None, last=None):
        stream = Stream(client, events, last)
        self.addCleanup(stream.close)
        self.assertEqual((stream.status, stream.type), (200, "text/event-stream"))
        return stream

    def fresh(self, role="viewer"):
        """A session of an administrator of its own."""
        name = f"ann{time.monotonic_ns()}"
        self.server.add_admin(name, role)
        client = self.server.anonymous()
        self.assertEqual(client.sign_in(name).status, 201)
        return name, client

    def test_everything_once_at_the_beginning(self):
        stream = self.open(self.fresh()[1])
        names = set()
        event, data = stream.read()
        self.assertEqual((event, set(data)), ("hello", {"server", "version"}))
        while names < {"status", "streams", "revision", "approvals", "accounts", "draft", "jobs"}:
            event, data = stream.read()
            self.assertNotIn(event, names | {"log"})
            names.add(event)
            if event == "jobs":
                self.assertEqual(data, {"items": []})
            if event == "status":
                status = self.server.status()
                self.assertEqual(data["state"], "running")
                self.assertEqual(data["revision"], status["revision"])
                self.assertEqual(set(data["counters"]), set(status["counters"]))

    def test_commits_and_drafts(self):
        _, mine = self.fresh("administrator")
        stream, other = self.open(mine), self.open(self.fresh()[1])
        self.assertEqual(stream.next("draft")["count"], 0)
        self.assertEqual(other.next("draft")["count"], 0)
        mine.put("/partners/e1.test", {}).ok()
        first = stream.next("draft")
        self.assertEqual(first["count"], 1)
        mine.put("/partners/e1.test", {"description": "changed again"}).ok()
        again = stream.next("draft")
        self.assertEqual(again["count"], 1)
        self.assertGreater(again["generation"], first["generation"])
        revision = mine.commit().ok().data["revision"]
        for s in (stream, other):
            told = s.next("revision", lambda d: d["revision"] == revision and d["applied_revision"] == revision)
            self.assertEqual(set(told), {"revision", "applied_revision"})
        self.assertEqual(stream.next("draft")["count"], 0)

    def test_only_what_was_asked_for(self):
        _, client = self.fresh("administrator")
        stream = self.open(client, "draft,revision")
        self.client.apply(sites={"asked": {"description": str(time.monotonic())}})
        client.put("/partners/asked.test", {}).ok()
        seen = set()
        while True:
            event, data = stream.read()
            seen.add(event)
            if event == "draft" and data["count"]:
                break
        self.assertEqual(seen, {"hello", "revision", "draft"})
        for wrong in ("", "draft,", "draft,nonsense", "hello"):
            answer = client.get("/events/stream?events=" + wrong)
            self.assertEqual((answer.status, answer.codes()), (400, ["query_invalid"]), wrong)

    def test_jobs_of_ones_own(self):
        _, mine = self.fresh("administrator")
        stream, other = self.open(mine, "jobs"), self.open(self.fresh("administrator")[1], "jobs")
        self.assertEqual(other.next("jobs"), {"items": []})
        rows = "address\n" + "".join(f"u{i}@contoso.test\n" for i in range(2000))
        started = mine.request("POST", "/users/import?dry_run=true", raw=rows.encode(), content_type="text/csv").ok()
        job = started.data["id"]
        told = stream.next("jobs", lambda d: d["items"] and d["items"][0]["state"] != "running")["items"]
        self.assertEqual([(j["id"], j["state"], j["what"], j["result"]) for j in told],
                         [(job, "done", "users_import", None)])
        self.assertEqual(mine.get("/jobs").ok().data, {"items": told, "total": 1, "next_cursor": None})
        self.assertEqual(self.client.get("/jobs").ok().data["items"], [])  # others have their own
        self.assertEqual(mine.delete(f"/jobs/{job}").status, 204)
        self.assertEqual(stream.next("jobs"), {"items": []})

    def test_accounts_and_approvals(self):
        stream = self.open(self.client, "accounts,approvals")
        self.assertEqual(stream.next("approvals")["waiting"], 0)
        mark = stream.next("accounts")["mark"]
        self.fresh()
        self.assertGreater(stream.next("accounts")["mark"], mark)

    def test_waiting_commits(self):
        with Workspace() as work:
            server = work.start()
            one, two = server.client(server.token("one")), server.client(server.token("two"))
            one.apply(settings={"settings": {"four_eyes": True}})
            stream = self.open(two, "approvals")
            self.assertEqual(stream.next("approvals")["waiting"], 0)
            one.commits([{"op": "put", "kind": "sites", "key": "w", "value": {}}]).ok()
            self.assertEqual(stream.next("approvals", lambda d: d["waiting"] == 1)["scheduled"], 0)
            waiting = two.get("/approvals").ok().data["items"][0]["id"]
            two.post(f"/approvals/{waiting}/reject").ok()
            stream.next("approvals", lambda d: d["waiting"] == 0)
            stream.close()

    def test_log_for_operators(self):
        _, client = self.fresh("operator")
        stream = self.open(client, "log")
        lines = stream.next("log")["lines"]
        self.assertTrue(any(line["level"] in ("info", "warning") and line["component"] for line in lines), lines)
        at = stream.id
        self.client.apply(partners={"logged.test": {}})  # a commit is told in the log
        more = stream.next("log")
        self.assertEqual(more["missed"], 0)
        self.assertNotIn(lines[-1], more["lines"])
        # Whoever comes again with the id gets what followed, and nothing twice.
        back = self.open(client, "log", last=at)
        again = back.next("log")
        self.assertEqual(again["lines"][:len(more["lines"])], more["lines"])
        # The id of another process counts for nothing.
        strange = self.open(client, "log", last="0123456789abcdef-100000")
        self.assertIn(lines[-1], strange.next("log")["lines"])
        for role in ("viewer", "help_desk", "user_administrator"):
            refused = self.fresh(role)[1].get("/events/stream?events=log")
            self.assertEqual((refused.status, refused.problem["code"]), (403, "forbidden"))

    def test_a_name_for_who_commits(self):
        name, client = self.fresh("administrator")
        made = client.commits([{"op": "put", "kind": "partners", "key": "e3.test", "value": {}}], comment="Try it",
                              confirm_within=600).ok().data["revision"]
        pending = self.server.status()["pending_confirmation"]
        self.assertEqual((pending["revision"], pending["author"], pending["comment"]), (made, name, "Try it"))
        client.post(f"/revisions/{made}/confirm").ok()

    def test_pending_confirmation_is_told(self):
        stream = self.open(self.client)
        made = self.client.commits([{"op": "put", "kind": "partners", "key": "e2.test", "value": {}}],
                                   confirm_within=600).ok().data["revision"]
        stream.next("status", lambda d: d["pending_revision"] == made)
        self.client.post(f"/revisions/{made}/confirm").ok()
        stream.next("status", lambda d: d["pending_revision"] is None)

    def test_ends_at_sign_out(self):
        _, client = self.fresh()
        stream = self.open(client)
        stream.next("status")
        self.assertEqual(client.delete("/session").status, 204)
        self.assertEqual(stream.rest()[-1], ("end", {"reason": "signed_out"}))

    def test_ends_when_the_token_is_revoked(self):
        self.fresh()
        made = self.client.post("/tokens", {"name": "listens"}).ok().data
        stream = self.open(self.server.client(made["token"]))
        stream.next("status")
        self.assertEqual(self.client.delete(f"/tokens/{made['id']}").status, 204)
        self.assertEqual(stream.rest()[-1], ("end", {"reason": "signed_out"}))

    def test_ends_at_demotion(self):
        name, client = self.fresh("operator")
        stream = self.open(client)
        stream.next("status")
        self.client.patch(f"/admins/{name}", {"role": "viewer"}).ok()
        self.assertEqual(stream.rest()[-1], ("end", {"reason": "signed_out"}))  # with its session
        self.assertEqual(client.get("/events/stream").status, 401)
        self.assertEqual(client.sign_in(name).status, 201)
        self.open(client).next("status")

    def test_ends_when_the_account_is_deleted(self):
        name, client = self.fresh()
        stream = self.open(client)
        stream.next("status")
        self.assertEqual(self.client.delete(f"/admins/{name}").status, 204)
        self.assertEqual(stream.rest()[-1], ("end", {"reason": "signed_out"}))

    def test_bounded_for_each_session(self):
        _, client = self.fresh()
        streams = [self.open(client) for _ in range(8)]
        for s in streams:
            s.next("status")
        refused = client.get("/events/stream")
        self.assertEqual((refused.status, refused.problem["code"]), (429, "too_many_streams"))
        self.assertIn("Retry-After", refused.headers)
        self.open(self.fresh()[1]).next("status")  # others are not concerned
        streams[0].close()
        end = time.monotonic() + 10
        while True:  # the refusal itself looks who has left: long before the next comment is due
            again = Stream(client)
            self.addCleanup(again.close)
            if again.status == 200 or time.monotonic() > end:
                break
            time.sleep(0.3)
        self.assertEqual(again.status, 200)

    def test_who_may(self):
        answer = self.server.anonymous().get("/events/stream")
        self.assertEqual(answer.status, 401)
        self.assertEqual(self.client.post("/events/stream").status, 405)
        head = self.client.head("/events/stream")
        self.assertEqual((head.status, head.headers["Content-Type"]), (200, "text/event-stream"))

    def test_local_socket(self):
        self.open(self.server.local()).next("status")


class Stopping(unittest.TestCase):
    def test_streams_end_with_the_server(self):
        with Workspace() as work:
            server = work.start()
            streams = [Stream(server.client()), Stream(server.local())]
            for s in streams:
                s.next("status")
            self.assertEqual(server.stop(), 0, server.log())
            for s in streams:
                try:
                    s.rest()
                except (OSError, socket.timeout, http.client.HTTPException):
                    pass
                s.close()


if __name__ == "__main__":
    unittest.main()
