"""Keys belong to books. Another folder's keys, and another backup's, are refused by name before
anything is changed; what is missing, closed, damaged or under a passphrase is told apart, and only
an empty folder is advised to join or init. Folders of earlier programs, whose books hold no
fingerprint, are asked by what they sealed, and hold one afterwards."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import sqlite3
import subprocess
import unittest

from jielian import COMMAND_S, FAILED, District, Office, Result
from world import World

PASSPHRASE = "马年大吉 2026"

DISTRICT_READS = (("status",), ("office", "list"), ("list", "office"), ("device", "list"),
                  ("catalogue", "show"), ("case", "list"), ("verify",), ("report",),
                  ("quarantine", "list"))
DISTRICT_WRITES = (("office", "add", "WX", "文新街道总工会"), ("device", "revoke", "1"))
OFFICE_READS = (("status",), ("list", "union_org"), ("case", "list"), ("verify",),
                ("find", "甲"))
OFFICE_WRITES = (("add", "union_org", "name=乙工会", "org_kind=独立基层工会",
                  "founded_on=2018-05-01", "status=已建"), ("sync", "--timeout", "5"), ("run",),
                 ("rebuild",))


def drop_override():
    """In the child: file modes count even for root."""
    prctl = ctypes.CDLL(None).prctl
    if os.geteuid() == 0:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            if prctl(24, capability, 0, 0, 0) != 0:  # PR_CAPBSET_DROP
                os._exit(98)


def files(folder):
    """What lies in a folder: every file but locks and what SQLite keeps beside open books."""
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))}


def rows(folder):
    """The whole of the books as SQL."""
    with contextlib.closing(sqlite3.connect(f"file:{folder}/jielian.db?mode=ro", uri=True)) as books:
        return list(books.iterdump())


def fingerprint(folder):
    with contextlib.closing(sqlite3.connect(f"file:{folder}/jielian.db?mode=ro", uri=True)) as books:
        row = books.execute("SELECT value FROM meta WHERE name = 'keys'").fetchone()
        return row[0] if row else None


def make_old(folder):
    """As an earlier program made it: the books don't say whose keys they need."""
    with contextlib.closing(sqlite3.connect(f"{folder}/jielian.db")) as books, books:
        assert books.execute("DELETE FROM meta WHERE name = 'keys'").rowcount == 1


def swap(a, b):
    first, second = (each.folder / "keys" for each in (a, b))
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


