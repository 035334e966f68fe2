"""Two cipher suites: each folder stays with the one it was made with, whatever else the program
knows; what is of another suite is refused by name, and never called damaged.

The programs that know a second suite, and make new districts with it, are today's with one more
suite linked in (tests/suite). Whole stories in the second suite: e2e.second_NAME."""

import contextlib
import os
import sqlite3
import unittest

from jielian import ATTENTION, DISTRICT, OFFICE, PROVEN, District, Office
from test_keys import files, rows, swap
from world import World

DISTRICT_SECOND = os.environ.get("JIELIAN_DISTRICT_SECOND", "jielian-district-second")
OFFICE_SECOND = os.environ.get("JIELIAN_OFFICE_SECOND", "jielian-office-second")


@contextlib.contextmanager
def books_of(program):
    with contextlib.closing(sqlite3.connect(program.folder / "jielian.db")) as books, books:
        yield books


class Suites(World):
    """District and PC a are of the first suite, made by programs that know no other; beside them
    a district and a PC, other_a, of the second suite. Both serve."""

    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.union = self.a.add_union("古荡甲厂工会")
        self.settle(self.a)
        self.other = District(self, "other")
        self.other.binary = DISTRICT_SECOND
        self.other.init()
        self.other.run("office", "add", "GD", "古荡街道总工会")
        self.other.start()
        self.other_a = Office(self, "GD", "other_a")
        self.other_a.binary = OFFICE_SECOND
        self.other_a.join(self.other.invite("GD"))
        self.other_a.add_union("北山乙厂工会")
        self.other_a.sync()

    def setUp(self):
        super().setUp()
        self.other.start()

    # ---- Names ----

    def test_files_and_columns_name_the_suite(self):
        for program, head in ((self.district, "jielian keys v1\n"),
                              (self.other, "jielian keys v1 s2\n"),
                              (self.other_a, "jielian keys v1 s2\n")):
            self.assertTrue((program.folder / "keys").read_text().startswith(head))
        log = (self.other.folder / "admissions").read_text().splitlines()
        self.assertRegex(log[0], "^jielian admissions v1 s2 04[0-9a-f]{128} #")
        self.assertTrue(any(" device 1 " in line and " s2:04" in line for line in log), log)
        log = (self.district.folder / "admissions").read_text()
        self.assertRegex(log, "^jielian admissions v1 [0-9a-f]{64} #")
        self.assertNotIn(" s1:", log)
        for program, suite, size in ((self.district, 1, 32), (self.other, 2, 65)):
            with books_of(program) as books:
                self.assertEqual(books.execute("SELECT suite, length(sign_public) FROM device")
                                 .fetchall(), [(suite, size)])
                self.assertEqual(books.execute("SELECT value FROM meta WHERE name = 'suite'")
                                 .fetchall(), [] if suite == 1 else [(b"\0\0\0\2",)])
                sizes = {size for size, in books.execute("SELECT length(seal) FROM journal")}
                self.assertEqual(sizes, {32 + (64 if suite == 1 else 72)})

    def test_the_second_suite_is_proven_verified_backed_up_and_restored(self):
        self.other_a.add_union("北山丙厂工会")
        self.other_a.sync()
        self.other.stop()
        self.other.verify()
        self.other.run("backup", self.folder / "copy.db")
        back = District(self, "back")
        back.binary = DISTRICT_SECOND
        back.run("restore", self.folder / "copy.db")
        self.assertEqual(back.ask("list", "union_org"), self.other.ask("list", "union_org"))
        back.verify()

    # ---- A folder keeps its suite ----

    def test_programs_that_know_more_go_on_in_the_folders_suite(self):
        self.district.stop()
        self.district.binary, self.a.binary = DISTRICT_SECOND, OFFICE_SECOND
        self.district.start()
        self.a.add_union("古荡乙厂工会")
        self.settle(self.a, types=("union_org",))
        b = Office(self, "GD", "b")
        b.binary = OFFICE_SECOND
        b.join(self.district.invite("GD"))
        self.settle(self.a, b, types=("union_org",))
        self.assertTrue((b.folder / "keys").read_text().startswith("jielian keys v1\n"))
        self.district.stop()
        self.district.binary, self.a.binary = DISTRICT, OFFICE
        self.district.verify()
        self.district.start()
        self.settle(self.a, types=("union_org",))

    # ---- What is of another suite ----

    def test_a_program_without_the_suite_asks_for_the_newer_one(self):
        invitation = self.other.invite("GD")
        self.other.stop()
        for program, binary in ((self.other, DISTRICT), (self.other_a, OFFICE)):
            program.binary = binary
            there, before = files(program.folder), rows(program.folder)
            for words in (("status",), ("list", "union_org"), ("verify",)):
                program.refuse(*words, "--lang", "en",
                               names=("cipher suite", "install the new version"))
                program.refuse(*words, "--lang", "zh", names=("密码套件", "安装新版本"))
            self.assertEqual(files(program.folder), there)
            self.assertEqual(rows(program.folder), before)
        fresh = Office(self, "GD", "fresh")
        fresh.refuse("join", invitation, names=("第 2 号密码套件", "新版程序"))

    def test_keys_of_another_suite_are_foreign(self):
        for program in (self.district, self.other):
            program.stop()
            program.binary = DISTRICT_SECOND
        for one, other in ((self.district, self.other), (self.a, self.other_a)):
            one.binary = other.binary
            before = rows(one.folder), rows(other.folder)
            swap(one, other)
            for program in (one, other):
                program.refuse("status", "--lang", "en", names=("not the keys of", "own key"))
            swap(one, other)
            self.assertEqual((rows(one.folder), rows(other.folder)), before)
        self.assertEqual(self.other.ask("list", "union_org")[0]["name"], "北山乙厂工会")

    def move_to_other(self):
        """PC a is made one of the other district's by hand: no program does that."""
        with books_of(self.district) as books:
            [device] = books.execute("SELECT * FROM device").fetchall()
        with books_of(self.other_a) as books:
            [identity] = books.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()
        self.other.stop()
        with books_of(self.other) as books:
            books.execute(f"INSERT INTO device VALUES({', '.join('?' * len(device))})",
                          (2, *device[1:]))
        with books_of(self.a) as books:
            books.execute("UPDATE meta SET value = ? WHERE name = 'identity'", (identity,))
        self.other.start()

    def test_a_pc_of_another_suite_is_told_and_loses_nothing(self):
        self.move_to_other()
        record = self.a.add_union("古荡丁厂工会")
        for binary, next_step in ((OFFICE, "请安装新版本"), (OFFICE_SECOND, "用新邀请重新加入")):
            self.a.binary = binary
            result = self.a.sync(expect=ATTENTION)
            self.assertIn("第 2 号密码套件", result.err, str(result))
            self.assertIn(next_step, result.err, str(result))
            self.assertEqual(self.a.status(expect=None)["state"], "needs_update")
            self.assertEqual(self.a.status(expect=None)["unsent"], 1)
        self.assertIn(record, {each["id"] for each in self.a.list("union_org")})
        self.assertGreater(self.other.metric("jielian_refusals_total", reason="version"), 0)
        self.other_a.sync(PROVEN)
        log = self.other.process.err
        for word in ("malformed", "damage", "chain"):
            self.assertNotIn(word, log)


if __name__ == "__main__":
    unittest.main()
