"""The root command: without a command it is the UI."""

from __future__ import annotations

from typing import Any

import click

import swim_tui
from swim_tui.cli.app import App, LazyGroup, common_options

COMMANDS = {
    "demo": ("swim_tui.cli.demo:demo", "Simulated network and a job to watch, in a minute"),
    "devices": ("swim_tui.cli.devices:devices", "Inventory: import, export, add, edit, list, show, sync"),
    "groups": ("swim_tui.cli.groups:groups", "Location, device type and user-defined groups"),
    "credentials": ("swim_tui.cli.access:credentials", "Credential profiles and the vault: add, list, confirm, unlock"),
    "jumps": ("swim_tui.cli.jumps:jumps", "Jump hosts: add, list, test, remove"),
    "hostkeys": ("swim_tui.cli.hostkeys:hostkeys", "SSH host keys: list, accept, remove"),
    "servers": ("swim_tui.cli.servers:servers", "SWIM servers: add, list, verify, remove, protocol"),
    "images": ("swim_tui.cli.images:images", "Repository: import, list, show, set, delete, identify"),
    "analyze": ("swim_tui.cli.plans:analyze", "Upgrade analysis: which image fits which device"),
    "plan": ("swim_tui.cli.plans:plan", "The exact plan of a job, and nothing else"),
    "distribute": ("swim_tui.cli.submit:distribute", "Copy an image to devices, and activate it if asked"),
    "activate": ("swim_tui.cli.submit:activate", "Activate an image that is on the devices"),
    "commit": ("swim_tui.cli.submit:commit", "Commit what devices run, where it is not committed yet"),
    "rollback": ("swim_tui.cli.submit:rollback", "Back to the image that ran before the last upgrade"),
    "configs": ("swim_tui.cli.configs:configs", "Configuration archive: list, show, diff, export, archive"),
    "jobs": ("swim_tui.cli.jobs:jobs", "Jobs: list, show, watch, answer, cancel, hold, retry, log"),
    "runs": ("swim_tui.cli.jobs:runs", "Runs: list, show, export"),
    "packs": ("swim_tui.cli.packs:packs", "Device packs: list, check, show"),
    "facts": ("swim_tui.cli.packs:facts", "What is understood of a captured output"),
    "settings": ("swim_tui.cli.settings:settings", "Settings: list, get, set"),
    "engine": ("swim_tui.cli.engine:engine", "The background engine: start, stop, status, log"),
    "lab": ("swim_tui.cli.lab:lab", "A simulated network: up, down, status, fault"),
    "completion": ("swim_tui.cli.complete:completion", "The completion script of bash, zsh or fish"),
    "doctor": ("swim_tui.cli.doctor:doctor", "Is everything here that is needed?"),
    "info": ("swim_tui.cli.doctor:info", "Every path and version"),
}

VIEWS = ("images", "jobs", "devices", "repository", "servers", "log")

EXAMPLES = """\b
Without a command: the UI, which takes --theme NAME, --ascii, --view VIEW and --watch [RUN].
  swim-tui --view jobs
  swim-tui demo
  swim-tui devices import inventory.yaml
  swim-tui distribute --image X.bin --group ASR1000 --activate parallel --insert-boot-command --wait
"""


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    help="Software image management for network devices.\n\n" + EXAMPLES,
)
@click.option("--read-only", is_flag=True, help="Watch only: nothing can be changed.")
@click.option("--theme", default="", metavar="NAME", hidden=True, help="Colours of the UI; it remembers the last ones.")
@click.option("--ascii", "ascii_only", is_flag=True, hidden=True, help="The UI draws with ASCII only.")
@click.option("--view", type=click.Choice(VIEWS), default=None, hidden=True, help="The view that the UI starts with.")
@click.option(
    "--watch",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[RUN]",
    hidden=True,
    help="Watch a run, read-only: big counters and a line per device; without RUN the newest.",
)
@click.version_option(swim_tui.__version__, "-V", "--version", prog_name="swim-tui", message="%(prog)s %(version)s")
@common_options
@click.pass_context
def root(ctx: click.Context, read_only: bool, theme: str, ascii_only: bool, view: str | None, watch: str | None) -> Any:
    """The UI, when no command is named."""
    app = ctx.ensure_object(App)
    app.read_only = read_only
    if ctx.invoked_subcommand is None:
        from swim_tui.cli.ui import start_ui

        return start_ui(app, theme=theme, ascii_only=ascii_only, view=view or "", watch=watch)
    if theme or ascii_only or view or watch is not None:
        raise click.UsageError("--theme, --ascii, --view and --watch are for the UI, which starts without a command")
    return None
