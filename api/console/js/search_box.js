// A field for a place: coordinates or a name, with what the service finds beneath it (the ARIA combobox pattern).
import { debounce, fill, h } from './dom.js';
import { aborted, getJson, Latest } from './service.js';
import { language, text } from './text.js';

export function parsePair(typed) {
  const match = typed.trim().match(/^(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)$/);
  if (!match) return null;
  const at = [Number(match[1]), Number(match[2])];
  return Math.abs(at[0]) <= 180 && Math.abs(at[1]) <= 90 ? at : null;
}

export const pairText = (at) => `${at[0].toFixed(5)}, ${at[1].toFixed(5)}`;

let serial = 0;

export class SearchBox {
  // near(): [lon, lat] to prefer; choose({at, name}) or choose(null) when emptied
  constructor({ id, label, near, choose }) {
    this.near = near;
    this.choose = choose;
    this.value = null;
    this.results = [];
    this.active = -1;
    this.latest = new Latest();
    const listId = `found-${++serial}`;
    this.list = h('ul', { class: 'found', id: listId, role: 'listbox', 'aria-label': text('found'), hidden: true });
    this.input = h('input', { id, autocomplete: 'off', spellcheck: false, role: 'combobox', 'aria-expanded': 'false', 'aria-autocomplete': 'list',
      'aria-controls': listId, 'aria-label': label, placeholder: text('place_hint'),
      oninput: () => { this.doubt(''); this.ask(this.input.value.trim()); },
      onkeydown: (event) => this.key(event), onchange: () => this.settle(), onblur: () => setTimeout(() => this.close(), 150) });
    this.wrong = h('p', { class: 'bad', id: `${listId}-wrong`, role: 'alert' });
    this.element = h('div', { class: 'search' }, this.input, this.list, this.wrong);
    this.ask = debounce((typed) => this.search(typed), 160);
  }

  show(call) {
    this.value = call;
    this.input.value = call ? call.name || pairText(call.at) : '';
    this.doubt('');
    this.close();
  }

  // What is wrong with what stands there, or that nothing is.
  doubt(words) {
    this.wrong.textContent = words;
    if (words) {
      this.input.setAttribute('aria-invalid', 'true');
      this.input.setAttribute('aria-describedby', this.wrong.id);
    } else {
      for (const name of ['aria-invalid', 'aria-describedby']) this.input.removeAttribute(name);
    }
  }

  async find(typed) {
    const near = this.near();
    const query = new URLSearchParams({ q: typed, limit: 8, ...(near ? { near: near.map((n) => n.toFixed(5)).join(',') } : {}) });
    return (await getJson(`/v1/search?${String(query).replaceAll('+', '%20')}`, // a plus is a plus to the service
      { signal: this.latest.start() })).results;
  }

  async search(typed) {
    if (!typed || parsePair(typed)) return this.close();
    try {
      this.results = await this.find(typed);
    } catch (failure) {
      if (aborted(failure)) return;
      this.results = [];
    }
    if (document.activeElement !== this.input) return;
    this.active = -1;
    fill(this.list, this.results.length ? this.results.map((result, i) => this.option(result, i)) : h('li', { class: 'none' }, text('nothing_found')));
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
  }

  option(result, i) {
    const other = language() === 'en' && result.name_en ? `${result.name_en} ` : '';
    return h('li', { role: 'option', id: `${this.list.id}-${i}`, 'aria-selected': 'false', onmousedown: (event) => { event.preventDefault(); this.pick(result); } },
      h('span', {}, other + result.name), h('small', {}, [text(`kind_${result.kind}`, {}, text('kind_place')), result.direction ? text(`stake_${result.direction}`) : '', result.detail].filter(Boolean).join(' · ')));
  }

  key(event) {
    if (this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.results.length) {
      event.preventDefault();
      this.active = (this.active + step + this.results.length) % this.results.length;
      [...this.list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === this.active)));
      this.input.setAttribute('aria-activedescendant', `${this.list.id}-${this.active}`);
      this.list.children[this.active].scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && this.active >= 0) {
      event.preventDefault();
      this.pick(this.results[this.active]);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.close();
    }
  }

  pick(result) {
    this.show({ at: result.location, name: result.name });
    this.choose(this.value);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
  }

  // What was typed and left: coordinates, or the best match of a name. What is neither is said, never guessed.
  async settle() {
    const typed = this.input.value.trim();
    this.ask.cancel();
    if (this.value && typed === (this.value.name || pairText(this.value.at))) return;
    if (!typed) { this.value = null; this.choose(null); return; }
    const at = parsePair(typed);
    if (at) { this.show({ at, name: '' }); this.choose(this.value); return; }
    let best = null, failed = false;
    try {
      [best = null] = await this.find(typed);
    } catch (failure) {
      if (aborted(failure)) return;
      failed = true;
    }
    if (this.input.value.trim() !== typed) return;
    if (best) this.pick(best);
    else {
      this.doubt(failed ? text('unreachable') : text('nothing_found'));
      this.value = null;
      this.choose(null);
    }
  }
}
