"""Right and wrong answers to the exercises of day 4, notebook 1."""

from answers.answer import Answer

NOTEBOOK = "day4/1-literature"


def names(span="words[k][0], words[k + n - 1][1]", word=r"\w+(?:-\w+)*", most="5",
          last="set(ids) & sure", end="end",
          sizes="range(min({most}, len(words) - k), 0, -1)", take="len(ids) == 1"):  # fmt: skip
    """Return an answer to exercise 1, word by word."""
    return f"""
import re
def find_names(text, listed):
    words = [match.span() for match in re.finditer(r"{word}", text)]
    found, k = [], 0
    while k < len(words):
        step = 1
        for n in {sizes.format(most=most)}:
            start, end = {span}
            if text[start:end] in listed:
                found.append((start, end, listed[text[start:end]]))
                step = n
                break
        k += step
    sure = {{ids[0] for _, _, ids in found if len(ids) == 1}}
    names = []
    for start, end, ids in found:
        ids = list(ids if len(ids) == 1 else {last})
        if {take}:
            names.append((start, {end}, ids[0]))
    return names
"""


def rule(between="sentence[first + 4 : last].lower()",
         cues="[*reading.NO, *reading.MAYBE, 'rather than']",
         around='" ".join([*before[-8:], between, *after[:4]])', search=r"\b({cues})\b", far="8",
         turned="bool(backward and re.search(backward, between))",
         met="turned if tail < head else re.search(forward, between) and not turned"):  # fmt: skip
    """Return an answer to exercise 2."""
    return f"""
import re
def relation(sentence, patterns):
    head, tail = sentence.index("HEAD"), sentence.index("TAIL")
    first, last = min(head, tail), max(head, tail)
    between = {between}
    before, after = sentence[:first].lower().split(), sentence[last + 4 :].lower().split()
    around = {around}
    cues = "|".join({cues})
    if re.search(rf"{search}", around) or len(between.split()) > {far}:
        return "none"
    for name, (forward, backward) in patterns.items():
        turned = {turned}
        if {met}:
            return name
    return "none"
"""


SHARE = """
def share_wrong(labels, gold):
    share = np.mean(np.asarray(labels) != np.asarray(gold))
    half = 1.96 * np.sqrt(share * (1 - share) / len(gold))
    return share, share - half, share + half
"""
LABELS = """
def weak_labels(pairs, known):
    backwards = ["has_member", "encoded_by", "inhibited_by", "activated_by"]
    edges = known[~known["relation"].isin(backwards)]
    says = dict(zip(zip(edges["head"], edges["tail"]), edges["relation"]))
    both = edges[edges["relation"] == "binds"]
    says |= {pair: "binds" for pair in zip(both["tail"], both["head"])}
    return [says.get(pair, "none") for pair in zip(pairs["head"], pairs["tail"])]
"""


def look_up(edges='known[~known["relation"].isin(backwards)]', both='edges["relation"] == "binds"',
            otherwise='"none"'):  # fmt: skip
    """Return an answer to the first half of exercise 3, by a merge of tables."""
    return f"""
def weak_labels(pairs, known):
    backwards = ["has_member", "encoded_by", "inhibited_by", "activated_by"]
    edges = {edges}
    turned = edges[{both}].rename(columns={{"head": "tail", "tail": "head"}})
    edges = pd.concat([edges, turned]).drop_duplicates(["head", "tail"])
    found = pairs[["head", "tail"]].merge(edges, how="left", on=["head", "tail"])
    return found["relation"].fillna({otherwise}).to_numpy()
"""


def encode(unknown="1", pad="row + [0] * (length - len(row))", begin="max(0, first - 6)",
           give="torch.tensor(rows)", first='t.startswith(("head:", "tail:"))'):  # fmt: skip
    """Return an answer to exercise 4."""
    return f"""
import torch
def encode(tokens, words, length):
    rows = []
    for sentence in tokens:
        first = min(k for k, t in enumerate(sentence) if {first})
        begin = {begin}
        row = [words.get(token, {unknown}) for token in sentence[begin : begin + length]]
        rows.append({pad})
    return {give}
"""


