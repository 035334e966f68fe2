"""Spreadsheets that staff really bring: every row gets an outcome, nothing is dropped, and a file
that can't be read changes nothing."""

import csv
import io
import unittest

from jielian import ATTENTION, DONE, FAILED, MISUSE
from people import id_no, masked_id, masked_mobile, mobile, uscc
from world import World

HEADER = ["姓名", "证件号码", "移动电话", "所属工会", "入会日期", "学历"]


class Import(World):
    """One PC, offline: the district's program runs only while it joins, and to compare."""

    def prepare(self):
        super().prepare()
        self.office = self.pc("GD", "pc")
        self.union = self.office.add_union("古荡甲厂工会")

    def people(self, count, start=1):
        rows = []
        for n in range(start, start + count):
            name = "张王李赵陈"[n % 5] + "甲乙丙丁戊己庚辛壬癸"[n % 10] + "春夏秋冬"[n % 4]
            rows.append([name, id_no(n), mobile(n), "古荡甲厂工会", f"2020-01-{n % 28 + 1:02d}",
                         "大学本科"])
            self.private.update((name, id_no(n), mobile(n)))
        return rows

    def members(self):
        return {record["id_no"]: record for record in self.office.list("member")}

    def exported(self, *words, name="out.csv"):
        path = self.folder / name
        answer = self.office.ask("export", "member", path, *words)
        data = path.read_bytes()
        self.assertTrue(data.startswith(b"\xef\xbb\xbf"), "ours is UTF-8 with a mark")
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        self.assertEqual(len(rows) - 1, answer["rows"])
        return path, rows


class Encodings(Import):
    def check(self, data):
        counts = self.office.take("member", self.write("m.csv", data))
        self.assertEqual((counts["rows"], counts["added"]), (3, 3), counts)
        [record] = self.office.list("member", f"id_no={id_no(2)}")
        self.assertEqual(record["name"], self.people(3)[1][0])
        self.assertEqual((record["sex"], record["birth"]), ("女", "1990-01-01"))
        self.assertEqual((record["id_no"], record["mobile"]),
                         (masked_id(id_no(2)), masked_mobile(mobile(2))))

    def text(self, end="\r\n"):
        return end.join(",".join(row) for row in [HEADER, *self.people(3)])

    def test_utf8(self):
        self.check(self.text("\n").encode())

    def test_utf8_with_a_mark_and_the_last_line_open(self):
        self.check(self.text().encode("utf-8-sig"))

    def test_gb18030(self):
        self.check(self.text().encode("gb18030"))

    def test_everything_arrives_at_the_district(self):
        self.check(self.text("\n").encode())
        self.settle(self.office)
        self.assertEqual(len(self.district.list("member")), 3)


