import math
from collections import Counter

import pytest
import torch

from seqvae.errors import ConfigError
from seqvae.latent.decoding.chance import generator_for, gumbel_rows
from seqvae.latent.decoding.rules import GREEDY, Decoding
from tests.latent.decoding.making import END, START, VOCAB, ToyStepper, all_lines, log_p, toy, write

CHANCE = Decoding(temperature=1.0)


def slow_greedy(stepper, longest: int) -> list[int]:
    """Write the first row alone, id by id, padding left out."""
    state, ids, line = stepper.start(), torch.tensor([[START]]), []
    while len(line) < longest - 1:
        logits, state = stepper.step(ids, state, len(line))
        line.append(int(logits[0, 0, 1:].argmax()) + 1)
        if line[-1] == END:
            return line
        ids = torch.tensor([[line[-1]]])
    return [*line, END]


@pytest.mark.parametrize("seed", range(5))
def test_greedy_equals_the_plain_loop(seed):
    """All rows at once write what each writes alone."""
    stepper = toy(8, seed)
    rows = [stepper.select(torch.tensor([row])) for row in range(8)]

    assert write(stepper, GREEDY) == [slow_greedy(row, 6) for row in rows]


@pytest.mark.parametrize(
    "rules",
    [GREEDY, CHANCE, Decoding(beams=3), Decoding(temperature=9.0)],
    ids=["greedy", "chance", "beam", "hot"],
)
def test_padding_is_never_written_and_every_line_ends(rules):
    """No 0 stands before an end, and no line is longer than allowed."""
    lines = write(toy(200), rules, longest=4)

    assert all(0 not in line and len(line) <= 4 and line[-1] == END for line in lines)


def test_everything_else_can_be_written():
    """At a high temperature every line that there is comes up."""
    lines = write(toy(1).select(torch.zeros(3000, dtype=torch.long)), Decoding(temperature=10.0), longest=4)

    assert {tuple(line) for line in lines} == {tuple(line) for line in all_lines(4)}


class Watched(ToyStepper):
    """Counts the rows of each step."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.rows: list[int] = []  # shared by what is selected

    def step(self, ids, state, step):
        """Note how many rows are asked for."""
        self.rows.append(len(ids))
        return super().step(ids, state, step)


@pytest.mark.parametrize("rules", [Decoding(no_repeat=2), CHANCE], ids=["greedy", "chance"])
def test_rows_that_have_ended_take_no_more_steps(rules):
    """A row is computed as often as it has ids, and nothing is once all have ended."""
    stepper = Watched(toy(60).z)
    lines = write(stepper, rules, longest=500)

    assert stepper.rows == [sum(len(line) > step for line in lines) for step in range(max(map(len, lines)))]
    assert len(stepper.rows) < 500


def test_beams_stop_once_all_have_ended():
    """The search does not go on to the end of the window."""
    stepper = Watched(toy(3).z)
    write(stepper, Decoding(beams=2, no_repeat=2), longest=500)

    assert len(stepper.rows) < 100


def test_length_cap_is_obeyed():
    """The shorter of the model's window and the cap counts."""
    assert max(map(len, write(toy(50), Decoding(temperature=5.0, max_length=3)))) == 3
    assert max(map(len, write(toy(50), Decoding(temperature=5.0, max_length=99)))) <= 6


def test_top_k_of_all_ids_is_plain_and_of_one_is_greedy():
    """Both ends of top-k are other strategies."""
    assert write(toy(50), Decoding(temperature=1.0, top_k=VOCAB)) == write(toy(50), CHANCE)
    assert write(toy(50), Decoding(temperature=1.0, top_k=1)) == write(toy(50), GREEDY)
    assert write(toy(50), Decoding(temperature=1.0, top_p=1e-9)) == write(toy(50), GREEDY)


