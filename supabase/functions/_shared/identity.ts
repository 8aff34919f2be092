// Who is calling: access tokens are verified against the project's published keys (JWKS), as the bridge does.

import { decode } from "./base64.ts";
import { unauthenticated, unavailable } from "./refusal.ts";

const AUDIENCE = "authenticated";
const KEYS_LIVE_MS = 600_000;
// An unknown key id asks for the keys again, but not more often than this, or forged tokens would flood Auth.
const REFETCH_MS = 5_000;
const FETCH_LIMIT_MS = 5_000;
const LEEWAY_SECONDS = 10;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Algorithm = { type: { kty: string; crv?: string }; key: AlgorithmIdentifier; check: AlgorithmIdentifier };
// Asymmetric only: a token signed with a shared secret proves nothing to who reads published keys.
const ALGORITHMS: Record<string, Algorithm> = {
  ES256: {
    type: { kty: "EC", crv: "P-256" },
    key: { name: "ECDSA", namedCurve: "P-256" } as EcKeyImportParams,
    check: { name: "ECDSA", hash: "SHA-256" } as EcdsaParams,
  },
  RS256: {
    type: { kty: "RSA" },
    key: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as RsaHashedImportParams,
    check: { name: "RSASSA-PKCS1-v1_5" },
  },
  EdDSA: { type: { kty: "OKP", crv: "Ed25519" }, key: { name: "Ed25519" }, check: { name: "Ed25519" } },
};

interface PublishedKey extends JsonWebKey {
  kid?: string;
}

/** The project's published keys: fetched once, kept, and fetched again for a key id that is new. */
export class PublishedKeys {
  #keys = new Map<string, PublishedKey>();
  #fetched = -Infinity;
  #fetching: Promise<void> | null = null;

  constructor(
    readonly url: string,
    readonly get: typeof fetch = fetch,
    readonly now: () => number = () => performance.now(),
  ) {}

  async find(id: string): Promise<PublishedKey | undefined> {
    const age = this.now() - this.#fetched;
    if (age > KEYS_LIVE_MS || (!this.#keys.has(id) && age > REFETCH_MS)) {
      this.#fetching ??= this.#refresh().finally(() => this.#fetching = null);
      await this.#fetching;
    }
    return this.#keys.get(id);
  }

  async #refresh(): Promise<void> {
    try {
      const answer = await this.get(this.url, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const { keys } = await answer.json() as { keys: PublishedKey[] };
      this.#keys = new Map(keys.flatMap((key) => key.kid === undefined ? [] : [[key.kid, key]]));
      this.#fetched = this.now();
    } catch (error) {
      console.error(JSON.stringify({ event: "jwks_unavailable", error: String(error) }));
      if (this.#keys.size === 0) throw unavailable("auth_unavailable", "The signing keys cannot be fetched.");
      // Yesterday's keys are still better than turning everyone away; they are asked for again in a moment.
      this.#fetched = this.now() - KEYS_LIVE_MS + REFETCH_MS;
    }
  }
}

/** Returns the id of the signed-in user whose token came along; refuses with unauthenticated or auth_unavailable. */
export async function userOf(
  authorization: string | null,
  keys: PublishedKeys,
  issuer: string,
  now: () => number = Date.now,
): Promise<string> {
  const token = /^bearer (.+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) throw unauthenticated("The Authorization header holds no bearer token.");
  const claims = await verified(token, keys);
  const seconds = now() / 1000;
  if (typeof claims.exp !== "number" || claims.exp <= seconds - LEEWAY_SECONDS) {
    throw unauthenticated("The token has expired.");
  }
  const begins = Math.max(...[claims.nbf, claims.iat].map((moment) => typeof moment === "number" ? moment : 0));
  const isForUs = claims.iss === issuer && [claims.aud].flat().includes(AUDIENCE) && begins <= seconds + LEEWAY_SECONDS;
  if (!isForUs || typeof claims.sub !== "string" || !UUID.test(claims.sub)) {
    throw unauthenticated("The token is not valid.");
  }
  if (claims.role !== AUDIENCE) throw unauthenticated("The token is not a signed-in user's.");
  return claims.sub.toLowerCase();
}

async function verified(token: string, keys: PublishedKeys): Promise<Record<string, unknown>> {
  const parts = token.split(".");
  const header = parts.length === 3 ? read(parts[0]) : {};
  const algorithm = Object.hasOwn(ALGORITHMS, String(header.alg)) ? ALGORITHMS[String(header.alg)] : undefined;
  const key = algorithm && typeof header.kid === "string" ? await keys.find(header.kid) : undefined;
  if (
    algorithm === undefined || key === undefined || key.kty !== algorithm.type.kty || key.crv !== algorithm.type.crv
  ) {
    throw unauthenticated("The token is not signed with one of the project's keys.");
  }
  if (!await fits(parts, key, algorithm)) throw unauthenticated("The token is not valid.");
  return read(parts[1]);
}

async function fits(parts: string[], { kty, crv, x, y, n, e }: PublishedKey, algorithm: Algorithm): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y, n, e }, algorithm.key, false, ["verify"]);
    const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    return await crypto.subtle.verify(algorithm.check, key, decode(parts[2]), signed);
  } catch {
    return false;
  }
}

function read(part: string): Record<string, unknown> {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(decode(part)));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // No JSON: refused below as any other token that is none.
  }
  throw unauthenticated("The token is not valid.");
}
