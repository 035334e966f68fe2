"""`history TYPE ID --district`: what the district's journal has of an office's own record, before this
PC joined and elsewhere; and what it does not tell: records that are not the office's, what another
office's people are called, its sealed values and what it offered in vain."""

import time
import uuid

import rogue
from jielian import DONE, FAILED
from people import id_no, masked_mobile, mobile
from rogue import HISTORY, LINES, Rogue, pack, unpack
from test_hostile import UNION, Hostile, raw
from world import World

STAFF = 2
REFUSE, MALFORMED, BUSY, PARKED = 13, 5, 4, 4
NOBODY = str(uuid.UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0001))
DARK = "…"


class Told(World):
    """GD's 王 and 李 worked on 张三, and the district; then she moves to BS."""

    def prepare(self):
        super().prepare()
        self.gd, self.bs = self.pc("GD", "gd"), self.pc("BS", "bs")
        self.union = self.gd.add_union("古荡甲厂工会")
        self.joined = self.bs.add_union("北山乙厂工会")
        self.member = self.gd.add_member(self.union, "张三", id_no(1))
        self.write_as(self.gd, "wang", f"mobile={mobile(1)}", "trade=电工")
        self.both()
        self.write_as(self.district, "zhao", f"mobile={mobile(2)}")
        self.both()
        self.private.update(map(mobile, range(1, 9)))

    def write_as(self, program, login, *fields):
        program.run("set", "member", self.member, *fields, "--as", login)

    def both(self):
        for office in (self.gd, self.bs, self.gd):
            office.sync()

    def move(self):
        transfer = self.gd.ask("transfer", "request", id_no(1), "BS", "reason=工作单位变动")["id"]
        self.both()
        self.gd.run("transfer", "release", transfer)
        self.both()
        self.bs.run("transfer", "receive", transfer, "org=北山乙厂工会")
        self.both()

    def told(self, office, record=None, type_name="member"):
        return office.ask("history", type_name, record or self.member, "--district")

    def refused(self, office, type_name, record):
        result = office.run("history", type_name, record, "--district", expect=FAILED)
        self.assertEqual(result.out, "")
        return result.err.replace(record, "ID")

    def changes(self, line):
        return {change["field"]: (change["old"], change["new"]) for change in line["changes"]}

    def test_all_of_ones_own(self):
        fresh = self.pc("GD", "fresh")  # it joined afterwards
        lines = self.told(fresh)
        self.assertEqual([(line["what"], line["staff"], line["office"], line["verdict"])
                          for line in lines],
                         [("create", "clerk", "GD", "applied"), ("edit", "wang", "GD", "applied"),
                          ("edit", "zhao", "district", "applied")])
        self.assertEqual(lines[1]["device"], self.gd.status()["device"])
        self.assertEqual(self.changes(lines[1]), {"mobile": (None, masked_mobile(mobile(1))),
                                                  "trade": (None, "电工")})
        self.assertEqual(self.changes(lines[2]), {"mobile": (masked_mobile(mobile(1)),
                                                             masked_mobile(mobile(2)))})
        self.assertEqual({line["by"] for line in lines}, {None})
        here = self.gd.run("history", "member", self.member, "--district").out
        for words in ("wang GD  修改  [已采纳]", "zhao 区总工会  修改", "电工"):
            self.assertIn(words, here)
        self.assertEqual(self.gd.sync().json["state"], "in_sync", "asking changes nothing")

    def test_after_a_transfer_the_other_office_stays_nameless_and_its_sealed_values_dark(self):
        self.move()
        self.write_as(self.bs, "chen", f"mobile={mobile(3)}")
        self.both()
        self.write_as(self.district, "zhao", f"mobile={mobile(4)}")
        lines = self.told(self.bs)
        by = {(line["office"], line["what"]): line for line in lines}
        for line in lines:
            if line["office"] == "GD":
                self.assertEqual((line["staff"], line["device"], line["reason"],
                                  line["change_set"]), ("", 0, "", None))
        self.assertEqual(self.changes(by["GD", "create"])["id_no"], (DARK, DARK))
        self.assertEqual(self.changes(by["GD", "create"])["name"], (None, "张三"))
        self.assertEqual(self.changes(by["GD", "edit"]),
                         {"trade": (None, "电工"), "mobile": (DARK, DARK)})
        numbers = [self.changes(line)["mobile"] for line in lines
                   if line["what"] == "edit" and "mobile" in self.changes(line)]
        self.assertEqual(numbers, [(DARK, DARK), (DARK, DARK),  # GD's, the district's of then
                                   (masked_mobile(mobile(2)), masked_mobile(mobile(3))),
                                   (masked_mobile(mobile(3)), masked_mobile(mobile(4)))])
        self.assertNotIn("wang", str(lines))

    def test_what_is_not_ones_own_and_what_is_not_there_are_one(self):
        theirs = self.refused(self.bs, "member", self.member)
        self.assertEqual(theirs, self.refused(self.bs, "member", NOBODY))
        self.assertEqual(theirs, self.refused(self.bs, "union_org", self.union))
        self.move()
        self.assertEqual(theirs, self.refused(self.gd, "member", self.member), "it was, and left")
        [office] = [each for each in self.gd.list("office") if each["code"] == "GD"]
        self.assertEqual(theirs, self.refused(self.gd, "office", office["id"]))

    def test_imports_are_called_so(self):
        path = self.csv("m.csv", ("姓名", "身份证号", "所属工会", "入会日期", "工种"),
                        ("张三", id_no(1), "古荡甲厂工会", "2020-01-02", "焊工"))
        self.gd.take("member", path)
        self.gd.sync()
        last = self.told(self.gd)[-1]
        self.assertEqual(last["by"], "import")
        self.assertIsNotNone(last["change_set"])
        self.assertIn("(导入)", self.gd.run("history", "member", self.member, "--district").out)

    def test_with_no_district_there(self):
        self.district.stop()
        start = time.monotonic()
        result = self.gd.run("history", "member", self.member, "--district", expect=FAILED)
        self.assertIn("连不上区总工会", result.err)
        self.assertLess(time.monotonic() - start, 20)
        self.assertEqual(self.gd.run("history", "member", self.member).code, DONE)
        self.district.start()

    def test_a_suspended_pc_is_told_nothing(self):
        self.district.run("device", "suspend", self.gd.status()["device"])
        result = self.gd.run("history", "member", self.member, "--district", expect=FAILED)
        self.assertIn("停用", result.err)

    def test_beside_run_and_without_it_no_session_counts_as_cut_off(self):
        number = self.gd.status()["device"]
        before = self.district.device("GD", number)["cut_off"]
        self.told(self.gd)
        self.gd.sync()
        self.gd.start()
        self.gd.sync()
        self.told(self.gd)
        self.gd.set("member", self.member, trade="钳工")
        self.gd.sync()
        self.gd.stop()
        self.gd.sync()
        self.assertEqual(self.district.device("GD", number)["cut_off"], before)


