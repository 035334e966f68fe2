"""Each row of the merge table (include/jielian/op/merge.h) as two PCs, two offices and the district
bring it about by commands. After each, every `sync` ends with a proof, and an independent
comparison of both sides' files finds no difference. Transfers and cases: test_cases.py."""

import unittest

from jielian import ATTENTION, FAILED
from people import id_no, mobile, uscc
from world import Trio


class Edits(Trio):
    def test_m1_an_edit_of_what_the_district_has_is_applied(self):
        union = self.share_union(staff_n=10)
        self.a.set("union_org", union, staff_n=12)
        self.settle(self.a, self.b, self.c)
        self.assertEqual(self.district.show("union_org", union)["staff_n"], 12)
        self.assertEqual(self.b.show("union_org", union)["staff_n"], 12)
        self.assertEqual(self.a.verdicts("union_org", union), ["applied", "applied"])
        self.assertEqual(self.c.list("union_org"), [])
        self.assert_cases(self.a)

    def test_m1_edits_of_different_fields_merge(self):
        union = self.share_union(staff_n=10)
        self.a.set("union_org", union, staff_n=12)
        self.b.set("union_org", union, address="文三路1号")
        self.settle(self.a, self.b)
        for side in (self.district, self.a, self.b):
            record = side.show("union_org", union)
            self.assertEqual((record["staff_n"], record["address"]), (12, "文三路1号"))
        self.assertEqual(self.b.verdicts("union_org", union), ["merged"])
        self.assert_cases(self.a)

    def test_m2_the_same_edit_twice_is_done_once(self):
        union = self.share_union(staff_n=10)
        self.a.set("union_org", union, staff_n=12)
        self.b.set("union_org", union, staff_n=12)
        self.settle(self.a, self.b)
        self.assertEqual(self.district.show("union_org", union)["staff_n"], 12)
        self.assertEqual(self.b.verdicts("union_org", union), ["merged"])
        self.assert_cases(self.b)

    def test_m3_on_one_side_the_current_value_stays_and_a_case_holds_all_three(self):
        union = self.share_union(address="文一路1号")
        self.a.set("union_org", union, address="文二路2号")
        self.b.set("union_org", union, address="文三路3号")
        self.settle(self.a, self.b)
        for side in (self.district, self.a, self.b):
            self.assertEqual(side.show("union_org", union)["address"], "文二路2号")
        self.assertEqual(self.b.verdicts("union_org", union), ["case"])
        for office in (self.a, self.b):
            [case] = self.assert_cases(office, "字段冲突")
            self.assertEqual((case["subject_type"], case["subject_id"]), ("union_org", union))
            [field] = case["fields"]
            self.assertEqual((field["field"], field["old"], field["stands"]),
                             ("address", "文一路1号", "current"))
            self.assertEqual(field["current"]["value"], "文二路2号")
            self.assertEqual(field["offered"]["value"], "文三路3号")
            self.assertEqual(field["offered"]["office"], "GD")
        self.assert_cases(self.c)

    def test_m3_office_against_district_where_the_office_decides(self):
        union = self.share_union(address="文一路1号")
        self.district.set("union_org", union, address="区里的地址")
        self.a.set("union_org", union, address="街道的地址")
        self.settle(self.a, self.b)
        self.assertEqual(self.district.show("union_org", union)["address"], "街道的地址")
        [case] = self.assert_cases(self.b, "字段冲突")
        self.assertEqual(case["fields"][0]["stands"], "offered")
        self.assertEqual(case["fields"][0]["current"]["value"], "区里的地址")

    def test_m3_office_against_district_where_the_district_decides(self):
        union = self.share_union()
        relief = self.a.add("fee_relief", org=union, period="2021-05", kind="缓缴", amount="100")
        self.settle(self.a, self.b)
        self.district.set("fee_relief", relief, amount="300")
        self.a.set("fee_relief", relief, amount="200")
        self.settle(self.a, self.b)
        for side in (self.district, self.a, self.b):
            self.assertEqual(side.show("fee_relief", relief)["amount"], "300.00")
        [case] = self.assert_cases(self.a, "字段冲突")
        self.assertEqual(case["fields"][0]["stands"], "current")
        self.assertEqual(case["fields"][0]["offered"]["value"], "200.00")

    def test_m3_the_district_against_itself_is_just_an_edit(self):
        union = self.share_union(address="文一路1号")
        self.district.set("union_org", union, address="文二路2号")
        self.district.set("union_org", union, address="文三路3号")
        self.settle(self.a, self.b)
        self.assertEqual(self.b.show("union_org", union)["address"], "文三路3号")
        self.assert_cases(self.b)

    def test_a_change_that_the_merged_row_does_not_bear_is_parked_and_can_be_sent_again(self):
        union = self.share_union(staff_n=20, member_n=5)
        self.a.set("union_org", union, staff_n=8)
        self.b.set("union_org", union, member_n=15)
        behind = self.b.add_union("后面的工会")
        self.a.sync()
        result = self.b.sync(expect=ATTENTION)
        self.assertEqual(result.json["parked"], 1, str(result))
        self.assertIn("会员数不能多于职工数",
                      self.b.ask("history", "union_org", union)[-1]["reason"])
        self.assertEqual(self.b.status()["parked"], 1)
        # What stood behind it went through.
        self.assertEqual(self.district.show("union_org", behind)["name"], "后面的工会")
        self.assertEqual(self.district.show("union_org", union)["member_n"], 5)
        self.b.set("union_org", union, member_n=7)
        self.settle(self.b, self.a)
        self.assertEqual(self.b.status()["parked"], 0)
        self.assertEqual(self.a.show("union_org", union)["member_n"], 7)


