#!/usr/bin/env bash
# Train, bundle, evaluate and describe melody-2bar: scripts/train_melody_2bar.sh CORPORA [WORK]
set -euo pipefail
corpora=$(realpath "${1:?give the folder of the corpora}")
work=$(realpath -m "${2:-out}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/venv.sh
source scripts/venv.sh
use_venv ""
# shellcheck source=scripts/train_melody.sh
source scripts/train_melody.sh
train_melody melody-2bar 2 32 "$corpora" "$work"
