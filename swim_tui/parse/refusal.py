"""The error grammar of device command lines; a bare `%` is never an error by itself."""

from __future__ import annotations

import re

from swim_tui.parse.text import lines_of

_NOT_AUTHORISED = re.compile(
    r"Command authorization failed|Authorization (?:failed|denied)|Permission denied|"
    r"This command is not authorized|Privilege denied|not authori[sz]ed",
    re.IGNORECASE,
)
_REFUSALS = re.compile(
    r"^\s*(?:"
    r"%+\s?(?:Invalid (?:input|command|number|argument)|Incomplete command|Ambiguous command|"
    r"Unknown command|Unrecognized command|Bad (?:IP address|secrets|passwords|mask)|Access denied|"
    r"Authorization failed|Authentication failed|Login invalid|Error in authentication|No password set|"
    r"Permission denied|"
    r"This command is not authorized|Cannot open|Not enough|No such|File not found|"
    r"(?:Configuration|Config) mode|(?:Standby|There is no STANDBY))"
    r"|%\s?Error\b"
    r"|%ERROR:"
    r"|ERROR:"
    r"|Error:"
    r"|Command authorization failed"
    r"|No such file or directory"
    r"|Syntax error while parsing"
    r"|Invalid command at"
    r"|startup-config file open failed"
    r"|cmd exec error"
    r")",
)


def device_refusal(text: str) -> str | None:
    """The line with which the device refused a command, or None; warnings and syslog lines are no refusal."""
    for line in lines_of(text):
        if _REFUSALS.match(line):
            return " ".join(line.split())
    return None


def is_authorisation_refusal(text: str) -> bool:
    """True when the refusal says that this user may not run the command."""
    said = device_refusal(text)
    return said is not None and _NOT_AUTHORISED.search(said) is not None
