"""What a record can be besides being the district's: parked, set aside, held, a case, unsent. Each is
counted, makes exit 3, can be listed with its reason, and one command sends all of a kind again. A
sync that failed never says in_sync, and folders that can't be written or read are named, not crashed
over."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from jielian import (ATTENTION, COMMAND_S, DONE, FAILED, MISUSE, Office, Process, Result,
                     wait_until)
from world import Trio, World

REASON = "会员数不能多于职工数"
ENGLISH = "Members can't outnumber workers"
CHECKED = 56  # message/say.h: JL_SAY_CATALOGUE


class States(Trio):
    def prepare(self):
        super().prepare()
        self.union = self.a.add_union("古荡甲厂工会", staff_n=20, member_n=5)
        self.settle(self.a, self.b)
        self.backup = self.folder / "backup.db"
        self.district.run("backup", self.backup)

    def park(self):
        """b's edit does not fit what a did meanwhile."""
        self.a.set("union_org", self.union, staff_n=8)
        self.b.set("union_org", self.union, member_n=15)
        self.a.sync()
        return self.b.sync(expect=ATTENTION)

    def set_aside(self):
        """a has what only c's colleague b made, and the restored district lacks."""
        made = self.b.add_union("只此一份工会")
        self.settle(self.b, self.a)
        self.restore()
        return made, self.a.sync(expect=ATTENTION)

    def restore(self):
        self.district.stop()
        shutil.rmtree(self.district.folder)
        self.district.run("restore", self.backup)
        self.district.start()

    def counts(self, document):
        return tuple(document[name] for name in ("parked", "set_aside", "held", "cases"))

    # ---- Parked ----

    def assert_reason(self, office, language, reason, code):
        """Every place that shows why the one refused change was refused."""
        def ask(*words):
            return office.ask(*words, "--lang", language)
        [row] = ask("list", "--state", "parked")
        [record] = ask("list", "union_org", "--state", "parked")
        [line] = [each for each in ask("history", "union_org", self.union)
                  if each["verdict"] == "parked"]
        for place in (row, record, line):
            self.assertIn(reason, place["reason"])
            self.assertEqual(place["code"], code)
        for words in (("list", "--state", "parked"), ("list", "union_org", "--state", "parked"),
                      ("history", "union_org", self.union)):
            self.assertIn(reason, office.run(*words, "--lang", language).out)

    def test_a_reason_is_read_in_the_language_of_the_reader(self):
        """The verdict was given, sent and kept while the language was Chinese."""
        self.park()
        self.assert_reason(self.b, "en", ENGLISH, CHECKED)
        self.assert_reason(self.b, "zh", REASON, CHECKED)
        self.b.sync(expect=ATTENTION)  # answered once more: nothing is lost on the way
        self.assert_reason(self.b, "en", ENGLISH, CHECKED)

    def test_a_reason_without_a_number_is_read_as_it_came(self):
        """From a district of before, or in a person's own words; and with one that only a later
        program knows."""
        self.park()
        path = self.b.folder / "jielian.db"
        for said, code in ((None, None), (b"", None), (b"\xff", None), (b"\x90\x4e", 10000)):
            books = sqlite3.connect(path)
            with books:
                books.execute("UPDATE outbox SET said = ? WHERE state = 4", (said,))
            books.close()
            self.assert_reason(self.b, "en", REASON, code)

    def test_parked_is_counted_listed_and_sent_again(self):
        result = self.park()
        self.assertEqual(self.counts(result.json), (1, 0, 0, 0))
        self.assertEqual(result.json["state"], "attention")
        self.assertIn("resend", result.err)
        status = self.b.status(expect=ATTENTION)
        self.assertEqual((self.counts(status), status["state"]), ((1, 0, 0, 0), "attention"))
        self.assertIn("被退回　1", self.b.run("status", expect=ATTENTION).out)
        [record] = self.b.ask("list", "union_org", "--state", "parked")
        self.assertEqual((record["id"], record["state"]), (self.union, "parked"))
        self.assertIn(REASON, record["reason"])
        self.assertEqual(record["member_n"], 5)  # what the district has is shown
        [row] = self.b.ask("list", "--state", "parked")
        self.assertEqual((row["type"], row["id"], row["state"], row["title"]),
                         ("union_org", self.union, "parked", "古荡甲厂工会"))
        self.assertIn(REASON, row["reason"])
        self.assertIn(REASON, self.b.run("list", "union_org", "--state", "parked").out)
        self.assertIn(REASON, self.b.run("list", "--state", "parked").out)
        self.assertEqual(self.b.ask("list", "member", "--state", "parked"), [])
        self.assertEqual(self.b.ask("list", "union_org", "name=别的", "--state", "parked"), [])

        rehearsed = self.b.ask("resend", "--dry-run")
        self.assertEqual((rehearsed["resent"], rehearsed["parked"], rehearsed["change_set"]),
                         (1, 1, None))
        self.assertEqual(self.counts(self.b.status(expect=ATTENTION)), (1, 0, 0, 0))
        self.assertEqual(self.b.status()["unsent"], 0)
        self.assertEqual(self.b.ask("resend", "--state", "set_aside")["resent"], 0)
        sent = self.b.ask("resend")
        self.assertEqual((sent["resent"], sent["records"][0]["id"]), (1, self.union))
        self.assertEqual(self.b.ask("resend")["resent"], 0)
        self.assertIn(self.union, [row["id"] for row in self.b.ask("list", "--state", "unsent")])
        # It still does not fit, and says so again.
        self.assertEqual(self.counts(self.b.sync(expect=ATTENTION).json), (1, 0, 0, 0))
        self.assertIn(REASON, self.b.ask("list", "union_org", "--state", "parked")[0]["reason"])
        self.assertEqual(self.b.verdicts("union_org", self.union), ["superseded", "parked"])
        # Once it fits, the same command brings it through.
        self.a.set("union_org", self.union, staff_n=30)
        self.a.sync()
        self.b.sync(expect=ATTENTION)
        self.assertEqual(self.b.ask("resend", self.union, "--state", "parked")["resent"], 1)
        self.settle(self.b, self.a)
        self.assertEqual(self.district.show("union_org", self.union)["member_n"], 15)
        self.assertEqual(self.b.ask("list", "--state", "parked"), [])
        self.b.run("status", expect=DONE)
        self.district.verify()

    def test_what_is_sent_again_can_be_undone_as_one(self):
        self.park()
        self.a.set("union_org", self.union, staff_n=30)
        self.a.sync()
        self.b.sync(expect=ATTENTION)
        change_set = self.b.ask("resend")["change_set"]
        self.b.sync()
        self.assertEqual(self.b.ask("undo", change_set)["undone"], 1)
        self.settle(self.b, self.a)
        self.assertEqual(self.district.show("union_org", self.union)["member_n"], 5)

    def test_words_that_are_not_known(self):
        self.park()
        before = self.b.status(expect=ATTENTION)
        self.b.refuse("list", "union_org", "--state", "lost", code=MISUSE, names=["parked"])
        self.b.refuse("list", code=MISUSE, names=["--state"])
        self.b.refuse("resend", "--state", "held", code=MISUSE, names=["set_aside"])
        self.b.refuse("resend", "x", code=MISUSE)
        other = self.b.list("office")[0]["id"]
        self.b.refuse("resend", self.union, other, names=[other])
        self.b.refuse("resend", self.union, other, "--dry-run", names=[other])
        self.assertEqual(self.b.status(expect=ATTENTION), before)
        self.district.refuse("list", "union_org", "--state", "parked", code=MISUSE, names=["held"])

    # ---- Set aside ----

    def test_set_aside_is_counted_listed_and_sent_again(self):
        made, result = self.set_aside()
        self.assertEqual((self.counts(result.json), result.json["state"]),
                         ((0, 1, 0, 0), "attention"))
        self.assertEqual(self.counts(self.a.status(expect=ATTENTION)), (0, 1, 0, 0))
        self.assertEqual(self.a.ask("list", "--state", "parked"), [])
        [record] = self.a.ask("list", "union_org", "--state", "set_aside")
        self.assertEqual((record["id"], record["state"]), (made, "set_aside"))
        self.assertTrue(record["reason"])
        self.assertEqual(self.a.ask("list", "--state", "set_aside")[0]["id"], made)
        english = self.a.run("list", "--state", "set_aside", "--lang", "en")
        self.assertIn("only this PC", english.out)
        self.assertEqual(self.a.ask("resend", "--state", "parked")["resent"], 0)
        sent = self.a.ask("resend")
        self.assertEqual((sent["resent"], sent["set_aside"], sent["kept"]), (1, 1, 0))
        self.assertEqual(self.a.ask("resend")["resent"], 0)
        self.a.sync()
        self.assertEqual(self.counts(self.a.status(expect=DONE)), (0, 0, 0, 0))
        self.assertEqual(self.district.show("union_org", made)["name"], "只此一份工会")
        self.settle(self.a)
        self.district.verify()

    def settle(self, *offices, types=()):
        """Setting aside counts as a repair."""
        for office in offices + offices[:-1]:
            office.sync()
        for office in offices:
            self.assert_same(office, types)

    # ---- Cases, held ones apart ----

    def conflict(self):
        """The district and b know of different addresses."""
        self.district.set("union_org", self.union, address="文二路2号")
        self.b.set("union_org", self.union, address="文三路3号")
        return self.b.sync(expect=ATTENTION)

    def case(self, kind):
        [case] = [each["id"] for each in self.district.ask("case", "list") if each["kind"] == kind]
        return case

    def test_held_and_other_cases_are_told_apart(self):
        self.a.set("union_org", self.union, staff_n=30)
        self.settle(self.a, self.b)
        self.b.set("union_org", self.union, staff_n=40)
        self.b.sync()
        self.restore()  # what b's second number was laid on is a's to bring, who stays away
        result = self.b.sync(expect=ATTENTION)
        self.assertEqual((self.counts(result.json), result.json["state"]),
                         ((0, 0, 1, 0), "attention"))
        self.assertEqual(self.counts(self.conflict().json), (0, 0, 1, 1))
        self.assertEqual(self.counts(self.b.status(expect=ATTENTION)), (0, 0, 1, 1))
        held, case = self.case("等待前序改动"), self.case("字段冲突")
        for program in (self.b, self.district):
            for state, each, label in (("held", held, "等待前序改动"), ("case", case, "字段冲突")):
                [record] = program.ask("list", "union_org", "--state", state)
                self.assertEqual((record["id"], record["state"]), (self.union, state))
                self.assertIn(label, record["reason"])
                self.assertIn(each, record["reason"])
                [row] = program.ask("list", "--state", state)
                self.assertEqual((row["type"], row["id"]), ("union_org", self.union))
        self.assertIn("Waiting for an earlier change",
                      self.b.run("list", "--state", "held", "--lang", "en").out)
        document = self.district.ask("status", expect=ATTENTION)
        self.assertEqual((document["held"], document["cases"]), (1, 1))
        [gd, bs] = document["offices"]
        self.assertEqual([(office["held"], office["cases"]) for office in (gd, bs)],
                         [(1, 1), (0, 0)])
        for each in (held, case):
            self.district.run("case", "resolve", each, "current")
        self.b.sync()
        self.assertEqual(self.counts(self.b.status(expect=DONE)), (0, 0, 0, 0))

    def test_a_new_pc_of_an_office_with_cases_has_joined_all_the_same(self):
        self.conflict()
        late = Office(self, "GD", "late")
        result = late.join(self.district.invite("GD"), "--json", expect=DONE)
        self.assertEqual((result.json["cases"], result.json["state"]), (1, "attention"))
        self.assertNotIn("首次下载还没有完成", result.err)

    # ---- Deleted and left ----

    def test_deleted_ones_are_listed_by_their_state(self):
        gone = self.a.add_union("撤销的工会")
        self.a.delete("union_org", gone)
        self.assertEqual([record["name"] for record in self.a.list("union_org")], ["古荡甲厂工会"])
        [record] = self.a.ask("list", "union_org", "--state", "deleted")
        self.assertEqual((record["id"], record["state"]), (gone, "deleted"))
        self.a.sync()
        [record] = self.district.ask("list", "union_org", "--state", "deleted")
        self.assertEqual(record["id"], gone)
        self.assertEqual(len(self.district.list("union_org")), 1)


