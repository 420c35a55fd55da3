"""`python -m lepton_automl` and the console script `lepton` are the same program."""

import sys

from lepton_automl.cli import main

if __name__ == "__main__":
    sys.exit(main())
