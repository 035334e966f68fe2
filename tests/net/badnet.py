"""A district and an office's PC on two hosts with a wire between them, and what a case measures.

Before each case, made once and copied: PC a of the office GD, on the far side of the wire, holds
the office's books and has entered a file of members since; PC b, at the district, has changed
members of the same office. `sync` at a has to bring both together over whatever the case makes of
the wire. `join` on an empty PC has to download all of it.

Everything is done with the programs' own time-outs unless a case says otherwise.
"""

import contextlib
import os
import pathlib
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from hosts import DISTRICT_IP, Net  # noqa: E402
from jielian import DONE, SAMPLE, District, Office, Process, wait_until  # noqa: E402
from world import World  # noqa: E402

CODE = "GD"
ENTERED = 300  # members that a enters; fewer when the sample has fewer
CHANGED = 100  # members that b changes
SEED = int(os.environ.get("JIELIAN_NET_SEED", "1"))  # of what is lost
CASE_S = 900   # longer than any case may take: what hangs is killed


class _Placed:
    """A program on one of the hosts: "office" or "district"."""

    place = ""

    def host(self):
        return getattr(self.world.net, self.place)

    def run(self, *words, **more):
        with self.host():
            return super().run(*words, **more)

    def start(self):
        with self.host():
            return super().start()


class PlacedOffice(_Placed, Office):
    def __init__(self, world, name, place):
        super().__init__(world, CODE, name)
        self.place = place

    def begin(self, *words):
        """Start a command that ends by itself; its stderr and stdout are files."""
        with self.host():
            return Process(self.world, self.command(*words), self.env)


class PlacedDistrict(_Placed, District):
    place = "district"

    def __init__(self, world):
        super().__init__(world)
        self.endpoint = f"tcp://{DISTRICT_IP}:{self.port}"

    def http(self, path):
        with self.host():
            return super().http(path)


class BadNet(World):
    scale = "0.075"  # of the sample: GD has about 2,000 records
    rows = []       # what each case took

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.net = Net()
        cls.addClassCleanup(cls.net.close)

    def setUp(self):
        self.net.faults()
        super().setUp()

    # ---- What each case starts from ----

    def prepare(self):
        sample = self.folder / "sample"
        self.execute([SAMPLE, "--out", sample, "--scale", self.scale], 0, self.env)
        self.district = PlacedDistrict(self)
        self.district.init()
        for line in (sample / "offices.csv").read_text("utf-8-sig").splitlines()[1:]:
            self.district.run("office", "add", *line.split(","))
        # The sample is old books: refunds that the district paid out long ago.
        self.district.run("leave", CODE, "--until", "2099-12-31", "--type", "fee_refund")
        self.district.start()
        self.a = self.enrolled("a", "office")
        self.a.sync()
        head, known, entered = self.split_members(sample / CODE)
        self.import_all(sample / CODE)
        self.a.sync()
        self.b = self.enrolled("b", "district")
        self.a.take("member", entered)
        self.change(head, known)
        self.b.sync()

    def enrolled(self, name, place):
        office = PlacedOffice(self, name, place)
        office.join(self.district.invite(CODE))
        return office

    def split_members(self, folder):
        """Hold back the last rows of the members' file; returns its head, the first rows, and a
        file of the rest."""
        path = next(folder.glob("*_member.csv"))
        head, *rows = path.read_text("utf-8-sig").splitlines()
        kept = len(rows) - min(ENTERED, len(rows) // 3)
        path.write_text("\n".join([head, *rows[:kept]]) + "\n", "utf-8")
        self.entered = len(rows) - kept
        return head, rows[:kept], self.write("entered.csv", "\n".join([head, *rows[kept:]]) + "\n")

    def import_all(self, folder):
        """What hangs on a member that is held back fails; all else must be taken."""
        for path in sorted(folder.iterdir()):
            counts = self.a.ask("import", path.stem[3:], path, expect=None)
            self.assertGreater(counts["added"], 0, f"{path}: {counts}")

    def change(self, head, known):
        """b corrects the level of skill of the first members: an import over what is there."""
        skill = head.split(",").index("技术等级")
        rows = [row.split(",") for row in known[:CHANGED]]
        for row in rows:
            row[skill] = "技师" if row[skill] != "技师" else "高级技师"
        counts = self.b.ask("import", "member", self.csv("changed.csv", head.split(","), *rows))
        self.assertEqual(counts["updated"], len(rows), counts)
        self.changed = len(rows)

    # ---- Measuring ----

    def faulty(self, **faults):
        self.net.reseed(SEED)
        self.net.clear()
        self.net.faults(**faults)
        self.began_s = time.monotonic()

    def measured(self, case, what, records):
        """Note what it took; then mend the wire, and compare the books."""
        took_s = time.monotonic() - self.began_s
        count = self.net.count()
        self.net.faults()
        BadNet.rows.append({"case": case, "what": what, "seconds": took_s, "records": records,
                            "up": count["up"]["bytes"], "down": count["down"]["bytes"],
                            "lost": count["up"]["lost"] + count["down"]["lost"]})

    def ended(self, process, expect=DONE, seconds=CASE_S):
        """Wait for a command that was begun; answers what it printed."""
        code = process.wait(seconds)
        self.assertEqual(code, expect, f"{process}\nstdout: {process.out_path.read_text()}")
        return process

    def sync_over(self, case, words=(), meanwhile=lambda: None, **faults):
        unsent = self.a.status()["unsent"]
        self.assertGreaterEqual(unsent, self.entered)
        self.faulty(**faults)
        process = self.a.begin("sync", "--json", *words)
        meanwhile()
        self.ended(process)
        self.measured(case, "sync", unsent + self.changed)
        self.compare(self.a)

    def join_over(self, case, words=(), meanwhile=lambda: None, **faults):
        late = PlacedOffice(self, "late", "office")
        invitation = self.district.invite(CODE)
        self.faulty(**faults)
        process = late.begin("join", invitation, *words)
        meanwhile()
        self.ended(process)
        self.measured(case, "join", 0)
        self.rows[-1]["records"] = self.compare(late)

    def compare(self, office):
        """Both books, file against file; answers how many records they have. Then with PC b."""
        self.assert_same(office, types=("member",))
        books = sqlite3.connect(f"file:{office.folder / 'jielian.db'}?mode=ro", uri=True)
        with contextlib.closing(books):
            count, = books.execute("SELECT count(*) FROM record WHERE state = 0").fetchone()
        self.settle(office, self.b, types=("member",))
        return count

    def cut_off(self):
        """Wait until the faults that were ordered for later are there."""
        wait_until("the wire breaks", lambda: not self.net.count()["waits"], CASE_S)

    def restart_elsewhere(self):
        """The district's machine dies and is back, without a memory of its connections."""
        self.district.kill()
        self.net.switch()
        self.district.start()
