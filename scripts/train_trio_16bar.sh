#!/usr/bin/env bash
# Train, bundle, evaluate and describe trio-16bar: scripts/train_trio_16bar.sh CORPORA [WORK]
#
# CORPORA holds gmd/ (whose own split is kept), lieder/, free_multitrack/ and trio_synthetic/.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
corpora_of_bands=(gmd lieder free_multitrack trio_synthetic)
prepare trio-16bar "${corpora_of_bands[@]}" --tokenizer trio --bars 16 # samples are of bands, not of lone voices
prepare trio-16bar-more "${corpora_of_bands[@]}" --tokenizer trio --bars 16 --more-voices # the same splits
train trio-16bar trio-16bar-more --preset trio-16bar
bundle trio-16bar trio-16bar 2 trio-16bar
describe trio-16bar trio-16bar-more trio-16bar
