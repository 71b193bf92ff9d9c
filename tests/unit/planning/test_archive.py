"""A .tar on a classic switch: where there is room for it, where it is unpacked while it comes, what needs a consent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from swim_tui.model.checks import Verdict
from swim_tui.model.device import DeviceClass
from swim_tui.model.facts import BootMode, BootState, Facts, FileEntry, OsKind, VersionFacts
from swim_tui.model.options import ActivateMode, JobOptions, Protocol
from swim_tui.model.plan import DevicePlan, OpKind, Phase
from swim_tui.model.server import PROBE_FILE, ServerProtocol, SwimServer
from swim_tui.planning.archive import FEATURE, OVERWRITE, TEMP
from tests.unit.planning import making as m

MB = m.MB
OLD, TAR = "c2960-lanbasek9-mz.122-55.SE.bin", "c2960-lanbasek9-tar.150-2.SE11.tar"
FOLDER = "c2960-lanbasek9-mz.150-2.SE11"
NEW = f"{FOLDER}/{FOLDER}.bin"
OPTIONS = JobOptions(activate=ActivateMode.SEQUENTIAL, erase_flash=True)
ROWS = (ServerProtocol(Protocol.SCP, username="swim", has_password=True, home="/swim"),)
SERVER = SwimServer("Oak", "192.0.2.9", ("Oakland",), protocols=ROWS)


def switch(*files: FileEntry, free: int = 60 * MB) -> Facts:
    version = VersionFacts(
        os=OsKind.IOS,
        version="12.2(55)SE",
        family="C2960",
        feature_set="LANBASEK9",
        image_file=f"flash:{OLD}",
        ram_bytes=128 * MB,
        mode=BootMode.BUNDLE,
        uptime_s=86400,
    )
    names = (f"flash:/{OLD}",)
    boot = BootState(
        names, names, (f"boot system flash:/{OLD}",), manual_boot=False, config_register="0xF", is_read=True
    )
    flash = m.flash(m.file(OLD, 10 * MB), *files, free=free, name="flash:")
    return m.facts(version=version, file_systems=(flash,), boot=(boot,))


def planned(facts: Facts, options: JobOptions = OPTIONS, feature: str = "LANBASEK9", **more: Any) -> DevicePlan:
    image = m.image(TAR, 16 * MB, family="C2960", version="15.0(2)SE11", feature_set=feature, min_ram_bytes=64 * MB)
    return m.plan(facts, options, image, pack=m.pack("c2960"), **more)


def archive_line(plan: DevicePlan) -> str:
    assert plan.included, plan.excluded_because
    return next(li.text for op in plan.operations for li in op.lines if li.text.startswith("archive"))


def test_with_room_the_archive_is_copied_and_unpacked_at_the_activation() -> None:
    plan = planned(switch())
    assert plan.device_class is DeviceClass.IOS_TAR
    assert archive_line(plan) == f"archive download-sw /leave-old-sw flash:{TAR}"
    assert plan.to_image == f"flash:/{NEW}"
    kinds = [op.kind for op in plan.of_phase(Phase.ACTIVATE)]
    assert kinds.index(OpKind.SAVE_CONFIG) < kinds.index(OpKind.INSTALL) < kinds.index(OpKind.CHECK_BOOT)
    assert kinds.index(OpKind.CHECK_BOOT) < kinds.index(OpKind.RELOAD)
    undo = next(op for op in plan.operations if op.kind is OpKind.INSTALL).undo
    assert [li.text for li in undo] == ["no boot system", f"boot system flash:/{OLD}", "write memory"]


def test_without_room_for_both_it_is_unpacked_while_it_comes_and_booted_by_the_boot_variable() -> None:
    plan = planned(switch(free=20 * MB), servers=(SERVER,))
    assert archive_line(plan) == f"archive download-sw /no-set-boot /leave-old-sw scp://swim@192.0.2.9//swim/{TAR}"
    assert plan.servers == ("Oak",)
    boot = next(op for op in plan.operations if op.kind is OpKind.SET_BOOT)
    assert boot.boot_list == (f"flash:/{NEW}", f"flash:/{OLD}")
    assert all(op.kind is not OpKind.VERIFY_IMAGE for op in plan.operations)


def test_an_archive_that_is_unpacked_while_it_comes_is_probed_by_a_file_that_is_copied() -> None:
    plan = planned(switch(free=20 * MB), servers=(SERVER,), probes=True)
    kinds = [op.kind for op in plan.of_phase(Phase.DISTRIBUTE)]
    assert kinds.index(OpKind.PROBE_SERVER) < kinds.index(OpKind.COPY_IMAGE)
    probe = next(op for op in plan.operations if op.kind is OpKind.PROBE_SERVER)
    assert [line.text for line in probe.lines] == [
        f"copy scp://swim@192.0.2.9//swim/{PROBE_FILE} flash:{PROBE_FILE}",
        f"delete /force flash:{PROBE_FILE}",
    ]


def test_without_a_server_the_running_image_goes_first_only_by_consent() -> None:
    assert planned(switch(free=24 * MB)).excluded_because == f"consent missing: {OVERWRITE}"
    plan = planned(switch(free=24 * MB), replace(OPTIONS, consents=(OVERWRITE,)))
    assert archive_line(plan) == f"archive download-sw /overwrite flash:{TAR}"
    assert next(op for op in plan.operations if op.kind is OpKind.INSTALL).undo == ()
    assert not planned(switch(free=4 * MB), replace(OPTIONS, consents=(OVERWRITE,))).included


def test_what_is_unpacked_already_is_only_booted() -> None:
    folder = FileEntry(FOLDER, 0, is_dir=True)
    plan = planned(switch(folder, free=2 * MB), phases=(Phase.PREPARE, Phase.ACTIVATE))
    assert plan.included, plan.excluded_because
    assert not any(li.text.startswith("archive") for op in plan.operations for li in op.lines)
    assert next(op for op in plan.operations if op.kind is OpKind.SET_BOOT).boot_list[0] == f"flash:/{NEW}"


def test_a_leftover_of_an_aborted_download_and_another_feature_set_stop_it() -> None:
    left = planned(switch(FileEntry(TEMP, 0, is_dir=True)))
    assert "Leftover directory" in {c.name for c in left.checks if c.verdict is Verdict.FAILED}
    other = planned(switch(), feature="LANLITEK9")
    assert other.excluded_because == f"consent missing: {FEATURE}"
    plan = planned(switch(), replace(OPTIONS, consents=(FEATURE,)), feature="LANLITEK9")
    assert archive_line(plan).startswith("archive download-sw /allow-feature-upgrade /leave-old-sw")
