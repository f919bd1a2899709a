#!/usr/bin/env bash
# Blend two of the sample tunes into one another and say where to find the result. Arguments go to seqvae interpolate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/venv.sh
source scripts/venv.sh
use_venv ""

seqvae interpolate data/clips/ode-to-joy.mid data/clips/greensleeves.mid -o out/demo --force "$@"

echo
echo "The walk from Ode to Joy to Greensleeves is in $PWD/out/demo:"
find out/demo -name '*.mid' | sort
echo "Open any of these files in a DAW or a MIDI player, or listen with: fluidsynth FILE"
