"""Who was let in, and under which number, survives a restore: revoked PCs stay out, used invitations
stay used, PCs and offices that came after the backup are there again with their numbers, no number
is given out twice. Without the log everything is locked until a person confirms."""

import shutil
import unittest

from jielian import ATTENTION, MISUSE, District, Office
from lost import DEVICES_GAP, OFFICES_GAP, Lost
from people import id_no
from world import World


class Known(Lost):
    def test_a_pc_that_was_revoked_after_the_backup_stays_out(self):
        self.back_up()
        self.district.run("device", "revoke", 2)
        self.district.run("device", "suspend", 3)
        self.b.add_union("不该进来的工会")
        told = self.restore()
        self.assertEqual(told["admissions"]["known"], True)
        self.assertEqual(told["admissions"]["revoked"], 1)
        self.assertEqual(self.states(), {1: "active", 2: "revoked", 3: "suspended"})
        result = self.b.sync(expect=ATTENTION)
        self.assertEqual(result.json["state"], "revoked")
        self.assertIn("注销", result.err)
        self.assertEqual(self.district.list("union_org"), [])
        self.district.run("device", "resume", 3)
        self.same(self.a, self.c)

    def test_an_invitation_that_was_used_after_the_backup_stays_used(self):
        before, open_one = self.district.invite("GD"), self.district.invite("GD")
        self.back_up()
        after = self.district.invite("GD")
        Office(self, "GD", "d").join(before)
        Office(self, "GD", "e").join(after)
        self.restore()
        for path in (before, after):
            Office(self, "GD", "again").refuse("join", path, "--timeout", "5", names=["邀请"])
        Office(self, "GD", "f").join(open_one)
        late = self.district.invite("BS")
        self.restore()
        Office(self, "BS", "g").join(late)  # made after a restore, unused: still good

    def test_a_pc_that_joined_after_the_backup_delivers_its_work(self):
        self.back_up()
        d = self.pc("GD", "d")
        confirmed, unsent = d.add_union("丁工会"), None
        d.sync()
        unsent = d.add_union("丁工会未发送")
        told = self.restore()
        self.assertEqual(told["admissions"]["devices"], 1)
        status = self.district.ask("status", expect=ATTENTION)
        self.assertEqual(status["restored"]["missing"], [1, 2, 4, 3])  # by office
        self.assertEqual(self.district.device("GD", 4)["state"], "offline")
        d.sync()
        self.assertEqual({each["id"] for each in self.district.list("union_org")},
                         {confirmed, unsent})
        self.assertEqual(self.district.ask("status", expect=None)["restored"]["missing"],
                         [1, 2, 3])
        self.same(self.a, self.b, self.c, d)
        self.check_gap(self.number(self.pc("GD", "e")), 4, DEVICES_GAP)

    def test_an_office_that_came_after_the_backup_keeps_its_number(self):
        self.back_up()
        self.district.run("office", "add", "CY", "长庆街道总工会")
        e = self.pc("CY", "e")
        union = e.add_union("长庆甲厂工会")
        member = e.add_member(union, "张三", id_no(1))
        e.sync()
        [office] = [each["id"] for each in self.district.list("office") if each["code"] == "CY"]
        told = self.restore()
        self.assertEqual((told["admissions"]["offices"], told["admissions"]["devices"]), (1, 1))
        self.assertEqual([(each["code"], each["id"]) for each in self.district.list("office")
                          if each["code"] == "CY"], [("CY", office)])
        self.district.refuse("office", "add", "CY", "别的", names=["CY"])
        self.district.run("office", "add", "WX", "文晖街道总工会")
        offices = {each["code"]: each["number"] for each in self.district.ask("office", "list")}
        self.check_gap(offices.pop("WX"), 3, OFFICES_GAP)
        self.assertEqual(offices, {"GD": 1, "BS": 2, "CY": 3})
        e.sync()
        self.assertEqual(self.district.show("member", member)["org"], union)
        self.assertEqual(self.district.list("union_org", "office=CY")[0]["id"], union)
        self.assertEqual(self.district.list("union_org", "office=WX"), [])
        self.same(self.a, self.b, self.c, e)

    def test_restored_twice_with_a_pc_in_between(self):
        self.back_up()
        d = self.pc("GD", "d")
        d.add_union("丁工会")
        d.sync()
        self.restore()
        d.sync()
        e = self.pc("GD", "e")
        number = self.number(e)
        e.add_union("戊工会")
        e.sync()
        self.district.run("device", "revoke", 2)
        told = self.restore()
        self.assertEqual(told["admissions"]["devices"], 2)
        self.assertEqual(self.states(),
                         {1: "active", 2: "revoked", 3: "active", 4: "active", number: "active"})
        self.b.sync(expect=ATTENTION)
        self.same(self.a, self.c, d, e)
        self.assertEqual(len(self.district.list("union_org")), 2)
        self.assertGreaterEqual(self.number(self.pc("GD", "f")), number + 1 + DEVICES_GAP)

    def test_restored_twice_in_a_row(self):
        self.back_up()
        d = self.pc("GD", "d")
        d.add_union("丁工会")
        d.sync()
        self.district.run("device", "revoke", 3)
        self.restore()
        self.restore()
        self.assertEqual(self.states(), {1: "active", 2: "active", 3: "revoked", 4: "active"})
        self.same(self.a, self.b, d)

    def test_the_folders_own_log_serves_when_the_backups_is_gone(self):
        self.back_up()
        d = self.pc("GD", "d")
        self.district.run("device", "revoke", 2)
        self.district.kill()
        self.beside(".admissions").unlink()
        kept = self.log.read_bytes()
        shutil.rmtree(self.district.folder)
        self.district.folder.mkdir()
        self.log.write_bytes(kept)
        told = self.district.ask("restore", self.backup)
        self.assertEqual((told["admissions"]["known"], told["admissions"]["devices"]), (True, 1))
        self.district.start()
        self.assertEqual(self.states(), {1: "active", 2: "revoked", 3: "active", 4: "active"})
        self.same(self.a, self.c, d)

    def test_the_newer_of_two_logs_counts(self):
        self.back_up()
        old = self.beside(".admissions").read_bytes()
        self.district.run("device", "revoke", 2)
        self.district.kill()
        kept = self.log.read_bytes()
        self.beside(".admissions").write_bytes(old)  # as if it could not be reached since
        shutil.rmtree(self.district.folder)
        self.district.folder.mkdir()
        self.log.write_bytes(kept)
        self.district.run("restore", self.backup)
        self.district.start()
        self.assertEqual(self.states(), {1: "active", 2: "revoked", 3: "active"})

    def test_an_exercise_leaves_the_backups_log_alone(self):
        self.back_up()
        drill = District(self, "drill")
        drill.run("restore", self.backup)
        before = self.beside(".admissions").read_bytes()
        drill.run("device", "revoke", 1)
        drill.run("office", "add", "XX", "演练")
        self.assertEqual(self.beside(".admissions").read_bytes(), before)
        self.district.run("device", "revoke", 2)
        self.restore()
        self.assertEqual(self.states(), {1: "active", 2: "revoked", 3: "active"})


