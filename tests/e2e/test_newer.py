"""The district has a newer program, whose catalogue knows keys that an office's program does not:
nothing is damaged, nothing is lost, everything goes on, and people learn which program to
install. When it is installed, everything is where it belongs.

The newer programs are today's with more known keys (tests/next)."""

import copy
import json
import os
import unittest

from jielian import ATTENTION, CATALOGUE, DISTRICT, DONE, FAILED, wait_until
from test_catalogue import MOTTO, STATION
from world import World

DISTRICT_NEXT = os.environ.get("JIELIAN_DISTRICT_NEXT", "jielian-district-next")
OFFICE_NEXT = os.environ.get("JIELIAN_OFFICE_NEXT", "jielian-office-next")
NEXT = {"since_next": {"anything": [1, None, "话"]}}

# Where a newer program may know one more key: from the catalogue to the object that gets it.
LEVELS = {
    "top": lambda catalogue: catalogue,
    "code list": lambda catalogue: catalogue["code_lists"]["sex"],
    "code": lambda catalogue: catalogue["code_lists"]["sex"]["codes"][0],
    "type": lambda catalogue: catalogue["types"][1],
    "field": lambda catalogue: catalogue["types"][1]["fields"][0],
    "living": lambda catalogue: first(catalogue["types"], "living")["living"],
    "transfer": lambda catalogue: first(catalogue["types"], "transfer")["transfer"],
    "flow": lambda catalogue: first(catalogue["types"], "flow")["flow"],
    "move": lambda catalogue: first(catalogue["types"], "flow")["flow"]["moves"][0],
    "check": lambda catalogue: first(catalogue["types"], "checks")["checks"][0],
    "figure": lambda catalogue: catalogue["figures"][0],
    "measure": lambda catalogue: catalogue["figures"][0]["measure"],
    "divisor": lambda catalogue: first(catalogue["figures"], "divisor")["divisor"],
    "filter": lambda catalogue: next(
        figure["measure"]["filters"][0] for figure in catalogue["figures"]
        if figure["measure"].get("filters")),
}


def first(entries, key):
    return next(entry for entry in entries if key in entry)


class Newer(World):
    def setUp(self):
        with open(CATALOGUE, encoding="utf-8") as file:
            self.catalogue = json.load(file)
        super().setUp()

    def prepare(self):
        self.district.binary = DISTRICT_NEXT
        super().prepare()
        self.a, self.c = self.pc("GD", "a"), self.pc("BS", "c")
        self.union = self.a.add_union("古荡甲厂工会")
        self.settle(self.a)

    def next_catalogue(self, version=2, levels=LEVELS, needs=None):
        catalogue = copy.deepcopy(self.catalogue)
        catalogue["version"] = version
        first([entry for entry in catalogue["types"] if entry["name"] == "union_org"],
              "fields")["fields"].append(MOTTO)
        catalogue["types"].append(STATION)
        for level in levels:
            LEVELS[level](catalogue).update(NEXT)
        if needs is not None:
            catalogue["needs"] = needs
        return self.write("next.json", json.dumps(catalogue, ensure_ascii=False))

    def apply(self, expect=DONE, **options):
        return self.district.ask("catalogue", "apply", self.next_catalogue(**options),
                                 expect=expect)

    def write_news(self):
        """What an older program has no columns for."""
        self.district.set("union_org", self.union, motto="区里写的")
        return self.district.add("bike_station", "--office", "GD", name="文三路驿站", bikes_n=5,
                                 keeper_phone="19900001234")

    def assert_needs(self, office, version, program=None):
        status = office.status(expect=ATTENTION)
        self.assertEqual(status["state"], "in_sync")
        self.assertEqual(status["catalogue_needs"], {"version": version, "program": program})
        for language, words in (("zh", "程序"), ("en", "program")):
            text = office.run("status", "--lang", language, expect=ATTENTION).out
            self.assertIn(words, text)
            self.assertIn(program or words, text)


