"""Options of text models, and of what both kinds of models draw."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import click

from seqvae.cli.options import OUTPUT_PATH, Command, Option, together

if TYPE_CHECKING:
    from seqvae.latent.decoding.rules import Decoding


class Writing(NamedTuple):
    """How a text model writes; what the options of `writing_options` say together."""

    top_k: int
    top_p: float
    beams: int
    no_repeat: int
    max_length: int
    scores: bool

    def decoding(self, temperature: float) -> "Decoding":
        """Return the rules of decoding."""
        from seqvae.latent.decoding.rules import Decoding

        rules = self._asdict()
        del rules["scores"]
        return Decoding(temperature=temperature, **rules)


def writing_options(no_repeat: int) -> Option:
    """Add the options of text models, which reach the command as one `writing`."""
    return together("writing", Writing, *_decoding_options(no_repeat), scores_option)


def number_option(default: int) -> Callable[[Command], Command]:
    """Set how many results to draw."""
    return click.option(
        "-n",
        "--number",
        default=default,
        show_default=True,
        type=click.IntRange(1, 10_000),
        help="How many; the first ones stay the same when there are more.",
    )


lines_option = click.option(
    "-o", "--output", type=OUTPUT_PATH, help="File for the lines.  [default: standard output]"
)
file_option = click.option(
    "--file", metavar="FILE", help="Text: read further sentences from FILE, one in each line."
)
scores_option = click.option(
    "--scores/--no-scores",
    default=True,
    show_default=True,
    help="Text: print the log-probability and a tab before each line.",
)
fluent_option = click.option(
    "--fluent/--no-fluent",
    default=True,
    show_default=True,
    help="Text: of several sentences near each point those that read best, or what stands there.",
)
amount_option = click.option(
    "--amount",
    default=0.3,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Distance in z as a share of a right angle: 0 the same, 1 nothing in common.",
)


def _decoding_options(no_repeat: int) -> list[Option]:
    guard = "Text: no run of so many pieces twice in a line; 0 allows any."
    likeliest = "Text: likeliest pieces only; 0 for all."
    window = "Text: pieces of a line, end included; 0 for the model's window."
    return [
        click.option("--top-k", default=0, show_default=True, type=click.IntRange(0), help=likeliest),
        click.option(
            "--top-p", default=1.0, show_default=True, help="Text: likeliest pieces that reach this share."
        ),
        click.option(
            "--beams",
            default=1,
            show_default=True,
            help="Text: lines kept by beam search, ranked by log p per piece; needs temperature 0.",
        ),
        click.option("--no-repeat", default=no_repeat, show_default=True, type=click.IntRange(0), help=guard),
        click.option("--max-length", default=0, show_default=True, type=click.IntRange(0), help=window),
    ]
