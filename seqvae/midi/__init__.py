"""MIDI in and out: the only folder that imports mido, pretty_midi or symusic."""
