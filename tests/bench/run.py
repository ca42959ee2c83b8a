#!/usr/bin/python3
"""./dev bench: fedgate beside Prosody, in the same run, on the same generators.

    CPU seconds of the server process per 1,000 messages, each direction (TLS, SASL EXTERNAL)
    CPU seconds per 1,000 stream set-ups
    memory per idle stream at 1,000 streams

For Prosody the inner side is a client connection (XMPP), for fedgate it is SIP over TCP and over
mutual TLS: each does its own job. What counts is the ratio in one run; absolute figures drift with
the machine. Then the configuration plane by itself (config.py): a commit of one partner and a page of
partners, with few and with many; and the panel: what open ones cost (panel.py), and how long the list of
10,000 partners takes in a browser (panel.mjs). Options: --messages N, --setups N, --rounds N, --json FILE,
--only wire|config|panel
"""
import argparse
import json
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INTEROP = os.path.join(os.path.dirname(HERE), "interop")
MARK = "FEDGATE_LAB_NAMESPACE"
BENCH, BENCH_IP = "bench.test", "127.0.0.5"
USERS = 1000
WINDOW = 400 # messages under way at once: below every queue's limit


def enter_namespace():
    flags = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        flags = ["--user", "--map-root-user"] + flags
    os.execvpe("unshare", ["unshare", *flags, "/usr/bin/python3", os.path.abspath(__file__),
                           *sys.argv[1:]], dict(os.environ, **{MARK: "1"}))


def stanza(n, domain):
    return (f"<message from='user{n % USERS}@{BENCH}/r' to='juliet{n % USERS}@{domain}' type='chat' "
            f"id='m{n}'><body>Message number {n}: but soft, what light through yonder window "
            f"breaks?</body></message>").encode()


def windowed(count, make, send, wait):
    """Sends `count` items, never more than WINDOW ahead of what has arrived."""
    for start in range(0, count, WINDOW):
        end = min(start + WINDOW, count)
        send(b"".join(make(n) for n in range(start, end)))
        wait(end)


