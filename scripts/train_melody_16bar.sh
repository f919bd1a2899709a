#!/usr/bin/env bash
# Train, bundle, evaluate and describe melody-16bar: scripts/train_melody_16bar.sh CORPORA [WORK]
#
# CORPORA holds folk/, openewld/, lieder/ and free_multitrack/. Two runs: the preset's, and a longer one that begins with
# what the first one left in the package.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare melody-16bar folk openewld lieder free_multitrack --bars 16
train melody-16bar-first melody-16bar --preset melody-16bar-dense
bundle melody-16bar melody-16bar-first 8 melody-16bar
train melody-16bar melody-16bar --preset melody-16bar-dense --init melody-16bar --steps 34000 --seed 1 \
    --set train.bar_steps=0 --set train.learning_rate=2.5e-3 --set train.warmup_steps=300 \
    --set objective.beta_start=0.05 --set objective.beta_hold_steps=0 --set objective.beta_ramp_steps=1
bundle melody-16bar melody-16bar 8 melody-16bar
describe melody-16bar melody-16bar melody-16bar-first melody-16bar
