"""What locks and scales kept, turned down and cut, for people and for programs."""

from dataclasses import dataclass
from typing import Any

from seqvae.latent.bands.base import Told
from seqvae.latent.locks import name_bars
from seqvae.midi.counts import count_of


@dataclass(frozen=True, kw_only=True)
class BoundsReport:
    """What was kept, for people and for programs."""

    label: str = ""  # of the first input
    voices: tuple[str, ...] = ()
    bars: tuple[int, ...] = ()
    scale: str | None = None
    is_found: bool = False  # the scale, in the inputs
    outside: tuple[tuple[str, int], ...] = ()  # of each input its label and its notes outside the scale

    def lines(self) -> list[str]:
        """Say it in plain words; what was not asked for is left out."""
        told = [f"{voice}: that of {self.label} throughout" for voice in self.voices]
        if self.bars:
            noun = "bar" if len(self.bars) == 1 else "bars"
            told.append(f"{noun} {name_bars(self.bars)}: as in {self.label}")
        if self.scale:
            told.append(f"scale: {self.scale}{', found in the input' * self.is_found}")
            told += [
                f"{label} has {count_of(count, 'notes')} outside it" for label, count in self.outside if count
            ]
        return told

    def as_dict(self) -> dict[str, Any]:
        """Return everything under its name; plain JSON values."""
        outside = [{"label": label, "notes": count} for label, count in self.outside]
        scale = {"name": self.scale, "is_found": self.is_found, "notes_outside": outside}
        return {
            "voices": list(self.voices),
            "bars": list(self.bars),
            "scale": scale if self.scale else None,
        }


@dataclass(frozen=True)
class Held:
    """What writing mended, and what was turned down or cut to keep the bounds."""

    mended: Told
    num_turned: int
    num_cut: int

    def lines(self) -> list[str]:
        """Say it in plain words; what did not happen is left out."""
        told = [*self.mended.lines()]
        if self.num_turned:
            told.append(f"{count_of(self.num_turned, 'notes')} outside the scale turned down")
        if self.num_cut:
            told.append(f"{count_of(self.num_cut, 'notes')} cut at locked bars")
        return told

    def as_dict(self) -> dict[str, Any]:
        """Return every count under its name."""
        return {**self.mended.as_dict(), "notes_turned_down": self.num_turned, "notes_cut": self.num_cut}
