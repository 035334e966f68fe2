"""The district's write-ahead log while `serve` takes a large upload and others read for as long as
they like: it stays under its bound, whoever reads."""

import subprocess
import threading
import time
import unittest

from world import World

WAL_MAX_BYTES = 64 << 20  # JL_STORE_WAL_MAX_BYTES
ROWS, ROUNDS = 5000, 7


class Wal(World):
    def prepare(self):
        super().prepare()
        self.a = self.pc("GD", "a")
        self.reading = True
        self.most = 0

    def wal_bytes(self):
        path = self.district.folder / "jielian.db-wal"
        return path.stat().st_size if path.exists() else 0

    def watch(self):
        while self.reading:
            self.most = max(self.most, self.wal_bytes())
            time.sleep(0.01)

    def read_on(self, *words):
        while self.reading:
            self.district.run(*words, expect=None)

    def unions(self, year):
        """The same unions each time, with something new about each."""
        heads = ["工会名称", "基层工会类型", "建会日期", "状态", "地址"]
        rows = [[f"古荡{n}厂工会", "独立基层工会", "2018-05-01", "已建",
                 "".join(chr(0x4e00 + (n * 37 + i * 101 + year) % 20000) for i in range(300))]
                for n in range(ROWS)]
        counts = self.a.take("union_org", self.csv(f"unions{year}.csv", heads, *rows))
        self.assertEqual(counts["added"] + counts["updated"], ROWS)

    def test_the_log_stays_short_whoever_reads(self):
        self.unions(2020)
        threads = [threading.Thread(target=self.watch)] + [
            threading.Thread(target=self.read_on, args=words) for words in (
                ("verify",), ("list", "union_org", "--json"), ("report", "--json"),
                ("export", "union_org", self.folder / "out.csv"))]
        for thread in threads:
            thread.start()
        self.a.sync(expect=None, timeout=300)
        # Somebody asks for a list and does not read it: the pipe is full, and the list waits.
        slow = subprocess.Popen(
            [str(each) for each in self.district.command("list", "union_org", "--json")],
            stdout=subprocess.PIPE)
        self.addCleanup(slow.kill)
        self.addCleanup(slow.stdout.close)
        for year in range(2021, 2021 + ROUNDS):
            self.unions(year)
            self.a.sync(expect=None, timeout=300)
        self.reading = False
        for thread in threads:
            thread.join()
        self.assertIsNone(slow.poll())
        size = (self.district.folder / "jielian.db").stat().st_size
        print(f"wal: at most {self.most / (1 << 20):.1f} MiB, books {size / (1 << 20):.0f} MiB")
        self.assertLess(self.most, WAL_MAX_BYTES)
        self.assertGreater(self.most, 1 << 20)
        self.assertEqual(list(self.district.folder.glob("jielian.db.reading-*")), [])
        self.district.verify()


if __name__ == "__main__":
    unittest.main()
