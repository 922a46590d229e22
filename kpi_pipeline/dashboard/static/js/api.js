// The API of docs/api.md: addresses, problems as errors, and the way to sign in.

/** A refusal in words: the `detail` of a problem, or the status. */
class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const chosen = new URLSearchParams(location.search).get("pipeline");

/**
 * An address of the API with the pipeline that the page shows.
 * @param {string} path such as "/api/v1/status"
 * @param {Record<string, unknown>} [query] lists repeat their key; null and undefined are left out
 */
export function address(path, query = {}) {
  const search = new URLSearchParams(chosen ? { pipeline: chosen } : {});
  for (const [key, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) search.append(key, item);
    }
  }
  return search.size ? `${path}?${search}` : path;
}

/** Asks for JSON; throws a Problem, and goes to the login page if that is what is missing. */
export async function ask(path, query) {
  return (await send(address(path, query), {})).json();
}

/** Asks for JSON unless it is what an ETag names; null then. */
export async function askAgain(path, etag) {
  const headers = etag ? { "If-None-Match": etag } : {};
  const response = await fetch(address(path), { headers, cache: "no-store" });
  if (response.status === 304) return null;
  await refuse(response);
  return { etag: response.headers.get("ETag"), body: await response.json() };
}

/** Asks for a CSV file. */
export const askCsv = async (path) =>
  (await send(address(path), { headers: { Accept: "text/csv" } })).blob();

/** Acts: acknowledge, mute, unmute. */
export function act(action, body) {
  const headers = { "Content-Type": "application/json" };
  const options = { method: "POST", headers, body: JSON.stringify(body) };
  return send(address(`/api/v1/alerts/${action}`), options);
}

async function send(where, options) {
  const response = await fetch(where, options);
  await refuse(response);
  return response;
}

async function refuse(response) {
  if (response.ok) return;
  if (response.status === 401) location.assign(signIn);
  const problem = await response.json().catch(() => ({}));
  throw new Problem(response.status, problem.detail ?? `The server answered ${response.status}.`);
}

/** Where one signs in, to come back to what is shown here. */
export const signIn = `/login${location.search}`;
