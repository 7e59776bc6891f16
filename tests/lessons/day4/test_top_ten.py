"""How the thresholds of day 4, notebook 3 were set, and that right answers meet them.

Measured by ``benchmarks/calibration_top_ten.py`` on the course's library and nine drawn by
``default_rng(20261127).integers(10**12, 10**13, 9)``:

==================================================  =====================  =====================
what                                                seen                   threshold
==================================================  =====================  =====================
precision at ten: collaborative (rank 12)           0.66 to 0.71           0.5, mean of four
the same: content, graph                            .63-.70, .65-.75       0.5
the same: genes that share diseases                 0.61 to 0.70           0.5
the same: degree list; by lot                       .21-.32, .09-.11       half of what is got
the same: diseases that share genes                 0.40 to 0.50           (a wrong turn: none)
the same: rank 6, pathways that drive, genetics     .51-.57 .51-.60 .33-.39  (reported)
collaborative over the degree list                  2.26 to 3.26           2, mean of four
content over the degree list                        2.01 to 3.04           2, mean of four
no gene known: pathways and genetics                0.82 to 0.87           0.8 of these
the same: pathways; genetics; degree                .75-.79 .53-.57 .34-.53  0.8 of the first
no edge known: genetics; pathways                   .53-.57, .14-.27       0.9 of the first
no gene, a larger study: genetics among equals      0.97 to 1.01 of both   0.93 of both
the same: pathways; any of their genes              .83-.89, .74-.84       0.93 of both
hits of a ten: promised, come                       6.3-7.6, 6.6-7.1       (reported)
calibrated chances are off by                       0.01 to 0.035          (reported)
hits of a ten, layer by layer                       6.6 to 7.0             (reported)
risk: by chance alone, layer by layer               .30-.38, .25-.32       (reported)
front of two, of five objectives, of 40             3.6-4.1, 19.3-21.6     (reported)
recommendations that have a chain                   all                    all
==================================================  =====================  =====================

With three libraries, content fell short of twice the degree list once in a hundred times, so four
are asked. A hidden library is read by the same rules as the course's own.
"""

import re

import numpy as np
import pandas as pd
import pytest
from answers.answer import SOLUTIONS, typed
from answers.day4 import top_ten as bank
from sklearn.linear_model import LogisticRegression

from vaxlab.errors import CourseError
from vaxlab.lessons.day4 import top_ten
from vaxlab.lessons.day4.top_ten import checks, delivery, graphs, material, rivals, wrong
from vaxlab.literature import LIBRARY_SEED

LIBRARY = 6_208_417_733_905
"""A library that nobody chose."""
NAMES = ("precision_at_10", "recommend", "cold_start", "layers", "chain")
DISEASE = "DIS:041"


@pytest.fixture(scope="module")
def own():
    """Return the names of somebody who has answered everything."""
    names, done = {}, set()
    for answer in bank.ANSWERS:
        if not answer.says and answer.grade_id not in done:
            done.add(answer.grade_id)
            names |= typed(answer)
    return names


@pytest.fixture(scope="module")
def chance(own):
    """Return chances of the course's library, as the notebook makes them."""
    scores, screen = top_ten.scores(own), top_ten.screened()
    tested = [[scores.at[pair]] for pair in zip(screen["gene"], screen["disease"], strict=True)]
    curve = LogisticRegression().fit(tested, screen["confirmed"])
    return scores.apply(lambda column: curve.predict_proba(column.to_numpy()[:, None])[:, 1])


# What the notebook claims -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", [LIBRARY_SEED, LIBRARY])
def test_half_of_the_ten_and_twice_the_degree_list_can_be_had_in_three_ways(seed):
    now, found = material._today(seed), material._later(seed)
    known = material._known(now.edges)
    for way in (material._recommend, material._alike, material._walk):
        scores = way(now.edges, now.genes, now.diseases)
        got = material._precision_at_10(scores, known, found)
        assert got >= checks.AT_LEAST
        assert got >= checks.TIMES_DEGREE * checks._degree(seed)


def test_the_degree_list_is_no_straw_man_and_a_coin_among_equals():
    assert rivals.hits(rivals.ways()["degree list"]).mean() / 10 > 2 * rivals.chance()
    wins = top_ten.equals({})
    assert wins.loc["degree list", "against all"] > 0.55
    assert wins.loc["degree list", "against equally known ones"] == 0.5
    assert wins.loc["the course's"].min() > 0.75