class AnOldOffice(Newer):
    def test_it_works_on_and_has_everything_after_the_update(self):
        self.apply(needs="99.1", expect=ATTENTION)
        station = self.write_news()
        self.private.add("19900001234")
        for _ in range(3):  # no proof without the rows it has no table for
            self.assertEqual(self.a.sync().json["repairs"], 0)
        self.assert_needs(self.a, 2, "99.1")
        self.assertIn("99.1", self.a.sync().err)

        # Reading, adding and editing go on, and an edit takes nothing away.
        self.assertEqual(self.a.show("union_org", self.union)["name"], "古荡甲厂工会")
        self.a.set("union_org", self.union, staff_n=7)
        added = self.a.add_union("古荡乙厂工会")
        self.assertEqual(self.a.sync().json["repairs"], 0)
        shown = self.district.show("union_org", self.union)
        self.assertEqual((shown["motto"], shown["staff_n"]), ("区里写的", 7))
        self.assertEqual(self.district.show("union_org", added)["name"], "古荡乙厂工会")
        self.a.run("verify")
        self.a.start()
        self.a.set("union_org", self.union, address="文三路1号")
        wait_until("run is in step", lambda: self.a.status()["unsent"] == 0
                   and self.a.status()["state"] == "in_sync")
        self.a.stop()

        # The program is replaced.
        self.a.binary = OFFICE_NEXT
        self.assertIsNone(self.a.status()["catalogue_needs"])
        self.a.sync()
        shown = self.a.show("union_org", self.union)
        self.assertEqual((shown["motto"], shown["staff_n"], shown["address"]),
                         ("区里写的", 7, "文三路1号"))
        self.assertEqual([each["id"] for each in self.a.list("bike_station")], [station])
        self.assertEqual(self.a.status(expect=DONE)["catalogue"], 2)
        self.settle(self.a, types=("union_org", "bike_station"))
        self.a.run("verify")
        self.district.verify()

    def test_an_unknown_key_at_every_level(self):
        for version, level in enumerate(LEVELS, 2):
            with self.subTest(level):
                self.apply(version=version, levels=[level])
                self.a.set("union_org", self.union, staff_n=version)
                self.assertEqual(self.a.sync().json["repairs"], 0)
                self.assert_needs(self.a, version)
                self.assertEqual(self.district.show("union_org", self.union)["staff_n"], version)
        # The key is gone again: today's program understands, and takes it by sync.
        self.write_news()
        self.apply(version=50, levels=[])
        self.a.sync()
        self.assertEqual(self.a.show("union_org", self.union)["motto"], "区里写的")
        self.assertEqual(self.a.status(expect=DONE)["catalogue_needs"], None)
        self.settle(self.a, self.c, types=("union_org", "bike_station"))
        # What was judged in between only the newer program can judge again.
        self.district.verify()
        self.district.binary = DISTRICT
        result = self.district.refuse("verify", names=["新版程序"])
        self.assertNotIn("restore", result.err)

    def test_a_pc_that_joins_with_an_old_program(self):
        self.apply()
        station = self.write_news()
        late = self.pc("GD", "late")
        self.assertEqual(late.sync().json["repairs"], 0)
        self.assert_needs(late, 2)
        late.binary = OFFICE_NEXT
        late.sync()
        self.assertEqual(late.show("bike_station", station)["bikes_n"], 5)
        self.assertEqual(late.show("union_org", self.union)["motto"], "区里写的")
        self.settle(late, types=("union_org", "bike_station"))

    def test_a_program_that_is_put_back_reads_and_writes_nothing(self):
        self.apply(needs="99.1", expect=ATTENTION)
        self.write_news()
        self.a.binary = OFFICE_NEXT
        self.a.sync()
        self.a.set("union_org", self.union, motto="同心")
        self.a.binary = self.c.binary
        status = self.a.status(expect=ATTENTION)
        self.assertEqual(status["catalogue_needs"], {"version": 2, "program": "99.1"})
        self.assertEqual(self.a.show("union_org", self.union)["name"], "古荡甲厂工会")
        for words in (["sync"], ["set", "union_org", self.union, "staff_n=1"], ["verify"],
                      ["rebuild"]):
            self.a.refuse(*words, code=FAILED, names=["99.1"])
        self.a.binary = OFFICE_NEXT
        self.settle(self.a, types=("union_org", "bike_station"))
        self.assertEqual(self.district.show("union_org", self.union)["motto"], "同心")


