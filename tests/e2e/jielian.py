"""The two programs as real processes.

District   commands of jielian-district on one data folder, and its `serve`.
Office     commands of jielian-office on one data folder, and its `run`.

Paths of the programs come from the environment: JIELIAN_OFFICE, JIELIAN_DISTRICT, JIELIAN_SAMPLE,
JIELIAN_CATALOGUE. The test that they belong to is their world (world.py).
"""

import copy
import ctypes
import json
import os
import pathlib
import random
import re
import resource
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

OFFICE = os.environ.get("JIELIAN_OFFICE", "jielian-office")
DISTRICT = os.environ.get("JIELIAN_DISTRICT", "jielian-district")
SAMPLE = os.environ.get("JIELIAN_SAMPLE", "jielian-sample")
CATALOGUE = os.environ.get("JIELIAN_CATALOGUE", "catalogue/district.json")

DONE, FAILED, MISUSE, ATTENTION = 0, 1, 2, 3

PROVEN = object()  # a sync that ended with its proof: 0, or 3 when cases wait for a person

COMMAND_S = 60  # a command that takes longer hangs: debug builds on a busy machine included
START_S = 30
STOP_S = 20
PORT_S = 240


def wait_until(what, condition, seconds=10.0, step=0.02):
    """The first true answer of condition(); fails with `what` when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s: {what}")
        time.sleep(step)


def english_in(text):
    """The first line in which an English sentence is; the log's lines are English."""
    words = r"\s(the|is|are|was|of|with|this|that|its|has|have|cannot|can't|and|or|not)\s"
    for line in text.splitlines():
        if " event=" not in line and re.search(words, f" {line} "):
            return line
    return None


class Port:
    """A TCP port that no other test has: an abstract socket is the lock, and goes with us. Below
    32768, where the system picks no ports for outgoing connections."""

    def __init__(self, number=None):
        """A given one, which stored folders remember, is waited for: another run may have it."""
        end = time.monotonic() + PORT_S
        while True:
            self.number = number or random.randrange(20000, 32000)
            self._lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                self._lock.bind(f"\0jielian-e2e-port-{self.number}")
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", self.number))
                return
            except OSError:
                self._lock.close()
                if number and time.monotonic() > end:
                    raise
                time.sleep(0.1 if number else 0)

    def close(self):
        self._lock.close()


class Result:
    """What a command answered."""

    def __init__(self, command, code, out, err):
        self.command, self.code, self.out, self.err = command, code, out, err

    @property
    def json(self):
        """stdout as the one JSON document that --json promises."""
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"{self}\nstdout is not one JSON document: {error}") from None

    def __str__(self):
        return (f"$ {' '.join(map(str, self.command))}\nexit {self.code}\n"
                f"stdout: {self.out[-3000:]}\nstderr: {self.err[-3000:]}")


_libc = ctypes.CDLL(None)


def _die_with_us():
    """In the child: should the tests be killed, no server is left behind (Linux)."""
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Process:
    """A program that stays: serve or run. Its stderr and stdout are files."""

    def __init__(self, world, command, env):
        number = len(world.processes)
        self.command = [str(word) for word in command]
        self.out_path = world.folder / f"process{number}.out"
        self.err_path = world.folder / f"process{number}.err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            # SIGXFSZ stays ignored, as Python has it: a test may play a full disk (limit_files).
            self._child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out,
                                           stderr=err, env=env, restore_signals=False,
                                           preexec_fn=_die_with_us)
        self.pid = self._child.pid
        world.processes.append(self)

    @property
    def err(self):
        return self.err_path.read_text("utf-8", "replace")

    def limit_files(self, size):
        """No file of it can grow beyond so many bytes: a full disk. None: no limit any more."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

    def exit_code(self):
        """None while it runs; minus the signal's number when one killed it."""
        return self._child.poll()

    def wait(self, seconds=STOP_S):
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s: {self}") from None

    def stop(self):
        """SIGTERM; returns the exit code, which the caller expects to be 0."""
        if self.exit_code() is None:
            self._child.send_signal(signal.SIGTERM)
        return self.wait()

    def freeze(self, frozen=True):
        """SIGSTOP: its connections stand, and nothing comes. Ended by freeze(False)."""
        self._child.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def kill(self):
        """SIGKILL: power off."""
        if self.exit_code() is None:
            self._child.kill()
        self._child.wait()

    def __str__(self):
        return f"{' '.join(self.command)} (pid {self.pid})\nstderr: {self.err[-3000:]}"


