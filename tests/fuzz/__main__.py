"""Feed every reader with damaged files for some minutes; what breaks one is shrunk and kept in var/fuzz."""

from __future__ import annotations

import argparse
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.fuzz.readers import list_readers
from tests.fuzz.running import fuzz_named

PROCESSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="for all readers together")
    parser.add_argument("--seed", type=int, default=None, help="the same seed damages in the same way")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else random.randrange(2**32)
    names = [reader.name for reader in list_readers()]
    share = asked.seconds * PROCESSES / len(names)
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        told = list(pool.map(fuzz_named, names, [share] * len(names), [seed] * len(names)))
    sys.stdout.writelines(f"{line}\n" for line in (f"seed {seed}", *(line for line, _ in told)))
    sys.exit(any(broken for _, broken in told))


if __name__ == "__main__":
    main()