class Applying(Newer):
    def test_pcs_with_an_old_program_are_named(self):
        path = self.next_catalogue(needs="99.1")
        listed = self.district.ask("catalogue", "check", path, expect=ATTENTION)
        self.assertEqual(listed["needs"], "99.1")
        self.assertEqual([(each["office"], each["id"], each["version"]) for each
                          in listed["too_old"]],
                         [("GD", 1, self.a.status()["version"]),
                          ("BS", 2, self.c.status()["version"])])
        self.assertEqual(self.district.ask("catalogue", "show")["version"], 1)
        for language in ("zh", "en"):
            text = self.district.run("catalogue", "check", path, "--lang", language,
                                     expect=ATTENTION).out
            for word in ("GD", "BS", "99.1", self.a.status()["version"]):
                self.assertIn(word, text)
        self.district.run("device", "revoke", "2")
        self.assertEqual(len(self.apply(needs="99.1", expect=ATTENTION)["too_old"]), 1)
        self.assertEqual(self.district.ask("catalogue", "show")["version"], 2)

    def test_a_catalogue_for_everybody_names_nobody(self):
        self.assertEqual(self.apply()["too_old"], [])

    def test_what_people_write_is_checked_strictly(self):
        path = self.next_catalogue(levels=["field"])
        self.district.binary = DISTRICT
        self.district.refuse("catalogue", "check", path, names=["since_next", "fields[0]"])
        path = self.next_catalogue(levels=[], needs="99.1")
        self.district.refuse("catalogue", "apply", path, names=["99.1"])


class AnOldDistrict(Newer):
    def test_it_judges_nothing_and_says_which_program_is_needed(self):
        self.apply(needs="99.1", expect=ATTENTION)
        self.write_news()
        self.a.set("union_org", self.union, staff_n=7)
        self.district.stop()
        self.district.binary = DISTRICT
        path = self.folder / "kept.backup"
        for words in (["serve", "--sync", f"tcp://127.0.0.1:{self.port()}"],
                      ["set", "union_org", self.union, "staff_n=1"],
                      ["catalogue", "apply", self.next_catalogue(version=3, levels=[])],
                      ["verify"]):
            result = self.district.refuse(*words, names=["99.1"])
            self.assertNotIn("损坏", result.err)
        self.assertEqual(self.district.show("union_org", self.union)["name"], "古荡甲厂工会")
        self.district.run("status", expect=None)
        self.district.ask("report")
        self.district.run("backup", path)
        self.district.binary = DISTRICT_NEXT
        self.district.start()
        self.a.binary = OFFICE_NEXT
        self.settle(self.a, types=("union_org", "bike_station"))
        self.district.verify()

    def test_a_serve_that_was_not_restarted_judges_nothing_more(self):
        self.district.stop()
        self.district.binary = DISTRICT
        self.district.start()
        self.a.sync()
        self.district.binary = DISTRICT_NEXT
        self.apply(needs="99.1", expect=ATTENTION)
        self.a.set("union_org", self.union, staff_n=7)
        self.assertEqual(self.a.sync(expect=ATTENTION, timeout=4).json["unsent"], 1)
        self.assertIn("99.1", self.district.process.err)
        self.assertIsNone(self.district.process.exit_code())
        self.district.stop()
        self.district.start()
        self.assertEqual(self.a.sync().json["unsent"], 0)
        self.assertEqual(self.district.show("union_org", self.union)["staff_n"], 7)
        self.district.verify()


if __name__ == "__main__":
    unittest.main()