class FailedSyncs(World):
    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.a.add_union("甲工会")
        self.a.sync()

    def assert_failed(self, *words, lang="zh"):
        for more in (["--json"], []):
            result = self.a.run(*words, *more, "--lang", lang, expect=None)
            self.assertIn(result.code, (FAILED, ATTENTION), str(result))
            self.assertNotIn("in_sync", result.out + result.err, str(result))
        return result

    def assert_status_knows(self):
        status = self.a.status(expect=ATTENTION)
        self.assertNotEqual(status["state"], "in_sync")
        self.assertTrue(status["proven_at"])
        return status["state"]

    def test_without_the_district(self):
        self.a.run("status", expect=DONE)
        self.district.stop()
        self.assert_failed("sync", "--timeout", "1")
        self.assertEqual(self.assert_status_knows(), "offline")
        self.district.start()
        self.a.sync()
        self.a.run("status", expect=DONE)

    def test_with_a_district_that_hangs(self):
        self.district.process._child.send_signal(signal.SIGSTOP)
        try:
            self.assert_failed("sync", "--timeout", "2")
            self.assert_status_knows()
        finally:
            self.district.process._child.send_signal(signal.SIGCONT)

    def test_interrupted_and_killed(self):
        self.district.stop()
        for how in (signal.SIGTERM, signal.SIGKILL):
            self.district.start()
            self.a.sync()
            self.district.stop()
            process = Process(self, self.a.command("sync", "--json"), self.a.env)
            time.sleep(1)
            process._child.send_signal(how)
            process.wait()
            self.assertNotIn("in_sync", process.out_path.read_text())
            self.assertEqual(self.assert_status_knows(), "offline")
            self.processes.remove(process)

    def freeze(self, office):
        """Stop its `run`, and not while it writes: then nobody could note anything."""
        def stopped():
            office.process._child.send_signal(signal.SIGSTOP)
            books = sqlite3.connect(office.folder / "jielian.db", timeout=0.1,
                                    isolation_level=None)
            try:
                books.execute("BEGIN IMMEDIATE")
                books.execute("ROLLBACK")
                return True
            except sqlite3.OperationalError:
                office.process._child.send_signal(signal.SIGCONT)
                return False
            finally:
                books.close()
        wait_until("it stands still", stopped)

    def test_while_another_program_is_at_work_and_does_not_move(self):
        self.a.start()
        wait_until("proven", lambda: self.a.status()["state"] == "in_sync")
        self.freeze(self.a)
        try:
            self.assert_failed("sync", "--timeout", "1")
            self.assert_status_knows()
        finally:
            self.a.process._child.send_signal(signal.SIGCONT)
        wait_until("proven again", lambda: self.a.status()["state"] == "in_sync", 30)
        self.a.sync()
        self.a.stop()

    def test_while_another_program_is_at_work_without_the_district(self):
        self.a.start()
        wait_until("proven", lambda: self.a.status()["state"] == "in_sync")
        self.district.stop()
        self.assert_failed("sync", "--timeout", "1")
        self.assert_status_knows()
        self.a.stop()

    def test_suspended_and_revoked(self):
        self.district.run("device", "suspend", 1)
        self.assert_failed("sync", "--timeout", "5")
        self.assertEqual(self.assert_status_knows(), "suspended")
        self.district.run("device", "revoke", 1)
        self.assert_failed("sync", "--timeout", "10")
        self.assertEqual(self.assert_status_knows(), "revoked")

    def test_a_rebuild_that_can_not_prove(self):
        self.district.stop()
        self.assert_failed("rebuild")