class Locked(Lost):
    def test_without_a_log_everything_waits_for_a_person(self):
        path = self.district.invite("GD")
        self.back_up()
        self.district.run("device", "revoke", 2)
        union = self.a.add_union("甲工会")
        told = self.forget()
        self.assertEqual(told["admissions"], {"known": False, "until": None, "offices": 0,
                                              "devices": 0, "revoked": 0, "locked": 3, "voided": 1,
                                              "accounts": 0})
        self.assertEqual(set(self.states().values()), {"suspended"})
        Office(self, "GD", "d").refuse("join", path, "--timeout", "5", names=["邀请"])
        self.assertEqual(self.a.sync(expect=ATTENTION).json["state"], "suspended")
        self.assertEqual(self.district.list("union_org"), [])
        text = self.district.run("status", expect=ATTENTION)
        self.assertIn("device resume all", text.out)
        self.district.run("device", "revoke", 2)
        self.assertEqual(self.district.ask("device", "resume", "all"),
                         {"resumed": 2, "state": "active"})
        self.assertEqual(self.states(), {1: "active", 2: "revoked", 3: "active"})
        self.same(self.a, self.c)
        self.assertEqual(self.district.list("union_org")[0]["id"], union)

    def test_one_is_let_in_and_the_others_wait(self):
        self.back_up()
        self.forget()
        self.district.run("device", "resume", 1)
        self.assertEqual(self.states(), {1: "active", 2: "suspended", 3: "suspended"})
        self.a.sync()

    def test_only_the_restores_own_lock_is_taken_off_by_all(self):
        self.district.run("device", "suspend", 2)  # somebody's decision, before the backup
        self.settle(self.a, self.c)
        self.backup = self.folder / "backup.db"
        self.district.run("backup", self.backup)
        self.forget()
        self.district.run("device", "resume", 3)
        self.district.run("device", "suspend", 3)  # and this one after the restore
        self.assertEqual(self.district.ask("device", "resume", "all")["resumed"], 1)
        self.assertEqual(self.states(), {1: "active", 2: "suspended", 3: "suspended"})
        self.assertEqual(self.district.ask("device", "resume", "all")["resumed"], 0)

    def test_a_log_that_is_older_than_the_backup_locks_too(self):
        self.back_up("first.db")
        old = self.beside(".admissions").read_bytes()
        self.district.run("device", "suspend", 2)
        self.district.run("device", "resume", 2)
        self.back_up("second.db")
        self.beside(".admissions").write_bytes(old)
        told = self.restore()
        self.assertFalse(told["admissions"]["known"])
        self.assertEqual(set(self.states().values()), {"suspended"})

    def test_numbers_keep_away_from_those_that_are_lost(self):
        self.back_up()
        self.pc("GD", "d")
        self.district.run("office", "add", "CY", "长庆街道总工会")
        self.forget()
        self.district.run("office", "add", "WX", "文晖街道总工会")
        offices = {each["code"]: each["number"] for each in self.district.ask("office", "list")}
        self.check_gap(offices["WX"], 2, OFFICES_GAP)
        self.check_gap(self.number(self.pc("GD", "e")), 3, DEVICES_GAP)


