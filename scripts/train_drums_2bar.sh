#!/usr/bin/env bash
# Train, bundle, evaluate and describe drums-2bar: scripts/train_drums_2bar.sh CORPORA [WORK]
#
# CORPORA holds gmd/ (whose own split is kept), free_multitrack/ and trio_synthetic/. Four runs: one by N(0, I), whose
# history is hidden here and there, one that goes on from it with a small learned prior and nothing left out, one that
# mixes less, and one with a new prior, five times as wide. The small prior of the bundled model had an LSTM in front, which
# heard nothing.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare drums-2bar gmd free_multitrack trio_synthetic --tokenizer drums --bars 2
train drums-2bar-1 drums-2bar --preset drums-2bar --set model.prior=normal --set model.dropout=0.1 \
    --set train.token_dropout=0.1 --set objective.target_kl=73
train drums-2bar-2 drums-2bar --preset drums-2bar --init "$work/runs/drums-2bar-1" --steps 8000 --seed 1 \
    --set model.prior_size=192 --set objective.target_kl=73 --set objective.beta=0.2 --set train.learning_rate=0.003
train drums-2bar-3 drums-2bar --preset drums-2bar --init "$work/runs/drums-2bar-2" --steps 5000 --seed 2 \
    --set model.prior_size=192 --set train.beat_mixing=0.15 --set train.set_mixing=0.3 --set train.set_shuffling=0.05 \
    --set objective.target_kl=68 --set objective.beta=0.155 --set train.learning_rate=0.002
train drums-2bar drums-2bar --preset drums-2bar --init "$work/runs/drums-2bar-3" --fresh prior --steps 12000 --seed 3 \
    --set objective.beta=0.15 --set train.learning_rate=0.003
bundle drums-2bar drums-2bar
refine drums-2bar drums-2bar --limit 1000 --refine 40
describe drums-2bar drums-2bar drums-2bar-1 drums-2bar-2 drums-2bar-3 drums-2bar
