"""`lepton cache`: what runs keep for later, and how to clear it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    text = "Show what runs with data.cache=true keep, or clear it. LEPTON_CACHE: the folder; LEPTON_CACHE_GB: the limit."
    parser = argparse.ArgumentParser("lepton cache", description=text)
    parser.add_argument("action", nargs="?", choices=["show", "clear"], default="show", help="show (default) or clear")
    options = parser.parse_args(list(words))

    from lepton_automl.data.cache import cache_folder, cache_limit_gb, cached_files, clear_cache

    if options.action == "clear":
        print(f"{clear_cache()} tables deleted from {cache_folder()}")
        return 0
    files = cached_files()
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"{cache_folder()}: {len(files)} tables, {size:.1f} MB of {cache_limit_gb() * 1000:.0f} MB")
    return 0
