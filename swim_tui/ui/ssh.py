"""A session of a person with a device: the user's own OpenSSH, through the jump hosts of the inventory."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    goal = _Goal(device.address, device.port, username)
    _refuse_user_name_in_the_middle(chain, goal, users)
    last = chain[-1] if chain else None
    if last is not None and last.method is HopMethod.USER:  # the bastion takes the target in the user name
        name = _filled(last.template or "%r%%%h", goal, users.get(last.credentials, ""))
        chain, goal = chain[:-1], _Goal(last.address, last.port, name)
    words = ["ssh", *_way(chain, goal, users)]
    if device.legacy_ssh:  # options of the command line are for the last host only, not for the hops
        words += [word for option in _LEGACY for word in ("-o", option)]
    return [*words, "-p", str(goal.port), "--", _target(goal.user, goal.address, bracket=False)]


@dataclass(frozen=True)
class _Goal:
    """What a hop leads to: the next hop, or the device."""

    address: str
    port: int
    user: str


def _goal_of(hop: JumpHost, users: Mapping[str, str]) -> _Goal:
    return _Goal(hop.address, hop.port, users.get(hop.credentials, ""))


def _refuse_user_name_in_the_middle(chain: Sequence[JumpHost], goal: _Goal, users: Mapping[str, str]) -> None:
    """Such a bastion logs in to its target itself: there is nothing to pass on to a hop behind it."""
    at = next((n for n, hop in enumerate(chain[:-1]) if hop.method is HopMethod.USER), None)
    if at is None:
        return
    bastion, after = chain[at], chain[at + 1]
    name = _filled(bastion.template or "%r%%%h", _goal_of(after, users), users.get(bastion.credentials, ""))
    way = _way(chain[:at], _goal_of(bastion, users), users)
    first = ["ssh", *way, "-p", str(bastion.port), "--", _target(name, bastion.address, bracket=False)]
    then = ["ssh", "-p", str(goal.port), "--", _target(goal.user, goal.address, bracket=False)]
    raise Conflict(
        detail=f"jump host {bastion.name} takes its target in the user name and logs in there itself, so no hop can "
        f"follow it, and {after.name} does",
        action=f"type: {shlex.join(first)}  and there: {shlex.join(then)}",
    )


def _way(hops: Sequence[JumpHost], goal: _Goal, users: Mapping[str, str]) -> list[str]:
    """The options that lead ssh through the hops."""
    if not hops:
        return []
    if all(hop.method is HopMethod.FORWARD for hop in hops):
        listed = (_target(users.get(hop.credentials, ""), hop.address, bracket=True) + f":{hop.port}" for hop in hops)
        return ["-J", ",".join(listed)]
    return ["-o", f"ProxyCommand={_proxy(hops, goal, users)}"]


def _proxy(hops: Sequence[JumpHost], goal: _Goal, users: Mapping[str, str]) -> str:
    """OpenSSH runs it through a shell: every word is filled in here, checked and quoted, and no % is left to it."""
    hop, before = hops[-1], hops[:-1]
    own = _goal_of(hop, users)
    words = ["ssh", *_way(before, own, users)]
    command: list[str] = []
    if hop.method is HopMethod.EXEC:
        command = [_filled(word, goal, own.user) for word in (hop.template or "nc %h %p").split()]
        if not all(_COMMAND.fullmatch(word) for word in command):
            raise BadValue(
                name="ssh", value=hop.template, detail="it cannot be given to a shell", allowed="plain words"
            )
    else:
        words += ["-W", f"{_target('', goal.address, bracket=True)}:{goal.port}"]
    words += ["-p", str(own.port), "--", _target(own.user, own.address, bracket=False), *command]
    return " ".join(shlex.quote(word) for word in words).replace("%", "%%")


def _filled(template: str, goal: _Goal, hop_user: str) -> str:
    known = {"h": goal.address, "p": str(goal.port), "r": goal.user, "u": hop_user}
    return _TOKEN.sub(lambda match: known.get(match.group(1), "%"), template)


def _target(user: str, address: str, *, bracket: bool) -> str:
    """`user@address`; nothing in it may be read as an option, a second hop or another host."""
    for word in filter(None, (user, address)):
        if not _WORD.fullmatch(word) and not (word == address and ":" in word):
            raise BadValue(name="ssh", value=word, detail="it cannot be given to ssh", allowed="a name or an address")
    if "@" in address or address.startswith("-"):
        raise BadValue(name="ssh", value=address, detail="it cannot be given to ssh", allowed="a name or an address")
    host = f"[{address}]" if bracket and ":" in address else address
    return f"{user}@{host}" if user else host
