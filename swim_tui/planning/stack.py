"""What the members of a stack and the other supervisor need of a bundle upgrade: their own copy of the image."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.model.device_path import join_path
from swim_tui.model.plan import Answer, Line, Operation
from swim_tui.planning import bundle
from swim_tui.planning.durations import copy_limit_s, copy_seconds
from swim_tui.planning.protocols import ProtocolChoice
from swim_tui.planning.situation import Situation, Target

_ANSWERS = (
    Answer(r"Destination filename \[[^\]]*\]\?\s*$", "", why="the name is in the command"),
    Answer(r"over ?write\?\s*\[confirm\]\s*$", "n", why="a wrong copy is deleted before; this one is not ours"),
)


def member_copy(s: Situation, main: Target, member: Target, choice: ProtocolChoice) -> Operation:
    """From the active's flash to a member's, on the device itself: the image crosses the network once."""
    pushed = bundle.copy_image(s, member, choice, rate=1.0)
    line = Line(
        _command(s, main, member),
        changes=True,
        expect=f"{s.image.size_bytes} bytes copied",
        answers=_ANSWERS,
        timeout_s=copy_limit_s(s.image.size_bytes, s.pack, s.waits.scale),
    )
    # On one device the flash itself is the limit, and reading it for a hash is the rate that is known.
    on_device = s.pack.waits.hash_bytes_per_s * s.waits.scale
    return replace(
        pushed,
        title=f"Copying image {s.image.file_name} from {main.name} to {member.name}",
        lines=(line, pushed.lines[-1]),
        protocol=None,
        sources=(),
        expected_s=copy_seconds(s.image.size_bytes, on_device),
    )


def _command(s: Situation, main: Target, member: Target) -> str:
    template = s.pack.members.copy
    if not template:
        return f"copy {join_path(main.name, main.path)} {join_path(member.name, member.path)}"
    return template.format(fs=main.name, path=main.path, member_fs=member.name, n=member.file_system.member or "")
