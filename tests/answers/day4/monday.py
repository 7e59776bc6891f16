"""Right and wrong answers to the exercises of day 4, notebook 4."""

from answers.answer import Answer

NOTEBOOK = "day4/4-monday"

GAPS = '["ph_gap", "capacitance_gap", "oxygen_gap"]'


def mark(
    data="table.sort_index().sort_index(axis=1).to_csv()",
    settings="settings",
    sort="sort_keys=True",
    code="code",
    hashed="hashlib.sha256(text.encode()).hexdigest()",
):
    """Return an answer to exercise 1."""
    return f"""
import hashlib, json, time, uuid
def fingerprint(table, settings, code):
    text = json.dumps([{data}, {settings}, {code}], {sort})
    return {hashed}
"""


def gate(field="not str(card.get(field, '')).strip()", same="card.get('data') != results['data']",
         value="results.get(name, float('nan'))", most="value <= limit", least="value >= limit",
         end="return reasons", after=""):  # fmt: skip
    """Return an answer to exercise 2."""
    return f"""
def approve(card, results, limits):
    reasons = []
    for field in ("purpose", "data", "owner", "not_for"):
        if {field}:
            reasons.append(field)
    if {same} and "data" not in reasons:
        reasons.append("data")
    for name, (kind, limit) in limits.items():
        value = {value}
        good = {most} if kind == "at most" else {least}
        if not good:
            reasons.append(name)
            {after}
    {end}
"""


def verdict(rule="gain.mean() - 1.96 * gain.std(ddof=1) / len(gain) ** 0.5 > 0",
            gain="np.asarray(champion) - np.asarray(challenger)"):  # fmt: skip
    """Return the first half of an answer to exercise 3."""
    return f"""
from scipy import stats
def verdict(champion, challenger):
    gain = {gain}
    return "promote" if {rule} else "keep"
"""


def share(value="weight[poor].sum() / weight.sum()", known='batches[batches["finished"]]',
          weight='1 / known["chance"]'):  # fmt: skip
    """Return the second half of an answer to exercise 3."""
    return f"""
def fair_share(batches, limit):
    known = {known}
    weight = {weight}
    poor = known["log_doses"] < limit
    return {value}
"""


def psi(edges="np.quantile(reference, np.arange(1, 10) / 10)", half="0.5",
        total="((n - r) * np.log(n / r)).sum()"):  # fmt: skip
    """Return the first half of an answer to exercise 4."""
    return f"""
def psi(reference, new):
    edges = np.concatenate([[-np.inf], {edges}, [np.inf]])
    counts = [np.histogram(values, edges)[0] + {half} for values in (reference, new)]
    r, n = (count / count.sum() for count in counts)
    return {total}
"""


def drifted(rule="p.index[false_discovery_control(p) <= 0.05]", gaps=".dropna()"):
    """Return the second half of an answer to exercise 4."""
    return f"""
from scipy.stats import false_discovery_control, ks_2samp
def drifted(reference, new):
    p = pd.Series({{
        name: ks_2samp(reference[name]{gaps}, new[name]{gaps}, method="asymp").pvalue
        for name in reference.columns
    }})
    return list({rule})
"""


def ranked(rule):
    """Return the second half of an answer to exercise 4, by a rule for the k-th smallest p."""
    return f"""
from scipy.stats import ks_2samp
def drifted(reference, new):
    p = pd.Series({{
        name: ks_2samp(reference[name].dropna(), new[name].dropna(), method="asymp").pvalue
        for name in reference.columns
    }}).sort_values()
    names, p, m = p.index, p.to_numpy(), len(p)
    return [names[k - 1] for k in range(1, m + 1) if {rule}]
"""


def alarm(gaps=GAPS, slack=0.5, limit=5, raised=None, before=""):
    """Return an answer to exercise 5, by sums."""
    raised = raised or f"max(up.max(), down.max()) > {limit}"
    return f"""
def alarm(reference, seen):
    gaps = {gaps}
    known = reference[gaps]
    off = ((seen[gaps] - known.mean()) / known.std()).to_numpy()
    up = down = np.zeros(off.shape[1])
    {before}
    for row in off:
        up, down = np.maximum(0, up + row - {slack}), np.maximum(0, down - row - {slack})
    return bool({raised})
"""


