"""The district announces several endpoints, and moves: its offices find it, wait for no dead one, talk
to no impostor at one of its addresses, and show which one they use."""

import time

from jielian import ATTENTION, District, wait_until
from world import World

SOON_S = 4  # a sync takes far less; JL_ENGINE_SILENT_MS, a dead end, is 30 s


class Endpoints(World):
    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.union = self.a.add_union("古荡甲厂工会")
        self.first = self.district.endpoint
        self.second, self.third = (f"tcp://127.0.0.1:{self.port()}" for _ in range(2))
        self.announce(self.second, self.third)
        self.a.sync()

    def announce(self, *endpoints):
        self.district.stop()
        conf = self.district.folder / "jielian.conf"
        lines = [line for line in conf.read_text(encoding="utf-8").split("\n")
                 if not line.startswith("endpoints")]
        conf.write_text("\n".join(lines + [f"endpoints = {' '.join(endpoints)}", ""]),
                        encoding="utf-8")
        self.district.start()

    def move(self, endpoint):
        self.district.stop()
        self.district.endpoint = endpoint
        self.district.start()

    def edit(self, number):
        self.a.set("union_org", self.union, address=f"文一路{number}号")
        start = time.monotonic()
        self.a.sync()
        self.assertLess(time.monotonic() - start, SOON_S)

    def assert_used(self, endpoint):
        self.assertEqual(self.a.status()["endpoint"], endpoint)
        self.assertIn(endpoint, self.a.run("status", expect=None).out)

    def test_a_district_that_moves_is_found_and_remembered(self):
        self.assert_used(self.first)
        for number, endpoint in enumerate((self.third, self.second, self.first, self.third)):
            self.move(endpoint)
            self.edit(number)
            self.assert_used(endpoint)
        self.edit(9)
        self.assert_used(self.third)

    def test_one_that_runs_finds_it_too(self):
        self.a.start()
        self.a.sync()
        self.move(self.second)
        self.a.set("union_org", self.union, address="文二路1号")
        self.a.sync(timeout=20)
        self.assertEqual(self.district.show("union_org", self.union)["address"], "文二路1号")
        wait_until("it is shown", lambda: self.a.status()["endpoint"] == self.second)

    def test_another_district_at_one_of_the_addresses_gets_nothing(self):
        impostor = District(self, "impostor")
        impostor.init()
        self.move(self.third)
        impostor.endpoint = self.first
        impostor.start()
        self.edit(1)
        self.assert_used(self.third)
        offices = impostor.ask("status", expect=None)["offices"]
        self.assertEqual([office["devices"] for office in offices], [])
        impostor.stop()

    def test_with_none_of_them_there_all_are_named(self):
        self.district.stop()
        said = self.a.run("sync", "--timeout", 2, "--lang", "en", expect=ATTENTION).err
        self.assertRegex(said, r"no answer from tcp://127\.0\.0\.1:\d+ \(and 2 other addresses")

    def test_what_is_announced_and_is_no_endpoint_does_no_harm(self):
        self.announce("tcp://;:1", "tcp://127.0.0.1:99999", "tcp://127.0.0.1:x:", self.second)
        self.edit(1)
        self.move(self.second)
        self.edit(2)
        self.assert_used(self.second)
        self.assertEqual(self.a.status()["district"]["endpoints"][3], self.second)

    def test_an_endpoint_that_is_not_announced_any_more_is_forgotten(self):
        self.move(self.third)
        self.edit(1)
        self.assert_used(self.third)
        self.announce(self.second)
        self.edit(2)
        self.assert_used(self.first)
        self.move(self.first)
        self.edit(3)
        self.assert_used(self.first)
