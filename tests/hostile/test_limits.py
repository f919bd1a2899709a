"""No file of up to 20 MiB costs more than 500 MB and 10 s: the system itself would end the process.

These are the dearest of the large files; scripts/fuzz_midi.py reads all of them.
"""

import pytest

from tests.hostile.child import MOST_MEMORY, MOST_SECONDS, read_in_child
from tests.hostile.files import LARGE, LARGEST

DEAREST = {
    "500,000 notes": "read",
    "60,000 empty tracks": "read",
    "65,535 tracks of 16 channels": "more than 65535 tracks and channels; give fewer",
    "100,000 programs of 6,500 tracks": "read",
    "1,190,000 programs": "read",
    "65,535 tracks of 16 stray note-offs": "more than 65535 tracks and channels; give fewer",
    "20 MiB of running notes": "more than 1200000 notes on and off by now",
    "20 MiB of unknown metas": "read",
    "20 MiB of chunks of length 0": "track 1 of 1 is missing",
}


@pytest.mark.large
@pytest.mark.parametrize(("name", "words"), DEAREST.items(), ids=DEAREST)
def test_large_files_stay_within_the_limits(name, words, tmp_path):
    """Whatever a file has the most of, it is read or refused in one line, and in the room there is."""
    path = tmp_path / "large.mid"
    path.write_bytes(LARGE[name]())

    outcome, seconds, megabytes = read_in_child(path)
    assert path.stat().st_size <= LARGEST
    assert words in outcome
    assert "\n" not in outcome
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEMORY / 1e6
