"""What the data looks like: columns, what is missing together, how columns go together, and training against test rows."""

from lepton_automl.evidence.profile.make import Allowance, Profile, Profiled, make_profile

__all__ = ["Allowance", "Profile", "Profiled", "make_profile"]
