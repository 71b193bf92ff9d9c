"""Bytes and names -> SoftwareImage; the repository on disk; where images come from."""

from swim_tui.images.http_source import Download
from swim_tui.images.identify import identify_file
from swim_tui.images.repository import Incoming, Repository, hash_file, safe_name
from swim_tui.images.sources import DownloadLimits, ImageSource, ImportProgress, LocalFile, import_image

__all__ = [
    "Download",
    "DownloadLimits",
    "ImageSource",
    "ImportProgress",
    "Incoming",
    "LocalFile",
    "Repository",
    "hash_file",
    "identify_file",
    "import_image",
    "safe_name",
]
