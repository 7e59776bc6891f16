# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   vaxlab:
#     title: Who affects what?
#     minutes: 88
# ---

# %% [markdown]
# # Who affects what?
#
# **Who asks.** The head of research. 3,000 abstracts lie on her disk, and 300 deviation reports of our own plant. Somewhere in there it says which protein a compound blocks, and which compound was found in which lot. Nobody will read it all.
#
# **Why it matters.** What is read goes into a graph, and targets will be picked from that graph. A wrong edge may cost a year of somebody's work. A missing one may cost the idea.
#
# **You will be able to**
#
# - find names in a text, and leave out those that could mean two things;
# - read relations by rules that know a denial and a doubt when they see one;
# - let a graph label sentences for you, and say how many of those labels are wrong;
# - train a small network on such labels that reads more than your rules do;
# - say what its score is worth on names that nobody has met before.
#
# **Minutes:** 88. **Points:** 28, in six exercises. Each stands alone.
#
# **All of it is invented.** Genes, proteins, diseases, compounds and pathways are made of syllables. Nothing in this library is medical knowledge. Lots, batches and probes are those of our virtual plant.

# %%
import re
import textwrap

import numpy as np
import pandas as pd
import torch
from torch import nn

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures, training
from vaxlab.lessons.day4 import reading

figures.setup()

# %% [markdown]
# ## Named together · 5 min
#
# A sentence names a gene and a disease. Does it say that the one has anything to do with the other? Two curators have read 300 sentences for us. Each one names two things that *could* be related.
#
# **First a guess.** Of a hundred such sentences, how many state a relation of the two? Write a number down, then run the cell.

# %%
figure, together = reading.together_figure()
figures.show(figure, together)

# %%
# Three pairs that the curators read, and what they found there.
curated = reading.curated()
for row in curated.head(3).itertuples():
    print(textwrap.fill(f"{row.gold}: {row.text}", 88), "\n")

# %% [markdown]
# **How to read it.** Each bar is a pair of kinds. HEAD and TAIL stand for the two names: the first one acts, the second one is acted upon. `none` says that the sentence states no relation of these two, in this direction.
#
# **What it hides.** Two proteins in one sentence make *two* pairs, one each way. Mostly, one of them at the most is what the sentence says. And a sentence that denies something, or only supposes it, counts as `none`.

# %% [markdown] tags=["instructor"]
# **Ask** Which tools that you know draw an edge between whatever is named together? What is their precision?
#
# **Watch for** People who find the share low. It is the share of statements among pairs, not among sentences about the topic.
#
# **What it shows** {{ together }}

# %% [markdown]
# ## Whose name is that? · 11 min
#
# Before anything can be read, names must be found. There is a dictionary: each spelling, and the entities that are called so.

# %%
listed = reading.listed()
abstracts = reading.documents()
twins = {name: ids for name, ids in listed.items() if len(ids) > 1}
print(f"{len(abstracts):,} abstracts, {len(listed):,} spellings, {len(twins)} of two or more entities")
print(dict(list(twins.items())[:2]))
print(textwrap.fill(abstracts["text"][2][:300], 88))

# %% [markdown]
# Three things go wrong with a plain search. A short name stands inside of a longer word. A short name stands inside of a longer *name*. And an abbreviation belongs to two entities or more. The third has a remedy: authors write the full name somewhere in the same text.
#
# A **word** here is a run of letters and digits, hyphens within it included: `ferin-7` is one word. A name has five words at the most.