class Accounts(Lost):
    """Passwords, roles and people go back with the books, so none is good until a person says so."""

    def setUp(self):
        super().setUp()
        self.password = self.write("password", "春风十里扬州路\n")
        self.private.add("春风十里扬州路")
        for login, name, role in (("lisi", "李四", "clerk"), ("wangwu", "王五", "district"),
                                  ("qianqi", "钱七", "operator")):
            self.district.run("user", "add", login, name, "--role", role, "--password-file",
                              self.password)
        self.same(self.a, self.b, self.c)

    def locked(self, side):
        return {each["login"] for each in side.list("staff") if each["locked"]}

    def test_all_are_locked_until_a_person_confirms(self):
        self.back_up()
        self.district.run("user", "passwd", "lisi", "--password-file", self.password)
        [gone] = [each["id"] for each in self.district.list("staff")
                  if each["login"] == "qianqi"]
        self.district.run("delete", "staff", gone)
        self.a.sync()
        told = self.restore()
        self.assertEqual(told["admissions"]["known"], True)
        self.assertEqual(told["admissions"]["accounts"], 3)
        self.same(self.a, self.b, self.c)
        self.assertEqual(self.locked(self.a), {"lisi", "wangwu", "qianqi"})
        text = self.district.run("status", expect=ATTENTION).out
        self.assertIn("user confirm", text)
        self.district.refuse("user", "confirm", code=MISUSE, names=["--all"])
        self.district.refuse("user", "confirm", "lisi", "--all", code=MISUSE, names=["--all"])
        self.district.refuse("user", "confirm", "nobody", names=["nobody"])
        # A new password says nothing of the role.
        self.assertIn("user confirm lisi", self.district.run(
            "user", "passwd", "lisi", "--password-file", self.password).err)
        self.district.run("delete", "staff", gone)
        self.assertEqual(self.locked(self.district), {"lisi", "wangwu"})
        [row] = self.district.ask("user", "confirm", "lisi")
        self.assertEqual((row["login"], row["name"], row["role"]), ("lisi", "李四", "经办"))
        self.district.refuse("user", "confirm", "lisi", names=["lisi"])
        self.district.refuse("user", "confirm", "qianqi", names=["qianqi"])
        self.assertEqual([each["login"] for each in self.district.ask("user", "confirm", "--all")],
                         ["wangwu"])
        self.assertEqual(self.district.ask("user", "confirm", "--all"), [])
        self.same(self.a, self.b, self.c)
        self.assertEqual(self.locked(self.a), set())
        self.district.run("verify")

    def test_restored_again_they_are_locked_again(self):
        self.back_up()
        self.restore()
        self.district.run("user", "confirm", "--all")
        self.district.run("backup", self.folder / "later.db")
        self.backup = self.folder / "later.db"
        self.assertEqual(self.restore()["admissions"]["accounts"], 3)
        self.district.run("verify")

    def test_without_a_log_too(self):
        self.back_up()
        self.assertEqual(self.forget()["admissions"]["accounts"], 3)
        self.district.run("device", "resume", "all")
        self.district.run("user", "confirm", "--all")
        self.same(self.a, self.b, self.c)
        self.assertEqual(self.locked(self.a), set())


