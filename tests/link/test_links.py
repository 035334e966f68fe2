#!/usr/bin/env python3
"""The link rules can fail: test_links.py CHECK_LINKS CC AR

Each case builds small archives by the names of ours, in which symbols are defined or wanted, and says
what scripts/check-links must complain of; a case without complaints must pass.
"""
import os
import subprocess
import sys
import tempfile
import unittest

CHECK, CC, AR = sys.argv[1:4]

# Nothing of this may be asked of the system by code that is pure.
IMPURE_SYSTEM = """open openat creat fopen fdopen read pread write pwrite close unlink rename stat fstat
    socket connect bind send sendto recv recvfrom poll select
    time clock_gettime gettimeofday clock localtime
    getrandom getentropy rand srand random arc4random drand48
    getenv system fork pthread_create sleep nanosleep printf puts""".split()
FOREIGN = {"RAND_bytes": "crypto", "EVP_sha256": "crypto", "zmq_send": "net", "zmq_msg_recv": "net",
           "sqlite3_step": "store_sqlite", "sqlite3_open": "store_sqlite", "MHD_start_daemon": "http"}


def build(folder, name, defines=(), wants=()):
    """libjielian_NAME.a, which defines some functions and leaves others open."""
    source = os.path.join(folder, name + ".c")
    with open(source, "w", encoding="utf-8") as file:
        for symbol in wants:
            file.write(f"extern char want_{symbol}[] __asm__(\"{symbol}\");\n")
        for symbol in defines:
            file.write(f"void {symbol}(void) {{}}\n")
        if wants:
            file.write(f"char *jl_{name}_wants[] = {{" + ",".join("want_" + w for w in wants) + "};\n")
    target = source[:-2] + ".o"
    subprocess.run([CC, "-w", "-c", "-o", target, source], check=True)
    subprocess.run([AR, "rc", os.path.join(folder, f"libjielian_{name}.a"), target], check=True)


class LinkRules(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def check(self, *options):
        return subprocess.run([sys.executable, CHECK, self.folder, *options], capture_output=True, text=True,
                              check=False)

    def passes(self):
        result = self.check("--partial")
        self.assertEqual(result.returncode, 0, result.stderr)

    def complains(self, *lines):
        result = self.check("--partial")
        self.assertNotEqual(result.returncode, 0)
        for line in lines:
            self.assertIn(f"check-links: {line}\n", result.stderr)
        return result.stderr

    def test_what_the_architecture_allows_passes(self):
        build(self.folder, "base", defines=["jl_fail", "jl_buf_put"])
        build(self.folder, "crypto", defines=["jl_hasher_digest"], wants=["jl_fail", "EVP_sha256", "RAND_bytes", "malloc"])
        build(self.folder, "catalogue", wants=["jl_fail", "json_loadb", "memcpy", "qsort"])
        build(self.folder, "record", defines=["jl_content_hash"], wants=["jl_hasher_digest", "jl_fail", "strlen", "u_strlen_72"])
        build(self.folder, "sync", wants=["jl_content_hash", "jl_hasher_digest", "memcmp", "abort"])
        build(self.folder, "store_sqlite", wants=["jl_buf_put", "sqlite3_step", "open"])
        build(self.folder, "net", wants=["jl_fail", "zmq_send", "clock_gettime"])
        build(self.folder, "http", wants=["jl_fail", "MHD_start_daemon", "socket"])
        build(self.folder, "op", defines=["jl_merge"], wants=["jl_content_hash", "jl_hasher_digest", "memcmp"])
        build(self.folder, "desk", wants=["jl_merge", "jl_hasher_digest", "json_dumps"])
        self.passes()

    def test_what_the_programs_define_for_a_folder_below_is_theirs(self):
        build(self.folder, "client_command", defines=["jl_desk_session_open"], wants=["jl_desk_session_open"])
        build(self.folder, "server_command", defines=["jl_desk_session_open"], wants=["jl_desk_session_open"])
        build(self.folder, "command", wants=["jl_desk_session_open"])
        build(self.folder, "desk", wants=["jl_desk_session_open"])
        self.complains("desk uses jl_desk_session_open of client_command and server_command, which it may not know")

    def test_what_people_do_is_not_printed_where_it_is_done(self):
        build(self.folder, "cli", defines=["jl_table_end"])
        build(self.folder, "desk", wants=["jl_table_end"])
        build(self.folder, "client_books", wants=["jl_table_end"])
        build(self.folder, "server_books", wants=["jl_table_end"])
        self.complains(*(f"{name} uses jl_table_end of cli, which it may not know"
                         for name in ["desk", "client_books", "server_books"]))

    def test_a_folder_knows_what_stands_below_it_only(self):
        build(self.folder, "client_engine", defines=["jl_engine_run"])
        build(self.folder, "client_books", wants=["jl_engine_run"])
        build(self.folder, "client_command", wants=["jl_engine_run"])
        self.assertNotIn("client_command", self.complains(
            "client_books uses jl_engine_run of client_engine, which it may not know"))

    def test_the_libraries_below_know_base_only(self):
        others = {"crypto": "jl_sealer_seal", "catalogue": "jl_catalogue_parse", "record": "jl_content_hash", "sync": "jl_chain_add",
                  "store_sqlite": "jl_store_open", "net": "jl_server_open", "http": "jl_http_open"}
        bases = ["store_sqlite", "net", "http", "crypto", "catalogue"]
        for name, symbol in others.items():
            wants = [other for owner, other in others.items() if owner != name] if name in bases else []
            build(self.folder, name, defines=[symbol], wants=wants)
        self.complains(*(f"{name} uses {symbol} of {owner}, which it may not know"
                         for name in bases for owner, symbol in others.items() if owner != name))

    def test_base_knows_nobody(self):
        build(self.folder, "base", wants=["jl_hasher_digest"])
        build(self.folder, "crypto", defines=["jl_hasher_digest"])
        self.complains("base uses jl_hasher_digest of crypto, which it may not know")

    def test_pure_libraries_ask_nothing_of_the_system(self):
        for name in ["sync", "op", "record", "catalogue"]:
            build(self.folder, name, wants=IMPURE_SYSTEM)
        self.complains(*(f"{name} uses {symbol}, but it is pure: pass in what this would ask for"
                         for name in ["sync", "op", "record", "catalogue"] for symbol in IMPURE_SYSTEM))

    def test_pure_libraries_do_not_ask_by_way_of_ours(self):
        ways = {"jl_random": "crypto", "jl_clock_system": "base", "jl_file_read": "base", "jl_log": "base"}
        build(self.folder, "base", defines=[symbol for symbol, owner in ways.items() if owner == "base"])
        build(self.folder, "crypto", defines=["jl_random"])
        build(self.folder, "sync", wants=ways)
        build(self.folder, "record", wants=ways)
        self.complains(*(f"{name} uses {symbol}, but it is pure: pass in what this would ask for"
                         for name in ["sync", "record"] for symbol in ways))

    def test_each_library_of_others_has_one_home(self):
        for name in ["sync", "op", "record", "catalogue", "books", "server_books", "client_books"]:
            build(self.folder, name, wants=FOREIGN)
        self.complains(*(f"{name} uses {symbol}; only {home} may"
                         for name in ["sync", "op", "record", "catalogue", "books", "server_books", "client_books"]
                         for symbol, home in FOREIGN.items()))

    def test_a_build_that_lacks_archives_proves_nothing(self):
        build(self.folder, "base")
        result = self.check()
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("build everything first", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
