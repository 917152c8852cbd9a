"""Does notebook 2 ask what it should, and does its hidden evidence tell right from wrong?"""

# ruff: noqa: N803 -- M and T are the letters of the notebook

import itertools
import math

import numpy as np
import pytest
from course_harness import (
    assert_bonus_may_be_skipped,
    assert_described,
    cell_ids,
    execute_in_fresh_kernel,
    load,
    shares_with,
)

NAME = "2_beam_search"
VALUES = {"small_tree": ["kept_1", "kept_2", "kept_3"], "most_likely": ["most_likely", "most_likely_probability"]}


@pytest.fixture(scope="module")
def names():
    """All names the notebook defines, given and answered."""
    defined = {"__name__": "__main__"}
    for cell in load(NAME).cells:
        if cell.cell_type == "code" and cell.id not in {*cell_ids(load(NAME), grade=True), "spell"}:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("NBGRADER_EXECUTION", "autograde")
                exec(cell.source, defined)
    return defined


def model(M, seed):
    """Return a log_prob function that looks at the whole beginning."""

    def log_prob(prefix):
        logits = np.random.default_rng([seed, *prefix, 99]).standard_normal(M)
        return logits - np.log(np.exp(logits).sum())

    return log_prob


def score(log_prob, sequence):
    return math.fsum(log_prob(sequence[:i])[token] for i, token in enumerate(sequence))


@pytest.mark.parametrize(("M", "T", "seed"), [(3, 4, 1), (2, 6, 2), (5, 3, 3)])
def test_a_beam_as_wide_as_the_tree_is_exhaustive_search(names, M, T, seed):
    log_prob = model(M, seed)
    kept = names["beam_search"](log_prob, M**T, T)[-1]
    everything = sorted(itertools.product(range(M), repeat=T), key=lambda s: -score(log_prob, s))
    assert [sequence for sequence, _ in kept] == everything
    assert [s for _, s in kept] == pytest.approx([score(log_prob, sequence) for sequence in everything])
    assert names["exhaustive_search"](log_prob, T)[0] == everything[0]


@pytest.mark.parametrize(("M", "T", "seed"), [(4, 5, 4), (6, 3, 5)])
def test_a_beam_of_one_takes_the_best_token_every_time(names, M, T, seed):
    log_prob, prefix = model(M, seed), ()
    for kept in names["beam_search"](log_prob, 1, T):
        prefix = (*prefix, int(np.argmax(log_prob(prefix))))
        assert [sequence for sequence, _ in kept] == [prefix]


@pytest.mark.parametrize(("M", "T", "k", "seed"), [(4, 5, 3, 6), (3, 4, 2, 7)])
def test_what_is_kept_are_the_best_continuations_of_what_was_kept_before(names, M, T, k, seed):
    log_prob, before = model(M, seed), {()}
    for kept in names["beam_search"](log_prob, k, T):
        candidates = [(*sequence, token) for sequence in before for token in range(M)]
        scores = {sequence: score(log_prob, sequence) for sequence in candidates}
        before = {sequence for sequence, _ in kept}
        assert before <= set(candidates)
        assert len(kept) == min(k, len(candidates))
        assert min(scores[s] for s in before) > max(scores[s] for s in candidates if s not in before)


def test_the_tree_misleads_a_beam_of_two_and_not_one_of_three(names):
    def probability(words):
        first, second, third = map(names["WORDS"].index, words.split())
        return names["FIRST"][first] * names["FOLLOWING"][first, second] * names["FOLLOWING"][second, third]

    sentences = {" ".join(words): probability(" ".join(words)) for words in itertools.product(names["WORDS"], repeat=3)}
    assert math.isclose(sum(sentences.values()), 1)
    best = max(sentences, key=sentences.get)
    assert names["most_likely"] == best
    assert names["most_likely_probability"] == pytest.approx(sentences[best])
    log_prob = names["table_log_prob"](names["FIRST"], names["FOLLOWING"])
    for k, finds in [(2, False), (3, True)]:
        steps = names["beam_search"](log_prob, k, 3)
        kept = [[" ".join(names["WORDS"][token] for token in sequence) for sequence, _ in step] for step in steps]
        assert (kept[-1][0] == best) == finds
        if k == 2:
            assert kept == [names["kept_1"], names["kept_2"], names["kept_3"]]


def test_the_tree_has_no_ties_at_any_cut(names):
    steps = names["beam_search"](names["table_log_prob"](names["FIRST"], names["FOLLOWING"]), 6, 3)
    for step in steps:
        scores = [score for _, score in step]
        assert min(np.abs(np.diff(scores[:3]))) > 0.01


