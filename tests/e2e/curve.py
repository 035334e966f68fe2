"""A device's end of CURVE over ZMTP 3.1 (RFC 23, RFC 26) by hand, to put into a connection what
libzmq never would: properties of any size, commands of any kind, an end at any moment.

libsodium is what libzmq itself encrypts with, so it is there wherever the programs run.
"""

import ctypes
import ctypes.util
import os
import socket
import struct

_sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
_MAC, _COMMAND, _LARGE = 16, 4, 2
MORE, COMMAND = 1, 2  # flags of a message within CURVE
GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03\x01" + b"CURVE".ljust(20, b"\0") + b"\0" * 32


def _pair():
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    _sodium.crypto_box_keypair(public, secret)
    return public.raw, secret.raw


def _box(text, nonce, public, secret):
    out = ctypes.create_string_buffer(len(text) + _MAC)
    assert _sodium.crypto_box_easy(out, text, ctypes.c_ulonglong(len(text)), nonce, public,
                                   secret) == 0
    return out.raw


def _open(box, nonce, public, secret):
    out = ctypes.create_string_buffer(len(box) - _MAC)
    assert _sodium.crypto_box_open_easy(out, box, ctypes.c_ulonglong(len(box)), nonce, public,
                                        secret) == 0, "not for this key"
    return out.raw


def prop(name, value):
    """A property of the handshake: "Identity" is what libzmq calls a routing id."""
    return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value


DEALER = prop(b"Socket-Type", b"DEALER")


class Line:
    """A connection that has shaken hands; OSError or EOFError when the district did not agree."""

    def __init__(self, port, server, public, secret, properties=DEALER, wait=True):
        self._server, self._nonce = server, 0
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(GREETING)
        self._read(64)
        short, self._secret = _pair()
        nonce = self._next()
        self._command(b"\x05HELLO\1\0" + b"\0" * 72 + short + nonce +
                      _box(b"\0" * 64, b"CurveZMQHELLO---" + nonce, server, self._secret))
        welcome = self._frame()
        assert welcome[:8] == b"\x07WELCOME", welcome[:20]
        text = _open(welcome[24:], b"WELCOME-" + welcome[8:24], server, self._secret)
        self._server, cookie = text[:32], text[32:]
        vouch = os.urandom(16)
        text = public + vouch + _box(short + server, b"VOUCH---" + vouch, self._server, secret)
        nonce = self._next()
        self._command(b"\x08INITIATE" + cookie + nonce +
                      _box(text + properties, b"CurveZMQINITIATE" + nonce, self._server,
                           self._secret))
        if wait:
            ready = self._frame()
            assert ready[:6] == b"\x05READY", ready[:20]

    def _next(self):
        self._nonce += 1
        return struct.pack(">Q", self._nonce)

    def _read(self, size):
        out = b""
        while len(out) < size:
            more = self.socket.recv(size - len(out))
            if not more:
                raise EOFError
            out += more
        return out

    def _frame(self):
        flags, size = self._read(2)
        if flags & _LARGE:
            size = struct.unpack(">Q", bytes([size]) + self._read(7))[0]
        return self._read(size)

    def _command(self, body):
        large = len(body) > 255
        size = struct.pack(">Q", len(body)) if large else bytes([len(body)])
        self.socket.sendall(bytes([_COMMAND | (_LARGE if large else 0)]) + size + body)

    def message(self, text, flags=0):
        """Bytes of a message, or with COMMAND of a command."""
        nonce = self._next()
        body = b"\x07MESSAGE" + nonce + _box(bytes([flags]) + text, b"CurveZMQMESSAGEC" + nonce,
                                             self._server, self._secret)
        large = len(body) > 255
        size = struct.pack(">Q", len(body)) if large else bytes([len(body)])
        return bytes([_LARGE if large else 0]) + size + body

    def reset(self):
        """End it as a broken line does: nothing more is read or sent."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()