class Folders(World):
    """Folders that can't be written, or not be read, of either side."""

    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.a.add_union("甲工会")
        self.a.sync()
        self.district.stop()

    def try_commands(self, program, commands, limit=None):
        """Without the superuser's rights, and no file longer than `limit`: each ends by itself, says
        why on stderr when it fails, and says nothing in between."""
        drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []

        def before():
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

        results = {}
        for words in commands:
            command = [*drop, *map(str, program.command(*words))]
            # SIGXFSZ stays ignored, as Python has it: writing beyond the limit is an error then.
            child = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                                   env=program.env, timeout=COMMAND_S, check=False,
                                   restore_signals=False, preexec_fn=before)
            result = Result(command, child.returncode, child.stdout.decode("utf-8", "replace"),
                            child.stderr.decode("utf-8", "replace"))
            self.assertIn(result.code, (DONE, FAILED, MISUSE, ATTENTION), f"a crash\n{result}")
            if result.code in (FAILED, MISUSE):
                self.assertTrue(result.err.strip(), f"no message\n{result}")
                self.assertNotIn("in_sync", result.out)
            results[words[0]] = result
        return results

    OFFICE = (["verify"], ["status"], ["list", "union_org"], ["resend"], ["rebuild"],
              ["sync", "--timeout", "1"], ["run"],
              ["add", "union_org", "name=乙工会", "org_kind=独立基层工会", "founded_on=2018-05-01",
               "status=已建"])
    DISTRICT = (["verify"], ["status"], ["list", "union_org"], ["device", "list"],
                ["office", "add", "CY", "朝阳街道总工会"])

    def sides(self):
        return ((self.a, self.OFFICE), (self.district, (*self.DISTRICT,
                                                        self.district.serve_command()[1:])))

    def forget_wal(self, program):
        for name in ("jielian.db-wal", "jielian.db-shm"):
            (program.folder / name).unlink(missing_ok=True)

    def with_mode(self, program, path, mode, commands):
        os.chmod(path, mode)
        try:
            return self.try_commands(program, commands)
        finally:
            os.chmod(path, 0o700)

    def test_a_folder_that_can_only_be_read(self):
        for program, commands in self.sides():
            self.forget_wal(program)
            for words, result in self.with_mode(program, program.folder, 0o500,
                                                commands).items():
                self.assertEqual(result.code, FAILED, f"{words}: {result}")
                self.assertIn("权限", result.err, str(result))
        self.district.start()
        self.a.sync()

    def test_a_file_that_can_only_be_read(self):
        for program, commands in self.sides():
            self.forget_wal(program)
            results = self.with_mode(program, program.folder / "jielian.db", 0o400,
                                     [words for words in commands if words[0] != "rebuild"])
            for words in ("verify", "list"):
                self.assertEqual(results[words].code, DONE, str(results[words]))
            for words in ("add", "office", "resend", "sync", "run", "serve"):
                if words in results:
                    self.assertEqual(results[words].code, FAILED, str(results[words]))
                    self.assertIn("jielian.db", results[words].err)

    def test_files_that_can_not_be_read(self):
        for name in ("jielian.db", "jielian.db-wal", "jielian.db-shm", "keys"):
            for program, commands in self.sides():
                path = program.folder / name
                path.touch()
                for words, result in self.with_mode(program, path, 0, commands).items():
                    self.assertEqual(result.code, FAILED, f"{name}: {words}: {result}")
                os.chmod(path, 0o600)
                self.forget_wal(program)

    def test_a_full_disk(self):
        for program, commands in self.sides():
            self.forget_wal(program)
            for limit in (0, 4096, 40000):
                results = self.try_commands(program, [words for words in commands
                                                      if words[0] not in ("run", "serve")], limit)
                if limit == 0:
                    for words in ("verify", "status", "list"):
                        self.assertEqual(results[words].code, FAILED, str(results[words]))
            self.forget_wal(program)
        self.district.start()
        self.a.sync()
        self.a.run("verify")

    def test_a_folder_of_the_other_side_or_of_nobody(self):
        stranger = self.folder / "stranger"
        stranger.mkdir()
        for program, folder, name in ((self.a, self.district.folder, "jielian-district"),
                                      (self.district, self.a.folder, "office"),
                                      (self.a, stranger, "stranger"),
                                      (self.district, stranger, "stranger")):
            twin = type(program).__new__(type(program))
            twin.__dict__.update(program.__dict__, folder=folder)
            for words in (["verify"], ["status"]):
                result = self.try_commands(twin, [words])[words[0]]
                self.assertIn(result.code, (FAILED, MISUSE), str(result))
                self.assertNotIn("rebuild", result.err, str(result))
                if words == ["verify"]:
                    self.assertIn(name, result.err, str(result))


if __name__ == "__main__":
    unittest.main()
