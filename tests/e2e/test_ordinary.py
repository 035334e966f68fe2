"""An operator's ordinary life, with the shipped commands alone: offices are added and renamed while
PCs work, records are deleted and come back, old books are entered, the books are restored and PCs
return in any order. After each, the journal says what the books say, and nothing is lost."""

import shutil
import unittest

from jielian import ATTENTION, DONE, FAILED
from world import Trio


class Ordinary(Trio):
    def tearDown(self):
        self.district.verify()
        super().tearDown()

    def add_unit(self, office, uscc="91350100M000100Y43"):
        return office.add("unit", name="某公司", uscc=uscc)

    def test_offices_come_and_get_names_while_others_work(self):
        self.a.add_union("甲工会")
        self.a.sync()
        self.district.run("office", "add", "CY", "翠苑街道总工会")
        self.a.add_union("乙工会")
        self.a.sync()
        office = next(row["id"] for row in self.district.list("office") if row["code"] == "CY")
        self.district.set("office", office, name="翠苑新街道总工会")
        self.a.add_union("丙工会")
        self.settle(self.a, self.b, self.c)
        cy = self.pc("CY", "cy")
        cy.add_union("丁工会")
        self.settle(self.a, cy)

    def test_backup_says_what_was_not_replayed(self):
        self.a.add_union("甲工会")
        self.a.sync()
        first = self.district.ask("backup", self.folder / "first.db")
        self.assertIsNone(first["replayed_at"])
        self.assertGreater(first["not_replayed"], 0)
        self.district.verify()
        second = self.district.ask("backup", self.folder / "second.db")
        self.assertIsNotNone(second["replayed_at"])
        self.assertEqual(second["not_replayed"], 0)
        self.a.add_union("乙工会")
        self.a.sync()
        third = self.district.ask("backup", self.folder / "third.db")
        self.assertEqual(third["not_replayed"], 1)

    # ---- Deleted records ----

    def test_a_deleted_record_comes_back_at_either_desk(self):
        union = self.a.add_union("甲工会", staff_n=7)
        self.settle(self.a, self.b)
        self.a.refuse("restore", "union_org", union, code=FAILED, names=["没有被删除"])
        self.a.delete("union_org", union)
        self.a.run("restore", "union_org", union)
        self.settle(self.a, self.b)
        self.assertEqual(self.b.show("union_org", union)["staff_n"], 7)
        self.a.delete("union_org", union)
        self.settle(self.a, self.b)
        self.b.refuse("restore", "union_org", union, code=FAILED, names=["区总工会"])
        self.district.run("restore", "union_org", union)
        self.settle(self.a, self.b, types=("union_org",))
        self.assertEqual(self.a.show("union_org", union)["staff_n"], 7)

    def test_what_was_entered_for_the_wrong_office_can_be_entered_for_the_right_one(self):
        unit = self.add_unit(self.c)
        self.c.sync()
        fields = {"unit": unit, "period": "2025-01", "paid": "100", "refund": "100"}
        wrong = self.district.add("fee_refund", "--office", "GD", **fields)
        self.settle(self.a, self.c)
        self.district.delete("fee_refund", wrong)
        right = self.district.add("fee_refund", "--office", "BS", **fields)
        self.assertEqual(right, wrong)  # its key makes its id
        self.settle(self.a, self.c, types=("fee_refund",))
        self.assertEqual([row["id"] for row in self.c.list("fee_refund")], [right])
        self.assertEqual(self.a.list("fee_refund"), [])
        self.c.delete("fee_refund", right)
        self.c.sync()
        self.assertEqual(self.c.add("fee_refund", **fields), right)
        self.settle(self.a, self.c, types=("fee_refund",))

    # ---- Old books ----

    def test_old_books_need_leave(self):
        fields = {"unit": self.add_unit(self.a), "period": "2025-01", "paid": "100",
                  "refund": "100", "status": "拨付"}
        words = [f"{name}={value}" for name, value in fields.items()]
        self.a.refuse("add", "fee_refund", *words, code=2, names=["状态", "区总工会"])
        self.district.refuse("leave", "XX", "--until", "2099-12-31", code=FAILED, names=["XX"])
        self.district.refuse("leave", "GD", code=2, names=["--until"])
        leave = self.district.ask("leave", "GD", "--until", "2099-12-31", "--type", "fee_refund")
        self.a.sync()
        self.a.add("fee_refund", **fields)
        self.settle(self.a, self.b, types=("fee_refund",))
        self.district.delete("old_books_leave", leave["id"])
        self.a.sync()
        words[1] = "period=2025-02"
        self.a.refuse("add", "fee_refund", *words, code=2, names=["状态"])

    # ---- Restores ----

    def back_up(self):
        self.settle(self.a, self.b, self.c)
        self.backup = self.folder / "backup.db"
        self.district.run("backup", self.backup)

    def restore(self):
        self.district.kill()
        shutil.rmtree(self.district.folder)
        self.district.run("restore", self.backup)
        self.district.start()

    def test_a_colleagues_edit_may_come_back_first(self):
        self.back_up()
        union = self.a.add_union("甲工会")
        self.settle(self.a, self.b)
        self.b.set("union_org", union, staff_n=12)
        self.settle(self.a, self.b)
        self.restore()
        self.b.sync(expect=None)
        status = self.district.ask("status", expect=ATTENTION)
        self.assertTrue(status["restored"]["open"])
        self.assertEqual(status["restored"]["held"], 1)
        self.assertIn("restore close", self.district.run("status", expect=ATTENTION).out)
        self.a.sync()
        self.b.sync()
        self.assertEqual(self.district.ask("status", expect=None)["restored"]["held"], 0)
        self.assertEqual(self.district.show("union_org", union)["staff_n"], 12)
        self.assertEqual(self.b.show("union_org", union)["staff_n"], 12)
        self.assertEqual([case for case in self.b.cases() if case["status"] == "待处理"], [])

    def test_a_restore_is_closed_by_a_person(self):
        self.district.refuse("restore", "close", code=FAILED, names=["恢复"])
        self.back_up()
        union = self.a.add_union("甲工会")
        self.settle(self.a, self.b)
        self.b.set("union_org", union, staff_n=12)
        self.settle(self.a, self.b)
        self.restore()  # and a never comes back
        self.b.sync(expect=None)
        self.assertEqual(self.district.ask("restore", "close"), {"judged": 1})
        self.assertFalse(self.district.ask("status", expect=None)["restored"]["open"])
        cases = [case for case in self.district.list("case") if case["status"] == "待处理"]
        self.assertEqual([case["kind"] for case in cases], ["恢复后未能补入"])
        shown = self.district.run("case", "show", cases[0]["id"], expect=DONE).out
        self.assertIn("12", shown)


if __name__ == "__main__":
    unittest.main()
