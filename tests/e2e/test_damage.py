"""Rows, files and journals that changed under the programs, and full disks: noticed, named, repaired
where there is a sound copy, and never a crash."""

import random
import shutil
import sqlite3
import subprocess
import sys
import unittest

from jielian import ATTENTION, DONE, FAILED, Process, wait_until
from people import id_no
from world import World


class Damage(World):
    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")

    def finish(self):
        self.settle(self.a, types=("union_org", "case"))
        self.district.verify()

    def sql(self, program, text):
        subprocess.run(["sqlite3", str(program.folder / "jielian.db"), text], check=True)

    def test_a_damaged_row_at_the_office_is_found_and_fetched(self):
        union = self.a.add_union("甲工会", staff_n=3)
        self.a.add_union("乙工会")
        self.settle(self.a)
        self.sql(self.a, "UPDATE union_org SET staff_n = 5 WHERE name = '甲工会'")
        result = self.a.sync()
        self.assertIn("1", result.err)
        self.assertEqual(self.a.show("union_org", union)["staff_n"], 3)
        self.repairs = 1
        self.finish()

    def test_a_damaged_row_that_run_holds_is_found_when_it_starts(self):
        union = self.a.add_union("甲工会", staff_n=3)
        self.settle(self.a)
        self.sql(self.a, "UPDATE union_org SET staff_n = 5")
        self.a.start()
        wait_until("repaired", lambda: self.a.show("union_org", union)["staff_n"] == 3)
        self.a.stop()
        self.assertIn("damaged=1", self.processes[-1].err)
        self.repairs = 1
        self.finish()

    def test_a_changed_row_at_the_district_is_noticed_by_verify(self):
        self.a.add_union("甲工会", staff_n=3)
        self.settle(self.a)
        self.district.verify()
        self.sql(self.district, "UPDATE union_org SET staff_n = 5")
        result = self.district.verify(expect=FAILED)
        self.assertTrue(result.err.strip(), str(result))

    def test_a_changed_journal_is_noticed_by_verify(self):
        for name in ("甲工会", "乙工会", "丙工会"):
            self.a.add_union(name)
            self.a.sync()
        self.district.verify()
        self.district.stop()
        folder = self.folder / "sound"
        shutil.copytree(self.district.folder, folder)
        books = sqlite3.connect(folder / "jielian.db")
        [last] = books.execute("SELECT max(seq) FROM journal").fetchone()
        books.close()
        for text in (f"UPDATE journal SET body = zeroblob(length(body)) WHERE seq = {last - 1}",
                     f"DELETE FROM journal WHERE seq = {last - 1}",
                     f"DELETE FROM journal WHERE seq = {last}",
                     f"UPDATE journal SET at_ms = at_ms + 1 WHERE seq = {last}",
                     f"UPDATE journal SET origin = origin + 1 WHERE seq = {last}"):
            with self.subTest(text):
                shutil.rmtree(self.district.folder)
                shutil.copytree(folder, self.district.folder)
                self.sql(self.district, text)
                result = self.district.verify(expect=FAILED)
                self.assertRegex(result.err, "[0-9]", "it names an entry or counts")
        shutil.rmtree(self.district.folder)
        shutil.copytree(folder, self.district.folder)
        self.district.verify()

    def test_a_damaged_file_is_an_error_and_no_crash(self):
        union = self.a.add_union("甲工会")
        self.a.add_member(union, "张三", id_no(1))
        self.settle(self.a)
        path = self.a.folder / "jielian.db"
        sound = path.read_bytes()
        rng = random.Random(7)
        for _ in range(6):
            data = bytearray(sound)
            start = rng.randrange(4096, len(data) - 4096)
            data[start:start + 4096] = bytes(4096)
            path.write_bytes(data)
            for words in (["list", "member"], ["status"], ["find", "张三"]):
                self.a.run(*words, expect=None)  # execute() checks that no signal ended it
            self.a.sync(expect=None, timeout=3)
        for name in ("jielian.db-wal", "jielian.db-shm"):
            (self.a.folder / name).unlink(missing_ok=True)
        path.write_bytes(sound)
        self.finish()


class FullDisk(World):
    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.union = self.a.add_union("甲工会")
        self.settle(self.a)
        rows = [[f"第{n:04d}工会", "独立基层工会", "2018-05-01", "已建"] for n in range(3000)]
        self.path = self.csv("u.csv", ["工会名称", "基层工会类型", "建会日期", "状态"], *rows)

    def size(self, program):
        return max(path.stat().st_size for path in program.folder.glob("jielian.db*"))

    def run_limited(self, program, limit, *words):
        """(exit code, stderr) of a command none of whose files may grow beyond limit bytes."""
        text = ("import os, resource, sys; limit = int(sys.argv[1]); "
                "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); "
                "os.execv(sys.argv[2], sys.argv[2:])")
        process = Process(self, [sys.executable, "-c", text, limit, *program.command(*words)],
                          program.env)
        return process.wait(60), process.err

    def test_an_import_says_so_and_nothing_is_half_done(self):
        code, message = self.run_limited(self.a, self.size(self.a) + 40000, "import", "union_org",
                                         self.path)
        self.assertEqual(code, FAILED)
        self.assertIn("u.csv", message)
        there = len(self.a.list("union_org"))
        counts = self.a.take("union_org", self.path)
        self.assertEqual(counts["unchanged"] + counts["added"], 3000)
        self.assertEqual(counts["unchanged"], there - 1)
        self.settle(self.a)

    def test_a_backup_or_export_is_whole_or_not_there(self):
        self.a.take("union_org", self.path)
        before = set(self.folder.iterdir())
        for program, words in ((self.a, ("export", "union_org", self.folder / "out.csv")),
                               (self.district, ("backup", self.folder / "out.db"))):
            code, message = self.run_limited(program, 20000, *words)
            self.assertEqual(code, FAILED)
            self.assertTrue(message.strip())
        made = {path.name for path in set(self.folder.iterdir()) - before}
        self.assertEqual({name for name in made if not name.startswith("process")}, set())

    def test_the_district_goes_on_and_takes_everything_later(self):
        self.a.take("union_org", self.path)
        self.district.process.limit_files(self.size(self.district) + 40000)
        result = self.a.sync(expect=ATTENTION, timeout=4)
        self.assertEqual(result.json["unsent"] > 0, True, str(result))
        self.assertIsNone(self.district.process.exit_code(), str(self.district.process))
        self.assertEqual(self.district.http("/healthz")[0], 200)
        self.district.process.limit_files(None)
        wait_until("it takes them", lambda: self.a.sync(expect=None, timeout=10).code == DONE, 60)
        self.settle(self.a)
        self.assertEqual(len(self.district.list("union_org")), 3001)
        self.district.verify()


if __name__ == "__main__":
    unittest.main()
