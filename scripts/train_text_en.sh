#!/usr/bin/env bash
# Train, bundle, evaluate and describe text-en: scripts/train_text_en.sh CORPORA [WORK]
#
# CORPORA holds text/common_voice_en.txt and text/tatoeba_en.txt.
set -euo pipefail
# shellcheck source=scripts/train_bundled.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_bundled.sh"
enter "$@"
prepare text-en text/common_voice_en.txt text/tatoeba_en.txt
train text-en text-en --preset text-en
bundle text-en text-en 64 text-en
describe text-en text-en text-en