# %% [markdown]
# ### Exercise 1 · Whose name is that? · 4 points · 9 min
#
# Write `find_names`. It is given a text and a dictionary such as `listed`. Give a list of `(start, end, entity)`, one for each place where a name stands, so that `text[start:end]` is the name.
#
# - Only whole words count. Where names overlap, go from left to right, take the longest one that begins at this word, and go on behind it (2 points).
# - A spelling of several entities belongs to the one that the same text also calls by a spelling of its own, anywhere among the names found by the rule above. If there is none such, or more than one, leave it out (2 points).
#
# Both are tried on short lines, then on 25 abstracts of another library; 24 must be right.
#
# <details><summary>Hint 1</summary>
#
# First find the words: `re.finditer(r"\w+(?:-\w+)*", text)` gives them, each with its `.span()`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# At each word try five words, then four, down to one: is `text[start:end]` in `listed`? If so, go on behind it.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Keep the whole list of entities with each find. After the loop, collect the entities of finds that have only one. Then go through the finds once more: of a list of several keep those that are in this collection, and take the find if exactly one is left.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "literature-names", "locked": false, "schema_version": 3, "solution": true, "task": false}
def find_names(text, listed):
    """Return start, end and entity of each name in a text."""
    names = ...
    ### BEGIN SOLUTION
    words = [match.span() for match in re.finditer(r"\w+(?:-\w+)*", text)]
    found, k = [], 0
    while k < len(words):
        step = 1
        for n in range(min(5, len(words) - k), 0, -1):
            start, end = words[k][0], words[k + n - 1][1]
            if text[start:end] in listed:
                found.append((start, end, set(listed[text[start:end]])))
                step = n
                break
        k += step
    sure = set().union(*(ids for _, _, ids in found if len(ids) == 1))
    mine = [(start, end, ids if len(ids) == 1 else ids & sure) for start, end, ids in found]
    names = [(start, end, *ids) for start, end, ids in mine if len(ids) == 1]
    ### END SOLUTION
    return names

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "literature-names-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check has short lines, then the abstracts of a library that you have not seen.
result = reading.names(globals())
### BEGIN HIDDEN TESTS
result = reading.names(globals(), plant_seed=8_026_775_707_268)
### END HIDDEN TESTS
result

# %% [markdown]
# **What it hides.** The dictionary is not complete. One in eight synonyms and abbreviations is missing from it, and a dictionary finds none of those. But names *look* like names: `-in-7` at the end, `AB12`, a word before `myopathy`. A **tagger** is a small network that says of each word: a name begins here, goes on, or neither. It sees the words' last three letters and their form. It learns from what the dictionary marks in 300 abstracts.

# %%
# What dictionary and tagger find in 300 other abstracts, in percent. The last row counts names.
found = reading.names_table()
found

# %% [markdown]
# **How to read it.** The tagger finds most of the names that nobody has listed. To do so it may not learn the list by heart: while it learns, four of five words are hidden from it, and it sees only how they end and look. With more abstracts (we tried 700) it *loses* unlisted names, for the dictionary teaches it that those are none.
#
# **What it hides.** The tagger says that something is a name. It does not say whose. A name without an entity can not go into a graph; it goes on a list for a curator.

# %% [markdown] tags=["instructor"]
# **Ask** An abbreviation means two things in your company. Which ones? Who finds out?
#
# **Watch for** `str.find` and `re.search` for each name in turn: slow, and wrong inside of longer names.
#
# **What it shows** Of names that are not listed the tagger finds {{ found.loc["recall, unlisted names", "tagger"] }} %, the dictionary {{ found.loc["recall, unlisted names", "dictionary"] }} %. The dictionary itself is hardly ever wrong.

# %% [markdown]
# ## Rules · 15 min
#
# A rule for a relation is short: a verb between two names, in the active or in the passive voice. Here are the patterns for a compound and a protein.

# %%
for verb, (forward, backward) in reading.patterns("compound protein").items():
    print(f"{verb}\n  HEAD … TAIL  {forward}\n  TAIL … HEAD  {backward}")

# %% [markdown]
# The first pattern is sought between HEAD and TAIL, if HEAD stands first. The second is sought between TAIL and HEAD, if TAIL stands first: *TAIL was inhibited by HEAD*. It is empty where there is no passive.
#
# That much reads *"HEAD did not inhibit TAIL"* as a fact. So rules need **cues**: words that deny, and words that only suppose. Two lists to begin with:

# %%
print(textwrap.fill("Deny: " + ", ".join(reading.NO), 88))
print(textwrap.fill("Suppose: " + ", ".join(reading.MAYBE), 88))

