"""Sends text as it is to the node at the address that the first argument names, and returns what comes back."""

import sys

from asked import serve
from websockets.sync.client import connect


def send(text, times=1, seconds=30):
    """One frame with the text repeated so often, on a connection of its own; the answer."""
    with connect(sys.argv[1], max_size=None, open_timeout=seconds) as socket:
        socket.send(text * times)
        return socket.recv(timeout=seconds)


serve(send=send)
