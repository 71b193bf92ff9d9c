"""How the settings page names the engine's settings: in which group, under which words, with what to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

JOBS = "Distribute and activate"
LIMITS = "How many at once"
WAITS = "Waits and stops"
PROTOCOLS = "Protocol orders"
SERVERS = "File servers"
SECURITY = "Access"
GENERAL = "General"
OTHER = "Other"
GROUPS = (JOBS, PROTOCOLS, LIMITS, WAITS, SERVERS, SECURITY, GENERAL, OTHER)

IMAGE_ORDER = "protocols.order"
CONFIG_ORDER = "config_protocol.order"


@dataclass(frozen=True)
class Word:
    """The group, the label, and what a person should know before the value is changed."""

    group: str
    label: str
    note: str = ""


BOOK: Mapping[str, Word] = {
    "continue_on_failure": Word(JOBS, "Continue on failure", "It never passes the stop of an activation."),
    "collect_images_with_inventory": Word(JOBS, "Collect images along with inventory collection"),
    "insert_boot_command": Word(
        JOBS, "Insert boot command", "Without it a device in bundle mode starts its old image after a reload."
    ),
    "activate": Word(JOBS, "Activate", "Sequential: the next device only when the one before is proven."),
    "backup_current_image": Word(
        JOBS, "Backup current image", "Slows a distribution down considerably; it is what a rollback needs."
    ),
    "tftp_fallback": Word(JOBS, "TFTP fallback", "It loads the running image, and needs the TFTP service."),
    "erase_flash": Word(JOBS, "Erase flash before distribution", "Only software that nothing uses is deleted."),
    "upgrade_mode": Word(JOBS, "Device upgrade mode", "Currently Existing: as the device runs now."),
    "verify_hash": Word(JOBS, "Verify image hash after copy"),
    "distribution.max_devices": Word(LIMITS, "Devices at once, distribution"),
    "activation.max_devices": Word(LIMITS, "Devices at once, parallel activation"),
    "servers.max_pulls": Word(LIMITS, "Pulls at once per SWIM server"),
    "jumps.max_pushes": Word(LIMITS, "Pushes at once through a jump host"),
    "activation.failures_before_stop": Word(WAITS, "Activation failures before a stop"),
    "activation.soak_s": Word(WAITS, "Soak before the post-checks"),
    "reload.limit_s": Word(WAITS, "Reload wait limit"),
    "sync.wait": Word(WAITS, "Wait for inventory sync"),
    "sync.wait_limit_min": Word(WAITS, "Inventory sync wait limit"),
    "waits.scale": Word(WAITS, "Time scale"),
    IMAGE_ORDER: Word(
        PROTOCOLS,
        "Image transfer protocol order",
        "Tried from first to last until the device supports one. What is not selected is never tried.",
    ),
    CONFIG_ORDER: Word(PROTOCOLS, "Config protocol order", "How configurations are read for the archive."),
    "file_server.address": Word(SERVERS, "Local File Server: address that devices reach"),
    "file_server.bind": Word(SERVERS, "Local File Server: address it listens on"),
    "file_server.ports": Word(SERVERS, "Local File Server: ports"),
    "file_server.protocols": Word(SERVERS, "Local File Server: protocols"),
    "file_server.tftp": Word(SERVERS, "Local File Server: TFTP", "The switch that TFTP fallback needs."),
    "cisco.token_url": Word(SERVERS, "Cisco.com: where a token is got"),
    "cisco.api_url": Word(SERVERS, "Cisco.com: address of the download API"),
    "host_keys": Word(SECURITY, "Unknown SSH host keys", "A changed key stops every session, whatever is set here."),
    "credentials.default": Word(SECURITY, "Default credential profile"),
    "flash.tolerance_percent": Word(
        GENERAL,
        "Minimum flash tolerance",
        "Give minimums exactly; rounding is dealt with here.",
    ),
    "time_zone": Word(GENERAL, "Time zone of schedules"),
    "records.keep_days": Word(GENERAL, "Keep records of runs", "What a rollback or a waiting job needs stays."),
    "notify.command": Word(GENERAL, "Notification command"),
    "notify.on": Word(GENERAL, "Notify of"),
    "notify.limit_s": Word(GENERAL, "Limit of the notification command"),
    "environment": Word(GENERAL, "Badge in the header", "PROD raises every consent to the typed level."),
}


SAID: Mapping[str, Mapping[str, str]] = {
    "activate": {
        "off": "OFF",
        "sequential": "Sequential",
        "sequential-per-group": "Sequential per group",
        "parallel": "Parallel",
    },
    "upgrade_mode": {"current": "Currently Existing", "bundle": "Bundle Mode", "install": "Install Mode"},
    "reload.limit_s": {"0": "by device pack"},
    "sync.wait_limit_min": {"0": "none"},
    "records.keep_days": {"0": "for ever"},
    "host_keys": {"trust-first": "trust on first use"},
    "time_zone": {"machine": "the machine's"},
    CONFIG_ORDER: {"ssh": "SSH", "telnet": "Telnet"},
}
"""Values that stand on the screen in other words than in the configuration."""

UNITS: Mapping[str, str] = {
    "activation.soak_s": "s",
    "reload.limit_s": "s",
    "sync.wait_limit_min": "min",
    "records.keep_days": "days",
    "flash.tolerance_percent": "%",
    "notify.limit_s": "s",
}


def said(key: str, value: str) -> str:
    """A value as the screens write it: the words of the wizards, with its unit."""
    if not value:
        return "none"
    if key in (IMAGE_ORDER, CONFIG_ORDER):
        return " > ".join(SAID.get(key, {}).get(one, one) for one in value.split(","))
    words = SAID.get(key, {}).get(value, "")
    return words or (f"{value} {UNITS[key]}" if key in UNITS else value)


def word_of(key: str) -> Word:
    """The words of a setting; one that the book does not have stands under its own key."""
    return BOOK.get(key, Word(_group_of(key), key))


def _group_of(key: str) -> str:
    family = key.split(".", 1)[0]
    return next((word.group for other, word in BOOK.items() if "." in key and other.startswith(f"{family}.")), OTHER)


def place_of(key: str) -> tuple[int, int, str]:
    """Where the setting stands: by group, then as the book has them, the others behind."""
    keys = list(BOOK)
    return (GROUPS.index(word_of(key).group), keys.index(key) if key in BOOK else len(keys), key)
