"""After a restore an operator can tell what the backup held, what has come back since and from whom,
and who has not been heard of; the numbers are exact and outlive the server. A restore that is cut
off leaves no books that could be taken for the restored ones."""

import random
import shutil
import subprocess
import time
import unittest

from jielian import ATTENTION, FAILED, District
from world import Trio


class CameBack(Trio):
    def back_up(self):
        self.settle(self.a, self.b, self.c)
        self.backup = self.folder / "backup.db"
        self.district.run("backup", self.backup)

    def restore(self):
        """A disk has died; what `restore` says."""
        if self.district.process is not None:
            self.district.kill()
        shutil.rmtree(self.district.folder)
        told = self.district.ask("restore", self.backup)
        self.district.start()
        return told

    def status(self):
        return self.district.ask("status", expect=None)

    def came_back(self):
        """{device: number or None}"""
        return {device["id"]: device["came_back"] for office in self.status()["offices"]
                for device in office["devices"]}

    def test_it_says_what_came_back_from_whom_and_who_is_missing(self):
        union = self.a.add_union("甲工会")
        self.c.add_union("丙工会")
        self.assertIsNone(self.district.ask("status", expect=None)["restored"])
        self.back_up()
        self.assertEqual(self.came_back_of(self.district.ask("status", expect=None)),
                         {1: None, 2: None, 3: None})
        for n in range(7):
            self.a.set("union_org", union, staff_n=10 + n)
        for n in range(4):
            self.c.add_union(f"丙工会{n}")
        self.settle(self.a, self.b, self.c)
        for n in range(2):
            self.a.add_union(f"未发送{n}")  # the lost district never had these

        told = self.restore()
        self.assertEqual([(each["id"], each["office"], each["ops"]) for each in told["devices"]],
                         [(1, "GD", 1), (2, "GD", 0), (3, "BS", 1)])
        self.assertEqual([each["last_op_at"] is None for each in told["devices"]],
                         [False, True, False])
        self.assertIsNotNone(told["backup_until"])
        self.assertEqual(self.came_back(), {1: None, 2: None, 3: None})
        status = self.district.ask("status", expect=ATTENTION)
        self.assertEqual(status["restored"]["not_heard"], ["GD", "BS"])
        self.assertEqual(self.states(status), {1: "offline", 2: "offline", 3: "offline"})

        self.a.sync()
        self.assertEqual(self.came_back(), {1: 7, 2: None, 3: None})
        self.assertEqual(self.states(self.status()), {1: "in_sync", 2: "offline", 3: "offline"})
        self.district.kill()  # counted in the books, not in memory
        self.district.start()
        self.a.add_union("恢复以后")
        self.a.sync()
        self.assertEqual(self.came_back(), {1: 7, 2: None, 3: None})
        self.assertEqual(self.status()["restored"]["not_heard"], ["GD", "BS"])
        self.b.sync()
        self.assertEqual(self.status()["restored"]["not_heard"], ["BS"])
        self.c.sync()
        self.assertEqual(self.came_back(), {1: 7, 2: 0, 3: 4})
        restored = self.status()["restored"]
        self.assertEqual((restored["came_back"], restored["not_heard"]), (11, []))
        text = self.district.run("status", expect=None)
        for words in ("补送回 11 条", "GD 设备 1: 补送回 7 条", "BS 设备 3: 补送回 4 条"):
            self.assertIn(words, text.out)
        self.settle(self.a, self.b, self.c, types=("union_org",))
        self.district.verify()

    def states(self, status):
        return {device["id"]: device["state"] for office in status["offices"]
                for device in office["devices"]}

    def came_back_of(self, status):
        return {device["id"]: device["came_back"] for office in status["offices"]
                for device in office["devices"]}

    def test_a_second_restore_counts_anew(self):
        self.back_up()
        self.a.add_union("甲工会")
        self.a.sync()
        self.restore()
        self.a.sync()
        self.assertEqual(self.came_back(), {1: 1, 2: None, 3: None})
        self.a.add_union("乙工会")
        self.a.sync()
        self.restore()
        self.assertEqual(self.came_back(), {1: None, 2: None, 3: None})
        self.a.sync()
        self.assertEqual(self.came_back(), {1: 2, 2: None, 3: None})

    def test_what_a_device_with_two_incarnations_offers_again_counts_once(self):
        """It offers all that it keeps; only what the backup lacked came back."""
        self.a.add_union("最早的工会")
        self.a.sync()
        shutil.copytree(self.a.folder, self.folder / "kept")
        self.a.add_union("甲工会")
        self.a.sync()
        shutil.rmtree(self.a.folder)
        shutil.move(self.folder / "kept", self.a.folder)
        for n in range(3):
            self.a.add_union(f"备份前{n}")
        self.back_up()
        for n in range(5):
            self.a.add_union(f"备份后{n}")
        self.settle(self.a, self.b, self.c)
        self.a.add_union("未发送")
        self.restore()
        self.a.sync()
        self.assertEqual(self.came_back(), {1: 5, 2: None, 3: None})
        self.settle(self.a, self.b, self.c, types=("union_org",))

    def test_a_restore_killed_anywhere_can_be_done_again_and_makes_a_new_epoch(self):
        union = self.a.add_union("甲工会")
        self.back_up()
        self.a.set("union_org", union, staff_n=5)
        self.settle(self.a, self.b, self.c)
        self.district.stop()
        shutil.rmtree(self.district.folder)
        rng, took, killed = random.Random(5), 0.2, 0
        for _ in range(25):
            start = time.monotonic()
            child = subprocess.Popen(list(map(str, self.district.command("restore", self.backup))),
                                     env=self.district.env, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            try:
                child.wait(rng.uniform(0, took))
                took = time.monotonic() - start
            except subprocess.TimeoutExpired:
                child.kill()
            killed += child.wait() == -9
            if (self.district.folder / "jielian.db").exists():
                # Whatever is in place is the whole thing, with its epoch.
                self.assertIsNotNone(self.district.ask("status", expect=None)["restored"])
                self.district.refuse("restore", self.backup, names=[self.district.folder])
                shutil.rmtree(self.district.folder)
        self.assertGreater(killed, 5)
        # As when it is killed while it writes the keys, which is a short moment.
        staged = self.district.folder / "restoring"
        staged.mkdir(parents=True, exist_ok=True)
        (staged / ".keys.0123456789abcdef.tmp").write_bytes(b"cut")
        self.district.run("restore", self.backup)
        self.assertFalse(staged.exists())
        self.district.start()
        self.settle(self.a, self.b, self.c, types=("union_org",))
        self.assertEqual(self.came_back(), {1: 1, 2: 0, 3: 0})

    def test_what_is_in_the_way_of_a_restore_is_named_and_stays(self):
        self.back_up()
        other = District(self, "other")
        other.init()
        keys = (other.folder / "keys").read_bytes()
        (other.folder / "jielian.db").unlink()
        other.refuse("restore", self.backup, code=FAILED, names=["keys"])
        self.assertEqual((other.folder / "keys").read_bytes(), keys)
        cut = self.write("cut.db", self.backup.read_bytes()[:20000])
        self.write("cut.db.keys", keys)
        fourth = District(self, "fourth")
        fourth.refuse("restore", cut, code=FAILED, names=["cut.db"])
        self.assertEqual(list(fourth.folder.iterdir()), [])
        lone = self.write("lone.db", self.backup.read_bytes())
        District(self, "third").refuse("restore", lone, code=FAILED, names=["lone.db.keys"])


if __name__ == "__main__":
    unittest.main()
