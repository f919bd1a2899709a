#!/usr/bin/env bash
# Train, bundle, evaluate and describe text-en: scripts/train_text_en.sh CORPORA [WORK]
#
# CORPORA holds text/common_voice_en.txt and text/tatoeba_en.txt. Two runs: one in which z is always there, and one that
# goes on from what it left in the package and learns to do without z as well.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare text-en text/common_voice_en.txt text/tatoeba_en.txt
train text-en-first text-en --preset text-en --set model.latent_dropout=0 --set objective.beta=0.2
bundle text-en text-en-first
train text-en text-en --preset text-en --init text-en --steps 20000 --set train.learning_rate=2.5e-3 \
    --set objective.beta_start=0.2 --set objective.beta_hold_steps=0 --set objective.beta_ramp_steps=1000
bundle text-en text-en
describe text-en text-en text-en-first text-en
