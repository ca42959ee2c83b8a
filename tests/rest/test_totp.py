"""The second factor: set-up, sign-in with codes and recovery codes, slow-down, repair from the console."""
import base64
import hashlib
import hmac
import struct
import time
import unittest
import urllib.parse

from fedgate import PASSWORD, Workspace


def code(secret, ahead=0):
    """RFC 6238: SHA-1, 30 s, six digits; written here anew, so that it cannot share a mistake."""
    counter = struct.pack(">Q", int(time.time()) // 30 + ahead)
    mac = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


def settle():
    """Waits out the end of a step, so that a code made now is still the present one when it arrives."""
    left = 30 - time.time() % 30
    if left < 10:
        time.sleep(left + 0.1)


class Totp(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)
        self.server = self.work.start()
        self.server.add_admin("ann")
        self.client = self.server.anonymous()
        self.assertEqual(self.client.sign_in("ann").status, 201)

    def totp(self, action, **more):
        return self.client.post("/profile/totp", {"action": action, **more})

    def turn_on(self):
        """Secret and recovery codes. The code used is that of the step before, so that two are left."""
        settle()
        secret = self.totp("start", current_password=PASSWORD).ok().data["secret"]
        return secret, self.totp("confirm", code=code(secret, -1)).ok().data["recovery_codes"]

    def sign_in(self, otp=None, password=PASSWORD, name="ann"):
        body = {"username": name, "password": password}
        if otp is not None:
            body["otp"] = otp
        return self.server.anonymous().post("/session", body)

    def outcome(self, *args, **more):
        answer = self.sign_in(*args, **more)
        return answer.status, (answer.problem or {}).get("code")

    def test_set_up(self):
        self.assertEqual(self.client.get("/profile/totp").ok().data, {"state": "off"})
        answer = self.totp("start", current_password="not my password")
        self.assertEqual((answer.status, answer.pointers()), (422, ["/current_password"]))
        answer = self.totp("confirm", code="123456")
        self.assertEqual((answer.status, answer.problem["code"]), (409, "totp_not_started"))

        settle()
        started = self.totp("start", current_password=PASSWORD).ok().data
        self.assertEqual(started["state"], "started")
        uri = urllib.parse.urlsplit(started["uri"])
        query = urllib.parse.parse_qs(uri.query)
        self.assertEqual((uri.scheme, uri.netloc, uri.path), ("otpauth", "totp", "/fedgate:ann"))
        self.assertEqual(query["secret"], [started["secret"]])
        self.assertEqual((query["digits"], query["period"], query["algorithm"]), (["6"], ["30"], ["SHA1"]))
        # Not on before the first code: nobody is locked out by a picture that was never read.
        self.assertEqual(self.outcome(), (201, None))
        wrong = f"{(int(code(started['secret'])) + 1) % 1000000:06}"
        answer = self.totp("confirm", code=wrong)
        self.assertEqual((answer.status, answer.codes()), (422, ["code_wrong"]))
        on = self.totp("confirm", code=code(started["secret"])).ok().data
        self.assertEqual((on["state"], len(set(on["recovery_codes"]))), ("on", 10))

        shown = self.client.get("/profile/totp").ok()
        self.assertEqual(shown.data, {"state": "on", "recovery_codes_left": 10})
        self.assertTrue(self.client.get("/admins/ann").ok().data["totp"])
        answer = self.totp("start", current_password=PASSWORD)
        self.assertEqual((answer.status, answer.problem["code"]), (409, "totp_on"))

    def test_sign_in(self):
        secret, _ = self.turn_on()
        self.assertEqual(self.outcome(), (401, "otp_required"))
        # A stranger without the password learns nothing of it.
        self.assertEqual(self.outcome(password="not the password"), (401, "sign_in_failed"))
        present = code(secret)
        self.assertEqual(self.outcome(present), (201, None))
        self.assertEqual(self.outcome(present), (401, "sign_in_failed"), "a code counts once")
        self.assertEqual(self.outcome(code(secret, 1)), (201, None))

    def test_wrong_password_and_wrong_code_look_alike(self):
        secret, _ = self.turn_on()
        wrong = f"{(int(code(secret, 5)) + 1) % 1000000:06}"
        answers = [self.sign_in(wrong), self.sign_in(code(secret), password="not the password"),
                   self.sign_in(code(secret), name="nobody")]
        self.assertEqual([a.status for a in answers], [401, 401, 401])
        self.assertEqual(len({a.body for a in answers}), 1, answers)
        self.assertEqual(self.outcome(code(secret)), (201, None), "a failed attempt uses no code up")

    def test_recovery_codes(self):
        _, codes = self.turn_on()
        for one in codes[:3]:
            self.assertEqual(self.outcome(one.upper().replace("-", " ")), (201, None))
            self.assertEqual(self.outcome(one), (401, "sign_in_failed"))
        self.assertEqual(self.client.get("/profile/totp").ok().data["recovery_codes_left"], 7)
        self.assertEqual(self.outcome("abcd-efgh-jkmn-pqrs"), (401, "sign_in_failed"))

    def test_guessing_codes_is_slowed(self):
        secret, _ = self.turn_on()
        wrong = f"{(int(code(secret, 5)) + 1) % 1000000:06}"
        outcomes = [self.outcome(wrong) for _ in range(7)]
        self.assertIn((429, "slow_down"), outcomes)
        self.assertEqual(self.sign_in(wrong).headers["Retry-After"] is not None, True)

    def test_asking_for_a_code_is_slowed_too(self):
        self.turn_on()
        self.assertIn((429, "slow_down"), [self.outcome() for _ in range(7)])
        # The account waits, the address does not: somebody else still signs in from here.
        self.server.add_admin("bob")
        self.assertEqual(self.outcome(name="bob"), (201, None))

    def test_survives_a_restart(self):
        secret, codes = self.turn_on()
        present = code(secret)
        self.assertEqual(self.outcome(present), (201, None))
        self.server.kill()
        self.server = self.work.start()
        self.assertEqual(self.outcome(present), (401, "sign_in_failed"))
        self.assertEqual(self.outcome(codes[0]), (201, None))

    def test_off(self):
        self.turn_on()
        answer = self.totp("off", current_password="not my password")
        self.assertEqual((answer.status, answer.pointers()), (422, ["/current_password"]))
        self.assertEqual(self.totp("off").pointers(), ["/current_password"])
        self.assertEqual(self.totp("off", current_password=PASSWORD).ok().data, {"state": "off"})
        self.assertEqual(self.outcome(), (201, None))

    def test_only_in_a_session(self):
        for client in (self.server.client(), self.server.local()):
            answer = client.post("/profile/totp", {"action": "start", "current_password": PASSWORD})
            self.assertEqual((answer.status, answer.problem["code"]), (403, "session_only"))
            self.assertEqual(client.get("/profile/totp").ok().data, {"state": "off"})

    def test_bad_input(self):
        for body, pointers in (({}, ["/action"]), ({"action": "on"}, ["/action"]),
                               ({"action": "confirm"}, ["/code"]), ({"action": "start"}, ["/current_password"]),
                               ({"action": "confirm", "code": 123456}, ["/code"]),
                               ({"action": "confirm", "code": "1" * 33}, ["/code"]),
                               ({"action": "confirm", "code": "1", "extra": 1}, ["/extra"])):
            answer = self.client.post("/profile/totp", body)
            self.assertEqual((answer.status, answer.pointers()), (422, pointers), body)
        self.assertEqual(self.sign_in("1" * 33).pointers(), ["/otp"])

    def test_another_administrator_may_switch_it_off(self):
        self.turn_on()
        admin = self.server.client()
        answer = admin.patch("/admins/ann", {"totp": True})
        self.assertEqual((answer.status, answer.pointers()), (422, ["/totp"]))
        # Not one's own: that takes the password.
        self.assertEqual(self.client.patch("/admins/ann", {"totp": False}).codes(), ["own_account"])
        self.assertFalse(admin.patch("/admins/ann", {"totp": False}).ok().data["totp"])
        self.assertEqual(self.outcome(), (201, None))

    def reset(self):
        done = self.work.run("admin", "reset-password", "ann", "--password-stdin", "--totp-off",
                             input="another good passphrase\n")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_console_repairs(self):
        self.turn_on()
        self.reset()
        self.assertEqual(self.outcome(password="another good passphrase"), (201, None))

    def test_console_repairs_a_stopped_server(self):
        self.turn_on()
        self.assertEqual(self.server.stop(), 0)
        self.reset()
        self.server = self.work.start()
        self.assertEqual(self.outcome(password="another good passphrase"), (201, None))
        self.assertIn("totp_off", self.actions())

    def actions(self):
        return [row["action"] for row in self.server.local().get("/audit").ok().data["items"]]

    def test_audit_without_secrets(self):
        secret, codes = self.turn_on()
        wrong = f"{(int(code(secret, 5)) + 1) % 1000000:06}"
        used = code(secret)
        self.outcome()
        self.outcome(wrong)
        self.assertEqual(self.outcome(codes[0]), (201, None))
        self.assertEqual(self.outcome(used), (201, None))
        self.totp("off", current_password="not my password")
        self.totp("off", current_password=PASSWORD).ok()
        text = self.server.local().get("/audit").ok().body.decode()
        for action in ("totp_start", "totp_on", "totp_off", "With a recovery code; 9 are left.",
                       "With a one-time code.", "a code was asked for", "the code was not", "The password was wrong."):
            self.assertIn(action, text)
        # Codes of six digits may stand by chance in a time or an address, so these are looked for as words.
        for hidden in [secret, *codes, f'"{used}"', f'"{wrong}"', f" {used}", f" {wrong}"]:
            self.assertNotIn(hidden, text)
            self.assertNotIn(hidden, self.server.log())
        self.assertEqual(self.server.stop(), 0, self.server.log())


if __name__ == "__main__":
    unittest.main()
