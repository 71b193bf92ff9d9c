"""Bringing an image to its file system: pulled where the plan says so, else pushed or copied on the device."""

from __future__ import annotations

from dataclasses import replace

from swim_tui.drivers.copy import copy_again, copy_image
from swim_tui.drivers.pull import pull_again, pull_image, sources_of
from swim_tui.drivers.task import OpDone, Task
from swim_tui.errors import Stalled, TransferLost, TransferRefused
from swim_tui.model.plan import LineMode, Operation


def bring_image(task: Task, op: Operation) -> OpDone:
    """See pull_image and copy_image."""
    sources = sources_of(task, op)
    if sources:
        return pull_image(task, op, sources)
    try:
        return copy_image(task, _pushed(op))
    except (TransferRefused, TransferLost, Stalled):
        task.next_server = bool(op.sources)  # the plan may have another way
        raise


def bring_again(task: Task, op: Operation) -> None:
    """Once more after a wrong hash."""
    sources = sources_of(task, op)
    if sources:
        pull_again(task, op, sources)
    else:
        copy_again(task, _pushed(op))


def _pushed(op: Operation) -> Operation:
    """The operation with the line of its push in front."""
    push = next((s for s in op.sources if s.line.mode is LineMode.TOOL), None)
    return replace(op, lines=(push.line, *op.lines[1:]), protocol=push.protocol) if push else op
