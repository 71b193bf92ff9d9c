"""The shell of a SWIM server, as far as anybody types into it: hashes of files."""

from __future__ import annotations

import asyncio
import hashlib
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .servers import FileServer

HASHES = {"sha512sum": "sha512", "md5sum": "md5"}
PIECE = 1 << 20


def _digest(path: Path, algorithm: str) -> str:
    found = hashlib.new(algorithm)
    with path.open("rb") as file:
        while data := file.read(PIECE):
            found.update(data)
    return found.hexdigest()


async def _answer(server: FileServer, command: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    words = shlex.split(command)
    name, files = words[0] if words else "", [word for word in words[1:] if word != "--"]
    if name not in HASHES:
        return 127, "", f"sh: 1: {name}: not found\n"
    lines, errors = [], []
    for file in files:
        base = server.root if file.startswith("/") else server.root / server.spec.home.strip("/")
        local = (base / file.lstrip("/")).resolve()
        if not local.is_relative_to(server.root) or not local.is_file():
            errors.append(f"{name}: {file}: No such file or directory\n")
            continue
        lines.append(f"{await asyncio.to_thread(_digest, local, HASHES[name])}  {file}\n")
    return (1 if errors else 0), "".join(lines), "".join(errors)


def session(server: FileServer) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """What serves an exec request that is no scp."""

    async def serve(stdin: Any, stdout: Any, stderr: Any) -> None:
        command = stdout.channel.get_command() or b""
        text = command.decode() if isinstance(command, bytes) else command
        server.log("server-command", text)
        code, said, wrong = await _answer(server, text)
        stdout.write(said.encode())
        stderr.write(wrong.encode())
        stdout.channel.exit(code)

    return serve
