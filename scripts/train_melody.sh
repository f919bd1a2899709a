# shellcheck shell=bash
# Sourced by train_melody_2bar.sh and train_melody_16bar.sh: train_melody NAME BARS COMPONENTS CORPORA [WORK]
#
# CORPORA is a folder that holds folk/, openewld/, lieder/ and free_multitrack/ (data/README.md tells their origin).
# WORK receives shards, the run and the evaluation; a run that was interrupted goes on where it stopped.
# COMPONENTS is how many Gaussians `seqvae sample` draws from.

train_melody() {
    local name=$1 bars=$2 components=$3 resume=() corpora work
    corpora=$(realpath "${4:?give the folder of the corpora}")
    work=$(realpath -m "${5:-out}")
    cd "$(dirname "${BASH_SOURCE[0]}")/.." || return
    # shellcheck source=scripts/venv.sh
    source scripts/venv.sh
    use_venv ""
    local shards=$work/shards/$name run=$work/runs/$name evaluation=$work/$name.json
    local bundled=seqvae/pretrained_models/$name
    mkdir -p "$work/runs"
    if [[ ! -f $shards/manifest.json ]]; then
        seqvae prepare "$corpora"/{folk,openewld,lieder,free_multitrack} -o "$shards" --bars "$bars"
    fi
    if [[ -f $run/config.json ]]; then resume=(--resume); else resume=(--preset "$name"); fi
    seqvae train "$shards" "${resume[@]}" -o "$run" --threads "${THREADS:-1}"
    python scripts/bundle_model.py "$run" "$name"
    python scripts/fit_posterior.py "$bundled" "$shards" --components "$components"
    seqvae evaluate "$bundled" "$shards" --json >"$evaluation"
    python scripts/model_card.py "$bundled" "$evaluation" "$shards" \
        --budget "$(python scripts/run_budget.py "$run")" --weaknesses-file "scripts/cards/$name.md"
}
