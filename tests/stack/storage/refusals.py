"""How refusals look through the official client, and the size from which there is one."""

from collections.abc import Callable

import pytest
from storage3.exceptions import StorageApiError

# The largest object of the servers of these tests, so that a body may be too large without being large.
LARGEST = 300_000

NO_RIGHT = ("403", "Unauthorized", "new row violates row-level security policy")
NO_OBJECT = ("404", "not_found", "Object not found")
NO_BUCKET = ("404", "Bucket not found", "Bucket not found")
TAKEN = ("409", "Duplicate", "The resource already exists")
TOO_LARGE = ("413", "Payload too large", "The object exceeded the maximum allowed size")


def refused(attempt: Callable[[], object]) -> tuple[str, str, str]:
    """Do what must be refused, and return status, name and sentence of the refusal."""
    with pytest.raises(StorageApiError) as caught:
        attempt()
    return str(caught.value.status), caught.value.code, caught.value.message
