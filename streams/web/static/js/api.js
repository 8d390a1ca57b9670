// Calls of the API on this host. A refusal becomes an Error with the server's own sentence.

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body.message ?? `HTTP ${response.status}`);
  return body;
}

export const get = async (path) => answer(await fetch(path, { headers: { Accept: "application/json" }, cache: "no-cache" }));

export const post = async (path, body, key) =>
  answer(
    await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key },
      body: JSON.stringify(body),
    }),
  );

/** crypto.randomUUID is missing where the page is served without TLS; random values are not. */
export function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
