// A closure between toll stations: what the police say most often, without a notice to paste. The service judges each change.
import { debounce, field, fill, h, select, toast } from './dom.js';
import { findingsView } from './findings.js';
import { fromWallClock, wallClock } from './question.js';
import { aborted, Latest, postJson, Problem } from './service.js';
import { text } from './text.js';

const ACTIONS = ['entry_ban', 'exit_ban', 'closed', 'speed_limit', 'limit'];
const LIMITS = ['gross_weight', 'height', 'width', 'length', 'axle_load', 'axles'];

export class ClosureEditor {
  // stations: [{route, name}]; done(feature or null)
  constructor(root, { map, stations, done }) {
    Object.assign(this, { root, map, stations, done });
    const route = stations[0]?.route || '';
    this.value = { route, from_station: this.of(route)[0], to_station: this.of(route).at(-1), action: 'entry_ban', cause: '', limit_kind: 'gross_weight', limit_value: 60,
      from: wallClock(Date.now()), until: '', authority: '' };
    this.latest = new Latest();
    this.judge = debounce(() => this.dryRun(), 250);
    this.build();
    this.judge();
  }

  of(route) { return this.stations.filter((s) => s.route === route).map((s) => s.name); }

  close(result = null) {
    this.latest.stop();
    this.judge.cancel();
    this.map.set('lint', { type: 'FeatureCollection', features: [] });
    this.done(result);
  }

  build() {
    const v = this.value;
    const put = (name, redraw = false) => (e) => {
      v[name] = e.target.value;
      if (name === 'route') [v.from_station, v.to_station] = [this.of(v.route)[0], this.of(v.route).at(-1)];
      if (name === 'action') v.limit_value = v.action === 'speed_limit' ? 60 : 30;
      if (redraw) { this.build(); this.root.querySelector(`#closure-${name}`).focus(); }
      this.judge();
    };
    const pick = (name, options, redraw) => select(options, v[name], { id: `closure-${name}`, onchange: put(name, redraw) });
    const type = (name, props = {}) => h('input', { id: `closure-${name}`, value: v[name], oninput: put(name), ...props });
    const names = this.of(v.route).map((s) => [s, s]);
    const routes = [...new Set(this.stations.map((s) => s.route))].map((r) => [r, r]);
    this.findings = h('section', { id: 'findings', class: 'stack', 'aria-live': 'polite', 'aria-label': text('findings') });
    this.save = h('button', { type: 'submit', class: 'primary', id: 'closure-save' }, text('save_draft'));
    fill(this.root, h('form', { class: 'stack', onsubmit: (e) => { e.preventDefault(); this.store(); } }, h('h2', {}, text('new_closure')),
      h('div', { class: 'grid3' }, field(text('road'), pick('route', routes, true)), field(text('from_station'), pick('from_station', names)), field(text('to_station'), pick('to_station', names))),
      h('div', { class: 'grid3' }, field(text('action'), pick('action', ACTIONS.map((a) => [a, text(`action_${a}`)]), true)),
        v.action === 'limit' ? field(text('limit_of'), pick('limit_kind', LIMITS.map((k) => [k, text(`limit_${k}`)]))) : null,
        v.action === 'limit' || v.action === 'speed_limit' ? field(v.action === 'limit' ? text('value') : 'km/h', type('limit_value', { type: 'number', min: 1, step: 'any' })) : null),
      field(text('cause'), type('cause')),
      h('div', { class: 'pair' }, field(text('from'), type('from', { type: 'datetime-local' })), field(text('until'), type('until', { type: 'datetime-local' }))),
      field(text('authority'), type('authority')),
      h('div', { class: 'dock' }, this.findings,
        h('div', { class: 'actions' }, this.save, h('button', { type: 'button', class: 'quiet', id: 'closure-cancel', onclick: () => this.close() }, text('cancel'))))));
  }

  document() {
    const v = this.value;
    const properties = { name: `${v.route} ${v.from_station}–${v.to_station} ${text(`action_${v.action}`)}`, action: v.action, object: 'toll_station_range', route: v.route, from_station: v.from_station, to_station: v.to_station };
    if (v.action === 'limit') properties.limit_kind = v.limit_kind;
    if (v.action === 'limit' || v.action === 'speed_limit') properties.limit_value = Number(v.limit_value);
    if (v.from) properties.from = fromWallClock(v.from);
    if (v.until) properties.until = fromWallClock(v.until);
    for (const name of ['cause', 'authority']) if (v[name].trim()) properties[name] = v[name].trim();
    return { type: 'Feature', geometry: null, properties };
  }

  async dryRun() {
    const signal = this.latest.start();
    try {
      const answer = await postJson('/v1/closures?dry_run=true', this.document(), { signal });
      this.save.disabled = answer.would_be === null;
      fill(this.findings, findingsView(answer.findings, this.map));
    } catch (failure) {
      if (aborted(failure)) return;
      if (!(failure instanceof Problem)) throw failure;
      fill(this.findings, h('p', { class: 'bad' }, failure.message));
    }
  }

  async store() {
    this.save.disabled = true;
    try {
      const feature = await postJson('/v1/closures', this.document());
      toast(text('draft_saved', { name: feature.properties.name }));
      this.close(feature);
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      fill(this.findings, h('p', { class: 'bad', role: 'alert' }, failure.message));
      this.save.disabled = false;
    }
  }
}
