"""A district that is backed up, goes on, dies, and is restored: what tests of admissions share."""

import shutil

from world import Trio

DEVICES_GAP, OFFICES_GAP, GAP_TIMES_MAX = 64, 16, 4


class Lost(Trio):
    """A district that is backed up, goes on, dies, and is restored."""

    def back_up(self, name="backup.db"):
        self.settle(self.a, self.b, self.c)
        self.backup = self.folder / name
        return self.district.ask("backup", self.backup)

    def beside(self, ending):
        return self.backup.with_name(self.backup.name + ending)

    @property
    def log(self):
        return self.district.folder / "admissions"

    def die(self):
        if self.district.process is not None:
            self.district.kill()
        shutil.rmtree(self.district.folder)

    def restore(self, start=True):
        self.die()
        told = self.district.ask("restore", self.backup)
        if start:
            self.district.start()
        return told

    def forget(self):
        """Restored without any log."""
        self.beside(".admissions").unlink()
        return self.restore()

    def states(self):
        return {each["id"]: each["state"] for each in self.district.ask("device", "list")}

    def number(self, office):
        return office.status()["device"]

    def check_gap(self, number, behind, gap):
        """A restore left out at least `gap` numbers behind the highest, and not many more."""
        self.assertIn(number, range(behind + 1 + gap, behind + 1 + GAP_TIMES_MAX * gap))

    def same(self, *offices):
        self.settle(*offices, types=("union_org",))
        self.district.verify()
