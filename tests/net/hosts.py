"""Hosts as network namespaces, and the wire between them (wire.py).

    office 192.0.2.2 ── TUN ── wire.py ── TUN ── 192.0.2.1 district
                                     └─── TUN ── 192.0.2.1 the same after a restart (`switch`)

A namespace lives as long as its descriptor is open, so nothing is left behind, however the test
ends. What is started inside `with host:` runs on that host: setns moves the calling thread, and a
child inherits it.
"""

import ctypes
import fcntl
import json
import os
import pathlib
import struct
import subprocess
import sys

OFFICE_IP, DISTRICT_IP, MASK_BITS = "192.0.2.2", "192.0.2.1", 24  # RFC 5737: nobody's
MTU_BYTES = 1500
CONGESTION = "reno"  # every kernel has it and lets a namespace choose it; none copes worse with loss

_CLONE_NEWNET = 0x40000000
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_libc = ctypes.CDLL(None, use_errno=True)


class NoHosts(AssertionError):
    """This machine lets us make no namespaces or TUN devices."""


def _checked(what, result):
    if result != 0:
        code = ctypes.get_errno()
        raise NoHosts(f"cannot {what}: {os.strerror(code)}; the test makes network namespaces and "
                      "TUN devices, so run it as root (CAP_SYS_ADMIN and CAP_NET_ADMIN) where "
                      "/dev/net/tun is there")


def _own_namespace():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Host:
    """A namespace with one TUN device and the loopback."""

    def __init__(self, address):
        self._before = []
        home = _own_namespace()
        try:
            _checked("make a network namespace", _libc.unshare(_CLONE_NEWNET))
            self._namespace = _own_namespace()
            try:
                self.tun = self._open_tun()
                self._set_up(address)
            finally:
                _checked("go back", _libc.setns(home, _CLONE_NEWNET))
        finally:
            os.close(home)

    def _open_tun(self):
        try:
            tun = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
            fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH14x", b"wire", _IFF_TUN | _IFF_NO_PI))
        except OSError as error:
            raise NoHosts(f"cannot open a TUN device: {error}; the test needs root and "
                          "/dev/net/tun") from None
        return tun

    def _set_up(self, address):
        net = pathlib.Path("/proc/sys/net")
        if (net / "ipv6").is_dir():
            (net / "ipv6/conf/all/disable_ipv6").write_text("1")  # no chatter on the wire
        (net / "ipv4/tcp_congestion_control").write_text(CONGESTION)
        (net / "ipv4/tcp_no_metrics_save").write_text("1")  # one case must not teach the next
        for words in ("link set lo up", f"address add {address}/{MASK_BITS} dev wire",
                      f"link set wire mtu {MTU_BYTES} up"):
            try:
                subprocess.run(["ip", *words.split()], check=True)
            except (OSError, subprocess.CalledProcessError) as error:
                raise NoHosts(f"cannot set up a host: {error}; is iproute2 installed?") from None

    def __enter__(self):
        self._before.append(_own_namespace())
        _checked("enter a network namespace", _libc.setns(self._namespace, _CLONE_NEWNET))
        return self

    def __exit__(self, *_):
        before = self._before.pop()
        try:
            _checked("go back", _libc.setns(before, _CLONE_NEWNET))
        finally:
            os.close(before)

    def close(self):
        os.close(self.tun)
        os.close(self._namespace)


class Net:
    """Three hosts and the wire."""

    def __init__(self):
        self.office, self.district, self.spare = (
            Host(OFFICE_IP), Host(DISTRICT_IP), Host(DISTRICT_IP))
        tuns = [host.tun for host in (self.office, self.district, self.spare)]
        wire = pathlib.Path(__file__).with_name("wire.py")
        self._wire = subprocess.Popen([sys.executable, "-B", wire, *map(str, tuns)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      pass_fds=tuns)

    def _order(self, **order):
        self._wire.stdin.write(json.dumps(order) + "\n")
        self._wire.stdin.flush()
        answer = self._wire.stdout.readline()
        if not answer:
            raise AssertionError(f"the wire has ended with {self._wire.wait(5)}")
        return json.loads(answer)

    def faults(self, after=0, **faults):
        """From now on, or as soon as `after` bytes have been counted."""
        self._order(faults=faults, after=after)

    def reseed(self, seed):
        self._order(reseed=seed)

    def switch(self):
        """The district's address goes to the spare host: a machine that was restarted and knows
        none of its connections."""
        self._order(switch=True)
        self.district, self.spare = self.spare, self.district

    def clear(self):
        self._order(clear=True)

    def count(self):
        """Packets and bytes, each way; `waits` while `after` of the last faults is to come."""
        return self._order(count=True)

    def close(self):
        self._wire.stdin.close()
        self._wire.stdout.close()
        self._wire.wait(5)
        for host in (self.office, self.district, self.spare):
            host.close()
