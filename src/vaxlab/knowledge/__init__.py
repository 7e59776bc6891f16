"""Graphs of facts: a store whose edges know their sentences, embeddings, and an explorer.

`store`: entities, documents and what these say, in DuckDB; projections, paths, evidence.
`embed`: TransE, DistMult, ComplEx and RotatE in PyTorch, and ranks that can be trusted.
`explorer`: a map to walk in, the sentences behind each edge, and verdicts on theories.
"""
