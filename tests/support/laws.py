"""How many examples a property is tried with: as many as the profile of conftest.py has, or few of them."""

from hypothesis import settings

# For properties of whole sessions, pages and drawings: one example of these costs as much as fifty others.
FEW = settings(max_examples=max(5, settings().max_examples // 3))
