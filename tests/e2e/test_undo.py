"""Undo, at the office and at the district: previewed, once, as one, and what was changed since stays
and is named."""

import unittest

from jielian import ATTENTION, FAILED, MISUSE
from people import id_no, mobile
from world import Trio

HEADER = ["姓名", "证件号码", "移动电话", "所属工会", "入会日期", "学历"]


class Undo(Trio):
    def prepare(self):
        super().prepare()
        self.union = self.a.add_union("古荡甲厂工会")
        self.settle(self.a, self.b, self.c)

    def people(self, *numbers, edu="大学本科"):
        rows = [["张" + "甲乙丙丁戊己庚辛壬癸"[n % 10], id_no(n), mobile(n), "古荡甲厂工会",
                 "2020-01-02", edu] for n in numbers]
        self.private.update(cell for row in rows for cell in row[:3])
        return self.csv("m.csv", HEADER, *rows)

    def by_number(self, program, number):
        [record] = program.list("member", f"id_no={id_no(number)}")
        return record

    def test_a_preview_counts_by_type_and_kind_and_changes_nothing(self):
        self.a.take("member", self.people(1, 2))
        counts = self.a.take("member", self.people(1, 2, 3, edu="研究生"))
        before = self.a.list("member")
        plan = self.a.ask("undo", counts["change_set"], "--dry-run")
        self.assertEqual((plan["undone"], plan["kept"], plan["dry_run"]), (3, 0, True))
        self.assertEqual({(each["type"], each["what"]): each["records"] for each in plan["actions"]},
                         {("member", "edit"): 2, ("member", "delete"): 1})
        self.assertIsNone(plan["change_set"])
        self.assertEqual(self.a.list("member"), before)
        told = self.a.run("undo", counts["change_set"], "--dry-run").out
        for words in ("预览", "会员：改回原值 2 条", "会员：删除 1 条"):
            self.assertIn(words, told)
        done = self.a.ask("undo", counts["change_set"])
        for part in ("undone", "kept", "actions", "kept_records"):
            self.assertEqual(done[part], plan[part])

    def test_a_change_set_is_undone_once_and_an_undo_can_be_undone(self):
        counts = self.a.take("member", self.people(1, 2))
        self.settle(self.a, self.b)
        before = self.a.list("member")
        first = self.a.ask("undo", counts["change_set"])
        self.assertEqual((first["undone"], self.a.list("member")), (2, []))
        self.a.refuse("undo", counts["change_set"], names=["已撤销过"])
        self.settle(self.a, self.b)
        self.assertEqual(self.district.list("member"), [])
        again = self.a.ask("undo", first["change_set"])
        self.assertEqual([each["what"] for each in again["actions"]], ["restore"])
        self.assertEqual(self.a.list("member"), before)
        self.settle(self.a, self.b)
        self.assertEqual(self.b.list("member"), before)
        lines = self.a.ask("history", "member", before[0]["id"])
        self.assertEqual([(line["what"], line["change_set"]) for line in lines
                          if line["what"] != "received"],
                         [("create", counts["change_set"]), ("delete", first["change_set"]),
                          ("restore", again["change_set"])])
        self.assertIn(counts["change_set"], lines[1]["reason"])
        self.assertIn(counts["change_set"],
                      self.district.ask("history", "member", before[0]["id"])[1]["reason"])

    def test_what_another_pc_changed_meanwhile_is_kept_and_named(self):
        self.a.take("member", self.people(1, 2))
        self.settle(self.a, self.b)
        counts = self.a.take("member", self.people(1, 2, 3, edu="研究生"))
        self.settle(self.a, self.b)
        edited, added = self.by_number(self.b, 1)["id"], self.by_number(self.b, 3)["id"]
        self.b.set("member", edited, edu="大学专科", trade="钳工")
        self.district.set("member", added, trade="焊工")
        self.settle(self.b, self.a)
        answer = self.a.ask("undo", counts["change_set"], expect=ATTENTION)
        self.assertEqual((answer["undone"], answer["kept"]), (1, 2))
        self.assertEqual({item["id"] for item in answer["kept_records"]}, {edited, added})
        for item in answer["kept_records"]:
            self.assertEqual((item["type"], item["title"][0], item["why"]),
                             ("member", "张", "之后又改过"))
        self.assertEqual(self.by_number(self.a, 1)["edu"], "大学专科")
        self.assertEqual(self.by_number(self.a, 2)["edu"], "大学本科")
        self.assertEqual(self.by_number(self.a, 3)["trade"], "焊工")
        self.settle(self.a, self.b)

    def test_a_status_that_moves_one_way_only_is_kept_with_the_reason(self):
        self.a.take("member", self.people(1))
        member = self.by_number(self.a, 1)["id"]
        self.a.set("member", member, m_status="保留")
        sheet = self.csv("s.csv", ["系统编号", "姓名", "会籍状态"], [member, "张乙", "去世"])
        counts = self.a.take("member", sheet)
        self.assertEqual(counts["updated"], 1, counts)
        answer = self.a.ask("undo", counts["change_set"], expect=ATTENTION)
        self.assertEqual((answer["undone"], answer["kept"]), (0, 1))
        self.assertIn("保留", answer["kept_records"][0]["why"])
        self.assertEqual(self.by_number(self.a, 1)["m_status"], "去世")
        self.settle(self.a)

    def test_the_district_undoes_what_it_did_and_the_office_sees_it(self):
        sheet = self.people(1, 2)
        counts = self.district.ask("import", "member", sheet, "--office", "GD")
        self.assertEqual(counts["added"], 2, counts)
        self.settle(self.a, self.c)
        before = self.a.list("member")
        self.a.refuse("undo", counts["change_set"], names=["区总工会"])
        plan = self.district.ask("undo", counts["change_set"], "--dry-run")
        self.assertEqual((plan["undone"], plan["kept"]), (2, 0))
        first = self.district.ask("undo", counts["change_set"])
        self.settle(self.a, self.c)
        self.assertEqual(self.a.list("member"), [])
        self.district.refuse("undo", counts["change_set"], names=["已撤销过"])
        # Restored at the office that had them, not at the district that undoes.
        again = self.district.ask("undo", first["change_set"])
        self.assertEqual([each["what"] for each in again["actions"]], ["restore"])
        self.settle(self.a, self.c)
        self.assertEqual(self.a.list("member"), before)
        self.assertEqual(self.c.list("member"), [])
        # Changed at the office since: stays.
        one = self.by_number(self.a, 1)["id"]
        self.a.set("member", one, edu="研究生")
        self.a.sync()
        third = self.district.ask("undo", again["change_set"], expect=ATTENTION)
        self.assertEqual((third["undone"], [item["id"] for item in third["kept_records"]]),
                         (1, [one]))
        self.settle(self.a, self.c)
        self.assertEqual([record["id"] for record in self.a.list("member")], [one])
        self.district.verify()

    def test_a_change_set_is_undone_where_it_was_made(self):
        counts = self.a.take("member", self.people(1))
        self.settle(self.a, self.b)
        number = self.a.status()["device"]
        self.b.refuse("undo", counts["change_set"], names=[f"{number} 号设备"])
        self.district.refuse("undo", counts["change_set"], names=["古荡", f"{number} 号设备"])
        for program in (self.a, self.district):
            program.refuse("undo", self.union, code=FAILED, names=[self.union])
            program.refuse("undo", "x", code=MISUSE)


if __name__ == "__main__":
    unittest.main()