def kept_by(names, value, together=True):
    """Return what two beams keep of the tree if a path is worth `value`; all candidates together, or one for each beam."""
    first, following = names["FIRST"], names["FOLLOWING"]

    def rank(path):
        return -value([first[path[0]], *(following[pair] for pair in itertools.pairwise(path))])

    beams, kept = [()], []
    for step in range(3):
        groups = [[(*path, word) for word in range(3)] for path in beams]
        if step and not together:
            beams = [min(group, key=rank) for group in groups]
        else:
            beams = sorted(itertools.chain(*groups), key=rank)[:2]
        kept.append({" ".join(names["WORDS"][word] for word in path) for path in beams})
    return kept


@pytest.mark.parametrize(
    ("value", "together"),
    [(math.prod, False), (lambda branches: branches[-1], True), (sum, True)],
    ids=["one continuation for each", "the last branch alone", "sums of probabilities"],
)
def test_a_wrong_method_keeps_other_sequences_of_the_tree(names, value, together):
    right = [set(names[kept]) for kept in VALUES["small_tree"]]
    assert kept_by(names, math.prod) == right
    assert kept_by(names, value, together) != right


@pytest.mark.parametrize("M", [3, 4, 9])
def test_the_reference_trap_misleads_beam_search(names, M):
    for best, found in itertools.product(itertools.product(range(3), repeat=2), repeat=2):
        if best[0] == found[0]:
            continue
        first, following = names["misleading_table"](best, found, M)
        np.testing.assert_allclose([first.sum(), *following.sum(axis=1)], 1)
        with np.errstate(divide="ignore"):
            log_prob = names["table_log_prob"](first, following)
            assert names["exhaustive_search"](log_prob, 2)[0] == best
            assert names["beam_search"](log_prob, 2, 2)[-1][0][0] == found


def test_the_speller_is_a_distribution_over_words(names):
    speller = names["LanguageModel"](4, 3)
    words = itertools.product(range(4), repeat=3)
    total = math.fsum(math.exp(score(lambda p: names["rnn_log_prob"](speller, p).tolist(), word)) for word in words)
    assert total == pytest.approx(1, abs=1e-5)


def test_the_notebook_runs_in_a_fresh_kernel_and_draws_its_figures():
    executed = execute_in_fresh_kernel(NAME)
    drawn = [cell.id for cell in executed.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert drawn == ["draw_tree", "draw_searches", "draw_searches", "spell", "draw_temperatures", "draw_lengths"]
    assert_described(executed)


def test_unwritten_optional_parts_stop_nothing():
    assert_bonus_may_be_skipped(NAME)


@pytest.mark.parametrize(("temperature", "top_k"), [(1.0, None), (0.5, None), (2.0, 3)])
def test_samples_have_the_probabilities_of_the_softmax(names, temperature, top_k):
    log_p = model(5, 3)(())
    kept = sorted(range(5), key=lambda i: -log_p[i])[:top_k]
    weights = np.array([math.exp(log_p[i] / temperature) * (i in kept) for i in range(5)])
    uniforms = (np.arange(20_000) + 0.5) / 20_000
    drawn = [names["sample"](lambda prefix: log_p, 1, temperature, top_k, [u])[0] for u in uniforms]
    np.testing.assert_allclose(np.bincount(drawn, minlength=5) / 20_000, weights / weights.sum(), atol=1e-4)


@pytest.mark.parametrize(("M", "T", "end", "alpha"), [(3, 4, 1, 0.0), (3, 4, 1, 0.7), (4, 3, 0, 1.0)])
def test_a_beam_as_wide_as_the_tree_finds_every_sequence_that_ends_or_is_cut(names, M, T, end, alpha):
    log_prob = model(M, 8)
    found = names["search_with_end"](log_prob, 200, T, end, alpha)
    ended = [
        s for n in range(1, T + 1) for s in itertools.product(range(M), repeat=n) if end in s and s.index(end) == n - 1
    ]
    cut = [s for s in itertools.product(range(M), repeat=T) if end not in s]
    assert sorted(s for s, _ in found) == sorted(ended + cut)
    assert math.fsum(math.exp(score * len(s) ** alpha) for s, score in found) == pytest.approx(1)
    assert [value for _, value in found] == sorted((value for _, value in found), reverse=True)


@pytest.mark.parametrize("grade_id", sorted(VALUES))
@pytest.mark.parametrize(
    "value", ["None", "0.0", "''", "['', '']", "['neural', 'neural']", "True", "'neural neural neural'"]
)
def test_a_value_that_says_nothing_earns_nothing(grade_id, value):
    source = "\n".join(f"{name} = {value}" for name in VALUES[grade_id])
    assert shares_with(NAME, grade_id, source)[f"test_{grade_id}"] == 0
