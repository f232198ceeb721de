"""Large races and crash series run small in `make test` and in full by `make races`."""

import os
from typing import TypeVar

T = TypeVar("T")


def scale(small: T, full: T) -> T:
    """`full` when BANK_ADAPTER_TEST_SCALE=full, else `small`."""
    return full if os.environ.get("BANK_ADAPTER_TEST_SCALE") == "full" else small
