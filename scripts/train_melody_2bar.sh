#!/usr/bin/env bash
# Train, bundle, evaluate and describe melody-2bar: scripts/train_melody_2bar.sh CORPORA [WORK]
#
# CORPORA holds folk/, openewld/, lieder/ and free_multitrack/. Two runs: one by N(0, I), and one that goes on from it with
# a learned prior, a fifth of its windows made of two.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare melody-2bar folk openewld lieder free_multitrack --bars 2
train melody-2bar-1 melody-2bar --preset melody-2bar-normal
train melody-2bar melody-2bar --preset melody-2bar --init "$work/runs/melody-2bar-1" --steps 14000 --seed 1 \
    --set objective.beta=0.1 --set train.learning_rate=0.003
bundle melody-2bar melody-2bar
describe melody-2bar melody-2bar melody-2bar-1 melody-2bar
