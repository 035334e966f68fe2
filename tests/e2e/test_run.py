"""`serve` and `run` together, and what the commands say: outputs, statuses, figures, exit codes."""

import contextlib
import json
import os
import sqlite3
import subprocess
import time
import unittest

from jielian import ATTENTION, DONE, FAILED, MISUSE, Process, wait_until
from people import id_no, masked_id, masked_mobile, mobile
from world import World

SOON_S = 2.0  # an edit is everywhere


class Running(World):
    def prepare(self):
        super().prepare()
        self.a, self.b = self.pc("GD", "a"), self.pc("GD", "b")
        self.union = self.a.add_union("古荡甲厂工会")
        self.settle(self.a, self.b)

    def setUp(self):
        super().setUp()
        self.a.start()
        self.b.start()
        for office in (self.a, self.b):
            wait_until("proven", lambda office=office: office.status()["state"] == "in_sync")

    def test_an_edit_is_everywhere_within_two_seconds(self):
        for n in range(3):
            self.a.set("union_org", self.union, staff_n=100 + n)
            started = time.monotonic()
            for side in (self.district, self.b):
                wait_until(f"edit {n} at {side.folder.name}", lambda side=side, n=n: side.show(
                    "union_org", self.union)["staff_n"] == 100 + n, SOON_S)
            self.assertLess(time.monotonic() - started, SOON_S)
        for office in (self.a, self.b):
            wait_until("proven again", lambda office=office: office.status()["state"] == "in_sync")

    def test_an_edit_of_the_district_is_everywhere_within_two_seconds(self):
        self.district.set("union_org", self.union, staff_n=55)
        for office in (self.a, self.b):
            wait_until("at the PC", lambda office=office: office.show(
                "union_org", self.union)["staff_n"] == 55, SOON_S)

    def test_sync_while_run_holds_the_folder_waits_for_its_proof(self):
        for n in range(3):
            self.a.set("union_org", self.union, staff_n=200 + n)
            answer = self.a.sync().json
            self.assertEqual((answer["state"], answer["unsent"]), ("in_sync", 0))
            self.assertEqual(self.district.show("union_org", self.union)["staff_n"], 200 + n)
        self.assert_same(self.a)
        self.district.stop()
        self.a.set("union_org", self.union, staff_n=1)
        result = self.a.sync(expect=ATTENTION, timeout=2)
        self.assertIn(self.district.endpoint, result.err)
        self.assertEqual(result.json["unsent"], 1)
        self.assertIn(self.a.status(expect=ATTENTION)["state"], ("offline", "unsent"))
        self.district.start()
        wait_until("it went by itself", lambda: self.district.show(
            "union_org", self.union)["staff_n"] == 1, 30)

    def test_status_of_both_sides(self):
        status = self.a.status(expect=DONE)
        for key in ("office", "device", "state", "unsent", "oldest_unsent_s", "parked", "cases",
                    "proven_at"):
            self.assertIn(key, status)
        document = self.district.ask("status")
        self.assertEqual([(o["code"], o["name"]) for o in document["offices"]],
                         [("GD", "古荡街道总工会"), ("BS", "北山街道总工会")])
        [gd, bs] = document["offices"]
        self.assertEqual((len(gd["devices"]), len(bs["devices"])), (2, 0))
        for device in gd["devices"]:
            for key in ("id", "state", "last_seen", "unsent", "oldest_unsent_s", "parked", "cases",
                        "proven_at", "version", "clock_offset_ms"):
                self.assertIn(key, device)
            self.assertEqual((device["state"], device["unsent"]), ("in_sync", 0))
            self.assertLess(abs(device["clock_offset_ms"]), 2000)
        self.assertIn("古荡街道总工会", self.district.run("status").out)
        self.assertIn("GD", self.a.run("status").out)
        self.assertIn("in_sync", self.a.run("status", "--lang", "en").out)

    def test_status_is_watched_on_a_terminal(self):
        self.district.refuse("status", "--watch", code=MISUSE)
        terminal, ours = os.openpty()
        child = subprocess.Popen(self.district.command("status", "--watch"), env=self.env,
                                 stdin=ours, stdout=ours, stderr=ours)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        os.close(ours)
        text = b""
        while text.count("古荡街道总工会".encode()) < 4:  # two PCs, drawn twice
            text += os.read(terminal, 65536)
        child.terminate()
        self.assertEqual(child.wait(10), DONE)
        os.close(terminal)

    def test_probes_and_metrics(self):
        self.assertEqual(self.district.http("/healthz"), (200, "ok\n"))
        self.assertEqual(self.district.http("/readyz")[0], 200)
        self.assertEqual(self.district.http("/nothing")[0], 404)
        self.a.set("union_org", self.union, staff_n=9)
        self.a.sync()
        metric = self.district.metric
        self.assertGreaterEqual(metric("jielian_ops_total", verdict="applied"), 1)
        self.assertGreater(metric("jielian_bytes_total", direction="in"), 0)
        self.assertGreaterEqual(metric("jielian_proofs_total", result="identical"), 2)
        wait_until("both are counted", lambda: metric("jielian_sessions") >= 2, 20)
        number = self.a.status()["device"]
        for name in ("last_contact_seconds", "last_proven_seconds"):
            self.assertAlmostEqual(metric(f"jielian_device_{name}", office="GD", device=number),
                                   time.time(), delta=60)
        for name in ("unsent_ops", "oldest_unsent_seconds", "parked_ops", "open_cases"):
            self.assertEqual(metric(f"jielian_device_{name}", office="GD", device=number), 0)
        for line in self.district.http("/metrics")[1].splitlines():
            if not line.startswith("#"):
                float(line.rpartition(" ")[2])

    def test_serve_is_ready_when_it_says_where_it_listens(self):
        self.district.stop()
        self.district.process = Process(self, self.district.serve_command(), self.district.env)
        wait_until("it says so", lambda: "http port" in self.district.process.out_path.read_text())
        self.assertEqual(self.district.http("/readyz"), (200, "ready\n"))

    def test_both_end_quickly_and_start_again(self):
        for program in (self.a, self.b, self.district):
            started = time.monotonic()
            program.stop()
            self.assertLess(time.monotonic() - started, 5)
            program.start()
        self.a.set("union_org", self.union, staff_n=3)
        wait_until("connected again", lambda: self.b.show(
            "union_org", self.union)["staff_n"] == 3, 30)

    def test_commands_and_run_at_once(self):
        path = self.csv("u.csv", ["工会名称", "基层工会类型", "建会日期", "状态"],
                        *[[f"第{n:04d}工会", "独立基层工会", "2018-05-01", "已建"]
                          for n in range(2000)])
        self.a.take("union_org", path)
        for n in range(5):
            self.a.set("union_org", self.union, staff_n=n)
            self.b.set("union_org", self.union, address=f"文{n}路")
        self.a.sync()
        self.b.sync()
        self.settle(self.a, self.b, types=("union_org",))
        self.assertEqual(len(self.b.list("union_org")), 2001)


