"""The recipe that the plant uses most."""

from vaxlab.plant import Recipe, campaign

USUAL = Recipe(
    growth_time_h=campaign.GROWTH_H,
    infection_duration_h=campaign.INFECTION_H,
    **{
        name: max(choices, key=lambda choice: choice[1])[0]
        for name, choices in campaign.SET_POINTS.items()
    },
)
"""Every set point as in most batches, harvest as planned."""
