"""What lies under our messages: ZMTP and CURVE in the hands of somebody with a valid key, be it
enrolled, suspended or merely invited. Nothing of it ends the district's process."""

import ctypes
import struct
import time
import unittest

import rogue
from curve import COMMAND, DEALER, MORE, Line, prop
from jielian import wait_until
from rogue import curve_public
from test_hostile import Hostile
from test_siege import GROWTH_MIB

CLAIMS = 1000


def hex_lines(path):
    lines = path.read_text().split("\n")
    return dict(line.split("=", 1) for line in lines if "=" in line)


class Transport(Hostile):
    def setUp(self):
        super().setUp()
        self.enrolled = bytes.fromhex(hex_lines(self.liar.folder / "keys")["curve"])

    def line(self, properties=DEALER, secret=None, wait=True):
        secret = secret or self.enrolled
        line = Line(self.district.port, self.server, curve_public(secret), secret, properties, wait)
        self.addCleanup(line.close)
        return line

    def resident(self, name):
        with open(f"/proc/{self.district.process.pid}/status", encoding="ascii") as file:
            [line] = [line for line in file if line.startswith(name)]
        return int(line.split()[1]) / 1024

    def honest(self, number):
        """The others go on: an edit at a, proven."""
        self.a.set("union_org", self.union, address=f"文一路{number}号")
        self.a.sync(timeout=30)
        self.before = self.district.list("union_org")

    def test_ids_of_the_form_that_libzmq_gives_by_itself(self):
        """Its counter starts at rand(), which nobody seeds: the sockets of the process that come
        before and after the district's have the neighbouring numbers."""
        libc = ctypes.CDLL(None)
        libc.srand(1)
        rand = [libc.rand() for _ in range(10)]
        starts = [(rand[2 * i + 1] << 31 | rand[2 * i]) & 0xFFFFFFFF for i in range(5)]
        invited = bytes.fromhex(hex_lines(self.district.invite("GD"))["secret"])
        suspended = self.pc("GD", "suspended")
        self.district.run("device", "suspend", suspended.status()["device"])
        keys = [self.enrolled, invited,
                bytes.fromhex(hex_lines(suspended.folder / "keys")["curve"])]
        count = CLAIMS // len(starts)
        for i in range(CLAIMS):
            number = (starts[i % len(starts)] + count - i // len(starts)) & 0xFFFFFFFF
            self.line(DEALER + prop(b"Identity", b"\0" + struct.pack(">I", number)),
                      keys[i % len(keys)])
            if i % 250 == 0:
                self.honest(i)
        self.assert_unharmed()

    def test_ids_without_end(self):
        for size in (0, 1, 255, 256, 10000):
            line = self.line(DEALER + prop(b"Identity", b"\0" * size))
            line.socket.sendall(line.message(rogue.envelope(rogue.HELLO, b"")))
            self.assertTrue(line.socket.recv(1), "it is answered like any other")
        self.assert_unharmed()

    def test_a_line_that_breaks_with_pings_in_its_queue(self):
        """libzmq answers a ping at once. Had it stopped reading for a full queue, and were the
        line reset meanwhile, it would assert that no error had come before."""
        for attempt in range(60):
            line = self.line()
            # A queue's length of messages and more than a queue's within one read of 8 KiB.
            line.socket.sendall(b"".join(line.message(b"x") + line.message(b"\4PING\0\1", COMMAND)
                                         for _ in range(90)))
            time.sleep(attempt * 0.00005)
            line.reset()
        self.assert_unharmed()

    def test_commands_that_are_none(self):
        line = self.line()
        texts = (b"", b"\0", b"\4PING", b"\4PONG", b"\xff", b"\4PING\0\0" + b"x" * 1000,
                 b"\x09SUBSCRIBE", b"\x06CANCEL", b"\x09SUBSCRIBE" + b"x" * 1000, b"\5ERROR\3400",
                 b"\5READY", b"\5HELLO")
        line.socket.sendall(b"".join(line.message(text, flags)
                                     for text in texts for flags in (COMMAND, COMMAND | MORE)))
        line.socket.sendall(line.message(b"end"))
        self.assert_unharmed()

    def test_properties_without_end(self):
        """Each becomes an entry of a map, for as long as the connection stands."""
        large = b"".join(prop(struct.pack(">I", n)[1:], b"") for n in range(250000))
        before = self.resident("VmRSS")
        for number in range(30):
            try:
                self.line(DEALER + large)
            except (OSError, EOFError):
                pass  # cut
            self.assertIsNone(self.district.process.exit_code(), number)
        self.assertLess(self.resident("VmHWM") - before, 2 * GROWTH_MIB)
        wait_until("all are cut", lambda: self.resident("VmRSS") - before < GROWTH_MIB, 10)
        self.assert_unharmed()

    def test_a_first_message_without_end(self):
        before = self.resident("VmRSS")
        line = self.line()
        with self.assertRaises(OSError):
            for _ in range(400):
                line.socket.sendall(line.message(b"x" * 1000000, MORE))
        self.assertLess(self.resident("VmHWM") - before, GROWTH_MIB)
        self.assert_unharmed()

    def test_a_flood_of_messages_of_one_byte(self):
        before = self.resident("VmRSS")
        lines = [self.line() for _ in range(4)]
        flood = [b"".join(line.message(b"x") for _ in range(50000)) for line in lines]
        for line, bytes_ in zip(lines, flood):
            try:
                line.socket.sendall(bytes_)
            except OSError:
                pass  # cut
        self.assertLess(self.resident("VmHWM") - before, GROWTH_MIB)
        self.assert_unharmed()


if __name__ == "__main__":
    unittest.main()
