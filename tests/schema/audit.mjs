// Runs the GraphQL-over-HTTP audit of the npm package graphql-http against a server; prints what is not "ok" as JSON.
import { pathToFileURL } from "node:url";

const [audits, url, token] = process.argv.slice(2);
const { auditServer } = await import(pathToFileURL(audits));
const fetchFn = (input, init = {}) =>
  fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });
const results = await auditServer({ url, fetchFn });
const failed = results.filter((one) => one.status !== "ok");
console.log(JSON.stringify({ total: results.length, failed: failed.map(({ id, name, status, reason }) => ({ id, name, status, reason })) }));
