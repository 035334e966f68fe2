"""Who may write what, by the commands that people have: the district's generic ones on the program's
own records, and spreadsheets of transfers. The table stands in docs/merge.md."""

import unittest

from jielian import MISUSE
from people import id_no
from world import World

PASSWORD = "correct horse"


class ByHand(World):
    """The district's people may not do by hand what a command does, and hear which one."""

    def id_of(self, kind, **wanted):
        [found] = [each["id"] for each in self.district.list(kind)
                   if all(each[name] == value for name, value in wanted.items())]
        return found

    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.union = self.a.add_union("古荡甲厂工会")
        self.a.sync()

    def test_the_catalogue_is_not_deleted_and_offices_work_on(self):
        catalogue = self.id_of("catalogue")
        for words in (("delete", "catalogue", catalogue),
                      ("set", "catalogue", catalogue, "body={}"),
                      ("restore", "catalogue", catalogue)):
            self.district.refuse(*words, names=() if words[0] == "restore"
                                 else ["catalogue apply"])
        self.assertEqual(self.a.sync().json["state"], "in_sync")
        self.assertEqual(len(self.a.list("union_org")), 1)
        self.a.add_union("古荡乙厂工会")
        self.a.sync()

    def test_an_office_that_is_in_use_is_not_deleted(self):
        gd, bs = self.id_of("office", code="GD"), self.id_of("office", code="BS")
        self.district.refuse("delete", "office", gd, names=["GD", "电脑"])
        self.district.run("add", "union_org", "--office", "BS", "name=北山乙厂工会",
                          "org_kind=独立基层工会", "founded_on=2018-05-01", "status=已建")
        self.district.refuse("delete", "office", bs, names=["BS"])
        self.district.run("office", "add", "CY", "长庆街道总工会")
        self.district.run("add", "staff", "login=zhao", "name=赵六", "role=经办", "office=CY")
        cy = self.id_of("office", code="CY")
        self.district.refuse("delete", "office", cy, names=["人员", "CY"])
        self.district.delete("staff", self.id_of("staff", login="zhao"))
        self.district.delete("office", cy)
        self.assertEqual({each["code"] for each in self.district.list("office")}, {"GD", "BS"})
        self.district.refuse("add", "office", "number=9", "code=XX", "name=某街道总工会",
                             names=["office add"])
        self.district.set("office", gd, name="古荡总工会")
        self.district.verify()

    def test_accounts_have_commands_of_their_own(self):
        secret = self.write("password", PASSWORD)
        self.district.run("user", "add", "li", "李四", "--role", "district",
                          "--password-file", secret)
        li = self.id_of("staff", login="li")
        self.district.refuse("set", "staff", li, "verifier=scrypt:00:00", names=["user passwd"])
        self.district.refuse("set", "staff", li, "locked=是", names=["user confirm"])
        self.district.refuse("add", "staff", "login=sun", "name=孙七", "role=经办",
                             "verifier=scrypt:00:00", names=["user passwd"])
        self.district.run("user", "passwd", "li", "--password-file", secret)
        self.district.set("staff", li, role="运维")

    def test_what_the_program_records_is_nobodys_to_change(self):
        path = self.csv("unions.csv", ["工会名称", "工会类型", "建会日期", "状态"],
                        ["古荡丙厂工会", "独立基层工会", "2018-05-01", "已建"])
        done = self.a.ask("import", "union_org", path)
        self.a.run("export", "union_org", self.folder / "out.csv")
        self.a.sync()
        self.district.run("leave", "GD", "--until", "2099-12-31")
        self.assertEqual(done["added"], 1)
        for kind, command in (("change_set", "undo"), ("import_batch", "import"),
                              ("access_log", "访问记录"), ("old_books_leave", "leave")):
            record = self.id_of(kind)
            field = {"change_set": "label", "import_batch": "file_name"}.get(kind, "reason")
            for program in (self.district, self.a):
                if program is self.a and kind == "old_books_leave":
                    continue
                program.refuse("set", kind, record, f"{field}=别的", names=[command])
                if kind != "old_books_leave":
                    program.refuse("delete", kind, record, names=[command])
                program.refuse("add", kind, f"{field}=别的", names=[command])
        self.a.refuse("add", "old_books_leave", "until=2099-12-31", names=["区总工会"])
        self.district.delete("old_books_leave", self.id_of("old_books_leave"))
        self.a.run("undo", done["change_set"])
        self.a.sync()
        self.assertEqual(self.district.show("change_set", done["change_set"])["status"], "已撤销")

    def test_a_case_is_closed_by_its_command(self):
        b = self.pc("GD", "b")
        self.a.set("union_org", self.union, address="文二路2号")
        b.set("union_org", self.union, address="文三路3号")
        for office in (self.a, b, self.a):
            office.sync(expect=None)
        [case] = self.a.cases()
        for program in (self.district, self.a):
            program.refuse("set", "case", case["id"], "status=已处理", names=["case resolve"])
            program.refuse("delete", "case", case["id"], names=["case resolve"])
            program.refuse("add", "case", "title=x", names=["case resolve"])
        self.a.run("case", "resolve", case["id"], "current")
        self.a.sync()
        case = self.district.show("case", case["id"])
        self.assertEqual((case["status"], case["resolved_by"]), ("已处理", "clerk"))


