#!/usr/bin/env bash
# Compare our recipes with the baselines, three rates and more: scripts/train_baselines.sh CORPORA|SHARDS WORK [STEPS]
#
# CORPORA holds folk/, openewld/, lieder/ and free_multitrack/; SHARDS holds what was prepared from them, melody-2bar/
# and melody-16bar/. All runs of one length have the same data, seed, batch size and number of steps (STEPS, default
# 6000). Schedules keep their place in the run: whatever is counted in steps is scaled from the preset's length to
# STEPS. WORK receives the runs, each with its evaluation.json; started again, the script skips finished runs and
# goes on with the one that was interrupted.
#
# Settings: JOBS (2) runs at once, THREADS (1) of each, BARS ("2 16") which lengths, SEED (0), BATCH_2 (48) and
# BATCH_16 (8) windows in a batch, LIMIT windows to evaluate, chosen at random (default: all of the test split), DEVICE
# (auto), SETTINGS further KEY=VALUE for all runs.
set -euo pipefail
source_folder=$(realpath "${1:?give the folder of the corpora or of the shards}")
work=$(realpath -m "${2:?give a folder for the runs}")
steps=${3:-6000}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/venv.sh
source scripts/venv.sh
use_venv ""

# What sets the rate: beta, and for 16 bars of MusicVAE its free bits (nats), because at this budget the KL stays
# within the preset's, where any beta costs nothing. melody-16bar-normal-wide is melody-16bar-normal with as many weights as the
# baselines; its rate is asked for in nats, because a constant beta above 1 lets so short a run of it collapse.
# melody-16bar-normal-wide-lookback is the same with a lookback to the bars before, which trains on its own past in turns.
declare -A rates=(
    [musicvae-2bar]="beta=0.1 beta=0.2 beta=0.5"
    [melody-2bar-normal]="beta=0.1 beta=0.2 beta=0.4 beta=0.6"
    [musicvae-16bar]="beta=0.02 beta=0.2,free_bits=80 beta=0.2,free_bits=40"
    [flat-16bar]="beta=0.05 beta=0.1 beta=0.2"
    [melody-16bar-normal]="beta=0.2 beta=0.4 beta=0.8 beta=1.6"
    [melody-16bar-normal-wide]="beta=0.6,target_kl=84 beta=0.3,target_kl=84 beta=0.3,target_kl=120"
    [melody-16bar-normal-wide-lookback]="beta=1,target_kl=28 beta=0.8,target_kl=56 beta=0.6,target_kl=66 beta=0.3,target_kl=84"
)
declare -A presets=([2]="musicvae-2bar melody-2bar-normal" [16]="musicvae-16bar flat-16bar melody-16bar-normal melody-16bar-normal-wide melody-16bar-normal-wide-lookback")
declare -A batches=([2]=${BATCH_2:-48} [16]=${BATCH_16:-8})

scaled() { # STEPS_OF_PRESET LENGTH_OF_PRESET: as many steps of this run
    echo $(($1 * steps / $2))
}

schedule() { # PRESET: its settings that are counted in steps, as KEY=VALUE
    case $1 in
        musicvae-2bar) # beta_rate 0.99999 is meant for 200,000 steps
            python -c "from math import exp; print('objective.beta_rate=%.9f' % exp(-2 / $steps))"
            echo "train.sampling_rate=$(scaled 1000 24000)"
            ;;
        musicvae-16bar) ;; # a constant beta
        melody-2bar-normal)
            echo "objective.beta_hold_steps=$(scaled 2000 21000)"
            echo "objective.beta_ramp_steps=$(scaled 8000 21000)"
            ;;
        flat-16bar)
            echo "objective.beta_hold_steps=$(scaled 4000 18000)"
            echo "objective.beta_ramp_steps=$(scaled 8000 18000)"
            ;;
        melody-16bar-normal-wide*)
            if [[ $1 == *-lookback ]]; then printf '%s\n' 'model.lookback=[16,32,64,128]' train.{own_past=0.5,past_rewrites=1}; fi
            echo "train.bar_steps=$(scaled 2000 15000)"
            printf 'model.%s\n' decoder_size=576 conductor_size=448 encoder_size=256 top_encoder_size=256 plan_size=192
            ;;
        melody-16bar-normal)
            echo "objective.beta_hold_steps=$(scaled 3300 15000)"
            echo "objective.beta_ramp_steps=$(scaled 6700 15000)"
            echo "train.bar_steps=$(scaled 2000 15000)"
            ;;
    esac
}

