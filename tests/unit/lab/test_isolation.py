"""The lab shares no code with the client it is there to test."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import swim_tui.lab.__main__
found = {name for name in sys.modules if name.startswith("swim_tui")}
print(sorted(name for name in found if name != "swim_tui" and not name.startswith("swim_tui.lab")))
heavy = {"paramiko", "netmiko", "textual", "pydantic", "tinydb", "aiohttp", "scp"}
print(sorted(heavy & set(sys.modules)))
"""


def test_the_lab_imports_no_other_room_and_no_client_library() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "[]\n[]\n"


def test_the_control_client_needs_the_standard_library_only() -> None:
    code = "import sys, swim_tui.lab.control; print(sorted({'asyncssh', 'yaml', 'asyncio'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "[]\n"
