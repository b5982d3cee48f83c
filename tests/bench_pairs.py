"""All pairs of states of one UN session: our measures against a loop and against bare products.

Run `python tests/bench_pairs.py`. The session is the 73rd of the Voeten release where the
producers' files are at hand, and a seeded synthetic one of 193 states and 100 roll calls elsewhere.
"""

import os
from time import perf_counter

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score
from support import SHARED

from alliances import voting_alignment
from alliances.voting_alignment import CODES

SESSION = 73
SAMPLED_PAIRS = 200
REPEATS = 100


def session_votes() -> tuple[np.ndarray, list[str], str]:
    """Codes of votes (states down, roll calls across), the states, and where they come from."""
    folder = SHARED / "data/unga_votes/voeten_unvotes"
    if not folder.is_dir():
        codes = np.array(list(CODES.values())[:4], dtype=np.int8)
        votes = np.random.default_rng(1946).choice(codes, (193, 100), p=[0.65, 0.15, 0.1, 0.1])
        return votes, [f"state {number}" for number in range(193)], "synthetic, 193 x 100"
    held = pd.read_csv(folder / "un_roll_calls.csv.gz", usecols=["rcid", "session"])
    cast = pd.read_csv(folder / "un_votes.csv.gz").rename(
        columns={"country": "state", "rcid": "roll_call"}
    )
    matrix = voting_alignment.vote_matrix(
        cast[cast["roll_call"].isin(held.loc[held["session"] == SESSION, "rcid"])]
    )
    return (
        matrix.to_numpy(),
        list(matrix.index),
        f"UN session {SESSION}, " + " x ".join(map(str, matrix.shape)),
    )


def fastest(repeats: int, **tasks) -> dict[str, float]:
    """The shortest time of each task, the tasks taking turns; others' load only ever adds."""
    times = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            start = perf_counter()
            task()
            times[name].append(perf_counter() - start)
    return {name: min(taken) for name, taken in times.items()}


def pair_in_the_loop(own: np.ndarray, other: np.ndarray) -> tuple[float, ...]:
    """The same seven measures of one pair, as one writes them with scikit-learn and numpy."""
    both = (own <= CODES["no"]) & (other <= CODES["no"])
    own, other = own[both], other[both]
    share = np.mean(own == other)
    lijphart = 1 - np.mean(np.abs(own - other)) / 2
    kappas = [
        cohen_kappa_score(own, other, labels=[1, 2, 3], weights=weights)
        for weights in (None, "linear", "quadratic")
    ]
    pooled = np.array([np.mean(np.concatenate([own, other]) == code) for code in (1, 2, 3)])
    chance = np.sum(pooled**2)
    return (share, lijphart, 2 * lijphart - 1, *kappas, (share - chance) / (1 - chance))


def differences(votes: np.ndarray, found: pd.DataFrame, pairs: np.ndarray) -> float:
    """The largest difference between our values and the loop's over the sampled pairs."""
    first, second = np.triu_indices(len(votes), 1)
    ours = found.loc[pairs, list(voting_alignment.PAIR_MEASURES)].to_numpy()
    loop = [pair_in_the_loop(votes[first[pair]], votes[second[pair]]) for pair in pairs]
    return float(np.nanmax(np.abs(ours - np.array(loop))))


def measure() -> dict:
    """Times in seconds, their ratios, and the largest difference between the two ways."""
    votes, states, origin = session_votes()
    first, second = np.triu_indices(len(votes), 1)
    pairs = np.random.default_rng(0).choice(len(first), SAMPLED_PAIRS, replace=False)
    took = [(votes == CODES[name]).astype(np.float32) for name in ("yes", "abstain", "no")]
    found = voting_alignment.all_pairs(votes, states)
    times = fastest(
        REPEATS,
        ours=lambda: voting_alignment.all_pairs(votes, states),
        products=lambda: [own @ other.T for own in took for other in took],
    )
    ours, products = times["ours"], times["products"]
    chosen = [(votes[first[pair]], votes[second[pair]]) for pair in pairs]
    sampled = fastest(2, loop=lambda: [pair_in_the_loop(*pair) for pair in chosen])
    loop = sampled["loop"] * len(first) / SAMPLED_PAIRS
    return {
        "votes": origin,
        "pairs": len(first),
        "cores": os.cpu_count(),
        "all_pairs_seconds": ours,
        "nine_products_seconds": products,
        "loop_seconds_scaled_from_sample": loop,
        "sampled_pairs": SAMPLED_PAIRS,
        "times_faster_than_loop": loop / ours,
        "times_the_products": ours / products,
        "largest_difference_from_loop": differences(votes, found, pairs),
    }


def report(found: dict) -> list[str]:
    """What `measure` found, in lines to print."""
    return [
        f"{name.replace('_', ' ')}: {value:.3g}"
        if isinstance(value, float)
        else f"{name.replace('_', ' ')}: {value}"
        for name, value in found.items()
    ]


if __name__ == "__main__":
    print("\n".join(report(measure())))