def test_lines_come_up_as_often_as_the_model_says():
    """At temperature 1 frequencies are probabilities; of what cannot be written nothing is left."""
    stepper, count = toy(1), 4000
    found = Counter(
        map(tuple, write(stepper.select(torch.zeros(count, dtype=torch.long)), CHANCE, longest=2))
    )
    state = stepper.start()
    logits = stepper.step(torch.tensor([[START]]), state, 0)[0][0, 0]
    shares = logits[1:].softmax(dim=-1).tolist()  # padding apart

    for each, share in enumerate(shares, 1):
        line = (END,) if each == END else (each, END)
        assert found[line] / count == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / count))


def test_more_lines_begin_with_the_same():
    """What line i draws depends on seed and i alone."""
    stepper = toy(40)
    few = stepper.select(torch.arange(7))

    assert write(few, CHANCE, seed=3) == write(stepper, CHANCE, seed=3)[:7]
    assert write(stepper, CHANCE, seed=3) != write(stepper, CHANCE, seed=4)


def test_rows_of_one_line_share_their_chance():
    """Equal points with equal chance write the same; with a chance of their own they do not."""
    same = toy(1).select(torch.zeros(20, dtype=torch.long))

    assert len(set(map(tuple, write(same, CHANCE, lines=[5] * 20)))) == 1
    assert len(set(map(tuple, write(same, CHANCE)))) > 1


@pytest.mark.parametrize(
    "rules", [Decoding(no_repeat=2), Decoding(no_repeat=2, beams=4)], ids=["greedy", "beam"]
)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_no_run_comes_twice(rules, size):
    """The guard leaves no run of so many ids twice in a line."""
    rules = Decoding(no_repeat=size, beams=rules.beams)
    for line in write(toy(100), rules, longest=12):
        runs = [tuple(line[i : i + size]) for i in range(len(line) - size + 1)]
        assert len(runs) == len(set(runs))


def test_guard_leaves_the_rest_alone():
    """A line without a repeated run is the same with the guard."""
    plain, guarded = (write(toy(100), rules, longest=5) for rules in (GREEDY, Decoding(no_repeat=5)))

    assert plain == guarded


def test_noise_is_gumbel_noise_of_its_line_and_step():
    """Mean and spread are those of Gumbel; line, step and seed each matter."""
    noise = gumbel_rows(0, [3, 4, 3], 2, 20_000)

    assert float(noise.mean()) == pytest.approx(0.5772, abs=0.03)
    assert float(noise.std()) == pytest.approx(math.pi / math.sqrt(6), abs=0.03)
    assert torch.equal(noise[0], noise[2])
    others = [gumbel_rows(0, [4], 2, 9), gumbel_rows(0, [3], 3, 9), gumbel_rows(1, [3], 2, 9)]
    assert all(not torch.equal(noise[0, :9], other[0]) for other in others)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_seed_has_a_range(seed):
    """A seed that cannot be taken is refused."""
    with pytest.raises(ConfigError, match=f"seed is {seed}"):
        generator_for(seed, 0)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"temperature": -1}, "temperature is -1; choose 0 to 10"),
        ({"temperature": float("nan")}, "temperature is nan; choose 0 to 10"),
        ({"top_k": -1}, "top_k is -1"),
        ({"top_p": 0}, "top_p is 0; choose above 0, up to 1"),
        ({"beams": 0}, "beams is 0; choose 1 to 256"),
        ({"no_repeat": -2}, "no_repeat is -2"),
        ({"beams": 2, "temperature": 1}, "2 beams leave nothing to chance"),
        ({"top_k": 3}, "choose a temperature above 0"),
    ],
)
def test_rules_have_bounds(rules, words):
    """What cannot be obeyed is refused with the range."""
    with pytest.raises(ConfigError, match=words):
        Decoding(**rules)


def test_log_probabilities_of_all_lines_sum_to_less_than_one():
    """The oracle itself: padding and longer lines take the rest."""
    assert 0 < sum(math.exp(log_p(toy(1), line)) for line in all_lines(5)) < 1
