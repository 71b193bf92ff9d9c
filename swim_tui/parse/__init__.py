"""Text from a device -> facts. Pure functions; what is not understood is None or empty, never a guess."""

from swim_tui.parse.boot import boot_entries, parse_boot, parse_boot_lines
from swim_tui.parse.chassis_xr import (
    parse_failed_config,
    parse_fpds,
    parse_node_pairs,
    parse_xe_platform,
    parse_xr_platform,
)
from swim_tui.parse.config import mask_secrets, parse_config_diff, parse_scp_server
from swim_tui.parse.facts import read_facts
from swim_tui.parse.files import DirListing, is_missing, parse_dir, parse_dirs, parse_file_systems
from swim_tui.parse.hashes import VerifyAnswer, parse_verify, parse_verify_hash
from swim_tui.parse.install_xe import (
    is_bundle,
    parse_install_log,
    parse_install_state,
    parse_member_timers,
    parse_packages_conf,
    parse_rollback_points,
    parse_smu,
    parse_version_packages,
)
from swim_tui.parse.install_xr import (
    parse_install_request,
    parse_install_result,
    parse_package_sets,
    parse_xr_install_log,
)
from swim_tui.parse.inventory import parse_inventory
from swim_tui.parse.issu import parse_issu_state, parse_issu_timer
from swim_tui.parse.network import parse_interfaces_up, parse_neighbours
from swim_tui.parse.nxos import (
    parse_incompatibilities,
    parse_install_impact,
    parse_install_report,
    parse_modules,
    parse_vpc,
)
from swim_tui.parse.refusal import device_refusal, is_authorisation_refusal
from swim_tui.parse.state import (
    parse_config_lock,
    parse_privilege,
    parse_redundancy,
    parse_session_limit,
    parse_show_reload,
    parse_show_switch,
    parse_users,
)
from swim_tui.parse.text import clean
from swim_tui.parse.times import DeviceTime, parse_clock, parse_device_time, parse_restart, parse_uptime, parse_zones
from swim_tui.parse.understood import understood
from swim_tui.parse.version import parse_show_version

__all__ = [
    "DeviceTime",
    "DirListing",
    "VerifyAnswer",
    "boot_entries",
    "clean",
    "device_refusal",
    "is_authorisation_refusal",
    "is_bundle",
    "is_missing",
    "mask_secrets",
    "parse_boot",
    "parse_boot_lines",
    "parse_clock",
    "parse_config_diff",
    "parse_config_lock",
    "parse_device_time",
    "parse_dir",
    "parse_dirs",
    "parse_failed_config",
    "parse_file_systems",
    "parse_fpds",
    "parse_incompatibilities",
    "parse_install_impact",
    "parse_install_log",
    "parse_install_report",
    "parse_install_request",
    "parse_install_result",
    "parse_install_state",
    "parse_interfaces_up",
    "parse_inventory",
    "parse_issu_state",
    "parse_issu_timer",
    "parse_member_timers",
    "parse_modules",
    "parse_neighbours",
    "parse_node_pairs",
    "parse_package_sets",
    "parse_packages_conf",
    "parse_privilege",
    "parse_redundancy",
    "parse_restart",
    "parse_rollback_points",
    "parse_scp_server",
    "parse_session_limit",
    "parse_show_reload",
    "parse_show_switch",
    "parse_show_version",
    "parse_smu",
    "parse_uptime",
    "parse_users",
    "parse_verify",
    "parse_verify_hash",
    "parse_version_packages",
    "parse_vpc",
    "parse_xe_platform",
    "parse_xr_install_log",
    "parse_xr_platform",
    "parse_zones",
    "read_facts",
    "understood",
]
