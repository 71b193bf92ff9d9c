"""One worker, several devices at once, over its frames."""

from __future__ import annotations

from pathlib import Path

from swim_tui.drivers.frames import Barrier, BarrierReply, Cancel, Done, Event, Start
from swim_tui.model.outcome import Outcome
from swim_tui.model.phase import FactsRead, OpProgress, OutputLine, PhaseResult, PhaseStatus
from swim_tui.model.plan import Phase
from tests.integration.drivers.labkit import LabRun
from tests.integration.drivers.test_upgrade import ONE, target
from tests.integration.drivers.workerkit import WorkerProcess


def test_one_worker_distributes_to_three_devices_at_once(asr: LabRun, tmp_path: Path) -> None:
    image, ref = target(asr)
    names = [d["name"] for d in asr.inventory["devices"] if d["platform"] == "asr1002"]
    requests = [asr.phase(asr.plan(name, image), Phase.DISTRIBUTE, ref) for name in names]
    results: dict[str, PhaseResult] = {}
    with WorkerProcess(tmp_path / "workers.lock") as worker:
        for request in requests:
            worker.send(Start(request))
        while len(results) < len(requests):
            frame = worker.next()
            if isinstance(frame, Barrier):
                worker.send(BarrierReply(frame.phase_id, frame.seq, True))
            elif isinstance(frame, Done):
                results[frame.phase_id] = frame.result
        assert worker.shut_down() == 0
    assert [r.outcome for r in results.values()] == [Outcome.DISTRIBUTED] * 3


def test_a_cancel_frame_stops_a_copy_and_the_result_says_so(asr: LabRun, tmp_path: Path) -> None:
    image, ref = target(asr)
    plan = asr.plan(ONE, image)
    asr.fault(ONE, "slow=60000")
    request = asr.phase(plan, Phase.DISTRIBUTE, ref)
    with WorkerProcess(tmp_path / "workers.lock") as worker:
        worker.send(Start(request))
        while True:
            frame = worker.next()
            if isinstance(frame, Barrier):
                worker.send(BarrierReply(frame.phase_id, frame.seq, True))
            elif isinstance(frame, Event) and isinstance(frame.event, OpProgress):
                worker.send(Cancel(request.id))
            elif isinstance(frame, Done):
                break
            assert frame is not None
    assert frame.result.status is PhaseStatus.CANCELLED
    assert frame.result.left_behind == ()


def test_what_a_worker_says_holds_no_secret(asr: LabRun, tmp_path: Path) -> None:
    with WorkerProcess(tmp_path / "workers.lock") as worker:
        result = worker.run(asr.request(ONE, Phase.PREPARE))
    assert result is not None
    assert result.status is PhaseStatus.SUCCESS
    assert any(isinstance(e, FactsRead) for e in worker.events)
    said = repr([e for e in worker.events if isinstance(e, (OutputLine, FactsRead))])
    secrets = [s for profile in ("lab-admin", "lab-jump") for s in asr.login(profile).secrets()]
    assert secrets
    assert not [s for s in secrets if s in said]
    arguments = worker.process.args
    assert isinstance(arguments, list)
    assert not [s for s in secrets if s in " ".join(map(str, arguments))]