def network(layers, forward, fits="((6, 1e-2), (1, 2e-3))", smooth="label_smoothing=0.1", more=""):
    """Return an answer to exercise 5: layers made in ``__init__``, and what ``forward`` gives."""
    return f"""
import torch
from torch import nn
from vaxlab import training
def train(x, y, n_words, n_labels):
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(n_words, 32, padding_idx=0)
            nn.init.normal_(self.embed.weight, std=0.3)
            {layers}
        def forward(self, x):
            {forward}
    net = Reader()
    for epochs, rate in {fits}:
        training.fit(net, nn.CrossEntropyLoss({smooth}), (x, y), epochs=epochs, batch_size=256,
                     learning_rate=rate)
    {more}
    return net
"""


LAST = "self.last = nn.Sequential(nn.Dropout(0.3), nn.Linear(64, n_labels))"
CNN = (
    f"self.three = nn.Conv1d(32, 64, 3, padding=1); {LAST}",
    "return self.last(torch.relu(self.three(self.embed(x).transpose(1, 2))).amax(dim=2))",
)


def split(names='pd.concat([pairs["head"], pairs["tail"]]).unique()',
          size="round(share * len(names))",
          train="~head & ~tail", test="head & tail", seed="seed"):  # fmt: skip
    """Return an answer to exercise 6."""
    return f"""
def split_by_names(pairs, share, seed):
    names = {names}
    held = np.random.default_rng({seed}).choice(names, {size}, replace=False)
    head, tail = pairs["head"].isin(held), pairs["tail"].isin(held)
    return pairs[{train}], pairs[{test}]
"""


NAMES = [
    Answer("literature-names", names(), 4),
    # All names as one pattern, the longest first; then a second look at names of several.
    Answer(
        "literature-names",
        r"""
import re
def find_names(text, listed):
    there = sorted((n for n in listed if n in text), key=len, reverse=True)
    if not there:
        return []
    pattern = "|".join(map(re.escape, there))
    found = [m.span() for m in re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", text)]
    own = [listed[text[a:b]] for a, b in found]
    sure = {ids[0] for ids in own if len(ids) == 1}
    clear = [ids if len(ids) == 1 else sorted(sure.intersection(ids)) for ids in own]
    return [[a, b, ids[0]] for (a, b), ids in zip(found, clear) if len(ids) == 1]
""",
        4,
    ),
    Answer("literature-names", names(end="end - 1"), 0, "one short"),
    Answer("literature-names", names(word=r"\w+"), 2, "A hyphen belongs"),
    Answer(
        "literature-names", names(sizes="range(1, min({most}, len(words) - k) + 1)"), 0, "longest"
    ),
    Answer("literature-names", names(last="ids", take="ids"), 2, "by a name of its own"),
    Answer("literature-names", names(last="[]"), 2, "by a name of its own"),
    Answer(
        "literature-names",
        names(take="len(ids) == 1 and start == text.find(text[start:end])"),
        0,
        "again",
    ),  # fmt: skip
    Answer(
        "literature-names",
        """
def find_names(text, listed):
    return [(text.find(n), text.find(n) + len(n), ids[0]) for n, ids in listed.items() if n in text]
""",
        0,
        "only that",
    ),
    Answer(
        "literature-names", "def find_names(text, listed):\n    return []", 0, "No name was found"
    ),
    Answer("literature-names", names().replace("step = n", "step = 1"), 2, "go on behind"),
    Answer("literature-names", names(most="4"), 2, "up to 5 words"),
    Answer("literature-names", names(most="3"), 2, "up to 5 words"),
    Answer("literature-names", names().replace("return names", "return names * 2"), 2, "twice"),
    Answer("literature-names", names(word=r"\S+"), 0, "a comma, a point or a bracket"),
    Answer("literature-names", names().replace("ids[0]))", "ids))"), 0, "an entity is a list"),
    # A name inside of a longer one is no name of its own.
    Answer(
        "literature-names",
        names().replace(
            "    sure = {ids[0] for _, _, ids in found if len(ids) == 1}",
            "    some = [text[a:b] for i, (a, _) in enumerate(words) for _, b in words[i:][:5]]\n"
            "    sure = {listed[p][0] for p in some if len(listed.get(p, [])) == 1}",
        ),
        2,
        "`kor` is no name of its own",
    ),
    Answer("literature-names", "def find_names(text, listed):\n    return 3", 0, "list of (start"),
    Answer(
        "literature-names",
        "def find_names(text, listed):\n    names = ...\n    return names",
        0,
        "dots",
    ),  # fmt: skip
]

