"""Run cases of test_faults.py and print what they took: scripts/net-faults.

    python3 report.py [CASE…]

The clean line runs always: it is what the others are compared with.
"""

import sys
import unittest

from badnet import BadNet
from test_faults import Faults

HEAD = ("case", "command", "records", "s", "bytes up", "bytes down", "bytes/record", "× clean")


def names_by_case():
    cases = {}
    for name in unittest.defaultTestLoader.getTestCaseNames(Faults):
        cases.setdefault(name[len("test_"):].rpartition("_")[0], []).append(name)
    return cases


def table(rows):
    clean = {row["what"]: row for row in rows if row["case"] == "clean"}
    yield HEAD
    for row in rows:
        total, base = row["up"] + row["down"], clean.get(row["what"])
        ratio = f"{total / (base['up'] + base['down']):.2f}" if base else "-"
        yield (row["case"], row["what"], f"{row['records']:,}", f"{row['seconds']:.1f}",
               f"{row['up']:,}", f"{row['down']:,}", 
               f"{total / row['records']:.0f}" if row["records"] else "-", ratio)


def print_table(rows):
    lines = list(table(rows))
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    for number, line in enumerate(lines):
        cells = (text.ljust(width) if i < 2 else text.rjust(width)
                 for i, (text, width) in enumerate(zip(line, widths)))
        print(f"| {' | '.join(cells)} |")
        if number == 0:
            print("".join(f"|{'-' * (width + 1)}{'-' if i < 2 else ':'}"
                          for i, width in enumerate(widths)) + "|")


def main(wanted):
    cases = names_by_case()
    unknown = [case for case in wanted if case not in cases]
    if unknown:
        print(f"net-faults: no case {', '.join(unknown)}; there are {', '.join(cases)}",
              file=sys.stderr)
        return 2
    chosen = [case for case in cases if not wanted or case in wanted or case == "clean"]
    chosen.sort(key=lambda case: case != "clean")
    names = [name for case in chosen for name in cases[case]]
    result = unittest.TextTestRunner(verbosity=2).run(
        unittest.TestSuite(Faults(name) for name in names))
    print()
    print_table(BadNet.rows)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
