"""A device pack as data: only packs know platforms, code knows device classes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from swim_tui.model.device import DeviceClass
from swim_tui.model.options import Protocol


class Support(StrEnum):
    """What a platform supports beyond distribution."""

    SEPARATE_ACTIVATION = "separate-activation"
    EXTERNAL_SERVER = "external-server"
    ISSU = "issu"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    TFTP_FALLBACK = "tftp-fallback"


@dataclass(frozen=True)
class Recognition:
    """How a platform shows itself; regular expressions, all given ones must match."""

    pid: str = ""  # against the chassis PID or model word
    family: str = ""  # against the family token of show version
    image_file: str = ""
    version: str = ""  # against the running version, for platforms whose class changed with a release
    edition: str = ""  # IOS XR: px, x64, LNT


class IssuStyle(StrEnum):
    """How a platform upgrades in service (DEVICE_FACTS 6.7)."""

    SUPERVISORS = "supervisors"  # Cat4500, 4500X: issu with slots and both files
    VSS = "vss"  # Cat6500, 6800: issu with one file
    ROUTE_PROCESSORS = "route-processors"  # ASR1000
    INSTALL = "install"  # Catalyst 9000: install ... issu
    NODE = "node"  # ASR903: request platform software package install node
    NXOS = "nxos"  # install all non-disruptive


@dataclass(frozen=True)
class PackWaits:
    """Waits of a platform in unscaled seconds, and rates in bytes a second for estimates."""

    reload_limit_s: float = 1800.0
    expected_outage_s: float = 400.0
    per_member_s: float = 120.0
    settle_s: float = 60.0
    stable_s: float = 60.0
    first_login_after_banner_s: float = 20.0
    login_interval_s: float = 60.0
    max_logins: int = 5
    poll_s: float = 5.0
    copy_bytes_per_s: float = 500_000.0  # expected rate, replaced by measured ones
    copy_floor_bytes_per_s: float = 50_000.0  # time-out of a copy = size / floor
    hash_bytes_per_s: float = 1_000_000.0  # floor for hash time-outs
    stall_s: float = 120.0
    install_limit_s: float = 2400.0  # one install command, without the reload
    install_per_member_s: float = 600.0
    drop_limit_s: float = 180.0  # from the last answer until the session drops
    ready_limit_s: float = 900.0  # standby, members, line cards, nodes after the first login
    commit_limit_s: float = 900.0


@dataclass(frozen=True)
class BootSyntax:
    """How boot entries are written: `template` with {fs} and {path} after `boot system`; used when none exists."""

    template: str = "{fs}{path}"
    clear: str = "no boot system"
    show: tuple[str, ...] = ("show bootvar", "show boot")
    by_hand: tuple[str, ...] = ()  # NX-OS: configuration lines with {fs} {path} {kickstart}, in place of `boot system`


@dataclass(frozen=True)
class InstallSyntax:
    """Install commands; "" = the platform has no such command. {fs} {path} name the file, {files} file names,
    {packages} package names, {id} the operation's number, {minutes} the auto-abort time, {point} a rollback point,
    {kickstart} the kickstart file, {rp} a slot, {url} where a file is fetched from."""

    add: str = ""
    prepare: str = ""
    activate: str = ""
    activate_timed: str = ""  # activation that goes back by itself after {minutes}
    one_step: str = ""  # add, activate and commit in one
    one_step_major: str = ""  # where the change of release needs another form (XE 3.x to 16.x)
    commit: str = ""
    abort: str = ""
    rollback: str = ""
    remove_inactive: str = ""
    stop_timer: str = ""
    convert: str = ""  # from bundle to install mode
    fpd_upgrade: str = ""
    smu_activate: str = ""  # of an SMU that was added; goes back by itself after {minutes}
    smu_deactivate: str = ""  # the way back from it
    smu_show: str = ""  # read-only: which release it fits, and whether it reloads
    checks: tuple[str, ...] = ()  # read-only, before activation
    state: tuple[str, ...] = ()  # read-only: how the install stands
    progress: tuple[str, ...] = ()  # read-only, while it runs
    timer_minutes: int = 0  # default of the device's own timer; 0 = no timer
    timer_min_minutes: int = 0
    timer_max_minutes: int = 0

    def changing(self) -> tuple[str, ...]:
        """Every command that changes the device."""
        names = (
            *(self.add, self.prepare, self.activate, self.activate_timed, self.one_step, self.one_step_major),
            *(self.commit, self.abort, self.rollback, self.remove_inactive, self.stop_timer, self.convert),
            *(self.fpd_upgrade, self.smu_activate, self.smu_deactivate),
        )
        return tuple(name for name in names if name)

    def reading(self) -> tuple[str, ...]:
        """Every read-only command."""
        return (*self.checks, *self.state, *self.progress, *((self.smu_show,) if self.smu_show else ()))


@dataclass(frozen=True)
class IssuSyntax:
    """Commands of an upgrade in service; {active} {standby} are slots, {standby_fs} the standby's file system."""

    style: IssuStyle
    load: str = ""
    run: str = ""
    accept: str = ""
    commit: str = ""
    finish: str = ""  # ASR1000: the old active comes up with the new image
    one_step: str = ""
    abort: str = ""
    set_timer: str = ""
    show: tuple[str, ...] = ("show redundancy states", "show issu state detail", "show issu rollback-timer")
    rollback_s: float = 2700.0

    def changing(self) -> tuple[str, ...]:
        """Every command that changes the device."""
        names = (self.load, self.run, self.accept, self.commit, self.finish, self.one_step, self.abort, self.set_timer)
        return tuple(name for name in names if name)