RULES = [
    Answer("literature-rules", rule(), 6),
    # Words in place of one pattern, and cues of one's own.
    Answer(
        "literature-rules",
        r"""
import re
STOP = re.compile(r"\b(not?|never|nothing|neither|without|failed|unable|hardly|ceased|"
                  r"absent|ruled out|"
                  r"against the view|little support|may|might|could|would|possibl[ey]|perhaps|"
                  r"suggest|"
                  r"appears?|seems?|likely|thought|believed|suspected|unclear|whether|proposed|"
                  r"hypothesis|conceivable|speculate|putative|presumably|probably|expected|tempting|"
                  r"exclude|explanation|put forward|discussed|rather than)\b")
def relation(sentence, patterns):
    before, one, between, other, after = re.split(r"(HEAD|TAIL)", sentence)[:5]
    near = between.lower()
    context = " ".join(before.lower().split()[-7:] + [near] + after.lower().split()[:3])
    if STOP.search(context) or len(near.split()) > 7:
        return "none"
    for name, (active, passive) in patterns.items():
        is_passive = passive != "" and re.search(passive, near) is not None
        if one == "TAIL" and is_passive:
            return name
        if one == "HEAD" and not is_passive and re.search(active, near):
            return name
    return "none"
""",
        6,
    ),
    Answer("literature-rules", rule(met="re.search(forward, between)"), 0, "HEAD was blocked"),
    Answer("literature-rules", rule(met="re.search(forward, sentence)"), 0, "HEAD was blocked"),
    Answer(
        "literature-rules", rule(met="turned or re.search(forward, between)"), 0, "TAIL does it"
    ),
    Answer("literature-rules", rule(cues="['rather than']"), 1, "is denied"),
    Answer("literature-rules", rule(cues="[*reading.NO]"), 1, "only supposed"),
    Answer("literature-rules", rule(search="({cues})"), 5, "whole words"),
    Answer("literature-rules", rule(around="sentence"), 5, "near the two names"),
    Answer("literature-rules", rule(around='" ".join([*before[-8:], between])'), 5, "behind"),
    Answer(
        "literature-rules",
        rule(around='" ".join([*before[-3:], between, *after[:4]])'),
        5,
        "six words before",
    ),
    Answer(
        "literature-rules",
        rule().replace("patterns.items()", "reading.patterns('compound protein').items()"),
        3,
        "The patterns that are given",
    ),
    Answer("literature-rules", rule(far="3"), 3, "Too little is found"),
    Answer("literature-rules", rule().replace('"none"', "None"), 0, 'the text "none"'),
    Answer(
        "literature-rules",
        rule(around="sentence.lower()", search="({cues})"),
        2,
        "near the two names",
    ),
    Answer(
        "literature-rules",
        'def relation(sentence, patterns):\n    return "none"',
        0,
        "first pattern",
    ),  # fmt: skip
    Answer(
        "literature-rules",
        "def relation(sentence, patterns):\n    return list(patterns)[0]",
        0,
        "passive",
    ),  # fmt: skip
    Answer(
        "literature-rules",
        "def relation(sentence, patterns):\n    return True",
        0,
        "name of a relation",
    ),  # fmt: skip
    Answer(
        "literature-rules",
        "def relation(sentence, patterns):\n    said = ...\n    return said",
        0,
        "dots",
    ),  # fmt: skip
]