def jobs(
    tickets="[submit(job) for job in jobs]",
    tries="range(3)",
    lost="except monday.WorkerLost",
    again="ticket = submit(job) if k < 2 else ticket",
    wrong="except Exception:\n                break",
    end="return results",
):
    """Return an answer to exercise 6."""
    return f"""
def run_all(jobs, submit):
    tickets = {tickets}
    results = []
    for job, ticket in zip(jobs, tickets):
        found = None
        for k in {tries}:
            try:
                found = ticket.result()
                break
            {lost}:
                {again}
            {wrong}
        results.append(found)
    {end}
"""


FINGERPRINT = [
    Answer("monday-fingerprint", mark(), 5),
    # Everything is fed to the hash piece by piece, values as bytes.
    Answer(
        "monday-fingerprint",
        """
import hashlib
def fingerprint(table, settings, code):
    total = hashlib.md5(code.encode())
    for name in sorted(table.columns):
        total.update(name.encode() + b"|" + table[name].sort_index().to_numpy().tobytes())
    total.update(repr(sorted(table.index)).encode())
    for key in sorted(settings):
        total.update(f"{key}={settings[key]!r};".encode())
    return total.hexdigest()
""",
        5,
    ),
    # By pandas' own hash of each row, which is no text yet.
    Answer(
        "monday-fingerprint",
        """
import hashlib
def fingerprint(table, settings, code):
    table = table[sorted(table.columns)]
    rows = pd.util.hash_pandas_object(table).sort_index().to_numpy().tobytes()
    words = "|".join([*table.columns, str(sorted(settings.items())), code])
    return hashlib.blake2b(rows + words.encode()).hexdigest()
""",
        5,
    ),
    Answer("monday-fingerprint", mark("str(table)"), 0, "leave its middle out"),
    Answer(
        "monday-fingerprint",
        mark("table.sort_index().sort_index(axis=1).round(6).to_csv()"),
        4,
        "Rounding or a sum hides it",
    ),
    Answer("monday-fingerprint", mark("table.to_csv()"), 3, "`sort_index` brings them"),
    Answer(
        "monday-fingerprint", mark("table.sort_index().to_csv()"), 3, "another order of the columns"
    ),
    Answer("monday-fingerprint", mark(sort=""), 3, "another order of the settings"),
    Answer("monday-fingerprint", mark(code="''"), 0, "other code"),
    Answer("monday-fingerprint", mark(settings="len(settings)"), 0, "another setting"),
    Answer("monday-fingerprint", mark(code="[code, time.time_ns()]"), 0, "A second call"),
    Answer("monday-fingerprint", mark(hashed="hash(text)"), 0, "another number in each process"),
    Answer("monday-fingerprint", mark(hashed="str(hash(text))"), 0, "another number in each"),
    Answer("monday-fingerprint", mark(hashed="uuid.uuid4().hex"), 0, "A second call"),
    Answer(
        "monday-fingerprint",
        mark("table.sort_index().sort_index(axis=1).to_csv(header=False)"),
        4,
        "another name of one column",
    ),
    Answer(
        "monday-fingerprint",
        mark("sorted(table.sort_index(axis=1).to_csv(index=False).splitlines())"),
        4,
        "two batches swapped",
    ),
    Answer(
        "monday-fingerprint", mark(settings="sorted(map(str, settings.values()))"), 4, "settings"
    ),
    Answer("monday-fingerprint", mark(hashed="'0' * 64"), 0, "other data, other settings and"),
    Answer(
        "monday-fingerprint",
        mark(hashed="hashlib.sha256(np.random.bytes(8)).hexdigest()"),
        0,
        "A second call",
    ),
    Answer("monday-fingerprint", mark("table.describe().to_csv()[:9]"), 0, "Nor does a value"),
    Answer("monday-fingerprint", mark(hashed="text.encode().hex()"), 0, "A hash is short"),
    Answer(
        "monday-fingerprint",
        mark("table.sort_index().sort_index(axis=1).to_csv(index=False)"),
        4,
        "another name of one batch",
    ),
    Answer("monday-fingerprint", mark(code="' '.join(code.split())"), 4, "Where a line begins"),
    Answer("monday-fingerprint", mark("sorted(table.mean().round(9).items())"), 4, "or a sum"),
    Answer(
        "monday-fingerprint",
        """
import hashlib, pickle
def fingerprint(table, settings, code):
    things = (table.sort_index().sort_index(axis=1), sorted(settings.items(), key=str), code)
    return hashlib.sha256(pickle.dumps(things)).hexdigest()
""",
        3,
        "`pickle` also keeps",
    ),
]

