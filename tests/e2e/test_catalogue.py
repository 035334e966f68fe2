"""The catalogue changes while everything runs: new fields and types reach the offices by sync, with
no restart and no new program; what is not additive is refused and names the entry."""

import copy
import json
import sqlite3
import unittest

from jielian import CATALOGUE, FAILED, MISUSE, wait_until
from world import World

MOTTO = {"number": 120, "name": "motto", "kind": "text", "zh": "口号", "en": "Motto",
         "synonyms": ["标语"], "search": True}
STATION = {"number": 2000, "name": "bike_station", "zh": "单车驿站", "en": "Bike station",
           "owner": "office", "decides": "office", "title": ["name"],
           "fields": [{"number": 1, "name": "name", "kind": "text", "zh": "名称", "en": "Name",
                       "required": True, "search": True},
                      {"number": 2, "name": "org", "kind": "ref", "zh": "所属工会", "en": "Union",
                       "ref": "union_org"},
                      {"number": 3, "name": "keeper_phone", "kind": "phone", "zh": "联系电话",
                       "en": "Phone", "sensitive": True, "search": True},
                      {"number": 4, "name": "bikes_n", "kind": "int", "zh": "车辆数",
                       "en": "Bikes"}]}


class Catalogue(World):
    def setUp(self):
        with open(CATALOGUE, encoding="utf-8") as file:
            self.catalogue = json.load(file)
        super().setUp()

    def prepare(self):
        super().prepare()
        self.a, self.c = self.pc("GD", "a"), self.pc("BS", "c")
        self.union = self.a.add_union("古荡甲厂工会")

    def changed(self, change, version=2):
        """A catalogue file: the shipped one with `change` done to it."""
        catalogue = copy.deepcopy(self.catalogue)
        catalogue["version"] = version
        change(catalogue)
        return self.write("next.json", json.dumps(catalogue, ensure_ascii=False))

    def type_named(self, catalogue, name):
        return next(each for each in catalogue["types"] if each["name"] == name)

    def add_both(self, catalogue):
        self.type_named(catalogue, "union_org")["fields"].append(MOTTO)
        catalogue["types"].append(STATION)


class Additions(Catalogue):
    def test_a_field_and_a_type_reach_a_running_pair(self):
        self.a.start()
        wait_until("a is proven", lambda: self.a.status()["state"] == "in_sync")
        pids = (self.district.process.pid, self.a.process.pid)
        self.a.refuse("set", "union_org", self.union, "motto=同心", code=MISUSE, names=["motto"])
        self.a.refuse("list", "bike_station", code=MISUSE, names=["bike_station"])
        path = self.changed(self.add_both)
        answer = self.district.ask("catalogue", "check", path)
        self.assertEqual(self.district.ask("catalogue", "show")["version"], 1)
        answer = self.district.ask("catalogue", "apply", path)
        self.assertEqual((answer["version"], answer["changed"]), (2, True))
        self.assertEqual(self.district.ask("catalogue", "apply", path)["changed"], False)

        wait_until("the office knows the field", lambda: self.a.run(
            "set", "union_org", self.union, "motto=同心", expect=None).code == 0)
        station = self.a.add("bike_station", name="文三路驿站", org="古荡甲厂工会", bikes_n=5,
                             keeper_phone="19900001234")
        self.private.add("19900001234")
        wait_until("it arrived", lambda: self.district.list("bike_station"))
        self.assertEqual((self.district.process.exit_code(), self.a.process.exit_code()),
                         (None, None))
        self.assertEqual((self.district.process.pid, self.a.process.pid), pids)
        self.settle(self.a, self.c, types=("union_org", "bike_station"))
        self.assertEqual(self.district.show("union_org", self.union)["motto"], "同心")
        shown = self.district.show("bike_station", station)
        self.assertEqual((shown["org"], shown["bikes_n"], shown["keeper_phone"]),
                         (self.union, 5, "199****1234"))
        self.a.stop()
        self.check_everywhere(station)

    def check_everywhere(self, station):
        """Table, template, import, search, history: all from the entry."""
        books = sqlite3.connect(self.a.folder / "jielian.db")
        columns = [row[1] for row in books.execute("PRAGMA table_info(bike_station)")]
        books.close()
        for column in ("name", "org", "bikes_n", "keeper_phone"):
            self.assertIn(column, columns)
        template = self.folder / "t.csv"
        self.a.run("template", "bike_station", template)
        self.assertTrue(template.read_text("utf-8-sig").startswith("名称,所属工会,联系电话,车辆数"))
        counts = self.a.take("bike_station", self.csv("s.csv", ["名称", "车辆数"], ["古墩路驿站", "7"]))
        self.assertEqual(counts["added"], 1)
        self.assertIn(station, [found["id"] for found in self.a.ask("find", "wensanlu")])
        self.assertEqual(self.a.ask("history", "bike_station", station)[0]["what"], "create")
        self.settle(self.a, types=("bike_station",))
        self.district.verify()

    def test_an_office_that_was_away_keeps_its_ops_and_gets_the_new_column(self):
        self.settle(self.a, self.c)
        self.district.stop()
        self.a.set("union_org", self.union, staff_n=5)
        self.district.run("catalogue", "apply", self.changed(self.add_both))
        self.district.set("union_org", self.union, motto="区里写的")
        self.a.set("union_org", self.union, address="文三路1号")
        self.district.start()
        self.settle(self.a, self.c)
        record = self.a.show("union_org", self.union)
        self.assertEqual((record["motto"], record["staff_n"], record["address"]),
                         ("区里写的", 5, "文三路1号"))
        self.assertEqual(self.district.list("case"), [])
        # And a device that comes only now has it from the start.
        late = self.pc("GD", "late")
        self.assertEqual(late.show("union_org", self.union)["motto"], "区里写的")

    def test_codes_labels_and_hiding(self):
        def change(catalogue):
            catalogue["code_lists"]["activity_kind"]["codes"].append(
                {"number": 200, "key": "chess", "zh": "棋类比赛", "en": "Chess"})
            field = next(each for each in self.type_named(catalogue, "union_org")["fields"]
                         if each["name"] == "note")
            field["hidden"] = True
            field["zh"] = "旧备注"

        self.district.run("catalogue", "apply", self.changed(change))
        self.settle(self.a)
        self.a.add("activity", kind="棋类比赛", title="象棋赛", start_on="2022-05-01")
        self.assertNotIn("note", self.a.show("union_org", self.union))
        self.settle(self.a, types=("activity", "union_org"))

    def test_versions_one_after_the_other(self):
        for version in range(2, 6):
            def change(catalogue, version=version):
                fields = self.type_named(catalogue, "union_org")["fields"]
                for number in range(2, version + 1):
                    fields.append({"number": 100 + number, "name": f"extra{number}",
                                   "kind": "int", "zh": f"附加{number}", "en": f"Extra {number}"})
            self.district.run("catalogue", "apply", self.changed(change, version))
            self.a.sync()
            self.a.set("union_org", self.union, **{f"extra{version}": version})
        self.settle(self.a, self.c)
        record = self.district.show("union_org", self.union)
        self.assertEqual([record[f"extra{n}"] for n in range(2, 6)], [2, 3, 4, 5])
        self.district.verify()


