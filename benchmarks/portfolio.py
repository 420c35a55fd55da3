"""The order in which configurations are tried: gathered on public sets, learned by simulation, proved on sets left out.

python benchmarks/portfolio.py gather --data FOLDER --rows 20000
python benchmarks/portfolio.py learn

`gather` fits every entry of `lepton_automl/engine/portfolio.py` once on each set and can be stopped and started again. Of a
set's training rows 64 % are fitted on, 16 % stop rounds early and weigh the ensemble, 20 % judge; test files are not read.
`learn` prints the orders for `ORDERS` of that module, and what they are worth on sets that they were not learned on.
"""

import argparse
from pathlib import Path

from portfolio_fits import SETS, gather
from portfolio_order import learn
from sets import default_data

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Gathers or learns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("gather", "learn"))
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--sets", default=",".join(SETS), help="parted by commas")
    parser.add_argument("--only", default="", help="entries or families, parted by commas; all if absent")
    parser.add_argument("--rows", type=int, default=20_000, help="most rows of a set; of larger ones so many are drawn")
    parser.add_argument("--cap", type=float, default=40.0, help="seconds of a fit")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds that an order is judged by")
    parser.add_argument("--rows-file", type=Path, default=HERE / "results" / "portfolio.jsonl")
    parser.add_argument("--predictions", type=Path, default=Path("outputs/benchmarks/portfolio"))
    options = parser.parse_args()
    if options.what == "learn":
        learn(options.rows_file, options.predictions, options.budget)
        return
    only = [name for name in options.only.split(",") if name]
    names = [name for name in options.sets.split(",") if name]
    gather(names, only, options.data.resolve(), options.rows, options.cap, options.rows_file, options.predictions)


if __name__ == "__main__":
    main()