class Shapes(Import):
    def test_header_on_row_four_under_titles_and_notes_below(self):
        rows = [["2022年古荡街道会员信息登记表"], ["填报单位：古荡街道总工会", "", "填报日期：2022-05-01"],
                [""], ["序号", *HEADER, "备用列"]]
        rows += [[str(n + 1), *row, ""] for n, row in enumerate(self.people(4))]
        rows += [["注：本表一式两份，由各基层工会填写后报街道总工会。"], ["制表人：张经办"]]
        counts = self.office.take("member", self.csv("m.csv", *rows))
        self.assertEqual((counts["rows"], counts["added"]), (4, 4), counts)
        told = " ".join(problem["message"] for problem in counts["problems"])
        for word in ("序号", "备用列"):
            self.assertIn(word, told)

    def test_two_header_rows_and_any_column_order(self):
        rows = [["登记表"], ["姓名", "证件", "", "联系方式", "工会", ""],
                ["", "证件类别", "证件号码", "移动电话", "所属工会", "入会日期"]]
        rows += [[row[0], "居民身份证", row[1], row[2], row[3], row[4]] for row in self.people(2)]
        counts = self.office.take("member", self.csv("m.csv", *rows))
        self.assertEqual((counts["rows"], counts["added"]), (2, 2), counts)

    def test_every_row_has_an_outcome_and_problems_name_row_and_field(self):
        people = self.people(6)
        people[1][1] = people[1][1][:17] + ("0" if people[1][1][17] != "0" else "1")
        people[2][4] = "2021年13月1日"
        people[3][5] = "大学本课"
        people[4][3] = "没有的工会"
        rows = [HEADER, *people, people[0], ["", "", "", "", "", ""]]
        path = self.csv("m.csv", *rows)
        counts = self.office.take("member", path, "--problems", self.folder / "bad.csv",
                                  expect=ATTENTION)
        self.assertEqual(counts["rows"], 7)
        self.assertEqual((counts["added"], counts["failed"], counts["doubtful"]), (2, 4, 1), counts)
        found = {(p["row"], p["field"]) for p in counts["problems"] if p["row"]}
        self.assertEqual(found - {(8, "")},
                         {(3, "id_no"), (4, "joined_on"), (5, "edu"), (6, "org")})
        nearest = [p["message"] for p in counts["problems"] if p["row"] == 5]
        self.assertIn("大学本科", nearest[0])
        for problem in counts["problems"]:
            for number in (id_no(2), people[1][1], people[0][0]):
                self.assertNotIn(number, problem["message"])
        # The user's own rows come back with the reason, and once corrected go in.
        bad = list(csv.reader(io.StringIO((self.folder / "bad.csv").read_text("utf-8-sig"))))
        self.assertEqual(bad[0][-1], "原因")
        self.assertEqual([row[0] for row in bad[1:]],
                         [people[i][0] for i in (1, 2, 3, 4)] + [people[0][0]])
        self.assertTrue(all(row[-1] for row in bad[1:]))

    def test_a_corrected_file_changes_only_corrected_rows(self):
        people = self.people(5)
        self.office.take("member", self.csv("m.csv", HEADER, *people))
        wrong = [list(row) for row in people]
        wrong[3][2] = mobile(99)
        wrong.append(self.people(1, start=9)[0])
        counts = self.office.take("member", self.csv("m2.csv", HEADER, *wrong))
        self.assertEqual((counts["added"], counts["updated"], counts["unchanged"]), (1, 1, 4))
        again = self.office.take("member", self.folder / "m2.csv")
        self.assertEqual((again["unchanged"], again["change_set"]), (6, None))

    def test_a_rehearsal_changes_nothing_and_says_the_same(self):
        path = self.csv("m.csv", HEADER, *self.people(3), ["无号", "", "", "古荡甲厂工会", "", ""])
        unsent = self.office.status()["unsent"]
        rehearsed = self.office.take("member", path, "--dry-run", expect=ATTENTION)
        self.assertEqual(self.office.list("member"), [])
        self.assertEqual(self.office.status()["unsent"], unsent)
        done = self.office.take("member", path, expect=ATTENTION)
        for part in ("rows", "added", "updated", "unchanged", "doubtful", "failed", "problems"):
            self.assertEqual(rehearsed[part], done[part])
        self.assertEqual(len(self.office.list("member")), 3)

    def test_policies(self):
        people = self.people(2)
        people[1][5] = ""
        self.office.take("member", self.csv("m.csv", HEADER, *people))
        for row in people:
            row[5] = "研究生"
        path = self.csv("m.csv", HEADER, *people)

        def degrees():
            return [self.office.list("member", f"id_no={row[1]}")[0]["edu"] for row in people]

        counts = self.office.take("member", path, "--policy", "skip")
        self.assertEqual(counts["unchanged"], 2)
        self.assertEqual(degrees(), ["大学本科", None])
        counts = self.office.take("member", path, "--policy", "fill")
        self.assertEqual((counts["updated"], counts["unchanged"]), (1, 1))
        self.assertEqual(degrees(), ["大学本科", "研究生"])
        counts = self.office.take("member", path, "--policy", "overwrite")
        self.assertEqual((counts["updated"], counts["unchanged"]), (1, 1))
        self.assertEqual(degrees(), ["研究生", "研究生"])
        self.office.refuse("import", "member", path, "--policy", "merge", code=MISUSE,
                           names=["merge", "fill"])

    def test_id_numbers_spoilt_by_a_spreadsheet_are_named(self):
        row = self.people(1)[0]
        row[1] = row[1][:15] + "000"
        counts = self.office.take("member", self.csv("m.csv", HEADER, row, row[:1] + ["9.9E+17"] +
                                                     row[2:]), expect=ATTENTION)
        self.assertEqual(counts["failed"], 2)
        self.assertIn("文本", counts["problems"][-1]["message"] + counts["problems"][-2]["message"])

    def test_codes_dates_and_amounts_as_people_write_them(self):
        rows = [["类别", "名称", "开始日期", "结束日期", "场次", "人数", "人次", "经费", "线上"],
                ["招聘会", "春季招聘会", "2021.3.5", "20210306", "2", "1,200", "1500", "1.5万元", "是"],
                ["相亲会", "光年间", "2021年5月2日", "44318", "", "", "", "￥300", "否"]]
        path = self.write("a.csv", "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows))
        counts = self.office.take("activity", path)
        self.assertEqual(counts["added"], 2, counts)
        [fair] = self.office.list("activity", "kind=招聘会")
        self.assertEqual((fair["start_on"], fair["end_on"], fair["heads"], fair["cost"],
                          fair["is_online"]), ("2021-03-05", "2021-03-06", 1200, "15000.00", True))
        [party] = self.office.list("activity", "kind=相亲会")
        self.assertEqual((party["start_on"], party["end_on"], party["sessions"], party["cost"]),
                         ("2021-05-02", "2021-05-02", 1, "300.00"))

    def test_references_by_title_and_number_and_their_ambiguity(self):
        self.office.take("member", self.csv("m.csv", HEADER, *self.people(2)))
        self.office.take("activity", self.csv("a.csv", ["类别", "名称", "开始日期"],
                                              ["招聘会", "春季招聘会", "2021-03-05"],
                                              ["招聘会", "同名活动", "2021-03-05"],
                                              ["招聘会", "同名活动", "2021-04-05"]))
        counts = self.office.take(
            "attendance", self.csv("s.csv", ["活动", "会员"], ["春季招聘会", id_no(1)],
                                   ["春季招聘会", id_no(2)], ["春季招聘会", id_no(1)],
                                   ["同名活动", id_no(1)], ["没有的", id_no(1)]), expect=ATTENTION)
        self.assertEqual(counts["added"], 2, counts)
        self.assertEqual(len(self.office.list("attendance")), 2)
        rows = {p["row"] for p in counts["problems"] if p["row"]}
        self.assertEqual(rows, {4, 5, 6})

    def test_formula_cells_are_text_here_and_harmless_on_the_way_out(self):
        nasty = ['=HYPERLINK("http://x","y")', "+1+1", "-2-2", "@SUM(A1)"]
        rows = "".join('{},{},"{}"\r\n'.format(f"单位{n}", uscc(n), text.replace('"', '""'))
                       for n, text in enumerate(nasty))
        counts = self.office.take("unit", self.write("u.csv", "单位名称,统一社会信用代码,地址\r\n" + rows))
        self.assertEqual(counts["added"], 4, counts)
        self.assertEqual({r["address"] for r in self.office.list("unit")}, set(nasty))
        path = self.folder / "units.csv"
        self.office.run("export", "unit", path)
        for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"))):
            for cell in row:
                self.assertNotIn(cell[:1], tuple("=+-@"), cell)
        counts = self.office.take("unit", path)
        self.assertEqual(counts["unchanged"], 4, counts)


class RoundTrips(Import):
    def test_an_export_comes_back_unchanged_masked_and_unmasked(self):
        self.office.take("member", self.csv("m.csv", HEADER, *self.people(5)))
        path, rows = self.exported()
        self.assertNotIn(id_no(1), path.read_text("utf-8-sig"))
        self.assertIn(masked_id(id_no(1)), path.read_text("utf-8-sig"))
        counts = self.office.take("member", path)
        self.assertEqual(counts["unchanged"], 5, counts)
        self.office.refuse("export", "member", self.folder / "no.csv", "--unmask", code=MISUSE,
                           names=["--reason"])
        self.assertFalse((self.folder / "no.csv").exists())
        path, rows = self.exported("--unmask", "--reason", "年度核对", name="full.csv")
        self.assertIn(id_no(1), path.read_text("utf-8-sig"))
        self.assertEqual(path.stat().st_mode & 0o077, 0)
        counts = self.office.take("member", path)
        self.assertEqual(counts["unchanged"], 5, counts)
        logged = self.office.list("access_log")
        self.assertEqual([(line["action"], line["reason"]) for line in logged],
                         [("导出", None), ("导出", "年度核对")])

    def test_an_export_is_the_templates_layout(self):
        template = self.folder / "t.csv"
        self.office.run("template", "member", template)
        _, rows = self.exported()
        self.assertEqual(template.read_text("utf-8-sig").strip().split(","), rows[0])
        self.assertIn("证件号码", rows[0])

    def test_an_edit_in_an_exported_file_changes_that_row(self):
        self.office.take("member", self.csv("m.csv", HEADER, *self.people(3)))
        path, rows = self.exported()
        rows[2][rows[0].index("学历")] = "研究生"
        counts = self.office.take("member", self.csv("edited.csv", *rows))
        self.assertEqual((counts["updated"], counts["unchanged"]), (1, 2), counts)

    def test_undo_takes_an_import_back_as_one(self):
        people = self.people(3)
        self.office.take("member", self.csv("m.csv", HEADER, *people))
        self.settle(self.office)
        before = self.members()
        people[0][5] = "研究生"
        people += self.people(2, start=7)
        counts = self.office.take("member", self.csv("m2.csv", HEADER, *people))
        self.assertEqual((counts["added"], counts["updated"]), (2, 1))
        answer = self.office.ask("undo", counts["change_set"])
        self.assertEqual((answer["undone"], answer["kept"]), (3, 0))
        self.assertEqual(self.members(), before)
        self.settle(self.office)
        self.assertEqual(len(self.district.list("member")), 3)

    def test_undo_leaves_what_was_changed_since_and_names_it(self):
        counts = self.office.take("member", self.csv("m.csv", HEADER, *self.people(3)))
        [one] = self.office.list("member", f"id_no={id_no(1)}")
        self.office.set("member", one["id"], edu="研究生")
        answer = self.office.ask("undo", counts["change_set"], expect=ATTENTION)
        self.assertEqual((answer["undone"], answer["kept"]), (2, 1))
        self.assertEqual(answer["kept_records"][0]["id"], one["id"])
        self.assertEqual(len(self.office.list("member")), 1)
        self.settle(self.office)
        self.office.refuse("undo", one["id"], names=[one["id"]])
        self.office.refuse("undo", "x", code=MISUSE)


class BadFiles(Import):
    def refuse_file(self, data, names=(), type_name="member", code=FAILED):
        path = self.write("bad.csv", data) if data is not None else self.folder / "absent.csv"
        before = self.office.status()["unsent"]
        result = self.office.refuse("import", type_name, path, code=code, names=[path.name, *names])
        self.assertEqual(self.office.status()["unsent"], before)
        self.assertLess(len(result.err), 2000)
        return result

    def test_files_that_are_no_csv(self):
        self.refuse_file(b"PK\x03\x04\x14\x00\x06\x00" + b"\0\x01\x02" * 500, ["CSV"])
        self.refuse_file(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 2000, ["CSV"])
        self.refuse_file(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" * 10, ["CSV"])
        self.refuse_file("姓名,证件号码\n".encode("utf-16"), ["CSV"])
        self.refuse_file(b"")
        self.refuse_file("\ufeff".encode())
        self.refuse_file(b"\n\n\n")
        self.refuse_file(None)

    def test_half_a_character(self):
        text = ",".join(HEADER) + "\n" + ",".join(self.people(1)[0])
        self.refuse_file(text.encode()[:-1])
        self.refuse_file(text.encode("gb18030")[:-1])
        self.refuse_file(text.encode() + b"\n\xff\xfe,x\n")

    def test_one_huge_line(self):
        self.refuse_file(b"x" * 30_000_000, ["1"])
        self.refuse_file((",".join(HEADER) + "\n").encode() + b'"' + b"y," * 3_000_000)
        self.refuse_file(b"a," * 600 + b"\n1,2\n")

    def test_a_quote_left_open(self):
        self.refuse_file(",".join(HEADER) + '\n"张三,' + id_no(1) + "\n", ["2"])

    def test_a_header_that_says_nothing(self):
        self.refuse_file("甲,乙,丙\n1,2,3\n", ["template"])

    def test_a_required_column_is_missing(self):
        result = self.refuse_file("姓名,移动电话\n张三,19900000001\n", ["证件号码", "入会日期"])
        self.assertNotIn("19900000001", result.err)

    def test_wrong_types_and_arguments(self):
        path = self.csv("m.csv", HEADER, *self.people(1))
        self.office.refuse("import", "membr", path, code=MISUSE, names=["membr", "member"])
        self.office.refuse("import", "case", path, code=FAILED)
        self.office.refuse("import", "office", path, code=FAILED)
        self.office.refuse("import", "member", code=MISUSE)
        self.office.refuse("import", "member", self.folder, code=MISUSE, names=[self.folder])
        self.office.refuse("import", "member", path, "--problems", path, code=MISUSE)
        self.assertEqual(self.office.run("list", "member").code, DONE)

    def test_an_export_that_cannot_be_written(self):
        self.office.refuse("export", "member", "/no/such/folder/out.csv", code=FAILED,
                           names=["/no/such/folder"])


class AtTheDistrict(Import):
    def test_the_district_imports_for_an_office(self):
        self.settle(self.office)
        path = self.csv("m.csv", HEADER, *self.people(3))
        counts = self.district.ask("import", "member", path, "--office", "GD")
        self.assertEqual((counts["rows"], counts["added"]), (3, 3), counts)
        self.settle(self.office)
        self.assertEqual(len(self.office.list("member")), 3)
        self.district.refuse("import", "member", path, code=None)
        self.district.refuse("import", "member", path, "--office", "XX", code=None, names=["XX"])
        self.district.ask("export", "member", self.folder / "all.csv")
        self.assertNotIn(id_no(1), (self.folder / "all.csv").read_text("utf-8-sig"))
        self.district.verify()


if __name__ == "__main__":
    unittest.main()
