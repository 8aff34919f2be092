// Base64 and its URL-safe alphabet, as bytes.

/** Returns the bytes of base64 or base64url text; throws for anything else. */
export function decode(text: string) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

export function encode(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}
