#!/usr/bin/env python3
"""Say in a line what a run cost: steps, windows or sentences seen, hours.

scripts/run_budget.py RUN
"""

import argparse
import json
from pathlib import Path

CHANGES = {
    "voice_mixing": "with voices of another",
    "beat_mixing": "with beats of another",
    "set_mixing": "with drums of two",
    "pitch_shuffling": "with pitch classes in other places",
    "beat_shuffling": "with beats in other places",
    "voice_swapping": "with melody and bass swapped",
    "set_shuffling": "with the classes of drums in other places",
}


def main() -> None:
    """Print the line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path, help="a run folder of seqvae train")
    run = parser.parse_args().run
    preset = json.loads((run / "config.json").read_text(encoding="utf-8"))["preset"]
    train, is_text = preset["train"], preset["model"].get("end_id", -1) >= 0
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    last = [record for record in map(json.loads, lines) if record["kind"] == "train"][-1]
    windows = last["step"] * train["batch_size"]
    what = "sentences" if is_text else "windows"
    how = ", each in a key drawn anew" if train["transpose_semitones"] else ""
    for name, what_of_it in CHANGES.items():
        if train.get(name):
            how += f", {train[name]:.0%} of them {what_of_it}"
    print(
        f"{last['step']:,} steps of {train['batch_size']} {what} ({windows:,} in all{how}),"
        f" {last['seconds'] / 3600:.1f} hours, seed {train['seed']}, {train['precision']}."
    )


if __name__ == "__main__":
    main()
