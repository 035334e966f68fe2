"""转会 by hand: the commands of both offices and the district, from the request to its end."""

import datetime
import unittest

from jielian import DONE, FAILED, MISUSE, wait_until
from people import id_no
from world import World


def working_days_from_today(count):
    day = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    while count > 0:
        day += datetime.timedelta(days=1)
        count -= day.weekday() < 5
    return day.isoformat()


class Transfer(World):
    """张三 of GD has been to two fairs; BS is where she goes."""

    def prepare(self):
        super().prepare()
        self.gd, self.bs = self.pc("GD", "gd"), self.pc("BS", "bs")
        self.union = self.gd.add_union("古荡甲厂工会")
        self.joined = self.bs.add_union("北山乙厂工会")
        self.member = self.gd.add_member(self.union, "张三", id_no(1))
        for title, day in (("春季招聘会", "2021-03-05"), ("秋季招聘会", "2021-09-05")):
            fair = self.gd.add("activity", kind="招聘会", title=title, start_on=day)
            self.gd.add("attendance", activity=fair, member=self.member)
        self.settle(self.gd, self.bs)

    def both(self):
        """Everybody hears of it. The office joined sees a transfer that is not its own, so the
        offices are compared by what they print."""
        for office in (self.gd, self.bs, self.gd):
            self.assertEqual(office.sync().json["repairs"], 0)

    def request(self, *words):
        transfer = self.gd.ask("transfer", "request", id_no(1), "BS", "reason=工作单位变动",
                               *words)["id"]
        self.both()
        return transfer

    def seen(self, *transfers):
        """What all three say of the transfers, which must be the same."""
        lists = [{item["id"]: item for item in program.ask("transfer", "list")}
                 for program in (self.gd, self.bs, self.district)]
        self.assertEqual(lists[0], lists[1])
        self.assertEqual(lists[0], lists[2])
        self.assertEqual(set(lists[0]), set(transfers))
        return [lists[0][transfer] for transfer in transfers]

    def members(self):
        """The figure of living members by office; together they are the district's."""
        [figure] = [each for each in self.district.ask("report", "--by", "office")
                    if each["key"] == "F32"]
        self.assertEqual(sum(figure["by_office"].values()), figure["value"])
        return figure["by_office"]["GD"], figure["by_office"]["BS"]

    def test_from_the_request_to_its_end(self):
        transfer = self.request()
        [seen] = self.seen(transfer)
        self.assertEqual((seen["title"], seen["from"], seen["to"], seen["step"], seen["turn"]),
                         ("张三", "GD", "BS", "requested", "GD"))
        self.assertEqual((seen["due_on"], seen["overdue"], seen["dependants"], seen["open"]),
                         (working_days_from_today(10), False, 2, True))
        self.assertIsNotNone(seen["asked_on"])
        self.assertEqual(self.members(), (1, 0))
        for program in (self.gd, self.district):
            self.assertEqual(program.ask("transfer", "show", transfer)["left_behind"],
                             [{"type": "attendance", "label": "签到", "records": 2}])
        self.assertIsNone(self.bs.ask("transfer", "show", transfer)["left_behind"])
        told = self.bs.run("transfer", "show", transfer).out
        for words in ("张三", "转出：GD", "另有 2 条"):
            self.assertIn(words, told)
        self.assertNotIn(id_no(1), told)
        self.gd.run("transfer", "release", transfer, "材料已齐")
        self.both()
        [seen] = self.seen(transfer)
        self.assertEqual((seen["step"], seen["turn"]), ("released", "BS"))
        self.assertEqual(self.bs.show("transfer", transfer)["note"], "材料已齐")
        self.assertEqual(self.members(), (1, 0))
        self.bs.run("transfer", "receive", transfer, "org=北山乙厂工会")
        self.both()
        [seen] = self.seen(transfer)
        self.assertEqual((seen["step"], seen["turn"], seen["due_on"], seen["open"]),
                         ("effective", None, None, False))
        self.assertEqual(seen["effective_on"], working_days_from_today(0))
        self.assertEqual(self.bs.ask("transfer", "list", "--open"), [])
        self.assertEqual(self.members(), (0, 1))
        [here] = self.bs.list("member")
        self.assertEqual((here["id"], here["org"]), (self.member, self.joined))
        self.assertEqual(self.gd.list("member"), [])
        # The lists of the office left still read.
        attended = self.gd.run("list", "attendance").out
        self.assertEqual(attended.count("张三（已转出）"), 2)
        self.assertEqual(self.bs.list("attendance"), [])
        shown = self.gd.run("transfer", "show", transfer).out
        self.assertIn("签到 2", shown)
        self.district.verify()

    def test_each_step_is_for_whom_the_flow_says(self):
        transfer = self.request()
        self.bs.refuse("transfer", "release", transfer, code=MISUSE, names=["转出的镇街"])
        self.bs.refuse("transfer", "receive", transfer, code=MISUSE, names=["申请", "撤回"])
        self.gd.refuse("transfer", "receive", transfer, code=MISUSE)
        self.district.refuse("transfer", "release", transfer, code=MISUSE, names=["转出的镇街"])
        self.gd.run("transfer", "release", transfer)
        self.both()
        self.gd.refuse("transfer", "receive", transfer, code=MISUSE, names=["转入的镇街"])
        self.gd.refuse("transfer", "release", transfer, "a", "b", code=MISUSE, names=["备注"])
        self.bs.refuse("transfer", "receive", transfer, "org=没有的工会", code=MISUSE,
                       names=["转入基层工会"])
        self.bs.run("transfer", "return", transfer, "查无此单位")
        self.both()
        [seen] = self.seen(transfer)
        self.assertEqual((seen["step"], seen["due_on"]), ("returned", None))
        self.gd.refuse("transfer", "withdraw", transfer, code=MISUSE)
        self.assertEqual(self.members(), (1, 0))

    def test_withdrawn_by_either_and_asked_for_anew(self):
        ended = []
        for program in (self.gd, self.bs, self.district):
            ended.append(self.request())
            program.run("transfer", "withdraw", ended[-1])
            self.both()
        for seen in self.seen(*ended):
            self.assertEqual((seen["step"], seen["open"]), ("withdrawn", False))
        self.assertEqual(self.gd.cases() + self.bs.cases(), [], "one open transfer at a time is fine")
        self.assertEqual(self.members(), (1, 0))

    def test_what_can_not_be_asked_for(self):
        self.gd.refuse("transfer", "request", id_no(1), "GD", code=MISUSE, names=["同一个镇街"])
        self.bs.refuse("transfer", "request", id_no(1), "GD", code=MISUSE)
        self.bs.refuse("transfer", "request", self.member, "GD", code=MISUSE, names=["会员"])
        self.gd.refuse("transfer", "request", id_no(2), "BS", code=MISUSE)
        self.gd.refuse("transfer", "request", id_no(1), "XX", code=MISUSE, names=["转入镇街"])
        self.gd.refuse("transfer", "request", id_no(1), code=MISUSE)
        self.gd.refuse("transfer", "show", self.member, code=FAILED, names=[self.member])
        self.gd.refuse("transfer", "show", "x", code=MISUSE)
        self.assertEqual(self.seen(), [])
        transfer = self.request()
        self.gd.refuse("set", "transfer", transfer, "to_office=GD", code=MISUSE)
        self.bs.refuse("set", "transfer", transfer, "member=" + self.member,
                       "from_office=BS", code=MISUSE, names=["重新申请"])

    def test_a_second_request_is_a_possible_duplicate(self):
        first = self.request()
        result = self.gd.run("transfer", "request", id_no(1), "BS")
        self.assertIn("会员", result.err)
        self.both()
        self.assertEqual([case["kind"] for case in self.gd.cases()], ["疑似重复"])
        self.assertEqual(len(self.seen(first, result.out.strip())), 2)

    def test_the_district_asks_for_an_office(self):
        transfer = self.district.ask("transfer", "request", id_no(1), "BS")["id"]
        self.both()
        [seen] = self.seen(transfer)
        self.assertEqual((seen["from"], seen["turn"], seen["dependants"]), ("GD", "GD", 2))
        self.gd.run("transfer", "release", transfer)
        self.both()
        self.bs.run("transfer", "receive", transfer)
        self.both()
        self.assertEqual(self.members(), (0, 1))
        self.district.verify()

    def test_serve_makes_a_case_of_what_is_overdue_when_it_starts(self):
        transfer = self.request()
        self.gd.refuse("set", "transfer", transfer, "due_on=2022-10-01", code=2,
                       names=["办理期限", "区总工会"])
        self.district.run("set", "transfer", transfer, "due_on=2022-10-01")
        self.both()
        [seen] = self.seen(transfer)
        self.assertTrue(seen["overdue"])
        self.assertIn("逾期", self.gd.run("transfer", "list").out)
        self.assertEqual(self.gd.cases(), [], "reading makes nothing")
        self.district.run("status", expect=None)
        self.district.stop()
        self.district.start()
        wait_until("the case is there", lambda: self.district.ask("case", "list") != [])
        self.both()
        [case] = self.gd.cases()
        self.assertEqual((case["kind"], case["subject_id"]), ("转会需处理", transfer))
        self.assertIn("2022-10-01", case["title"])
        self.assertEqual(self.bs.cases(), [])
        self.gd.run("case", "show", case["id"])
        self.gd.run("transfer", "release", transfer)
        self.both()
        self.assertEqual(self.gd.cases(), [], "the step is done")
        self.district.stop()
        self.district.start()
        self.assertEqual(self.district.ask("case", "list"), [])
        self.district.verify()


if __name__ == "__main__":
    unittest.main()