GATE = [
    Answer("monday-gate", gate(), 4),
    # By sets, and with the good ones counted.
    Answer(
        "monday-gate",
        """
import math
def approve(card, results, limits):
    wrong = {f for f in ["purpose", "data", "owner", "not_for"] if not (card.get(f) or "").strip()}
    if results["data"] != card.get("data"):
        wrong.add("data")
    for name in limits:
        kind, limit = limits[name]
        sign = 1 if kind == "at most" else -1
        if name not in results or math.isnan(results[name]) or sign * (results[name] - limit) > 0:
            wrong.add(name)
    return wrong
""",
        4,
    ),
    Answer("monday-gate", gate(most="value < limit", least="value > limit"), 2, "exactly at"),
    Answer("monday-gate", gate(least="value <= limit"), 1, "nothing is wrong"),
    Answer(
        "monday-gate",
        gate(
            most="value <= limit if 'miss' in name else value >= limit",
            least="value <= limit if 'miss' in name else value >= limit",
        ),
        1,
        "nothing is wrong",
    ),
    Answer(
        "monday-gate",
        gate(end="return [name + ' is wrong' for name in reasons]"),
        0,
        "Give the bare names",
    ),
    Answer(
        "monday-gate",
        gate(most="not value > limit", least="not value < limit"),
        3,
        "NaN is neither",
    ),
    Answer("monday-gate", gate(value="results.get(name, limit)"), 3, "should have been refused"),
    Answer("monday-gate", gate(value="results[name]"), 3, "KeyError"),
    Answer("monday-gate", gate(after="break"), 2, "Not all reasons"),
    Answer("monday-gate", gate(field="field not in card"), 3, "should have been refused"),
    Answer("monday-gate", gate(field="not card.get(field)"), 3, "should have been refused"),
    Answer("monday-gate", gate(same="False"), 3, "should have been refused"),
    Answer("monday-gate", gate(end="return not reasons"), 0, "list with the names"),
    Answer("monday-gate", "def approve(card, results, limits):\n    return []\n", 0, "refused"),
    Answer(
        "monday-gate",
        "def approve(card, results, limits):\n    return list(limits)\n",
        0,
        "has no reasons",
    ),
]

