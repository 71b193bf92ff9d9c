"""No row of the features is without a test, and every test that is named exists."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.ui import rows_admin, rows_jobs
from tests.ui.rows import LAST_ROW, ROWS

ROOT = Path(__file__).resolve().parents[2]


@cache
def functions_of(path: str) -> frozenset[str]:
    """Test functions of a file, methods as `Class::name`."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{each.name}" for each in node.body if hasattr(each, "name")}
    return frozenset(name for name in names if name.rpartition("::")[2].startswith("test_"))


def test_every_row_has_a_test_and_no_row_two_owners() -> None:
    assert sorted(set(range(1, LAST_ROW + 1)) - set(ROWS)) == []
    assert sorted(set(ROWS) - set(range(1, LAST_ROW + 1))) == []
    assert set(rows_admin.ROWS) & set(rows_jobs.ROWS) == set()


@pytest.mark.parametrize("node", sorted(set(ROWS.values())))
def test_a_test_that_is_named_exists(node: str) -> None:
    path, _, name = node.partition("::")
    assert (ROOT / path).is_file(), node
    assert name.partition("[")[0] in functions_of(path), node
