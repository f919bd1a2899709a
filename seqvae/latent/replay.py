"""A MIDI file of ours made again from what it tells of itself, and what differs where that fails."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from seqvae import __version__
from seqvae.errors import MidiError
from seqvae.export.files import REPORT_NAME
from seqvae.export.formats import ExportOptions
from seqvae.expression.humanize import Reading, humanize, quantize
from seqvae.latent.fitted import PriorWish
from seqvae.latent.inputs import Music, Song, read_song
from seqvae.latent.load import load
from seqvae.latent.music import MusicModel
from seqvae.latent.results import Clips, Report
from seqvae.latent.text.model import TextModel
from seqvae.latent.walk import WalkOptions
from seqvae.midi.counts import count_of
from seqvae.midi.notes import TICKS_PER_QUARTER
from seqvae.midi.origin import Origin, Record, hash_music, read_record_text
from seqvae.midi.read import read_original, read_score
from seqvae.midi.record import read_record
from seqvae.midi.resample import exact_score
from seqvae.tokens.drum_map import DrumMap

PLAYED = ("humanize", "quantize")
MOST_STEPS = 1000  # as the command line allows
MOST_CLIPS = 10_000


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A file made again."""

    record: Record
    data: bytes  # what was made now
    is_same: bool  # byte for byte
    differences: tuple[str, ...]

    def lines(self) -> list[str]:
        """Say it for people."""
        settings = self.record.origin.settings
        means = [f"{name} {settings[name]}" for name in ("model", "seed") if name in settings]
        made = f"{self.record.file} by {settings['command']}{' with ' * bool(means)}{', '.join(means)}"
        verdict = f"the same {len(self.data)} bytes" if self.is_same else "not the same file"
        return [f"{made}: {verdict}", *(f"  {difference}" for difference in self.differences)]

    def as_dict(self) -> dict[str, Any]:
        """Return everything; plain JSON values."""
        said = {"is_same": self.is_same, "differences": list(self.differences), "file": self.record.file}
        return said | {"ticks_per_quarter": self.record.ticks_per_quarter, **self.record.origin.as_dict()}


def replay(
    path: str | Path, songs: Sequence[Music] = (), *, model: str | Path | None = None, device: str = "cpu"
) -> Replay:
    """Make a file again by its own record, and compare.

    Its inputs are found by their hashes among `songs` and where report.json beside the file says they lay;
    so is the model, unless `model` names one. MidiError for a file without record, or inputs not at hand.
    """
    path = Path(path)
    read_score(path)  # refuses what is no MIDI file, with the reason
    data = path.read_bytes()
    record = read_record_text(read_record(data), str(path))
    if record.origin.settings.get("command") in PLAYED:
        return _play_again(record, data, songs, model, str(path))
    beside = _read_report(path.parent / REPORT_NAME)
    inputs = _find_inputs(record.origin, [*_read_songs(beside), *map(read_song, songs)], path)
    named = model or beside.get("model") or str(record.origin.settings.get("model"))
    clips = _make(record.origin, inputs, load(named, device=device), str(path))
    assert clips.origin is not None
    now = replace(clips.origin, settings=record.origin.settings)  # the same model may lie elsewhere now
    export = ExportOptions(stems=True, ticks_per_quarter=record.ticks_per_quarter)
    again = replace(clips, origin=now).files(export).get(record.file, b"")
    differences = tuple(_differences(record.origin, now, data, again))
    return Replay(record=record, data=again, is_same=data == again, differences=differences)


