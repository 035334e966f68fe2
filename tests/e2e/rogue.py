"""A second client, written from proto/wire.proto alone, to say what jielian-office never would:
through libzmq and libcrypto by ctypes, protobuf by hand.

It takes the keys of an enrolled PC's folder, so it is that device as far as the district can tell.
"""

import ctypes
import ctypes.util
import hashlib
import os
import time

_DEALER, _LINGER = 5, 17
_PUBLIC, _SECRET, _SERVER = 48, 49, 50
_RCVTIMEO, _SNDTIMEO, _IMMEDIATE = 27, 28, 39
_ED25519 = 1087

_zmq = ctypes.CDLL(ctypes.util.find_library("zmq") or "libzmq.so.5", use_errno=True)
for _name in ("zmq_ctx_new", "zmq_socket"):
    getattr(_zmq, _name).restype = ctypes.c_void_p
_zmq.zmq_z85_encode.restype = ctypes.c_char_p
_crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
for _name in ("EVP_PKEY_new_raw_private_key", "EVP_MD_CTX_new"):
    getattr(_crypto, _name).restype = ctypes.c_void_p


def sign(seed, text):
    """An Ed25519 signature."""
    key = ctypes.c_void_p(_crypto.EVP_PKEY_new_raw_private_key(_ED25519, None, seed,
                                                               ctypes.c_size_t(32)))
    context = ctypes.c_void_p(_crypto.EVP_MD_CTX_new())
    out, size = ctypes.create_string_buffer(64), ctypes.c_size_t(64)
    assert _crypto.EVP_DigestSignInit(context, None, None, None, key) == 1
    assert _crypto.EVP_DigestSign(context, out, ctypes.byref(size), text,
                                  ctypes.c_size_t(len(text))) == 1
    _crypto.EVP_MD_CTX_free(context)
    _crypto.EVP_PKEY_free(key)
    return out.raw


def sign_public(seed):
    """The public half of a signing key."""
    key = ctypes.c_void_p(_crypto.EVP_PKEY_new_raw_private_key(_ED25519, None, seed,
                                                               ctypes.c_size_t(32)))
    out, size = ctypes.create_string_buffer(32), ctypes.c_size_t(32)
    assert _crypto.EVP_PKEY_get_raw_public_key(key, out, ctypes.byref(size)) == 1
    _crypto.EVP_PKEY_free(key)
    return out.raw


def curve_public(secret):
    """The public half of a transport key."""
    text, out = ctypes.create_string_buffer(41), ctypes.create_string_buffer(32)
    assert _zmq.zmq_curve_public(text, z85(secret)) == 0
    assert _zmq.zmq_z85_decode(out, text.value)
    return out.raw


# ---- Protobuf ----

def varint(number):
    out = bytearray()
    while True:
        out.append(number & 0x7F | (0x80 if number > 0x7F else 0))
        number >>= 7
        if number == 0:
            return bytes(out)


def zigzag(number):
    return number << 1 if number >= 0 else (-number << 1) - 1


def pack(fields):
    """{field number: int or bytes} as a message; zeros and empties are left out."""
    out = b""
    for number, value in sorted(fields.items()):
        if isinstance(value, int) and value:
            out += varint(number << 3) + varint(value)
        elif not isinstance(value, int) and value:
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def unpack(data):
    """{field number: [values]}; nested messages stay bytes."""
    fields, at = {}, 0

    def read():
        nonlocal at
        number = shift = 0
        while True:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(data):
        tag = read()
        value = read()
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        fields.setdefault(tag >> 3, []).append(value)
    return fields


HELLO, WELCOME, PUSH, VERDICTS, PULL, PAGE, PROOF, PROVED = range(1, 9)
ASK, REFUSE, ENROL, HISTORY, LINES = 9, 13, 14, 18, 19
CREATE, EDIT, DELETE, RESTORE, TRANSFER, MERGE, RESOLVE = range(1, 8)


def envelope(kind, body):
    return varint(kind << 3 | 2) + varint(len(body)) + body


def fields(values):
    """A record's fields: {number: int, str, bytes or None}."""
    out = b""
    for number, value in sorted(values.items()):
        if value is None:
            out += varint(number << 2)
        elif isinstance(value, int):
            out += varint(number << 2 | 1) + varint(zigzag(value))
        else:
            raw = value.encode() if isinstance(value, str) else value
            out += varint(number << 2 | (2 if isinstance(value, str) else 3))
            out += varint(len(raw)) + raw
    return out


def op(kind, type_number, record, old=None, new=None, **more):
    """Bytes of an op. more: cursor, owner, other."""
    return pack({1: kind, 2: type_number, 3: record, 4: zigzag(int(time.time() * 1000)),
                 5: b"rogue", 6: more.get("cursor", 0), 8: more.get("other", b""),
                 9: more.get("owner", 0), 11: fields(old or {}), 12: fields(new or {})})


# ---- Sockets ----

def z85(raw):
    out = ctypes.create_string_buffer(41)
    assert _zmq.zmq_z85_encode(out, raw, ctypes.c_size_t(32))
    return out.value


