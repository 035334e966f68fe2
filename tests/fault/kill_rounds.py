#!/usr/bin/env python3
"""kill -9 at random moments under load, then proof and an independent comparison.

Each round has one focus: the program, and what it is doing, that is killed. Meanwhile clerks at every
office add, edit, delete, import and sync. Every few rounds everybody settles: all are proven, every
office has what the district shows it (read from both files), and the district has every record that
a command acknowledged (ledger.py).

Started by scripts/kill-rounds and by the test fault.kill. A seed repeats the choices, not the
machine's timing."""

import argparse
import collections
import json
import pathlib
import random
import shutil
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

# pylint: disable=wrong-import-position
from jielian import ATTENTION, CATALOGUE, DONE, District, Office, wait_until
from ledger import Ledger
from people import id_no
from world import World

FOCUSES = ("serve", "run", "sync", "add", "set", "delete", "import", "join", "bootstrap", "backup",
           "catalogue", "take catalogue", "power cut")
COMMAND_S = 120
ROWS = 200  # of an imported file
FIRST_GUESS_S = 0.1  # how long a command takes, before one of its kind has ended by itself
OPTIONS = argparse.Namespace(rounds=12, seed=1, settle_every=4)


class Clerk(threading.Thread):
    """One office's commands of one round, one after another."""

    def __init__(self, test, office, steps, seed):
        super().__init__(name=office.folder.name)
        self.test, self.office, self.steps = test, office, steps
        self.rng, self.child, self.error = random.Random(seed), None, None

    def run(self):
        try:
            for step in self.steps:
                self.test.step(self.office, self.rng, *step, clerk=self)
        except BaseException as error:  # pylint: disable=broad-except
            self.error = error  # the round raises it


