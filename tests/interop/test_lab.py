"""The laboratory itself: its peers work with each other before fedgate is judged by them."""
import unittest

import lab
from xmpp_client import XmppClient


class PeersTest(unittest.TestCase):
    def setUp(self):
        self.folder = lab.Folder()
        self.addCleanup(self.folder.remove)
        self.ca = lab.Authority(self.folder.path)

    def keep(self, thing):
        self.addCleanup(thing.stop)
        return thing

    def test_prosody_to_prosody(self):
        """Two Prosodys federate by certificate; a message passes."""
        self.keep(lab.Dns(self.folder.path, [
            "--srv-host=_xmpp-server._tcp.other.test,xmpp.other.test,5269,5,0",
            "--host-record=xmpp.other.test,127.0.0.9"]))
        self.keep(lab.Prosody(self.folder.path, self.ca, "external"))
        self.keep(lab.Prosody(self.folder.path, self.ca, "external", domain="other.test",
                              ip="127.0.0.9", users=("anna",)))
        romeo = XmppClient("romeo", lab.THEIRS, lab.PROSODY_IP)
        anna = XmppClient("anna", "other.test", "127.0.0.9")
        romeo.message("anna@other.test", "hello anna", "m1")
        anna.wait_body("hello anna")
        romeo.close()
        anna.close()

    def test_sipp_to_sipp(self):
        """SIPp answers SIPp, over UDP and TCP."""
        for transport in ("udp", "tcp"):
            with self.subTest(transport):
                server = lab.SippServer(self.folder.path, transport)
                lab.sipp_send(self.folder.path, f"{lab.SIPP_IP}:5060", f"juliet@{lab.OURS}",
                              f"over {transport}", transport=transport, ip="127.0.0.8")
                server.wait_message(f"over {transport}")
                server.stop()

    def test_kamailio_to_sipp(self):
        """Kamailio hands a message for contoso.test to SIPp."""
        self.keep(lab.Dns(self.folder.path))
        server = self.keep(lab.SippServer(self.folder.path))
        self.keep(lab.Kamailio(self.folder.path, self.ca))
        lab.sipp_send(self.folder.path, f"{lab.KAMAILIO_IP}:5060", f"juliet@{lab.OURS}",
                      "by kamailio", ip="127.0.0.8")
        server.wait_message("by kamailio")


if __name__ == "__main__":
    unittest.main()
