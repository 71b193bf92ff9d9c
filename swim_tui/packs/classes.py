"""What every platform of a device class has in common: its install commands. A pack may say otherwise."""

from __future__ import annotations

from swim_tui.model.device import DeviceClass
from swim_tui.packs.pack import InstallSyntax

_XR_STATE = ("show install active summary", "show install committed summary", "show install inactive summary")

INSTALL_OF: dict[DeviceClass, InstallSyntax] = {
    DeviceClass.IOS_BIN: InstallSyntax(),
    DeviceClass.XE_BUNDLE: InstallSyntax(),
    DeviceClass.XE_ISSU: InstallSyntax(),
    DeviceClass.IOS_TAR: InstallSyntax(
        add="archive download-sw /leave-old-sw {url}",
        prepare="archive download-sw /no-set-boot /leave-old-sw {url}",
        one_step="archive download-sw /overwrite {url}",
        state=("show boot",),
        progress=("show boot",),
    ),
    DeviceClass.XE3_INSTALL: InstallSyntax(
        activate_timed="software install file {fs}{path} auto-rollback {minutes}",
        one_step="software install file {fs}{path}",
        one_step_major="software install file {fs}{path} new force",
        commit="software commit",
        rollback="software rollback",
        remove_inactive="software clean",
        convert="software expand file {fs}{path} to {fs}",
        state=("show version running", "show software installer rollback-timer"),
        progress=("show software installer rollback-timer",),
        timer_minutes=45,
    ),
    DeviceClass.XE16_INSTALL: InstallSyntax(
        add="install add file {fs}{path}",
        activate="install activate",
        activate_timed="install activate auto-abort-timer {minutes}",
        one_step="install add file {fs}{path} activate commit",
        commit="install commit",
        abort="install abort",
        rollback="install rollback to {point}",
        remove_inactive="install remove inactive",
        stop_timer="install auto-abort-timer stop",
        convert="install add file {fs}{path} activate commit",
        state=("show install summary", "show install rollback", "show version running"),
        progress=("show install summary", "show install log"),
        timer_minutes=120,
        timer_min_minutes=30,
        timer_max_minutes=1200,
    ),
    DeviceClass.XE_SUBPKG: InstallSyntax(
        one_step="request platform software package install rp {rp} file {fs}{path}",
        rollback="request platform software package install rp {rp} rollback",
        state=("show version running",),
        progress=("show version running",),
    ),
    DeviceClass.XR_32: InstallSyntax(
        add="admin install add source {fs} {files}",
        activate="admin install activate id {id}",
        commit="admin install commit",
        rollback="admin install rollback to {point}",
        remove_inactive="admin install remove inactive",
        fpd_upgrade="admin upgrade hw-module fpd all location all",
        checks=("show platform", "show hw-module fpd location all"),
        state=(*_XR_STATE, "show install request"),
        progress=("show install request", "show install log {id} detail"),
    ),
    DeviceClass.XR_64: InstallSyntax(
        add="install add source {fs} {files}",
        prepare="install prepare id {id}",
        activate="install activate id {id}",
        one_step="install replace {fs}{path}",
        commit="install commit",
        rollback="install rollback to {point}",
        remove_inactive="install remove inactive all",
        fpd_upgrade="upgrade hw-module location all fpd all",
        checks=("show platform", "show hw-module fpd"),
        state=(*_XR_STATE, "show install request"),
        progress=("show install request", "show install log {id} detail"),
    ),
    DeviceClass.XR7: InstallSyntax(
        add="install package upgrade {packages}",
        activate="install apply reload",
        one_step="install replace {fs}{path}",
        commit="install commit",
        rollback="install rollback {point}",
        fpd_upgrade="upgrade hw-module location all fpd all",
        checks=("show platform", "show hw-module fpd"),
        state=("show install active summary", "show install committed summary", "show install request"),
        progress=("show install request",),
    ),
    DeviceClass.NXOS: InstallSyntax(
        one_step="install all nxos {fs}{path}",
        checks=("show install all impact nxos {fs}{path}", "show incompatibility-all nxos {fs}{path}"),
        state=("show boot", "show install all status"),
        progress=("show install all status",),
    ),
}