@dataclass(frozen=True)
class MemberSyntax:
    """How the members of a stack, or the other supervisor, get the image and boot it; {n} is a member's number."""

    file_system: str = ""  # flash-{n}:, stby-bootflash:, bootflash://sup-remote/
    copy: str = ""  # "" = the install command copies to the members itself
    boot: str = ""  # configuration line
    clear_boot: str = ""


@dataclass(frozen=True)
class CopySyntax:
    """Pulls, deletions and the device's own SCP server. A VRF stands at the end of the line or in the URL."""

    pull: str = "copy {url} {fs}{path}"
    pull_vrf: str = ""  # with {vrf}; "" = no VRF form
    is_vrf_in_url: bool = False  # copy ftp://user@host;Mgmt-intf/path
    vrf: str = ""  # management VRF, used where the device names none
    delete: str = "delete /force {fs}{path}"
    delete_folder: str = ""
    scp_on: tuple[str, ...] = ("ip scp server enable",)  # configuration lines; () = it is always on
    scp_off: tuple[str, ...] = ("no ip scp server enable",)


@dataclass(frozen=True)
class Variant:
    """Another class of the same platform: by running version, mode, edition, or the new image's file name."""

    device_class: DeviceClass
    version: str = ""
    mode: str = ""  # bundle or install
    image: str = ""  # regular expression of the new image's file name
    file_patterns: tuple[str, ...] = ()  # () = the pack's
    upgrade_modes: tuple[str, ...] = ()
    install: InstallSyntax = InstallSyntax()


@dataclass(frozen=True)
class Pack:
    """One platform."""

    name: str  # asr1002
    title: str  # Cisco ASR 1002
    device_class: DeviceClass
    netmiko_type: str
    recognise: Recognition
    families: tuple[str, ...]  # image families it accepts
    file_patterns: tuple[str, ...]  # regular expressions of image file names it accepts
    boot_file_system: str  # bootflash:
    file_systems: tuple[str, ...]  # offered as destination, boot first
    protocols: tuple[Protocol, ...]
    upgrade_modes: tuple[str, ...] = ("bundle",)
    space_factor_bundle: float = 1.0
    space_factor_install: float = 2.2
    hash_command: str = "verify /md5 {fs}{path}"
    hash_algorithm: str = "md5"
    boot: BootSyntax = BootSyntax()
    save_command: str = "write memory"
    good_config_registers: tuple[str, ...] = ("0x2102", "0x102", "0xF", "0x10F", "0x3102")
    checks_manual_boot: bool = False  # switches stay at the boot loader when Manual Boot is yes
    has_stack: bool = False
    standby_prefixes: tuple[str, ...] = ()
    waits: PackWaits = PackWaits()
    supports: tuple[Support, ...] = ()
    read_commands: tuple[str, ...] = ()  # facts, in order
    pre_check_commands: tuple[str, ...] = ()
    recovery: tuple[str, ...] = ()  # console steps when SSH does not come back; {old} {new} {fs} are filled
    legacy_ssh: bool = False  # shown in the inventory, never switched on by itself
    variants: tuple[Variant, ...] = ()
    install: InstallSyntax = InstallSyntax()
    issu: IssuSyntax | None = None
    members: MemberSyntax = MemberSyntax()
    copy: CopySyntax = CopySyntax()
    reload_command: str = "reload"
    sha512_command: str = ""  # tried before `hash_command` where the software knows it
    signature_command: str = ""
    space_reserve_bytes: int = 0  # free space asked for beyond the factor
    standby_reserve_bytes: int = 0
    image_parts: tuple[str, ...] = ()  # files of one upgrade: kickstart + system, mini + packages; () = one file
    source: str = ""  # file it was read from
