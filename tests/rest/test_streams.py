"""The list of streams: search, filters, order, and pages while streams come and go."""
import re
import socket
import threading
import time
import unittest

from fedgate import Workspace

HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
          "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='{}' from='{}' to='{}'>")


class Peer:
    """Servers of all partners at one address: takes every stream, and believes every dialback key."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        text = ""
        with sock:
            while True:
                try:
                    data = sock.recv(65536)
                except OSError:
                    return
                if not data or b"</stream:stream>" in data:
                    return
                text += data.decode()
                header = re.search(r"<stream:stream [^>]*>", text)
                if header:
                    to, ours = (re.search(rf" {name}='([^']*)'", header[0].replace('"', "'"))[1] for name in ("to", "from"))
                    sock.sendall((HEADER.format("p1", to, ours) + "<stream:features><dialback "
                                  "xmlns='urn:xmpp:features:dialback'/></stream:features>").encode())
                    text = text[header.end():]
                if "</db:result>" in text:
                    sock.sendall(f"<db:result from='{to}' to='{ours}' type='valid'/>".encode())
                    text = ""

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Streams(unittest.TestCase):
    OPEN = [f"open{i}.test" for i in range(3)]
    CALLERS = [f"p{i:02}.test" for i in range(20)]

    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.peer = Peer()
        cls.server = cls.work.start()
        cls.client = cls.server.local()
        lax = {"tls": "optional", "sasl": "not_supported"}
        partners = {name: {**lax, "proxy": f"127.0.0.1:{cls.peer.port}"} for name in cls.OPEN}
        partners |= {name: lax for name in cls.CALLERS}
        cls.client.apply(front_ends={"fe": {"host": "127.0.0.1", "port": 5060, "transport": "udp"}},
                         domains={"ours.test": {"front_ends": ["fe"]}}, partners=partners,
                         settings={"settings": {"federation_enabled": True,
                                                "listeners": {"xmpp": ["127.0.0.1:0"], "sip": []}}})
        port = next(p for p in cls.client.get("/status/ports").ok().data["items"] if p["name"] == "xmpp")
        cls.port = int(port["address"].rsplit(":", 1)[1])
        for name in cls.OPEN:
            cls.client.post(f"/partners/{name}/retry").ok()
        cls.callers = {name: cls.call(name) for name in cls.CALLERS}
        cls.wait("/streams?phase=open", 3)
        cls.wait("/streams?remote_domain=p*", 20)

    @classmethod
    def tearDownClass(cls):
        for sock in cls.callers.values():
            sock.close()
        code = cls.server.stop()
        cls.peer.close()
        cls.work.close()
        assert code == 0, cls.server.log()

    @classmethod
    def call(cls, name):
        """A stream of a partner that is never completed."""
        sock = socket.create_connection(("127.0.0.1", cls.port))
        sock.sendall(HEADER.format("", name, "ours.test").replace("id='' ", "").encode())
        return sock

    @classmethod
    def wait(cls, path, total):
        end = time.monotonic() + 30
        while (got := cls.client.get(path).ok().data)["total"] != total:
            if time.monotonic() > end:
                raise AssertionError(f"{path}: {got}\n{cls.server.log()}")
            time.sleep(0.02)
        return got

    def page(self, query):
        return self.client.get(f"/streams?{query}").ok().data

    def names(self, query):
        return [s["remote_domain"] for s in self.page(query)["items"]]

    def walk(self, query, between=None):
        seen, cursor = [], ""
        while True:
            page = self.page(query + cursor)
            seen += [s["remote_domain"] for s in page["items"]]
            if not page["next_cursor"]:
                return seen
            cursor = f"&cursor={page['next_cursor']}"
            if between:
                between(seen)

    def test_search_and_filters(self):
        self.assertEqual(sorted(self.names("phase=open")), self.OPEN)
        self.assertEqual(sorted(self.names("direction=out")), self.OPEN)
        self.assertEqual(sorted(self.names("method=dialback_tcp")), self.OPEN)
        self.assertEqual(self.page("method=&direction=in&phase=setting_up&limit=1")["total"], 20)
        self.assertEqual(self.names("partner=OPEN1.test"), ["open1.test"])
        self.assertEqual(self.names("q=P07"), ["p07.test"])
        self.assertEqual(sorted(self.names(f"q=127.0.0.1:{self.peer.port}")), self.OPEN)
        self.assertEqual(self.page("q=dialback")["total"], 0)  # a search looks at names and addresses
        self.assertEqual(self.names("state=negotiating&remote_domain=p1?.test&sort=-remote_domain&limit=2"),
                         ["p19.test", "p18.test"])
        self.assertEqual(self.page("tls=")["total"], 23)
        self.assertEqual(self.page("tls=TLS*")["total"], 0)
        self.assertEqual(self.page(f"since={time.gmtime().tm_year}-*&queue=0&stanzas=0&certificate=none")["total"], 23)
        one = self.page("remote_domain=open0.test")["items"][0]
        self.assertEqual((one["phase"], one["state"], one["method"]), ("open", "open", "dialback_tcp"))
        self.assertEqual(self.page(f"id={one['id']}")["items"], [one])

    def test_counts_are_of_all(self):
        for query in ("limit=1", "phase=open", "q=nobody"):
            self.assertEqual(self.page(query)["counts"], {"setting_up": 20, "open": 3, "closing": 0, "waiting": 0})

    def test_order_and_pages(self):
        for query in ("sort=remote_domain&limit=5", "limit=4", "sort=-phase,-remote_domain&limit=1", "sort=stanzas,since&limit=7",
                      "sort=-method,direction&limit=2", "sort=-since&limit=23"):
            seen = self.walk(query)
            self.assertEqual(sorted(seen), self.OPEN + self.CALLERS, query)
        self.assertEqual(self.walk("sort=remote_domain&limit=5"), self.OPEN + self.CALLERS)
        self.assertEqual(self.walk("sort=-phase,-remote_domain&limit=5"), self.OPEN[::-1] + self.CALLERS[::-1])
        self.assertEqual(self.walk("sort=method,-remote_domain&limit=6")[-3:], self.OPEN[::-1])

    def test_pages_while_streams_come_and_go(self):
        """What stands throughout is seen exactly once; the stream that the cursor names may be gone."""
        gone, come = [], []

        def between(seen):
            if len(gone) < 3:
                gone.append(seen[-1])
                self.callers.pop(seen[-1]).close()
                come.append(f"a{len(gone)}.{seen[-1]}")  # stands before the page that was seen
                self.callers[come[-1]] = self.call(come[-1])
                self.wait(f"/streams?remote_domain={gone[-1]}", 0)
                self.wait(f"/streams?remote_domain={come[-1]}", 1)

        self.client.apply(partners={name: {"tls": "optional", "sasl": "not_supported"}
                                    for i in range(1, 4) for name in [f"a{i}.{c}" for c in self.CALLERS]})
        seen = self.walk("sort=remote_domain&limit=4&direction=in", between)
        self.assertEqual(seen, self.CALLERS)
        self.assertEqual(len(gone), 3)
        for name in come:
            self.callers.pop(name).close()
        for name in gone:
            self.callers[name] = self.call(name)
        self.wait("/streams?direction=in&remote_domain=p*", 20)
        self.wait("/streams?direction=in", 20)

    def test_bad_queries(self):
        for query, word in (("phases=open", "phase"), ("sort=nothing", "sort"), ("limit=0", "limit"), ("cursor=zz", "cursor")):
            answer = self.client.get(f"/streams?{query}")
            self.assertEqual(answer.status, 400, query)
            self.assertIn(word, str(answer.problem["errors"]), query)
        cursor = self.page("sort=since&limit=1")["next_cursor"]
        self.assertEqual(self.client.get(f"/streams?cursor={cursor}").status, 400)
        # Values of another kind than the order's are no fault of the server.
        strange = '[{"a":1},["x"]]'.encode().hex()
        self.assertEqual(self.client.get(f"/streams?sort=since&cursor={strange}").status, 200)

    def test_documented(self):
        get = self.client.get("/openapi.json").ok().data["paths"]["/streams"]["get"]
        described = {p["name"]: p.get("description", "") for p in get["parameters"]}
        for name in ("phase", "direction", "method", "state", "partner", "remote_domain", "stanzas"):
            self.assertIn("pattern", described[name], name)
        self.assertLessEqual({"q", "sort", "limit", "cursor"}, set(described))

    def test_close_one(self):
        one = self.page("remote_domain=open2.test")["items"][0]
        self.client.post(f"/streams/{one['id']}/close").ok()
        self.wait(f"/streams?id={one['id']}", 0)
        self.assertEqual(self.client.post(f"/streams/{one['id']}/close").status, 404)
        self.client.post("/partners/open2.test/retry").ok()
        self.wait("/streams?phase=open", 3)


if __name__ == "__main__":
    unittest.main()
