"""What every laboratory test shares: a folder, a CA, DNS, and peers that are stopped afterwards."""
import unittest

import gateway
import lab
from xmpp_client import XmppClient


class LabTest(unittest.TestCase):
    maxDiff = None
    their_port = 5269

    def setUp(self):
        self.folder = lab.Folder()
        self.addCleanup(self.folder.remove)
        self.ca = lab.Authority(self.folder.path)
        self.dns = self.keep(lab.Dns(self.folder.path, self.dns_records(), self.their_port))

    def dns_records(self):
        return ()

    def keep(self, thing):
        self.addCleanup(thing.stop)
        return thing

    def prosody(self, mode, **more):
        return self.keep(lab.Prosody(self.folder.path, self.ca, mode, port=self.their_port, **more))

    def sipp(self, transport="udp", **more):
        return self.keep(lab.SippServer(self.folder.path, transport, **more))

    def gateway(self, *flags, **set_up):
        g = self.keep(gateway.Gateway(self.folder.path, *flags))
        if set_up:
            g.set_up(self.ca, **set_up)
        return g

    def romeo(self, address=lab.PROSODY_IP, domain=lab.THEIRS):
        client = XmppClient("romeo", domain, address)
        self.addCleanup(client.close)
        return client

    def juliet_sends(self, text, expect=200, to=f"romeo@{lab.THEIRS}", transport="udp",
                     target=f"{lab.FEDGATE_IP}:5060", **more):
        return lab.sipp_send(self.folder.path, target, to, text, transport=transport,
                             expect=expect, **more)
