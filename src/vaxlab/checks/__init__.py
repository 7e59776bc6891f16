"""The frame of a check: what speaks to the learner, four outcomes, no traceback.

``result``
    What a check answers: parts with points, said in words, HTML and plain text.
``exercise``
    How a check is written and run: it never raises, prints or warns.
``border``, ``plain``
    How a check sees a learner's values: the same in the notebook and in grading.
``notes``
    What checks said, noted for a class, of those who have joined.
``reading``
    How checks read an answer: numbers, one value a row, known wrong ones.

The checks themselves stand beside their notebooks' material, in `vaxlab.lessons`.
"""
