"""Commands that act on the system: enable, terminal, configure, write, copy of configurations, reload."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ..grammar import Grammar
from .shell import Handler, Shell

ENABLE_TRIES = 3
SAVE_S = 2.0


async def enable(shell: Shell, args: list[str]) -> str:
    """Ask for the enable password."""
    device = shell.device
    if shell.level == 15:
        return ""
    if not device.spec.has_enable:
        return "% No password set\n"
    secret = device.services.credentials.enable
    for _ in range(ENABLE_TRIES):
        typed = await shell.term.read_line("Password: ", echo=False, is_secret=True)
        if typed == secret and not device.faults.has("wrong_enable"):
            shell.level = 15
            return ""
        if not typed:
            return "% Access denied\n"
    return "% Bad secrets\n\n"


async def disable(shell: Shell, args: list[str]) -> str:
    """Back to user mode."""
    shell.level = 1
    return ""


async def leave(shell: Shell, args: list[str]) -> str:
    """End the session."""
    shell.is_over = True
    return ""


async def terminal_length(shell: Shell, args: list[str]) -> str:
    """Lines of a screen; 0 switches paging off."""
    if not args[0].isdigit() or int(args[0]) > 512:
        return f"% Invalid length {args[0]}\n"
    if shell.device.faults.has("paging_stays"):
        return "Command authorization failed.\n\n"
    shell.term.length = int(args[0])
    return ""


async def terminal_width(shell: Shell, args: list[str]) -> str:
    """Columns of a screen."""
    if not args[0].isdigit() or int(args[0]) > 512:
        return f"% Invalid width {args[0]}\n"
    shell.term.width = int(args[0])
    return ""


async def terminal_monitor(shell: Shell, args: list[str]) -> str:
    """Show syslog here."""
    shell.has_monitor = True
    return ""


async def terminal_no_monitor(shell: Shell, args: list[str]) -> str:
    """Do not show syslog here."""
    shell.has_monitor = False
    return ""


async def nothing(shell: Shell, args: list[str]) -> str:
    """Accepted without effect."""
    return ""


async def configure(shell: Shell, args: list[str]) -> str:
    """Enter configuration mode."""
    shell.enter_config()
    return "Enter configuration commands, one per line.  End with CNTL/Z.\n"


async def configure_ask(shell: Shell, args: list[str]) -> str:
    """Plain `configure` asks where from."""
    await shell.term.read_line("Configuring from terminal, memory, or network [terminal]? ")
    return await configure(shell, args)


async def _save(shell: Shell) -> str:
    device = shell.device
    version = device.running_software.version
    if device.startup is not None and device.startup_version != version:
        shell.term.write(
            "Warning: Attempting to overwrite an NVRAM configuration previously written\n"
            "by a different version of the system image.\n"
        )
        if not await shell.term.confirm("Overwrite the previous NVRAM configuration?[confirm]"):
            return ""
    if device.faults.has("save_fails"):
        return "startup-config file open failed (Device or resource busy)\n"
    shell.term.write("Building configuration...\n")
    await shell.term.wait(device.services.seconds(SAVE_S))
    device.save_config()
    return "[OK]\n"


async def write_memory(shell: Shell, args: list[str]) -> str:
    """Running to startup."""
    return await _save(shell)


async def copy_running_startup(shell: Shell, args: list[str]) -> str:
    """Running to startup, with its question."""
    if not shell.device.running.has("file prompt quiet"):
        name = await shell.term.read_line("Destination filename [startup-config]? ")
        if name.strip() not in ("", "startup-config"):
            return f"%Error copying nvram:{name.strip()} (Invalid argument)\n"
    return await _save(shell)


async def write_erase(shell: Shell, args: list[str]) -> str:
    """Erase the startup configuration."""
    question = "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]"
    if not await shell.term.confirm(question):
        return ""
    shell.device.startup = None
    return "[OK]\nErase of nvram: complete\n"


# -- reload --------------------------------------------------------------------------------


async def _may_reload(shell: Shell) -> bool:
    device = shell.device
    if device.faults.has("reload_denied"):
        shell.term.write("Command authorization failed.\n\n")
        return False
    if device.is_dirty:
        shell.term.write("\n")
        if await shell.term.yes_no("System configuration has been modified. Save? [yes/no]: "):
            shell.term.write(await _save(shell))
    return True


async def reload(shell: Shell, args: list[str]) -> str:
    """Reload now."""
    reason = " ".join(args) or "Reload Command"
    device = shell.device
    if not await _may_reload(shell):
        return ""
    if device.reload_notice:
        shell.term.write(f"{device.reload_notice}\n")
    if not await shell.term.confirm("Proceed with reload? [confirm]"):
        return ""
    now = datetime.now(UTC)
    stamp = f"*{now:%b} {now.day} {now:%H:%M:%S}.{now.microsecond // 1000:03d}"
    requested = f"Reload requested by {shell.link.username} on {shell.where()}. Reload Reason: {reason}."
    device.reload(reason, shell.link.session)
    device.broadcast(f"\n{stamp}: %SYS-5-RELOAD: {requested}\n")
    await shell.die_with_device()
    return ""


def _delay_minutes(text: str) -> int | None:
    match = re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,3})", text)
    return int(match[1] or 0) * 60 + int(match[2]) if match else None


async def reload_in(shell: Shell, args: list[str]) -> str:
    """Reload after minutes (or hours and minutes)."""
    when, _, reason = args[0].partition(" ")
    minutes = _delay_minutes(when)
    if minutes is None:
        return f"% Invalid delay {when}\n"
    if not await _may_reload(shell):
        return ""
    device = shell.device
    seconds = device.services.seconds(minutes * 60)
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    shell.term.write(
        f"Reload scheduled for {at:%H:%M:%S} UTC {at:%a %b} {at.day} {at:%Y} (in {minutes} minutes) "
        f"by {shell.link.username} on {shell.where()}\nReload reason: {reason or 'Reload Command'}\n"
    )
    if not await shell.term.confirm("Proceed with reload? [confirm]"):
        return ""
    device.schedule_reload(seconds, reason)
    return ""


async def reload_cancel(shell: Shell, args: list[str]) -> str:
    """Stop a scheduled reload."""
    if not shell.device.cancel_reload():
        return "%No reload is scheduled.\n"
    shell.device.broadcast("\n\n***\n*** --- SHUTDOWN ABORTED ---\n***\n\n")
    return ""


# -- configuration mode --------------------------------------------------------------------


async def store_line(shell: Shell, args: list[str]) -> str:
    """A known configuration line: stored with its keywords in full."""
    shell.section = ""
    if args[0].startswith("boot system") and shell.device.faults.has("boot_ignored"):
        return ""
    shell.store(" ".join(args))
    return ""


async def config_register(shell: Shell, args: list[str]) -> str:
    """The register is not part of the configuration: it holds at once for the next boot."""
    value = args[1].lower()
    if not re.fullmatch(r"0x[0-9a-f]{1,4}", value):
        shell.term.write(f"% Invalid config-register value {args[1]}\n")
        return ""
    shell.device.changed()
    shell.device.next_register = "" if int(value, 16) == int(shell.device.register, 16) else value
    return ""


async def boot_manual(shell: Shell, args: list[str]) -> str:
    """`boot manual` and `no boot manual` of switches."""
    shell.device.changed()
    shell.device.manual_boot = not args[0].startswith("no")
    return ""


async def config_exit(shell: Shell, args: list[str]) -> str:
    """One level up."""
    shell.leave_section()
    return ""


async def config_end(shell: Shell, args: list[str]) -> str:
    """Back to exec mode."""
    shell.end_config()
    return ""


def add_system_commands(grammar: Grammar[Handler]) -> None:
    """Exec commands of this module."""
    for pattern, handler, level in (
        ("enable", enable, 0),
        ("enable <level>", enable, 0),
        ("disable", disable, 0),
        ("exit", leave, 0),
        ("logout", leave, 0),
        ("quit", leave, 0),
        ("terminal length <lines>", terminal_length, 0),
        ("terminal width <columns>", terminal_width, 0),
        ("terminal monitor", terminal_monitor, 1),
        ("terminal no monitor", terminal_no_monitor, 1),
        ("terminal history size <n>", nothing, 0),
        ("terminal exec prompt timestamp", nothing, 0),
        ("configure", configure_ask, 15),
        ("configure terminal", configure, 15),
        ("write", write_memory, 15),
        ("write memory", write_memory, 15),
        ("write erase", write_erase, 15),
        ("copy running-config startup-config", copy_running_startup, 15),
        ("copy running-config nvram:startup-config", copy_running_startup, 15),
        ("copy system:running-config nvram:startup-config", copy_running_startup, 15),
        ("reload", reload, 15),
        ("reload reason <text...>", reload, 15),
        ("reload in <when...>", reload_in, 15),
        ("reload cancel", reload_cancel, 15),
    ):
        grammar.add(pattern, handler, level)


def config_grammar(*, is_switch: bool) -> Grammar[Handler]:
    """Configuration commands that mean something to the lab; everything else is stored as it is."""
    grammar: Grammar[Handler] = Grammar()
    for pattern, handler in (
        ("do <command...>", nothing),
        ("end", config_end),
        ("exit", config_exit),
        ("hostname <name>", store_line),
        ("no hostname", store_line),
        ("boot system <image...>", store_line),
        ("no boot system", store_line),
        ("no boot system <image...>", store_line),
        ("config-register <value>", config_register),
        ("ip scp server enable", store_line),
        ("no ip scp server enable", store_line),
        ("file prompt quiet", store_line),
        ("file prompt alert", store_line),
        ("file prompt noisy", store_line),
        ("no file prompt quiet", store_line),
        ("default <line...>", nothing),
    ):
        grammar.add(pattern, handler)
    if is_switch:
        grammar.add("boot manual", boot_manual)
        grammar.add("no boot manual", boot_manual)
    return grammar
