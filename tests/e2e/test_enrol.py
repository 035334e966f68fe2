"""From nothing to an enrolled PC, and every wrong way there: a clear message, a proper exit code,
nothing changed."""

import hashlib
import re
import shutil
import sqlite3
import time
import unittest

from jielian import ATTENTION, DONE, FAILED, MISUSE, District, Office, Process, wait_until
from world import World


def reseal(text):
    """An invitation's text with a sum that fits what was changed in it."""
    head = text[:text.index("sum=")]
    if head.startswith("jielian invitation v1 s2\n"):  # e2e.second_enrol
        digest = hashlib.sha3_256(b"jielian s2 " + head.encode())
    else:
        digest = hashlib.sha256(head.encode())
    return head + "sum=" + digest.hexdigest()[:16] + "\n"


class Enrol(World):
    def test_a_pc_joins_and_is_proven_identical(self):
        office = Office(self, "GD", "pc")
        answer = office.ask("join", self.district.invite("GD"))
        self.assertEqual((answer["office"], answer["state"]), ("GD", "in_sync"))
        self.assertEqual({r["code"] for r in office.list("office")}, {"GD", "BS"})
        device = self.district.device("GD", answer["device"])
        self.assertEqual((device["state"], device["unsent"]), ("in_sync", 0))
        self.assertIsNotNone(device["proven_at"])
        [listed] = self.district.ask("device", "list")
        self.assertEqual((listed["id"], listed["state"]), (answer["device"], "active"))
        # Keys are for their owner only, and the invitation for one person.
        self.assertEqual((office.folder / "keys").stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.district.folder / "keys").stat().st_mode & 0o777, 0o600)

    def test_an_invitation_is_a_private_file_and_is_not_overwritten(self):
        path = self.district.invite("GD")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        text = path.read_text()
        self.district.refuse("invite", "GD", "--endpoint", self.district.endpoint, "--out", path,
                             code=None, names=[path])
        self.assertEqual(path.read_text(), text)
        self.district.refuse("invite", "XX", "--endpoint", self.district.endpoint, "--out",
                             self.folder / "xx", code=None, names=["XX"])
        self.district.refuse("invite", "GD", "--endpoint", "127.0.0.1:7800", "--out",
                             self.folder / "xx", code=MISUSE, names=["tcp://"])
        self.assertFalse((self.folder / "xx").exists())

    def refuse_join(self, office, path, names=(), code=FAILED):
        office.refuse("join", path, "--timeout", "5", code=code, names=names)
        self.assertFalse(office.folder.exists(), "a failed join leaves no folder")

    def test_a_used_invitation(self):
        path = self.district.invite("GD")
        Office(self, "GD", "first").join(path)
        self.refuse_join(Office(self, "GD", "second"), path, ["邀请"])
        self.assertEqual(len(self.district.ask("device", "list")), 1)

    def test_an_expired_invitation(self):
        path = self.district.invite("GD")
        late = reseal(re.sub(r"expires=\d+", "expires=1600000000000", path.read_text()))
        self.refuse_join(Office(self, "GD", "pc"), self.write("late.invite", late), ["2020", "过期"])
        Office(self, "GD", "pc").join(path)  # the real one still works

    def test_the_district_itself_counts_the_time(self):
        path = self.district.invite("GD")
        self.district.stop()
        with sqlite3.connect(self.district.folder / "jielian.db") as books:
            books.execute("UPDATE invitation SET expires_ms = ?", (int(time.time() * 1000),))
        books.close()
        self.district.start()
        self.refuse_join(Office(self, "GD", "pc"), path, ["邀请"])

    def test_an_invitation_of_another_district(self):
        other = District(self, "other")
        other.init()
        other.run("office", "add", "GD", "古荡街道总工会")
        path = other.invite("GD")
        # It leads to our address with another district's key, so no handshake is ever finished.
        moved = reseal(path.read_text().replace(other.endpoint, self.district.endpoint))
        self.refuse_join(Office(self, "GD", "pc"), self.write("moved.invite", moved))

    def test_a_cut_off_invitation(self):
        text = self.district.invite("GD").read_text()
        office = Office(self, "GD", "pc")
        for size in (30, len(text) // 2, len(text) - 3):
            self.refuse_join(office, self.write("cut.invite", text[:size]), ["cut.invite"])

    def test_a_changed_invitation(self):
        text = self.district.invite("GD").read_text()
        for old, new in (("古荡", "古当"), ("tcp://127", "tcp://128"), ("v1", "v9")):
            self.refuse_join(Office(self, "GD", "pc"),
                             self.write("changed.invite", text.replace(old, new)),
                             ["changed.invite"])

    def test_what_is_no_invitation(self):
        office = Office(self, "GD", "pc")
        for data in (b"", b"hello\n", bytes(range(256)) * 20, b"PK\x03\x04" + b"\0" * 400):
            self.refuse_join(office, self.write("junk.invite", data), ["junk.invite"])
        self.refuse_join(office, self.folder / "absent.invite", ["absent.invite"])

    def test_an_invitation_survives_a_mail_program(self):
        text = self.district.invite("GD").read_text().replace("\n", "\r\n")
        Office(self, "GD", "pc").join(self.write("mail.invite", "\ufeff" + text + "\r\n"))

    def test_join_twice_into_one_folder(self):
        office = self.pc("GD", "pc")
        union = office.add_union("古荡甲厂工会")
        before = office.list("union_org")
        office.refuse("join", self.district.invite("BS"), names=[office.folder])
        self.assertEqual(office.list("union_org"), before)
        office.sync()
        self.assertEqual(self.district.show("union_org", union)["name"], "古荡甲厂工会")

    def test_join_without_a_district(self):
        path = self.district.invite("GD")
        self.district.stop()
        started = time.monotonic()
        office = Office(self, "GD", "pc")
        office.refuse("join", path, "--timeout", "2", names=[self.district.endpoint])
        self.assertLess(time.monotonic() - started, 15)
        self.assertFalse(office.folder.exists())
        self.district.start()
        office.join(path)  # nothing was used up

    def test_join_needs_a_place(self):
        path = self.district.invite("GD")
        Office(self, "GD", "no/such/place").refuse("join", path, code=MISUSE)
        taken = self.write("file", "")
        Office(self, "GD", taken).refuse("join", path, code=None, names=[taken])
        result = self.execute([Office.binary, "join", path], MISUSE, self.env)
        self.assertIn("--data", result.err)


class Folders(World):
    def test_commands_before_joining(self):
        office = Office(self, "GD", "pc")
        for words in (["list", "member"], ["sync"], ["run"], ["status"],
                      ["add", "member", "name=张三"]):
            office.refuse(*words, code=None, names=[office.folder])
        self.assertFalse(office.folder.exists())
        District(self, "empty").refuse("status", code=None, names=["empty"])

    def test_init_twice(self):
        self.district.refuse("init", code=None, names=[self.district.folder])
        self.district.refuse("office", "add", "GD", "又一个", names=["GD"])
        self.district.refuse("office", "add", "gd!", "小写", code=MISUSE)
        self.assertEqual(len(self.district.ask("office", "list")), 2)

    def test_a_passphrase(self):
        right, wrong = self.write("right", "春风十里\n"), self.write("wrong", "秋水共长天\n")
        office = Office(self, "GD", "pc")
        office.join(self.district.invite("GD"), "--passphrase-file", right)
        self.assertNotIn("curve=", (office.folder / "keys").read_text())
        office.refuse("list", "office", names=["passphrase"])
        office.refuse("list", "office", "--passphrase-file", wrong, names=["passphrase"])
        office.refuse("list", "office", "--passphrase-file", self.folder / "gone", code=None,
                      names=["gone"])
        office.run("list", "office", "--passphrase-file", right)
        office.env["JIELIAN_PASSPHRASE_FILE"] = str(right)
        office.sync()

    def test_a_folder_of_the_other_program(self):
        office = self.pc("GD", "pc")
        asked = Office(self, "GD", self.district.folder)
        for words in (["list", "member"], ["sync"], ["status"]):
            asked.refuse(*words, code=None, names=["district"])
        District(self, office.folder).refuse("status", code=None, names=["office"])
        office.sync()

    def test_a_folder_of_another_program_altogether(self):
        office = self.pc("GD", "pc")
        (office.folder / "jielian.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
        office.refuse("list", "member", code=None, names=["jielian.db"])
        (office.folder / "jielian.db").write_bytes(b"hello")
        office.refuse("list", "member", code=None, names=["jielian.db"])
        (office.folder / "keys").write_bytes(b"hello")
        office.refuse("list", "member", code=None, names=["key"])

    def test_books_of_a_newer_program(self):
        office = self.pc("GD", "pc")
        self.district.stop()
        for program in (office, self.district):
            path = program.folder / "jielian.db"
            books = sqlite3.connect(path)
            [version] = books.execute("PRAGMA user_version").fetchone()
            books.execute(f"PRAGMA user_version = {version + 1}")
            books.close()
            program.refuse("list", "member", code=None, names=["新版程序"])
            if program is office:
                program.refuse("sync", code=None, names=["新版程序"])
            else:
                program.refuse("serve", "--sync", self.district.endpoint, code=None,
                               names=["新版程序"])
            books = sqlite3.connect(path)
            books.execute(f"PRAGMA user_version = {version}")
            books.close()
        self.district.start()
        office.sync()

    def test_one_run_and_one_serve_on_a_folder(self):
        office = self.pc("GD", "pc")
        office.start()
        office.refuse("run", names=[office.folder])
        second = [*self.district.command("serve", "--sync", "tcp://127.0.0.1:0")]
        result = self.execute(second, FAILED, self.env)
        self.assertIn(str(self.district.folder), result.err)
        # Both first ones go on.
        office.add_union("古荡甲厂工会")
        office.sync()
        office.stop()
        # A killed run leaves nothing that hinders the next.
        office.start()
        office.kill()
        office.start()
        office.stop()

    def test_a_port_in_use(self):
        other = District(self, "other")
        other.init()
        port = self.district.port
        result = other.refuse("serve", "--sync", f"tcp://127.0.0.1:{port}", code=FAILED,
                              names=[port])
        self.assertNotIn("tcp://127.0.0.1:0", result.err)
        other.refuse("serve", "--sync", other.endpoint, "--http",
                     f"127.0.0.1:{self.district.http_port}", code=FAILED,
                     names=[self.district.http_port])
        other.refuse("serve", "--sync", "7800", code=MISUSE, names=["7800"])
        other.refuse("serve", "--sync", other.endpoint, "--http", "no-such-host.invalid:1",
                     code=None)
        other.start()
        other.stop()

    def test_a_join_that_was_cut_off_goes_on(self):
        path = self.district.invite("GD")
        for delay in (0.02, 0.05, 0.1, 0.2, 0.4):
            office = Office(self, "GD", "pc")
            process = Process(self, office.command("join", path), self.env)
            time.sleep(delay)
            process.kill()
        office.join(path) if not (office.folder / "jielian.db").exists() else office.sync()
        office.sync()
        self.assertEqual(len(self.district.ask("device", "list")), 1)
        self.assertEqual(len(office.list("office")), 2)

    def test_an_answer_that_was_lost_is_given_again(self):
        path = self.district.invite("GD")
        self.district.stop()
        office = Office(self, "GD", "pc")
        process = Process(self, office.command("join", path), self.env)
        wait_until("its keys are made", (office.folder / "joining" / "keys").exists)
        process.kill()
        shutil.copytree(office.folder, self.folder / "lost")
        self.district.start()
        office.join(path)
        shutil.rmtree(office.folder)  # as if this answer had never come
        shutil.move(self.folder / "lost", office.folder)
        time.sleep(1.5)  # the district has forgotten the invitation's key by now
        office.join(path)
        self.assertEqual(len(self.district.ask("device", "list")), 1)

    def test_a_moved_folder_works(self):
        office = self.pc("GD", "pc")
        office.add_union("古荡甲厂工会")
        shutil.move(office.folder, self.folder / "moved")
        office.folder = self.folder / "moved"
        office.sync()
        self.assert_same(office)

    def test_sync_without_a_district_says_so_and_keeps_everything(self):
        office = self.pc("GD", "pc")
        self.district.stop()
        office.add_union("古荡甲厂工会")
        result = office.sync(expect=ATTENTION, timeout=2)
        self.assertIn(self.district.endpoint, result.err)
        status = office.status(expect=ATTENTION)
        self.assertEqual((status["state"], status["unsent"]), ("unsent", 1))
        self.district.start()
        office.sync(expect=DONE)
        self.assert_same(office)


if __name__ == "__main__":
    unittest.main()
