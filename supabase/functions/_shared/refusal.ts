// Typed errors: the codes of docs/errors.md in the one form all services answer them in.

/** A refusal that a caller can act on. */
export class Refusal extends Error {
  constructor(
    /** Stable code, listed in docs/errors.md. */
    readonly code: string,
    readonly status: number,
    message: string,
    readonly more: { details?: unknown; hint?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
  }

  /** The JSON body that tells it. */
  body(requestId: string): string {
    const { details = null, hint = null } = this.more;
    return JSON.stringify({ code: this.code, message: this.message, details, hint, request_id: requestId });
  }
}

export function unauthenticated(details: string): Refusal {
  return new Refusal("unauthenticated", 401, "A valid access token is needed.", {
    details,
    hint: "Sign in, and send the token as Authorization: Bearer <access token>.",
    headers: { "www-authenticate": "Bearer" },
  });
}

export function unavailable(code: string, details: string): Refusal {
  return new Refusal(code, 503, "The service is unavailable for a moment.", {
    details,
    hint: "Repeat the same request with the same idempotency key.",
    headers: { "retry-after": "1" },
  });
}

export function internal(): Refusal {
  return new Refusal("internal_error", 500, "Something went wrong on our side.", {
    hint: "Quote the request id when you report this.",
  });
}
