import assert from "node:assert/strict";

import { PublishedKeys, userOf } from "./identity.ts";
import { Refusal } from "./refusal.ts";
import { ISSUER, JWKS, Network, Signer, USER } from "./testing.ts";

const es = await Signer.make("ES256");

async function network(...signers: Signer[]): Promise<Network> {
  const keys = await Promise.all(signers.map((signer) => signer.published()));
  return new Network({ [JWKS]: () => Response.json({ keys }) });
}

async function ask(token: string, signers: Signer[] = [es]): Promise<string> {
  return await userOf(`Bearer ${token}`, new PublishedKeys(JWKS, (await network(...signers)).fetch), ISSUER);
}

async function refused(asking: Promise<unknown>, code = "unauthenticated"): Promise<void> {
  await assert.rejects(asking, (error) => error instanceof Refusal && error.code === code);
}

for (const alg of ["ES256", "RS256", "EdDSA"] as const) {
  Deno.test(`a token signed with ${alg} names its user`, async () => {
    const signer = await Signer.make(alg);
    assert.equal(await ask(await signer.token(), [es, signer]), USER);
    assert.equal(await ask(await signer.token({ aud: ["else", "authenticated"] }), [signer]), USER);
  });
}

Deno.test("claims that do not fit are refused", async () => {
  const now = Math.floor(Date.now() / 1000);
  for (
    const changes of [
      { exp: now - 60 },
      { exp: undefined },
      { exp: "tomorrow" },
      { nbf: now + 60 },
      { iat: now + 60 },
      { iss: "http://127.0.0.1:8/auth/v1" },
      { iss: undefined },
      { aud: "someone" },
      { aud: undefined },
      { sub: undefined },
      { sub: "root" },
      { role: "anon" },
      { role: "service_role" },
    ]
  ) {
    await refused(ask(await es.token(changes)));
  }
});

Deno.test("a token that nobody published a key for is refused", async () => {
  const stranger = await Signer.make("ES256", es.kid);
  await refused(ask(await stranger.token()));
  await refused(ask(await es.token({}, { kid: "other" })));
  await refused(ask(await es.token({}, { kid: undefined })));
  for (const alg of ["none", "HS256", "ES384", "RS256", "EdDSA", "constructor", undefined]) {
    await refused(ask(await es.token({}, { alg })));
  }
});

Deno.test("a token whose parts were changed is refused, and what is no token too", async () => {
  const [head, claims, mark] = (await es.token()).split(".");
  const [, others] = (await es.token({ sub: USER.replace("1", "2") })).split(".");
  for (
    const token of [
      `${head}.${others}.${mark}`,
      `${head}.${claims}.`,
      `${head}.${claims}`,
      `${head}.${claims}.${mark}.${mark}`,
      `${head}.${claims}.***`,
      `***.${claims}.${mark}`,
      "nonsense",
    ]
  ) {
    await refused(ask(token));
  }
  const keys = new PublishedKeys(JWKS, (await network(es)).fetch);
  for (const header of [null, "", "Bearer", "Bearer ", `Basic ${head}`]) await refused(userOf(header, keys, ISSUER));
});

Deno.test("keys are fetched once, and again for one that is new, but not for every forgery", async () => {
  let now = 0;
  const signers = [es];
  const net = new Network({
    [JWKS]: async () => Response.json({ keys: await Promise.all(signers.map((signer) => signer.published())) }),
  });
  const keys = new PublishedKeys(JWKS, net.fetch, () => now);
  const token = await es.token();
  await Promise.all(Array.from({ length: 5 }, () => userOf(`Bearer ${token}`, keys, ISSUER)));
  assert.equal(net.count(JWKS), 1);

  const next = await Signer.make("ES256", "next");
  const rotated = await next.token();
  signers.push(next);
  now += 4_000;
  await refused(userOf(`Bearer ${rotated}`, keys, ISSUER));
  assert.equal(net.count(JWKS), 1);
  now += 2_000;
  assert.equal(await userOf(`Bearer ${rotated}`, keys, ISSUER), USER);
  assert.equal(net.count(JWKS), 2);
  now += 601_000;
  await userOf(`Bearer ${token}`, keys, ISSUER);
  assert.equal(net.count(JWKS), 3);
});

Deno.test("without keys nobody is let in, with yesterday's everybody is", async () => {
  let now = 0;
  let away = true;
  const published = await es.published();
  const net = new Network({
    [JWKS]: () => away ? new Response("", { status: 503 }) : Response.json({ keys: [published] }),
  });
  const keys = new PublishedKeys(JWKS, net.fetch, () => now);
  const token = await es.token();
  await refused(userOf(`Bearer ${token}`, keys, ISSUER), "auth_unavailable");
  away = false;
  assert.equal(await userOf(`Bearer ${token}`, keys, ISSUER), USER);
  away = true;
  now += 601_000;
  assert.equal(await userOf(`Bearer ${token}`, keys, ISSUER), USER);
  assert.equal(await userOf(`Bearer ${token}`, keys, ISSUER), USER);
  assert.equal(net.count(JWKS), 3);
});
