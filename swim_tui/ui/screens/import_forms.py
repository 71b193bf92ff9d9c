"""Importing from the UI: an image as a SWIM Collection job, an inventory file after a dry run."""

from __future__ import annotations

import re
from pathlib import Path

from swim_tui.errors import BadValue, InventoryError
from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.views import ImportReport
from swim_tui.ui.dialogs.confirm import Confirmation, ConfirmDialog
from swim_tui.ui.dialogs.form import Field, FormDialog
from swim_tui.ui.page import Page

_MAX_INVENTORY_BYTES = 64 * 2**20


def _source(text: str) -> str:
    if not text:
        return "give a file, a URL, or device:NAME"
    if text.startswith("device:") or "://" in text:
        return ""
    return "" if Path(text).expanduser().is_file() else "there is no such file on this machine"


def _digest(length: int) -> re.Pattern[str]:
    return re.compile(f"[0-9a-fA-F]{{{length}}}")


def _hash(text: str) -> str:
    fits = not text or _digest(32).fullmatch(text) or _digest(128).fullmatch(text)
    return "" if fits else "an MD5 has 32 hexadecimal digits, a SHA-512 has 128"


def collection_request(source: str, declared: str, name: str) -> JobRequest:
    """A job that imports one image; a declared hash that is not met keeps nothing."""
    is_path = not source.startswith("device:") and "://" not in source
    return JobRequest(
        type=JobType.COLLECTION,
        source=str(Path(source).expanduser().absolute()) if is_path else source,
        md5=declared.lower() if len(declared) == 32 else "",
        sha512=declared.lower() if len(declared) == 128 else "",
        name=name,
    )


async def import_image(page: Page, source: str = "") -> None:
    """Ask for a source, submit the job."""
    fields = [
        Field("source", "Source", source, "file, https:// ftp:// sftp:// scp://, or device:NAME", _source),
        Field("hash", "Declared hash", "", "MD5 or SHA-512 of the publisher, may be empty", _hash),
        Field("name", "Job Name", "", "may be empty"),
    ]
    answer = await page.app.push_screen_wait(FormDialog("Import an image into the repository", fields, verb="Import"))
    if answer is not None:
        job = await page.session.client.submit(collection_request(answer["source"], answer["hash"], answer["name"]))
        page.app.notify(f"{job.name} submitted; view 2 shows it")


def _inventory_file(text: str) -> str:
    path = Path(text).expanduser()
    if not text or not path.is_file():
        return "there is no such file on this machine"
    return "" if path.stat().st_size <= _MAX_INVENTORY_BYTES else "that is too large for an inventory"


async def import_inventory(page: Page) -> None:
    """Ask for a file, show what it would do, import it after a yes."""
    field = Field("path", "Inventory file", "", "ours, CSV, Ansible, Nornir, NetBox, ssh config", _inventory_file)
    answer = await page.app.push_screen_wait(FormDialog("Import an inventory", [field], verb="Look at it"))
    if answer is None:
        return
    path = Path(answer["path"]).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise BadValue(
            source="inventory", name="file", value=str(path), detail=str(err), allowed="a readable UTF-8 text file"
        ) from err
    report = await page.session.client.import_inventory(text, path.name, dry_run=True)
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
        await page.session.client.import_inventory(text, path.name)
        page.app.notify(f"imported {path.name}: {summary(report)}")


def summary(report: ImportReport) -> str:
    """`adds 3 device, 1 credentials; changes 2 device; 7 same`."""
    words = []
    for action, verb in (("add", "adds"), ("change", "changes")):
        kinds: dict[str, int] = {}
        for row in report.rows:
            if row.action == action:
                kinds[row.kind] = kinds.get(row.kind, 0) + 1
        if kinds:
            words.append(f"{verb} " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    same = sum(1 for row in report.rows if row.action == "same")
    return "; ".join([*words, *([f"{same} same"] if same else [])])
