"""Every point at which a transfer can fail, by every way an image moves, with the test that shows how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can go wrong with a transfer."""

    LOST_AT_FIRST = "session lost at 0 %"
    LOST_HALF_WAY = "session lost at 50 %"
    LOST_AT_LAST = "session lost at 100 %, before the last answer"
    STALL = "stall"
    WRONG_BYTE = "corrupted byte"
    DEVICE_FULL = "disk full on the device"
    SERVER_FULL = "disk full on the server"
    ENGINE_FULL = "disk full on the engine"
    GONE = "server gone"
    PASSWORD = "password wrong"


@dataclass(frozen=True)
class Never:
    """A cell that cannot be, and why."""

    why: str


Cell = str | Never
_DRIVERS = "tests/integration/drivers"
_PUSH, _PULL = f"{_DRIVERS}/test_push_faults.py", f"{_DRIVERS}/test_pull_faults.py"
_UPLOAD, _IMPORT = f"{_DRIVERS}/test_upload_faults.py", f"{_DRIVERS}/test_import_faults.py"
_UNIT = "tests/unit/drivers/test_distribute.py"
_RUN_ON_FULL_DISK = (
    "tests/unit/engine/test_disk_full.py::"
    "test_a_run_stops_before_its_next_change_and_goes_on_by_itself_when_there_is_space"
)
_NO_SERVER = Never("no server has a part in it")
_ONLY_READS = Never("nothing is written there")
_POINTS = {
    Fault.LOST_AT_FIRST: "lost at the first byte",
    Fault.LOST_HALF_WAY: "lost half way",
    Fault.LOST_AT_LAST: "lost before the last answer",
    Fault.STALL: "stalled half way",
    Fault.WRONG_BYTE: "one byte wrong",
}


def _points(node: str, lead: str = "") -> dict[Fault, Cell]:
    return {fault: f"{node}[{lead}{name}]" for fault, name in _POINTS.items()}


def _push(protocol: str) -> dict[Fault, Cell]:
    node = f"{_PUSH}::test_an_{protocol}_push_ends_rightly"
    return {
        **_points(node),
        Fault.DEVICE_FULL: f"{node}[the flash is full]",
        Fault.SERVER_FULL: _NO_SERVER,
        Fault.ENGINE_FULL: _RUN_ON_FULL_DISK,
        Fault.GONE: f"{_UNIT}::test_passing_troubles_are_tried_twice_more",
        Fault.PASSWORD: f"{_UNIT}::test_a_refusal_is_not_tried_again",
    }


def _pull(protocol: str) -> dict[Fault, Cell]:
    node = f"{_PULL}::test_a_pull_ends_rightly"
    has_login = protocol != "TFTP"
    return {
        **_points(node, f"{protocol}-"),
        Fault.DEVICE_FULL: f"{node}[{protocol}-the flash is full]",
        Fault.SERVER_FULL: _ONLY_READS,
        Fault.ENGINE_FULL: _RUN_ON_FULL_DISK,
        Fault.GONE: f"{node}[{protocol}-the server is gone]",
        Fault.PASSWORD: f"{node}[{protocol}-the password is wrong]" if has_login else Never("TFTP has no login"),
    }


def _upload(protocol: str, full: str) -> dict[Fault, Cell]:
    never = f"{_UPLOAD}::test_an_upload_that_cannot_be_done_fails_and_leaves_nothing[{protocol}]"
    return {
        **_points(f"{_UPLOAD}::test_an_upload_that_is_struck_once_ends_well", f"{protocol}-"),
        Fault.DEVICE_FULL: Never("no device has a part in it"),
        Fault.SERVER_FULL: full,
        Fault.ENGINE_FULL: _RUN_ON_FULL_DISK,
        Fault.GONE: never,
        Fault.PASSWORD: never,
    }


def _import(protocol: str, **more: Cell) -> dict[Fault, Cell]:
    never = f"{_IMPORT}::test_an_import_that_cannot_be_done_says_why_and_leaves_nothing[{protocol}]"
    return {
        **_points(f"{_IMPORT}::test_an_import_that_is_struck_once_ends_well", f"{protocol}-"),
        Fault.WRONG_BYTE: never,
        Fault.DEVICE_FULL: Never("no device has a part in it"),
        Fault.SERVER_FULL: _ONLY_READS,
        Fault.ENGINE_FULL: never,
        Fault.GONE: never,
        Fault.PASSWORD: more.get("password", never),
    }


_BACKUP = f"{_UNIT}::test_a_backup_whose_line_broke_is_read_again"
_WEB_LOGIN = "tests/unit/images/test_sources.py::test_a_login_that_a_web_server_refuses_is_said_and_not_tried_again"
_SERVER_FAULTS = (
    "tests/integration/engine/test_server_faults.py::"
    "test_servers_and_pulls_that_fail_leave_right_outcomes_and_nothing_partial"
)

TABLE: dict[str, dict[Fault, Cell]] = {
    "push by SCP": _push("scp"),
    "push by SFTP": _push("sftp"),
    **{f"pull by {name}": _pull(name) for name in ("SCP", "SFTP", "FTP", "HTTP", "HTTPS", "TFTP")},
    "upload to a server by SFTP": _upload("SFTP", _SERVER_FAULTS),
    "upload to a server by FTP": _upload(
        "FTP", "tests/integration/net/test_ftp.py::test_a_full_disk_of_an_ftp_server_is_said"
    ),
    "import by HTTP": _import("HTTP", password=_WEB_LOGIN),
    "import by HTTPS": _import("HTTPS", password=_WEB_LOGIN),
    **{f"import by {name}": _import(name) for name in ("FTP", "SFTP", "SCP")},
    "import and backup from a device": {
        Fault.LOST_AT_FIRST: f"{_BACKUP}[lost at 0]",
        Fault.LOST_HALF_WAY: f"{_BACKUP}[lost half way]",
        Fault.LOST_AT_LAST: f"{_BACKUP}[lost at the end]",
        Fault.STALL: f"{_BACKUP}[stalled]",
        Fault.WRONG_BYTE: "tests/unit/images/test_repository.py::test_a_workers_file_with_another_hash_is_not_kept",
        Fault.DEVICE_FULL: _ONLY_READS,
        Fault.SERVER_FULL: _NO_SERVER,
        Fault.ENGINE_FULL: "tests/unit/drivers/test_incoming.py::test_a_full_disk_of_the_engine_is_called_that",
        Fault.GONE: f"{_UNIT}::test_a_backup_whose_line_breaks_always_leaves_nothing_and_nothing_is_changed",
        Fault.PASSWORD: f"{_UNIT}::test_a_refusal_is_not_tried_again",
    },
}
