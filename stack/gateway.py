"""The gateway's Caddy configuration: one origin, API keys swapped for role tokens as on hosted, CORS, request ids."""

import json
from collections.abc import Mapping
from pathlib import Path

from stack.keys import StackKeys

# Routes of hosted that nothing serves here yet; they answer with a typed error rather than an unexplained 404.
ABSENT = ("functions", "realtime", "storage")
# Auth's addresses that mails, browsers and verifiers open without a key.
OPEN_AUTH = ("/auth/v1/verify", "/auth/v1/callback", "/auth/v1/authorize", "/auth/v1/.well-known/jwks.json", "/auth/v1/health")
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


def _quoted(text: str) -> str:
    return json.dumps(text)


def _answer(status: int, code: str, message: str, hint: str) -> str:
    body = json.dumps({"code": code, "message": message, "details": None, "hint": hint})
    return f"""header Content-Type application/json
respond {_quoted(body)} {status}"""


def _key_maps(keys: StackKeys) -> str:
    """Return the maps from what a caller sends to the token PostgREST and Auth are given."""
    tokens = {
        keys.publishable_key: keys.anon_key,
        keys.secret_key: keys.service_role_key,
        keys.anon_key: keys.anon_key,
        keys.service_role_key: keys.service_role_key,
    }

    def table(source: str, target: str, prefix: str, default: str) -> str:
        rows = "\n".join(f"\t{_quoted(prefix + key)} {_quoted(token)}" for key, token in tokens.items())
        return f"map {source} {target} {{\n{rows}\n\tdefault {_quoted(default)}\n}}"

    return "\n".join(
        [
            table("{http.request.header.Apikey}", "{header_token}", "", ""),
            table("{http.request.uri.query.apikey}", "{query_token}", "", ""),
            # A key may also stand where a user's token stands, and then means its role.
            table("{http.request.header.Authorization}", "{bearer_token}", "Bearer ", ""),
        ]
    )


def caddyfile(keys: StackKeys, ports: Mapping[str, int]) -> str:
    """Return the configuration for Caddy.

    A request names its API key in `apikey` (header or query) or as its bearer token. Without a user's token the key's
    role token becomes the bearer token; with one, the key only opens the gate.
    """
    absent = "\n".join(
        f"handle /{name}/v1* {{\n"
        + _answer(502, "service_not_running", f"The local stack has no {name} service.", "Use a hosted project or Docker.")
        + "\n}"
        for name in ABSENT
    )
    return f"""{{
admin off
auto_https off
persist_config off
log {{
	level WARN
}}
servers {{
	protocols h1
}}
}}
http://127.0.0.1:{ports["gateway"]}, http://localhost:{ports["gateway"]} {{
bind 127.0.0.1
route {{
{_key_maps(keys)}
@unnamed not header X-Request-Id *
request_header @unnamed X-Request-Id {{http.request.uuid}}
header {{
	Access-Control-Allow-Origin "*"
	Access-Control-Expose-Headers "Content-Range, Content-Location, Location, Preference-Applied, X-Request-Id, X-Total-Count, Link, X-Supabase-Api-Version"
	X-Request-Id {{http.request.header.X-Request-Id}}
	-Server
	-Via
	defer
}}
@preflight {{
	method OPTIONS
	header Origin *
	header Access-Control-Request-Method *
}}
handle @preflight {{
	header Access-Control-Allow-Methods "{_METHODS}"
	header Access-Control-Allow-Headers {{http.request.header.Access-Control-Request-Headers}}
	header Access-Control-Max-Age 3600
	header Vary "Origin, Access-Control-Request-Headers"
	respond 204
}}
handle /gateway/health {{
	header Content-Type application/json
	respond `{{"status":"ok"}}` 200
}}
@open path {" ".join(OPEN_AUTH)}
handle @open {{
	uri strip_prefix /auth/v1
	reverse_proxy 127.0.0.1:{ports["auth"]} {{
		header_down -Access-Control-*
	}}
}}
@named expression `{{http.request.header.Apikey}} != "" || {{http.request.uri.query.apikey}} != "" || {{bearer_token}} != ""`
handle @named {{
route {{
	@refused expression `({{http.request.header.Apikey}} != "" && {{header_token}} == "") || ({{http.request.header.Apikey}} == "" && {{http.request.uri.query.apikey}} != "" && {{query_token}} == "")`
	handle @refused {{
		{_answer(401, "invalid_api_key", "Invalid API key", "Double check your Supabase `anon` or `service_role` API key.")}
	}}
	@keyed expression `{{bearer_token}} != ""`
	request_header @keyed Authorization "Bearer {{bearer_token}}"
	@headed expression `{{http.request.header.Authorization}} == "" && {{header_token}} != ""`
	request_header @headed Authorization "Bearer {{header_token}}"
	@queried expression `{{http.request.header.Authorization}} == "" && {{query_token}} != ""`
	request_header @queried Authorization "Bearer {{query_token}}"
	handle /rest/v1* {{
		uri strip_prefix /rest/v1
		uri query -apikey
		reverse_proxy 127.0.0.1:{ports["postgrest"]} {{
			header_down -Access-Control-*
		}}
	}}
	handle /auth/v1* {{
		uri strip_prefix /auth/v1
		reverse_proxy 127.0.0.1:{ports["auth"]} {{
			header_down -Access-Control-*
		}}
	}}
	{absent}
	handle {{
		{_answer(404, "route_not_found", "There is nothing at this address.", "The API is under /rest/v1 and /auth/v1.")}
	}}
}}
}}
handle {{
	{_answer(401, "no_api_key", "No API key found in request", "No `apikey` request header or url param was found.")}
}}
}}
handle_errors {{
	{_answer(502, "service_not_running", "The service behind this address does not answer.", "See `soulseer status`.")}
}}
}}
"""


def write_configuration(place: Path, keys: StackKeys, ports: Mapping[str, int]) -> None:
    """Write the configuration for the owner only; it holds keys."""
    place.touch(mode=0o600)
    place.write_text(caddyfile(keys, ports))
