"""For those who come from ROOT: each method and feature of TMVA and JsMVA, and its equal here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Part, what it is called in TMVA or JsMVA, what to use here (`r` is what bakeoff() returns).
_EQUIVALENTS = (
    # Methods
    ("method", "Cuts", "RectangularCuts(background_efficiency=0.1), .box() is readable"),
    ("method", "CutsD", "make_pipeline(Decorrelate(), RectangularCuts())"),
    ("method", "CutsPCA", "make_pipeline(PCA(), RectangularCuts())"),
    ("method", "Likelihood", "ProjectiveLikelihood(pdf='histogram')"),
    ("method", "LikelihoodKDE", "ProjectiveLikelihood(pdf='kde')"),
    (
        "method",
        "LikelihoodD, LikelihoodPCA",
        "make_pipeline(Decorrelate(within_classes=True), ProjectiveLikelihood()); with Gaussian "
        "curves along each class's own axes it is QuadraticDiscriminantAnalysis()",
    ),
    (
        "method",
        "PDERS",
        "make_pipeline(PCA(whiten=True), RadiusNeighborsClassifier(0.8, outlier_label=0))",
    ),
    ("method", "PDEFoam", "DecisionTreeClassifier(max_leaf_nodes=500, min_samples_leaf=20)"),
    (
        "method",
        "KNN",
        "make_pipeline(StandardScaler(), KNeighborsClassifier(20)); takes no weights",
    ),
    ("method", "HMatrix", "QuadraticDiscriminantAnalysis()"),
    ("method", "Fisher, LD", "LinearDiscriminantAnalysis(); for regression LinearRegression()"),
    (
        "method",
        "FisherG (Gaussianised)",
        "make_pipeline(QuantileTransformer(output_distribution='normal'), "
        "LinearDiscriminantAnalysis())",
    ),
    (
        "method",
        "FDA (a formula of your own)",
        "LogisticRegression() on PolynomialFeatures(); any other formula by scipy.optimize",
    ),
    ("method", "MLP", "make_pipeline(StandardScaler(), MLPClassifier((5,), activation='tanh'))"),
    ("method", "MLPBFGS", "the same with solver='lbfgs'"),
    ("method", "MLPBNN (UseRegulator)", "the same with solver='lbfgs', alpha=1"),
    ("method", "TMlpANN, CFMlpANN", "MLPClassifier((10, 9))"),
    ("method", "DNN, DL", "make_pipeline(StandardScaler(), TorchClassifier((16, 8)))"),
    ("method", "SVM", "make_pipeline(StandardScaler(), SVC()); for regression SVR()"),
    (
        "method",
        "BDT (AdaBoost)",
        "AdaBoostClassifier(DecisionTreeClassifier(max_depth=2, splitter='random'), "
        "n_estimators=300, learning_rate=0.5)",
    ),
    (
        "method",
        "BDTG (gradient)",
        "HistGradientBoostingClassifier(); or GradientBoostingClassifier(subsample=0.5)",
    ),
    ("method", "BDTB (bagging)", "RandomForestClassifier() or ExtraTreesClassifier()"),
    (
        "method",
        "BDTD (decorrelated)",
        "make_pipeline(Decorrelate(), HistGradientBoostingClassifier())",
    ),
    ("method", "BDT pruning", "ccp_alpha=…, max_leaf_nodes=… or early_stopping=True"),
    (
        "method",
        "RuleFit",
        "make_pipeline(make_union(StandardScaler(), RandomTreesEmbedding(max_depth=3)), "
        "LogisticRegression(l1_ratio=1, solver='liblinear'))",
    ),
    (
        "method",
        "Category",
        "no ready equal: one pipeline a category, or the category as a variable",
    ),
    ("method", "Boost (of any method)", "AdaBoostClassifier(estimator=…), BaggingClassifier(…)"),
    ("method", "Committee", "VotingClassifier(…), StackingClassifier(…)"),
    ("method", "PyRandomForest, PyGTB, PyAdaBoost", "scikit-learn itself"),
    ("method", "PyKeras, PyTorch", "PyTorch itself, from day 2 on"),
    ("method", "RMVA (through R)", "none"),
    ("method", "Plugins", "any class with fit, predict and get_params"),
    ("method", "Multiclass", "scikit-learn's own; the bake-off compares two classes"),
    # Transformations
    ("transformation", "I", "none needed, or 'passthrough' in a pipeline"),
    ("transformation", "N (Norm)", "MinMaxScaler(); against outliers RobustScaler()"),
    ("transformation", "D (Deco)", "Decorrelate(); around the classes' means within_classes=True"),
    ("transformation", "P (PCA)", "PCA()"),
    ("transformation", "U (Uniform)", "QuantileTransformer(); takes no weights"),
    ("transformation", "G (Gauss)", "QuantileTransformer(output_distribution='normal')"),
    ("transformation", "Rearrange, subsets of variables", "ColumnTransformer(…)"),
    ("transformation", "DataLoader::VarTransform (variance)", "VarianceThreshold()"),
    (
        "transformation",
        "chains, N,D,P,G",
        "make_pipeline(…): trained within each fold, on training rows",
    ),
    # Data
    ("data", "TTree, ASCII", "a pandas DataFrame; ROOT files by the package uproot"),
    ("data", "expressions, myvar := a+b", "table.eval('myvar = a + b')"),
    ("data", "AddSpectator", "bakeoff(…, spectators=['batch_id'])"),
    ("data", "AddTarget", "bakeoff({…regressors}, X, y)"),
    (
        "data",
        "weights",
        "bakeoff(…, sample_weight='weight'); r.summary says which method uses them",
    ),
    ("data", "cuts on the table", "table.query('moi < 0.1')"),
    ("data", "PrepareTrainingAndTestTree", "bakeoff(…, cv=ShuffleSplit(1, test_size=0.5))"),
    (
        "data",
        "split by an expression",
        "bakeoff(…, groups='seed_lot'); in time: cv=TimeSeriesSplit()",
    ),
    ("data", "CrossValidation", "bakeoff(…, cv=5); r.folds"),
    (
        "data",
        "OptimizeAllMethods, HyperParameterOptimisation",
        "GridSearchCV(…) as one of the methods",
    ),
    ("data", "Envelopes (Jobs=4)", "n_jobs=… of many methods"),
    ("data", "batches for torch", "torch.utils.data.DataLoader"),
    # Evaluation
    ("evaluation", "ranking of methods, ROC integral", "r.summary, with an interval for each area"),
    ("evaluation", "efficiency at B = 0.01, 0.10, 0.30", "r.summary, with errors"),
    ("evaluation", "separation, significance", "r.summary"),
    ("evaluation", "overtraining check, KS", "r.overtraining; plots.responses(r, name)"),
    (
        "evaluation",
        "cut efficiencies, best S/sqrt(S+B)",
        "plots.cuts(r, name, signal=…, background=…)",
    ),
    ("evaluation", "correlation matrices", "r.correlations; plots.correlations(r)"),
    ("evaluation", "variable ranking", "r.separation; r.ranking(name) adds permutation importance"),
    ("evaluation", "VariableImportance (drop one, all)", "r.ranking(name), with spreads"),
    ("evaluation", "regression table", "bakeoff({…regressors}, …).summary and .train_summary"),
    ("evaluation", "regression deviations", "plots.deviations(r, name)"),
    ("evaluation", "probability", "predict_proba; CalibratedClassifierCV(…) where there is none"),
    ("evaluation", "rarity", "the column background_efficiency of r.cuts(name)"),
    ("evaluation", "1/(background efficiency)", "1 / r.roc(name)['background_efficiency']"),
    (
        "evaluation",
        "scatter plots, parallel coordinates",
        "plotly.express.scatter_matrix, parallel_coordinates",
    ),
    (
        "evaluation",
        "likelihood reference distributions",
        "grid_ and log_pdf_ of ProjectiveLikelihood",
    ),
    ("evaluation", "decision trees, foams", "sklearn.tree.plot_tree, export_text"),
    ("evaluation", "network convergence", "loss_curve_ of MLPClassifier and TorchClassifier"),
    ("evaluation", "rules of RuleFit", "none in words"),
    ("evaluation", "TMVA.root", "r.responses, r.train_responses: DataFrames"),
    # Use
    ("use", "weights.xml", "save(r.model(name), 'model.skops'): data, no code"),
    ("use", "Reader", "load('model.skops').apply(table)"),
    ("use", "standalone C++ class, SOFIE", "none here; ONNX through the package skl2onnx"),
    ("use", "GetMVAError", "none for one event; r.summary gives intervals of the results"),
    ("use", "TMVAGui", "vaxlab.bakeoff.plots, in the notebook"),
    # JsMVA
    ("JsMVA", "%jsmva on", "from vaxlab import bakeoff, figures"),
    ("JsMVA", "BookMethod with keywords", "scikit-learn's own keywords"),
    ("JsMVA", "DrawInputVariable", "plotly.express.histogram(table, x=…, color=…)"),
    ("JsMVA", "DrawCorrelationMatrix", "plots.correlations(r)"),
    ("JsMVA", "DrawROCCurve", "plots.roc(r)"),
    ("JsMVA", "DrawOutputDistribution", "plots.responses(r, name)"),
    (
        "JsMVA",
        "DrawProbabilityDistribution",
        "plots.responses(r, name) where there is predict_proba",
    ),
    ("JsMVA", "DrawCutEfficiencies", "plots.cuts(r, name, signal=…, background=…)"),
    ("JsMVA", "live training curve, stop button", "none here; training loops of day 2 in PyTorch"),
    ("JsMVA", "DrawNeuralNetwork, DrawDNNWeights", "coefs_ of MLPClassifier in a heat map"),
    ("JsMVA", "DrawDecisionTree", "sklearn.tree.plot_tree, export_text"),
    ("JsMVA", "DNN designer", "none: a network is written in PyTorch"),
    ("JsMVA", "EvaluateImportance", "plots.ranking(r.ranking(name), name)"),
)


def tmva_equivalents() -> pd.DataFrame:
    """Say for each method and feature of TMVA and JsMVA what to use here.

    Returns
    -------
    DataFrame
        ``part`` (method, transformation, data, evaluation, use, JsMVA), ``tmva`` and ``here``,
        one line each; "none" where there is no equal.
    """
    import pandas as pd

    return pd.DataFrame(_EQUIVALENTS, columns=["part", "tmva", "here"])
