#!/usr/bin/env bash
# Train, bundle, evaluate and describe trio-16bar: scripts/train_trio_16bar.sh CORPORA [WORK]
#
# CORPORA holds free_multitrack/, trio_synthetic/, folk/, lieder/ and gmd/. Eleven runs, each from the weights of the
# one before it: two on trios as they are, by N(0, I) and with z half as large; then with lone voices of other corpora,
# mixed, with z of 640 and of 1,024 units; then with a learned prior; on trios and other choices of their voices alone;
# and five by the recipe of today, whose windows are changed the most: with lone voices, which take part as melodies
# and as basses, and on trios at several prices of the KL and of the voices. The bundled model's third, fourth, fifth,
# eighth and ninth were stopped there by hand, at the learning rate that is their final one; that of the seventh stands
# still.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare trio-16bar free_multitrack trio_synthetic --tokenizer trio --bars 16
prepare trio-all free_multitrack trio_synthetic lieder gmd folk --tokenizer trio --bars 16 --more-voices
prepare trio-more free_multitrack trio_synthetic --tokenizer trio --bars 16 --more-voices
before=(--preset trio-16bar --set objective.voice_weights=[] --set train.voice_swapping=0 --set train.beat_shuffling=0
    --set train.beat_mixing=0.25 --set train.set_mixing=0.4 --set train.set_shuffling=0.1)
plain=("${before[@]}" --set model.prior=normal --set model.top_encoder_size=128 --set model.plan_size=96)
as_written=(--set train.voice_mixing=0 --set train.beat_mixing=0 --set train.pitch_shuffling=0
    --set train.set_mixing=0.3)
train trio-16bar-1 trio-16bar "${plain[@]}" "${as_written[@]}" --steps 8500 --set model.latent_size=512 \
    --set model.dropout=0.1 --set train.set_shuffling=0.2 --set train.corpus_balance=0 --set objective.target_kl=600
train trio-16bar-2 trio-16bar "${plain[@]}" "${as_written[@]}" --init "$work/runs/trio-16bar-1" --steps 9000 --seed 1 \
    --set model.latent_size=512 --set train.bar_steps=0 --set train.learning_rate=0.002 \
    --set train.token_dropout=0.15 --set objective.target_kl=690 --set objective.beta=0.15
train trio-16bar-3 trio-all "${plain[@]}" --init "$work/runs/trio-16bar-2" --steps 2904 --seed 2 \
    --set train.final_learning_rate=0.00228 --set model.latent_size=640 --set train.voice_mixing=0.5 \
    --set train.pitch_shuffling=0 --set train.bar_steps=400 --set train.learning_rate=0.0025 \
    --set objective.target_kl=880
train trio-16bar-4 trio-all "${plain[@]}" --init "$work/runs/trio-16bar-3" --steps 4713 --seed 3 \
    --set train.final_learning_rate=0.00172 --set model.plan_size=64 --set train.bar_steps=300 \
    --set train.learning_rate=0.0025 --set objective.target_kl=860 --set objective.beta=0.06
train trio-16bar-5 trio-all "${before[@]}" --init "$work/runs/trio-16bar-4" --fresh encoder.posterior --steps 2000 \
    --seed 4 --set train.final_learning_rate=0.00216 --set train.pitch_shuffling=0.2 --set train.bar_steps=0 \
    --set train.learning_rate=0.0025 --set objective.target_kl=590 --set objective.beta=0.1
train trio-16bar-6 trio-more "${before[@]}" --init "$work/runs/trio-16bar-5" --steps 7000 --seed 5 \
    --set model.dropout=0.03 --set train.voice_mixing=0.5 --set train.pitch_shuffling=0.2 --set train.bar_steps=0 \
    --set train.learning_rate=0.0023 --set objective.target_kl=660 --set objective.beta=0.14
today=(--preset trio-16bar --set train.bar_steps=0)
light_melody=(--set "objective.voice_weights=[0.7, 1.3, 1.2]" --set train.learning_rate=0.0025)
train trio-16bar-7 trio-all "${today[@]}" "${light_melody[@]}" --init "$work/runs/trio-16bar-6" --steps 4500 --seed 6 \
    --set train.final_learning_rate=0.0025 --set train.voice_swapping=0.3 --set train.corpus_balance=0.5 \
    --set objective.target_kl=560 --set objective.beta=0.15
train trio-16bar-8 trio-more "${today[@]}" "${light_melody[@]}" --init "$work/runs/trio-16bar-7" --steps 4216 --seed 7 \
    --set train.final_learning_rate=0.0019 --set objective.target_kl=545 --set objective.beta=0.2
train trio-16bar-9 trio-more "${today[@]}" --init "$work/runs/trio-16bar-8" --steps 4490 --seed 8 \
    --set "objective.voice_weights=[1.0, 1.3, 1.2]" --set train.learning_rate=0.0023 \
    --set train.final_learning_rate=0.00088 --set objective.target_kl=595 --set objective.beta=0.22
train trio-16bar-10 trio-more "${today[@]}" --init "$work/runs/trio-16bar-9" --steps 3500 --seed 9 \
    --set train.learning_rate=0.0016 --set objective.target_kl=565 --set objective.beta=0.26
train trio-16bar trio-more "${today[@]}" --init "$work/runs/trio-16bar-10" --steps 1200 --seed 10 \
    --set train.learning_rate=0.001 --set objective.beta=0.28
bundle trio-16bar trio-16bar
refine trio-16bar trio-16bar --limit 200 --refine 80 --refine-beta 0.3
LISTED=trio-all describe trio-16bar trio-16bar trio-16bar-{1..10} trio-16bar
