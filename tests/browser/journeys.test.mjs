// Journeys in which somebody rests or the goods change vehicles, and a county's switch into emergency and back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { approved, desk, noFaults, openBrowser, openConsole, shot, signIn, url } from './page.mjs';

const { APPROVER_KEY: approver } = process.env;

const call = (at, name, stay = 0) => `c=${at.join(',')}~${stay}~${encodeURIComponent(name)}`;
const tomorrow = `${new Date(Date.now() + 32 * 3600e3).toISOString().slice(0, 10)}T06:00`;
let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser.close(); });

test('a long loop shows where and when the driver rests', async () => {
  const page = await openConsole(browser, { hash: `#/route?${call([111.48, 33.3], '西峡县')}&${call([112.36, 32.53], '新野县', 10)}&${call([113.4, 32.37], '桐柏县', 10)}&t=${tomorrow}&loop=1&rests=1` });
  await page.waitForSelector('#rests-planned li');
  assert.match(await page.textContent('#rests-planned'), /休息 \d+ 分钟/);
  assert.equal(await page.locator('.rest-pin').count(), await page.locator('#rests-planned li').count());
  await page.click('#more-options summary');
  assert.equal(await page.isChecked('#with-rests'), true);
  assert.equal(await page.isDisabled('#with-relay'), true); // a loop has none
  await shot(page, 'console-rests');
  await page.uncheck('#with-rests');
  await page.waitForFunction(() => document.querySelector('#result .sum') && !document.querySelector('#rests-planned'));
  noFaults(page);
  await page.context().close();
});

test('where no direct trip is lawful the two halves of a relay are one journey', async (t) => {
  const [x, y] = [112.93, 33.06], d = 0.03;
  const zone = await approved('zones', { type: 'Feature', geometry: { type: 'Polygon', coordinates: [[[x - d, y - d], [x + d, y - d], [x + d, y + d], [x - d, y + d], [x - d, y - d]]] },
    properties: { class: 'FL-CUT', name: '接驳测试区', rules: [{ rule: 'closed', subject: { gross_t_min: 12 } }] } });
  t.after(() => zone.lift());
  const page = await openConsole(browser, { hash: `#/route?${call([112.43, 33.49], '南召县')}&${call([x, y], '社旗县')}&t=${tomorrow}&loop=0&relay=1` });
  await page.waitForSelector('#relay');
  assert.match(await page.textContent('#relay'), /不能直达[\s\S]*到，换车 \d+ 分钟/);
  assert.ok(await page.locator('#result .legs > li').count() >= 2);
  assert.match(await page.textContent('#result .legs > li:last-child'), /接驳段/);
  assert.equal(await page.locator('.rest-pin.relay').count(), 1);
  await shot(page, 'console-relay');
  noFaults(page);
  await page.context().close();
});

test('a county is drilled, switched into emergency on the map, and stood down', async (t) => {
  const plan = '/v1/county-plans/demo-xixia', order = { authority: '西峡县指挥部', document_no: '西指〔2026〕3号' };
  t.after(async () => { if ((await desk(approver, 'GET', plan)).state === 'active') await desk(approver, 'POST', `${plan}/stand-down`, order); });
  const binds = async () => (await (await fetch(`${url}/v1/zones`)).json()).features.some((f) => f.id === 'demo-xixia-plan');
  const becomes = async (wanted) => { // what is committed is in force a moment later
    for (let i = 0; i < 100 && await binds() !== wanted; i++) await new Promise((resolve) => setTimeout(resolve, 100));
    return binds();
  };
  const page = await openConsole(browser, { hash: '#/screen' });
  await signIn(page, approver);
  await page.click('#drill-demo-xixia');
  await page.waitForSelector('#drill li');
  assert.match(await page.textContent('#drill'), /生活物资进县城[\s\S]*平时[\s\S]*应急[\s\S]*过境货运/);
  assert.equal(await binds(), false); // nothing was published
  await shot(page, 'console-drill');
  await page.click('dialog button[type=submit]');
  const command = async (name) => {
    await page.click(`#${name}-demo-xixia`);
    await page.fill('#switch-authority', order.authority);
    await page.fill('#switch-document', order.document_no);
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('dialog', { state: 'detached' });
  };
  await command('activate');
  await page.waitForSelector('#stand-down-demo-xixia');
  assert.equal(await becomes(true), true);
  assert.match(await page.textContent('#county-plans .pill'), /应急/);
  await page.waitForFunction(() => /西峡县城山洪应急管理区/.test(document.querySelector('#changes')?.textContent)); // among what began today
  await shot(page, 'console-emergency');
  await command('stand-down');
  await page.waitForSelector('#activate-demo-xixia');
  assert.equal(await becomes(false), false);
  noFaults(page);
  await page.context().close();
});
