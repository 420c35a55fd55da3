"""Lepton AutoML: one YAML recipe in, one governed, tested and servable model out."""

__version__ = "0.1.0"
