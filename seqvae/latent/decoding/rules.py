"""The rules by which ids are chosen, checked when made."""

from dataclasses import asdict, dataclass
from typing import Any

from seqvae.errors import ConfigError

MAX_TEMPERATURE = 10
MAX_BEAMS = 256


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """Greedy as it stands; with a temperature by chance, with beams the best line of a search.

    What is forbidden goes first, then the temperature, then `top_k`, then `top_p`; beam search ranks lines
    by log p / length ** length_power, where the length counts ids with the end.
    """

    temperature: float = 0.0
    top_k: int = 0  # only the likeliest ids; 0: all
    top_p: float = 1.0  # only the likeliest ids that together reach this share; 1: all
    beams: int = 1
    length_power: float = 1.0  # 0 ranks by log p alone, 1 by its mean over ids
    no_repeat: int = 0  # no run of so many ids twice in a line; 0: any
    max_length: int = 0  # ids of a line with its end; 0: as many as the model's window

    def __post_init__(self) -> None:
        """Check every bound, and what excludes one another."""
        self._require("temperature", 0 <= self.temperature <= MAX_TEMPERATURE, f"0 to {MAX_TEMPERATURE}")
        self._require("top_k", self.top_k >= 0, "1 or more, or 0 for all")
        self._require("top_p", 0 < self.top_p <= 1, "above 0, up to 1")
        self._require("beams", 1 <= self.beams <= MAX_BEAMS, f"1 to {MAX_BEAMS}")
        self._require("length_power", 0 <= self.length_power <= 10, "0 to 10")
        self._require("no_repeat", self.no_repeat >= 0, "1 or more, or 0 for any repetition")
        self._require("max_length", self.max_length == 0 or self.max_length > 1, "2 or more, or 0 for all")
        if self.beams > 1 and self.temperature:
            raise ConfigError(f"{self.beams} beams leave nothing to chance; choose temperature 0 or one beam")
        if not self.temperature and (self.top_k or self.top_p < 1):
            raise ConfigError("top_k and top_p limit chance; choose a temperature above 0 with them")

    def as_dict(self) -> dict[str, Any]:
        """Return every rule under its name; plain JSON values."""
        return asdict(self)

    def _require(self, name: str, claim: bool, remedy: str) -> None:
        if not claim:
            raise ConfigError(f"{name} is {getattr(self, name)}; choose {remedy}")


GREEDY = Decoding()
SAMPLING = Decoding(temperature=0.7, no_repeat=4)
