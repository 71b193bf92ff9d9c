"""Inventory files: import from many formats, export in ours, and lists of names from standard input."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from swim_tui.cli.app import App, common_options, pass_app
from swim_tui.cli.output import emit, is_terminal, plain, say, table, tell
from swim_tui.errors import BadValue, ConfigError, ConsentMissing, InventoryError
from swim_tui.model.device import Device

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.views import ImportReport

FORMATS = ("swim-tui", "csv", "ansible-ini", "ansible-yaml", "nornir", "netbox-csv", "netbox-json", "ssh-config")
FILE_MARK = "#:file "  # begins each file of a folder, as the engine reads them
_OF_A_FOLDER = ("hosts", "groups", "defaults")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--format", "form", type=click.Choice(FORMATS), default=None, help="Recognised unless it is named.")
@click.option("--credentials", default="", metavar="PROFILE", help="For devices for which the file names no profile.")
@click.option("--jump-credentials", default="", metavar="PROFILE", help="The same for jump hosts.")
@click.option("--dry-run", is_flag=True, help="Say what would be added or changed, and change nothing.")
@common_options
@pass_app
def import_(
    app: App, file: Path, form: str | None, credentials: str, jump_credentials: str, dry_run: bool
) -> int:  # fmt: skip
    """Import an inventory file (- is stdin), or a folder of Nornir's. See data/samples/inventory.yaml.

    \b
    Read besides our YAML: CSV with a heading row (name, address, port, platform, role, location, device_type,
    groups, credentials, jump, ...), Ansible (ini, yaml), Nornir, NetBox exports (CSV, JSON), ~/.ssh/config.
    Passwords in such files are never imported. Platforms are recognised at the first sync.
    """
    source, text = read_text(file)
    import_text(app, source, text, form or "", credentials, jump_credentials, dry_run=dry_run)
    return 0


def import_text(
    app: App, source: str, text: str, form: str = "", credentials: str = "", jump: str = "", *, dry_run: bool = False
) -> None:
    """Import, and print what that does; InventoryError after every problem was listed."""

    async def work(client: EngineClient) -> ImportReport:
        report = await client.api.import_inventory(text, source, True, form, credentials, jump)
        if dry_run or report.problems:
            return report
        return await client.api.import_inventory(text, source, False, form, credentials, jump)

    report = app.with_engine(work)
    if app.as_json:
        emit(report)
    else:
        changes = [(r.action, r.kind, r.name, r.detail) for r in report.rows if r.action != "same"]
        table(("action", "kind", "name", "fields"), changes, empty="everything is in the inventory already")
    for line in (*report.notes, *report.problems):
        tell(plain(line))
    if report.problems:
        raise InventoryError(source=source, detail=f"{len(report.problems)} problems, listed above")
    counts = {action: sum(r.action == action for r in report.rows) for action in ("add", "change", "same")}
    form_words = f" ({report.format})" if report.format not in ("", "swim-tui") else ""
    tell(
        f"{source}{form_words}: {counts['add']} added, {counts['change']} changed, {counts['same']} same"
        + " (dry run)" * dry_run
    )
    _tell_next(report, dry_run=dry_run)


def _tell_next(report: ImportReport, *, dry_run: bool) -> None:
    """What a person does now, after the first devices came."""
    added = {kind: [r.name for r in report.rows if (r.kind, r.action) == (kind, "add")] for kind in ("jump", "device")}
    if dry_run or not added["device"]:
        return
    test = f"swim-tui jumps test {plain(added['jump'][0])}; then " if added["jump"] else ""
    tell(f"next: {test}swim-tui devices sync --wait (it reads the devices and changes nothing)")


@click.command("import-netbox")
@click.argument("url")
@click.option("--token-stdin", is_flag=True, help="The first line of stdin is the API token; else it is asked for.")
@click.option("--filter", "filters", multiple=True, metavar="KEY=VALUE", help="As in NetBox, such as site=ny (repeat).")
@click.option("--ca", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Certificates to trust.")
@click.option("--credentials", default="", metavar="PROFILE", help="For devices, which have no profile in NetBox.")
@click.option("--dry-run", is_flag=True, help="Say what would be added or changed, and change nothing.")
@common_options
@pass_app
def import_netbox(
    app: App, url: str, token_stdin: bool, filters: tuple[str, ...], ca: Path | None, credentials: str, dry_run: bool
) -> None:  # fmt: skip
    """Import the devices of a NetBox over its API. Needs: pip install 'swim-tui[netbox]'."""
    from swim_tui.api.netbox import fetch_devices

    wanted = [text.partition("=") for text in filters]
    if any(not key or not value for key, _, value in wanted):
        raise BadValue(name="--filter", value=filters[0], detail="it is not KEY=VALUE", allowed="site=ny")
    if not token_stdin and not is_terminal():
        raise ConsentMissing(detail="the API token cannot be asked without a terminal", flag="--token-stdin")
    token = sys.stdin.readline().strip() if token_stdin else click.prompt("API token", hide_input=True, err=True)
    text = fetch_devices(url, token, [(key, value) for key, _, value in wanted], str(ca) if ca else "")
    import_text(app, url, text, form="netbox-json", credentials=credentials, dry_run=dry_run)


@click.command()
@common_options
@pass_app
def export(app: App) -> None:
    """Print the inventory as a file of ours, without secrets."""

    async def work(client: EngineClient) -> str:
        return await client.api.export_inventory()

    text = app.with_engine(work)
    emit({"inventory": text}) if app.as_json else say(text.rstrip("\n"))


def device_lines(data: bytes, like: Device) -> str:
    """An inventory file with a device on the very line where the list has its name."""
    rows: list[str] = []
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError(source="stdin", detail="it is not UTF-8 text") from None
    for line in lines:
        words = line.split("#", 1)[0].replace(",", " ").replace("\t", " ").split()
        if len(words) > 2:
            raise ConfigError(
                source="stdin", detail=f"line {len(rows) + 1}: more than a name and an address: {line[:60]!r}"
            )
        device = replace(like, name=words[0], address=words[-1]) if words else None
        rows.append(json.dumps(asdict(device), ensure_ascii=False) + "," if device else "")
    return '{"swim_tui_inventory": 1, "devices": [' + "\n".join(rows) + "]}"


def read_text(file: Path) -> tuple[str, str]:
    """Name and text of a file, of stdin, or of the files of a folder; ConfigError when it cannot be read."""
    try:
        if str(file) == "-":
            return "stdin", sys.stdin.buffer.read().decode("utf-8-sig")
        if file.is_dir():
            return str(file), _folder(file)
        return str(file), file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(source=str(file), detail="it is not UTF-8 text") from None
    except OSError as err:
        raise ConfigError(source=str(file), detail=(err.strerror or str(err)).lower()) from None


def _folder(folder: Path) -> str:
    parts = [path for stem in _OF_A_FOLDER for path in sorted(folder.glob(f"{stem}.y*ml"))]
    if not parts:
        raise ConfigError(source=str(folder), detail="there is no hosts.yaml in this folder")
    return "".join(f"{FILE_MARK}{path.name}\n{path.read_text(encoding='utf-8-sig').rstrip()}\n" for path in parts)
