"""How it went before: how a PC's program stopped, its last cycles and how they ended, its Bye; at
the PC and as the district was told."""

import hashlib
import time
import unittest

import rogue
from jielian import ATTENTION, wait_until
from rogue import Rogue
from world import World


class Past(World):
    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.a.sync()
        self.number = self.a.status()["device"]

    def told(self):
        return self.district.device("GD", self.number)

    def wait_bye(self, reason):
        wait_until(f"bye {reason}", lambda: (self.told()["bye"] or {}).get("reason") == reason)

    def ends(self, document):
        return [cycle["end"] for cycle in document["cycles"]]

    def test_a_sync_says_bye_when_all_is_done(self):
        self.a.sync()
        self.wait_bye("done")
        told = self.told()
        self.assertEqual(told["last_stop"]["how"], "clean")
        self.assertEqual(told["state"], "in_sync")
        self.assertGreaterEqual(told["bye"]["at"], told["proven_at"])
        status = self.a.status()
        self.assertEqual((status["last_stop"], self.ends(status)), ("clean", ["proven"]))
        self.assertGreaterEqual(status["cycles"][0]["count"], 2)

    def test_a_run_says_bye_when_it_is_stopped_and_is_back_with_its_hello(self):
        self.a.start()
        wait_until("proven", lambda: self.a.status()["state"] == "in_sync")
        self.assertIsNone(self.told()["bye"])
        self.a.stop()
        self.wait_bye("stopped")
        self.assertEqual(self.a.status()["last_stop"], "clean")
        self.a.start()
        wait_until("back", lambda: self.told()["bye"] is None)
        self.assertEqual(self.told()["last_stop"]["how"], "clean")

    def test_a_run_that_was_killed_is_told_with_the_next_hello(self):
        self.a.start()
        wait_until("proven", lambda: self.a.status()["state"] == "in_sync")
        self.assertEqual(self.a.status()["last_stop"], "clean")  # the one before
        self.a.kill()
        self.assertEqual(self.a.status()["last_stop"], "cut_off")
        self.assertIsNone(self.told()["bye"])
        self.a.sync()
        self.assertEqual(self.told()["last_stop"]["how"], "cut_off")
        self.a.sync()
        self.assertEqual(self.told()["last_stop"]["how"], "clean")

    def test_a_suspended_pc_notes_why_and_says_that_it_tries_no_more(self):
        self.district.run("device", "suspend", self.number)
        self.a.sync(expect=ATTENTION)
        self.wait_bye("gave_up")
        last = self.a.status()["cycles"][-1]
        self.assertEqual((last["end"], last["why"]), ("refused", "suspended"))
        self.district.run("device", "resume", self.number)
        self.a.sync()
        self.assertEqual([(c["end"], c["why"]) for c in self.told()["cycles"]],
                         [("proven", None), ("refused", "suspended")])

    def test_a_line_that_breaks_is_told_when_it_is_there_again(self):
        self.a.start()
        wait_until("proven", lambda: self.a.status()["state"] == "in_sync")
        self.district.process.freeze()
        self.a.add_union("古荡甲厂工会")  # something to do, and nobody answers
        wait_until("it is noted", lambda: self.ends(self.a.status())[-1:] == ["silent"], 60, 0.5)
        self.district.process.freeze(False)
        wait_until("proven again", lambda: self.ends(self.told())[-1:] == ["silent"], 60, 0.5)
        silent = self.told()["cycles"][-1]
        self.assertGreaterEqual(silent["longest_ms"], 15000)
        self.assertLess(silent["began_at"], silent["ended_at"])
        self.assertIn("没有应答，或线路中断", self.district.run("status", expect=None).out)

    def test_a_folder_that_nobody_worked_on_says_nothing(self):
        b = self.pc("GD", "b")
        told = self.district.device("GD", b.status()["device"])
        self.assertEqual((told["cycles"], told["last_stop"]), ([], None))

    def test_a_welcome_tells_of_the_district_and_of_this_offices_pcs(self):
        b, other = self.pc("GD", "b"), self.pc("BS", "c")
        status = self.a.status()
        self.assertEqual([pc["device"] for pc in status["pcs"]], [self.number], "as of then")
        self.district.stop()
        with open(self.district.folder / "jielian.conf", "a", encoding="utf-8") as file:
            file.write("endpoints = tcp://10.0.0.5:7800 tcp://district.example.cn:7800\n")
        self.district.start()
        self.district.run("device", "revoke", b.status()["device"])
        self.a.sync()
        status = self.a.status()
        version = status["version"]
        self.assertEqual(status["district"]["program"], version)
        self.assertEqual(status["district"]["endpoints"],
                         ["tcp://10.0.0.5:7800", "tcp://district.example.cn:7800"])
        self.assertLess(status["district"]["told_at"], status["proven_at"] + "~")
        self.assertEqual([(pc["device"], pc["state"]) for pc in status["pcs"]],
                         [(self.number, "active"), (b.status()["device"], "revoked")])
        self.assertEqual({pc["version"] for pc in status["pcs"]}, {version})
        self.assertTrue(all(pc["last_seen"] and pc["proven_at"] for pc in status["pcs"]))
        other.sync()
        self.assertEqual([pc["device"] for pc in other.status()["pcs"]],
                         [other.status()["device"]], "no other office's")
        self.district.run("device", "suspend", self.number)
        self.a.sync(expect=ATTENTION)
        self.assertEqual(self.a.status()["pcs"], [], "a suspended one is told of no PCs")

    def test_what_is_as_it_was_told_is_not_told_again(self):
        def sync():
            before = self.district.metric("jielian_bytes_total", direction="out")
            self.a.sync()
            status = self.a.status()
            lines = {pc["device"]: pc for pc in status["pcs"]}
            return (self.district.metric("jielian_bytes_total", direction="out") - before,
                    status, lines[self.number], lines[b.status()["device"]])

        b = self.pc("GD", "b")
        b.sync()
        told, status, own, other = sync()
        time.sleep(1.1)  # times are told in whole seconds
        same, status_then, own_then, other_then = sync()
        self.assertGreater(told - same, 60, "neither the program nor two PCs")
        self.assertGreater(status_then["district"]["told_at"], status["district"]["told_at"])
        self.assertEqual(status_then["district"]["program"], status["version"])
        self.assertEqual(other_then, other)
        self.assertGreater(own_then["last_seen"], own["last_seen"])
        self.assertEqual(own_then["proven_at"], status["proven_at"])
        time.sleep(1.1)
        b.sync()
        told, _, _, other_then = sync()
        self.assertGreater(told - same, 60)
        self.assertGreater(other_then["last_seen"], other["last_seen"])

    def test_the_district_counts_sessions_that_were_cut_off(self):
        self.assertIsNone(self.told()["cut_off"])
        for count in (1, 2):
            client = Rogue(self.a, self.server())  # an older program: no Bye
            client.incarnation = bytes([count]) * 16
            client.hash = hashlib.sha256(b"jielian chain v1" + client.incarnation).digest()
            client.hello()
            client.hello()  # not a new session
            client.close()
            if count == 1:
                self.assertIsNone(self.told()["cut_off"], "it may yet be there")
        cut = self.told()["cut_off"]
        self.assertEqual(cut["count"], 1)
        self.assertLessEqual(cut["began_at"], cut["heard_at"])
        self.a.sync()
        self.assertEqual(self.told()["cut_off"]["count"], 2)
        self.a.sync()
        self.assertEqual(self.told()["cut_off"]["count"], 2, "a proof, and a Bye")

    def test_a_first_page_says_how_much_there_is(self):
        names = [[f"古荡{n}厂工会", "独立基层工会", "2018-05-01", "已建", "路" * 300 + str(n)]
                 for n in range(300)]
        self.a.take("union_org", self.csv("unions.csv", ["工会名称", "基层工会类型", "建会日期",
                                                         "状态", "地址"], *names))
        self.a.sync()
        self.assertIsNone(self.a.status()["first_download"])
        client = Rogue(self.a, self.server())
        self.addCleanup(client.close)
        client.hello()
        kind, page = client.ask(rogue.PULL, rogue.pack({1: 1, 3: 1024, 4: 1, 5: 1}))
        self.assertEqual(kind, rogue.PAGE)
        self.assertEqual(self.counts(page[9][0])[1000], 300)
        kind, page = client.ask(rogue.PULL, rogue.pack({1: 1, 2: page[3][0], 3: 1024, 4: 1, 5: 1}))
        self.assertNotIn(9, page, "the first page alone")

    @staticmethod
    def counts(raw):
        """{type: count}."""
        numbers, number, shift = [], 0, 0
        for byte in raw:
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                numbers.append(number)
                number = shift = 0
        return dict(zip(numbers[::2], numbers[1::2]))

    def server(self):
        return bytes.fromhex(self.district.invite("GD").read_text().split("district=")[1][:64])

    def test_an_older_program_says_nothing_of_it(self):
        b = self.pc("GD", "b")
        number = b.status()["device"]
        client = Rogue(b, self.server())
        self.addCleanup(client.close)
        kind, welcome = client.hello()
        self.assertEqual(kind, rogue.WELCOME)
        self.assertEqual(welcome[10], [19], "what the district knows")
        told = self.district.device("GD", number)
        self.assertEqual((told["bye"], told["last_stop"]), (None, None))

    def test_a_bye_of_a_later_program_and_what_follows_it(self):
        b = self.pc("GD", "b")
        number = b.status()["device"]
        client = Rogue(b, self.server())
        self.addCleanup(client.close)
        client.hello()
        client.dealer.send(rogue.envelope(17, rogue.pack({1: 99})))
        wait_until("bye", lambda: (self.district.device("GD", number)["bye"] or {}).get("reason")
                   == "other")
        kind, answer = client.ask(rogue.PULL, rogue.pack({1: 1, 3: 65536, 4: 1}))
        self.assertEqual((kind, answer[1]), (rogue.REFUSE, [7]), "Hello first")
        time.sleep(0.1)
        self.assertEqual(client.hello()[0], rogue.WELCOME)
        self.assertIsNone(self.district.device("GD", number)["bye"])


if __name__ == "__main__":
    unittest.main()
