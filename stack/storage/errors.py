"""Refusals in the shape of Supabase Storage.

The status of HTTP is 400 whatever the refusal, and 500 for a failure of the server; what it really is stands in the
body as `statusCode`, as text. `code` is the newer name of a refusal, `error` the older one that some still have.
"""

import psycopg
from psycopg import errors as sqlstates
from starlette.responses import JSONResponse

_FAILURE = 500


class StorageError(Exception):
    """A refusal for the caller."""

    def __init__(self, status: int, code: str, message: str, error: str = "") -> None:
        """Make a refusal.

        Args:
            status: what the refusal is, as an HTTP status.
            code: its name, one of those Supabase Storage documents.
            message: sentence for people.
            error: its older name, where that is another.
        """
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.error = error or code


def render(refusal: StorageError) -> JSONResponse:
    """Answer with a refusal."""
    body = {
        "statusCode": str(refusal.status),
        "code": refusal.code,
        "error": refusal.error,
        "message": refusal.message,
    }
    return JSONResponse(body, _FAILURE if refusal.status == _FAILURE else 400)


def no_such_bucket() -> StorageError:
    """Refuse a bucket that is not there, or that the caller may not see."""
    return StorageError(404, "NoSuchBucket", "Bucket not found", "Bucket not found")


def no_such_key() -> StorageError:
    """Refuse an object that is not there, or that the caller may not see."""
    return StorageError(404, "NoSuchKey", "Object not found", "not_found")


def access_denied(message: str) -> StorageError:
    """Refuse a token that is no good, or a write that the policies do not allow."""
    return StorageError(403, "AccessDenied", message, "Unauthorized")


def already_exists(code: str = "ResourceAlreadyExists") -> StorageError:
    """Refuse a second of what there is once; `code` says of what."""
    return StorageError(409, code, "The resource already exists", "Duplicate")


def invalid_request(message: str, status: int = 400) -> StorageError:
    """Refuse a request that is not formed as it should be."""
    return StorageError(status, "InvalidRequest", message)


def invalid_key(key: str) -> StorageError:
    """Refuse a name no object may have."""
    return StorageError(400, "InvalidKey", f"Invalid key: {key}")


def invalid_bucket_name() -> StorageError:
    """Refuse a name no bucket may have."""
    return StorageError(400, "InvalidBucketName", "Bucket name invalid", "Invalid Input")


def invalid_mime_type(mime_type: str) -> StorageError:
    """Refuse a type the bucket does not hold."""
    return StorageError(415, "InvalidMimeType", f"mime type {mime_type} is not supported", "invalid_mime_type")


def too_large(entity: str = "object") -> StorageError:
    """Refuse what is larger than the bucket, or the server, takes."""
    message = f"The {entity} exceeded the maximum allowed size"
    return StorageError(413, "EntityTooLarge", message, "Payload too large")


def invalid_jwt(message: str) -> StorageError:
    """Refuse the token of a signed URL."""
    return StorageError(400, "InvalidJWT", message)


def invalid_signature() -> StorageError:
    """Refuse a signed URL that was made for another object or another use."""
    return StorageError(400, "InvalidSignature", "Invalid signature")


def left_out(feature: str) -> StorageError:
    """Refuse what this stand-in has not."""
    return StorageError(409, "FeatureNotEnabled", f"The feature {feature} is not enabled for this resource")


def failed() -> StorageError:
    """Admit a failure of ours; the cause belongs in the log."""
    return StorageError(_FAILURE, "InternalError", "Internal server error")


def of_database(error: psycopg.Error) -> StorageError:
    """Give the refusal an error of Postgres stands for."""
    if isinstance(error, sqlstates.InsufficientPrivilege):
        return access_denied("new row violates row-level security policy")
    if isinstance(error, sqlstates.UniqueViolation):
        return already_exists()
    if isinstance(error, sqlstates.ForeignKeyViolation):
        return invalid_request("The related resource does not exist", 404)
    if isinstance(error, sqlstates.LockNotAvailable):
        return StorageError(423, "ResourceLocked", "The resource is locked")
    if isinstance(error, psycopg.DataError):
        return invalid_request("The request holds text the database cannot store")
    return StorageError(_FAILURE, "DatabaseError", "The database refused the request")