class KillRounds(World):
    def prepare(self):
        super().prepare()
        self.a, self.b = self.pc("GD", "a"), self.pc("GD", "b")
        self.c = self.pc("BS", "c")

    def setUp(self):
        super().setUp()
        self.ledger, self.rng = Ledger(), random.Random(OPTIONS.seed)
        self.kills = collections.Counter()  # (program, phase) → processes that a kill met alive
        self.proof_s, self.number, self.people = [], 0, 0
        self.mine = collections.defaultdict(list)
        self.unfinished = {}  # office → an import that was killed: (path, names)
        self.catalogue_version = 1
        self.took_s = collections.defaultdict(lambda: FIRST_GUESS_S)
        self.offices = (self.a, self.b, self.c)

    # ---- Commands that may be killed ----

    def within(self, rng, phase):
        """When to kill: at any moment of the time that such a command takes here."""
        return rng.uniform(0, self.took_s[phase])

    def run_killed(self, program, phase, words, kill_s=None, clerk=None):
        """(exit code, stdout, stderr) of a command; killed when it still runs after kill_s."""
        name = "office" if isinstance(program, Office) else "district"
        start = time.monotonic()
        child = subprocess.Popen(list(map(str, program.command(*words))), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.env)
        if clerk is not None:
            clerk.child = child
        try:
            out, err = child.communicate(timeout=kill_s if kill_s is not None else COMMAND_S)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            self.assertIsNotNone(kill_s, f"{words} hangs\n{err.decode()}")
        if child.returncode == -9:
            self.kills[name, phase if kill_s is not None else "power cut"] += 1
        else:
            self.took_s[phase] += (time.monotonic() - start - self.took_s[phase]) / 4
        outcome = {DONE: "acknowledged", -9: "killed", ATTENTION: "attention"}.get(
            child.returncode, "failed")
        self.ledger.count(name, words[0], outcome)
        self.assertIn(child.returncode, (DONE, ATTENTION, -9),
                      f"{words}\n{out.decode()}\n{err.decode()}")
        return child.returncode, out.decode(), err.decode()

    def step(self, office, rng, what, kill, clerk=None):
        kill_s = self.within(rng, what) if kill else None
        {"add": self.add, "set": self.edit, "delete": self.delete, "import": self.take,
         "member": self.add_person, "sync": self.sync}[what](office, rng, kill_s, clerk)

    def new_name(self, office):
        self.number += 1
        return f"工会{office.folder.name}{self.number:05d}"

    def add(self, office, rng, kill_s, clerk):
        name = self.new_name(office)
        code, out, _ = self.run_killed(
            office, "add", ("add", "union_org", f"name={name}", "org_kind=独立基层工会",
                            "founded_on=2018-05-01", "status=已建", "--json"), kill_s, clerk)
        if code == DONE:
            self.ledger.added(name, json.loads(out)["id"])
            self.mine[office.folder.name].append(name)
        else:
            self.ledger.maybe_added([name])
        del rng

    def edit(self, office, rng, kill_s, clerk):
        if not self.mine[office.folder.name]:
            return
        self.number += 1
        name, value = rng.choice(self.mine[office.folder.name]), self.number
        code, _, _ = self.run_killed(office, "set", ("set", "union_org", self.ledger.ids[name],
                                                     f"staff_n={value}"), kill_s, clerk)
        (self.ledger.edited if code == DONE else self.ledger.maybe_edited)(name, value)

    def delete(self, office, rng, kill_s, clerk):
        if len(self.mine[office.folder.name]) < 3:
            return
        name = self.mine[office.folder.name].pop(rng.randrange(len(self.mine[office.folder.name])))
        code, _, _ = self.run_killed(office, "delete", ("delete", "union_org",
                                                        self.ledger.ids[name]), kill_s, clerk)
        (self.ledger.deleted if code == DONE else self.ledger.maybe_deleted)(name)

    def take(self, office, rng, kill_s, clerk):
        """Import a file, or again the one that an earlier kill cut off."""
        del rng
        path, names = self.unfinished.pop(office, (None, None))
        if path is None:
            names = [self.new_name(office) for _ in range(ROWS)]
            rows = [[name, "独立基层工会", "2018-05-01", "已建"] for name in names]
            path = self.csv(f"{office.folder.name}-{self.number}.csv",
                            ["工会名称", "基层工会类型", "建会日期", "状态"], *rows)
        code, _, _ = self.run_killed(office, "import", ("import", "union_org", path, "--json"),
                                     kill_s, clerk)
        if code == DONE:
            self.ledger.imported(names)
        else:
            self.ledger.maybe_added(names)
            self.unfinished[office] = (path, names)

    def add_person(self, office, rng, kill_s, clerk):
        if not self.mine[office.folder.name]:
            return
        self.people += 1
        number = id_no(self.people % 1000, f"{1960 + self.people // 1000}0101")
        name = "张" + "".join(rng.choice("伟芳娜敏静丽强磊军洋") for _ in range(2))
        self.private.update((number,))
        self.run_killed(office, "add", (
            "add", "member", f"name={name}", "id_kind=居民身份证", f"id_no={number}",
            f"org={rng.choice(self.mine[office.folder.name])}", "joined_on=2020-01-02",
            "m_status=在籍"), kill_s, clerk)

    def sync(self, office, rng, kill_s, clerk):
        del rng
        self.run_killed(office, "sync", ("sync", "--timeout", "20"), kill_s, clerk)

    # ---- Programs that stay ----

    def kill_process(self, program, phase):
        name = "office" if isinstance(program, Office) else "district"
        self.assertIsNone(program.process.exit_code(), str(program.process))
        program.kill()
        self.kills[name, phase] += 1

    def pause(self, most=0.5):
        time.sleep(self.rng.uniform(0.02, most))

    def kill_serve(self):
        for _ in range(2):
            self.pause()
            self.kill_process(self.district, "serve")
            self.pause(0.2)
            self.district.start()

    def kill_run(self):
        for office in self.rng.sample(self.offices, 2):
            self.pause()
            self.kill_process(office, "run")
            self.pause(0.2)
            office.start()

    def power_cut(self, clerks):
        """Everything at once."""
        self.pause()
        for clerk in clerks:
            if clerk.child is not None:
                clerk.child.kill()  # one that has ended takes no notice
        for program in (*self.offices, self.district):
            self.kill_process(program, "power cut")
        self.district.start()
        for office in self.offices:
            office.start()

    # ---- Joining ----

    def kill_joining(self, phase):
        """A new PC whose join is killed before or after it is enrolled; then it finishes."""
        late = Office(self, "GD", f"late{self.number}")
        path = self.district.invite("GD")
        for _ in range(3):
            self.kill_one_join(late, path, phase)
        if not (late.folder / "jielian.db").exists():
            if (late.folder / "staged/jielian.db").exists() and (late.folder / "keys").exists() \
                    and not (late.folder / "joining").exists():
                late.sync()
            else:
                late.join(path)
        late.sync()
        self.assert_same(late)
        newest = max(device["id"] for device in self.district.ask("device", "list"))
        self.district.run("device", "revoke", newest)
        shutil.rmtree(late.folder)

    def kill_one_join(self, late, path, phase):
        if (late.folder / "jielian.db").exists():
            return
        child = subprocess.Popen(list(map(str, late.command("join", path))), env=late.env,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
        if phase == "bootstrap":
            child.stderr.readline()  # "joined …, downloading", or its end
        start = time.monotonic()
        try:
            child.wait(self.within(self.rng, phase))
            self.took_s[phase] += (time.monotonic() - start - self.took_s[phase]) / 4
        except subprocess.TimeoutExpired:
            child.kill()
        err = child.communicate()[1].decode()
        self.assertIn(child.returncode, (DONE, -9), err)
        self.ledger.count("office", "join", "killed" if child.returncode == -9 else "acknowledged")
        if child.returncode == -9:
            self.kills["office", phase] += 1

    # ---- The district's own commands ----

    def kill_backup(self):
        self.pause(0.1)
        for _ in range(3):
            self.number += 1
            path = self.folder / f"backup{self.number}.db"
            kill_s = self.within(self.rng, "backup")
            code, _, _ = self.run_killed(self.district, "backup", ("backup", path), kill_s)
            keys = path.with_name(path.name + ".keys")
            if code == DONE:
                self.assertTrue(path.exists() and keys.exists())
            if path.exists() and keys.exists():  # then it is whole
                copy = District(self, f"restored{self.number}")
                copy.run("restore", path)
                copy.verify()
                shutil.rmtree(copy.folder)
            for file in self.folder.glob(path.name + "*"):
                file.unlink()

    def kill_catalogue(self):
        """A new field; then an office may be killed while its tables change."""
        self.catalogue_version += 1
        version = self.catalogue_version
        with open(CATALOGUE, encoding="utf-8") as file:
            catalogue = json.load(file)
        fields = next(each for each in catalogue["types"] if each["name"] == "union_org")["fields"]
        for n in range(2, version + 1):
            fields.append({"number": 200 + n, "name": f"extra{n}", "kind": "text",
                           "zh": f"附加{n}", "en": f"Extra {n}"})
        catalogue["version"] = version
        path = self.write("next.json", json.dumps(catalogue, ensure_ascii=False))
        code = None
        for _ in range(3):
            kill_s = self.within(self.rng, "catalogue apply")
            code, _, _ = self.run_killed(self.district, "catalogue apply",
                                         ("catalogue", "apply", path), kill_s)
            self.assertIn(self.district.ask("catalogue", "show")["version"],
                          (version,) if code == DONE else (version - 1, version))
        if code != DONE:
            self.district.run("catalogue", "apply", path)

    def kill_taking_catalogue(self):
        self.kill_catalogue()
        for office in self.offices:
            kill_s = self.within(self.rng, "sync")
            self.run_killed(office, "take catalogue", ("sync", "--timeout", "20"), kill_s)

    # ---- Rounds ----

    def plan(self, focus):
        """Steps of one clerk: (command, is it killed)."""
        choices = ["add", "add", "set", "set", "set", "delete", "member", "import"]
        steps = [(self.rng.choice(choices), False) for _ in range(4)]
        if focus in ("sync", "add", "set", "delete", "import"):
            steps += [(focus, True)] * 2
            self.rng.shuffle(steps)
            if focus == "import":
                steps.append(("import", False))  # the file again, to its end
        return steps

    def one_round(self, focus):
        staying = focus in ("serve", "run", "power cut", "add", "import")
        if staying:
            for office in self.offices:
                office.start()
        clerks = [Clerk(self, office, self.plan(focus), self.rng.random())
                  for office in self.offices]
        if focus == "power cut":
            for clerk in clerks:
                clerk.steps = [("add", False), ("import", False), ("set", False)] * 2
        for clerk in clerks:
            clerk.start()
        {"serve": self.kill_serve, "run": self.kill_run, "backup": self.kill_backup,
         "join": lambda: self.kill_joining("join"),
         "bootstrap": lambda: self.kill_joining("bootstrap"),
         "catalogue": self.kill_catalogue, "take catalogue": self.kill_taking_catalogue,
         "power cut": lambda: self.power_cut(clerks)}.get(focus, lambda: None)()
        for clerk in clerks:
            clerk.join()
            if clerk.error is not None:
                raise clerk.error
        for office in self.offices if staying else ():
            office.stop()

    def settle_all(self):
        for office in self.offices:
            start = time.monotonic()
            office.sync()
            self.proof_s.append(time.monotonic() - start)
        self.settle(*self.offices)
        wrong = self.ledger.compare(self.district.list("union_org"))
        self.assertEqual(wrong, [])
        self.assertEqual(self.district.list("case"), [])

    def test_rounds(self):
        wait_until("serve is up", lambda: self.district.http("/readyz")[0] == 200)
        focuses = []
        for number in range(1, OPTIONS.rounds + 1):
            if not focuses:
                focuses = list(FOCUSES)
                self.rng.shuffle(focuses)
            focus = focuses.pop()
            with self.subTest(round=number, focus=focus):
                self.one_round(focus)
                if number % OPTIONS.settle_every == 0 or number == OPTIONS.rounds:
                    self.settle_all()
            if self._outcome is not None and not self._outcome.success:
                return
        self.settle(*self.offices, types=("union_org", "member"))
        self.district.verify()
        self.print_table()

    # ---- The table ----

    def print_table(self):
        print(f"rounds {OPTIONS.rounds}, seed {OPTIONS.seed}: every office proven and the same, "
              "the journal replays to the same books\n")
        print("| program | phase | killed |\n|---|---|---:|")
        for (program, phase), count in sorted(self.kills.items()):
            print(f"| jielian-{program} | {phase} | {count} |")
        print(f"| all | | {sum(self.kills.values())} |\n")
        print("| | |\n|---|---:|")
        print(f"| commands acknowledged | {self.ledger.total('acknowledged')} |")
        print(f"| commands killed | {self.ledger.total('killed')} |")
        print(f"| records acknowledged | {len(self.ledger.acknowledged)} |")
        print(f"| edits and deletes checked | {sum(1 for each in self.ledger.values.values() if each != {None})}"
              f" and {len(self.ledger.gone)} |")
        print("| lost | 0 |")
        ordered = sorted(self.proof_s)
        print(f"| an office proven after its kills: median, longest | {ordered[len(ordered) // 2]:.2f} s, "
              f"{ordered[-1]:.2f} s |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--settle-every", type=int, default=4, help="rounds between comparisons")
    parser.parse_args(namespace=OPTIONS)
    if OPTIONS.rounds < 1 or OPTIONS.settle_every < 1:
        parser.error("--rounds and --settle-every are at least 1")
    result = unittest.TextTestRunner(verbosity=0).run(
        unittest.TestSuite([KillRounds("test_rounds")]))
    if not result.wasSuccessful():
        print(f"seed {OPTIONS.seed}, rounds {OPTIONS.rounds}: repeat with the same numbers",
              file=sys.stderr)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
