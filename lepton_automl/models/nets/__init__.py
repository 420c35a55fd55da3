"""Nets for tables. PyTorch and Lightning are imported by a fit only; predictions are made by NumPy."""
