// Writing a county's plan for an emergency: what it switches on (zones, checkpoints, closures, stations), which parts of the county
// that belongs to, which credentials its gates ask for, the reserve fleet, who is told before, and the journeys that must stay
// possible. Nothing binds by it: others approve it, and a switch of its own puts it into force.
import { check, field, fill, h, select, toast } from './dom.js';
import { VEHICLES } from './question.js';
import { SearchBox } from './search_box.js';
import { getJson, pages, postJson, Problem, putJson } from './service.js';
import { language, text } from './text.js';

const KINDS = ['zone', 'checkpoint', 'closure', 'facility'];
const LISTS = { zone: 'zones', checkpoint: 'checkpoints', closure: 'closures', facility: 'facilities' };
const named = (x) => (language() === 'zh' ? x.name_zh : x.name_en || x.name_zh);

export class CountyEditor {
  // counties, types (of credentials): the registers; enterprises: [{id, name}]; plan: what is changed, with its ETag, or null for a new one;
  // done(plan or null)
  constructor(root, { map, counties, types, enterprises, county, plan, done }) {
    Object.assign(this, { root, map, counties, types, enterprises, plan, done });
    const p = plan || {};
    this.value = { name: p.name || '', jurisdiction: p.jurisdiction || county || counties[0]?.code || '', note: p.note || '' };
    this.members = (p.members || []).map(({ kind, id, part, name }) => ({ kind, id, part: part || '', name: name || id }));
    this.credentials = new Set(p.credentials || []);
    this.fleet = (p.fleet || []).map(({ enterprise, vehicles, note }) => ({ enterprise, vehicles, note: note || '' }));
    this.notify = new Set((p.notify || []).map((n) => n.enterprise || n));
    const call = (c) => (c?.location ? { at: c.location, name: c.name || '' } : null);
    this.demands = (p.demands || []).map(({ name, request }) => ({ name, request, from: call(request.origin), to: call(request.destination), vehicle: request.vehicle?.class || 'truck_3_axle' }));
    this.kind = 'zone';
    this.candidates = new Map(); // of the chosen county, by kind: [{id, name, state}]
    this.build();
    this.readCandidates();
  }

  close(result = null) { this.done(result); }

  // ---- what may be switched: the register of the county -----------------------------------------------------------

  async readCandidates() {
    const county = this.value.jurisdiction, kind = this.kind, key = `${county} ${kind}`;
    if (!county) return;
    try {
      if (!this.candidates.has(key)) {
        const { features } = await pages(`/v1/${LISTS[kind]}?county=${encodeURIComponent(county)}&limit=500`);
        this.candidates.set(key, features.map((f) => ({ id: f.id, name: f.properties.name, state: f.life?.state || f.properties.state })));
      }
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      this.candidates.set(key, []);
      this.say(failure.message);
    }
    if (county === this.value.jurisdiction && kind === this.kind) this.drawAdd();
  }

  drawAdd() {
    const found = this.candidates.get(`${this.value.jurisdiction} ${this.kind}`);
    const taken = new Set(this.members.map((m) => `${m.kind} ${m.id}`));
    const left = (found || []).filter((c) => !taken.has(`${this.kind} ${c.id}`)).sort((a, b) => (a.name < b.name ? -1 : 1));
    const kind = select(KINDS.map((k) => [k, text(`member_${k}`)]), this.kind, { id: 'county-kind', 'aria-label': text('kind_of'), onchange: (e) => { this.kind = e.target.value; this.drawAdd(); this.readCandidates(); } });
    const object = select(left.length ? left.map((c) => [c.id, `${c.name}${c.state ? ` (${text(`state_${c.state}`, {}, c.state)})` : ''}`]) : [['', text(found ? 'county_no_member' : 'working')]], left[0]?.id || '',
      { id: 'county-object', 'aria-label': text('name'), disabled: !left.length });
    fill(this.add, h('span', { class: 'way' }, kind), h('span', { class: 'search' }, object),
      h('button', { type: 'button', class: 'quiet small', id: 'county-add', disabled: !left.length, onclick: () => this.take(left.find((c) => c.id === object.value)) }, text('add')));
  }

  take(found) {
    this.members.push({ kind: this.kind, id: found.id, name: found.name, part: '' });
    this.drawMembers();
    this.drawAdd();
  }

  drawMembers() {
    const row = (m, i) => h('li', {}, h('span', { class: 'tag info' }, text(`member_${m.kind}`)), h('span', { class: 'search' }, m.name),
      h('span', { class: 'way' }, h('input', { value: m.part, placeholder: text('county_part'), 'aria-label': `${m.name} ${text('county_part')}`, maxLength: 200, oninput: (e) => { m.part = e.target.value; } })),
      this.removeButton(m.name, () => { this.members.splice(i, 1); this.drawMembers(); this.drawAdd(); }));
    fill(this.memberBox, this.members.length ? this.members.map(row) : h('li', { class: 'hint' }, text('county_members_none')));
  }

