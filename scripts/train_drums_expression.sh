#!/usr/bin/env bash
# Train, bundle, evaluate and describe drums-expression: scripts/train_drums_expression.sh CORPORA [WORK]
#
# CORPORA holds gmd/, whose own split is kept.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare drums-expression gmd --tokenizer drums --bars 4
model=seqvae/pretrained_models/drums-expression shards=$work/shards/drums-expression
python scripts/fit_expression.py "$shards" "$model" --threads "${THREADS:-1}"
python scripts/expression_table.py "$model" "$shards" --json >"$work/drums-expression.json"
python -m scripts.expression_card "$model" "$work/drums-expression.json" "$shards" \
    --weaknesses-file scripts/cards/drums-expression.md
