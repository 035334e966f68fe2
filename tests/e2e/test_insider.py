"""What a clerk with a valid key and a program of his own may try on other offices' records, on sizes,
on the order of messages and on enrolment: nothing of it changes what is not his, or stops anybody."""

import contextlib
import ctypes
import ctypes.util
import os
import sqlite3
import time
import unittest
import uuid

import rogue
from jielian import wait_until
from people import id_no
from rogue import Dealer, Rogue
from test_hostile import CASE, PARKED, UNION, Hostile, raw

TRANSFER, CASE_TYPE = 1003, 4
REQUESTED, RELEASED, RECEIVED, EFFECTIVE = 1, 2, 3, 4
REVOKED, VERSION, CHAIN, BUSY, MALFORMED, INVITATION, SAY_HELLO = range(1, 8)
FAR = 1 << 40  # a cursor that claims to have seen everything

_zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
_zstd.ZSTD_compress.restype = _zstd.ZSTD_compressBound.restype = ctypes.c_size_t


def zstd(data):
    size = _zstd.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    out = ctypes.create_string_buffer(size)
    size = _zstd.ZSTD_compress(out, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data)), 19)
    return out.raw[:size]


class Insider(Hostile):
    def refusals(self, office, device):
        """{kind: count} in status once the district has noted them."""
        return {each["kind"]: each["count"]
                for each in self.district.device(office, device)["refusals"]}

    def assert_refused(self, client, kind, body, *codes):
        got, answer = client.ask(kind, body)
        self.assertEqual(got, rogue.REFUSE, answer)
        self.assertIn(answer[1][0], codes, answer)

    def again(self, client):
        """The same chain on a new connection: what was said on the old one is over."""
        client.close()
        after = Rogue(self.liar, self.server)
        self.addCleanup(after.close)
        after.incarnation, after.seq, after.hash = client.incarnation, client.seq, client.hash
        self.assertEqual(after.hello()[0], rogue.WELCOME)
        return after


