"""Two records become one: `jielian-district merge`, and what its offices see of it."""

import json
import unittest

from people import id_no, masked_id, mobile, masked_mobile
from world import Trio

SAME = 1  # the number of both copies' ID number


class Merges(Trio):
    """张三 joined at GD and, with the same ID number, at BS; he took part in things at both."""

    def prepare(self):
        super().prepare()
        self.gd, self.bs = self.a.add_union("古荡甲厂工会"), self.c.add_union("北山乙厂工会")
        self.trip = self.c.add("activity", kind="一日游", title="疗休养", start_on="2021-05-01")
        self.kept = self.a.add_member(self.gd, "张三", id_no(SAME), mobile=mobile(1))
        self.gone = self.c.add_member(self.bs, "张三", id_no(SAME), mobile=mobile(2),
                                      edu="大学本科")
        self.list_1 = self.c.add("attendance", activity=self.trip, member=self.gone)
        self.family = self.c.add("hardship_family", head=self.gone)
        self.private |= {id_no(SAME), mobile(1), mobile(2)}
        self.settle(self.a, self.b, self.c)

    def merge(self, *words, expect=0):
        return self.district.run("merge", "member", self.kept, self.gone, *words, expect=expect)

    def heads(self):
        return [record["head"] for record in self.district.list("hardship_family")]

    def settle_all(self):
        self.settle(self.a, self.b, self.c)
        self.district.verify()

    # ---- Doing it ----

    def test_a_merge_is_rehearsed_done_and_seen_everywhere(self):
        words = ("--prefer", "kept", "mobile=gone")
        rehearsed = self.merge(*words, "--dry-run", "--json").json
        self.assertEqual(self.heads(), [self.gone])
        self.assertTrue(rehearsed["dry_run"])
        self.assertIsNone(rehearsed["change_set"])
        done = self.merge(*words, "--json").json
        changed = ("dry_run", "change_set")
        self.assertEqual({key: value for key, value in rehearsed.items() if key not in changed},
                         {key: value for key, value in done.items() if key not in changed})
        fields = {field["field"]: field for field in done["fields"]}
        self.assertEqual((fields["mobile"]["kept"], fields["mobile"]["gone"],
                          fields["mobile"]["stands"], fields["mobile"]["from"]),
                         (masked_mobile(mobile(1)), masked_mobile(mobile(2)),
                          masked_mobile(mobile(2)), "gone"))
        self.assertEqual((fields["edu"]["stands"], fields["edu"]["from"]), ("大学本科", "gone"))
        self.assertEqual((fields["id_no"]["stands"], fields["id_no"]["from"]),
                         (masked_id(id_no(SAME)), "both"))
        self.assertEqual(fields["org"]["from"], "kept")
        self.assertEqual((done["records"], done["doubles"], done["differing"], done["fixed"]),
                         (2, 0, 0, 0))
        self.assertEqual({(each["type"], each["office"], each["records"])
                          for each in done["references"]},
                         {("attendance", "BS", 1), ("hardship_family", "BS", 1)})
        self.settle_all()
        self.assertEqual(self.heads(), [self.kept])
        self.assertEqual([each["member"] for each in self.c.list("attendance")], [self.kept])
        self.assertEqual(self.a.show("member", self.kept)["edu"], "大学本科")
        self.assertEqual(self.c.list("member"), [])
        # The old attendance list still reads, though the person is another office's now.
        self.assertIn("张三", self.c.run("list", "attendance").out)
        self.assertIn("古荡", self.c.run("show", "member", self.kept).out)
        self.assertEqual(self.district.show("change_set", done["change_set"])["kind"], "合并")
        # What was asked is answered.
        self.assertEqual(self.c.cases(), [])
        cases = self.district.ask("case", "list", "--all")
        self.assertEqual([(case["status"], case["resolution"]) for case in cases],
                         [("已处理", "merged")] * 2)  # the district's, and what BS was told

    def test_a_merge_is_undone_as_one(self):
        before = {kind: self.district.list(kind) for kind in
                  ("member", "attendance", "hardship_family")}
        done = self.merge("--prefer", "gone", "--json").json
        self.settle_all()
        self.district.run("undo", done["change_set"])
        self.settle_all()
        after = {kind: self.district.list(kind) for kind in before}
        self.assertEqual({kind: {each["id"]: each for each in records}
                          for kind, records in before.items()},
                         {kind: {each["id"]: each for each in records}
                          for kind, records in after.items()})
        self.assertEqual([each["id"] for each in self.c.list("member")], [self.gone])
        # The two may still be one person.
        self.assert_cases(self.c, "疑似重复")
        [case] = [each for each in self.district.ask("case", "list", "--all") if each["other_id"]]
        self.assertEqual({case["subject_id"], case["other_id"]}, {self.kept, self.gone})
        self.assertEqual(case["status"], "待处理")
        # And may be merged again, the other way round.
        self.district.run("merge", "member", self.gone, self.kept, "--prefer", "gone")
        self.settle_all()
        self.assertEqual(self.a.list("member"), [])
        self.assertEqual(self.c.cases(), [])

    def test_what_was_changed_since_the_merge_stays_when_it_is_undone(self):
        done = self.merge("--prefer", "gone", "--json").json
        self.settle(self.a, self.c)
        self.a.set("member", self.kept, mobile=mobile(3))
        self.settle(self.a)
        undone = self.district.run("undo", done["change_set"], "--json", expect=3).json
        self.assertEqual([each["id"] for each in undone["kept_records"]], [self.kept])
        self.settle_all()
        self.assertEqual(self.a.show("member", self.kept)["mobile"], masked_mobile(mobile(3)))
        self.assertIsNone(self.a.show("member", self.kept)["edu"])
        self.assertEqual(self.c.show("member", self.gone)["edu"], "大学本科")

    def test_both_histories_name_the_other_record(self):
        self.merge("--prefer", "kept")
        for record, other, what in ((self.kept, self.gone, "merge"),
                                    (self.gone, self.kept, "delete")):
            last = self.district.ask("history", "member", record)[-1]
            self.assertEqual((last["what"], last["other"]), (what, other))
            self.assertIn(other, self.district.run("history", "member", record).out)
        first = self.district.ask("history", "member", self.kept)[0]
        self.assertIsNone(first["other"])

    def test_people_read_what_a_merge_would_do(self):
        shown = self.merge("--prefer", "gone", "--dry-run").out
        for text in ("移动电话", masked_mobile(mobile(2)), "并入的", "签到", "BS", "预演"):
            self.assertIn(text, shown)
        self.assertNotIn(mobile(2), shown)
        self.assertIn("rehearsed", self.merge("--prefer", "gone", "--dry-run", "--lang", "en").out)
        done = self.merge("--prefer", "gone").out
        self.assertIn("undo", done)
        self.assertIn("没有迟到的引用", self.merge().out)

    # ---- Refusals ----

    def test_fields_that_nobody_decided_are_named_with_both_values(self):
        refused = self.merge(expect=2)
        for text in ("mobile", "org", "--prefer", masked_mobile(mobile(1)),
                     masked_mobile(mobile(2)), "古荡甲厂工会"):
            self.assertIn(text, refused.err)
        self.assertNotIn(mobile(1), refused.err)
        self.assertNotIn("edu", refused.err)
        refused = self.merge("mobile=kept", "--lang", "en", expect=2)
        self.assertIn("org", refused.err)
        self.assertNotIn("mobile", refused.err)
        self.assertEqual(self.heads(), [self.gone])

    def test_what_can_not_be_merged_is_refused_with_the_reason(self):
        other = self.a.add("activity", kind="一日游", title="秋游", start_on="2021-09-01")
        self.settle(self.a)
        member = ("merge", "member", self.kept)
        for words, code, names in (
                ((*member, self.kept), 2, ["编号相同"]),
                ((*member, "no-id"), 2, ["no-id"]),
                ((*member, other), 1, [other]),
                ((*member, self.gone, "--prefer", "both"), 2, ["both"]),
                ((*member, self.gone, "colour=kept"), 2, ["colour"]),
                ((*member, self.gone, "mobile"), 2, ["字段=值"]),
                (("merge", "attendance", self.list_1, self.list_1), 2, ["身份由其内容决定"]),
                (("merge", "case", self.list_1, self.list_1), 2, ["不能合并"]),
                (("merge", "nothing", self.kept, self.gone), 2, ["nothing"]),
                (("merge", "member", self.kept), 2, [])):
            self.district.refuse(*words, code=code, names=names)
        self.assertEqual(self.heads(), [self.gone])

    # ---- By an office ----

    def twin(self):
        """A second copy of 张三 at GD, with a family and a list entry."""
        twin = self.a.add_member(self.gd, "张三", id_no(SAME + 7), mobile=mobile(3), edu="研究生")
        trip = self.a.add("activity", kind="一日游", title="春游", start_on="2021-04-01")
        self.a.add("attendance", activity=trip, member=twin)
        family = self.a.add("hardship_family", head=twin)
        self.private |= {id_no(SAME + 7), mobile(3)}
        self.settle(self.a, self.b)
        return twin, family

    def test_an_office_merges_two_of_its_own_and_takes_it_back(self):
        twin, family = self.twin()
        words = ("merge", "member", self.kept, twin, "--prefer", "kept", "edu=gone")
        plan = self.a.ask(*words, "--dry-run")
        self.assertEqual((plan["dry_run"], plan["records"], plan["change_set"]), (True, 2, None))
        self.assertEqual({(each["type"], each["office"], each["records"])
                          for each in plan["references"]},
                         {("attendance", "GD", 1), ("hardship_family", "GD", 1)})
        self.assertEqual(self.a.show("hardship_family", family)["head"], twin)
        done = self.a.ask(*words)
        for pc in (self.a, self.b, self.district):  # at once here, at the others by sync
            self.assertEqual(pc.show("hardship_family", family)["head"], self.kept)
            self.assertEqual(pc.show("member", self.kept)["edu"], "研究生")
            if pc is self.a:
                self.settle_all()
        self.assertEqual(set(self.a.verdicts("member", twin)[-1:]), {"applied"})
        for program in (self.a, self.district):
            program.refuse("restore", "member", twin, code=1, names=["undo"])
        self.b.refuse("undo", done["change_set"], code=1)
        self.a.run("undo", done["change_set"])
        self.settle_all()
        for pc in (self.a, self.b, self.district):
            self.assertEqual(pc.show("hardship_family", family)["head"], twin)
            self.assertIsNone(pc.show("member", self.kept)["edu"])

    def test_the_district_takes_back_what_an_office_merged(self):
        twin, family = self.twin()
        done = self.a.ask("merge", "member", self.kept, twin, "--prefer", "kept")
        self.settle_all()
        self.district.run("undo", done["change_set"])
        self.settle_all()
        for pc in (self.a, self.b, self.district):
            self.assertEqual(pc.show("hardship_family", family)["head"], twin)
            self.assertEqual(pc.show("member", twin)["edu"], "研究生")

    def test_an_office_asks_the_district_for_what_is_not_its_own(self):
        twin, family = self.twin()
        self.a.refuse("merge", "member", self.kept, self.gone, code=1)  # it has never seen it
        self.district.add("attendance", "--office", "BS", activity=self.trip, member=twin)
        self.a.run("merge", "member", self.kept, twin, "--prefer", "kept")
        self.a.sync(expect=3)
        self.assertEqual(self.a.verdicts("member", twin)[-1], "parked")
        self.assertEqual(self.a.show("hardship_family", family)["head"], twin)
        [refused] = [each for each in self.a.ask("list", "member", "--state", "parked")
                     if each["id"] == twin]
        self.assertEqual(refused["code"], 1056)
        self.assertIn("merge", refused["reason"])
        self.district.run("merge", "member", self.kept, twin, "--prefer", "kept")
        self.a.sync(expect=3)
        self.assertEqual(self.a.show("hardship_family", family)["head"], self.kept)
        self.district.verify()

    # ---- What comes late ----

    def late_pc(self):
        """A PC of BS that works on without having heard of the merge."""
        late = self.pc("BS", "late")
        late.sync()
        return late

    def test_a_late_edit_goes_to_the_office_that_has_the_record_now(self):
        late = self.late_pc()
        late.set("member", self.gone, edu="研究生")
        self.merge("--prefer", "kept")
        self.settle(late, self.c, self.a, self.b)
        self.assertEqual(late.verdicts("member", self.gone)[-1], "case")
        [case] = self.assert_cases(self.a, "已合并后修改")
        self.assertEqual(self.c.cases(), [])
        self.assertEqual(case["subject_id"], self.kept)
        [field] = case["fields"]
        self.assertEqual((field["field"], field["current"]["value"], field["offered"]["value"],
                          field["offered"]["office"]), ("edu", "大学本科", "研究生", "BS"))
        self.a.run("case", "resolve", case["id"], "offered")
        self.settle_all()
        self.assertEqual(self.district.show("member", self.kept)["edu"], "研究生")
        self.assertEqual(self.a.cases(), [])

    def test_a_late_reference_is_a_case_of_its_record(self):
        late = self.late_pc()
        family = late.add("hardship_family", head=self.gone, cause="患病")
        self.merge("--prefer", "kept")
        self.settle(late, self.c, self.a)
        [case] = self.assert_cases(self.c, "已合并后修改")
        self.assertEqual(case["subject_id"], family)
        [field] = case["fields"]
        self.assertEqual((field["field"], field["current"]["value"], field["offered"]["value"]),
                         ("head", f"张三（{self.gone}）", f"张三（{self.kept}）"))
        self.assertIn(self.kept, self.c.run("case", "show", case["id"]).out)
        self.c.run("case", "resolve", case["id"], "offered")
        self.settle_all()
        self.assertEqual(self.district.show("hardship_family", family)["head"], self.kept)
        self.assertEqual(self.c.cases(), [])

    def test_a_late_list_entry_is_moved_by_merging_once_more(self):
        late = self.late_pc()
        walk = late.add("activity", kind="一日游", title="健步走", start_on="2021-06-01")
        late.add("attendance", activity=walk, member=self.gone)
        self.merge("--prefer", "kept")
        self.settle(late, self.c, self.a)
        [case] = self.assert_cases(self.c, "已合并后修改")
        self.c.refuse("case", "resolve", case["id"], "offered", code=2, names=["merge"])
        again = self.merge("--json").json
        self.assertTrue(again["again"])
        self.assertEqual((again["records"], again["fields"]), (1, []))
        self.settle(late, self.c, self.a)
        self.assertEqual({each["member"] for each in self.district.list("attendance")},
                         {self.kept})
        self.c.run("case", "resolve", case["id"], "current")
        self.settle_all()
        self.assertEqual(self.c.cases(), [])

    def test_a_merge_while_the_district_serves_reaches_the_offices_and_survives_a_kill(self):
        self.merge("--prefer", "kept")
        self.district.kill()
        self.district.start()
        self.settle_all()
        self.assertEqual(self.heads(), [self.kept])
        self.assertEqual(json.loads(self.merge("--json").out)["records"], 0)


if __name__ == "__main__":
    unittest.main()
