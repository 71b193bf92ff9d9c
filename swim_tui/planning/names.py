"""Default job names (SPEC 4)."""

from __future__ import annotations

from datetime import datetime

from swim_tui.model.job import JobType

_WORDS = {
    JobType.COLLECTION: "Swim_Collection",
    JobType.DISTRIBUTION: "Swim_Distribution",
    JobType.ACTIVATION: "Swim_Activation",
    JobType.COMMIT: "Swim_Commit",
    JobType.ROLLBACK: "Swim_Rollback",
    JobType.INVENTORY_SYNC: "Inventory_Sync",
    JobType.CONFIG_ARCHIVE: "Configuration_Archive",
}


def default_job_name(job_type: JobType, at: datetime) -> str:
    """`Job_Swim_Distribution_8_49_54_284_PM_1_11_2016`: type, then h_m_s_ms_AM/PM_M_D_YYYY of `at` in its own zone."""
    hour = at.hour % 12 or 12
    half = "PM" if at.hour >= 12 else "AM"
    clock = f"{hour}_{at.minute}_{at.second}_{at.microsecond // 1000}_{half}"
    return f"Job_{_WORDS[job_type]}_{clock}_{at.month}_{at.day}_{at.year}"
