"""A small XMPP client (RFC 6120, SASL PLAIN in clear on loopback) for the people of the laboratory."""
import base64
import socket
import time
import xml.etree.ElementTree as ET

CLIENT = "jabber:client"
ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"


class XmppClient:
    def __init__(self, user, domain, address, password="secret", port=5222):
        self.domain = domain
        self.jid = f"{user}@{domain}"
        self.socket = socket.create_connection((address, port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = []
        self._open()
        token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{token}</auth>")
        answer = self._next(10)
        if not answer.tag.endswith("}success"):
            raise AssertionError(f"sign-in refused: {ET.tostring(answer)}")
        self._open()
        self.send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  "<resource>lab</resource></bind></iq>")
        self._next(10)
        self.send("<presence/>")

    def _open(self):
        self.parser = ET.XMLPullParser(["start", "end"])
        self.depth = 0
        self.send(f"<?xml version='1.0'?><stream:stream to='{self.domain}' version='1.0' "
                  f"xmlns='{CLIENT}' xmlns:stream='http://etherx.jabber.org/streams'>")
        features = self._next(10)
        if not features.tag.endswith("}features"):
            raise AssertionError(f"no features: {ET.tostring(features)}")

    def send(self, text):
        self.socket.sendall(text.encode())

    def _events(self):
        for event, element in self.parser.read_events():
            if event == "start":
                self.depth += 1
                continue
            self.depth -= 1
            if self.depth == 1:
                return element
        return None

    def _next(self, seconds):
        """The next stanza or stream-level element; raises when none comes in time."""
        end = time.monotonic() + seconds
        while True:
            element = self._events()
            if element is not None:
                return element
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"nothing came for {seconds:g} s")
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except socket.timeout:
                continue
            if not data:
                raise AssertionError("the server closed the connection")
            self.parser.feed(data)

    def message(self, to, body, id, type="chat", extra=""):
        self.send(f"<message to='{to}' type='{type}' id='{id}'><body>{body}</body>{extra}</message>")

    def wait(self, match, seconds=20, what="stanza"):
        """The first stanza, already here or still to come, for which match(stanza) is true."""
        for element in self.received:
            if match(element):
                self.received.remove(element)
                return element
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                element = self._next(max(0.05, end - time.monotonic()))
            except AssertionError:
                break
            if match(element):
                return element
            self.received.append(element)
        raise AssertionError(f"waited {seconds:g} s for {what}; got "
                             f"{[ET.tostring(e) for e in self.received]}")

    @staticmethod
    def body(stanza):
        """The text of a message; SIPp ends every body with a line break, which is not looked at."""
        return (stanza.findtext(f"{{{CLIENT}}}body") or "").rstrip("\n")

    def wait_body(self, body, seconds=20):
        return self.wait(lambda e: self.body(e) == body and e.get("type") != "error",
                         seconds, f"a message {body!r}")

    def wait_error(self, id, seconds=40):
        """(condition, type, text) of the error that answers the stanza with that id."""
        e = self.wait(lambda e: e.get("id") == id and e.get("type") == "error", seconds,
                      f"an error for {id!r}")
        error = e.find(f"{{{CLIENT}}}error")
        names = [c.tag.split("}")[1] for c in error if c.tag.startswith(f"{{{ERRORS}}}")]
        condition = [n for n in names if n != "text"][0]
        return condition, error.get("type"), error.findtext(f"{{{ERRORS}}}text")

    def close(self):
        try:
            self.send("</stream:stream>")
        except OSError:
            pass
        self.socket.close()
