#!/usr/bin/env python3
"""The rule of pairs can fail: test_pairs.py CHECK_PAIRS CC

Each case is a small tree with its objects, and says what scripts/check-pairs must complain of; the
tree without a fault must pass.
"""
import os
import subprocess
import sys
import tempfile
import unittest

CHECK, CC = sys.argv[1:3]

GOOD = {
    "include/jielian/ink/pens.h": "void jl_pen_open(void);\nvoid jl_pens_count(void);\n",
    "lib/ink/pens.c": '#include "jielian/ink/pens.h"\n#include "well.h"\nvoid jl_pen_open(void) { jl_well_dip(); }\n'
                      "void jl_pens_count(void) {}\n",
    "lib/ink/well.h": "void jl_well_dip(void);\n",
    "lib/ink/well_deep.c": '#include "well.h"\nstatic int depth;\nvoid jl_well_dip(void) { depth++; }\n',
    "client/command/commands.h": "int jl_cmd_draw(void);\nint jl_cmd_draw_line(void);\n",
    "client/command/draw.c": '#include "commands.h"\nint jl_cmd_draw(void) { return 0; }\n'
                             "int jl_cmd_draw_line(void) { return 0; }\n",
}


class Pairs(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root, self.files = temporary.name, dict(GOOD)

    def check(self, *options):
        build = os.path.join(self.root, "build")
        os.makedirs(build)
        with open(os.path.join(build, "CMakeCache.txt"), "w", encoding="utf-8") as file:
            file.write(f"CMAKE_HOME_DIRECTORY:INTERNAL={self.root}\n")
        for name, text in self.files.items():
            path = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        for name in self.files:
            folder, source = os.path.split(name)
            if source.endswith(".c"):
                target = os.path.join(build, folder, "CMakeFiles", "all.dir")
                os.makedirs(target, exist_ok=True)
                subprocess.run([CC, "-w", "-c", "-I", os.path.join(self.root, "include"), "-I", self.root,
                                "-o", os.path.join(target, source + ".o"), os.path.join(self.root, name)],
                               check=True)
        return subprocess.run([sys.executable, CHECK, build, *options], capture_output=True, text=True, check=False)

    def complains(self, *lines):
        result = self.check()
        self.assertNotEqual(result.returncode, 0, result.stdout)
        for line in lines:
            self.assertIn(f"check-pairs: {line}", result.stderr)
        self.assertIn(f"check-pairs: {len(lines)} to put right", result.stderr)

    def edit(self, name, old, new):
        self.assertIn(old, self.files[name])
        self.files[name] = self.files[name].replace(old, new)

    def test_a_tree_that_keeps_the_rule_passes(self):
        result = self.check()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("5 functions", result.stdout)

    def test_a_function_that_no_header_declares(self):
        self.files["lib/ink/well_deep.c"] += "void jl_well_fill(void) {}\n"
        self.complains("lib/ink/well_deep.c: jl_well_fill is declared in no header")

    def test_a_function_that_two_headers_declare(self):
        self.files["lib/ink/well.h"] += "void jl_pen_open(void);\n"
        self.complains("lib/ink/pens.c: jl_pen_open is declared in include/jielian/ink/pens.h and lib/ink/well.h: keep one")

    def test_a_function_away_from_its_file(self):
        self.edit("lib/ink/well.h", "void jl_well_dip(void);\n", "")
        self.files["include/jielian/ink/pens.h"] += "void jl_well_dip(void);\n"
        self.edit("lib/ink/well_deep.c", '"well.h"', '"jielian/ink/pens.h"')
        self.complains("lib/ink/well_deep.c: jl_well_dip is declared in include/jielian/ink/pens.h: "
                       "declare it in well_deep.h or move it to pens.c or pens_….c")

    def test_a_header_in_another_folder(self):
        self.files["include/jielian/other/well.h"] = self.files.pop("lib/ink/well.h")
        for name in ("lib/ink/pens.c", "lib/ink/well_deep.c"):
            self.edit(name, '"well.h"', '"jielian/other/well.h"')
        self.complains("lib/ink/well_deep.c: jl_well_dip is declared in include/jielian/other/well.h: "
                       "declare it in lib/ink or include/jielian/ink")

    def test_a_name_that_does_not_begin_with_its_noun(self):
        for name in ("include/jielian/ink/pens.h", "lib/ink/pens.c"):
            self.edit(name, "jl_pens_count", "jl_count_pens")
        self.complains("lib/ink/pens.c: jl_count_pens is declared in include/jielian/ink/pens.h: begin its name with jl_pens")

    def test_a_command_of_another_name(self):
        for name in ("client/command/commands.h", "client/command/draw.c"):
            self.edit(name, "jl_cmd_draw_line", "jl_cmd_line")
        self.complains("client/command/draw.c: jl_cmd_line is a command of commands.h: begin its name with jl_cmd_draw")

    def test_a_bag(self):
        self.files["lib/ink/ink_internal.h"] = "struct jl_ink;\n"
        self.complains("lib/ink/ink_internal.h: a bag")

    def test_a_source_that_declares_what_another_defines(self):
        self.files["client/command/draw.c"] += "void jl_pen_open(void);\n"
        self.complains("client/command/draw.c: declares jl_pen_open; include include/jielian/ink/pens.h")

    def test_a_header_that_is_its_folders_own(self):
        self.edit("client/command/draw.c", '"commands.h"\n', '"commands.h"\n#include "lib/ink/well.h"\n')
        self.complains("client/command/draw.c: includes lib/ink/well.h, which is its folder's own")

    def test_headers_in_a_circle(self):
        self.files["lib/ink/well.h"] = '#pragma once\n#include "jielian/ink/pens.h"\n' + self.files["lib/ink/well.h"]
        self.files["include/jielian/ink/pens.h"] = ('#pragma once\n#include "lib/ink/well.h"\n' +
                                                    self.files["include/jielian/ink/pens.h"])
        self.complains("headers include each other: ",
                       "include/jielian/ink/pens.h: includes lib/ink/well.h, which is its folder's own")

    def test_sources_that_call_each_other(self):
        self.files["lib/ink/well_deep.c"] += '#include "jielian/ink/pens.h"\nvoid jl_well_fill(void) { jl_pen_open(); }\n'
        self.files["lib/ink/well.h"] += "void jl_well_fill(void);\n"
        self.complains("sources call each other: lib/ink/pens.c → lib/ink/well_deep.c → lib/ink/pens.c")

    def test_a_build_that_lacks_objects(self):
        result = self.check()
        os.remove(os.path.join(self.root, "build/lib/ink/CMakeFiles/all.dir/pens.c.o"))
        result = subprocess.run([sys.executable, CHECK, os.path.join(self.root, "build")], capture_output=True,
                                text=True, check=False)
        self.assertIn("no object of lib/ink/pens.c", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
