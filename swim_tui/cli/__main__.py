"""`python -m swim_tui.cli`: the same as `swim-tui`."""

from __future__ import annotations

import sys

from swim_tui.cli import main

sys.exit(main())
