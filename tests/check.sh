#!/usr/bin/env bash
# Format, lint, types, layers, tests: one command, the same everywhere. Arguments go to pytest. Four workers on two
# cores: many tests wait for a device to boot.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(dirname "$(command -v python)")
"$bin/ruff" format --check swim_tui tests
"$bin/ruff" check swim_tui tests
"$bin/mypy"
"$bin/lint-imports"
exec "$bin/python" -m pytest -n "${SWIM_TUI_TEST_WORKERS:-4}" --dist worksteal "$@"
