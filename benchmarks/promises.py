"""What a day's notebooks promise: the figures that `outcomes.py` measures."""

from dataclasses import dataclass

INF = float("inf")


@dataclass(frozen=True)
class Promise:
    """What a notebook promises, and the interval in which a plant's figure must lie.

    Attributes
    ----------
    notebook, asked : str
    figure : str
        Key of what is measured, or two keys with `` - `` or `` / `` between them.
    low, high : float
        Interval, ends included; without a bound the figure is only told.
    """

    notebook: str
    asked: str
    figure: str
    low: float = -INF
    high: float = INF


PROMISES = (
    Promise("1-normal", "step faults that SPE finds within 6 h, %", "SPE: step faults found", 85),
    Promise("1-normal", "false alarms of SPE, % of sound batches", "SPE: false alarms", 0, 5),
    Promise("1-normal", "true tag named by SPE, %", "SPE: true tag named"),
    Promise("1-normal", "true tag named by T², %", "T²: true tag named"),
    Promise("1-normal", "drifts of the pH probe that SPE ever finds, %", "SPE: probe drift ever"),
    Promise("1-normal", "step faults found with hidden ones among the golden, %",
            "SPE dirty: step faults found"),
    Promise("2-spectra", "glucose on new batches, g/L", "PLS 4 glucose", 0, 0.65),
    Promise("2-spectra", "lactate on new batches, g/L", "PLS 4 lactate", 0, 0.48),
    Promise("2-spectra", "glucose: the clock's miss over the sensor's", "clock / PLS 4 glucose",
            1.5),
    Promise("2-spectra", "lactate: the clock's miss over the sensor's", "clock / PLS 4 lactate",
            1.5),
    Promise("3-trajectories", "MLP less trees with 120 batches, h", "MLP - trees", 0),
    Promise("3-trajectories", "1-D CNN less trees with 120 batches, h", "1-D CNN - trees", 0),
    Promise("3-trajectories", "GRU less trees with 120 batches, h", "GRU - trees", 0),
    Promise("3-trajectories", "leak: miss in the records over the miss at 30 h",
            "leak, finished / leak, at 30 h", 0, 0.5),
    Promise("4-hybrid", "inside: the hybrid's miss over the pure network's",
            "hybrid inside / network", 0, 0.8),
    Promise("4-hybrid", "inside: the hybrid's miss over the best pure model's",
            "hybrid inside / best pure", 0, 0.8),
    Promise("4-hybrid", "outside: the hybrid's miss over the best pure model's",
            "hybrid outside / best pure", 0, 0.6),
    Promise("4-hybrid", "lowest concentration outside, mmol/L", "hybrid outside lowest", 0),
    Promise("4-hybrid", "growth rate off, median, share", "hybrid growth off", 0, 0.15),
    Promise("1-nine", "drivers of nine among the fifteen called", "steps: drivers", 7),
    Promise("1-nine", "columns called that do nothing", "steps: false", 0, 3),
    Promise("1-nine", "signs of drivers the wrong way", "steps: signs off", 0, 1),
    Promise("1-nine", "drivers by plain correlation", "naive: drivers"),
    Promise("1-nine", "drivers by the doses alone", "doses only: drivers"),
    Promise("1-nine", "doses by the set points found, lower 95 % end, %", "moved: low", 15),
    Promise("1-nine", "silent lines below 0.05, lots counted, of 18", "of them below 0.05, lots"),
    Promise("1-nine", "silent lines below 0.05, batches counted, of 18",
            "of them below 0.05, batches"),
    Promise("1-nine", "conductivity, season and virus fixed, over the true effect",
            "slope: season and virus / slope: true"),
    Promise("1-nine", "the same, recovery fixed (wrong)",
            "slope: season and recovery / slope: true"),
    Promise("1-nine", "the same, only released (wrong)", "slope: only released / slope: true"),
    Promise("2-lot-or-probe", "lot effects: r with the truth", "lots r: crossed", 0.8),
    Promise("2-lot-or-probe", "raw means of lots: miss over the mixed model's",
            "lots miss: raw means / crossed", 1),
    Promise("2-lot-or-probe", "change points within 5 rounds, % of pairs",
            "within 5: R1 - R2, %", 80),
    Promise("2-lot-or-probe", "lot or probe: right verdicts of 12", "fall: right of 12", 11),
    Promise("2-lot-or-probe", "did the action help: right verdicts of 12",
            "action: right of 12", 11),
    Promise("2-lot-or-probe", "capture or culture: right verdicts of 12",
            "capture: right of 12", 11),
    Promise("2-lot-or-probe", "doses gained by verdicts over doing nothing, %",
            "gained, %: verdicts", 20),
    Promise("2-lot-or-probe", "verdicts less always blaming the lot, % of doses",
            "gained, %: verdicts - gained, %: always lot", 0),
    Promise("3-recipe", "learned recipe: doses gained, %", "process: gained", 40),
    Promise("3-recipe", "learned recipe: lower end of its interval, %", "process: low", 25),
    Promise("3-recipe", "learned recipe: batches within the limits, %", "process: kept", 95),
    Promise("3-recipe", "learned less designed recipe, % of doses",
            "process: gained - design: gained"),
    Promise("3-recipe", "best of 30 random: doses gained, %", "random: gained"),
    Promise("3-recipe", "winner's curse of one vessel, %", "curse: best vessel", 0),
    Promise("4-harvest", "inactivated: an oracle adds to the best fixed hour, %",
            "inactivated: oracle adds, %", 0, 12),
    Promise("4-harvest", "live: an oracle adds to the best fixed hour, %",
            "live: oracle adds, %", 12),
    Promise("4-harvest", "live: the filter's share of the oracle's gain",
            "filter: share of the oracle's gain", 0.6),
    Promise("4-harvest", "live: a line of capacitance, its share of that gain",
            "capacitance: share of the oracle's gain"),
    Promise("4-harvest", "SD of log titre over the fixed hour's, equipment sound",
            "filter: SD / fixed hour's", 0, 0.6),
    Promise("4-harvest", "the same with batches whose equipment failed",
            "filter: SD / fixed hour's, all"),
    Promise("4-harvest", "deviating batches: share of their peak",
            "filter: share of peak, deviating", 0.85),
    Promise("4-harvest", "called 8 h ahead: the filter's share of the gain",
            "filter: share of the gain, 8 h ahead", 0.6),
    Promise("4-harvest", "called 8 h ahead: the capacitance rule's",
            "capacitance: share of the gain, 8 h ahead"),
    Promise("4-harvest", "peak inside the filter's 90 % at 36 h, share",
            "filter: peak in its 90 % at 36 h", 0.8),
)  # fmt: skip