class Sheets(World):
    """`import transfer` asks what `transfer request` asks."""

    def prepare(self):
        super().prepare()
        self.gd, self.bs = self.pc("GD", "gd"), self.pc("BS", "bs")
        union = self.gd.add_union("古荡甲厂工会")
        self.member = self.gd.add_member(union, "张三", id_no(1))
        self.gd.sync()
        self.bs.sync()

    def take(self, office, *rows, header=("会员", "转出镇街", "转入镇街", "状态")):
        path = self.csv("transfers.csv", list(header), *(list(row) for row in rows))
        return office.ask("import", "transfer", path, expect=None)

    def assert_refused(self, result, *words):
        self.assertEqual((result["added"], result["failed"]), (0, 1), result)
        told = "".join(each["message"] for each in result["problems"])
        for word in words:
            self.assertIn(word, told)

    def test_rows_are_asked_what_a_request_is_asked(self):
        gd, bs = "古荡街道总工会", "北山街道总工会"
        nowhere = "00000000-0000-7000-8000-000000000009"
        self.assert_refused(self.take(self.bs, (self.member, gd, bs, "申请")), "会员")
        self.assert_refused(self.take(self.gd, (id_no(1), bs, gd, "申请")), "转出镇街")
        self.assert_refused(self.take(self.gd, (id_no(1), gd, nowhere, "申请")), "转入镇街")
        self.assert_refused(self.take(self.gd, (id_no(1), gd, bs, "转出同意")))
        self.assert_refused(self.take(self.gd, (id_no(1), gd, bs, "申请", "王建国"), header=(
            "会员", "转出镇街", "转入镇街", "状态", "转会人")), "转会人", "区总工会")
        result = self.take(self.gd, (id_no(1), "", bs, "申请"))
        self.assertEqual(result["added"], 1, result)
        self.gd.sync()
        [transfer] = self.district.list("transfer")
        self.assertEqual((transfer["member"], transfer["member_name"]), (self.member, "张三"))
        self.bs.sync()
        self.bs.refuse("delete", "transfer", transfer["id"], names=["transfer withdraw"])
        self.bs.refuse("set", "transfer", transfer["id"], "note=越权", names=["轮到"])
        self.gd.refuse("set", "transfer", transfer["id"], "member_name=王建国", code=MISUSE,
                       names=["区总工会"])
        self.gd.run("transfer", "release", transfer["id"])
        self.gd.sync()
        self.gd.refuse("delete", "transfer", transfer["id"], names=["transfer withdraw"])
        # What was exported comes back unchanged.
        path = self.folder / "out.csv"
        self.gd.run("export", "transfer", path)
        self.assertEqual(self.gd.ask("import", "transfer", path)["unchanged"], 1)

    def test_somebody_is_asked_in_and_the_answer_says_nothing(self):
        told = [self.bs.ask("transfer", "ask", id_no(1), "李四", "工作单位变动"),  # another name
                self.bs.ask("transfer", "ask", id_no(2), "张三"),  # nobody's number
                self.bs.ask("transfer", "ask", id_no(1), "张三", "工作单位变动")]
        self.assertEqual({each["answer"] for each in told}, {"区级核对中"})
        self.bs.refuse("transfer", "ask", "1", "张三", code=MISUSE)
        self.bs.refuse("set", "transfer_ask", told[0]["id"], "name=张三", names=["transfer ask"])
        for office in (self.bs, self.gd, self.bs):
            office.sync()
        [transfer] = self.gd.ask("transfer", "list")
        self.assertEqual((transfer["title"], transfer["from"], transfer["to"], transfer["step"],
                          transfer["turn"]), ("张三", "GD", "BS", "requested", "GD"))
        self.assertEqual(self.gd.list("transfer_ask"), [])
        asks = self.bs.list("transfer_ask")
        self.assertEqual({each["answer"] for each in asks}, {"区级核对中"})
        self.assertNotIn(id_no(1), str(asks))  # masked
        # Sealed in every file.
        for program in (self.bs, self.district):
            self.assertNotIn(id_no(1).encode(), (program.folder / "jielian.db").read_bytes())
        self.gd.run("transfer", "release", transfer["id"])
        self.gd.sync()
        self.bs.sync()
        self.bs.run("transfer", "receive", transfer["id"])
        self.bs.sync()
        self.assertEqual([each["name"] for each in self.bs.list("member")], ["张三"])
        for _ in range(18):
            self.bs.run("transfer", "ask", id_no(2), "李四")
        self.bs.sync()
        status = self.district.ask("status", expect=None)
        self.assertEqual({each["code"]: each["asks_today"] for each in status["offices"]},
                         {"GD": 0, "BS": 21})
        self.assertIn("21", self.district.run("status", expect=None).out)
        self.district.verify()


if __name__ == "__main__":
    unittest.main()
