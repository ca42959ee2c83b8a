"""Load generators in Python: an XMPP server-to-server peer in both roles (TLS, SASL EXTERNAL) and a SIP
user agent over TCP or TLS. They only have to be fast enough; what is measured is the CPU time of the
server under test."""
import base64
import re
import socket
import ssl
import threading

STREAM = ("<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
          "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='{}' to='{}'>")


def read_until(sock, needle, limit=65536):
    """Reads until one of the needles (bytes) was seen; returns all that was read."""
    data = b""
    needles = (needle,) if isinstance(needle, bytes) else needle
    while not any(n in data for n in needles):
        piece = sock.recv(16384)
        if not piece or len(data) > limit:
            raise ConnectionError(f"peer closed or said too much, after {data[-300:]!r}")
        data += piece
    return data


class S2sOut:
    """One authenticated stream from `domain` to the server at `address`."""

    def __init__(self, address, domain, to, context, port=5269):
        raw = socket.create_connection((address, port), timeout=30)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        header = STREAM.format(domain, to).encode()
        raw.sendall(header)
        read_until(raw, (b"</stream:features>", b"</features>"))
        raw.sendall(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        read_until(raw, b"proceed")
        self.sock = context.wrap_socket(raw, server_hostname=to)
        self.sock.sendall(header)
        features = read_until(self.sock, (b"</stream:features>", b"</features>"))
        if b"EXTERNAL" not in features:
            raise ConnectionError(f"EXTERNAL not offered: {features!r}")
        authzid = base64.b64encode(domain.encode()).decode()
        self.sock.sendall(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>"
                          f"{authzid}</auth>".encode())
        read_until(self.sock, b"<success")
        self.sock.sendall(header)
        read_until(self.sock, (b"</stream:features>", b"<stream:features/>", b"</features>"))

    def send(self, data):
        self.sock.sendall(data)

    def close(self):
        self.sock.close()


class S2sServer:
    """Accepts streams for `domain`, offers TLS and EXTERNAL, counts the messages that come."""

    def __init__(self, address, domain, context, port=5269):
        self.domain, self.context = domain, context
        self.count = 0
        self.changed = threading.Condition()
        self.listener = socket.create_server((address, port), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _header(self, opening):
        peer = re.search(rb"""\sfrom=['"]([^'"]+)""", opening)
        peer = peer.group(1).decode() if peer else ""
        return (f"<?xml version='1.0'?><stream:stream xmlns='jabber:server' "
                f"xmlns:stream='http://etherx.jabber.org/streams' version='1.0' "
                f"id='b{id(opening)}' from='{self.domain}' to='{peer}'>").encode()

    def _serve(self, raw):
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opening = read_until(raw, b"version=")
            raw.sendall(self._header(opening) + b"<stream:features><starttls "
                        b"xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>")
            read_until(raw, b"starttls")
            raw.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            sock = self.context.wrap_socket(raw, server_side=True)
            opening = read_until(sock, b"version=")
            sock.sendall(self._header(opening) + b"<stream:features><mechanisms "
                         b"xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism>"
                         b"</mechanisms></stream:features>")
            read_until(sock, b"</auth>")
            sock.sendall(b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
            opening = read_until(sock, b"version=")
            sock.sendall(self._header(opening) + b"<stream:features/>")
            self._count(sock)
        except (OSError, ConnectionError):
            pass

    def _count(self, sock):
        rest = b""
        while True:
            data = sock.recv(262144)
            if not data:
                return
            data = rest + data
            n = data.count(b"</message>")
            rest = data[data.rfind(b"</message>") + 10:] if n else data[-9:]
            with self.changed:
                self.count += n
                self.changed.notify_all()

    def wait(self, count, seconds=120):
        with self.changed:
            if not self.changed.wait_for(lambda: self.count >= count, seconds):
                raise AssertionError(f"{self.count} of {count} messages arrived")

    def close(self):
        # A thread waits in accept: only shutdown wakes it and frees the port.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class SipServer:
    """Answers every MESSAGE with 200 over TCP or TLS, and counts them."""

    HEADERS = re.compile(rb"(?im)^(via|v|from|f|to|t|call-id|i|cseq):[^\r\n]*\r\n")

    def __init__(self, address, port, context=None):
        self.context = context
        self.count = 0
        self.changed = threading.Condition()
        self.listener = socket.create_server((address, port), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()
            except OSError:
                return

    def _serve(self, sock):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            data = b""
            while True:
                piece = sock.recv(262144)
                if not piece:
                    return
                data = self._answer(sock, data + piece)
        except OSError:
            pass

    def _answer(self, sock, data):
        out, n = [], 0
        while True:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                break
            if end == 0 or data.startswith(b"\r\n"):
                data = data.lstrip(b"\r\n")
                continue
            head = data[:end + 2]
            length = int(re.search(rb"(?im)^(?:content-length|l):\s*(\d+)", head).group(1))
            if len(data) < end + 4 + length:
                break
            kept = b"".join(m.group(0) for m in self.HEADERS.finditer(head))
            out.append(b"SIP/2.0 200 OK\r\n" + kept
                       + b"Content-Length: 0\r\n\r\n")
            data = data[end + 4 + length:]
            n += 1
        if out:
            answer = b"".join(out)
            # RFC 3261 8.2.6.2: the To of an answer carries a tag.
            answer = re.sub(rb"(?im)^(to:[^\r\n]*?>)\r\n", rb"\1;tag=bench\r\n", answer)
            sock.sendall(answer)
        if n:
            with self.changed:
                self.count += n
                self.changed.notify_all()
        return data

    wait = S2sServer.wait

    def close(self):
        # A thread waits in accept: only shutdown wakes it and frees the port.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class SipClient:
    """Sends MESSAGE requests over one TCP or TLS connection and counts the 200s."""

    def __init__(self, address, port, context=None, source=None):
        sock = socket.create_connection((address, port), timeout=30,
                                        source_address=(source, 0) if source else None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = context.wrap_socket(sock, server_hostname=address) if context else sock
        self.transport = "TLS" if context else "TCP"
        self.here = source or "127.0.0.3"
        self.count, self.bad = 0, []
        self.changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        rest = b""
        try:
            while True:
                data = self.sock.recv(262144)
                if not data:
                    return
                data = rest + data
                cut = data.rfind(b"\r\n\r\n")
                rest = data[cut + 4:] if cut >= 0 else data
                codes = re.findall(rb"SIP/2\.0 (\d+)", data[:cut + 4] if cut >= 0 else b"")
                with self.changed:
                    self.count += codes.count(b"200")
                    self.bad += [c for c in codes if c != b"200"]
                    self.changed.notify_all()
        except OSError:
            return

    def message(self, n, sender, to, text):
        body = text.encode()
        return (f"MESSAGE sip:{to} SIP/2.0\r\nVia: SIP/2.0/{self.transport} {self.here}:5060;"
                f"branch=z9hG4bKbench{n}\r\nFrom: <sip:{sender}>;tag=b{n}\r\nTo: <sip:{to}>\r\n"
                f"Call-ID: bench{n}@{self.here}\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"
                f"Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {len(body)}\r\n\r\n"
                ).encode() + body

    def send(self, data):
        self.sock.sendall(data)

    def wait(self, count, seconds=120):
        with self.changed:
            if not self.changed.wait_for(lambda: self.count >= count or self.bad, seconds) or self.bad:
                raise AssertionError(f"{self.count} of {count} answered 200, others: {self.bad[:5]}")

    def close(self):
        self.sock.close()


def tls_client(cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(cert, key)
    return context


def tls_server(cert, key, ca):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context
