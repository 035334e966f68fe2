"""Transfers between offices and what people decide: rows M11, M12, M16 and M17 of the merge table
(include/jielian/op/merge.h)."""

import unittest

from jielian import MISUSE
from people import id_no, mobile
from world import Trio


class Transfers(Trio):
    """A member of GD goes to BS: asked, released by GD, received by BS, made effective."""

    def prepare(self):
        super().prepare()
        self.gd = self.a.add_union("古荡甲厂工会")
        self.bs = self.c.add_union("北山乙厂工会")
        self.member = self.a.add_member(self.gd, "张三", id_no(1), mobile=mobile(1))
        self.settle(self.a, self.b, self.c)

    def ask_transfer(self, office):
        return office.add("transfer", member=self.member, from_office="古荡街道总工会",
                          to_office="北山街道总工会")

    def move(self):
        transfer = self.ask_transfer(self.a)
        self.a.set("transfer", transfer, status="转出同意")
        self.a.sync()
        self.c.sync()
        self.c.set("transfer", transfer, status="转入接收")
        self.c.sync()
        return transfer

    def test_m16_a_transfer_moves_the_member_and_leaves_a_stub(self):
        transfer = self.move()
        self.settle(self.a, self.b, self.c)
        for side in (self.district, self.a, self.c):
            self.assertEqual(side.show("transfer", transfer)["status"], "生效")
        self.assertEqual(self.c.show("member", self.member)["name"], "张三")
        for office in (self.a, self.b):
            self.assertEqual(office.list("member"), [])
            self.assertIn("北山", office.run("show", "member", self.member).out)
            office.refuse("set", "member", self.member, "edu=大学本科", names=["转"])
        # The total is what it was: Σ offices = district.
        self.assertEqual(len(self.district.list("member")), 1)
        self.assertEqual([r["id"] for r in self.district.list("member", "office=BS")],
                         [self.member])
        self.c.set("member", self.member, org=self.bs, edu="大学本科")
        self.settle(self.c, self.a)

    def test_m11_a_late_edit_of_a_member_that_left_is_offered_to_the_new_office(self):
        self.b.set("member", self.member, edu="大学本科")
        self.move()
        self.settle(self.b, self.c, self.a)
        self.assertIsNone(self.c.show("member", self.member)["edu"])
        [case] = self.assert_cases(self.c, "已转出后修改")
        [field] = case["fields"]
        self.assertEqual((field["field"], field["offered"]["value"], field["offered"]["office"]),
                         ("edu", "大学本科", "GD"))
        self.assertEqual(self.b.verdicts("member", self.member), ["case"])
        self.assertEqual(self.b.list("member"), [])
        self.c.run("case", "resolve", case["id"], "offered")
        self.settle(self.c, self.a, self.b)
        self.assertEqual(self.district.show("member", self.member)["edu"], "大学本科")
        self.assertEqual(self.c.cases(), [])

    def test_m11_a_late_delete_of_a_member_that_left_is_offered_too(self):
        self.b.delete("member", self.member)
        self.move()
        self.settle(self.b, self.c, self.a)
        self.assertEqual(self.c.show("member", self.member)["name"], "张三")
        self.assert_cases(self.c, "已转出后修改")

    def test_m12_nobody_changes_the_records_of_another_office(self):
        self.c.refuse("set", "member", self.member, "edu=大学本科")
        self.c.refuse("delete", "union_org", self.gd)
        self.assertEqual(self.c.status()["unsent"], 0)

    def test_only_the_office_it_leaves_can_ask_for_and_release_a_member(self):
        self.c.refuse("add", "transfer", f"member={self.member}", "from_office=古荡街道总工会",
                      "to_office=北山街道总工会", code=2)
        transfer = self.ask_transfer(self.a)
        self.settle(self.a, self.c)
        self.c.refuse("set", "transfer", transfer, "status=转出同意", code=2)
        self.c.refuse("set", "transfer", transfer, "status=转入接收", code=2)
        self.a.set("transfer", transfer, status="退回")
        self.settle(self.a, self.c)
        self.assertEqual(self.district.show("member", self.member)["name"], "张三")
        self.assertEqual(len(self.a.list("member")), 1)

    def test_two_open_transfers_of_one_member_make_a_case(self):
        self.ask_transfer(self.a)
        self.ask_transfer(self.b)
        self.settle(self.a, self.b, self.c)
        self.assert_cases(self.a, "疑似重复")


