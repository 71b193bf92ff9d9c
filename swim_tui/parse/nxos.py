"""NX-OS: what an install would do, how the last one ended, modules, vPC and configurations that do not fit."""

from __future__ import annotations

import re
from dataclasses import replace

from swim_tui.model.install import (
    ImageChange,
    Incompatibility,
    InstallImpact,
    InstallReport,
    InstallResult,
    Module,
    ModuleImpact,
    Vpc,
)
from swim_tui.parse.text import number, short_lines

_DONE = re.compile(r"^\s*Compatibility check is done", re.MULTILINE)
_IMPACT = re.compile(
    r"^\s*(?P<module>\d{1,3})\s+(?P<bootable>yes|no)\s+(?P<impact>non-disruptive|disruptive)\s+(?P<type>[\w-]+)"
    r"(?:\s+(?P<reason>\S.*?))?\s*$"
)
_CHANGE = re.compile(
    r"^\s*(?P<module>\d{1,3})\s+(?P<image>[a-z][\w-]*)\s+(?P<running>\S+)\s+(?P<new>\S+)\s+(?P<required>yes|no)\s*$"
)
_CODE = re.compile(r"Return code (?P<code>0x[0-9A-Fa-f]{1,8})")
_FAILURE = re.compile(
    r"^\s*\"?(?:(?:.*)?-- FAIL\b|Return code 0x|Pre-upgrade check failed|Running-config contains configuration that is|"
    r"Service \"|Install has failed|Another install procedure|Installer will not|\S.*cannot be upgraded)"
)
_STARTED = re.compile(
    r"Installer will perform compatibility check|Verifying image \S+ for boot variable|Installer is forced disruptive"
)
_STEP = re.compile(
    r"^\s*(?P<step>(?:Performing|Verifying|Preparing|Setting|Notifying|Finishing|Module \d+:|Refreshing)[^<\n]*?)\s*$"
)
_SUCCESS = re.compile(r"Install has been successful")
_FAILED = re.compile(r"Install has failed|Pre-upgrade check failed|-- FAIL\b")
_REBOOT = re.compile(r"switch will reboot in|Switching over onto standby|will be reloaded in")
_RUNNING = re.compile(r"Install is in progress|Continuing with installation process")
_LOG_HEAD = re.compile(r"This is the log of last installation|^\s*<[A-Z][a-z]{2} [A-Z][a-z]{2}", re.MULTILINE)
_MODULE_HEAD = re.compile(r"^Mod\s+Ports\s+Module-Type\s+Model\s+Status")
_VERSION_HEAD = re.compile(r"^Mod\s+Sw\s+Hw\b")
_SERIAL_HEAD = re.compile(r"^Mod\s+MAC-Address\(es\)\s+Serial-Num")
_OTHER_HEAD = re.compile(r"^(?:Mod|Lem|Xbar|Power|PS)\s+\S")
_RULE = re.compile(r"^-+(?: +-+)+\s*$")
_CARD_HEAD = re.compile(r"^\s*Mod\s+Ports\s+Card [Tt]ype\s+Model\s+Serial")
_CARD = re.compile(
    r"^\s*(?P<number>\d{1,2})\s+\d{1,4}\s+(?P<kind>\S.*?)\s{2,}(?P<model>\S+)(?:\s+(?P<serial>\S+))?\s*$"
)
_STATE_HEAD = re.compile(r"^\s*M(?:od)?\s+MAC addresses\s+Hw\s+Fw\s+Sw\s+Status")
_CARD_STATE = re.compile(
    r"^\s*(?P<number>\d{1,2})\s+[0-9a-fA-F.]{14} to [0-9a-fA-F.]{14}\s+\S+\s+"
    r"(?P<software>(?:\S+\s+){0,2})(?P<status>\S+)\s*$"
)
_HEALTHY = frozenset({"ok", "active", "active *", "ha-standby", "standby"})
_VPC_FIELD = re.compile(r"^\s*(?P<key>[A-Za-z][\w -]{2,40}?)\s*: *(?P<value>\S.*?)?\s*$")
_ITEM = re.compile(r"^\s*\d{1,3}\) +Service *: *(?P<service>[^,]+?) *, *Capability *: *(?P<capability>\S+)")
_ITEM_FIELD = re.compile(
    r"^\s*(?P<key>Description|Capability requirement|Enable/Disable command) *: *(?P<value>.*?)\s*$"
)
_NOTHING = re.compile(r"^\s*No incompatible configurations", re.MULTILINE)


def parse_install_impact(text: str) -> InstallImpact | None:
    """`show install all impact ...`, or what `install all` prints before its question; None when not understood."""
    plain = "\n".join(short_lines(text))
    failures = tuple(" ".join(line.split()).strip('"') for line in plain.split("\n") if _FAILURE.match(line))
    is_complete = _DONE.search(plain) is not None
    if not is_complete and not failures and _STARTED.search(plain) is None:
        return None
    modules: list[ModuleImpact] = []
    images: list[ImageChange] = []
    for line in plain.split("\n"):
        impact, change = _IMPACT.match(line), _CHANGE.match(line)
        if impact is not None:
            bootable = impact["bootable"] == "yes"
            reason = impact["reason"] or ""
            modules.append(ModuleImpact(int(impact["module"]), bootable, impact["impact"], impact["type"], reason))
        elif change is not None:
            needed = change["required"] == "yes"
            images.append(ImageChange(int(change["module"]), change["image"], change["running"], change["new"], needed))
    code = _CODE.search(plain)
    return InstallImpact(tuple(modules), tuple(images), failures, code["code"] if code else "", is_complete)