# %% [markdown]
# ### Exercise 2 · Rules · 6 points · 13 min
#
# Write `relation`. It is given a sentence with HEAD and TAIL in it, and patterns such as those above. Give the name of the relation that the sentence **states**, or `"none"`.
#
# - The right voice and direction, and only what stands between the two names (1 point).
# - What is denied or only supposed is `"none"`. But cues count as whole words, and only near the two names: about eight words before, all between, four after (2 points).
# - On 1,500 pairs of another library: a **precision of 0.90** or more, at a recall of 0.40 or more (3 points; a precision of 0.85 at the same recall earns 1). The two lists alone stay below that. Make it `"none"`, too, if more than eight words stand between the names, or *rather than* near them.
#
# Try it on the curators' pairs: `[relation(t, reading.patterns(k)) for t, k in zip(curated.text, curated.kinds)]` beside `curated.gold`.
#
# Precision is the share of your finds that are right. Recall is the share of what is stated that you find.
#
# <details><summary>Hint 1</summary>
#
# Find the places of HEAD and TAIL with `.index`. What stands between them, in small letters, is what patterns are sought in with `re.search`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# *HEAD was inhibited by TAIL* meets the first pattern as well. If HEAD stands first and the second pattern (if it is not empty) is met too, then TAIL is the one that acts.
#
# </details>
# <details><summary>Hint 3</summary>
#
# One pattern for all cues: `r"\b(" + "|".join(...) + r")\b"`. Search it in the last eight words before, the words between, and four words after. `rather than` is one more cue; `len(between.split())` counts words.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "literature-rules", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relation(sentence, patterns):
    """Return the relation that a sentence states of HEAD and TAIL, or "none"."""
    said = ...
    ### BEGIN SOLUTION
    head, tail = sentence.index("HEAD"), sentence.index("TAIL")
    first, last = min(head, tail), max(head, tail)
    between = sentence[first + 4 : last].lower()
    before, after = sentence[:first].lower().split(), sentence[last + 4 :].lower().split()
    around = " ".join([*before[-8:], between, *after[:4]])
    cues = "|".join([*reading.NO, *reading.MAYBE, "rather than"])
    said = "none"
    if re.search(rf"\b({cues})\b", around) or len(between.split()) > 8:
        return said
    for name, (forward, backward) in patterns.items():
        turned = bool(backward and re.search(backward, between))
        if (turned if tail < head else re.search(forward, between) and not turned):
            said = name
    ### END SOLUTION
    return said

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "literature-rules-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The check has lines in all voices, then 1,500 pairs of a library that you have not seen.
result = reading.rules(globals())
### BEGIN HIDDEN TESTS
result = reading.rules(globals(), plant_seed=8_026_775_707_268)
### END HIDDEN TESTS
result

# %%
# Three ways to read the last 600 abstracts of our library, in percent.
by_rules = reading.rules_table(globals())
by_rules

# %% [markdown]
# **How to read it.** F1 is high only where precision and recall both are: $2PR/(P+R)$. *Named together* finds all there is, and is wrong most of the time. *The known graph* does not read at all: it repeats what it knows of the two, whatever the sentence says. It will never tell you anything new. (Among the curators' pairs a little more were related than here: 300 pairs tell a share only roughly.)
#
# **What it hides.** Rules miss half. Nouns (*inhibition of TAIL by HEAD*), turns of phrase (*mice without HEAD were spared TAIL*) and rare verbs are in no list. You could go on writing rules for a month, and each one would cost a little precision.

# %% [markdown] tags=["instructor"]
# **Ask** Which is worse in your graph: an edge that is wrong, or an edge that is missing? Would a safety officer say the same?
#
# **Watch for** `"no" in sentence`: it is met in *noted*, *now* and *known*. The check has such a line.
#
# **What it shows** Precision {{ by_rules.iloc[2]["precision"] }} %, recall {{ by_rules.iloc[2]["recall"] }} %, by a page of code. Being named together has a precision of {{ by_rules.iloc[0]["precision"] }} %.

# %% [markdown]
# ## Labels from a graph · 10 min
#
# A network needs thousands of labelled sentences, and nobody wants to label them by hand. But there is a graph of what is already known. Label each pair with what the graph says of it! That is **weak supervision**: free labels, of which some are wrong. A sentence may name a related pair and say nothing of it. Or it states what the graph does not hold yet.

# %%
known = reading.known()
print(known["relation"].value_counts().to_string())
known.head(3)