class Log(Lost):
    def test_it_is_private_and_names_no_secret(self):
        self.assertEqual(self.log.stat().st_mode & 0o777, 0o600)
        self.back_up()
        self.assertEqual(self.beside(".admissions").stat().st_mode & 0o777, 0o600)
        text = self.log.read_text()
        self.assertEqual(text.split()[:3], ["jielian", "admissions", "v1"])
        for line in (self.district.folder / "keys").read_text().splitlines():
            if not line.startswith("public=") and "=" in line:
                self.assertNotIn(line.split("=")[1], text)

    def test_a_torn_line_is_passed_over_and_mended_by_the_next(self):
        with open(self.log, "ab") as log:
            log.write(b"99 1790000000000 state 1 revo")
        self.district.run("device", "suspend", 1)
        self.assertNotIn("revo", self.log.read_text())
        self.back_up_all_but_a()
        self.restore()
        self.assertEqual(self.states()[1], "suspended")

    def back_up_all_but_a(self):
        self.backup = self.folder / "backup.db"
        self.district.run("backup", self.backup)

    def test_damage_names_the_line_and_the_way_out(self):
        lines = self.log.read_text().splitlines(keepends=True)
        self.back_up()
        for n, bad in ((2, lines[2].replace("BS", "BT")), (1, ""), (0, "jielian admissions v2\n")):
            self.log.write_text("".join([*lines[:n], bad, *lines[n + 1:]]))
            for words in (["office", "add", "XX", "某街道"], ["device", "suspend", 1],
                          ["backup", self.folder / "other.db"]):
                self.district.refuse(*words, names=[self.log, f"第 {n + 1} 行"])
            self.assertFalse((self.folder / "other.db").exists())
        self.log.unlink()
        self.district.run("device", "suspend", 1)
        self.assertIn("suspended", self.log.read_text())
        bad = self.beside(".admissions").read_text().replace(" office 2 BS", " office 2 BT")
        self.beside(".admissions").write_text(bad)
        self.district.kill()
        shutil.rmtree(self.district.folder)
        self.district.refuse("restore", self.backup, names=["admissions", "第 3 行"])
        self.assertEqual(list(self.district.folder.iterdir()), [])

    def test_another_districts_log_is_refused_by_name(self):
        other = District(self, "other")
        other.init()
        self.back_up()
        self.die()
        self.district.folder.mkdir()
        shutil.copy(other.folder / "admissions", self.log)
        self.district.refuse("restore", self.backup, names=[self.log])
        self.log.unlink()
        shutil.copy(other.folder / "admissions", self.beside(".admissions"))
        self.district.refuse("restore", self.backup, names=[self.beside(".admissions")])

    def test_a_folder_of_an_earlier_program_gets_one(self):
        self.district.stop()
        whole = self.log.read_text()
        self.log.unlink()
        self.district.start()
        self.assertEqual([line.split()[2:-1] for line in whole.splitlines()[1:]
                          if " device " in line],
                         [line.split()[2:-1] for line in self.log.read_text().splitlines()[1:]
                          if " device " in line])
        self.back_up()
        d = self.pc("GD", "d")
        self.restore()
        self.same(self.a, self.b, self.c, d)

    def test_every_backup_that_can_be_reached_gets_what_comes(self):
        paths = []
        for n in range(6):
            self.back_up(f"{n}.db")
            paths.append(self.beside(".admissions"))
        sizes = [path.stat().st_size for path in paths]
        paths[3].rename(self.folder / "away")
        paths[4].write_text("junk\n")
        self.district.run("device", "suspend", 1)
        self.assertEqual([path.exists() and path.stat().st_size > size
                          for path, size in zip(paths, sizes)],
                         [False, False, True, False, False, True])
        backups = self.district.ask("status", expect=None)["backups"]
        self.assertEqual([(each["path"], each["admissions_until"] is not None)
                          for each in backups],
                         [(str(paths[n]), n in (2, 5)) for n in (5, 4, 3, 2)])
        (self.folder / "away").rename(paths[3])  # it is there again: the next event brings all
        self.district.run("device", "resume", 1)
        self.assertIn("active", paths[3].read_text())
        text = self.pc("GD", "d") and paths[3].read_text()  # by `serve`, too
        self.assertIn(" device 4 ", text)

    def test_what_is_in_the_way_of_a_backup(self):
        self.back_up()
        spare = self.folder / "spare.db"
        (self.folder / "spare.db.admissions").touch()
        self.district.refuse("backup", spare, names=["spare.db.admissions"])
        self.assertFalse(spare.exists())


