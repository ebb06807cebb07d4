"""The front door: one function a study, which `import offramp` gives.

Functions take a case or the name of one, and give frozen values. `seed` and `worlds` decide every
number; `threads` never does. `progress` is called with the steps done and the steps in all (None
where nobody can say).
"""

MOST_WORLDS = 1_000_000  # in memory
