"""Right and wrong answers to the exercises of day 4, notebook 5."""

from answers.answer import Answer

NOTEBOOK = "day4/5-capstone"

OWN = 'own = record[record["reactor"] == batch["reactor"]]'


def check(rule, own=OWN, name="check_probe"):
    """Return an answer to exercise 1; ``rule`` may use own, gaps, sound and batch."""
    return f"""
def sums(gaps, sound, slack=0.5, ways=(1, -1)):
    most = 0.0
    for way in ways:
        total = 0.0
        for gap in gaps:
            total = max(0.0, total + way * (gap - sound) / 0.07 - slack)
        most = max(most, total)
    return most

def {name}(batch, record):
    {own}
    last = np.flatnonzero(own["checked"])
    gaps = own["ph_gap"].to_numpy(dtype=float)[last[-1] if len(last) else 0:]
    sound = record.loc[record["round"] < 3, "ph_gap"].mean()
    return {rule}
"""


PROBES = [
    Answer("capstone-probe", check("bool(len(gaps) > 2 and sums(gaps, sound) > 4)"), 5),
    # By the mean of the last three, and a fixed centre.
    Answer(
        "capstone-probe",
        check("len(gaps) >= 3 and bool(abs(gaps[-3:].mean() - 0.015) > 0.12)"),
        5,
    ),
    Answer("capstone-probe", check("False"), 0, "It never calls"),
    Answer("capstone-probe", check("True"), 0, "It calls nearly always"),
    Answer(
        "capstone-probe", check('batch["round"] % 5 == 0 and batch["round"] > 0'), 1, "that do not"
    ),
    Answer("capstone-probe", check("sums(gaps, sound) * 1.0"), 0, "True or False"),
    Answer("capstone-probe", check("bool(record['ph_gap'].iloc[-1] > 0)"), 0, "IndexError"),
    Answer(
        "capstone-probe",
        "import numpy as np\ndef check_probe(batch, record):\n"
        "    return bool(np.random.random() < 0.5)\n",
        0,
        "together cost too much",
    ),
]

MOVES = """
DAY_3 = {"inoculum_cells_per_ml": 4.5e5, "carrier_g_per_l": 3.5, "infection_temperature_c": 36.0}
"""

ALL = (
    '{"growth_time_h": 120, "trypsin_bu_per_ml": 9, "glucose_mmol_per_l": 42, '
    '"feed_mmol_per_l_h": 0.35, "infection_temperature_c": 35.4}'
)


def chosen(points, recipes="[]"):
    """Return an answer to exercise 2."""
    return f"""
DAY_3 = {{"inoculum_cells_per_ml": 4.5e5, "carrier_g_per_l": 3.5, "infection_temperature_c": 36.0}}
def try_out(runs):
    return {recipes}
def choose(product, runs):
    return {points}
"""


TRIES = [
    # Without an experiment, by what was learned in practice.
    Answer("capstone-tries", chosen(f"DAY_3 | {ALL}"), 5),
    # One comparison: day 3's recipe, and all changes at once.
    Answer(
        "capstone-tries",
        """
DAY_3 = dict(inoculum_cells_per_ml=4.5e5, carrier_g_per_l=3.5, infection_temperature_c=36.0)
RICH = DAY_3 | dict(growth_time_h=120, trypsin_bu_per_ml=9.5, glucose_mmol_per_l=42,
                    feed_mmol_per_l_h=0.35)
COOL = RICH | dict(infection_temperature_c=35.2)
def try_out(runs):
    each = [DAY_3, RICH] if len(runs) < 8 else [RICH, COOL]
    return [{"product": p, **points} for points in each for p in ("inactivated", "live")]
def choose(product, runs):
    own = runs[runs["product"] == product]
    means = own.groupby(["growth_time_h", "infection_temperature_c"])["worth"].mean()
    hours, cold = means.idxmax()
    return (RICH if hours > 100 else DAY_3) | {"infection_temperature_c": float(cold)}
""",
        5,
    ),
    Answer("capstone-tries", chosen("DAY_3"), 1, "Try more set points"),
    Answer("capstone-tries", chosen("{}"), 0, "hardly better than the usual"),
    Answer("capstone-tries", chosen('{"carriers": 3}'), 0, "'carriers' is none of"),
    Answer("capstone-tries", chosen('{"growth_time_h": 300}'), 0, "licensed for 72 to 120"),
    Answer("capstone-tries", chosen("DAY_3", "[DAY_3]"), 0, "'product' should be"),
    Answer("capstone-tries", chosen("DAY_3", '[{"product": "live"}] * 6'), 0, "list of up to 5"),
    Answer("capstone-tries", chosen("[120, 9]"), 0, "a dict of set points"),
]


