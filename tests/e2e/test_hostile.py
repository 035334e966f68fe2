"""What is not ours, too large, wrongly signed, out of sequence or not allowed: it changes nothing,
is counted, and the district goes on serving the others."""

import os
import random
import socket
import unittest
import uuid

import rogue
from jielian import wait_until
from rogue import Dealer, Rogue
from world import World

PARKED, CASE = 4, 3
UNION, MEMBER, WEEKLY, ACCESS_LOG, OFFICE, REFORM = 1000, 1002, 1021, 8, 1, 1034


def raw(text):
    return uuid.UUID(text).bytes


class Hostile(World):
    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.union = self.a.add_union("古荡甲厂工会", address="文一路1号")
        self.a.sync()
        invitation = self.district.invite("GD").read_text()
        self.server = bytes.fromhex(invitation.split("district=")[1][:64])
        self.before = self.district.list("union_org")
        # The liar's keys are enrolled like a's; its own program is never run. What is refused to it
        # slows it, and nobody else.
        self.liar = self.pc("GD", "liar")

    def assert_unharmed(self):
        self.assertIsNone(self.district.process.exit_code(), str(self.district.process))
        self.assertEqual(self.district.http("/healthz")[0], 200)
        self.assertEqual(self.district.list("union_org"), self.before)
        self.a.sync()
        self.assert_same(self.a)
        self.district.verify()

    def rogue(self, office=None):
        client = Rogue(office or self.liar, self.server)
        self.addCleanup(client.close)
        kind, _ = client.hello()
        self.assertEqual(kind, rogue.WELCOME)
        return client


