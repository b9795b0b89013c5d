# SPDX-License-Identifier: MIT
"""A network between a client and the server that behaves as badly as a test says: losses, other orders, new ports."""
import random
import selectors
import socket
import threading
import time

HELD_SECONDS = 0.02


class Relay:
    """Carries UDP datagrams between whoever sends to `port` on 127.0.0.1 and the server. Rates are probabilities."""

    def __init__(self, server_port, loss=0.0, reorder=0.0, duplicate=0.0, seed=1):
        self.loss, self.reorder, self.duplicate = loss, reorder, duplicate
        self.random = random.Random(seed)
        self.server = ("127.0.0.1", server_port)
        self.front = self._socket(("127.0.0.1", 0))
        self.port = self.front.getsockname()[1]
        self.clients = {}  # address → the socket that speaks to the server for it
        self.held = []  # (when, function): datagrams that others overtake
        self.lost = self.carried = self.overtaken = self.doubled = self.rebound = 0
        self.former = []  # what they were before
        self.bytes_down = self.bytes_down_by_new = 0
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.front, selectors.EVENT_READ, None)
        self.lock = threading.Lock()
        self.open = True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @staticmethod
    def _socket(address):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        made.bind(address)
        made.setblocking(False)
        return made

    def rebind(self):
        """As a NAT that changes its mind: from now on each client comes from another port. What the server sends to the
        former one still arrives, for a client that has nothing to say would never be heard of again."""
        with self.lock:
            for address, old in list(self.clients.items()):
                self.former.append(old)
                self._upstream(address)
                self.rebound += 1
            self.bytes_down_by_new = 0

    def close(self):
        self.open = False
        self.thread.join(5)
        for one in [self.front, *self.clients.values(), *self.former]:
            one.close()
        self.selector.close()

    def _upstream(self, address):
        made = self._socket(("127.0.0.1", 0))
        self.clients[address] = made
        self.selector.register(made, selectors.EVENT_READ, address)
        return made

    def _run(self):
        while self.open:
            for key, _ in self.selector.select(HELD_SECONDS):
                with self.lock:
                    self._forward(key.fileobj, key.data)
            now = time.monotonic()
            while self.held and self.held[0][0] <= now:
                self.held.pop(0)[1]()

    def _forward(self, source, client):
        for _ in range(64):
            try:
                data, address = source.recvfrom(65536)
            except (BlockingIOError, OSError):
                return
            if client is None:
                self._carry(lambda d=data, a=address: self._send(self.clients.get(a) or self._upstream(a), d, self.server))
            else:
                self.bytes_down += len(data)
                self.bytes_down_by_new += len(data) if source is self.clients[client] else 0
                self._carry(lambda d=data, c=client: self._send(self.front, d, c))

    @staticmethod
    def _send(via, data, to):
        try:
            via.sendto(data, to)
        except OSError:  # full, or gone meanwhile: lost, as it happens
            pass

    def _carry(self, send):
        if self.random.random() < self.loss:
            self.lost += 1
            return
        self.carried += 1
        if self.random.random() < self.reorder:
            self.overtaken += 1
            self.held.append((time.monotonic() + HELD_SECONDS, send))
            return
        send()
        if self.random.random() < self.duplicate:
            self.doubled += 1
            send()