class Doubles(Trio):
    """A person of GD joins at BS, too: the same ID number at both."""

    def prepare(self):
        super().prepare()
        self.gd_union = self.a.add_union("古荡甲厂工会")
        self.first = self.a.add_member(self.gd_union, "张三", id_no(1))
        self.second = self.c.add_member(self.c.add_union("北山乙厂工会"), "张三", id_no(1))
        self.private |= {id_no(1), id_no(2)}
        self.settle(self.a, self.c)

    def find_again(self):
        self.c.set("member", self.second, id_no=id_no(2))
        self.c.sync()
        self.c.set("member", self.second, id_no=id_no(1))
        self.settle(self.c, self.a)

    def pair(self):
        """The district's own case of the two; what BS is told is another."""
        [case] = [each for each in self.district.ask("case", "list") if each["other_id"]]
        return case

    def test_an_office_hears_that_another_has_the_number_and_no_more(self):
        [case] = self.assert_cases(self.c, "疑似重复")
        self.assertEqual((case["subject_id"], case["other_id"]), (self.second, None))
        self.assertEqual((case["reason"], case["code"]), ("另一镇街也有这个号码，区级核对中", 1060))
        english = self.c.ask("case", "show", case["id"], "--lang", "en")
        self.assertEqual(english["reason"],
                         "another office has this number, too; the district looks into it")
        shown = self.c.run("case", "show", case["id"]).out
        self.assertIn("区级核对中", shown)
        for text in (self.first, "古荡", "GD"):
            self.assertNotIn(text, shown)
        self.assertEqual(self.a.cases(), [])
        self.c.refuse("case", "resolve", case["id"], "different", code=MISUSE, names=["区级核对中"])
        pair = self.pair()
        self.assertEqual((pair["subject_id"], pair["other_id"]), (self.second, self.first))
        shown = self.district.run("case", "show", pair["id"]).out
        self.assertIn(self.first, shown)
        self.assertIn("different", shown)

    def test_a_pair_that_was_found_to_be_different_is_never_asked_about_again(self):
        [case] = self.c.cases()
        self.find_again()
        self.assertEqual([case["id"]], [each["id"] for each in self.c.cases()])
        pair = self.pair()
        self.district.run("case", "resolve", pair["id"], "different")
        self.find_again()
        self.assertEqual(self.c.cases(), [])
        self.assertEqual({each["resolution"] for each in self.district.ask("case", "list", "--all")},
                         {"different"})
        self.assertEqual(self.c.verdicts("member", self.second)[-1], "applied")

    def test_what_the_office_closes_is_opened_again_until_the_district_has_decided(self):
        [case] = self.c.cases()
        self.c.run("case", "resolve", case["id"], "current")
        self.find_again()
        self.assertEqual([case["id"]], [each["id"] for each in self.c.cases()])
        self.district.run("case", "resolve", self.pair()["id"], "current")
        self.find_again()
        self.assertEqual([case["id"]], [each["id"] for each in self.c.cases()])
        self.district.run("case", "resolve", self.pair()["id"], "different")
        self.find_again()
        self.assertEqual(self.c.cases(), [])

    def test_an_office_that_has_unusually_many_is_shown(self):
        union = self.c.add_union("北山丙厂工会")
        numbers = iter(range(100, 200))
        for more, count in ((19, 20), (1, 21)):  # beside the one of prepare()
            for number in (next(numbers) for _ in range(more)):
                self.private.add(id_no(number))
                self.a.add_member(self.gd_union, "李四", id_no(number))
                self.c.add_member(union, "李四", id_no(number))
            self.settle(self.a, self.c)
            offices = self.district.ask("status", expect=None)["offices"]
            self.assertEqual({each["code"]: each["doubles_today"] for each in offices},
                             {"GD": 0, "BS": count})
            told = "BS 今天录入的内容中有" in self.district.run("status", expect=None).out
            self.assertEqual(told, count > 20)


