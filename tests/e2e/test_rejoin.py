"""A PC that a restore has forgotten is notified, apart from revoked ones and from trouble with the
network, and joins again in its own folder: same keys, nothing of its work lost."""

import random
import shutil
import signal
import subprocess
import time
import unittest

from jielian import ATTENTION, DONE, FAILED, MISUSE, District, Office, wait_until
from lost import DEVICES_GAP, Lost


class Forgotten(Lost):
    """d of GD has joined after the backup, and no log is left."""

    def setUp(self):
        super().setUp()
        self.back_up()
        self.d = self.pc("GD", "d")
        self.unions = [self.d.add_union("已确认的工会")]
        self.d.sync()
        self.unions.append(self.d.add_union("未发送的工会"))
        self.forget()
        self.district.run("device", "resume", "all")

    def test_it_is_told_apart_from_a_revoked_one(self):
        result = self.d.sync(expect=ATTENTION)
        self.assertEqual(result.json["state"], "unknown")
        for words in ("不认识", "join", result.json["key"]):
            self.assertIn(words, result.err)
        self.assertNotIn("网络", result.err)
        self.assertEqual(self.d.status(ATTENTION)["unsent"], 1)
        [called] = wait_until("the district has it", lambda: self.district.ask(
            "status", expect=None)["unknown_keys"], 20)
        self.assertEqual(called["key"], result.json["key"])
        self.assertIn(called["key"], self.district.run("status", expect=None).out)
        # Without the district it is the network.
        self.district.stop()
        result = self.d.run("sync", "--timeout", "2", expect=ATTENTION)
        self.assertIn("网络", result.err)

    def test_run_says_it_too_and_goes_on_once_it_has_joined_again(self):
        self.d.start()
        wait_until("it knows", lambda: self.d.status()["state"] == "unknown", 30)
        invitation = self.district.invite("GD")
        self.d.refuse("join", invitation, names=[self.d.folder])  # run is up
        self.d.stop()
        self.d.join(invitation)
        self.d.start()
        wait_until("it is in step", lambda: self.d.status()["state"] == "in_sync", 30)
        self.d.stop()

    def check_all_is_there(self):
        self.assertEqual({each["id"] for each in self.district.list("union_org")},
                         set(self.unions))
        self.same(self.a, self.b, self.c, self.d)
        self.assertEqual(self.district.ask("status", expect=None)["unknown_keys"], [])

    def test_it_joins_again_in_its_folder_with_all_its_work(self):
        keys = (self.d.folder / "keys").read_bytes()
        self.d.sync(expect=ATTENTION)
        answer = self.d.ask("join", self.district.invite("GD"))
        self.assertEqual(answer["state"], "in_sync")
        self.check_gap(answer["device"], 3, DEVICES_GAP)
        self.assertEqual((self.d.folder / "keys").read_bytes(), keys)
        self.assertFalse((self.d.folder / "rejoining").exists())
        self.assertIn(f"device={answer['device']}", (self.d.folder / "identity").read_text())
        self.check_all_is_there()

    def test_cut_off_anywhere_it_is_run_again(self):
        invitation = self.district.invite("GD")
        rng, took, killed = random.Random(8), 4.0, 0
        for _ in range(10):
            child = subprocess.Popen(list(map(str, self.d.command("join", invitation))),
                                     env=self.d.env, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            start = time.monotonic()
            try:
                code = child.wait(rng.uniform(1.5, took))
                took = max(2.0, time.monotonic() - start)
                self.assertIn(code, (DONE, FAILED, ATTENTION))
                if not (self.d.folder / "rejoining").exists():
                    break
            except subprocess.TimeoutExpired:
                child.kill()
                killed += child.wait() == -signal.SIGKILL
        if (self.d.folder / "rejoining").exists() or self.number(self.d) == 4:
            code = self.d.run("join", invitation, expect=None).code
            self.assertIn(code, (DONE, FAILED, ATTENTION))  # FAILED: it is known, and has nothing to join
        self.d.sync()
        self.check_gap(self.number(self.d), 3, DEVICES_GAP)
        self.check_all_is_there()
        self.assertEqual([each for each in self.states() if each > 4], [self.number(self.d)])

    def test_an_answer_that_was_lost_is_asked_for_again(self):
        """As if it was cut off right behind the district's commit; the invitation has expired."""
        invitation = self.district.invite("GD")
        copy = self.folder / "copy"
        shutil.copytree(self.d.folder, copy)
        self.d.join(invitation)
        shutil.rmtree(self.d.folder)
        shutil.move(copy, self.d.folder)
        (self.d.folder / "rejoining").touch()
        self.d.join(invitation)
        self.check_gap(self.number(self.d), 3, DEVICES_GAP)
        self.check_all_is_there()

    def test_a_wrong_invitation_changes_nothing(self):
        other = District(self, "other")
        other.init()
        other.run("office", "add", "GD", "古荡街道总工会")
        other.start()
        before = self.d.status()["unsent"]
        used = self.district.invite("GD")
        Office(self, "GD", "e").join(used)
        for path, words in ((other.invite("GD"), ["另一个区"]), (self.district.invite("BS"), ["BS"]),
                            (used, ["邀请"])):
            self.d.refuse("join", path, names=[*words, self.d.folder])
        self.district.stop()
        self.d.refuse("join", used, "--timeout", "2", names=[self.district.endpoint])
        self.district.start()
        self.assertEqual(self.d.status()["unsent"], before)
        self.assertFalse((self.d.folder / "rejoining").exists())
        self.assertEqual(len(self.d.list("union_org")), 2)
        self.d.join(self.district.invite("GD"))
        self.check_all_is_there()

    def test_its_office_may_be_called_otherwise_by_now(self):
        [office] = [each["id"] for each in self.district.list("office") if each["code"] == "GD"]
        self.district.set("office", office, code="GX")
        self.d.refuse("join", self.district.invite("GX"), names=["GX"])  # it has not heard of it
        self.district.set("office", office, code="GD")
        self.d.join(self.district.invite("GD"))
        self.check_all_is_there()

    def test_who_is_known_has_nothing_to_join(self):
        invitation = self.district.invite("GD")
        self.a.refuse("join", invitation, names=[self.a.folder, "sync"])
        self.d.join(invitation)  # it was not used up

    def test_who_was_revoked_joins_in_a_new_folder(self):
        self.district.run("device", "revoke", 1)
        # Messages are refused from here on, the handshake from the next look at the table on.
        self.assertEqual(self.a.sync(expect=ATTENTION).json["state"], "revoked")
        self.a.refuse("join", self.district.invite("GD"), names=["注销", self.a.folder])
        self.district.stop()  # the same from a picture that is read anew
        self.district.start()
        self.a.refuse("join", self.district.invite("GD"), names=["注销", self.a.folder])


class ForgottenOffice(Lost):
    """CY came after the backup, and no log is left: only its PC e remembers its number, 3."""

    def setUp(self):
        super().setUp()
        self.back_up()
        self.district.run("office", "add", "CY", "长庆街道总工会")
        self.e = self.pc("CY", "e")
        self.union = self.e.add_union("长庆甲厂工会")
        self.e.sync()
        self.forget()
        self.district.run("device", "resume", "all")

    def codes(self):
        return {each["code"]: each["number"] for each in self.district.ask("office", "list")}

    def check_all_is_there(self):
        self.e.join(self.district.invite("CY"))
        self.assertEqual([each["id"] for each in self.district.list("union_org", "office=CY")],
                         [self.union])
        self.same(self.a, self.b, self.c, self.e)

    def test_it_gets_its_number_back(self):
        status = self.e.status()
        self.assertEqual((status["office"], status["office_number"]), ("CY", 3))
        self.assertIn("编号 3", self.e.run("status", expect=None).out)
        answer = self.district.ask("office", "add", "CY", "长庆街道总工会", "--number", 3)
        self.assertEqual((answer["code"], answer["number"]), ("CY", 3))
        self.check_all_is_there()

    def test_with_a_wrong_number_its_pc_says_so_and_it_can_be_mended(self):
        self.district.run("office", "add", "CY", "长庆街道总工会")
        wrong = self.codes()["CY"]
        self.e.refuse("join", self.district.invite("CY"), names=["镇街编号", f"3, {wrong}"])
        self.district.refuse("office", "add", "CY", "长庆街道总工会", "--number", 3, names=["CY"])
        [office] = [each["id"] for each in self.district.list("office") if each["code"] == "CY"]
        self.district.delete("office", office)
        self.district.run("office", "add", "CY", "长庆街道总工会", "--number", 3)
        self.assertEqual(self.codes(), {"GD": 1, "BS": 2, "CY": 3})
        self.check_all_is_there()
        self.back_up("second.db")  # and a restore does not bring the wrong one back
        self.restore()
        self.assertEqual(self.codes(), {"GD": 1, "BS": 2, "CY": 3})

    def test_a_number_is_given_to_one_office_only(self):
        for number, names in ((1, ["GD"]), (2, ["BS"])):
            self.district.refuse("office", "add", "CY", "长庆街道总工会", "--number", number,
                                 names=names)
        for number in (0, 4096, "x"):
            self.district.refuse("office", "add", "CY", "长庆街道总工会", "--number", number,
                                 names=["--number", "4095"], code=MISUSE)
        self.district.run("office", "add", "WX", "文晖街道总工会")
        wx = self.codes()["WX"]
        [office] = [each["id"] for each in self.district.list("office") if each["code"] == "WX"]
        self.district.delete("office", office)
        self.district.refuse("office", "add", "CY", "长庆街道总工会", "--number", wx, names=[wx])
        self.district.run("office", "add", "CY", "长庆街道总工会", "--number", 4095)
        self.district.refuse("office", "add", "WX2", "文晖街道总工会", names=["4095"])


if __name__ == "__main__":
    unittest.main()
