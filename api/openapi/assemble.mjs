// Joins the pieces of the interface's description into one OpenAPI document, printed.
//   node api/openapi/assemble.mjs >openapi.json
//   node api/openapi/assemble.mjs --ogc=30 >openapi_ogc30.json      the part under /ogc alone, in OpenAPI 3.0 (31: 3.1)
// document.json holds what belongs to the whole; every other piece holds the `paths` of one subject and the `schemas`
// that only it needs (those of several are in common.json). A path or schema in two pieces is an error.
//
// What every operation says again is left to this script: 400, `"problems": [403, 404]` as those responses, and
// `"speaks": true` the parameter Accept-Language. A piece's `registers` become the six operations that each has.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("./", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));

const PROBLEMS = {
  400: "Wrong request; the problem names the member.",
  401: "A key is needed, or this one is not valid.",
  403: "The role or level of the key does not allow it, or the caller drew it.",
  404: "Not there, or not for this key.",
  409: "Its state, or that of the rules or the roads, does not allow that.",
  412: "If-Match names another version.",
  413: "Too large.",
  415: "Wrong media type.",
  416: "No byte of it is in that range.",
  422: "Understood, and not possible; the code says why.",
  503: "Not ready or busy; Retry-After says when to try again.",
};
const LANGUAGE = { name: "Accept-Language", in: "header", schema: { type: "string", enum: ["zh-CN", "en"], default: "zh-CN" } };
const PROBLEM = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };

const refusal = (status) => ({ description: PROBLEMS[status], content: PROBLEM });

// A request whose target or query cannot be read is refused before any operation sees it: each has a 400.
function complete({ problems = [], speaks = false, parameters = [], responses, ...operation }) {
  const said = speaks ? [LANGUAGE, ...parameters] : parameters;
  const refused = problems.map((status) => [status, refusal(status)]);
  return { ...operation, ...(said.length && { parameters: said }), responses: { 400: refusal(400), ...responses, ...Object.fromEntries(refused) } };
}

// A register: list, read, history, create, replace, delete. `entry` names the schema of one. `secret`: readers need a key
// too, and as it is no part of the rules, deleting one says nothing. `moment`: one can be read as it was.
function registerPaths({ path, all, one, title, feature, keys, entry, sample, found, tag = "desk", unpaged, secret, moment }) {
  const types = (schema) => Object.fromEntries((feature ? ["application/geo+json"] : ["application/json"]).map((type) => [type, { schema }]));
  const ref = (name) => ({ $ref: `#/components/schemas/${name}` });
  const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
  const once = { name: "Idempotency-Key", in: "header", schema: { type: "string", minLength: 1, maxLength: 200 } };
  const match = { name: "If-Match", in: "header", schema: { type: "string" } };
  const query = Object.entries(keys).map(([name, description]) => ({ name, in: "query", required: false, schema: { type: "string" }, description }));
  const body = (examples) => ({
    required: true,
    content: { "application/geo+json": { schema: ref(entry) }, "application/json": { schema: ref(entry), ...(examples && { examples }) } },
  });
  const gone = secret ? { 204: { description: "Gone; its history stays." } }
    : { 200: { description: "Gone; its history stays.", content: { "application/json": { schema: ref("Removed") } } } };
  const reader = secret ? { security: [{ key: [] }] } : {};
  const refused = secret ? [401, 403] : [401];
  const example = (address, status) => ({ path: address, status: secret ? 401 : status });
  const then = moment ? [{ name: "as_of", in: "query", required: false, schema: { type: "string" }, description: moment }] : [];
  const written = { 200: { description: "As it is now, with ETag.", content: types(ref(entry)) } };
  const common = { tags: ["desk"], speaks: true };
  const write = { ...common, security: [{ key: [] }] };
  return {
    [path]: {
      get: { operationId: all, summary: `${title}: ${unpaged ? "all, or with a key of a page a page" : "a page"}`, tags: [tag], ...reader, speaks: true, parameters: query,
             "x-examples": [...(unpaged ? [{ path: unpaged, status: 200 }] : []), example(`${path}?limit=2`, 200), example(`${path}?limit=0`, 400)],
             responses: { 200: { description: "In the order of the key; `next` is the cursor of what follows.", content: types(ref(feature ? "FeatureCollection" : "Items")) } },
             problems: [400, ...refused, 503] },
      post: { ...write, operationId: `${one}_create`, summary: `${title}: make one`, parameters: [once], requestBody: body({ without_key: { value: sample, "x-status": 401 } }),
              responses: { 201: { description: "Made, with ETag and Location.", content: types(ref(entry)) } }, problems: [400, 401, 403, 404, 409, 413, 415, 503] },
    },
    [`${path}/{id}`]: {
      get: { ...common, ...reader, operationId: one, summary: `${title}: one`, parameters: [id, ...then], "x-examples": [...(found ? [{ path: `${path}/${found}`, status: 200 }] : []), example(`${path}/none`, 404)],
             responses: { 200: { description: "With ETag.", content: types(ref(entry)) }, 304: { description: "As If-None-Match has it." } }, problems: [...(moment ? [400] : []), ...refused, 404, 503] },
      put: { ...write, operationId: `${one}_replace`, summary: `${title}: replace one; what is left out goes back to its default`, parameters: [id, match, once],
             requestBody: body(), responses: written, problems: [400, 401, 403, 404, 409, 412, 413, 415, 503] },
      delete: { ...write, operationId: `${one}_delete`, summary: `${title}: delete one that nothing needs any more`, parameters: [id, match, once],
                responses: gone, problems: [400, 401, 403, 404, 409, 412, 503] },
    },
    [`${path}/{id}/history`]: {
      get: { ...common, ...reader, operationId: `${one}_history`, summary: `${title}: every version of one`, parameters: [id], "x-examples": [example(`${path}/none/history`, 404)],
             responses: { 200: { description: "Newest first.", content: { "application/json": { schema: ref("Versions") } } } }, problems: [...refused, 404, 503] },
    },
  };
}

