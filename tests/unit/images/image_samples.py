"""Synthetic images with true headers, built from format facts."""

from __future__ import annotations

import io
import random
import struct
import tarfile

C2960_CW = {
    "CW_IMAGE": "C2960-LANBASEK9-M",
    "CW_FAMILY": "C2960",
    "CW_FEATURE": "IP|LAYER_2|SSH|3DES|MIN_DRAM_MEG=64",
    "CW_VERSION": "15.0(2)SE11",
    "CW_MEDIA": "RAM",
    "CW_SYSDESCR": "Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11\r\nTechnical Support",
}
ASR_CW = {"CW_IMAGE": "PPC_LINUX_IOSD-ADVENTERPRISEK9-M", "CW_FAMILY": "PPC_LINUX_IOSD", "CW_VERSION": "15.4(3)S5"}
INFO = """\
version_suffix: lanbasek9-mz.150-2.SE11
version_directory: c2960-lanbasek9-mz.150-2.SE11
image_system_type_id: 0x00000000
image_name: c2960-lanbasek9-mz.150-2.SE11.bin
ios_image_file_size: 11833344
total_image_file_size: 16312832
image_feature: IP|LAYER_2|SSH|3DES|MIN_DRAM_MEG=64
image_family: C2960
stacking_number: 1.0
info_end:
"""


def cw_block(values: dict[str, str], marker: str = "-lanbasek9-m") -> bytes:
    body = "".join(f"{key}${value}$\0" for key, value in values.items())
    return f"CW_BEGIN${marker}$\0{body}CW_END${marker}$\0".encode()


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


def ios_bin(values: dict[str, str] = C2960_CW, size: int = 300_000) -> bytes:
    elf = (b"\x7fELF\x01\x02\x01" + bytes(9)).ljust(256, b"\0")
    before = elf + b"some code that mentions CW_BEGIN$ by name\0".ljust(64, b"\0")
    packed = size - len(before) - 20
    extractor = struct.pack(">IIIII", 0xFEEDFACE, packed * 2, packed, 1, 2) + b"PK\x03\x04"
    body = before + extractor + noise(100_000) + cw_block(values)
    return body + noise(size - len(body))


def xe_bin(values: dict[str, str] | None = ASR_CW, build: str = "") -> bytes:
    info = (
        f"# pkginfo: Name: rp_super\n# pkginfo: Build: {build}\n# pkginfo: PackageName: universalk9\n" if build else ""
    )
    block = cw_block(values, "-adventerprisek9-m") if values else b""
    return b"\xba\xbe\xfa\xce" + bytes(60) + info.encode() + noise(70_000) + block + noise(5_000)


def ios_tar(info: str = INFO) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in (
            ("info", info.encode()),
            ("c2960-lanbasek9-mz.150-2.SE11/c2960-lanbasek9-mz.150-2.SE11.bin", ios_bin()),
            ("info.ver", info.encode()),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def rpm(label: str = "ncs5500-mgbl-3.0.0.0-r663.x86_64") -> bytes:
    return (b"\xed\xab\xee\xdb\x03\x00\x00\x00\x00\x01" + label.encode().ljust(66, b"\0")).ljust(4096, b"\0")


def iso(label: str = "MINI") -> bytes:
    return bytes(0x8000) + b"\x01CD001\x01\x00" + b" " * 32 + label.encode().ljust(32) + bytes(40_000)
