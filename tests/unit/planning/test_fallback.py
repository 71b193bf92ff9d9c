"""TFTP fallback: what it needs, its boot line, its removal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swim_tui.model.checks import Verdict
from swim_tui.model.fileserver import LocalFileServer
from swim_tui.model.options import ActivateMode, Protocol
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.planning.plan import plan_device
from tests.unit.planning import making as m

ON = replace(m.ACTIVATE, tftp_fallback=True)
TFTP = LocalFileServer("10.0.0.9", (Protocol.TFTP,), ports={"TFTP": 69})
LINE = f"tftp {m.OLD} 10.0.0.9"


def plan(
    local: LocalFileServer = TFTP, *, has_running: bool = True, pack: str = "asr1002", **more: object
) -> DevicePlan:
    options = replace(ON, **more)  # type: ignore[arg-type]
    return plan_device(
        m.device(), m.facts(), m.image(), options, m.pack(pack), now=m.NOW, local=local, has_running_image=has_running
    )


def test_the_line_stands_last_and_is_removed_after_the_proof_and_before_anything_can_fail() -> None:
    made = plan()
    assert made.included, made.excluded_because
    setting = next(op for op in made.operations if op.kind is OpKind.SET_BOOT)
    assert setting.boot_list[-1] == LINE
    assert setting.lines[-1].text == f"boot system {LINE}"
    kinds = [op.kind for op in made.of_phase(Phase.ACTIVATE)]
    assert kinds[kinds.index(OpKind.PROVE) + 1] is OpKind.REMOVE_FALLBACK
    removal = next(op for op in made.operations if op.kind is OpKind.REMOVE_FALLBACK)
    assert [line.text for line in removal.lines] == [f"no boot system {LINE}", m.pack().save_command]
    assert not any(op.kind is OpKind.BACKUP_IMAGE for op in made.operations)


def test_an_image_that_is_not_in_the_repository_is_backed_up_first() -> None:
    kinds = [op.kind for op in plan(has_running=False).operations]
    assert kinds.index(OpKind.BACKUP_IMAGE) < kinds.index(OpKind.COPY_IMAGE)


@pytest.mark.parametrize(
    ("local", "more", "pack", "verdict", "says"),
    [
        (LocalFileServer(), {}, "asr1002", Verdict.FAILED, "file_server.tftp"),
        (LocalFileServer("10.0.0.9", (Protocol.HTTP,)), {}, "asr1002", Verdict.FAILED, "file_server.tftp"),
        (replace(TFTP, ports={"TFTP": 6969}), {}, "asr1002", Verdict.FAILED, "file_server.ports"),
        (TFTP, {}, "c3850", Verdict.FAILED, "the fallback then"),
        (TFTP, {"activate": ActivateMode.OFF}, "asr1002", Verdict.WARNING, "no boot line"),
    ],
)
def test_what_it_needs_is_said_in_words(
    local: LocalFileServer, more: dict[str, object], pack: str, verdict: Verdict, says: str
) -> None:
    check = next(c for c in plan(local, pack=pack, **more).checks if c.name == "TFTP fallback")
    assert (check.verdict, says in check.action) == (verdict, True), check


def test_without_a_reload_no_line_is_written() -> None:
    made = plan(activate=ActivateMode.OFF)
    setting = next(op for op in made.operations if op.kind is OpKind.SET_BOOT)
    assert LINE not in setting.boot_list
