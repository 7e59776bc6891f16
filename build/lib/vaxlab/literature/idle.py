"""How sentences name two entities and state nothing of them: the trap of co-occurrence."""

from vaxlab.literature.lexicon import Words

_ANY = (
    "be studied alongside",
    "share a chapter with",
    "appear next to",
    "be brought up by experts on",
    "come up in talks by experts on",
    "stand beside",
    "be followed by a chapter on",
    "fall under the same grant as",
    "be compared with",
    "precede",
    "take up as much room as",
    "be covered by the reviewers of",
    "belong to the same lecture as",
    "be addressed by the same authors as",
)
_ANY_NOUNS = (
    "a comparison of {h} and {t}",
    "the choice of {h} for a study of {t}",
    "a parallel record of {h} and {t}",
    "a joint session on {h} and {t}",
)

NEUTRAL_WORDS: dict[tuple[str, str], Words] = {
    ("gene", "disease"): Words(
        (
            "be sequenced in patients with",
            "head the list of probes for",
            "enter a registry of",
            "open the panel for",
            "be genotyped in families with",
            "be profiled in",
            "be measured in",
            "map far from the loci of",
            "serve as a reference in studies of",
            *_ANY,
        ),
        4,
        (
            "a reference gene in studies of",
            "a control probe in surveys of",
            "a filler on arrays for",
        ),
        (
            "sequencing of {h} in {t}",
            "a survey of {h} in a registry of {t}",
            *_ANY_NOUNS,
        ),
        (
            (
                "patients with {t} were stratified by {h} genotype",
                "patients with {t} were not stratified by {h} genotype",
            ),
            (
                "samples from patients with {t} were stained for {h}",
                "samples from patients with {t} were not stained for {h}",
            ),
            (
                "the panel covered {h}, and the clinic mostly saw {t}",
                "the panel did not cover {h}, and the clinic hardly saw {t}",
            ),
            (
                "the registry of {t} stores reads of {h}",
                "the registry of {t} does not store reads of {h}",
            ),
        ),
        sober=True,
    ),
    ("compound", "protein"): Words(
        (
            "be added before staining for",
            "reach the plate ahead of",
            "leave the column before",
            "be used as a solvent control in assays of",
            "be given before sampling of",
            "share a binding assay with",
            "elute close to",
            *_ANY,
        ),
        3,
        ("a solvent control in assays of", "a loading standard for", "a carrier in blots of"),
        (
            "quantification of {t} next to {h}",
            "timing of {h} relative to sampling of {t}",
            *_ANY_NOUNS,
        ),
        (
            (
                "{t} was quantified before {h} was given",
                "{t} was not quantified before {h} was given",
            ),
            (
                "plates for {t} were read at the hour when {h} was given",
                "plates for {t} were not read at the hour when {h} was given",
            ),
            (
                "stocks of {h} and antibodies to {t} were kept frozen",
                "stocks of {h} and antibodies to {t} were not kept frozen",
            ),
        ),
        sober=True,
    ),
    ("compound", "disease"): Words(
        (
            "be dosed in volunteers without",
            "reach the market before trials in",
            "enter the protocol next to",
            "be on the shelf long before trials in",
            "be withheld in the cohort with",
            "be used for other reasons in",
            *_ANY,
        ),
        3,
        ("a comparator in trials of", "a placebo marker in", "a run-in drug in studies of"),
        (
            "a dose-finding study of {h} next to {t}",
            "exclusion of {h} in the protocol on {t}",
            *_ANY_NOUNS,
        ),
        (
            (
                "patients with {t} had never taken {h}",
                "patients with {t} had not been asked about {h}",
            ),
            (
                "the ward for {t} also stocked {h}",
                "the ward for {t} did not stock {h}",
            ),
            (
                "blood levels of {h} were determined in patients with {t}",
                "blood levels of {h} were not determined in patients with {t}",
            ),
        ),
        sober=True,
    ),
    ("protein", "protein"): Words(
        (
            "be stained together with",
            "run ahead of",
            "fall into the same fraction as",
            "resemble",
            "be run on the same gel as",
            "be purified after",
            "precede",
            "share a fold with",
            *_ANY,
        ),
        4,
        ("a loading control for", "a homologue of", "a size marker for"),
        (
            "a sequence alignment of {h} and {t}",
            "staining of {h} next to {t}",
            *_ANY_NOUNS,
        ),
        (
            (
                "{h} and {t} were measured in the same samples",
                "{h} and {t} were not measured in the same samples",
            ),
            (
                "antibodies to {h} and to {t} came from one supplier",
                "antibodies to {h} and to {t} did not come from one supplier",
            ),
            (
                "levels of {h} were normalised to {t}",
                "levels of {h} were not normalised to {t}",
            ),
        ),
        sober=True,
    ),
    ("protein", "pathway"): Words(
        (
            "be measured in a screen of",
            "enter a screen of",
            "be annotated before",
            "be absent from maps of",
            "be used to calibrate readouts of",
            *_ANY,
        ),
        3,
        ("a calibrator for readouts of", "a bystander in models of"),
        ("measurement of {h} during work on {t}", *_ANY_NOUNS),
        (
            (
                "reporters for {t} were read out before {h} was stained",
                "reporters for {t} were not read out before {h} was stained",
            ),
            (
                "a lecture on {t} followed one on {h}",
                "a lecture on {t} did not follow one on {h}",
            ),
        ),
        sober=True,
    ),
    ("pathway", "disease"): Words(
        ("be charted before", "be modelled without data on", "be reviewed apart from", *_ANY),
        2,
        ("a textbook topic beside", "a side issue in reviews of"),
        ("a diagram of {h} in a chapter on {t}", *_ANY_NOUNS),
        (
            (
                "readouts of {h} were taken in a clinic for {t}",
                "readouts of {h} were not taken in a clinic for {t}",
            ),
        ),
        sober=True,
    ),
    ("pathway", "parameter"): Words(
        ("be logged with", "be modelled apart from", *_ANY),
        2,
        ("a heading next to",),
        _ANY_NOUNS,
        (("{t} was recorded in a study of {h}", "{t} was not recorded in a study of {h}"),),
        sober=True,
    ),
    ("gene", "protein"): Words(
        ("be cloned next to", "be blotted with", "map close to the locus of", *_ANY),
        2,
        ("a neighbour of the locus of",),
        ("transcripts of {h} beside {t}", *_ANY_NOUNS),
        (
            (
                "{h} was sequenced and {t} was blotted",
                "{h} was not sequenced, nor was {t} blotted",
            ),
        ),
        sober=True,
    ),
}
"""Pair of kinds to sentences that name both and state nothing: the trap of co-occurrence."""