# %% [markdown]
# ### Exercise 3 · Labels from the graph · 4 points · 8 min
#
# Write two functions.
#
# - `weak_labels(pairs, known)`: one label for each row of `pairs`, in their order. It is the relation by which `known` joins `head` to `tail`, or `"none"`. `binds` has no direction: it holds both ways. Names that say the same backwards (`has_member`, `encoded_by`, `inhibited_by`, `activated_by`) are no labels: leave those rows of the graph out (2 points).
# - `share_wrong(labels, gold)`: three numbers. The share of labels that differ from `gold`, 0 to 1 (1 point), and the lower and upper end of its 95 % interval (1 point). The share may be off by 0.002, each end by 0.012, and the interval's width by a tenth of itself.
#
# <details><summary>Hint 1</summary>
#
# A dictionary from `(head, tail)` to the relation answers at once. `dict.get` has a second argument for what is not there.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `known[~known["relation"].isin([...])]` leaves rows out. For `binds`, put each edge in twice.
#
# </details>
# <details><summary>Hint 3</summary>
#
# A share $p$ of $n$ has a standard error of $\sqrt{p(1-p)/n}$. The interval reaches 1.96 of them to each side. `np.asarray` of both makes `!=` compare row by row.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "literature-labels", "locked": false, "schema_version": 3, "solution": true, "task": false}
def weak_labels(pairs, known):
    """Return what the known graph says of each pair, or "none"."""
    labels = ...
    ### BEGIN SOLUTION
    backwards = ["has_member", "encoded_by", "inhibited_by", "activated_by"]
    edges = known[~known["relation"].isin(backwards)]
    says = {(head, tail): name for head, name, tail in edges.to_numpy()}
    says |= {(tail, head): name for head, name, tail in edges.to_numpy() if name == "binds"}
    labels = [says.get((head, tail), "none") for head, tail in pairs[["head", "tail"]].to_numpy()]
    ### END SOLUTION
    return labels


def share_wrong(labels, gold):
    """Return the share of wrong labels, and the ends of its 95 % interval."""
    share = low = high = ...
    ### BEGIN SOLUTION
    share = np.mean(np.asarray(labels) != np.asarray(gold))
    half = 1.96 * np.sqrt(share * (1 - share) / len(gold))
    low, high = share - half, share + half
    ### END SOLUTION
    return share, low, high

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "literature-labels-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check has another library's graph, and labels of which it knows how many are wrong.
result = reading.graph_labels(globals())
### BEGIN HIDDEN TESTS
result = reading.graph_labels(globals(), plant_seed=8_026_775_707_268)
### END HIDDEN TESTS
result

# %%
# How many of the graph's labels are wrong, by the curators' 300 pairs?
figure, wrong_labels = reading.labels_figure(globals())
figures.show(figure, wrong_labels)

# %% [markdown]
# **How to read it.** About a fifth of the labels is wrong. Of the labels that a published collection of real abstracts got in this way ([ChemDisGene](https://arxiv.org/abs/2204.06584)), about 78 % were right. The two kinds of error are not alike: a sentence that names a related pair and says nothing of it, and a statement that the graph lacks.
#
# **What it hides.** 300 pairs tell the share to within 5 percentage points. They must be drawn **at random from the pairs that you label**. Curators who pick what is interesting read something else.

# %% [markdown] tags=["instructor"]
# **Ask** Would you train on labels of which a fifth is wrong? What would the errors have to be like for the network to learn them? (Systematic: the same verb always mislabelled.)
#
# **Watch for** Edges taken both ways. *HEAD inhibits TAIL* then labels *TAIL inhibits HEAD* as well, and the check names it.
#
# **What it shows** {{ wrong_labels }}

# %% [markdown]
# ## Words become numbers · 11 min
#
# A network reads numbers. So each word gets one, and each sentence becomes a row of equal length. One decision matters more than all others: **the two names are blinded**. In their place stands what they are, `head:compound` and `tail:protein`. Other names become `also:gene` and the like. A network that can not see names can not learn them by heart.

# %%
pairs = reading.training_pairs()  # all abstracts but the last 600, with weak labels
words = reading.vocabulary(pairs["tokens"])  # tokens that are seen four times: a number from 2 on
print(f"{len(pairs):,} pairs, {len(words):,} tokens with a number of their own")
print(pairs["text"].iloc[2])
print(pairs["tokens"].iloc[2])