class Program:
    """Commands of one program on one data folder."""

    binary = ""

    def __init__(self, world, folder):
        self.world = world
        self.folder = pathlib.Path(folder)
        self.process = None
        self.env = dict(world.env)

    def moved(self, world):
        """The same program on its folder's copy in another world."""
        twin = copy.copy(self)
        twin.world, twin.folder = world, world.folder / self.folder.name
        twin.env, twin.process = dict(world.env), None
        return twin

    def command(self, *words):
        return [self.binary, *map(str, words), "--data", str(self.folder)]

    def run(self, *words, expect=DONE, env=None, seconds=COMMAND_S):
        """Run a command to its end; its exit code must be `expect` (None: any). What it says to
        people is in one language: Chinese, unless English was asked for."""
        result = self.world.execute(self.command(*words), expect, {**self.env, **(env or {})},
                                    seconds)
        if "--lang" not in map(str, words):
            english = english_in(result.err)
            assert not english, f"English under the Chinese default: {english}\n{result}"
        return result

    def ask(self, *words, expect=DONE):
        """The JSON document that a command answers with."""
        return self.run(*words, "--json", expect=expect).json

    def refuse(self, *words, code=FAILED, names=()):
        """A command that must fail: exit code, a message with every word of `names`, nothing on
        stdout, no crash."""
        result = self.run(*words, expect=code)
        assert result.err.strip(), f"no message\n{result}"
        for name in names:
            assert str(name) in result.err, f"the message lacks {name!r}\n{result}"
        return result

    def list(self, type_name, *filters):
        return self.ask("list", type_name, *filters)

    def show(self, type_name, record):
        return self.ask("show", type_name, record)

    def add(self, type_name, *options, **fields):
        words = [f"{name}={value}" for name, value in fields.items()]
        return self.ask("add", type_name, *words, *options)["id"]

    def set(self, type_name, record, **fields):
        words = [f"{name}={value}" for name, value in fields.items()]
        return self.run("set", type_name, record, *words)

    def delete(self, type_name, record):
        return self.run("delete", type_name, record)

    def stop(self):
        """The process ends by itself on SIGTERM, with 0."""
        code = self.process.stop()
        assert code == DONE, f"stopped with {code}: {self.process}"
        self.process = None

    def kill(self):
        self.process.kill()
        self.process = None


class Office(Program):
    binary = OFFICE

    def __init__(self, world, code, name):
        super().__init__(world, world.folder / name)
        self.code = code

    def join(self, invitation, *words, expect=DONE):
        return self.run("join", invitation, *words, expect=expect)

    def start(self):
        self.process = Process(self.world, self.command("run"), self.env)
        wait_until("run is up", lambda: self.process.exit_code() is not None
                   or "event=started" in self.process.err, START_S)
        assert self.process.exit_code() is None, f"ended at once: {self.process}"
        return self.process

    def sync(self, expect=PROVEN, timeout=None, aside=0):
        """Proven, nothing refused, and `aside` records set aside (None: any number)."""
        words = ["sync", "--json"] + (["--timeout", timeout] if timeout else [])
        if expect is not PROVEN:
            return self.run(*words, expect=expect)
        result = self.run(*words, expect=None)
        status = result.json
        assert status["parked"] == 0, f"not taken\n{result}"
        assert aside is None or status["set_aside"] == aside, f"set aside\n{result}"
        waiting = status["cases"] + status["held"] + status["set_aside"] > 0
        assert result.code == (ATTENTION if waiting else DONE), f"the exit code\n{result}"
        if self.process is None:
            # With `run` up, rows may have come since the proof that this sync waited for.
            assert status["state"] == ("attention" if waiting else "in_sync"), f"state\n{result}"
        return result

    def status(self, expect=None):
        return self.ask("status", expect=expect)

    def take(self, type_name, path, *words, expect=DONE):
        """Import a file; returns its counts, which must add up."""
        counts = self.ask("import", type_name, path, *words, expect=expect)
        parts = ("added", "updated", "unchanged", "doubtful", "failed")
        assert sum(counts[part] for part in parts) == counts["rows"], counts
        return counts

    def cases(self):
        return self.ask("case", "list")

    def verdicts(self, type_name, record):
        """Verdicts of this device's own changes of a record, oldest first."""
        return [line["verdict"] for line in self.ask("history", type_name, record)
                if line["what"] != "received"]

    # Records that many tests need.

    def add_union(self, name, **more):
        return self.add("union_org", name=name, org_kind="独立基层工会", founded_on="2018-05-01",
                        status="已建", **more)

    def add_member(self, org, name, number, **more):
        self.world.private.update((name, number))
        return self.add("member", name=name, id_kind="居民身份证", id_no=number, org=org,
                        joined_on="2020-01-02", m_status="在籍", **more)


class District(Program):
    binary = DISTRICT

    def __init__(self, world, name="district"):
        super().__init__(world, world.folder / name)
        self.port, self.http_port = world.port(), world.port()
        self.endpoint = f"tcp://127.0.0.1:{self.port}"
        self._invitations = 0

    def init(self):
        return self.run("init")

    def invite(self, code, *words):
        self._invitations += 1
        path = self.world.folder / f"{self.folder.name}-{code}-{self._invitations}.invite"
        self.run("invite", code, "--endpoint", self.endpoint, "--out", path, *words)
        return path

    def serve_command(self):
        return self.command("serve", "--sync", self.endpoint, "--http",
                            f"127.0.0.1:{self.http_port}")

    def start(self):
        self.process = Process(self.world, self.serve_command(), self.env)
        wait_until("serve is ready", lambda: self.process.exit_code() is not None
                   or self.http("/readyz")[0] == 200, START_S)
        assert self.process.exit_code() is None, f"ended at once: {self.process}"
        return self.process

    def http(self, path):
        """(status, text); status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}",
                                        timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name, **labels):
        """The value of one time series of /metrics; None when it is not there."""
        for line in self.http("/metrics")[1].splitlines():
            series, _, value = line.rpartition(" ")
            base, _, rest = series.partition("{")
            if base == name and all(f'{key}="{text}"' in rest for key, text in labels.items()):
                return float(value)
        return None

    def device(self, code, number):
        """A device in the status document."""
        for office in self.ask("status", expect=None)["offices"]:
            for device in office["devices"]:
                if office["code"] == code and device["id"] == number:
                    return device
        raise AssertionError(f"no device {number} of {code} in status")

    def verify(self, expect=DONE):
        return self.run("verify", expect=expect)