class Words(World):
    """One office, what its commands print."""

    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.union = self.a.add_union("古荡甲厂工会", chair_name="欧阳修", chair_phone=mobile(7))
        self.member = self.a.add_member(self.union, "张三", id_no(1), mobile=mobile(1))
        self.a.sync()
        self.private.update((mobile(1), mobile(7), "欧阳修"))

    def test_list(self):
        record = self.a.list("member")[0]
        self.assertEqual(record["id"], self.member)
        self.assertEqual((record["name"], record["id_no"], record["mobile"], record["org"]),
                         ("张三", masked_id(id_no(1)), masked_mobile(mobile(1)), self.union))
        self.assertEqual((record["m_status"], record["joined_on"], record["unit"]),
                         ("在籍", "2020-01-02", None))
        self.assertEqual(len(self.a.list("member", f"id_no={id_no(1)}")), 1)
        self.assertEqual(self.a.list("member", f"id_no={id_no(2)}"), [])
        self.assertEqual(len(self.a.list("member", "姓名=张三", "m_status=在籍")), 1)
        self.a.add_union("古荡乙厂工会")
        self.assertEqual(len(self.a.list("union_org", "--limit", "1")), 1)
        self.assertEqual(len(self.a.list("union_org", "staff_n=")), 2)
        table = self.a.run("list", "member").out
        self.assertIn("张三", table)
        self.assertNotIn(id_no(1), table)
        self.assertEqual([r["id"] for r in self.district.list("member", "office=GD")],
                         [self.member])
        self.assertEqual(self.district.list("member", "office=BS"), [])

    def test_show(self):
        self.assertEqual(self.a.show("member", self.member), self.a.list("member")[0])
        self.assertEqual(self.district.show("member", self.member), self.a.list("member")[0])
        text = self.a.run("show", "会员", self.member).out
        for word in ("姓名", "张三", "古荡甲厂工会", masked_id(id_no(1))):
            self.assertIn(word, text)
        self.assertIn("古荡街道总工会", self.district.run("show", "member", self.member).out)

    def test_history(self):
        self.a.set("member", self.member, edu="大学本科")
        self.a.run("set", "member", self.member, "edu=研究生", "--as", "lisi")
        self.district.set("member", self.member, edu="大学专科")
        self.a.sync()
        lines = self.a.ask("history", "member", self.member)
        self.assertEqual([line["what"] for line in lines][:4],
                         ["create", "edit", "edit", "received"])
        self.assertEqual([line["staff"] for line in lines][:3], ["clerk", "clerk", "lisi"])
        self.assertEqual((lines[1]["changes"][0]["field"], lines[1]["changes"][0]["new"]),
                         ("edu", "大学本科"))
        there = self.district.ask("history", "member", self.member)
        self.assertEqual([line["what"] for line in there][0], "create")
        self.assertEqual({line["staff"] for line in there}, {"clerk", "lisi", "district"})
        self.assertEqual(self.district.show("member", self.member)["edu"], "研究生")
        for text in (self.a.run("history", "member", self.member).out,
                     self.district.run("history", "member", self.member).out,
                     json.dumps(lines), json.dumps(there)):
            self.assertNotIn(id_no(1), text)
            self.assertNotIn(mobile(1), text)

    def test_find(self):
        for text in ("张三", "zhangsan", "zs", id_no(1), mobile(1)):
            found = self.a.ask("find", text)
            self.assertIn(self.member, [each["id"] for each in found], text)
        for text in ("古荡甲厂", "gudang", "gdjc", "欧阳修", "ouyangxiu", mobile(7)):
            self.assertIn(self.union, [each["id"] for each in self.a.ask("find", text)], text)
        self.assertEqual(self.a.ask("find", "李四"), [])
        self.assertIn(self.member, [each["id"] for each in self.district.ask("find", "zhangsan")])
        self.a.refuse("find", " ", code=MISUSE)
        self.assertNotIn(id_no(1), self.a.run("find", "张三").out)

    def test_report(self):
        self.a.add("activity", kind="招聘会", title="春季招聘会", start_on="2021-03-05", sessions=3)
        self.a.add("activity", kind="招聘会", title="旧招聘会", start_on="2016-03-05", sessions=9)
        self.a.sync()
        window = ("--from", "2017-10-01", "--to", "2022-09-30", "--by", "office")
        figures = {figure["key"]: figure for figure in self.district.ask("report", *window)}
        self.assertGreater(len(figures), 40)
        for figure in figures.values():
            for key in ("key", "label", "value", "unit", "phrase", "by_office"):
                self.assertIn(key, figure)
        self.assertEqual((figures["F01"]["value"], figures["F01"]["unit"]), (3, "场"))
        self.assertEqual(figures["F01"]["by_office"]["GD"], 3)
        self.assertIn("3", figures["F01"]["phrase"])
        self.assertEqual(figures["F32"]["value"], 1)
        years = {figure["key"]: figure for figure in self.district.ask(
            "report", *window[:4], "--by", "year")}
        self.assertEqual(years["F01"]["by_year"], {"2021": 3})
        self.assertIn("3", self.district.run("report", *window).out)
        self.district.refuse("report", "--from", "2022-01-01", "--to", "2021-01-01", code=MISUSE)
        self.district.refuse("report", "--by", "moon", code=MISUSE, names=["moon"])

    def test_a_figure_fails_alone(self):
        most = "10000000000000.00"
        for month in ("2020-03", "2020-04"):
            self.a.add("fee_relief", org=self.union, period=month, amount=most)
        self.a.add("activity", kind="招聘会", title="春季招聘会", start_on="2021-03-05", sessions=3)
        self.a.sync()
        words = ("report", "--from", "2017-10-01", "--to", "2022-09-30", "--by", "office")
        figures = {figure["key"]: figure
                   for figure in self.district.ask(*words, expect=ATTENTION)}
        self.assertIsNone(figures["F02"]["value"])
        self.assertIsNone(figures["F02"]["by_office"]["GD"])
        self.assertIn("GD", figures["F02"]["error"])
        self.assertEqual(figures["F01"]["value"], 3)
        self.assertEqual([key for key, figure in figures.items() if "error" in figure], ["F02"])
        self.assertIn("超出", self.district.run(*words, expect=ATTENTION).out)

    def test_unsent_records_do_not_count_until_confirmed(self):
        self.a.add("activity", kind="招聘会", title="春季招聘会", start_on="2021-03-05")
        value = next(f["value"] for f in self.district.ask("report") if f["key"] == "F01")
        self.assertEqual(value, 0)
        self.a.sync()
        value = next(f["value"] for f in self.district.ask("report") if f["key"] == "F01")
        self.assertEqual(value, 1)

    def test_misuse(self):
        for program in (self.a, self.district):
            binary = program.binary
            more = ["--office", "GD"] if program is self.district else []
            for words, names in ((["lst"], ["lst", "list"]), (["case", "lst"], ["case list"]),
                                 (["list"], []), (["list", "member", "--limt", "3"], ["--limt"]),
                                 (["list", "member", "--limit", "x"], ["limit"]),
                                 (["list", "membr"], ["membr", "member"]),
                                 (["list", "member", "nam=张三"], ["nam"]),
                                 (["list", "member", "张三"], ["="]),
                                 (["show", "member", "123"], ["123"]),
                                 (["add", "member"], []),
                                 (["add", "union_org", "nmae=x", *more], ["nmae", "工会名称"]),
                                 (["add", "union_org", "name=x", "name=y", *more], ["name"])):
                program.refuse(*words, code=MISUSE, names=names)
            self.assertEqual(self.execute([binary], MISUSE, self.env).out, "")
            self.assertEqual(self.execute([binary, "--help"], DONE, self.env).err, "")
            self.assertIn("0.1", self.execute([binary, "--version"], DONE, self.env).out)
            self.assertIn("--limit", program.run("list", "--help").out)
            absent = "0190a000-0000-7000-8000-000000000000"
            for word in ("show", "history"):
                program.refuse(word, "member", absent, code=FAILED)

    def test_what_the_validator_refuses_changes_nothing(self):
        unsent = self.a.status()["unsent"]
        base = ["add", "member", "name=王五", f"org={self.union}", "joined_on=2020-01-02"]
        wrong = id_no(2)[:17] + ("1" if id_no(2)[17] != "1" else "2")
        for words, names in ((["id_no=" + wrong], ["证件号码"]), ([], ["证件号码"]),
                             ([f"id_no={id_no(3)}", "edu=大学本课"], ["大学本科"]),
                             ([f"id_no={id_no(3)}", "mobile=12345"], ["移动电话"]),
                             ([f"id_no={id_no(3)}", "birth=2099-01-01"], ["出生日期"])):
            result = self.a.refuse(*base, *words, code=MISUSE, names=names)
            for secret in (wrong, id_no(3), "王五"):
                self.assertNotIn(secret, result.err)
        self.a.refuse("set", "union_org", self.union, "member_n=5", "staff_n=3", code=MISUSE)
        self.a.refuse("set", "union_org", self.union, "parent=没有的工会", code=None)
        self.a.refuse("set", "member", self.member, "m_status=已转出", code=MISUSE)
        self.a.refuse("add", "policy_doc", "title=x", "kind=意见", "issued_on=2021-01-01")
        self.assertEqual(self.a.status()["unsent"], unsent)

    def test_a_warning_is_told_and_does_not_hinder(self):
        answer = self.a.ask("add", "member", "name=王五", f"org={self.union}",
                            "joined_on=2020-01-02", f"id_no={id_no(1)}")
        self.assertTrue(answer["warnings"])
        self.assertNotIn(id_no(1), json.dumps(answer))

    def test_users_of_the_district(self):
        password = self.write("password", "春风十里扬州路\n")
        self.private.add("春风十里扬州路")
        add = ("user", "add", "lisi", "李四", "--role", "district", "--password-file", password)
        self.district.run(*add)
        self.district.refuse(*add)
        self.district.refuse("user", "add", "ＬiSi", "李四", "--role", "district", "--password-file", password)
        self.district.refuse("user", "add", "wangwu", "王五", "--password-file", password,
                             code=MISUSE, names=["--role"])
        # An office's staff have theirs at their PC.
        self.district.refuse("user", "add", "wangwu", "王五", "--role", "clerk", "--office", "GD",
                             "--password-file", password, code=MISUSE, names=["镇街"])
        self.district.run("user", "add", "wangwu", "王五", "--role", "clerk", "--office", "GD")
        self.district.refuse("user", "passwd", "wangwu", "--password-file", password, code=MISUSE,
                             names=["镇街"])
        self.district.refuse("user", "add", "zhaoliu", "赵六", "--role", "clerk",
                             "--password-file", self.write("short", "123\n"), code=MISUSE)
        self.district.refuse("user", "add", "wangwu", "王五", "--role", "king", "--password-file",
                             password, code=MISUSE)
        self.district.refuse("user", "passwd", "nobody", "--password-file", password,
                             names=["nobody"])
        self.district.refuse("user", "passwd", "lisi", "--password-file",
                             self.write("short", "123\n"), code=MISUSE)
        self.district.refuse("user", "passwd", "lisi", code=MISUSE, names=["--password-file"])
        self.district.run("user", "passwd", "lisi", "--password-file", password)
        self.a.sync()
        staff = {each["login"]: (each["name"], each["role"]) for each in self.a.list("staff")}
        self.assertEqual(staff, {"lisi": ("李四", "区级"), "wangwu": ("王五", "经办")})
        for side in (self.district, self.a):
            books = sqlite3.connect(f"file:{side.folder / 'jielian.db'}?mode=ro", uri=True)
            with contextlib.closing(books):
                self.assertEqual(books.execute("SELECT count(*) FROM staff WHERE verifier "
                                               "IS NOT NULL").fetchone(), (0,))
        self.settle(self.a)


if __name__ == "__main__":
    unittest.main()
