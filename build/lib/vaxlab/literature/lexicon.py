"""What relations are called: verbs, nouns and turns of phrase, for those that hold and for none.

``{h}`` and ``{t}`` stand for head and tail. A turn of phrase comes in two forms: what was seen, and
what was seen where the relation does not hold.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """How a relation is put into words.

    Attributes
    ----------
    verbs : tuple of str
        Base forms, the plain ones first; of those that begin with ``be`` the tail is no object,
        and they have no passive.
    plain : int
        So many of the verbs are what anybody would put on a list.
    agents : tuple of str
        Nouns for the head: ``{h} is an inhibitor of {t}``.
    nouns : tuple of str
        The relation as a thing: ``inhibition of {t} by {h}``.
    turns : tuple of (str, str)
        Whole clauses, and their contrary.
    """

    verbs: tuple[str, ...]
    plain: int
    agents: tuple[str, ...]
    nouns: tuple[str, ...]
    turns: tuple[tuple[str, str], ...]
    sober: bool = False
    """Whether adverbs, surprise and the like are out of place."""


RELATION_WORDS: dict[str, Words] = {
    "promotes": Words(
        (
            "promote",
            "worsen",
            "aggravate",
            "accelerate",
            "predispose to",
            "contribute to",
            "trigger",
            "exacerbate",
            "precipitate",
            "hasten",
            "favour",
            "set off",
            "raise the risk of",
            "tip the balance towards",
        ),
        6,
        ("a risk gene for", "a driver of", "a culprit in", "a risk factor for", "a liability in"),
        (
            "aggravation of {t} by {h}",
            "a harmful part of {h} in {t}",
            "a faster course of {t} with {h}",
            "progression of {t} driven by {h}",
        ),
        (
            (
                "carriers of {h} variants were more likely to develop {t}",
                "carriers of {h} variants were no more likely to develop {t}",
            ),
            (
                "{t} ran a worse course where {h} was abundant",
                "{t} ran the same course whether or not {h} was abundant",
            ),
            (
                "mice without {h} were spared {t}",
                "mice without {h} were not spared {t}",
            ),
            (
                "the more {h} there was, the sooner {t} set in",
                "the amount of {h} had no bearing on when {t} set in",
            ),
            (
                "taking away {h} was enough to halt {t}",
                "taking away {h} left {t} as it was",
            ),
        ),
    ),
    "protects_from": Words(
        (
            "protect against",
            "prevent",
            "slow",
            "mitigate",
            "guard against",
            "delay",
            "alleviate",
            "hold back",
            "temper",
            "stave off",
            "lower the risk of",
            "keep at bay",
            "curtail",
            "soften the course of",
        ),
        5,
        ("a protective gene in", "a brake on", "a safeguard against", "a modifier that eases"),
        (
            "protection from {t} by {h}",
            "a sparing effect of {h} on {t}",
            "a milder course of {t} with {h}",
            "resistance to {t} conferred by {h}",
        ),
        (
            (
                "carriers of {h} variants rarely developed {t}",
                "carriers of {h} variants developed {t} as often as others",
            ),
            (
                "mice without {h} came down with {t} early",
                "mice without {h} did not come down with {t} any earlier",
            ),
            (
                "{t} was mild where {h} was abundant",
                "{t} was no milder where {h} was abundant",
            ),
            (
                "restoring {h} was enough to reverse {t}",
                "restoring {h} did nothing for {t}",
            ),
            (
                "the less {h} there was, the sooner {t} set in",
                "how little {h} there was had no bearing on {t}",
            ),
        ),
    ),
    "encodes": Words(
        ("encode", "code for", "specify", "give rise to", "carry the code of", "yield"),
        2,
        ("the gene for", "the locus of", "the source of"),
        ("a reading frame for {t} in {h}", "translation of {h} into {t}"),
        (
            ("{t} is the product of {h}", "{t} is not the product of {h}"),
            ("{t} is made from {h}", "{t} is made from a gene other than {h}"),
            (
                "peptides of {t} matched the reading frame of {h}",
                "peptides of {t} did not match the reading frame of {h}",
            ),
        ),
        sober=True,
    ),
    "activates": Words(
        (
            "activate",
            "stimulate",
            "induce",
            "enhance",
            "potentiate",
            "switch on",
            "boost",
            "prime",
            "awaken",
            "turn up",
            "license",
            "sensitise",
            "unleash",
        ),
        5,
        ("an activator of", "an agonist of", "a stimulator of", "a trigger of"),
        (
            "activation of {t} by {h}",
            "stimulation of {t} by {h}",
            "a rise in {t} activity upon {h}",
            "induction of {t} after {h}",
        ),
        (
            (
                "{t} activity doubled in the presence of {h}",
                "{t} activity was the same in the presence of {h}",
            ),
            (
                "{t} stayed silent until {h} was added",
                "{t} stayed silent even when {h} was added",
            ),
            (
                "with {h}, {t} turned over its substrate twice as fast",
                "with {h}, {t} turned over its substrate no faster",
            ),
            (
                "cells short of {h} had hardly any active {t}",
                "cells short of {h} had as much active {t} as others",
            ),
        ),
    ),
    "inhibits": Words(
        (
            "inhibit",
            "block",
            "suppress",
            "antagonise",
            "impair",
            "interfere with",
            "dampen",
            "blunt",
            "quench",
            "curb",
            "silence",
            "shut down",
            "keep in check",
            "disarm",
            "take out",
        ),
        5,
        ("an inhibitor of", "an antagonist of", "a blocker of", "a suppressor of"),
        (
            "inhibition of {t} by {h}",
            "blockade of {t} by {h}",
            "a loss of {t} activity upon {h}",
            "suppression of {t} after {h}",
        ),
        (
            (
                "{t} activity fell to a third in the presence of {h}",
                "{t} activity held steady in the presence of {h}",
            ),
            (
                "{t} fell silent once {h} was added",
                "{t} did not fall silent when {h} was added",
            ),
            (
                "with {h}, hardly any {t} activity was left",
                "with {h}, all of the {t} activity was left",
            ),
            (
                "washing out {h} brought {t} back to life",
                "washing out {h} made no difference to {t}",
            ),
        ),
    ),
    "binds": Words(
        (
            "bind",
            "interact with",
            "associate with",
            "form a complex with",
            "attach to",
            "dock onto",
            "pair with",
            "couple to",
            "engage",
            "hold on to",
            "latch onto",
        ),
        4,
        ("a partner of", "a ligand of", "a binding partner of"),
        (
            "binding of {h} to {t}",
            "a complex of {h} and {t}",
            "an interaction between {h} and {t}",
            "direct contact between {h} and {t}",
        ),
        (
            ("{h} came down together with {t}", "{h} did not come down together with {t}"),
            (
                "a pull-down of {t} brought {h} along",
                "a pull-down of {t} left {h} behind",
            ),
            (
                "{h} and {t} sit within one complex",
                "{h} and {t} sit in separate complexes",
            ),
        ),
    ),
    "takes_part_in": Words(
        (
            "take part in",
            "function in",
            "belong to",
            "act in",
            "feed into",
            "be part of",
            "operate in",
            "relay signals in",
            "be wired into",
            "have a seat in",
            "be needed for",
        ),
        5,
        ("a component of", "a member of", "a node of", "an element of"),
        (
            "participation of {h} in {t}",
            "a role of {h} within {t}",
            "recruitment of {h} into {t}",
        ),
        (
            ("{t} stalled when {h} was removed", "{t} did not stall when {h} was removed"),
            ("{t} runs through {h}", "{t} does not run through {h}"),
            (
                "among the steps of {t} is one that {h} carries out",
                "none of the steps of {t} is carried out by {h}",
            ),
        ),
    ),
    "drives": Words(
        (
            "drive",
            "sustain",
            "underlie",
            "fuel",
            "maintain",
            "lie behind",
            "perpetuate",
            "be at the root of",
            "keep up",
            "stoke",
        ),
        4,
        ("a driver of", "an engine of", "a root of", "a mainspring of"),
        ("a causal part of {h} in {t}", "dependence of {t} on {h}", "onset of {t} through {h}"),
        (
            ("without {h}, {t} did not develop", "even without {h}, {t} developed"),
            ("{t} subsides when {h} is cut", "{t} does not subside when {h} is cut"),
            ("overactive {h} is a hallmark of {t}", "{h} is not overactive in {t}"),
        ),
    ),
    "treats": Words(
        (
            "treat",
            "relieve",
            "improve",
            "ameliorate",
            "cure",
            "be effective against",
            "be of benefit in",
            "reverse",
            "ease",
            "bring relief in",
            "resolve",
            "settle",
        ),
        5,
        ("a treatment for", "a remedy for", "an effective therapy of"),
        (
            "a clinical benefit of {h} in {t}",
            "remission of {t} under {h}",
            "a response of {t} to {h}",
        ),
        (
            (
                "patients with {t} did better on {h} than on placebo",
                "patients with {t} did no better on {h} than on placebo",
            ),
            (
                "{t} went into remission under {h}",
                "{t} did not go into remission under {h}",
            ),
            (
                "symptom scores of {t} halved within weeks of {h}",
                "symptom scores of {t} stayed where they were in spite of {h}",
            ),
        ),
    ),
    "causes": Words(
        (
            "cause",
            "induce",
            "provoke",
            "lead to",
            "give rise to",
            "bring on",
            "be followed by",
            "carry a risk of",
            "end in",
        ),
        4,
        ("a cause of", "a known trigger of", "a hazard for"),
        ("{t} as a harm of {h}", "new cases of {t} after {h}", "an excess of {t} under {h}"),
        (
            (
                "{t} was seen twice as often in those who took {h}",
                "{t} was not seen any more often in those who took {h}",
            ),
            (
                "several volunteers came down with {t} after {h}",
                "none of the volunteers came down with {t} after {h}",
            ),
            (
                "stopping {h} made {t} go away",
                "stopping {h} did not make {t} go away",
            ),
        ),
    ),
    "raises": Words(
        ("raise", "increase", "improve", "lift", "be needed for", "determine"),
        3,
        ("a determinant of", "a lever on"),
        ("a gain in {t} through {h}", "a rise in {t} with {h}"),
        (
            ("with efficient {h}, {t} went up", "with efficient {h}, {t} was as before"),
            ("{t} was higher where {h} ran well", "{t} was no higher where {h} ran well"),
        ),
    ),
    "lowers": Words(
        ("lower", "reduce", "depress", "cut", "eat into", "take its toll on"),
        3,
        ("a drain on",),
        ("a loss of {t} with {h}", "a fall in {t} upon {h}"),
        (
            ("{t} dropped by half when {h} was present", "{t} did not drop when {h} was present"),
            ("cultures with {h} fell short in {t}", "cultures with {h} had no shortfall in {t}"),
        ),
    ),
}

CLASS_NOUNS = {
    "gene": ("this gene", "the gene", "the same locus"),
    "compound": ("this compound", "the drug", "the substance", "the same molecule"),
    "pathway": ("this route", "the pathway", "the same pathway"),
    "disease": ("the disease", "this disorder", "the condition"),
}
"""How a text points back to an entity; proteins are called by what they are."""