class Refusals(Catalogue):
    def refuse(self, change, *names, version=2):
        path = self.changed(change, version)
        for word in ("check", "apply"):
            self.district.refuse("catalogue", word, path, code=FAILED, names=names)
        self.assertEqual(self.district.ask("catalogue", "show")["version"], 1)

    def field(self, catalogue, type_name, name):
        return next(each for each in self.type_named(catalogue, type_name)["fields"]
                    if each["name"] == name)

    def test_what_is_not_additive_is_refused(self):
        for key, value in (("number", 99), ("kind", "int"), ("name", "naam"), ("sensitive", True)):
            self.refuse(lambda catalogue, key=key, value=value: self.field(
                catalogue, "union_org", "address").update({key: value}), "union_org")
        self.refuse(lambda catalogue: self.type_named(catalogue, "union_org")["fields"].pop(),
                    "union_org", "note")
        self.refuse(lambda catalogue: catalogue["types"].pop(), "policy_doc")
        self.refuse(lambda catalogue: self.field(catalogue, "union_org", "address").update(
            {"required": True}), "union_org", "address")
        self.refuse(lambda catalogue: catalogue["code_lists"]["sex"]["codes"][0].update(
            {"number": 7}), "sex")
        self.refuse(lambda catalogue: self.type_named(catalogue, "member").update(
            {"number": 1500}), "member")
        self.a.sync()

    def test_check_names_the_entry(self):
        def wrong(catalogue):
            self.field(catalogue, "member", "edu")["codes"] = "no_such_list"

        self.refuse(wrong, "next.json", "member", "edu", "no_such_list")
        self.refuse(lambda catalogue: self.field(catalogue, "member", "edu").update(
            {"kind": "colour"}), "next.json", "edu", "colour")
        self.refuse(lambda catalogue: self.field(catalogue, "member", "edu").update(
            {"requird": True}), "edu", "requird")
        self.refuse(lambda catalogue: self.type_named(catalogue, "member")["fields"].append(
            dict(MOTTO, zh="姓名")), "member", "motto")
        self.refuse(lambda catalogue: self.type_named(catalogue, "member")["fields"].append(
            dict(MOTTO, name="select")), "member", "select")

    def test_an_old_version_or_a_file_that_is_none(self):
        self.refuse(lambda catalogue: self.add_both(catalogue), "2", version=1)
        for data in ("", "{", "[]", '{"format": 1}', "\0", "x" * 100):
            path = self.write("bad.json", data)
            for word in ("check", "apply"):
                self.district.refuse("catalogue", word, path, code=FAILED, names=["bad.json"])
        self.district.refuse("catalogue", "check", self.folder / "absent.json", code=None,
                             names=["absent.json"])
        self.district.refuse("catalogue", "check", self.write("half.json", json.dumps(
            self.catalogue)[:-200]), code=FAILED, names=["half.json"])
        self.district.refuse("init", "--catalogue", self.folder / "bad.json", code=None)


if __name__ == "__main__":
    unittest.main()
