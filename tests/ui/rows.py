"""Every row of the features (1 to 172) with the test that shows it."""

from __future__ import annotations

from tests.ui import rows_admin, rows_jobs

LAST_ROW = 172

ROWS: dict[int, str] = {**rows_admin.ROWS, **rows_jobs.ROWS}
