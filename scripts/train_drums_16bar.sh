#!/usr/bin/env bash
# Train, bundle, evaluate and describe drums-16bar: scripts/train_drums_16bar.sh CORPORA [WORK]
#
# CORPORA holds gmd/ (whose own split is kept), free_multitrack/ and trio_synthetic/.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare drums-16bar gmd free_multitrack trio_synthetic --tokenizer drums --bars 16
train drums-16bar drums-16bar --preset drums-16bar
bundle drums-16bar drums-16bar
refine drums-16bar drums-16bar --limit 200 --refine 40
describe drums-16bar drums-16bar drums-16bar
