"""Importing an inventory file from the UI, after a dry run."""

from __future__ import annotations

from swim_tui.errors import BadValue, InventoryError
from swim_tui.model.views import ImportReport
from swim_tui.model.words import counted
from swim_tui.paths import user_path
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.page import Page
from swim_tui.ui.screens.admin import one_of

_MAX_INVENTORY_BYTES = 64 * 2**20


def _inventory_file(text: str) -> str:
    path = user_path(text)
    if not text or not path.is_file():
        return "there is no such file on this machine"
    return "" if path.stat().st_size <= _MAX_INVENTORY_BYTES else "that is too large for an inventory"


_PROFILES = {
    "credentials": ("Profile of devices", "Of devices for which the file names none."),
    "jump_credentials": (
        "Profile of jump hosts",
        "Of jump hosts for which the file names none; never that of the devices.",
    ),
}


def _profile_fields(names: list[str]) -> list[Field]:
    """Files of other programs bring no passwords: a profile of ours takes their place."""
    return [
        Field(name, label, choices=one_of(names), help=words) for name, (label, words) in _PROFILES.items() if names
    ]


async def import_inventory(page: Page) -> None:
    """Ask for a file, show what it would do, import it after a yes."""
    means = (
        "A YAML file of ours, CSV with a header (name, address, platform, location ...), Ansible, Nornir, NetBox, "
        "ssh config."
    )
    fields = [Field("path", "Inventory file", "", "path of the file", _inventory_file, help=means, path=True)]
    fields += _profile_fields([profile.name for profile in await page.session.client.credentials()])
    answer = await page.app.push_screen_wait(FormDialog("Import an inventory", fields, verb="Look"))
    if answer is None:
        return
    path = user_path(answer["path"])
    profiles = [answer.get(name, "") for name in _PROFILES]
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise BadValue(
            source="inventory", name="file", value=str(path), detail=str(err), allowed="a readable UTF-8 text file"
        ) from err
    report = await page.session.client.import_inventory(text, path.name, True, "", *profiles)
    if report.problems:
        raise InventoryError(source=path.name, detail="; ".join(report.problems), problems=report.problems)
    changes = [row for row in report.rows if row.action != "same"]
    if not changes:
        page.app.notify(f"{path.name}: everything in it is known already")
        return
    ask = Confirmation(
        f"Import {path.name}?",
        "import",
        targets=[f"{row.action} {row.kind} {row.name} {row.detail}".rstrip() for row in changes],
        impact="\n".join((summary(report), *report.notes)),
        opened_by="i",
    )
    if await page.app.push_screen_wait(ConfirmDialog(ask)):
        await page.session.client.import_inventory(text, path.name, False, "", *profiles)
        page.app.notify(f"imported {path.name}: {summary(report)}")


def summary(report: ImportReport) -> str:
    """`adds 3 devices, 1 credential profile; changes 2 devices; 7 same`."""
    words = []
    for action, verb in (("add", "adds"), ("change", "changes")):
        kinds: dict[str, int] = {}
        for row in report.rows:
            if row.action == action:
                kinds[row.kind] = kinds.get(row.kind, 0) + 1
        if kinds:
            words.append(f"{verb} " + ", ".join(_counted(n, kind) for kind, n in kinds.items()))
    same = sum(1 for row in report.rows if row.action == "same")
    return "; ".join([*words, *([f"{same} same"] if same else [])])


def _counted(number: int, kind: str) -> str:
    """`1 jump host`, `7 groups`."""
    name = {"credentials": "credential profile", "jump": "jump host", "server": "SWIM server"}.get(kind, kind)
    return counted(number, name)