class OtherOffices(Insider):
    """GD's liar against BS's records."""

    def prepare(self):
        super().prepare()
        self.c = self.pc("BS", "c")
        self.theirs = self.c.add_union("北山乙厂工会", address="北山路1号")
        self.member = self.c.add_member(self.theirs, "王建国", id_no(7))
        self.c.sync()
        self.own = self.a.add_member(self.union, "李国华", id_no(8))
        self.a.sync()
        offices = {each["code"]: raw(each["id"]) for each in self.district.list("office")}
        self.gd, self.bs = offices["GD"], offices["BS"]
        self.before = self.district.list("union_org")

    def test_no_member_is_taken_by_a_transfer_that_its_office_did_not_release(self):
        client = self.rogue()
        whole = {1: raw(self.member), 2: self.bs, 3: self.gd, 8: raw(self.union)}

        def create(**fields):
            record = uuid.uuid4().bytes
            return record, rogue.op(rogue.CREATE, TRANSFER, record, new={
                **whole, **{int(key[1:]): value for key, value in fields.items()}})

        def edit(record, old, new):
            return rogue.op(rogue.EDIT, TRANSFER, record, old, new, cursor=FAR)

        for status in (RELEASED, RECEIVED, EFFECTIVE):  # a request is where it begins
            [(code, _)] = client.push(create(f5=status)[1])
            self.assertEqual(code, PARKED, status)
        # Nor is it asked for by anybody but the office that has the member.
        record, asked = create(f5=REQUESTED)
        told = client.push(asked, edit(record, {5: REQUESTED}, {5: RELEASED}),
                           edit(record, {2: self.bs, 5: REQUESTED}, {2: self.gd, 5: RELEASED}))
        self.assertEqual([code for code, _ in told], [PARKED] * 3, told)
        self.assertEqual(self.district.list("transfer"), [])
        # Of a member of another office, as if it were the liar's to give.
        for other in (self.gd, self.bs):
            [(code, _)] = client.push(create(f2=self.gd, f3=other, f5=REQUESTED)[1])
            self.assertEqual(code, PARKED)
        # Of the liar's own member, released, and then said to have been another of another office.
        record, asked = create(f1=raw(self.own), f2=self.gd, f3=self.bs, f5=REQUESTED)
        told = client.push(asked, edit(record, {5: REQUESTED}, {5: RELEASED}),
                           edit(record, {1: raw(self.own)}, {1: raw(self.member)}),
                           edit(record, {2: self.gd, 3: self.bs}, {2: self.bs, 3: self.gd}),
                           edit(record, {2: self.gd, 3: self.bs, 5: RELEASED},
                                {2: self.bs, 3: self.gd, 5: RECEIVED}))
        self.assertEqual([code for code, _ in told], [1, 1, PARKED, PARKED, PARKED], told)
        self.assertEqual([each["id"] for each in self.district.list("member", "office=BS")],
                         [self.member])
        self.c.sync()
        self.assertEqual(len(self.c.list("member")), 1)
        self.assert_unharmed()

    def test_nothing_is_done_to_records_of_another_office(self):
        liar_of_bs = self.rogue(self.pc("BS", "their-liar"))
        conflict = rogue.op(rogue.EDIT, UNION, raw(self.theirs), {34: "x"}, {34: "y"})
        [(code, _)] = liar_of_bs.push(conflict)
        self.assertEqual(code, CASE)
        [case] = self.district.ask("case", "list")
        self.before = self.district.list("union_org")
        whole = {1: "北山乙厂工会", 4: 1, 6: 20180501, 33: 2, 34: "越权"}
        ops = [
            rogue.op(rogue.CREATE, UNION, raw(self.theirs), new=whole),
            rogue.op(rogue.RESTORE, UNION, raw(self.theirs), new=whole),
            rogue.op(rogue.EDIT, UNION, raw(self.theirs), {34: "北山路1号"}, {34: "越权"}),
            rogue.op(rogue.EDIT, UNION, raw(self.theirs), {34: "北山路1号"}, {34: "越权"},
                     cursor=FAR),
            rogue.op(rogue.DELETE, UNION, raw(self.theirs), {1: "北山乙厂工会"}),
            rogue.op(rogue.RESOLVE, UNION, raw(self.theirs), {34: "北山路1号"}, {34: "越权"},
                     other=raw(case["id"])),
            rogue.op(rogue.TRANSFER, UNION, raw(self.theirs), owner=1),
            rogue.op(rogue.EDIT, CASE_TYPE, raw(case["id"]), {7: 1}, {7: 2}, cursor=FAR),
            rogue.op(rogue.DELETE, CASE_TYPE, raw(case["id"]), {}, cursor=FAR),
        ]
        client = self.rogue()
        told = client.push(*ops)
        self.assertEqual([code for code, _ in told], [PARKED] * len(ops), told)
        # A case of another office is not closed by resolving something of one's own.
        client.push(rogue.op(rogue.RESOLVE, UNION, raw(self.union), {34: "文一路1号"},
                             {34: "文一路1号"}, other=raw(case["id"])))
        self.assertEqual([each["status"] for each in self.district.ask("case", "list")
                          if each["id"] == case["id"]], ["待处理"])
        # What says that it is for another office is the author's own all the same.
        new = uuid.uuid4().bytes
        client.push(rogue.op(rogue.CREATE, UNION, new, owner=2, new={
            1: "冒名工会", 4: 1, 6: 20180501, 33: 2}))
        self.assertNotIn("冒名工会", [each["name"] for each
                                  in self.district.list("union_org", "office=BS")])
        wait_until("the operators see it", lambda: self.refusals("GD", 2).get("parked") == len(ops),
                   15, 0.5)
        self.before = self.district.list("union_org")
        self.c.sync()
        self.assert_unharmed()

    def hash_of_theirs(self):
        """As somebody might have seen it in a backup."""
        with contextlib.closing(sqlite3.connect(self.district.folder / "jielian.db")) as books:
            [[found]] = books.execute("SELECT hash FROM record WHERE id = ?", [raw(self.theirs)])
        return found[:8]

    def test_deep_proofs_over_and_over_are_met_with_busy(self):
        client = self.rogue()
        body = rogue.pack({1: FAR, 2: FAR, 3: os.urandom(16), 4: os.urandom(64)})
        answers = [client.ask(rogue.PROOF, body) for _ in range(16)]
        refused = [answer[1] for kind, answer in answers if kind == rogue.REFUSE]
        self.assertIn([BUSY], refused, answers)
        self.assert_unharmed()

    def test_nothing_of_another_office_is_read(self):
        proven = self.district.device("GD", 2)["proven_at"]
        client = self.rogue()
        ids = b"".join(rogue.varint(kind) + raw(record) for kind, record
                       in ((UNION, self.theirs), (1002, self.member)))
        for feed in (0, 1):
            kind, answer = client.ask(rogue.ASK, rogue.pack({1: feed, 2: 3, 4: ids}))
            self.assertEqual((kind, answer.get(5, [0])[0]), (rogue.PAGE, 0), answer)
            kind, answer = client.ask(rogue.ASK, rogue.pack({1: feed, 2: 2,
                                                             3: bytes(range(256))}))
            self.assertEqual(kind, 11)
            self.assertNotIn(raw(self.theirs), b"".join(answer.get(3, [])))
            self.assertNotIn(raw(self.member), b"".join(answer.get(3, [])))
            kind, answer = client.ask(rogue.ASK, rogue.pack({1: feed, 2: 3,
                                                             6: self.hash_of_theirs()}))
            self.assertEqual((kind, answer.get(5, [0])[0]), (rogue.PAGE, 0), answer)
        for feed, step, more in ((2, 1, {}), (1 << 31, 3, {4: ids}), (1, 4, {}), (1, 0, {}),
                                 (1, 2, {3: b"\5\4"}), (1, 3, {4: b"\1" + b"x" * 15}),
                                 (1, 3, {4: (b"\1" + os.urandom(16)) * 1025}),
                                 (1, 1, {5: b"\x29"}), (1, 1, {5: b"\1\xf1"}),
                                 (1, 1, {5: b"\0\0"}), (1, 1, {5: b"\1\x20\1\x10"}),
                                 (1, 3, {5: b"\0", 6: b"a" * 8}), (1, 3, {6: b"a" * 9}),
                                 (1, 3, {6: b"a" * 16}), (1, 1, {6: b"a" * 8})):
            client = self.again(client)
            self.assert_refused(client, rogue.ASK, rogue.pack({1: feed, 2: step, **more}),
                                MALFORMED)
        # A proof of something else is no proof, and says nothing of what is there.
        kind, answer = client.ask(rogue.PROOF, rogue.pack({1: FAR, 2: FAR, 3: os.urandom(16)}))
        self.assertIn(kind, (rogue.PROVED, rogue.REFUSE))
        if kind == rogue.PROVED:
            self.assertNotEqual(answer[1], [1])
        self.assertEqual(self.district.device("GD", 2)["proven_at"], proven)
        self.assert_unharmed()