BELIEVED = [
    Answer("monday-believed", verdict() + share(), 4),
    # By scipy's test for pairs, and by a weighted mean.
    Answer(
        "monday-believed",
        verdict(
            "test.pvalue < 0.05 and test.statistic > 0",
            "0\n    test = stats.ttest_rel(champion, challenger)",
        )
        + share('np.average(poor, weights=1 / known["chance"])'),  # fmt: skip
        4,
    ),
    # By the number of batches that the weights stand for.
    Answer("monday-believed", verdict() + share("weight[poor].sum() / len(batches)"), 4),
    Answer("monday-believed", verdict("gain.mean() > 0") + share(), 2, "The better mean wins"),
    Answer(
        "monday-believed",
        verdict(
            "test.pvalue < 0.05 and test.statistic > 0",
            "0\n    test = stats.ttest_ind(champion, challenger)",
        )
        + share(),  # fmt: skip
        2,
        "batch by batch",
    ),
    Answer(
        "monday-believed",
        verdict(gain="np.asarray(challenger) - np.asarray(champion)") + share(),
        2,
        "smaller ones",
    ),
    Answer("monday-believed", verdict("True") + share("0.15"), 0, "always the same word"),
    # By a 0-dimensional array of numpy.
    Answer(
        "monday-believed",
        verdict()
        .replace('return "promote" if', "return np.where(")
        .replace(' > 0 else "keep"', ' > 0, "promote", "keep")')
        + share(),
        4,
    ),
    Answer("monday-believed", verdict("False") + share(), 2, "always the same word"),
    *(
        Answer("monday-believed", verdict(rule) + share(), 2, says)
        for rule, says in (
            ("gain.mean() > 0.01", "Not what the paired"),
            ("gain.mean() > 0.3 * gain.std(ddof=1)", "Not what the paired"),
            ("gain.mean() > 2.02 * gain.std(ddof=1)", "always the same word"),
            ("stats.wilcoxon(gain, alternative='greater').pvalue < 0.025", "Not what the paired"),
            ("stats.ttest_1samp(gain, 0, alternative='greater').pvalue < 0.05", "90 %"),
            ("stats.ttest_1samp(gain, 0, alternative='greater').pvalue < 0.005", "`verdict`"),
            ("np.median(gain) > 0", "Not what the paired"),
            ("np.mean(challenger) < 0.9 * np.mean(champion)", "`verdict`"),
        )
    ),
    Answer(
        "monday-believed",
        verdict(gain="np.asarray(champion) ** 2 - np.asarray(challenger) ** 2") + share(),
        2,
        "Not what the paired",
    ),
    Answer(
        "monday-believed",
        verdict(gain="np.log(np.asarray(champion) / challenger)") + share(),
        2,
        "Not what the paired",
    ),
    Answer("monday-believed", verdict() + share("poor.mean()"), 2, "stands for five"),
    Answer(
        "monday-believed",
        verdict() + share("poor.mean()", known='batches[batches["chance"] == 1]'),
        2,
        "the model's own choice",
    ),
    Answer(
        "monday-believed",
        verdict() + share("poor.mean()", known="batches"),
        2,
        "counted as a good one",
    ),
    Answer(
        "monday-believed", verdict() + share(weight='known["chance"]'), 2, "It has to count more"
    ),
    Answer(
        "monday-believed",
        verdict() + share('(batches["predicted"] < limit).mean()'),
        2,
        "what the model predicts",
    ),
    Answer(
        "monday-believed", verdict() + share("1 - weight[poor].sum() / weight.sum()"), 2, "good"
    ),
    Answer(
        "monday-believed",
        "def verdict(a, b):\n    return bool(a.mean() > b.mean())\n" + share("np.nan"),
        0,
        "'promote' or 'keep'",
    ),
]

