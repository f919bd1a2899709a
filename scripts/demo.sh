#!/usr/bin/env bash
# Blend two sample tunes into one another, then two trios of melody, bass and drums, and say where to find the results.
# Arguments go to both calls of seqvae interpolate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/venv.sh
source scripts/venv.sh
use_venv ""

seqvae interpolate data/clips/ode-to-joy.mid data/clips/greensleeves.mid -o out/demo --force "$@"
seqvae interpolate data/clips/ode-to-joy-trio.mid data/clips/when-the-saints-trio.mid --model trio-16bar \
    -o out/demo-trio --force "$@"

echo
echo "The walk from Ode to Joy to Greensleeves is in $PWD/out/demo:"
find out/demo -name '*.mid' | sort
echo "The walk from one band's Ode to Joy to the other's When the Saints is in $PWD/out/demo-trio:"
find out/demo-trio -name '*.mid' | sort
echo "Open any of these files in a DAW or a MIDI player, or listen with: fluidsynth FILE"