def parse_install_report(text: str) -> InstallReport | None:
    """`show install all status`; None when not understood. After the reboot of a disruptive upgrade the log ends
    with the announcement of that reboot: only the running version proves it then."""
    plain = "\n".join(short_lines(text))
    steps = [match["step"].rstrip(".") for line in plain.split("\n") if (match := _STEP.match(line)) is not None]
    last = steps[-1] if steps else ""
    failures = tuple(" ".join(line.split()).strip('"') for line in plain.split("\n") if _FAILURE.match(line))
    if _SUCCESS.search(plain):
        return InstallReport(InstallResult.SUCCESS, last)
    if _FAILED.search(plain):
        return InstallReport(InstallResult.FAILED, last, failures)
    if _REBOOT.search(plain):
        return InstallReport(InstallResult.REBOOTING, last)
    if _RUNNING.search(plain) or (steps and _LOG_HEAD.search(plain)):
        return InstallReport(InstallResult.RUNNING, last)
    return None


def parse_modules(text: str) -> tuple[Module, ...]:
    """`show module` of NX-OS and of Catalyst chassis; empty when not understood."""
    return _nexus_modules(text) or _catalyst_modules(text)


def _catalyst_modules(text: str) -> tuple[Module, ...]:
    """A table of cards, then one of addresses with version and status; the dashes above do not fit the columns."""
    found: dict[int, Module] = {}
    table = ""
    for line in short_lines(text):
        card, state = _CARD.match(line), _CARD_STATE.match(line)
        if re.match(r"^\s*M(?:od)?\s+\S", line):
            table = "card" if _CARD_HEAD.match(line) else "state" if _STATE_HEAD.match(line) else ""
        elif table == "card" and card is not None:
            number_ = int(card["number"])
            found.setdefault(number_, Module(number_, card["kind"], card["model"], serial=card["serial"] or ""))
        elif table == "state" and state is not None and int(state["number"]) in found:
            known, status = found[int(state["number"])], state["status"]
            words = state["software"].split()  # firmware and software; line cards of old chassis have neither
            version, healthy = words[1].rstrip(",") if len(words) > 1 else "", status.lower() in _HEALTHY
            found[known.number] = replace(known, version=version, status=status, is_healthy=healthy)
    return tuple(found.values())


def _nexus_modules(text: str) -> tuple[Module, ...]:
    """Columns are cut by the line of dashes: a model may be empty."""
    found: dict[int, Module] = {}
    table = ""
    cuts: list[int] = []
    for line in short_lines(text):
        head = _MODULE_HEAD.match(line)
        if head is not None:
            table, cuts = "status", []
        elif _VERSION_HEAD.match(line) or _SERIAL_HEAD.match(line):
            table, cuts = "version" if _VERSION_HEAD.match(line) else "serial-num", []
        elif _OTHER_HEAD.match(line):
            table, cuts = "", []
        elif table and _RULE.match(line):
            cuts = [m.start() for m in re.finditer(r"-+", line)]
        elif table and cuts:
            _module_row(found, table, _cells(line, cuts))
    return tuple(found.values())


def _cells(line: str, cuts: list[int]) -> list[str]:
    ends = [*cuts[1:], len(line)]
    return [line[start:end].strip() for start, end in zip(cuts, ends, strict=True)]


def _module_row(found: dict[int, Module], table: str, cells: list[str]) -> None:
    which = number(cells[0])
    if which is None:
        return
    known = found.get(which)
    if table == "status" and len(cells) >= 5:
        status = cells[4]
        found.setdefault(which, Module(which, cells[2], cells[3], status, is_healthy=status.lower() in _HEALTHY))
    elif known is not None and table == "version":
        found[which] = replace(known, version=known.version or ("" if cells[1] == "NA" else cells[1]))
    elif known is not None and table == "serial-num":
        found[which] = replace(known, serial=known.serial or cells[-1])


def parse_vpc(text: str) -> Vpc | None:
    """`show vpc role` or `show vpc`; None when vPC is not configured, or not understood."""
    said: dict[str, str] = {}
    for line in short_lines(text):
        match = _VPC_FIELD.match(line)
        if match is not None:
            said.setdefault(match["key"].strip().lower(), match["value"] or "")
    role, _, operational = said.get("vpc role", "").partition(", operational ")
    if not role:
        return None
    return Vpc(
        role,
        operational or role,
        number(said.get("vpc domain id", "")),
        said.get("peer status", ""),
        said.get("vpc keep-alive status", ""),
        said.get("configuration consistency status", ""),
    )


def parse_incompatibilities(text: str) -> tuple[Incompatibility, ...] | None:
    """`show incompatibility-all nxos ...`; () = everything fits, None = not understood."""
    found: list[Incompatibility] = []
    for line in short_lines(text):
        item, field = _ITEM.match(line), _ITEM_FIELD.match(line)
        if item is not None:
            found.append(Incompatibility(item["service"], item["capability"]))
        elif found and field is not None:
            key = {"Description": "description", "Capability requirement": "requirement"}.get(field["key"], "command")
            found[-1] = replace(found[-1], **{key: field["value"]})
    if found:
        return tuple(found)
    return () if _NOTHING.search("\n".join(short_lines(text))) is not None else None
