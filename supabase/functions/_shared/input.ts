// Reads and checks what a caller sends, before anything is done with it. The bridge and the database check again.

import { Refusal } from "./refusal.ts";

export const MAX_BODY_BYTES = 16 * 1024;

/** A member of a body: what is wrong with a value, or null. */
export interface Field {
  problem: (value: unknown) => string | null;
  optional?: boolean;
}
export type Fields = Record<string, Field>;
export type Input = Record<string, unknown>;

export const amount: Field = {
  problem: (value) => Number.isSafeInteger(value) && Number(value) > 0 ? null : "a whole number of minor units above 0",
};
export const currency: Field = text(/^[A-Za-z]{3}$/, "three letters");
export const idempotencyKey: Field = text(/^.{1,255}$/su, "1 to 255 characters");
export const uuid: Field = text(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "a uuid");
export const flag: Field = { problem: (value) => typeof value === "boolean" ? null : "true or false", optional: true };

function text(form: RegExp, problem: string): Field {
  return { problem: (value) => typeof value === "string" && form.test(value) ? null : problem };
}

/** Returns a request's body, checked; an empty one reads as {}. Refuses invalid_json, invalid_input, body_too_large. */
export async function readInput(request: Request, fields: Fields): Promise<Input> {
  const body = await readBody(request);
  const input = body === "" ? {} : parse(body);
  const problems = problemsOf(input, fields);
  if (problems.length > 0) {
    throw new Refusal("invalid_input", 422, "The body is not what this call takes.", { details: problems });
  }
  return input as Input;
}

function problemsOf(input: unknown, fields: Fields): { field: string; problem: string }[] {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return [{ field: "", problem: "a JSON object" }];
  }
  const unknown = Object.keys(input).filter((name) => !Object.hasOwn(fields, name));
  const wrong = Object.entries(fields).flatMap(([field, { problem, optional }]) => {
    if (!Object.hasOwn(input, field)) return optional ? [] : [{ field, problem: "is missing" }];
    const found = problem((input as Input)[field]);
    return found === null ? [] : [{ field, problem: found }];
  });
  return [...wrong, ...unknown.map((field) => ({ field, problem: "is not known" }))];
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal("invalid_json", 400, "The body is not JSON.");
  }
}

async function readBody(request: Request): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let size = 0;
  let read = "";
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) {
        throw new Refusal("body_too_large", 413, "The body is larger than is accepted.", {
          details: `at most ${MAX_BODY_BYTES} bytes`,
        });
      }
      read += decoder.decode(chunk, { stream: true });
    }
    return read + decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new Refusal("invalid_json", 400, "The body is not JSON.");
    throw error;
  }
}
