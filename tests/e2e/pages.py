"""Pages of a SQLite file, by what they hold, and how to spoil one: what a dying disk does."""

import pathlib
import random
import sqlite3
import subprocess


def fold(path):
    """Move the write-ahead log into the file, so that its pages are the newest."""
    books = sqlite3.connect(path)
    books.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    books.close()


def pages_of(path, table, kind="leaf"):
    """Numbers of a table's or an index's pages, in the order of their keys."""
    text = (f"SELECT pageno FROM dbstat WHERE name = '{table}' AND pagetype = '{kind}' "
            "ORDER BY path")
    done = subprocess.run(["sqlite3", str(path), text], check=True, capture_output=True, text=True)
    return [int(line) for line in done.stdout.split()]


def free_page(path):
    """The first page of the list of free ones; 0: there is none."""
    return int.from_bytes(pathlib.Path(path).read_bytes()[32:36], "big")


def spoil(path, page, seed=1, how="noise"):
    """Overwrite one page (from 1): with noise, zeros, or a few bits in the middle."""
    data = bytearray(pathlib.Path(path).read_bytes())
    size = int.from_bytes(data[16:18], "big")
    size = 65536 if size == 1 else size
    start, rng = (page - 1) * size, random.Random(seed)
    if how == "noise":
        data[start:start + size] = rng.randbytes(size)
    elif how == "zeros":
        data[start:start + size] = bytes(size)
    else:
        for _ in range(24):
            data[start + rng.randrange(size // 2, size)] ^= 1 << rng.randrange(8)
    pathlib.Path(path).write_bytes(data)
