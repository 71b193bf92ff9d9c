"""Finds loopback addresses for a lab: a 127.x.y.0/24 block of its own, or ports of 127.0.0.1."""

from __future__ import annotations

import random
import socket

PORT = 2222
LOOPBACK = "127.0.0.1"


def _can_bind(address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        # Without SO_REUSEADDR a bind fails while anybody else holds the port, listening or not.
        try:
            sock.bind((address, port))
        except OSError:
            return False
    return True


def free_block() -> str:
    """The first three bytes of a free block like 127.33.7, or nothing where only 127.0.0.1 exists."""
    for _ in range(200):
        block = f"127.{random.randint(16, 250)}.{random.randint(1, 250)}"
        if _can_bind(f"{block}.1", PORT) and _can_bind(f"{block}.2", PORT):
            return block
    return ""


class Addresses:
    """Hands out addresses of one lab."""

    def __init__(self, *, is_one_address: bool) -> None:
        self.block = "" if is_one_address else free_block()
        self._next = 0

    def take(self) -> tuple[str, int]:
        """The next address and port; port 0 lets the system choose."""
        self._next += 1
        if not self.block or self._next > 253:
            return LOOPBACK, 0
        return f"{self.block}.{self._next}", PORT