class Bench:
    def __init__(self, options):
        import gateway
        import lab
        import peers
        self.lab, self.gateway_module, self.peers, self.options = lab, gateway, peers, options
        self.folder = lab.Folder()
        self.ca = lab.Authority(self.folder.path)
        self.dns = lab.Dns(self.folder.path, [
            f"--srv-host=_xmpp-server._tcp.{BENCH},xmpp.{BENCH},5269,5,0",
            f"--host-record=xmpp.{BENCH},{BENCH_IP}"])
        cert, key = self.ca.issue("bench", [BENCH, f"*.{BENCH}"])
        self.client_tls = peers.tls_client(cert, key)
        self.server_tls = peers.tls_server(cert, key, self.ca.cert)
        inner, inner_key = self.ca.issue("front-end", [f"kamailio.{lab.OURS}"])
        self.inner_client = peers.tls_client(inner, inner_key)
        self.inner_server = peers.tls_server(inner, inner_key, self.ca.cert)
        self.far = peers.S2sServer(BENCH_IP, BENCH, self.server_tls)

    def cpu(self, pid):
        return self.gateway_module.process_cpu_seconds(pid)

    def memory(self, pid):
        """Private memory of the process, in bytes."""
        for line in self.lab.read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no Pss")

    def per_thousand(self, pid, count, work):
        before = self.cpu(pid)
        work()
        time.sleep(0.2)
        return (self.cpu(pid) - before) * 1000 / count

    # fedgate

    def start_fedgate(self, transport):
        port = 5061 if transport == "tls" else 5060
        self.sip = self.peers.SipServer(self.lab.SIPP_IP, port,
                                        self.inner_server if transport == "tls" else None)
        g = self.gateway_module.Gateway(self.folder.path, "--log-level", "warning")
        g.set_up(self.ca, front_end={"host": self.lab.SIPP_IP, "port": port, "transport": transport,
                                     "tls_name": f"kamailio.{self.lab.OURS}"},
                 settings={"connection_limit": 5000, "partner_connection_limit": 5000,
                           "limits": {"unauthenticated_per_address": 5000,
                                      "unauthenticated_total": 5000}})
        g.commit(("partners", BENCH, self.gateway_module.EXTERNAL))
        return g

    def fedgate_messages(self, g, transport):
        n = self.options.messages
        stream = self.peers.S2sOut(self.lab.FEDGATE_IP, BENCH, self.lab.OURS, self.client_tls)
        base = self.sip.count
        inward = self.per_thousand(g.pid, n, lambda: windowed(
            n, lambda i: stanza(i, self.lab.OURS), stream.send, lambda end: self.sip.wait(base + end)))
        stream.close()
        tls = self.inner_client if transport == "tls" else None
        client = self.peers.SipClient(self.lab.FEDGATE_IP, 23456 if tls else 5060, tls, self.lab.SIPP_IP)
        outward = self.per_thousand(g.pid, n, lambda: windowed(
            n, lambda i: client.message(i, f"juliet{i % USERS}@{self.lab.OURS}",
                                        f"user{i % USERS}@{BENCH}", f"Message number {i}: but soft, "
                                        "what light through yonder window breaks?"),
            client.send, client.wait))
        client.close()
        return inward, outward

    def setups(self, pid, address, domain):
        n = self.options.setups

        def work():
            for _ in range(n):
                self.peers.S2sOut(address, BENCH, domain, self.client_tls).close()
        return self.per_thousand(pid, n, work)

    def idle_memory(self, pid, address, domain):
        n = 1000
        warm = [self.peers.S2sOut(address, BENCH, domain, self.client_tls) for _ in range(20)]
        time.sleep(1)
        before = self.memory(pid)
        held = [self.peers.S2sOut(address, BENCH, domain, self.client_tls) for _ in range(n)]
        time.sleep(2)
        used = (self.memory(pid) - before) / n
        for s in warm + held:
            s.close()
        return used / 1000

    def fedgate(self):
        result = {}
        for transport in ("tcp", "tls"):
            g = self.start_fedgate(transport)
            inward, outward = self.fedgate_messages(g, transport)
            result[f"in_{transport}"], result[f"out_{transport}"] = inward, outward
            if transport == "tcp":
                result["setup"] = self.setups(g.pid, self.lab.FEDGATE_IP, self.lab.OURS)
                g.stop()
                g.start()
                result["idle_kb"] = self.idle_memory(g.pid, self.lab.FEDGATE_IP, self.lab.OURS)
            g.stop()
            self.sip.close()
            import shutil
            shutil.rmtree(g.folder)
        return result

    def configuration(self):
        """The rows of config.py; nothing of it needs a peer."""
        import config
        import shutil
        rows = []
        for partners, users in ((100, 1000), (10000, 100000)):
            g = self.gateway_module.Gateway(self.folder.path, "--log-level", "error")
            g.commit(("front_ends", "inner", {"host": self.lab.SIPP_IP, "port": 5060, "transport": "udp"}),
                     ("domains", self.lab.OURS, {"front_ends": ["inner"]}))
            rows.append(config.measure(g, partners, users))
            g.stop()
            shutil.rmtree(g.folder)
        return rows

    def panels(self):
        """The rows of panel.py: what open panels cost."""
        import panel
        import shutil
        g = self.gateway_module.Gateway(self.folder.path, "--log-level", "error")
        rows = panel.measure(g, self.cpu)
        g.stop()
        shutil.rmtree(g.folder)
        return rows

    def browser(self):
        """panel.mjs, in a real Chromium; None where its packages are not installed (./dev deps)."""
        tests = os.path.dirname(HERE)
        if not os.path.isdir(os.path.join(tests, "web", "node_modules")):
            print("the list in a browser: left out, tests/web has no node_modules", file=sys.stderr)
            return None
        import subprocess
        done = subprocess.run(["node", os.path.join(HERE, "panel.mjs"), "--json"], stdout=subprocess.PIPE, check=True,
                              env=dict(os.environ, FEDGATE=self.gateway_module.BINARY))
        return json.loads(done.stdout)

    # Prosody

    def prosody(self):
        from xmpp_client import XmppClient
        p = self.lab.Prosody(self.folder.path, self.ca, "external",
                             log_level="warn")
        client = XmppClient("romeo", self.lab.THEIRS, self.lab.PROSODY_IP)
        n = self.options.messages
        stream = self.peers.S2sOut(self.lab.PROSODY_IP, BENCH, self.lab.THEIRS, self.client_tls)
        counter = Counter(client.socket)

        def make(i):
            return stanza(i, self.lab.THEIRS).replace(f"juliet{i % USERS}@".encode(), b"romeo@")
        result = {"in": self.per_thousand(p.pid, n, lambda: windowed(n, make, stream.send, counter.wait))}
        stream.close()
        base = self.far.count
        result["out"] = self.per_thousand(p.pid, n, lambda: windowed(
            n, lambda i: (f"<message to='user{i % USERS}@{BENCH}' type='chat' id='o{i}'><body>Message "
                          f"number {i}: but soft, what light through yonder window breaks?</body>"
                          "</message>").encode(),
            client.socket.sendall, lambda end: self.far.wait(base + end)))
        result["setup"] = self.setups(p.pid, self.lab.PROSODY_IP, self.lab.THEIRS)
        client.close()
        p.stop()
        p.start()
        result["idle_kb"] = self.idle_memory(p.pid, self.lab.PROSODY_IP, self.lab.THEIRS)
        p.stop()
        return result

    def close(self):
        self.far.close()
        self.dns.stop()
        self.folder.remove()


