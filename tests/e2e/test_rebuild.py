"""`rebuild`: new books from the district with the outbox kept, whatever happens meanwhile."""

import random
import time
import unittest

from jielian import ATTENTION, FAILED, Process
from pages import pages_of, spoil
from test_pages import HEADER, Pages


class Rebuild(Pages):
    def test_without_a_network_nothing_is_changed(self):
        self.district.stop()
        before = (self.books(self.a)).read_bytes()
        result = self.a.run("rebuild", expect=None, seconds=90)
        self.assertEqual(result.code, ATTENTION, str(result))
        self.assertEqual(self.books(self.a).read_bytes(), before)
        self.assertEqual(self.a.status()["unsent"], 62)
        self.district.start()
        self.settle(self.a, self.b)
        self.assertEqual(self.names(self.district), sorted(self.sent + self.unsent))

    def test_a_rebuild_killed_anywhere_loses_nothing(self):
        rng, took, killed = random.Random(3), 1.0, 0
        for turn in range(14):
            path = self.csv("more.csv", HEADER, *[[f"第{turn:02d}轮{n:02d}", "独立基层工会",
                                                  "2018-05-01", "已建"] for n in range(5)])
            if (self.a.folder / "jielian.db").exists():
                self.a.take("union_org", path)
                self.unsent = self.unsent + [f"第{turn:02d}轮{n:02d}" for n in range(5)]
                child = Process(self, self.a.command("rebuild"), self.a.env)
                start = time.monotonic()
                end = start + rng.uniform(0, took)
                while time.monotonic() < end and child.exit_code() is None:
                    time.sleep(0.005)
                if child.exit_code() is None:
                    killed += 1
                else:
                    took = time.monotonic() - start
                child.kill()
            else:
                self.a.sync()  # what `status` and the docs say in this state
        self.assertGreater(killed, 4)
        self.a.sync()
        self.b.sync()
        self.assert_same(self.a)
        self.assert_same(self.b)
        self.assertEqual(self.names(self.district), sorted(self.sent + self.unsent))
        self.assertEqual(self.district.list("case"), [])
        self.district.verify()

    def test_what_only_this_pc_has_is_kept(self):
        """A record that the district did not take, its history, and undo of a change set."""
        org = self.a.list("union_org", "name=已发送0001")[0]["id"]
        self.a.sync()
        self.b.sync()
        self.b.set("union_org", org, staff_n=4)
        self.a.set("union_org", org, chair_name="李四")
        self.settle(self.a, self.b)
        history = self.a.ask("history", "union_org", org)
        spoil(self.books(self.a), pages_of(self.books(self.a), "word")[0])
        result = self.a.run("rebuild", "--json")
        self.assertEqual((result.json["kept_unsent"], result.json["unreadable"]), (0, 0))
        self.assertGreaterEqual(result.json["kept_confirmed"], 463)
        own = [line for line in history if line["what"] != "received"]
        self.assertEqual([line for line in self.a.ask("history", "union_org", org)
                          if line["what"] != "received"], own)
        self.settle(self.a, self.b, types=("union_org",))

    def test_a_file_that_is_no_database_any_more_is_still_rebuilt(self):
        self.a.sync()
        self.books(self.a).write_bytes(b"\0" * 100000)
        told = self.a.run("verify", expect=FAILED)
        self.assertIn("rebuild", told.err)
        result = self.a.run("rebuild", "--json", expect=ATTENTION)
        self.assertIsNone(result.json["unsent_unreadable"])
        self.assertEqual(result.json["state"], "in_sync")
        self.settle(self.a, self.b)

    def test_while_run_is_up_it_says_so(self):
        self.a.start()
        self.a.refuse("rebuild", names=["run"])
        self.a.stop()

    def test_a_whole_folder_is_called_whole(self):
        self.assertTrue(self.a.ask("verify")["good"])
        self.a.start()
        self.assertTrue(self.a.ask("verify")["good"])
        self.a.stop()


if __name__ == "__main__":
    unittest.main()
