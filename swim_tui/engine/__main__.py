"""`python -m swim_tui.engine`: the engine of one data directory."""

from __future__ import annotations

import sys

from swim_tui.engine.main import main

sys.exit(main())