# %% [markdown]
# ### Exercise 4 · Words become numbers · 4 points · 9 min
#
# Write `encode`. It is given a list of token lists, the dictionary `words`, and a `length`. Give a **tensor of whole numbers** with one row a sentence and `length` columns.
#
# - A token gets its number in `words`, or 1 if it has none. Behind the last token the row is filled up with 0 (2 points).
# - A row begins **six tokens before the first of the two names**, or at the sentence's start if there are fewer. It ends after `length` tokens (2 points). The names are the tokens that begin with `head:` and `tail:`.
#
# <details><summary>Hint 1</summary>
#
# A loop over the sentences. Each gives a list of `length` numbers; `torch.tensor` of the list of lists comes last.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `words.get(token, 1)` knows what to do with an unknown token. `[0] * n` is a list of `n` zeros, and is empty if `n` is 0.
#
# </details>
# <details><summary>Hint 3</summary>
#
# The place of the first name: the smallest `k` for which `tokens[k].startswith(("head:", "tail:"))`. The row begins at `max(0, k - 6)`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "literature-ids", "locked": false, "schema_version": 3, "solution": true, "task": false}
def encode(tokens, words, length):
    """Return sentences as a tensor of numbers, (sentences, length)."""
    numbers = ...
    ### BEGIN SOLUTION
    rows = []
    for sentence in tokens:
        first = min(k for k, t in enumerate(sentence) if t.startswith(("head:", "tail:")))
        begin = max(0, first - 6)
        row = [words.get(token, 1) for token in sentence[begin : begin + length]]
        rows.append(row + [0] * (length - len(row)))
    numbers = torch.tensor(rows)
    ### END SOLUTION
    return numbers

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "literature-ids-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check has short sentences and long ones, of another library.
result = reading.ids(globals())
### BEGIN HIDDEN TESTS
result = reading.ids(globals(), plant_seed=8_026_775_707_268)
### END HIDDEN TESTS
result

# %% [markdown]
# **What it hides.** Words that are seen fewer than four times share the number 1, so that the network can not learn from a single sentence. What is further than the window from both names is not read at all. A doubt at the far end of a long sentence is lost.

# %% [markdown] tags=["instructor"]
# **Ask** What else could the network learn by heart, if not names? (Authors' turns of phrase, a journal, an assay that only one group uses.)
#
# **Watch for** Padding in front, or 1 in place of 0. Both train without an error, and worse.
#
# **What it shows** {{ len(pairs):,.0f }} pairs, {{ len(words):,.0f }} numbers for words. The names that were blinded would be thousands more.

# %% [markdown]
# ## A network reads · 14 min
#
# `x` holds the rows of numbers, `y` the number of each weak label, 0 for `none`. There are eleven relations in abstracts, and so twelve labels.

# %%
x, y, words, labels = reading.numbers()
print(tuple(x.shape), tuple(y.shape), labels[:4])

# %% [markdown]
# A small reader has three layers:
#
# - `nn.Embedding` looks up a list of 32 numbers for each word;
# - `nn.Conv1d` looks at three words at a time, with 64 filters. It wants `(pairs, 32, words)`: change places of two axes with `.transpose(1, 2)`;
# - the strongest answer of each filter over all words, `.amax(dim=2)`, goes into a `nn.Linear` with a score for each label.
#
# Two things help against wrong labels. `nn.CrossEntropyLoss(label_smoothing=0.1)` does not ask for full certainty. `nn.Dropout(0.3)` before the last layer keeps the network from relying on one filter. And two things make the training short: embeddings that begin small (`nn.init.normal_(net.embed.weight, std=0.3)`), and a last epoch with a smaller step.

