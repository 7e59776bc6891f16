"""Graphs of facts: a store whose edges know their sentences, and embeddings that complete it.

`store`: entities, documents and what these say, in DuckDB; projections, paths, evidence.
`embed`: TransE, DistMult, ComplEx and RotatE in PyTorch, and ranks that can be trusted.
"""