  // ---- rows that come and go ---------------------------------------------------------------------------------------

  removeButton(name, work) {
    return h('button', { type: 'button', class: 'icon', 'aria-label': text('remove_named', { name }), title: text('remove_named', { name }), onclick: work }, '×');
  }

  enterpriseName(id) { return this.enterprises.find((e) => e.id === id)?.name || id; }

  // An enterprise that the map does not show stays what it was.
  enterpriseSelect(chosen, props) {
    const all = [...this.enterprises, ...(chosen && !this.enterprises.some((e) => e.id === chosen) ? [{ id: chosen, name: chosen }] : [])];
    return select(all.map((e) => [e.id, e.name]), chosen, props);
  }

  drawFleet() {
    const row = (f, i) => h('div', { class: 'call' }, h('span', { class: 'search' }, this.enterpriseSelect(f.enterprise, { 'aria-label': `${text('enterprise')} ${i + 1}`, onchange: (e) => { f.enterprise = e.target.value; } })),
      h('input', { class: 'stay', type: 'number', min: 1, max: 100000, required: true, value: f.vehicles, 'aria-label': `${text('vehicles_n')} ${i + 1}`, oninput: (e) => { f.vehicles = Number(e.target.value); } }),
      this.removeButton(this.enterpriseName(f.enterprise), () => { this.fleet.splice(i, 1); this.drawFleet(); }));
    fill(this.fleetBox, this.fleet.map(row), h('button', { type: 'button', class: 'quiet small', id: 'county-fleet-add', disabled: !this.enterprises.length, onclick: () => {
      this.fleet.push({ enterprise: this.enterprises[0].id, vehicles: 10, note: '' });
      this.drawFleet();
    } }, text('county_fleet_add')));
  }

  drawNotify() {
    const item = (id) => h('li', {}, h('span', { class: 'search' }, this.enterpriseName(id)), this.removeButton(this.enterpriseName(id), () => { this.notify.delete(id); this.drawNotify(); }));
    const left = this.enterprises.filter((e) => !this.notify.has(e.id));
    const choice = select(left.map((e) => [e.id, e.name]), left[0]?.id, { id: 'county-notify', 'aria-label': text('enterprise'), disabled: !left.length });
    fill(this.notifyBox, h('ul', { class: 'facts members' }, [...this.notify].map(item)), h('div', { class: 'call' }, h('span', { class: 'search' }, choice),
      h('button', { type: 'button', class: 'quiet small', id: 'county-notify-add', disabled: !left.length, onclick: () => { this.notify.add(choice.value); this.drawNotify(); } }, text('add'))));
  }

  drawDemands() {
    const near = () => this.map.map.getCenter().toArray();
    const place = (d, side, i) => {
      const box = new SearchBox({ id: `county-demand-${i}-${side}`, label: `${text(side === 'from' ? 'origin' : 'destination')} ${i + 1}`, near, choose: (call) => { d[side] = call; } });
      box.show(d[side]);
      return box.element;
    };
    const row = (d, i) => h('fieldset', { class: 'card demand' }, h('legend', {}, text('demand_n', { n: i + 1 })),
      h('div', { class: 'call' }, h('span', { class: 'search' }, h('input', { id: `county-demand-${i}`, value: d.name, required: true, maxLength: 200, placeholder: text('name'), 'aria-label': `${text('name')} ${i + 1}`, oninput: (e) => { d.name = e.target.value; } })),
        this.removeButton(d.name || text('demand_n', { n: i + 1 }), () => { this.demands.splice(i, 1); this.drawDemands(); })),
      h('div', { class: 'pair' }, place(d, 'from', i), place(d, 'to', i)),
      select([...new Set([...Object.keys(VEHICLES), d.vehicle])].map((v) => [v, text(v)]), d.vehicle, { 'aria-label': `${text('vehicle')} ${i + 1}`, onchange: (e) => { d.vehicle = e.target.value; } }));
    fill(this.demandBox, this.demands.map(row), h('button', { type: 'button', class: 'quiet small', id: 'county-demand-add', onclick: () => {
      this.demands.push({ name: '', request: {}, from: null, to: null, vehicle: 'truck_3_axle' });
      this.drawDemands();
      this.root.querySelector(`#county-demand-${this.demands.length - 1}`).focus();
    } }, text('county_demand_add')));
  }

