"""Every fault of every way an image moves has its test, and every test that is named exists."""

from __future__ import annotations

import pytest

from swim_tui.model.options import Protocol
from tests.faults import TABLE, Fault, Never
from tests.ui.test_rows import ROOT, functions_of

CELLS = [(way, fault) for way in TABLE for fault in Fault]


def test_every_protocol_stands_in_the_table_by_every_way_it_moves_images() -> None:
    assert {f"pull by {protocol}" for protocol in Protocol} <= set(TABLE)
    assert {f"push by {name}" for name in ("SCP", "SFTP")} <= set(TABLE)
    assert {f"import by {name}" for name in ("HTTP", "HTTPS", "FTP", "SFTP", "SCP")} <= set(TABLE)
    assert {f"upload to a server by {name}" for name in ("SFTP", "FTP")} <= set(TABLE)


@pytest.mark.parametrize(("way", "fault"), CELLS, ids=[f"{way}, {fault}" for way, fault in CELLS])
def test_a_cell_names_a_test_that_exists_or_why_it_cannot_be(way: str, fault: Fault) -> None:
    cell = TABLE[way].get(fault)
    assert cell is not None, "a fault without a test"
    if isinstance(cell, Never):
        assert cell.why
        return
    path, _, node = cell.partition("::")
    name, _, case = node.rstrip("]").partition("[")
    assert name in functions_of(path), cell
    lead, _, rest = case.partition("-")
    words = rest if lead in list(Protocol) else case
    assert f'"{words}"' in (ROOT / path).read_text(encoding="utf-8") or not words, cell