def test_nothing_that_is_found_later_is_known_today():
    known = set(material._known(material._today(LIBRARY).edges).itertuples(index=False, name=None))
    later = material._later(LIBRARY)
    assert not known & set(later.itertuples(index=False, name=None))
    assert not later.duplicated().any()


def test_two_weak_sources_are_better_than_each_alone():
    now, true = material._today(LIBRARY), material._true(LIBRARY)
    hits = {"both": [], "pathways": [], "genetics": []}
    for case in checks._cases(LIBRARY):
        edges, z, genes, both = checks._asked(case)
        if case[0]:
            continue
        assert not set(material._known(edges)["disease"]) & {case[2]}
        assert genes == set(true.loc[true["disease"] == case[2], "gene"])
        pathways = material._driven(edges, now.genes, [case[2]])[case[2]]
        hits["both"].append(both)
        hits["pathways"].append(len(genes & {*pathways.nlargest(10).index}))
        hits["genetics"].append(len(genes & {*z.nlargest(10).index}))
    mean = {name: np.mean(n) for name, n in hits.items()}
    assert mean["both"] > mean["pathways"] > mean["genetics"] > 3


def test_where_nothing_is_known_genetics_decides_alone():
    cases = [case for case in checks._cases(LIBRARY) if case[0]]
    assert len(cases) == checks.NOTHING
    for case in cases:
        edges, z, *_ = checks._asked(case)
        assert not ((edges["head"] == case[2]) | (edges["tail"] == case[2])).any()
        assert set(material._cold_start(edges, z, case[2])) == set(z.nlargest(10).index)


def test_calibrated_chances_come_as_promised_and_stretched_scores_do_not(own, chance):
    scores, later = top_ten.scores(own), rivals.found()
    free = ~rivals.held()
    assert abs(chance.to_numpy()[free].mean() - later[free].mean()) < 0.02
    values = scores.to_numpy()
    stretched = (values - values.min()) / np.ptp(values)
    assert stretched[free].mean() > later[free].mean() + 0.1
    assert "off by" in top_ten.reliability(scores, chance)[1]


