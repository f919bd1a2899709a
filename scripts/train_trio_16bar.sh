#!/usr/bin/env bash
# Train, bundle, evaluate and describe trio-16bar: scripts/train_trio_16bar.sh CORPORA [WORK]
#
# CORPORA holds free_multitrack/ and trio_synthetic/. Two runs: one on both as large as they are, and one that goes on
# from it with as much music by people as by machine, less that is hidden, and more bits.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare trio-16bar free_multitrack trio_synthetic --tokenizer trio --bars 16
train trio-16bar-first trio-16bar --preset trio-16bar
train trio-16bar trio-16bar --preset trio-16bar --init "$work/runs/trio-16bar-first" --steps 9000 --seed 1 \
    --set train.corpus_balance=1 --set train.bar_steps=0 --set train.learning_rate=0.002 \
    --set train.set_shuffling=0.1 --set train.token_dropout=0.15 --set model.dropout=0.05 \
    --set objective.target_kl=690 --set objective.beta=0.15
bundle trio-16bar trio-16bar 2 trio-16bar
refine trio-16bar trio-16bar --limit 200 --refine 40 --refine-beta 0.2
describe trio-16bar trio-16bar trio-16bar-first trio-16bar
