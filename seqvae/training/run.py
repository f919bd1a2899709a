"""A run from shards to a model: the checks before it, the folder it writes, the way it ends."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import Tensor

from seqvae.checkpoint import load_model
from seqvae.config import ModelConfig, Preset
from seqvae.dataset.augment import augmentation_of
from seqvae.dataset.batches import Batches
from seqvae.dataset.rearrange import OCTAVE
from seqvae.dataset.shards import MANIFEST_NAME, Shards, open_verified
from seqvae.device import has_gpu
from seqvae.errors import ConfigError, DataError, OutputError, TrainingError
from seqvae.evaluation.meaning import meaning_of
from seqvae.latent.fitted import save_fitted
from seqvae.latent.posterior import fit_posterior
from seqvae.midi.counts import counted
from seqvae.model.vae import SequenceVAE
from seqvae.pretrained import load_pretrained
from seqvae.tokens.base import build_tokenizer
from seqvae.training.folder import MODEL_NAME, begin_run, computing_changes, continue_run, locked, sweep
from seqvae.training.live import NoView, View
from seqvae.training.loop import HeldOut, Loop, follow
from seqvae.training.metrics import Record
from seqvae.training.parts import check_parts
from seqvae.training.processes import Processes, joined
from seqvae.training.signals import catching_signals
from seqvae.training.trainer import Trainer
from seqvae.training.validation import choose_windows


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """Where and how a run happens; nothing that its result should depend on."""

    folder: Path
    resume: bool = False
    force: bool = False
    device: str = "cpu"
    num_threads: int = 0  # 0: as default_threads says
    accumulate: int = 1  # parts in which each process takes its share of a batch
    init: str | None = None  # a model, by name or folder, whose weights to begin with
    fresh: tuple[str, ...] = ()  # beginnings of names of weights that are not taken from it

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.resume and (self.force or self.init):
            other = "--force" if self.force else "--init"
            raise ConfigError(f"--resume goes on with the run that is there; leave out {other}")
        if self.fresh and not self.init:
            raise ConfigError("--fresh names weights that are not taken from a model; choose one with --init")
        if self.num_threads < 0:
            raise ConfigError(
                f"threads {self.num_threads} is negative; choose 0 for as many as there are, or more"
            )
        if self.accumulate < 1:
            raise ConfigError(f"accumulate is {self.accumulate}; choose 1 or more")


FITTED_WINDOWS = 4096  # to which the Gaussians of `sample` are fitted
MOST_GAUSSIANS = 32
MOST_COVARIANCES = 2**19  # numbers in all of them: 1 MB on disk


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    step: int
    held_out: Record  # the last validation; empty without one
    signal_number: int | None  # the signal that ended it before its time
    is_first: bool = True  # of several processes, the one that tells how it ended


def run_training(shards_folder: Path, preset: Preset, settings: RunSettings, view: View) -> Outcome:
    """Train a model on shards; every way in which this cannot begin is told before anything is written.

    Where torchrun started several processes each calls this, and they take every step together.
    """
    with joined() as processes, catching_signals() as request, ExitStack() as held:
        view = view if processes.is_first else NoView()
        with processes.agreed():
            shards = open_verified(shards_folder)
            preset = fit_preset(preset, shards)
            check_fit(shards, preset)
            check_parts(preset, processes=processes.count, accumulation=settings.accumulate)
            taken = weights_for(preset.model, settings.init, settings.fresh) if settings.init else {}
            place = Place(processes, processes.choose_device(settings.device))
            torch.set_num_threads(settings.num_threads or default_threads())
            if processes.is_first:
                held.enter_context(locked(settings.folder))
                _enter_folder(shards, preset, settings, place, view)
        held.enter_context(told_failures(settings.folder))
        with processes.agreed():
            loop, trainer = _build(shards, preset, settings, place, view, taken)
        with view.open(), processes.told_losses():
            if settings.resume:
                _resume(loop, trainer)
            held_out = loop.run(request) if processes.is_first else follow(trainer, request)
            if processes.is_first and trainer.counters.step == preset.train.num_steps:
                fit_prior(shards, preset, settings.folder / MODEL_NAME, view)
        trainer.leave()
    return Outcome(trainer.counters.step, held_out, request.signal_number, processes.is_first)


@dataclass(frozen=True)
class Place:
    """Where a process computes, and with which others."""

    processes: Processes
    device: torch.device


@contextmanager
def told_failures(folder: Path) -> Iterator[None]:
    """Tell in one line that the disk is full, read-only or gone."""
    try:
        yield
    except (OSError, SafetensorError) as error:  # SafetensorError: a full disk, as safetensors tells it
        raise OutputError(
            f"{folder}: cannot be written ({error}); what was saved before is whole, "
            "mend this and go on with --resume"
        ) from error


def fit_prior(shards: Shards, preset: Preset, folder: Path, view: View) -> None:
    """Find where in z the training windows lie, for `sample`: with a price below 1 not where N(0, I) does.

    A model that writes drafts samples better from these, one without an encoder has no z, and one with a
    learned prior knows.
    """
    objective, model = preset.objective, preset.model
    if (
        model.prior == "learned"
        or model.encoder == "none"
        or model.latent_dropout
        or (objective.beta >= 1 and not objective.target_kl)
    ):
        return
    windows = shards.split("train")
    limit = min(len(windows), FITTED_WINDOWS)
    most = min(limit // (10 * model.latent_size), MOST_COVARIANCES // model.latent_size**2, MOST_GAUSSIANS)
    mixture = fit_posterior(load_model(folder).model, windows, num_components=max(1, most), limit=limit)
    save_fitted(folder, mixture)
    told = f"{counted(len(mixture.weights), 'Gaussian')} fitted to {counted(limit, 'training window')}"
    view.say(f"{told}, for seqvae sample")


def default_threads() -> int:
    """Return OMP_NUM_THREADS, or else the number of cores that this process may use."""
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()  # the first of nested levels
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system can be asked
        return os.cpu_count() or 1


def _resume(loop: Loop, trainer: Trainer) -> None:
    """Let every process read the last state, and see that it was the same."""
    processes = trainer.processes
    with processes.agreed():
        loop.resume()
    step = trainer.counters.step
    with processes.agreed():
        if processes.largest(step) != -processes.largest(-step):
            raise TrainingError(
                f"the processes resumed at different steps, this one at {step}; "
                "the folder of the run has to be the same for all of them"
            )


def _enter_folder(shards: Shards, preset: Preset, settings: RunSettings, place: Place, view: View) -> None:
    with told_failures(settings.folder):
        sweep(settings.folder)
        _begin_or_continue(shards, preset, settings, place, view)


def _begin_or_continue(
    shards: Shards, preset: Preset, settings: RunSettings, place: Place, view: View
) -> None:
    data = {"manifest_sha256": sha256((shards.folder / MANIFEST_NAME).read_bytes()).hexdigest()}
    computing = {
        "device": place.device.type,
        "threads": torch.get_num_threads(),
        "processes": place.processes.count,
        "accumulate": settings.accumulate,
    }
    if not settings.resume:
        begin_run(settings.folder, preset, data, computing=computing, force=settings.force)
        return
    continue_run(settings.folder, preset, data)
    if changes := computing_changes(settings.folder, computing):
        view.say(
            f"{'; '.join(changes)}; the run goes on, but not bit for bit as it would have without a break"
        )


def fit_preset(preset: Preset, shards: Shards) -> Preset:
    """Give a preset for text the vocabulary, sentence length and paragraph length of the shards."""
    if preset.model.end_id < 0 or shards.manifest.kind != "text":
        return preset
    manifest, model = shards.manifest, preset.model
    vocab_size = build_tokenizer(manifest.tokenizer).vocab_size
    bars = model.bars if "flat" in (model.encoder, model.decoder) else manifest.bars
    steps = manifest.steps_per_window // bars
    return replace(preset, model=replace(model, vocab_size=vocab_size, bars=bars, steps_per_bar=steps))


def check_fit(shards: Shards, preset: Preset) -> None:
    """Raise DataError where shards and preset do not belong together or the data is too little."""
    manifest, model = shards.manifest, preset.model
    tokenizer = build_tokenizer(manifest.tokenizer)
    is_text = manifest.kind == "text"
    if is_text != (model.end_id >= 0):
        kinds = ("text", "music") if is_text else ("music", "text")
        raise DataError(f"{shards.folder}: {kinds[0]}, but the preset is made for {kinds[1]}; choose another")
    if is_text and model.bars == 1 and "hierarchical" in (model.encoder, model.decoder):
        raise DataError(
            f"{shards.folder}: single sentences, but the preset is made for paragraphs; choose another or "
            "prepare the corpus again with --sentences 4"
        )
    for name, there, wanted in (
        ("bars in a window", manifest.bars, model.bars),
        ("steps in a window", manifest.steps_per_window, model.time),
        ("voices", manifest.voices, model.voices),
        ("ids in the vocabulary", tokenizer.vocab_size, model.vocab_size),
    ):
        if there != wanted:
            raise DataError(
                f"{shards.folder}: {there} {name}, but the preset is made for {wanted}; "
                "choose another preset or prepare the corpus again"
            )
    count = manifest.num_windows("train")
    if count < preset.train.batch_size:
        raise DataError(
            f"{shards.folder}: {count} windows to train on, fewer than a batch of {preset.train.batch_size}; "
            "prepare more or lower train.batch_size"
        )
    if preset.train.voice_dropout and not model.voice_sizes:
        raise ConfigError(
            f"train.voice_dropout is {preset.train.voice_dropout}; no voice of this model can be absent, "
            "choose 0"
        )
    if preset.train.voice_mixing and not model.voice_sizes:
        raise ConfigError(
            f"train.voice_mixing is {preset.train.voice_mixing}; this model has no voices to mix, choose 0"
        )
    weights = preset.objective.voice_weights
    if weights and len(weights) != model.voices:
        raise ConfigError(
            f"objective.voice_weights is {list(weights)}; this model has {counted(model.voices, 'voice')}, "
            "give as many, or []"
        )
    if preset.objective.free_bits and model.prior == "learned":
        raise ConfigError(
            f"objective.free_bits is {preset.objective.free_bits}; they are of units, which a learned prior "
            "does not tell apart, choose 0"
        )
    if preset.train.pitch_shuffling and model.ordered_ids[1] - model.ordered_ids[0] < OCTAVE:
        raise ConfigError(
            f"train.pitch_shuffling is {preset.train.pitch_shuffling}; this model knows no octave of "
            "pitches, choose 0"
        )
    if preset.train.voice_swapping and (model.voices < 2 or model.ordered_voices < 2):
        raise ConfigError(
            f"train.voice_swapping is {preset.train.voice_swapping}; this model has no two voices of "
            "pitches, choose 0"
        )
    for name in ("beat_mixing", "beat_shuffling"):
        if getattr(preset.train, name) and model.end_id >= 0:
            raise ConfigError(
                f"train.{name} is {getattr(preset.train, name)}; sequences that may end early have no beats, "
                "choose 0"
            )
    for name in ("set_mixing", "set_shuffling"):
        if getattr(preset.train, name) and model.set_ids[0] == model.set_ids[1]:
            raise ConfigError(
                f"train.{name} is {getattr(preset.train, name)}; the ids of this model are no sets, choose 0"
            )
    if preset.train.own_past and (model.carry_token or not model.lookback):
        raise ConfigError(
            f"train.own_past is {preset.train.own_past}; it is for a model with a lookback that carries no "
            "token, choose 0"
        )
    if preset.train.bar_steps and "flat" in (model.encoder, model.decoder):
        raise ConfigError(
            f"train.bar_steps is {preset.train.bar_steps}; a flat model knows no bars, choose 0"
        )


def _build(
    shards: Shards,
    preset: Preset,
    settings: RunSettings,
    place: Place,
    view: View,
    taken: Mapping[str, Tensor],
) -> tuple[Loop, Trainer]:
    tokenizer = build_tokenizer(shards.manifest.tokenizer)
    torch.manual_seed(preset.train.seed)  # the only draw from torch's own generator: the first weights
    model = SequenceVAE(preset.model)
    if place.device.type == "cpu" and has_gpu():
        view.say("training on the CPU; --device auto takes the GPU that is here")
    if preset.objective.target_kl:
        view.say(f"beta begins at {preset.objective.beta:g} and follows the KL; its schedule is not used")
    if settings.init:
        view.say(f"{settings.init}: {take_weights(model, taken)}")
    batches = Batches(
        shards.split("train"),
        size=preset.train.batch_size,
        seed=preset.train.seed,
        augmentation=augmentation_of(preset),
        corpus_balance=preset.train.corpus_balance,
    )
    trainer = Trainer(
        model,
        preset,
        batches,
        device=place.device,
        processes=place.processes,
        accumulation=settings.accumulate,
    )
    held_out = HeldOut(choose_windows(shards.split("valid")), meaning_of(tokenizer))
    if not len(held_out.ids):
        view.say(f"{shards.folder}: no windows held out for validation, so none is done")
    return Loop(trainer, tokenizer, held_out, folder=settings.folder, view=view), trainer


def weights_for(config: ModelConfig, source: str, fresh: Sequence[str] = ()) -> dict[str, Tensor]:
    """Read what in a saved model has the name and shape of a weight of this one; ConfigError without any.

    Names that begin as one of `fresh` are left out, and each of these has to be the beginning of one.
    """
    given: Mapping[str, Tensor] = load_pretrained(source).model.state_dict()
    with torch.device("meta"):
        own = SequenceVAE(config).state_dict()
    for start in fresh:
        if not start or not any(name.startswith(start) for name in own):
            raise ConfigError(
                f"--fresh {start!r}: no weight of this model has a name that begins so; choose another, "
                f"such as {next(iter(own)).partition('.')[0]}"
            )
    wanted = [name for name in own if not name.startswith(tuple(fresh))]
    if not wanted:
        raise ConfigError(
            f"--fresh {', '.join(fresh)}: nothing is left to take from {source}; leave out --init"
        )
    taken = {name: given[name] for name in wanted if name in given and given[name].shape == own[name].shape}
    if not taken:
        raise ConfigError(
            f"{source}: no weight has the name and shape of one of this model; leave out --init"
        )
    return taken


def take_weights(model: SequenceVAE, taken: Mapping[str, Tensor]) -> str:
    """Put weights in the place of those of their names; return in words how many."""
    own = model.state_dict()
    model.load_state_dict(own | dict(taken))
    left = sorted(own.keys() - taken.keys())
    rest = f"; new: {', '.join(left)}" if left else ""
    return f"{len(taken)} of {len(own)} weights taken{rest}"
