"""A model of music as a musician meets it: clips in, clips out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from seqvae.checkpoint import LoadedModel
from seqvae.errors import ConfigError
from seqvae.latent.accompany import AccompanimentsReport, accompany_clip
from seqvae.latent.bands.choose import band_of
from seqvae.latent.bounds import scale_bounds
from seqvae.latent.ends import decode_points, draw_for, find_points, fit_inputs, report_inputs
from seqvae.latent.fitted import PriorWish, choose_prior, fitted_to
from seqvae.latent.grid import CORNERS, grid_between, read_size
from seqvae.latent.inputs import Music, Song, SourceClip, bars_for_each, read_inputs, read_song, take_piece
from seqvae.latent.origin import hash_model, origin_of
from seqvae.latent.paths import places_on_path
from seqvae.latent.reconstruct import ReconstructionReport, reconstruct_clip
from seqvae.latent.report import InputReport, WalkReport
from seqvae.latent.results import Clips, Report
from seqvae.latent.samples import Chance, Pieces, SamplesReport, sample_clips, sample_pieces
from seqvae.latent.vary import VariationsReport, Wish, vary_clip
from seqvae.latent.walk import WalkOptions, walk_between
from seqvae.latent.windows import Fit
from seqvae.midi.notes import Score
from seqvae.tokens.base import Tokenizer, with_drum_map
from seqvae.tokens.drum_map import DrumMap

TWO_BARS, SIXTEEN_BARS = "melody-2bar", "melody-16bar"  # bundled models
DEFAULT_OPTIONS = WalkOptions()

AnyReport = TypeVar("AnyReport", bound=Report)


class Read(NamedTuple):
    """Songs, and what was taken of them."""

    songs: Sequence[Song]
    clips: Sequence[SourceClip]


class MusicModel:
    """A model of melodies, drums or trios; the same inputs, options and seed give the same music."""

    def __init__(self, loaded: LoadedModel, *, name: str) -> None:
        self.name = name
        self.band = band_of(loaded.tokenizer)
        self.model = loaded.model
        self.files = hash_model(loaded.folder)  # of each file of the model its sha256
        self.tokenizer = loaded.tokenizer
        self.fitted = fitted_to(loaded)

    def interpolate(
        self,
        *sources: Music,
        steps: int = 9,
        temperature: float = 0.0,
        seed: int = 0,
        options: WalkOptions = DEFAULT_OPTIONS,
    ) -> Clips[WalkReport]:
        """Walk from each clip to the next in `steps` steps, both ends counted, corners once.

        At a temperature the steps share their noise, so that they differ because z does.
        """
        places = places_on_path(len(sources), steps)
        songs, clips = self._read(sources, options)
        settings = {"command": "interpolate", "model": self.name, "steps": steps, "temperature": temperature}
        settings |= {"seed": seed, **options.as_dict()}
        walk = walk_between(
            self.model,
            clips,
            places,
            temperature=temperature,
            generator=_generator(seed),
            options=options,
            settings=settings,
        )
        return self._signed(walk, settings, songs)

    def reconstruct(
        self,
        source: Music,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        options: WalkOptions = DEFAULT_OPTIONS,
    ) -> Clips[ReconstructionReport]:
        """Return the clip itself and what the model gives back of it; `options` as far as they apply."""
        songs, (clip,) = self._read([source], options)
        settings = {"command": "reconstruct", "model": self.name, "temperature": temperature, "seed": seed}
        settings |= options.of_one_clip()
        clips = reconstruct_clip(
            self.model,
            clip,
            temperature=temperature,
            generator=_generator(seed),
            options=options,
            settings=settings,
        )
        return self._signed(clips, settings, songs)

    def sample(
        self,
        num_samples: int = 1,
        *,
        temperature: float = 0.5,
        seed: int = 0,
        prior: PriorWish | None = None,
        bars: int | None = None,
        scale: str | None = None,
        drum_map: Mapping[str, str] | None = None,
    ) -> Clips[SamplesReport]:
        """Draw clips from where the training music lies in the latent space, if known, else from N(0, I).

        With `bars` they become pieces of that length, walks from one random point to the next. With a
        `scale`, such as "D dorian", no pitch outside it is written. Drums are written as notes of a
        `drum_map`, note to class.
        """
        chosen = choose_prior(self.fitted, self.latent_size, prior)
        settings = {"command": "sample", "model": self.name, "temperature": temperature, "seed": seed}
        settings |= {"prior": chosen.name, "scale": scale, "drum_map": drum_map}
        what = (self.model, band_of(self._tokenizer(drum_map)), chosen.density)
        bounds = scale_bounds(self.band.meaning, self.model.config.vocab_size, scale)
        if bars is None:
            chance = Chance(temperature, _generator(seed))
            clips = sample_clips(*what, num_samples, chance=chance, bounds=bounds, settings=settings)
        else:
            settings["bars"] = bars
            wish = Pieces(num_samples, bars, temperature, seed)
            clips = sample_pieces(*what, wish, bounds=bounds, settings=settings)
        return self._signed(clips, settings)

    def vary(
        self,
        source: Music,
        num_variations: int = 8,
        *,
        amount: float = 0.3,
        temperature: float = 0.5,
        seed: int = 0,
        options: WalkOptions = DEFAULT_OPTIONS,
    ) -> Clips[VariationsReport]:
        """Return clips like this one: z turned by `amount` of a right angle towards random samples.

        The norm of z stays. Variation i depends on `seed` and i alone; `options` count as far as they apply.
        """
        wish = Wish(number=num_variations, amount=amount, temperature=temperature, seed=seed)
        songs, (clip,) = self._read([source], options)
        prior = choose_prior(self.fitted, self.latent_size).density
        settings = {"command": "vary", "model": self.name, **asdict(wish)}
        settings |= options.of_one_clip()
        clips = vary_clip(self.model, clip, prior, wish, options=options, settings=settings)
        return self._signed(clips, settings, songs)

    def accompany(
        self,
        source: Music,
        num_accompaniments: int = 4,
        *,
        temperature: float = 0.5,
        seed: int = 0,
        options: WalkOptions = DEFAULT_OPTIONS,
    ) -> Clips[AccompanimentsReport]:
        """Write the voices of a trio that a song lacks; those that it has stay note for note.

        Accompaniment i depends on `seed` and i alone; `options` count as far as they apply.
        """
        songs, (clip,) = self._read([source], options)
        chance = {"temperature": temperature, "seed": seed}
        settings = {"command": "accompany", "model": self.name, "number": num_accompaniments, **chance}
        settings |= options.of_one_clip()
        clips = accompany_clip(
            self.model,
            clip,
            num_accompaniments,
            temperature=temperature,
            seed=seed,
            options=options,
            settings=settings,
        )
        return self._signed(clips, settings, songs)

    def grid(
        self,
        *corners: Music,
        size: int | str | Sequence[int] = 5,
        temperature: float = 0.0,
        seed: int = 0,
        options: WalkOptions = DEFAULT_OPTIONS,
    ) -> Clips[WalkReport]:
        """Spread clips between four, A and B above, C and D below: `size` in a row and column, or "3x5".

        They lie evenly apart in z; an edge is the walk between its corners, `even` left aside.
        """
        if len(corners) != len(CORNERS):
            raise ConfigError(f"a grid has four corners, not {len(corners)}; give four songs")
        rows, columns = shape = read_size(size)
        songs, clips = self._read(corners, options)
        settings: dict[str, Any] = {"command": "grid", "model": self.name, "size": [rows, columns]}
        settings |= {"temperature": temperature, "seed": seed, **options.as_dict()}
        del settings["even"]  # that is how walks choose their steps
        grid = grid_between(
            self.model,
            clips,
            shape,
            temperature=temperature,
            generator=_generator(seed),
            options=options,
            settings=settings,
        )
        return self._signed(grid, settings, songs)

    def examine(self, source: Music, *, options: WalkOptions = DEFAULT_OPTIONS) -> InputReport:
        """Say what would be taken of a clip, and how much of it the model gives back."""
        _, clips = self._read([source], options)
        ends = fit_inputs(clips, options.fit, self.model.config.bars, options.overlap)
        return report_inputs(self.model, ends, find_points(self.model, ends, options.refine))[0]

    def encode(self, source: Music, *, options: WalkOptions = DEFAULT_OPTIONS) -> Tensor:
        """Return the points z of a clip, one for each window; windows share no bars: `(windows, latent)`."""
        _, clips = self._read([source], options)
        ends = fit_inputs(clips, options.fit, self.model.config.bars)
        return find_points(self.model, ends, options.refine).points[0]

    def decode(self, z: Tensor, *, temperature: float = 0.0, seed: int = 0) -> Score:
        """Return the music of points z, `(windows, latent)`, one window after the other."""
        if z.ndim != 2 or z.shape[1] != self.model.config.latent_size:
            raise ConfigError(f"z has the shape {tuple(z.shape)}; it must be (windows, {self.latent_size})")
        if not len(z) or not z.isfinite().all():
            what = "values that are not finite" if len(z) else "no windows"
            raise ConfigError(f"z holds {what}; give one finite row of {self.latent_size} or more")
        num_bars = len(z) * self.model.config.bars
        fit = Fit("loop", num_bars, num_bars, self.model.config.bars)
        drawing = draw_for(self.model, fit, temperature, _generator(seed))
        (ids,) = decode_points(self.model, z[None], fit, self.band.meaning, drawing)
        return self.band.write(ids).score

    @property
    def latent_size(self) -> int:
        """The number of dimensions of a point z."""
        return self.model.config.latent_size

    def _read(self, sources: Sequence[Music], options: WalkOptions) -> Read:
        """Read songs, and take of each what the model hears."""
        songs = [read_song(source, strict=options.strict) for source in sources]
        tokenizer = self._tokenizer(options.drum_map)
        return Read(songs, read_inputs(songs, tokenizer, options.wishes, options.ranges))

    def _tokenizer(self, drum_map: Mapping[str, str] | None) -> Tokenizer:
        """Return the tokenizer for a kit, that of the model where none is named."""
        return (
            self.tokenizer if drum_map is None else with_drum_map(self.tokenizer, DrumMap.from_dict(drum_map))
        )

    def _signed(
        self, clips: Clips[AnyReport], settings: Mapping[str, Any], songs: Sequence[Song] = ()
    ) -> Clips[AnyReport]:
        """Let clips tell how they were made."""
        return replace(clips, origin=origin_of(settings, self.files, songs, len(clips.names)))


def default_model(sources: Sequence[Music], bars: Sequence[str] = ()) -> str:
    """Return the bundled model for these clips: that of two bars if none is longer, else that of sixteen.

    `bars` holds no range for them, one for all, or one for each.

    Streams are read to their end: read what comes out of a pipe with `read_song` first.
    """
    songs = enumerate(zip(map(read_song, sources), bars_for_each(sources, bars), strict=True), 1)
    longest = max(take_piece(song, wish, number).taken.count for number, (song, wish) in songs)
    return TWO_BARS if longest <= 2 else SIXTEEN_BARS


def _generator(seed: int) -> torch.Generator:
    if not 0 <= seed < 2**63:
        raise ConfigError(f"seed is {seed}; choose 0 to 2^63 - 1")
    return torch.Generator().manual_seed(seed)
