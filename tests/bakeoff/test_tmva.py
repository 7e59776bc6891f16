"""The appendix for those who come from TMVA."""

from vaxlab.bakeoff import tmva_equivalents


def test_every_entry_is_one_line_and_stands_once():
    table = tmva_equivalents()
    assert not table[["part", "tmva"]].duplicated().any()
    assert (table["here"].str.len() > 3).all()
    assert not table["here"].str.contains("\n").any()


METHODS = """
    Cuts CutsD Likelihood LikelihoodKDE LikelihoodPCA PDERS PDEFoam KNN HMatrix Fisher LD FisherG
    FDA MLP MLPBFGS MLPBNN TMlpANN CFMlpANN DNN DL SVM BDT BDTG BDTB BDTD RuleFit Category Boost
    Committee PyRandomForest PyGTB PyAdaBoost PyKeras PyTorch RMVA Plugins Multiclass
"""


def test_every_method_of_tmva_has_its_entry():
    table = tmva_equivalents()
    named = " ".join(table.loc[table["part"] == "method", "tmva"]).replace(",", " ").split()
    assert set(METHODS.split()) <= set(named)


def test_what_it_names_of_this_package_is_there():
    from vaxlab import bakeoff
    from vaxlab.bakeoff import plots
    from vaxlab.bakeoff.compare import ClassifierBakeOff

    text = " ".join(tmva_equivalents()["here"])
    for function in ("roc", "responses", "cuts", "correlations", "ranking", "deviations"):
        assert f"plots.{function}(" in text
        assert callable(getattr(plots, function))
    for name in ("model", "ranking", "cuts", "roc"):
        assert f"r.{name}(" in text
        assert callable(getattr(ClassifierBakeOff, name))
    ours = ("RectangularCuts", "ProjectiveLikelihood", "Decorrelate", "TorchClassifier")
    for name in (*ours, "save", "load"):
        assert name in text
        assert name in bakeoff.__all__