# %% [markdown]
# ### Exercise 5 · A network reads · 6 points · 12 min
#
# Write `train`. It is given `x`, `y`, the number of words (0 and 1 counted in, as `nn.Embedding` needs it) and the number of labels. Make a network, train it on `x` and `y`, and give it back. It is asked with rows such as `x` and gives a row of scores for each.
#
# - The scores have the right shape, hold still when asked twice, and have learnt something: F1 above 0.3 (2 points).
# - It learns from 1,500 abstracts of another library and reads 400 others. Its **F1 is 0.08 or more above that of the course's rules** there (4 points; 0.02 above earns 2). You have 30 s; 5 are enough.
#
# `training.fit(net, loss, (x, y), epochs=6, batch_size=256, learning_rate=1e-2)` trains.
#
# <details><summary>Hint 1</summary>
#
# A class `Reader(nn.Module)` makes its layers in `__init__` and uses them in `forward`. `padding_idx=0` keeps the numbers of 0, which is no word, from being trained.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In `forward`: look up, transpose, convolve, `torch.relu`, maximum over the words, dropout, last layer.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Call `training.fit` twice: six epochs with a `learning_rate` of 1e-2, then one more with 2e-3. The second call goes on where the first one stopped.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "literature-network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(x, y, n_words, n_labels):
    """Return a network that has learnt to read relations from x and y."""
    net = ...
    ### BEGIN SOLUTION
    class Reader(nn.Sequential):
        def forward(self, x):
            look_up, three_words, last = self
            seen = torch.relu(three_words(look_up(x).transpose(1, 2)))
            return last(seen.amax(dim=2))

    embedding = nn.Embedding(n_words, 32, padding_idx=0)
    nn.init.normal_(embedding.weight, std=0.3)
    last = nn.Sequential(nn.Dropout(0.3), nn.Linear(64, n_labels))
    net = Reader(embedding, nn.Conv1d(32, 64, 3, padding=1), last)
    loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    for epochs, rate in ((6, 1e-2), (1, 2e-3)):
        training.fit(net, loss, (x, y), epochs=epochs, batch_size=256, learning_rate=rate)
    ### END SOLUTION
    return net

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "literature-network-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The check trains on another library's weak labels and tests on what its sentences truly say.
result = reading.network(globals())
### BEGIN HIDDEN TESTS
result = reading.network(globals(), plant_seed=8_026_775_707_268)
### END HIDDEN TESTS
result

# %%
# Your network, trained on 2,400 abstracts, beside your rules on the last 600.
figure, compared = reading.network_figure(globals())
figures.show(figure, compared)

# %% [markdown]
# **How to read it.** The network never saw a label that was checked by a person. It learnt from the graph's labels, and reads *better* than those labels are: errors that follow no pattern can not be learnt. Rules stay more precise. One can use both: rules where they speak, the network for the rest.
#
# **What it hides.** The test abstracts were written by the same hand as the others, about the same names. What if not?

# %% [markdown] tags=["instructor"]
# **Ask** Which of the two would you let write into the graph without a person in between?
#
# **Watch for** A network that says `none` to nearly all: trained too short. The weak labels are `none` two times in three, so that is what it learns first.
#
# **What it shows** {{ compared }} On nine other libraries the course's network had an F1 of 0.83 to 0.86, and its rules of 0.64 to 0.69.

# %% [markdown]
# ## Which number do you report? · 13 min
#
# A score holds for the circumstances that it was measured under. Abstracts of the test name the same proteins as those of the training. If a network learns names, it learns *what the graph says of them*, and looks well read. So test it on names that it has never met.

# %% [markdown]
# ### Exercise 6 · Split by names · 4 points · 8 min
#
# Write `split_by_names`. It is given a table with the columns `head` and `tail`, a `share` and a `seed`. Draw that share of all names (heads and tails together, each once; rounded up or down) and hold them back. Give **two tables**: the pairs to train on and the pairs to test on.
#
# - No name is in both tables, be it as head or as tail (2 points).
# - The training has *all* pairs of which neither name is held back, the test all pairs of which both are. A pair of one and one belongs to neither. It is tried with two shares (1 point).
# - The same seed draws the same names, another seed other ones (1 point).
#
# <details><summary>Hint 1</summary>
#
# All names, each once: `np.unique` of both columns together. `pd.concat([pairs["head"], pairs["tail"]])` stacks them.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.random.default_rng(seed).choice(names, size, replace=False)` draws `size` of them.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `pairs["head"].isin(held)` is a mask, and so is that of the tails. `~a & ~b` is neither, `a & b` is both.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "literature-split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_by_names(pairs, share, seed):
    """Return pairs to train on and pairs to test on, without a common name."""
    train_pairs = test_pairs = ...
    ### BEGIN SOLUTION
    names = pd.concat([pairs["head"], pairs["tail"]]).unique()
    rng = np.random.default_rng(seed)
    held = rng.choice(names, round(share * len(names)), replace=False)
    head, tail = pairs["head"].isin(held), pairs["tail"].isin(held)
    train_pairs, test_pairs = pairs[~head & ~tail], pairs[head & tail]
    ### END SOLUTION
    return train_pairs, test_pairs

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "literature-split-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check looks for names on both sides, and for pairs that were lost for nothing.
result = reading.split(globals())
### BEGIN HIDDEN TESTS
result = reading.split(globals(), plant_seed=8_026_775_707_268)
### END HIDDEN TESTS
result

