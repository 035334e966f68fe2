"""Folders as older programs left them (tests/folders): read, migrated, verified and synced by
today's. What is in them stands in tests/folders/make."""

import contextlib
import json
import os
import pathlib
import sqlite3
import tarfile
import unittest

from jielian import ATTENTION, DONE, FAILED, MISUSE, Office, Port
from people import id_no
from world import World

FOLDERS = pathlib.Path(__file__).resolve().parent.parent / "folders"
SCHEMA = 3  # of today's programs
BEFORE = f"jielian.db.before-{SCHEMA}"


def schema(path):
    """The number of the file's schema."""
    books = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return books.execute("PRAGMA user_version").fetchone()[0]
    finally:
        books.close()


class Unpacked(World):
    """`archive` names the stored folders."""

    archive = None
    made = 1  # the schema of the archive

    def prepare(self):
        with tarfile.open(FOLDERS / f"{self.archive}.tar.xz") as archive:
            archive.extractall(self.folder)
        self.facts = json.loads((self.folder / "facts.json").read_text())
        self.facts["members_a"] = len(self.facts.get("doubles_a", self.facts.get("pair", ())))
        port = Port(self.facts["port"])
        self._ports.append(port)
        self.district.port = port.number
        self.district.endpoint = f"tcp://127.0.0.1:{port.number}"
        self.a, self.b = Office(self, "GD", "a"), Office(self, "GD", "b")
        self.c = Office(self, "BS", "c")
        self.private.update(("张三", id_no(1)))

    def programs(self):
        return self.district, self.a, self.b, self.c

    def assert_schema(self, wanted, copy, *programs):
        """The schema of these folders' books, and whether the copy from before lies there. What was
        made with the wanted one, or a later one, is not migrated."""
        copy = copy and self.made < wanted
        wanted = max(wanted, self.made)
        for program in programs:
            name = program.folder.name
            self.assertEqual(schema(program.folder / "jielian.db"), wanted, name)
            self.assertEqual((program.folder / BEFORE).exists(), copy, name)
            self.assertEqual([each for each in os.listdir(program.folder) if ".part" in each], [])
            if copy:
                self.assertEqual(schema(program.folder / BEFORE), self.made, name)

    def prove(self, *offices):
        """Each syncs to a proof; b has a parked change and GD a case, which is not their fault."""
        for office in offices:
            result = office.sync(expect=None)
            self.assertIn(result.code, (DONE, ATTENTION), str(result))
            waiting = result.json["parked"] + result.json["cases"] > 0
            self.assertEqual(result.json["state"], "attention" if waiting else "in_sync", str(result))
            self.assertEqual(result.code, ATTENTION if waiting else DONE, str(result))
            self.assertEqual(result.json["unsent"], 0, str(result))

    def read_all(self, unsent=1):
        union, member = self.facts["union"], self.facts["member"]
        for office in (self.a, self.b):
            self.assertEqual(office.show("union_org", union)["chair_name"], "李四")
            self.assertEqual([case["kind"] for case in office.cases()], ["字段冲突"])
            self.assertEqual(len(office.list("member")), self.facts.get("members_a", 0))
        self.assertEqual(self.a.status()["unsent"], unsent)
        self.assertEqual(self.b.status()["parked"], 1)
        self.assertEqual(self.c.show("member", member)["name"], "张三")
        self.assertIn(member, self.c.run("find", "张三").out)
        self.assertIn("parked", self.b.verdicts("union_org", union))
        for office in (self.a, self.b, self.c):
            office.run("verify", "--local")  # the district may not run
        self.assertEqual(self.district.show("transfer", self.facts["transfer"])["status"], "生效")
        self.assertEqual(len(self.district.list("union_org")), self.facts["unions"])
        self.assertGreater(len(self.district.ask("history", "union_org", union)), 2)
        self.assertEqual(len(self.district.ask("device", "list")), 3)
        self.district.ask("status", expect=None)
        self.district.ask("report")

    def read_only(self):
        before = {program: (program.folder / "jielian.db").read_bytes()
                  for program in self.programs()}
        self.read_all()
        for program, content in before.items():
            self.assertEqual((program.folder / "jielian.db").read_bytes(), content)
        self.assert_schema(1, False, *self.programs())