GRAPH = [
    Answer("literature-labels", LABELS + SHARE, 4),
    # A merge; and a bootstrap of the share.
    Answer(
        "literature-labels",
        look_up()
        + """
def share_wrong(labels, gold):
    wrong = (pd.Series(list(labels)) != pd.Series(list(gold))).to_numpy()
    rng = np.random.default_rng(1)
    means = [rng.choice(wrong, len(wrong)).mean() for _ in range(4000)]
    return wrong.mean(), *np.quantile(means, [0.025, 0.975])
""",
        4,
    ),
    # Wilson's interval, and an exact one.
    Answer(
        "literature-labels",
        LABELS
        + """
def share_wrong(labels, gold):
    n, share = len(gold), (np.asarray(labels) != np.asarray(gold)).mean()
    middle, z = share + 1.96**2 / (2 * n), 1.96
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return share, (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
""",
        4,
    ),
    Answer(
        "literature-labels",
        LABELS
        + """
from scipy.stats import binomtest
def share_wrong(labels, gold):
    test = binomtest(int((np.asarray(labels) != np.asarray(gold)).sum()), len(gold))
    return test.statistic, *test.proportion_ci(0.95)
""",
        4,
    ),
    Answer("literature-labels", LABELS + SHARE.replace("1.96", "1.645"), 3, "a 90 % interval"),
    Answer("literature-labels", LABELS + SHARE.replace("1.96", "2.33"), 3, "a 98 % interval"),
    Answer("literature-labels", LABELS + SHARE.replace("1.96", "1.5"), 3, "Not the 95 %"),
    Answer("literature-labels", LABELS + SHARE.replace("len(gold)", "300"), 3, "n is the number"),
    Answer("literature-labels", look_up(edges="known") + SHARE, 2, "the other way round"),
    Answer("literature-labels", look_up(both="[]") + SHARE, 2, "`binds` has no direction"),
    Answer(
        "literature-labels", look_up(both='edges["relation"] != ""') + SHARE, 2, "taken both ways"
    ),
    Answer("literature-labels", look_up(otherwise='"nan"') + SHARE, 2, 'the label is "none"'),
    Answer("literature-labels", LABELS + SHARE.replace("1.96 *", "1.0 *"), 3, "One standard error"),
    Answer("literature-labels", LABELS + SHARE.replace("!=", "=="), 2, "share of right labels"),
    Answer("literature-labels", LABELS + SHARE.replace(" / len(gold))", ")"), 3, "√n times less"),
    Answer("literature-labels", LABELS, 2, "share_wrong"),
    Answer(
        "literature-labels",
        "def weak_labels(pairs, known):\n    return ['none'] * len(pairs)" + SHARE,
        2,
        "not the graph's",
    ),
    Answer(
        "literature-labels",
        LABELS + "def share_wrong(labels, gold):\n    return 0.2, 0.15, 0.25",
        2,
        "The share of labels",
    ),
]

IDS = [
    Answer("literature-ids", encode(), 4),
    # A tensor of zeros that is filled in.
    Answer(
        "literature-ids",
        """
import torch
def encode(tokens, words, length):
    numbers = torch.zeros(len(tokens), length, dtype=torch.long)
    for k, sentence in enumerate(tokens):
        places = [i for i, t in enumerate(sentence) if t[:5] in ("head:", "tail:")]
        window = sentence[max(places[0] - 6, 0):][:length]
        for i, token in enumerate(window):
            numbers[k, i] = words[token] if token in words else 1
    return numbers
""",
        4,
    ),
    Answer("literature-ids", encode(unknown="0"), 0, "A word without a number is 1"),
    Answer(
        "literature-ids", encode(pad="row + [1] * (length - len(row))"), 0, "there is nothing, 0"
    ),
    Answer("literature-ids", encode(pad="[0] * (length - len(row)) + row"), 0, "before the words"),
    Answer("literature-ids", encode(begin="0"), 2, "Cut at the sentence's start"),
    Answer("literature-ids", encode(begin="first"), 2, "too late, by 6"),
    Answer("literature-ids", encode(begin="max(0, first - 5)"), 2, "too late, by 1"),
    Answer("literature-ids", encode(begin="max(0, first - 7)"), 2, "too early, by 1"),
    Answer("literature-ids", encode(first='t.startswith("head:")'), 2, "by the place of `head:`"),
    Answer("literature-ids", encode().replace("min(k", "max(k"), 2, "the second of the two"),
    Answer("literature-ids", encode(begin="first - 6"), 0, "a negative number counts"),
    Answer(
        "literature-ids",
        encode().replace("begin : begin + length", "begin : length"),
        2,
        "start is right, their end is not",
    ),
    Answer("literature-ids", encode(give="torch.tensor(rows).float()"), 0, "whole numbers"),
    Answer("literature-ids", encode(pad="row"), 0, "expected sequence"),
    Answer("literature-ids", encode(give="rows"), 0, "torch.tensor(rows)"),
    Answer(
        "literature-ids",
        "import torch\ndef encode(tokens, words, length):\n"
        "    return torch.ones(len(tokens), length, dtype=torch.long)",
        0,
        "Words get",
    ),
]