  // ---- the form -----------------------------------------------------------------------------------------------------

  build() {
    const v = this.value;
    const put = (name) => (e) => { v[name] = e.target.value; };
    this.memberBox = h('ul', { class: 'facts members', id: 'county-members' });
    this.add = h('div', { class: 'call' });
    this.fleetBox = h('div', { class: 'stack' });
    this.notifyBox = h('div', { class: 'stack' });
    this.demandBox = h('div', { class: 'stack' });
    this.wrong = h('p', { class: 'bad', role: 'alert', id: 'county-wrong' });
    this.save = h('button', { type: 'submit', class: 'primary', id: 'county-save' }, text('save_draft'));
    const county = select(this.counties.map((c) => [c.code, named(c)]), v.jurisdiction, { id: 'county-county', onchange: (e) => { v.jurisdiction = e.target.value; this.drawAdd(); this.readCandidates(); } });
    const group = (name, ...children) => h('fieldset', {}, h('legend', {}, text(name)), children);
    const more = (name, open, ...children) => h('details', { class: 'more', open, id: `county-more-${name}` }, h('summary', {}, text(name)), h('div', { class: 'stack' }, children));
    fill(this.root, h('form', { class: 'stack', onsubmit: (e) => { e.preventDefault(); this.store(); } },
      h('h2', {}, text(this.plan ? 'edit_county_plan' : 'new_county_plan')), h('p', { class: 'hint' }, text(this.plan?.state === 'prepared' ? 'county_again' : 'county_hint')),
      field(text('name'), h('input', { id: 'county-name', value: v.name, required: true, maxLength: 200, oninput: put('name') })), field(text('county'), county),
      field(text('note'), h('input', { id: 'county-note', value: v.note, maxLength: 1000, oninput: put('note') })),
      group('county_members', this.memberBox, this.add),
      more('county_credentials', this.credentials.size > 0, h('div', { class: 'checks' }, this.types.map((t) => check(named(t), { checked: this.credentials.has(t.code), value: t.code,
        onchange: (e) => { this.credentials[e.target.checked ? 'add' : 'delete'](t.code); } })))),
      more('county_fleet', this.fleet.length > 0, this.fleetBox), more('county_notify', this.notify.size > 0, this.notifyBox), more('county_demands', this.demands.length > 0, this.demandBox),
      h('div', { class: 'dock' }, this.wrong, h('div', { class: 'actions' }, this.save, h('button', { type: 'button', class: 'quiet', id: 'county-cancel', onclick: () => this.close() }, text('cancel'))))));
    this.drawMembers();
    this.drawAdd();
    this.drawFleet();
    this.drawNotify();
    this.drawDemands();
  }

  say(words) { this.wrong.textContent = words; }

  // ---- storing ------------------------------------------------------------------------------------------------------

  document() {
    const call = (c) => ({ location: c.at, ...(c.name ? { name: c.name } : {}) });
    return { name: this.value.name.trim(), jurisdiction: this.value.jurisdiction, ...(this.value.note.trim() ? { note: this.value.note.trim() } : {}),
      members: this.members.map(({ kind, id, part }) => ({ kind, id, ...(part.trim() ? { part: part.trim() } : {}) })), credentials: [...this.credentials],
      fleet: this.fleet.map(({ enterprise, vehicles, note }) => ({ enterprise, vehicles, ...(note ? { note } : {}) })), notify: [...this.notify],
      demands: this.demands.map((d) => ({ name: d.name.trim(), request: { ...d.request, origin: { ...d.request.origin, ...call(d.from) }, destination: { ...d.request.destination, ...call(d.to) }, vehicle: { ...d.request.vehicle, class: d.vehicle } } })) };
  }

  async store() {
    this.say('');
    if (!this.members.length) return void this.say(text('county_members_none'));
    if (this.demands.some((d) => !d.from || !d.to)) return void this.say(text('county_demand_places'));
    this.save.disabled = true;
    try {
      const plan = this.plan ? await putJson(`/v1/county-plans/${encodeURIComponent(this.plan.id)}`, this.document(), { headers: { 'If-Match': this.plan.etag } }) : await postJson('/v1/county-plans', this.document());
      toast(text('draft_saved', { name: plan.name }));
      this.close(plan);
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      this.say(failure.message);
      this.save.disabled = false;
    }
  }
}

// What the editor needs beside the plan. id: of a plan, or null for a new one.
export async function countyEditorParts(id) {
  const [{ items }, plan] = await Promise.all([getJson('/v1/jurisdictions'), id ? getJson(`/v1/county-plans/${encodeURIComponent(id)}`) : null]);
  return { counties: items.filter((c) => c.level === 'county'), plan };
}
