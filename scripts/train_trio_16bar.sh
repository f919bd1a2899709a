#!/usr/bin/env bash
# Train, bundle, evaluate and describe trio-16bar: scripts/train_trio_16bar.sh CORPORA [WORK]
#
# CORPORA holds free_multitrack/ and trio_synthetic/.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare trio-16bar free_multitrack trio_synthetic --tokenizer trio --bars 16
train trio-16bar trio-16bar --preset trio-16bar
bundle trio-16bar trio-16bar 2 trio-16bar
describe trio-16bar trio-16bar trio-16bar
