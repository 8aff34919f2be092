"""Supabase Auth's administration, with the secret key: logins are read and closed there, never in its tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar
from uuid import UUID

import httpx
from supabase_auth import SyncGoTrueAdminAPI
from supabase_auth.errors import AuthApiError, AuthError, AuthRetryableError

from soulseer import request_id
from soulseer.errors import SoulSeerError, UnavailableError
from soulseer.settings import DatabaseSettings

Answer = TypeVar("Answer")

TIMEOUT: Final = httpx.Timeout(10.0, connect=2.0)
_GONE: Final = "user_not_found"
_BUSY: Final = 429
_FAULT: Final = 500


class LoginRefusedError(SoulSeerError):
    """Auth understood the call and refused it; somebody must look."""

    def __init__(self, details: str) -> None:
        super().__init__("auth_refused", status=422, message="The login could not be changed.", details=details)


class Logins:
    """Closes logins and knows their addresses; safe to share between threads.

    Args:
        settings: Where the project is, and its secret key.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self._http = httpx.Client(timeout=TIMEOUT, event_hooks={"request": [request_id.mark]})
        self._admin = SyncGoTrueAdminAPI(
            url=f"{settings.supabase_url}/auth/v1",
            headers=settings.secret_headers(),
            http_client=self._http,
        )

    def close_login(self, user_id: UUID) -> None:
        """Make a login unusable and its e-mail unreadable, keeping the row that money history refers to.

        A login closed before, or gone, is closed.

        Args:
            user_id: Whose.

        Raises:
            UnavailableError: Auth is away, or asks to slow down; repeat it later.
            LoginRefusedError: Auth refused.
        """
        self._ask(lambda: self._admin.delete_user(str(user_id), should_soft_delete=True))

    def email_of(self, user_id: UUID) -> str | None:
        """Return a person's confirmed address, or None where there is none.

        Args:
            user_id: Whose.

        Raises:
            UnavailableError: Auth is away, or asks to slow down; repeat it later.
            LoginRefusedError: Auth refused.
        """
        found = self._ask(lambda: self._admin.get_user_by_id(str(user_id)))
        return (found.user.email or None) if found is not None and found.user.email_confirmed_at else None

    def _ask(self, call: Callable[[], Answer]) -> Answer | None:
        """Make a call; None when the login is gone."""
        try:
            return call()
        except AuthRetryableError as error:
            raise UnavailableError(str(error), code="auth_unavailable") from error
        except AuthApiError as error:
            if error.code == _GONE:
                return None
            if error.status == _BUSY or error.status >= _FAULT:
                raise UnavailableError(str(error), code="auth_unavailable") from error
            raise LoginRefusedError(f"{error.code}: {error}") from error
        except AuthError as error:
            raise LoginRefusedError(str(error)) from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