class Sizes(Insider):
    def test_long_texts_on_both_sides_park_and_do_not_stop_the_queue(self):
        """Whatever a case can't hold is not taken; what it can hold makes one."""
        client = self.rogue()
        for end in ("甲", "乙"):
            client.push(rogue.op(rogue.EDIT, UNION, raw(self.union), {35: None},
                                 {35: "长" * 20000 + end}))
        [(code, _)] = client.push(rogue.op(rogue.EDIT, UNION, raw(self.union),
                                           {35: "始" * 20000}, {35: "终" * 20000}))
        self.assertEqual(code, CASE, "three texts of 60 KB are kept")
        escaped = "\x01" * 64000  # JSON writes six bytes for each
        told = client.push(
            rogue.op(rogue.EDIT, UNION, raw(self.union), {35: escaped}, {35: escaped + "x"}),
            rogue.op(rogue.EDIT, UNION, raw(self.union), {34: "文一路1号"}, {34: "文二路2号"}))
        self.assertEqual([code for code, _ in told][0], PARKED, told)
        self.assertIn("太长", told[0][1])
        self.assertEqual(self.district.show("union_org", self.union)["address"], "文二路2号")
        self.before = self.district.list("union_org")
        self.assert_unharmed()

    def test_a_record_that_no_page_can_carry_is_not_made(self):
        client = self.rogue()
        codes = [client.push(rogue.op(rogue.EDIT, UNION, raw(self.union), {number: None},
                                      {number: "x" * 900000}))[0][0] for number in (120, 121)]
        self.assertEqual(codes[1], PARKED)
        self.before = self.district.list("union_org")
        self.assert_unharmed()

    def test_bombs(self):
        limit, client = 2162688, None
        for body, told in ((zstd(bytes(limit + 1)), limit + 1), (zstd(bytes(limit)), 1),
                           (zstd(bytes(100)) * 2, 200), (zstd(bytes(1 << 28)), 1 << 28),
                           (zstd(bytes(limit)), limit), (zstd(b"")[:4], 1), (b"", 1 << 31)):
            client = self.rogue() if client is None else self.again(client)
            self.assert_refused(client, rogue.PUSH, rogue.pack({
                1: 1, 2: 1, 3: body, 4: told, 5: bytes(64)}), MALFORMED)
        self.assert_unharmed()

    def test_counts_and_numbers_at_their_edges(self):
        op = rogue.op(rogue.EDIT, UNION, raw(self.union), {34: None}, {34: "x"})
        item = rogue.varint(len(op)) + op
        client = self.rogue()
        for first, count, ops in ((0, 1, item), (1, 0, b""), (1, 2, item), (1, 1, item * 2),
                                  (1, 4097, item * 4097), (1 << 63, 1, item),
                                  ((1 << 64) - 1, 1, item), ((1 << 63) - 1, 2, item * 2),
                                  (1, (1 << 32) - 1, item)):
            self.assert_refused(client, rogue.PUSH, rogue.pack({
                1: first, 2: count, 3: ops, 5: bytes(64)}), MALFORMED, CHAIN)
            client = self.again(client)
        for numbers in ({2: 1 << 63}, {3: 0}, {3: 1023}, {3: (1 << 20) + 1}, {3: 1 << 31},
                        {4: 0}, {4: 5}, {4: 1 << 31}, {1: 2}):
            self.assert_refused(client, rogue.PULL, rogue.pack({
                1: 1, 2: 0, 3: 65536, 4: 1, **numbers}), MALFORMED)
            client = self.again(client)
        for start in (FAR, (1 << 63) - 1):  # beyond the head: nothing is there
            kind, answer = client.ask(rogue.PULL, rogue.pack({1: 1, 2: start, 3: 65536, 4: 4}))
            self.assertEqual(kind, rogue.PAGE, answer)
            self.assertEqual(answer.get(5, [0]), [0])
        # Numbers about itself are shown as told, and break nothing that shows them.
        lies = {number: (1 << 63) - 1 for number in (5, 8, 9, 10, 11, 12, 13, 14, 15, 16)}
        kind, _ = client.ask(rogue.HELLO, rogue.pack({
            1: 1, 2: 1, 3: client.incarnation, 7: client.hash, **lies}))
        self.assertIn(kind, (rogue.WELCOME, rogue.REFUSE))
        self.district.run("status", expect=None)
        self.assertGreater(self.district.device("GD", 2)["oldest_unsent_s"], 1 << 40)
        self.assertIsNotNone(self.district.metric("jielian_device_oldest_unsent_seconds",
                                                  device=2))
        self.assert_unharmed()

    def test_texts_and_times_that_are_none(self):
        def op(**more):
            parts = {1: rogue.EDIT, 2: UNION, 3: raw(self.union), 4: 2, 5: b"rogue",
                     11: rogue.fields({34: "文一路1号"}), 12: rogue.fields({34: "文一路1号"})}
            return rogue.pack({**parts, **{int(key[1:]): value for key, value in more.items()}})

        client = self.rogue()
        for bad in (op(f5=b"\xff"), op(f5=b"a\0b"), op(f5=b"a" * 65), op(f10=b"a" * 513),
                    op(f12=b"\x82\x01\1\0"), op(f3=b"x" * 15), op(f7=b"x"), op(f6=1 << 63),
                    op(f1=8), op(f2=0), b"", b"\x0b\x0c"):
            self.assert_refused(client, rogue.PUSH, client.push_body([bad])[0], MALFORMED)
            client = self.again(client)
        for number, made_ms in enumerate((1 << 62, -(1 << 62), (1 << 63) - 1, -(1 << 63))):
            client.push(op(f4=rogue.zigzag(made_ms), f13=number + 1,
                           f12=rogue.fields({34: f"年代{number}"})))
        for program in (self.district, self.a):
            program.run("history", "union_org", self.union)
        self.before = self.district.list("union_org")
        self.assert_unharmed()