class CreatesAndDeletes(Trio):
    def test_m4_a_create_is_applied_and_reaches_the_own_office_only(self):
        union = self.a.add_union("古荡甲厂工会")
        member = self.a.add_member(union, "张三", id_no(1), mobile=mobile(1))
        self.settle(self.a, self.b, self.c)
        self.assertEqual(self.a.verdicts("member", member), ["applied"])
        self.assertEqual(self.b.show("member", member)["name"], "张三")
        self.assertEqual(self.c.list("member"), [])

    def test_m5_one_natural_key_entered_twice_is_one_record(self):
        first = self.a.add("lr_weekly", week="2022-05-02", situation="无异常")
        second = self.b.add("lr_weekly", week="2022-05-02", situation="无异常", handling="已电话回访")
        self.assertEqual(first, second)
        other = self.c.add("lr_weekly", week="2022-05-02", situation="无异常")
        self.assertNotEqual(first, other)  # another office's week is another record
        self.settle(self.a, self.b, self.c)
        self.assertEqual(len(self.district.list("lr_weekly")), 2)
        self.assertEqual(self.a.show("lr_weekly", first)["handling"], "已电话回访")
        self.assertEqual(self.b.verdicts("lr_weekly", first), ["merged"])
        self.assert_cases(self.a)

    def test_m5_one_natural_key_with_different_values_makes_a_case(self):
        week = self.a.add("lr_weekly", week="2022-05-02", situation="无异常")
        self.b.add("lr_weekly", week="2022-05-02", situation="有隐患", people_n=3)
        self.settle(self.a, self.b)
        record = self.b.show("lr_weekly", week)
        self.assertEqual((record["situation"], record["people_n"]), ("无异常", 3))
        [case] = self.assert_cases(self.a, "字段冲突")
        self.assertEqual(case["fields"][0]["offered"]["value"], "有隐患")

    def test_m6_a_create_of_what_was_deleted_brings_it_back(self):
        week = self.a.add("lr_weekly", week="2022-05-02", situation="无异常", people_n=1)
        self.a.sync()
        self.a.delete("lr_weekly", week)
        self.a.sync()
        self.assertEqual(self.district.list("lr_weekly"), [])
        self.b.add("lr_weekly", week="2022-05-02", situation="有隐患")
        self.settle(self.b, self.a)
        record = self.a.show("lr_weekly", week)
        self.assertEqual((record["situation"], record["people_n"]), ("有隐患", None))
        self.assertEqual(self.b.verdicts("lr_weekly", week), ["merged"])

    def test_m7_a_delete_of_what_the_author_saw_is_applied(self):
        union = self.share_union()
        self.a.delete("union_org", union)
        self.settle(self.a, self.b)
        for side in (self.district, self.a, self.b):
            self.assertEqual(side.list("union_org"), [])
        self.assertEqual(self.a.verdicts("union_org", union), ["applied", "applied"])
        self.assert_cases(self.b)

    def test_m8_a_delete_of_what_was_changed_since_leaves_it_and_makes_a_case(self):
        union = self.share_union()
        self.a.set("union_org", union, staff_n=7)
        self.a.sync()
        self.b.delete("union_org", union)
        self.settle(self.b, self.a)
        for side in (self.district, self.a, self.b):
            self.assertEqual(side.show("union_org", union)["staff_n"], 7)
        self.assertEqual(self.b.verdicts("union_org", union), ["case"])
        self.assert_cases(self.a, "删除与修改")

    def test_m8_an_edit_against_a_delete_of_the_district(self):
        union = self.share_union()
        self.district.delete("union_org", union)
        self.a.set("union_org", union, staff_n=7)
        self.settle(self.a, self.b)
        self.assertEqual(self.district.show("union_org", union)["staff_n"], 7)
        self.assert_cases(self.b, "删除与修改")

    def test_m9_a_delete_twice_is_one(self):
        union = self.share_union()
        self.a.delete("union_org", union)
        self.b.delete("union_org", union)
        self.settle(self.a, self.b)
        self.assertEqual(self.district.list("union_org"), [])
        self.assertEqual(self.b.verdicts("union_org", union), ["applied"])
        self.assert_cases(self.b)

    def test_m9_a_record_made_and_deleted_offline_leaves_nothing(self):
        union = self.a.add_union("来去工会")
        self.a.delete("union_org", union)
        self.settle(self.a, self.b)
        self.assertEqual(self.district.list("union_org"), [])

    def test_m10_an_edit_of_what_was_deleted_brings_it_back_as_a_case(self):
        union = self.share_union(staff_n=3)
        self.a.delete("union_org", union)
        self.a.sync()
        self.b.set("union_org", union, staff_n=9)
        self.settle(self.b, self.a)
        for side in (self.district, self.a, self.b):
            self.assertEqual(side.show("union_org", union)["staff_n"], 9)
        self.assert_cases(self.a, "删除与修改")

    def test_m14_m15_what_may_not_change_is_refused_before_it_is_sent(self):
        week = self.a.add("lr_weekly", week="2022-05-02", situation="无异常")
        # Unmasking writes an access log, which nobody may edit or delete.
        self.a.run("export", "member", self.folder / "m.csv", "--unmask", "--reason", "核对")
        log = self.a.list("access_log")[0]["id"]
        self.a.sync()
        self.a.refuse("set", "lr_weekly", week, "week=2022-05-09", code=2)
        self.a.refuse("set", "access_log", log, "reason=别的", code=FAILED)
        self.a.refuse("delete", "access_log", log, code=FAILED)
        self.assertEqual(self.a.status()["unsent"], 0)


