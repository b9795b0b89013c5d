# SPDX-License-Identifier: MIT
"""QUIC packets made by hand (RFC 9000, 9001), for what no well-behaved client would send."""
import os
import socket
import struct
import time

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

V1, V2 = 0x00000001, 0x6B3343CF
SALT = {
    V1: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
    V2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
}
LABEL = {V1: ("quic key", "quic iv", "quic hp"), V2: ("quicv2 key", "quicv2 iv", "quicv2 hp")}
INITIAL = {V1: 0, V2: 1}
RETRY = {V1: 3, V2: 0}
LEAST = 1200  # bytes of a datagram that may open a connection


def varint(number):
    if number < 1 << 6:
        return struct.pack("!B", number)
    if number < 1 << 14:
        return struct.pack("!H", number | 1 << 14)
    if number < 1 << 30:
        return struct.pack("!I", number | 2 << 30)
    return struct.pack("!Q", number | 3 << 62)


def take_varint(data, at):
    size = 1 << (data[at] >> 6)
    return int.from_bytes(data[at:at + size], "big") & ((1 << (8 * size - 2)) - 1), at + size


# ── Keys ──

def mac(key, data):
    made = hmac.HMAC(key, hashes.SHA256())
    made.update(data)
    return made.finalize()


def expand_label(secret, label, length):
    label = b"tls13 " + label.encode()
    info = struct.pack("!HB", length, len(label)) + label + b"\0"
    return mac(secret, info + b"\x01")[:length]


class Keys:
    """One side's protection of Initial packets."""

    def __init__(self, dcid, side, version=V1):
        secret = expand_label(mac(SALT[version], dcid), f"{side} in", 32)
        key, self.iv, hp = (expand_label(secret, label, size) for label, size in zip(LABEL[version], (16, 12, 16)))
        self.aead = AESGCM(key)
        self.hp = Cipher(algorithms.AES(hp), modes.ECB())

    def nonce(self, number):
        return bytes(a ^ b for a, b in zip(self.iv, number.to_bytes(12, "big")))

    def mask(self, sample):
        return self.hp.encryptor().update(sample)[:5]

    def seal(self, head, number, payload):
        """`head` ends with the packet number in 4 bytes."""
        sealed = self.aead.encrypt(self.nonce(number), payload, head)
        mask = self.mask(sealed[:16])
        protected = bytes([head[0] ^ mask[0] & 0x0F]) + head[1:-4] + bytes(a ^ b for a, b in zip(head[-4:], mask[1:]))
        return protected + sealed

    def open(self, packet, at, length):
        """The payload; `at` is where the packet number begins, `length` counts from there."""
        mask = self.mask(packet[at + 4:at + 20])
        first = packet[0] ^ mask[0] & 0x0F
        size = (first & 3) + 1
        number = bytes(a ^ b for a, b in zip(packet[at:at + size], mask[1:]))
        head = bytes([first]) + packet[1:at] + number
        return self.aead.decrypt(self.nonce(int.from_bytes(number, "big")), packet[at + size:at + length], head)


# ── TLS ──

def extension(kind, body):
    return struct.pack("!HH", kind, len(body)) + body


def transport_parameters(scid):
    given = {0x01: varint(30000), 0x04: varint(1 << 20), 0x05: varint(1 << 18), 0x06: varint(1 << 18),
             0x07: varint(1 << 18), 0x08: varint(100), 0x09: varint(3), 0x0F: scid}
    return b"".join(varint(kind) + varint(len(value)) + value for kind, value in given.items())


def client_hello(scid, alpn=("h3",), parameters=None, session_id=b"", versions=(0x0304,), pad=0):
    """A TLS 1.3 ClientHello. `alpn` or `parameters` of None leave the extension out."""
    key = X25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    names = b"".join(bytes([len(name)]) + name.encode() for name in alpn or ())
    given = [
        extension(0x002B, bytes([2 * len(versions)]) + b"".join(struct.pack("!H", v) for v in versions)),
        extension(0x000A, bytes.fromhex("0004001d0017")),
        extension(0x000D, bytes.fromhex("0008040308040401") + b"\x08\x05"),
        extension(0x0033, struct.pack("!HHH", 36, 0x1D, 32) + key),
        extension(0x0000, b"\x00\x0c\x00\x00\x09localhost"),
    ]
    if alpn is not None:
        given.append(extension(0x0010, struct.pack("!H", len(names)) + names))
    if parameters is not False:
        given.append(extension(0x0039, parameters or transport_parameters(scid)))
    if pad:
        given.append(extension(0x0015, bytes(pad)))
    extensions = b"".join(given)
    body = (b"\x03\x03" + os.urandom(32) + bytes([len(session_id)]) + session_id + bytes.fromhex("0004130113030100") +
            struct.pack("!H", len(extensions)) + extensions)
    return b"\x01" + len(body).to_bytes(3, "big") + body


