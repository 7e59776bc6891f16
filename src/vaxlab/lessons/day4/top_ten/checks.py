"""Checks of day 4, notebook 3: honest counts, recommenders, trade-offs and explanations.

What a learner wrote is asked of libraries that nobody has seen, and of small graphs that are drawn
for each ``plant_seed``. Learners' own check asks the course's library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from vaxlab.checks.exercise import Answers, Function, Stop, exercise, guarded, not_yet, passed
from vaxlab.checks.reading import describe, number, recognised
from vaxlab.checks.result import Outcome, Part
from vaxlab.lessons.day4.top_ten import graphs, material, rivals, wrong
from vaxlab.literature import reader  # noqa: F401 (a judge works where its file is not any more)
from vaxlab.literature.library import GENETICS_SHIFT
from vaxlab.plant.campaign import HISTORY_SEED

# Calibrated by benchmarks/calibration_top_ten.py.
LIBRARIES, COLD_LIBRARIES = 4, 2
TIMES_DEGREE = 2.0
"""Precision over that of the degree list."""
AT_LEAST = 0.5
"""Precision, mean of the libraries."""
COLD, NOTHING = 24, 16
"""Diseases of a library that are asked for as if no gene, or no edge at all, were known."""
OF_THE_COURSE, OF_BOTH, OF_GENETICS = 0.8, 0.93, 0.9
"""Share of the hits that the course's own list earns there."""
EFFECT_OF_LARGER = 3
"""By which true pairs stand out more in a study of nine times as many people."""
SAME = 0.95
"""Correlation of the scores for two diseases above which a list is one for all."""
EXPLAINED = 6
"""Pairs of a library for which a chain is asked."""


@lru_cache(maxsize=16)
def _seeds(plant_seed: int, n: int) -> tuple[int, ...]:
    """Return libraries that are drawn by a plant's seed; the course's own for the history's."""
    if plant_seed == HISTORY_SEED:
        return (material.LIBRARY_SEED,)
    drawn = np.random.default_rng([plant_seed, 41]).integers(10**12, 10**13, n)
    return tuple(int(seed) for seed in drawn)


def _attempted(call: Callable[[], Any]) -> None:
    """Stop at once where an answer is still the three dots; all else is told part by part."""
    try:
        call()
    except Stop as stop:
        if stop.outcome is Outcome.NOT_ATTEMPTED:
            raise


# Exercise 1 -------------------------------------------------------------------------------


