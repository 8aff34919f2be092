// What the functions read from their environment. Hosted sets SUPABASE_URL; the others are the project's secrets.

export interface Settings {
  /** Where the project publishes the keys that tokens are signed with. */
  jwksUrl: string;
  /** Who must have issued a token. */
  issuer: string;
  /** The bridge, without a path. */
  bridgeUrl: string;
  /** `whsec_` and base64: what calls of the bridge are signed with. */
  bridgeSecret: string;
}

export function readSettings(read: (name: string) => string | undefined = (name) => Deno.env.get(name)): Settings {
  const demand = (name: string): string => {
    const value = read(name);
    if (!value) throw new Error(`${name} is not set`);
    return value.replace(/\/$/, "");
  };
  const auth = `${demand("SUPABASE_URL")}/auth/v1`;
  return {
    jwksUrl: `${auth}/.well-known/jwks.json`,
    // Set where functions reach the project by another address than its users do, as in a container.
    issuer: read("SOULSEER_JWT_ISSUER") || auth,
    bridgeUrl: demand("SOULSEER_BRIDGE_URL"),
    bridgeSecret: demand("SOULSEER_BRIDGE_SECRET"),
  };
}
