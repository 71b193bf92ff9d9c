#!/usr/bin/env bash
# Format, lint, types, layers, tests: one command, the same everywhere. Arguments go to pytest. Four workers on two
# cores: many tests wait for a device to boot. Exit codes: 1 for tests that failed, 3 for types or layers.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(dirname "$(command -v python)")
"$bin/ruff" format --check swim_tui tests
"$bin/ruff" check swim_tui tests

# Types and layers beside the tests, in the time in which those wait.
said=$(mktemp)
trap 'rm -f "$said"' EXIT
{ "$bin/mypy" && "$bin/lint-imports"; } >"$said" 2>&1 &
static=$!
tests=0
# Hundreds of processes are started here: what they run is compiled once, not by each of them, and so are the tests.
unset PYTHONDONTWRITEBYTECODE
"$bin/python" -m pytest --collect-only -q -p no:cacheprovider >/dev/null 2>&1 || true  # what is wrong with them is said below
"$bin/python" -m pytest -n "${SWIM_TUI_TEST_WORKERS:-4}" --dist worksteal "$@" || tests=$?
types=0
wait "$static" || types=3
cat "$said"
[ "$types" -eq 0 ] || exit "$types"
exit "$tests"
