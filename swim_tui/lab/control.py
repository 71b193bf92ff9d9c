"""Talks to a running lab over its control socket; synchronous, standard library only."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from pathlib import Path
from typing import Any

SOCKET_LIMIT = 100
CONTROL_FILE = "control.json"


class LabNotRunning(Exception):
    """No lab answers for that directory."""


class LabRefused(Exception):
    """The lab did not do it; the text says why."""


def socket_path(folder: Path) -> Path:
    """Where the control socket of a lab directory lies; a long path gets a short stand-in."""
    path = folder.resolve() / "control.sock"
    if len(os.fsencode(path)) <= SOCKET_LIMIT:
        return path
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"swim-tui-{os.getuid()}"
    if len(os.fsencode(base)) > SOCKET_LIMIT - 30:
        base = Path("/tmp") / f"swim-tui-{os.getuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    if base.stat().st_uid != os.getuid():
        raise LabRefused(f"{base} belongs to somebody else")
    return base / f"lab-{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]}.sock"


def request(dir: Path, command: dict[str, Any], timeout_s: float = 30.0) -> dict[str, Any]:
    """Send one command ({"command": "status"} and so on) to the lab of a directory and return its answer."""
    try:
        known = json.loads((dir / CONTROL_FILE).read_text(encoding="utf-8"))
        path = str(known["socket"])
    except (OSError, ValueError, KeyError) as err:
        raise LabNotRunning(f"no lab runs in {dir}") from err
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(timeout_s)
            sock.connect(path)
            sock.sendall(json.dumps(command).encode() + b"\n")
            with sock.makefile("rb") as answers:
                line = answers.readline()
    except OSError as err:
        raise LabNotRunning(f"no lab answers in {dir} ({err.strerror or err})") from err
    if not line:
        raise LabNotRunning(f"the lab in {dir} went away")
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        raise LabRefused(str(answer["error"]))
    return answer
