"""Names of jobs (SPEC 4): the default, and the stamp that a name of one's own may keep."""

from __future__ import annotations

import re
from datetime import datetime

from swim_tui.model.job import JobType
from swim_tui.model.source import SourceKind, parse_source

_WORDS = {
    JobType.COLLECTION: "Swim_Collection",
    JobType.DISTRIBUTION: "Swim_Distribution",
    JobType.ACTIVATION: "Swim_Activation",
    JobType.COMMIT: "Swim_Commit",
    JobType.ROLLBACK: "Swim_Rollback",
    JobType.INVENTORY_SYNC: "Inventory_Sync",
    JobType.CONFIG_ARCHIVE: "Configuration_Archive",
}
_SOURCES = {
    SourceKind.PATH: "File", SourceKind.DEVICE: "Device", SourceKind.CISCO: "Cisco",
    SourceKind.HTTP: "URL", SourceKind.HTTPS: "URL",
}  # fmt: skip
_STAMP = re.compile(r"_\d{1,2}_\d{1,2}_\d{1,2}_\d{1,3}_[AP]M_\d{1,2}_\d{1,2}_\d{4}$")


def name_stamp(at: datetime) -> str:
    """`8_49_54_284_PM_1_11_2016`: h_m_s_ms_AM/PM_M_D_YYYY of `at` in its own zone."""
    hour = at.hour % 12 or 12
    half = "PM" if at.hour >= 12 else "AM"
    return f"{hour}_{at.minute}_{at.second}_{at.microsecond // 1000:03d}_{half}_{at.month}_{at.day}_{at.year}"


def name_words(job_type: JobType, source: str = "") -> str:
    """`Swim_Distribution`; of a collection where it gets the image from: `URL_Image_Collection` (FEATURES 20)."""
    if job_type is JobType.COLLECTION and source:
        try:
            return f"{_SOURCES.get(parse_source(source).kind, 'PROTOCOL')}_Image_Collection"
        except ValueError:
            pass  # the import says what is wrong with it
    return _WORDS[job_type]


def default_job_name(job_type: JobType, at: datetime, source: str = "") -> str:
    """`Job_Swim_Distribution_8_49_54_284_PM_1_11_2016`."""
    return f"Job_{name_words(job_type, source)}_{name_stamp(at)}"


def short_job_name(name: str) -> str:
    """`Distribution_8_49_54_284_PM_1_11_2016`: a default name without what all of them begin with."""
    return name.removeprefix("Job_").removeprefix("Swim_") if _STAMP.search(name) else name


def with_stamp(text: str, at: datetime) -> str:
    """A descriptive text with the stamp of a default name behind it (FEATURES 21); unchanged if it has one."""
    if not text or _STAMP.search(text):
        return text
    return text + ("" if text[-1] in "_ " else "_") + name_stamp(at)
