"""The last words of a run."""

from pathlib import Path

from seqvae.config import Preset
from seqvae.training.folder import MODEL_NAME
from seqvae.training.live import record_line
from seqvae.training.run import Outcome


def outcome_lines(outcome: Outcome, preset: Preset, folder: Path) -> list[str]:
    """Say how a run ended, what it is worth and where the model lies; of several processes one does."""
    if not outcome.is_first:
        return []
    lines = [record_line(outcome.held_out, preset.train.num_steps)] if outcome.held_out else []
    lines.append(f"model of step {outcome.step}: {folder / MODEL_NAME}")
    if outcome.signal_number:
        lines.append(f"stopped at step {outcome.step} of {preset.train.num_steps}; go on with --resume")
    return lines
