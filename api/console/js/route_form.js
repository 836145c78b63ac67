// The form of a route question: calls, vehicle, credentials, hours. Edits a question (question.js) and says when it has.
import { $, check, field, fill, h, select } from './dom.js';
import { DIMENSIONS, mayRelay, newCredential, VEHICLES } from './question.js';
import { SearchBox } from './search_box.js';
import { language, text } from './text.js';

export class RouteForm {
  // changed(): the question is another one; near(): where names are looked for first
  constructor(root, question, { changed, near, clear, types }) {
    Object.assign(this, { root, question, changed, near, clear, types });
    this.open = new Set();
    this.draw();
  }

  set(question) {
    this.question = question;
    this.draw();
  }

  draw() {
    const q = this.question;
    this.calls = h('div', { class: 'calls' });
    this.drawCalls();
    fill(this.root,
      h('h2', { id: 'route-title' }, text(q.loop ? 'route_title' : 'route_title_one')),
      h('p', { class: 'hint' }, text('click_hint')),
      this.calls,
      h('div', { class: 'pair when' },
        field(text('vehicle'), select(Object.keys(VEHICLES).map((v) => [v, text(v)]), q.vehicle, { id: 'vehicle', onchange: (e) => this.setVehicle(e.target.value) })),
        field(text('depart'), h('input', { id: 'depart', type: 'datetime-local', value: q.depart, onchange: (e) => { if (e.target.value) this.put('depart', e.target.value); } }))),
      h('div', { class: 'checks' },
        check(text('loop'), { id: 'loop', checked: q.loop, onchange: (e) => { q.loop = e.target.checked; this.draw(); this.changed(); } }),
        check(text('hazmat'), { id: 'hazmat', checked: q.hazmat, onchange: (e) => this.put('hazmat', e.target.checked) })),
      this.more('limits', text('more_limits'), this.limits()),
      this.more('credentials', `${text('credentials')}${q.credentials.length ? ` · ${q.credentials.length}` : ''}`, this.credentialFields()),
      this.more('options', text('more_options'), this.options()),
      h('div', { class: 'actions' },
        h('button', { type: 'submit', class: 'primary', id: 'go' }, text('go')),
        h('button', { type: 'button', class: 'quiet', id: 'clear', onclick: () => this.clear() }, text('clear'))));
  }

  more(name, title, content) {
    return h('details', { class: 'more', id: `more-${name}`, open: this.open.has(name),
      ontoggle: (e) => { if (e.target.open) this.open.add(name); else this.open.delete(name); } }, h('summary', {}, title), content);
  }

  put(name, value) {
    this.question[name] = value;
    this.changed();
  }

  // ---- calls --------------------------------------------------------------------------------------------

  role(i) {
    return i === 0 ? 'origin' : i === this.question.calls.length - 1 ? 'destination' : 'stop';
  }

  drawCalls() {
    const q = this.question;
    const focus = document.activeElement?.id;
    this.boxes = q.calls.map((call, i) => {
      const role = this.role(i);
      const label = role === 'stop' ? text('stop_n', { n: i }) : text(role);
      const box = new SearchBox({ id: role === 'stop' ? `stop-${i}` : role, label, near: this.near, choose: (value) => { q.calls[i] = value; this.changed(); } });
      if (call) box.show(call);
      return box;
    });
    fill(this.calls, this.boxes.map((box, i) => this.callRow(box, i)),
      h('div', { class: 'call-tools' },
        h('button', { type: 'button', class: 'link', id: 'add-stop', onclick: () => this.addStop() }, text('add_stop')),
        h('button', { type: 'button', class: 'link', id: 'swap', onclick: () => this.swap() }, text('swap'))));
    if (focus && this.calls.querySelector(`#${CSS.escape(focus)}`)) this.calls.querySelector(`#${CSS.escape(focus)}`).focus();
  }

  callRow(box, i) {
    const q = this.question, role = this.role(i);
    const stays = role === 'stop' || (role === 'destination' && q.loop);
    return h('div', { class: `call ${role}` }, h('span', { class: 'dot', 'aria-hidden': 'true' }, role === 'origin' ? text('short_origin') : role === 'stop' ? String(i) : text('short_destination')),
      box.element,
      stays ? h('input', { class: 'stay', type: 'number', min: 0, max: 10000, value: q.service[i] || 0, 'aria-label': text('stay_min'), title: text('stay_min'),
        onchange: (e) => { q.service[i] = Math.max(0, Math.round(Number(e.target.value) || 0)); this.changed(); } }) : null,
      role === 'stop' ? h('button', { type: 'button', class: 'icon', 'aria-label': text('remove_stop'), onclick: () => this.removeStop(i) }, '×') : null);
  }

