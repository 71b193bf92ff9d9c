"""Values as readable text, for the record dialog and for export."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from swim_tui.errors import BadValue


def as_text(value: object, indent: int = 0) -> str:
    """A dataclass, list or mapping as indented `key: value` lines; empty fields are left out."""
    pad = "  " * indent
    lines: list[str] = []
    for name, item in _pairs(value):
        if item in (None, "", (), {}):
            continue
        if _is_leaf(item):
            lines.append(f"{pad}{name}: {_leaf(item)}")
        elif isinstance(item, Sequence):
            lines.append(f"{pad}{name}:")
            lines += [_item(entry, indent + 1) for entry in item]
        else:
            lines.append(f"{pad}{name}:")
            lines.append(as_text(item, indent + 1))
    return "\n".join(line for line in lines if line)


def _item(entry: object, indent: int) -> str:
    pad = "  " * indent
    if _is_leaf(entry):
        return f"{pad}- {_leaf(entry)}"
    body = as_text(entry, indent + 1)
    return f"{pad}- {body.lstrip()}" if body else ""


def _pairs(value: object) -> list[tuple[str, object]]:
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    return []


def _is_leaf(value: object) -> bool:
    return not (is_dataclass(value) or isinstance(value, Mapping | list | tuple | set | frozenset))


def _leaf(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


_RECKONED = re.compile(r"[=+\-@\t\r].")
_STATUS = re.compile(r"[+\-] [A-Za-z][A-Za-z ]*")


def write_rows(path: Path, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table as .csv, .json or .md by its extension; an existing file is never overwritten."""
    writers = {".csv": _csv, ".json": _json, ".md": _markdown}
    writer = writers.get(path.suffix.casefold())
    if writer is None:
        raise BadValue(
            source="export", name="file", value=path.name, detail="no such format", allowed="a name in .csv .json .md"
        )
    write_new(path, writer(titles, rows))


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as err:
        raise BadValue(
            source="export", name="file", value=str(path), detail="it exists already", allowed="another name"
        ) from err
    except OSError as err:
        raise BadValue(
            source="export", name="file", value=str(path), detail=err.strerror or str(err), allowed="a writable place"
        ) from err


def _csv(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([[_no_formula(cell) for cell in row] for row in rows])
    return out.getvalue()


def _no_formula(cell: str) -> str:
    """A name from a device must not be reckoned by the spreadsheet that opens the file; `+ Success` is none."""
    return f"'{cell}" if _RECKONED.match(cell) and not _STATUS.fullmatch(cell) else cell


def _json(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    keys = [title.casefold().replace(" ", "_") for title in titles]
    return json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=1) + "\n"


def _markdown(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(titles), line(["---"] * len(titles)), *map(line, rows)]) + "\n"
