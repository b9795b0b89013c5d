# SPDX-License-Identifier: MIT
"""A real client's ClientHello, taken apart, changed, and put together again."""
import ssl
import struct


def real_hello(name="localhost", configure=lambda context: None):
    """The handshake message that Python's ssl, so OpenSSL, would send."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    configure(context)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()[5:]


def vector(data, width):
    return len(data).to_bytes(width, "big") + data


def server_name(name):
    """The extension's body for a name of any bytes."""
    return vector(b"\0" + vector(name, 2), 2)


class Hello:
    SERVER_NAME, GROUPS, SIGNATURES, ALPN, PADDING, VERSIONS, KEY_SHARE = 0, 10, 13, 16, 21, 43, 51

    def __init__(self, message=None):
        message = message or real_hello()
        at = 4
        self.version, at = message[at:at + 2], at + 2
        self.random, at = message[at:at + 32], at + 32
        self.session_id, at = self.take(message, at, 1)
        suites, at = self.take(message, at, 2)
        self.suites = list(struct.unpack(f">{len(suites) // 2}H", suites))
        self.compressions, at = self.take(message, at, 1)
        extensions, at = self.take(message, at, 2)
        self.extensions = []
        at = 0
        while at < len(extensions):
            kind = int.from_bytes(extensions[at:at + 2], "big")
            body, at = self.take(extensions, at + 2, 2)
            self.extensions.append((kind, body))

    @staticmethod
    def take(data, at, width):
        size = int.from_bytes(data[at:at + width], "big")
        return data[at + width:at + width + size], at + width + size

    def without(self, *kinds):
        self.extensions = [(kind, body) for kind, body in self.extensions if kind not in kinds]
        return self

    def extended(self, kind, body):
        """Another extension, or in the place of the one of its kind."""
        kinds = [has for has, _ in self.extensions]
        if kind in kinds:
            self.extensions[kinds.index(kind)] = (kind, body)
        else:
            self.extensions.append((kind, body))
        return self

    def only_tls12(self):
        return self.without(self.VERSIONS, self.KEY_SHARE)

    def padded(self, size):
        """Grown by an extension (RFC 7685) until the message has this size."""
        self.without(self.PADDING)
        return self.extended(self.PADDING, bytes(size - len(self.message()) - 4))

    def message(self):
        extensions = b"".join(kind.to_bytes(2, "big") + vector(body, 2) for kind, body in self.extensions)
        body = self.version + self.random + vector(self.session_id, 1)
        body += vector(struct.pack(f">{len(self.suites)}H", *self.suites), 2) + vector(self.compressions, 1)
        return b"\x01" + vector(body + vector(extensions, 2), 3)

    def records(self, size=16384, version=b"\x03\x01"):
        return in_records(self.message(), size, version)


def in_records(message, size=16384, version=b"\x03\x01"):
    pieces = [message[at:at + size] for at in range(0, len(message), size)]
    return b"".join(b"\x16" + version + vector(piece, 2) for piece in pieces)
