#!/usr/bin/env bash
# Train, bundle, evaluate and describe melody-2bar: scripts/train_melody_2bar.sh CORPORA [WORK]
set -euo pipefail
# shellcheck source=scripts/train_melody.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_melody.sh"
train_melody melody-2bar 2 32 "$@"