# %% [markdown]
# Now the course's network under nine circumstances: six trainings of equal length, on 1,500 abstracts each. In one the words of each training sentence are **shuffled**. In another, nine tenths of the labels are gone; in a third, three tenths are dealt out anew. Two are trained without half of the names. Each of these two is tested twice, on names that it knows and on new ones: two trainings, four bars. This takes about 25 s.

# %%
figure, fell = reading.circumstances_figure()
figures.show(figure, fell)

# %% [markdown]
# **How to read it.** Half of the names leave a quarter of the pairs to learn from, so the last four bars are lower than the first. (We tried it, though it is not drawn: as many pairs, taken at random, teach no more.) Compare these four with each other. With names blinded, new names are read about as well as known ones. With names left in, the network reads worse, and new names far worse. A random split of sentences would have shown you the upper of those two bars only. The number to report is that of the split by names.
#
# **Shuffled words** take away who does what to whom, and still a good part is left. The network reads keywords. So did large ones: a study of transformers on biomedical relations found that random order of the training's words was no catastrophe for them ([F1000Research 9:710](https://doi.org/10.12688/f1000research.24552.1)).
#
# **What it hides.** One training each, so a bar moves by two or three hundredths with the seed. Reports are read well here only for what abstracts speak of as well. Of *found in lot SER-03* no abstract speaks, and the network has no word for it.

# %% [markdown] tags=["instructor"]
# **Ask** A supplier's text miner has an F1 of 0.92. Which two questions do you ask? (Split by what? Whose labels?)
#
# **Watch for** A split by documents, offered as a split by names. Two documents speak of the same protein.
#
# **What it shows** {{ fell }}

# %% [markdown]
# ## Let the plant run on it · 7 min
#
# Our 300 deviation reports name compounds and lots. Some say that a lot *holds* an impurity. Others say that it was tested and is free of it, or only that a standard was ordered. Your `relation` of exercise 2 reads them all, with the words of shifts. The patterns find words such as *tested for*, too. The cues *neg* and *free of* then deny what was found:

# %%
reports = reading.pairs("internal")
of_lots = reports[reports["kinds"] == "compound lot"]
print(*of_lots["text"].head(6), sep="\n")
forward, backward = reading.patterns("compound lot")["found_in"]
print(f"\nfound_in\n  HEAD … TAIL  {forward}\n  TAIL … HEAD  {backward}")

# %% [markdown]
# The plant makes its six years once more, from the same lots, with the same luck. But it refuses each lot that was read to hold an impurity. Its batches get an average lot instead. Refusing is not free: the reactor waits for the new lot, and **one batch is not made**. (That price is our own choice.)

# %%
table, figure, gained = reading.doses(globals())
figures.show(figure, gained)
table

# %% [markdown]
# **How to read it.** `of these good` counts good lots that were refused, `missed` impure ones that were not. Whoever refuses all lots that are *named* with an impurity refuses dozens of good ones, and loses far more doses than the right refusals gain. Rules that know a denial refuse the right ones. The interval is that of differences, batch by batch.
#
# **What it hides.** The gain of the right lots is small, and its interval may reach 0: a batch that is not made weighs as much as many that become a little better. The plant also refuses a lot from its first batch on, as if the reports had been read before. A report comes after the batch. And the rules are judged on reports from which their patterns were taken.

# %% [markdown] tags=["instructor"]
# **Ask** A lot is suspected, and nothing is proven. Should it be blocked? What would it cost to be wrong, each way?
#
# **What it shows** {{ gained }}

# %% [markdown]
# ## What we have seen · 2 min
#
# - Named together is no relation. Rules with a denial and a doubt read half of what is stated, and are right more than nine times in ten.
# - A graph labels sentences for nothing, a fifth of them wrongly. A small network learns from that and reads more than rules do.
# - A score belongs to its circumstances. Blind the names, split by names, and report that number.
