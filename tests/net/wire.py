"""The wire between two hosts: IP packets from one TUN device to the other, late, thinned out, slowed
down, cut off by size or not at all. The kernels at both ends do real TCP over it.

    python3 wire.py OFFICE_FD DISTRICT_FD SPARE_FD

reads orders from stdin, one JSON object a line, and answers each with one line on stdout:

    {"faults": {...}}    from now on these faults, and no others   → {}
    {"faults": {...}, "after": 9000}   as soon as so many bytes have been counted → {}
    {"reseed": 7}        loss starts over with this seed           → {}
    {"switch": true}     the spare host has the district's address → {}
    {"count": true}      what has been counted                     → {"up": {...}, "down": {...},
                                                                      "waits": is "after" to come}
    {"clear": true}      count from zero                           → {}

Faults, all of them in both directions, as `tc netem` on both hosts would do them:

    delay_ms     each packet that long on its way
    loss         share of packets that vanish, drawn for each direction from the seed
    rate_bit     bits a second, packets queue up before it (limit: QUEUE_PACKETS, the rest is lost)
    max_bytes    larger IP packets vanish, and nobody is notified (a path whose ICMP is filtered)
    silent       everything vanishes
    no_reset     TCP resets vanish: a peer that is gone says nothing

"up" is from the office to the district. Bytes are those of IP packets as they were sent, lost ones
included: they were paid for.
"""

import heapq
import json
import os
import random
import select
import sys
import time

QUEUE_PACKETS = 1000  # netem's own limit
PACKET_BYTES = 65536
READS_PER_TURN = 64  # then the clock and the other direction get their turn
NO_FAULTS = {"delay_ms": 0, "loss": 0.0, "rate_bit": 0, "max_bytes": 0, "silent": False,
             "no_reset": False}
TCP, RESET = 6, 0x04


def is_reset(packet):
    """An IPv4 packet with a TCP segment that has RST set."""
    header = (packet[0] & 15) * 4
    return packet[9] == TCP and len(packet) > header + 13 and bool(packet[header + 13] & RESET)


class Way:
    """One direction. `due` holds (when, number, packet) of what is on its way."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.due, self.number, self.free_at = [], 0, 0.0
        self.clear()

    def clear(self):
        self.counts = {"packets": 0, "bytes": 0, "lost": 0, "largest": 0}

    def take(self, packet, now, faults):
        self.counts["packets"] += 1
        self.counts["bytes"] += len(packet)
        if self._vanishes(packet, faults):
            self.counts["lost"] += 1
            return
        self.counts["largest"] = max(self.counts["largest"], len(packet))
        when = now
        if faults["rate_bit"]:
            when = self.free_at = max(now, self.free_at) + len(packet) * 8 / faults["rate_bit"]
        self.number += 1
        heapq.heappush(self.due, (when + faults["delay_ms"] / 1000, self.number, packet))

    def _vanishes(self, packet, faults):
        unlucky = self.random.random() < faults["loss"]
        return (unlucky or faults["silent"] or len(self.due) >= QUEUE_PACKETS
                or (faults["max_bytes"] and len(packet) > faults["max_bytes"])
                or (faults["no_reset"] and is_reset(packet)))

    def arrived(self, now):
        while self.due and self.due[0][0] <= now:
            yield heapq.heappop(self.due)[2]


class Wire:
    def __init__(self, office, district, spare):
        self.office, self.district, self.spare = office, district, spare
        self.faults = dict(NO_FAULTS)
        self.up, self.down = Way("up 1"), Way("down 1")
        self.after, self.next_faults = None, None
        self.orders = b""

    def obey(self, order):
        if "faults" in order:
            unknown = set(order["faults"]) - set(NO_FAULTS)
            if unknown:
                raise ValueError(f"no such fault: {unknown}")
            self.after, self.next_faults = order.get("after", 0), {**NO_FAULTS, **order["faults"]}
            self.look()
        if "reseed" in order:
            self.up.random.seed(f"up {order['reseed']}")
            self.down.random.seed(f"down {order['reseed']}")
        if "switch" in order:
            self.district, self.spare = self.spare, self.district
        if "clear" in order:
            self.up.clear()
            self.down.clear()
        if "count" in order:
            return {"up": self.up.counts, "down": self.down.counts,
                    "waits": self.next_faults is not None}
        return {}

    def look(self):
        """Is it time for the faults that were ordered for later?"""
        counted = self.up.counts["bytes"] + self.down.counts["bytes"]
        if self.next_faults is not None and counted >= self.after:
            self.faults, self.next_faults = self.next_faults, None

    def read(self, fd, way):
        for _ in range(READS_PER_TURN):
            try:
                packet = os.read(fd, PACKET_BYTES)
            except BlockingIOError:
                return
            if packet and packet[0] >> 4 == 4:
                way.take(packet, time.monotonic(), self.faults)
                self.look()

    def drain(self, fd):
        """What a host without the wire says goes nowhere."""
        try:
            while os.read(fd, PACKET_BYTES):
                pass
        except BlockingIOError:
            pass

    def wait_s(self):
        heads = [way.due[0][0] for way in (self.up, self.down) if way.due]
        return max(0.0, min(heads) - time.monotonic()) if heads else None

    def take_orders(self):
        """False: whoever gave them is gone."""
        text = os.read(0, PACKET_BYTES)
        *lines, self.orders = (self.orders + text).split(b"\n")
        for line in lines:
            print(json.dumps(self.obey(json.loads(line))), flush=True)
        return bool(text)

    def run(self):
        for fd in (self.office, self.district, self.spare):
            os.set_blocking(fd, False)
        while True:
            fds = [0, self.office, self.district, self.spare]
            ready, _, _ = select.select(fds, [], [], self.wait_s())
            if 0 in ready and not self.take_orders():
                return
            if self.office in ready:
                self.read(self.office, self.up)
            if self.district in ready:
                self.read(self.district, self.down)
            if self.spare in ready:
                self.drain(self.spare)
            now = time.monotonic()
            for way, fd in ((self.up, self.district), (self.down, self.office)):
                for packet in way.arrived(now):
                    os.write(fd, packet)


if __name__ == "__main__":
    Wire(*map(int, sys.argv[1:])).run()