const { components, ...document } = read("document.json");
const paths = {}, schemas = {};
for (const name of readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "document.json").sort()) {
  const { paths: ownPaths = {}, schemas: itsSchemas = {}, registers = [], ...other } = read(name);
  const itsPaths = Object.assign({ ...ownPaths }, ...registers.map(registerPaths));
  if (Object.keys(other).length) throw new Error(`${name}: unknown member "${Object.keys(other)[0]}"`);
  for (const [target, source] of [[paths, itsPaths], [schemas, itsSchemas]])
    for (const [key, value] of Object.entries(source)) {
      if (key in target) throw new Error(`${name}: "${key}" is in another piece already`);
      target[key] = value;
    }
}
for (const item of Object.values(paths))
  for (const [method, operation] of Object.entries(item)) item[method] = complete(operation);
const whole = { ...document, paths, components: { ...components, schemas } };

// ---- the part under /ogc --------------------------------------------------------------------------------------

const refs = (value, found) => {
  if (value && typeof value === "object")
    for (const [key, member] of Object.entries(value)) {
      const name = key === "$ref" ? member.split("/").at(-1) : undefined;
      if (name === undefined) refs(member, found);
      else if (!found.has(name)) refs(schemas[name], found.add(name));
    }
  return found;
};

// What 3.1 says of a schema, in the words of 3.0.
const older = (value) => {
  if (Array.isArray(value)) return value.map(older);
  if (!value || typeof value !== "object") return value;
  const { const: only, ...rest } = value;
  const made = Object.fromEntries(Object.entries(rest).map(([key, member]) => [key, older(member)]));
  if (typeof only === "string") made.enum = [only];
  else if (only !== undefined) made.const = older(only);
  if (Array.isArray(made.type) && made.type.every((t) => typeof t === "string")) {
    const types = made.type.filter((t) => t !== "null");
    if (types.length < made.type.length) made.nullable = true;
    if (types.length === 1) [made.type] = types;
    else {
      delete made.type;
      made.oneOf = types.map((type) => ({ type }));
    }
  }
  return made;
};

function underOgc(version) {
  const own = Object.fromEntries(
    Object.entries(paths).filter(([path]) => path === "/ogc" || path.startsWith("/ogc/")).map(([path, item]) => [path.slice(4) || "/", item]),
  );
  const needed = Object.fromEntries([...refs(own, new Set())].sort().map((name) => [name, schemas[name]]));
  const { jsonSchemaDialect, ...about } = document;
  const part = {
    ...about,
    ...(version === "31" && { jsonSchemaDialect }),
    openapi: version === "31" ? "3.1.0" : "3.0.3",
    info: { ...document.info, title: "baochang 保畅: OGC API", description: "OGC API - Features and OGC API - Routes. Errors are RFC 9457 problem documents." },
    servers: [{ url: "../ogc" }],
    tags: document.tags.filter(({ name }) => name === "ogc"),
    paths: own,
    components: { ...components, schemas: needed },
  };
  return version === "31" ? part : older(part);
}

const wanted = process.argv.find((argument) => argument.startsWith("--ogc="))?.slice(6);
process.stdout.write(`${JSON.stringify(wanted ? underOgc(wanted) : whole, null, 1)}\n`);