class Counter:
    """Counts messages on a client's socket, in a thread of its own."""

    def __init__(self, sock):
        import threading
        self.count, self.changed = 0, threading.Condition()
        self.sock = sock
        sock.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        rest = b""
        try:
            while data := self.sock.recv(262144):
                data = rest + data
                n = data.count(b"</message>")
                rest = data[data.rfind(b"</message>") + 10:] if n else data[-9:]
                with self.changed:
                    self.count += n
                    self.changed.notify_all()
        except OSError:
            return

    def wait(self, count, seconds=120):
        with self.changed:
            if not self.changed.wait_for(lambda: self.count >= count, seconds):
                raise AssertionError(f"{self.count} of {count} messages arrived")


ROWS = [
    ("S2S in -> SIP out (TCP), CPU s / 1,000 messages", "in_tcp", "in", 1 / 3),
    ("S2S in -> SIP out (mutual TLS), CPU s / 1,000", "in_tls", "in", 1 / 3),
    ("SIP in (TCP) -> S2S out, CPU s / 1,000 messages", "out_tcp", "out", 1 / 3),
    ("SIP in (mutual TLS) -> S2S out, CPU s / 1,000", "out_tls", "out", 1 / 3),
    ("stream set-up, CPU s / 1,000", "setup", "setup", 1 / 2),
    ("memory per idle stream, kB", "idle_kb", "idle_kb", 40 / 51),
]


def wire(bench, options):
    """Runs the rounds against both servers, prints the table and returns its rows."""
    ours, theirs = [], []
    for i in range(options.rounds):
        print(f"round {i + 1} of {options.rounds}", file=sys.stderr)
        ours.append(bench.fedgate())
        theirs.append(bench.prosody())
    print(f"{'':52} {'fedgate':>9} {'Prosody':>9} {'ratio':>7} {'aim':>6}")
    report = []
    for title, mine, other, aim in ROWS:
        ratio = statistics.median(a[mine] / b[other] for a, b in zip(ours, theirs))
        a = statistics.median(r[mine] for r in ours)
        b = statistics.median(r[other] for r in theirs)
        print(f"{title:52} {a:9.4f} {b:9.4f} {ratio:7.2f} {aim:6.2f}")
        report.append({"what": title, "fedgate": a, "prosody": b, "ratio": ratio, "aim": aim})
    return report


def main():
    parser = argparse.ArgumentParser(description="fedgate beside Prosody")
    parser.add_argument("--messages", type=int, default=20000)
    parser.add_argument("--setups", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["wire", "config", "panel"])
    parser.add_argument("--json")
    options = parser.parse_args()
    if os.environ.get(MARK) != "1":
        enter_namespace()
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, hard), hard))
    sys.path.insert(0, HERE)
    sys.path.insert(0, INTEROP)
    import config
    import lab
    import panel
    lab.prepare_namespace()
    bench = Bench(options)
    try:
        report = wire(bench, options) if options.only in (None, "wire") else []
        rows = bench.configuration() if options.only in (None, "config") else []
        panels = bench.panels() if options.only in (None, "panel") else []
        browser = bench.browser() if options.only in (None, "panel") else None
    finally:
        bench.close()
    if rows:
        config.report(rows)
    for what, percent, aim in panels:
        print(f"{what:70} {percent:6.2f} % of a core{f', aim {aim:.0f} %' if aim else ''}")
    if browser:
        panel.report(browser)
    if options.json:
        with open(options.json, "w") as f:
            json.dump({"rounds": options.rounds, "messages": options.messages, "rows": report,
                       "configuration": rows, "panels": panels, "browser": browser}, f, indent=1)


if __name__ == "__main__":
    main()
