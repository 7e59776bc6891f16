"""A network in place of a rate: half equations, half learned.

`vaxlab.plant.batch.trajectories` takes ``rates_by={"growth_rate_per_h": net}``. Wherever the
equations need that rate they ask the network, which sees `HOOK_FEATURES` of that moment; all else
stays as it is, and gradients reach the network's parameters through the whole batch.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vaxlab.errors import CourseError
from vaxlab.plant.integrate import Array, Backend
from vaxlab.plant.kinetics import INDEX, Coefficients, Surroundings

HOOK_FEATURES = (
    "glucose_mmol_per_l",
    "glutamine_mmol_per_l",
    "lactate_mmol_per_l",
    "ammonium_mmol_per_l",
    "living_cells_per_ml",
    "do_percent",
    "ph",
    "temperature_c",
    "free_surface_share",
)
"""What a network sees, in the order of its columns: raw numbers in the unit of the name.

Living cells are those on carriers, healthy and infected; dissolved oxygen and pH are the true
ones; the free share of the carriers' surface is 1 on bare carriers and 0 on full ones.
"""

HOOK_RATES = {
    "growth_rate_per_h": (
        "1/h",
        "specific growth rate of the healthy cells on carriers, in the growth phase; after the "
        "exchange to serum-free medium the plant's own holds",
    ),
    "death_rate_per_h": ("1/h", "specific death rate of the healthy cells on carriers"),
    "glucose_uptake_pmol_per_cell_h": (
        "pmol/cell/h",
        "of every living cell on carriers, for growth and maintenance together; lactate follows",
    ),
    "glutamine_uptake_pmol_per_cell_h": (
        "pmol/cell/h",
        "of every living cell on carriers; ammonium follows",
    ),
    "virus_release_per_cell_h": (
        "virions/cell/h",
        "of every productive cell, of all kinds of virions together; asked after infection only",
    ),
}
"""What a network can stand for: key to (unit, meaning).

It stands for the whole rate: what the plant's equation multiplies in, such as the free surface,
the lots' factors or the temperature, is the network's to learn.
"""

_GROWTH_ONLY, _INFECTION_ONLY = "growth_rate_per_h", "virus_release_per_cell_h"
_MMOL_PER_L = 1e-6
"""From pmol/cell/h times cells/mL to mmol/L/h."""

Network = Callable[[Array], Array]
Hook = Callable[
    [Array, Sequence[Array], Surroundings, Array, Coefficients], Mapping[str, Array] | None
]


def hook(rates_by: Mapping[str, Network], backend: Backend) -> Hook:
    """Return what `vaxlab.plant.kinetics.rates` asks for rates that networks stand for.

    Parameters
    ----------
    rates_by : mapping of str to callable
        Keys of `HOOK_RATES` to networks: a tensor (B, F) of `HOOK_FEATURES` → (B,) or (B, 1).
    backend : Backend
        From `vaxlab.plant.integrate.tensors`.

    Returns
    -------
    callable
        Living cells, rows of a state, surroundings, free share of the surface and coefficients →
        the rates by their names in the equations, or None where no network is asked.

    Raises
    ------
    CourseError
        A key is unknown, its value cannot be called or computes in another dtype or on another
        device, or the backend is not for torch. While it runs: a network returned something
        that is no tensor, of another shape, or not finite.
    """
    import torch

    probe = backend.column(1.0, 1)
    if not isinstance(probe, torch.Tensor):
        raise CourseError(
            "trajectories: rates_by needs tensors, and the backend is one of numpy. "
            "Use backend=vaxlab.plant.tensors()."
        )
    for name, net in rates_by.items():
        _check_network(name, net, probe)

    def by(
        living: Array,
        y: Sequence[Array],
        around: Surroundings,
        free: Array,
        k: Coefficients,
    ) -> Mapping[str, Array] | None:
        resting = _GROWTH_ONLY if k.virus else _INFECTION_ONLY
        asked = [name for name in rates_by if name != resting]
        if not asked:
            return None
        at = INDEX["glucose_mmol_per_l"]
        medium = y[at : at + 4]  # glucose, glutamine, lactate, ammonium
        settled = (around.do_percent, around.ph, k.temperature, free)
        features = torch.stack([*medium, living, *settled], dim=-1)
        found = {name: _asked(name, rates_by[name], features) for name in asked}
        # As the equations name them, and in their units.
        for key, name in (("glucose_use", "glucose"), ("glutamine_use", "glutamine")):
            uptake = found.pop(f"{name}_uptake_pmol_per_cell_h", None)
            if uptake is not None:
                found[key] = uptake * (_MMOL_PER_L * living)
        if _INFECTION_ONLY in found:
            at = INDEX["productive_1_cells_per_ml"]
            found["released"] = found.pop(_INFECTION_ONLY) * sum(y[at : INDEX["dead_cells_per_ml"]])
        return found

    return by


def _check_network(name: object, net: object, probe: Any) -> None:
    """Refuse what cannot stand for a rate, before anything runs."""
    if name not in HOOK_RATES:
        near = difflib.get_close_matches(str(name), HOOK_RATES, n=1, cutoff=0.0)[0]
        raise CourseError(
            f"trajectories: rates_by has the key {name!r}; expected one of "
            f"{', '.join(HOOK_RATES)}. The nearest one is {near!r}."
        )
    if not callable(net):
        raise CourseError(
            f"trajectories: rates_by[{name!r}] = {net!r} ({HOOK_RATES[name][0]}); expected a "
            "network: something to call with features (batches, features)."
        )
    parameters = getattr(net, "parameters", None)
    for parameter in parameters() if callable(parameters) else ():
        if (parameter.dtype, parameter.device) != (probe.dtype, probe.device):
            raise CourseError(
                f"trajectories: rates_by[{name!r}] has parameters of {parameter.dtype} on "
                f"{parameter.device}; expected {probe.dtype} on {probe.device}, as the backend's. "
                "Use net.to(dtype=…, device=…), or tensors(dtype, device) that fit the network."
            )


def _asked(name: str, net: Network, features: Any) -> Any:
    """Return a network's rate, (B,), or say what is wrong with it."""
    import torch

    found, n, unit = net(features), len(features), HOOK_RATES[name][0]
    says = f"trajectories: rates_by[{name!r}] returned"
    if not isinstance(found, torch.Tensor):
        raise CourseError(
            f"{says} {found!r} ({type(found).__name__}); expected a tensor ({n},) in {unit}."
        )
    if found.shape not in ((n,), (n, 1)):
        raise CourseError(
            f"{says} a tensor of shape {tuple(found.shape)}; expected ({n},) or ({n}, 1) in "
            f"{unit}: one rate a batch."
        )
    found = found.reshape(n)
    wrong = ~torch.isfinite(found)
    if wrong.any():
        batch = int(wrong.nonzero()[0])
        seen = zip(HOOK_FEATURES, features[batch].tolist(), strict=True)
        raise CourseError(
            f"{says} {found[batch].item()} {unit} for batch {batch}; expected a finite number. "
            f"It saw {', '.join(f'{key} = {value:.4g}' for key, value in seen)}. Scale the "
            "features, bound the output, or take shorter steps."
        )
    return found
