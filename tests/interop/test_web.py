"""The browser: Playwright drives real Chromium. tests/web/panel.test.mjs goes through first start, a
partner, a commit, and sees the stream of that partner come up; the world around it is here. Each other
file of tests/web starts a server of its own and needs no world."""
import os
import re
import subprocess
import threading
import unittest

import lab
from lab_test import LabTest

WEB = os.path.join(os.path.dirname(lab.HERE), "web")
WITH_A_WORLD = "panel.test.mjs"


def node(name, timeout, **env):
    """Runs one test file; what it printed is the failure."""
    done = subprocess.run(["node", "--test", name], cwd=WEB, timeout=timeout, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=dict(os.environ, **env))
    if done.returncode != 0:
        raise AssertionError(done.stdout.decode("utf-8", "replace")[-12000:])


class WebTest(LabTest):
    def test_first_partner_in_the_browser(self):
        self.prosody("external")
        self.sipp("udp")
        g = self.gateway(partner=None, settings={})
        url = re.search(r"https://\S+/setup#\S+", self.setup_link(g)).group(0)
        stop = threading.Event()
        romeo = self.romeo()

        def knock():
            """Romeo keeps writing, so that a stream comes up as soon as the partner is there."""
            n = 0
            while not stop.wait(1):
                romeo.message(f"juliet@{lab.OURS}", "knock", f"k{n}")
                n += 1

        worker = threading.Thread(target=knock)
        worker.start()
        try:
            node(WITH_A_WORLD, 400, FEDGATE_URL=g.url, FEDGATE_SETUP_URL=url, FEDGATE_DOMAIN=lab.OURS,
                 FEDGATE_EXPECT_PARTNER=lab.THEIRS, FEDGATE_FRONT_END=lab.SIPP_IP)
        finally:
            stop.set()
            worker.join()
        g.wait_stream()

    def setup_link(self, g):
        path = os.path.join(g.data, "setup-link")
        lab.wait_for(lambda: os.path.exists(path), what="the setup link")
        return lab.read(path)


if __name__ == "__main__":
    unittest.main()