class Order(Insider):
    def test_messages_before_hello_and_messages_of_the_district(self):
        silent = Rogue(self.liar, self.server)
        self.addCleanup(silent.close)
        for kind, body in ((rogue.PUSH, silent.push_body([b"x"])[0]),
                           (rogue.PULL, rogue.pack({1: 1, 3: 65536, 4: 1})),
                           (rogue.PROOF, rogue.pack({1: 1, 2: 1, 3: bytes(16)})),
                           (rogue.ASK, rogue.pack({1: 1, 2: 1}))):
            self.assert_refused(silent, kind, body, SAY_HELLO)
        # What only the district says: refused, however well it is formed.
        for kind, body in ((rogue.WELCOME, rogue.pack({1: 1, 2: bytes(16), 4: bytes(32)})),
                           (rogue.VERDICTS, rogue.pack({1: 1, 2: 1})),
                           (rogue.PAGE, rogue.pack({1: 1})), (rogue.PROVED, rogue.pack({1: 1})),
                           (12, rogue.pack({1: 5, 2: 5})), (rogue.REFUSE, rogue.pack({1: 1}))):
            client = Rogue(self.liar, self.server)
            self.assert_refused(client, kind, body, MALFORMED)
            client.close()
        # A part that must be understood, of a later protocol.
        client = self.rogue()
        frame = rogue.envelope(rogue.PULL, rogue.pack({1: 1, 3: 65536, 4: 1})) + rogue.pack({16: 9})
        client.dealer.send(frame)
        kind, answer = client.answer()
        self.assertEqual((kind, answer[1]), (rogue.REFUSE, [VERSION]))
        self.assertIn("9", self.district.process.err)
        self.assert_unharmed()

    def test_two_connections_two_chains_and_going_back(self):
        create = rogue.op(rogue.CREATE, UNION, uuid.uuid4().bytes,
                          new={1: "野生工会", 4: 1, 6: 20180501, 33: 2})
        change = rogue.op(rogue.EDIT, UNION, raw(self.union), {34: "文一路1号"}, {34: "文三路3号"})
        first = self.rogue()
        body, last, chain = first.push_body([create])
        self.assertEqual(first.ask(rogue.PUSH, body)[0], rogue.VERDICTS)
        # The same number with other bytes, on the same chain: somebody copied the PC.
        self.assert_refused(first, rogue.PUSH, first.push_body([change])[0], CHAIN)
        # A second incarnation on a second connection retires the first, whose batch is replayed.
        second = self.rogue()
        kind, answer = first.hello()
        self.assertEqual((kind, answer.get(9, [0])), (rogue.WELCOME, [1]), "begin again")
        self.assertEqual(first.ask(rogue.PUSH, body)[1][2], [last])
        self.assertEqual(len(self.district.list("union_org")), 2)
        # A batch of the first chain, said to be the second's.
        self.assert_refused(second, rogue.PUSH, body, CHAIN, MALFORMED)
        # The incarnation of another device: its chain is not touched.
        other = self.rogue(self.pc("GD", "third"))
        other.incarnation = first.incarnation
        kind, answer = other.hello()
        self.assertEqual((kind, answer[1]), (rogue.REFUSE, [CHAIN]))
        first.seq, first.hash = last, chain
        self.assertEqual(first.hello()[1][3], [last])
        self.before = self.district.list("union_org")
        self.assert_unharmed()

    def test_invitations_are_for_one_device_and_for_enrolling(self):
        invitation = self.district.invite("GD").read_text()
        secret = bytes.fromhex(invitation.split("secret=")[1][:64])
        public = rogue.curve_public(secret)
        keys, seed = os.urandom(32), os.urandom(32)

        def enrol(curve, name=b"rogue", spoil=False):
            text = b"jielian enrol v1" + curve + rogue.sign_public(seed) + public
            signature = bytes(64) if spoil else rogue.sign(seed, text)
            return rogue.envelope(rogue.ENROL, rogue.pack({
                1: curve, 2: rogue.sign_public(seed), 3: name, 4: signature}))

        hello = rogue.envelope(rogue.HELLO, rogue.pack({1: 1, 2: 1, 3: bytes(16), 7: bytes(32)}))

        def knock():
            """A handshake that comes before the district knows the invitation is refused, and
            libzmq may not try again."""
            knocking = Dealer(self.district.endpoint, self.server, secret)
            self.addCleanup(knocking.close)
            return knocking if knocking.send(hello) else None

        dealer = wait_until("the invitation is known", knock, 20)
        self.assertEqual(rogue.unpack(dealer.receive()).keys(), {rogue.REFUSE})

        def say(frame):
            self.assertTrue(dealer.send(frame))
            [(kind, [body])] = [(k, v) for k, v in rogue.unpack(dealer.receive()).items()]
            return kind, rogue.unpack(body)

        mine = rogue.curve_public(keys)
        theirs = rogue.curve_public(bytes.fromhex(dict(
            line.split("=", 1) for line in (self.a.folder / "keys").read_text().split("\n")
            if "=" in line)["curve"]))
        for frame in (hello, enrol(mine, spoil=True), enrol(theirs)):
            kind, answer = say(frame)
            self.assertEqual((kind, answer[1]), (rogue.REFUSE, [INVITATION]), answer)
        self.assertEqual(say(enrol(mine, name=b"n" * 513))[0], rogue.REFUSE)
        kind, answer = say(enrol(mine))
        self.assertEqual(kind, 15, answer)
        self.assertEqual(say(enrol(mine))[0], 15, "the answer was lost: the same again")
        kind, answer = say(enrol(rogue.curve_public(os.urandom(32))))
        self.assertEqual((kind, answer[1]), (rogue.REFUSE, [INVITATION]))
        # Over and over: the invitation's holder is slowed, the devices are not.
        for _ in range(600):
            dealer.send(enrol(theirs))
        self.assert_unharmed()
        self.assertEqual([each["id"] for office in self.district.ask("status", expect=None)
                          ["offices"] for each in office["devices"]], [1, 2, 3])


