"""Goal: no clock that is wrong loses work, and the one that is wrong is named.
Method: real programs whose wall clock is set off (other_clock.c); commands run with the same clock as
the serve of their machine."""

import os
import re
import shutil
import time
import unittest

from jielian import ATTENTION, DONE, MISUSE, Office, Process, wait_until
from world import World

DAY = 86400
YEAR = 365 * DAY
OTHER_CLOCK = os.environ["JIELIAN_OTHER_CLOCK"]


def set_off(program, seconds):
    """From now on this machine's wall clock is so many seconds off."""
    program.env.update(LD_PRELOAD=OTHER_CLOCK, JIELIAN_OTHER_CLOCK_S=str(seconds),
                       ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")


class Clocks(World):
    def prepare(self):
        super().prepare()
        self.a, self.b, self.c = (self.pc("GD", name) for name in "abc")

    def serve_at(self, seconds):
        """The district's machine has this clock; serve is up, ready or not."""
        if self.district.process is not None:
            self.district.stop()
        set_off(self.district, seconds)
        self.district.process = Process(self, self.district.serve_command(), self.district.env)
        wait_until("serve is up", lambda: self.district.http("/healthz")[0] == 200, 30)

    def greet(self, *pcs):
        for pc in pcs:
            pc.sync()

    def clock(self):
        return self.district.ask("status", expect=None)["clock"]

    def said(self):
        """The states that the log of serve names, in order."""
        return re.findall(r"event=clock state=(\w+) ", self.district.process.err)

    def words(self):
        return [self.district.run("status", "--lang", language, expect=None).out
                for language in ("zh", "en")]


class Right(Clocks):
    def test_all_clocks_are_right(self):
        self.greet(self.a, self.b, self.c)
        clock = self.clock()
        self.assertEqual((clock["state"], clock["seconds"], clock["trusted"], clock["devices"],
                          clock["sharing"]), ("ok", 0, True, 3, 3))
        self.assertEqual(self.district.http("/readyz"), (200, "ready\n"))
        self.assertEqual(self.said(), ["ok"])
        self.assertEqual(self.district.metric("jielian_clock_off_seconds", state="behind_journal"), 0)
        for text in self.words():
            self.assertNotIn("时钟", text)
            self.assertNotIn("clock", text)


class Years(Clocks):
    def test_two_starts_in_2099_and_a_restore_lose_nothing(self):
        backup = self.folder / "before.backup"
        self.district.run("backup", backup)
        union = self.a.add_union("古荡甲厂工会")
        self.a.sync()
        for seconds in (73 * YEAR, 74 * YEAR):
            self.serve_at(seconds)
            self.greet(self.a)
        self.district.stop()
        shutil.rmtree(self.district.folder)
        set_off(self.district, 0)
        self.district.run("restore", backup)
        self.district.start()
        self.a.sync()
        self.assertEqual(self.district.show("union_org", union)["name"], "古荡甲厂工会")

    def test_behind_the_journal(self):
        self.a.add_union("古荡甲厂工会")
        self.a.sync()
        self.serve_at(-26 * YEAR - DAY)
        wait_until("the log says so", lambda: self.said() == ["behind_journal"])
        status, text = self.district.http("/readyz")
        self.assertEqual(status, 503)
        self.assertRegex(text, r"clock.*\b8200\d{5} seconds behind the journal")
        clock = self.clock()
        self.assertEqual((clock["state"], clock["trusted"]), ("behind_journal", False))
        self.assertAlmostEqual(clock["seconds"], -26 * YEAR - DAY, delta=600)
        self.assertAlmostEqual(
            self.district.metric("jielian_clock_off_seconds", state="behind_journal"),
            -26 * YEAR - DAY, delta=600)
        self.district.run("status", expect=ATTENTION)
        zh, en = self.words()
        self.assertIn("本服务器的时钟不对：比账本里最近的记录慢 26 年", zh)
        self.assertIn("clock is wrong: 26 years behind the newest entry of its books", en)
        invited = self.district.run("invite", "GD", "--endpoint", self.district.endpoint, "--out",
                                    self.folder / "early.invite")
        self.assertIn("时钟不对", invited.err)
        self.serve_at(0)
        self.assertEqual(self.district.http("/readyz"), (200, "ready\n"))
        wait_until("the log says so", lambda: self.said() == ["ok"])

    def test_far_from_its_devices_and_set_right_while_it_runs(self):
        self.serve_at(2 * DAY + 60)
        self.greet(self.a, self.b)
        self.assertEqual(self.clock()["state"], "ok")  # two are no majority
        self.greet(self.c)
        wait_until("the log says so", lambda: self.said() == ["ok", "far_from_devices"])
        status, text = self.district.http("/readyz")
        self.assertEqual(status, 503)
        self.assertRegex(text, r"clock.*172[89]\d\d seconds ahead of the devices")
        zh, en = self.words()
        self.assertIn("本服务器的时钟不对：比多数设备快 2 天", zh)
        self.assertIn("3 台设备中有 3 台的时钟都比本服务器慢 2 天", zh)
        self.assertIn("it is this server's clock that is off, not theirs", en)
        self.assertNotIn("设备的时钟比本服务器", zh)  # not three lines about three right PCs
        self.district.run("status", expect=ATTENTION)
        self.serve_at(0)
        self.greet(self.a, self.b, self.c)
        self.assertEqual(self.district.http("/readyz"), (200, "ready\n"))

    def test_a_journal_of_a_wrong_clock_does_not_accuse_the_right_one_for_ever(self):
        self.serve_at(30 * YEAR)
        self.a.add_union("古荡甲厂工会")
        self.a.sync()
        self.serve_at(0)
        self.greet(self.a, self.b)
        self.assertEqual(self.clock()["state"], "journal_ahead")
        self.assertEqual(self.district.http("/readyz"), (200, "ready\n"))
        self.assertIn("曾经快过", self.words()[0])
        self.assertTrue(self.clock()["trusted"])

    def test_last_heard_in_the_future_is_not_in_step(self):
        self.serve_at(30 * YEAR)
        self.greet(self.a)
        self.serve_at(0)
        number = self.a.status()["device"]
        self.assertEqual(self.district.device("GD", number)["state"], "offline")
        self.greet(self.a)
        self.assertEqual(self.district.device("GD", number)["state"], "in_sync")


class Hours(Clocks):
    def test_a_pc_whose_clock_is_off_is_named_with_its_direction(self):
        set_off(self.b, 3 * 3600 + 60)
        set_off(self.c, -3 * DAY)
        self.greet(self.a, self.b, self.c)
        a, b, c = (self.district.device("GD", pc.status()["device"]) for pc in (self.a, self.b, self.c))
        self.assertEqual([each["clock_is"] for each in (a, b, c)], ["level", "ahead", "behind"])
        self.assertAlmostEqual(b["clock_offset_ms"], (3 * 3600 + 60) * 1000, delta=20000)
        zh, en = self.words()
        self.assertIn(f"GD {b['id']}  设备的时钟比本服务器快 3 小时", zh)
        self.assertRegex(en, rf"GD {c['id']}  the device's clock is behind this server's by 3 days")
        self.assertNotIn(f"GD {a['id']}  设备", zh)
        self.assertEqual(self.district.http("/readyz"), (200, "ready\n"))
        self.district.run("status", expect=DONE)

    def test_an_offset_that_most_share_is_the_districts(self):
        self.serve_at(-5 * 3600)
        self.greet(self.a, self.b, self.c)
        clock = self.clock()
        self.assertAlmostEqual(clock["offset_ms"], 5 * 3600 * 1000, delta=20000)
        self.assertEqual(clock["sharing"], 3)
        zh, en = self.words()
        self.assertIn("3 台设备中有 3 台的时钟都比本服务器快 5 小时：不对的是本服务器的时钟", zh)
        self.assertIn("Of 3 devices 3 have clocks that are ahead of this server's by 5 hours", en)
        self.assertNotIn("设备的时钟比本服务器", zh)


class Dates(Clocks):
    """At the desk, a clock that is behind the last proof (at the district: the journal)."""

    def day(self, days):
        # In the offices' zone; the tests may run at any hour of any zone.
        return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600 + days * DAY))

    def add(self, program, days, expect):
        more = () if program is not self.district else ("--office", "GD")
        return program.run("add", "union_org", f"name={program.folder.name}工会{days}厂",
                           "org_kind=独立基层工会", f"founded_on={self.day(days)}", "status=已建",
                           *more, expect=expect)

    def test_a_pc_of_another_year_takes_the_dates_of_today(self):
        set_off(self.b, -3 * YEAR)
        self.b.sync()
        self.add(self.b, 0, DONE)
        self.add(self.b, 2, MISUSE)
        self.assertEqual(self.b.sync().json["parked"], 0)

    def test_a_district_of_another_year_takes_the_dates_of_its_journal(self):
        self.a.add_union("古荡甲厂工会")
        self.a.sync()
        set_off(self.district, -3 * YEAR)
        self.add(self.district, 2, MISUSE)