def _play_again(
    record: Record, data: bytes, songs: Sequence[Music], model: str | Path | None, name: str
) -> Replay:
    """Play drums again as `humanize` and `quantize` did, which are given songs as they came."""
    originals = [read_original(song) for song in songs if not isinstance(song, Song)]
    by_hash = {hash_music(exact_score(score, TICKS_PER_QUARTER)): score for score in originals}
    if any(one.music_sha256 not in by_hash for one in record.origin.inputs):
        labels = ", ".join(one.label or "without a name" for one in record.origin.inputs)
        raise MidiError(f"{name}: not all of what it was made of is at hand; name behind it {labels}")
    song, *feel = (by_hash[one.music_sha256] for one in record.origin.inputs)
    settings = record.origin.settings
    try:
        kit = settings["drum_map"]
        reading = Reading(track=settings["track"], drum_map=kit and DrumMap.from_dict(kit))
        amount = float(settings["amount"])
        played = (
            quantize(song, amount=amount, reading=reading)
            if settings["command"] == "quantize"
            else humanize(
                song,
                model=model or str(settings["model"]),
                amount=amount,
                feel=feel[0] if feel else None,
                reading=reading,
                **_chance(settings),
            )
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise MidiError(f"{name}: its record lacks what making it again takes ({error})") from error
    now = replace(played.origin, settings=settings, inputs=record.origin.inputs)
    again = replace(played, origin=now).to_bytes()
    differences = tuple(_differences(record.origin, now, data, again))
    return Replay(record=record, data=again, is_same=data == again, differences=differences)


def _find_inputs(origin: Origin, songs: Sequence[Song], path: Path) -> list[Song]:
    """Return the song of each input, under the name it had then."""
    found = {hash_music(score): song for song in songs for score in (song.score, song.exact)}
    missing = [one.label or "without a name" for one in origin.inputs if one.music_sha256 not in found]
    if missing:
        raise MidiError(
            f"{path}: no song at hand has the music of its input {', '.join(missing)};"
            f" name the songs behind it, or keep {REPORT_NAME} beside it"
        )
    return [found[one.music_sha256]._replace(label=one.label) for one in origin.inputs]


def _read_report(path: Path) -> dict[str, Any]:
    """Return what a report says of where model and songs lay; nothing where there is none of ours."""
    try:
        told = json.loads(path.read_bytes())
        origin = told["origin"]
        paths = [str(name) for name in origin["paths"]]
        paths += [str(path.parent / name) for name in origin.get("paths_from_here", ()) if name]
        model, from_here = str(told["settings"]["model"]), origin.get("model_from_here")
        if from_here and not Path(model).exists():
            model = str(path.parent / from_here)
        return {"model": model, "paths": paths}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _read_songs(beside: Mapping[str, Any]) -> Iterable[Song]:
    """Read the songs that are still where they were."""
    for name in beside.get("paths", ()):
        try:
            yield read_song(name)
        except MidiError:
            continue


def _make(origin: Origin, songs: Sequence[Song], model: MusicModel | TextModel, name: str) -> Clips[Report]:
    if not isinstance(model, MusicModel):
        raise MidiError(f"{name}: {model.name} is no model of music; choose another by --model")
    try:
        return _COMMANDS[origin.settings["command"]](model, songs, origin)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise MidiError(f"{name}: its record lacks what making it again takes ({error})") from error


def _interpolate(model: MusicModel, songs: Sequence[Song], origin: Origin) -> Clips[Report]:
    settings = origin.settings
    steps = _limited(int(settings["steps"]), MOST_STEPS)
    return model.interpolate(*songs, steps=steps, **_chance(settings), options=_options(settings))


def _reconstruct(model: MusicModel, songs: Sequence[Song], origin: Origin) -> Clips[Report]:
    (song,) = songs
    return model.reconstruct(song, **_chance(origin.settings), options=_options(origin.settings))


def _sample(model: MusicModel, _: Sequence[Song], origin: Origin) -> Clips[Report]:
    settings = origin.settings
    prior: PriorWish = "normal" if settings["prior"] == "N(0, I)" else "fitted"
    number, bars = _limited(origin.num_clips, MOST_CLIPS), settings.get("bars")
    bars = None if bars is None else int(bars)
    kept: dict[str, Any] = {name: settings.get(name) for name in ("scale", "drum_map")}
    return model.sample(number, prior=prior, bars=bars, **_chance(settings) | kept)


def _vary(model: MusicModel, songs: Sequence[Song], origin: Origin) -> Clips[Report]:
    (song,) = songs
    settings = origin.settings
    number, amount = _limited(int(settings["number"]), MOST_CLIPS), float(settings["amount"])
    options = _options(settings)
    return model.vary(song, number, amount=amount, **_chance(settings), options=options)


def _accompany(model: MusicModel, songs: Sequence[Song], origin: Origin) -> Clips[Report]:
    (song,) = songs
    settings = origin.settings
    number = _limited(int(settings["number"]), MOST_CLIPS)
    return model.accompany(song, number, **_chance(settings), options=_options(settings))


def _grid(model: MusicModel, songs: Sequence[Song], origin: Origin) -> Clips[Report]:
    settings = origin.settings
    return model.grid(*songs, size=tuple(settings["size"]), **_chance(settings), options=_options(settings))


_COMMANDS: Mapping[str, Callable[[MusicModel, Sequence[Song], Origin], Clips[Report]]] = {
    "interpolate": _interpolate,
    "reconstruct": _reconstruct,
    "sample": _sample,
    "vary": _vary,
    "accompany": _accompany,
    "grid": _grid,
}


def _limited(count: int, most: int) -> int:
    """Refuse what would fill the memory: the record may be anybody's."""
    if count > most:
        raise ValueError(f"{count} is more than {most}")
    return count


def _chance(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"temperature": float(settings["temperature"]), "seed": int(settings["seed"])}


def _options(settings: Mapping[str, Any]) -> WalkOptions:
    known = {field.name: settings[field.name] for field in fields(WalkOptions) if field.name in settings}
    known.setdefault("overlap", 0)  # as it was before it could be chosen
    return WalkOptions(
        **known | {"tracks": tuple(settings["tracks"]), "bars": tuple(settings.get("bars", ()))}
    )


def _differences(then: Origin, now: Origin, old: bytes, new: bytes) -> Iterable[str]:
    """Say what is not as it was: the program, the model, the music."""
    if then.version != __version__:
        yield f"written by seqvae {then.version}, this is {__version__}"
    for name in sorted({*then.model_files, *now.model_files}):
        digests = [files.get(name, "not there")[:12] for files in (then.model_files, now.model_files)]
        if digests[0] != digests[1]:
            yield f"{name} of the model is another: sha256 {digests[0]} then, {digests[1]} now"
    if old == new:
        return
    if not new:
        yield "nothing of its name is made now"
        return
    before, after = ({n for track in read_score(data).tracks for n in track.notes} for data in (old, new))
    yield (
        f"{count_of(len(before - after), 'notes')} of {len(before)} not among the {len(after)} made now"
        if before != after
        else "the notes are the same"
    )
