# SPDX-License-Identifier: MIT
"""A client of Server-Sent Events, as the HTML standard reads them."""
import contextlib
import json
import queue
import socket
import threading
import time

SECONDS = 20


class Event:
    def __init__(self, name, data, last_id):
        self.name, self.data, self.id = name, json.loads(data), last_id
        self.version, self.seq = (int(part) for part in last_id.split("."))

    def __repr__(self):
        return f"<{self.name} {self.id} {self.data}>"


class Parser:
    """Lines in; events, comments and the wish for a pause out."""

    def __init__(self):
        self.last_id, self.retry, self.comments = "", None, 0
        self.name, self.data = "", []

    def line(self, line):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            data, name, self.name, self.data = self.data, self.name, "", []
            return Event(name or "message", "\n".join(data), self.last_id) if data else None
        if field == "":
            self.comments += 1
        elif field == "event":
            self.name = value
        elif field == "data":
            self.data.append(value)
        elif field == "id":
            self.last_id = value
        elif field == "retry":
            self.retry = int(value)
        else:
            raise AssertionError(f"a line that is none of an event: {line!r}")
        return None


class Stream:
    """GET /api/events over HTTP/1.1, read by a thread of its own. What was got is in `events`."""

    def __init__(self, server, token, last_id=None):
        self.parser, self.events, self.arrived, self.ended = Parser(), [], queue.Queue(), threading.Event()
        self.connection = server.connect(timeout=120)
        headers = {"authorization": f"Bearer {token}", **({"last-event-id": last_id} if last_id is not None else {})}
        self.connection.request("GET", "/api/events", headers=headers)
        self.socket = self.connection.sock
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.headers = {name.lower(): value for name, value in self.response.getheaders()}
        self.clean = None  # whether the end was a whole answer's
        self.thread = threading.Thread(target=self._read, daemon=True)
        if self.status == 200:
            self.thread.start()

    def _read(self):
        try:
            for line in self.response:
                event = self.parser.line(line.decode().rstrip("\n"))
                if event:
                    self.arrived.put(event)
            self.clean = True
        except (OSError, ValueError, AttributeError):
            self.clean = False
        self.arrived.put(None)
        self.ended.set()

    def next(self, seconds=SECONDS):
        """The next event, or None: there is none in that time, or the stream has ended."""
        try:
            event = self.arrived.get(timeout=seconds)
        except queue.Empty:
            return None
        if event:
            self.events.append(event)
        return event

    def until(self, wanted, seconds=SECONDS):
        """Reads on until an event is wanted: that one, or None."""
        end = time.monotonic() + seconds
        while (event := self.next(max(0, end - time.monotonic()))) is not None:
            if wanted(event):
                return event
        return None

    def rest(self, quiet=0.7):
        """What else arrives until it is quiet."""
        found = []
        while (event := self.next(quiet)) is not None:
            found.append(event)
        return found

    def close(self):
        """Hangs up, whatever its thread waits for."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        if self.thread.is_alive():
            self.thread.join(SECONDS)
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def of_job(job_id, status=None):
    return lambda event: event.name == "job" and event.data["id"] == job_id and status in (None, event.data["status"])


def of_version(version):
    return lambda event: event.name == "changes" and event.data["version"] >= version