class Keys(World):
    """The district with PC a and b of GD, which both have a member; another district beside it with
    one office; nobody serves."""

    def prepare(self):
        super().prepare()
        self.a, self.b = self.pc("GD", "a"), self.pc("GD", "b")
        union = self.a.add_union("甲工会")
        self.a.add_member(union, "陈一鸣", "330106199001010018")
        self.settle(self.a, self.b)
        self.district.stop()
        self.other = District(self, "other")
        self.other.init()
        self.other.run("office", "add", "TH", "天荒街道总工会")

    def refused(self, program, words, *names, never=("join", "init")):
        """In both languages: exit 1, every name in the message, no advice that would make new books
        beside these; books, keys and all else are as they were."""
        before = rows(program.folder) if (program.folder / "jielian.db").exists() else None
        there = files(program.folder)
        for language in ("zh", "en"):
            result = program.refuse(*words, "--lang", language, code=FAILED, names=names)
            for word in (*never, "Traceback"):
                self.assertNotIn(word, result.err, str(result))
        self.assertEqual({path: data for path, data in files(program.folder).items()
                          if path.name != "jielian.db"},
                         {path: data for path, data in there.items() if path.name != "jielian.db"})
        if before is not None:
            self.assertEqual(rows(program.folder), before)

    def restricted(self, program, *words):
        """A command of somebody whom file modes bind."""
        command = list(map(str, program.command(*words)))
        child = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                               env=program.env, timeout=COMMAND_S, check=False,
                               preexec_fn=drop_override)
        return Result(command, child.returncode, child.stdout.decode(), child.stderr.decode())

    # ---- Other books' keys ----

    def test_another_districts_keys_open_nothing_and_change_nothing(self):
        swap(self.district, self.other)
        place = self.district.folder / "keys"
        for words in (*DISTRICT_READS, *DISTRICT_WRITES, ("serve", "--sync", "tcp://127.0.0.1:0"),
                      ("backup", self.folder / "copy.db")):
            with self.subTest(words=words):
                self.refused(self.district, words, place)
        self.assertFalse((self.folder / "copy.db").exists())
        self.assertFalse((self.folder / "copy.db.keys").exists())
        swap(self.district, self.other)
        self.district.run("office", "add", "WX", "文新街道总工会")
        self.district.verify()
        self.other.verify()

    def test_another_pcs_keys_open_nothing_and_lose_nothing(self):
        record = self.a.add_union("未发送工会")
        swap(self.a, self.b)
        for words in (*OFFICE_READS, *OFFICE_WRITES):
            with self.subTest(words=words):
                self.refused(self.a, words, self.a.folder / "keys")
        swap(self.a, self.b)
        self.district.start()
        self.settle(self.a, self.b, types=("union_org",))
        self.assertIn(record, {each["id"] for each in self.district.list("union_org")})
        self.district.verify()

    def test_keys_change_sides_and_are_refused(self):
        ours = (self.a.folder / "keys").read_bytes()
        (self.a.folder / "keys").write_bytes((self.district.folder / "keys").read_bytes())
        self.refused(self.a, ("list", "office"), self.a.folder / "keys")
        (self.district.folder / "keys").write_bytes(ours)
        self.refused(self.district, ("list", "office"), self.district.folder / "keys")

    def test_keys_of_which_one_is_another_are_refused(self):
        place = self.district.folder / "keys"
        own = place.read_text()
        lines = own.splitlines(keepends=True)
        foreign = (self.other.folder / "keys").read_text().splitlines(keepends=True)
        for number, line in enumerate(lines[1:], 1):
            with self.subTest(line=line.split("=")[0]):
                mixed = lines.copy()
                mixed[number] = foreign[number]
                place.write_text("".join(mixed))
                self.refused(self.district, ("status",), place)
        place.write_text(own)
        self.district.verify()

    def test_a_running_pc_whose_first_download_is_not_finished(self):
        staged = self.a.folder / "staged"
        staged.mkdir()
        (self.a.folder / "jielian.db").rename(staged / "jielian.db")
        swap(self.a, self.b)
        self.refused(self.a, ("sync",), self.a.folder / "keys")
        self.refused(self.a, ("status",), self.a.folder / "keys")

    def test_another_pcs_identity_is_not_taken_for_this_ones(self):
        """Where the books can't even be opened, DIR/identity says who this PC is."""
        self.assertIn("keys=" + fingerprint(self.a.folder).hex(),
                      (self.a.folder / "identity").read_text())
        kept = (self.a.folder / "identity").read_bytes()
        (self.a.folder / "identity").write_bytes((self.b.folder / "identity").read_bytes())
        self.district.start()
        self.a.sync()  # the books know better
        self.assertEqual((self.a.folder / "identity").read_bytes(), kept)
        (self.a.folder / "identity").write_bytes((self.b.folder / "identity").read_bytes())
        with open(self.a.folder / "jielian.db", "r+b") as books:
            books.write(bytes(4096))
        self.a.refuse("rebuild", code=FAILED, names=[self.a.folder])
        older = kept[:kept.index(b"\nkeys=") + 1]  # as an earlier program wrote it
        (self.a.folder / "identity").write_bytes(older)
        self.a.run("rebuild", expect=None)
        self.assertEqual((self.a.folder / "identity").read_bytes(), kept)
        self.settle(self.a, self.b)

    # ---- Backups ----

    def test_another_backups_keys_are_refused_by_name(self):
        first, second = self.folder / "first.db", self.folder / "second.db"
        self.district.run("backup", first)
        self.other.run("backup", second)
        own = pathlib.Path(f"{first}.keys")
        right = own.read_bytes()
        own.write_bytes(pathlib.Path(f"{second}.keys").read_bytes())
        for old in (False, True):
            with self.subTest(old=old):
                target = District(self, f"target{old}")
                if old:
                    shutil.copy(first, self.folder / "old.db")
                    with contextlib.closing(sqlite3.connect(self.folder / "old.db")) as books, books:
                        books.execute("DELETE FROM meta WHERE name = 'keys'")
                    first = self.folder / "old.db"
                    pathlib.Path(f"{first}.keys").write_bytes(own.read_bytes())
                for language in ("zh", "en"):
                    target.refuse("restore", first, "--lang", language, code=FAILED,
                                  names=[f"{first}.keys"])
                self.assertEqual(files(target.folder), {})
                pathlib.Path(f"{first}.keys").write_bytes(right)
                target.run("restore", first)
                target.verify()
                self.assertEqual((target.folder / "keys").read_bytes(), right)
                self.assertIsNotNone(fingerprint(target.folder))
                own.write_bytes(pathlib.Path(f"{second}.keys").read_bytes())

    def test_a_backups_keys_that_are_missing_closed_or_damaged_are_named(self):
        backup = self.folder / "backup.db"
        self.district.run("backup", backup)
        keys = pathlib.Path(f"{backup}.keys")
        right = keys.read_bytes()
        target = District(self, "target")
        keys.write_bytes(right[:100])
        target.refuse("restore", backup, code=FAILED, names=[keys])
        keys.write_bytes(right)
        keys.chmod(0)
        result = self.restricted(target, "restore", backup)
        self.assertEqual(result.code, FAILED, str(result))
        self.assertIn("无权读取", result.err)
        self.assertIn(str(keys), result.err)
        keys.unlink()
        target.refuse("restore", backup, code=FAILED, names=[keys])
        self.assertEqual(files(target.folder), {})

    def test_a_credential_of_the_service(self):
        """LoadCredential=: the keys lie nowhere but in the service's credentials."""
        credentials = self.folder / "credentials"
        credentials.mkdir()
        place = self.district.folder / "keys"
        right = place.read_bytes()
        place.rename(credentials / "jielian-keys")
        env = {"CREDENTIALS_DIRECTORY": str(credentials)}
        backup = self.folder / "backup.db"
        self.refused(self.district, ("backup", backup), place, "LoadCredential")
        self.district.run("backup", backup, env=env)
        self.assertEqual(pathlib.Path(f"{backup}.keys").read_bytes(), right)
        self.assertEqual(pathlib.Path(f"{backup}.keys").stat().st_mode & 0o777, 0o600)
        self.assertFalse(place.exists())
        target = District(self, "target")
        target.run("restore", backup)
        target.verify()
        # With the other district's credential it is that file which is named.
        (credentials / "jielian-keys").write_bytes((self.other.folder / "keys").read_bytes())
        self.district.env |= env
        self.refused(self.district, ("backup", self.folder / "copy.db"),
                     credentials / "jielian-keys")
        self.refused(self.district, ("status",), credentials / "jielian-keys")
        # A backup is opened by its own keys, whatever the service's are.
        fresh = District(self, "fresh")
        fresh.env |= env
        fresh.run("restore", backup, expect=None)
        fresh.env = dict(self.env)
        fresh.verify()
        fresh.env |= env
        fresh.run("init", expect=FAILED)
        empty = District(self, "empty")
        empty.env |= env
        empty.refuse("init", code=FAILED, names=[credentials / "jielian-keys"])
        self.assertFalse((empty.folder / "jielian.db").exists())

    # ---- What is missing, closed, damaged, wrapped ----

    def test_books_without_keys(self):
        for program, groups in ((self.district, (DISTRICT_READS, DISTRICT_WRITES)),
                                (self.a, (OFFICE_READS, OFFICE_WRITES))):
            place = program.folder / "keys"
            kept = place.read_bytes()
            place.unlink()
            for words in (word for group in groups for word in group):
                with self.subTest(program=program.binary, words=words):
                    self.refused(program, words, place)
            place.write_bytes(kept)
        self.district.verify()

    def test_join_leaves_what_was_downloaded_when_the_keys_are_gone(self):
        staged = self.a.folder / "staged"
        staged.mkdir()
        (self.a.folder / "jielian.db").rename(staged / "jielian.db")
        kept = (self.a.folder / "keys").rename(self.folder / "kept")
        self.district.start()
        invitation = self.district.invite("GD")
        self.a.refuse("join", invitation, code=FAILED, names=[self.a.folder])
        self.refused(self.a, ("sync",), self.a.folder / "keys")
        self.assertTrue((staged / "jielian.db").exists())
        kept.rename(self.a.folder / "keys")
        self.a.sync()

    def test_keys_without_books(self):
        for program, groups in ((self.other, (DISTRICT_READS, DISTRICT_WRITES)),
                                (self.a, (OFFICE_READS, OFFICE_WRITES))):
            for path in program.folder.glob("jielian.db*"):
                path.unlink()
            for words in (word for group in groups for word in group):
                with self.subTest(program=program.binary, words=words):
                    self.refused(program, words, program.folder / "keys")
        keys = files(self.other.folder)
        self.other.refuse("init", code=FAILED, names=[self.other.folder / "keys"])
        self.assertEqual(files(self.other.folder), keys)

    def test_keys_that_this_user_may_not_read(self):
        for program, groups in ((self.district, (DISTRICT_READS, DISTRICT_WRITES)),
                                (self.a, (OFFICE_READS, OFFICE_WRITES))):
            place = program.folder / "keys"
            for closed, mode in ((place, 0o600), (program.folder, 0o700)):
                before = rows(program.folder)
                closed.chmod(0)
                for words in (word for group in groups for word in group):
                    with self.subTest(program=program.binary, words=words, closed=closed.name):
                        result = self.restricted(program, *words)
                        self.assertEqual(result.code, FAILED, str(result))
                        self.assertIn("无权读取", result.err)
                        self.assertIn(str(program.folder), result.err)
                        for word in ("join", "init", "没有街联数据"):
                            self.assertNotIn(word, result.err)
                closed.chmod(mode)
                self.assertEqual(rows(program.folder), before)
        (self.folder / "closed").mkdir(mode=0)
        for program in (Office(self, "GD", "closed"), District(self, "closed")):
            result = self.restricted(program, "status", "--lang", "en")
            self.assertEqual(result.code, FAILED, str(result))
            self.assertIn("may not read", result.err)

    def test_damaged_keys(self):
        for program, words in ((self.district, ("status",)), (self.district, ("verify",)),
                               (self.a, ("status",)), (self.a, ("verify",)), (self.a, ("sync",)),
                               (self.a, ("rebuild",))):
            place = program.folder / "keys"
            right = place.read_bytes()
            for damaged in (b"", right[:-20], b"jielian keys v2\n" + right[16:], b"x" * 5000,
                            right.replace(b"proof=", b"prof=")):
                with self.subTest(program=program.binary, words=words, size=len(damaged)):
                    place.write_bytes(damaged)
                    self.refused(program, words, place, never=("join", "init", "verify"))
            place.write_bytes(right)

    def test_nothing_here(self):
        office, district = Office(self, "GD", "nowhere"), District(self, "nowhere2")
        for folder in (None, "made"):
            if folder:
                office.folder.mkdir()
                district.folder.mkdir()
            for words in (("status",), ("sync",), ("verify",), ("rebuild",), ("list", "office"),
                          ("run",)):
                with self.subTest(words=words):
                    office.refuse(*words, code=FAILED, names=["join"])
                    office.refuse(*words, "--lang", "en", code=FAILED, names=["join"])
            for words in (("status",), ("verify",), ("serve",), ("office", "list"),
                          ("backup", self.folder / "copy.db")):
                with self.subTest(words=words):
                    district.refuse(*words, code=FAILED, names=["init"])
                    district.refuse(*words, "--lang", "en", code=FAILED, names=["init"])
        self.assertEqual((list(office.folder.iterdir()), list(district.folder.iterdir())),
                         ([], []))

    def test_wrapped_keys(self):
        self.district.start()
        secret = self.write("passphrase", PASSPHRASE)
        wrong = self.write("wrong", "羊年大吉 2027")
        office = Office(self, "GD", "wrapped")
        twin = Office(self, "GD", "twin")
        office.join(self.district.invite("GD"), "--passphrase-file", secret)
        twin.join(self.district.invite("GD"), "--passphrase-file", secret)
        self.assertIsNotNone(fingerprint(office.folder))
        for words in (("status",), ("sync",), ("verify",), ("rebuild",), ("list", "office")):
            with self.subTest(words=words):
                self.refused(office, words, office.folder / "keys", "--passphrase-file")
                self.refused(office, (*words, "--passphrase-file", wrong), office.folder / "keys",
                             "--passphrase-file")
        office.run("status", "--passphrase-file", secret)
        swap(office, twin)
        self.refused(office, ("status", "--passphrase-file", secret), office.folder / "keys",
                     office.folder / "jielian.db")
        # An office's wrapped keys in the district's folder.
        self.district.stop()
        (self.district.folder / "keys").write_bytes((office.folder / "keys").read_bytes())
        self.refused(self.district, ("status",), self.district.folder / "keys",
                     never=("join", "init", "--passphrase-file"))

    # ---- Folders of earlier programs ----

    def test_an_older_folder_takes_its_own_keys_at_its_first_open_for_writing(self):
        for program, read, write in (
                (self.district, ("status",), ("office", "add", "WX", "文新街道总工会")),
                (self.a, ("list", "union_org"), ("add", *OFFICE_WRITES[0][1:])),
                (self.b, ("list", "union_org"), ("add", *OFFICE_WRITES[0][1:]))):
            with self.subTest(program=program.folder.name):
                was = fingerprint(program.folder)
                make_old(program.folder)
                program.run(*read, expect=None)
                program.run("verify")
                self.assertIsNone(fingerprint(program.folder))
                program.run(*write)
                self.assertEqual(fingerprint(program.folder), was)

    def test_an_older_folder_refuses_foreign_keys(self):
        """a has changes of its own, b only what it received."""
        for program in (self.district, self.other, self.a, self.b):
            make_old(program.folder)
        for one, two, words in ((self.district, self.other, (*DISTRICT_READS, *DISTRICT_WRITES)),
                                (self.a, self.b, (*OFFICE_READS, *OFFICE_WRITES))):
            swap(one, two)
            for program in (one, two):
                for each in words:
                    with self.subTest(program=program.folder.name, words=each):
                        self.refused(program, each, program.folder / "keys")
            swap(one, two)
        self.district.verify()
        self.other.verify()
        self.district.start()
        self.settle(self.a, self.b)
        for program in (self.district, self.a, self.b):
            self.assertIsNotNone(fingerprint(program.folder))

    def test_an_older_folder_with_nothing_of_its_own_refuses_another_districts_keys(self):
        """Where nothing is sealed yet, the content hashes tell at least the districts apart."""
        self.other.start()
        fresh = Office(self, "TH", "fresh")
        fresh.join(self.other.invite("TH"))
        self.other.stop()
        make_old(fresh.folder)
        kept = (fresh.folder / "keys").read_bytes()
        (fresh.folder / "keys").write_bytes((self.a.folder / "keys").read_bytes())
        for words in (("list", "office"), OFFICE_WRITES[0]):
            self.refused(fresh, words, fresh.folder / "keys")
        (fresh.folder / "keys").write_bytes(kept)
        fresh.run("list", "office")

    def test_what_foreign_keys_once_wrote_does_not_make_them_the_right_ones(self):
        """The second of two journal entries is sealed and signed by the other district."""
        young = District(self, "young")
        young.init()
        make_old(young.folder)
        with contextlib.closing(sqlite3.connect(young.folder / "jielian.db")) as books, books:
            books.execute("ATTACH ? AS theirs", (str(self.other.folder / "jielian.db"),))
            books.execute("INSERT INTO journal SELECT * FROM theirs.journal WHERE seq = 2")
        kept = (young.folder / "keys").read_bytes()
        (young.folder / "keys").write_bytes((self.other.folder / "keys").read_bytes())
        self.refused(young, ("office", "list"), young.folder / "keys")
        (young.folder / "keys").write_bytes(kept)
        young.run("office", "list")

    def test_one_damaged_row_is_not_taken_for_foreign_keys(self):
        for program, table in ((self.district, "journal"), (self.a, "outbox")):
            make_old(program.folder)
            with contextlib.closing(sqlite3.connect(program.folder / "jielian.db")) as books, books:
                self.assertGreater(books.execute(f"SELECT count(*) FROM {table}").fetchone()[0], 1)
                books.execute(f"UPDATE {table} SET body = zeroblob(length(body)) WHERE rowid = "
                              f"(SELECT max(rowid) FROM {table})")
            program.run("list", "office")
        self.a.add_union("丙工会")
        self.assertIsNotNone(fingerprint(self.a.folder))


if __name__ == "__main__":
    unittest.main()