CHANGES = [
    Answer("monday-changes", psi() + drifted(), 5),
    # By cut and value_counts, and by hand; sets are lists of names as well.
    Answer(
        "monday-changes",
        """
from scipy.stats import ks_2samp
def psi(reference, new):
    bins = [-np.inf, *np.percentile(reference, range(10, 100, 10)), np.inf]
    count = lambda v: pd.Series(pd.cut(v, bins)).value_counts(sort=False).to_numpy()
    share = lambda v: (count(v) + 0.5) / (len(v) + 5)
    old, now = share(reference), share(new)
    return sum((b - a) * (np.log(b) - np.log(a)) for a, b in zip(old, now))

def drifted(reference, new):
    p = {c: ks_2samp(reference[c].dropna(), new[c].dropna()).pvalue for c in reference}
    ranked, called = sorted(p, key=p.get), set()
    for k, name in enumerate(ranked, start=1):
        if p[name] <= 0.05 * k / len(p):
            called = set(ranked[:k])
    return called
""",
        5,
    ),
    Answer(
        "monday-changes",
        psi("np.quantile(new, np.arange(1, 10) / 10)") + drifted(),
        3,
        "those of the reference",
    ),  # fmt: skip
    Answer(
        "monday-changes",
        psi("np.linspace(reference.min(), reference.max(), 11)[1:-1]") + drifted(),
        3,
        "equal width",
    ),
    Answer("monday-changes", psi(total="(n * np.log(n / r)).sum()") + drifted(), 3, "new − old"),
    Answer("monday-changes", psi(total="((r - n) * np.log(n / r)).sum()") + drifted(), 3, "sign"),
    Answer(
        "monday-changes",
        psi(total="((n - r) * np.log10(n / r)).sum()") + drifted(),
        3,
        "natural logarithm",
    ),  # fmt: skip
    Answer("monday-changes", psi(half="0.001") + drifted(), 3, "half a batch more"),
    Answer("monday-changes", psi() + drifted("p.index[p <= 0.05]"), 2, "all with p ≤ 0.05"),
    Answer("monday-changes", psi() + drifted("p.index[p <= 0.05 / len(p)]"), 2, "Bonferroni"),
    Answer(
        "monday-changes",
        psi() + drifted("p.index[false_discovery_control(p) > 0.05]"),
        2,
        "have not changed",
    ),
    *(
        Answer("monday-changes", psi() + ranked(rule), 2, says)
        for rule, says in (
            ("k and not any(q > 0.05 * j / m for j, q in enumerate(p[:k], 1))", "stops at"),
            ("p[k - 1] <= 0.05 * k / m", "own limit alone"),
            ("any(q <= 0.05 * j / m for j, q in enumerate(p) if j >= k - 1)", "begin at 0"),
            ("any(q <= 0.05 * j / m / 3.6454 for j, q in enumerate(p, 1) if j >= k)", "Yekutieli"),
            ("k <= np.flatnonzero(p <= 0.05 * np.arange(1, m + 1) / m)[-1] + 1", "IndexError"),
        )
    ),
    Answer("monday-changes", psi() + drifted(gaps=""), 4, "ValueError"),
    Answer("monday-changes", psi() + drifted(gaps=".fillna(0)"), 4, "leave it out of its own"),
    Answer("monday-changes", psi("[]") + drifted("[]"), 0, "Benjamini"),
    Answer("monday-changes", psi(total="0.1") + drifted("p"), 0, "list of names"),
    Answer("monday-changes", psi(total="0.1") + drifted("p.index"), 0, "Benjamini"),
]

ALARM = [
    Answer("monday-alarm", alarm(), 6),
    # A moving mean that forgets.
    Answer(
        "monday-alarm",
        f"""
def alarm(reference, seen):
    gaps = {GAPS}
    off = (seen[gaps] - reference[gaps].mean()) / reference[gaps].std()
    mean = np.zeros(3)
    for row in off.to_numpy():
        mean = 0.8 * mean + 0.2 * row
    return bool((abs(mean) > 1.05).any())
""",
        6,
    ),
    # Two sums at once: a quick one, and a patient one.
    Answer("monday-alarm", alarm(limit=5.5, slack=0.4), 6),
    Answer(
        "monday-alarm",
        alarm("list(reference.columns)"),
        0,
        "come of other columns than the gaps",
    ),
    Answer("monday-alarm", alarm('["ph_gap"]'), 0, "no drift is found at all"),
    # By the calendar: the number of a batch, or how many were seen.
    Answer("monday-alarm", alarm(raised="seen.index[-1] == 18"), 0, "late, or never"),
    *(
        Answer("monday-alarm", alarm(raised=f"len(seen) >= {n}"), 0, "sound batches raise")
        for n in (15, 16, 17, 18, 20, 22, 26)
    ),
    Answer("monday-alarm", alarm(raised="up.max() > 5"), 4, "moves a gap downward"),
    Answer("monday-alarm", alarm(slack=0), 0, "where all columns but the gaps"),
    Answer("monday-alarm", alarm(raised="np.random.random() < 0.05"), 0, "of 9 found"),
    Answer("monday-alarm", alarm(limit=40), 0, "late, or never"),
    Answer("monday-alarm", alarm(raised="True"), 0, "false"),
    Answer("monday-alarm", alarm(raised="False"), 0, "late, or never"),
    Answer(
        "monday-alarm",
        alarm(raised="np.random.default_rng(len(seen)).random() < 0.01"),
        0,
        "late, or never",
    ),
    Answer(
        "monday-alarm",
        alarm(raised="(abs(off[-1]) > 2).any()"),
        0,
        "where all columns but the gaps",
    ),
    Answer(
        "monday-alarm",
        alarm().replace("return bool(", "return int("),
        0,
        "True or False",
    ),
]

