"""Right and wrong answers to the exercises of day 1, notebook 1."""

from answers.answer import Answer

NOTEBOOK = "day1/1-trust"

TIDY = """
def tidy_ha(raw):
    text = raw["value"].str.strip().str.replace(",", ".")
    tidy = pd.DataFrame(index=raw.index)
    tidy["censored"] = text.str.startswith("<")
    number = text.str.lstrip("<").astype(float)
    tidy["ha"] = np.where(raw["unit"] == "HAU/100 uL", np.log10(number), number)
    return tidy
"""

ERRORS = """
def find_errors(samples):
    analyte, value = samples["analyte"], samples["value"]
    clock = samples["analysed_at"] < samples["sampled_at"]
    twice = samples.duplicated(["sample_id", "analyte"])
    day = (samples["hours_after_infection"] / 24).round()
    usual = value.groupby([analyte, day]).transform("median")
    log = analyte.isin(["ha", "tcid50"])
    off = (~log & ~(value / usual).between(0.25, 4)) | (log & ((value - usual).abs() > 1))
    return clock | twice | off
"""

GAPS = """
def gaps(table):
    weekend, taken = table["weekend"], table["ha_48h"].notna()
    seen = table["ha_48h"][weekend].mean() - table["ha_48h"][~weekend].mean()
    real = table["ha_harvest"][weekend].mean() - table["ha_harvest"][~weekend].mean()
    among = table[weekend]
    chosen = among["ha_harvest"][taken].mean() - among["ha_harvest"][~taken].mean()
    return seen, real, chosen
"""

CEILING = """
def components(assays):
    readings = assays.groupby("batch_id")["ha_log10_per_100ul"]
    assay = readings.var().mean()
    return readings.mean().var() - assay / 4, assay

def r2_ceiling(batch_variance, assay_variance, replicates):
    return batch_variance / (batch_variance + assay_variance / replicates)
"""

TEN = """
def ten_best(assays):
    table = assays.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    chosen = list(table[1].nlargest(10).index)
    return chosen, table.loc[chosen, [2, 3, 4]].to_numpy().mean()
"""

SHRUNK = """
def ten_best(assays):
    first = assays[assays["replicate"] == 1].set_index("batch_id")["ha_log10_per_100ul"]
    readings = assays.groupby("batch_id")["ha_log10_per_100ul"]
    assay = readings.var().mean()
    batch = readings.mean().var() - assay / 4
    best = first.sort_values().tail(10)
    return best.index, first.mean() + batch / (batch + assay) * (best.mean() - first.mean())
"""

BULK = """
def ten_best(assays):
    first = assays[assays["replicate"] == 1].set_index("batch_id")["ha_log10_per_100ul"]
    readings = assays.groupby("batch_id")["ha_log10_per_100ul"]
    middle, means = first.median(), readings.mean()
    # The bulk of the batches, without those that lie far below.
    batch = (1.48 * (means - means.median()).abs().median()) ** 2 - readings.var().mean() / 4
    best = first.sort_values().tail(10)
    kept = batch / (batch + readings.var().mean())
    return best.index, middle + kept * (best.mean() - middle)
"""

# The bad batches bend it: how high the others are, by a curve through the first.
CURVE = """
def ten_best(assays):
    table = assays.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    curve = np.polyfit(table[1], table[[2, 3, 4]].mean(axis=1), 2)
    chosen = list(table[1].nlargest(10).index)
    return chosen, np.polyval(curve, table.loc[chosen, 1]).mean()
"""

TOLD_OFF = """
def ten_best(assays):
    table = assays.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    chosen = list(table[1].nlargest(10).index)
    return chosen, table.loc[chosen, 1].mean() - 0.29
"""

DEVIATIONS = """
def components(assays):
    readings = assays.groupby("batch_id")["ha_log10_per_100ul"]
    assay = readings.std().mean()
    return readings.mean().std() - assay / 4, assay

def r2_ceiling(batch_variance, assay_variance, replicates):
    return batch_variance / (batch_variance + assay_variance / replicates)
"""

