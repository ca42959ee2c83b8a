"""The browser: Playwright drives real Chromium. Two files of tests/web need a world around the gateway, which is
here: panel.test.mjs goes from the setup link to a partner's stream, world.test.mjs goes on with that gateway. Each
other file of tests/web starts a server of its own and needs no world."""
import json
import os
import re
import subprocess
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import lab
from lab_test import LabTest
from test_process import Stopped
from xmpp_client import XmppClient

WEB = os.path.join(os.path.dirname(lab.HERE), "web")


def node(name, timeout, **env):
    """Runs one test file; what it printed is the failure."""
    done = subprocess.run(["node", "--test", name], cwd=WEB, timeout=timeout, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=dict(os.environ, **env))
    if done.returncode != 0:
        raise AssertionError(done.stdout.decode("utf-8", "replace")[-12000:])


class Knocking:
    """Romeo keeps writing to Juliet, so that a stream comes up as soon as it may; he signs in again when his server
    was away."""

    def __init__(self):
        self.client = XmppClient("romeo", lab.THEIRS, lab.PROSODY_IP)
        self.ended = threading.Event()
        self.worker = threading.Thread(target=self.run)
        self.worker.start()

    def run(self):
        n = 0
        while not self.ended.wait(1):
            try:
                self.client.message(f"juliet@{lab.OURS}", "knock", f"k{n}")
                n += 1
            except OSError:
                self.again()

    def again(self):
        try:
            self.client = XmppClient("romeo", lab.THEIRS, lab.PROSODY_IP)
        except (OSError, AssertionError):
            pass # his server is still away: the next round tries again

    def stop(self):
        self.ended.set()
        self.worker.join()
        self.client.close()


class Control:
    """What a test in node asks of the world: POST /NAME with the arguments as JSON; the answer is JSON."""

    def __init__(self, calls):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                try:
                    status, answer = 200, calls[self.path[1:]](**given)
                except Exception as error: # whatever it is, the test in node is to show it
                    status, answer = 500, f"{type(error).__name__}: {error}"
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.worker = threading.Thread(target=self.server.serve_forever)
        self.worker.start()

    def stop(self):
        self.server.shutdown()
        self.worker.join()
        self.server.server_close()


class Holding:
    """Holds a thread of the gateway still, until it is stopped."""

    def __init__(self, pid, name):
        self.held, self.over = threading.Event(), threading.Event()
        self.worker = threading.Thread(target=self.run, args=(pid, name))
        self.worker.start()
        if not self.held.wait(5):
            raise AssertionError(f"the thread {name} was not held")

    def run(self, pid, name):
        with Stopped(pid, name):
            self.held.set()
            self.over.wait()

    def stop(self):
        self.over.set()
        self.worker.join()


class WebTest(LabTest):
    def test_in_the_world(self):
        self.peer = self.prosody("external")
        self.sip_side = self.sipp("udp")
        g = self.gateway(partner=None, settings={})
        url = re.search(r"https://\S+/setup#\S+", self.setup_link(g)).group(0)
        self.knocking = self.keep(Knocking())
        env = {"FEDGATE_URL": g.url, "FEDGATE_DOMAIN": lab.OURS, "FEDGATE_EXPECT_PARTNER": lab.THEIRS}
        node("panel.test.mjs", 400, FEDGATE_SETUP_URL=url, FEDGATE_FRONT_END=lab.SIPP_IP, **env)
        g.wait_stream()
        control = self.keep(Control(self.calls(g)))
        node("world.test.mjs", 400, FEDGATE_LAB=control.url, **env)

    def calls(self, g):
        def partner_server(mode):
            """The partner's server becomes one that works in another way."""
            self.peer.stop()
            self.peer = self.prosody(mode)
            self.knocking.again()

        def juliet(text, expect):
            """Sends from the SIP side, and gives what was said there."""
            return self.juliet_sends(text, expect=expect)

        holding = []

        def engine(still):
            """Holds the engine's thread still, or lets it go on. Who traces a thread is a thread, too: it stays."""
            if still:
                holding.append(self.keep(Holding(g.pid, "engine")))
            else:
                holding.pop().stop()

        return {
            "partner_server": partner_server, "juliet": juliet, "engine": engine,
            "romeo_hears": lambda text: bool(self.knocking.client.wait_body(text)),
            "sip_hears": lambda text: self.sip_side.wait_message(text),
            "rest": lambda method, path, body=None: g.request(method, path, body),
        }

    def setup_link(self, g):
        path = os.path.join(g.data, "setup-link")
        lab.wait_for(lambda: os.path.exists(path), what="the setup link")
        return lab.read(path)


if __name__ == "__main__":
    unittest.main()
