"""A training run on the disk: where its files lie, and what they hold. No torch, no Qt.

- `annotriage.runs.files`: `RunFiles` (one run's folder) and `ExperimentFiles` (recipes and run folders side by side)
  name every file; `find_runs` finds the run folders below a folder.
- `annotriage.runs.notes`: JSON and TOML as a run wrote them (`read_note`, `read_recipe`), or as far as they can be
  read (`known_values`).
- `annotriage.runs.predictions`: `read_predictions`, plain or gzipped, of all parts of the split.
- `annotriage.runs.curve`: `read_curve`, a line an epoch.
- `annotriage.runs.states`: `State`, what a run or a training is doing, and the words of its events and orders.
"""