@exercise("Exercise 1 · Ten, counted honestly", points=4)
def honest(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``precision_at_10``: nothing known, something known, odd tables."""
    function = answers.function("precision_at_10")
    rng = np.random.default_rng([plant_seed, 42])
    plain = [_scored(rng, known=0) for _ in range(3)]
    usual = [_scored(rng, known=9) for _ in range(3)]
    odd = [_odd(table, rng) for table in usual]
    _attempted(lambda: function(*(part.copy() for part in usual[0])))
    yield from guarded("nothing is known", 1, _counted(function, plain, "nothing is known", 1))
    yield from guarded("some are known", 2, _counted(function, usual, "some are known", 2))
    label = "rows twice, genes that have no score, a disease without a pair"
    yield from guarded(label, 1, _counted(function, odd, label, 1))


def _scored(rng: np.random.Generator, known: int) -> wrong.Table:
    """Draw scores of 40 genes and 7 diseases, known pairs of the highest, and found ones.

    Found are more of the higher scores than of the lowest ten, but some of these as well.
    """
    genes, diseases = [f"GENE:{k:04d}" for k in range(40)], [f"DIS:{k:03d}" for k in range(7)]
    scores = pd.DataFrame(rng.standard_normal((40, 7)), index=genes, columns=diseases)
    held, later = [], []
    for disease in diseases:
        best = scores[disease].sort_values(ascending=False).index
        held += [(best[k], disease) for k in rng.choice(16, known, replace=False)]
        open_ = [gene for gene in best if (gene, disease) not in held]
        n = int(rng.integers(3, 12))
        later += [(open_[k], disease) for k in rng.choice(20, n, replace=False)]
        later += [(open_[-k], disease) for k in rng.choice(np.arange(1, 11), n % 4, replace=False)]
    tables = [pd.DataFrame(pairs, columns=["gene", "disease"]) for pairs in (held, later)]
    return scores, *(table.sample(frac=1, random_state=1) for table in tables)


def _odd(table: wrong.Table, rng: np.random.Generator) -> wrong.Table:
    """Give rows a second time, and add pairs of genes that have no score.

    Of one disease nothing is found, and of another one nothing is known.
    """
    scores, *pairs = table
    without = rng.choice(scores.columns, 2, replace=False)
    pairs = [part[part["disease"] != one] for part, one in zip(pairs, without, strict=True)]
    mixed = []
    for part in pairs:
        strange = part.drop_duplicates("disease").assign(gene="GENE:0999")
        both = pd.concat([part, part.iloc[::2], strange])
        mixed.append(both.sample(frac=1, random_state=2))
    return scores.sample(frac=1, random_state=int(rng.integers(100))), *mixed


def _counted(
    function: Function, tables: Sequence[wrong.Table], label: str, points: int
) -> Iterator[Part]:
    found = []
    for table in tables:
        given = [part.copy() for part in table]
        value = function(*given, shown="scores, known, found")
        found.append(number(value, "precision_at_10"))
    right = [material._precision_at_10(*table) for table in tables]
    # Somebody may round to two digits or more: the steps are wider than that.
    if any(np.allclose(found, np.round(right, digits), atol=1e-6) for digits in (2, 3, 4, 9)):
        yield passed(label, points)
        return
    said = recognised(found, wrong.precisions(tables)) or "Not the share of the tens that is found."
    if not any(found):
        said = (
            "Nothing counts as a hit here, though some of the tens are found. Has each pair its "
            "gene and its disease in the same order wherever you compare?"
        )
    if np.allclose(found, 100 * np.array(right)):
        said = "This is in per cent: give a share between 0 and 1."
    yield not_yet(label, points, said, got=_three(found), expected=_three(right))


def _three(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.3f}" for value in values)


# Exercise 2 -------------------------------------------------------------------------------


@exercise("Exercise 2 · A recommender of your own", points=6)
def recommended(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``recommend``: against the degree list, by what is found out later."""
    function = answers.function("recommend")
    mine, degree, alike, equal = [], [], [], []
    for seed in _seeds(plant_seed, LIBRARIES):
        now, found = material._today(seed), material._later(seed)
        known = material._known(now.edges)
        scores = _scores(function, now, known)
        mine.append(material._precision_at_10(scores, known, found))
        degree.append(_degree(seed))
        alike.append(_alike(scores))
        equal.append(_equal(scores, known))
    got, by_degree = float(np.mean(mine)), float(np.mean(degree))
    told = f"{got:.2f} of your ten are found later, {by_degree:.2f} of the degree list's"
    said = _why_so_few(got, by_degree, min(alike), all(equal))
    for label, is_met, bar in (
        ("twice the degree list", got >= TIMES_DEGREE * by_degree, TIMES_DEGREE * by_degree),
        ("half of the ten", got >= AT_LEAST, AT_LEAST),
    ):
        if is_met:
            yield passed(label, 3, f"{told}.")
        else:
            yield not_yet(label, 3, said, got=f"{got:.3f}", expected=f"{bar:.3f} at least")


def _why_so_few(got: float, by_degree: float, alike: float, equal: bool) -> str:
    if equal:
        return (
            "All genes that are not known for a disease have the same score there, so your ten are "
            "simply the first ones. What is known must say something about what is not."
        )
    if alike > SAME:
        return (
            "Your scores order the genes in the same way for each disease: popularity, by another "
            "name. Let the score of a gene depend on the disease."
        )
    if got < by_degree / 2:
        return (
            "Fewer hits than chance or little more. Are higher scores better? Does each row belong "
            "to its gene, and each column to its disease?"
        )
    return "Too few of your ten are found out later."


@lru_cache(maxsize=16)
def _degree(seed: int) -> float:
    now = material._today(seed)
    scores = material._degrees(now.edges, now.genes, now.diseases)
    return material._precision_at_10(scores, material._known(now.edges), material._later(seed))


def _alike(scores: pd.DataFrame) -> float:
    """Return how far two diseases' scores are the same: the size of their correlation, mean."""
    values = scores.to_numpy()
    values = values[:, values.std(axis=0) > 0]
    if values.shape[1] < 2:
        return 1.0
    return float(np.abs(np.corrcoef(values.T)).mean())


def _equal(scores: pd.DataFrame, known: pd.DataFrame) -> bool:
    """Tell whether no disease has two scores among the genes that are not known for it."""
    held = material._matrix(known, list(scores.index), list(scores.columns)).to_numpy() == 1
    return all(
        np.ptp(column[~old]) < 1e-12
        for column, old in zip(scores.to_numpy().T, held.T, strict=True)
    )


def _scores(function: Function, now: material.Today, known: pd.DataFrame) -> pd.DataFrame:
    """Read scores, as the figures of the notebook do."""
    answer = function(
        now.edges.copy(), list(now.genes), list(now.diseases), shown="edges, genes, diseases"
    )
    try:
        return rivals.scores_read(answer, now, known)
    except rivals.Unreadable as error:
        raise Stop(Outcome.NOT_YET, str(error), got=error.got or describe(answer)) from None


# Exercise 3 -------------------------------------------------------------------------------


@exercise("Exercise 3 · A disease without a gene", points=4)
def cold(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``cold_start``: genes hidden, the same with clearer genetics, nothing known."""
    function = answers.function("cold_start")
    asked = [case for seed in _seeds(plant_seed, COLD_LIBRARIES) for case in _cases(seed)]
    few, none = ([case for case in asked if case[0] is kind] for kind in (False, True))
    tens = _tens(function, few)
    mine, bar = _true_share(tens, few, OF_THE_COURSE)
    if mine < bar:
        said = (
            "Too few of your genes act on these diseases. Pathways that drive the disease say most "
            "of it: whose proteins take part in them?"
        )
        yield not_yet(
            "pathways are known", 1, said, got=_of_ten(mine), expected=_of_ten(bar, " or more")
        )
        first = "First the diseases whose pathways are known, above."
        yield not_yet("pathways and a larger study", 2, first)
        yield not_yet("nothing is known", 1, first)
        return
    said = f"{_of_ten(mine)} act on the disease, on average. {_beside(bar, OF_THE_COURSE)}"
    yield passed("pathways are known", 1, said)
    larger = _with_a_larger_study(function, few, tens)
    yield from guarded("pathways and a larger study", 2, larger)
    yield from guarded("nothing is known", 1, _without_edges(function, none))


def _of_ten(share: float, more: str = "") -> str:
    return f"{10 * share:.2f} of ten{more}"


def _beside(bar: float, part: float) -> str:
    """Say what the course's ten hold, of which a part is asked for."""
    return f"The course's: {_of_ten(bar / part)}."


def _with_a_larger_study(
    function: Function, cases: list[Case], before: list[list[str]]
) -> Iterator[Part]:
    tens = _tens(function, cases, larger=True)
    mine, bar = _true_share(tens, cases, OF_BOTH, larger=True)
    if mine >= bar:
        told = f"{_of_ten(mine)}, by both, on average. {_beside(bar, OF_BOTH)}"
        yield passed("pathways and a larger study", 2, told)
        return
    said = "Among the genes of a pathway `z` knows more than this. Let it count for more there."
    if tens == before:
        said = (
            "Your ten are the same ones whatever `z` is. Where pathways are known, too, let it "
            "say which of their genes come first."
        )
    yield not_yet(
        "pathways and a larger study", 2, said, got=_of_ten(mine), expected=_of_ten(bar, " or more")
    )


def _without_edges(function: Function, cases: list[Case]) -> Iterator[Part]:
    tens = _tens(function, cases)
    mine, bar = _true_share(tens, cases, OF_GENETICS)
    if mine >= bar:
        told = f"{_of_ten(mine)}, by genetics, on average. {_beside(bar, OF_GENETICS)}"
        yield passed("nothing is known", 1, told)
        return
    said = (
        "Of these diseases the graph knows nothing, so all your scores from it are equal. Genetics "
        "knows something of each pair: let it decide there."
    )
    z_of = [_asked(case)[1] for case in cases]
    if all({*ten} == {*z.abs().nlargest(10).index} for ten, z in zip(tens, z_of, strict=True)):
        said = "These ten have the largest `z` without its sign. Below zero it speaks *against*."
    elif all({*ten} == {*z.nsmallest(10).index} for ten, z in zip(tens, z_of, strict=True)):
        said = "These ten have the *lowest* `z`. The higher it is, the likelier a gene."
    yield not_yet("nothing is known", 1, said, got=_of_ten(mine), expected=_of_ten(bar, " or more"))


Case = tuple[bool, int, str]
"""Whether all edges of the disease are hidden; the library; the disease."""


@lru_cache(maxsize=16)
def _cases(seed: int) -> tuple[Case, ...]:
    """Draw diseases of a library; those of the first kind have a pathway that drives them."""
    now = material._today(seed)
    rng = np.random.default_rng([seed, 43])
    driven = set(now.edges.loc[now.edges["relation"] == "drives", "tail"])
    order = [now.diseases[k] for k in rng.permutation(len(now.diseases))]
    few = [disease for disease in order if disease in driven][:COLD]
    none = order[::-1][:NOTHING]
    return (*((False, seed, d) for d in few), *((True, seed, d) for d in none))


def _without(now: material.Today, disease: str, everything: bool) -> pd.DataFrame:
    edges = now.edges
    gone = (edges["tail"] == disease) | (edges["head"] == disease)
    if not everything:
        gone &= edges["relation"].isin(material.AFFECTS)
    return edges[~gone].reset_index(drop=True)


@lru_cache(maxsize=256)
def _asked(case: Case, larger: bool = False) -> tuple[pd.DataFrame, pd.Series, frozenset[str], int]:
    """Return edges, genetics and true genes of a case, and how many of them the course names."""
    everything, seed, disease = case
    now, true = material._today(seed), material._true(seed)
    genes = frozenset(true.loc[true["disease"] == disease, "gene"])
    if larger:
        # Other people, so nobody can take the one study from the other.
        edges, z, *_ = _asked(case)
        noise = np.random.default_rng([seed, 46, now.diseases.index(disease)])
        stands_out = EFFECT_OF_LARGER * GENETICS_SHIFT * z.index.isin(genes)
        z = (stands_out + noise.standard_normal(len(z))).round(2)
        z = pd.Series(z, index=now.genes, name="z")
    else:
        rows = now.genetics[now.genetics["disease"] == disease]
        z = rows.set_index("gene")["z"].reindex(now.genes)
        edges = _without(now, disease, everything)
    return edges, z, genes, len(genes & {*material._cold_start(edges, z, disease)})


def _tens(function: Function, cases: Sequence[Case], larger: bool = False) -> list[list[str]]:
    """Return a learner's ten for each case."""
    tens = []
    for case in cases:
        edges, z, *_ = _asked(case, larger)
        answer = function(edges.copy(), z.copy(), case[2], shown=f"edges, z, {case[2]!r}")
        tens.append(_ten(answer, z))
    return tens


def _true_share(
    tens: list[list[str]], cases: Sequence[Case], of_course: float, larger: bool = False
) -> tuple[float, float]:
    """Return the share of the tens that is true, and the share that it is to reach."""
    mine, course = [], []
    for ten, case in zip(tens, cases, strict=True):
        _, _, genes, by_course = _asked(case, larger)
        mine.append(len(genes & {*ten}))
        course.append(by_course)
    return float(np.mean(mine)) / material.TOP, of_course * float(np.mean(course)) / material.TOP


def _ten(answer: Any, z: pd.Series) -> list[str]:
    """Read ten different genes: a list, an Index, or a Series whose index holds them."""
    try:
        values = [str(one) for one in answer]
        if isinstance(answer, pd.Series) and not z.index.isin(values).any():
            values = [str(one) for one in answer.index]
    except TypeError:
        values = []
    if len(values) != material.TOP or len({*values}) != material.TOP or not {*values} <= {*z.index}:
        said = "Give a list of ten different genes, by their ids."
        raise Stop(Outcome.NOT_YET, said, got=describe(answer))
    return values


# Exercise 4 -------------------------------------------------------------------------------


@exercise("Exercise 4 · Nobody beats it at everything", points=4)
def pareto(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``layers``: the front, columns of which less is better, equal values, all layers."""
    function = answers.function("layers")
    rng = np.random.default_rng([plant_seed, 44])
    only_more = [_candidates(rng, 24, ("a", "b"), ()) for _ in range(2)]
    mixed = [_candidates(rng, 30, ("gain", "reach"), ("risk",)) for _ in range(2)]
    coarse = [_coarse(rng) for _ in range(2)]
    equal = [_twins(case) for case in coarse]
    _attempted(lambda: _layered(function, mixed[0]))
    first = _layers_part(function, only_more, "the front", only_front=True)
    yield from guarded("the front", 1, first)
    label = "columns of which less is better"
    yield from guarded(label, 1, _layers_part(function, mixed, label, only_front=True))
    label = "equal candidates share a layer"
    yield from guarded(label, 1, _layers_part(function, equal, label))
    label = "all layers, also where some values are equal"
    yield from guarded(label, 1, _layers_part(function, only_more + mixed + coarse, label))


Candidates = wrong.Candidates


def _candidates(
    rng: np.random.Generator, n: int, more: Sequence[str], less: Sequence[str]
) -> Candidates:
    """Draw candidates of which no two are equal, with a column that is no objective."""
    columns = [*more, *less]
    values = np.column_stack([rng.permutation(n) / n for _ in columns])
    table = pd.DataFrame(values.round(3), columns=columns)
    table.insert(1, "noise", rng.permutation(n))
    table.index = [f"GENE:{k:04d}" for k in rng.choice(360, n, replace=False)]
    return table, list(more), list(less)


def _coarse(rng: np.random.Generator) -> Candidates:
    """Draw candidates that are equal in a column or two, none in all, also at the front."""
    while True:
        table, more, less = _candidates(rng, 36, ("gain", "reach"), ("risk",))
        table[[*more, *less]] = (6 * table[[*more, *less]]).round() / 10
        table = table.drop_duplicates([*more, *less])
        loose = material._layers(table, more, less) == 1
        if (loose != (wrong.strict(table, more, less) == 1)).sum() >= 2:
            return table, more, less


def _twins(case: Candidates) -> Candidates:
    """Give every other candidate of the front a twin that is equal in all objectives."""
    table, more, less = case
    front = table[material._layers(table, more, less) == 1].iloc[::2]
    both = pd.concat([table, front.set_axis([f"{name}b" for name in front.index])])
    return both.sample(frac=1, random_state=3), more, less


def _layered(function: Function, case: Candidates) -> np.ndarray:
    """Read the layers of a table: a Series in any order of its rows, or one number a row."""
    table, more, less = case
    answer = function(table.copy(), list(more), list(less), shown=f"table, {more}, {less}")
    value = answer
    if isinstance(value, dict):
        value = pd.Series(value, dtype=object)
    if isinstance(value, pd.Series) and set(value.index) == set(table.index):
        value = value.reindex(table.index)
    try:
        numbers = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if numbers.shape != (len(table),) or np.isnan(numbers).any():
        said = "Give a Series with the number of the layer of each row: 1, 2, 3 …"
        raise Stop(Outcome.NOT_YET, said, got=describe(answer))
    return numbers


def _layers_part(
    function: Function, cases: Sequence[Candidates], label: str, only_front: bool = False
) -> Iterator[Part]:
    pairs = [(_layered(function, case), case) for case in cases]
    for found, case in pairs:
        right = material._layers(*case).to_numpy()
        at_front = np.flatnonzero((found == 1) != (right == 1))
        apart = at_front if only_front or len(at_front) else np.flatnonzero(found != right)
        if len(apart):
            said = "Take the front away; who is dominated by nobody that is left is in layer 2."
            if len(at_front):
                said = "These are not the candidates that nobody dominates."
                said = wrong.front_slip(pairs) or said
            # One that should stand at the front, if there is one.
            k = min(apart, key=lambda row: right[row])
            got = f"layer {found[k]:g} for {case[0].index[k]}"
            yield not_yet(label, 1, said, got=got, expected=f"layer {right[k]}")
            return
    yield passed(label, 1)


# Exercise 5 -------------------------------------------------------------------------------


@exercise("Exercise 5 · A reason that is not its own proof", points=6)
def reasons(answers: Answers, plant_seed: int) -> Iterator[Part]:
    """Check ``chain``: on small graphs with one trap each, then on a library."""
    function = answers.function("chain")
    rng = np.random.default_rng([plant_seed, 45])
    _attempted(lambda: _entities(function, *graphs.drawn(graphs.TRAPS[0], rng)))
    any_found = False
    for trap in graphs.TRAPS:
        cases = [graphs.drawn(trap, rng) for _ in range(2)]
        if not trap.way and not any_found:
            yield not_yet(trap.label, 1, "First a chain where there is one, above.")
            continue
        for part in guarded(trap.label, 1, _explained(function, trap, cases)):
            any_found |= part.earned > 0
            yield part
    (seed, *_) = _seeds(plant_seed, 1)
    yield from guarded("pairs of a library", 1, _in_library(function, seed))


def _explained(
    function: Function, trap: graphs.Trap, cases: Sequence[graphs.Case]
) -> Iterator[Part]:
    for evidence, gene, disease in cases:
        found = _entities(function, evidence, gene, disease)
        said = graphs.fault(found, evidence, gene, disease, trap.left_out)
        if said:
            expected = _steps(material._chain(evidence, gene, disease))
            said = trap.said if said == graphs.FORBIDDEN else said
            yield not_yet(trap.label, 1, said, got=_steps(found), expected=expected)
            return
    yield passed(trap.label, 1)


def _steps(found: list[str]) -> str:
    """Write a chain, its beginning if it is long."""
    return " – ".join(found[:8] + ["…"] * (len(found) > 8)) or "[]"


def _in_library(function: Function, seed: int) -> Iterator[Part]:
    label = "pairs of a library"
    for k, (evidence, gene, disease) in enumerate(_cases_of_library(seed)):
        found = _entities(function, evidence, gene, disease)
        said = graphs.fault(found, evidence, gene, disease, graphs.LEFT_OUT if k % 2 else "")
        if said == graphs.FORBIDDEN:
            said = "A step of this chain has no source that you may use for this pair."
        if said:
            yield not_yet(label, 1, said, got=_steps(found))
            return
    yield passed(label, 1)


@lru_cache(maxsize=4)
def _cases_of_library(seed: int) -> tuple[graphs.Case, ...]:
    """Draw pairs that the graph holds, and write sentences with a trap into the library."""
    evidence, known = material._today(seed).evidence, material._known(material._today(seed).edges)
    drawn = known.sample(EXPLAINED, random_state=seed % 2**32).itertuples(index=False, name=None)
    return tuple(
        (graphs.written_in(evidence, *pair, is_tempting=k % 2 == 0), *pair)
        for k, pair in enumerate(drawn)
    )


def _entities(function: Function, evidence: pd.DataFrame, gene: str, disease: str) -> list[str]:
    """Read a chain: a list of entities, as text."""
    none = "This is None. Where there is no chain, give an empty list, `[]`."
    answer = function(
        evidence.copy(),
        gene,
        disease,
        shown=f"evidence, {gene!r}, {disease!r}",
        if_none="" if material._chain(evidence, gene, disease) else none,
    )
    if isinstance(answer, list | tuple | np.ndarray | pd.Index | pd.Series):
        values = list(answer)
        if all(isinstance(one, str) for one in values):
            return [str(one) for one in values]
    said = f"Give a list of entities, from {gene} to {disease}, or an empty list."
    raise Stop(Outcome.NOT_YET, said, got=describe(answer))