class Cases(Trio):
    def conflict(self):
        union = self.share_union(address="文一路1号", staff_n=10)
        self.a.set("union_org", union, address="文二路2号", staff_n=11)
        self.b.set("union_org", union, address="文三路3号", staff_n=12)
        self.settle(self.a, self.b)
        [case] = self.assert_cases(self.a, "字段冲突")
        return union, case["id"]

    def assert_closed(self, union, **values):
        self.settle(self.a, self.b)
        for side in (self.district, self.a, self.b):
            record = side.show("union_org", union)
            self.assertEqual({name: record[name] for name in values}, values)
        for office in (self.a, self.b):
            self.assertEqual(office.cases(), [])
            self.assertEqual(len(office.ask("case", "list", "--all")), 1)
        self.assertEqual(self.a.status(expect=0)["cases"], 0)

    def test_m17_the_offered_value_is_chosen_at_the_office(self):
        union, case = self.conflict()
        self.b.run("case", "resolve", case, "offered")
        self.assert_closed(union, address="文三路3号", staff_n=12)

    def test_m17_the_current_value_is_chosen_at_the_office(self):
        union, case = self.conflict()
        self.b.run("case", "resolve", case, "current")
        self.assert_closed(union, address="文二路2号", staff_n=11)

    def test_m17_each_field_is_decided_by_itself_and_none_by_being_left_out(self):
        union, case = self.conflict()
        self.a.refuse("case", "resolve", case, "address=offered", code=2, names=["staff_n"])
        self.a.refuse("case", "resolve", case, "adress=offered", "staff_n=5", code=2)
        self.a.run("case", "resolve", case, "address=offered", "staff_n=15")
        self.assert_closed(union, address="文三路3号", staff_n=15)
        self.a.refuse("case", "resolve", case, "current", names=["clerk"])

    def test_m17_the_district_decides(self):
        union, case = self.conflict()
        self.district.run("case", "resolve", case, "offered")
        self.assert_closed(union, address="文三路3号", staff_n=12)

    def test_only_possible_duplicates_are_different(self):
        _, case = self.conflict()
        self.a.refuse("case", "resolve", case, "different", code=2, names=["疑似重复"])
        self.district.refuse("case", "resolve", case, "different", "--lang", "en", code=2,
                             names=["possible duplicates"])

    def test_m17_two_people_decide_one_case(self):
        union, case = self.conflict()
        self.a.run("case", "resolve", case, "offered")
        self.b.run("case", "resolve", case, "address=文五路5号", "staff_n=20")
        self.settle(self.a, self.b)
        # Same side, so the first decision stands, and what the second wanted is a case again.
        for side in (self.district, self.a, self.b):
            self.assertEqual(side.show("union_org", union)["address"], "文三路3号")
        self.assert_cases(self.a, "字段冲突")

    def test_a_case_of_a_delete_is_closed_after_a_person_has_looked(self):
        union = self.share_union()
        self.a.set("union_org", union, staff_n=7)
        self.a.sync()
        self.b.delete("union_org", union)
        self.settle(self.b, self.a)
        [case] = self.assert_cases(self.a, "删除与修改")
        self.a.run("case", "resolve", case["id"], "current")
        self.settle(self.a, self.b)
        self.assertEqual(self.b.cases(), [])


if __name__ == "__main__":
    unittest.main()
