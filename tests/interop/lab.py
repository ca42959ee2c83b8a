"""The laboratory: a test CA, a DNS server, Prosody, SIPp and Kamailio, each started for one test and
stopped after it, all on loopback addresses of the namespace that run.py made.

    127.0.0.1   fedgate        (contoso.test; XMPP 5269, SIP 5060 and 23456)
    127.0.0.2   Prosody        (fabrikam.test)
    127.0.0.3   SIPp           (the SIP side of contoso.test)
    127.0.0.4   Kamailio       (the SIP side of contoso.test, mutual TLS)
    127.0.0.53  dnsmasq
"""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = "contoso.test"
THEIRS = "fabrikam.test"
FEDGATE_IP, PROSODY_IP, SIPP_IP, KAMAILIO_IP, DNS_IP = (
    "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.53")


def prepare_namespace():
    """Loopback up and a resolv.conf of our own; called once, inside the namespace."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "-6", "addr", "add", "::1/128", "dev", "lo"], check=False,
                   stderr=subprocess.DEVNULL)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    handle, path = tempfile.mkstemp(prefix="resolv-")
    os.write(handle, f"nameserver {DNS_IP}\noptions timeout:1 attempts:2\n".encode())
    os.close(handle)
    os.chmod(path, 0o644)
    subprocess.run(["mount", "--bind", path, "/etc/resolv.conf"], check=True)


def wait_for(check, seconds=15.0, what="condition", step=0.05):
    """Calls check() until it gives something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s for {what}")
        time.sleep(step)


def port_open(address, port):
    try:
        with socket.create_connection((address, port), timeout=0.5):
            return True
    except OSError:
        return False


