// What the tests of this folder share: a project's key pairs, tokens signed with them, and a network that is told what
// to answer.

const ENCODER = new TextEncoder();

export const ISSUER = "http://127.0.0.1:9/auth/v1";
export const JWKS = `${ISSUER}/.well-known/jwks.json`;
export const USER = "0197a000-0000-7000-8000-000000000001";
export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function part(value: unknown): string {
  return base64url(ENCODER.encode(JSON.stringify(value)));
}

export class Signer {
  private constructor(
    readonly kid: string,
    readonly alg: string,
    readonly pair: CryptoKeyPair,
    readonly check: AlgorithmIdentifier,
  ) {}

  static async make(alg: "ES256" | "RS256" | "EdDSA", kid: string = alg): Promise<Signer> {
    const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
    const parameters = {
      ES256: [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
      RS256: [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", ...rsa }, { name: "RSASSA-PKCS1-v1_5" }],
      EdDSA: [{ name: "Ed25519" }, { name: "Ed25519" }],
    }[alg] as [EcKeyGenParams | RsaHashedKeyGenParams, AlgorithmIdentifier];
    const pair = await crypto.subtle.generateKey(parameters[0], true, ["sign", "verify"]) as CryptoKeyPair;
    return new Signer(kid, alg, pair, parameters[1]);
  }

  async published(): Promise<JsonWebKey & { kid: string }> {
    const key = await crypto.subtle.exportKey("jwk", this.pair.publicKey);
    return { ...key, kid: this.kid, alg: this.alg, use: "sig" };
  }

  /** A token of USER that is good now; `changes` replace claims, `header` members of the header. */
  async token(changes: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: ISSUER, aud: "authenticated", sub: USER, role: "authenticated", iat: now, exp: now + 600 };
    const signed = `${part({ alg: this.alg, kid: this.kid, ...header })}.${part({ ...claims, ...changes })}`;
    const mark = await crypto.subtle.sign(this.check, this.pair.privateKey, ENCODER.encode(signed));
    return `${signed}.${base64url(new Uint8Array(mark))}`;
  }
}

/** A network: answers by address, and what was asked of it. */
export class Network {
  readonly asked: { url: string; headers: Headers; body: string }[] = [];

  constructor(readonly answers: Record<string, () => Response | Promise<Response>>) {}

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    this.asked.push({ url: request.url, headers: request.headers, body: await request.text() });
    const answer = this.answers[request.url];
    if (answer === undefined) throw new TypeError("connection refused");
    return await answer();
  };

  count(url: string): number {
    return this.asked.filter((asked) => asked.url === url).length;
  }
}
