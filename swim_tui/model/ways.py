"""The way to a device: which jump hosts, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from swim_tui.errors import NotFound
from swim_tui.model.device import JumpHost


def jump_chain(names: Iterable[str], jumps: Mapping[str, JumpHost]) -> tuple[JumpHost, ...]:
    """The hops to pass in order, each once; a jump host that is reached through another one brings it along."""
    chain: list[JumpHost] = []
    for name in names:
        before: list[JumpHost] = []
        step = name
        while step:
            jump = jumps.get(step)
            if jump is None:
                raise NotFound(kind="jump host", name=step, listing="jumps list")
            if jump in before or jump in chain:
                break
            before.append(jump)
            step = jump.via
        chain.extend(reversed(before))
    return tuple(chain)
