"""Numbers that decide what is counted, where nobody says otherwise."""

CONTENTIOUS_BELOW = 0.7
"""Images whose true (mean pairwise) Dice is below this are contentious: there people disagree much."""
INTERVAL_LEVEL = 0.9
"""Share of the images whose true Dice a predicted interval is meant to hold."""
