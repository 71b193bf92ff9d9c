"""Somebody else on a device of the lab, with an SSH client through its jump host: what the tool did not do itself."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence

import asyncssh
import yaml

from tests.support.world import Lab, wait_until

PROMPT = r"[#>] ?$"


def type_on(lab: Lab, device: str, *steps: tuple[str, str]) -> str:
    """Log in and type each line once the pattern before it was seen; the text until the session ends or the last
    pattern is met."""
    return asyncio.run(_type_on(lab, device, steps))


async def _type_on(lab: Lab, device: str, steps: Sequence[tuple[str, str]]) -> str:
    known = yaml.safe_load((lab.directory / "inventory.yaml").read_text())
    row = next(d for d in known["devices"] if d["name"] == device)
    jump = next(j for j in known["jumps"] if j["name"] == row["jump"][0])
    words = lab.ready["credentials"]
    hop = {"username": words["jump_username"], "password": words["jump_password"], "known_hosts": None}
    own = {"username": words["username"], "password": words["password"], "known_hosts": None}
    seen = ""
    async with (
        asyncio.timeout(20),
        asyncssh.connect(jump["address"], jump["port"], **hop) as first,
        asyncssh.connect(row["address"], row["port"], tunnel=first, **own) as conn,
    ):
        process = await conn.create_process(term_type="vt100")
        for pattern, line in steps:
            while not re.search(pattern, seen):
                read = await process.stdout.read(4096)
                if not read:
                    return seen
                seen += read
            process.stdin.write(f"{line}\n")
            seen = ""
        while read := await process.stdout.read(4096):
            seen += read
            if re.search(PROMPT, seen):
                break
    return seen


def reload_by_hand(lab: Lab, device: str) -> None:
    """`reload`, confirmed, without a save or a commit; returns when the device is up again."""
    before = lab.reloads().get(device, 0)
    with contextlib.suppress(asyncssh.Error, OSError):  # the device takes the session with it
        type_on(lab, device, (PROMPT, "reload"), (r"\[[^\]]*\]\s*$", ""))

    def is_back() -> bool:
        is_reloaded = lab.reloads().get(device, 0) > before
        return is_reloaded and lab.ask(command="device", device=device)["device"]["phase"] == "up"

    wait_until(is_back, limit_s=20, what=f"{device} is up again")