NETWORK = [
    Answer("literature-network", network(*CNN), 6),
    # A memory in both directions, of which the strongest answers are kept.
    Answer(
        "literature-network",
        network(
            f"self.memory = nn.GRU(32, 32, batch_first=True, bidirectional=True); {LAST}",
            "return self.last(self.memory(self.embed(x))[0].amax(dim=1))",
            fits="((5, 1e-2), (1, 2e-3))",
        ),
        6,
    ),
    # Three and five words at a time.
    Answer(
        "literature-network",
        network(
            "self.all = nn.ModuleList([nn.Conv1d(32, 48, w, padding=w // 2) for w in (3, 5)]); "
            "self.last = nn.Sequential(nn.Dropout(0.4), nn.Linear(96, n_labels))",
            "z = self.embed(x).transpose(1, 2); "
            "return self.last(torch.cat([torch.relu(c(z)).amax(2) for c in self.all], 1))",
        ),
        6,
    ),
    Answer("literature-network", network(*CNN, fits="((1, 1e-4),)"), 0, "learnt next to nothing"),
    Answer(
        "literature-network",
        network(
            "self.last = nn.Linear(32, n_labels)",
            "return self.last(self.embed(x).mean(dim=1))",
            fits="((4, 1e-2),)",
        ),
        2,
        "or more",
    ),
    Answer(
        "literature-network",
        network(CNN[0], CNN[1].replace(".amax(dim=2)", ".amax(dim=2)[:, :1]"), fits="()"),
        0,
        "mat1",
    ),  # fmt: skip
    Answer(
        "literature-network",
        network(
            CNN[0],
            "seen = torch.relu(self.three(self.embed(x).transpose(1, 2))); "
            "return self.last(seen.transpose(1, 2))",
            fits="()",
        ),  # fmt: skip
        0,
        "a score for each",
    ),
    Answer(
        "literature-network",
        network(*CNN, fits="((1, 1e-2),)", more="net.train()"),
        0,
        "Is dropout still on",
    ),  # fmt: skip
    Answer(
        "literature-network", network(*CNN, fits="()", more="return Reader"), 0, "trained network"
    ),
    Answer(
        "literature-network",
        network(CNN[0], CNN[1].replace("return self", "return torch.softmax(self") + ".mul(9), 1)"),
        0,
        "as a softmax makes them",
    ),
    Answer(
        "literature-network",
        network(CNN[0], CNN[1].replace(".transpose(1, 2)", ".reshape(len(x), 32, -1)")),
        2,
        "less well than rules",
    ),
    Answer(
        "literature-network",
        network(CNN[0], "return self.last(torch.zeros(len(x), 64))", fits="()", more="net.eval()"),
        0,
        "same of each pair",
    ),  # fmt: skip
    Answer(
        "literature-network",
        "def train(x, y, n_words, n_labels):\n    return lambda x: np.eye(n_labels)[[0] * len(x)]",
        0,
        "gives the function",
    ),
    Answer(
        "literature-network",
        "def train(x, y, n_words, n_labels):\n    net = ...\n    return net",
        0,
        "dots",
    ),  # fmt: skip
]

