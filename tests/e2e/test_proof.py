"""What a proof is worth: the deep proof compares every record, from the rows of both sides, and so
many damaged rows that a repair would be the longer way are read anew."""

import subprocess
import time
import unittest

from jielian import ATTENTION, DONE, FAILED, wait_until
from world import World

ROWS = 120  # unions of the office; all rows that count are some more


class Proof(World):
    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")

    def sql(self, program, text):
        subprocess.run(["sqlite3", str(program.folder / "jielian.db"), text], check=True)

    def next_second(self):
        """Times are shown to the second."""
        time.sleep(1.1)

    def rows_for(self, count):
        path = self.folder / "unions.csv"
        lines = ["名称,组织类型,成立日期,建会状态,职工人数"]
        lines += [f"第{n}厂工会,独立基层工会,2018-05-01,已建,{n}" for n in range(count)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.a.take("union_org", path)
        self.settle(self.a)


class Deep(Proof):
    def prepare(self):
        super().prepare()
        self.a.add_union("甲工会", staff_n=3)
        self.settle(self.a)

    def test_the_first_contact_of_a_month_makes_one(self):
        deep = self.a.status()["deep"]
        self.assertTrue(deep["equal"])
        self.assertIsNone(deep["next"])
        self.a.add_union("乙工会")
        self.next_second()
        self.assertEqual(self.a.sync().json["deep"], deep)
        later = self.a.ask("sync", "--deep")["deep"]
        self.assertGreater(later["at"], deep["at"])

    def test_what_the_sums_do_not_see_is_different_until_it_is_the_same_again(self):
        self.sql(self.district, "UPDATE union_org SET staff_n = 5")
        self.a.sync()
        result = self.a.run("sync", "--deep", "--json", expect=ATTENTION)
        self.assertEqual(result.json["state"], "different")
        self.assertFalse(result.json["deep"]["equal"])
        self.assertIn("rebuild", result.json["deep"]["next"])
        self.assertIn("rebuild", result.err)
        # A plain proof of the sums changes nothing about that.
        self.assertEqual(self.a.run("sync", "--json", expect=ATTENTION).json["state"], "different")
        self.assertEqual(self.a.status(expect=ATTENTION)["state"], "different")
        checked = self.a.run("verify", "--json", expect=FAILED).json
        self.assertFalse(checked["deep_equal"])
        self.assertIn("rebuild", checked["next"])
        self.assertIsNone(self.a.ask("verify", "--local")["deep_equal"])
        self.sql(self.district, "UPDATE union_org SET staff_n = 3")
        self.assertEqual(self.a.ask("sync", "--deep")["state"], "in_sync")
        self.assertTrue(self.a.ask("verify")["deep_equal"])

    def test_run_makes_the_one_that_sync_asks_for(self):
        self.a.start()
        self.assertTrue(self.a.ask("sync", "--deep")["deep"]["equal"])
        self.a.stop()
        self.assertEqual(self.processes[-1].err.count("deep_hashed"), 1)

    def test_verify_makes_one_and_leaves_no_trace(self):
        books = self.a.folder / "jielian.db"
        before = books.read_bytes()
        self.assertTrue(self.a.ask("verify")["deep_equal"])
        self.assertEqual(books.read_bytes(), before)
        self.a.start()
        self.assertTrue(self.a.ask("verify")["deep_equal"])
        self.a.stop()
        self.a.add_union("未发送工会")
        self.assertIsNone(self.a.ask("verify")["deep_equal"])  # sync comes first

    def test_verify_says_when_the_district_does_not_answer(self):
        self.district.stop()
        self.assertIsNone(self.a.ask("verify")["deep_equal"])


class Repair(Proof):
    def test_more_than_an_eighth_is_read_anew_once_a_day(self):
        self.rows_for(ROWS)
        self.a.add_union("未发送工会")
        self.sql(self.a, "UPDATE union_org SET staff_n = 5 WHERE staff_n > 20")
        result = self.a.sync()
        self.assertEqual(result.json["repairs"], 0)
        self.assertEqual(len(self.a.ask("list", "union_org", "staff_n=5")), 1)
        self.assertTrue(self.a.ask("sync", "--deep")["deep"]["equal"])
        # Again on the same day: a person looks.
        self.sql(self.a, "UPDATE union_org SET staff_n = 5 WHERE staff_n > 20")
        result = self.a.run("sync", "--json", expect=ATTENTION)
        self.assertEqual(result.json["state"], "different")
        self.a.run("rebuild")
        self.assertEqual(self.a.sync().json["state"], "in_sync")

    def test_run_reads_anew_by_itself_while_work_goes_on(self):
        self.rows_for(ROWS)
        self.sql(self.a, "UPDATE union_org SET staff_n = 5 WHERE staff_n > 20")
        self.a.start()
        union = self.a.add_union("新工会", staff_n=7)
        wait_until("repaired", lambda: len(self.a.ask("list", "union_org", "staff_n=5")) == 1)
        self.assertEqual(self.a.sync().json["state"], "in_sync")
        self.assertEqual(self.district.show("union_org", union)["staff_n"], 7)
        self.a.stop()
        self.assertIn("reread", self.processes[-1].err)


if __name__ == "__main__":
    unittest.main()
