// Serves every function of a folder in one process, each under its name, as hosted's edge runtime does.
//
// A function gives its handler to Deno.serve, which would listen on a port of its own; here the handler is kept instead
// and called for the requests whose path begins with the function's name. Functions share this process and its memory.

type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;

const folder = new URL(`${Deno.args[0]}/`, "file:///");
const port = Number(Deno.args[1]);
const listen = Deno.serve;

function refuse(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: { "sb-error-code": code } });
}

async function load(name: string): Promise<Handler> {
  let kept: Handler | undefined;
  Deno.serve = ((...given: unknown[]) => {
    kept = given.find((item) => typeof item === "function") as Handler ??
      (given[0] as { handler?: Handler }).handler;
  }) as unknown as typeof Deno.serve;
  try {
    await import(new URL(`${name}/index.ts`, folder).href);
    if (kept === undefined) throw new Error("nothing was given to Deno.serve");
    return kept;
  } catch (error) {
    console.error(JSON.stringify({ event: "function_failed_to_start", function: name, error: String(error) }));
    return () => refuse(503, "BOOT_ERROR", "Function failed to start (please check logs)");
  } finally {
    Deno.serve = listen;
  }
}

const handlers = new Map<string, Handler>();
for await (const entry of Deno.readDir(folder)) {
  if (entry.isDirectory && !entry.name.startsWith("_")) handlers.set(entry.name, await load(entry.name));
}

listen({
  hostname: "127.0.0.1",
  port,
  onListen: () => console.log(JSON.stringify({ event: "functions_started", functions: [...handlers.keys()].sort() })),
  onError: (error) => {
    console.error(JSON.stringify({ event: "function_failed", error: String(error) }));
    return refuse(500, "WORKER_ERROR", "Function exited due to an error (please check logs)");
  },
}, (request, info) => {
  const [name] = new URL(request.url).pathname.slice(1).split("/", 1);
  if (name === "_health") return Response.json({ status: "ok" });
  return handlers.get(name)?.(request, info) ?? refuse(404, "NOT_FOUND", "Requested function was not found");
});
