"""Power cuts, restored backups, copied folders: nothing that anyone entered is lost, nothing takes
effect twice, both sides prove identical, and the journal replays to the same books."""

import random
import shutil
import time
import unittest

from jielian import ATTENTION, District, Office, Process, wait_until
from world import World


class Recovery(World):
    def prepare(self):
        super().prepare()
        self.a, self.b = self.pc("GD", "a"), self.pc("GD", "b")

    def names(self, program):
        return sorted(record["name"] for record in program.list("union_org"))

    def finish(self, *offices, types=("union_org", "case")):
        self.settle(*(offices or (self.a, self.b)), types=types)
        self.district.verify()

    def unions_csv(self, first, count):
        rows = [[f"第{n:04d}工会", "独立基层工会", "2018-05-01", "已建"]
                for n in range(first, first + count)]
        return self.csv("u.csv", ["工会名称", "基层工会类型", "建会日期", "状态"], *rows)


class PowerCuts(Recovery):
    def test_sync_killed_in_the_middle(self):
        rng = random.Random(1)
        for turn in range(6):
            self.a.take("union_org", self.unions_csv(turn * 300, 300))
            for _ in range(3):
                process = Process(self, self.a.command("sync"), self.a.env)
                time.sleep(rng.uniform(0.01, 0.25))
                process.kill()
        self.finish()
        self.assertEqual(self.names(self.district), [f"第{n:04d}工会" for n in range(1800)])
        self.assertEqual(self.district.list("case"), [])

    def test_run_killed_in_the_middle(self):
        for turn in range(5):
            self.a.start()
            self.a.take("union_org", self.unions_csv(turn * 200, 200))
            time.sleep(0.1 * turn)
            self.a.kill()
        self.finish()
        self.assertEqual(len(self.district.list("union_org")), 1000)
        self.assertEqual(self.district.list("case"), [])

    def test_serve_killed_in_the_middle(self):
        for office in (self.a, self.b):
            office.start()
        for turn in range(5):
            self.a.take("union_org", self.unions_csv(turn * 200, 200))
            self.b.add("lr_weekly", week=f"2022-05-{2 + 7 * (turn % 4):02d}", situation="无异常") \
                if turn < 4 else None
            time.sleep(0.12 * (turn + 1))
            self.district.kill()
            self.district.start()
        for office in (self.a, self.b):
            office.stop()
        self.finish(types=("union_org", "lr_weekly", "case"))
        self.assertEqual(len(self.district.list("union_org")), 1000)
        self.assertEqual(len(self.district.list("lr_weekly")), 4)

    def test_an_import_killed_in_the_middle_and_done_again(self):
        path = self.unions_csv(0, 12000)
        process = Process(self, self.a.command("import", "union_org", path), self.a.env)
        wait_until("some rows are in, or it has ended", lambda: process.exit_code() is not None
                   or self.a.run("list", "union_org", "--limit", "1", "--json").json, 30)
        process.kill()
        there = len(self.a.list("union_org"))
        counts = self.a.take("union_org", path)
        self.assertEqual((counts["unchanged"], counts["added"]), (there, 12000 - there))
        self.a.sync()
        self.assertEqual(len(self.district.list("union_org")), 12000)

    def test_the_first_download_killed_in_the_middle(self):
        self.a.take("union_org", self.unions_csv(0, 3000))
        self.a.sync()
        path = self.district.invite("GD")
        late = Office(self, "GD", "late")
        process = Process(self, late.command("join", path), late.env)
        wait_until("the download has begun", lambda: process.exit_code() is not None
                   or "已加入" in process.err)
        process.kill()
        if not (late.folder / "jielian.db").exists():
            self.assertEqual(late.status(expect=ATTENTION)["state"], "bootstrapping")
            late.refuse("list", "union_org", names=["sync"])
        late.sync()
        self.assert_same(late, types=("union_org",))
        self.assertEqual(len(self.district.ask("device", "list")), 3)


