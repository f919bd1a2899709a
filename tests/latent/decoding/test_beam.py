import pytest
import torch

from seqvae.latent.decoding.beam import search_ids
from seqvae.latent.decoding.rules import GREEDY, Decoding
from tests.latent.decoding.making import END, START, all_lines, log_p, toy, write


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("power", [0.0, 1.0])
def test_wide_beam_equals_exhaustive_search(seed, power):
    """A beam that holds every line finds the one that ranks first."""
    stepper = toy(1, seed)
    best = max(all_lines(4), key=lambda line: log_p(stepper, line) / len(line) ** power)

    assert write(stepper, Decoding(beams=64, length_power=power), longest=4) == [best]


@pytest.mark.parametrize("seed", range(3))
def test_beams_of_one_row_ignore_the_others(seed):
    """All rows at once find what each finds alone."""
    stepper, rules = toy(6, seed), Decoding(beams=3)
    alone = [write(stepper.select(torch.tensor([row])), rules)[0] for row in range(6)]

    assert write(stepper, rules) == alone


def test_one_beam_is_greedy():
    """The search with one beam writes what greedy writes."""
    first = torch.full((30, 1), START)
    found = search_ids(toy(30), first, GREEDY, max_length=6, end_id=END).tolist()

    assert [line[: line.index(END) + 1] for line in found] == write(toy(30), GREEDY)


def test_wider_beams_are_no_worse_on_average():
    """More beams find likelier lines over many rows."""
    stepper = toy(40)
    totals = []
    for beams in (1, 2, 8):
        lines = write(stepper, Decoding(beams=beams, length_power=0.0))
        rows = (stepper.select(torch.tensor([row])) for row in range(40))
        totals.append(sum(log_p(row, line) for row, line in zip(rows, lines, strict=True)))

    assert totals == sorted(totals)


def test_length_power_prefers_long_lines():
    """Without normalisation lines get shorter, with it longer."""
    short, even, long = (
        sum(map(len, write(toy(50), Decoding(beams=8, length_power=power)))) for power in (0.0, 1.0, 5.0)
    )

    assert short <= even <= long
    assert short < long
