"""At the barrier: whether an act that a phase announces may be done now."""

from __future__ import annotations

import logging

from swim_tui.engine.live import LiveRun
from swim_tui.engine.runner import BarrierAnswer
from swim_tui.model.phase import Intent
from swim_tui.model.plan import OpKind

log = logging.getLogger(__name__)

RELOADS = frozenset({OpKind.RELOAD, OpKind.INSTALL, OpKind.ROLLBACK})
"""Acts that take the device out of service; each operation once per device and run, a second time only on proof that
the first never happened."""

_CANCELLABLE = RELOADS | {OpKind.DELETE_FILES, OpKind.ENABLE_SCP}
"""Acts that a cancel still prevents. Others put something back or finish what was begun."""

MAX_RELOAD_INTENTS = 2


def refusal_of(live: LiveRun, device: str, intent: Intent, *, is_journalled: bool = False) -> BarrierAnswer | None:
    """Why the act may not be done now, None if it may."""
    run, task = live.state.run, live.state.tasks[device]
    if intent.kind in (OpKind.PROBE_SERVER, OpKind.COPY_IMAGE) and live.state.against_server(device):
        return BarrierAnswer(go=False, held=True)  # it goes on with its next server
    if intent.kind in _CANCELLABLE and (run.cancel_requested or task.cancel or device in live.cancel_sent):
        return BarrierAnswer(go=False)
    if live.refused_by is not None:
        return BarrierAnswer(go=False, held=True)
    if intent.kind not in RELOADS:
        return None
    known = task.intents_of.get(intent.op_id, 0) - is_journalled
    if known >= MAX_RELOAD_INTENTS:
        log.error("%s: more than two intents for %s in run %s", device, intent.op_id, live.id)
        return BarrierAnswer(go=False)
    if run.hold or run.stopped_because:
        return BarrierAnswer(go=False, held=True)
    return None