def test_a_front_grows_with_its_objectives_and_costs_hardly_a_hit(own, chance):
    table = top_ten.candidates(chance, DISEASE)
    sizes = [(material._layers(table, delivery.MORE[:n], []) == 1).sum() for n in (1, 2, 3, 4)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    price = top_ten.price(own, chance)
    assert abs(price["hits"].diff().iloc[-1]) < 0.6
    assert price["risk"].diff().iloc[-1] < 0
    assert price["tractability"].diff().iloc[-1] > 0


def test_what_was_taken_out_of_the_graph_is_found_by_its_own_sentences():
    leak = top_ten.leak()
    found, by_degree = (leak.iloc[:, k].str.rstrip(" %").astype(float) for k in (-2, -1))
    assert found.iloc[0] > 2 * found.iloc[1]
    assert found.iloc[1] > by_degree.iloc[1]
    assert leak.iloc[0, 1] > leak.iloc[1, 1] == 0


def test_short_chains_join_nearly_all_pairs_whatever_is_true():
    shares = [int(word) for word in top_ten.chains_everywhere().split() if word.isdigit()]
    assert min(shares) > 85


def test_each_recommendation_has_a_chain_whose_sources_do_not_speak_of_the_pair(own):
    """The day's promise: no step of a reason rests on what it is to prove."""
    now = material._today(LIBRARY)
    scores = material._recommend(now.edges, now.genes, now.diseases)
    lists = material._lists(scores, material._known(now.edges))
    rows = now.evidence
    for disease in now.diseases[::8]:
        for gene in lists[disease]:
            chain = own["chain"](rows, gene, disease)
            assert chain[0] == gene
            assert chain[-1] == disease
            assert len(chain) > 2
            about = rows[rows["head"].isin([gene, disease]) & rows["tail"].isin([gene, disease])]
            spoken = set(zip(about["document"], about["sentence"], strict=True))
            for step in zip(chain, chain[1:], strict=False):
                there = rows[rows["head"].isin(step) & rows["tail"].isin(step)]
                there = there[there["stance"] == "for"]
                places = set(zip(there["document"], there["sentence"], strict=True))
                assert places - spoken, (gene, disease, step)


def test_the_years_confirm_more_of_the_tens_than_of_the_degree_list(own, chance):
    table, figure, sentence = top_ten.five_years(own, chance, DISEASE)
    assert list(table.columns) == ["gene", "chance", "confirmed"]
    assert len(table) == 10
    assert len(figure.data) == 2
    low = float(sentence.split("of ten, ")[1].split(" to ")[0])
    assert low > 2


@pytest.fixture(scope="module")
def letter():
    text = (SOLUTIONS / "day4" / "3-top-ten.py").read_text(encoding="utf-8")
    return text[text.index("# I would take FLSK6") :].split("\n")[0]


def test_the_letters_gene_is_the_first_of_the_ten_and_its_numbers_are_the_tables(
    letter, own, chance
):
    first = top_ten.ten(own, chance, DISEASE).iloc[0]
    assert f"take {first['gene']}: its calibrated chance is {first['chance']}" in letter
    assert f"risk of {first['risk']}" in letter
    genetics = top_ten.candidates(chance, DISEASE).loc[first.name, "genetics"]
    assert f"genetics of {genetics}, below zero" in letter
    assert first["said"] == "nothing"
    assert round(100 * (1 - first["chance"])) == 3
    assert f"hits {rivals.hits(rivals.ways()['degree list']).mean():.1f} times in ten" in letter


def test_the_letters_chain_is_the_printed_one_with_its_documents_and_curators(letter, own, chance):
    gene = top_ten.ten(own, chance, DISEASE).index[0]
    way, *lines = top_ten.reasons_for(own, gene, DISEASE).splitlines()
    assert all(name in letter for name in way.split(" – "))
    steps = [line for line in lines if " curated, " in line]
    assert len(steps) == 3
    assert all(" promotes " in line and " 0 curated" not in line for line in steps)
    named = re.findall(r"\((\w\d{4})\)", " ".join(lines))
    assert named == re.findall(r"\((\w\d{4})\)", letter)
    join = re.search(r"join (\d+ %) of the pairs that are not", letter)[1]
    assert f"and {join} of those that are not" in top_ten.chains_everywhere()


def test_the_letter_is_as_long_as_the_exercise_asks(letter):
    assert 5 <= len(re.findall(r"[.](?: |$)", letter)) <= 7


def test_a_screen_holds_pairs_that_the_graph_does_not():
    screen = top_ten.screened()
    known = set(rivals.known().itertuples(index=False, name=None))
    assert not known & set(screen[["gene", "disease"]].itertuples(index=False, name=None))
    assert 30 < screen["confirmed"].sum() < 100


# Checks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("trap", graphs.TRAPS, ids=lambda trap: trap.label)
def test_a_careless_chain_walks_into_each_trap(trap):
    import networkx as nx

    for seed in range(20):
        evidence, gene, disease = graphs.drawn(trap, np.random.default_rng(seed))
        right = material._chain(evidence, gene, disease)
        assert len(right) == (len(trap.way) + 1 if trap.way else 0)
        assert graphs.fault(right, evidence, gene, disease) == ""
        graph = nx.Graph(evidence[["head", "tail"]].to_numpy().tolist())
        careless = nx.shortest_path(graph, gene, disease)
        assert graphs.fault(careless, evidence, gene, disease) == graphs.ITSELF


def test_wrong_counts_differ_from_the_right_one_and_from_each_other():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        tables = [checks._scored(rng, known=9) for _ in range(3)]
        tables += [checks._odd(table, rng) for table in tables]
        right = [material._precision_at_10(*table) for table in tables]
        known = [values for values, _ in wrong.precisions(tables)]
        for k, one in enumerate([right, *known]):
            for other in known[k:]:
                assert not np.allclose(one, other, atol=1e-6)


def test_rows_that_come_twice_and_genes_without_a_score_change_no_precision():
    rng = np.random.default_rng(3)
    scores, known, found = checks._odd(checks._scored(rng, known=9), rng)
    assert set(known["disease"]) < set(scores.columns) > set(found["disease"])
    once = [part.drop_duplicates() for part in (known, found)]
    once = [part[part["gene"].isin(scores.index)] for part in once]
    assert len(once[0]) < len(known)
    right = material._precision_at_10(scores, *once)
    assert material._precision_at_10(scores, known, found) == right > 0


def test_a_larger_study_tells_more_and_can_not_be_taken_from_the_first():
    cases = [case for case in checks._cases(LIBRARY) if not case[0]]
    hits, more = (np.mean([checks._asked(case, n)[3] for case in cases]) for n in (False, True))
    edges, z, genes, _ = checks._asked(cases[0])
    same, larger, true, _ = checks._asked(cases[0], larger=True)
    assert same is edges
    assert true == genes
    assert more > hits
    apart = (larger - z).groupby(z.index.isin(genes)).agg(["min", "max", "mean"])
    assert apart.loc[True, "mean"] > apart.loc[False, "mean"] + 1
    assert apart.loc[True, "min"] < apart.loc[False, "max"]


def test_scores_are_read_as_the_check_reads_them():
    now, known = rivals.today(), rivals.known()
    right = material._recommend(now.edges, now.genes, now.diseases)
    held = rivals.held()
    forms = [right, right.T, right.to_numpy(), right.mask(held), right.mask(held, -np.inf)]
    for form in forms:
        read, is_own = rivals.own_scores({"recommend": lambda *a, form=form: form})
        assert is_own
        assert material._lists(read, known) == material._lists(right, known)


def test_layers_are_what_the_definition_says():
    rng = np.random.default_rng(5)
    for _ in range(10):
        table, more, less = checks._twins(checks._candidates(rng, 25, ("a", "b"), ("c",)))
        layer = material._layers(table, more, less)
        turned = material._layers(table.assign(c=-table["c"]), [*more, *less], [])
        assert layer.equals(turned)
        values = np.column_stack([table[more], -table[less]])
        for k, row in enumerate(values):
            beaten_by = (values >= row).all(axis=1) & (values > row).any(axis=1)
            above = layer[beaten_by]
            assert layer.iloc[k] == (above.max() + 1 if len(above) else 1)


# Bad input --------------------------------------------------------------------------------------


def test_a_gene_or_disease_that_nobody_knows_has_no_chain():
    evidence = material._today(LIBRARY_SEED).evidence
    assert material._chain(evidence, "GENE:9999", DISEASE) == []
    assert material._chain(evidence.iloc[:0], "GENE:0001", DISEASE) == []
    assert "Nothing joins" in top_ten.reasons_for({}, "GENE:9999", DISEASE)


def test_a_table_without_pairs_has_no_hits_and_one_that_is_all_known_neither():
    scores = pd.DataFrame(
        np.eye(12), index=[f"g{k}" for k in range(12)], columns=list("abcdefghijkl")
    )
    nothing = pd.DataFrame({"gene": [], "disease": []}, dtype=str)
    assert material._precision_at_10(scores, nothing, nothing) == 0
    everything = scores.stack().index.to_frame(index=False).set_axis(["gene", "disease"], axis=1)
    assert material._precision_at_10(scores, everything, everything) == 0


def test_a_disease_without_any_edge_gets_ten_genes_all_the_same():
    now = material._today(LIBRARY_SEED)
    z = pd.Series(np.linspace(0, 1, len(now.genes)), index=now.genes)
    assert material._cold_start(now.edges, z, "DIS:999") == now.genes[:-11:-1]
    with pytest.raises(CourseError):
        top_ten.explore("DIS:999")


def test_the_explorer_begins_at_the_disease_with_genes_that_are_known():
    nodes = top_ten.explore(DISEASE).nodes
    assert DISEASE in set(nodes["entity"])
    assert "gene" in set(nodes["kind"])


def test_an_id_without_a_name_stays_as_it_is():
    assert top_ten.names_of(["DIS:999"]) == ["DIS:999"]


@pytest.mark.parametrize("broken", [..., None, 3, lambda *a: 1 / 0, lambda *a: "text"])
def test_the_cells_of_an_unfinished_notebook_work_by_the_courses_functions(broken):
    names = dict.fromkeys(NAMES, broken)
    figure, sentence = top_ten.beside(names)
    assert "yours" not in sentence
    assert len(figure.data) == 1
    assert top_ten.equals(names).index[-1] == "the course's"
    assert top_ten.without_genes(names).columns[-1] == "the course's"
    scores = top_ten.scores(names)
    assert len(top_ten.picked(names, top_ten.candidates(scores, DISEASE))) == 10
    assert "no chain" not in set(top_ten.ten(names, scores, DISEASE)["by"])