  addStop(call = null) {
    const q = this.question, at = q.calls.length - 1;
    q.calls.splice(at, 0, call);
    q.service.splice(at, 0, 30);
    this.draw();
    if (call) this.changed();
    else this.boxes[at].input.focus();
  }

  removeStop(i) {
    this.question.calls.splice(i, 1);
    this.question.service.splice(i, 1);
    this.draw();
    $('add-stop').focus();
    this.changed();
  }

  swap() {
    const q = this.question;
    q.calls.reverse();
    const last = q.service.length - 1;
    [q.service[0], q.service[last]] = [0, q.service[last]];
    this.drawCalls();
    this.changed();
  }

  setCall(i, call) {
    this.question.calls[i] = call;
    this.boxes[i].show(call);
    this.changed();
  }

  // ---- vehicle ------------------------------------------------------------------------------------------

  setVehicle(vehicle) {
    this.question.vehicle = vehicle;
    this.question.limits = { ...VEHICLES[vehicle] };
    this.draw();
    this.changed();
  }

  limits() {
    const q = this.question;
    return h('div', { class: 'stack' },
      h('div', { class: 'grid3' }, DIMENSIONS.map(([member, name, unit]) => field(`${text(name)} ${unit}`, h('input', { id: `dimension-${member}`, type: 'number', step: 'any', min: 0,
        value: q.limits[member] ?? '', onchange: (e) => {
          if (e.target.value === '') delete q.limits[member];
          else q.limits[member] = Number(e.target.value);
          this.changed();
        } }))),
      field(text('plate'), h('input', { id: 'plate', maxLength: 10, value: q.plate, placeholder: '豫R12345', onchange: (e) => this.put('plate', e.target.value.trim()) }))),
      h('div', { class: 'pair' },
        field(text('emission'), select(['unknown', '0', '1', '2', '3', '4', '5', '6', 'new_energy'].map((e) => [e, text(`emission_${e}`, {}, text('emission_n', { n: e }))]), q.emission,
          { id: 'emission', onchange: (e) => this.put('emission', e.target.value) })),
        h('div', { class: 'checks' }, check(text('livestock'), { checked: q.livestock, onchange: (e) => this.put('livestock', e.target.checked) }))));
  }

  credentialFields() {
    const q = this.question;
    const held = new Map(q.credentials.map((c) => [c.type, c]));
    return h('div', { class: 'stack', id: 'credentials' }, this.types().map((type) => {
      const mine = held.get(type.code);
      return h('div', { class: 'credential' },
        check(language() === 'zh' ? type.name_zh : type.name_en, { checked: Boolean(mine), value: type.code, onchange: (e) => {
          if (e.target.checked) q.credentials.push(newCredential(type.code));
          else q.credentials = q.credentials.filter((c) => c.type !== type.code);
          this.open.add('credentials');
          this.draw();
          this.changed();
        } }),
        mine ? h('div', { class: 'pair' },
          field(text('issued'), h('input', { type: 'datetime-local', value: mine.issued || '', onchange: (e) => { mine.issued = e.target.value; this.changed(); } })),
          field(text('valid_until'), h('input', { type: 'datetime-local', value: mine.until || '', onchange: (e) => { mine.until = e.target.value; this.changed(); } }))) : null);
    }));
  }

  options() {
    const q = this.question;
    return h('div', { class: 'stack' },
      h('div', { class: 'grid3' },
        field(text('prefer'), select([['time', text('prefer_time')], ['distance', text('prefer_distance')], ['cost', text('prefer_cost')]], q.prefer,
          { id: 'prefer', onchange: (e) => this.put('prefer', e.target.value) })),
        field(text('max_wait'), h('input', { id: 'wait', type: 'number', min: 0, max: 10080, value: q.wait_min, onchange: (e) => this.put('wait_min', Math.max(0, Number(e.target.value) || 0)) })),
        field(text('alternatives'), select([0, 1, 2, 3].map((n) => [String(n), String(n)]), String(q.alternatives), { id: 'alternatives', disabled: q.loop,
          title: q.loop ? text('no_alternatives') : '', onchange: (e) => this.put('alternatives', Number(e.target.value)) }))),
      h('div', { class: 'checks' }, check(text('order'), { id: 'order', checked: q.order, onchange: (e) => { q.order = e.target.checked; this.draw(); $('order').focus(); this.changed(); } }),
        check(text('rests'), { id: 'with-rests', checked: q.rests, onchange: (e) => this.put('rests', e.target.checked) }),
        check(text('relay'), { id: 'with-relay', checked: q.relay, disabled: !mayRelay(q), title: mayRelay(q) ? '' : text('no_relay'), onchange: (e) => this.put('relay', e.target.checked) }),
        check(text('outside'), { checked: q.outside, onchange: (e) => this.put('outside', e.target.checked) })));
  }
}
