#!/usr/bin/env bash
# Train, bundle, evaluate and describe melody-2bar: scripts/train_melody_2bar.sh CORPORA [WORK]
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare melody-2bar folk openewld lieder free_multitrack --bars 2
train melody-2bar melody-2bar --preset melody-2bar
bundle melody-2bar melody-2bar 32 melody-2bar
describe melody-2bar melody-2bar melody-2bar
