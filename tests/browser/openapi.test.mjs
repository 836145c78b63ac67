// The descriptions of the interface, as they are served, against the schemas that the OpenAPI Initiative publishes.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { url } from './page.mjs';

const { resolve } = createRequire(`${process.env.BROWSER_MODULES}/`);
const { Validator } = await import(pathToFileURL(resolve('@seriousme/openapi-schema-validator')));
const validate = async (document) => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  return { valid, version: validator.version, errors };
};

for (const [path, version] of [['/openapi.json', '3.1'], ['/ogc/api?f=json', '3.0'], ['/ogc/api?f=openapi31', '3.1']]) {
  test(`${path} is a valid description of OpenAPI ${version}`, async () => {
    const document = await (await fetch(url + path)).json();
    assert.deepEqual(await validate(document), { valid: true, version, errors: undefined });
    const path0 = Object.keys(document.paths)[0];
    document.paths[path0].get.responses = 7; // and one that is not would be seen
    assert.equal((await validate(document)).valid, false);
  });
}
