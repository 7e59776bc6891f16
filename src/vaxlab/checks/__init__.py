"""What speaks to the learner: one check an exercise, four outcomes, no traceback.

``result``
    What a check answers: parts with points, said in words, HTML and plain text.
``exercise``
    How a check is written and run: it never raises, prints or warns.
``reading``
    How checks read an answer: numbers, one value a row, known wrong ones.
``trust``
    The exercises of day 1, notebook 1.
"""
