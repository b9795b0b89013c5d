# SPDX-License-Identifier: MIT
"""Waiting for what comes true by itself, a moment after it was caused."""
import time


def eventually(holds, seconds=10):
    """What holds() says at last: as soon as it is true, else when the time is over. To be asserted."""
    end = time.monotonic() + seconds
    while True:
        last = holds()
        if last or time.monotonic() >= end:
            return last
        time.sleep(0.02)
