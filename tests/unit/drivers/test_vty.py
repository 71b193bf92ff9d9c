"""The last free line of a device is for a person: how each platform is asked for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.drivers.serial import SerialContext
from swim_tui.drivers.task import Task
from swim_tui.drivers.vty import has_spare_line
from swim_tui.model.phase import OutputLine
from swim_tui.model.plan import Phase
from swim_tui.net.contract import Ended, Reply
from swim_tui.packs.commands import commands_of
from tests.unit.drivers.conftest import Bench
from tests.unit.planning import making

IOS = "    Line       User       Host(s)              Idle       Location\n" + "".join(
    f"{mark}  {n} vty {n - 1}     ops        idle                 00:00:00 192.0.2.1\n"
    for n, mark in ((1, "*"), (2, " "))
)
XR = "   Line            User                 Service  Conns   Idle        Location\n" + "".join(
    f"{mark}  vty{n}            ops                  ssh          0  00:00:00  192.0.2.1\n"
    for n, mark in ((0, "*"), (1, " "))
)
NXOS = "NAME     LINE         TIME         IDLE          PID COMMENT\n" + "".join(
    f"ops      pts/{n}        Nov  3 10:00   .         2015{n} (192.0.2.1) session=ssh{mark}\n"
    for n, mark in ((0, " *"), (1, ""))
)
NOTHING = "% No such configuration item(s)\n"


@pytest.mark.parametrize(
    ("platform", "users", "limit", "is_spare"),
    [
        ("asr1002", IOS, "line vty 0 3\n", True),
        ("asr1002", IOS, "line vty 0 2\n", False),
        ("asr9k", XR, NOTHING, True),  # five, then
        ("asr9k", XR, "vty-pool default 0 9 line-template default\n", True),
        ("asr9k", XR + XR.partition("*")[2].partition("\n")[2] * 2, NOTHING, False),
        ("n9k", NXOS, "", True),
        ("n9k", NXOS, "  session-limit 4\n", True),
        ("n9k", NXOS, "  session-limit 3\n", False),
        ("n9k", "% Permission denied for the role\n", "", False),
    ],
)
def test_a_second_session_leaves_one_line_free(
    bench: Bench, platform: str, users: str, limit: str, is_spare: bool
) -> None:
    pack = making.pack(platform)
    asked: list[str] = []

    def on_line(line: str) -> Reply | None:
        if line.startswith(("show users", "show running-config ")):
            asked.append(line)
            return Reply(users if "users" in line else limit, Ended.PROMPT, 0.1)
        return None

    bench.device.on_line = on_line
    context = SerialContext()
    task = Task(replace(bench.request(Phase.DISTRIBUTE), pack=pack), context, bench.net)
    assert has_spare_line(task) is is_spare
    assert set(asked) <= set(commands_of(pack).read_only), "what is read is among the commands that the pack names"
    said = [event.text for event in context.events if isinstance(event, OutputLine)]
    assert any("lines are in use" in text for text in said) is (not is_spare and "denied" not in users)