class Codes(World):
    def codes(self):
        return {each["code"]: each["number"] for each in self.district.ask("office", "list")}

    def office(self, code):
        return next(each["id"] for each in self.district.list("office") if each["code"] == code)

    def test_a_code_is_given_to_one_office_only(self):
        self.district.run("office", "add", "CY", "长庆街道总工会")
        self.district.delete("office", self.office("CY"))
        self.district.refuse("office", "add", "CY", "另一个街道", names=["CY", "3"])
        self.district.set("office", self.office("BS"), code="BX")
        self.district.refuse("office", "add", "BS", "另一个街道", names=["BS", "BX"])
        self.district.run("office", "add", "WX", "文晖街道总工会")
        for code in ("CY", "BS", "GD"):
            self.district.refuse("set", "office", self.office("WX"), f"code={code}", names=[code])
        self.district.set("office", self.office("BX"), code="BS")  # its own is always its own
        self.district.set("office", self.office("BS"), code="BX")
        self.assertEqual(self.codes(), {"GD": 1, "BX": 2, "WX": 4})

    def test_a_deleted_offices_number_is_gone_even_without_a_log(self):
        self.district.run("office", "add", "CY", "长庆街道总工会")
        self.district.delete("office", self.office("CY"))
        (self.district.folder / "admissions").unlink()
        self.district.run("office", "add", "WX", "文晖街道总工会")
        self.assertEqual(self.codes()["WX"], 4)

    def test_a_code_that_the_books_have_lost_gets_its_number_back(self):
        backup = self.folder / "backup.db"
        self.district.run("backup", backup)
        self.district.run("office", "add", "CY", "长庆街道总工会")
        self.district.set("office", self.office("CY"), code="CZ")
        self.district.kill()
        shutil.rmtree(self.district.folder)
        self.district.run("restore", backup)
        self.assertEqual(self.codes(), {"GD": 1, "BS": 2, "CZ": 3})
        self.district.refuse("office", "add", "CY", "另一个街道", names=["CY", "CZ"])

    def test_what_is_no_device(self):
        for words in (["device", "resume", "alle"], ["device", "suspend", "all"],
                      ["device", "revoke", "all"]):
            self.district.refuse(*words, code=MISUSE, names=[words[-1]])


if __name__ == "__main__":
    unittest.main()
