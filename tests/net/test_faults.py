"""Every bad network must end in a proof: exit 0 of `sync` and `join`, both books the same."""

import time
import unittest

from badnet import CASE_S, BadNet
from jielian import ATTENTION

# Both directions each; "delay" and "loss" as netem on both hosts: a round trip of 4 s, and 51 % of
# round trips lost.
FAULTS = {
    "clean": {},
    "delay": {"delay_ms": 2000},
    "loss": {"loss": 0.3},
    "rate": {"rate_bit": 16000},
    "hole": {"max_bytes": 1200},
}
BREAK_BYTES = 12000  # in the middle of a batch or page
AWAY_S = 35          # the first new connection fails as well
SILENT_S = 90        # longer than JL_HEARTBEAT_TIMEOUT_MS and one JL_HEARTBEAT_MS


class Faults(BadNet):
    """Named test_CASE_WHAT; scripts/net-faults picks them by CASE."""

    def half_open(self, seconds=0):
        """The district's machine is gone in the middle; then it is back and knows nothing of the
        connection, and what it says to that (RST) does not come through either."""
        self.cut_off()
        time.sleep(seconds)
        self.restart_elsewhere()
        self.net.faults(no_reset=True)

    def silence(self):
        self.cut_off()
        time.sleep(SILENT_S)
        self.net.faults()

    def test_half_open_sync(self):
        self.sync_over("half_open", meanwhile=self.half_open, after=BREAK_BYTES, silent=True)

    def test_half_open_join(self):
        self.join_over("half_open", meanwhile=self.half_open, after=BREAK_BYTES * 4, silent=True)

    def test_away_sync(self):
        self.sync_over("away", meanwhile=lambda: self.half_open(AWAY_S), after=BREAK_BYTES,
                       silent=True)

    def test_narrow_sync(self):
        """Smaller than the district's segments: frames must shrink until they pass. A first
        download can't: the catalogue is one row of 26 KB."""
        self.sync_over("narrow", max_bytes=1000)

    def test_silence_sync(self):
        self.sync_over("silence", ("--timeout", CASE_S), self.silence, after=BREAK_BYTES,
                       silent=True)

    def test_rest_sync(self):
        """`run` has nothing to say when the connection dies; then a clerk enters something, and
        asks with `sync` whether it arrived."""
        self.a.sync()
        self.a.start()
        self.faulty(silent=True)
        self.restart_elsewhere()
        self.net.faults(no_reset=True)
        self.a.add_union("断线后新建工会")
        self.a.sync()
        self.measured("rest", "run", 1)
        self.a.stop()
        self.assertEqual(len([union for union in self.district.list("union_org")
                              if union["name"] == "断线后新建工会"]), 1)
        self.compare(self.a)

    def test_dead_sync(self):
        """Nothing comes through: sync must end without a proof, soon, and say why."""
        self.faulty(loss=1.0)
        process = self.ended(self.a.begin("sync"), ATTENTION, 60)
        self.assertIn(self.district.endpoint, process.err)
        self.assertGreater(self.a.status(expect=None)["unsent"], 0)
        self.measured("dead", "sync (3)", 0)
        self.a.sync()
        self.compare(self.a)


def _add(case, faults):
    setattr(Faults, f"test_{case}_sync", lambda self: self.sync_over(case, **faults))
    setattr(Faults, f"test_{case}_join", lambda self: self.join_over(case, **faults))


for _case, _faults in FAULTS.items():
    _add(_case, _faults)

if __name__ == "__main__":
    unittest.main()
