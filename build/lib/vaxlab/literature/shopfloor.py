"""How shifts write: short, dated, without articles. Patterns and lines of deviation reports.

Every relation has ways to say it, to deny it and to suppose it.
"""

SAID: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "found_in": (
        (
            "{h} found in {t} by QC",
            "{t}: {h} pos, {n} ng/mL",
            "QC retest of {t}: {h} present",
            "LC-MS of {t} shows {h}",
            "{h} confirmed in retain of {t}",
            "supplier letter: {t} contains {h}",
            "retain of {t} sent out, {h} came back at {n} ng/mL",
            "{h} in {t}, twice the usual amount",
        ),
        (
            "{t} tested for {h}, neg",
            "no {h} in {t}",
            "{h} not detected in retain of {t}",
            "{t} free of {h} acc to QC",
            "second lab: {h} absent from {t}",
        ),
        (
            "{h} in {t} suspected, result pending",
            "{t} may contain {h}",
            "trace of {h} in {t} not excluded",
            "{t}: {h} possible, assay at its limit",
        ),
    ),
    "used_in": (
        (
            "{t} made with {h}",
            "{h} used for {t}",
            "{t} ran on {h}",
            "{h} opened for {t}",
            "acc to batch record {t} got {h}",
            "last bottle of {h} went into {t}",
            "{h} issued to {t} at {time}",
        ),
        (
            "{h} not used for {t}",
            "{t} did not get {h}",
            "{t} had another lot, not {h}",
        ),
        (
            "{t} probably on {h}, batch record to be checked",
            "{t} may have had {h}, label torn",
        ),
    ),
    "occurred_in": (
        (
            "{h} in {t}",
            "{t}: {h} at {time}",
            "{t} hit by {h}",
            "{h} noted during {t}",
            "{t} stopped {n} min because of {h}",
            "alarm {time}, {h}, {t}",
            "root cause for {t}: {h}",
        ),
        (
            "no {h} in {t}",
            "{h} ruled out for {t}",
            "{t} checked for {h}, nil",
            "trend of {t} reviewed, {h} not confirmed",
        ),
        (
            "{h} suspected in {t}",
            "{t}: possible {h}",
            "{h} in {t} cannot be excluded",
            "{t} looks like {h}, no proof",
        ),
    ),
    "seen_on": (
        (
            "{h} on {t}",
            "{t} shows {h}",
            "{h} first visible on {t} at {time}",
            "trace of {t}: {h}",
        ),
        (
            "{h} not seen on {t}",
            "{t} checked against buffer, no {h}",
            "{t} without sign of {h}",
        ),
        (
            "{h} on {t} still to be checked",
            "{t} may show {h}",
            "{h} suspected, {t} to be swapped",
        ),
    ),
    "lowers": (
        (
            "{t} down with {h}",
            "{h} brought {t} down by {n} %",
            "low {t} traced to {h}",
            "low {t} due to {h}",
            "{t} fell {n} % after {h}",
            "{h} costs {t}, seen before",
        ),
        (
            "{t} not affected by {h}",
            "{h}: no effect on {t}",
            "{t} within limits in spite of {h}",
        ),
        (
            "{h} may explain low {t}",
            "low {t} possibly due to {h}",
            "{t} low, {h} under suspicion",
        ),
    ),
}
"""Relation to patterns for yes, no and may."""

NOTES = (
    "lit:",
    "lit search:",
    "note from R&D:",
    "acc to paper on file,",
    "for info,",
    "known from literature:",
    "",
)
"""What comes before something out of the public literature."""
NOTES_ON_COMPOUNDS = ("MSDS:", "safety sheet:", "CoA annex:")

IDLE: dict[tuple[str, ...], tuple[str, ...]] = {
    ("lot", "batch"): (
        "labels of {a} and {b} reprinted",
        "{a} booked in while {b} was running",
        "stock count: {a}, open batch {b}",
        "paperwork of {b} and CoA of {a} in one folder",
    ),
    ("probe", "batch"): (
        "{a} calibrated before {b}",
        "{a} on shelf during {b}",
        "spare {a} kept ready for {b}",
    ),
    ("fault", "batch"): (
        "training on {a} moved, crew busy with {b}",
        "SOP for {a} revised, {b} went on as planned",
        "form for {a} missing in folder of {b}",
    ),
    ("compound", "lot"): (
        "std of {a} ordered, {b} still in quarantine",
        "method for {a} not validated, {b} not sampled",
        "{a} on list of substances, {b} delivered on pallet 2",
    ),
    ("fault", "probe"): (
        "{b} due for service, checklist for {a} attached",
        "drill on {a}, {b} unplugged for it",
    ),
    ("lot", "parameter"): (
        "{b} sheet filed, {a} moved to cold room",
        "{a} weighed in before {b} reading",
    ),
    ("compound", "protein"): (
        "antibody to {b} and std of {a} in freezer 3",
        "{a} and {b} both on list of next audit",
    ),
}
"""Pair of kinds to lines that name both and state nothing."""

LINES = (
    "QA informed at {time}",
    "{op} on shift, {op2} took over at {time}",
    "form filled in with pencil, copied",
    "printer of autoclave out of paper",
    "sample {sample} relabelled, tube illegible",
    "maintenance called, came after {n} min",
    "power dip, all units back by themselves",
    "door of seed lab open for {n} min",
    "foam seen, antifoam {n} mL",
    "balance overdue by {k} days",
    "retain samples pulled and sent out",
    "no action, trend only",
    "CAPA {k} opened",
    "released with comment",
    "to be discussed in weekly meeting",
    "photo attached",
    "medium bag leaked at port, replaced",
    "second person not available before {time}",
    "historian gap of {n} min, restored",
    "no further findings",
    "vessel {reactor} cleaned and released",
    "copy to supplier, reply within {k} weeks",
    "offline reading repeated {k} times, ok",
    "recorded late, event was on the shift before",
    "operator changed in the middle of inoculation",
    "impact on product: none seen",
    "impact: under assessment",
    "spare part ordered, {k} days",
    "alarm limit left as is",
    "weekend, only one on shift",
    "key to cold room missing until {time}",
    "trending since last campaign",
    "entry corrected, initials {op}",
    "line clearance repeated",
    "tag {tag} checked, ok",
    "tag {tag} flat for {n} min",
    "screenshot of {tag} filed",
)
"""Other matters."""

HEADS = (
    "{date}, {reactor}, {op}.",
    "{date} {time} {reactor}.",
    "{reactor} {date}, opened by {op}.",
    "Opened {date} ({op}).",
    "{op}, {date}.",
    "Shift {date}/{k}, {op}.",
)
TITLES = (
    "{what}, {reactor}",
    "Deviation {what}",
    "{reactor}: {what}",
    "{what} ({date})",
    "Report on {what}",
    "Follow-up {what}",
)
SUBJECTS = (
    "low titre",
    "raw material",
    "probe",
    "paperwork",
    "alarm",
    "sampling",
    "slow growth",
    "QC result out of trend",
    "batch record",
    "cold room",
    "downstream",
    "infection",
)