SPLIT = [
    Answer("literature-split", split(), 4),
    # Each name draws for itself, and masks are given.
    Answer(
        "literature-split",
        """
def split_by_names(pairs, share, seed):
    names = sorted({*pairs["head"], *pairs["tail"]})
    draws = np.random.default_rng(seed).random(len(names))
    held = {name for name, draw in zip(names, draws) if draw < share}
    held_names = pairs[["head", "tail"]].isin(held).sum(axis=1)
    return (held_names == 0).to_numpy(), (held_names == 2).to_numpy()
""",
        4,
    ),
    # Rows that are counted anew.
    Answer(
        "literature-split",
        split()
        + """
_split = split_by_names
def split_by_names(pairs, share, seed):
    return [part.reset_index(drop=True) for part in _split(pairs, share, seed)]
""",
        4,
    ),
    Answer("literature-split", split(test="head | tail"), 0, "fits neither side"),
    Answer("literature-split", split(train="~head", test="head"), 0, "tails are names"),
    Answer(
        "literature-split",
        """
def split_by_names(pairs, share, seed):
    test = np.random.default_rng(seed).random(len(pairs)) < share
    return pairs[~test], pairs[test]
""",
        0,
        "on both sides",
    ),
    Answer(
        "literature-split",
        """
def split_by_names(pairs, share, seed):
    documents = pairs["document"].unique()
    drawn = np.random.default_rng(seed).choice(documents, len(documents) // 3)
    test = pairs["document"].isin(drawn)
    return pairs[~test], pairs[test]
""",
        0,
        "Documents are apart",
    ),
    # Rounded down, and drawn by pandas.
    Answer(
        "literature-split",
        """
def split_by_names(pairs, share, seed):
    names = pd.Series(np.unique(pairs[["head", "tail"]].to_numpy().astype(str)))
    held = set(names.sample(int(share * len(names)), random_state=seed))
    ends = pairs[["head", "tail"]].isin(held)
    return pairs[~ends.any(axis=1)], pairs[ends.all(axis=1)]
""",
        4,
    ),
    Answer("literature-split", split(size="round(share / 2 * len(names))"), 3, "Hold `share`"),
    Answer("literature-split", split(size="round(share * len(names)) + 60"), 3, "are held back"),
    Answer(
        "literature-split",
        split().replace(", replace=False", ""),
        3,
        "drawn twice",
    ),
    Answer("literature-split", split(size="round((1 - share) * len(names))"), 3, "or the shares"),
    Answer("literature-split", split(train="head & tail", test="~head & ~tail"), 3, "swapped"),
    Answer("literature-split", split(size="round(0.4 * len(names))"), 3, "use `share`"),
    Answer(
        "literature-split",
        split().replace("~head & ~tail]", "~head & ~tail].head(1500)"),
        3,
        "To the training belong all",
    ),
    Answer(
        "literature-split",
        """
def split_by_names(pairs, share, seed):
    names = np.unique(pairs[["head", "tail"]].to_numpy().astype(str))
    ends = pairs[["head", "tail"]].isin(names[seed : seed + round(share * len(names))])
    return pairs[~ends.any(axis=1)], pairs[ends.all(axis=1)]
""",
        3,
        "seed 6 holds back",
    ),
    Answer(
        "literature-split",
        """
def split_by_names(pairs, share, seed):
    mixed = pairs.sample(frac=1, random_state=seed)
    one = mixed.iloc[:1]
    named = {*one["head"], *one["tail"]}
    return one, mixed[~mixed[["head", "tail"]].isin(named).any(axis=1)].iloc[:1]
""",
        0,
        "far fewer",
    ),
    Answer("literature-split", split(seed="1"), 3, "Another seed"),
    Answer("literature-split", split(seed=""), 3, "same seed"),
    Answer("literature-split", split(train="~head & head", test="head & tail"), 0, "is empty"),
    Answer(
        "literature-split",
        "def split_by_names(pairs, share, seed):\n    return pairs",
        0,
        "two tables",
    ),  # fmt: skip
]

ANSWERS = [*NAMES, *RULES, *GRAPH, *IDS, *NETWORK, *SPLIT]
