#!/usr/bin/env bash
# Check everything that CI checks: style, types, layers, tests. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/venv.sh
source scripts/venv.sh
use_venv dev

export OMP_NUM_THREADS=1 # one thread: the same sums on every machine, and faster for small tensors
ruff check --output-format=concise
ruff format --check
mypy
lint-imports --no-logo
if command -v shellcheck >/dev/null; then shellcheck .ci/run scripts/*.sh; fi
python -m pytest "$@"
