#!/usr/bin/env bash
# Train, bundle, evaluate and describe melody-16bar: scripts/train_melody_16bar.sh CORPORA [WORK]
#
# CORPORA holds folk/, openewld/, lieder/ and free_multitrack/. Two runs: the preset's, and one that goes on from it with
# more bits.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare melody-16bar folk openewld lieder free_multitrack --bars 16
train melody-16bar-1 melody-16bar --preset melody-16bar
train melody-16bar melody-16bar --preset melody-16bar --init "$work/runs/melody-16bar-1" --steps 4000 --seed 1 \
    --set train.bar_steps=0 --set train.learning_rate=0.002 --set objective.target_kl=315 --set objective.beta=0.3
bundle melody-16bar melody-16bar
refine melody-16bar melody-16bar --limit 200 --refine 40
describe melody-16bar melody-16bar melody-16bar-1 melody-16bar
