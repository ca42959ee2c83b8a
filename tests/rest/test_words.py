"""What the server says in other languages: field tables and the negotiation matrix."""
import re
import unittest

from fedgate import Workspace

HAN = re.compile("[\u4e00-\u9fff]")


def texts(fields):
    for f in fields:
        yield f["label"]
        yield f["help"]
        for choice in f.get("enum", []):
            yield choice["help"]
        yield from texts(f.get("fields", []))


class Words(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def test_schema(self):
        said = {}
        for lang in ("en", "de", "zh"):
            schema = self.client.get(f"/schema?lang={lang}").ok().data
            self.assertEqual(schema["lang"], lang)
            said[lang] = schema["kinds"]
        self.assertEqual(said["de"]["partners"]["title"], "XMPP-Verbundpartner")
        self.assertEqual(said["zh"]["policies"]["title"], "外部访问策略")
        unit = {f["name"]: f.get("unit") for f in said["de"]["settings"]["fields"]}
        self.assertEqual(unit["keepalive_interval"], "Sekunden")
        for kind, table in said["zh"].items():
            for text in texts(table["fields"]):
                self.assertTrue(HAN.search(text) or re.fullmatch(r"[A-Z0-9 .]+", text), (kind, text))
        # Only words differ: names, types and bounds are the same in every language.
        for lang in ("de", "zh"):
            for kind, table in said[lang].items():
                self.assertEqual([f["name"] for f in table["fields"]], [f["name"] for f in said["en"][kind]["fields"]])

    def test_language_of_the_browser(self):
        for header, lang in (("de-CH, en;q=0.7", "de"), ("fr, zh-TW;q=0.5", "zh"), ("fr", "en")):
            answer = self.client.get("/schema", headers={"Accept-Language": header}).ok().data
            self.assertEqual(answer["lang"], lang, header)
        answer = self.client.get("/schema?lang=en", headers={"Accept-Language": "de"}).ok().data
        self.assertEqual(answer["lang"], "en")

    def test_negotiation(self):
        rows = {lang: self.client.get(f"/negotiation?lang={lang}").ok().data["rows"] for lang in ("en", "de", "zh")}
        for lang in ("de", "zh"):
            self.assertEqual([r["methods"] for r in rows[lang]], [r["methods"] for r in rows["en"]])
            for ours, english in zip(rows[lang], rows["en"]):
                for note, other in zip(ours["warnings"], english["warnings"]):
                    self.assertEqual(note["code"], other["code"])
                    self.assertNotEqual(note["message"], other["message"])
        self.assertIn("Erforderlich", rows["de"][2]["warnings"][0]["message"])


class Profile(unittest.TestCase):
    def setUp(self):
        self.work = Workspace()
        self.addCleanup(self.work.close)
        self.server = self.work.start()
        self.server.add_admin("ann")
        self.server.add_admin("vic", "viewer")
        self.ann = self.server.anonymous()
        self.chosen(self.ann.sign_in("ann").data, None, None)

    def chosen(self, said, language, theme):
        self.assertEqual((said["language"], said["theme"]), (language, theme))

    def test_choice(self):
        self.chosen(self.ann.patch("/profile", {"language": "de"}).ok().data, "de", None)
        self.chosen(self.ann.patch("/profile", {"theme": "dark"}).ok().data, "de", "dark")
        self.chosen(self.ann.get("/session").ok().data, "de", "dark")
        # Kept, for the account and for nobody else.
        self.server.stop()
        self.server = self.work.start()
        again = self.server.anonymous()
        self.chosen(again.sign_in("ann").data, "de", "dark")
        vic = self.server.anonymous()
        self.chosen(vic.sign_in("vic").data, None, None)
        self.chosen(vic.patch("/profile", {"language": "zh"}).ok().data, "zh", None)
        self.chosen(again.patch("/profile", {"language": None}).ok().data, None, "dark")
        self.chosen(again.get("/session").ok().data, None, "dark")
        self.chosen(again.patch("/profile", {}).ok().data, None, "dark")
        rows = self.server.local().get("/audit?action=profile&who=admin:1").ok().data["items"]
        self.assertEqual([r["after"] for r in rows][1:], [{"language": None, "theme": "dark"},
                                                         {"language": "de", "theme": "dark"},
                                                         {"language": "de", "theme": None}])
        self.assertEqual(rows[-1]["before"], {"language": None, "theme": None})

    def test_bad_input(self):
        for body, pointer in (({"language": "fr"}, "/language"), ({"language": 1}, "/language"),
                              ({"theme": "pink"}, "/theme"), ({"colour": "red"}, "/colour")):
            answer = self.ann.patch("/profile", body)
            self.assertEqual((answer.status, [e["pointer"] for e in answer.problem["errors"]]), (422, [pointer]), body)
        self.assertEqual(self.server.local().patch("/profile", {"language": "de"}).problem["code"], "session_only")
        self.chosen(self.ann.get("/session").ok().data, None, None)


if __name__ == "__main__":
    unittest.main()
