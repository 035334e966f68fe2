"""A page of the books goes bad, on either side, of every kind: no program crashes and nothing of it
reaches the other side; `verify` names what is affected and says what to do, and doing it brings both
sides back together with everything that could still be read."""

import shutil
import subprocess
import time
import unittest

from jielian import ATTENTION, DONE, FAILED, Process
from pages import fold, free_page, pages_of, spoil
from world import World

HEADER = ["工会名称", "基层工会类型", "建会日期", "状态"]


class Pages(World):
    SLIGHTLY = ("union_org", "record", "outbox", "journal")  # a few bits of these pages too

    def prepare(self):
        super().prepare()
        self.a, self.b = self.pc("GD", "a"), self.pc("GD", "b")
        self.a.take("union_org", self.unions("已发送", 400))
        self.settle(self.a, self.b)
        # Work that leaves free pages behind, at both ends.
        for program in (self.a, self.district):
            subprocess.run(["sqlite3", str(program.folder / "jielian.db"),
                            "CREATE TABLE gone(x); INSERT INTO gone SELECT randomblob(4000) FROM "
                            "record LIMIT 40; DROP TABLE gone"], check=True)
        self.a.take("union_org", self.unions("未发送", 60))
        self.sent = [f"已发送{n:04d}" for n in range(400)]
        self.unsent = [f"未发送{n:04d}" for n in range(60)]

    def unions(self, name, count):
        rows = [[f"{name}{n:04d}", "独立基层工会", "2018-05-01", "已建"] for n in range(count)]
        return self.csv(f"{name}.csv", HEADER, *rows)

    def names(self, program):
        return sorted(record["name"] for record in program.list("union_org"))

    def try_process(self, command, env, meanwhile):
        """A program that stays, over damaged books: it works, or says why not and ends with 1."""
        process = Process(self, command, env)
        meanwhile()
        if process.exit_code() is None:
            process.stop()
        self.assertIn(process.exit_code(), (DONE, FAILED), str(process))
        if process.exit_code() == FAILED:
            self.assertTrue(process.err.strip())
            self.processes.remove(process)  # which expect no such end elsewhere

    def books(self, program):
        return program.folder / "jielian.db"

    def each(self, program, kinds):
        """Spoil one page after another of the same sound folder; yields what it is."""
        fold(self.books(program))
        sound = self.folder / "sound"
        shutil.copytree(program.folder, sound)
        for table, pick in kinds:
            for how in ("noise", "bits") if table in self.SLIGHTLY else ("noise",):
                shutil.rmtree(program.folder)
                shutil.copytree(sound, program.folder)
                page = free_page(self.books(program)) if table is None else \
                    pages_of(self.books(program), table)[pick]
                spoil(self.books(program), page, how=how)
                yield table, how