class Stored(Unpacked):
    """Not run itself: what must hold of each stored folder of an older schema."""

    def test_readers_see_all_of_it_and_leave_it_as_it_is(self):
        self.read_only()

    # ---- Keys ----

    def test_foreign_keys_are_refused_before_anything_is_migrated(self):
        before = {program: (program.folder / "jielian.db").read_bytes()
                  for program in self.programs()}
        keys = {program: (program.folder / "keys").read_bytes() for program in self.programs()}
        for program, other in ((self.a, self.c), (self.b, self.a), (self.c, self.b),
                               (self.district, self.a)):
            (program.folder / "keys").write_bytes(keys[other])
            change = (("office", "add", "CY", "朝阳街道总工会") if program is self.district else
                      ("add", "union_org", "name=古荡丁厂工会"))
            for words in (("status",), change):
                program.refuse(*words, code=FAILED, names=[program.folder / "keys"])
            self.assert_schema(1, False, program)
            self.assertEqual((program.folder / "jielian.db").read_bytes(), before[program])
            (program.folder / "keys").write_bytes(keys[program])
        self.read_all()

    def test_the_first_open_for_writing_writes_down_whose_keys_these_are(self):
        for program, change in ((self.district, ("office", "add", "CY", "朝阳街道总工会")),
                                (self.c, ("sync", "--timeout", "1"))):
            program.run(*change, expect=None)
            with contextlib.closing(sqlite3.connect(program.folder / "jielian.db")) as books:
                [[held]] = books.execute("SELECT value FROM meta WHERE name = 'keys'")
            self.assertEqual(len(held), 32)

    # ---- Writers ----

    def test_the_first_change_migrates_and_the_copy_goes_with_the_proof(self):
        made = self.a.add_union("古荡丁厂工会")
        self.assert_schema(SCHEMA, True, self.a)
        self.read_all(unsent=2)
        self.assertEqual(self.a.show("union_org", made)["name"], "古荡丁厂工会")
        self.district.start()
        self.assert_schema(SCHEMA, True, self.district)
        self.prove(self.a, self.b, self.c, self.a)
        self.assert_schema(SCHEMA, False, self.a, self.b, self.c)
        self.assertEqual(self.district.show("union_org", self.facts["union"])["note"], "还没有发送")
        self.assertEqual(self.b.show("union_org", made)["name"], "古荡丁厂工会")
        for office in (self.a, self.b):
            self.assert_same(office)
        self.assert_schema(SCHEMA, True, self.district)

    def test_all_can_be_gone_on_with(self):
        self.district.start()
        self.prove(self.a, self.b, self.c)
        union, member = self.facts["union"], self.facts["member"]
        self.b.set("union_org", union, member_n=7)  # the parked change goes again, as it can be taken
        self.c.set("member", member, edu="大学本科")
        self.district.set("union_org", union, industry="制造业")
        [case] = self.a.cases()
        self.a.run("case", "resolve", case["id"], "offered")
        new = self.pc("BS", "new")
        self.prove(self.b, self.a, self.c, self.b, new)
        self.assertEqual(self.b.status()["parked"], 0)
        self.assertEqual(self.a.cases(), [])
        for side in (self.district, self.a, self.b):
            record = side.show("union_org", union)
            self.assertEqual((record["member_n"], record["address"], record["industry"]),
                             (7, "文三路3号", "制造业"))
        self.assertEqual(new.show("member", member)["edu"], "大学本科")
        self.assertIn(member, new.run("find", "zhangsan").out)
        for office in (self.a, self.b):
            self.assert_same(office)

    # ---- What is compared ----

    def test_texts_of_older_books_are_compared_however_they_are_written(self):
        """Their tags were made of texts as they were, and names had none."""
        found = self.a.list("union_org", "name=古荡 甲厂　工会")
        self.assertEqual(found, [], "read only, these books are as they were")
        self.assertEqual(len(self.a.list("union_org", "name=古荡甲厂工会")), 1)
        union = self.facts["union"]
        member = self.a.add_member("古荡 甲厂　工会", "李四", id_no(2))
        self.assertEqual(self.a.show("member", member)["org"], union)
        self.assertEqual([each["id"] for each in self.a.list("union_org", "name=古荡 甲厂　工会")], [union])
        answer = self.a.ask("add", "union_org", "name=古荡甲 厂工会", "org_kind=独立基层工会",
                            "founded_on=2018-05-01", "status=已建")
        self.assertIn("另一条记录", str(answer["warnings"]))
        other = self.c.add_union("古荡　甲厂工会")
        self.district.start()
        for office in (self.a, self.c, self.a):
            office.sync(expect=None)
        three = {union, answer["id"], other}
        pairs = [{case["subject_id"], case["other_id"]} for case in self.district.list("case")]
        self.assertEqual(sum(pair < three for pair in pairs), 3, "each two of the three")
        self.assert_same(self.a)
        self.district.verify()

    # ---- District ----

    def test_verify_holds_before_the_migration(self):
        self.district.verify()
        self.assert_schema(1, False, self.district)

    def test_verify_holds_after_the_migration_and_takes_the_copy_away(self):
        self.district.set("union_org", self.facts["union"], industry="制造业")
        self.assert_schema(SCHEMA, True, self.district)
        self.district.verify()
        self.assert_schema(SCHEMA, False, self.district)
        self.district.start()
        self.prove(self.a, self.b, self.c)
        self.district.verify()

    def test_verify_holds_with_one_more_office(self):
        self.district.run("office", "add", "WX", "文新街道总工会")
        self.district.start()
        self.prove(self.a, self.b, self.c)
        self.district.verify()
        self.assert_schema(SCHEMA, False, self.district)

    def test_a_backup_from_before_is_restored_and_migrated(self):
        backup = self.folder / "old.bak"
        self.district.run("backup", backup)
        self.assertEqual(schema(backup), self.made)
        self.district.folder = self.folder / "restored"
        self.district.run("restore", backup)
        self.assertEqual(schema(backup), self.made, "the backup itself stays as it is")
        self.assert_schema(SCHEMA, False, self.district)
        self.assertNotIn("restoring", os.listdir(self.district.folder))
        self.district.start()
        self.prove(self.a, self.b, self.c)
        self.assertEqual(self.district.show("union_org", self.facts["union"])["note"], "还没有发送")

    def test_a_newer_folder_is_refused_and_names_the_version(self):
        path = self.a.folder / "jielian.db"
        self.a.set("union_org", self.facts["union"], staff_n=9)
        books = sqlite3.connect(path)
        books.execute(f"PRAGMA user_version = {SCHEMA + 1}")
        books.close()
        for words in (("status",), ("set", "union_org", self.facts["union"], "staff_n=1")):
            self.a.refuse(*words, code=MISUSE, names=[str(SCHEMA + 1), path])