class Asked(Hostile):
    """The message itself, in the hands of somebody who makes his own."""

    def prepare(self):
        super().prepare()
        self.theirs = self.pc("BS", "theirs")
        self.other = self.theirs.add_union("北山乙厂工会")
        for number in range(40):
            self.liar.set("union_org", self.union, address=f"文一路{number}号")
        self.liar.sync()
        self.theirs.sync()
        self.before = self.district.list("union_org")

    def ask(self, client, record, type_number=UNION, most=32, place=b""):
        return client.ask(HISTORY, pack({1: type_number, 2: record, 3: place, 4: most}))

    def lines(self, answer):
        return [unpack(line) for line in answer.get(5, [])]

    def test_no_office_reads_what_is_not_its_own(self):
        client = self.rogue()
        client.hello()
        kind, none = self.ask(client, raw(NOBODY))
        self.assertEqual((kind, sorted(none)), (LINES, [1, 2]))
        for type_number, record in ((UNION, self.other), (STAFF, NOBODY), (9999, NOBODY)):
            kind, answer = self.ask(client, raw(record), type_number)
            self.assertEqual((kind, sorted(answer)), (LINES, [1, 2]), type_number)
        [office] = [each for each in self.liar.list("office") if each["code"] == "GD"]
        self.assertEqual(sorted(self.ask(client, raw(office["id"]), 1)[1]), [1, 2])
        self.assertEqual(self.ask(client, raw(self.union))[1][3], [1], "its own")
        self.assert_unharmed()

    def test_what_another_offers_in_vain_is_not_told(self):
        thief = Rogue(self.theirs, self.server)
        self.addCleanup(thief.close)
        thief.hello()
        [(verdict, _)] = thief.push(rogue.op(rogue.EDIT, UNION, raw(self.union),
                                             {1: "古荡甲厂工会"}, {1: "我的"}))
        self.assertEqual(verdict, PARKED)
        client = self.rogue()
        client.hello()
        _, answer = self.ask(client, raw(self.union), most=1)
        for line in self.lines(answer):
            self.assertNotIn("我的".encode(), line[7][0])
            self.assertNotIn(b"rogue", line[7][0])

    def test_pages_go_back_to_the_beginning_and_their_places_are_ones_own(self):
        client = self.rogue()
        client.hello()
        seen, place = [], b""
        for _ in range(50):
            kind, answer = self.ask(client, raw(self.union), most=7, place=place)
            self.assertEqual(kind, LINES)
            self.assertLessEqual(len(self.lines(answer)), 7)
            seen += self.lines(answer)
            places = answer.get(4)
            if places is None:
                break
            [place] = places
        self.assertEqual(len(seen), 41)  # it was made at another PC of the office
        times = [unpack(line[7][0])[4][0] for line in seen]
        self.assertEqual(times, sorted(times, reverse=True))
        stranger = Rogue(self.theirs, self.server)
        self.addCleanup(stranger.close)
        stranger.hello()
        changed = place[:-1] + bytes([place[-1] ^ 1])
        for who, record, wrong in ((client, self.union, changed), (client, self.union, b"x" * 45),
                                   (client, self.union, b"x" * 65),
                                   (stranger, self.other, place)):
            kind, answer = self.ask(who, raw(record), place=wrong)
            self.assertEqual((kind, answer[1]), (REFUSE, [MALFORMED]))
            who.hello()
            time.sleep(1.1)  # "malformed" is said once in a second
        self.assert_unharmed()

    def test_questions_at_their_edges(self):
        client = self.rogue()
        client.hello()
        self.assertEqual(len(self.lines(self.ask(client, raw(self.union), most=32)[1])), 32)
        for body in ({1: UNION, 2: raw(self.union), 4: 33}, {1: UNION, 2: raw(self.union)},
                     {1: UNION, 2: raw(self.union)[:15], 4: 1}, {2: raw(self.union), 4: 1}):
            kind, answer = client.ask(HISTORY, pack(body))
            self.assertEqual((kind, answer[1]), (REFUSE, [MALFORMED]), body)
            time.sleep(1.1)
        self.assert_unharmed()

    def test_asking_over_and_over_is_met_with_busy(self):
        client = self.rogue()
        client.hello()
        codes = set()
        for _ in range(120):
            kind, answer = self.ask(client, raw(self.union))
            if kind != LINES:
                codes.update(answer.get(1, [None]))
                break
        self.assertEqual(codes, {BUSY})
        self.theirs.set("union_org", self.other, address="北山路1号")
        self.theirs.sync(timeout=20)
        self.before = self.district.list("union_org")
        self.assert_unharmed()
