// The console under axe-core: no breach of WCAG 2.x A and AA in any view, light and dark, on an office screen and on a phone; and what
// a machine cannot see of the keyboard: where the focus goes, and that it can be seen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { desk, openBrowser, openConsole, noFaults, settled, signIn } from './page.mjs';

const { APPROVER_KEY: approver, PLANNER_KEY: planner } = process.env;
const axe = readFileSync(`${process.env.BROWSER_MODULES}/node_modules/axe-core/axe.min.js`, 'utf8');
const tomorrow = `${new Date(Date.now() + 32 * 3600e3).toISOString().slice(0, 10)}T09:30`;
const route = (ends, more = '') => `#/route?${ends.map(([at, name]) => `c=${at.join(',')}~0~${encodeURIComponent(name)}`).join('&')}&t=${tomorrow}${more}`;
const loop = route([[[112.43, 33.49], '南召县'], [[112.83, 32.69], '唐河县']], '&loop=1');
let browser, kept;
before(async () => {
  browser = await openBrowser();
  kept = await desk(approver, 'POST', '/v1/route', { origin: { location: [112.43, 33.49] }, destination: { location: [112.83, 32.69] }, vehicle: { class: 'truck_2_axle' }, depart_at: `${tomorrow}:00+08:00`, store: true });
});
after(async () => {
  await browser.close();
  await desk(approver, 'DELETE', `/v1/plans/${kept.decision_id}`);
});

async function breaches(page) {
  await page.waitForTimeout(300); // the last transition
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }));
  return violations.flatMap((v) => v.nodes.slice(0, 4).map((n) => `${v.id}: ${n.target.join(' ')} ${n.any.concat(n.all, n.none).map((c) => c.message).join('; ').slice(0, 200)}`));
}

const open = (page) => page.evaluate(() => document.querySelectorAll('.panel details').forEach((e) => { e.open = true; }));
const VIEWS = {
  'a plan and its steps': [loop, null, async (page) => { await page.waitForSelector('#result .sum'); await open(page); }],
  'a comparison': [loop, null, async (page) => { await page.waitForSelector('#result .sum'); await page.click('#compare'); await page.waitForSelector('.compare tbody tr', { timeout: 60000 }); }],
  'no route': [route([[[112.83, 32.69], '唐河县'], [[112.06, 33.065], '风险区']], '&loop=0'), null, (page) => page.waitForSelector('#result .problem')],
  'alternatives': [route([[[112.43, 33.49], '南召县'], [[112.83, 32.69], '唐河县']], '&loop=0&alt=2'), null, (page) => page.waitForSelector('#result .sum')],
  'a place that is not found': ['', null, async (page) => { await page.fill('#origin', '没有这个地方'); await page.press('#origin', 'Tab'); await page.waitForSelector('.search .bad:not(:empty)'); }],
  'the list under a field': ['', null, async (page) => { await page.locator('#origin').pressSequentially('G40'); await page.waitForSelector('.found:not([hidden]) [role=option]'); await page.press('#origin', 'ArrowDown'); }],
  'zones': ['#/rules?kind=zones', null, (page) => page.waitForSelector('#rules .row')],
  'one zone and its history': ['#/rules?kind=zones', null, async (page) => { await page.click('#rules .row'); await page.click('#act-history'); await page.waitForSelector('#history .acts li'); }],
  'closures of a planner': ['#/rules?kind=closures', planner, (page) => page.waitForSelector('#rules .row')],
  'drawing a zone': ['#/rules?kind=zones', planner, async (page) => { await page.click('#new-zone'); await open(page); await page.fill('#zone-coordinates', '112.4, 33.2\n112.7, 33.2\n112.7, 33.35\n112.4, 33.35'); await page.press('#zone-coordinates', 'Tab');
    await page.waitForSelector('#plans-then'); }],
  'a checkpoint': ['#/rules?kind=checkpoints', planner, async (page) => { await page.click('#new-checkpoint'); await open(page); }],
  'importing': ['#/rules?kind=zones', planner, (page) => page.click('#import-zones-file')],
  'notices': ['#/rules?kind=notices', planner, async (page) => { await page.fill('#notice-text', '因降雪，禁止所有车辆上站的路段有：\n沪陕高速：内乡站至西坪站；没有的高速：甲站至乙站；'); await page.click('#notice-read'); await page.waitForSelector('.notice-text mark.not'); }],
  'one screen': ['#/screen', approver, async (page) => { await page.waitForSelector('.tiles .tile:nth-child(6)'); await page.waitForSelector('#plans li .files'); }],
  'a drill': ['#/screen', approver, async (page) => { await page.click('#drill-demo-xixia'); await page.waitForSelector('#drill li'); }],
  'writing a county plan': ['#/screen', planner, async (page) => { await page.click('#new-county-plan'); await page.waitForSelector('#county-name'); await open(page); await page.click('#county-demand-add'); }],
  'signing in': ['', null, async (page) => { await page.click('#who'); await page.waitForSelector('dialog'); }],
};

for (const [scheme, language, width, height] of [['light', 'zh', 1366, 768], ['dark', 'en', 390, 844]]) {
  for (const [name, [hash, key, act]] of Object.entries(VIEWS)) {
    test(`axe finds nothing in ${name}, ${scheme}, ${language}, ${width} px`, async () => {
      const page = await openConsole(browser, { hash, scheme, language, width, height });
      if (key) await signIn(page, key);
      await act(page);
      assert.deepEqual(await breaches(page), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `page is ${wide} px wide`);
      noFaults(page);
      await page.context().close();
    });
  }
}

test('axe sees what is wrong: a button without a name, faint words, a field without a label', async () => {
  const page = await openConsole(browser);
  await page.evaluate(() => {
    document.querySelector('#view-route').insertAdjacentHTML('afterbegin', '<button></button><p>faint</p><input>');
    document.querySelector('#view-route > p').style.color = '#c5c2ba';
  });
  const found = await breaches(page);
  assert.deepEqual([...new Set(found.map((line) => line.split(':')[0]))].sort(), ['button-name', 'color-contrast', 'label']);
  await page.context().close();
});

test('the keyboard reaches everything, is seen everywhere, and finds its way back', async () => {
  const page = await openConsole(browser, { hash: loop });
  await page.waitForSelector('#result .sum');
  await settled(page);
  await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); });
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'panel');
  assert.equal(await page.evaluate(() => location.hash.startsWith('#/route?')), true); // and the question is still in the address
  const seen = new Set();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
      const ring = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      return { id: e.id || e.className || e.tagName, ring, shown: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight };
    });
    if (at.id === 'BODY') break;
    seen.add(at.id);
    assert.ok(at.ring && at.shown, `${JSON.stringify(at)} has the focus and cannot be seen`);
  }
  for (const id of ['origin', 'destination', 'vehicle', 'depart', 'loop', 'go', 'why', 'compare']) assert.ok(seen.has(id), `${id} is not among ${[...seen].join()}`);

  await page.focus('#who'); // a dialog gives the focus back
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'key');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'who');
  noFaults(page);
  await page.context().close();
});
