"""Lepton AutoML from Python and in notebooks: recipes that run, runs that can be asked, estimators of scikit-learn.

`from lepton_automl import run, load, LeptonClassifier, LeptonRegressor` gives what this room has; `docs/python.md` shows it.
"""
