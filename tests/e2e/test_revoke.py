"""Revoking and suspending: at once, on open connections too, and nobody else notices."""

import unittest

from jielian import ATTENTION, DONE, FAILED, wait_until
from world import World


class Revoke(World):
    def prepare(self):
        super().prepare()
        self.a, self.b = self.pc("GD", "a"), self.pc("GD", "b")
        self.c = self.pc("BS", "c")
        self.union = self.a.add_union("古荡甲厂工会")
        self.settle(self.a, self.b, self.c)
        self.number = self.b.status()["device"]

    def assert_others_go_on(self):
        self.a.set("union_org", self.union, staff_n=77)
        self.c.add_union("北山乙厂工会")
        self.settle(self.a, self.c)
        self.assertEqual(self.district.show("union_org", self.union)["staff_n"], 77)

    def test_a_revoked_pc_is_refused_and_keeps_its_books(self):
        self.b.set("union_org", self.union, staff_n=5)
        self.district.run("device", "revoke", self.number)
        result = self.b.sync(expect=ATTENTION)
        self.assertIn("注销", result.err)
        self.assertEqual(self.b.status(expect=ATTENTION)["state"], "revoked")
        self.assertIsNone(self.district.show("union_org", self.union)["staff_n"])
        self.assertEqual(self.b.show("union_org", self.union)["staff_n"], 5)
        self.assertEqual(self.district.device("GD", self.number)["state"], "revoked")
        self.assert_others_go_on()
        self.b.sync(expect=ATTENTION)
        self.assertIsNotNone(self.district.metric("jielian_refusals_total", reason="revoked"))

    def test_revoking_works_on_an_open_connection(self):
        for office in (self.a, self.b, self.c):
            office.start()
        wait_until("b is connected and proven", lambda: self.b.status()["state"] == "in_sync")
        self.district.run("device", "revoke", self.number)
        self.a.set("union_org", self.union, staff_n=9)
        wait_until("c works", lambda: self.a.status()["state"] == "in_sync")
        self.b.set("union_org", self.union, address="不该到达")
        wait_until("b knows", lambda: self.b.status()["state"] == "revoked")
        self.assertIsNone(self.b.process.exit_code(), "run stays, so that its pages say why")
        self.assertIsNone(self.district.show("union_org", self.union)["address"])
        self.assertIsNone(self.b.show("union_org", self.union)["staff_n"], "no data after it")
        self.assert_others_go_on()
        result = self.b.sync(expect=ATTENTION)
        self.assertIn("注销", result.err)
        for office in (self.a, self.b, self.c):
            office.stop()

    def test_revoked_is_for_good_and_a_new_invitation_helps(self):
        self.district.run("device", "revoke", self.number)
        self.district.run("device", "revoke", self.number)
        self.district.refuse("device", "suspend", self.number, code=FAILED, names=[self.number])
        again = self.pc("GD", "again")
        self.assertNotEqual(again.status()["device"], self.number)
        self.assert_same(again)

    def test_a_suspended_pc_delivers_but_gets_nothing(self):
        self.b.set("union_org", self.union, address="停用前写的")
        self.district.run("device", "suspend", self.number)
        self.a.set("union_org", self.union, staff_n=9)
        self.a.sync()
        result = self.b.sync(expect=ATTENTION)
        self.assertIn("停用", result.err)
        self.assertEqual(self.b.status(expect=ATTENTION)["state"], "suspended")
        self.assertIsNone(self.b.show("union_org", self.union)["staff_n"])
        device = self.district.device("GD", self.number)
        self.assertEqual(device["state"], "suspended")
        self.assertEqual(self.district.metric("jielian_quarantined_ops_total"), 1)
        self.assertIsNone(self.district.show("union_org", self.union)["address"])
        self.assert_others_go_on()
        self.district.verify()
        self.district.run("device", "resume", self.number)
        self.settle(self.b, self.a)
        self.assertEqual(self.district.show("union_org", self.union)["address"], "停用前写的")
        self.assertEqual(self.b.show("union_org", self.union)["staff_n"], 77)

    def test_suspending_works_on_an_open_connection_and_is_undone(self):
        self.b.start()
        wait_until("b is proven", lambda: self.b.status()["state"] == "in_sync")
        self.district.run("device", "suspend", self.number)
        self.a.set("union_org", self.union, staff_n=9)
        self.a.sync()
        self.b.set("union_org", self.union, address="停用后写的")
        wait_until("b knows", lambda: self.b.status()["state"] == "suspended", 20)
        self.assertIsNone(self.b.show("union_org", self.union)["staff_n"])
        self.assert_others_go_on()
        # Let in again: what was held is judged, what was missed comes.
        self.district.run("device", "resume", self.number)
        wait_until("b is back", lambda: self.b.status()["state"] == "in_sync", 90)
        self.b.stop()
        self.settle(self.a, self.b)
        self.assertEqual(self.district.show("union_org", self.union)["address"], "停用后写的")

    def test_what_is_no_device(self):
        for words in (["revoke", "99"], ["suspend", "99"]):
            self.district.refuse("device", *words, code=None, names=["99"])
        self.district.refuse("device", "revoke", "一", code=None)
        self.district.refuse("device", "revoke", code=2)
        self.a.sync(expect=DONE)


if __name__ == "__main__":
    unittest.main()