shards_of() { # BARS
    if [[ -f $source_folder/melody-${1}bar/manifest.json ]]; then
        echo "$source_folder/melody-${1}bar"
    else
        echo "$work/shards/melody-${1}bar"
    fi
}

run_of() { # PRESET RATE
    local rate=${2//=/}
    echo "$work/$1-${rate//,/-}-${steps}steps"
}

train_and_evaluate() { # BARS PRESET RATE
    local bars=$1 name=$2 rate=$3 run shards start=() setting
    run=$(run_of "$name" "$rate") shards=$(shards_of "$bars")
    if [[ -f $run/evaluation.json ]]; then return; fi
    trap : TERM # wait while the training, which gets the signal too, saves
    if compgen -G "$run/states/step-*" >/dev/null; then
        start=(--resume)
    else
        start=(--preset "${name%-wide*}" --steps "$steps" --seed "${SEED:-0}")
        for setting in ${rate//,/ }; do start+=(--set "objective.$setting"); done
        start+=(--set "train.batch_size=${batches[$bars]}")
        for setting in $(schedule "$name") ${SETTINGS:-}; do start+=(--set "$setting"); done
    fi
    echo "$(date +%T) training $(basename "$run")" >&2
    seqvae train "$shards" "${start[@]}" -o "$run" --threads "${THREADS:-1}" --device "${DEVICE:-auto}" \
        >>"$run.log" 2>&1
    seqvae evaluate "$run" "$shards" --samples 0 --device "${DEVICE:-auto}" ${LIMIT:+--limit "$LIMIT"} --json \
        >"$run/evaluation.part" 2>>"$run.log"
    mv "$run/evaluation.part" "$run/evaluation.json"
    echo "$(date +%T) finished $(basename "$run")" >&2
}

# shellcheck disable=SC2317  # it is called by trap
stop_runs() { # each run saves and ends
    local job
    for job in $(jobs -rp); do kill -TERM -- "-$job"; done
    wait
    exit 130
}

mkdir -p "$work"
for bars in ${BARS:-2 16}; do
    shards=$(shards_of "$bars")
    if [[ ! -f $shards/manifest.json ]]; then
        seqvae prepare "$source_folder"/{folk,openewld,lieder,free_multitrack} -o "$shards" --bars "$bars"
    fi
done
set -m # every run is a process group of its own, which one signal reaches
trap stop_runs INT TERM
for bars in ${BARS:-2 16}; do
    for name in ${presets[$bars]}; do
        for rate in ${rates[$name]}; do
            while (($(jobs -rp | wc -l) >= ${JOBS:-2})); do wait -n || true; done
            train_and_evaluate "$bars" "$name" "$rate" &
        done
    done
done
wait

for bars in ${BARS:-2 16}; do
    evaluations=()
    for name in ${presets[$bars]}; do
        for rate in ${rates[$name]}; do
            run=$(run_of "$name" "$rate")
            if [[ -f $run/evaluation.json ]]; then
                evaluations+=("$run/evaluation.json")
            else
                echo "$(basename "$run") is not finished; $run.log tells why, starting again goes on with it" >&2
                missing=1
            fi
        done
    done
    if ((! ${#evaluations[@]})); then continue; fi
    printf '\n## %s bars, %s steps of %s windows\n\n' "$bars" "$steps" "${batches[$bars]}"
    python scripts/rate_distortion.py "$(shards_of "$bars")" "${evaluations[@]}"
done
exit "${missing:-0}"