def rule(answer, name="harvest_now", live=0.82, other=0.68):
    """Return an answer to exercise 3; ``answer`` may use share, hour, live and limit."""
    return f"""
def {name}(batch, seen):
    volume = seen["capacitance_pf_per_cm"]
    share = volume / volume.loc[1:6].mean()
    hour = seen.index[-1]
    live = batch["product"] == "live"
    limit = {live} if live else {other}
    return {answer}
"""


FELL = "bool(share.loc[1:].max() > 1.03 and share.iloc[-2:].mean() < limit)"

HARVESTS = [
    Answer("capstone-harvest", rule(FELL), 4),
    # By the best hour and a half of the way from the top.
    Answer(
        "capstone-harvest",
        """
import numpy as np
def harvest_now(batch, seen):
    volume = seen["capacitance_pf_per_cm"].rolling(3, min_periods=1).mean()
    first = volume.loc[1:6].mean()
    falling = volume.iloc[-1] < volume.iloc[-4]
    low = volume.iloc[-1] / first < {"live": 0.84, "inactivated": 0.7}[batch["product"]]
    return bool(falling and low and seen.index[-1] >= 30)
""",
        4,
    ),
    Answer("capstone-harvest", rule("bool(hour >= (48 if live else 52))"), 0, "one hour for all"),
    Answer("capstone-harvest", rule("True"), 0, "one hour for all"),
    Answer("capstone-harvest", rule("False"), 0, "one hour for all"),
    Answer("capstone-harvest", rule(FELL, other=0.98), 2, "Let capacitance say"),
    Answer("capstone-harvest", rule("share.iloc[-1]"), 0, "True or False"),
    Answer("capstone-harvest", rule("volume.loc[80] > 0"), 0, "KeyError"),
]


def policy(points, maintain="False", harvest=FELL, recipes="[]"):
    """Return an answer to exercise 4."""
    return (
        MOVES
        + f"""
def experiments(runs):
    return {recipes}
def recipe(batch, record, runs):
    live = batch["product"] == "live"
    return {points}
"""
        + check(maintain, name="maintain")
        + rule(harvest, "harvest")
    )


FOUND = (
    'DAY_3 | {"growth_time_h": 120, "trypsin_bu_per_ml": 10.4 if live else 9, "do_percent": 58, '
    '"glucose_mmol_per_l": 42, "feed_mmol_per_l_h": 0.35, "glutamine_mmol_per_l": 3, "ph": 7.2, '
    '"capture_conductivity_ms_per_cm": 4.5, "moi": 1.3e-4 if live else 5e-5, '
    '"infection_temperature_c": 35.1 if live else 35.7}'
)
SUMS = "bool(len(gaps) > 2 and sums(gaps, sound) > 4)"
CALENDAR = 'batch["round"] > 0 and batch["round"] % 7 == 0'

WHOLE = [
    Answer("capstone-policy", policy(FOUND, SUMS), 10),
    Answer("capstone-policy", policy(FOUND, CALENDAR), 10),
    # Day 3's recipe, a calendar and a fixed hour.
    Answer(
        "capstone-policy",
        policy("DAY_3", 'batch["round"] % 5 == 4', "bool(hour >= (54 if live else 52))"),
        5,
        "Which of the four",
    ),
    Answer(
        "capstone-policy",
        policy("{}", "False", "bool(hour >= (54 if live else 56))"),
        0,
        "Which of the four",
    ),
    Answer(
        "capstone-policy",
        policy('{} if batch["batch"] != 40 else "warm"', "False", "bool(hour >= 54)"),
        0,
        "for batch 40",
    ),
    Answer(
        "capstone-policy",
        policy('{} if batch["batch"] != 40 else {}["ph"]', "False", "bool(hour >= 54)"),
        0,
        "KeyError",
    ),
]

ANSWERS = [*PROBES, *TRIES, *HARVESTS, *WHOLE]