class Process:
    """A child whose output goes to a file and who is gone after stop()."""

    def __init__(self, folder, name, argv, env=None, cwd=None):
        self.name = name
        self.log_path = os.path.join(folder, f"{name}.out")
        self.log = open(self.log_path, "ab")
        self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self.log,
                                      stderr=subprocess.STDOUT, env=env, cwd=cwd,
                                      start_new_session=True)

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child.poll() is None

    def output(self):
        with open(self.log_path, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def wait(self, seconds):
        return self.child.wait(timeout=seconds)

    def stop(self, seconds=5):
        if self.running():
            self.child.terminate()
            try:
                self.child.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait()
        self.log.close()


class Authority:
    """A certificate authority made on the spot."""

    def __init__(self, folder, name="Lab CA"):
        self.folder = folder
        self.cert = os.path.join(folder, "ca.pem")
        self.key = os.path.join(folder, "ca.key")
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-nodes", "-keyout", self.key, "-out", self.cert, "-days", "30",
                      "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def _openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, cwd=self.folder,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def issue(self, label, names, usage="serverAuth,clientAuth", ips=(), days=7):
        """Makes LABEL.pem and LABEL.key for the given DNS names; returns both paths."""
        key, csr, pem, ext = (os.path.join(self.folder, f"{label}.{e}")
                              for e in ("key", "csr", "pem", "ext"))
        alt = ",".join([f"DNS:{n}" for n in names] + [f"IP:{i}" for i in ips])
        with open(ext, "w") as f:
            f.write(f"subjectAltName={alt}\nextendedKeyUsage={usage}\n"
                    "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", key, "-out", csr, "-subj", f"/CN={names[0]}")
        self._openssl("x509", "-req", "-in", csr, "-CA", self.cert, "-CAkey", self.key,
                      "-CAcreateserial", "-days", str(days), "-extfile", ext, "-out", pem)
        os.chmod(key, 0o644)
        return pem, key

    def pem(self):
        with open(self.cert) as f:
            return f.read()


def read(path):
    with open(path) as f:
        return f.read()


class Dns:
    """dnsmasq as the only name server; records as dnsmasq options."""

    def __init__(self, folder, extra=(), port=5269):
        argv = ["dnsmasq", "--keep-in-foreground", "--no-hosts", "--no-resolv", "--conf-file=/dev/null",
                "--user=root", "--group=root", f"--listen-address={DNS_IP}", "--bind-interfaces",
                "--pid-file=", "--local=/test/", "--log-queries", "--log-facility=-"]
        argv += [f"--srv-host=_xmpp-server._tcp.{OURS},xmpp.{OURS},5269,5,0",
                 f"--host-record=xmpp.{OURS},{FEDGATE_IP}",
                 f"--srv-host=_xmpp-server._tcp.{THEIRS},xmpp.{THEIRS},{port},5,0",
                 f"--host-record=xmpp.{THEIRS},{PROSODY_IP}",
                 f"--host-record=sip.{OURS},{SIPP_IP}",
                 f"--host-record=kamailio.{OURS},{KAMAILIO_IP}", *extra]
        self.process = Process(folder, "dnsmasq", argv)
        wait_for(lambda: port_open(DNS_IP, 53), what="dnsmasq")

    def stop(self):
        self.process.stop()


PROSODY_CONFIG = """
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
plugin_paths = {{ "{here}/prosody" }}
log = {{ {{ levels = {{ min = "{log_level}" }}, to = "file", filename = "{folder}/prosody.log" }} }}
interfaces = {{ "{ip}" }}
c2s_ports = {{ 5222 }}
s2s_ports = {{ {port} }}
http_ports = {{ }}
https_ports = {{ }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "posix", {modules} }}
modules_disabled = {{ "offline", "s2s_bidi", {disabled} }}
authentication = "internal_plain"
storage = "internal"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
s2s_require_encryption = {require_tls}
s2s_secure_auth = {secure_auth}
limits = {{ }}
certificates = "{folder}"
VirtualHost "{domain}"
  ssl = {{ key = "{key}", certificate = "{cert}", cafile = "{ca}",
    verify = {{ "peer", "client_once" }} }}
"""


class Prosody:
    """A Prosody that serves one domain. mode: "external" (only certificates count), "dialback_tls"
    (TLS, identity by dialback), "clear" (no TLS at all)."""

    def __init__(self, folder, ca, mode, domain=THEIRS, ip=PROSODY_IP, users=("romeo",), names=None,
                 log_level="debug", port=5269):
        self.folder = os.path.join(folder, f"prosody-{domain}")
        self.domain, self.ip, self.port = domain, ip, port
        os.makedirs(os.path.join(self.folder, "data"), exist_ok=True)
        cert, key = ca.issue(f"prosody-{domain}", names or [domain])
        modules = {"external": '"tls"', "dialback_tls": '"tls", "dialback"', "clear": '"dialback"'}
        config = PROSODY_CONFIG.format(
            folder=self.folder, here=HERE, ip=ip, port=port, log_level=log_level, domain=domain, cert=cert, key=key, ca=ca.cert,
            modules=modules[mode], disabled='"tls"' if mode == "clear" else '"dummy"',
            require_tls="false" if mode == "clear" else "true",
            secure_auth="true" if mode == "external" else "false")
        self.config = os.path.join(self.folder, "prosody.cfg.lua")
        with open(self.config, "w") as f:
            f.write(config)
        for user in users:
            subprocess.run(["prosodyctl", "--config", self.config, "register", user, domain, "secret"],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.start()

    def start(self):
        self.process = Process(self.folder, "prosody", ["prosody", "-F", "--config", self.config])
        wait_for(lambda: port_open(self.ip, self.port) and port_open(self.ip, 5222), what="Prosody")

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return read(os.path.join(self.folder, "prosody.log"))

    def stop(self):
        self.process.stop()


class SippServer:
    """SIPp as the SIP side of contoso.test: answers MESSAGE and notes what it got."""

    def __init__(self, folder, transport="udp", ip=SIPP_IP, port=5060, answer="200 OK", name="sipp-uas"):
        self.folder = os.path.join(folder, f"{name}-{transport}-{port}")
        os.makedirs(self.folder, exist_ok=True)
        scenario = os.path.join(self.folder, "uas.xml")
        text = read(os.path.join(HERE, "sipp", "uas.xml")).replace("@ANSWER@", answer)
        with open(scenario, "w") as f:
            f.write(text)
        self.messages_path = os.path.join(self.folder, "messages.log")
        mode = {"udp": "u1", "tcp": "t1"}[transport]
        argv = ["sipp", "-sf", scenario, "-i", ip, "-p", str(port), "-t", mode, "-nostdin",
                "-trace_msg", "-message_file", self.messages_path, "-trace_err", "-error_file",
                os.path.join(self.folder, "errors.log"), "-deadcall_wait", "0", "-timeout", "600"]
        self.process = Process(self.folder, "sipp", argv, env=dict(os.environ, TERM="dumb"))
        if transport == "tcp":
            wait_for(lambda: port_open(ip, port), what="SIPp")
        else:
            wait_for(lambda: self._udp_bound(ip, port), what="SIPp")

    @staticmethod
    def _udp_bound(ip, port):
        packed = "".join(f"{int(x):02X}" for x in reversed(ip.split(".")))
        return f"{packed}:{port:04X}" in read("/proc/net/udp")

    def messages(self):
        """Every SIP message it received, as text."""
        if not os.path.exists(self.messages_path):
            return []
        with open(self.messages_path, newline="", errors="replace") as f:
            parts = f.read().split("-----------------------------------------------")
        return [p.split("\n\n", 1)[1] for p in parts
                if "message received" in p and "\n\n" in p]

    def wait_message(self, needle, seconds=15):
        def found():
            for m in self.messages():
                if needle in m and m.lstrip().startswith("MESSAGE"):
                    return m
            return None
        return wait_for(found, seconds, f"a SIP MESSAGE with {needle!r}")

    def stop(self):
        self.process.stop(2)


def sipp_send(folder, target, to, text, sender=f"juliet@{OURS}", transport="udp", ip=SIPP_IP,
              expect=200, seconds=40, port=0):
    """Sends one MESSAGE by SIPp and returns when the expected final answer came; raises otherwise."""
    run = tempfile.mkdtemp(prefix="sipp-uac-", dir=folder)
    scenario = os.path.join(run, "uac.xml")
    body = read(os.path.join(HERE, "sipp", "uac.xml"))
    for key, value in {"@TO@": to, "@FROM@": sender, "@TEXT@": text, "@CODE@": str(expect)}.items():
        body = body.replace(key, value)
    with open(scenario, "w") as f:
        f.write(body)
    log = os.path.join(run, "messages.log")
    argv = ["sipp", target, "-sf", scenario, "-i", ip, "-m", "1", "-nostdin", "-t",
            {"udp": "u1", "tcp": "t1"}[transport], "-trace_msg", "-message_file", log,
            "-timeout", str(seconds), "-timeout_error"]
    if port:
        argv += ["-p", str(port)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=dict(os.environ, TERM="dumb"), cwd=run,
                          timeout=seconds + 20)
    trace = read(log) if os.path.exists(log) else ""
    if done.returncode != 0:
        raise AssertionError(f"SIPp expected {expect}, exit {done.returncode}:\n{trace}")
    return trace


KAMAILIO_TLS = """[server:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
private_key = {key}
certificate = {cert}
ca_list = {ca}
[client:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
private_key = {key}
certificate = {cert}
ca_list = {ca}
"""


class Kamailio:
    """Kamailio with its TLS module: hands messages for contoso.test to SIPp and everything else to
    fedgate over mutual TLS on port 23456."""

    def __init__(self, folder, ca, ip=KAMAILIO_IP, memory=64):
        self.folder = os.path.join(folder, "kamailio")
        os.makedirs(self.folder, exist_ok=True)
        cert, key = ca.issue("kamailio", [f"kamailio.{OURS}"])
        tls = os.path.join(self.folder, "tls.cfg")
        with open(tls, "w") as f:
            f.write(KAMAILIO_TLS.format(cert=cert, key=key, ca=ca.cert))
        config = os.path.join(self.folder, "kamailio.cfg")
        with open(config, "w") as f:
            f.write(read(os.path.join(HERE, "kamailio.cfg"))
                    .replace("@IP@", ip).replace("@TLS@", tls).replace("@DOMAIN@", OURS)
                    .replace("@INNER@", f"{SIPP_IP}:5060").replace("@GATEWAY@", f"{FEDGATE_IP}:23456"))
        argv = ["kamailio", "-f", config, "-DD", "-E", "-m", str(memory), "-M", "16", "-Y", self.folder,
                "-w", self.folder]
        self.process = Process(self.folder, "kamailio", argv)
        wait_for(lambda: port_open(ip, 5061), what="Kamailio")

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        self.process.stop()


class Folder:
    """A temporary folder, kept when FEDGATE_LAB_KEEP is set."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="fedgate-lab-")
        os.chmod(self.path, 0o755)

    def remove(self):
        if not os.environ.get("FEDGATE_LAB_KEEP"):
            shutil.rmtree(self.path, ignore_errors=True)


class UdpSender:
    """Sends MESSAGE requests from the SIP side over UDP and remembers the answer of each."""

    def __init__(self, target, ip=SIPP_IP):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Answers may come in a burst before anybody collects them: SO_RCVBUFFORCE, room for thousands.
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)
        self.socket.bind((ip, 0))
        self.here = "%s:%d" % self.socket.getsockname()
        self.target = target
        self.answers = {}

    def send(self, n, text, to=f"romeo@{THEIRS}", sender=f"juliet@{OURS}"):
        body = text.encode()
        self.socket.sendto((
            f"MESSAGE sip:{to} SIP/2.0\r\nVia: SIP/2.0/UDP {self.here};branch=z9hG4bKlab{n}\r\n"
            f"From: <sip:{sender}>;tag=lab{n}\r\nTo: <sip:{to}>\r\nCall-ID: lab{n}@{self.here}\r\n"
            f"CSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body, self.target)

    def collect(self, count, seconds=40):
        """Waits until `count` requests have their final answer; returns {n: code}."""
        end = time.monotonic() + seconds
        while len(self.answers) < count and time.monotonic() < end:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                data = self.socket.recv(65536).decode("utf-8", "replace")
            except socket.timeout:
                break
            code = int(data.split(" ", 2)[1])
            if code >= 200:
                self.answers[int(data.split("branch=z9hG4bKlab", 1)[1].split("\r")[0].split(";")[0])] = code
        return self.answers

    def stop(self):
        self.socket.close()
