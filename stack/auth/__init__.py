"""Stand-in for Supabase Auth: the HTTP API the official clients use, on the real schema `auth`.

There: sign-up, password, refresh and PKCE grants, anonymous sign-in, e-mail codes and links, recovery, e-mail change,
reauthentication, second factors by TOTP with their assurance levels, sign-out by scope, the person's own record,
administration of people, JWKS, the custom access token hook, and a mailbox that keeps every mail instead of sending it.

Left out: second factors by phone, passkey and recovery code, phone numbers and SMS, social and single sign-on
providers, the OAuth server, linking of identities, CAPTCHA, rate limits, the audit log, and every hook but the one that
shapes access tokens. A path that is left out answers 404 and says so. One rule differs: where e-mails confirm
themselves, a second sign-up never takes over a person who is not confirmed yet; it is refused like any other.

`python -m stack.auth` starts it; `stack.auth.settings` lists what it reads from the environment.
"""
