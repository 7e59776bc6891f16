"""What a check of this notebook hands to a learner's network: it has to be there where it runs."""

from __future__ import annotations

import torch
from torch import nn

ACROSS = (nn.Conv1d, nn.RNNBase, nn.Linear, nn.MultiheadAttention, nn.TransformerEncoderLayer)
"""Layers whose weights are the same at each hour, or at each tag."""


def look(net: nn.Module, given: tuple[torch.Tensor, ...], said: torch.Tensor) -> torch.Tensor:
    """Look into a network as it answers; made for ``register_forward_hook``.

    Returns
    -------
    Tensor (2,)
        1 where a layer is given hours and tags mixed up, else 0; and the share of the weights that
        gradients reach.
    """
    met: list[torch.Tensor] = []
    hooks = [
        layer.register_forward_pre_hook(lambda _, came: met.extend(came[:1]))
        for layer in net.modules()
        if isinstance(layer, ACROSS) and layer is not net
    ]
    net.forward(*given)
    for hook in hooks:
        hook.remove()
    mixed = any(_is_mixed(table, given[0]) for table in met)
    weights = list(net.parameters())
    free = [one for one in weights if one.requires_grad]
    pulls = torch.autograd.grad(said.sum(), free, allow_unused=True) if said.requires_grad else ()
    reached = sum(one.numel() for one in pulls if one is not None)
    return torch.tensor([float(mixed), reached / max(1, sum(one.numel() for one in weights))])


def _is_mixed(table: torch.Tensor, x: torch.Tensor) -> bool:
    """Tell whether a table holds the values of x in rows that are neither hours nor tags."""
    if table.shape not in (x.shape, x.transpose(1, 2).shape):
        return False
    if not torch.equal(table.flatten(1).sort().values, x.flatten(1).sort().values):
        return False
    hours = table if table.shape == x.shape else table.transpose(1, 2)
    of_hours, wanted = (one.sum(dim=2).sort().values for one in (hours, x))
    return not torch.allclose(of_hours, wanted, atol=1e-3)
