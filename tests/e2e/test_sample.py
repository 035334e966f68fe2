"""The sample district at one hundredth: two offices import their files with no district running,
then everything syncs, and the report's figures are exactly the ones the generator counted."""

import json
import unittest

from jielian import SAMPLE
from world import World

OFFICES = ("GD", "LY")
WINDOW = ("--from", "2017-10-01", "--to", "2022-09-30")


def value_of(expected, unit):
    """expected.json has 分 and hundredths of a percent."""
    return expected / 100 if unit in ("元", "%") else expected


class Sample(World):
    def prepare(self):
        self.sample = self.folder / "sample"
        self.execute([SAMPLE, "--out", self.sample, "--scale", "0.01"], 0, self.env)
        self.district.init()
        for line in (self.sample / "offices.csv").read_text("utf-8-sig").splitlines()[1:]:
            self.district.run("office", "add", *line.split(","))
            # The sample is old books: refunds that the district paid out long ago.
            self.district.run("leave", line.split(",")[0], "--until", "2099-12-31", "--type", "fee_refund")
        self.district.start()

    def import_all(self, program, folder, *words):
        added = {}
        for path in sorted(folder.iterdir()):
            type_name = path.stem[3:]
            counts = program.ask("import", type_name, path, *words, expect=None)
            self.assertEqual(counts["added"], counts["rows"], f"{path}: {counts}")
            added[type_name] = added.get(type_name, 0) + counts["added"]
        return {name: count for name, count in added.items() if count > 0}

    def test_the_figures_come_out_of_the_records(self):
        offices = {code: self.pc(code, code) for code in OFFICES}
        self.district.stop()
        wanted = json.loads((self.sample / "records.json").read_text())
        for code, office in offices.items():
            added = self.import_all(office, self.sample / code)
            self.assertEqual(added, {name: counts["by_office"][code] for name, counts
                                     in wanted.items() if counts["by_office"].get(code)})
        self.import_all(self.district, self.sample / "district")
        self.district.start()
        types = [name for name in wanted if name not in ("reform_task", "policy_doc")]
        self.settle(*offices.values(), types=types)
        expected = json.loads((self.sample / "expected.json").read_text())
        figures = {figure["key"]: figure for figure in self.district.ask(
            "report", *WINDOW, "--by", "office")}
        self.assertEqual(set(figures), set(expected))
        for key, figure in figures.items():
            unit = expected[key]["unit"]
            self.assertEqual(figure["unit"], unit)
            for code in OFFICES:
                if code in expected[key]["by_office"]:
                    self.assertEqual(figure["by_office"].get(code, 0),
                                     value_of(expected[key]["by_office"][code], unit),
                                     f"{key} {figure['label']} of {code}")
        for key in ("F36", "F40a", "F40b", "F45"):
            self.assertEqual(figures[key]["value"],
                             value_of(expected[key]["value"], expected[key]["unit"]), key)
        self.assertEqual(self.district.list("case"), [])
        self.district.verify()


if __name__ == "__main__":
    unittest.main()
