#!/usr/bin/env bash
# Train, bundle, evaluate and describe melody-16bar: scripts/train_melody_16bar.sh CORPORA [WORK]
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare melody-16bar folk openewld lieder free_multitrack --bars 16
train melody-16bar melody-16bar --preset melody-16bar
bundle melody-16bar melody-16bar 8 melody-16bar
describe melody-16bar melody-16bar melody-16bar
