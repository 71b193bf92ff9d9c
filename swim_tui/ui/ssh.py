"""A session of a person with a device: the user's own OpenSSH, through the jump hosts of the inventory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from swim_tui.errors import BadValue, Conflict
from swim_tui.model.device import Device, HopMethod, JumpHost
from swim_tui.model.ways import jump_chain

_WORD = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.:%\\@+-]*")
_LEGACY = (
    "KexAlgorithms=+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
    "HostKeyAlgorithms=+ssh-rsa",
    "PubkeyAcceptedAlgorithms=+ssh-rsa",
    "Ciphers=+aes128-cbc,aes256-cbc,3des-cbc",
)


def ssh_command(device: Device, username: str, jumps: Sequence[JumpHost], users: Mapping[str, str]) -> list[str]:
    """The words of the command, never through a shell; `users` is the user name of each credential profile."""
    chain = jump_chain(device.jump, {jump.name: jump for jump in jumps})
    odd = next((hop.name for hop in chain if hop.method is not HopMethod.FORWARD), "")
    if odd:
        raise Conflict(
            detail=f"jump host {odd} passes connections on by a method of its own, which ssh -J does not know",
            action="log in to it by hand",
        )
    words = ["ssh"]
    if chain:
        hops = (_target(users.get(hop.credentials, ""), hop.address, bracket=True) + f":{hop.port}" for hop in chain)
        words += ["-J", ",".join(hops)]
    if device.legacy_ssh:  # options of the command line are for the last host only, not for the hops
        words += [word for option in _LEGACY for word in ("-o", option)]
    return [*words, "-p", str(device.port), "--", _target(username, device.address, bracket=False)]


def _target(user: str, address: str, *, bracket: bool) -> str:
    """`user@address`; nothing in it may be read as an option, a second hop or another host."""
    for word in filter(None, (user, address)):
        if not _WORD.fullmatch(word) and not (word == address and ":" in word):
            raise BadValue(name="ssh", value=word, detail="it cannot be given to ssh", allowed="a name or an address")
    if "@" in address or address.startswith("-"):
        raise BadValue(name="ssh", value=address, detail="it cannot be given to ssh", allowed="a name or an address")
    host = f"[{address}]" if bracket and ":" in address else address
    return f"{user}@{host}" if user else host