def crypto_frame(data, offset=0):
    return b"\x06" + varint(offset) + varint(len(data)) + data


# ── Packets ──

def initial(dcid, scid, frames, token=b"", number=0, version=V1, size=LEAST, keys_of=None):
    """A protected Initial packet, padded to `size`."""
    head = (bytes([0xC0 | INITIAL[version] << 4 | 3]) + struct.pack("!I", version) + bytes([len(dcid)]) + dcid +
            bytes([len(scid)]) + scid + varint(len(token)) + token)
    payload = frames + bytes(max(0, size - len(head) - 2 - 4 - 16 - len(frames)))
    head += struct.pack("!H", 0x4000 | 4 + len(payload) + 16) + struct.pack("!I", number)
    return Keys(keys_of or dcid, "client", version).seal(head, number, payload)


def garbled_initial(dcid, scid):
    """Looks like one from outside; only whoever decrypts it finds out."""
    head = (b"\xc3" + struct.pack("!I", V1) + bytes([len(dcid)]) + dcid + bytes([len(scid)]) + scid + b"\0")
    rest = LEAST - len(head) - 2
    return head + struct.pack("!H", 0x4000 | rest) + os.urandom(rest)


def long_header(version, dcid, scid, size=LEAST):
    head = b"\xc0" + struct.pack("!I", version) + bytes([len(dcid)]) + dcid + bytes([len(scid)]) + scid
    return head + os.urandom(size - len(head))


def short_header(size, dcid=None):
    dcid = dcid or os.urandom(10)
    return b"\x40" + dcid + os.urandom(size - 1 - len(dcid))


class Head:
    """The long header of a packet that was received."""

    def __init__(self, packet):
        self.first, self.version = packet[0], struct.unpack("!I", packet[1:5])[0]
        at = 6 + packet[5]
        self.dcid = packet[6:at]
        self.scid = packet[at + 1:at + 1 + packet[at]]
        self.end = at + 1 + packet[at]
        self.kind = self.first >> 4 & 3

    def is_retry(self):
        return self.version in RETRY and self.kind == RETRY[self.version]


def retry_token(packet):
    return packet[Head(packet).end:-16]


def server_frames(packet, original_dcid, version=V1):
    """What the first Initial packet in a datagram of the server says."""
    head = Head(packet)
    length, at = take_varint(packet, head.end)
    assert length == 0, "a server's Initial has no token"
    length, at = take_varint(packet, at)
    return Keys(original_dcid, "server", version).open(packet, at, length)


def close_code(frames):
    """The error code of the CONNECTION_CLOSE among simple frames; None without one."""
    at = 0
    while at < len(frames):
        kind, at = take_varint(frames, at)
        if kind == 0x1C:
            return take_varint(frames, at)[0]
        if kind in (0x02, 0x03):
            _, at = take_varint(frames, at)
            _, at = take_varint(frames, at)
            ranges, at = take_varint(frames, at)
            for _ in range(1 + 2 * ranges):
                _, at = take_varint(frames, at)
        elif kind == 0x06:
            _, at = take_varint(frames, at)
            length, at = take_varint(frames, at)
            at += length
        else:
            assert kind in (0x00, 0x01), hex(kind)
    return None


class Peer:
    """A UDP socket that talks to the server, with one connection attempt's ids."""

    def __init__(self, port, host="127.0.0.1", source=None):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect((host, port))
        self.dcid, self.scid = os.urandom(8), os.urandom(8)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, packet):
        self.socket.send(packet)

    def hello(self, **how):
        return initial(self.dcid, self.scid, crypto_frame(client_hello(self.scid, **how)))

    def received(self, seconds=0.5, most=None):
        """The datagrams that come within that time, or the first `most`."""
        found, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and (most is None or len(found) < most):
            self.socket.settimeout(left)
            try:
                found.append(self.socket.recv(65536))
            except socket.timeout:
                break
            except ConnectionRefusedError:
                continue
        return found
