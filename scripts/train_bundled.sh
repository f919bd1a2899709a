# shellcheck shell=bash
# Sourced by the scripts train_*.sh that make bundled models, which all go the same way:
#
#   enter CORPORA [WORK]              look for the corpora (data/README.md tells their origin) and make the environment
#   prepare SHARDS CORPUS... [--OPTION...]   unless they are there
#   train NAME SHARDS --OPTION...     a run in WORK/runs/NAME; one that was interrupted goes on where it stopped
#   bundle NAME RUN                   put the model of a run into the package
#   refine NAME SHARDS --OPTION...    evaluate it with posteriors that take steps of their own, for its card
#   describe NAME SHARDS RUN...       evaluate it and write its card, whose budget is that of all runs, and whose data are
#                                     those of the shards LISTED if it is set
#
# WORK (default out) receives shards/, runs/ and evaluations. A run takes one thread unless THREADS says otherwise.

scripts=$(dirname "${BASH_SOURCE[0]}")

enter() { # CORPORA [WORK]
    corpora=$(realpath "${1:?give the folder of the corpora}")
    work=$(realpath -m "${2:-out}")
    cd "$scripts/.." || return
    # shellcheck source=scripts/venv.sh
    source scripts/venv.sh
    use_venv ""
    mkdir -p "$work/shards" "$work/runs"
}

prepare() { # SHARDS ARGUMENTS...
    local shards=$work/shards/$1
    shift
    if [[ ! -f $shards/manifest.json ]]; then (cd "$corpora" && seqvae prepare "$@" -o "$shards"); fi
}

train() { # NAME SHARDS OPTIONS...
    local run=$work/runs/$1 shards=$work/shards/$2
    shift 2
    if compgen -G "$run/states/step-*" >/dev/null; then set -- --resume; fi
    seqvae train "$shards" "$@" -o "$run" --threads "${THREADS:-1}"
}

bundle() { # NAME RUN
    python scripts/bundle_model.py "$work/runs/$2" "$1"
}

refine() { # NAME SHARDS OPTIONS...
    local name=$1 shards=$work/shards/$2
    shift 2
    seqvae evaluate "seqvae/pretrained_models/$name" "$shards" --samples 0 "$@" --json >"$work/$name-refined.json"
}

describe() { # NAME SHARDS RUN...
    local name=$1 shards=$work/shards/$2 listed=$work/shards/${LISTED:-$2} budgets=() run refined=()
    shift 2
    for run in "$@"; do budgets+=("$(python scripts/run_budget.py "$work/runs/$run")"); done
    seqvae evaluate "seqvae/pretrained_models/$name" "$shards" --json >"$work/$name.json"
    if [[ -f $work/$name-refined.json ]]; then refined=(--refined "$work/$name-refined.json"); fi
    python scripts/model_card.py "seqvae/pretrained_models/$name" "$work/$name.json" "$listed" \
        --budget "${budgets[*]}" --weaknesses-file "scripts/cards/$name.md" "${refined[@]}"
}