ANSWERS = [
    # Exercise 1: HA is a logarithm
    Answer("trust-twins", "def antigen_ratio(a, b):\n    return 10 ** abs(a - b)", 2),
    Answer(
        "trust-twins",
        "def antigen_ratio(a, b):\n"
        "    x, y = 10 ** np.asarray(a), 10 ** np.asarray(b)\n"
        "    return np.maximum(x, y) / np.minimum(x, y)",
        2,
    ),
    Answer(
        "trust-twins", "def antigen_ratio(a, b):\n    return a / b", 0, "divided the logarithms"
    ),
    Answer(
        "trust-twins", "def antigen_ratio(a, b):\n    return abs(a - b)", 0, "Undo the logarithm"
    ),
    Answer("trust-twins", "def antigen_ratio(a, b):\n    return np.exp(abs(a - b))", 0, "base e"),
    Answer("trust-twins", "def antigen_ratio(a, b):\n    return 2 ** abs(a - b)", 0, "two-fold"),
    Answer(
        "trust-twins",
        "def antigen_ratio(a, b):\n    return 10 ** (a - b)",
        0.5,
        "below 1 in the other",
    ),
    Answer("trust-twins", "def antigen_ratio(a, b):\n    10 ** abs(a - b)", 0, "`return`"),
    Answer("trust-twins", "def antigen_ratio(a, b):\n    return 10 ** absolute(a)", 0, "NameError"),
    Answer("trust-twins", "antigen_ratio = ...", 0, "three dots"),
    Answer(
        "trust-twins", "def antigen_ratio(a, b):\n    return 10 ** (b - a)", 0.5, "in the other"
    ),
    Answer(
        "trust-twins",
        "def antigen_ratio(a, b):\n    return 10 ** max(a - b, b - a)",
        1,
        "np.maximum",
    ),
    Answer(
        "trust-twins",
        "def antigen_ratio(a, b):\n    return np.power(10, np.ptp([a, b], axis=0))",
        2,
    ),
    Answer("trust-twins", "def antigen_ratio(a, b):\n    return 2.0", 0, "how many times more"),
    Answer(
        "trust-twins", "def antigen_ratio(a, b):\n    return abs(10**a - 10**b)", 0, "units more"
    ),
    Answer(
        "trust-twins",
        "def antigen_ratio(a, b):\n    return 10 ** (a / b)",
        0,
        "divided before they were undone",
    ),
    Answer(
        "trust-twins",
        "def antigen_ratio(a, b):\n    return 10 ** (a - b).abs()",
        1,
        "AttributeError",
    ),
    Answer(
        "trust-twins",
        "def antigen_ratio(a, b):\n    return 10 ** -abs(a - b)",
        0,
        "the poorer over the richer",
    ),
    Answer(
        "trust-twins",
        "def antigen_ratio(a, b):\n    return np.maximum(a, b) / np.minimum(a, b)",
        0,
        "divided the logarithms",
    ),
    # Exercise 2: text, units, limits
    Answer("trust-tidy", TIDY, 4),
    Answer(
        "trust-tidy",
        """
def tidy_ha(raw):
    rows = []
    for value, unit in zip(raw["value"], raw["unit"]):
        clean = value.strip().replace(",", ".")
        number = float(clean.replace("<", ""))
        number = np.log10(number) if unit.startswith("HAU") else number
        rows.append({"ha": np.float32(number), "censored": int("<" in clean), "note": clean})
    return pd.DataFrame(rows, index=raw.index)
""",
        4,
    ),
    Answer(
        "trust-tidy",
        TIDY.replace("np.log10(number)", "number"),
        2,
        "stayed in HA units",
    ),
    Answer("trust-tidy", TIDY.replace("np.log10", "np.log"), 2, "natural logarithm"),
    Answer(
        "trust-tidy",
        TIDY.replace("return tidy", "return tidy[~tidy['censored']]"),
        0,
        "below the limit are data",
    ),
    Answer(
        "trust-tidy",
        TIDY.replace("return tidy", "tidy.loc[tidy['censored'], 'ha'] = 0\n    return tidy"),
        3.5,
        "0 is one unit",
    ),
    Answer(
        "trust-tidy",
        TIDY.replace("return tidy", "tidy.loc[tidy['censored'], 'ha'] = np.nan\n    return tidy"),
        3.5,
        "value is NaN",
    ),
    Answer("trust-tidy", "def tidy_ha(raw):\n    return raw['value']", 0, "two columns"),
    Answer(
        "trust-tidy",
        "def tidy_ha(raw):\n    return raw.assign(ha=raw['value'].astype(float), censored=False)",
        0,
        "ValueError",
    ),
    Answer(
        "trust-tidy",
        """
def tidy_ha(raw):
    def read(row):
        text = str(row["value"]).replace(" ", "").replace(",", ".")
        number = float(text.strip("<"))
        return number if row["unit"].startswith("log10") else np.log10(number)
    below = raw["value"].str.contains("<")
    return pd.DataFrame({"censored": below, "ha": raw.apply(read, axis=1)})
""",
        4,
    ),
    Answer(
        "trust-tidy",
        "def tidy_ha(raw):\n"
        "    ha = pd.to_numeric(raw['value'], errors='coerce')\n"
        "    return pd.DataFrame({'ha': ha, 'censored': ha.isna()})",
        0.5,
        "became NaN",
    ),
    Answer(
        "trust-tidy",
        "def tidy_ha(raw):\n"
        "    return raw.assign(ha=raw['value'], censored=raw['value'].str.contains('<'))",
        0,
        "text in the column",
    ),
    Answer(
        "trust-tidy",
        TIDY.replace("return tidy", "tidy.loc[tidy['censored'], 'ha'] /= 2\n    return tidy"),
        3.5,
        "not the limit",
    ),
    Answer(
        "trust-tidy",
        TIDY.replace(
            "return tidy",
            "tidy.loc[tidy['censored'], 'ha'] = number[tidy['censored']]\n    return tidy",
        ),
        3.5,
        "stayed in HA units. It is a reading like the others",
    ),
    # The same limit, rounded as some type it.
    Answer(
        "trust-tidy",
        TIDY.replace("return tidy", "tidy.loc[tidy['censored'], 'ha'] = 0.5\n    return tidy"),
        4,
    ),
    Answer(
        "trust-tidy",
        TIDY.replace('text.str.startswith("<")', "..."),
        3,
        "The column `censored` is still three dots",
    ),
    Answer(
        "trust-tidy",
        "def tidy_ha(raw):\n    return pd.DataFrame({'ha': 0.5, 'censored': "
        "raw['value'].str.contains('<')}, index=raw.index)",
        0,
        "not what was meant",
    ),
    Answer(
        "trust-tidy",
        TIDY.replace(".str.strip()", "").replace('lstrip("<")', 'lstrip("< ")'),
        3,
        "strip first",
    ),
    Answer(
        "trust-tidy",
        "def tidy_ha(raw):\n    return raw.assign(ha=pd.to_numeric(raw['value']), censored=False)",
        0,
        "mind blanks, commas and signs",
    ),
    # Exercise 3: errors
    Answer("trust-errors", ERRORS, 6),
    Answer(
        "trust-errors",
        ERRORS.replace("return clock | twice | off", "return list(clock | twice | off)"),
        6,
    ),
    Answer(
        "trust-errors",
        ERRORS.replace("return clock | twice | off", "return samples[clock | twice | off]"),
        6,
    ),
    # The labels of the rows.
    Answer(
        "trust-errors",
        ERRORS.replace("return clock | twice | off", "return samples.index[clock | twice | off]"),
        6,
    ),
    Answer(
        "trust-errors",
        ERRORS.replace("return clock | twice | off", "return np.flatnonzero(clock | twice | off)"),
        0,
        "give the condition by which you picked them",
    ),
    Answer(
        "trust-errors",
        ERRORS.replace(
            "return clock | twice | off", "return samples.loc[clock | twice | off, 'row_id']"
        ),
        0,
        "give the condition by which you picked them",
    ),
    Answer(
        "trust-errors",
        ERRORS.replace('samples["value"]', 'samples["ha"]'),
        0,
        "its number stands in `value`",
    ),
    Answer(
        "trust-errors",
        ERRORS.replace("return clock", 'usual = samples["usual"]\n    return clock'),
        0,
        "the table comes without `usual`",
    ),
    Answer(
        "trust-errors",
        ERRORS.replace('samples["value"]', 'samples["volume"]'),
        0,
        "Is it misspelt?",
    ),
    Answer(
        "trust-errors",
        ERRORS.replace(
            'duplicated(["sample_id", "analyte"])',
            'duplicated(["sample_id", "analyte"], keep=\'last\')',
        ),
        6,
    ),
    Answer(
        "trust-errors",
        """
def find_errors(samples):
    values = samples.groupby("analyte")["value"]
    z = (samples["value"] - values.transform("mean")) / values.transform("std")
    return z.abs() > 3
""",
        0,
        "stretch that mean",
    ),
    Answer(
        "trust-errors",
        "def find_errors(samples):\n    return [True] * len(samples)",
        0,
        "Every row was called an error",
    ),
    Answer(
        "trust-errors",
        "def find_errors(samples):\n    return [False] * len(samples)",
        0,
        "No row was called an error",
    ),
    Answer(
        "trust-errors",
        "def find_errors(samples):\n    return samples['value'] > 'a'",
        0,
        "TypeError",
    ),
    Answer(
        "trust-errors",
        "def find_errors(samples):\n    return samples['value']",
        0,
        "True for an error",
    ),
    Answer(
        "trust-errors",
        "def find_errors(samples):\n"
        "    return (samples['analysed_at'] < samples['sampled_at'])"
        " | samples.duplicated(['sample_id', 'analyte'])",
        1.5,
        "A slip is a factor",
    ),
    Answer(
        "trust-errors",
        ERRORS.replace("0.25, 4", "0.7, 1.4"),
        1.5,
        "what is usual there, and how far off are they",
    ),
    Answer("trust-errors", ERRORS.replace("0.25, 4", "1 / 3, 3").replace("> 1)", "> 0.8)"), 6),
    Answer(
        "trust-errors",
        ERRORS.replace("(value - usual).abs() > 1", "~(value / usual).between(0.8, 1.25)"),
        6,
    ),
    Answer(
        "trust-errors",
        ERRORS.replace(
            "log = analyte.isin(['ha', 'tcid50'])", "log = analyte.str.contains('ha|tcid')"
        ).replace("transform('median')", "transform(np.median)"),
        6,
    ),
    Answer(
        "trust-errors",
        ERRORS.replace('["sample_id", "analyte"]', '"sample_id"'),
        0,
        "A sample is read for several analytes",
    ),
    Answer(
        "trust-errors",
        ERRORS.replace('["sample_id", "analyte"]', '["sample_id"], keep="last"'),
        0,
        "A sample is read for several analytes",
    ),
    Answer("trust-errors", ERRORS.replace("log = analyte", "log = False & analyte"), 4, "100, and"),
    Answer(
        "trust-errors", ERRORS.replace("(value - usual).abs()", "(value - usual)"), 4.75, "small"
    ),
    Answer(
        "trust-errors",
        ERRORS.replace("~(value / usual).between(0.25, 4)", "(value / usual > 4)"),
        4,
        "small",
    ),
    Answer(
        "trust-errors",
        ERRORS.replace("[analyte, day]", "analyte"),
        1.5,
        "what is usual there",
    ),
    Answer("trust-errors", ERRORS.replace("clock | twice | off", "off"), 4.5, "Which sample and"),
    Answer(
        "trust-errors",
        "def find_errors(samples):\n"
        "    usual = samples.groupby('analyte')['value'].transform('median')\n"
        "    off = samples['value'] / usual\n"
        "    return off > 3 | off < 0.33",
        0,
        "Put each comparison in brackets",
    ),
    Answer("trust-errors", ERRORS.replace("> 1)", "> 1.8)"), 5.25, "how far from usual these lie"),
    Answer(
        "trust-errors",
        "def find_errors(samples):\n    return samples['value'] > -1",
        0,
        "They count once less than 20%",
    ),
    # Exercise 4: missing not at random
    Answer("trust-weekends", GAPS, 3),
    Answer(
        "trust-weekends",
        GAPS.replace("return seen, real, chosen", "return np.array([seen, real, chosen])"),
        3,
    ),
    Answer(
        "trust-weekends",
        GAPS.replace(
            "return seen, real, chosen",
            "return pd.Series({'seen': seen, 'real': real, 'chosen': chosen})",
        ),
        3,
    ),
    Answer(
        "trust-weekends",
        GAPS.replace("return seen, real", "return -seen, real"),
        2.75,
        "wrong sign",
    ),
    Answer(
        "trust-weekends",
        GAPS.replace('table["ha_48h"][weekend]', 'table["ha_48h"].fillna(0)[weekend]').replace(
            'table["ha_48h"][~weekend]', 'table["ha_48h"].fillna(0)[~weekend]'
        ),
        2.5,
        "counted as 0",
    ),
    Answer(
        "trust-weekends",
        GAPS.replace("    real =", "    kept = table.dropna()\n    real =").replace(
            'table["ha_harvest"][weekend].mean() - table["ha_harvest"][~weekend]',
            'kept["ha_harvest"][weekend].mean() - kept["ha_harvest"][~weekend]',
        ),
        2,
        "use all of them",
    ),
    Answer("trust-weekends", "def gaps(table):\n    return 0.1", 0, "three numbers"),
    Answer(
        "trust-weekends",
        GAPS.replace("return seen, real, chosen", "return seen, ..., ..."),
        0.5,
        "Three dots are left",
    ),
    Answer(
        "trust-weekends",
        GAPS.replace("return seen, real", "return real, seen"),
        1.5,
        "in this order",
    ),
    Answer(
        "trust-weekends",
        GAPS.replace("return seen, real, chosen", "return seen, real, 0"),
        1.5,
        "Not the",
    ),
    Answer("trust-weekends", GAPS.replace(".mean()", ".median()"), 0, "a difference of medians"),
    Answer(
        "trust-weekends",
        GAPS.replace("among = table[weekend]", "among = table"),
        1.5,
        "All days together",
    ),
    Answer(
        "trust-weekends",
        GAPS.replace(
            'chosen = among["ha_harvest"][taken]', 'chosen = among["ha_48h"][taken]'
        ).replace('among["ha_harvest"][~taken]', 'among["ha_48h"][~taken]'),
        1.5,
        "the mean of nothing",
    ),
    Answer("trust-weekends", "def gaps(table):\n    return 0, 0, 0", 0, "difference"),
    # Exercise 5: the ceiling
    Answer("trust-ceiling", CEILING, 5),
    Answer(
        "trust-ceiling",
        """
def components(assays):
    table = assays.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    covariance = table.cov().to_numpy()
    batch = covariance[~np.eye(4, dtype=bool)].mean()
    return np.array([batch, np.diag(covariance).mean() - batch])

def r2_ceiling(batch_variance, assay_variance, replicates):
    return 1 / (1 + assay_variance / batch_variance / replicates)
""",
        5,
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace(
            "return readings.mean().var() - assay / 4, assay",
            "return {'batches': readings.mean().var() - assay / 4, 'assay': assay}",
        ),
        5,
    ),
    Answer("trust-ceiling", CEILING.replace(" - assay / 4", ""), 3, "take it off"),
    Answer(
        "trust-ceiling",
        CEILING.replace("readings.var().mean()", "readings.std().mean()").replace(
            " - assay / 4", " - readings.var().mean() / 4"
        ),
        4,
        "standard deviation",
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace("assay_variance / replicates", "assay_variance"),
        3.5,
        "number of replicates",
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace("var().mean()", "var(ddof=0).mean()").replace("assay / 4", "assay / 3"),
        4,
        "n - 1",
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace(
            "return batch_variance / (batch_variance + assay_variance / replicates)",
            "return (batch_variance / (batch_variance + assay_variance / replicates)) ** 0.5",
        ),
        3,
        "correlation",
    ),
    Answer("trust-ceiling", CEILING.replace("assay / 4", "assay / 3"), 3, "number of readings"),
    Answer(
        "trust-ceiling",
        CEILING.replace(
            "return readings.mean().var() - assay / 4, assay",
            "return assay, readings.mean().var() - assay / 4",
        ),
        2,
        "swapped",
    ),
    Answer(
        "trust-ceiling",
        CEILING + "\n\ndef components(assays):\n    return ..., ...\n",
        2,
        "three dots",
    ),
    Answer(
        "trust-ceiling",
        """
def components(assays):
    table = assays.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
    return table[1].cov(table[2]), (table[1] - table[2]).var() / 2

def r2_ceiling(batch_variance, assay_variance, replicates):
    return round(1 - assay_variance / (replicates * batch_variance + assay_variance), 2)
""",
        5,
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace("assay = readings.var().mean()", "assay = readings.mean().var()").replace(
            "- assay / 4", "- readings.var().mean() / 4"
        ),
        4,
        "variance of the batches' *means*",
    ),
    Answer("trust-ceiling", CEILING.replace("- assay / 4", "- assay"), 3, "the whole variance"),
    Answer(
        "trust-ceiling",
        CEILING.replace("readings.var().mean()", 'assays["ha_log10_per_100ul"].var()'),
        2,
        "batch and assay together",
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace("assay_variance / replicates", "assay_variance / replicates**0.5"),
        3.5,
        "not by its root",
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace("return readings.mean().var() - assay / 4, assay", "return 0.042, 0.022"),
        2,
        "one number for all tables",
    ),
    # What the check itself says is right on its first thirty tables.
    Answer(
        "trust-ceiling",
        CEILING.replace("return readings.mean().var() - assay / 4, assay", "return 0.036, 0.09"),
        2,
        "one number for all tables",
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace(
            "return readings.mean().var() - assay / 4, assay",
            "return readings.mean().var() - assay / 4, readings.std().mean() ** 2",
        ),
        4,
        "the square of a mean standard deviation",
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace(
            "return readings.mean().var() - assay / 4, assay",
            "return readings.mean().var() * 0.8, assay",
        ),
        3,
        "Not the variance",
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace("    return readings.mean", "    return assay, assay, readings.mean"),
        2,
        "should give two numbers",
    ),
    Answer(
        "trust-ceiling",
        CEILING.replace("return batch_variance / (", "return batch_variance / batch_variance + ("),
        3,
        "Not the share",
    ),
    Answer("trust-ceiling", DEVIATIONS, 2, "standard deviations do not"),
    # Exercise 6: the winner's curse
    Answer("trust-promise", TEN, 4),
    Answer("trust-promise", TEN.replace("[2, 3, 4]", "[2]"), 4),
    Answer(
        "trust-promise",
        """
def ten_best(assays):
    first = assays[assays["replicate"] == 1].sort_values("ha_log10_per_100ul")
    best = first["batch_id"].tail(10)
    rest = assays[assays["batch_id"].isin(best) & (assays["replicate"] != 1)]
    return best, rest.groupby("batch_id")["ha_log10_per_100ul"].median().mean().round(2)
""",
        4,
    ),
    # The names as an index.
    Answer(
        "trust-promise",
        TEN.replace("list(table[1].nlargest(10).index)", "table[1].nlargest(10)").replace(
            "loc[chosen,", "loc[chosen.index,"
        ),
        4,
    ),
    Answer(
        "trust-promise",
        TEN.replace("return chosen, ", "return {'chosen': chosen, 'promise': ").rstrip() + "}",
        4,
    ),
    Answer(
        "trust-promise",
        TEN.replace("return chosen, ", "return ', '.join(chosen), "),
        0,
        "came as one text",
    ),
    Answer("trust-promise", "def ten_best(assays):\n    return 'B001'", 0, "two things"),
    Answer(
        "trust-promise",
        TEN.replace("return chosen, ", "return dict.fromkeys(chosen, ").rstrip() + ")",
        0,
        "two things",
    ),
    # Any order among equals.
    Answer(
        "trust-promise", TEN.replace("table[1].nlargest(10)", "table[1].iloc[::-1].nlargest(10)"), 4
    ),
    Answer(
        "trust-promise",
        TEN.replace("nlargest(10)", "sort_values(ascending=False, kind='stable').head(10)"),
        4,
    ),
    Answer("trust-promise", TEN.replace("nlargest(10)", "nlargest(10, keep='last')"), 4),
    Answer("trust-promise", TOLD_OFF, 0.5, "same amount is taken off"),
    Answer("trust-promise", TOLD_OFF.replace("- 0.29", "* 0.887"), 0.5, "same amount"),
    Answer("trust-promise", TOLD_OFF.replace("- 0.29", "- 0.2"), 0.5, "same amount"),
    Answer(
        "trust-promise",
        TOLD_OFF.replace("- 0.29", "- 12 * table.var(axis=1).mean()"),
        0.5,
        "It promises too little, most of all here: only 30 batches",
    ),
    Answer("trust-promise", CURVE, 0.5, "It promises too much"),
    Answer(
        "trust-promise",
        TEN.replace(
            "table.loc[chosen, [2, 3, 4]].to_numpy().mean()",
            "np.log10((10 ** table.loc[chosen, [2, 3, 4]]).to_numpy().mean())",
        ),
        0.5,
        "mean of the antigen",
    ),
    Answer("trust-promise", SHRUNK, 0.5, "scatter alike to both sides"),
    Answer("trust-promise", BULK, 0.5, "It promises too much"),
    Answer("trust-promise", TEN.replace("[2, 3, 4]", "[1]"), 0.5, "luck does not come again"),
    Answer("trust-promise", TEN.replace("[2, 3, 4]", "[1, 2, 3, 4]"), 0.5, "Leave it out"),
    Answer(
        "trust-promise",
        TEN.replace(".to_numpy().mean()", ".to_numpy().mean() + 0.06"),
        0.5,
        "It promises too much",
    ),
    Answer(
        "trust-promise",
        TEN.replace("table.loc[chosen, [2, 3, 4]]", "table[1]"),
        0.5,
        "mean of all batches",
    ),
    Answer("trust-promise", TEN.replace("nlargest(10)", "nlargest(5)"), 0, "ten different batches"),
    Answer("trust-promise", "def ten_best(assays):\n    return 2.5", 0, "two things"),
    Answer(
        "trust-promise",
        TEN.replace("table[1].nlargest", "table[1].nsmallest"),
        0,
        "higher first assay",
    ),
    Answer(
        "trust-promise",
        TEN.replace("table[1].nlargest", "table.mean(axis=1).nlargest"),
        0,
        "Choose by the first alone",
    ),
    Answer(
        "trust-promise",
        TEN.replace("table.loc[chosen, [2, 3, 4]].to_numpy().mean()", "2.24"),
        0.5,
        "one number for all tables",
    ),
    Answer("trust-promise", TEN.replace("[2, 3, 4]", "2:").replace(".to_numpy()", ".mean()"), 4),
    Answer(
        "trust-promise",
        TEN.replace("[2, 3, 4]]", "[1, 2, 3, 4]].median(axis=1)"),
        0.5,
        "It promises too much",
    ),
    Answer(
        "trust-promise",
        TEN.replace("[2, 3, 4]].to_numpy()", "[2, 3, 4]].min(axis=1)"),
        0.5,
        "It promises too little",
    ),
    Answer(
        "trust-promise",
        TEN.replace("table.loc[chosen, [2, 3, 4]].to_numpy().mean()", "..."),
        0.5,
        "Three dots are left",
    ),
    Answer(
        "trust-promise",
        TEN.replace("table.loc[chosen, [2, 3, 4]].to_numpy().mean()", "10 ** 2.25"),
        0.5,
        "one number for all tables",
    ),
]