class Doors(Clocks):
    def test_an_expired_invitation_is_refused_with_the_reason_when_the_clock_is_in_doubt(self):
        path = self.district.invite("GD")
        self.serve_at(5 * YEAR)
        self.greet(self.a, self.b, self.c)
        wait_until("the log says so", lambda: self.said()[-1:] == ["far_from_devices"])
        late = Office(self, "GD", "late")
        wait_until("the door knows", lambda: "时钟不对" in late.run(
            "join", path, "--timeout", "5", expect=None).err, 20)
        self.assertFalse(late.folder.exists())
        self.serve_at(0)
        late.join(path)

    def test_nobody_is_late_because_one_clock_says_so(self):
        union = self.a.add_union("古荡甲厂工会")
        member = self.a.add_member(union, "张三", "990106199001010010")
        self.a.run("transfer", "request", member, "BS")
        self.a.sync()
        self.serve_at(YEAR)
        self.greet(self.a, self.b, self.c)
        wait_until("the log says so", lambda: self.said()[-1:] == ["far_from_devices"])
        self.assertEqual(self.district.ask("case", "list"), [])
        self.greet(self.a)
        self.assertEqual(self.a.cases(), [])


del Clocks  # its tests are its subclasses'

if __name__ == "__main__":
    unittest.main()
