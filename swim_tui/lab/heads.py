"""First bytes of images that carry no CW block: NX-OS, ISO 9660, RPM and pies."""

from __future__ import annotations

from .model import Software

HEADERS = ("nxos", "iso", "rpm", "pie")
ISO_MAGIC = 0x8001


def plain_head(software: Software) -> bytes:
    """What is known of the beginning of such a file; the rest is filler."""
    if software.header == "iso":
        volume = software.file.removesuffix(".iso")[:32].ljust(32).encode()
        return bytes(ISO_MAGIC - 1) + b"\x01CD001\x01\0" + b"LINUX".ljust(32) + volume
    if software.header == "rpm":
        name = software.file.removesuffix(".x86_64.rpm").removesuffix(".rpm").encode()[:65]
        return b"\xed\xab\xee\xdb\x03\0\0\0\0\x01" + name.ljust(66, b"\0") + b"\0\x01\0\x05" + bytes(16)
    if software.header == "pie":
        return b"\0\0\x0b\xce" + bytes(60) + software.file.encode() + b"\0"
    return b"\0\0\x20\x08" + bytes(252) + f"{software.family} {software.version}".encode() + b"\0"
