"""A session of a person with a device: the user's own OpenSSH, through the jump hosts of the inventory."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from swim_tui.errors import BadValue, Conflict
from swim_tui.model.device import Device, HopMethod, JumpHost
from swim_tui.model.ways import jump_chain

_WORD = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.:%\\@+-]*")
_COMMAND = re.compile(r"[A-Za-z0-9_.:%@+/,=-]+")
_TOKEN = re.compile(r"%([hpru%])")
_LEGACY = (
    "KexAlgorithms=+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
    "HostKeyAlgorithms=+ssh-rsa",
    "PubkeyAcceptedAlgorithms=+ssh-rsa",
    "Ciphers=+aes128-cbc,aes256-cbc,3des-cbc",
)


def ssh_command(device: Device, username: str, jumps: Sequence[JumpHost], users: Mapping[str, str]) -> list[str]:
    """The words of the command; `users` is the user name of each credential profile."""
    chain = jump_chain(device.jump, {jump.name: jump for jump in jumps})
    odd = next((hop.name for hop in chain[:-1] if hop.method is not HopMethod.FORWARD), "")
    if odd:
        raise Conflict(
            detail=f"jump host {odd} passes connections on by a method of its own, and more hops follow",
            action="log in to it by hand",
        )
    words = ["ssh"]
    own = chain[-1] if chain and chain[-1].method is not HopMethod.FORWARD else None
    hops = chain[:-1] if own is not None else chain
    if own is not None and own.method is HopMethod.EXEC:
        words += ["-o", f"ProxyCommand={_by_command(own, hops, users, device, username)}"]
    elif hops:
        words += ["-J", _list_of(hops, users)]
    if device.legacy_ssh:  # options of the command line are for the last host only, not for the hops
        words += [word for option in _LEGACY for word in ("-o", option)]
    if own is not None and own.method is HopMethod.USER:  # the bastion takes the target in the user name
        name = _filled(own.template or "%r%%%h", device, username, users.get(own.credentials, ""))
        return [*words, "-p", str(own.port), "--", _target(name, own.address, bracket=False)]
    return [*words, "-p", str(device.port), "--", _target(username, device.address, bracket=False)]


def _list_of(hops: Sequence[JumpHost], users: Mapping[str, str]) -> str:
    return ",".join(_target(users.get(hop.credentials, ""), hop.address, bracket=True) + f":{hop.port}" for hop in hops)


def _filled(template: str, device: Device, username: str, hop_user: str) -> str:
    known = {"h": device.address, "p": str(device.port), "r": username, "u": hop_user}
    return _TOKEN.sub(lambda match: known.get(match.group(1), "%"), template)


def _by_command(
    hop: JumpHost, before: Sequence[JumpHost], users: Mapping[str, str], device: Device, username: str
) -> str:
    """OpenSSH runs it through a shell: every word is filled in here, checked and quoted, and no % is left to it."""
    user = users.get(hop.credentials, "")
    command = [_filled(word, device, username, user) for word in (hop.template or "nc %h %p").split()]
    if not all(_COMMAND.fullmatch(word) for word in command):
        raise BadValue(name="ssh", value=hop.template, detail="it cannot be given to a shell", allowed="plain words")
    way = ["-J", _list_of(before, users)] if before else []
    words = ["ssh", *way, "-p", str(hop.port), "--", _target(user, hop.address, bracket=False), *command]
    return " ".join(shlex.quote(word) for word in words).replace("%", "%%")


def _target(user: str, address: str, *, bracket: bool) -> str:
    """`user@address`; nothing in it may be read as an option, a second hop or another host."""
    for word in filter(None, (user, address)):
        if not _WORD.fullmatch(word) and not (word == address and ":" in word):
            raise BadValue(name="ssh", value=word, detail="it cannot be given to ssh", allowed="a name or an address")
    if "@" in address or address.startswith("-"):
        raise BadValue(name="ssh", value=address, detail="it cannot be given to ssh", allowed="a name or an address")
    host = f"[{address}]" if bracket and ":" in address else address
    return f"{user}@{host}" if user else host
