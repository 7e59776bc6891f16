"""The table of constants."""

from vaxlab.plant.parameters import PARAMETERS, VALUES


def test_every_constant_stands_once():
    symbols = [parameter.symbol for parameter in PARAMETERS]
    assert len(symbols) == len(set(symbols)) == len(VALUES)


def test_every_constant_has_unit_range_and_source_and_lies_in_its_range():
    for parameter in PARAMETERS:
        assert parameter.unit
        assert parameter.name
        assert parameter.source
        assert parameter.low <= parameter.value <= parameter.high, parameter.symbol


def test_a_constant_that_is_our_own_choice_quotes_nobody():
    for parameter in PARAMETERS:
        if parameter.source == "own choice" and parameter.unverified:
            # A usual figure without a source to quote is still said to be unverified.
            assert parameter.symbol in {"DNA_cell", "HCP_cell", "sd_metabolite", "step_TCID50"}
