// Journeys in which somebody rests or the goods change vehicles, and a county's switch into emergency and back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { approved, desk, noFaults, openBrowser, openConsole, ready, shot, signIn, url } from './page.mjs';

const { APPROVER_KEY: approver, PLANNER_KEY: planner } = process.env;

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

test('a plan is kept with the rests, and the stops in the order, that are shown', async () => {
  const stops = [call([112.83, 32.69], '唐河县', 10), call([111.85, 33.05], '内乡县', 10), call([112.36, 32.53], '新野县', 10)];
  const page = await openConsole(browser, { hash: `#/route?${call([111.48, 33.3], '西峡县')}&${stops.join('&')}&${call([113.4, 32.37], '桐柏县', 10)}&t=${tomorrow}&loop=1&rests=1&order=1` });
  await signIn(page, planner);
  await page.waitForSelector('#rests-planned li');
  const shown = await page.textContent('#result .sum'), rests = await page.textContent('#rests-planned');
  await page.click('#keep');
  await page.waitForSelector('#sheet-pdf');
  assert.equal(await page.textContent('#result .sum'), shown);
  assert.equal(await page.textContent('#rests-planned'), rests);
  const [kept] = (await desk(planner, 'GET', '/v1/plans?limit=1')).plans;
  const { request, answer } = await desk(planner, 'GET', `/v1/plans/${kept.id}`);
  assert.deepEqual(request.stops.map((stop) => stop.name), ['内乡县', '新野县', '唐河县']);
  assert.ok(answer.plans[0].rests.length > 0 && !('optimise_order' in request));
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

test('a county plan is written, submitted, approved by another, changed and deleted', async (t) => {
  const ring = [[112.93, 33.03], [112.96, 33.03], [112.96, 33.09], [112.93, 33.09], [112.93, 33.03]];
  const zone = `/v1/zones/${(await desk(planner, 'POST', '/v1/zones', { type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: { class: 'SEC', name: '浏览器预案区', jurisdiction: '411327' } })).id}`;
  t.after(() => desk(planner, 'DELETE', zone));
  const page = await openConsole(browser, { hash: '#/screen' });
  await signIn(page, planner);
  await page.click('#new-county-plan');
  await page.click('#county-save');
  assert.ok(await page.isVisible('#county-name')); // without a name and members nothing is sent
  await page.fill('#county-name', '浏览器县级方案');
  await page.selectOption('#county-county', '411327');
  await page.selectOption('#county-object', { label: '浏览器预案区 (草稿)' });
  await page.click('#county-add');
  await page.fill('#county-members input', '县城');
  for (const name of ['credentials', 'fleet', 'notify', 'demands']) await page.click(`#county-more-county_${name} summary`);
  await page.check('#county-more-county_credentials input[value=disinfection]');
  await page.click('#county-fleet-add');
  await page.fill('#county-more-county_fleet input[type=number]', '7');
  await page.click('#county-notify-add');
  await page.click('#county-demand-add');
  await page.fill('#county-demand-0', '生活物资');
  await page.click('#county-save');
  await page.waitForFunction(() => /起点和终点/.test(document.querySelector('#county-wrong').textContent));
  await page.fill('#county-demand-0-from', '112.53, 33.0');
  await page.press('#county-demand-0-from', 'Tab');
  await page.fill('#county-demand-0-to', '112.92, 33.06');
  await page.press('#county-demand-0-to', 'Tab');
  await shot(page, 'console-county-plan');
  await page.click('#county-save');
  const card = (on) => on.locator('#county-plans .plan', { hasText: '浏览器县级方案' });
  await card(page).waitFor();
  const stored = (await desk(planner, 'GET', '/v1/county-plans?county=411327')).plans.find((p) => p.name === '浏览器县级方案');
  const { members, credentials, fleet, notify, demands } = await desk(planner, 'GET', `/v1/county-plans/${stored.id}`);
  assert.deepEqual(members.map((m) => [m.kind, m.name, m.part]), [['zone', '浏览器预案区', '县城']]);
  assert.deepEqual([credentials, fleet.map((f) => f.vehicles), notify.length], [['disinfection'], [7], 1]);
  assert.deepEqual([demands[0].name, demands[0].request.origin.location, demands[0].request.vehicle.class], ['生活物资', [112.53, 33], 'truck_3_axle']);

  await page.click(`#submit-${stored.id}`);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  const second = await openConsole(browser, { hash: '#/screen' });
  await signIn(second, approver);
  await second.click(`#approve-${stored.id}`);
  await second.fill('#approve-authority', '社旗县指挥部');
  await second.fill('#approve-document', '社指〔2026〕4号');
  await second.click('dialog button[type=submit]');
  await second.waitForSelector(`#activate-${stored.id}`);
  await second.context().close();

  await page.reload();
  await ready(page);
  await page.click(`#edit-${stored.id}`);
  assert.equal(await page.inputValue('#county-members input'), '县城');
  assert.equal(await page.inputValue('#county-demand-0-to'), '112.92000, 33.06000');
  await page.fill('#county-name', '浏览器县级方案二');
  await page.click('#county-save');
  await page.click(`#delete-${stored.id}`); // a draft again
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  await card(page).waitFor({ state: 'detached' });
  noFaults(page);
  await page.context().close();
});
