"""Row view-models and columns of the operations of a device task."""

from __future__ import annotations

from dataclasses import dataclass

from swim_tui.model.job import OperationState
from swim_tui.ui.states import Cell, state_cell
from swim_tui.ui.times import duration
from swim_tui.ui.widgets.columns import Column, TableSpec


@dataclass(frozen=True)
class OperationLine:
    """An operation with its place."""

    number: int
    operation: OperationState
    elapsed_s: int | None = None

    @property
    def key(self) -> str:
        """The operation's id."""
        return self.operation.id


OPERATIONS = TableSpec[OperationLine](
    "operations",
    (
        Column("number", "#", 3, lambda r: Cell(str(r.number)), 3, "n", lambda r: r.number, right=True),
        Column("operation", "Operation", 26, lambda r: Cell(r.operation.title), 1, "o", flex=True),
        Column("status", "Status", 11, lambda r: state_cell(r.operation.status), 1, "s"),
        Column(
            "time",
            "Time",
            7,
            lambda r: Cell(duration(r.elapsed_s) if r.elapsed_s is not None else ""),
            2,
            "t",
            lambda r: r.elapsed_s,
            right=True,
        ),
        Column("message", "Message", 20, lambda r: Cell(r.operation.message), 2, "m", flex=True),
    ),
    sort="number",
    empty="Not planned yet: the operations are known when the run has read the device.",
    marks=False,
)
