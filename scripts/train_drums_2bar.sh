#!/usr/bin/env bash
# Train, bundle, evaluate and describe drums-2bar: scripts/train_drums_2bar.sh CORPORA [WORK]
#
# CORPORA holds gmd/ (whose own split is kept), free_multitrack/ and trio_synthetic/.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare drums-2bar gmd free_multitrack trio_synthetic --tokenizer drums --bars 2
train drums-2bar drums-2bar --preset drums-2bar
bundle drums-2bar drums-2bar 32 drums-2bar
refine drums-2bar drums-2bar --limit 1000 --refine 40
describe drums-2bar drums-2bar drums-2bar
