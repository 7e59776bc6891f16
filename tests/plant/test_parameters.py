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


def test_figures_that_nobody_has_checked_are_marked():
    """Those that the project's notes give from memory; to be taken out here once checked."""
    marked = {parameter.symbol for parameter in PARAMETERS if parameter.unverified}
    assert marked >= {"mu_max", "sigma", "a_mc", "k_att", "k_lys", "Y_LG", "k_Qdeg", "p", "f_inf"}
    assert marked >= {"Ea_V", "k_Vt", "DNA_cell", "HCP_cell"}
