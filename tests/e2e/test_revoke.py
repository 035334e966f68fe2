"""Revoking and suspending: at once, on open connections too, and nobody else notices."""

import shutil
import unittest

from jielian import ATTENTION, DONE, FAILED, MISUSE, Office, wait_until
from people import id_no, masked_id
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


class Quarantine(World):
    """What a suspended PC delivered, decided by hand, op by op."""

    def prepare(self):
        super().prepare()
        self.a, self.b = self.pc("GD", "a"), self.pc("GD", "b")
        self.union = self.a.add_union("古荡甲厂工会")
        self.settle(self.a, self.b)
        self.number = self.b.status()["device"]
        # Four changes of b's: two that are right, one that is not, one that others meet.
        self.b.set("union_org", self.union, address="文三路1号")
        self.member = self.b.add_member(self.union, "张三", id_no(1))
        self.b.set("union_org", self.union, staff_n=99999)
        self.b.set("union_org", self.union, chair_name="王五")
        self.district.run("device", "suspend", self.number)
        self.b.sync(expect=ATTENTION)

    def held(self):
        return self.district.ask("quarantine", "list", "--device", self.number)

    def decide(self, what, *words, expect=DONE):
        return self.district.ask("quarantine", what, self.number, *words, expect=expect)

    def union_at(self, program):
        return program.show("union_org", self.union)

    def test_a_person_sees_what_each_change_would_do(self):
        held = self.held()
        self.assertEqual([(op["name"], op["what"], op["type"], op["title"], op["decision"])
                          for op in held],
                         [("1", "edit", "union_org", "古荡甲厂工会", None),
                          ("2", "create", "member", "张三", None),
                          ("3", "edit", "union_org", "古荡甲厂工会", None),
                          ("4", "edit", "union_org", "古荡甲厂工会", None)])
        self.assertEqual(self.district.ask("quarantine", "list"), held)
        self.assertEqual(self.district.device("GD", self.number)["quarantined"], 4)
        self.district.run("status", expect=ATTENTION)
        self.a.set("union_org", self.union, chair_name="李四")
        self.a.sync()
        shown = self.district.ask("quarantine", "show", self.number, 4)
        self.assertEqual(shown["record"], "there")
        [field] = shown["fields"]
        self.assertEqual((field["field"], field["old"], field["new"], field["now"]),
                         ("chair_name", None, "王五", "李四"))
        shown = self.district.run("quarantine", "show", self.number, 2).out
        self.assertIn(masked_id(id_no(1)), shown)
        self.assertNotIn(id_no(1), shown)
        self.district.refuse("quarantine", "show", self.number, 5, names=[5])
        self.assertEqual(self.held(), held, "looking decides nothing")

    def test_admitted_counts_refused_does_not_and_the_pc_learns_both(self):
        self.decide("refuse", 3, "--reason", "职工数应为 999", expect=ATTENTION)
        self.assertIsNone(self.union_at(self.district)["address"], "the others wait for a decision")
        self.assertEqual([op["decision"] for op in self.held()], [None, None, "refuse", None])
        self.a.set("union_org", self.union, chair_name="李四")
        self.a.sync()
        answer = self.decide("admit", "all")
        self.assertEqual((answer["decided"], answer["judged"], answer["undecided"]), (3, 4, 0))
        self.assertEqual(answer["verdicts"], {"applied": 1, "merged": 1, "case": 1, "parked": 1})
        self.assertEqual(self.held(), [])
        union = self.union_at(self.district)
        self.assertEqual((union["address"], union["staff_n"], union["chair_name"]),
                         ("文三路1号", None, "李四"))
        self.assertEqual(self.district.device("GD", self.number)["quarantined"], 0)
        self.district.verify()
        self.settle(self.a)
        self.assertEqual([case["kind"] for case in self.a.cases()], ["字段冲突"])
        # The PC is let in: it hears the same verdicts, and the clerk can put things right.
        self.district.run("device", "resume", self.number)
        self.b.sync(expect=ATTENTION)  # one was refused
        self.assertEqual(self.b.verdicts("union_org", self.union), ["merged", "parked", "case"])
        [line] = [line for line in self.b.ask("history", "union_org", self.union)
                  if line["verdict"] == "parked"]
        self.assertIn("职工数应为 999", line["reason"])
        self.b.set("union_org", self.union, staff_n=999)
        self.settle(self.b, self.a)
        self.assertEqual(self.union_at(self.a)["staff_n"], 999)
        self.district.verify()

    def test_what_a_copied_pc_delivers_twice_has_one_decision(self):
        shutil.copytree(self.b.folder, self.folder / "copy")
        copy = Office(self, "GD", "copy")
        self.b.set("union_org", self.union, industry="制造业")
        self.b.sync(expect=ATTENTION)
        copy.set("union_org", self.union, note="两台都在用")
        copy.sync(expect=ATTENTION)
        names = [op["name"] for op in self.held()]
        first = [name for name in names if "." in name]  # of the incarnation that was
        again = [name for name in names if "." not in name]
        self.assertEqual((len(first), len(again)), (5, 5))
        answer = self.decide("refuse", again[2], "--reason", "职工数应为 999", expect=ATTENTION)
        self.assertEqual((answer["decided"], answer["judged"], answer["undecided"]), (1, 0, 8))
        self.assertEqual([op["name"] for op in self.held() if op["decision"] == "refuse"],
                         [first[2], again[2]])
        # The first delivery is decided; the other waits for its last, and repeats the rest.
        answer = self.decide("admit", again[0], again[1], first[3], expect=ATTENTION)
        self.assertEqual((answer["judged"], answer["verdicts"]["parked"]), (4, 1))
        self.assertEqual([(op["name"], op["decision"]) for op in self.held()],
                         [(first[4], None), (again[0], "admit"), (again[1], "admit"),
                          (again[2], "refuse"), (again[3], "admit"), (again[4], None)])
        held = self.held()
        self.district.refuse("quarantine", "admit", self.number, again[4], again[2],
                             names=[again[2], "已审定并生效"])
        self.district.refuse("quarantine", "refuse", self.number, again[3], "--reason", "有误",
                             names=[again[3], "已审定并生效"])
        self.assertEqual(self.held(), held, "nothing is decided")
        answer = self.decide("admit", "all")
        self.assertEqual((answer["decided"], answer["judged"], answer["undecided"]), (2, 6, 0))
        union = self.union_at(self.district)
        self.assertEqual((union["address"], union["staff_n"], union["chair_name"], union["note"]),
                         ("文三路1号", None, "王五", "两台都在用"))
        self.assertEqual(len(self.district.list("member")), 1)
        self.district.verify()

    def test_a_revoked_pcs_work_can_still_be_taken(self):
        self.district.run("device", "revoke", self.number)
        self.decide("refuse", "2-3", "--reason", "来源不明", expect=ATTENTION)
        answer = self.decide("admit", 1, 4)
        self.assertEqual((answer["judged"], answer["verdicts"]["parked"]), (4, 2))
        self.settle(self.a)
        self.assertEqual(self.union_at(self.a)["chair_name"], "王五")
        self.assertEqual(self.a.list("member"), [])
        self.district.verify()
        decisions = self.district.list("quarantine_decision")
        self.assertEqual([(d["first_seq"], d["last_seq"], d["decision"]) for d in decisions],
                         [(2, 3, "不接收"), (1, 1, "接收"), (4, 4, "接收")])
        self.assertEqual(self.a.list("quarantine_decision"), [], "this is the district's")

    def test_deciding_while_serve_and_the_pc_are_at_work(self):
        self.b.start()
        self.b.set("union_org", self.union, industry="制造业")
        wait_until("five are held", lambda: len(self.held()) == 5, 30)
        answer = self.decide("admit", "all")
        self.assertEqual(answer["judged"], 5)
        self.b.set("union_org", self.union, nature="企业")
        wait_until("one more is held", lambda: [op["name"] for op in self.held()] == ["6"], 30)
        self.decide("refuse", "all", "--reason", "重复")
        self.district.run("device", "resume", self.number)
        wait_until("b is back", lambda: self.b.status()["state"] == "attention", 90)
        self.b.stop()
        self.settle(self.a)
        self.b.sync(expect=ATTENTION)
        self.assertEqual(self.b.status()["parked"], 1)
        self.assertEqual(self.union_at(self.a)["industry"], "制造业")
        self.assertIsNone(self.union_at(self.a)["nature"])
        self.district.verify()

    def test_what_can_not_be_decided(self):
        held = self.held()
        for what in ("admit", "refuse"):
            more = ["--reason", "理由"] if what == "refuse" else []
            for words in (["0"], ["x"], ["3-2"], ["1", "all"], ["1-"], ["1.2.3"]):
                self.district.refuse("quarantine", what, self.number, *words, *more, code=MISUSE,
                                     names=["quarantine list"])
            for words in (["5"], ["1", "4-5"], ["77.1"]):
                self.district.refuse("quarantine", what, self.number, *words, *more,
                                     names=[words[-1]])
            self.district.refuse("quarantine", what, 99, "all", *more, code=MISUSE, names=["99"])
        for reason in ([], ["--reason", ""], ["--reason", "长" * 134]):
            self.district.refuse("quarantine", "refuse", self.number, "all", *reason, code=MISUSE,
                                 names=["--reason"])
        self.assertEqual(self.held(), held)
        self.decide("refuse", "all", "--reason", "长" * 133)
        for what in ("admit", "refuse"):
            more = ["--reason", "理由"] if what == "refuse" else []
            self.district.refuse("quarantine", what, self.number, "all", *more,
                                 names=[self.number])
        self.district.refuse("quarantine", "admit", self.number, 1, names=[1])


if __name__ == "__main__":
    unittest.main()
