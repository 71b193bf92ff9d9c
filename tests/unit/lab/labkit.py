"""A lab in this process and an SSH client for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncssh

from swim_tui.lab.algorithms import new_host_key
from swim_tui.lab.device import Device
from swim_tui.lab.lab import Lab, start_lab
from swim_tui.lab.network import find_network, load_network

PROMPT = r"[\w.-]+(\([\w-]+\))?[#>]$"
ASR = "ASR1002_large-54-9-9-4"
OLD_ASR = "asr1000rp1-adventerprisek9.03.13.00.S.154-3.S-ext.bin"
NEW_ASR = "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.bin"
LEGACY = {
    "kex_algs": ["diffie-hellman-group1-sha1"],
    "encryption_algs": ["aes128-cbc"],
    "mac_algs": ["hmac-sha1"],
    "server_host_key_algs": ["ssh-rsa"],
}


@cache
def _legacy_key(number: int) -> asyncssh.SSHKey:
    return new_host_key(is_legacy=True)


def _kept_key(numbers: Iterator[int], *, is_legacy: bool) -> asyncssh.SSHKey:
    """RSA keys are slow to make: each lab of this process has the same ones, each device of a lab another."""
    return _legacy_key(next(numbers)) if is_legacy else new_host_key(is_legacy=False)


@asynccontextmanager
async def running_lab(
    folder: Path, network: str | Path = "story2", *, scale: float = 400, mode: str = "virtual", size_scale: float = 200
) -> AsyncIterator[Lab]:
    """A lab with small images and short boots."""
    lab = Lab(load_network(find_network(str(network)), size_scale), folder, mode=mode, time_scale=scale)
    with patch("swim_tui.lab.lab.new_host_key", partial(_kept_key, count())):
        await start_lab(lab)
    try:
        yield lab
    finally:
        lab.stop()
        await asyncio.sleep(0)


@asynccontextmanager
async def jump(lab: Lab, name: str = "jump-sf", **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """A connection to a jump host."""
    where, users = lab.where[name], lab.services.credentials
    options = {"username": users.jump_username, "password": users.jump_password, **options}
    async with asyncssh.connect(where.address, where.port, known_hosts=None, config=None, **options) as conn:
        yield conn


@asynccontextmanager
async def login(lab: Lab, name: str = ASR, **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """A connection to a device, through the jump host where there is one."""
    where, users = lab.where[name], lab.services.credentials
    options = {"username": users.username, "password": users.password, **options}
    if lab.mode == "virtual":
        async with (
            jump(lab) as first,
            asyncssh.connect(where.address, where.port, tunnel=first, known_hosts=None, config=None, **options) as conn,
        ):
            yield conn
    else:
        async with asyncssh.connect(where.address, where.port, known_hosts=None, config=None, **options) as conn:
            yield conn


class Cli:
    """Types into an interactive session and reads what comes."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self.process = process
        self.text = ""

    def type(self, text: str) -> None:
        """Send characters."""
        self.process.stdin.write(text.encode())

    async def until(self, pattern: str, timeout_s: float = 30) -> str:
        """Read until the text ends in (or holds) a pattern; everything read since the last call."""
        async with asyncio.timeout(timeout_s):
            while not re.search(pattern, self.text):
                try:
                    data = await self.process.stdout.read(65536)
                except (asyncssh.Error, OSError):
                    data = b""
                if not data:
                    raise EOFError(self.text)
                self.text += data.decode()
        text, self.text = self.text, ""
        return text

    async def run(self, line: str, pattern: str = PROMPT) -> str:
        """Type a command and read until the prompt; the output without echo and prompt."""
        self.type(f"{line}\n")
        text = await self.until(pattern)
        return text.replace("\r\n", "\n")

    async def nothing_comes(self, for_s: float = 0.15) -> str:
        """What comes in a short while (to see that a question waits)."""
        try:
            while True:
                data = await asyncio.wait_for(self.process.stdout.read(65536), for_s)
                if not data:
                    raise EOFError(self.text)
                self.text += data.decode()
        except TimeoutError:
            text, self.text = self.text, ""
            return text


@asynccontextmanager
async def shell(lab: Lab, name: str = ASR, *, paging: bool = False, **options: Any) -> AsyncIterator[Cli]:
    """An interactive session, at its first prompt."""
    async with login(lab, name, **options) as conn:
        process = await conn.create_process(term_type="vt100", encoding=None)
        cli = Cli(process)
        await cli.until(PROMPT)
        if not paging:
            await cli.run("terminal length 0")
        yield cli


async def push(conn: asyncssh.SSHClientConnection, path: str, data: bytes, *, stop_at: int = -1) -> bytes:
    """SCP a file by hand; the last answer of the device (empty when it hung up)."""
    process = await conn.create_process(f"scp -t {path}", encoding=None)
    answer = await process.stdout.read(1)
    if answer != b"\0":
        return answer + await process.stdout.read()
    process.stdin.write(f"C0644 {len(data)} {path.rpartition('/')[2]}\n".encode())
    answer = await process.stdout.read(1)
    if answer != b"\0":
        return answer + await process.stdout.read()
    try:
        process.stdin.write(data[:stop_at] if stop_at >= 0 else data + b"\0")
        if stop_at >= 0:
            await process.stdin.drain()
            return b""
        answer = await process.stdout.read(1)
        if answer == b"\x01":
            answer += await process.stdout.read()
        process.stdin.write_eof()
    except (asyncssh.Error, OSError):
        return b""
    return answer


async def until_phase(device: Device, phase: str, timeout_s: float = 60) -> None:
    """Wait until a device is in a phase of its life."""
    async with asyncio.timeout(timeout_s):
        while device.phase.value != phase:  # noqa: ASYNC110 - a device tells nobody
            await asyncio.sleep(0.005)
