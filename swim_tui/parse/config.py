"""Configurations: is the running one saved, what differs, and what a few lines say. Secrets never leave here."""

from __future__ import annotations

import difflib
import re

from swim_tui.parse.refusal import device_refusal
from swim_tui.parse.text import lines_of

_VOLATILE = re.compile(
    r"^(?:Building configuration\.*|Current configuration\s*:.*|Using \d+ out of \d+ bytes.*|"
    r"! (?:Last configuration change|NVRAM config last updated|No configuration change).*|"
    r"!Time: .*|!Running configuration last done at.*|!Startup config saved at.*|!! .*|"
    r"ntp clock-period \d+|Cryptochecksum:.*|: Saved|: Written by .*|\s*!\s*|\s*)$"
)
_STARTUP_MISSING = re.compile(
    r"startup-config is not present|Non-volatile configuration memory (?:is not present|invalid)|"
    r"No startup configuration",
    re.IGNORECASE,
)
_IS_CONFIG = re.compile(r"^(?:version \S+|hostname \S+|Current configuration|Using \d+ out of|end)\b", re.MULTILINE)
_PROMPT = re.compile(r"^\S{1,64}[>#]\s*(?:sh(?:ow)?\b.*)?$")
_COMMAND_ECHO = re.compile(r"^\s*(?:show|sh)\s+\S+")
_CERTIFICATE = re.compile(r"^\s+certificate (?:self-signed|ca|rollover|ra-\w+)?\s*\S+")
_CERTIFICATE_FILE = re.compile(r"^(\s+certificate .*?) nvram:\S+$")
_HEX_LINE = re.compile(r"^\s+[0-9A-F][0-9A-F\s]*$")
_SECRET = re.compile(
    r"\b(password|secret|key-string|key|community|authentication-key|md5|pre-shared-key|auth|priv|wpa-psk|passphrase)\b"
    r"((?:\s+(?:encrypted|level \d+|ascii|hex|sha\d*|aes|des|3des|128|192|256|0|5|6|7|8|9))*)\s+\S.*$",
    re.IGNORECASE,
)
_SCP = re.compile(r"^\s*(?:ip scp server enable|feature scp-server)\s*$", re.MULTILINE)
_SFTP = re.compile(r"^\s*feature sftp-server\s*$", re.MULTILINE)
_DIFF_LIMIT = 400
_LINE_LIMIT = 60_000


def parse_config_diff(running: str, startup: str) -> tuple[bool | None, tuple[str, ...]]:
    """(is the running configuration unsaved, the differing lines with + and -, secrets masked).

    None when either text is no configuration. Lines that change by themselves are no difference: timestamps,
    ntp clock-period, checksums, and certificates, which startup-config keeps in a file of their own.
    """
    if device_refusal(running) is not None or _IS_CONFIG.search("\n".join(lines_of(running))) is None:
        return None, ()
    if _STARTUP_MISSING.search(startup):
        return True, ("startup-config is not present",)
    if device_refusal(startup) is not None or _IS_CONFIG.search("\n".join(lines_of(startup))) is None:
        return None, ()
    saved, now = _stable_lines(startup), _stable_lines(running)
    if saved == now:
        return False, ()
    lines = [
        line[0] + mask_secrets(line[1:])
        for line in difflib.unified_diff(saved[:_LINE_LIMIT], now[:_LINE_LIMIT], lineterm="", n=0)
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    return True, tuple(lines[:_DIFF_LIMIT])


def mask_secrets(line: str) -> str:
    """A configuration line with what follows password, secret, key, community... replaced."""
    return _SECRET.sub(lambda m: f"{m[1]}{m[2]} <masked>", line)


def parse_scp_server(text: str) -> bool | None:
    """True when a configuration, or the part of it that was asked for, enables the SCP server."""
    if device_refusal(text) is not None:
        return None
    return _SCP.search("\n".join(lines_of(text))) is not None


def parse_sftp_server(text: str) -> bool | None:
    """True when a configuration of NX-OS, or a part of it, enables the SFTP server."""
    if device_refusal(text) is not None:
        return None
    return _SFTP.search("\n".join(lines_of(text))) is not None


def _stable_lines(text: str) -> list[str]:
    kept: list[str] = []
    in_certificate = False
    for line in lines_of(text):
        if in_certificate:
            if line.strip() == "quit" or not line.startswith(" "):
                in_certificate = False
            if line.strip() == "quit" or _HEX_LINE.match(line):
                continue
        if _VOLATILE.match(line) or _PROMPT.match(line) or (not kept and _COMMAND_ECHO.match(line)):
            continue
        if _CERTIFICATE.match(line):
            in_certificate = True
            line = _CERTIFICATE_FILE.sub(r"\1", line)
        kept.append(line)
    return kept