class Doubles(Trio):
    def test_one_id_number_in_two_offices_both_stay_and_make_a_case(self):
        gd, bs = self.a.add_union("古荡甲厂工会"), self.c.add_union("北山乙厂工会")
        one = self.a.add_member(gd, "张三", id_no(1))
        two = self.c.add_member(bs, "张三", id_no(1))
        self.settle(self.a, self.c)
        self.assertEqual({record["id"] for record in self.district.list("member")}, {one, two})
        cases = self.assert_cases(self.c, "疑似重复")
        self.assertEqual({cases[0]["subject_id"]}, {two})
        self.assertEqual(self.c.verdicts("member", two), ["case"])
        # The district has one of the two records, and what the office is told.
        self.assertEqual(len(self.district.ask("case", "list")), 2)

    def test_one_id_number_on_two_pcs_of_an_office(self):
        union = self.share_union()
        self.a.add_member(union, "李四", id_no(2))
        self.b.add_member(union, "李四", id_no(2))
        self.settle(self.a, self.b)
        self.assertEqual(len(self.a.list("member")), 2)
        self.assert_cases(self.a, "疑似重复")

    def test_a_member_who_left_does_not_count_as_a_double(self):
        gd, bs = self.a.add_union("古荡甲厂工会"), self.c.add_union("北山乙厂工会")
        member = self.a.add_member(gd, "张三", id_no(3))
        self.a.set("member", member, m_status="退会")
        self.settle(self.a)
        self.c.add_member(bs, "张三", id_no(3))
        self.settle(self.a, self.c)
        self.assert_cases(self.c)

    def test_an_edit_can_make_a_double_too(self):
        gd, bs = self.a.add_union("古荡甲厂工会"), self.c.add_union("北山乙厂工会")
        one = self.a.add("unit", name="甲公司", uscc=uscc(1), org=gd)
        two = self.c.add("unit", name="乙公司", uscc=uscc(2), org=bs)
        self.settle(self.a, self.c, types=("unit", "case"))
        self.c.set("unit", two, uscc=uscc(1))
        self.settle(self.a, self.c, types=("unit", "case"))
        self.assertEqual({record["uscc"] for record in self.district.list("unit")}, {uscc(1)})
        [case] = self.assert_cases(self.c, "疑似重复")
        self.assertEqual(case["subject_id"], two)
        self.assertNotEqual(one, two)


if __name__ == "__main__":
    unittest.main()