JOBS = [
    Answer("monday-jobs", jobs(), 4),
    # All that is lost is handed in again together, round by round.
    Answer(
        "monday-jobs",
        """
def run_all(jobs, submit):
    found, left = {}, list(range(len(jobs)))
    for _ in range(3):
        tickets, lost = {k: submit(jobs[k]) for k in left}, []
        for k, ticket in tickets.items():
            try:
                found[k] = ticket.result()
            except monday.WorkerLost:
                lost.append(k)
            except Exception:
                pass
        left = lost
    return [found.get(k) for k in range(len(jobs))]
""",
        4,
    ),
    # A thread for each job: none waits before all are handed in.
    Answer(
        "monday-jobs",
        """
from concurrent.futures import ThreadPoolExecutor
def run_all(jobs, submit):
    def one(job):
        for _ in range(3):
            try:
                return submit(job).result()
            except monday.WorkerLost:
                pass
            except Exception:
                return None
    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(one, jobs))
""",
        4,
    ),
    # Groups of four.
    Answer(
        "monday-jobs",
        """
def run_all(jobs, submit):
    found = []
    for k in range(0, len(jobs), 4):
        found += [ticket.result() for ticket in [submit(job) for job in jobs[k : k + 4]]]
    return found
""",
        0,
        "4 of 16 jobs were handed in",
    ),
    # The same ticket is asked again.
    Answer("monday-jobs", jobs(again="pass"), 3, "stays lost"),
    Answer("monday-jobs", jobs(tries="range(4)", again="ticket = submit(job)"), 3, "a fourth"),
    Answer("monday-jobs", jobs(again="ticket = submit(job)"), 3, "a fourth time"),
    Answer("monday-jobs", jobs(wrong="except ValueError:\n                break"), 3, "Error"),
    Answer(
        "monday-jobs",
        jobs(end="return [results[jobs.index(job)] for job in jobs][:-2] + [0.2, 0.2]"),
        0,
        "Not the results",
    ),
    Answer(
        "monday-jobs",
        "def run_all(jobs, submit):\n    return [submit(job).result() for job in jobs]\n",
        0,
        "all others idle",
    ),
    Answer(
        "monday-jobs",
        "def run_all(jobs, submit):\n    return [submit(job) for job in jobs]\n",
        0,
        "tickets, not results",
    ),
    Answer(
        "monday-jobs",
        """
def run_all(jobs, submit):
    tickets = {job: submit(job) for job in jobs}
    return [ticket.result() for ticket in tickets.values()]
""",
        0,
        "the same job",
    ),
    Answer(
        "monday-jobs",
        jobs(end="return sorted(results, key=str)"),
        0,
        "in another order",
    ),
    Answer("monday-jobs", jobs(tries="range(1)"), 3, "handed in again"),
    Answer("monday-jobs", jobs(tries="range(9)", again="ticket = submit(job)"), 3, "a fourth time"),
    Answer("monday-jobs", jobs(wrong=""), 3, "ValueError"),
    Answer("monday-jobs", jobs(lost="except Exception", wrong=""), 3, "handed in again"),
    Answer(
        "monday-jobs",
        """
def run_all(jobs, submit):
    tickets = [submit(job) for job in jobs]
    return [ticket.result() for ticket in tickets]
""",
        2,
        "WorkerLost",
    ),
    Answer("monday-jobs", jobs(end="return results[:-1]"), 0, "the same job"),
    Answer("monday-jobs", jobs(end="return [0.2] * len(jobs)"), 0, "Not the results"),
]

ANSWERS = FINGERPRINT + GATE + BELIEVED + CHANGES + ALARM + JOBS