class Quota(Insider):
    """What one device may leave in a day; the numbers of quota.h."""
    MOST = {"ops": 400 * 1000, "refused_bytes": 128 << 20, "bytes": 1 << 30}

    def use(self, **used):
        day = time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600))
        text = " ".join([day] + [str(used.get(name, 0)) for name in self.MOST])
        books = sqlite3.connect(self.district.folder / "jielian.db", timeout=10)
        with books:
            books.execute("INSERT OR REPLACE INTO meta(name, value) VALUES('quota2', ?)",
                          (text.encode(),))
        books.close()

    def test_a_device_that_used_up_its_day_is_refused_and_nobody_else(self):
        client = self.rogue()
        stranger = rogue.op(rogue.EDIT, UNION, uuid.uuid4().bytes, {34: "甲"}, {34: "乙"})
        # Counted as it comes: a refused op, and its share of the bytes.
        self.assertEqual(client.push(stranger)[0][0], PARKED)
        used = self.district.device("GD", 2)["quota"]
        self.assertEqual((used["ops"], used["over"]), (1, False))
        self.assertGreater(used["refused_bytes"], 0)
        self.assertGreaterEqual(used["bytes"], used["refused_bytes"])
        self.assertEqual({name: used[f"{name}_most"] for name in self.MOST}, self.MOST)
        for name, most in self.MOST.items():
            self.use(**{name: most - 1})  # the last one that fits
            self.assertEqual(client.push(stranger)[0][0], PARKED)
            self.use(**{name: most})
            kind, answer = client.ask(rogue.PUSH, client.push_body([stranger])[0])
            self.assertEqual((kind, answer[1]), (rogue.REFUSE, [BUSY]), name)
            self.assertTrue(0 < answer[3][0] <= 3600 * 1000, answer)
            self.assertTrue(self.district.device("GD", 2)["quota"]["over"])
            self.a.set("union_org", self.union, address=f"文一路{name}号")
            self.a.sync()
        wait_until("it is told", lambda: self.refusals("GD", 2).get("quota", 0) == 3, 20, 0.5)
        self.use()
        self.assertEqual(client.push(stranger)[0][0], PARKED)
        # A suspended device fills the same disk.
        self.district.run("device", "suspend", "2")
        client = self.again(client)
        self.use(bytes=self.MOST["bytes"])
        kind, answer = client.ask(rogue.PUSH, client.push_body([stranger])[0])
        self.assertEqual((kind, answer[1]), (rogue.REFUSE, [BUSY]))
        self.use()
        kind, _ = client.ask(rogue.PUSH, client.push_body([stranger])[0])
        self.assertEqual(kind, rogue.VERDICTS)
        self.assertGreater(self.district.device("GD", 2)["quota"]["bytes"], 0)
        self.before = self.district.list("union_org")
        self.assert_unharmed()


if __name__ == "__main__":
    unittest.main()
