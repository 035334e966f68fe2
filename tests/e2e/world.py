"""A test's world: a district, offices, files and processes. It lives in one folder under the
system's temporary files and is gone, with every process, when the test ends.

What every test of a class starts from (`prepare`) is made once a class and copied for each test: a
copy of all folders at once is the same world again.

After each test the logs of all long-lived processes are searched for the personal data that the
test used (`private`): none may be there.
"""

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import unittest

from jielian import (ATTENTION, CATALOGUE, COMMAND_S, DONE, FAILED, MISUSE, District, Office, Port,
                     Program, Result)


class World(unittest.TestCase):
    """A district with two offices, GD and BS, serving. Subclasses enrol PCs with `pc`."""

    maxDiff = 4000
    repairs = 0  # how many rows the test damages

    # ---- Life ----

    @classmethod
    def setUpClass(cls):
        cls._ports = []
        cls.addClassCleanup(lambda: [port.close() for port in cls._ports])
        cls._first = None  # the world that the tests' worlds are copies of

    def setUp(self):
        self.processes, self.private = [], set()
        self._open_folder()
        self.addCleanup(self._clean_up)
        if type(self)._first is None:
            self._make_first()
        first = type(self)._first
        shutil.copytree(first.folder, self.folder, dirs_exist_ok=True)
        for name, value in first.made.items():
            setattr(self, name, value.moved(self) if isinstance(value, Program) else value)
        self.private |= first.private
        if first.serving:
            self.district.start()

    def _open_folder(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jielian-e2e-"))
        self.env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.folder),
                    "LANG": "C.UTF-8", "USER": "clerk", "JIELIAN_CATALOGUE": CATALOGUE}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            # What a sanitizer finds must not look like an error of the user's.
            self.env[name] = ":".join(filter(None, (os.environ.get(name), "exitcode=99")))

    def _make_first(self):
        first = type(self)()
        first.processes, first.private = [], set()
        first._open_folder()
        self.addClassCleanup(first._clean_up)
        before = set(vars(first))
        first.district = District(first)
        first.prepare()
        first.made = {name: value for name, value in vars(first).items() if name not in before}
        first.serving = first.district.process is not None
        for program in first.made.values():
            if isinstance(program, Program) and program.process is not None:
                program.stop()
        type(self)._first = first

    def prepare(self):
        """What every test of a class starts from. Processes other than serve are not kept."""
        self.district.init()
        self.district.run("office", "add", "GD", "古荡街道总工会")
        self.district.run("office", "add", "BS", "北山街道总工会")
        self.district.start()

    def tearDown(self):
        for process in self.processes:
            code = process.exit_code()
            # Killed or stopped by a test is fine; ended by a fault of its own is not.
            stays = process.command[1] in ("run", "serve")
            self.assertIn(code, (None, -signal.SIGKILL, DONE, *(() if stays else
                                                                (FAILED, ATTENTION))), str(process))
            log = process.err
            for secret in self.private:
                self.assertNotIn(secret, log, f"personal data in a log: {process}")

    def _clean_up(self):
        for process in self.processes:
            process.kill()
        shutil.rmtree(self.folder)

    # ---- What tests use ----

    def port(self):
        """A free port, ours until the class is done."""
        self._ports.append(Port())
        return self._ports[-1].number

    def execute(self, command, expect, env, seconds=COMMAND_S):
        child = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL,
                               capture_output=True, env=env, timeout=seconds, check=False)
        result = Result(command, child.returncode, child.stdout.decode("utf-8", "replace"),
                        child.stderr.decode("utf-8", "replace"))
        if expect is not None:
            self.assertEqual(result.code, expect, str(result))
        self.assertIn(result.code, (DONE, FAILED, MISUSE, ATTENTION), f"a crash\n{result}")
        return result

    def pc(self, code, name):
        """One more enrolled PC of an office."""
        office = Office(self, code, name)
        office.join(self.district.invite(code))
        return office

    def write(self, name, text, encoding="utf-8"):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    def csv(self, name, *rows):
        return self.write(name, "".join(",".join(row) + "\r\n" for row in rows))

    # ---- Comparing ----

    def assert_same(self, office, types=()):
        """The office has exactly what the district shows it: every record, by its content hash and
        by its columns, read from both files; and what both print for `types`."""
        here = _shelf(office.folder / "jielian.db", "SELECT rid FROM record WHERE state = 0")
        there = _shelf(self.district.folder / "jielian.db",
                       "SELECT rid FROM record WHERE state = 0 AND rid IN (SELECT rid FROM feed "
                       "WHERE kind < 3 AND feed IN (0, (SELECT number FROM office JOIN record "
                       f"USING (rid) WHERE state = 0 AND code = '{office.code}')))")
        self.assertGreaterEqual(len(here), 3, "the catalogue and two offices at least")
        self.assertEqual(sorted(here), sorted(there), f"{office.folder.name} has other records")
        for key, record in here.items():
            self.assertEqual(record, there[key], f"{key} at {office.folder.name} and the district")
        for type_name in types:
            listed = {record["id"]: record for record in office.list(type_name)}
            self.assertEqual(listed, {record["id"]: record for record
                                      in self.district.list(type_name, f"office={office.code}")})

    def settle(self, *offices, types=()):
        """Everybody syncs until nobody has news for another; all are proven and the same. A repair
        would hide a fault, so there must have been none but those that the test brought about."""
        for office in offices + offices[:-1]:
            self.assertEqual(office.sync().json["repairs"], self.repairs)
        for office in offices:
            self.assert_same(office, types)


class Trio(World):
    """PCs a and b of GD, c of BS."""

    def prepare(self):
        super().prepare()
        self.a, self.b = self.pc("GD", "a"), self.pc("GD", "b")
        self.c = self.pc("BS", "c")

    def share_union(self, **more):
        """A union that a and b both have."""
        union = self.a.add_union("古荡甲厂工会", **more)
        self.settle(self.a, self.b)
        return union

    def assert_cases(self, office, *kinds):
        cases = office.cases()
        self.assertEqual(sorted(case["kind"] for case in cases), sorted(kinds))
        for case in cases:
            self.assertEqual(case["status"], "待处理")
            self.assertTrue(case["author"]["staff"], case)
        return cases


def _shelf(path, chosen):
    """{(type, id): (owner, hash, {column: value})} of the chosen records, without sealed columns:
    those differ from folder to folder. Reads the file itself, not through the programs."""
    books = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = {number: name for number, name in TABLES.items() if books.execute(
            "SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone()}
        heads = {rid: (kind, record, owner, digest) for rid, kind, record, owner, digest
                 in books.execute("SELECT rid, type, id, owner, hash FROM record "
                                  f"WHERE rid IN ({chosen})")}
        shelf = {(kind, record): (owner, digest, {}) for kind, record, owner, digest
                 in heads.values()}
        for number, name in tables.items():
            cursor = books.execute(f'SELECT * FROM "{name}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor:
                values = dict(zip(columns, row))
                head = heads.get(values.pop("rid"))
                if head is not None:
                    shelf[head[:2]][2].update(
                        (column, value) for column, value in values.items()
                        if (name, column) not in _SEALED and not column.endswith("_tag")
                        and column != "extra")  # fields that no catalogue knows: sealed, too
        return shelf
    finally:
        books.close()


def _read_catalogue():
    with open(CATALOGUE, encoding="utf-8") as file:
        types = json.load(file)["types"]
    return ({each["number"]: each["name"] for each in types},
            {(each["name"], field["name"]) for each in types for field in each["fields"]
             if field.get("sensitive")})


TABLES, _SEALED = _read_catalogue()
