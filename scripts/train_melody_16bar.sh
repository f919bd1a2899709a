#!/usr/bin/env bash
# Train, bundle, evaluate and describe melody-16bar: scripts/train_melody_16bar.sh CORPORA [WORK]
set -euo pipefail
# shellcheck source=scripts/train_melody.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_melody.sh"
train_melody melody-16bar 16 8 "$@"
