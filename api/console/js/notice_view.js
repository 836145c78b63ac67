// A notice of the road police, pasted: which words became which drafts, and what was not understood.
import { ask, fill, h, toast } from './dom.js';
import { getJson, postJson, Problem, session } from './service.js';
import { text } from './text.js';

// Cuts a text at positions counted in bytes of UTF-8, as the service counts.
export function pieces(whole, spans) {
  const bytes = new TextEncoder().encode(whole);
  const cut = (from, to) => new TextDecoder().decode(bytes.subarray(from, to));
  const sorted = spans.filter((s) => s.begin < s.end).sort((a, b) => a.begin - b.begin || b.end - a.end);
  const parts = [];
  let at = 0;
  for (const span of sorted) {
    if (span.begin < at) continue; // one text may head several drafts
    if (span.begin > at) parts.push({ text: cut(at, span.begin) });
    parts.push({ text: cut(span.begin, span.end), span });
    at = span.end;
  }
  if (at < bytes.length) parts.push({ text: cut(at, bytes.length) });
  return parts;
}

export class NoticeView {
  // open(kind, id); changed()
  constructor(root, { open, changed }) {
    Object.assign(this, { root, open, changed, notice: null });
  }

  show() {
    const area = h('textarea', { id: 'notice-text', rows: 8, required: true, placeholder: text('notice_hint') });
    const number = h('input', { id: 'notice-id', autocomplete: 'off', value: this.notice?.id || sessionStorage.getItem('notice') || '' });
    this.wrong = h('p', { class: 'bad', role: 'alert' });
    this.answer = h('section', { id: 'notice-answer', class: 'stack', 'aria-live': 'polite' });
    fill(this.root,
      session.may('planner', 'officer') ? h('form', { class: 'stack', onsubmit: (e) => { e.preventDefault(); this.read(area.value); } },
        h('label', { class: 'field' }, h('span', { class: 'caption' }, text('notice_text')), area),
        h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'primary', id: 'notice-read' }, text('notice_read')))) : h('p', { class: 'hint' }, text('notice_key')),
      session.may('planner', 'officer', 'approver') ? h('form', { class: 'call', onsubmit: (e) => { e.preventDefault(); this.fetch(number.value.trim()); } },
        h('label', { class: 'field search' }, h('span', { class: 'caption' }, text('notice_number')), number), h('button', { type: 'submit', class: 'quiet' }, text('notice_open'))) : null,
      this.wrong, this.answer);
    if (this.notice) this.showAnswer();
  }

  async attempt(work) {
    this.wrong.textContent = '';
    this.answer.setAttribute('aria-busy', 'true');
    try {
      this.notice = await work();
      sessionStorage.setItem('notice', this.notice.id);
      this.showAnswer();
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      this.wrong.textContent = failure.message;
    } finally {
      this.answer.removeAttribute('aria-busy');
    }
  }

  read(words) { return this.attempt(() => postJson('/v1/notices', { text: words })).then(() => this.changed()); }

  fetch(id) { return this.attempt(() => getJson(`/v1/notices/${encodeURIComponent(id)}`)); }

  showAnswer() {
    const n = this.notice;
    const spans = [...n.closures.map((c, i) => ({ ...c.words, kind: 'item', i })), ...n.closures.map((c) => ({ ...c.head, kind: 'head' })), ...n.not_understood.map((u) => ({ ...u.words, kind: 'not', reason: u.reason }))];
    const words = pieces(n.text, spans).map((part) => {
      if (!part.span) return part.text;
      if (part.span.kind === 'item') return h('mark', {}, part.text, h('sup', {}, ` ${part.span.i + 1}`));
      return h('mark', { class: part.span.kind, title: part.span.kind === 'not' ? text(`notice_${part.span.reason}`, {}, part.span.reason) : text('notice_head') }, part.text);
    });
    const states = new Set(n.closures.map((c) => c.closure.life.state));
    fill(this.answer, h('p', { class: 'hint' }, text('notice_id', { id: n.id })), h('div', { class: 'notice-text' }, words),
      h('h3', {}, text('notice_drafts', { n: n.closures.length })),
      h('ol', { class: 'conflicts' }, n.closures.map((c) => h('li', {}, h('button', { type: 'button', class: 'link', onclick: () => this.open('closures', c.closure.id) }, c.closure.properties.name),
        h('p', {}, `${text(`state_${c.closure.life.state}`)} · ${c.words.text}`)))),
      n.not_understood.length ? [h('h3', {}, text('notice_not', { n: n.not_understood.length })), h('ul', { class: 'facts' }, n.not_understood.map((u) => h('li', {},
        h('span', { class: `tag ${u.reason === 'buses_only' ? 'info' : 'error'}` }, text(`notice_${u.reason}`, {}, u.reason)), h('span', {}, u.words.text))))] : null,
      h('div', { class: 'tools' },
        session.may('planner', 'officer') && states.has('draft') ? this.tool('submit', () => []) : null,
        session.may('approver') && states.has('submitted') ? this.tool('approve', () => [['authority', text('approving_authority'), h('input', { required: true, id: 'approve-authority' })],
          ['document_no', text('document'), h('input', { required: true, id: 'approve-document' })]]) : null,
        session.may('approver') && states.has('approved') ? this.tool('lift', () => [['opinion', text('opinion'), h('textarea', { rows: 3 })]]) : null));
  }

  tool(name, fields) {
    return h('button', { type: 'button', class: 'quiet small', id: `notice-${name}`, onclick: async () => {
      const answer = await ask(text(`do_${name}`), fields(), { say: text(`do_${name}`), cancel: text('cancel'), note: text('notice_all', { n: this.notice.closures.length }),
        settle: (values) => postJson(`/v1/notices/${encodeURIComponent(this.notice.id)}/${name}`, Object.fromEntries(Object.entries(values).filter(([, v]) => v))) });
      if (!answer) return;
      this.notice = answer;
      toast(text('act_done', { act: text(`act_${name}`), name: text('notice_text') }));
      this.showAnswer();
      await this.changed();
    } }, text(`do_${name}`));
  }
}
