"""What the commands of a run have said: the oracle that knows nothing of the programs' books.

A command that ended 0 is acknowledged: what it did must be at the district in the end. One that was
killed may have done its work or none of it. Every record has a name that nothing else has.

  acknowledged   name of a record whose add or import ended 0
  tried          … whose add or import was killed: it may be there, once
  gone           … whose delete ended 0: it must not be there
  perhaps_gone   … whose delete was killed
  values         name → the values its number may have: the last acknowledged, and killed ones since
"""

import collections
import threading


class Ledger:
    def __init__(self):
        self._lock = threading.Lock()
        self.acknowledged, self.tried = set(), set()
        self.gone, self.perhaps_gone = set(), set()
        self.values = {}
        self.ids = {}  # name → id, of acknowledged adds
        self.commands = collections.Counter()  # (program, command, outcome) → how many

    def count(self, program, command, outcome):
        with self._lock:
            self.commands[program, command, outcome] += 1

    def total(self, outcome):
        return sum(n for key, n in self.commands.items() if key[2] == outcome)

    # ---- What was done ----

    def added(self, name, record):
        with self._lock:
            self.acknowledged.add(name)
            self.ids[name] = record
            self.values[name] = {None}

    def imported(self, names):
        with self._lock:
            self.acknowledged.update(names)

    def maybe_added(self, names):
        with self._lock:
            self.tried.update(names)

    def edited(self, name, value):
        with self._lock:
            self.values[name] = {value}

    def maybe_edited(self, name, value):
        with self._lock:
            self.values[name].add(value)

    def deleted(self, name):
        with self._lock:
            self.gone.add(name)

    def maybe_deleted(self, name):
        with self._lock:
            self.perhaps_gone.add(name)

    # ---- What must be there ----

    def compare(self, records):
        """What is wrong with the district's records (name, staff_n): a list of sentences."""
        wrong = []
        names = collections.Counter(record["name"] for record in records)
        there = set(names)
        for name in sorted(self.acknowledged - self.gone - self.perhaps_gone - there):
            wrong.append(f"lost: {name} was acknowledged and is not there")
        for name in sorted(there & self.gone):
            wrong.append(f"lost: the delete of {name} was acknowledged and it is there")
        for name in sorted(there - self.acknowledged - self.tried):
            wrong.append(f"{name} is there and nobody entered it")
        for name in sorted(name for name, n in names.items() if n > 1):
            wrong.append(f"{name} is there {names[name]} times")
        for record in records:
            allowed = self.values.get(record["name"])
            if allowed is not None and record.get("staff_n") not in allowed:
                wrong.append(f"lost: {record['name']} has {record.get('staff_n')}, not one of "
                             f"{sorted(map(str, allowed))}")
        return wrong