class Strangers(Hostile):
    def test_bytes_that_are_no_zeromq(self):
        rng = random.Random(3)
        greeting = b"\xff" + b"\0" * 8 + b"\x7f\x03\0"
        texts = [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"", b"\0" * 100000, rng.randbytes(100000),
                 greeting + b"NULL".ljust(20, b"\0") + b"\0" * 32 + rng.randbytes(500),
                 greeting + b"CURVE".ljust(20, b"\0") + b"\0" * 32 + rng.randbytes(5000),
                 b"\xff" * 200, rng.randbytes(7)]
        for text in texts * 5:
            with socket.create_connection(("127.0.0.1", self.district.port), 5) as line:
                try:
                    line.sendall(text)
                    line.settimeout(0.05)
                    line.recv(1000)
                except OSError:
                    pass
        # Many that connect and say nothing do not hinder the others.
        idle = [socket.create_connection(("127.0.0.1", self.district.port), 5) for _ in range(60)]
        self.a.set("union_org", self.union, address="文一路1号")
        self.assert_unharmed()
        for line in idle:
            line.close()

    def test_a_strangers_key_and_no_key(self):
        for server, secret in ((self.server, None), (self.server, os.urandom(32)),
                               (os.urandom(32), None), (None, None)):
            dealer = Dealer(self.district.endpoint, server, secret)
            sent = dealer.send(b"hello")
            self.assertFalse(sent and dealer.receive(1), "a stranger got an answer")
            dealer.close()
        wait_until("it is counted", lambda: (self.district.metric(
            "jielian_handshakes_refused_total") or 0) >= 2, 5)
        self.assert_unharmed()

    def test_nonsense_over_http(self):
        for path in ("/", "/metrics/../keys", "/%00", "/" + "a" * 9000, "/api/v1/nothing"):
            self.assertGreaterEqual(self.district.http(path)[0], 400)
        for text in (b"BREW / HTCPCP/1.0\r\n\r\n", b"\0\xff" * 500,
                     b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
                     b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100000 + b"\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.district.http_port), 5) as line:
                line.settimeout(2)
                try:
                    line.sendall(text)
                    self.assertNotIn(b"200 OK", line.recv(1000))
                except OSError:
                    pass
        self.assert_unharmed()


class Insiders(Hostile):
    """An enrolled device's keys in the hands of another program."""

    def test_a_second_program_that_speaks_the_protocol(self):
        client = self.rogue()
        new = uuid.uuid4().bytes
        [(code, reason)] = client.push(rogue.op(rogue.CREATE, UNION, new, new={
            1: "野生工会", 4: 1, 6: 20180501, 33: 2}))
        self.assertEqual((code, reason), (1, ""))
        self.assertEqual(len(self.district.list("union_org")), 2)
        self.before = self.district.list("union_org")
        self.assert_unharmed()
        self.assertEqual(len(self.a.list("union_org")), 2)

    def test_frames_that_break_the_protocol_are_counted(self):
        rng = random.Random(5)
        client = self.rogue()
        good = [rogue.envelope(rogue.PUSH, client.push_body([b"x"])[0]),
                rogue.envelope(rogue.PULL, rogue.pack({1: 1, 2: 0, 3: 4096, 4: 1})),
                rogue.envelope(rogue.PROOF, rogue.pack({1: 1, 2: 1, 3: b"\0" * 16}))]
        before = self.district.metric("jielian_malformed_total")
        for text in (b"\0", b"hello", b"\xff" * 50, rogue.envelope(99, b"x"),
                     b"\x0a\xff\xff\xff\x7f"):
            client.dealer.send(text)
        for _ in range(200):
            data = bytearray(rng.choice(good))
            for _ in range(rng.randrange(1, 6)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            client.dealer.send(bytes(data[:rng.randrange(1, len(data) + 1)]))
        kind, _ = client.answer()
        self.assertIsNotNone(kind)
        wait_until("counted", lambda: self.district.metric("jielian_malformed_total") >= before + 5)
        self.assert_unharmed()

    def test_frames_that_are_too_large(self):
        client = self.rogue()
        client.dealer.send(b"\0" * (3 << 20))
        client.dealer.send(b"\0" * (50 << 20))
        self.assert_unharmed()
        # A bomb: a small frame that says it grows beyond every bound.
        again = self.rogue()
        body = rogue.pack({1: 1, 2: 1, 3: b"\x28\xb5\x2f\xfd" + b"\0" * 50, 4: 0xFFFFFFFF,
                           5: b"\0" * 64})
        kind, _ = again.ask(rogue.PUSH, body)
        self.assertEqual(kind, rogue.REFUSE)
        self.assert_unharmed()

    def test_a_wrong_signature_and_a_wrong_chain(self):
        client = self.rogue()
        create = rogue.op(rogue.CREATE, UNION, uuid.uuid4().bytes,
                          new={1: "野生工会", 4: 1, 6: 20180501, 33: 2})
        body, _, _ = client.push_body([create], spoil=True)
        kind, answer = client.ask(rogue.PUSH, body)
        self.assertEqual(kind, rogue.REFUSE, answer)
        client = self.rogue()
        client.hash = bytes(32)
        kind, answer = client.ask(rogue.PUSH, client.push_body([create])[0])
        self.assertEqual(kind, rogue.REFUSE, answer)
        self.assert_unharmed()

    def test_out_of_sequence_and_sent_again(self):
        client = self.rogue()
        ops = [rogue.op(rogue.EDIT, UNION, raw(self.union), {34: "文一路1号"}, {34: "文二路2号"}),
               rogue.op(rogue.EDIT, UNION, uuid.uuid4().bytes, {34: None}, {34: "无此记录"})]
        kind, answer = client.ask(rogue.PUSH, client.push_body(ops, first=5)[0])
        self.assertEqual(kind, rogue.VERDICTS)
        self.assertLess(answer[2][0] if 2 in answer else 0, 5)
        body, last, _ = client.push_body(ops)
        first = client.ask(rogue.PUSH, body)
        again = client.ask(rogue.PUSH, body)
        self.assertEqual(first[0], rogue.VERDICTS)
        self.assertEqual(first[1][3], again[1][3], "the verdicts given then are repeated")
        self.assertEqual(len(self.district.ask("history", "union_org", self.union)), 2)
        self.before = self.district.list("union_org")
        self.assertEqual(self.before[0]["address"], "文二路2号")
        self.assert_unharmed()

    def test_what_no_desk_would_let_through_is_parked(self):
        week = self.a.add("lr_weekly", week="2022-05-02", situation="无异常")
        self.a.run("export", "union_org", self.folder / "u.csv")
        self.a.sync()
        log = self.a.list("access_log")[0]["id"]
        other = self.pc("BS", "c")
        foreign = other.add_union("北山乙厂工会")
        other.sync()
        self.before = self.district.list("union_org")
        office = next(r["id"] for r in self.a.list("office") if r["code"] == "BS")
        far = 1 << 40
        ops = [
            rogue.op(rogue.EDIT, UNION, raw(foreign), {34: None}, {34: "越权"}, cursor=far),  # M12
            rogue.op(rogue.DELETE, UNION, raw(foreign), {1: "x"}, cursor=far),
            rogue.op(rogue.EDIT, OFFICE, raw(office), {3: "x"}, {3: "越权"}),
            rogue.op(rogue.CREATE, REFORM, uuid.uuid4().bytes, new={1: 2022, 2: "越权"}),
            rogue.op(rogue.EDIT, UNION, uuid.uuid4().bytes, {34: None}, {34: "x"}),  # M13
            rogue.op(rogue.TRANSFER, UNION, raw(self.union), owner=2),  # M16 by an office
            rogue.op(rogue.EDIT, ACCESS_LOG, raw(log), {5: None}, {5: "抹去"}),  # M14
            rogue.op(rogue.DELETE, ACCESS_LOG, raw(log), {}),
            rogue.op(rogue.EDIT, WEEKLY, raw(week), {1: 20220502}, {1: 20220509}),  # M15
            rogue.op(rogue.CREATE, WEEKLY, uuid.uuid4().bytes, new={1: 20220516, 2: 1}),
            rogue.op(rogue.CREATE, UNION, uuid.uuid4().bytes, new={1: "缺项工会"}),  # validator
            rogue.op(rogue.EDIT, UNION, raw(self.union), {33: 2}, {33: 77}),  # no such code
            rogue.op(rogue.EDIT, UNION, raw(self.union), {15: None}, {15: "十"}),  # a wrong kind
            rogue.op(rogue.CREATE, 4999, uuid.uuid4().bytes, new={1: "x"}),  # no such type
            rogue.op(rogue.MERGE, UNION, raw(self.union), other=raw(foreign)),
        ]
        client = self.rogue()
        verdicts = client.push(*ops)
        self.assertEqual([code for code, _ in verdicts], [PARKED] * len(ops), verdicts)
        self.assertTrue(all(reason for _, reason in verdicts), verdicts)
        self.assertEqual(self.district.list("reform_task"), [])
        self.assertEqual(len(self.district.list("lr_weekly")), 1)
        self.assert_unharmed()

    def test_a_device_reads_only_what_is_its_offices(self):
        other = self.pc("BS", "c")
        other.add_union("北山乙厂工会")
        other.sync()
        client = self.rogue()
        for feed in (2, 3, 99, 1 << 31):
            kind, answer = client.ask(rogue.PULL, rogue.pack({1: feed, 3: 65536, 4: 1, 5: 1}))
            self.assertEqual(kind, rogue.REFUSE, answer)
            client.close()
            client = Rogue(self.liar, self.server)
            client.hello()
        kind, answer = client.ask(rogue.PULL, rogue.pack({1: 1, 3: 65536, 4: 1, 5: 1}))
        client.close()
        self.assertEqual(kind, rogue.PAGE)
        self.assertNotIn("北山乙厂工会".encode(), answer[6][0])
        self.before = self.district.list("union_org")
        self.assert_unharmed()

    def test_a_revoked_device_hears_it_on_its_open_connection(self):
        client = self.rogue()
        self.district.run("device", "revoke", self.liar.status()["device"])
        for kind, body in ((rogue.PULL, rogue.pack({1: 1, 3: 4096, 4: 1})),
                           (rogue.PUSH, client.push_body([b"x"])[0]),
                           (rogue.HELLO, rogue.pack({1: 1, 2: 1, 3: client.incarnation}))):
            got, answer = client.ask(kind, body)
            self.assertEqual((got, answer[1]), (rogue.REFUSE, [1]), answer)
        self.assert_unharmed()

    def test_a_device_that_asks_and_never_reads(self):
        client = self.rogue()
        for _ in range(3000):
            client.dealer.send(rogue.envelope(rogue.PULL, rogue.pack({1: 1, 3: 65536, 4: 4,
                                                                      5: 1})))
        self.assert_unharmed()


if __name__ == "__main__":
    unittest.main()
