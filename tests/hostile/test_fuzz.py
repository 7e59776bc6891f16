"""Two thousand mutated submissions: none stops its reader, earns more or leaves anything behind."""

import pytest

from hostile import fuzz

COUNT = 2000


@pytest.mark.play
def test_mutated_submissions_harm_nobody():
    report = fuzz.fuzz(COUNT, seed=20261126)
    assert report.wrong == []
    assert all(report.tried[kind.__name__] for kind in fuzz.KINDS)


def test_the_fuzzer_does_change_what_it_is_given():
    from random import Random

    content = b'{"cells": [{"source": "x"}]}'
    changed = [fuzz.mutated_bytes(content, Random(seed)) for seed in range(50)]
    assert sum(bytes_ != content for bytes_ in changed) >= 45
    tree = {"cells": [{"source": "x"}]}
    assert sum(fuzz.mutated_json(tree, Random(seed)) != tree for seed in range(50)) >= 40
    assert tree == {"cells": [{"source": "x"}]}