class Folders5ef4cc9(Stored):
    archive = "5ef4cc9"


class Folders955e748(Stored):
    archive = "955e748"


class Folders49816e6(Stored):
    """The first with heads in its journal (rules 1) and an admission log."""

    archive = "49816e6"
    made = 2


class Folders9d54e08(Stored):
    """The last with password verifiers in staff records, and with the ids of other offices' records
    in an office's cases. In schema 2 and rules 1."""

    archive = "9d54e08"
    made = 2

    def verifiers(self, *programs):
        found = 0
        for program in programs:
            path = program.folder / "jielian.db"
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as books:
                found += books.execute("SELECT count(verifier) FROM staff").fetchone()[0]
        return found

    def test_what_offices_must_not_have_is_taken_from_them(self):
        first, second = zip(self.facts["doubles_c"], self.facts["doubles_a"])
        self.assertEqual(self.verifiers(*self.programs()), 4)
        self.assertEqual({case["other_id"] for case in self.c.ask("case", "list", "--all")
                          if case["kind"] == "疑似重复"}, {first[1], second[1]})
        self.district.start()
        self.prove(self.a, self.b, self.c)
        self.assertEqual(self.verifiers(*self.programs()), 0)
        [told] = [case for case in self.c.ask("case", "list", "--all")
                  if case["kind"] == "疑似重复"]
        self.assertEqual((told["subject_id"], told["other_id"], told["status"], told["reason"]),
                         (first[0], None, "待处理", "另一镇街也有这个号码，区级核对中"))
        pairs = {(case["subject_id"], case["other_id"]): case
                 for case in self.district.ask("case", "list", "--all") if case["other_id"]}
        self.assertEqual({key: case["resolution"] for key, case in pairs.items()},
                         {first: "", second: "different"})
        # What was decided stays decided; what was not, is decided now.
        for number, pair in ((2, first), (3, second)):
            self.private.add(id_no(number))
            self.c.set("member", pair[0], id_no=id_no(9))
            self.c.sync(expect=None)
            self.c.set("member", pair[0], id_no=id_no(number))
            self.c.sync(expect=None)
        self.assertEqual(self.c.verdicts("member", second[0])[-1], "applied")
        self.assertEqual(self.c.verdicts("member", first[0])[-1], "case")
        self.district.run("case", "resolve", pairs[first]["id"], "different")
        self.c.sync(expect=None)
        self.assertEqual([case for case in self.c.cases() if case["kind"] == "疑似重复"], [])
        self.district.verify()

    def test_it_is_done_once(self):
        self.district.run("office", "add", "WX", "文新街道总工会")
        entries = self.district.ask("verify")["entries"]
        self.district.run("office", "add", "CY", "翠苑街道总工会")
        self.assertEqual(self.district.ask("verify")["entries"], entries + 1)