class Dealer:
    """A DEALER socket with any keys, or without CURVE (server None)."""

    def __init__(self, endpoint, server=None, secret=None):
        self._context = ctypes.c_void_p(_zmq.zmq_ctx_new())
        self._socket = ctypes.c_void_p(_zmq.zmq_socket(self._context, _DEALER))
        for option, value in ((_LINGER, 0), (_RCVTIMEO, 5000), (_SNDTIMEO, 2000), (_IMMEDIATE, 1)):
            number = ctypes.c_int(value)
            assert _zmq.zmq_setsockopt(self._socket, option, ctypes.byref(number),
                                       ctypes.c_size_t(4)) == 0
        if server is not None:
            own = z85(secret or os.urandom(32))
            public = ctypes.create_string_buffer(41)
            assert _zmq.zmq_curve_public(public, own) == 0
            for option, value in ((_SERVER, z85(server)), (_PUBLIC, public.value), (_SECRET, own)):
                assert _zmq.zmq_setsockopt(self._socket, option, value,
                                           ctypes.c_size_t(len(value))) == 0
        assert _zmq.zmq_connect(self._socket, endpoint.encode()) == 0

    def send(self, data):
        """False when there is nobody to send to."""
        return _zmq.zmq_send(self._socket, data, ctypes.c_size_t(len(data)), 0) >= 0

    def send_parts(self, part, count):
        """One message of many parts, which lie in memory once."""
        message = ctypes.create_string_buffer(64)
        for more in [1] * count + [0]:
            assert _zmq.zmq_msg_init_data(message, part, ctypes.c_size_t(len(part)), None, None) == 0
            _zmq.zmq_msg_send(message, self._socket, 2 if more else 0)
        self._kept = part  # until the socket is closed

    def receive(self, seconds=5.0):
        """The next message, or None."""
        number = ctypes.c_int(int(seconds * 1000))
        _zmq.zmq_setsockopt(self._socket, _RCVTIMEO, ctypes.byref(number), ctypes.c_size_t(4))
        out = ctypes.create_string_buffer(4 << 20)
        size = _zmq.zmq_recv(self._socket, out, ctypes.c_size_t(len(out)), 0)
        return out.raw[:size] if size >= 0 else None

    def close(self):
        _zmq.zmq_close(self._socket)
        _zmq.zmq_ctx_term(self._context)


class Rogue:
    """An enrolled device with a program of its own: one incarnation, one chain."""

    def __init__(self, office, server):
        lines = (office.folder / "keys").read_text().split("\n")[1:]
        keys = dict(line.split("=", 1) for line in lines if "=" in line)
        self._seed = bytes.fromhex(keys["sign"])
        self.dealer = Dealer(office.world.district.endpoint, server, bytes.fromhex(keys["curve"]))
        self.incarnation = os.urandom(16)
        self.seq = 0
        self.hash = hashlib.sha256(b"jielian chain v1" + self.incarnation).digest()

    def ask(self, kind, body):
        """(kind, fields) of the answer; Pokes are skipped."""
        assert self.dealer.send(envelope(kind, body)), "nobody to send to"
        return self.answer()

    def answer(self, seconds=5.0):
        while True:
            data = self.dealer.receive(seconds)
            if data is None:
                return None, {}
            [(kind, [body])] = [(k, v) for k, v in unpack(data).items() if k != 16]
            if kind != 12:
                return kind, unpack(body)

    def hello(self, **more):
        return self.ask(HELLO, pack({1: 1, 2: 1, 3: self.incarnation, 5: self.seq, 6: self.seq,
                                     7: self.hash, 16: int(time.time() * 1000), 17: b"rogue",
                                     **more}))

    def push_body(self, ops, first=None, spoil=False):
        first = self.seq + 1 if first is None else first
        last, chain = first - 1, self.hash
        for each in ops:
            last, chain = last + 1, hashlib.sha256(chain + each).digest()
        text = b"jielian batch v1" + self.incarnation + last.to_bytes(8, "big") + chain
        signature = sign(self._seed, text)
        if spoil:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        raw = b"".join(varint(len(each)) + each for each in ops)
        return pack({1: first, 2: len(ops), 3: raw, 5: signature}), last, chain

    def push(self, *ops):
        """Verdict codes of the ops, 1 where none was listed, and their reasons."""
        first = self.seq + 1
        body, last, chain = self.push_body(ops)
        kind, answer = self.ask(PUSH, body)
        assert kind == VERDICTS, (kind, answer)
        assert answer[1] == [first] and answer[2] == [last], answer
        self.seq, self.hash = last, chain
        told = {}
        for each in map(unpack, answer.get(3, [])):
            told[each[1][0]] = (each[2][0], each.get(3, [b""])[0].decode())
        return [told.get(seq, (1, "")) for seq in range(first, last + 1)]

    def push_some(self, ops):
        """How many of the ops the district took; what it had no time for is dropped."""
        first = self.seq + 1
        kind, answer = self.ask(PUSH, self.push_body(ops)[0])
        while kind is None:  # a long line
            kind, answer = self.answer(60)
        assert kind == VERDICTS and answer[1] == [first], (kind, answer)
        taken = answer[2][0] - self.seq
        for each in ops[:taken]:
            self.seq, self.hash = self.seq + 1, hashlib.sha256(self.hash + each).digest()
        return taken

    def close(self):
        self.dealer.close()
