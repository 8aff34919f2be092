"""What names of buckets and objects may be, and how a bucket writes its limits."""

import re

from stack.storage.errors import StorageError, invalid_bucket_name, invalid_key, invalid_mime_type, invalid_request

_BUCKET = re.compile(r"[A-Za-z0-9_!\-.*'() &$@=;:+,?]{1,63}")
_KEY = re.compile(r"[A-Za-z0-9_/!\-.*'() &$@=;:+,?]{1,1024}")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(gb|mb|kb|b)", re.IGNORECASE)
_HEADER = re.compile(r"[ -~]{0,200}")
_UNITS = {"gb": 1_000_000_000, "mb": 1_000_000, "kb": 1000, "b": 1}


def checked_bucket(name: str) -> str:
    """Give the name of a bucket back if there may be one.

    Raises:
        StorageError: InvalidBucketName.
    """
    if not _BUCKET.fullmatch(name):
        raise invalid_bucket_name()
    return name


def checked_key(key: str) -> str:
    """Give the name of an object back if there may be one.

    No name is ever a path of the file system here. Segments that walk up are refused all the same: proxies and clients
    shorten them, and then the object that is asked for is another than the one that was meant.

    Raises:
        StorageError: InvalidKey.
    """
    if not _KEY.fullmatch(key) or not {".", ".."}.isdisjoint(key.split("/")):
        raise invalid_key(key)
    return key


def bytes_of(size: int | str) -> int:
    """Give a size in bytes, which is written as a number or as in 20MB, in powers of ten.

    Raises:
        StorageError: InvalidRequest.
    """
    if isinstance(size, str):
        match = _SIZE.fullmatch(size)
        if match is None:
            raise invalid_request("Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B")
        return int(float(match[1]) * _UNITS[match[2].lower()])
    if size < 0:
        raise invalid_request("body/file_size_limit must be >= 0")
    return size


def checked_header(name: str, value: str) -> str:
    """Give back what an uploader says of a file if a header may hold it: a line of its own would be the reader's harm.

    Raises:
        StorageError: InvalidRequest.
    """
    if not _HEADER.fullmatch(value):
        raise StorageError(
            400, "InvalidRequest", f'Invalid character in response header "{name}"', "invalid_header_char"
        )
    return value


def check_mime_type(allowed: list[str] | None, mime_type: str) -> None:
    """Compare a type with those a bucket holds, `image/*` among them; none named means all.

    Parameters such as a charset do not count.

    Raises:
        StorageError: InvalidMimeType.
    """
    if not allowed:
        return
    plain = mime_type.partition(";")[0].strip().lower()
    kind, _, rest = plain.partition("/")
    if not rest or not {plain, f"{kind}/*", "*/*"} & {one.lower() for one in allowed}:
        raise invalid_mime_type(mime_type)
