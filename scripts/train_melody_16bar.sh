#!/usr/bin/env bash
# Train, bundle, evaluate and describe melody-16bar: scripts/train_melody_16bar.sh CORPORA [WORK]
set -euo pipefail
corpora=$(realpath "${1:?give the folder of the corpora}")
work=$(realpath -m "${2:-out}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/venv.sh
source scripts/venv.sh
use_venv ""
# shellcheck source=scripts/train_melody.sh
source scripts/train_melody.sh
train_melody melody-16bar 16 8 "$corpora" "$work"