class OfficePages(Pages):
    KINDS = (("union_org", 1), ("record", 2), ("ix_record_key", 1), ("meta", 0), ("outbox", 2),
             ("word", 0), ("word_new", 0), ("catalogue", 0), (None, 0))

    def poke(self):
        """Whatever a clerk might do: an answer or a message, never a crash, never garbage."""
        for words in (["status"], ["list", "union_org"], ["find", "已发送0007"],
                      ["add", "union_org", "name=损坏后", "org_kind=独立基层工会",
                       "founded_on=2018-05-01", "status=已建"],
                      ["history", "union_org", self.some]):
            result = self.a.run(*words, expect=None)
            if result.code == FAILED:
                self.assertTrue(result.err.strip(), str(result))
        self.try_process(self.a.command("run"), self.a.env, lambda: time.sleep(0.3))
        self.a.sync(expect=None, timeout=3)

    def test_each_kind_of_page_is_named_and_the_office_comes_back(self):
        self.some = self.a.list("union_org", "name=已发送0007")[0]["id"]
        self.district.stop()
        before = shutil.copytree(self.district.folder, self.folder / "district-before")
        self.district.start()
        for table, how in self.each(self.a, self.KINDS):
            self.bring_back_district(before)
            with self.subTest(table=table, how=how):
                self.one_page(table, how)

    def bring_back_district(self, before):
        self.district.stop()
        shutil.rmtree(self.district.folder)
        shutil.copytree(before, self.district.folder)
        self.district.start()

    def one_page(self, table, how):
        told = self.a.run("verify", "--json", expect=None)
        text = self.a.run("verify", expect=told.code)
        self.poke()
        self.b.sync(aside=None)  # the district has forgotten what an earlier round brought
        self.assert_same(self.b)  # nothing bad came through the district
        names = set(self.names(self.district))
        self.assertLessEqual(names, {*self.sent, *self.unsent, "损坏后"})
        if told.code == DONE:  # the bits hit what no one reads
            return
        self.assertEqual(told.code, FAILED, str(told))
        if how == "noise" and table is not None:
            tables = [each["table"] for each in told.json["findings"]]
            wanted = {"ix_record_key": "record"}.get(table, table)
            self.assertIn(wanted, tables, str(told))
            self.assertIn("受损", text.err)
        last = self.a.run("verify", "--json", expect=None)
        if last.code == DONE:
            return  # the sync has fetched what was wrong
        self.assertIn(last.json["next"].split()[1], ("rebuild", "sync"))
        self.assertIn("--data", last.json["next"])
        lost = last.json["outbox"]["unsent_unreadable"]
        if last.json["next"].split()[1] == "sync":
            self.a.sync(aside=None)
        else:
            result = self.a.run("rebuild", "--json", expect=None)
            self.assertIn(result.code, (DONE, ATTENTION), str(result))
            self.assertIn(result.json["state"], ("in_sync", "attention"), str(result))
            self.assertTrue((self.a.folder / result.json["damaged_file"]).exists())
        self.a.run("verify")
        self.b.sync(aside=None)
        for office in (self.a, self.b):
            office.sync(aside=None)
            self.assert_same(office)
        names = set(self.names(self.district))
        missing = {*self.sent, *self.unsent} - names
        self.assertLessEqual(len(missing), lost or 0, f"{table}: {sorted(missing)[:5]}\n{last}")
        self.assertLessEqual(missing, set(self.unsent))
        if table not in ("outbox", "meta"):
            self.assertEqual(missing, set(), str(last))
        self.assertEqual(self.district.list("case"), [])
        self.district.verify()


class DistrictPages(Pages):
    KINDS = (("union_org", 1), ("record", 2), ("ix_record_key", 1), ("meta", 0), ("feed", 0),
             ("journal", 0), ("history", 0), ("origin", 0), (None, 0))

    def test_each_kind_of_page_is_named_and_a_backup_brings_the_district_back(self):
        backup = self.folder / "backup.db"
        self.district.run("backup", backup)
        self.b.add_union("备份后工会")
        self.b.sync()
        self.district.stop()
        a_before = shutil.copytree(self.a.folder, self.folder / "a-before")
        b_before = shutil.copytree(self.b.folder, self.folder / "b-before")
        for table, how in self.each(self.district, self.KINDS):
            for office, before in ((self.a, a_before), (self.b, b_before)):
                shutil.rmtree(office.folder)
                shutil.copytree(before, office.folder)
            with self.subTest(table=table, how=how):
                self.one_page(table, how, backup)

    def one_page(self, table, how, backup):
        self.poke()
        told = self.district.run("verify", "--json", expect=None)
        text = self.district.run("verify", expect=told.code)
        if told.code == FAILED:
            if how == "noise" and table is not None:
                wanted = {"ix_record_key": "record"}.get(table, table)
                tables = [each["table"] for each in told.json["findings"]]
                self.assertIn(wanted, tables, str(told))
                self.assertIn("受损", text.err)
            self.assertIn("restore", told.json["next"])
            self.assertIn("restore", text.err)
        shutil.rmtree(self.district.folder)
        self.district.run("restore", backup)
        self.district.start()
        for office in (self.a, self.b):
            office.sync(aside=None)  # what only the other can bring back
        self.a.sync()
        self.assert_same(self.a)
        self.assert_same(self.b)
        self.assertEqual(self.names(self.district),
                         sorted([*self.sent, *self.unsent, "备份后工会"]))
        self.district.verify()
        self.district.stop()

    def poke(self):
        """Serve over the bad page while an office delivers and another reads."""
        for words in (["status"], ["list", "union_org"], ["report"], ["device", "list"]):
            result = self.district.run(*words, expect=None)
            if result.code == FAILED:
                self.assertTrue(result.err.strip(), str(result))
        def talk():
            time.sleep(0.3)
            for office in (self.a, self.b):
                office.sync(expect=None, timeout=2)
        self.try_process(self.district.serve_command(), self.district.env, talk)
        for office in (self.a, self.b):
            names = set(self.names(office))
            self.assertLessEqual({*self.sent}, names, "an office lost what it had")
            self.assertLessEqual(names, {*self.sent, *self.unsent, "备份后工会"})


if __name__ == "__main__":
    unittest.main()
