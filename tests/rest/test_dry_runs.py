"""What was only tried leaves no trace, also where large drafts are remembered."""
import unittest

from fedgate import Workspace

MANY = 210  # enough for a draft that is remembered as compiled


class DryRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Workspace()
        cls.server = cls.work.start()
        cls.client = cls.server.client()
        cls.client.apply(partners={f"p{i}.test": {} for i in range(MANY)})

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.work.close()
        assert code == 0, cls.server.log()

    def setUp(self):
        self.client.delete("/draft").ok()

    def bulk(self, value, **more):
        return self.client.post("/draft/bulk", {"kind": "partners", "filter": {}, "op": "patch", "value": value, **more})

    def test_faults_of_a_dry_run_are_not_those_of_the_next(self):
        dry = self.bulk({"additional_domains": ["same.test"]}, dry_run=True).ok().data
        self.assertTrue(dry["rejected"])
        self.assertEqual(self.bulk({"owner": "me"}).status, 200)
        self.assertFalse(self.client.get("/draft").ok().data["problems"])

    def test_faults_after_a_good_dry_run_are_found(self):
        self.assertEqual(self.bulk({"owner": "me"}, dry_run=True).ok().data["rejected"], [])
        answer = self.bulk({"additional_domains": ["same.test"]})
        self.assertEqual((answer.status, answer.data["code"]), (422, "bulk_rejected"))
        self.assertEqual(self.client.get("/draft").ok().data["total"], 0)

    def test_a_refused_change_is_not_remembered(self):
        self.assertEqual(self.bulk({"additional_domains": ["same.test"]}).status, 422)
        self.assertEqual(self.bulk({"owner": "me"}).status, 200)
        self.assertFalse(self.client.get("/draft").ok().data["problems"])


if __name__ == "__main__":
    unittest.main()