class Restores(Recovery):
    def restore(self, backup):
        """Put a backup in place of the district, as after a disk has died."""
        self.district.stop()
        shutil.rmtree(self.district.folder)
        self.district.run("restore", backup)
        self.district.start()

    def test_the_district_is_restored_and_gets_back_what_it_lacks(self):
        union = self.a.add_union("甲工会")
        self.settle(self.a, self.b)
        backup = self.folder / "backup.db"
        self.district.run("backup", backup)  # while serving
        self.a.add_union("乙工会")
        self.b.set("union_org", union, staff_n=10)
        self.settle(self.a, self.b)
        self.restore(backup)
        self.assertEqual(self.names(self.district), ["甲工会"])
        self.b.add_union("丙工会")
        self.finish()
        self.assertEqual(self.names(self.district), ["丙工会", "乙工会", "甲工会"])
        self.assertEqual(self.district.show("union_org", union)["staff_n"], 10)
        self.assertEqual(self.district.list("case"), [])

    def test_offices_that_run_survive_a_restore(self):
        backup = self.folder / "backup.db"
        self.district.run("backup", backup)
        self.a.start()
        self.a.add_union("甲工会")
        wait_until("it arrived", lambda: self.district.list("union_org"))
        self.restore(backup)
        wait_until("it came back by itself", lambda: self.district.list("union_org"), 30)
        self.a.stop()
        self.finish()

    def test_a_delete_after_the_backup_is_done_again(self):
        union = self.a.add_union("甲工会", address="文一路1号")
        self.settle(self.a, self.b)
        backup = self.folder / "backup.db"
        self.district.run("backup", backup)
        self.a.delete("union_org", union)
        self.b.add_union("乙工会")
        self.settle(self.a, self.b)
        self.restore(backup)
        self.finish(self.b, self.a)
        self.assertEqual(self.names(self.district), ["乙工会"])

    def test_what_only_another_pc_can_bring_back_stays_visible_until_it_does(self):
        backup = self.folder / "backup.db"
        self.district.run("backup", backup)
        self.b.add_union("乙工会")
        self.settle(self.a, self.b)
        self.restore(backup)
        # The proof finds that the district lacks the record: a repair, and reported as one.
        self.assertEqual(self.a.sync(aside=1).json["repairs"], 1)
        self.assertEqual(self.names(self.a), ["乙工会"])
        self.b.sync()
        self.a.sync()
        self.assert_same(self.a)
        self.assertEqual(self.names(self.a), ["乙工会"])

    def test_a_device_enrolled_after_the_backup_is_told(self):
        backup = self.folder / "backup.db"
        self.district.run("backup", backup)
        late = self.pc("GD", "late")
        late.add_union("晚来工会")
        (self.folder / "backup.db.admissions").unlink()
        self.restore(backup)
        self.district.run("device", "resume", "all")
        self.assertEqual(late.sync(expect=ATTENTION, timeout=5).json["state"], "unknown")
        self.assertEqual(self.names(late), ["晚来工会"])
        self.finish()

    def test_a_backup_is_checked_before_it_counts(self):
        backup = self.folder / "backup.db"
        self.district.run("backup", backup)
        self.district.refuse("backup", backup, code=None, names=[backup])
        other = District(self, "other")
        cut = self.write("cut.db", backup.read_bytes()[:20000])
        other.refuse("restore", cut, code=None, names=["cut.db"])
        other.refuse("restore", self.folder / "absent.db", code=None, names=["absent.db"])
        other.refuse("restore", self.a.folder / "jielian.db", code=None)
        self.district.refuse("restore", backup, code=None, names=[self.district.folder])
        self.finish()

    def test_a_pc_put_back_to_last_week(self):
        union = self.a.add_union("甲工会")
        self.settle(self.a, self.b)
        shutil.copytree(self.a.folder, self.folder / "kept")
        self.a.add_union("乙工会")
        self.a.set("union_org", union, staff_n=10)
        self.settle(self.a, self.b)
        shutil.rmtree(self.a.folder)
        shutil.move(self.folder / "kept", self.a.folder)
        self.a.add_union("丙工会")
        self.finish()
        self.assertEqual(self.names(self.a), ["丙工会", "乙工会", "甲工会"])
        self.assertEqual(self.a.show("union_org", union)["staff_n"], 10)
        self.assertEqual(self.district.list("case"), [])

    def test_both_halves_of_a_copied_pc_keep_their_work(self):
        self.a.add_union("甲工会")
        self.settle(self.a, self.b)
        shutil.copytree(self.a.folder, self.folder / "copy")
        copy = Office(self, "GD", "copy")
        self.a.add_union("乙工会")
        copy.add_union("丙工会")
        copy.add_union("丁工会")
        self.finish(self.a, copy, self.b)
        self.assertEqual(len(self.names(self.b)), 4)
        # And again, now that they have gone different ways.
        self.a.add_union("戊工会")
        copy.add_union("己工会")
        self.finish(copy, self.a, self.b)
        self.assertEqual(len(self.names(self.b)), 6)


if __name__ == "__main__":
    unittest.main()
