"""Which SSH server a session logs in to: the device, or a bastion that takes the device in the user name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from swim_tui.errors import JumpError
from swim_tui.model.device import A_CODE_EACH_TIME, HopMethod
from swim_tui.model.endpoint import Endpoint, Hop
from swim_tui.model.secret import Login
from swim_tui.net.hosts import Place

DEFAULT_COMMAND = "nc %h %p"


@dataclass(frozen=True)
class Aim:
    """The far end of the chain of hops."""

    place: Place
    login: Login
    hops: tuple[Hop, ...]
    legacy_ssh: bool = False


def aim_of(endpoint: Endpoint) -> Aim:
    """Where the last transport goes.

    JumpError when something lies behind a bastion of method user, or when it asks a code at each of its many logins.
    """
    wrong = next((hop for hop in endpoint.hops[:-1] if hop.method is HopMethod.USER), None)
    if wrong is not None:
        raise _never(
            endpoint, wrong, "a jump host of method user must be the last one: it logs in to the device itself"
        )
    last = endpoint.hops[-1] if endpoint.hops else None
    if last is None or last.method is not HopMethod.USER:
        place = Place(endpoint.address, endpoint.port, device=endpoint.device, via=endpoint.via)
        return Aim(place, endpoint.login, endpoint.hops, endpoint.legacy_ssh)
    if last.login.one_time_code and not last.login.push_answer:
        raise _never(endpoint, last, A_CODE_EACH_TIME)
    name = filled(last.template, endpoint.address, endpoint.port, endpoint.login.username, last.login.username)
    place = Place(last.address, last.port, hop=last.name, via=endpoint.via[:-1])
    return Aim(place, replace(last.login, username=name), endpoint.hops[:-1])


def _never(endpoint: Endpoint, hop: Hop, detail: str) -> JumpError:
    """The way cannot work as it is written down; the jump host is not to blame."""
    return JumpError(
        device=endpoint.device, address=hop.address, port=hop.port, hop=hop.name, detail=detail, answers=True
    )


def filled(template: str, address: str, port: int, target_user: str, hop_user: str) -> str:
    """A template with its %h, %p, %r, %u and %% filled in."""
    values = {"h": address, "p": str(port), "r": target_user, "u": hop_user, "%": "%"}
    return re.sub(r"%([hpru%])", lambda found: values[found[1]], template)