class FoldersDaa6818(Unpacked):
    """The first of schema 3 and rules 2: texts are folded, verifiers and pairs are the district's
    alone. BS has entered a member of GD, and has asked for another."""

    archive = "daa6818"
    made = 3

    def test_readers_see_all_of_it_and_leave_it_as_it_is(self):
        self.read_only()

    def test_what_waits_is_gone_on_with(self):
        self.district.start()
        self.prove(self.a, self.b)
        self.c.sync(expect=None)
        ours, theirs = self.facts["pair"]
        [told] = [case for case in self.c.cases() if case["kind"] == "疑似重复"]
        self.assertEqual((told["subject_id"], told["other_id"]), (theirs, None))
        [pair] = [case for case in self.district.list("case") if case["other_id"]]
        self.assertEqual({pair["subject_id"], pair["other_id"]}, {ours, theirs})
        self.district.run("case", "resolve", pair["id"], "different")
        self.assertEqual(self.a.show("transfer", self.facts["asked"])["status"], "申请")
        self.a.run("transfer", "release", self.facts["asked"])
        self.a.sync(expect=None)
        self.c.sync(expect=None)
        self.c.run("transfer", "receive", self.facts["asked"])
        for office in (self.c, self.a, self.c):
            office.sync(expect=None)
        self.assertEqual(self.c.cases(), [])
        self.assertEqual(self.c.show("member", self.facts["wanted"])["name"], "王五")
        self.assertEqual(self.district.show("union_org", self.facts["union"])["note"], "还没有发送")
        for office in (self.a, self.c):
            self.assert_same(office)
        self.district.verify()


del Stored  # unittest would run it, too


class Waiting(World):
    """A district of rules 1 (tests/folders/make-waiting): what its verdicts say by CASE is told apart
    when its journal is replayed, and what later rules refuse stays as it was taken."""

    def prepare(self):
        with tarfile.open(FOLDERS / "49816e6-waiting.tar.xz") as archive:
            archive.extractall(self.folder)

    def test_its_journal_replays_to_what_stands(self):
        held = [each for each in self.district.ask("case", "list") if each["kind"] == "等待前序改动"]
        self.assertEqual(len(held), 1)
        for words in ((), ("restore", "close"), ("office", "add", "CY", "长庆街道总工会")):
            if words:
                self.district.run(*words)
            self.district.verify()
        kinds = sorted(each["kind"] for each in self.district.ask("case", "list"))
        self.assertEqual(kinds, sorted(["日期晚于今天", "日期晚于今天", "字段冲突", "恢复后未能补入"]))
        [transfer] = self.district.list("transfer")
        self.assertEqual(transfer["member_name"], "李四")


if __name__ == "__main__":
    unittest.main()
